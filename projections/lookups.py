"""Who looked at sealed fields, when, in which role and what for; and what was erased. For the subject and the
auditors.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from projections.projection import Projection, Table


class LookupRow(NamedTuple):
    """A look-up (SealOpened) or an erasure (SealErased)."""

    log_index: int  # of the event
    stream: str
    day: date
    what: str  # the event's name
    by: str
    requester: str | None
    role: str | None
    purpose: str | None
    case_number: str | None
    fields: tuple[str, ...]  # names of fields


LOOKUPS = Table("lookups", LookupRow, 1, ("(stream, log_index)", "(by, log_index)"))

PROJECTION = Projection("lookups", 1, (LOOKUPS,), frozenset({"person", "complaint"}))
