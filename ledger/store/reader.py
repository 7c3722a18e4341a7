"""Reading the log: entries, streams, tiles, checkpoints, with the role that can do nothing else.

All that is read is immutable, so an answer may be kept for ever; only the newest checkpoint changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import sleep
from typing import Any

from eventsourcing.persistence import InterfaceError, OperationalError, PersistenceError
from eventsourcing.postgres import PostgresDatastore
from psycopg.rows import DictRow

from ledger.errors import NotFoundError
from ledger.proof.merkle import TILE_WIDTH
from ledger.store.recorder import ATTEMPTS, PAUSE, SELECT_ROWS, Row, as_ledger_error, row_of

PAGE = 1000


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed checkpoint as it was committed, and the size that it is filed under."""

    size: int
    note: str


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's signature line for the checkpoint of a size; ``witness`` is its verifier key (vkey)."""

    size: int
    witness: str
    line: str


class Reader:
    """Read-only questions to the log's tables, safe to ask from many threads."""

    def __init__(self, store: PostgresDatastore) -> None:
        self._store = store

    def newest(self, *, attempts: int = ATTEMPTS) -> StoredCheckpoint:
        """The newest checkpoint. Raises NotFoundError before the ledger is founded."""
        rows = self._query("SELECT size, note FROM ledger.checkpoints ORDER BY size DESC LIMIT 1", attempts=attempts)
        return self._checkpoint(rows, "newest")

    def covering(self, index: int) -> StoredCheckpoint:
        """The first checkpoint that covers the entry at ``index``: that of its own transaction."""
        sql = "SELECT size, note FROM ledger.checkpoints WHERE size > %s ORDER BY size LIMIT 1"
        return self._checkpoint(self._query(sql, index), str(index))

    def cosigned(self, witness: str) -> int:
        """The largest size that the witness with this vkey cosigned; 0 where there is none."""
        rows = self._query("SELECT coalesce(max(size), 0) AS size FROM ledger.cosignatures WHERE witness = %s", witness)
        return int(rows[0]["size"])

    def cosignatures(self, witnesses: Sequence[str], start: int, stop: int) -> list[Cosignature]:
        """Lines of these witnesses (vkeys) under checkpoints with ``start`` <= size < ``stop``: up to 1,000, the newest
        first.
        """
        sql = (
            "SELECT size, witness, line FROM ledger.cosignatures "
            "WHERE witness = ANY(%s) AND size >= %s AND size < %s ORDER BY size DESC, witness LIMIT 1000"
        )
        rows = self._query(sql, list(witnesses), start, stop)
        return [Cosignature(r["size"], r["witness"], r["line"]) for r in rows]

    def _checkpoint(self, rows: Sequence[DictRow], what: str) -> StoredCheckpoint:
        if not rows:
            raise NotFoundError(f"checkpoint: the log has none for {what}", f"检查点：日志中没有（{what}）")
        return StoredCheckpoint(rows[0]["size"], rows[0]["note"])

    def entries(self, start: int, stop: int) -> list[Row]:
        """The entries with ``start`` <= index < ``stop``, as far as there are; at most what the caller bounds."""
        sql = SELECT_ROWS + "WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id"
        return [row_of(r) for r in self._query(sql, start, stop)]

    def entry(self, index: int) -> Row:
        """The entry at ``index``. Raises NotFoundError."""
        found = self.entries(index, index + 1)
        if not found:
            raise NotFoundError(f"log: there is no entry {index}", f"日志：没有第 {index} 号条目")
        return found[0]

    def by_jti(self, jti: str) -> Row:
        """The event of this id (a UUID). Raises NotFoundError."""
        rows = self._query(SELECT_ROWS + "WHERE jti = %s::uuid", jti)
        if not rows:
            raise NotFoundError(f"event: there is none with the id {jti}", f"事件：没有标识为 {jti} 的事件")
        return row_of(rows[0])

    def stream(self, stream: str, *, after: int = 0) -> list[Row]:
        """The events of a stream with version > ``after``, in order; empty where there is no such stream."""
        sql = SELECT_ROWS + "WHERE originator_id = %s AND originator_version > %s ORDER BY originator_version"
        return [row_of(r) for r in self._query(sql, stream, after)]

    def streams(self, ids: Sequence[str]) -> list[Row]:
        """The events of several streams, each stream's in order."""
        sql = SELECT_ROWS + "WHERE originator_id = ANY(%s) ORDER BY originator_id, originator_version"
        return [row_of(r) for r in self._query(sql, list(ids))]

    def of_kind(self, kind: str, start: int, stop: int, topics: Sequence[str] = ()) -> list[Row]:
        """The entries of a kind of case with ``start`` <= index < ``stop``, of these topics or all; in any order."""
        where = "WHERE originator_id > %s AND originator_id < %s AND notification_id > %s AND notification_id <= %s "
        values = [f"{kind}/", f"{kind}0", start, stop]  # 0 comes after the slash
        if topics:
            where += "AND topic = ANY(%s)"
            values.append(list(topics))
        return [row_of(r) for r in self._query(SELECT_ROWS + where, *values)]

    def begun(self, kinds: Iterable[str], before: int) -> list[str]:
        """The streams of these kinds that began below an index."""
        sql = (
            "SELECT originator_id FROM ledger.events WHERE originator_id > %s AND originator_id < %s "
            "AND originator_version = 1 AND notification_id <= %s"
        )
        found = (row for kind in sorted(kinds) for row in self._query(sql, f"{kind}/", f"{kind}0", before))
        return [str(row["originator_id"]) for row in found]

    def scan(self, start: int = 0) -> Iterator[Row]:
        """All entries from ``start`` on, a page at a time: constant memory."""
        while page := self.entries(start, start + PAGE):
            yield from page
            start = page[-1].index + 1

    def tile(self, level: int, number: int, width: int) -> bytes:
        """The first ``width`` hashes of a tile, concatenated; fewer where the tree has not grown so far.

        A finished tile is one row. An unfinished one is made of the leaf hashes, or of the roots of the finished tiles
        below it: one range read of at most 255 short rows.
        """
        rows = self._query("SELECT hashes FROM ledger.tiles WHERE level = %s AND n = %s", level, number)
        if rows:
            return bytes(rows[0]["hashes"])[: 32 * width]
        first = number * TILE_WIDTH
        if level == 0:
            sql = (
                "SELECT leaf_hash AS hash FROM ledger.events "
                "WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id"
            )
            rows = self._query(sql, first, first + width)
        else:
            sql = "SELECT root AS hash FROM ledger.tiles WHERE level = %s AND n >= %s AND n < %s ORDER BY n"
            rows = self._query(sql, level - 1, first, first + width)
        return b"".join(bytes(r["hash"]) for r in rows)

    def _query(self, sql: str, *parameters: Any, attempts: int = ATTEMPTS) -> list[DictRow]:
        while True:
            try:
                with self._store.get_connection() as connection, connection.cursor() as cursor:
                    cursor.execute(sql, parameters, prepare=True)
                    return cursor.fetchall()
            except (InterfaceError, OperationalError) as error:
                attempts -= 1
                if not attempts:
                    raise as_ledger_error(error) from error
                sleep(PAUSE)
            except PersistenceError as error:
                raise as_ledger_error(error) from error
