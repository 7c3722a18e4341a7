"""Penalties in their course: what they wait for, how they are eased, why they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.domain.event import Consequence
from ledger.domain.record.remedy_facts import (
    AppealDecided,
    ObjectionDismissed,
    ObjectionUpheld,
    PenaltyLifted,
    PenaltyMitigated,
    PenaltyResumed,
    PenaltySuspended,
    RestorationOrdered,
)
from ledger.domain.record.remedy_terms import (
    AppealOutcome,
    Extent,
    Hold,
    LiftReason,
    Mitigation,
    Relief,
)
from tests.domain.penalties import (
    ACCEPTED,
    APPEALED,
    IMPOSED,
    LINKED,
    OBJECTED,
    ON_PERSON,
    REPAIRED,
    following,
    imposed,
    only,
    punishable,
)
from tests.domain.records import DECISION, LETTER, RECOGNISER, RECORD, SUBJECT, TODAY
from tests.domain.scenario import CREDIT, PARTNER, said
from tests.domain.test_penalty import WITHDRAWN

OVER = date(2026, 11, 25)
"""The day after the last day of IMPOSED."""

BANKRUPT = said(PenaltySuspended("p1", Hold.BANKRUPTCY), RECOGNISER, LETTER, on=TODAY)
STAYED = said(PenaltySuspended("p1", Hold.STAY, "a1"), RECOGNISER, LETTER, on=TODAY)
ERROR = PenaltyLifted("p1", LiftReason.ERROR)
OBJECTION_HOLD = PenaltySuspended("p1", Hold.OBJECTION, "o1")
BOTH = {"penalty.mitigation": '["body", "person"]'}


def eased(
    penalty: str = "p1", until: date | None = date(2026, 8, 31), relief: Relief = Relief.MITIGATED
) -> PenaltyMitigated:
    """The penalty is eased because the loss was made good."""
    return PenaltyMitigated(penalty, Mitigation.LOSS_RECOVERED, relief, "主动挽回全部损失", until)


# --- suspended and resumed ----------------------------------------------------------------------------------


def test_for_an_accepted_objection_the_ledger_suspends() -> None:
    """E03 信用信息异议处理、核实期间暂不执行联合惩戒措施。"""
    case = punishable(IMPOSED)
    state = only(case, OBJECTED, ACCEPTED)
    assert case.judge(state, following(OBJECTION_HOLD)) == ()
    assert not case.grown(state, following(OBJECTION_HOLD)).in_force(TODAY)


def test_nobody_suspends_for_an_objection_by_hand() -> None:
    """E03 因异议暂不执行，只由账本作为后果记载。"""
    punishable(OBJECTED, ACCEPTED, IMPOSED).when(OBJECTION_HOLD, CREDIT, LETTER, on=TODAY).refused("record.held")
    elsewhere = punishable(IMPOSED, OBJECTED, ACCEPTED, rules={"objection.suspends": "false"})
    elsewhere.when(OBJECTION_HOLD, CREDIT, LETTER, on=TODAY).refused("record.hold")


def test_not_even_the_ledger_suspends_without_an_open_objection_and_a_rule() -> None:
    """E03 未受理、不涉及该惩戒或规则包未规定的，不暂停执行。"""
    hold = following(OBJECTION_HOLD)
    cause = {"on": hold.on, "cause": hold.cause}
    punishable(IMPOSED, OBJECTED).when(OBJECTION_HOLD, hold.by, **cause).refused("record.hold")
    elsewhere = punishable(IMPOSED, OBJECTED, ACCEPTED, rules={"objection.suspends": "false"})
    elsewhere.when(OBJECTION_HOLD, hold.by, **cause).refused("record.hold")
    other = replace(OBJECTED, fact=replace(OBJECTED.fact, penalty="p2"))
    second = said(imposed("criticism", "p2"), RECOGNISER, DECISION, on=IMPOSED.on)
    punishable(IMPOSED, second, other, ACCEPTED).when(OBJECTION_HOLD, hold.by, **cause).refused("record.hold")


def test_a_penalty_waits_for_a_stay() -> None:
    """E18 复议、诉讼期间决定停止执行的，暂停执行。"""
    case = punishable(IMPOSED, APPEALED)
    assert not case.when(STAYED.fact, RECOGNISER, LETTER, on=TODAY).then().in_force(TODAY)
    case.when(STAYED.fact, RECOGNISER, on=TODAY).refused("record.basis")
    case.having(STAYED).when(STAYED.fact, RECOGNISER, LETTER, on=TODAY).refused("record.held")


def test_a_stay_belongs_to_an_undecided_appeal_about_the_penalty() -> None:
    """E18 停止执行须对应未审结且涉及该惩戒的复议、诉讼。"""
    punishable(IMPOSED).when(STAYED.fact, RECOGNISER, LETTER, on=TODAY).refused("record.hold")
    second = said(imposed("criticism", "p2"), RECOGNISER, DECISION, on=IMPOSED.on)
    other = PenaltySuspended("p2", Hold.STAY, "a1")
    punishable(IMPOSED, second, APPEALED).when(other, RECOGNISER, LETTER, on=TODAY).refused("record.hold")


def test_a_penalty_waits_for_a_bankruptcy() -> None:
    """E18 法院裁定受理破产的，惩戒措施暂时解除（信用修复管理办法）。"""
    case = punishable(IMPOSED)
    assert not case.when(BANKRUPT.fact, RECOGNISER, LETTER, on=TODAY).then().in_force(TODAY)
    case.when(BANKRUPT.fact, RECOGNISER, on=TODAY).refused("record.basis")
    case.when(PenaltySuspended("p1", Hold.BANKRUPTCY, "a1"), RECOGNISER, LETTER, on=TODAY).refused("record.hold")
    case.having(BANKRUPT).when(BANKRUPT.fact, RECOGNISER, LETTER, on=TODAY).refused("record.held")


def test_what_held_it_is_released_with_a_document() -> None:
    """E18 恢复执行须有依据，且只解除所因之暂停。"""
    resumed = PenaltyResumed("p1", Hold.BANKRUPTCY)
    case = punishable(IMPOSED, BANKRUPT)
    assert case.when(resumed, RECOGNISER, LETTER, on=TODAY).then().in_force(TODAY)
    case.when(resumed, RECOGNISER, on=TODAY).refused("record.basis")
    case.when(PenaltyResumed("p1", Hold.STAY, "a1"), RECOGNISER, LETTER, on=TODAY).refused("record.not-held")
    punishable(IMPOSED).when(resumed, RECOGNISER, LETTER, on=TODAY).refused("record.not-held")


def test_a_penalty_held_twice_waits_for_both() -> None:
    """E03 E18 另有暂停事由的，不恢复执行。"""
    held = punishable(IMPOSED, APPEALED, STAYED, BANKRUPT)
    state = held.when(PenaltyResumed("p1", Hold.BANKRUPTCY), RECOGNISER, LETTER, on=TODAY).then()
    assert state.in_force(TODAY) == ()


def test_what_waits_for_an_open_objection_is_not_resumed_by_hand() -> None:
    """E03 异议未办结，不得人工恢复执行。"""
    resumed = PenaltyResumed("p1", Hold.OBJECTION, "o1")
    during = said(IMPOSED.fact, RECOGNISER, DECISION, on=TODAY)
    contested = punishable(OBJECTED, ACCEPTED, during)
    contested.when(resumed, RECOGNISER, LETTER, on=TODAY).refused("record.not-held")
    stayed = replace(BANKRUPT, fact=replace(BANKRUPT.fact))
    contested.having(stayed).when(resumed, RECOGNISER, LETTER, on=TODAY).refused("record.hold")
    ledger = following(resumed)
    contested.when(resumed, ledger.by, on=TODAY, cause=ledger.cause).refused("record.hold")


def test_a_penalty_goes_on_with_the_end_of_the_objection() -> None:
    """E03 异议不成立的，恢复执行。"""
    during = said(IMPOSED.fact, RECOGNISER, DECISION, on=TODAY)
    contested = punishable(OBJECTED, ACCEPTED, during)
    state = only(contested, said(ObjectionDismissed("o1", "经核实无误"), CREDIT, LETTER, on=TODAY))
    resumed = following(PenaltyResumed("p1", Hold.OBJECTION, "o1"))
    assert contested.judge(state, resumed) == ()
    assert contested.grown(state, resumed).in_force(TODAY)


# --- mitigated ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ground", list(Mitigation))
def test_who_mends_what_it_did_is_punished_less(ground: Mitigation) -> None:
    """E15 E16 主动挽回损失、消除不良影响或者有效阻止危害结果发生的，可从轻；自我纠错、主动自新的关爱机制。"""
    case = punishable(LINKED, ON_PERSON)
    state = case.when(replace(eased("p2"), ground=ground), RECOGNISER, LETTER, on=TODAY).then()
    assert state.penalty("p2").until == date(2026, 8, 31)
    assert not state.in_force(date(2026, 9, 1))


def test_a_units_penalty_is_eased_only_where_the_pack_says_so() -> None:
    """E15 从轻或免于惩戒的适用对象：多数地区为人员，盐城为部门和人员。"""
    error = punishable(IMPOSED).when(eased(), RECOGNISER, LETTER, on=TODAY).refused("record.mitigation")
    assert "penalty.mitigation" in error.source
    punishable(IMPOSED, rules=BOTH).when(eased(), RECOGNISER, LETTER, on=TODAY).then()


@pytest.mark.parametrize("until", [None, date(2026, 5, 31), date(2026, 11, 24), date(2027, 1, 1)])
def test_easing_makes_the_period_shorter(until: date | None) -> None:
    """E15 从轻即缩短惩戒期限。"""
    punishable(IMPOSED, rules=BOTH).when(eased(until=until), RECOGNISER, LETTER, on=TODAY).refused(
        "record.mitigated-until"
    )


def test_easing_needs_evidence_and_another_hand() -> None:
    """E15 从轻须有证明材料，不得自行从轻。"""
    roles = {"roles.subject": '["PenaltyMitigated"]'}
    case = punishable(IMPOSED, rules={**BOTH, **roles})
    case.when(eased(), RECOGNISER, on=TODAY).refused("record.basis")
    case.when(eased(), SUBJECT, LETTER, on=TODAY).refused("record.own-case")


def test_a_waived_penalty_is_lifted() -> None:
    """E15 免于实施失信惩戒措施。"""
    case = punishable(IMPOSED, rules=BOTH)
    waived = eased(until=None, relief=Relief.WAIVED)
    lifted = Consequence(RECORD, PenaltyLifted("p1", LiftReason.WAIVED))
    case.when(waived, RECOGNISER, LETTER, on=TODAY).then(lifted)
    assert not case.having(said(waived, RECOGNISER, LETTER, on=TODAY)).state.in_force(TODAY)
    dated = replace(waived, until=date(2026, 8, 31))
    case.when(dated, RECOGNISER, LETTER, on=TODAY).refused("record.mitigated-until")


# --- lifted, expired ----------------------------------------------------------------------------------------


def test_a_penalty_expires_by_itself() -> None:
    """D11 惩戒期限届满自动失效：由截止日计算，不另作记载。"""
    state = punishable(IMPOSED).state
    assert state.in_force(date(2026, 11, 24))
    assert not state.in_force(OVER)


@pytest.mark.parametrize(
    "fact", [BANKRUPT.fact, eased(until=date(2026, 11, 20)), ERROR, PenaltyResumed("p1", Hold.BANKRUPTCY)]
)
def test_an_expired_penalty_is_neither_held_nor_eased_nor_lifted(fact: object) -> None:
    """D11 期满的惩戒不再暂停、恢复、从轻或解除。"""
    punishable(IMPOSED, BANKRUPT, rules=BOTH).when(fact, RECOGNISER, LETTER, on=OVER).refused("record.penalty-over")


@pytest.mark.parametrize("fact", [BANKRUPT.fact, eased(), ERROR, PenaltyResumed("p1", Hold.BANKRUPTCY)])
def test_there_must_be_such_a_penalty(fact: object) -> None:
    """D12 惩戒须为本记录所载。"""
    punishable(rules=BOTH).when(fact, RECOGNISER, LETTER, on=TODAY).refused("record.penalty")


def test_an_error_is_lifted_with_a_document_and_restored() -> None:
    """E06 因错误实施联合惩戒措施的，解除并恢复其信誉、消除不良影响。"""
    case = punishable(IMPOSED)
    order = Consequence(RECORD, RestorationOrdered("p1"))
    assert not case.when(ERROR, RECOGNISER, LETTER, on=TODAY).then(order).in_force(TODAY)
    case.when(ERROR, RECOGNISER, on=TODAY).refused("record.basis")
    lifted = said(ERROR, RECOGNISER, LETTER, on=TODAY)
    case.having(lifted).when(ERROR, RECOGNISER, LETTER, on=TODAY).refused("record.penalty-over")


def test_what_nobody_felt_or_no_pack_restores_needs_no_restoration() -> None:
    """E06 尚未起执行的，或规则包未规定恢复信誉的，不产生恢复任务。"""
    future = said(imposed(start=date(2026, 7, 1)), RECOGNISER, DECISION, on=IMPOSED.on)
    punishable(future).when(ERROR, RECOGNISER, LETTER, on=TODAY).then()
    elsewhere = punishable(IMPOSED, rules={"restoration.required": "false"})
    elsewhere.when(ERROR, RECOGNISER, LETTER, on=TODAY).then()


@pytest.mark.parametrize("reason", [r for r in LiftReason if r is not LiftReason.ERROR])
def test_by_hand_only_an_error_lifts(reason: LiftReason) -> None:
    """E10 修复、撤销、异议成立等解除惩戒，只由账本作为后果记载；理由不实的，账本也不解除。"""
    fact = PenaltyLifted("p1", reason)
    punishable(IMPOSED).when(fact, RECOGNISER, LETTER, on=TODAY).refused("record.lift")
    ledger = following(fact)
    punishable(IMPOSED).when(fact, ledger.by, on=TODAY, cause=ledger.cause).refused("record.lift")


def test_even_the_ledger_does_not_call_it_an_error() -> None:
    """E06 实施有误须由有权单位凭依据认定。"""
    ledger = following(ERROR)
    punishable(IMPOSED).when(ERROR, ledger.by, on=TODAY, cause=ledger.cause).refused("record.lift")


def test_repair_withdrawal_objection_and_appeal_lift() -> None:
    """E10 信用修复结果生效后，失信惩戒措施应给予解除；撤销、异议成立、复议改变的同。"""
    upheld = said(ObjectionUpheld("o1", Extent.WHOLLY, "有误", lift=("p1",)), CREDIT, LETTER, on=TODAY)
    changed = said(AppealDecided("a1", AppealOutcome.CHANGED, "变更", lift=("p1",)), CREDIT, DECISION, on=TODAY)
    repaired = tuple(replace(saying, on=TODAY) for saying in REPAIRED)
    for reason, why in (
        (LiftReason.REPAIRED, repaired),
        (LiftReason.WITHDRAWN, (WITHDRAWN,)),
        (LiftReason.OBJECTION_UPHELD, (OBJECTED, ACCEPTED, upheld)),
        (LiftReason.APPEAL_ALLOWED, (APPEALED, changed)),
    ):
        case = punishable(IMPOSED)
        state, lifted = only(case, *why), following(PenaltyLifted("p1", reason))
        assert case.judge(state, lifted) == ()
        assert not case.grown(state, lifted).in_force(TODAY)


def test_who_has_no_role_touches_no_penalty() -> None:
    """D12 暂停、解除惩戒须由规则包所列角色作出。"""
    for fact in (BANKRUPT.fact, ERROR, eased()):
        punishable(IMPOSED, rules=BOTH).when(fact, PARTNER, LETTER, on=TODAY).refused("record.role")
