"""The runner: brings a projection's rows up to the log's end, each event exactly once.

Rows and position change in one transaction, so that a runner that is killed leaves both or neither. Any number of
processes may run one; a transaction-level advisory lock lets one at a time work, so that no death leaves a lock behind
and no connection pooler gets in the way. New events are found by polling; the writer's NOTIFY only makes it sooner.

    runner = Runner(database, ledger.reader)
    runner.catch_up()      # all that is in the log now is in the rows
    runner.start()         # and from here on by itself
    runner.close()

An event that the projection cannot take stops it there: the events before it are applied, ``failure`` says at which
index, and ``on_failure`` is told. An unreachable database is tried again.

>>> _update(sql.Identifier("board_1", "bodies"), ["id"], ["status"]).as_string()
'UPDATE "board_1"."bodies" SET "status" = %s WHERE "id" = %s'
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from ledger.errors import CorruptionError, LedgerError, NotFoundError, UnavailableError
from ledger.position import recorded_of
from ledger.store.database import Database, connect
from ledger.store.reader import Reader
from ledger.store.recorder import Row, is_unavailable
from projections.board import BOARD
from projections.board_projection import Change, Insert, Projection, merged

_LOCKS = 0x70726F6A  # the class of the runners' advisory locks; each projection has one
_RETRY = 1.0
_GATHER = 0.05  # seconds between two batches: under load a batch holds what gathered, not what one commit brought
_PATIENCE = 0.1  # seconds after which a waiting runner looks whether it shall close


class Runner:
    """See the module's docstring. ``interval``: seconds between two looks at the log where no NOTIFY comes."""

    BATCH: ClassVar[int] = 2000

    def __init__(
        self,
        database: Database,
        reader: Reader,
        projection: Projection = BOARD,
        *,
        interval: float = 0.25,
        on_failure: Callable[[LedgerError], None] = lambda _: None,
    ) -> None:
        install(database.url("owner"), projection)
        self._url, self._reader, self._projection = database.url("writer"), reader, projection
        self._interval, self._on_failure = interval, on_failure
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: LedgerError | None = None

    def position(self) -> int:
        """How many events of the log the rows contain."""
        with connect(self._url) as connection:
            return self._position(connection)

    def catch_up(self, *, seconds: float = 600) -> int:
        """Returns, when all events that the log has now are in the rows, how many events they contain.

        Raises UnavailableError if that takes longer than ``seconds``, CorruptionError if the log is shorter than what
        was applied, LedgerError at an event that cannot be applied.
        """
        deadline = time.monotonic() + seconds
        with connect(self._url) as connection:
            end = self._log_size()
            while self._position(connection) < end:
                if time.monotonic() > deadline:
                    raise UnavailableError(
                        f"projection {self._projection.schema}: not at index {end} after {seconds:g} s",
                        f"读模型 {self._projection.schema}：{seconds:g} 秒内未到达序号 {end}",
                    )
                if self._step(connection) is None:
                    time.sleep(0.02)
            position = self._position(connection)
        self._check_not_ahead(position)
        return position

    def start(self) -> None:
        """Follows the log in a thread of its own, until :meth:`close`."""
        assert self._thread is None
        name = f"project-{self._projection.schema}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread after the batch in hand. May be called again."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with connect(self._url) as connection:
                    self._follow(connection)
            except Exception as error:
                if isinstance(error, UnavailableError) or is_unavailable(error):
                    self._stopping.wait(_RETRY)
                    continue
                self.failure = error if isinstance(error, LedgerError) else self._stopped(None, error)
                self._on_failure(self.failure)
                return

    def _follow(self, connection: psycopg.Connection) -> None:
        connection.execute("LISTEN ledger")
        while not self._stopping.is_set():
            if self._step(connection):
                self._stopping.wait(_GATHER)
            else:
                self._wait(connection)

    def _wait(self, connection: psycopg.Connection) -> None:
        """Until a notification, the interval's end, or :meth:`close`."""
        deadline = time.monotonic() + self._interval
        while not self._stopping.is_set() and time.monotonic() < deadline:
            if list(connection.notifies(timeout=min(self._interval, _PATIENCE), stop_after=1)):
                return

    def _step(self, connection: psycopg.Connection) -> int | None:
        """Applies the next batch and returns its size, or None where another runner is at work."""
        with connection.transaction():
            locked = connection.execute(
                "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", (_LOCKS, self._projection.schema)
            ).fetchone()
            if not locked or not locked[0]:
                return None
            position = self._position(connection)
            rows = self._reader.entries(position, position + self.BATCH)
            changes, failure = self._changes(rows, position)
            count = len(rows) if failure is None else failure[0]
            if count:
                self._write(connection, merged(changes))
                statement = sql.SQL("UPDATE {} SET position = %s").format(self._table("position"))
                connection.execute(statement, (position + count,))
        if failure is not None:
            raise failure[1]
        return count

    def _changes(self, rows: Sequence[Row], position: int) -> tuple[list[Change], tuple[int, LedgerError] | None]:
        """The changes of the events up to the first that cannot be taken; that one's place in ``rows``, and why."""
        changes: list[Change] = []
        for count, row in enumerate(rows):
            try:
                if row.index != position + count:
                    raise CorruptionError(
                        f"entry {position + count} is missing from the log", f"日志缺少第 {position + count} 号条目"
                    )
                changes.extend(self._projection.changes(recorded_of(row)))
            except Exception as error:
                return changes, (count, self._stopped(row.index, error))
        return changes, None

    def _stopped(self, index: int | None, error: Exception) -> LedgerError:
        reason = error.en if isinstance(error, LedgerError) else type(error).__name__
        reason_zh = error.zh if isinstance(error, LedgerError) else type(error).__name__
        at, at_zh = (f" at log index {index}", f"在日志序号 {index} 处") if index is not None else ("", "")
        stopped = LedgerError(
            f"projection {self._projection.schema} stopped{at}: {reason}",
            f"读模型 {self._projection.schema} {at_zh}停止：{reason_zh}",
        )
        stopped.__cause__ = error
        return stopped

    def _write(self, connection: psycopg.Connection, changes: Iterable[Change]) -> None:
        groups: dict[tuple[Any, ...], list[Change]] = {}
        for change in changes:
            groups.setdefault((type(change), change.table, tuple(change.key), tuple(change.values)), []).append(change)
        with connection.cursor() as cursor:
            for (kind, table, key, columns), group in groups.items():
                statement = (_insert if kind is Insert else _update)(self._table(table), key, columns)
                cursor.executemany(statement, [(*c.values.values(), *c.key.values()) for c in group])

    def _position(self, connection: psycopg.Connection) -> int:
        row = connection.execute(sql.SQL("SELECT position FROM {}").format(self._table("position"))).fetchone()
        assert row is not None
        return int(row[0])

    def _table(self, name: str) -> sql.Identifier:
        return sql.Identifier(self._projection.schema, name)

    def _log_size(self) -> int:
        try:
            return self._reader.newest().size
        except NotFoundError:
            return 0

    def _check_not_ahead(self, position: int) -> None:
        size = self._log_size()
        if position > size:
            raise CorruptionError(
                f"projection {self._projection.schema} has applied {position} events, the log has {size}: "
                "the log was rolled back",
                f"读模型 {self._projection.schema} 已应用 {position} 个事件，日志仅有 {size} 个：日志被回退",
            )


def _insert(table: sql.Identifier, key: Sequence[str], columns: Sequence[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, (*columns, *key)))
    places = sql.SQL(", ").join([sql.Placeholder()] * (len(columns) + len(key)))
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, names, places)


def _update(table: sql.Identifier, key: Sequence[str], columns: Sequence[str]) -> sql.Composed:
    values = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(c)) for c in columns)
    where = sql.SQL(" AND ").join(sql.SQL("{} = %s").format(sql.Identifier(c)) for c in key)
    return sql.SQL("UPDATE {} SET {} WHERE {}").format(table, values, where)


def install(owner_url: str, projection: Projection) -> None:
    """Creates the projection's schema, tables and rights, as the owner, unless they are there."""
    schema = sql.Identifier(projection.schema)
    with connect(owner_url) as connection, connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCKS,))
        if connection.execute("SELECT to_regnamespace(%s)", (projection.schema,)).fetchone() != (None,):
            return
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
        connection.execute(sql.SQL("SET LOCAL search_path = {}").format(schema))
        connection.execute(projection.tables.encode())
        connection.execute(
            "CREATE TABLE position (one boolean PRIMARY KEY DEFAULT true CHECK (one), position bigint NOT NULL)"
        )
        connection.execute("INSERT INTO position (position) VALUES (0)")
        for statement in (
            "GRANT USAGE ON SCHEMA {} TO jiannuo_writer, jiannuo_reader",
            "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA {} TO jiannuo_writer",
            "GRANT SELECT ON ALL TABLES IN SCHEMA {} TO jiannuo_reader",
        ):
            connection.execute(sql.SQL(statement).format(schema))
