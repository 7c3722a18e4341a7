"""Names of bodies, and for whom a body answers: what every page and list asks beside its own rows.

A body stands for itself and for all that it answers for: its predecessors, and the provisional registrations that were
resolved to it (A12). :func:`family` is that set as a subquery, for the parameter of a listing's filter.

>>> "answers_to" in family("body").as_string() and "%(body)s" in family("body").as_string()
True
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg.sql import SQL, Composed, Placeholder

from projections import bodies
from projections.reading import Moment, Reading, held, name_of

_BODIES = name_of(bodies.BODIES)
MOST_LINKS = 20


class Called(NamedTuple):
    """A body as it was called and stood at a moment."""

    id: str
    name: str
    status: str  # ledger.domain.body_terms.Status
    answers_to: str | None


def family(parameter: str) -> Composed:
    """The ids of the body that the parameter names, and of all that it answers for, as a subquery."""
    return SQL(
        '(WITH RECURSIVE family(id) AS (SELECT {body}::text COLLATE "C" UNION '
        "SELECT b.id FROM {bodies} b JOIN family f ON b.answers_to = f.id WHERE {held}) SELECT id FROM family)"
    ).format(body=Placeholder(parameter), bodies=_BODIES, held=held("b"))


def called(reading: Reading, moment: Moment, ids: Iterable[str | None]) -> dict[str, Called]:
    """The bodies of these ids, as far as they were registered at the moment; in one query."""
    wanted = sorted({found for found in ids if found})
    if not wanted:
        return {}
    query = SQL("SELECT b.id, b.name, b.status, b.answers_to FROM {bodies} b WHERE b.id = ANY(%(ids)s) AND {held}")
    rows = reading.rows(query.format(bodies=_BODIES, held=held("b")), {**moment.values(), "ids": wanted})
    return {row["id"]: Called(**row) for row in rows}


def answering(reading: Reading, moment: Moment, body: str) -> str:
    """The body that answers for a body at the moment: itself, its successor, or whom it was resolved to."""
    query = SQL(
        "WITH RECURSIVE chain(id, next, n) AS ("
        "SELECT b.id, b.answers_to, 0 FROM {bodies} b WHERE b.id = %(body)s AND {held} "
        "UNION ALL SELECT b.id, b.answers_to, c.n + 1 FROM {bodies} b JOIN chain c ON b.id = c.next "
        "WHERE c.n < %(most)s AND {held}) SELECT id FROM chain ORDER BY n DESC LIMIT 1"
    ).format(bodies=_BODIES, held=held("b"))
    found = reading.rows(query, {**moment.values(), "body": body, "most": MOST_LINKS})
    return str(found[0]["id"]) if found else body


def names_of(reading: Reading, moment: Moment, body: str) -> Sequence[Mapping[str, Any]]:
    """Every name that a body had up to the moment, the oldest first: ``name``, ``log_index``, ``alias``."""
    query = SQL(
        "SELECT n.name, n.log_index, n.alias FROM {names} n WHERE n.body = %(body)s AND {held} "
        "ORDER BY n.log_index LIMIT 200"
    ).format(names=name_of(bodies.NAMES), held=held("n"))
    return reading.rows(query, {**moment.values(), "body": body})
