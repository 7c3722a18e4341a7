"""The takedown and repair log: what was corrected, withdrawn, repaired or taken down, without what it said and
about whom.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from projections.projection import Projection, Table


class TakedownRow(NamedTuple):
    """Something left the public's sight, or was put right; ``stream`` and ``subject`` are not for the public."""

    log_index: int  # of the event
    day: date
    what: str  # the event's name
    reason: str | None
    by: str  # who signed it
    region: str | None
    stream: str
    subject: str | None


TAKEDOWNS = Table("takedowns", TakedownRow, 1, ("(region, log_index)", "(stream)"))

PROJECTION = Projection("takedowns", 1, (TAKEDOWNS,), frozenset({"record", "commendation"}))
