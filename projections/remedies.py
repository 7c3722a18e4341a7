"""The queue of remedies: objections, appeals, repairs and restorations of records, and every clock that runs
(E01–E10).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from projections.projection import Projection, Table


class RemedyRow(NamedTuple):
    """An objection, appeal, repair or restoration."""

    stream: str  # the record
    sort: str  # objection, appeal, repair, restoration
    item: str  # its name within the record
    log_index: int  # of the record's newest event when it was filed
    subject: str
    region: str | None
    filed_on: date
    state: str  # filed, accepted, refused, upheld, dismissed, withdrawn, granted, revoked, decided, ordered, done
    accepted_on: date | None
    decide_by: date | None
    decided_on: date | None
    handler: str | None  # who accepted or decided it


class ClockRow(NamedTuple):
    """A deadline of a record or complaint: by which rule, from when, due when, met when."""

    stream: str
    rule: str  # ledger.domain.calendar.Deadline.rule
    item: str  # what it is about; empty: the case
    starts: date
    number: int  # of clocks that are equal so far
    what: str  # the event that meets it
    due: date | None  # None: no day is settled
    provisional: bool
    met: date | None
    source: str
    subject: str | None
    region: str | None


REMEDIES = Table("remedies", RemedyRow, 3, ("(log_index)", "(subject, log_index)", "(state, decide_by)"))
CLOCKS = Table("clocks", ClockRow, 4, ("(due, stream)", "(rule, due)", "(subject, due)"))

PROJECTION = Projection("remedies", 1, (REMEDIES, CLOCKS), frozenset({"record", "complaint"}), ruled=True)
