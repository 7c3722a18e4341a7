"""What statistics add up: every countable happening as a signed number, by day, region and area (C09 清存量、防增量).

A stock on a day is the sum of its flow up to it: records recognised less those that ended, and so on.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from projections.projection import Projection, Table


class FlowRow(NamedTuple):
    """A happening that counts: ``delta`` more of ``measure``."""

    log_index: int  # of the event
    measure: str  # projections.statistics.Measure
    day: date
    region: str | None
    area: str | None
    subject: str | None
    delta: int


FLOWS = Table("flows", FlowRow, 2, ("(measure, day) INCLUDE (region, area, delta)", "(subject, measure, day)"))

PROJECTION = Projection("statistics", 1, (FLOWS,), frozenset({"commitment", "record", "complaint", "commendation"}))
