"""Rates of keeping one's word, each with its numerator and denominator; no weights, no marks (B05 客观评价; J09).

*Fulfilment rate* 履约率: of the commitments that came to a judgement or are overdue on a day, those judged as
fulfilled, in time or late. *Timely rate* 按期履约率: of the same, those judged as fulfilled in time. What is overdue
with no word counts against the rate until somebody reports or judges, so that silence improves nothing. Commitments
that are not due yet, reported but not judged, lawfully changed or withdrawn (B10: not a breach) are in neither number.

>>> counts = {Standing.FULFILLED: 6, Standing.FULFILLED_LATE: 1, Standing.OVERDUE: 1, Standing.OPEN: 9}
>>> found = Promises(counts)
>>> str(found.fulfilment), str(found.timely), found.total
('7/8', '6/8', 17)
>>> Rate(0, 0).share is None
True
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ledger.domain.commitment_due import Standing

KEPT = (Standing.FULFILLED, Standing.FULFILLED_LATE)
CAME_DUE = (*KEPT, Standing.PARTLY_FULFILLED, Standing.BROKEN, Standing.OVERDUE)
"""The standings in the denominator of both rates."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many (``part``) out of so many (``whole``)."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None where there is nothing to be counted."""
        return self.part / self.whole if self.whole else None

    def __str__(self) -> str:
        return f"{self.part}/{self.whole}"


@dataclass(frozen=True, slots=True)
class Promises:
    """Commitments on a day by where they stand; the next due day that waits for an answer, and the oldest overdue."""

    counts: Mapping[Standing, int] = field(default_factory=Counter)
    next_due: date | None = None
    overdue_since: date | None = None

    def of(self, *standings: Standing) -> int:
        """How many stand in one of these ways."""
        return sum(self.counts.get(standing, 0) for standing in standings)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def fulfilment(self) -> Rate:
        """The fulfilment rate."""
        return Rate(self.of(*KEPT), self.of(*CAME_DUE))

    @property
    def timely(self) -> Rate:
        """The timely rate."""
        return Rate(self.of(Standing.FULFILLED), self.of(*CAME_DUE))
