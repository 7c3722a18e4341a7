"""The list of cases: what there is of every kind, about whom, since when.

Bodies and rules have lists of their own.

>>> CASES.key_of(CaseRow("record/1", 7, "record", "11990000000000019A", "990000", date(2026, 3, 2)))
('record/1',)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.domain.event import legal_day
from projections.projection import Case, Projection, Row, Table


class CaseRow(NamedTuple):
    """A case: ``log_index`` and ``begun_on`` are those of its first event."""

    stream: str
    log_index: int  # of its first event
    kind: str
    subject: str | None  # the body that it is about
    region: str | None  # of that body, GB/T 2260
    begun_on: date  # the legal day of its first recording


CASES = Table("cases", CaseRow, 1, ("(kind, log_index)", "(subject, log_index)", "(region, kind)"))


def _rows(case: Case) -> Iterator[Row]:
    begun = case.begun
    yield CaseRow(case.stream, begun.index, case.kind, case.subject, case.region, legal_day(begun.at))


PROJECTION = Projection(
    "cases",
    1,
    (CASES,),
    frozenset({"commitment", "complaint", "commendation", "person", "project", "record"}),
    rows=_rows,
)
