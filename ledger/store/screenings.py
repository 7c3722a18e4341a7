"""What is remembered of screenings, beside the log: that they were asked, and which matches an office ruled out.

Both tables are append-only. A ruled-out match is taken back by another row. Names of subjects are kept nowhere: of a
name that was ruled out there is the SHA-256 alone.

>>> name_digest("示例市财政局")[:16]
'4566af6cd119ec49'
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from eventsourcing.postgres import PostgresDatastore
from psycopg.rows import DictRow

from ledger.errors import NotFoundError, TakenBackError
from ledger.store.recorder import STORE_ERRORS, as_ledger_error, patient


@dataclass(frozen=True, slots=True)
class Asked:
    """A screening as it is remembered; ``counts`` by answer, ``answer`` the SHA-256 (hex) of what was signed."""

    at: datetime
    audience: str
    asked_by: str | None
    reference: str | None
    purpose: str
    day: date
    size: int
    subjects: int
    counts: Mapping[str, int]
    answer: str


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A match that an office ruled out: the name (its digest) does not mean the body."""

    number: int
    name: str
    body: str
    reason: str
    by: str
    at: datetime


def name_digest(key: str) -> str:
    """By what a name is known again: SHA-256 (hex) of the form in which names are compared."""
    return hashlib.sha256(key.encode()).hexdigest()


class Screenings:
    """See the module's docstring. Safe to use from many threads."""

    def __init__(self, store: PostgresDatastore) -> None:
        self._store = store

    def remember(self, asked: Asked) -> None:
        """That a screening was asked (G04 查询记录). Raises UnavailableError: then it is not answered."""
        counts = {name: asked.counts.get(name, 0) for name in ("block", "caution", "unknown", "clear")}
        values = {f.name: getattr(asked, f.name) for f in fields(asked) if f.name != "counts"} | counts
        self._write(
            "INSERT INTO ledger.screenings (at, audience, asked_by, reference, purpose, day, size, subjects, block, "
            "caution, unknown, clear, answer) VALUES (%(at)s, %(audience)s, %(asked_by)s, %(reference)s, %(purpose)s, "
            "%(day)s, %(size)s, %(subjects)s, %(block)s, %(caution)s, %(unknown)s, %(clear)s, %(answer)s) "
            "RETURNING number",
            values,
        )

    def ruled_out(self, keys: Iterable[str]) -> dict[tuple[str, str], RuledOut]:
        """Of these names (as they are compared), which matches are ruled out now, by name and body."""
        names = {name_digest(key): key for key in keys}
        if not names:
            return {}
        rows = self._read(
            "SELECT r.* FROM ledger.ruled_out r WHERE r.name = ANY(%(names)s) AND r.revokes IS NULL "
            "AND NOT EXISTS (SELECT FROM ledger.ruled_out t WHERE t.revokes = r.number) ORDER BY r.number",
            {"names": list(names)},
        )
        return {(names[row["name"]], row["body"]): _ruled(row) for row in rows}

    def rule_out(self, key: str, body: str, *, reason: str, by: str, at: datetime) -> int:
        """Remembers that a name does not mean a body; the number by which that can be taken back."""
        number = self._write(
            "INSERT INTO ledger.ruled_out (name, body, reason, by, at) "
            "VALUES (%(name)s, %(body)s, %(reason)s, %(by)s, %(at)s) RETURNING number",
            {"name": name_digest(key), "body": body, "reason": reason, "by": by, "at": at},
        )
        assert number is not None
        return number

    def take_back(self, number: int, *, reason: str, by: str, at: datetime) -> int:
        """Takes back what was ruled out under a number. Raises NotFoundError, TakenBackError where it was already."""
        rows = self._read(
            "SELECT name, body FROM ledger.ruled_out WHERE number = %(number)s AND revokes IS NULL",
            {"number": number},
        )
        if not rows:
            raise NotFoundError(f"nothing was ruled out under the number {number}", f"没有编号为 {number} 的排除记录")
        values = {"name": rows[0]["name"], "body": rows[0]["body"], "reason": reason, "by": by, "at": at}
        made = self._write(
            "INSERT INTO ledger.ruled_out (name, body, reason, by, at, revokes) "
            "VALUES (%(name)s, %(body)s, %(reason)s, %(by)s, %(at)s, %(number)s) "
            "ON CONFLICT (revokes) DO NOTHING RETURNING number",
            {**values, "number": number},
        )
        if made is None:
            raise TakenBackError(f"number {number} was taken back already", f"编号 {number} 已撤回")
        return made

    def log(self, *, most: int = 500, before: int | None = None) -> Sequence[DictRow]:
        """The newest screenings first, those with a number below ``before``."""
        return self._read(
            "SELECT * FROM ledger.screenings WHERE %(before)s::bigint IS NULL OR number < %(before)s "
            "ORDER BY number DESC LIMIT %(most)s",
            {"before": before, "most": most},
        )

    @patient
    def _read(self, query: str, values: Mapping[str, Any]) -> list[DictRow]:
        with self._store.get_connection() as connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    def _write(self, query: str, values: Mapping[str, Any]) -> int | None:
        """The number of the new row; None where it was there. Never tried twice: it might be written twice."""
        try:
            with self._store.transaction(commit=True) as cursor:
                cursor.execute(query, values)
                row = cursor.fetchone()
        except STORE_ERRORS as error:
            raise as_ledger_error(error) from None
        return None if row is None else int(row["number"])


def _ruled(row: DictRow) -> RuledOut:
    return RuledOut(row["number"], row["name"], row["body"], row["reason"], row["by"], row["at"])
