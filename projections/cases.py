"""The list of cases: what there is of every kind, about whom, since when.

Bodies and rules have lists of their own.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from projections.projection import Projection, Table


class CaseRow(NamedTuple):
    """A case: ``log_index`` and ``begun_on`` are those of its first event, ``standing`` is that kind's own word."""

    stream: str
    log_index: int  # of its first event
    kind: str
    subject: str | None  # the body that it is about
    region: str | None  # of that body, GB/T 2260
    begun_on: date  # the legal day of its first recording


CASES = Table("cases", CaseRow, 1, ("(kind, log_index)", "(subject, log_index)", "(region, kind)"))

PROJECTION = Projection(
    "cases", 1, (CASES,), frozenset({"commitment", "complaint", "commendation", "person", "project", "record"})
)
