"""The read side of the worked cases, and their log in memory to compare it with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.domain.body import Body, links
from ledger.domain.event import Recorded, legal_day
from ledger.domain.kinds import fold
from ledger.installation import Installation
from ledger.position import recorded_of
from projections.reading import Moment, Reading
from projections.views import listing
from projections.views.listing import Listing
from tests.conftest import read_side

Histories = dict[str, tuple[list[Recorded], Any]]
"""History and state of each case of a kind, by its id."""


@dataclass
class Side:
    """The read side, and the log in memory."""

    reading: Reading
    log: list[Recorded]

    def at(self, size: int, on: date | None = None) -> Moment:
        """A moment of this log."""
        day = on or legal_day(self.log[size - 1].at)
        return Moment(size, day, max(day, legal_day(self.log[-1].at)))

    def states(self, kind: str, size: int) -> Histories:
        """History and state of every case of a kind after so many events."""
        histories: dict[str, list[Recorded]] = {}
        for recorded in self.log[:size]:
            if recorded.event.stream.startswith(f"{kind}/"):
                histories.setdefault(recorded.event.stream, []).append(recorded)
        return {stream.partition("/")[2]: (h, fold(stream, h)) for stream, h in histories.items()}

    def sizes(self, count: int = 7) -> list[int]:
        """Some positions of the log, the last among them."""
        return [*range(1, len(self.log), max(1, len(self.log) // count)), len(self.log)]

    def rows(self, found: Listing, moment: Moment, order: str | None = None, **filters: Any) -> list[dict[str, Any]]:
        """All rows of a listing, page by page."""
        rows: list[dict[str, Any]] = []
        after = None
        while True:
            page = listing.page(self.reading, found, moment, filters=filters, order=order, after=after, limit=3)
            rows += page.rows
            after = page.next
            if after is None:
                return rows


@contextmanager
def side_of(installation: Installation) -> Iterator[Side]:
    """The read side of a ledger to which nothing more is written."""
    log = [recorded_of(row) for row in installation.ledger.reader.scan()]
    with read_side(installation) as reading:
        yield Side(reading, log)


def family(bodies: Histories, own: str) -> set[str]:
    """A body and all that it answers for, the plain way."""
    states: dict[str, Body] = {name: state for name, (_, state) in bodies.items()}
    found = {own}
    while more := {b for b, state in states.items() if set(links(state)) & found} - found:
        found |= more
    return found
