"""Objections: who may object to what, whether it is taken up, and what waits meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.domain.event import Consequence
from ledger.domain.record.course_facts import CaseClosed, ExplanationFiled
from ledger.domain.record.facts import SubjectNotified
from ledger.domain.record.remedy_facts import (
    AppealDecided,
    AppealFiled,
    ObjectionAccepted,
    ObjectionDismissed,
    ObjectionFiled,
    ObjectionRefused,
    ObjectionWithdrawn,
    PenaltyResumed,
    PenaltySuspended,
    RepairRefused,
)
from ledger.domain.record.remedy_terms import (
    Against,
    AppealOutcome,
    Hold,
    ObjectionRefusal,
    Point,
    RepairRefusal,
    Route,
)
from ledger.domain.record.terms import CaseEnd
from tests.domain.penalties import (
    ACCEPTED,
    IMPOSED,
    OBJECTED,
    RECTIFIED,
    REPAIRED,
    punishable,
)
from tests.domain.records import (
    AGENT,
    DECISION,
    LEAD,
    LETTER,
    RECOGNISER,
    SUBJECT,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.remedies import OFFICE, RECORD_FALLS, SECOND, SEEN, stated
from tests.domain.scenario import CREDIT, STRANGER, UNKNOWN, said

FILED = ObjectionFiled("o1", (Point.CONTENT,), "记录与事实不符", DECISION)
LATER = date(2026, 12, 2)
DISMISSED = said(ObjectionDismissed("o1", "与事实相符"), CREDIT, on=TODAY)
AGAIN = said(replace(FILED, objection="o2"), SUBJECT, on=TODAY)
CLOSED = said(CaseClosed(CaseEnd.REPAIRED, "已修复"), CREDIT, on=LATER)


def held(*penalties: str) -> tuple[Consequence, ...]:
    """The penalties wait for o1."""
    return stated(*(PenaltySuspended(p, Hold.OBJECTION, "o1") for p in penalties))


def resumed(*penalties: str) -> tuple[Consequence, ...]:
    """The penalties wait for o1 no more."""
    return stated(*(PenaltyResumed(p, Hold.OBJECTION, "o1") for p in penalties))


# --- filed --------------------------------------------------------------------------------------------------


def test_the_subject_objects_without_anybodys_leave() -> None:
    """E01 E17 建立健全信用信息异议、投诉制度，畅通申诉渠道。"""
    state = punishable().when(FILED, SUBJECT, on=TODAY).then()
    assert state.objections[0].is_pending


def test_only_a_record_is_objected_to() -> None:
    """E01 信用信息异议：线索不是记录，无从异议。"""
    begun(LEAD, VERIFIED).when(FILED, SUBJECT, on=TODAY).refused("record.standing")
    punishable(RECORD_FALLS).when(FILED, SUBJECT, on=TODAY).refused("record.standing")


def test_who_has_no_role_does_not_object() -> None:
    """E01 异议由信用主体提出。"""
    punishable().when(FILED, STRANGER, on=TODAY).refused("record.role")


def test_an_agent_shows_its_power_of_attorney() -> None:
    """E01 畅通申诉渠道：代理人须附授权委托书。"""
    by_agent = replace(FILED, agent=AGENT)
    punishable().when(by_agent, AGENT, on=TODAY).refused("record.basis")
    punishable().when(by_agent, AGENT, LETTER, on=TODAY).then()


def test_an_agent_acts_in_its_own_objection_only() -> None:
    """E01 代理人只就其受托的异议行事。"""
    before = said(replace(FILED, agent=AGENT), AGENT, LETTER, on=TODAY)
    unnamed = replace(FILED, objection="o2", points=(Point.PERIOD,))
    punishable(before).when(unnamed, AGENT, LETTER, on=TODAY).refused("record.agent")
    punishable(before).when(replace(unnamed, agent=AGENT), AGENT, LETTER, on=TODAY).then()


def test_an_agent_is_a_registered_body() -> None:
    """E01 代理人应为已登记的单位。"""
    punishable().when(replace(FILED, agent=UNKNOWN), SUBJECT, on=TODAY).refused("record.known")
    punishable().when(replace(FILED, agent=AGENT), SUBJECT, on=TODAY).then()


def test_the_credit_office_takes_an_objection_down_from_a_paper() -> None:
    """E01 畅通申诉渠道：信用办代为记载须附书面材料。"""
    punishable().when(FILED, CREDIT, on=TODAY).refused("record.basis")
    punishable().when(FILED, CREDIT, LETTER, on=TODAY).then()


def test_an_objection_says_what_it_is_about() -> None:
    """E01 异议应写明事项。"""
    punishable().when(replace(FILED, points=()), SUBJECT, on=TODAY).refused("record.points")


def test_an_objection_to_a_penalty_needs_one() -> None:
    """E01 对惩戒措施的异议须有惩戒。"""
    against = replace(FILED, points=(Point.PENALTY,))
    punishable().when(against, SUBJECT, on=TODAY).refused("record.penalty-none")
    punishable(IMPOSED).when(against, SUBJECT, on=TODAY).then()
    punishable(IMPOSED).when(replace(against, penalty="p9"), SUBJECT, on=TODAY).refused("record.penalty-unknown")
    punishable(IMPOSED).when(replace(against, penalty="p1"), SUBJECT, on=TODAY).then()


@pytest.mark.parametrize("used", ["o1", "p1"])
def test_the_name_of_an_objection_is_new_in_the_record(used: str) -> None:
    """E01 异议标识在本案中不得重复。"""
    second = replace(FILED, objection=used, points=(Point.PERIOD,))
    punishable(IMPOSED, OBJECTED).when(second, SUBJECT, on=TODAY).refused("record.item-new")
    punishable(IMPOSED, OBJECTED).when(replace(second, objection="o2"), SUBJECT, on=TODAY).then()


def test_the_same_matter_is_not_objected_to_twice_at_once() -> None:
    """E01 同一事项的异议处理完毕前不重复提出。"""
    punishable(OBJECTED).when(AGAIN.fact, SUBJECT, on=TODAY).refused("record.objection-twice")
    punishable(OBJECTED, ACCEPTED).when(AGAIN.fact, SUBJECT, on=TODAY).refused("record.objection-twice")
    punishable(OBJECTED).when(replace(AGAIN.fact, points=(Point.SEVERITY,)), SUBJECT, on=TODAY).then()
    punishable(OBJECTED, ACCEPTED, DISMISSED).when(AGAIN.fact, SUBJECT, on=TODAY).then()


def test_a_repairs_result_is_objected_to_once_there_is_one() -> None:
    """E01 修复结果可提出异议（国家发展改革委令第36号）。"""
    about = replace(FILED, points=(Point.REPAIR_RESULT,))
    applied, accepted = REPAIRED[:2]
    refused = said(RepairRefused("r1", (RepairRefusal.EXCLUDED_BY_LAW,), "依法不予修复"), RECOGNISER, LETTER, on=LATER)
    begun_repair = punishable(*RECTIFIED, applied, accepted)
    begun_repair.when(about, SUBJECT, on=LATER).refused("record.repair-undecided")
    begun_repair.having(refused).when(about, SUBJECT, on=LATER).then()


def test_after_repair_or_closing_only_the_repairs_result_is_objected_to() -> None:
    """E01 修复或结案后可就修复结果提出异议。"""
    result = replace(FILED, points=(Point.REPAIR_RESULT,))
    repaired = punishable(SEEN, *RECTIFIED, *REPAIRED)
    for over in (repaired, repaired.having(CLOSED)):
        over.when(FILED, SUBJECT, on=LATER).refused("record.objection-over")
        over.when(replace(result, points=(Point.REPAIR_RESULT, Point.CONTENT)), SUBJECT, on=LATER).refused(
            "record.objection-over"
        )
        over.when(result, SUBJECT, on=LATER).then()
    once = repaired.having(said(result, SUBJECT, on=LATER))
    once.when(replace(result, objection="o2"), SUBJECT, on=LATER).refused("record.objection-over")


def test_a_closed_record_without_a_repair_has_no_result_to_object_to() -> None:
    """E01 结案后没有修复结果的，不再就记录提出异议。"""
    duties = (
        said(SubjectNotified(TODAY), RECOGNISER, LETTER, on=TODAY),
        said(ExplanationFiled("情况说明"), SUBJECT, LETTER, on=TODAY),
    )
    open_file = punishable(*RECTIFIED, *duties)
    open_file.when(FILED, SUBJECT, on=LATER).then()
    closed = open_file.having(said(CaseClosed(CaseEnd.RECTIFIED, "整改完成"), CREDIT, on=LATER))
    closed.when(FILED, SUBJECT, on=LATER).refused("record.objection-over")


# --- taken up -----------------------------------------------------------------------------------------------


def test_an_objection_taken_up_suspends_every_penalty_that_it_concerns() -> None:
    """E03 信用信息异议处理、核实期间暂不执行联合惩戒措施。"""
    scenario = punishable(IMPOSED, SECOND, OBJECTED)
    scenario.when(ObjectionAccepted("o1", TODAY), CREDIT, on=TODAY).then(*held("p1", "p2"))
    assert scenario.having(ACCEPTED).state.in_force(TODAY) == ()


def test_an_objection_to_one_penalty_suspends_that_one() -> None:
    """E03 异议只涉及一项惩戒的，其余照常执行。"""
    one = said(replace(FILED, points=(Point.PENALTY,), penalty="p2"), SUBJECT, on=TODAY)
    accepted = ObjectionAccepted("o1", TODAY)
    punishable(IMPOSED, SECOND, one).when(accepted, CREDIT, on=TODAY).then(*held("p2"))


def test_penalties_go_on_where_the_pack_does_not_suspend_them() -> None:
    """E03 异议期间暂不执行：仅规则包有规定的地方（黄石）。"""
    scenario = punishable(IMPOSED, OBJECTED, rules={"objection.suspends": "false"})
    scenario.when(ACCEPTED.fact, CREDIT, on=date(2026, 5, 28)).then()


def test_an_expired_penalty_is_not_suspended() -> None:
    """E03 D11 期满的惩戒无须暂停。"""
    punishable(IMPOSED, OBJECTED).when(ObjectionAccepted("o1", LATER), CREDIT, on=LATER).then()


def test_an_objection_is_answered_once() -> None:
    """E01 异议的受理与否只答复一次。"""
    accepted = ObjectionAccepted("o1", TODAY)
    punishable(OBJECTED, ACCEPTED).when(accepted, CREDIT, on=TODAY).refused("record.objection-pending")
    refused = ObjectionRefused("o1", ObjectionRefusal.OTHER_AUTHORITY, "应申请复议")
    punishable(OBJECTED, ACCEPTED).when(refused, CREDIT, on=TODAY).refused("record.objection-pending")
    punishable(OBJECTED).when(refused, CREDIT, on=TODAY).then()
    punishable().when(accepted, CREDIT, on=TODAY).refused("record.objection-unknown")


def test_an_objection_to_a_record_that_fell_is_not_taken_up_any_more() -> None:
    """E01 记录已撤销的，异议事项已处理。"""
    fell = punishable(OBJECTED, RECORD_FALLS)
    fell.when(ObjectionAccepted("o1", TODAY), CREDIT, on=TODAY).refused("record.standing")
    settled = ObjectionRefused("o1", ObjectionRefusal.DECIDED_BEFORE, "记录已撤销")
    fell.when(settled, CREDIT, on=TODAY).then()


def test_an_objection_taken_up_late_is_taken_up_all_the_same() -> None:
    """E01 逾期受理照常记载，期限显示为逾期。"""
    rules = {"objection.accept_days": "3"}
    punishable(OBJECTED, rules=rules).when(ObjectionAccepted("o1", LATER), CREDIT, on=LATER).then()


@pytest.mark.parametrize(
    ("decide_by", "rule"),
    [
        (date(2026, 5, 31), "record.deadline-past"),
        (TODAY, None),
        (date(2026, 6, 15), None),
        (date(2026, 6, 16), "record.deadline-late"),
    ],
)
def test_the_day_of_the_decision_is_within_the_packs_working_days(decide_by: date, rule: str | None) -> None:
    """E01 异议处理期限：自受理起的工作日，以规则包为准。"""
    trial = punishable(OBJECTED, rules={"objection.decide_days": "10"}).when(
        ObjectionAccepted("o1", decide_by), CREDIT, on=TODAY
    )
    if rule:
        trial.refused(rule)
    else:
        trial.then()


def test_without_a_confirmed_number_no_limit_is_invented() -> None:
    """E01 异议处理期限未经确认的，不设上限。"""
    punishable(OBJECTED).when(ObjectionAccepted("o1", date(2027, 6, 1)), CREDIT, on=TODAY).then()


@pytest.mark.parametrize("fact", [ObjectionAccepted("o1", TODAY), ObjectionDismissed("o1", "不成立")])
def test_nobody_decides_on_its_own_objection(fact: ObjectionAccepted | ObjectionDismissed) -> None:
    """E01 E17 权益保护：不得自我认定。"""
    before = (OBJECTED,) if isinstance(fact, ObjectionAccepted) else (OBJECTED, ACCEPTED)
    scenario = punishable(*before).amid(OFFICE)
    scenario.when(fact, SUBJECT, on=TODAY).refused("record.own-case")
    scenario.when(fact, CREDIT, on=TODAY).then()


# --- refused ------------------------------------------------------------------------------------------------


def test_who_is_the_subject_is_not_told_that_it_is_not() -> None:
    """E01 E17 不予受理的理由应属实：信用主体本人提出的。"""
    refused = ObjectionRefused("o1", ObjectionRefusal.NOT_THE_SUBJECT, "非信用主体")
    punishable(OBJECTED).when(refused, CREDIT, on=TODAY).refused("record.refusal-untrue")
    by_agent = said(replace(FILED, agent=AGENT), AGENT, LETTER, on=TODAY)
    punishable(by_agent).when(refused, CREDIT, on=TODAY).then()


def test_an_objection_with_evidence_is_not_refused_for_lack_of_it() -> None:
    """E01 E17 不予受理的理由应属实：已提供证据的。"""
    refused = ObjectionRefused("o1", ObjectionRefusal.NO_GROUNDS, "未提供证据")
    punishable(OBJECTED).when(refused, CREDIT, on=TODAY).refused("record.refusal-untrue")
    bare = said(replace(FILED, evidence=()), SUBJECT, on=TODAY)
    punishable(bare).when(refused, CREDIT, on=TODAY).then()


def test_decided_before_needs_a_decision_before() -> None:
    """E01 E17 不予受理的理由应属实：同一事项已处理的。"""
    refused = ObjectionRefused("o2", ObjectionRefusal.DECIDED_BEFORE, "同一事项已处理")
    decided = punishable(OBJECTED, ACCEPTED, DISMISSED)
    decided.having(AGAIN).when(refused, CREDIT, on=TODAY).then()
    other = said(replace(AGAIN.fact, points=(Point.CONTENT, Point.PERIOD)), SUBJECT, on=TODAY)
    decided.having(other).when(refused, CREDIT, on=TODAY).refused("record.refusal-untrue")
    taken_back = said(ObjectionWithdrawn("o1"), SUBJECT, on=TODAY)
    punishable(OBJECTED, taken_back, AGAIN).when(refused, CREDIT, on=TODAY).refused("record.refusal-untrue")


def test_a_decision_that_an_appeal_reversed_settles_nothing() -> None:
    """E01 E18 处理结果经复议撤销的，同一事项可再提出异议。"""
    filed = AppealFiled("a1", Route.RECONSIDERATION, Against.OBJECTION_DECISION, "示例省人民政府", TODAY, "o1")
    paper = (replace(DECISION[0], dated=TODAY),)
    reversed_ = (
        said(filed, SUBJECT, on=TODAY),
        said(AppealDecided("a1", AppealOutcome.REVOKED, "责令重新处理"), CREDIT, paper, on=TODAY),
    )
    refused = ObjectionRefused("o2", ObjectionRefusal.DECIDED_BEFORE, "同一事项已处理")
    scenario = punishable(OBJECTED, ACCEPTED, DISMISSED, *reversed_, AGAIN)
    scenario.when(refused, CREDIT, on=TODAY).refused("record.refusal-untrue")
    scenario.when(ObjectionAccepted("o2", TODAY), CREDIT, on=TODAY).then()


# --- taken back ---------------------------------------------------------------------------------------------


def test_who_objected_takes_it_back_and_penalties_resume() -> None:
    """E03 异议撤回的，惩戒恢复执行。"""
    scenario = punishable(IMPOSED, OBJECTED, ACCEPTED)
    assert scenario.state.in_force(TODAY) == ()
    back = said(ObjectionWithdrawn("o1"), SUBJECT, on=TODAY)
    scenario.when(back.fact, SUBJECT, on=TODAY).then(*resumed("p1"))
    assert [p.id for p in scenario.having(back).state.in_force(TODAY)] == ["p1"]


def test_an_objection_not_taken_up_yet_can_be_taken_back() -> None:
    """E01 异议受理前可以撤回。"""
    punishable(IMPOSED, OBJECTED).when(ObjectionWithdrawn("o1"), SUBJECT, on=TODAY).then()


def test_a_decided_objection_is_not_taken_back() -> None:
    """E01 已处理的异议不能撤回。"""
    decided = punishable(OBJECTED, ACCEPTED, DISMISSED)
    decided.when(ObjectionWithdrawn("o1"), SUBJECT, on=TODAY).refused("record.objection-decided")


def test_an_agent_takes_back_its_own_objection_only() -> None:
    """E01 代理人只撤回其代理的异议。"""
    by_agent = said(replace(AGAIN.fact, points=(Point.PERIOD,), agent=AGENT), AGENT, LETTER, on=TODAY)
    scenario = punishable(OBJECTED, by_agent)
    scenario.when(ObjectionWithdrawn("o1"), AGENT, on=TODAY).refused("record.agent")
    scenario.when(ObjectionWithdrawn("o2"), AGENT, on=TODAY).then()
    scenario.when(ObjectionWithdrawn("o2"), SUBJECT, on=TODAY).then()


def test_a_penalty_held_by_two_objections_waits_for_both() -> None:
    """E03 同一惩戒涉及两件异议的，均办结后方恢复执行。"""
    both = (
        *(IMPOSED, OBJECTED, ACCEPTED),
        said(replace(FILED, objection="o2", points=(Point.PERIOD,)), SUBJECT, on=TODAY),
        said(ObjectionAccepted("o2", TODAY), CREDIT, on=TODAY),
    )
    scenario = punishable(*both, DISMISSED)
    assert scenario.state.in_force(TODAY) == ()
    after = scenario.having(said(ObjectionDismissed("o2", "期限无误"), CREDIT, on=TODAY)).state
    assert [p.id for p in after.in_force(TODAY)] == ["p1"]
