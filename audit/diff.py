"""What a projection shows against what the entries say: its rows rebuilt from bytes, compared one by one.

A tree that holds says nothing of the pages that people read: those are made of a projection's rows, which anybody with
the database's password can change. A projection may lag behind the log, so it is rebuilt up to its own position, which
must not lie beyond the log's end.

Values are compared as JSON shows them (a date as ``2026-04-01``). A column without a value is not there or null.

>>> from projections.board_projection import Insert, Projection
>>> nothing = Projection("nothing", 1, "", lambda recorded: ())
>>> found = diff(nothing, [], 0, [("bodies", {"id": "p-1", "name": "市发改委"})])
>>> found.total, found.differences[0].code, found.differences[0].table, found.exit_code
(1, 'extra', 'bodies', 4)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from audit.replay import Entry, EntryError, events, not_following, plain
from audit.verdict import INCONSISTENT, MOST_PROBLEMS, VERIFIED
from ledger.domain.event import Recorded
from projections.board_projection import Change, Insert, Projection, merged

Row = Mapping[str, Any]
"""A row by column, each value as JSON has it."""

Shown = tuple[str, Row]
"""A row that a database shows, and the name of its table."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is shown otherwise than the entries say.

    ``code`` is ``missing`` (a row is not shown), ``extra`` (a row is shown that should not be), ``value`` (a column
    says something else) or ``position`` (the projection claims to be where the log never was). ``key`` is the row's.
    """

    code: str
    table: str
    key: Row
    column: str | None = None
    expected: Any = None
    shown: Any = None


@dataclass(slots=True)
class Compared:
    """The result: the first 100 differences and how many there are in ``total``; ``rows`` were shown."""

    name: str
    position: int
    rows: int = 0
    total: int = 0
    differences: list[Difference] = field(default_factory=list)

    def add(self, difference: Difference) -> None:
        """One more difference."""
        self.total += 1
        if len(self.differences) < MOST_PROBLEMS:
            self.differences.append(difference)

    @property
    def exit_code(self) -> int:
        """0, or 4 where anything differs."""
        return INCONSISTENT if self.total else VERIFIED


_Expected = dict[tuple[str, tuple[Any, ...]], dict[str, Any]]


def diff(projection: Projection, entries: Iterable[Entry], position: int, shown: Iterable[Shown]) -> Compared:
    """Compares the rows that are ``shown`` with those that the entries below ``position`` give.

    Both are held in memory in so far as the rows are. Raises EntryError where the entries themselves give no rows.
    """
    compared = Compared(projection.schema, position)
    count, changes = _rebuilt(projection, takewhile(lambda entry: entry[0] < position, entries))
    if count != position:
        compared.add(Difference("position", "position", {}, "position", count, position))
    keys = {change.table: tuple(change.key) for change in changes}
    expected: _Expected = {}
    for change in changes:
        key = plain(change.key)
        expected[change.table, tuple(key.values())] = {**key, **plain(change.values)}
    for table, row in shown:
        compared.rows += 1
        # A table in which nothing should be has no key that we know of: the whole row stands for it.
        key = {column: row.get(column) for column in keys.get(table, tuple(row))}
        due = expected.pop((table, tuple(_held(value) for value in key.values())), None)
        if due is None:
            compared.add(Difference("extra", table, key))
            continue
        for difference in _values(table, key, due, row):
            compared.add(difference)
    for table, values in expected:
        compared.add(Difference("missing", table, dict(zip(keys[table], values, strict=True))))
    return compared


def _held(value: Any) -> Any:
    """A value to look up by. A list or an object is no key of ours: its text stands for it."""
    return repr(value) if isinstance(value, dict | list) else value


def _values(table: str, key: Row, due: Row, row: Row) -> Iterator[Difference]:
    for column in (*due, *(name for name in row if name not in due)):
        expected, shown = due.get(column), row.get(column)
        if expected != shown or type(expected) is not type(shown):  # 1 is not true
            yield Difference("value", table, key, column, expected, shown)


def _rebuilt(projection: Projection, entries: Iterable[Entry]) -> tuple[int, list[Change]]:
    """How many entries there were, and the rows that they begin, each as one change."""
    newest: Recorded | None = None

    def changes() -> Iterator[Change]:
        nonlocal newest
        for newest in events(entries):
            yield from projection.changes(newest)

    try:
        found = merged(changes())
    except EntryError:
        raise
    except Exception as error:  # nobody admitted what somebody put there
        if newest is None:
            raise
        raise not_following(newest, error) from error
    count = 0 if newest is None else newest.index + 1
    return count, [change for change in found if isinstance(change, Insert)]
