"""A listing: one resource as a table that can be filtered, ordered, counted, paged and exported; data, not code.

A resource says where its rows come from and what its columns are called; API, exports, feeds and pages read it the
same way. A page is continued by a *cursor* that carries the log size and the day of the first page, so that pages fit
each other whatever is recorded meanwhile, and nothing is skipped or shown twice.

>>> listing = Listing("bodies", SQL("FROM x t WHERE true"), (Column("id", SQL("t.id"), str, "id", "标识"),),
...                   {"region": SQL("t.region = %(region)s")}, {"newest": Order((SQL("t.log_index"),), (int,), True)})
>>> cursor = Cursor(7, date(2026, 6, 1), "newest", (12,))
>>> Cursor.parse(cursor.text(), listing) == cursor
True
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Composed, Identifier

from ledger.errors import FormatError
from projections.reading import Moment, Reading

PAGE, MOST = 50, 500
"""Rows of a page: the usual number, and the most that may be asked for."""
LONGEST_CURSOR = 600
KEPT = 1000
"""Queries of each sort that are kept as they were composed."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the SQL that gives it, its type (str, int, bool, date, tuple for a list, dict for an object),
    and what it means in English and Chinese.
    """

    name: str
    sql: Composable
    type: type
    en: str
    zh: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """An order of rows: expressions which together are unique, their types, and whether the greatest comes first."""

    keys: tuple[Composable, ...]
    types: tuple[type, ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed of a listing's rows ``t`` between two sizes of the log, ``_before`` and ``size``, on one day.

    SQL from FROM on: ``came`` are rows that hold after the second and did not after the first, ``went`` the other way
    round. Only where rows are those of one table, of the projection that is named, and nothing else decides.
    """

    projection: str
    came: Composable
    went: Composable


@dataclass(frozen=True, eq=False)
class Listing:
    """A resource; see the module's docstring.

    ``source`` is SQL from FROM on, with its conditions of time and visibility in WHERE. ``filters`` are conditions by
    parameter, each with that parameter as its placeholder. ``orders``: the first is the usual one. ``facets`` are the
    columns whose values are counted (:mod:`projections.views.counting`), faster with ``changes``. ``reads`` names
    the projections that it reads. ``details`` is SQL that joins one row to each row ``t`` of a page that is already
    cut: for columns that are shown and nothing else.
    """

    name: str
    source: Composable
    columns: tuple[Column, ...]
    filters: Mapping[str, Composable]
    orders: Mapping[str, Order]
    facets: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    key: str = "id"
    details: Composable | None = None
    changes: Changes | None = None
    _columns: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._columns.update({column.name: column for column in self.columns})

    def column(self, name: str) -> Column:
        """The column of this name."""
        return self._columns[name]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the moment of the first page, the order, and the key of the last row."""

    size: int
    on: date
    order: str
    key: tuple[Any, ...]

    def text(self) -> str:
        """As it stands in an address."""
        key = [k.isoformat() if isinstance(k, date) else k for k in self.key]
        data = json.dumps([self.size, self.on.isoformat(), self.order, key], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(data.encode()).rstrip(b"=").decode()

    @classmethod
    def parse(cls, text: str, listing: Listing) -> Cursor:
        """The inverse of :meth:`text`. Raises FormatError for what no page of this listing gave."""
        try:
            if len(text) > LONGEST_CURSOR:
                raise ValueError
            raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            size, on, order, key = json.loads(raw)
            types = listing.orders[order].types
            if type(size) is not int or not 0 <= size < 2**62 or len(key) != len(types):
                raise ValueError
            found = tuple(_key(k, t) for k, t in zip(key, types, strict=True))
            return cls(size, date.fromisoformat(on), order, found)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error):
            raise not_given() from None


def not_given() -> FormatError:
    """The error for a cursor that no page gave."""
    return FormatError("after: expected what the page before gave as its next", "after：应为上一页给出的续页标记")


def _key(value: Any, kind: type) -> Any:
    """A key's value out of JSON. Raises ValueError where it is not of its type, or no number of ours."""
    found: Any = date.fromisoformat(value) if kind is date else value
    if type(found) is not kind or (isinstance(found, int) and not -(2**62) < found < 2**62):
        raise ValueError
    if isinstance(found, str) and not found.isprintable():  # nothing that is a key holds what the database cannot read
        raise ValueError
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, the moment that they are of, and the cursor of the next page (None: this is the last)."""

    rows: Sequence[DictRow]
    moment: Moment
    next: str | None


def page(
    reading: Reading,
    listing: Listing,
    moment: Moment,
    *,
    filters: Mapping[str, Any] | None = None,
    order: str | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> Page:
    """A page of a listing. With ``after`` moment and order are those of the first page. Raises FormatError."""
    cursor = Cursor.parse(after, listing) if after else None
    if cursor and cursor.on > moment.today:
        raise not_given()
    if cursor:
        moment, order = Moment(min(cursor.size, moment.size), cursor.on, moment.today), cursor.order
    name = order or next(iter(listing.orders))
    limit, asked = min(limit, MOST), filled(filters)
    values = {**moment.values(), **asked, "_limit": limit + 1}
    if cursor:
        values |= {f"_after{n}": key for n, key in enumerate(cursor.key)}
    found = reading.rows(_rows(listing, tuple(asked), name, after=cursor is not None, limited=True), values)
    keys = [tuple(row.pop(f"_key{n}") for n in range(len(listing.orders[name].keys))) for row in found]
    more = Cursor(moment.size, moment.on, name, keys[limit - 1]).text() if len(found) > limit else None
    return Page(found[:limit], moment, more)


@contextmanager
def export(
    reading: Reading, listing: Listing, moment: Moment, filters: Mapping[str, Any] | None = None
) -> Iterator[Iterator[DictRow]]:
    """All rows of a listing in its usual order, one by one."""
    asked = filled(filters)
    query = _rows(listing, tuple(asked), next(iter(listing.orders)), after=False, limited=False)
    with reading.scan(query, {**moment.values(), **asked}) as rows:
        yield ({k: v for k, v in row.items() if not k.startswith("_key")} for row in rows)


def one(reading: Reading, listing: Listing, moment: Moment, key: str) -> DictRow | None:
    """The row with this key; None where there is none at this moment."""
    found = reading.rows(_one(listing), {**moment.values(), "_one": key})
    return found[0] if found else None


def count(reading: Reading, listing: Listing, moment: Moment, filters: Mapping[str, Any] | None = None) -> int:
    """How many rows there are."""
    asked = filled(filters)
    (row,) = reading.rows(_count(listing, tuple(asked)), {**moment.values(), **asked})
    return int(row["n"])


# --- queries: each is composed once -----------------------------------------------------------------------------


def filled(filters: Mapping[str, Any] | None) -> dict[str, Any]:
    """The filters that say something, always in the same order."""
    return {name: value for name, value in sorted((filters or {}).items()) if value is not None}


def where(listing: Listing, filters: Sequence[str]) -> Composed:
    """Rows ``t`` of a listing under filters, from FROM on."""
    conditions = (SQL(" AND {}").format(listing.filters[name]) for name in filters)
    return SQL("{}{}").format(listing.source, SQL("").join(conditions))


@lru_cache(maxsize=KEPT)
def _rows(listing: Listing, filters: tuple[str, ...], order: str, *, after: bool, limited: bool) -> bytes:
    """Rows in an order; ``after`` the key that is given, not more than the limit that is given."""
    keys, descending = listing.orders[order].keys, listing.orders[order].descending
    rows = where(listing, filters)
    if after:
        last = SQL(", ").join(SQL(f"%(_after{n})s") for n in range(len(keys)))
        rows += SQL(" AND ({}) {} ({})").format(SQL(", ").join(keys), SQL("<" if descending else ">"), last)
    by = SQL(" ORDER BY ") + SQL(", ").join(SQL("{} DESC" if descending else "{}").format(key) for key in keys)
    rows += by
    if limited:
        rows += SQL(" LIMIT %(_limit)s")
    own = SQL(", ").join(SQL("{} AS {}").format(key, Identifier(f"_key{n}")) for n, key in enumerate(keys))
    query = SQL("SELECT {}, {} {}").format(_selected(listing), own, _detailed(listing, rows))
    return (query + by if listing.details else query).as_bytes()


@lru_cache(maxsize=KEPT)
def _one(listing: Listing) -> bytes:
    rows = SQL("{} AND {} = %(_one)s").format(listing.source, listing.column(listing.key).sql)
    return SQL("SELECT {} {}").format(_selected(listing), _detailed(listing, rows)).as_bytes()


@lru_cache(maxsize=KEPT)
def _count(listing: Listing, filters: tuple[str, ...]) -> bytes:
    return SQL("SELECT count(*) AS n {}").format(where(listing, filters)).as_bytes()


def _selected(listing: Listing) -> Composed:
    return SQL(", ").join(SQL("{} AS {}").format(c.sql, Identifier(c.name)) for c in listing.columns)


def _detailed(listing: Listing, rows: Composed) -> Composed:
    """The rows ``t`` that a query from FROM on gives, each with its details."""
    return SQL("FROM (SELECT t.* {}) t {}").format(rows, listing.details) if listing.details else rows
