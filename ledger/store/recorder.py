"""The recorder: the eventsourcing library's PostgreSQL recorder, made to keep a log that can be proven.

It keeps the library's table, lock order, notification and reading methods, and differs in four points:

* the lock is a transaction-level advisory lock, because a role that may only INSERT and SELECT cannot take the
  library's ``LOCK TABLE … IN EXCLUSIVE MODE``;
* ``notification_id`` is the leaf index + 1, given under the lock, not drawn from a sequence: it has no gaps;
* an append is decided *under the lock* by a function that sees the log's end (:meth:`LedgerRecorder.append`), and
  writes events, finished tiles and the signed checkpoint in the same transaction;
* ``insert_events``, which would bypass the tree, is refused.

A lost connection is tried again, also when it was lost during the commit: whoever decides must therefore look for its
own events first (by ``jti``), which it does, since that is also what makes a repeated submission harmless.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import psycopg
from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    PersistenceError,
    ProgrammingError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import retry
from psycopg import Cursor, conninfo
from psycopg.rows import DictRow

from ledger.admission import Admitted
from ledger.domain.kinds import topic
from ledger.errors import ConfigurationError, CorruptionError, FormatError, LedgerError, UnavailableError
from ledger.proof.merkle import FullTile
from ledger.settings import PATIENCE
from ledger.store.patience import PatientConnection, SilentError

APPEND_LOCK = 0x6C6F67  # the number of the advisory lock, one for each database
LOCK_TIMEOUT = 5
"""Seconds that the server waits for a lock, then says so, and is asked again: below anybody's patience."""
ATTEMPTS, PAUSE = 20, 0.1
"""How often something is tried again while the database is away, and the seconds between: it restarts in less."""
CONNECT_TIMEOUT = 0.25
"""Seconds an attempt waits for a connection: with all attempts, a question is answered or refused in 7 s."""
HURRY = 0.02
"""The same after the server fell silent, until it has answered again: nobody queues for what will not come."""

P = ParamSpec("P")
T = TypeVar("T")


def patient(question: Callable[P, T]) -> Callable[P, T]:
    """Has a question asked again while the database is away or too busy to answer; for what may be done twice.

    What the store raises in the end becomes a LedgerError: UnavailableError where it was away all the time.
    """
    again = retry((InterfaceError, OperationalError), max_attempts=ATTEMPTS, wait=PAUSE)(question)

    @wraps(question)
    def asked(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            answer: T = again(*arguments, **named)
        except PersistenceError as error:
            raise as_ledger_error(error) from error
        return answer

    return asked


@dataclass(frozen=True, slots=True)
class Row:
    """A stored event: leaf index, stream, version and the entry's bytes."""

    index: int
    stream: str
    version: int
    entry: bytes


@dataclass(frozen=True, slots=True)
class Append:
    """What one transaction adds: entries in order, tiles that they finish with their roots, the checkpoint after it.

    ``answer`` is for whoever decided: what to do once it is committed.
    """

    admitted: Sequence[Admitted] = ()
    tiles: Sequence[tuple[FullTile, bytes]] = ()
    checkpoint: str = ""
    size: int = 0
    answer: Any = None


class UnansweredError(PersistenceError):
    """The server is silent (ledger/store/patience.py). Not asked again at once: it would only cost as long again."""


class _Datastore(PostgresDatastore):
    """The library's pool, whose transactions are READ COMMITTED also where the server prefers another isolation.

    Under REPEATABLE READ a transaction would not see what was committed while it waited for the lock.

    Once the server has been silent for ``patience`` seconds, all connections are given up, and until a new one stands
    whoever asks is refused at once with UnansweredError.
    """

    def __init__(self, patience: float, **options: Any) -> None:
        self._patience, self._silent = patience, threading.Event()
        super().__init__(**options)
        self.pool.connection_class = PatientConnection

    def after_connect_func(self) -> Callable[[psycopg.Connection[Any]], None]:
        usual, patience, silent = super().after_connect_func(), self._patience, self._silent

        def after_connect(connection: psycopg.Connection[Any]) -> None:
            assert isinstance(connection, PatientConnection)
            connection.patience = patience
            usual(connection)
            connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            silent.clear()

        return after_connect

    @contextmanager
    def get_connection(self) -> Iterator[psycopg.Connection[DictRow]]:
        self.pool.timeout = HURRY if self._silent.is_set() else CONNECT_TIMEOUT
        try:
            with super().get_connection() as connection:
                yield connection
        except OperationalError as error:
            if isinstance(error.__cause__, SilentError):
                self._silent.set()
                self.pool.drain()
            elif not self._silent.is_set():
                raise
            raise UnansweredError(str(error)) from error.__cause__


def datastore(url: str, *, pool_size: int, patience: float = PATIENCE) -> PostgresDatastore:
    """A pool of the library's connections to ``url`` (any libpq connection string).

    A question that the server leaves without a byte for ``patience`` seconds is given up.
    """
    parts = conninfo.conninfo_to_dict(url)
    store = _Datastore(
        patience,
        dbname=str(parts.get("dbname", "")),
        host=str(parts.get("host", "")),
        port=str(parts.get("port", "5432")),
        user=str(parts.get("user", "")),
        password=str(parts.get("password", "")),
        pool_size=1,
        max_overflow=pool_size - 1,
        connect_timeout=CONNECT_TIMEOUT,
        idle_in_transaction_session_timeout=20,
        lock_timeout=LOCK_TIMEOUT,
        schema="ledger",
        originator_id_type="text",
    )
    # An attempt that fails is given up at once: whoever asks next makes another. Left to itself the pool waits 1, 2,
    # 4 … seconds in between, long after the server is back.
    store.pool.reconnect_timeout = 0
    assert isinstance(store.pool.kwargs, dict)
    store.pool.kwargs["connect_timeout"] = math.ceil(patience)
    store.pool.kwargs.update(parts)  # the rest of the URL: sslmode, options, several hosts
    return store


class Transaction:
    """The log's end as seen under the lock, which it takes. What ``cursor`` writes is committed with all else."""

    def __init__(self, cursor: Cursor[DictRow]) -> None:
        self.cursor = cursor
        cursor.execute(_LOCK_AND_LOOK)
        while cursor.nextset():
            pass
        row = cursor.fetchone()
        assert row is not None
        self._size = int(row["size"])

    def size(self) -> int:
        """How many entries the log has."""
        return self._size

    def page(self, index: int) -> list[Row]:
        """Up to 1,000 entries from ``index`` on."""
        return self._rows("WHERE notification_id > %s ORDER BY notification_id LIMIT 1000", index)

    def checkpoint(self) -> str:
        """The newest signed checkpoint."""
        self.cursor.execute("SELECT note FROM ledger.checkpoints ORDER BY size DESC LIMIT 1", prepare=True)
        row = self.cursor.fetchone()
        if row is None:
            raise CorruptionError("the log has entries but no checkpoint", "日志有条目却没有检查点")
        return str(row["note"])

    def streams(self, ids: Iterable[str]) -> list[Row]:
        """All events of these streams, each stream's in order."""
        return self._rows("WHERE originator_id = ANY(%s) ORDER BY originator_id, originator_version", list(ids))

    def known(self, jtis: Iterable[str]) -> list[Row]:
        """The events that already have one of these ids."""
        return self._rows("WHERE jti = ANY(%s::uuid[])", list(jtis))

    def _rows(self, where: str, parameter: Any) -> list[Row]:
        self.cursor.execute(SELECT_ROWS + where, (parameter,), prepare=True)
        return [row_of(r) for r in self.cursor.fetchall()]


SELECT_ROWS = "SELECT notification_id, originator_id, originator_version, state FROM ledger.events "

# One message to the server; a statement sees what was committed before it began, so the size is that under the lock.
_LOCK_AND_LOOK = (
    f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}s'; SELECT pg_advisory_xact_lock({APPEND_LOCK}); "  # noqa: S608 (constants)
    "SELECT coalesce(max(notification_id), 0) AS size FROM ledger.events"
)


def row_of(row: DictRow) -> Row:
    """A row of :data:`SELECT_ROWS`."""
    return Row(row["notification_id"] - 1, row["originator_id"], row["originator_version"], bytes(row["state"]))


class LedgerRecorder(PostgresApplicationRecorder):
    """See the module's docstring."""

    def __init__(self, store: PostgresDatastore) -> None:
        super().__init__(store, events_table_name="events")
        self.channel_name = "ledger"

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Refused: an event enters the log through :meth:`append` only."""
        raise ProgrammingError("events enter the ledger through LedgerRecorder.append")

    def append(self, decide: Callable[[Transaction], Append]) -> Append:
        """Calls ``decide`` under the lock, writes what it answers, and returns that once it is committed.

        Raises UnavailableError, which says so where nobody heard whether a commit succeeded.
        """
        sent: list[Append] = []
        try:
            return self._append(decide, sent)
        except UnavailableError as error:
            if sent:
                raise _unheard() from error
            raise

    @patient
    def _append(self, decide: Callable[[Transaction], Append], sent: list[Append]) -> Append:
        with self.datastore.transaction(commit=True) as cursor:
            appended = decide(Transaction(cursor))
            if appended.admitted:
                with cursor.connection.pipeline():
                    self._write(cursor, appended)
            sent.append(appended)  # the next thing that the server hears is COMMIT
        return appended

    def _write(self, cursor: Cursor[DictRow], appended: Append) -> None:
        cursor.execute(_INSERT_EVENTS, _columns(appended.admitted), prepare=True)
        for tile, root in appended.tiles:
            cursor.execute(
                "INSERT INTO ledger.tiles (level, n, hashes, root) VALUES (%s, %s, %s, %s)",
                (tile.level, tile.number, tile.data, root),
                prepare=True,
            )
        cursor.execute(
            "INSERT INTO ledger.checkpoints (size, note) VALUES (%s, %s)",
            (appended.size, appended.checkpoint),
            prepare=True,
        )
        self._notify_channel(cursor)


_INSERT_EVENTS = (
    "INSERT INTO ledger.events "
    "(originator_id, originator_version, topic, state, notification_id, jti, leaf_hash) "
    "SELECT * FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::bytea[], %b::bigint[], %b::uuid[], %b::bytea[])"
)


def _columns(admitted: Sequence[Admitted]) -> tuple[list[Any], ...]:
    events = [a.recorded.event for a in admitted]
    return (
        [e.stream for e in events],
        [e.version for e in events],
        [topic(e.fact) for e in events],
        [a.entry for a in admitted],
        [a.recorded.index + 1 for a in admitted],
        [e.jti for e in events],
        [a.leaf for a in admitted],
    )


STORE_ERRORS = (psycopg.Error, PersistenceError)
"""What the database and the library raise: psycopg's own inside a transaction, the library's outside."""


def as_ledger_error(error: Exception) -> LedgerError:
    """What an error of the store means to whoever asked."""
    if isinstance(error, LedgerError):
        return error
    if isinstance(error, IntegrityError):
        return CorruptionError(
            "the log holds a row that the append lock should have shown: something else writes to it",
            "日志中出现了追加锁下不应有的行：有其他程序在写入",
        )
    if isinstance(error, ProgrammingError):
        return ConfigurationError(
            "the database does not let this role do it, or its tables are missing; run `jiannuo init` again",
            "数据库不允许该角色执行此操作，或缺少数据表；请再次运行 `jiannuo init`",
        )
    if isinstance(error, DataError):
        return FormatError("expected text that the database can hold", "应为数据库可保存的文本")
    if isinstance(error, UnansweredError):
        return UnavailableError("the database does not answer; try again", "数据库没有应答，请稍后重试")
    if isinstance(error, PersistenceError):
        return UnavailableError("the database cannot be reached now; try again", "数据库暂时无法连接，请稍后重试")
    return LedgerError(f"internal error: {type(error).__name__}", f"内部错误：{type(error).__name__}")


def _unheard() -> UnavailableError:
    return UnavailableError(
        "the database did not answer, so it is unknown whether this was recorded; submit the same again: "
        "it is recorded once",
        "数据库没有应答，是否已入账不明；请原样重新提交，同一事件只入账一次",
    )


def is_unavailable(error: BaseException) -> bool:
    """Whether an error means that the database cannot be reached now.

    "Program limit exceeded" (SQLSTATE class 54: a text too long for an index, say) passes for operational, and lasts.
    """
    if isinstance(error, psycopg.OperationalError) and (error.sqlstate or "").startswith("54"):
        return False
    return isinstance(error, InterfaceError | OperationalError | UnansweredError | psycopg.OperationalError)
