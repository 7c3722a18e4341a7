"""Reading projections: with the reader's role, a pool of its own, at a moment of the log, within bounds of time.

A :class:`Moment` is how much of the log counts (``size`` entries) and which day questions are asked for. Every table
of a projection is read at one: ``asserted < size AND retracted >= size``, which :func:`held` says for an alias.

    reading = Reading(database)
    now = reading.moment(None, today)
    query = SQL("SELECT t.* FROM {bodies} t WHERE {held} ORDER BY t.log_index LIMIT 50")
    reading.rows(query.format(bodies=name_of(bodies.BODIES), held=held("t")), now.values())

What the reader asks may take STATEMENT_SECONDS and no longer, and its connections are its own: who reads cannot keep
who writes waiting.

>>> Moment(7, date(2026, 6, 1), date(2026, 11, 21)).values()["size"]
7
>>> held("t").as_string()
'("t".asserted < %(size)s AND "t".retracted >= %(size)s)'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import TracebackType
from typing import Any

from psycopg import conninfo
from psycopg.errors import QueryCanceled
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Identifier, Literal

from ledger.errors import NotFoundError, UnavailableError
from ledger.store.database import Database
from ledger.store.recorder import STORE_ERRORS, as_ledger_error, datastore, patient
from projections import provenance
from projections.catalogue import PROJECTIONS
from projections.following import Following
from projections.projection import Table
from projections.tables import MISSING, Place, missing

STATEMENT_SECONDS = 5
_SESSION = (
    "-cdefault_transaction_read_only=on",
    # Filters differ much in how many rows they leave: a plan made for any value was ten times slower for a region.
    "-cplan_cache_mode=force_custom_plan",
    # One reader takes one core, whatever it asks: what is left is for who writes.
    "-cmax_parallel_workers_per_gather=0",
    "-cjit=off",
)


@dataclass(frozen=True, slots=True)
class Moment:
    """``size`` entries of the log count; ``on`` is the day that is asked for, ``today`` the day of the asking."""

    size: int
    on: date
    today: date

    def values(self) -> dict[str, Any]:
        """As parameters of a query."""
        return {"size": self.size, "on": self.on, "today": self.today}


SCHEMAS: Mapping[int, str] = {
    id(table): projection.schema for projection in PROJECTIONS.values() for table in projection.tables
}


def name_of(table: Table) -> Identifier:
    """The table with its schema, for a query."""
    return Identifier(SCHEMAS[id(table)], table.name)


def held(alias: str) -> Composed:
    """The condition that a row of the table with this alias held at the moment that is asked for."""
    return SQL("({alias}.asserted < %(size)s AND {alias}.retracted >= %(size)s)").format(alias=Identifier(alias))


class Reading:
    """See the module's docstring. Safe to use from many threads."""

    def __init__(self, database: Database, *, pool_size: int = 8) -> None:
        url = database.url("reader")
        own = str(conninfo.conninfo_to_dict(url).get("options") or "")
        self.pool_size = pool_size
        self.following = Following(url, patience=database.patience)
        limits = " ".join((own, f"-cstatement_timeout={STATEMENT_SECONDS}s", *_SESSION)).strip()
        limited = conninfo.make_conninfo(url, options=limits)
        self._store = datastore(limited, pool_size=pool_size, patience=database.patience)

    def position(self, *names: str) -> int:
        """How many entries of the log all these projections contain; without names, all there are."""
        (row,) = self.rows(_position(names or tuple(PROJECTIONS)), {})
        return int(row["n"])

    def places(self) -> dict[str, Place]:
        """Where each projection is, by name, and why it stopped if it did. Raises UnavailableError."""
        one = SQL("SELECT {}::text AS name, position, failure, built FROM {}")
        selects = [one.format(Literal(p.name), Identifier(p.schema, "position")) for p in PROJECTIONS.values()]
        rows = self.rows(SQL(" UNION ALL ").join(selects), {})
        return {row["name"]: Place(row["position"], row["failure"], row["built"]) for row in rows}

    def moment(self, as_of: date | int | None, today: date, *names: str) -> Moment:
        """The moment that somebody asks for: now, the end of a day, or the position right after a log index.

        ``names`` are the projections that are about to be read. Raises NotFoundError for an index that is not there.
        """
        position = self.position(*names)
        if as_of is None:
            return Moment(position, today, today)
        if isinstance(as_of, date):
            (row,) = self.rows(_SIZE_ON, {"day": as_of})
            return Moment(min(row["size"] or 0, position), as_of, today)
        found = self.rows(_DAY_AT, {"index": as_of})
        if not found or as_of >= position:
            raise NotFoundError(f"log: there is no entry {as_of} yet", f"日志：尚无第 {as_of} 号条目")
        return Moment(as_of + 1, found[0]["day"], today)

    @patient
    def rows(self, query: Composed | bytes, values: Mapping[str, Any]) -> list[DictRow]:
        """The answer to a query; at most as many rows as it bounds. Raises UnavailableError.

        What is asked often is given as bytes: composing a long query takes longer than many an answer to it.
        """
        with self._store.get_connection() as connection, connection.cursor() as cursor:
            try:
                cursor.execute(query, values, prepare=True)
                return cursor.fetchall()
            except QueryCanceled:  # asked again it would take as long, and keep others from asking
                raise _too_slow() from None
            except MISSING:
                raise missing() from None

    @contextmanager
    def scan(self, query: Composed | bytes, values: Mapping[str, Any]) -> Iterator[Iterator[DictRow]]:
        """The answer to a query row by row, for exports: constant memory, one transaction. Raises UnavailableError."""
        try:
            with (
                self._store.get_connection() as connection,
                connection.transaction(),  # a cursor of the server lives in one
                connection.cursor(name="scan") as cursor,
            ):
                cursor.itersize = 1000
                cursor.execute(query, values)
                yield iter(cursor)
        except STORE_ERRORS as error:
            cause = error.__cause__ or error
            if isinstance(cause, QueryCanceled):
                raise _too_slow() from None
            raise (missing() if isinstance(cause, MISSING) else as_ledger_error(error)) from None

    def close(self) -> None:
        """Lets go of the database."""
        self._store.close()

    def __enter__(self) -> Reading:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@lru_cache(maxsize=1000)
def _position(names: tuple[str, ...]) -> bytes:
    selects = (SQL("SELECT position FROM {}").format(Identifier(PROJECTIONS[n].schema, "position")) for n in names)
    return SQL("SELECT min(position) AS n FROM ({}) AS p").format(SQL(" UNION ALL ").join(selects)).as_bytes()


_EVENTS = name_of(provenance.EVENTS)
_SIZE_ON = SQL("SELECT max(log_index) + 1 AS size FROM {} WHERE day <= %(day)s").format(_EVENTS).as_bytes()
_DAY_AT = SQL("SELECT day FROM {} WHERE log_index = %(index)s").format(_EVENTS).as_bytes()


def _too_slow() -> UnavailableError:
    return UnavailableError(
        f"the question takes longer than {STATEMENT_SECONDS} s; ask for less, or later",
        f"查询超过 {STATEMENT_SECONDS} 秒；请缩小范围或稍后再试",
    )
