"""What statistics add up: every countable happening as a signed number, by day, region and area (C09 清存量、防增量).

A stock on a day is the sum of its flow up to it: records recognised less those that ended, and so on. What each
measure means is in :mod:`projections.measures`.

>>> row = FlowRow(7, "records_open", date(2026, 3, 2), date(2026, 3, 1), "350526", "", "11990000000000019A", 1)
>>> FLOWS.key_of(row)
(7, 'records_open')
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from ledger.domain import commendation as good
from ledger.domain import commitment as b
from ledger.domain.commitment import Commitment
from ledger.domain.commitment_terms import Outcome
from ledger.domain.complaint import facts as h
from ledger.domain.complaint.state import Complaint
from ledger.domain.record import course_facts as c
from ledger.domain.record import facts as f
from ledger.domain.record import remedy_facts as r
from ledger.domain.record.remedy_terms import AppealOutcome
from ledger.domain.record.state import Record
from ledger.domain.record.terms import PublicationEnd, SourceKind
from projections.measures import Measure
from projections.projection import Case, Projection, Row, Table


class FlowRow(NamedTuple):
    """A happening that counts: ``delta`` more of ``measure``."""

    log_index: int  # of the event
    measure: str  # projections.measures.Measure
    day: date
    month: date  # the first day of its month
    region: str  # GB/T 2260; empty: of no known region
    area: str  # ledger.domain.commitment_terms.Area; empty: of none
    subject: str | None
    delta: int


FLOWS = Table(
    "flows", FlowRow, 2, ("(measure, month, region, area) INCLUDE (day, delta, asserted)", "(subject, measure, day)")
)

_M = Measure
Flow = tuple[Measure, int]

_ONE: Mapping[type, Measure] = {
    b.CommitmentMade: _M.COMMITMENTS_MADE,
    b.CommitmentTakenOver: _M.COMMITMENTS_TAKEN_OVER,
    b.CompensationClaimed: _M.COMPENSATION_CLAIMS,
    f.LeadReceived: _M.LEADS_RECEIVED,
    f.LeadClosed: _M.LEADS_ENDED,
    f.BreachRecognised: _M.RECORDS_RECOGNISED,
    c.RectificationOrdered: _M.RECTIFICATIONS_ORDERED,
    c.RectificationFoundOverdue: _M.RECTIFICATIONS_OVERDUE,
    c.CourtListEntered: _M.COURT_ENTRIES,
    c.CourtListRemoved: _M.COURT_REMOVALS,
    r.PenaltyImposed: _M.PENALTIES_IMPOSED,
    r.PenaltySuspended: _M.PENALTIES_SUSPENDED,
    r.PenaltyResumed: _M.PENALTIES_RESUMED,
    r.PenaltyMitigated: _M.PENALTIES_MITIGATED,
    r.PenaltyLifted: _M.PENALTIES_LIFTED,
    r.ObjectionFiled: _M.OBJECTIONS_FILED,
    r.ObjectionUpheld: _M.OBJECTIONS_UPHELD,
    r.ObjectionDismissed: _M.OBJECTIONS_DISMISSED,
    r.ObjectionRefused: _M.OBJECTIONS_REFUSED,
    r.ObjectionWithdrawn: _M.OBJECTIONS_WITHDRAWN,
    r.AppealFiled: _M.APPEALS_FILED,
    r.RepairApplied: _M.REPAIRS_APPLIED,
    r.RepairGranted: _M.RECORDS_REPAIRED,
    r.RepairRefused: _M.REPAIRS_REFUSED,
    r.RepairRevoked: _M.REPAIRS_REVOKED,
    r.RestorationOrdered: _M.RESTORATIONS_ORDERED,
    r.ReputationRestored: _M.RESTORATIONS_DONE,
    h.ComplaintReceived: _M.COMPLAINTS_RECEIVED,
    h.ComplaintAccepted: _M.COMPLAINTS_ACCEPTED,
    h.ComplaintRefused: _M.COMPLAINTS_REFUSED,
    h.ComplaintSubstantiated: _M.COMPLAINTS_SUBSTANTIATED,
    h.ComplaintUnsubstantiated: _M.COMPLAINTS_UNSUBSTANTIATED,
    h.IncidentOpened: _M.INCIDENTS_OPENED,
    h.IncidentResolved: _M.INCIDENTS_RESOLVED,
    good.CommendationRecorded: _M.COMMENDATIONS_RECORDED,
    good.IncentiveGranted: _M.INCENTIVES_GRANTED,
}
"""Events that are counted as one each."""

_STOCK: Mapping[type, Flow] = {
    c.CourtListEntered: (_M.COURT_LISTED, 1),
    c.CourtListRemoved: (_M.COURT_LISTED, -1),
    r.ObjectionFiled: (_M.OBJECTIONS_OPEN, 1),
    r.ObjectionRefused: (_M.OBJECTIONS_OPEN, -1),
    r.ObjectionUpheld: (_M.OBJECTIONS_OPEN, -1),
    r.ObjectionDismissed: (_M.OBJECTIONS_OPEN, -1),
    r.ObjectionWithdrawn: (_M.OBJECTIONS_OPEN, -1),
    h.ComplaintReceived: (_M.COMPLAINTS_OPEN, 1),
    h.ComplaintRefused: (_M.COMPLAINTS_OPEN, -1),
    good.CommendationRecorded: (_M.COMMENDATIONS_STANDING, 1),
    good.CommendationWithdrawn: (_M.COMMENDATIONS_STANDING, -1),
}
"""Events that always add to a stock or take from it."""

_SOURCES: Mapping[SourceKind, Measure] = {
    SourceKind.LITIGATION_DEFEAT: _M.LITIGATION_DEFEATS,
    SourceKind.UNPERFORMED_JUDGMENT: _M.UNPERFORMED_JUDGMENTS,
    SourceKind.ARREARS: _M.ARREARS,
    SourceKind.UTILITY_ARREARS: _M.UTILITY_ARREARS,
}
_OUTCOMES: Mapping[Outcome, Measure] = {
    Outcome.FULFILLED: _M.JUDGED_FULFILLED,
    Outcome.FULFILLED_LATE: _M.JUDGED_LATE,
    Outcome.PARTLY_FULFILLED: _M.JUDGED_PARTLY,
}


def _entries(case: Case) -> Iterator[Row]:
    fact = case.last.event.fact
    cls: Any = type(fact)
    found: dict[Measure, int] = {}
    for measure, delta in (*_always(cls), *_others(case.state, fact)):
        found[measure] = found.get(measure, 0) + delta
    if not found:
        return
    area, subject = _place(case)
    day, place = case.day, (case.region or "", area or "", subject)
    for measure, delta in found.items():
        if delta:
            yield FlowRow(case.last.index, str(measure), day, day.replace(day=1), *place, delta)


@cache
def _always(cls: Any) -> tuple[Flow, ...]:
    """What an event of that name counts, whatever it says."""
    return (*(((_ONE[cls], 1),) if cls in _ONE else ()), *((_STOCK[cls],) if cls in _STOCK else ()))


def _place(case: Case) -> tuple[str | None, str | None]:
    """Area and body of what is counted. A complaint that names no body is about none, whoever took it in."""
    match case.state:
        case Commitment() as commitment:
            return str(commitment.terms.area), commitment.holder
        case Record(lead=lead) if lead:
            return (str(lead.fact.area) if lead.fact.area else None), lead.fact.subject
        case Complaint(received=received) if received:
            return str(received.fact.area), received.fact.accused
        case _:
            return None, case.subject


def _others(state: Any, fact: Any) -> Iterator[Flow]:
    """What depends on more than the event's name; ``state`` is that after it."""
    match state:
        case Commitment():
            return _of_commitment(state, fact)
        case Record():
            return _of_record(state, fact)
        case Complaint():
            return _of_complaint(state, fact)
        case _:
            return iter(())


def _of_commitment(state: Commitment, fact: b.Fact) -> Iterator[Flow]:
    match fact:
        case b.CommitmentLawfullyChanged(withdrawn=withdrawn):
            yield (_M.COMMITMENTS_WITHDRAWN if withdrawn else _M.COMMITMENTS_CHANGED), 1
        case b.CompensationDecided(granted=granted) if granted:
            yield _M.COMPENSATION_GRANTED, granted
        case b.CompensationPaid(amount=amount):
            yield _M.COMPENSATION_PAID, amount
        case b.FulfilmentAppraised() | b.CommitmentBroken():
            same = [v.fact for v in state.verdicts if v.fact.occurrence == fact.occurrence]
            yield _judged(fact), 1
            if same[:-1]:
                yield _judged(same[-2]), -1
            if isinstance(fact, b.CommitmentBroken) and fact.false_from_start:
                yield _M.FALSE_COMMITMENTS, 1


def _judged(fact: b.FulfilmentAppraised | b.CommitmentBroken) -> Measure:
    return _M.JUDGED_BROKEN if isinstance(fact, b.CommitmentBroken) else _OUTCOMES[fact.outcome]


def _of_record(state: Record, fact: Any) -> Iterator[Flow]:
    match fact:
        case f.BreachRecognised(source=source):
            yield _M.RECORDS_OPEN, 1
            if source in _SOURCES:
                yield _SOURCES[source], 1
        case c.RecordWithdrawn() if state.recognised:
            yield _M.RECORDS_WITHDRAWN, 1
            yield _M.RECORDS_OPEN, 0 if state.is_repaired else -1
        case r.RepairGranted():
            yield _M.RECORDS_OPEN, -1
        case r.RepairRevoked():
            yield _M.RECORDS_OPEN, 1
        case c.RectificationVerified(corrected=True):
            yield _M.RECTIFICATIONS_DONE, 1
        case c.ToleranceDetermined(tolerated=True):
            yield _M.TOLERATED, 1
        case c.PublicationEnded(reason=PublicationEnd.EXPIRED):
            yield _M.PUBLICATIONS_EXPIRED, 1
        case r.AppealDecided(outcome=AppealOutcome.REVOKED | AppealOutcome.CHANGED):
            yield _M.APPEALS_ALLOWED, 1


def _of_complaint(state: Complaint, fact: h.Fact) -> Iterator[Flow]:
    match fact:
        case h.ComplaintCalledBack(satisfied=satisfied):
            yield (_M.COMPLAINANTS_SATISFIED if satisfied else _M.COMPLAINANTS_UNSATISFIED), 1
        case h.ComplaintClosed() if not state.refused:
            yield _M.COMPLAINTS_OPEN, -1


PROJECTION = Projection(
    "statistics", 1, (FLOWS,), frozenset({"commitment", "record", "complaint", "commendation"}), entries=_entries
)
