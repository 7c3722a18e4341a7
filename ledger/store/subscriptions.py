"""Subscriptions to webhooks in PostgreSQL: ``ledger.subscriptions``, what they were told, letters that were given up.

They are operational data and no events. Of the token that ends a subscription only its SHA-256 is kept.

>>> hash_of("a") == hash_of("a") != hash_of("b")
True
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from ledger.errors import NotFoundError, UnavailableError
from ledger.settings import PATIENCE
from ledger.store.database import connect

MOST = 1000
"""Subscriptions that there may be."""
_LOCK = 0x6A697768
LASTS = timedelta(days=90)
"""Unless it is renewed."""


def hash_of(token: str) -> str:
    """What is kept of a token: 256 random bits, so that a plain hash does."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription; see subscriptions.sql. ``dead`` are the messages that were given up."""

    id: UUID
    token_hash: str
    url: str
    topic: str
    created_at: datetime
    expires_at: datetime
    position: int
    failures: int = 0
    next_try: datetime | None = None
    disabled: str | None = None
    dead: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a subscription was told in one go: ``told`` by log index and message, ``taken_back`` log indices.

    ``failures`` and ``next_try`` replace what was; ``disabled`` says why nothing more is to be sent; ``dead`` is the
    message that is given up, after so many tries, for a reason.
    """

    id: UUID
    position: int
    told: Mapping[int, str] = field(default_factory=dict)
    taken_back: Sequence[int] = ()
    failures: int = 0
    next_try: datetime | None = None
    disabled: str | None = None
    dead: tuple[str, int, str] | None = None


_SELECT = (
    "SELECT s.*, (SELECT count(*)::int FROM ledger.dead_letters d WHERE d.subscription = s.id) AS dead "
    "FROM ledger.subscriptions s "
)


class Subscriptions:
    """The tables, over a connection of the writer's role in autocommit mode."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def lead(self) -> bool:
        """Whether this connection is the one over which subscribers are told: one at a time, until it is closed."""
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s, 0)", (_LOCK,)).fetchone()
        return bool(row and row[0])

    def add(self, subscription: Subscription) -> None:
        """A new one. Raises UnavailableError where there are MOST already."""
        with self._connection.transaction():
            self._connection.execute("LOCK TABLE ledger.subscriptions IN SHARE ROW EXCLUSIVE MODE")
            row = self._connection.execute("SELECT count(*) FROM ledger.subscriptions").fetchone()
            if row is None or row[0] >= MOST:
                raise UnavailableError("no more subscriptions are taken", "订阅数量已满")
            s = subscription
            self._connection.execute(
                "INSERT INTO ledger.subscriptions (id, token_hash, url, topic, created_at, expires_at, position) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (s.id, s.token_hash, s.url, s.topic, s.created_at, s.expires_at, s.position),
            )

    def all(self) -> list[Subscription]:
        """Every one, the oldest first."""
        return self._rows("ORDER BY s.created_at, s.id")

    def of(self, own: UUID, token: str) -> Subscription:
        """The one of this id and token. Raises NotFoundError, whichever of both is wrong."""
        found = self._rows("WHERE s.id = %s AND s.token_hash = %s", own, hash_of(token))
        if not found:
            raise NotFoundError("there is no subscription with this id and token", "没有该标识与令牌的订阅")
        return found[0]

    def due(self, size: int, now: datetime, *, all_told: bool = False) -> list[Subscription]:
        """Those that have to be told something, or may have to: of the log's first ``size`` entries.

        ``all_told``: also those that were told what may have to be taken back, as when a day has ended.
        """
        return self._rows(
            "WHERE s.disabled IS NULL AND (s.next_try IS NULL OR s.next_try <= %s) AND s.expires_at > %s AND "
            "(s.position < %s OR s.next_try IS NOT NULL OR "
            "(%s AND EXISTS (SELECT FROM ledger.told t WHERE t.subscription = s.id))) ORDER BY s.id",
            *(now, now, size, all_told),
        )

    def told(self, own: UUID) -> dict[int, str]:
        """What it was told and may have to be taken back: messages by log index."""
        query = "SELECT log_index, message FROM ledger.told WHERE subscription = %s ORDER BY log_index"
        return dict(self._connection.execute(query, (own,)).fetchall())

    def letters(self, own: UUID) -> list[tuple[str, datetime, int, str]]:
        """The messages that were given up: id, when, after how many tries, why."""
        query = (
            "SELECT message, at, tries, reason FROM ledger.dead_letters WHERE subscription = %s ORDER BY at, message"
        )
        return self._connection.execute(query, (own,)).fetchall()

    def keep(self, progress: Progress, now: datetime) -> None:
        """Keeps how far one was told, all or nothing. One that has ended meanwhile stays ended."""
        p = progress
        with self._connection.transaction():
            kept = self._connection.execute(
                "UPDATE ledger.subscriptions SET position = %s, failures = %s, next_try = %s, disabled = %s "
                "WHERE id = %s",
                (p.position, p.failures, p.next_try, p.disabled, p.id),
            )
            if not kept.rowcount:
                return
            with self._connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO ledger.told VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                    [(p.id, index, message) for index, message in p.told.items()],
                )
            self._connection.execute(
                "DELETE FROM ledger.told WHERE subscription = %s AND log_index = ANY(%s)", (p.id, list(p.taken_back))
            )
            if p.dead:
                self._connection.execute(
                    "INSERT INTO ledger.dead_letters VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                    (p.id, p.dead[0], now, *p.dead[1:]),
                )

    def renew(self, own: UUID, until: datetime) -> None:
        """Lasts until then; what was disabled is tried again, from where it stopped."""
        self._connection.execute(
            "UPDATE ledger.subscriptions SET expires_at = %s, failures = 0, next_try = NULL, disabled = NULL "
            "WHERE id = %s",
            (until, own),
        )

    def end(self, own: UUID) -> bool:
        """Ends one and forgets it; whether there was one."""
        return self._connection.execute("DELETE FROM ledger.subscriptions WHERE id = %s", (own,)).rowcount == 1

    def expire(self, now: datetime) -> int:
        """Forgets those that were not renewed; how many."""
        return self._connection.execute("DELETE FROM ledger.subscriptions WHERE expires_at <= %s", (now,)).rowcount

    def _rows(self, rest: str, *values: object) -> list[Subscription]:
        with self._connection.cursor(row_factory=class_row(Subscription)) as cursor:
            return cursor.execute((_SELECT + rest).encode(), values).fetchall()


@contextmanager
def subscriptions(url: str) -> Iterator[Subscriptions]:
    """The subscriptions, over a connection of their own; ``url`` is the writer's. Raises UnavailableError."""
    with connect(url, patience=PATIENCE) as connection:
        try:
            yield Subscriptions(connection)
        except psycopg.Error as error:
            name = type(error).__name__
            raise UnavailableError(
                f"subscriptions: the database failed ({name})", f"订阅：数据库出错（{name}）"
            ) from None
