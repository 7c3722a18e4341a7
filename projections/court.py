"""The list of dishonest judgment debtors (失信被执行人) as far as bodies of this ledger stand on it (C04–C08).

An entry is on the list on a day: ``listed_on <= day``, not removed by then, and ``until`` not over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.domain.record.remedies import CourtListing
from projections.projection import Case, Projection, Row, Table


class CourtRow(NamedTuple):
    """An entry of a court's list."""

    stream: str  # the record
    log_index: int  # of CourtListEntered
    subject: str
    region: str | None
    court: str
    case_number: str
    listed_on: date
    until: date | None
    requested_on: date | None  # when the court was last asked to delete it
    removed_on: date | None
    way: str | None  # CourtExit: how it ended, or is asked to


COURT = Table("court", CourtRow, 2, ("(subject, log_index)", "(court, case_number)", "(log_index)"))


def _rows(case: Case) -> Iterator[Row]:
    subject = case.subject
    if subject is not None:
        yield from (_row(case, subject, listing) for listing in case.state.listings)


def _row(case: Case, subject: str, listing: CourtListing) -> CourtRow:
    entered, removed = listing.entered, listing.removed
    requested = listing.requested[-1] if listing.requested else None
    said = removed or requested
    return CourtRow(
        stream=case.stream,
        log_index=entered.index,
        subject=subject,
        region=case.region,
        court=entered.fact.court,
        case_number=entered.fact.case_number,
        listed_on=entered.fact.listed_on,
        until=entered.fact.until,
        requested_on=requested.day if requested else None,
        removed_on=removed.fact.removed_on if removed else None,
        way=said.fact.way if said else None,
    )


PROJECTION = Projection("court", 1, (COURT,), frozenset({"record"}), _rows)
