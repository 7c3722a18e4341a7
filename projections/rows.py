"""The rows of projections as pages read them: with the reader's role, all of one moment, one after the other.

Each row comes as the JSON that PostgreSQL makes of it, so that a value which no program of ours would have written
(a day without end, a name that is no longer text) can be shown as well.

    with shown(database.url("reader"), PROJECTIONS.values()) as found:
        found.position(bodies.PROJECTION)      # how many events its rows contain
        for table, row in found.rows(bodies.PROJECTION): ...
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from ledger.errors import NotFoundError, UnavailableError
from ledger.store.database import connect
from projections.projection import Projection

PAGE = 2000
_POSITION = "position"

# Tables, and whatever stands in the place of one, with the columns by which rows are ordered: the primary key's, or
# all of them where there is none.
_TABLES: LiteralString = """
    SELECT c.relname, coalesce(
        (SELECT array_agg(a.attname ORDER BY array_position(p.conkey, a.attnum)) FROM pg_constraint p
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(p.conkey)
         WHERE p.conrelid = c.oid AND p.contype = 'p'),
        (SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
    FROM pg_class c WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ORDER BY c.relname COLLATE "C"
"""


@dataclass(frozen=True, slots=True)
class _Begun:
    position: int
    schema: int  # the schema's own number: another after a rebuild
    tables: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ShownRows:
    """Projections at one moment."""

    _connection: psycopg.Connection
    _begun: Mapping[str, _Begun]

    def position(self, projection: Projection) -> int:
        """How many events of the log the rows of a projection contain, as it says itself."""
        return self._begun[projection.schema].position

    def rows(self, projection: Projection) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every row with its table's name, tables in ascending order, rows in that of their key; once, streamed.

        Raises UnavailableError where the server does not answer, or the projection is rebuilt meanwhile.
        """
        begun = self._begun[projection.schema]
        try:
            for table, columns in begun.tables.items():
                yield from ((table, row) for row in self._of(projection.schema, table, columns))
            if _number(self._connection, projection.schema) != begun.schema:
                raise _rebuilt(projection)
        except psycopg.errors.UndefinedTable:
            raise _rebuilt(projection) from None
        except psycopg.Error as error:
            raise _unavailable(error) from error

    def _of(self, schema: str, table: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        order = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(c)) for c in columns)
        name = sql.Identifier(schema, table)
        statement = sql.SQL("SELECT row_to_json(t)::text FROM {} AS t ORDER BY {}").format(name, order)
        with self._connection.cursor(name="shown_rows") as cursor:
            cursor.itersize = PAGE
            for (text,) in cursor.execute(statement):
                yield json.loads(text)


@contextmanager
def shown(url: str, projections: Iterable[Projection]) -> Iterator[ShownRows]:
    """The rows of projections in the database of ``url``; the reader's role suffices.

    Raises NotFoundError where one was never built there or does not say how far, UnavailableError where the server does
    not answer.
    """
    with connect(url) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with connection.transaction():
            try:
                begun = {p.schema: _begin(connection, p.schema) for p in projections}
            except psycopg.Error as error:
                raise _unavailable(error) from error
            yield ShownRows(connection, begun)


def _begin(connection: psycopg.Connection, schema: str) -> _Begun:
    tables = {name: tuple(columns) for name, columns in connection.execute(_TABLES, (schema,))}
    found = None
    if _POSITION in tables:
        statement = sql.SQL("SELECT position FROM {}").format(sql.Identifier(schema, _POSITION))
        found = connection.execute(statement).fetchone()
    if found is None:
        raise NotFoundError(
            f"projection {schema}: it was not built in this database (`jiannuo project` builds it)",
            f"读模型 {schema}：此数据库中尚未建立（`jiannuo project` 会建立）",
        )
    rest = {name: columns for name, columns in tables.items() if name != _POSITION}
    return _Begun(int(found[0]), _number(connection, schema), rest)


def _number(connection: psycopg.Connection, schema: str) -> int:
    """What a name stands for now, whatever this transaction sees of tables."""
    row = connection.execute("SELECT coalesce(to_regnamespace(%s)::oid::bigint, 0)", (schema,)).fetchone()
    assert row is not None
    return int(row[0])


def _rebuilt(projection: Projection) -> UnavailableError:
    return UnavailableError(
        f"projection {projection.schema}: it was rebuilt meanwhile; compare again",
        f"读模型 {projection.schema}：其间已重建，请再次比对",
    )


def _unavailable(error: psycopg.Error) -> UnavailableError:
    reason = str(error).strip().splitlines()[0]
    return UnavailableError(f"PostgreSQL: {reason}", f"PostgreSQL：{reason}")
