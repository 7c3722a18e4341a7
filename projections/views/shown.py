"""When the public may see a dishonesty record: on a day on which it is disclosed, and only if it may be seen today;
and a positive record, while it stands.

A past day is shown as it was shown that day, but what was repaired, withdrawn or has expired since is gone from past
days too (E10, F01). Both questions are put to ``records.disclosures``. What that does not contain yet while rules are
applied to all records counts as well (:func:`untouched`): what is taken from sight is gone at once.
"""

from __future__ import annotations

from collections.abc import Collection

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from projections import provenance, records
from projections.projection import OPEN
from projections.reading import held, name_of
from projections.relief import FROM_SIGHT

_SINCE, _END = (
    SQL("(SELECT p.position FROM {} p)").format(Identifier(projection.schema, "position"))
    for projection in (records.PROJECTION, provenance.PROJECTION)
)


def untouched(stream: Composable, names: Collection[str] = FROM_SIGHT, since: Composable = _SINCE) -> Composed:
    """The condition that a stream has no event of these ``names`` at or beyond ``since``, which is where the records
    are; as far as the provenance index knows, which does not wait for them.

    It costs next to nothing: such streams are looked up once for a query, between two positions that are mostly equal.
    """
    return SQL(
        "({stream} NOT IN (SELECT e.stream FROM {events} e "
        "WHERE {since} < {end} AND e.log_index >= {since} AND e.log_index < {end} AND e.name = ANY({names})))"
    ).format(stream=stream, events=name_of(provenance.EVENTS), since=since, end=_END, names=Literal(sorted(names)))


def record_shown(stream: Composable, personal: Composable) -> Composed:
    """The condition that the record of this stream may be seen by the public at the moment that is asked for; where
    ``personal`` is true, what it says of an official.

    Uses the parameters of a :class:`projections.reading.Moment`.
    """
    return _shown(SQL("(EXISTS ({then}) AND EXISTS ({today}))"), stream, personal)


def record_shown_each(stream: Composable) -> Composed:
    """As :func:`record_shown`, for few rows: a look into the index for each, where the planner would rather read all
    disclosures that there are at every question.
    """
    each = SQL("(coalesce(({then} LIMIT 1), false) AND coalesce(({today} LIMIT 1), false))")
    return _shown(each, stream, SQL("false"))


def commendation_shown(stream: Composable) -> Composed:
    """The condition that the positive record of this stream may be seen by the public: at the moment that is asked for,
    and today.
    """
    return SQL(
        """(EXISTS (SELECT FROM {opened} s WHERE s.stream = {stream} AND {held})
        AND EXISTS (SELECT FROM {opened} s WHERE s.stream = {stream} AND s.retracted = {now}))"""
    ).format(opened=name_of(provenance.OPENED), stream=stream, held=held("s"), now=Literal(OPEN))


def _shown(form: SQL, stream: Composable, personal: Composable) -> Composed:
    names = {"disclosures": name_of(records.DISCLOSURES), "stream": stream, "personal": personal}
    then = SQL(
        "SELECT true FROM {disclosures} s WHERE s.stream = {stream} AND {held} "
        "AND s.begins <= %(on)s AND s.ends >= %(on)s AND (s.with_persons OR NOT {personal})"
    ).format(held=held("s"), **names)
    today = SQL(
        "SELECT true FROM {disclosures} s WHERE s.stream = {stream} AND s.retracted = {now} "
        "AND s.begins <= %(today)s AND s.ends >= %(today)s AND (s.with_persons OR NOT {personal})"
    ).format(now=Literal(OPEN), **names)
    return SQL("({} AND {})").format(form.format(then=then, today=today), untouched(stream))
