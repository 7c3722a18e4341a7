"""The provenance index: from a hash, a document or a body to the events where it stands.

An event's rows are added for ever; what of a case the public may see changes: for records ``records.disclosures`` says
so, for positive records ``opened``.

>>> from datetime import UTC
>>> from ledger.domain.body import PredecessorAdded
>>> from ledger.domain.event import Document, Event, Recorded
>>> old, new = "11990000000000019A", "11990000000000027L"
>>> paper = Document("机构改革方案", "ab" * 32)
>>> event = Event(old, 0, "jti", f"body/{new}", 2, None, PredecessorAdded(old), (paper,))
>>> recorded = Recorded(event, "kid", 7, datetime(2026, 11, 21, tzinfo=UTC), "hash")
>>> case = Case(event.stream, recorded, recorded, None, new, "990000", (), 7, date(2026, 11, 21))
>>> [type(row).__name__ for row in _entries(case)]
['EventRow', 'DocumentRow']
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from ledger.domain import codec
from ledger.domain.event import Document, Event
from ledger.domain.policy import view_of
from projections.disclosed import field_names, is_about_person
from projections.disclosure import opened
from projections.projection import Case, Projection, Row, Table


class EventRow(NamedTuple):
    """Every event of the log; ``area`` and ``region`` are the case's, of a rule pack its own region."""

    log_index: int
    stream: str
    version: int
    kind: str  # of the case
    name: str  # of the event
    iss: str
    jti: str
    hash: str  # hex SHA-256 of the signed bytes
    day: date  # legal day of recording
    at: datetime
    subject: str | None
    region: str | None
    area: str | None
    personal: bool  # of a record: about an official; seen by the public only where it is published with persons


class DocumentRow(NamedTuple):
    """A document that an event relies on: of its basis, then those in its data (evidence)."""

    log_index: int
    number_in_event: int  # from 0
    place: str  # basis, or the field of the event's data
    sha256: str
    number: str | None  # such as 示政发〔2026〕3号
    title: str
    organ: str | None
    dated: date | None
    stream: str


class MentionRow(NamedTuple):
    """A body that an event names beside its signer."""

    log_index: int
    body: str
    stream: str


class OpenedRow(NamedTuple):
    """A positive record that the public may see: of a body, while it stands."""

    stream: str


EVENTS = Table(
    "events",
    EventRow,
    1,
    (
        "(hash)",
        "(jti)",
        "(stream, version)",
        "(day, log_index)",
        "(subject, log_index)",
        "(region, log_index)",
        "(area, log_index)",
        "(name, log_index)",
        "(iss, log_index)",
    ),
)
DOCUMENTS = Table("documents", DocumentRow, 2, ("(sha256)", "(number)"))
MENTIONS = Table("mentions", MentionRow, 2, ("(body, log_index)",))
OPENED = Table("opened", OpenedRow, 1)


def _entries(case: Case) -> Iterator[Row]:
    recorded, stream, kind = case.last, case.stream, case.kind
    event: Event = recorded.event
    index, fact, iss = recorded.index, event.fact, event.iss
    yield EventRow(
        index,
        stream,
        event.version,
        kind,
        event.name,
        iss,
        event.jti,
        recorded.hash,
        case.day,
        recorded.at,
        case.subject,
        _region(case) if kind == "policy" else case.region,
        _area(case, kind),
        kind == "record" and is_about_person(case.state, fact),
    )
    for number, (place, paper) in enumerate(documents_of(event)):
        what = place, paper.sha256, paper.number, paper.title, paper.organ, paper.dated
        yield DocumentRow(index, number, *what, stream)
    for body in dict.fromkeys(codec.bodies(fact)):
        if body != iss:
            yield MentionRow(index, body, stream)


def _rows(case: Case) -> Iterator[Row]:
    if case.kind == "commendation" and opened(case.kind, case.state, view_of((), case.day), case.day):
        yield OpenedRow(case.stream)


def _region(case: Case) -> str | None:
    """The region of a rule pack."""
    return case.id if case.id.isdigit() else None


def _area(case: Case, kind: str) -> str | None:
    """The key area that a case belongs to (I01)."""
    state = case.state
    match kind:
        case "commitment":
            area = state.terms.area
        case "record":
            area = state.lead.fact.area
        case "project":
            area = state.registered.fact.area
        case "complaint":
            area = state.received.fact.area
        case _:
            area = None
    return None if area is None else str(area)


def documents_of(event: Event) -> Iterator[tuple[str, Document]]:
    """The documents that an event relies on, each with where it stands: ``basis``, or the field of the event's data."""
    for paper in event.basis:
        yield "basis", paper
    for name in field_names(event.fact):
        value = getattr(event.fact, name)
        if type(value) not in _PLAIN:
            for paper in _papers(value):
                yield name, paper


_PLAIN = frozenset({str, int, bool, date, type(None)})
"""Types of most values, in which no document is."""


def _papers(value: Any) -> Iterator[Document]:
    if isinstance(value, Document):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _papers(part)
    elif type(value) not in _PLAIN:
        for name in field_names(value):
            yield from _papers(getattr(value, name))


PROJECTION = Projection(
    "provenance",
    1,
    (EVENTS, DOCUMENTS, MENTIONS, OPENED),
    frozenset({"body", "commendation", "commitment", "complaint", "person", "policy", "project", "record"}),
    _rows,
    _entries,
)
