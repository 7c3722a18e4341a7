"""Upkeep of the vault: deleted rows leave its files, nothing erased comes back, and the master key can be changed.

    shred     PostgreSQL keeps the bytes of deleted rows in its files until they are overwritten: rewrites the tables
    sweep     deletes what the log says was erased, where an old copy of the tables brought it back
    rewrap    puts all data keys under another master key; no event is touched

Each can be broken off at any point and begun again.

>>> dead_rows("2 dead row versions cannot be removed yet.\\nCPU: user: 0.00 s, system: 0.00 s, elapsed: 0.00 s.")
2
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator, Sequence

import psycopg
from eventsourcing.postgres import PostgresDatastore

from ledger.domain.kinds import fold
from ledger.errors import UnavailableError
from ledger.position import recorded_of
from ledger.store.database import connect
from ledger.store.reader import Reader
from ledger.store.recorder import Append, LedgerRecorder, Transaction, patient
from ledger.vault.vault import Master, PostgresVault

LOCK_TIMEOUT = 5
"""Seconds to wait for whoever uses the tables; meanwhile nobody else gets at them."""
PATIENCE = 5.0
"""Seconds in which an older transaction may end, before that is an error: an ANALYZE and a short reader do."""
BATCH = 500
_PAUSES = (0.1, 0.2, 0.5, 1.0)
"""Seconds between tries, each of which rewrites the tables; the last again and again."""
_TABLES = ("vault.openings", "vault.keys")


class _StillSeenError(UnavailableError):
    """Deleted rows stayed in the files, for a transaction that sees them."""


def shred(url: str, *, patience: float | None = None) -> None:
    """Rewrites the vault's tables, so that no deleted row is left in their files; ``url`` is the owner's.

    What the write-ahead log and copies of the files hold is not reached: docs/erasure.md. Raises UnavailableError where
    the tables are not free for long, are not the log-in's own, or an older transaction still sees what was deleted
    after ``patience`` seconds (PATIENCE): VACUUM then keeps it. ``vault.unshredded`` says until the end that there is
    something to do.
    """
    until = time.monotonic() + (PATIENCE if patience is None else patience)
    try:
        with connect(url) as connection:
            for pause in itertools.chain(_PAUSES, itertools.repeat(_PAUSES[-1])):
                try:
                    return _rewrite(connection)
                except _StillSeenError:
                    if time.monotonic() + pause > until:
                        raise
                time.sleep(pause)
    except psycopg.errors.LockNotAvailable:
        raise UnavailableError(
            f"the vault's tables were in use for {LOCK_TIMEOUT} s; run `jiannuo vault sweep` later",
            f"保管库的表在 {LOCK_TIMEOUT} 秒内一直被占用；请稍后运行 `jiannuo vault sweep`",
        ) from None
    except psycopg.Error as error:
        name = type(error).__name__
        raise UnavailableError(
            f"the vault's tables were not rewritten: the database refused it, or went away ({name})",
            f"保管库的表未能重写：数据库拒绝或中断（{name}）",
        ) from None


def _rewrite(connection: psycopg.Connection) -> None:
    details: list[str] = []

    def listen(told: psycopg.errors.Diagnostic) -> None:
        details.append(told.message_detail or "")

    connection.add_notice_handler(listen)
    connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}s'".encode())
    before = connection.execute("SELECT max(number) FROM vault.unshredded").fetchone()
    for table in _TABLES:
        connection.execute(f"VACUUM (FULL, VERBOSE) {table}".encode())
    connection.remove_notice_handler(listen)
    _check_rewritten(details)
    connection.execute("DELETE FROM vault.unshredded WHERE number <= %s", before)


def _check_rewritten(details: Sequence[str]) -> None:
    """By what the server tells of each table that it rewrote; of one that it left out it tells no number."""
    left = [dead for dead in map(dead_rows, details) if dead is not None]
    if len(left) < len(_TABLES):
        raise UnavailableError(
            "the vault's tables were not rewritten: the database log-in does not own them",
            "保管库的表未能重写：数据库登录不是其所有者",
        )
    if any(left):
        raise _StillSeenError(
            "a transaction that began before the erasure still sees the rows (a running backup?); "
            "run `jiannuo vault sweep` when it has ended",
            "仍有在抹除之前开始的事务能看到这些行（如正在进行的备份）；请在其结束后运行 `jiannuo vault sweep`",
        )


def dead_rows(detail: str) -> int | None:
    """How many deleted rows the rewritten table still has, by the server's words in any language; None: not said."""
    number = re.search("[0-9]+", detail)
    return int(number[0]) if number else None


@patient
def sweep(store: PostgresDatastore, reader: Reader, vault: PostgresVault) -> int:
    """Deletes every opening whose digest the log says was erased; gives in how many cases. ``store`` is the writer's.

    There is one only where an old copy of the vault was put back, since an erasure deletes with its own transaction.
    """
    with store.transaction(commit=False) as cursor:
        cursor.execute(_ERASED_AND_THERE)
        streams = [row["stream"] for row in cursor.fetchall()]
    return sum(_swept(store, reader, vault, stream) for stream in streams)


def _swept(store: PostgresDatastore, reader: Reader, vault: PostgresVault, stream: str) -> bool:
    found = False

    def again(transaction: Transaction) -> Append:
        nonlocal found
        state = fold(stream, map(recorded_of, reader.stream(stream)))
        found = vault.erase(transaction, stream, state.seals.erased)
        return Append()

    LedgerRecorder(store).append(again)
    return found


_ERASED_AND_THERE = (
    "SELECT DISTINCT originator_id AS stream FROM ledger.events JOIN vault.keys ON stream = originator_id "
    "WHERE topic LIKE 'SealErased/%' ORDER BY stream"
)


def announce(store: PostgresDatastore, new: Master) -> None:
    """From the commit on every process wraps new data keys under this master key. Saying it again changes nothing."""

    def say(transaction: Transaction) -> Append:
        cursor = transaction.cursor
        cursor.execute("SELECT id FROM vault.masters ORDER BY number DESC LIMIT 1")
        row = cursor.fetchone()
        if row is None or row["id"] != new.id:
            cursor.execute("INSERT INTO vault.masters (id) VALUES (%s)", (new.id,))
        return Append()

    LedgerRecorder(store).append(say)


def rewrap(store: PostgresDatastore, vault: PostgresVault, new: Master) -> Iterator[int]:
    """Puts data keys under the announced master key ``new`` until all are; yields how many after each transaction.

    Under the log's own lock, so that no event's keys and no erasure fall between; a batch is short.
    """
    while True:
        done: list[int] = []

        def some(transaction: Transaction, done: list[int] = done) -> Append:
            done[:] = [vault.rewrap(transaction, new, BATCH)]
            return Append()

        LedgerRecorder(store).append(some)
        if not done[0]:
            return
        yield done[0]


@patient
def waiting(store: PostgresDatastore, new: Master) -> int:
    """How many data keys are not under this master key yet."""
    with store.transaction(commit=False) as cursor:
        cursor.execute("SELECT count(*) AS n FROM vault.keys WHERE master <> %s", (new.id,))
        row = cursor.fetchone()
    return int(row["n"]) if row else 0
