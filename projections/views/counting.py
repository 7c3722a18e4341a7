"""Counts of a listing's rows by the values of its columns (facets): one pass over the rows for all that are asked for.

Counts of all rows that hold today are kept where a listing tells what changed between two sizes of the log
(:class:`projections.views.listing.Changes`): the next are those, with what came since and without what went. They are
exact, for no row is ever overwritten; another day, or another build of the rows, is counted anew. Counting hundreds of
thousands of rows after every event would take a core.

>>> brought_up({"a": 2, None: 1}, [("a", -2), ("b", 1), (None, 1)])
{None: 2, 'b': 1}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from threading import Lock
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from projections.catalogue import PROJECTIONS
from projections.reading import Moment, Reading
from projections.views.listing import KEPT, Listing, filled, where

Counts = dict[str | None, int]
"""How many rows there are of each value; the most frequent first, of those as many the least value, None at last."""
MOST = 200
"""Values of a facet that are told, the most frequent ones."""
_EACH = SQL("1")


def facets(
    reading: Reading,
    listing: Listing,
    moment: Moment,
    names: Sequence[str],
    filters: Mapping[str, Any] | None = None,
) -> dict[str, Counts]:
    """How many rows there are of each value of these columns, each under the other filters; MOST values of each."""
    asked = filled(filters)
    free = tuple(name for name in names if name not in asked)
    found = _counted(reading, listing, moment, free, asked) if free else {}
    for name in asked.keys() & set(names):
        others = {k: v for k, v in asked.items() if k != name}
        found |= _counted(reading, listing, moment, (name,), others)
    return {name: dict(islice(found[name].items(), MOST)) for name in names}


def _counted(
    reading: Reading, listing: Listing, moment: Moment, names: tuple[str, ...], filters: Mapping[str, Any]
) -> dict[str, Counts]:
    if listing.changes and not filters:
        return _of_all(reading, listing, moment)
    return _told(names, reading.rows(_grouped(listing, names, tuple(filters)), {**moment.values(), **filters}))


def _told(names: tuple[str, ...], rows: Iterable[DictRow]) -> dict[str, Counts]:
    """Counts out of rows of ``facet`` (the number of its name), its value (``c0``, ``c1``, …) and ``n``."""
    found: dict[str, Counts] = {name: {} for name in names}
    for row in rows:
        found[names[row["facet"]]][row[f"c{row['facet']}"]] = row["n"]
    return {name: _ordered(counts) for name, counts in found.items()}


def _ordered(counts: Counts) -> Counts:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0] is None, item[0])))


def brought_up(counts: Counts, by: Iterable[tuple[str | None, int]]) -> Counts:
    """Counts after so many more of each value, or fewer."""
    total = dict(counts)
    for value, n in by:
        total[value] = total.get(value, 0) + n
    return _ordered({value: n for value, n in total.items() if n})


@lru_cache(maxsize=KEPT)
def _grouped(listing: Listing, names: tuple[str, ...], filters: tuple[str, ...]) -> bytes:
    return _groups(listing, names, where(listing, filters), _EACH).as_bytes()


def _groups(listing: Listing, names: tuple[str, ...], rows: Composable, weight: SQL) -> Composed:
    """The sum of a weight of rows by each of these columns, as :func:`_told` takes it."""
    columns = [Identifier(f"c{number}") for number in range(len(names))]
    own = (SQL("{} AS {}").format(listing.column(n).sql, c) for n, c in zip(names, columns, strict=True))
    numbers = (SQL("WHEN grouping({}) = 0 THEN {}").format(c, Literal(n)) for n, c in enumerate(columns))
    return SQL(
        "SELECT CASE {numbers} END AS facet, {columns}, sum(weight) AS n "
        "FROM (SELECT {own}, {weight} AS weight {rows}) f GROUP BY GROUPING SETS ({sets})"
    ).format(
        numbers=SQL(" ").join(numbers),
        columns=SQL(", ").join(columns),
        own=SQL(", ").join(own),
        weight=weight,
        rows=rows,
        sets=SQL(", ").join(SQL("({})").format(column) for column in columns),
    )


# --- what is kept -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kept:
    """Counts of all facets of a listing after ``size`` entries of the log on a day, in one build of the rows."""

    built: UUID
    size: int
    on: date
    counts: Mapping[str, Counts]


_KEPT: WeakKeyDictionary[Reading, dict[Listing, _Kept]] = WeakKeyDictionary()
_LOCK = Lock()


def _of_all(reading: Reading, listing: Listing, moment: Moment) -> dict[str, Counts]:
    """Counts of all rows by each facet of a listing that tells its changes."""
    with _LOCK:
        kept = _KEPT.setdefault(reading, {})
    before = kept.get(listing)
    if before and before.on == moment.on and before.size <= moment.size:
        built, changed = _read(reading, _since(listing), {**moment.values(), "_before": before.size})
        if built == before.built:
            found = _told(listing.facets, changed)
            counts = {name: brought_up(before.counts[name], by.items()) for name, by in found.items()}
            kept[listing] = _Kept(built, moment.size, moment.on, counts)
            return counts
    built, rows = _read(reading, _all(listing), moment.values())
    counts = _told(listing.facets, rows)
    if moment.on == moment.today and not (before and before.on == moment.on and before.built == built):
        kept[listing] = _Kept(built, moment.size, moment.on, counts)
    return counts


def _read(reading: Reading, query: bytes, values: Mapping[str, Any]) -> tuple[UUID, list[DictRow]]:
    """The build of the rows, and the answer; both are of one statement."""
    rows = reading.rows(query, values)
    return rows[0]["built"], [row for row in rows if row["facet"] is not None]


@lru_cache(maxsize=KEPT)
def _all(listing: Listing) -> bytes:
    return _of_build(listing, _groups(listing, listing.facets, where(listing, ()), _EACH))


@lru_cache(maxsize=KEPT)
def _since(listing: Listing) -> bytes:
    """How many more rows there are of each value than there were after ``_before`` entries."""
    assert listing.changes
    both = SQL("FROM (SELECT t.*, 1 AS more {} UNION ALL SELECT t.*, -1 AS more {}) t")
    rows = both.format(listing.changes.came, listing.changes.went)
    return _of_build(listing, _groups(listing, listing.facets, rows, SQL("t.more")))


def _of_build(listing: Listing, counted: Composed) -> bytes:
    assert listing.changes
    place = Identifier(PROJECTIONS[listing.changes.projection].schema, "position")
    return SQL("SELECT p.built, f.* FROM {} p LEFT JOIN ({}) f ON true").format(place, counted).as_bytes()
