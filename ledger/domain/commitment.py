"""A commitment: what a body promised, how it kept it, how it was lawfully changed or broken. Stream
``commitment/<uuid>``.

The promise belongs to the organ and not to the person in office: it passes to whoever succeeds the organ, and
to nobody else (A12 不得以政府换届、相关责任人更替等理由毁约). The state keeps what was said and the day the
ledger heard it; what follows from a date (due, overdue, in what standing) is asked of it in
``commitment_due``, never stored. What may be said, by whom and when is in ``commitment_rules``.

>>> city = "11990000000000019A"
>>> contract_stream(city, "ＨＴ－2021－7") == contract_stream(city, "ht-2021-7")
True
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Annotated, Any, ClassVar, assert_never

from ledger.domain.codec import BodyId, Fen, Many, Name, Prose, Range, Uscc
from ledger.domain.commitment_terms import (
    Area,
    ClaimId,
    Contract,
    Defence,
    Ground,
    Handling,
    Kind,
    Milestone,
    Outcome,
    Period,
    ProcedureStep,
    Publication,
    Recurrence,
    Service,
    Target,
)
from ledger.domain.event import Document, Event, Recorded, Said, legal_day
from ledger.domain.ids import uuid8

Bodies = Annotated[tuple[BodyId, ...], Many(60)]
Evidence = Annotated[tuple[Document, ...], Many(50)]
Money = Annotated[int, Range(1, 10**15)]
"""An amount of money in fen that is not nothing."""

# --- facts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommitmentMade:
    """A body promised something (B01, B02, B06-B09, B13, B14, B19, B21; duty units: A13).

    Due is one day (``due``, with ``milestones`` on the way), or a ``recurrence``, or neither (an open
    promise). ``continuous`` marks what is to be kept up without end (持续实施). ``section`` is the place in
    the document of ``basis``.
    """

    SCHEMA: ClassVar[int] = 1
    title: Name
    text: Prose
    kind: Kind
    area: Area
    promiser: BodyId
    lead: Bodies = ()
    responsible: Bodies = ()
    supporting: Bodies = ()
    target: Target | None = None
    due: date | None = None
    milestones: Annotated[tuple[Milestone, ...], Many(50)] = ()
    recurrence: Recurrence | None = None
    continuous: bool = False
    services: Annotated[tuple[Service, ...], Many(15)] = ()
    published: Annotated[tuple[Publication, ...], Many(20)] = ()
    section: Name | None = None
    contract: Contract | None = None
    handling: Handling | None = None


@dataclass(frozen=True, slots=True)
class CommitmentPublished:
    """The commitment was made public (again): the proof of the yearly publication is in ``basis`` (B03, B08, B14)."""

    SCHEMA: ClassVar[int] = 1
    publication: Publication


@dataclass(frozen=True, slots=True)
class CommitmentTakenOver:
    """The duties of ``predecessor`` in this commitment passed to ``successor``; hand-over in ``basis`` (A12, B20)."""

    SCHEMA: ClassVar[int] = 1
    predecessor: BodyId
    successor: BodyId


@dataclass(frozen=True, slots=True)
class CommitmentHandedOver:
    """The body's term or its person in charge changed, and the duty goes on: the hand-over report (B20 承诺事项延续性).

    ``term`` says which change, by office and never by name; ``state`` what was handed over undone. Report in ``basis``.
    """

    SCHEMA: ClassVar[int] = 1
    term: Name
    state: Prose
    on: date


@dataclass(frozen=True, slots=True)
class ProgressReported:
    """How far the work has come (B04), with evidence; funds committed and in place, in fen (B12 资金到位情况)."""

    SCHEMA: ClassVar[int] = 1
    summary: Prose
    evidence: Evidence
    percent: Annotated[int, Range(0, 100)] | None = None
    period: Period | None = None
    funds_committed: Fen | None = None
    funds_in_place: Fen | None = None


@dataclass(frozen=True, slots=True)
class FulfilmentReported:
    """The promiser's side says that it has done it. ``occurrence``: which due day of a recurrence, or milestone."""

    SCHEMA: ClassVar[int] = 1
    completed_on: date
    evidence: Evidence
    occurrence: date | None = None


@dataclass(frozen=True, slots=True)
class FulfilmentAppraised:
    """A body other than the promiser judged the fulfilment (B05 准确记录并客观评价)."""

    SCHEMA: ClassVar[int] = 1
    outcome: Outcome
    grounds: Prose
    completed_on: date | None = None
    occurrence: date | None = None


@dataclass(frozen=True, slots=True)
class CommitmentLawfullyChanged:
    """The commitment was changed or withdrawn on a statutory ground, by authority and procedure (B10): not a breach.

    ``authority`` says which organ decided and by what power; ``statute`` quotes the law, needed for other_statutory.
    """

    SCHEMA: ClassVar[int] = 1
    ground: Ground
    authority: Name
    procedure: Annotated[tuple[ProcedureStep, ...], Many(20)]
    decided_on: date
    reason: Prose
    statute: Prose | None = None
    due: date | None = None
    milestones: Annotated[tuple[Milestone, ...], Many(50)] = ()
    recurrence: Recurrence | None = None
    target: Target | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class CompensationClaimed:
    """A body claims for its loss by a change or a breach (B11), ``amount`` in fen; ``claim`` names the claim."""

    SCHEMA: ClassVar[int] = 1
    claim: ClaimId
    claimant: Uscc
    amount: Money
    grounds: Prose


@dataclass(frozen=True, slots=True)
class CompensationDecided:
    """The claim was granted (``granted``, in fen) in part or whole, or refused (without it); decision in ``basis``."""

    SCHEMA: ClassVar[int] = 1
    claim: ClaimId
    grounds: Prose
    granted: Money | None = None


@dataclass(frozen=True, slots=True)
class CompensationPaid:
    """So much was paid on a granted claim, in fen; voucher in ``basis``."""

    SCHEMA: ClassVar[int] = 1
    claim: ClaimId
    amount: Money
    paid_on: date


@dataclass(frozen=True, slots=True)
class CommitmentBroken:
    """A judging body found that the commitment was broken (B05), or false from the start (B18 虚假承诺).

    ``defence`` is the reason the promiser gave; no reason prevents the finding.
    """

    SCHEMA: ClassVar[int] = 1
    grounds: Prose
    occurrence: date | None = None
    false_from_start: bool = False
    defence: Defence | None = None


Fact = (
    CommitmentMade
    | CommitmentPublished
    | CommitmentTakenOver
    | CommitmentHandedOver
    | ProgressReported
    | FulfilmentReported
    | FulfilmentAppraised
    | CommitmentLawfullyChanged
    | CompensationClaimed
    | CompensationDecided
    | CompensationPaid
    | CommitmentBroken
)

# --- state --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Commitment:
    """All that the log says about a commitment up to a position, in the order it was said."""

    made: Said[CommitmentMade] | None = None
    publications: tuple[Said[CommitmentPublished], ...] = ()
    takeovers: tuple[Said[CommitmentTakenOver], ...] = ()
    handovers: tuple[Said[CommitmentHandedOver], ...] = ()
    progress: tuple[Said[ProgressReported], ...] = ()
    reports: tuple[Said[FulfilmentReported], ...] = ()
    verdicts: tuple[Said[FulfilmentAppraised | CommitmentBroken], ...] = ()
    changes: tuple[Said[CommitmentLawfullyChanged], ...] = ()
    claims: tuple[Said[CompensationClaimed], ...] = ()
    decisions: tuple[Said[CompensationDecided], ...] = ()
    payments: tuple[Said[CompensationPaid], ...] = ()

    @property
    def terms(self) -> CommitmentMade:
        """The promise as it was made. Only for a commitment that was made."""
        assert self.made is not None
        return self.made.fact

    @property
    def holder(self) -> str:
        """The body that the promise binds now: the promiser, or who took it over."""
        return self._passed_on(self.terms.promiser)

    @property
    def lead(self) -> tuple[str, ...]:
        """The lead bodies (牵头单位) now."""
        return tuple(map(self._passed_on, self.terms.lead))

    @property
    def responsible(self) -> tuple[str, ...]:
        """The responsible bodies (责任单位) now."""
        return tuple(map(self._passed_on, self.terms.responsible))

    @property
    def supporting(self) -> tuple[str, ...]:
        """The supporting bodies (配合单位) now."""
        return tuple(map(self._passed_on, self.terms.supporting))

    @property
    def target(self) -> Target | None:
        """What is to be reached, as last changed."""
        return next((c.fact.target for c in reversed(self.changes) if c.fact.target), self.terms.target)

    @property
    def due(self) -> date | None:
        """The due day of a one-off commitment, as last changed."""
        if not self.changes:  # of nearly all, and asked many times
            return self.terms.due
        return next((c.fact.due for c in reversed(self.changes) if c.fact.due), self.terms.due)

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        """The milestones of a one-off commitment, as last changed."""
        if not self.changes:
            return self.terms.milestones
        changed = (c.fact.milestones for c in reversed(self.changes) if c.fact.milestones)
        return next(changed, self.terms.milestones)

    @property
    def withdrawn_on(self) -> date | None:
        """The day the ledger recorded the lawful withdrawal, if there was one."""
        return next((c.day for c in self.changes if c.fact.withdrawn), None) if self.changes else None

    def _passed_on(self, body_id: str) -> str:
        for takeover in self.takeovers:
            if takeover.fact.predecessor == body_id:
                body_id = takeover.fact.successor
        return body_id


EMPTY = Commitment()


def contract_stream(promiser: str, number: str) -> str:
    """The one stream that the promiser's contract of this number can have: a version 8 UUID from SHA-256.

    A contract recorded twice would be the second event with version 1 of the same stream, so the log itself
    keeps out a double signing (B12 避免重复签约). Width, case and blanks of the number do not matter.
    """
    plain = "".join(unicodedata.normalize("NFKC", number).split()).upper()
    name = f"contract\n{promiser}\n{plain}"
    return f"commitment/{uuid8(name)}"


def named(state: Commitment, event: Event) -> Iterator[str]:
    """Bodies beyond those in the event's data that admission looks at: all that have a duty here, then and now."""
    if state.made is None:
        return
    terms = state.terms
    yield from (terms.promiser, *terms.lead, *terms.responsible, *terms.supporting)
    for takeover in state.takeovers:
        yield takeover.fact.successor
    for claim in state.claims:
        yield claim.fact.claimant


def as_of(state: Commitment, on: date) -> Commitment:
    """The state as the ledger knew it at the end of a day."""
    if state.made is None or state.made.day > on:
        return EMPTY
    sayings: Any = {
        f.name: tuple(s for s in getattr(state, f.name) if s.day <= on) for f in fields(state) if f.name != "made"
    }
    return replace(state, **sayings)


def evolve(state: Commitment, recorded: Recorded) -> Commitment:
    """The commitment after an admitted event."""
    fact: Fact = recorded.event.fact
    by, day = recorded.event.iss, legal_day(recorded.at)
    match fact:
        case CommitmentMade():
            return replace(state, made=Said(fact, by, day))
        case CommitmentPublished():
            return replace(state, publications=(*state.publications, Said(fact, by, day)))
        case CommitmentTakenOver():
            return replace(state, takeovers=(*state.takeovers, Said(fact, by, day)))
        case CommitmentHandedOver():
            return replace(state, handovers=(*state.handovers, Said(fact, by, day)))
        case ProgressReported():
            return replace(state, progress=(*state.progress, Said(fact, by, day)))
        case FulfilmentReported():
            return replace(state, reports=(*state.reports, Said(fact, by, day)))
        case FulfilmentAppraised() | CommitmentBroken():
            return replace(state, verdicts=(*state.verdicts, Said(fact, by, day)))
        case CommitmentLawfullyChanged():
            return replace(state, changes=(*state.changes, Said(fact, by, day)))
        case CompensationClaimed():
            return replace(state, claims=(*state.claims, Said(fact, by, day)))
        case CompensationDecided():
            return replace(state, decisions=(*state.decisions, Said(fact, by, day)))
        case CompensationPaid():
            return replace(state, payments=(*state.payments, Said(fact, by, day)))
        case _:
            assert_never(fact)
