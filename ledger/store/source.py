"""The ledger's tables as an auditor reads them: what is stored, and what is claimed beside it, a range at a time.

It is what :mod:`audit.source` asks of a source. It reads with the reader's role, in PostgreSQL's binary format: a whole
log passes through here, and next to a signature's verification every microsecond of a row counts.

>>> PostgresSource("postgresql://reader@/jiannuo").url
'postgresql://reader@/jiannuo'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg

from ledger.domain.body import KeyAuthorised, LedgerFounded, LogKeyRotated
from ledger.errors import LedgerError, UnavailableError
from ledger.proof.event import parse, parse_entry
from ledger.store.database import connect


@dataclass(frozen=True, slots=True)
class PostgresSource:
    """The ledger in the database of ``url`` (any libpq connection string; the reader's role suffices)."""

    url: str

    @contextmanager
    def open(self) -> Iterator[PostgresSession]:
        """A connection of its own. Raises UnavailableError."""
        with connect(self.url) as connection:
            yield PostgresSession(connection)


class PostgresSession:
    """Questions to the tables. Each raises UnavailableError where the server does not answer."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def extent(self) -> tuple[int, int, Mapping[int, tuple[int, int]], tuple[int, str] | None]:
        """How many entries, the largest index + 1, tiles by level (how many, largest number), the newest checkpoint."""
        [row] = self._query(_EXTENT)
        entries, end, levels, counts, lasts, size, note = row
        tiles = {level: (count, last) for level, count, last in zip(levels, counts, lasts, strict=True)}
        return entries, end, tiles, None if size is None else (size, note)

    def rows(self, start: int, stop: int) -> list[tuple[int, str, int, str, bytes, bytes, bytes]]:
        """Index, stream, version, topic, jti, leaf hash and entry of those with ``start`` <= index < ``stop``."""
        return self._query(_ROWS, start, stop)

    def tiles(self, level: int, start: int, stop: int) -> list[tuple[int, int, bytes, bytes]]:
        """Level, number, hashes and root of the tiles of a level with ``start`` <= number < ``stop``."""
        return self._query(
            "SELECT level, n, hashes, root FROM ledger.tiles "
            "WHERE level = %s::bigint AND n >= %s::bigint AND n < %s::bigint ORDER BY n",
            level,
            start,
            stop,
        )

    def checkpoints(self, after: int, upto: int) -> list[tuple[int, str]]:
        """Size and note, witnesses' lines under it, of the checkpoints with ``after`` < size <= ``upto``."""
        return self._query(_CHECKPOINTS, after, upto, after, upto)

    def public_keys(self) -> Iterator[str]:
        """The public keys that the events filed as giving keys name, and the log's later keys (vkeys)."""
        topics = [f"{fact.__name__}/{fact.SCHEMA}" for fact in (LedgerFounded, KeyAuthorised, LogKeyRotated)]
        for (entry,) in self._query("SELECT state FROM ledger.events WHERE topic = ANY(%s)", topics):
            try:
                fact = parse(parse_entry(entry)[1]).event.fact
            except LedgerError:
                continue
            if isinstance(fact, LedgerFounded):
                yield fact.root_key
                yield fact.ledger_key
            elif isinstance(fact, KeyAuthorised):
                yield fact.key
            elif isinstance(fact, LogKeyRotated):
                yield fact.log_key

    def _query(self, sql: LiteralString, *parameters: Any) -> list[Any]:
        try:
            with self._connection.cursor(binary=True) as cursor:
                return cursor.execute(sql, parameters, prepare=True).fetchall()
        except psycopg.Error as error:
            reason = str(error).strip().splitlines()[0]
            raise UnavailableError(f"PostgreSQL: {reason}", f"PostgreSQL：{reason}") from error


_ROWS: LiteralString = (
    "SELECT notification_id - 1, originator_id, originator_version, topic, uuid_send(jti), leaf_hash, state "
    "FROM ledger.events WHERE notification_id > %s::bigint AND notification_id <= %s::bigint ORDER BY notification_id"
)

# The notes as committed, and what witnesses signed of them since (C2SP tlog-cosignature). The lines of a range are
# gathered at once, which is quicker than a look for those of each checkpoint.
_CHECKPOINTS: LiteralString = """
    SELECT size, note || coalesce(lines, '') FROM ledger.checkpoints LEFT JOIN (
        SELECT size, string_agg(line, '' ORDER BY witness) AS lines FROM ledger.cosignatures
        WHERE size > %s::bigint AND size <= %s::bigint GROUP BY size
    ) AS cosigned USING (size)
    WHERE size > %s::bigint AND size <= %s::bigint ORDER BY size
"""
_NEWEST: LiteralString = (
    "SELECT size, note || coalesce((SELECT string_agg(line, '' ORDER BY witness) FROM ledger.cosignatures AS s "
    "WHERE s.size = c.size), '') AS note FROM ledger.checkpoints AS c ORDER BY size DESC LIMIT 1"
)

# One statement, so that all of it is of one moment.
_EXTENT: LiteralString = f"""
    SELECT events.count, events.last, tiles.levels, tiles.counts, tiles.lasts, newest.size, newest.note
    FROM (SELECT count(*) AS count, coalesce(max(notification_id), 0) AS last FROM ledger.events) AS events
    CROSS JOIN (
        SELECT coalesce(array_agg(level), '{{}}') AS levels, coalesce(array_agg(count), '{{}}') AS counts,
               coalesce(array_agg(last), '{{}}') AS lasts
        FROM (SELECT level, count(*) AS count, max(n) AS last FROM ledger.tiles GROUP BY level) AS each
    ) AS tiles
    LEFT JOIN ({_NEWEST}) AS newest ON true
"""  # noqa: S608 (a constant)
