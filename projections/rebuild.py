"""Rebuilding projections: beside the old, on all cores, and swapped in one transaction.

The tables are filled in a schema of their own (``bodies_1_next``): each process takes ranges of streams, folds the
whole history of a case at once and copies finished versions; keys and indexes are made afterwards. Then the events that
came meanwhile are applied, and ``bodies_1_next`` takes the place of ``bodies_1``. Who reads sees the old rows or the
new ones, all of them: the old tables are dropped when nobody reads them any more. A rebuild that was interrupted has
left tables that nobody reads; the next one begins with dropping them.

    rebuild(database, ledger.reader, [PROJECTIONS["bodies"]])

>>> list(_ranges("body", ["body/9"])) == [Range("body/", "body/9"), Range("body/9", "body0")]
True
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from uuid import UUID

import psycopg
from psycopg import sql

from ledger.errors import NotFoundError, UnavailableError
from ledger.store.database import Database, connect
from ledger.store.reader import Reader
from projections import filling, tables
from projections.applying import CHANNEL, Applier, in_words
from projections.filling import Filling, Range, processes
from projections.projection import Projection
from projections.tables import Place

NEXT, OLD = "_next", "_old"
LONG = 20_000
"""A projection that lacks so many events is rebuilt rather than brought up event by event."""
_RANGE = 5_000  # events, about, that a process takes at once
_ALONE = 2_000  # events up to which starting processes takes longer than the work
_LOCK_TIMEOUT = "500ms"  # for dropping: who comes to read meanwhile waits no longer
_DROP_SECONDS = 60.0

Progress = Callable[[str, int, int], object]
"""Told what is done (``events`` or ``tables``), how many more of it are, and of how many."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def behind(database: Database, reader: Reader, projections: Collection[Projection]) -> list[Projection]:
    """Those that lack so many events (:data:`LONG`) that they had better be rebuilt. Creates what is not there.

    None that has stopped: it would not get further; a runner tries it again from there. But always one whose tables
    are not all there, or have other columns or indexes than this release makes.
    """
    tables.install(database.url("owner"), projections)
    with connect(database.url("reader")) as connection:
        other = {p.name for p in projections if not (_has_columns(connection, p) and _has_indexes(connection, p))}
        found = tables.places(connection, [p for p in projections if p.name not in other])
    size = size_of(reader)
    lacking = {name for name, place in found.items() if size - place.position > LONG and not place.failure}
    return [p for p in projections if p.name in lacking | other]


def _has_columns(connection: psycopg.Connection, projection: Projection) -> bool:
    """Whether the tables of a projection are there, with the columns that this release writes."""
    query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s"
    found = {(t, c) for t, c in connection.execute(query, (projection.schema,))}
    expected = {(t.name, c) for t in projection.tables for c in tables.columns(t)}
    return found == expected | {("position", c) for c in ("one", *Place.__slots__)}


def _has_indexes(connection: psycopg.Connection, projection: Projection) -> bool:
    """Whether the tables of a projection have the indexes that this release makes, beside their keys."""
    query = (
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND NOT i.indisprimary"
    )
    found = {name for (name,) in connection.execute(query, (projection.schema,))}
    return found == {name for table in projection.tables for name in tables.index_names(table)}


@in_words()
def rebuild(
    database: Database,
    reader: Reader,
    projections: Collection[Projection],
    *,
    workers: int | None = None,
    progress: Progress = lambda what, more, total: None,
) -> int:
    """Builds projections anew from the log; how many events they contain when they take the old ones' place.

    A runner may work meanwhile, and readers read. Raises RebuildingError while another rebuild is at work,
    UnavailableError where the database or a process is lost, LedgerError where an event cannot be taken: then the old
    rows stay.
    """
    tables.install(database.url("owner"), projections)
    coming = tuple(replace(p, suffix=NEXT) for p in projections)
    with connect(database.url("owner")) as owner, alone(owner):
        _clean(owner, projections)
        built = _create(owner, coming)
        size = size_of(reader)
        task = Filling(database.url("writer"), database.url("owner"), coming, built, size)
        with processes(task, 1 if size <= _ALONE else workers or cores()) as call:
            for count in call([(filling.fill, (r,)) for r in _all_ranges(owner, coming)]):
                progress("events", count, size)
            places = _by_size(owner, coming)
            for count in call([(filling.index, place) for place in places]):
                progress("tables", count, len(places))
        with connect(database.url("writer")) as connection:
            tables.move(connection, [(p, built[p.name], 0, size) for p in coming])
            applier = Applier(reader, coming)
            applier.lock(connection)
            _catch_up(applier, connection)
            position = _swap(owner, applier, projections, coming)
        drop(owner, [f"{p.schema}{OLD}" for p in projections])
    return position


class RebuildingError(UnavailableError):
    """Another rebuild is at work."""


@contextmanager
def alone(owner: psycopg.Connection) -> Iterator[None]:
    """While no other rebuild is at work. Raises RebuildingError where one is."""
    row = owner.execute("SELECT pg_try_advisory_lock(%s, %s)", (tables.LOCKS, tables.REBUILDING)).fetchone()
    if not row or not row[0]:
        raise RebuildingError(
            "projections: another rebuild is at work; wait for its end", "读模型：另一次重建正在进行；请等待其结束"
        )
    try:
        yield
    finally:
        with suppress(psycopg.OperationalError):  # a connection that was lost holds no lock
            owner.execute("SELECT pg_advisory_unlock(%s, %s)", (tables.LOCKS, tables.REBUILDING))


def _clean(owner: psycopg.Connection, projections: Collection[Projection]) -> None:
    """Drops what an interrupted rebuild left. Raises UnavailableError where its processes still write."""
    left = drop(owner, [f"{p.schema}{suffix}" for p in projections for suffix in (NEXT, OLD)])
    if left:
        raise UnavailableError(
            f"projections: tables of a rebuild before are still in use: {', '.join(left)}",
            f"读模型：上一次重建的数据表仍在使用：{'、'.join(left)}",
        )


def _create(owner: psycopg.Connection, coming: Collection[Projection]) -> dict[str, UUID]:
    with owner.transaction():
        for projection in coming:
            tables.create(owner, projection, projection.schema)
    return {name: place.built for name, place in tables.places(owner, coming).items()}


def _all_ranges(owner: psycopg.Connection, projections: Collection[Projection]) -> list[Range]:
    """The streams that these projections look at, in ranges of about as many events, the longest kinds first."""
    query = (
        "SELECT stream FROM (SELECT originator_id AS stream, row_number() OVER (ORDER BY originator_id) AS n "
        "FROM ledger.events WHERE originator_id > %s AND originator_id < %s) AS e WHERE n %% %s = 0"
    )
    found: list[list[Range]] = []
    for kind in {kind for p in projections for kind in p.kinds}:
        rows = owner.execute(query, (f"{kind}/", f"{kind}0", _RANGE)).fetchall()
        found.append(list(_ranges(kind, list(dict.fromkeys(row[0] for row in rows)))))
    return [one for several in sorted(found, key=len, reverse=True) for one in several]


def _by_size(owner: psycopg.Connection, projections: Sequence[Projection]) -> list[tuple[int, int]]:
    """All tables, by the numbers of projection and table, the largest first: so that no core is idle at the end."""
    sizes = {
        (n, m): owner.execute("SELECT pg_table_size(%s::regclass)", (f"{p.schema}.{table.name}",)).fetchone()
        for n, p in enumerate(projections)
        for m, table in enumerate(p.tables)
    }
    return sorted(sizes, key=lambda place: sizes[place] or (0,), reverse=True)


def _ranges(kind: str, bounds: Sequence[str]) -> Iterator[Range]:
    edges = [f"{kind}/", *bounds, f"{kind}0"]  # 0 comes after the slash
    return (Range(start, stop) for start, stop in pairwise(edges))


def _catch_up(applier: Applier, connection: psycopg.Connection) -> None:
    while applier.step(connection):
        for error in applier.failures.values():
            raise error
    for error in applier.failures.values():
        raise error


def _swap(
    owner: psycopg.Connection, applier: Applier, projections: Collection[Projection], coming: Collection[Projection]
) -> int:
    """Puts the new tables in the place of the old, at a moment when they contain no less; their position."""
    with owner.transaction():
        # Who applies events waits for this; what it names after it are the new tables.
        owner.execute("SELECT pg_advisory_xact_lock(%s, %s)", (tables.LOCKS, tables.SWAPPING))
        _catch_up(applier, owner)
        position = min(place.position for place in tables.places(owner, coming).values())
        for old, new in zip(projections, coming, strict=True):
            for schema, name in ((old.schema, f"{old.schema}{OLD}"), (new.schema, old.schema)):
                statement = sql.SQL("ALTER SCHEMA {} RENAME TO {}")
                owner.execute(statement.format(sql.Identifier(schema), sql.Identifier(name)))
        owner.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(position)))
    return position


def drop(owner: psycopg.Connection, schemas: Sequence[str]) -> list[str]:
    """Drops schemas that nobody names any more, as soon as nobody reads them; those that are left after a minute."""
    left = [s for s in schemas if owner.execute("SELECT to_regnamespace(%s)", (s,)).fetchone() != (None,)]
    deadline = time.monotonic() + _DROP_SECONDS
    owner.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT}'")
    while left and time.monotonic() < deadline:
        try:
            owner.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(left[0])))
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            left.append(left.pop(0))
            time.sleep(0.2)
        else:
            left.pop(0)
    owner.execute("RESET lock_timeout")
    return left


def size_of(reader: Reader) -> int:
    """How many entries the log has; 0 before the ledger is founded."""
    try:
        return reader.newest().size
    except NotFoundError:
        return 0
