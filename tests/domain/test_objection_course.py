"""Objections on their way: checked with the source, upheld or dismissed, and who was at fault."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.domain.record.course_facts import RecordWithdrawn
from ledger.domain.record.remedy_facts import (
    FaultAttributed,
    ObjectionDismissed,
    ObjectionFiled,
    ObjectionUpheld,
    PenaltyLifted,
    PenaltyResumed,
    RestorationOrdered,
    SourceAnswered,
    VerificationRequested,
)
from ledger.domain.record.remedy_terms import Extent, Fault, Hold, LiftReason, Point
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import WithdrawalGround
from tests.domain.penalties import ACCEPTED, IMPOSED, OBJECTED, RECTIFIED, REPAIRED, imposed, punishable
from tests.domain.records import (
    DECISION,
    LETTER,
    RECOGNISER,
    RECORD_WORLD,
    SOURCE,
    SUBJECT,
    TODAY,
)
from tests.domain.remedies import OFFICE, QUIET, RECORD_FALLS, SECOND, SEEN, SHARED, stated
from tests.domain.scenario import (
    APPRAISER,
    CITY,
    CREDIT,
    HEIR,
    PARTNER,
    STRANGER,
    UNKNOWN,
    Saying,
    Scenario,
    said,
    succeeded,
)

MAY_26 = date(2026, 5, 26)
ASKED = said(VerificationRequested("o1", SOURCE, date(2026, 6, 10)), CREDIT, on=MAY_26)
WRONG = said(SourceAnswered("o1", False, "报送有误"), SOURCE, on=MAY_26)
RIGHT = said(SourceAnswered("o1", True, "报送无误"), SOURCE, on=MAY_26)
UPHELD = ObjectionUpheld("o1", Extent.WHOLLY, "经核实有误")
FALLS = replace(UPHELD, withdraw=True)


def objected(*points: Point, penalty: str | None = None) -> Saying:
    """An objection to these points."""
    return said(ObjectionFiled("o1", points, "有误", DECISION, penalty), SUBJECT, on=MAY_26)


def taken_up(*before: Saying, about: Saying = OBJECTED, rules: Any = None) -> Scenario:
    """A record with what came before, and an objection that is taken up."""
    return punishable(*before, about, ACCEPTED, rules=rules)


def lifted(penalty: str) -> PenaltyLifted:
    return PenaltyLifted(penalty, LiftReason.OBJECTION_UPHELD)


def resumed(penalty: str) -> PenaltyResumed:
    return PenaltyResumed(penalty, Hold.OBJECTION, "o1")


def falls(ground: WithdrawalGround = WithdrawalGround.UNTRUE) -> RecordWithdrawn:
    return RecordWithdrawn(ground, "经核实有误")


# --- verification -------------------------------------------------------------------------------------------


def test_the_source_is_asked_to_check_an_objection_that_is_taken_up() -> None:
    """E04 信息提供和采集单位应当及时核实、处置、反馈相关情况。"""
    punishable(OBJECTED).when(ASKED.fact, CREDIT, on=TODAY).refused("record.objection-open")
    taken_up().when(ASKED.fact, CREDIT, on=TODAY).then()


def test_the_source_is_a_registered_body_and_not_the_subject() -> None:
    """E04 核实单位应为已登记的、信用主体以外的单位。"""
    taken_up().when(replace(ASKED.fact, source=UNKNOWN), CREDIT, on=TODAY).refused("record.known")
    taken_up().when(replace(ASKED.fact, source=SUBJECT), CREDIT, on=TODAY).refused("record.own-case")


@pytest.mark.parametrize(
    ("answer_by", "rule"),
    [
        (date(2026, 5, 31), "record.deadline-past"),
        (date(2026, 6, 8), None),
        (date(2026, 6, 9), "record.deadline-late"),
    ],
)
def test_the_source_answers_within_the_packs_working_days(answer_by: date, rule: str | None) -> None:
    """E04 应当及时核实、反馈：期限以规则包为准。"""
    fact = VerificationRequested("o1", SOURCE, answer_by)
    trial = taken_up(rules={"objection.source_days": "5"}).when(fact, CREDIT, on=TODAY)
    if rule:
        trial.refused(rule)
    else:
        trial.then()


def test_the_source_may_take_its_time_where_no_number_is_confirmed() -> None:
    """E04 答复期限未经确认的，不设上限。"""
    taken_up().when(VerificationRequested("o1", SOURCE, date(2027, 6, 1)), CREDIT, on=TODAY).then()


def test_only_a_source_that_was_asked_answers() -> None:
    """E04 由被要求核实的单位反馈。"""
    taken_up().when(RIGHT.fact, SOURCE, on=TODAY).refused("record.not-asked")
    elsewhere = said(replace(ASKED.fact, source=APPRAISER), CREDIT, on=MAY_26)
    taken_up(about=OBJECTED).having(elsewhere).when(RIGHT.fact, SOURCE, on=TODAY).refused("record.not-asked")
    taken_up().having(elsewhere).when(RIGHT.fact, APPRAISER, on=TODAY).then()
    taken_up().having(ASKED).when(RIGHT.fact, SOURCE, on=TODAY).then()
    taken_up().having(ASKED).when(RIGHT.fact, STRANGER, on=TODAY).refused("record.role")


def test_the_successor_of_a_source_answers_for_it() -> None:
    """E04 A12 信源单位撤并的，由承继单位答复。"""
    scenario = taken_up().having(ASKED).amid(succeeded(SOURCE, HEIR, RECORD_WORLD))
    scenario.when(RIGHT.fact, HEIR, on=TODAY).then()


def test_a_source_that_became_the_subject_does_not_answer() -> None:
    """E04 E17 权益保护：不得自我认定。"""
    scenario = taken_up().having(ASKED).amid(succeeded(SOURCE, SUBJECT, RECORD_WORLD))
    scenario.when(RIGHT.fact, SUBJECT, on=TODAY).refused("record.own-case")


def test_a_decided_objection_is_not_checked_any_more() -> None:
    """E04 已办结的异议不再核实。"""
    decided = taken_up().having(ASKED, said(ObjectionDismissed("o1", "无误"), CREDIT, on=MAY_26))
    decided.when(RIGHT.fact, SOURCE, on=TODAY).refused("record.objection-open")
    decided.when(ASKED.fact, CREDIT, on=TODAY).refused("record.objection-open")


# --- upheld -------------------------------------------------------------------------------------------------


def test_what_is_upheld_rests_on_the_source_or_on_a_document() -> None:
    """E05 经核实有误的应及时更正或撤销。"""
    taken_up(rules=QUIET).when(UPHELD, CREDIT, on=TODAY).refused("record.basis")
    taken_up(rules=QUIET).when(UPHELD, CREDIT, LETTER, on=TODAY).then()
    taken_up(rules=QUIET).having(ASKED, RIGHT).when(UPHELD, CREDIT, on=TODAY).refused("record.basis")
    taken_up(rules=QUIET).having(ASKED, WRONG).when(UPHELD, CREDIT, on=TODAY).then()


def test_only_an_objection_that_is_taken_up_is_upheld() -> None:
    """E05 经受理、核实方可认定异议成立。"""
    punishable(OBJECTED).when(UPHELD, CREDIT, LETTER, on=TODAY).refused("record.objection-open")
    again = taken_up().having(said(UPHELD, CREDIT, LETTER, on=MAY_26))
    again.when(UPHELD, CREDIT, LETTER, on=TODAY).refused("record.objection-open")


def test_a_record_that_was_wrong_falls_with_its_penalties() -> None:
    """E05 经核实有误的应及时撤销，惩戒同步解除。"""
    scenario = taken_up(IMPOSED, SECOND, rules=QUIET).having(ASKED, WRONG)
    scenario.when(FALLS, CREDIT, on=TODAY).then(*stated(falls()))
    after = scenario.having(said(FALLS, CREDIT, on=TODAY)).state
    assert after.standing is Standing.WITHDRAWN
    assert [p.lifted.fact.reason for p in after.penalties if p.lifted] == [LiftReason.WITHDRAWN] * 2


def test_a_record_of_the_wrong_body_falls_for_that() -> None:
    """E05 主体有误的，撤销记录。"""
    scenario = taken_up(about=objected(Point.IDENTITY), rules=QUIET)
    scenario.when(FALLS, CREDIT, LETTER, on=TODAY).then(*stated(falls(WithdrawalGround.WRONG_SUBJECT)))


def test_what_falls_falls_before_the_rest_resumes() -> None:
    """E03 E05 异议部分成立：有误的惩戒解除，其余恢复执行。"""
    scenario = taken_up(IMPOSED, SECOND, rules=QUIET)
    upheld = replace(UPHELD, extent=Extent.PARTLY, lift=("p2",))
    scenario.when(upheld, CREDIT, LETTER, on=TODAY).then(*stated(lifted("p2"), resumed("p1")))
    after = scenario.having(said(upheld, CREDIT, LETTER, on=TODAY)).state
    assert [p.id for p in after.in_force(TODAY)] == ["p1"]


@pytest.mark.parametrize("lift", [("p9",), ("p1", "p1"), ("p2", "p9")])
def test_only_live_penalties_of_the_record_are_lifted(lift: tuple[str, ...]) -> None:
    """E05 解除的应为本案尚在执行的惩戒。"""
    scenario = taken_up(IMPOSED, SECOND, rules=QUIET)
    scenario.when(replace(UPHELD, lift=lift), CREDIT, LETTER, on=TODAY).refused("record.lift")


def test_an_expired_penalty_is_not_lifted() -> None:
    """E05 D11 期满的惩戒无须解除。"""
    late = date(2026, 11, 25)
    scenario = taken_up(IMPOSED, rules=QUIET)
    scenario.when(replace(UPHELD, lift=("p1",)), CREDIT, LETTER, on=date(2026, 11, 24)).then(*stated(lifted("p1")))
    scenario.when(replace(UPHELD, lift=("p1",)), CREDIT, LETTER, on=late).refused("record.lift")
    scenario.when(UPHELD, CREDIT, LETTER, on=late).then()


def test_an_objection_wholly_right_about_penalties_lifts_them() -> None:
    """E05 对惩戒的异议全部成立的，解除所涉惩戒。"""
    scenario = taken_up(IMPOSED, SECOND, about=objected(Point.PENALTY), rules=QUIET)
    scenario.when(replace(UPHELD, lift=("p1",)), CREDIT, LETTER, on=TODAY).refused("record.remedy")
    both = replace(UPHELD, lift=("p1", "p2"))
    scenario.when(both, CREDIT, LETTER, on=TODAY).then(*stated(lifted("p1"), lifted("p2")))
    scenario.when(FALLS, CREDIT, LETTER, on=TODAY).then(*stated(falls()))


def test_an_objection_partly_right_about_penalties_lifts_some() -> None:
    """E05 对惩戒的异议部分成立的，至少解除一项。"""
    partly = replace(UPHELD, extent=Extent.PARTLY)
    scenario = taken_up(IMPOSED, SECOND, about=objected(Point.PENALTY), rules=QUIET)
    scenario.when(partly, CREDIT, LETTER, on=TODAY).refused("record.remedy")
    scenario.when(replace(partly, lift=("p1",)), CREDIT, LETTER, on=TODAY).then(*stated(lifted("p1"), resumed("p2")))
    more = taken_up(IMPOSED, about=objected(Point.PENALTY, Point.CONTENT), rules=QUIET)
    more.when(partly, CREDIT, LETTER, on=TODAY).then(*stated(resumed("p1")))


def test_an_objection_to_one_penalty_leaves_the_others() -> None:
    """E05 异议只涉及一项惩戒的，成立后只须解除该项。"""
    scenario = taken_up(IMPOSED, SECOND, about=objected(Point.PENALTY, penalty="p2"), rules=QUIET)
    scenario.when(UPHELD, CREDIT, LETTER, on=TODAY).refused("record.remedy")
    scenario.when(replace(UPHELD, lift=("p2",)), CREDIT, LETTER, on=TODAY).then(*stated(lifted("p2")))


def test_a_withdrawn_record_is_not_withdrawn_again() -> None:
    """E05 记录只撤销一次。"""
    scenario = taken_up(rules=QUIET).having(RECORD_FALLS)
    scenario.when(FALLS, CREDIT, LETTER, on=TODAY).refused("record.withdrawn")
    scenario.when(UPHELD, CREDIT, LETTER, on=TODAY).then()


@pytest.mark.parametrize("fact", [ASKED.fact, FALLS, FaultAttributed("o1", SOURCE, Fault.SOURCE, "报送有误")])
def test_the_subject_does_not_judge_its_own_objection(fact: Any) -> None:
    """E05 E17 权益保护：不得自我认定。"""
    ready = taken_up(rules=QUIET)
    if isinstance(fact, FaultAttributed):
        ready = ready.having(said(UPHELD, CREDIT, LETTER, on=MAY_26))
    ready.amid(OFFICE).when(fact, SUBJECT, LETTER, on=TODAY).refused("record.own-case")


# --- restoration follows ------------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", [(IMPOSED,), (SEEN,), (SHARED,)])
def test_a_wrong_record_that_did_harm_obliges_to_restore(harm: tuple[Saying, ...]) -> None:
    """E06 因错误实施联合惩戒措施损害有关主体合法权益的，应积极采取措施恢复其信誉、消除不良影响。"""
    scenario = taken_up(*harm)
    tell = (PARTNER,) if harm == (SHARED,) else ()
    scenario.when(FALLS, CREDIT, LETTER, on=TODAY).then(*stated(falls(), RestorationOrdered("o1", tell)))


def test_where_no_harm_was_done_or_the_pack_is_silent_nothing_is_restored() -> None:
    """E06 未造成损害的，或规则包未规定的（运城、德化、盐城），不产生恢复信誉任务。"""
    taken_up().when(FALLS, CREDIT, LETTER, on=TODAY).then(*stated(falls()))
    taken_up(IMPOSED, SEEN, rules=QUIET).when(FALLS, CREDIT, LETTER, on=TODAY).then(*stated(falls()))


def test_a_penalty_that_never_began_did_no_harm() -> None:
    """E06 尚未起算的惩戒未造成损害。"""
    late = said(imposed(start=date(2026, 7, 1)), RECOGNISER, DECISION, on=date(2026, 5, 25))
    upheld = replace(UPHELD, lift=("p1",))
    taken_up(late).when(upheld, CREDIT, LETTER, on=TODAY).then(*stated(lifted("p1")))
    restored = RestorationOrdered("o1")
    taken_up(IMPOSED).when(upheld, CREDIT, LETTER, on=TODAY).then(*stated(lifted("p1"), restored))


def test_a_wrong_penalty_that_is_over_did_harm_all_the_same() -> None:
    """E06 错误惩戒虽已期满，仍应恢复信誉。"""
    late = date(2026, 11, 25)
    scenario = taken_up(IMPOSED, about=objected(Point.PENALTY))
    scenario.when(UPHELD, CREDIT, LETTER, on=late).then(*stated(RestorationOrdered("o1")))
    partly = replace(UPHELD, extent=Extent.PARTLY)
    scenario.when(partly, CREDIT, LETTER, on=late).then()


def test_an_objection_to_a_repairs_result_leaves_the_record_as_it_is() -> None:
    """E06 修复结果的异议成立，不等于记录有误。"""
    day = REPAIRED[-1].on
    about = said(ObjectionFiled("o1", (Point.REPAIR_RESULT,), "未及时更新", DECISION), SUBJECT, on=day)
    scenario = punishable(
        SEEN, *RECTIFIED, *REPAIRED, about, said(replace(ACCEPTED.fact, decide_by=day), CREDIT, on=day)
    )
    scenario.when(UPHELD, CREDIT, LETTER, on=day).then()


# --- dismissed ----------------------------------------------------------------------------------------------


def test_a_dismissed_objection_lets_penalties_resume() -> None:
    """E03 异议不成立的，惩戒恢复执行。"""
    dismissed = ObjectionDismissed("o1", "与事实相符")
    scenario = taken_up(IMPOSED, SECOND)
    scenario.when(dismissed, CREDIT, on=TODAY).then(*stated(resumed("p1"), resumed("p2")))
    punishable(OBJECTED).when(dismissed, CREDIT, on=TODAY).refused("record.objection-open")


def test_a_penalty_that_expired_meanwhile_does_not_resume() -> None:
    """E03 D11 异议期间期满的惩戒不再恢复。"""
    taken_up(IMPOSED).when(ObjectionDismissed("o1", "相符"), CREDIT, on=date(2026, 11, 25)).then()


def test_what_the_source_found_wrong_is_dismissed_only_with_a_document() -> None:
    """E05 信源单位核实有误的，不成立须有依据文件。"""
    dismissed = ObjectionDismissed("o1", "另有证据")
    scenario = taken_up().having(ASKED, WRONG)
    scenario.when(dismissed, CREDIT, on=TODAY).refused("record.basis")
    scenario.when(dismissed, CREDIT, LETTER, on=TODAY).then()


# --- fault --------------------------------------------------------------------------------------------------


def test_fault_is_attributed_once_an_objection_was_upheld() -> None:
    """E02 健全异议、投诉和责任处理机制。"""
    fault = FaultAttributed("o1", SOURCE, Fault.SOURCE, "漏采缴款数据")
    upheld = taken_up(rules=QUIET).having(said(UPHELD, CREDIT, LETTER, on=MAY_26))
    upheld.when(fault, CREDIT, on=TODAY).then()
    upheld.when(replace(fault, body=UNKNOWN), CREDIT, on=TODAY).refused("record.known")
    dismissed = taken_up().having(said(ObjectionDismissed("o1", "无误"), CREDIT, on=MAY_26))
    dismissed.when(fault, CREDIT, on=TODAY).refused("record.objection-upheld")
    upheld.when(replace(fault, objection="o9"), CREDIT, on=TODAY).refused("record.objection-unknown")


def test_who_has_no_role_decides_nothing() -> None:
    """E05 谁可以说什么：须有相应角色。"""
    taken_up().when(UPHELD, CITY, LETTER, on=TODAY).refused("record.role")
    taken_up(rules=QUIET).when(UPHELD, RECOGNISER, LETTER, on=TODAY).then()
