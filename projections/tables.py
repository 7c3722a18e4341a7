"""Tables of projections in PostgreSQL: made, written, renamed. Everybody else only reads them.

A projection has a schema, in which each table has, beside its own columns, ``asserted`` and ``retracted``, and a table
``position`` of one row: how many events the rows contain, why it stopped (``failure``) and which build of the rows
this is (``built``: another after every rebuild).

>>> from projections.projection import OPEN, Projection, Table
>>> from typing import NamedTuple
>>> class Named(NamedTuple):
...     id: str
...     names: tuple[str, ...]
>>> table = Table("names", Named, 1)
>>> columns(table)
('id', 'names', 'asserted', 'retracted')
>>> values(Version(table, Named("b", ("旧名",)), 3, OPEN))
('b', ['旧名'], 3, 9223372036854775807)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from ledger.errors import ConfigurationError, CorruptionError
from ledger.store.database import connect
from projections.copying import line
from projections.projection import OPEN, Projection, Table, Version

LOCKS, RUNNERS = 0x70726F6A, 0x70726F6B
"""Classes of advisory locks: those below, and one for each schema, which whoever applies events to it holds."""
INSTALLING, REBUILDING, SWAPPING = 0, 1, 2

_AT_ONCE = 500  # rows that are sent to COPY in one piece
_FEW = 30  # up to so many rows one INSERT each, in one message, is quicker than COPY

_POSITION = (
    "CREATE TABLE {}.position (one boolean PRIMARY KEY DEFAULT true CHECK (one), position bigint NOT NULL, "
    "failure text, built uuid NOT NULL DEFAULT gen_random_uuid())"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a projection is: so many events are in its rows, which are of this build; why it stopped, if it did."""

    position: int
    failure: str | None
    built: UUID


MISSING = (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedColumn)
"""What the database raises where tables of a projection were dropped, or are another release's."""


def missing() -> ConfigurationError:
    """What to do about :data:`MISSING`."""
    return ConfigurationError(
        "tables of a projection are missing, or another release made them: run `jiannuo project rebuild`",
        "缺少读模型的数据表，或其为其他版本所建：请运行 `jiannuo project rebuild`",
    )


class MovedError(Exception):
    """Somebody else applied the events, or put another build in the place of the rows."""


def columns(table: Table) -> tuple[str, ...]:
    """The names of all columns."""
    return (*table.fields, "asserted", "retracted")


def values(version: Version) -> tuple[Any, ...]:
    """What stands in :func:`columns`."""
    row = [list(v) if type(v) is tuple else v for v in version.row]
    return (*row, version.asserted, version.retracted)


def install(owner_url: str, projections: Iterable[Projection]) -> None:
    """Creates, as the owner, schema, tables, indexes and rights of the projections that are not there yet: empty."""
    with connect(owner_url) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCKS, INSTALLING))
        for projection in projections:
            if connection.execute("SELECT to_regnamespace(%s)", (projection.schema,)).fetchone() == (None,):
                create(connection, projection, projection.schema)
                index(connection, projection, projection.schema)


def create(connection: psycopg.Connection, projection: Projection, schema: str) -> None:
    """Creates the tables of a projection in a new schema, without keys and indexes (:func:`index`), with rights."""
    name = sql.Identifier(schema)
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
    for table in projection.tables:
        connection.execute(_definition(schema, table))
    connection.execute(sql.SQL(_POSITION).format(name))
    connection.execute(sql.SQL("INSERT INTO {}.position (position) VALUES (0)").format(name))
    for statement in (
        "GRANT USAGE ON SCHEMA {} TO jiannuo_writer, jiannuo_reader",
        "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA {} TO jiannuo_writer",
        "GRANT SELECT ON ALL TABLES IN SCHEMA {} TO jiannuo_reader",
    ):
        connection.execute(sql.SQL(statement).format(name))


def _definition(schema: str, table: Table) -> sql.Composed:
    own = [f'"{name}" {kind}' for name, kind in table.columns.items()]
    own += ["asserted bigint NOT NULL", f"retracted bigint NOT NULL DEFAULT {OPEN}"]
    return sql.SQL("CREATE TABLE {} ({})").format(
        sql.Identifier(schema, table.name),
        sql.SQL(", ").join(sql.SQL(part) for part in own),
    )


def index(connection: psycopg.Connection, projection: Projection, schema: str) -> None:
    """Gives the tables their keys and indexes."""
    for table in projection.tables:
        for statement in indexes(schema, table):
            connection.execute(statement)


def index_names(table: Table) -> dict[str, str]:
    """The indexes of a table beside its key, by name: another definition has another name."""
    return {f"{table.name}_{sha256(what.encode()).hexdigest()[:12]}": what for what in table.indexes}


def indexes(schema: str, table: Table) -> list[sql.Composed]:
    """The statements that give a table its key and its indexes."""
    name = sql.Identifier(schema, table.name)
    key = sql.SQL(", ").join(map(sql.Identifier, (*table.fields[: table.key], "asserted")))
    found = [sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(name, key)]
    return found + [
        sql.SQL("CREATE INDEX {} ON {} {}").format(sql.Identifier(own), name, sql.SQL(what))
        for own, what in index_names(table).items()
    ]


def parted(projection: Projection, versions: Iterable[Version]) -> list[tuple[Table, list[Version]]]:
    """Versions by their tables, in the order in which the projection has them; those that have any."""
    found: dict[str, list[Version]] = {table.name: [] for table in projection.tables}
    for version in versions:
        found[version.table.name].append(version)
    return [(table, found[table.name]) for table in projection.tables if found[table.name]]


def insert(connection: psycopg.Connection, schema: str, table: Table, versions: Sequence[Version]) -> None:
    """Writes versions that are not there yet, all of one table."""
    statements = _statements(schema, table)
    with connection.cursor() as cursor:
        if len(versions) <= _FEW:
            cursor.executemany(statements.insert, [values(v) for v in versions])
            return
    copy(connection, schema, table, versions)


def copy(connection: psycopg.Connection, schema: str, table: Table, versions: Sequence[Version]) -> None:
    """Writes many versions that are not there yet, all of one table."""
    with connection.cursor() as cursor, cursor.copy(_statements(schema, table).copy) as stream:
        for start in range(0, len(versions), _AT_ONCE):
            some = versions[start : start + _AT_ONCE]
            stream.write("".join([line((*row, asserted, retracted)) for _, row, asserted, retracted in some]))


def analyze(connection: psycopg.Connection, schema: str, table: Table) -> None:
    """Has the planner of queries learn what a table holds."""
    connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, table.name)))


def retract(connection: psycopg.Connection, schema: str, table: Table, versions: Sequence[Version]) -> None:
    """Ends versions that were written before, all of one table. Raises CorruptionError where one is not there."""
    if not versions:
        return
    with connection.cursor() as cursor:
        rows = [(v.retracted, *v.row[: table.key], v.asserted) for v in versions]
        cursor.execute(_statements(schema, table).retract, [list(column) for column in zip(*rows, strict=True)])
        if cursor.rowcount != len(versions):
            raise CorruptionError(
                f"{schema}.{table.name}: {len(versions)} rows should have ended, {cursor.rowcount} were found: "
                "they are not what this version writes; run `jiannuo project rebuild`",
                f"{schema}.{table.name}：应终止 {len(versions)} 行，实有 {cursor.rowcount} 行，"
                "与本版本所写不符；请运行 `jiannuo project rebuild`",
            )


@dataclass(frozen=True, slots=True)
class _Statements:
    insert: bytes
    copy: bytes
    retract: bytes


@lru_cache(maxsize=1000)
def _statements(schema: str, table: Table) -> _Statements:
    """The statements that write a table, as bytes: composing them takes longer than a row."""
    name, own = sql.Identifier(schema, table.name), columns(table)
    names = sql.SQL(", ").join(map(sql.Identifier, own))
    marks = sql.SQL(", ").join([sql.Placeholder()] * len(own))
    key = (*table.fields[: table.key], "asserted")
    arrays = sql.SQL(", ").join(sql.SQL(f"%s::{_array_type(table.columns.get(c, 'bigint'))}") for c in ("", *key))
    ended = [sql.Identifier(f"k{n}") for n in range(len(key))]
    pairs = zip(key, ended, strict=True)
    where = sql.SQL(" AND ").join(sql.SQL("t.{} = e.{}").format(sql.Identifier(c), k) for c, k in pairs)
    given = sql.SQL(", ").join([sql.Identifier("until"), *ended])
    return _Statements(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(name, names, marks).as_bytes(),
        sql.SQL("COPY {} ({}) FROM STDIN").format(name, names).as_bytes(),
        sql.SQL("UPDATE {} AS t SET retracted = e.until FROM unnest({}) AS e ({}) WHERE {}")
        .format(name, arrays, given, where)
        .as_bytes(),
    )


def _array_type(column: str) -> str:
    """The type of an array of a column's values."""
    return f"{column.partition(' ')[0]}[]"


def places(connection: psycopg.Connection, projections: Iterable[Projection]) -> dict[str, Place]:
    """Where these projections are, by name."""
    one = sql.SQL("SELECT {}::text, position, failure, built FROM {}")
    selects = [one.format(sql.Literal(p.name), _position(p)) for p in projections]
    rows = connection.execute(sql.SQL(" UNION ALL ").join(selects)) if selects else ()
    return {name: Place(*rest) for name, *rest in rows}


def move(connection: psycopg.Connection, moves: Sequence[tuple[Projection, UUID, int, int]]) -> None:
    """Moves positions of builds from one number of events to another; what had stopped goes on with that.

    Raises MovedError where one of them is not there any more.
    """
    one = sql.SQL(
        "{} AS (UPDATE {} SET position = {}, failure = NULL WHERE position = {} AND built = {} RETURNING position)"
    )
    names = [sql.Identifier(f"moved_{n}") for n in range(len(moves))]
    updates = [
        one.format(name, _position(p), sql.Literal(to), sql.Literal(at), sql.Literal(built))
        for name, (p, built, at, to) in zip(names, moves, strict=True)
    ]
    counts = [sql.SQL("(SELECT count(*) FROM {})").format(name) for name in names]
    statement = sql.SQL("WITH {} SELECT {}").format(sql.SQL(", ").join(updates), sql.SQL(" + ").join(counts))
    row = connection.execute(statement).fetchone()
    if row is None or row[0] != len(moves):
        raise MovedError


def stop(connection: psycopg.Connection, projection: Projection, built: UUID, position: int, failure: str) -> bool:
    """Writes down why a build of a projection stopped at a position; False where it is not there any more."""
    statement = sql.SQL("UPDATE {} SET failure = %s WHERE built = %s AND position = %s").format(_position(projection))
    return connection.execute(statement, (failure, built, position)).rowcount == 1


def _position(projection: Projection) -> sql.Identifier:
    return sql.Identifier(projection.schema, "position")
