"""Steps that decide about a penalty (惩戒): it is imposed, or waived before it is; demerit points.

Only measures of the list of the pack in force are imposed (D12 清单化管理), on whom and for how long the list allows
(D11), with the repair notice (两书同达, E12). A penalty that is imposed while an accepted objection is open waits from
the start where the pack says so (E03 暂不执行). How a penalty goes on is in ``penalty_course``.

>>> [cls.__name__ for cls in STEPS]
['PenaltyImposed', 'PunishmentWaived', 'DemeritPointsRecorded']
>>> concerns(ObjectionFiled("o1", (), "理由"), "p1"), concerns(ObjectionFiled("o1", (), "理由", penalty="p2"), "p1")
(True, False)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.domain.body import of
from ledger.domain.body_terms import Kind
from ledger.domain.calendar import months_after
from ledger.domain.event import Consequence, Document
from ledger.domain.policy_keys import DemeritItem, Measure
from ledger.domain.record.checks import Case, need_basis, need_decision, need_new, need_other, need_record, refuse
from ledger.domain.record.remedy_facts import (
    DemeritPointsRecorded,
    ObjectionFiled,
    PenaltyImposed,
    PenaltySuspended,
    PunishmentWaived,
)
from ledger.domain.record.remedy_terms import Hold, TargetKind
from ledger.domain.steps import Step

A04 = "A04: HS 四(八); TA-A 二(二)4; YN 二(五)"
D11 = "D11: HS 四(九)"
D12 = "D12: TA-B 二(四)"
D17 = "D17: HS 五(四)"
C15 = "C15: YC 二(二)6; DH 二(三)3; HS 四(八); TA-A 二(二)4; YN 二(五)"
E12 = "E12: TA-B 二(五)"
E15 = "E15: YC 二(二)7; DH 二(四)2; HS 四(九); YN 二(七)"


def target_of(case: Case, person: str | None) -> TargetKind:
    """Whom a penalty hits: the person, or the subject, which is a unit of the public sector or an enterprise."""
    if person is not None:
        return TargetKind.PERSON
    return TargetKind.ENTERPRISE if of(case.rules, case.state.subject).kind is Kind.ENTERPRISE else TargetKind.BODY


def concerns(objection: ObjectionFiled, penalty: str) -> bool:
    """Whether an objection is about this penalty: one that names no penalty is about all of the record (E03)."""
    return objection.penalty in {None, penalty}


def need_mitigable(case: Case, target: TargetKind) -> None:
    """The pack mitigates for such a target (E15: persons in YC, DH and HS, departments and persons in YN)."""
    targets = case.view.names("penalty.mitigation")
    if target not in targets:
        raise refuse(
            "mitigation",
            f"expected a penalty of {', '.join(targets) or 'nobody'}, for whom mitigation is, this is one of {target}",
            f"从轻或免于惩戒适用于 {'、'.join(targets) or '（未规定）'}，本惩戒对象为 {target}",
            f"{E15}; {case.view.source('penalty.mitigation')}",
        )


# --- imposed ------------------------------------------------------------------------------------------------


def _may_impose(case: Case, item: str | None) -> None:
    need_record(case, D12)
    if case.state.severity is None:
        raise refuse("graded", "expected a record whose severity is graded, it is not", "应先认定失信程度", C15)
    if case.state.waived:
        raise refuse(
            "waived",
            f"expected a record whose punishment is not waived, it was on {case.state.waived.day}",
            f"该记录已于 {case.state.waived.day} 免于惩戒",
            E15,
        )
    targets = _targets(case)
    if not any(case.state.severity in m.severities and targets & set(m.targets) for m in _list(case)):
        raise refuse(
            "measure-none",
            f"expected a listed measure for {case.state.severity} records of {', '.join(sorted(targets))}, got none",
            f"清单中没有适用于 {'、'.join(sorted(targets))} 的 {case.state.severity} 失信的措施",
            D12,
        )


def _targets(case: Case) -> set[TargetKind]:
    """Whom a penalty of this record can hit: the subject, and persons where there are any."""
    persons = case.state.person is not None or bool(case.state.persons)
    return {target_of(case, None), *((TargetKind.PERSON,) if persons else ())}


def _list(case: Case) -> Iterator[Measure]:
    """The list of measures in force."""
    for key in {k: None for pack in case.view.layers for k in pack.values if k.startswith("measure.")}:
        measure: Measure | None = case.view.get(key)
        if measure is not None:
            yield measure


def _imposed(case: Case, fact: PenaltyImposed) -> None:
    need_other(case, D12)
    decision = need_decision(case, D12)
    need_new(case, fact.penalty, D12)
    measure = _listed(case, fact.measure)
    _need_allowed(case, fact, measure)
    _need_linked(case, fact)
    _need_period(case, fact, measure, decision)
    if case.view.flag("penalty.repair_notice") and fact.repair_notice is None:
        raise refuse(
            "repair-notice",
            "expected the repair notice that is served with the decision, got none",
            "惩戒决定应同时送达信用修复告知（两书同达），实未附",
            f"{E12}; {case.view.source('penalty.repair_notice')}",
        )


def _listed(case: Case, code: str) -> Measure:
    measure: Measure | None = case.view.get(f"measure.{code}")
    if measure is None:
        raise refuse(
            "measure",
            f"expected a measure of the list in force, {code} is not on it",
            f"惩戒措施应在施行中的清单之内，{code} 不在清单内",
            f"{D12}; {case.view.source(f'measure.{code}')}",
        )
    return measure


def _need_allowed(case: Case, fact: PenaltyImposed, measure: Measure) -> None:
    source = f"{D12}; {measure.basis}; {case.view.source(f'measure.{fact.measure}')}"
    severity = case.state.severity
    if severity not in measure.severities:
        raise refuse(
            "measure-severity",
            f"{fact.measure}: expected a record that is {', '.join(measure.severities)}, it is {severity}",
            f"{fact.measure} 适用于 {'、'.join(measure.severities)} 失信，本记录为 {severity}",
            source,
        )
    target = target_of(case, fact.person)
    if target not in measure.targets:
        raise refuse(
            "measure-target",
            f"{fact.measure}: expected a target that is {', '.join(measure.targets)}, got {target}",
            f"{fact.measure} 适用于 {'、'.join(measure.targets)}，实为 {target}",
            source,
        )


def _need_linked(case: Case, fact: PenaltyImposed) -> None:
    """The person's own record, or one that it was linked to in a period that began before the penalty does."""
    person, state = fact.person, case.state
    links = [link.fact for link in state.persons if link.fact.person == person]
    if person is None or person == state.person or any(link.start <= fact.start for link in links):
        return
    raise refuse(
        "person-linked",
        f"expected a person who answers for this record in a period that began by {fact.start}, {person} does not",
        f"惩戒对象应为本记录的责任人员，且任职不晚于 {fact.start}，{person} 不是",
        A04,
    )


def _need_period(case: Case, fact: PenaltyImposed, measure: Measure, decision: Document | None) -> None:
    source = f"{D11}; {case.view.source(f'measure.{fact.measure}')}"
    assert case.state.recognised is not None
    days = [case.state.recognised.day, decision.dated if decision else None]
    earliest = max(day for day in days if day is not None)
    if fact.start < earliest:
        raise refuse(
            "penalty-start",
            f"expected a start from {earliest} on, the day of recognition or decision, got {fact.start}",
            f"惩戒起始日应不早于认定、决定之日 {earliest}，实为 {fact.start}",
            source,
        )
    if fact.until is not None:
        _need_end(fact.start, fact.until, measure.most_months, source)
    elif not measure.lifelong and (measure.most_months or case.view.flag("penalty.period_required")):
        raise refuse(
            "penalty-period",
            f"expected the last day of the penalty; {fact.measure} is not without end",
            f"应确定惩戒期限，{fact.measure} 不得无期限",
            f"{source}; {case.view.source('penalty.period_required')}",
        )


def _need_end(start: date, until: date, most_months: int | None, source: str) -> None:
    latest = months_after(start, most_months) if most_months else None
    if until < start or (latest is not None and until > latest):
        raise refuse(
            "penalty-period",
            f"expected a last day from {start} to {latest or 'any day'}, got {until}",
            f"惩戒截止日应在 {start} 至 {latest or '（未规定）'} 之间，实为 {until}",
            source,
        )


def _held(case: Case, fact: PenaltyImposed) -> tuple[Consequence, ...]:
    """It waits for every objection that is taken up, not decided, and about it."""
    if case.event is None or not case.view.flag("objection.suspends"):
        return ()
    stream = case.event.stream
    return tuple(
        Consequence(stream, PenaltySuspended(fact.penalty, Hold.OBJECTION, o.filed.fact.objection))
        for o in case.state.objections
        if o.is_open and concerns(o.filed.fact, fact.penalty)
    )


# --- waived, points -----------------------------------------------------------------------------------------


def _may_waive(case: Case, item: str | None) -> None:
    need_record(case, E15)
    if case.state.waived or case.state.penalties:
        raise refuse(
            "waive-first",
            "expected a record for which nothing is imposed or waived yet; a penalty is mitigated",
            "免于惩戒应在实施惩戒之前一次作出；已实施的可从轻",
            E15,
        )
    need_mitigable(case, target_of(case, case.state.person))


def _waived(case: Case, fact: PunishmentWaived) -> None:
    need_other(case, E15)
    need_basis(case, E15)


def _may_score(case: Case, item: str | None) -> None:
    need_record(case, D17)
    if not case.view.get("demerit.items"):
        raise refuse(
            "demerit",
            "expected a scheme of demerit points in force, no pack settles one",
            "没有施行中的不良行为记分标准",
            f"{D17}; {case.view.source('demerit.items')}",
        )


def _scored(case: Case, fact: DemeritPointsRecorded) -> None:
    need_other(case, D17)
    need_basis(case, D17)
    listed: dict[str, int] = {d.item: d.points for d in case.view.names("demerit.items") if isinstance(d, DemeritItem)}
    if listed.get(fact.item) != fact.points:
        raise refuse(
            "demerit",
            f"expected an item of the scheme with its points, {listed.get(fact.item, 'none')}, got {fact.points}",
            f"应为记分标准所列事项及其分值 {listed.get(fact.item, '（未列）')}，实为 {fact.points}",
            f"{D17}; {case.view.source('demerit.items')}",
        )


STEPS = {
    PenaltyImposed: Step(
        "D04, D05, D06, D08, D09, D10, D11, D12, D13, D14, D15, D16, D18, D19, E03, E12, A04",
        when=_may_impose,
        check=_imposed,
        then=_held,
    ),
    PunishmentWaived: Step("E15, E16", when=_may_waive, check=_waived),
    DemeritPointsRecorded: Step("D17", when=_may_score, check=_scored),
}
