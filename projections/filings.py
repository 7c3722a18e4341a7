"""Reports that bodies filed (J10): on which period, when, and which.

>>> FILINGS.key_of(FilingRow(7, "11990000000000019A", "990000", "2026H1", 7, "0" * 64, date(2026, 6, 20)))
(7,)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.domain.filing import IntegrityReportFiled
from projections.projection import Case, Projection, Row, Table


class FilingRow(NamedTuple):
    """A report that a body filed."""

    log_index: int  # of the event
    body: str
    region: str | None
    period: str  # 2026H1, 2026
    size: int  # entries of the log that the report counts
    digest: str  # SHA-256 of its data
    filed_on: date


FILINGS = Table("filings", FilingRow, 1, ("(body, period)", "(region, period)"))


def _entries(case: Case) -> Iterator[Row]:
    fact = case.last.event.fact
    if isinstance(fact, IntegrityReportFiled):
        yield FilingRow(case.index, case.id, case.region, fact.period, fact.size, fact.digest, case.day)


PROJECTION = Projection("filings", 1, (FILINGS,), frozenset({"body"}), entries=_entries)
