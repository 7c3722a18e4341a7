"""The event: one signed statement of one body, and the event as the log recorded it.

An :class:`Event` is what a body signed (docs/log-format.md lists the claims): who (``iss``), when by its own
clock (``iat``), in which stream at which place (``stream``, ``version``, ``prev``), what happened (``fact``)
and on which documents (``basis``). A :class:`Recorded` event also knows what only the ledger knows: its index
in the log and the ledger's time, on which all legal clocks run.

>>> stream_kind("commitment/0198c5a2-0000-7000-8000-000000000001")
'commitment'
>>> next_head(None)
Head(version=0, hash=None)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeVar

from ledger.domain.codec import Name, Sha256, Shape
from ledger.errors import FormatError, Head

_CHINA = timezone(timedelta(hours=8))

LEDGER = "ledger"
"""The ledger itself as a signer: of its founding (root key) and of consequences (ledger key)."""

StreamId = Annotated[
    str,
    Shape(
        "(?:body|commendation|commitment|complaint|person|policy|project|record)/[0-9A-Za-z][0-9A-Za-z-]{0,63}",
        "a stream: kind/id",
        "事件流：类别/标识",
    ),
]


class Fact(Protocol):
    """What happened: a frozen dataclass whose name is the event's name (past tense) and whose fields are its data."""

    SCHEMA: ClassVar[int]
    """The number of the shape; a changed shape is a new number, old numbers stay readable for ever."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document relied on: its title and SHA-256; number, issuing organ and day where it has them."""

    title: Name
    sha256: Sha256
    number: Name | None = None
    organ: Name | None = None
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What a body signed.

    ``iat`` is seconds since 1970 by the signer's clock, never used for a legal deadline. ``jti`` is a UUIDv7,
    the idempotency key. ``version`` counts from 1; ``prev`` is the hash of the stream's event before (None at
    version 1). ``cause`` is the ``jti`` of the event that obliged this one: only the ledger's own
    consequences have it.
    """

    iss: str
    iat: int
    jti: str
    stream: str
    version: int
    prev: str | None
    fact: Any
    basis: tuple[Document, ...] = ()
    cause: str | None = None

    @property
    def name(self) -> str:
        """The event's name, e.g. ``CommitmentMade``."""
        return type(self.fact).__name__


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event at its place in the log: index from 0, the ledger's time (UTC, milliseconds), key and hash (hex)."""

    event: Event
    kid: str
    index: int
    at: datetime
    hash: str


F_co = TypeVar("F_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Said(Generic[F_co]):
    """A fact, the body that signed it, and the day the ledger recorded it (China Standard Time).

    ``basis`` are the documents it rests on, ``index`` its place in the log: where it was said, not what.
    """

    fact: F_co
    by: str
    day: date
    basis: tuple[Document, ...] = field(default=(), compare=False)
    index: int = field(default=-1, compare=False)


def said(recorded: Recorded) -> Said[Any]:
    """What a recorded event said, by whom, on which day, on which documents."""
    event = recorded.event
    return Said(event.fact, event.iss, legal_day(recorded.at), event.basis, recorded.index)


@dataclass(frozen=True, slots=True)
class Consequence:
    """A fact that the ledger states in the same transaction because of an admitted event."""

    stream: str
    fact: Any


@dataclass(frozen=True, slots=True)
class Rules:
    """What admission may look at besides the case: the states, at this position, of what matters to it.

    ``bodies`` holds every body that the event, its case or a chain of successions names; ``cases`` the other streams
    that the event or its case refers to, by stream; ``policies`` the ``policy/`` streams of the jurisdiction of the
    case's subject, the nearest first and the national one last.
    """

    bodies: Mapping[str, Any] = field(default_factory=dict)
    cases: Mapping[str, Any] = field(default_factory=dict)
    policies: tuple[Any, ...] = ()


def stream_kind(stream: str) -> str:
    """The kind of case a stream holds: the part before the slash. Raises FormatError where there is none."""
    kind, slash, _ = stream.partition("/")
    if not slash:
        raise FormatError(f"stream: expected kind/id, got {stream!r}", f"stream：应为 类别/标识，实为 {stream!r}")
    return kind


@lru_cache(maxsize=4096)  # asked several times of each event; those of one commit have one time
def legal_day(at: datetime) -> date:
    """The day on which legal clocks place a moment: China Standard Time (UTC+8, without summer time since 1992)."""
    return at.astimezone(_CHINA).date()


def next_head(recorded: Recorded | None) -> Head:
    """The stream's head after ``recorded`` (None: an empty stream)."""
    return Head(0, None) if recorded is None else Head(recorded.event.version, recorded.hash)
