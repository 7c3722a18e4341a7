"""Of one commitment or a few: where they stand from which day to which, and as what a body appears in them.

>>> "standing" in _SPANS.as_string()
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.sql import SQL

from projections import commitments
from projections.reading import Moment, Reading, held, name_of
from projections.views.names import family

_SPANS = SQL(
    "SELECT s.begins, s.ends, s.standing, s.due FROM {standings} s "
    "WHERE s.commitment = %(commitment)s AND {held} ORDER BY s.begins LIMIT 100"
).format(standings=name_of(commitments.STANDINGS), held=held("s"))


def spans(reading: Reading, moment: Moment, commitment: str) -> Sequence[Mapping[str, Any]]:
    """The spans of days (``begins`` to ``ends``, both included) with standing and the day that matters, in order."""
    return reading.rows(_SPANS, {**moment.values(), "commitment": commitment})


_PARTS = SQL(
    "SELECT p.commitment, p.body, p.role FROM {parts} p WHERE p.commitment = ANY(%(ids)s) AND p.body IN {family} "
    "AND {held} LIMIT 2000"
).format(parts=name_of(commitments.PARTS), family=family("body"), held=held("p"))


def parts(reading: Reading, moment: Moment, body: str, ids: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """As what a body, and those that it answers for, appear in these commitments: commitment, body, role."""
    return reading.rows(_PARTS, {**moment.values(), "body": body, "ids": list(ids)})
