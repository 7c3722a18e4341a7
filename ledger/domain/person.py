"""A person of the public service (公务员诚信档案, A09): an integrity file under a random number. ``person/<uuid>``.

What tells who the person is (name, identity number, post, what happened) never stands in an event in the clear:
``SEALS`` lists what may be sealed, the event holds the salted digests (``_sd``, RFC 9901), the vault the openings. In
the clear are only the kind of person, the bodies and the days of service, so that a record can be linked to who served
where (A04); and the number of the stream says nothing: it must not be made from an identity number.

>>> from datetime import datetime
>>> served = PersonAffiliated("11990000000000019A", date(2020, 1, 1), date(2023, 12, 31))
>>> event = Event("11990000000000019A", 0, "", "person/1", 2, None, served)
>>> state = evolve(EMPTY, Recorded(event, "", 0, datetime.fromisoformat("2026-03-02T04:00:00Z"), ""))
>>> affiliated(state, "11990000000000019A", date(2021, 5, 1), date(2023, 12, 31))
True
>>> affiliated(state, "11990000000000019A", date(2021, 5, 1), None)
False
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, assert_never

from ledger.domain import seals
from ledger.domain.codec import Digest, Many, Name, Prose, Sealed, Uscc
from ledger.domain.commitment_terms import Outcome
from ledger.domain.event import Event, Recorded, Said, said
from ledger.domain.identifiers import IdNumber
from ledger.domain.record.terms import FileItem, PersonKind, ProjectRef, Stage
from ledger.domain.seals import SealErased, SealOpened, Seals

_IDENTITY: Mapping[str, Any] = {"name": Name, "id_number": IdNumber, "post": Name}
"""What tells who somebody is: name, identity number (GB 11643, A03), and the post at the time."""

# --- facts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PersonRegistered:
    """The integrity file of a person begins (A02, A09); ``body`` is who keeps it, and whose region's rules apply."""

    SCHEMA: ClassVar[int] = 1
    SEALS: ClassVar[Mapping[str, Any]] = _IDENTITY
    kind: PersonKind
    body: Uscc
    sealed: Sealed


@dataclass(frozen=True, slots=True)
class PersonAffiliated:
    """The person serves with ``body`` from ``start`` to ``until``, both included; without ``until`` it goes on.

    ``kind`` where it is another than before: a candidate becomes a civil servant by entering the service.
    """

    SCHEMA: ClassVar[int] = 1
    SEALS: ClassVar[Mapping[str, Any]] = {"post": Name}
    body: Uscc
    start: date
    until: date | None = None
    kind: PersonKind | None = None
    sealed: Sealed = ()


@dataclass(frozen=True, slots=True)
class AffiliationEnded:
    """The service with ``body`` that went on ended; ``on`` was its last day."""

    SCHEMA: ClassVar[int] = 1
    body: Uscc
    on: date


@dataclass(frozen=True, slots=True)
class AffiliationWithdrawn:
    """The service with ``body`` from ``start`` on was recorded in error: there was none (E05 更正、撤销)."""

    SCHEMA: ClassVar[int] = 1
    body: Uscc
    start: date


@dataclass(frozen=True, slots=True)
class PersonCorrected:
    """Sealed fields put right: the new ones, and the digests that they take the place of (E05 更正)."""

    SCHEMA: ClassVar[int] = 1
    SEALS: ClassVar[Mapping[str, Any]] = _IDENTITY
    sealed: Sealed
    replaces: Annotated[tuple[Digest, ...], Many(20)] = ()


@dataclass(frozen=True, slots=True)
class FileItemRecorded:
    """Another item of the file, beside dishonesty records (C03), training too (J20): what kind, on which day."""

    SCHEMA: ClassVar[int] = 1
    SEALS: ClassVar[Mapping[str, Any]] = {"detail": Prose}
    item: FileItem
    on: date
    sealed: Sealed = ()


@dataclass(frozen=True, slots=True)
class ProjectPerformanceNoted:
    """Consequence: a project's performance went into the file of who was responsible on that day (I08)."""

    SCHEMA: ClassVar[int] = 1
    project: ProjectRef
    on: date
    outcome: Outcome
    stage: Stage


Fact = (
    PersonRegistered
    | PersonAffiliated
    | AffiliationEnded
    | AffiliationWithdrawn
    | PersonCorrected
    | FileItemRecorded
    | ProjectPerformanceNoted
    | SealOpened
    | SealErased
)

# --- state --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Affiliation:
    """A service with a body, first and last day included; without a last day it goes on."""

    body: str
    start: date
    until: date | None = None

    def on(self, day: date) -> bool:
        """Whether a day belongs to it."""
        return self.start <= day and (self.until is None or day <= self.until)

    def overlaps(self, start: date, until: date | None) -> bool:
        """Whether it shares a day with another period."""
        return (until is None or self.start <= until) and (self.until is None or start <= self.until)


@dataclass(frozen=True, slots=True)
class Person:
    """All that the log says about a person up to a position; nothing of it tells who it is."""

    registered: Said[PersonRegistered] | None = None
    kind: PersonKind | None = None
    affiliations: tuple[Affiliation, ...] = ()
    seals: Seals = seals.EMPTY
    corrections: tuple[Said[PersonCorrected], ...] = ()
    items: tuple[Said[FileItemRecorded], ...] = ()
    performance: tuple[Said[ProjectPerformanceNoted], ...] = ()

    @property
    def body(self) -> str:
        """The body that keeps the file. Only for a person who was registered."""
        assert self.registered is not None
        return self.registered.fact.body

    @property
    def digests(self) -> frozenset[str]:
        """The digests that stand: those that no correction took the place of, erased ones too."""
        return self.seals.sealed - self.seals.replaced

    def open_with(self, body: str) -> Affiliation | None:
        """The service with a body that goes on."""
        return next((a for a in self.affiliations if a.body == body and a.until is None), None)

    def bodies_on(self, day: date) -> tuple[str, ...]:
        """The bodies that the person served with on a day."""
        return tuple(a.body for a in self.affiliations if a.on(day))


EMPTY = Person()


def affiliated(state: Person, body: str, start: date, until: date | None, also: Iterable[str] = ()) -> bool:
    """Whether the person served with ``body`` on every day from ``start`` to ``until`` (None: and goes on).

    ``also`` are bodies that count as the same, for one: those that ``body`` succeeded (A12).
    """
    same = {body, *also}
    day = start
    for served in sorted((a for a in state.affiliations if a.body in same), key=lambda a: a.start):
        if served.start <= day:
            if served.until is None:
                return True
            if until is not None and served.until >= until:
                return True
            day = max(day, served.until + timedelta(days=1)) if served.until < date.max else day
    return False


def named(state: Person, event: Event) -> Iterator[str]:
    """Bodies beyond those in the event's data that admission looks at: who keeps the file, where the person serves."""
    if state.registered:
        yield state.body
    yield from dict.fromkeys(a.body for a in state.affiliations)


def subject(state: Person, event: Event) -> str | None:
    """The body whose region decides which rule pack applies: the one that keeps the file."""
    if state.registered:
        return state.body
    return event.fact.body if isinstance(event.fact, PersonRegistered) else None


def evolve(state: Person, recorded: Recorded) -> Person:
    """The person after an admitted event."""
    fact: Fact = recorded.event.fact
    saying = said(recorded)
    match fact:
        case PersonRegistered():
            return replace(state, registered=saying, kind=fact.kind, seals=state.seals.sealing(fact.sealed))
        case PersonAffiliated():
            served = Affiliation(fact.body, fact.start, fact.until)
            kind, now = fact.kind or state.kind, state.seals.sealing(fact.sealed)
            return replace(state, affiliations=(*state.affiliations, served), kind=kind, seals=now)
        case AffiliationEnded():
            ended = tuple(_ended(a, fact) for a in state.affiliations)
            return replace(state, affiliations=ended)
        case AffiliationWithdrawn():
            left = tuple(a for a in state.affiliations if (a.body, a.start) != (fact.body, fact.start))
            return replace(state, affiliations=left)
        case PersonCorrected():
            now = state.seals.sealing(fact.sealed, fact.replaces)
            return replace(state, corrections=(*state.corrections, saying), seals=now)
        case FileItemRecorded():
            return replace(state, items=(*state.items, saying), seals=state.seals.sealing(fact.sealed))
        case ProjectPerformanceNoted():
            return replace(state, performance=(*state.performance, saying))
        case SealOpened() | SealErased():
            return replace(state, seals=seals.evolve(state.seals, recorded))
        case _:
            assert_never(fact)


def _ended(served: Affiliation, fact: AffiliationEnded) -> Affiliation:
    return replace(served, until=fact.on) if served.body == fact.body and served.until is None else served
