"""Sweeps of the courts' list that were recorded (C08): a month without a row is a month without a sweep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.domain.sweep import CourtListSwept
from projections.projection import Case, Projection, Row, Table


class SweepRow(NamedTuple):
    """A sweep: ``body`` recorded it, of the list of ``month``."""

    log_index: int  # of CourtListSwept
    body: str  # a court, operator or credit office
    region: str | None  # of that body
    month: str  # such as 2026-10
    day: date  # legal day of recording
    sha256: str  # of the list
    entries: int
    matched: int
    undecided: int
    left: int  # listings that stood and are not in the list


SWEEPS = Table("sweeps", SweepRow, 1, ("(month, log_index)", "(region, month)", "(body, month)"))


def _entries(case: Case) -> Iterator[Row]:
    fact = case.last.event.fact
    if isinstance(fact, CourtListSwept):
        numbers = fact.entries, fact.matched, fact.undecided, fact.left
        yield SweepRow(case.index, case.id, case.region, fact.month, case.day, fact.file.sha256, *numbers)


PROJECTION = Projection("sweeps", 1, (SWEEPS,), frozenset({"body"}), entries=_entries)
