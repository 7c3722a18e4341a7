"""The state of a complaint: all that the log says about it up to a position, and the clocks that run.

A complaint goes in rounds: transferred, urged, answered, found true or not, called back. Where the complainant is not
satisfied with "not true", it may go into another round.

>>> EMPTY.standing
<Standing.EMPTY: 'empty'>
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, assert_never

from ledger.domain import seals
from ledger.domain.calendar import Deadline
from ledger.domain.complaint import facts as f
from ledger.domain.event import Event, Recorded, Said, said
from ledger.domain.policy import View
from ledger.domain.seals import SealErased, SealOpened, Seals

H02 = "H02: YC 二(二)5"


class Standing(StrEnum):
    """Where a complaint stands, whatever the day."""

    EMPTY = "empty"
    RECEIVED = "received"  # 已登记，待受理
    REFUSED = "refused"  # 不予受理
    ACCEPTED = "accepted"  # 已受理，待转办
    TRANSFERRED = "transferred"  # 已转办，待答复
    ANSWERED = "answered"  # 已答复
    SUBSTANTIATED = "substantiated"  # 属实，已转为失信线索
    UNSUBSTANTIATED = "unsubstantiated"  # 不属实，已说明理由
    CONTESTED = "contested"  # 不属实，回访不满意
    CLOSED = "closed"  # 已办结


@dataclass(frozen=True, slots=True)
class Round:
    """One transfer of the complaint and what came of it."""

    transferred: Said[f.ComplaintTransferred]
    urged: tuple[Said[f.ComplaintUrged], ...] = ()
    answered: Said[f.ComplaintAnswered] | None = None
    substantiated: Said[f.ComplaintSubstantiated] | None = None
    unsubstantiated: Said[f.ComplaintUnsubstantiated] | None = None
    called_back: tuple[Said[f.ComplaintCalledBack], ...] = ()

    @property
    def standing(self) -> Standing:
        """Where the complaint stands after this round."""
        if self.substantiated:
            return Standing.SUBSTANTIATED
        if self.unsubstantiated:
            contested = self.called_back and not self.called_back[-1].fact.satisfied
            return Standing.CONTESTED if contested else Standing.UNSUBSTANTIATED
        return Standing.ANSWERED if self.answered else Standing.TRANSFERRED


@dataclass(frozen=True, slots=True)
class Incident:
    """A breach incident and how it was solved (B23)."""

    opened: Said[f.IncidentOpened]
    resolved: Said[f.IncidentResolved] | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """All that the log says about a complaint up to a position."""

    received: Said[f.ComplaintReceived] | None = None
    accepted: Said[f.ComplaintAccepted] | None = None
    refused: Said[f.ComplaintRefused] | None = None
    rounds: tuple[Round, ...] = ()
    incidents: tuple[Incident, ...] = ()
    closed: Said[f.ComplaintClosed] | None = None
    seals: Seals = seals.EMPTY

    @property
    def accused(self) -> str | None:
        """The body complained of; None where there is no complaint yet or it names no body."""
        return self.received.fact.accused if self.received else None

    @property
    def anonymous(self) -> bool:
        """Whether nobody can be called back."""
        return self.received is not None and self.received.fact.anonymous

    @property
    def round(self) -> Round | None:
        """The last transfer and what came of it."""
        return self.rounds[-1] if self.rounds else None

    @property
    def handler(self) -> str | None:
        """The body that the complaint was last transferred to (承办单位)."""
        return self.rounds[-1].transferred.fact.to if self.rounds else None

    @property
    def incident(self) -> Incident | None:
        """The incident that is open."""
        last = self.incidents[-1] if self.incidents else None
        return last if last and not last.resolved else None

    @property
    def record(self) -> str | None:
        """The stream of the dishonesty record that it became the lead of."""
        found = self.rounds[-1].substantiated if self.rounds else None
        return found.fact.record if found else None

    @property
    def standing(self) -> Standing:
        """Where the complaint stands."""
        if self.closed:
            return Standing.CLOSED
        if self.rounds:
            return self.rounds[-1].standing
        if self.refused:
            return Standing.REFUSED
        if self.accepted:
            return Standing.ACCEPTED
        return Standing.RECEIVED if self.received else Standing.EMPTY


EMPTY = Complaint()


def evolve(state: Complaint, recorded: Recorded) -> Complaint:
    """The complaint after an admitted event."""
    saying: Said[Any] = said(recorded)
    fact: f.Fact = saying.fact
    match fact:
        case f.ComplaintReceived():
            return replace(state, received=saying, seals=state.seals.sealing(fact.sealed))
        case f.ComplaintAccepted():
            return replace(state, accepted=saying)
        case f.ComplaintRefused():
            return replace(state, refused=saying)
        case f.ComplaintTransferred():
            return replace(state, rounds=(*state.rounds, Round(saying)))
        case f.IncidentOpened():
            return replace(state, incidents=(*state.incidents, Incident(saying)))
        case f.IncidentResolved():
            return replace(state, incidents=(*state.incidents[:-1], replace(state.incidents[-1], resolved=saying)))
        case f.ComplaintClosed():
            return replace(state, closed=saying)
        case SealOpened() | SealErased():
            return replace(state, seals=seals.evolve(state.seals, recorded))
        case _:
            return replace(state, rounds=(*state.rounds[:-1], _round(state.rounds[-1], fact, saying)))


def _round(
    last: Round,
    fact: f.ComplaintUrged
    | f.ComplaintAnswered
    | f.ComplaintSubstantiated
    | f.ComplaintUnsubstantiated
    | f.ComplaintCalledBack,
    saying: Said[Any],
) -> Round:
    match fact:
        case f.ComplaintUrged():
            return replace(last, urged=(*last.urged, saying))
        case f.ComplaintAnswered():
            return replace(last, answered=saying)
        case f.ComplaintSubstantiated():
            return replace(last, substantiated=saying)
        case f.ComplaintUnsubstantiated():
            return replace(last, unsubstantiated=saying)
        case f.ComplaintCalledBack():
            return replace(last, called_back=(*last.called_back, saying))
        case _:
            assert_never(fact)


def deadlines(state: Complaint, view: View) -> Iterator[Deadline]:
    """The clocks of a complaint: to take it up or refuse it, and to answer each transfer."""
    if state.received is None:
        return
    days, start = view.get("complaint.accept_days"), state.received.day
    due = view.calendar.after_working_days(start, days) if days else None
    yield Deadline(
        "complaint.accept",
        f"{H02}; {view.source('complaint.accept_days')}",
        "ComplaintRefused" if state.refused else "ComplaintAccepted",
        start,
        due.day if due else None,
        due is not None and due.provisional,
        _day(state.accepted or state.refused),
    )
    for number, turn in enumerate(state.rounds):
        # A transfer that was taken away from a body before it answered asks nothing more of it.
        if turn.answered or number == len(state.rounds) - 1:
            given = turn.transferred
            fact = given.fact
            met = _day(turn.answered)
            yield Deadline(
                "complaint.answer", H02, "ComplaintAnswered", given.day, fact.answer_by, met=met, item=fact.to
            )


def _day(saying: Said[Any] | None) -> date | None:
    return saying.day if saying else None


def named(state: Complaint, event: Event) -> Iterator[str]:
    """Bodies beyond those in the event's data that admission looks at: accused, handler, an incident's lead."""
    if state.received:
        yield state.received.fact.accused or state.received.by
    if state.handler:
        yield state.handler
    if state.incident:
        yield state.incident.opened.fact.lead


def related(state: Complaint, event: Event) -> Iterator[str]:
    """Other streams that admission looks at: those that the event names."""
    match event.fact:
        case f.ComplaintReceived(commitment=commitment, project=project):
            yield from (stream for stream in (commitment, project) if stream)
        case f.ComplaintRefused(earlier=earlier) if earlier:
            yield earlier
        case f.ComplaintSubstantiated(record=record):
            yield record


def subject(state: Complaint, event: Event) -> str | None:
    """The body whose region decides which rule pack applies: the accused, or who took the complaint in."""
    if state.received:
        return state.received.fact.accused or state.received.by
    return (event.fact.accused or event.iss) if isinstance(event.fact, f.ComplaintReceived) else None
