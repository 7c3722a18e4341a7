"""The complaint work ledger (H03): each complaint, where it stands, who handles it, by when. Never public."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from projections.projection import Projection, Table


class ComplaintRow(NamedTuple):
    """A complaint; nothing that tells who complained."""

    stream: str
    log_index: int
    number: str  # in the work ledger
    received_on: date
    channel: str
    matter: str
    area: str
    accused: str | None
    region: str | None
    standing: str  # ledger.domain.complaint.state.Standing
    handler: str | None
    answer_by: date | None
    answered_on: date | None
    satisfied: bool | None  # as called back
    record: str | None  # the record that came of it
    changed: int


COMPLAINTS = Table(
    "complaints", ComplaintRow, 1, ("(log_index)", "(accused, log_index)", "(number)", "(standing, answer_by)")
)

PROJECTION = Projection("complaints", 1, (COMPLAINTS,), frozenset({"complaint"}))
