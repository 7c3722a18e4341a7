"""Appeals, reconsideration and suits: filed without anybody's leave, and what a decision does to the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.domain.record.course_facts import RecordWithdrawn
from ledger.domain.record.remedy_facts import (
    AppealDecided,
    AppealFiled,
    ObjectionDismissed,
    ObjectionRefused,
    ObjectionWithdrawn,
    PenaltyLifted,
    PenaltyResumed,
    PenaltySuspended,
    RestorationOrdered,
)
from ledger.domain.record.remedy_terms import (
    Against,
    AppealOutcome,
    Hold,
    LiftReason,
    ObjectionRefusal,
    Route,
)
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import WithdrawalGround
from tests.domain.penalties import ACCEPTED, IMPOSED, OBJECTED, RECTIFIED, REPAIRED, imposed, punishable
from tests.domain.records import COURT, DECISION, LEAD, LETTER, RECOGNISER, SUBJECT, TODAY, VERIFIED, begun
from tests.domain.remedies import OFFICE, QUIET, RECORD_FALLS, SECOND, SEEN, SHARED, stated
from tests.domain.scenario import CREDIT, PARTNER, STRANGER, Saying, Scenario, said

FILED = AppealFiled("a1", Route.RECONSIDERATION, Against.RECOGNITION, "示例省人民政府", date(2026, 5, 26))
AGAINST_P1 = replace(FILED, against=Against.PENALTY, item="p1")
JUDGMENT = (replace(DECISION[0], title="行政复议决定书", dated=TODAY),)
KEPT = AppealDecided("a1", AppealOutcome.UPHELD, "维持原决定")
REVOKED = AppealDecided("a1", AppealOutcome.REVOKED, "撤销原决定")
FALLS = replace(REVOKED, withdraw=True)
STAYED = said(PenaltySuspended("p1", Hold.STAY, "a1"), COURT, LETTER, on=date(2026, 5, 28))
NO_LIFT = PenaltyResumed("p1", Hold.STAY, "a1")


def appealed(*before: Saying, filed: AppealFiled = FILED, rules: Any = None) -> Scenario:
    """A record with what came before, and an appeal."""
    return punishable(*before, said(filed, SUBJECT, on=date(2026, 5, 27)), rules=rules)


def lifted(penalty: str) -> PenaltyLifted:
    return PenaltyLifted(penalty, LiftReason.APPEAL_ALLOWED)


WITHDRAWN = RecordWithdrawn(WithdrawalGround.DECISION_REVOKED, "撤销原决定")


# --- filed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", Route)
def test_the_ways_to_review_are_open_without_anybodys_leave(route: Route) -> None:
    """E18 E17 畅通行政复议渠道。"""
    state = punishable().when(replace(FILED, route=route), SUBJECT, on=TODAY).then()
    assert state.appeals[0].decided is None


def test_a_lead_is_not_appealed_against() -> None:
    """E18 线索不是记录，没有可复议的认定。"""
    begun(LEAD, VERIFIED).when(FILED, SUBJECT, on=TODAY).refused("record.standing")


def test_whatever_became_of_the_record_the_way_stays_open() -> None:
    """E18 畅通行政复议渠道：修复、撤销后仍可复议、诉讼。"""
    punishable(RECORD_FALLS).when(FILED, SUBJECT, on=TODAY).then()
    day = REPAIRED[-1].on
    punishable(SEEN, *RECTIFIED, *REPAIRED).when(FILED, SUBJECT, on=day).then()


def test_the_credit_office_writes_an_appeal_down_from_a_paper() -> None:
    """E18 信用办代为记载须附文书。"""
    punishable().when(FILED, CREDIT, on=TODAY).refused("record.basis")
    punishable().when(FILED, CREDIT, LETTER, on=TODAY).then()
    punishable().when(FILED, STRANGER, LETTER, on=TODAY).refused("record.role")


def test_an_appeal_was_not_filed_tomorrow() -> None:
    """E18 提起日期不晚于记载之日。"""
    punishable().when(replace(FILED, filed_on=date(2026, 6, 2)), SUBJECT, on=TODAY).refused("record.future")
    punishable().when(replace(FILED, filed_on=TODAY), SUBJECT, on=TODAY).then()


def test_the_name_of_an_appeal_is_new_in_the_record() -> None:
    """E18 标识在本案中不得重复。"""
    punishable(OBJECTED).when(replace(FILED, appeal="o1"), SUBJECT, on=TODAY).refused("record.item-new")


def test_the_same_appeal_is_written_down_once() -> None:
    """E18 同一复议、诉讼未审结前只记载一次。"""
    again = replace(FILED, appeal="a2")
    appealed().when(again, SUBJECT, on=TODAY).refused("record.appeal-twice")
    appealed().when(replace(again, route=Route.LITIGATION), SUBJECT, on=TODAY).then()
    appealed().having(said(KEPT, CREDIT, JUDGMENT, on=TODAY)).when(again, SUBJECT, on=TODAY).then()


def test_the_recognition_is_one_and_needs_no_name() -> None:
    """E18 对认定的复议不指明事项标识。"""
    punishable(IMPOSED).when(replace(FILED, item="p1"), SUBJECT, on=TODAY).refused("record.appeal-against")


def test_a_penalty_is_appealed_against_once_it_is_imposed() -> None:
    """E18 对惩戒决定的复议。"""
    punishable().when(AGAINST_P1, SUBJECT, on=TODAY).refused("record.appeal-against")
    punishable(IMPOSED).when(AGAINST_P1, SUBJECT, on=TODAY).then()


def test_an_objections_decision_is_appealed_against_once_it_is_made() -> None:
    """E18 对异议处理结果的申诉：不予受理、不成立均可；撤回的没有处理结果。"""
    against = replace(FILED, against=Against.OBJECTION_DECISION, item="o1", route=Route.APPEAL)
    dismissed = said(ObjectionDismissed("o1", "相符"), CREDIT, on=TODAY)
    not_taken_up = said(ObjectionRefused("o1", ObjectionRefusal.OTHER_AUTHORITY, "应申请复议"), CREDIT, on=TODAY)
    taken_back = said(ObjectionWithdrawn("o1"), SUBJECT, on=TODAY)
    punishable().when(against, SUBJECT, on=TODAY).refused("record.appeal-against")
    punishable(OBJECTED, ACCEPTED).when(against, SUBJECT, on=TODAY).refused("record.appeal-against")
    punishable(OBJECTED, taken_back).when(against, SUBJECT, on=TODAY).refused("record.appeal-against")
    punishable(OBJECTED, ACCEPTED, dismissed).when(against, SUBJECT, on=TODAY).then()
    punishable(OBJECTED, not_taken_up).when(against, SUBJECT, on=TODAY).then()


def test_a_repairs_decision_is_appealed_against_once_it_is_made() -> None:
    """E18 对修复决定的复议。"""
    day = REPAIRED[-1].on
    against = replace(FILED, against=Against.REPAIR_DECISION, item="r1")
    punishable(SEEN, *RECTIFIED, *REPAIRED[:2]).when(against, SUBJECT, on=day).refused("record.appeal-against")
    punishable(SEEN, *RECTIFIED, *REPAIRED).when(against, SUBJECT, on=day).then()


# --- decided ------------------------------------------------------------------------------------------------


def test_a_decision_is_a_document_with_organ_number_and_day() -> None:
    """E18 以复议、诉讼文书为准。"""
    appealed().when(KEPT, CREDIT, on=TODAY).refused("record.basis")
    appealed().when(KEPT, CREDIT, (replace(JUDGMENT[0], number=None),), on=TODAY).refused("record.decision")
    appealed().when(KEPT, CREDIT, JUDGMENT, on=TODAY).then()
    appealed().when(KEPT, COURT, JUDGMENT, on=TODAY).then()


def test_a_decision_does_not_come_before_the_appeal() -> None:
    """E18 决定日期不早于提起之日。"""
    early = (replace(JUDGMENT[0], dated=date(2026, 5, 25)),)
    appealed().when(KEPT, CREDIT, early, on=TODAY).refused("record.decision-early")
    appealed().when(KEPT, CREDIT, (replace(JUDGMENT[0], dated=date(2026, 5, 26)),), on=TODAY).then()


def test_an_appeal_is_decided_once() -> None:
    """E18 每件复议、诉讼只有一个结果。"""
    decided = appealed().having(said(KEPT, CREDIT, JUDGMENT, on=TODAY))
    decided.when(KEPT, CREDIT, JUDGMENT, on=TODAY).refused("record.appeal")
    punishable().when(KEPT, CREDIT, JUDGMENT, on=TODAY).refused("record.appeal")


def test_the_subject_does_not_write_down_the_decision() -> None:
    """E18 E17 不得自我认定。"""
    appealed().amid(OFFICE).when(KEPT, SUBJECT, JUDGMENT, on=TODAY).refused("record.own-case")


@pytest.mark.parametrize("outcome", [AppealOutcome.UPHELD, AppealOutcome.REJECTED, AppealOutcome.WITHDRAWN])
def test_an_appeal_that_is_not_allowed_changes_nothing(outcome: AppealOutcome) -> None:
    """E18 维持、驳回、撤回的，记录与惩戒不变。"""
    scenario = appealed(IMPOSED)
    scenario.when(replace(FALLS, outcome=outcome), CREDIT, JUDGMENT, on=TODAY).refused("record.outcome")
    scenario.when(replace(KEPT, outcome=outcome, lift=("p1",)), CREDIT, JUDGMENT, on=TODAY).refused("record.outcome")
    scenario.when(replace(KEPT, outcome=outcome), CREDIT, JUDGMENT, on=TODAY).then()


def test_a_revoked_recognition_takes_the_record_with_it() -> None:
    """E18 E05 认定被撤销的，记录应予撤销。"""
    scenario = appealed(IMPOSED, rules=QUIET)
    scenario.when(REVOKED, CREDIT, JUDGMENT, on=TODAY).refused("record.appeal-followed")
    scenario.when(FALLS, CREDIT, JUDGMENT, on=TODAY).then(*stated(WITHDRAWN))
    after = scenario.having(said(FALLS, CREDIT, JUDGMENT, on=TODAY)).state
    assert after.standing is Standing.WITHDRAWN
    assert after.in_force(TODAY) == ()


def test_a_changed_recognition_may_leave_the_record() -> None:
    """E18 认定被变更的，可保留记录并更正。"""
    changed = replace(REVOKED, outcome=AppealOutcome.CHANGED)
    appealed(rules=QUIET).when(changed, CREDIT, JUDGMENT, on=TODAY).then()


def test_a_record_withdrawn_meanwhile_is_not_withdrawn_again() -> None:
    """E18 记录已撤销的，不再撤销。"""
    scenario = appealed(rules=QUIET).having(RECORD_FALLS)
    scenario.when(FALLS, CREDIT, JUDGMENT, on=TODAY).refused("record.withdrawn")
    scenario.when(REVOKED, CREDIT, JUDGMENT, on=TODAY).then()


def test_a_court_withdraws_a_repaired_record_too() -> None:
    """E18 已修复的记录，认定被撤销的同样撤销。"""
    day = REPAIRED[-1].on
    scenario = appealed(SEEN, *RECTIFIED, *REPAIRED, rules=QUIET)
    assert scenario.state.standing is Standing.REPAIRED
    after = scenario.having(said(FALLS, CREDIT, (replace(JUDGMENT[0], dated=day),), on=day)).state
    assert after.standing is Standing.WITHDRAWN


def test_a_revoked_penalty_is_lifted() -> None:
    """E18 E10 惩戒决定被撤销的，应予解除。"""
    scenario = appealed(IMPOSED, SECOND, filed=AGAINST_P1, rules=QUIET)
    scenario.when(REVOKED, CREDIT, JUDGMENT, on=TODAY).refused("record.appeal-followed")
    scenario.when(replace(REVOKED, lift=("p2",)), CREDIT, JUDGMENT, on=TODAY).refused("record.appeal-followed")
    scenario.when(replace(REVOKED, lift=("p9",)), CREDIT, JUDGMENT, on=TODAY).refused("record.lift")
    scenario.when(replace(REVOKED, lift=("p1",)), CREDIT, JUDGMENT, on=TODAY).then(*stated(lifted("p1")))


def test_a_revoked_penalty_that_is_over_needs_no_lifting() -> None:
    """E18 D11 惩戒已期满的，无须解除。"""
    late = date(2026, 11, 25)
    appealed(IMPOSED, filed=AGAINST_P1, rules=QUIET).when(REVOKED, CREDIT, JUDGMENT, on=late).then()


# --- stays, restoration -------------------------------------------------------------------------------------


def test_with_the_decision_the_stay_is_over() -> None:
    """E18 停止执行的裁定随复议、诉讼审结而终止。"""
    scenario = appealed(IMPOSED, filed=AGAINST_P1, rules=QUIET).having(STAYED)
    assert scenario.state.in_force(TODAY) == ()
    scenario.when(KEPT, CREDIT, JUDGMENT, on=TODAY).then(*stated(NO_LIFT))
    after = scenario.having(said(KEPT, CREDIT, JUDGMENT, on=TODAY)).state
    assert [p.id for p in after.in_force(TODAY)] == ["p1"]


def test_what_is_lifted_does_not_resume_before() -> None:
    """E18 应解除的惩戒先行解除，不恢复执行。"""
    scenario = appealed(IMPOSED, filed=AGAINST_P1, rules=QUIET).having(STAYED)
    scenario.when(replace(REVOKED, lift=("p1",)), CREDIT, JUDGMENT, on=TODAY).then(*stated(lifted("p1")))
    changed = replace(REVOKED, outcome=AppealOutcome.CHANGED)
    scenario.when(changed, CREDIT, JUDGMENT, on=TODAY).then(*stated(NO_LIFT))


def test_a_record_revoked_by_a_court_obliges_to_restore() -> None:
    """E06 E18 因错误实施联合惩戒措施损害有关主体合法权益的，应积极采取措施恢复其信誉、消除不良影响。"""
    restored = RestorationOrdered("a1", (PARTNER,))
    appealed(IMPOSED, SHARED).when(FALLS, CREDIT, JUDGMENT, on=TODAY).then(*stated(WITHDRAWN, restored))
    appealed().when(FALLS, CREDIT, JUDGMENT, on=TODAY).then(*stated(WITHDRAWN))


def test_a_penalty_revoked_by_a_court_obliges_to_restore_where_it_was_felt() -> None:
    """E06 E18 错误惩戒已实施的，恢复信誉；尚未起算的，不产生任务。"""
    revoked = replace(REVOKED, lift=("p1",))
    felt = appealed(IMPOSED, filed=AGAINST_P1)
    felt.when(revoked, CREDIT, JUDGMENT, on=TODAY).then(*stated(lifted("p1"), RestorationOrdered("a1")))
    late = said(imposed(start=date(2026, 7, 1)), RECOGNISER, DECISION, on=date(2026, 5, 25))
    appealed(late, filed=AGAINST_P1).when(revoked, CREDIT, JUDGMENT, on=TODAY).then(*stated(lifted("p1")))
    over = appealed(IMPOSED, filed=AGAINST_P1)
    over.when(REVOKED, CREDIT, JUDGMENT, on=date(2026, 11, 25)).then(*stated(RestorationOrdered("a1")))


def test_a_procedure_that_was_wrong_makes_no_record_wrong() -> None:
    """E06 只撤销异议处理结果、责令重新处理的，记录未必有误。"""
    dismissed = said(ObjectionDismissed("o1", "相符"), CREDIT, on=date(2026, 5, 26))
    against = replace(FILED, against=Against.OBJECTION_DECISION, item="o1")
    scenario = appealed(IMPOSED, SEEN, OBJECTED, ACCEPTED, dismissed, filed=against)
    scenario.when(REVOKED, CREDIT, JUDGMENT, on=TODAY).then()
    scenario.when(FALLS, CREDIT, JUDGMENT, on=TODAY).then(*stated(WITHDRAWN, RestorationOrdered("a1")))
