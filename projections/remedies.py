"""The queue of remedies: objections, appeals, repairs and restorations of records, and every clock that runs
(E01–E10).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from ledger.domain.calendar import Deadline
from ledger.domain.complaint import state as complaint
from ledger.domain.event import Said
from ledger.domain.policy import view_of
from ledger.domain.record.deadlines import deadlines
from ledger.domain.record.remedies import Appeal, Objection, Repair, Restoration
from ledger.domain.record.remedy_facts import ObjectionDismissed, ObjectionUpheld
from ledger.domain.record.state import Record
from projections.projection import Case, Projection, Row, Table


class RemedyRow(NamedTuple):
    """An objection, appeal, repair or restoration."""

    stream: str  # the record
    sort: str  # objection, appeal, repair, restoration
    item: str  # its name within the record
    log_index: int  # of the event that filed it
    subject: str
    region: str | None
    filed_on: date
    state: str  # filed, accepted, refused, upheld, dismissed, withdrawn, granted, revoked, decided, ordered, done
    accepted_on: date | None
    decide_by: date | None
    decided_on: date | None
    handler: str | None  # who accepted or decided it
    personal: bool  # about a penalty on an official


class ClockRow(NamedTuple):
    """A deadline of a record or complaint: by which rule, from when, due when, met when."""

    stream: str
    rule: str  # ledger.domain.calendar.Deadline.rule
    item: str  # what it is about; empty: the case
    starts: date
    number: int  # of clocks that are equal so far
    what: str  # the event that meets it
    due: date | None  # None: no day is settled
    provisional: bool
    met: date | None
    source: str
    subject: str | None
    region: str | None


REMEDIES = Table(
    "remedies",
    RemedyRow,
    3,
    (
        "(log_index)",
        "(subject, log_index)",
        "(state, decide_by)",
        "((coalesce(decide_by, DATE '9999-12-31')), log_index)",
    ),
)
CLOCKS = Table(
    "clocks",
    ClockRow,
    5,
    (
        "((coalesce(due, DATE '9999-12-31')), stream)",
        "(rule, (coalesce(due, DATE '9999-12-31')), stream)",
        "(subject, due)",
    ),
)


def _rows(case: Case) -> Iterator[Row]:
    view = view_of(case.policies, case.day)
    if case.kind == "complaint":
        yield from _clocks(case, complaint.deadlines(case.state, view))
        return
    clocks = deadlines(case.state, view)
    yield from _clocks(case, clocks)
    if case.subject is not None:
        decide = {c.item or "": c.due for c in clocks if c.rule == "repair.decide_days"}
        yield from _remedies(case, case.subject, case.state, decide)


def _clocks(case: Case, clocks: Iterable[Deadline]) -> Iterator[Row]:
    seen: Counter[tuple[Any, ...]] = Counter()
    for clock in clocks:
        place = clock.rule, clock.item or "", clock.start
        yield ClockRow(
            case.stream,
            *place,
            seen[place],
            clock.what,
            clock.due,
            clock.provisional,
            clock.met,
            clock.source,
            case.subject,
            case.region,
        )
        seen[place] += 1


def _remedies(case: Case, subject: str, record: Record, decide: Mapping[str, date | None]) -> Iterator[Row]:
    def row(sort: str, item: str, filed: Said[Any], state: str, about: str | None = None, **more: Any) -> RemedyRow:
        own = {"accepted_on": None, "decide_by": None, "decided_on": None, "handler": None, **more}
        penalty = record.penalty(about)
        own["personal"] = penalty is not None and penalty.imposed.fact.person is not None
        return RemedyRow(case.stream, sort, item, filed.index, subject, case.region, filed.day, state, **own)

    for objection in record.objections:
        fact = objection.filed.fact
        yield row("objection", fact.objection, objection.filed, **_objection(objection), about=fact.penalty)
    for appeal in record.appeals:
        yield row("appeal", appeal.filed.fact.appeal, appeal.filed, **_appeal(appeal), about=appeal.filed.fact.item)
    for repair in record.repairs:
        item = repair.applied.fact.repair
        yield row("repair", item, repair.applied, **_repair(repair), decide_by=decide.get(item))
    for restoration in record.restorations:
        yield row("restoration", restoration.ordered.fact.item, restoration.ordered, **_restoration(restoration))


def _objection(found: Objection) -> dict[str, Any]:
    accepted, ended = found.accepted, found.refused or found.decided
    return {
        "state": _objection_state(found),
        "accepted_on": accepted.day if accepted else None,
        "decide_by": accepted.fact.decide_by if accepted else None,
        "decided_on": ended.day if ended else None,
        "handler": _handler(ended if ended and ended.by != found.filed.by else accepted),
    }


def _objection_state(found: Objection) -> str:
    if found.decided is None:
        return "refused" if found.refused else "accepted" if found.accepted else "filed"
    match found.decided.fact:
        case ObjectionUpheld():
            return "upheld"
        case ObjectionDismissed():
            return "dismissed"
        case _:
            return "withdrawn"


def _appeal(found: Appeal) -> dict[str, Any]:
    decided = found.decided
    return {
        "state": "decided" if decided else "filed",
        "decided_on": decided.day if decided else None,
        "handler": _handler(decided),
    }


def _repair(found: Repair) -> dict[str, Any]:
    states = {"revoked": found.revoked, "granted": found.granted, "refused": found.refused, "accepted": found.accepted}
    ended = found.granted or found.refused
    return {
        "state": next((name for name, said in states.items() if said), "filed"),
        "accepted_on": found.accepted.day if found.accepted else None,
        "decided_on": ended.day if ended else None,
        "handler": _handler(ended or found.accepted),
    }


def _restoration(found: Restoration) -> dict[str, Any]:
    return {
        "state": "done" if found.done else "ordered",
        "decided_on": found.done.day if found.done else None,
        "handler": _handler(found.done),
    }


def _handler(said: Said[Any] | None) -> str | None:
    return said.by if said else None


PROJECTION = Projection("remedies", 2, (REMEDIES, CLOCKS), frozenset({"record", "complaint"}), _rows, ruled=True)
