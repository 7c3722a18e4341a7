"""The closed file: why it may be closed, what has to be done before, and what may still come afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.domain.calendar import DeadlineState
from ledger.domain.policy import view_of
from ledger.domain.record.course_facts import (
    CaseClosed,
    ExplanationRequested,
    RecordCorrected,
    RecordPublished,
    RecordSupplemented,
    RecordWithdrawn,
    RectificationOrdered,
    SharingEnded,
    SuperiorInformed,
)
from ledger.domain.record.deadlines import deadlines
from ledger.domain.record.facts import SeverityGraded, SubjectNotified
from ledger.domain.record.remedy_facts import AppealFiled, RepairApplied, RepairRevoked
from ledger.domain.record.remedy_terms import Against, Route
from ledger.domain.record.rules import offers
from ledger.domain.record.terms import CaseEnd, Correction, PublicationEnd, Severity, WithdrawalGround
from tests.domain.course import (
    EVIDENCE,
    EXPLAINED,
    LISTED,
    NOTIFIED,
    PUBLISHED,
    SERIOUS,
    SHARED,
    TAKEN_DOWN,
)
from tests.domain.penalties import IMPOSED, OBJECTED, REPAIR_DAY, REPAIRED, begun_here
from tests.domain.records import (
    CHECKED,
    DECISION,
    GRADED,
    LEAD,
    LETTER,
    ORDERED,
    RECOGNISED,
    RECOGNISER,
    RECORD_WORLD,
    REPORTED,
    SUBJECT,
    SUPERIOR,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.scenario import CREDIT, Saying, Scenario, said

DONE = (LEAD, VERIFIED, RECOGNISED, GRADED, NOTIFIED, EXPLAINED, ORDERED, REPORTED, CHECKED)
CLOSED = CaseClosed(CaseEnd.RECTIFIED, "整改完成")
FALLEN = said(RecordWithdrawn(WithdrawalGround.UNTRUE, "事实不成立"), CREDIT, LETTER, on=TODAY)
END = said(CLOSED, CREDIT, on=TODAY)


def without(*missing: Saying) -> Scenario:
    """The same case, with something left undone."""
    return begun(*(s for s in DONE if s not in missing))


# --- reasons ------------------------------------------------------------------------------------------------


def test_a_rectified_case_with_nothing_left_open_is_closed() -> None:
    """D02 整改完成、惩戒期满的，可以结案。"""
    assert begun(*DONE).when(CLOSED, CREDIT, on=TODAY).then().closed


@pytest.mark.parametrize("history", [DONE, DONE[:4], (*DONE, FALLEN)])
def test_a_change_of_office_holder_closes_no_case(history: tuple[Saying, ...]) -> None:
    """A12 不得以政府换届、相关责任人更替等理由毁约。"""
    excuse = CaseClosed(CaseEnd.CHANGE_OF_OFFICE_HOLDER, "换届")
    error = begun(*history).when(excuse, CREDIT, on=TODAY).refused("record.excuse")
    assert error.source.startswith("A12")


@pytest.mark.parametrize("reason", [CaseEnd.REPAIRED, CaseEnd.WITHDRAWN])
def test_the_reason_is_true(reason: CaseEnd) -> None:
    """E05 E10 结案理由应属实：未修复、未撤销的不得以此结案。"""
    begun(*DONE).when(CaseClosed(reason, "办结"), CREDIT, on=TODAY).refused("record.close-reason")


def test_a_withdrawn_record_is_closed_as_withdrawn() -> None:
    """E05 记录撤销的，以撤销结案。"""
    fallen = begun(LEAD, VERIFIED, RECOGNISED, FALLEN)
    fallen.when(CLOSED, CREDIT, on=TODAY).refused("record.close-reason")
    fallen.when(CaseClosed(CaseEnd.WITHDRAWN, "记录已撤销"), CREDIT, on=TODAY).then()


def test_a_repaired_record_is_closed_as_repaired() -> None:
    """E10 信用修复的，以修复结案；修复被撤销的，案卷重新打开。"""
    end = CaseClosed(CaseEnd.REPAIRED, "已修复")
    repaired = begun(*DONE, PUBLISHED, *REPAIRED)
    repaired.when(CLOSED, CREDIT, on=REPAIR_DAY).refused("record.close-reason")
    repaired.when(end, CREDIT, on=REPAIR_DAY).then()
    closed = repaired.having(said(end, CREDIT, on=REPAIR_DAY))
    assert closed.when(RepairRevoked("r1", "承诺不实"), RECOGNISER, LETTER, on=REPAIR_DAY).then().closed is None


def test_a_lead_is_no_case_to_close() -> None:
    """C25 线索不是记录，以线索了结。"""
    begun(LEAD, VERIFIED).when(CLOSED, CREDIT, on=TODAY).refused("record.standing")


def test_who_has_the_record_does_not_close_it() -> None:
    """D02 不得自行结案。"""
    own = replace(RECORD_WORLD[SUBJECT], roles=RECORD_WORLD[CREDIT].roles)
    begun(*DONE).amid({**RECORD_WORLD, SUBJECT: own}).when(CLOSED, SUBJECT, on=TODAY).refused("record.own-case")


# --- what is left open --------------------------------------------------------------------------------------


def test_what_is_not_set_right_is_not_closed() -> None:
    """D02 未核实整改完成的，不得结案。"""
    without(CHECKED).when(CLOSED, CREDIT, on=TODAY).refused("record.unrectified")


@pytest.mark.parametrize(("undone", "named"), [(EXPLAINED, "ExplanationFiled"), (NOTIFIED, "SubjectNotified")])
def test_duties_are_done_before_a_case_is_closed(undone: Saying, named: str) -> None:
    """D01 E17 未书面说明原因、未告知主体的，不得结案。"""
    assert named in without(undone).when(CLOSED, CREDIT, on=TODAY).refused("record.unfinished").zh


def test_a_serious_case_is_reported_before_it_is_closed() -> None:
    """C16 严重失信的，未向政府报告不得结案。"""
    serious = begun(*(SERIOUS if s is GRADED else s for s in DONE))
    assert "CaseEscalated" in serious.when(CLOSED, CREDIT, on=TODAY).refused("record.unfinished").en


def test_the_superior_is_told_where_the_pack_says_so() -> None:
    """D07 向上级主管单位及时通报相关情况（泰安）；没有上级的除外。"""
    case = begun(*DONE, packs=("taian",))
    assert "SuperiorInformed" in case.when(CLOSED, CREDIT, on=TODAY).refused("record.unfinished").en
    case.having(said(SuperiorInformed(SUPERIOR, TODAY), CREDIT, on=TODAY)).when(CLOSED, CREDIT, on=TODAY).then()
    alone = {**RECORD_WORLD, SUBJECT: replace(RECORD_WORLD[SUBJECT], superior=None)}
    case.amid(alone).when(CLOSED, CREDIT, on=TODAY).then()


def test_no_case_is_closed_while_a_penalty_runs() -> None:
    """D02 D11 惩戒期满或解除前不得结案。"""
    case = begun_here(*DONE, IMPOSED)
    error = case.when(CLOSED, CREDIT, on=date(2026, 11, 24)).refused("record.unfinished")
    assert "PenaltyLifted p1" in error.en
    case.when(CLOSED, CREDIT, on=date(2026, 11, 25)).then()


def test_no_case_is_closed_while_a_remedy_is_open() -> None:
    """E01 E18 异议、申诉、修复未办结的，不得结案。"""
    on = date(2026, 6, 1)
    appeal = said(
        AppealFiled("a1", Route.RECONSIDERATION, Against.RECOGNITION, "示例市人民政府", on), SUBJECT, LETTER, on=on
    )
    repair = replace(REPAIRED[-3], on=on)
    assert isinstance(repair.fact, RepairApplied)
    for open_one, named in ((OBJECTED, "o1"), (appeal, "a1"), (repair, "r1")):
        error = begun(*DONE, open_one).when(CLOSED, CREDIT, on=TODAY).refused("record.unfinished")
        assert named in error.zh


def test_no_case_is_closed_while_others_see_the_record() -> None:
    """E17 公示期内、共享中的记录不得结案：结案后不能再申请修复。"""
    begun(*DONE, PUBLISHED).when(CLOSED, CREDIT, on=date(2026, 9, 30)).refused("record.unfinished")
    begun(*DONE, PUBLISHED).when(CLOSED, CREDIT, on=date(2026, 10, 1)).then()
    shared = begun(*DONE, PUBLISHED, SHARED, TAKEN_DOWN)
    assert "SharingEnded" in shared.when(CLOSED, CREDIT, on=date(2026, 10, 1)).refused("record.unfinished").en
    ended = said(SharingEnded(PublicationEnd.EXPIRED), CREDIT, on=date(2026, 10, 1))
    shared.having(ended).when(CLOSED, CREDIT, on=date(2026, 10, 1)).then()


def test_no_case_is_closed_while_the_body_is_on_the_court_list() -> None:
    """C06 未从失信被执行人名单中删除的，不得结案。"""
    error = begun(*DONE, LISTED).when(CLOSED, CREDIT, on=TODAY).refused("record.unfinished")
    assert "CourtListRemoved" in error.en


# --- afterwards ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "by"),
    [
        (CLOSED, CREDIT),
        (RecordSupplemented("补充"), CREDIT),
        (SubjectNotified(TODAY), CREDIT),
        (ExplanationRequested(TODAY), RECOGNISER),
        (RectificationOrdered("限期改正", TODAY), RECOGNISER),
        (SeverityGraded(Severity.MINOR, Severity.MINOR, "轻", Severity.MINOR, "轻"), RECOGNISER),
        (RecordPublished(PUBLISHED.fact.channels, date(2026, 9, 30)), CREDIT),
        (LISTED.fact, CREDIT),
        (SuperiorInformed(SUPERIOR, TODAY), CREDIT),
    ],
)
def test_a_closed_file_takes_nothing_new(fact: object, by: str) -> None:
    """D02 已结案的，不再记载新的整改、公示、认定。"""
    begun(*DONE, END).when(fact, by, DECISION, on=TODAY).refused("record.closed")


def test_a_closed_file_can_still_be_put_right() -> None:
    """E05 结案后经核实有误的，仍应及时更正或撤销。"""
    corrected = RecordCorrected((Correction("文号", "示罚字〔2026〕1号"),), "文号有误")
    begun(*DONE, END).when(corrected, CREDIT, LETTER, on=TODAY).then()
    begun(*DONE, END).when(FALLEN.fact, CREDIT, LETTER, on=TODAY).then()
    appeal = AppealFiled("a1", Route.LITIGATION, Against.RECOGNITION, "示例市人民法院", TODAY)
    begun(*DONE, END).when(appeal, SUBJECT, EVIDENCE, on=TODAY).then()


def test_what_is_offered_after_the_end_is_a_remedy() -> None:
    """E01 E05 E18 结案后只接受更正、撤销和救济。"""
    case = begun(*DONE, END)
    offered = {o.event for o in offers(case.state, case.rules(case.state, case.event(END, 0)), TODAY + timedelta(1))}
    assert offered == {"RecordCorrected", "RecordWithdrawn", "AppealFiled"}


def test_with_the_file_its_unmet_duties_are_closed() -> None:
    """E08 F04 结案后不再有未完成的事项：未公示的记录不再列为逾期。"""
    case = begun(*DONE)
    late = date(2026, 12, 1)
    rules = view_of(case.policies, late)
    assert any(d.state(late) is DeadlineState.OVERDUE for d in deadlines(case.state, rules))
    closed = case.having(said(CLOSED, CREDIT, on=TODAY))
    assert not any(d.state(late) is DeadlineState.OVERDUE for d in deadlines(closed.state, rules))
