"""The provenance index: from a hash, a document or a body to the events where it stands."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from projections.projection import Projection, Table


class EventRow(NamedTuple):
    """Every event of the log; ``area`` and ``region`` are the case's."""

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


class DocumentRow(NamedTuple):
    """A document that an event relies on."""

    log_index: int
    number_in_basis: int  # from 0
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


EVENTS = Table(
    "events",
    EventRow,
    1,
    (
        "(hash)",
        "(stream, version)",
        "(day, log_index)",
        "(subject, log_index)",
        "(region, log_index)",
        "(area, log_index)",
        "(kind, log_index)",
        "(iss, log_index)",
    ),
)
DOCUMENTS = Table("documents", DocumentRow, 2, ("(sha256)", "(number)"))
MENTIONS = Table("mentions", MentionRow, 2, ("(body, log_index)",))

PROJECTION = Projection(
    "provenance",
    1,
    (EVENTS, DOCUMENTS, MENTIONS),
    frozenset({"body", "commendation", "commitment", "complaint", "person", "policy", "project", "record"}),
)
