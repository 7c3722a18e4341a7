"""Filling a database with a log that was kept elsewhere: all of it in one transaction, under the lock of appending.

Who loads has verified what it loads. An empty database takes any log; one that holds a log takes its continuation only,
which the caller has to make sure of by comparing the entries that are there.

>>> columns = ("originator_id", "originator_version", "topic", "state", "notification_id", "jti", "leaf_hash")
>>> all(column in str(_EVENTS) for column in columns)
True
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from struct import Struct
from typing import Any, LiteralString

import psycopg

from ledger.errors import UnavailableError
from ledger.store.database import connect
from ledger.store.recorder import APPEND_LOCK

_EVENTS: LiteralString = (
    "COPY ledger.events (notification_id, originator_id, originator_version, topic, jti, leaf_hash, state) "
    "FROM STDIN WITH (FORMAT BINARY)"
)
# A row in COPY's binary format (PostgreSQL manual, COPY): made by hand in a third of the time that a driver takes.
_COPY_HEADER, _COPY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_TO_STREAM, _TO_TOPIC, _LENGTH = Struct("!hiqi"), Struct("!iqi"), Struct("!i")
_ID, _LEAF = _LENGTH.pack(16), _LENGTH.pack(32)


class Loading:
    """A transaction that fills a log's tables; it is committed when the block of :func:`loading` ends."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
        row = connection.execute("SELECT coalesce(max(notification_id), 0) FROM ledger.events").fetchone()
        assert row is not None
        self.size: int = row[0]
        """Entries that were there before."""

    def newest(self) -> str | None:
        """The newest checkpoint that was there before."""
        row = self._connection.execute("SELECT note FROM ledger.checkpoints ORDER BY size DESC LIMIT 1").fetchone()
        return None if row is None else str(row[0])

    def held(self, start: int, stop: int) -> list[bytes]:
        """The entries with ``start`` <= index < ``stop`` that were there before."""
        with self._connection.cursor(binary=True) as cursor:
            cursor.execute(
                "SELECT state FROM ledger.events WHERE notification_id > %s::bigint AND notification_id <= %s::bigint "
                "ORDER BY notification_id",
                (start, min(stop, self.size)),
            )
            return [bytes(row[0]) for row in cursor]

    def events(self, rows: Iterable[tuple[int, str, int, str, bytes, bytes, bytes]]) -> None:
        """Entries as a source gives them: index, stream, version, topic, jti, leaf hash, entry."""
        parts = [_COPY_HEADER]
        for index, stream, version, topic, jti, leaf, entry in rows:
            name, what = stream.encode(), topic.encode()
            parts += (_TO_STREAM.pack(7, 8, index + 1, len(name)), name, _TO_TOPIC.pack(8, version, len(what)), what)
            parts += (_ID, jti, _LEAF, leaf, _LENGTH.pack(len(entry)), entry)
        parts.append(_COPY_END)
        with self._connection.cursor() as cursor, cursor.copy(_EVENTS) as copy:
            copy.write(b"".join(parts))

    def tiles(self, tiles: Sequence[tuple[int, int, bytes, bytes]]) -> None:
        """Finished tiles: level, number, hashes, and the hash of the subtree above."""
        self._insert("INSERT INTO ledger.tiles (level, n, hashes, root) VALUES (%s, %s, %s, %s)", tiles)

    def checkpoints(self, filed: Sequence[tuple[int, str]]) -> None:
        """Checkpoints: size and note. Cosignatures stay in the note."""
        self._insert("INSERT INTO ledger.checkpoints (size, note) VALUES (%s, %s)", filed)

    def _insert(self, sql: LiteralString, rows: Sequence[Any]) -> None:
        if rows:
            with self._connection.cursor() as cursor:
                cursor.executemany(sql, rows)


@contextmanager
def loading(url: str) -> Iterator[Loading]:
    """Fills the tables of the database of ``url`` (the writer's role); they stay as they were where the block raises.

    Raises UnavailableError where the database cannot be reached, or does not take what it is given.
    """
    with connect(url) as connection:
        try:
            with connection.transaction():
                yield Loading(connection)
        except psycopg.Error as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise UnavailableError(
                f"PostgreSQL: {reason}; nothing was stored", f"PostgreSQL：{reason}；未存入任何内容"
            ) from error
