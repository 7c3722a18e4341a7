"""Questions to the board: pages of bodies and commitments, names, counts. Read-only, with the reader's role.

A page holds at most 50 rows and is continued from a key (``after``), never from an offset: nothing is skipped or shown
twice when events arrive meanwhile. A body stands for itself and for all that it answers for: its predecessors, and the
provisional registrations that were resolved to it.

>>> Order("due").cursor(CommitmentRow("0198…", 7, date(2026, 1, 1), "限时办结", "plan", "general", date(2026, 12, 31)))
'2026-12-31.7'
>>> Order("due").key("2026-12-31.7")
(datetime.date(2026, 12, 31), 7)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import TracebackType
from typing import Any, Generic, TypeVar

from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder

from ledger.errors import FormatError
from ledger.store.database import Database
from ledger.store.recorder import datastore, patient
from projections.board import BOARD, Part

T = TypeVar("T")

PAGE = 50
_NEWEST = re.compile(r"[0-9]{1,15}")
_DUE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}|none)\.([0-9]{1,15})")


@dataclass(frozen=True, slots=True)
class BodyRow:
    """A body as the board lists it; ``index`` is that of its registration. ``kind`` is None for the ledger itself."""

    id: str
    index: int
    status: str
    name: str
    kind: str | None
    region: str | None
    named_by: str | None
    answers_to: str | None


@dataclass(frozen=True, slots=True)
class CommitmentRow:
    """A commitment as the board lists it; ``due`` is its one day as last changed, None if it recurs or has none."""

    id: str
    index: int
    made_on: date
    title: str
    kind: str
    area: str
    due: date | None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A record, complaint, project, file of a person or commendation; ``subject`` is the body that it is about."""

    stream: str
    index: int
    kind: str
    subject: str | None
    begun_on: date


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Up to 50 rows, and what to pass as ``after`` for the next page (None: this is the last)."""

    rows: Sequence[T]
    after: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many bodies there are of each status, and commitments of each area."""

    bodies: Mapping[str, int]
    commitments: Mapping[str, int]


class Order(StrEnum):
    """In which order commitments are listed."""

    NEWEST = "newest"
    DUE = "due"

    def cursor(self, row: CommitmentRow) -> str:
        """The key of a row in this order, as a page's ``after``."""
        return str(row.index) if self is Order.NEWEST else f"{row.due or 'none'}.{row.index}"

    def key(self, cursor: str) -> tuple[Any, ...]:
        """The inverse of :meth:`cursor`. Raises FormatError."""
        if self is Order.NEWEST and _NEWEST.fullmatch(cursor):
            return (int(cursor),)
        found = _DUE.fullmatch(cursor) if self is Order.DUE else None
        try:
            if found:
                day = date.max if found[1] == "none" else date.fromisoformat(found[1])
                return (day, int(found[2]))
        except ValueError:
            pass
        raise FormatError(
            f"after: expected what the page before gave, got {cursor[:40]!r}",
            f"after：应为上一页给出的值，实为 {cursor[:40]!r}",
        )


_S = Identifier(BOARD.schema)
_FAMILY = SQL(
    'WITH RECURSIVE family(id) AS (SELECT %(body)s::text COLLATE "C" UNION '
    "SELECT b.id FROM {s}.bodies b JOIN family f ON b.answers_to = f.id) "
).format(s=_S)
_BODIES = SQL("SELECT id, index, status, name, kind, region, named_by, answers_to FROM {s}.bodies ").format(s=_S)
_COMMITMENTS = SQL("SELECT id, index, made_on, title, kind, area, due FROM {s}.commitments ").format(s=_S)
_CASES = SQL("SELECT stream, index, kind, subject, begun_on FROM {s}.cases ").format(s=_S)
_NAMED = SQL(
    "(id = %(name)s OR id IN (SELECT body FROM {s}.body_names WHERE strpos(lower(name), lower(%(name)s)) > 0))"
).format(s=_S)
_INVOLVED = SQL("id IN (SELECT commitment FROM {s}.commitment_bodies WHERE body IN (SELECT id FROM family))").format(
    s=_S
)
_PARTS = SQL(
    "SELECT commitment, body, role FROM {s}.commitment_bodies "
    "WHERE commitment = ANY(%(ids)s) AND body IN (SELECT id FROM family)"
).format(s=_S)
_BY_DUE = SQL("coalesce(due, date '9999-12-31'), index")
_LIMIT = SQL(" LIMIT {}").format(PAGE + 1)


def _where(conditions: Sequence[Composable]) -> Composed:
    return SQL("WHERE ") + SQL(" AND ").join(conditions) if conditions else Composed([])


def _equal(column: str) -> Composed:
    return SQL("{} = {}").format(Identifier(column), Placeholder(column))


class Board:
    """See the module's docstring. Has a small pool of connections of its own; safe to use from many threads."""

    def __init__(self, database: Database, *, pool_size: int = 4) -> None:
        self._store = datastore(database.url("reader"), pool_size=pool_size)

    def bodies(
        self,
        *,
        status: str | None = None,
        kind: str | None = None,
        name: str | None = None,
        after: str | None = None,
    ) -> Page[BodyRow]:
        """Bodies but for the ledger itself, in the order of their registration. Raises FormatError.

        ``name`` is part of a present, former or provisional name, or a whole id.
        """
        where: list[Composable] = [SQL("kind IS NOT NULL"), SQL("index > %(after)s")]
        values = {"after": -1 if after is None else Order.NEWEST.key(after)[0]}
        where += _filters(values, status=status, kind=kind)
        if name is not None:
            where.append(_NAMED)
            values["name"] = name
        rows = self._query(_BODIES + _where(where) + SQL(" ORDER BY index") + _LIMIT, values)
        return _page([BodyRow(**r) for r in rows], lambda row: str(row.index))

    def commitments(
        self,
        *,
        body: str | None = None,
        area: str | None = None,
        kind: str | None = None,
        made_by: date | None = None,
        order: Order = Order.NEWEST,
        after: str | None = None,
    ) -> Page[CommitmentRow]:
        """Commitments, newest first or by due day (those without one last). Raises FormatError.

        ``body``: it, or a body that it answers for, has a part in them; ``made_by``: recorded on or before that day.
        """
        by_due = order is Order.DUE
        values: dict[str, Any] = {"body": body, "made_by": made_by}
        where = _filters(values, area=area, kind=kind)
        if made_by is not None:
            where.append(SQL("made_on <= %(made_by)s"))
        if body is not None:
            where.append(_INVOLVED)
        if after is not None:
            *day, index = order.key(after)
            values |= {"day": day[0] if day else None, "index": index}
            where.append(SQL("({}) > (%(day)s, %(index)s)").format(_BY_DUE) if by_due else SQL("index < %(index)s"))
        query = _COMMITMENTS + _where(where) + SQL(" ORDER BY ") + (_BY_DUE if by_due else SQL("index DESC"))
        rows = self._query((_FAMILY if body is not None else SQL("")) + query + _LIMIT, values)
        return _page([CommitmentRow(**r) for r in rows], order.cursor)

    def cases(
        self,
        *,
        kind: str | None = None,
        body: str | None = None,
        begun_by: date | None = None,
        after: str | None = None,
    ) -> Page[CaseRow]:
        """Cases but for commitments, newest first. Raises FormatError.

        ``body``: about it, or a body that it answers for; ``begun_by``: begun on or before that day.
        """
        values: dict[str, Any] = {"body": body, "begun_by": begun_by}
        where = _filters(values, kind=kind)
        if begun_by is not None:
            where.append(SQL("begun_on <= %(begun_by)s"))
        if body is not None:
            where.append(SQL("subject IN (SELECT id FROM family)"))
        if after is not None:
            values["index"] = Order.NEWEST.key(after)[0]
            where.append(SQL("index < %(index)s"))
        query = _CASES + _where(where) + SQL(" ORDER BY index DESC") + _LIMIT
        rows = self._query((_FAMILY if body is not None else SQL("")) + query, values)
        return _page([CaseRow(**r) for r in rows], lambda row: str(row.index))

    def parts(self, body: str, commitments: Iterable[str]) -> dict[str, list[tuple[str, Part]]]:
        """As what ``body``, and the bodies that it answers for, appear in these commitments: (body, part) of each."""
        found: dict[str, list[tuple[str, Part]]] = {}
        for row in self._query(_FAMILY + _PARTS, {"body": body, "ids": list(commitments)}):
            found.setdefault(row["commitment"], []).append((row["body"], Part(row["role"])))
        order = list(Part)
        return {k: sorted(v, key=lambda p: (order.index(p[1]), p[0])) for k, v in found.items()}

    def by_id(self, ids: Iterable[str]) -> dict[str, BodyRow]:
        """The bodies of these ids, as far as the board has them."""
        rows = self._query(_BODIES + SQL("WHERE id = ANY(%(ids)s)"), {"ids": list(ids)})
        return {r["id"]: BodyRow(**r) for r in rows}

    def counts(self) -> Counts:
        """See :class:`Counts`."""
        bodies = self._query(
            SQL("SELECT status AS key, count(*) AS n FROM {s}.bodies WHERE kind IS NOT NULL GROUP BY 1 ORDER BY 1")
        )
        areas = self._query(SQL("SELECT area AS key, count(*) AS n FROM {s}.commitments GROUP BY 1 ORDER BY 1"))
        return Counts({r["key"]: r["n"] for r in bodies}, {r["key"]: r["n"] for r in areas})

    def position(self) -> int:
        """How many events of the log the board contains."""
        return int(self._query(SQL("SELECT position FROM {s}.position"))[0]["position"])

    def close(self) -> None:
        """Lets go of the database."""
        self._store.close()

    def __enter__(self) -> Board:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @patient
    def _query(self, query: SQL | Composed, values: Mapping[str, Any] | None = None) -> list[DictRow]:
        with self._store.get_connection() as connection, connection.cursor() as cursor:
            cursor.execute(query.format(s=_S) if isinstance(query, SQL) else query, values, prepare=True)
            return cursor.fetchall()


def _filters(values: dict[str, Any], **columns: str | None) -> list[Composable]:
    """Conditions for the columns that are asked for, whose values go into ``values``."""
    asked = {column: value for column, value in columns.items() if value is not None}
    values |= asked
    return [_equal(column) for column in asked]


def _page(rows: Sequence[T], cursor: Callable[[T], str]) -> Page[T]:
    """The first 50 of at most 51 rows: the 51st only tells that there is more."""
    return Page(rows[:PAGE], cursor(rows[PAGE - 1]) if len(rows) > PAGE else None)
