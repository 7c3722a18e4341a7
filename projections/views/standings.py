"""Where one commitment stands from which day to which, if nothing more is recorded.

>>> "standing" in _SPANS.as_string()
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.sql import SQL

from projections import commitments
from projections.reading import Moment, Reading, held, name_of

_SPANS = SQL(
    "SELECT s.begins, s.ends, s.standing, s.due FROM {standings} s "
    "WHERE s.commitment = %(commitment)s AND {held} ORDER BY s.begins LIMIT 100"
).format(standings=name_of(commitments.STANDINGS), held=held("s"))


def spans(reading: Reading, moment: Moment, commitment: str) -> Sequence[Mapping[str, Any]]:
    """The spans of days (``begins`` to ``ends``, both included) with standing and the day that matters, in order."""
    return reading.rows(_SPANS, {**moment.values(), "commitment": commitment})
