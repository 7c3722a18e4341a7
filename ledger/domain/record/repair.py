"""Steps of credit repair (信用修复): applied for, taken up, granted or refused, and revoked if obtained by falsehood.

A repair is granted when the conditions of the pack in force are met, each of which the log itself can check (E08,
E07): the least publicity for the severity is reached, the act is corrected, ill effects are removed, a credit
commitment is made. It ends publication, sharing and penalties together, in the same transaction (E10; Order 36:
终止公示、停止共享和使用、同步解除惩戒); each takedown is an event without what was taken down. A revoked repair (B18)
leaves a record that stands again: what was lifted does not come back by itself, but may be imposed and published anew.

>>> [cls.__name__ for cls in STEPS]
['RepairApplied', 'RepairAccepted', 'RepairGranted', 'RepairRefused', 'RepairRevoked']
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.domain.body import acts_for
from ledger.domain.calendar import months_after
from ledger.domain.event import Consequence
from ledger.domain.policy_keys import Publicity
from ledger.domain.record.checks import (
    Case,
    need_basis,
    need_new,
    need_other,
    need_record,
    need_standing,
    refuse,
)
from ledger.domain.record.course_facts import PublicationEnded, SharingEnded
from ledger.domain.record.remedies import Repair
from ledger.domain.record.remedy_facts import (
    PenaltyLifted,
    RepairAccepted,
    RepairApplied,
    RepairGranted,
    RepairRefused,
    RepairRevoked,
)
from ledger.domain.record.remedy_terms import Against, LiftReason, RepairCondition, RepairRefusal, RepairWay
from ledger.domain.record.restoration import stated
from ledger.domain.record.state import Record, Standing
from ledger.domain.record.terms import PublicationEnd, PublicationScope
from ledger.domain.steps import Step

B18 = "B18: TA-B 二(二)"
E07 = "E07: HS 四(九)"
E08 = "E08: HS 四(九)"
E11 = "E11: TA-B 二(五)"
E14 = "E14: YC 二(二)7; DH 二(四)2; TA-A 二(二)5; YN 二(七)"
REASON = {
    RepairCondition.PUBLICITY_REACHED: RepairRefusal.PUBLICITY_TOO_SHORT,
    RepairCondition.CORRECTED: RepairRefusal.NOT_CORRECTED,
    RepairCondition.EFFECTS_REMOVED: RepairRefusal.EFFECTS_REMAIN,
    RepairCondition.COMMITMENT: RepairRefusal.NO_COMMITMENT,
}
"""Which refusal says that a condition is not met."""


# --- conditions ---------------------------------------------------------------------------------------------


def unmet(case: Case, repair: Repair) -> tuple[RepairCondition, ...]:
    """The conditions of the pack in force that the log does not show to be met today, in the pack's order (E08)."""
    return tuple(c for c in case.view.names("repair.conditions") if not _is_met(case, repair, c))


def _is_met(case: Case, repair: Repair, condition: RepairCondition) -> bool:
    match condition:
        case RepairCondition.PUBLICITY_REACHED:
            return _is_publicity_reached(case)
        case RepairCondition.CORRECTED:
            return case.state.is_rectified
        case RepairCondition.EFFECTS_REMOVED:
            return bool(case.state.checks) and case.state.checks[-1].fact.effects_removed
        case RepairCondition.COMMITMENT:
            return any(e.way is RepairWay.COMMITMENT for e in repair.applied.fact.evidence)


def _is_publicity_reached(case: Case) -> bool:
    """The least publicity of the severity, from the day that the pack says, is over: its last day has passed (民法典
    第二百零一条、第二百零二条). What the pack does not publish has none.
    """
    state, severity = case.state, case.state.severity
    if severity is None:
        return False  # how long it has to be published follows from the severity
    publicity: Publicity | None = case.view.get(f"publicity.{severity}")
    persons = case.view.get("publication.scope") is PublicationScope.BODIES_AND_PERSONS
    if publicity is None or not publicity.published or publicity.least_months is None or (state.person and not persons):
        return True
    began = state.publicity_began(publicity.start) if state.publications else None
    return began is not None and months_after(began, publicity.least_months) < case.today


# --- applied, accepted --------------------------------------------------------------------------------------


def _may_apply(case: Case, item: str | None) -> None:
    need_record(case, E07)
    state = case.state
    if state.person and not case.view.flag("repair.persons"):
        raise refuse(
            "repair-persons",
            "expected the record of a body: here the records of persons cannot be repaired",
            "本地未规定人员失信记录的信用修复",
            f"{E14}; {case.view.source('repair.persons')}",
        )
    for repair in state.repairs:
        if repair.is_open:
            raise refuse(
                "repair-open",
                f"expected no other application, {repair.applied.fact.repair} is not decided",
                f"修复申请 {repair.applied.fact.repair} 尚未办结，不得重复申请",
                E07,
            )
        _need_not_barred(case, repair)


def _need_not_barred(case: Case, repair: Repair) -> None:
    """Not within the pack's months after a repair was revoked, unless an appeal reversed that."""
    months, item = case.view.get("repair.barred_months"), repair.applied.fact.repair
    reversed_ = any(
        a.is_allowed and a.filed.fact.against is Against.REPAIR_DECISION and a.filed.fact.item == item
        for a in case.state.appeals
    )
    if repair.revoked is None or months is None or reversed_:
        return
    until = months_after(repair.revoked.day, months)
    if case.today <= until:
        raise refuse(
            "repair-barred",
            f"expected an application after {until}: {item} was revoked on {repair.revoked.day}",
            f"修复 {item} 已于 {repair.revoked.day} 撤销，{until} 之后方可再次申请",
            f"{B18}; {case.view.source('repair.barred_months')}",
        )


def _applied(case: Case, fact: RepairApplied) -> None:
    event = case.event
    assert event is not None
    need_new(case, fact.repair, E07)
    if not acts_for(case.rules, event.iss, case.state.subject):
        need_basis(case, E07)
    ways = case.view.get("repair.ways")
    wrong = [e.way for e in fact.evidence if ways is not None and e.way not in ways]
    if wrong or not fact.evidence:
        raise refuse(
            "repair-way",
            f"expected evidence by the ways {', '.join(ways or RepairWay)}, got {', '.join(wrong) or 'none'}",
            f"修复材料应属于 {'、'.join(ways or RepairWay)}，实为 {'、'.join(wrong) or '空'}",
            f"{E11}; {case.view.source('repair.ways')}",
        )


def _open(case: Case, item: str | None) -> Repair:
    """The repair, applied for and not decided, of a record that stands."""
    need_record(case, E07)
    found = case.state.repair(item)
    if found is None or not found.is_open:
        raise refuse(
            "repair",
            f"expected an application that is not decided, {item} is none",
            f"本案没有未办结的修复申请 {item}",
            E07,
        )
    return found


def _may_accept(case: Case, item: str | None) -> None:
    if _open(case, item).accepted:
        raise refuse("repair-accepted", f"expected an application not taken up yet, {item} is", f"{item} 已受理", E07)


def _accepted(case: Case, fact: RepairAccepted) -> None:
    need_other(case, E07)


# --- granted, refused, revoked ------------------------------------------------------------------------------


def _may_grant(case: Case, item: str | None) -> None:
    repair = _open(case, item)
    if not repair.accepted:
        raise refuse("repair-not-accepted", f"expected an application taken up, {item} is not", f"{item} 尚未受理", E07)
    missing = unmet(case, repair)
    if missing:
        raise refuse(
            "repair-conditions",
            f"expected that all conditions of repair are met, {', '.join(missing)} not on {case.today}",
            f"信用修复条件应全部具备，{case.today} 尚缺 {'、'.join(missing)}",
            "; ".join((E08, case.view.source("repair.conditions"), *_publicity_source(case, missing))),
        )


def _publicity_source(case: Case, missing: tuple[RepairCondition, ...]) -> Iterator[str]:
    if RepairCondition.PUBLICITY_REACHED in missing and case.state.severity:
        yield case.view.source(f"publicity.{case.state.severity}")


def _granted(case: Case, fact: RepairGranted) -> None:
    need_other(case, E07)


def _lifted(case: Case, fact: RepairGranted) -> tuple[Consequence, ...]:
    """Penalties, publication and sharing end together (E10)."""
    state = case.state
    facts: list[object] = [PenaltyLifted(p.id, LiftReason.REPAIRED) for p in state.penalties if p.is_live(case.today)]
    if state.published:
        facts.append(PublicationEnded(PublicationEnd.REPAIRED))
    if state.shared:
        facts.append(SharingEnded(PublicationEnd.REPAIRED))
    return stated(case, *facts)


def _may_refuse(case: Case, item: str | None) -> None:
    _open(case, item)


def _refused(case: Case, fact: RepairRefused) -> None:
    """There are reasons, and each is true where the log can tell."""
    need_other(case, E07)
    repair = case.state.repair(fact.repair)
    assert repair is not None  # `when` has seen it
    if not fact.reasons:
        raise refuse(
            "repair-reasons", "expected the reasons of the refusal, got none", "不予修复应说明理由，实为空", E07
        )
    if RepairRefusal.EXCLUDED_BY_LAW in fact.reasons:
        need_basis(case, E07)
    missing = {REASON[c] for c in unmet(case, repair)}
    untrue = [reason for reason in fact.reasons if reason in REASON.values() and reason not in missing]
    if untrue:
        raise refuse(
            "refusal-untrue",
            f"expected reasons that hold, the log shows that {', '.join(untrue)} does not",
            f"不予修复的理由应属实，账本记载与 {'、'.join(untrue)} 不符",
            f"{E08}; {case.view.source('repair.conditions')}",
        )


def _may_revoke(case: Case, item: str | None) -> None:
    need_standing(case, B18, Standing.REPAIRED)
    found = case.state.repair(item)
    if found is None or not found.granted or found.revoked:
        raise refuse(
            "repair-granted",
            f"expected a repair that was granted and stands, {item} is none",
            f"应为已准予且未撤销的修复，{item} 不是",
            B18,
        )


def _revoked(case: Case, fact: RepairRevoked) -> None:
    need_other(case, B18)
    need_basis(case, B18)


def _ids(state: Record) -> Iterator[str]:
    return (x.applied.fact.repair for x in state.repairs)


STEPS = {
    RepairApplied: Step("E07, E11, E13, E14", when=_may_apply, check=_applied),
    RepairAccepted: Step("E07", when=_may_accept, check=_accepted, item="repair", items=_ids),
    RepairGranted: Step("E07, E08, E09, E10", when=_may_grant, check=_granted, then=_lifted, item="repair", items=_ids),
    RepairRefused: Step("E07, E08", when=_may_refuse, check=_refused, item="repair", items=_ids),
    RepairRevoked: Step("B18, E07", when=_may_revoke, check=_revoked, item="repair", items=_ids),
}
