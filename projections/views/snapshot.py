"""Whether everything that was public at a moment may still be seen: what a copy of it made then depends on.

A copy may be given as long as no record that was disclosed in it, and no positive record that was open in it, has
changed or gone since. A change counts as much as an end: what the copy says is then no longer what is public.

>>> "EXISTS" in _GONE.as_string()
True
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL, Literal

from projections import provenance, records
from projections.projection import OPEN
from projections.reading import Reading, held, name_of
from projections.views.shown import untouched

_GONE = SQL(
    """SELECT EXISTS (SELECT FROM {disclosures} t WHERE {held} AND t.begins <= %(on)s AND t.ends >= %(on)s
        AND (t.retracted <> {now} OR t.begins > %(today)s OR t.ends < %(today)s OR NOT {untouched}))
    OR EXISTS (SELECT FROM {opened} t WHERE {held} AND t.retracted <> {now}) AS gone"""
).format(
    disclosures=name_of(records.DISCLOSURES),
    opened=name_of(provenance.OPENED),
    held=held("t"),
    now=Literal(OPEN),
    untouched=untouched(SQL("t.stream")),
)


def still_public(reading: Reading, size: int, on: date, today: date) -> bool:
    """Whether all that the public saw of ``size`` entries on the day ``on`` may be seen ``today``, as it was."""
    (row,) = reading.rows(_GONE, {"size": size, "on": on, "today": today})
    return not row["gone"]
