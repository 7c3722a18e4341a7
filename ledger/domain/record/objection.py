"""Steps of an objection's beginning (异议): filed, taken up or not, taken back. Its course is in ``objection_course``.

    filed -> accepted -> verification requested -> source answered -> upheld | dismissed | withdrawn
          -> refused

Who objects is the subject, an agent with its power of attorney, or the credit office that takes it down for them.
While an accepted objection is open, the penalties that it concerns wait where the pack says so (E03: HS 四(九)
信用信息异议处理、核实期间暂不执行联合惩戒措施), by an event in the same transaction. An answer that comes late is
recorded and shows as late: no rule here refuses it.

>>> [cls.__name__ for cls in STEPS]
['ObjectionFiled', 'ObjectionAccepted', 'ObjectionRefused', 'ObjectionWithdrawn']
>>> same_matter(ObjectionFiled("o1", (Point.CONTENT,), "理由"), ObjectionFiled("o2", (Point.CONTENT,), "理由"))
True
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.domain.body import acts_for, of
from ledger.domain.event import Consequence
from ledger.domain.record.checks import (
    Case,
    need_ahead,
    need_basis,
    need_known,
    need_new,
    need_other,
    need_standing,
    refuse,
)
from ledger.domain.record.penalty import concerns
from ledger.domain.record.remedies import Objection
from ledger.domain.record.remedy_facts import (
    ObjectionAccepted,
    ObjectionDismissed,
    ObjectionFiled,
    ObjectionRefused,
    ObjectionWithdrawn,
    PenaltySuspended,
)
from ledger.domain.record.remedy_terms import Against, Hold, ObjectionRefusal, Point
from ledger.domain.record.restoration import released, stated
from ledger.domain.record.state import Record, Standing
from ledger.domain.roles import CaseRole, allowed
from ledger.domain.steps import Step

E01 = "E01: DH 二(四)2; TA-A 二(二)5; TA-B 二(五); YN 二(七)"
ONLY_RESULT = frozenset({Point.REPAIR_RESULT})


def same_matter(one: ObjectionFiled, other: ObjectionFiled) -> bool:
    """Whether two objections are about the same points of the same penalty, or of the whole record."""
    return set(one.points) == set(other.points) and one.penalty == other.penalty


def is_settled(state: Record, matter: ObjectionFiled) -> bool:
    """Whether the matter was decided in an earlier objection, and the decision was not reversed on appeal."""
    reversed_ = {
        a.filed.fact.item for a in state.appeals if a.is_allowed and a.filed.fact.against is Against.OBJECTION_DECISION
    }
    return state.withdrawn is not None or any(
        o.decided is not None
        and not isinstance(o.decided.fact, ObjectionWithdrawn)
        and o.filed.fact.objection not in reversed_
        and set(matter.points) <= set(o.filed.fact.points)
        and o.filed.fact.penalty in {None, matter.penalty}
        for o in state.objections
    )


def objection_of(case: Case, item: str | None) -> Objection:
    """The objection of this name. Raises RuleError where the record has none."""
    found = case.state.objection(item)
    if found is None:
        raise refuse(
            "objection-unknown", f"expected an objection of this record, got {item}", f"本案没有异议 {item}", E01
        )
    return found


def _pending(case: Case, item: str | None) -> None:
    if not objection_of(case, item).is_pending:
        raise refuse(
            "objection-pending",
            f"expected an objection on which nobody has decided yet whether it is taken up, {item} was answered",
            f"异议 {item} 已有是否受理的答复或已了结",
            E01,
        )


def need_open(case: Case, item: str | None) -> None:
    """The objection is taken up and not decided."""
    if not objection_of(case, item).is_open:
        raise refuse(
            "objection-open",
            f"expected an objection that is taken up and not decided, {item} is not",
            f"异议 {item} 应为已受理且未作处理决定",
            E01,
        )


# --- filed --------------------------------------------------------------------------------------------------


def _may_file(case: Case, item: str | None) -> None:
    need_standing(case, E01, Standing.RECORDED, Standing.REPAIRED)
    state = case.state
    if _is_over(state) and (
        all(x.is_open for x in state.repairs)
        or any(set(o.filed.fact.points) == ONLY_RESULT and (o.is_pending or o.is_open) for o in state.objections)
    ):
        raise refuse(
            "objection-over",
            "after repair or closing an objection can only be about a repair's result, one at a time; none is left",
            "修复或结案后只能就修复结果提出异议，且同时只能有一件；现无可提异议的修复结果",
            E01,
        )


def _is_over(state: Record) -> bool:
    return state.is_repaired or state.closed is not None


def _filed(case: Case, fact: ObjectionFiled) -> None:
    state = case.state
    need_new(case, fact.objection, E01)
    _need_points(case, fact)
    if fact.penalty is not None and state.penalty(fact.penalty) is None:
        raise refuse(
            "penalty-unknown",
            f"expected a penalty of this record, got {fact.penalty}",
            f"本案没有惩戒 {fact.penalty}",
            E01,
        )
    if any((o.is_pending or o.is_open) and same_matter(o.filed.fact, fact) for o in state.objections):
        raise refuse(
            "objection-twice",
            "expected another matter: an objection on the same points is not decided yet",
            "同一事项的异议尚未处理完毕，不得重复提出",
            E01,
        )
    _need_standing_to_object(case, fact)


def _need_points(case: Case, fact: ObjectionFiled) -> None:
    state = case.state
    decided = [x for x in state.repairs if not x.is_open]
    if not fact.points:
        raise refuse("points", "expected what the objection is about, got nothing", "应写明异议事项，实为空", E01)
    if Point.REPAIR_RESULT in fact.points and not decided:
        raise refuse(
            "repair-undecided",
            "an objection to a repair's result: expected a repair that was decided, there is none",
            "对修复结果提出异议，应已有修复决定，实无",
            E01,
        )
    if Point.PENALTY in fact.points and not state.penalties:
        raise refuse(
            "penalty-none",
            "an objection to a penalty: expected a penalty of this record, there is none",
            "对惩戒措施提出异议，本案应有惩戒，实无",
            E01,
        )
    if _is_over(state) and (set(fact.points) != ONLY_RESULT or fact.penalty is not None):
        raise refuse(
            "objection-over",
            f"after repair or closing: expected an objection to a repair's result only, got {', '.join(fact.points)}",
            f"修复或结案后只能就修复结果提出异议，实为 {'、'.join(fact.points)}",
            E01,
        )


def _need_standing_to_object(case: Case, fact: ObjectionFiled) -> None:
    """The subject itself, or with a paper: the agent that it names, or who may take objections down for others."""
    event, agent = case.event, fact.agent
    assert event is not None
    if agent is not None:
        need_known(case, (agent,), E01)
    if acts_for(case.rules, event.iss, case.state.subject):
        return
    granted = {CaseRole(role) for role in of(case.rules, event.iss).roles}
    for_others = granted & set(allowed(case.view, event.name))
    if not for_others and (agent is None or not acts_for(case.rules, event.iss, agent)):
        raise refuse(
            "agent",
            f"expected the subject, the agent named, or a credit office for them; {event.iss} is none of these",
            f"异议应由信用主体、所列代理人或代为记载的信用办提出，{event.iss} 均不是",
            E01,
        )
    need_basis(case, E01)


# --- taken up, refused, taken back --------------------------------------------------------------------------


def _may_accept(case: Case, item: str | None) -> None:
    need_standing(case, E01, Standing.RECORDED, Standing.REPAIRED)
    _pending(case, item)


def _accepted(case: Case, fact: ObjectionAccepted) -> None:
    need_other(case, E01)
    need_ahead(case, fact.decide_by, E01)
    need_within(case, fact.decide_by, "objection.decide_days", E01)


def need_within(case: Case, day: date, key: str, source: str) -> None:
    """The deadline is no later than the pack's number of working days from today, where it has a number."""
    days = case.view.get(key)
    latest = case.view.calendar.after_working_days(case.today, days).day if days else None
    if latest is not None and day > latest:
        raise refuse(
            "deadline-late",
            f"expected a day by {latest}, {days} working days from {case.today}, got {day}",
            f"期限应不晚于 {latest}（自 {case.today} 起 {days} 个工作日），实为 {day}",
            f"{source}; {case.view.source(key)}",
        )


def _suspended(case: Case, fact: ObjectionAccepted) -> tuple[Consequence, ...]:
    """The penalties that it concerns wait, where the pack says so (E03)."""
    if not case.view.flag("objection.suspends"):
        return ()
    filed = objection_of(case, fact.objection).filed.fact
    waiting = (p.id for p in case.state.penalties if p.is_live(case.today) and concerns(filed, p.id))
    return stated(case, *(PenaltySuspended(p, Hold.OBJECTION, fact.objection) for p in waiting))


def _refused(case: Case, fact: ObjectionRefused) -> None:
    """The reason is true where the log can tell."""
    need_other(case, E01)
    filed = objection_of(case, fact.objection).filed
    untrue = {
        ObjectionRefusal.NOT_THE_SUBJECT: acts_for(case.rules, filed.by, case.state.subject),
        ObjectionRefusal.NO_GROUNDS: bool(filed.fact.evidence),
        ObjectionRefusal.DECIDED_BEFORE: not is_settled(case.state, filed.fact),
        ObjectionRefusal.OTHER_AUTHORITY: False,
    }
    if untrue[fact.reason]:
        raise refuse(
            "refusal-untrue",
            f"expected a reason that holds, the log shows that {fact.reason} does not",
            f"不予受理的理由应属实，账本记载与 {fact.reason} 不符",
            E01,
        )


def _undecided(case: Case, item: str | None) -> None:
    objection = objection_of(case, item)
    if not (objection.is_pending or objection.is_open):
        raise refuse(
            "objection-decided",
            f"expected an objection that is not decided, {item} is",
            f"异议 {item} 已了结，不能撤回",
            E01,
        )


def _withdrawn(case: Case, fact: ObjectionWithdrawn) -> None:
    event, filed = case.event, objection_of(case, fact.objection).filed.fact
    assert event is not None
    own = (case.state.subject, *((filed.agent,) if filed.agent else ()))
    if not any(acts_for(case.rules, event.iss, body) for body in own):
        raise refuse(
            "agent",
            f"expected the subject or the agent of {fact.objection}, got {event.iss}",
            f"异议 {fact.objection} 应由信用主体或其代理人撤回，实为 {event.iss}",
            E01,
        )


def resumed(case: Case, fact: ObjectionDismissed | ObjectionWithdrawn) -> tuple[Consequence, ...]:
    """The penalties that it held are executed again, unless something else holds them."""
    return released(case, Hold.OBJECTION, fact.objection)


def objection_ids(state: Record) -> Iterator[str]:
    """The names of the record's objections."""
    return (o.filed.fact.objection for o in state.objections)


STEPS = {
    ObjectionFiled: Step("E01, E17", when=_may_file, check=_filed),
    ObjectionAccepted: Step(
        "E01, E03", when=_may_accept, check=_accepted, then=_suspended, item="objection", items=objection_ids
    ),
    ObjectionRefused: Step("E01", when=_pending, check=_refused, item="objection", items=objection_ids),
    ObjectionWithdrawn: Step(
        "E01, E03", when=_undecided, check=_withdrawn, then=resumed, item="objection", items=objection_ids
    ),
}
