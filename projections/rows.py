"""The rows of a projection as the site reads them: with the reader's role, all of one moment, one after the other.

Each row comes as the JSON that PostgreSQL makes of it, so that a value which no program of ours would have written
(a day without end, a name that is no longer text) can be shown as well.

    with shown(database.url("reader"), BOARD) as board:
        board.position                 # how many events the rows contain
        for table, row in board.rows(): ...
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from ledger.errors import NotFoundError, UnavailableError
from ledger.store.database import connect
from projections.board_projection import Projection

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
class ShownRows:
    """A projection at one moment; ``position`` is how many events of the log its rows contain, as it says itself."""

    position: int
    _connection: psycopg.Connection
    _schema: str
    _tables: tuple[tuple[str, tuple[str, ...]], ...]

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every row with its table's name, tables in ascending order, rows in that of their key; once, streamed.

        Raises UnavailableError where the server does not answer.
        """
        for table, columns in self._tables:
            yield from ((table, row) for row in self._of(table, columns))

    def _of(self, table: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        order = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(c)) for c in columns)
        statement = sql.SQL("SELECT row_to_json(t)::text FROM {} AS t ORDER BY {}").format(
            sql.Identifier(self._schema, table), order
        )
        try:
            with self._connection.cursor(name="shown_rows") as cursor:
                cursor.itersize = PAGE
                for (text,) in cursor.execute(statement):
                    yield json.loads(text)
        except psycopg.Error as error:
            raise _unavailable(error) from error


@contextmanager
def shown(url: str, projection: Projection) -> Iterator[ShownRows]:
    """The rows of a projection in the database of ``url``; the reader's role suffices.

    Raises NotFoundError where it was never built there or does not say how far, UnavailableError where the server does
    not answer.
    """
    with connect(url) as connection:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with connection.transaction():
            try:
                position, tables = _begun(connection, projection.schema)
            except psycopg.Error as error:
                raise _unavailable(error) from error
            yield ShownRows(position, connection, projection.schema, tables)


def _begun(connection: psycopg.Connection, schema: str) -> tuple[int, tuple[tuple[str, tuple[str, ...]], ...]]:
    tables = {name: tuple(columns) for name, columns in connection.execute(_TABLES, (schema,))}
    found = None
    if _POSITION in tables:
        statement = sql.SQL("SELECT position FROM {}").format(sql.Identifier(schema, _POSITION))
        found = connection.execute(statement).fetchone()
    if found is None:
        raise NotFoundError(
            f"projection {schema}: it was not built in this database (`jiannuo serve` builds it)",
            f"读模型 {schema}：此数据库中尚未建立（`jiannuo serve` 会建立）",
        )
    return int(found[0]), tuple((name, columns) for name, columns in tables.items() if name != _POSITION)


def _unavailable(error: psycopg.Error) -> UnavailableError:
    reason = str(error).strip().splitlines()[0]
    return UnavailableError(f"PostgreSQL: {reason}", f"PostgreSQL：{reason}")
