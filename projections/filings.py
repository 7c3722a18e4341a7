"""Reports that bodies filed (J10): on which period, when, and which; and how third parties rated bodies (J06).

>>> FILINGS.key_of(FilingRow(7, "11990000000000019A", "990000", "2026H1", 7, "0" * 64, date(2026, 6, 20)))
(7,)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.domain.filing import IntegrityReportFiled
from ledger.domain.rating import IntegrityRated
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


class RatingRow(NamedTuple):
    """A rating of a body on an indicator."""

    log_index: int  # of the event
    body: str
    region: str | None
    period: str  # 2026H1, 2026
    indicator: str  # ledger.domain.supervision_terms.Indicator
    points: str  # a decimal number
    full: int
    by: str  # the appraiser
    rated_on: date


FILINGS = Table("filings", FilingRow, 1, ("(body, period)", "(region, period)"))

RATINGS = Table("ratings", RatingRow, 1, ("(region, period)", "(body, period)"))


def _entries(case: Case) -> Iterator[Row]:
    fact = case.last.event.fact
    if isinstance(fact, IntegrityReportFiled):
        yield FilingRow(case.index, case.id, case.region, fact.period, fact.size, fact.digest, case.day)
    elif isinstance(fact, IntegrityRated):
        said = fact.period, str(fact.indicator), fact.points, fact.full
        yield RatingRow(case.index, case.id, case.region, *said, case.last.event.iss, case.day)


PROJECTION = Projection("filings", 1, (FILINGS, RATINGS), frozenset({"body"}), entries=_entries)
