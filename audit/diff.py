"""What a projection shows against what the entries say: its rows rebuilt from bytes, compared one by one.

A tree that holds says nothing of the pages that people read: those are made of a projection's rows, which anybody with
the database's password can change. A projection may lag behind the log, so it is rebuilt up to its own position, which
must not lie beyond the log's end. Every version of a row is compared, those of the past too, with the indices of the
events from which it held and from which it no longer did.

Values are compared as JSON shows them (a date as ``2026-04-01``). A column without a value is not there or null.

>>> from projections.projection import Projection
>>> nothing = Projection("nothing", 1, (), frozenset())
>>> found = diff(nothing, gathered([]), 0, [("bodies", {"id": "p-1", "name": "市发改委"})])
>>> found.total, found.differences[0].code, found.differences[0].table, found.exit_code
(1, 'extra', 'bodies', 4)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from audit.replay import Entry, events, not_following, plain
from audit.verdict import INCONSISTENT, MOST_PROBLEMS, VERIFIED
from ledger.domain.event import Recorded
from projections.history import World, versions
from projections.projection import Projection, Version

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

    projection: str
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


@dataclass(frozen=True, slots=True)
class Gathered:
    """The events of a log by stream, in the order in which the streams began; and what projections know beside."""

    world: World
    histories: Mapping[str, Sequence[Recorded]]
    count: int


def gathered(entries: Iterable[Entry]) -> Gathered:
    """The events of the entries from index 0 on, held in memory. Raises EntryError where they are none."""
    world, histories, count = World(), defaultdict(list), 0
    for recorded in events(entries):
        count = recorded.index + 1
        histories[recorded.event.stream].append(recorded)
        try:
            world.take(recorded)
        except Exception as error:  # nobody admitted what somebody put there
            raise not_following(recorded, error) from error
    return Gathered(world, histories, count)


_Expected = dict[tuple[str, tuple[Any, ...]], dict[str, Any]]


def diff(projection: Projection, log: Gathered, position: int, shown: Iterable[Shown]) -> Compared:
    """Compares the rows that are ``shown`` with those that the entries below ``position`` give.

    Raises EntryError where the entries themselves give no rows.
    """
    compared = Compared(projection.schema, position)
    if log.count < position:
        compared.add(Difference(projection.schema, "position", "position", {}, "position", log.count, position))
    expected = _expected(projection, log, position)
    keys = {t.name: (*t.fields[: t.key], "asserted") for t in projection.tables}
    for table, row in shown:
        compared.rows += 1
        # A table in which nothing should be has no key that we know of: the whole row stands for it.
        key = {column: row.get(column) for column in keys.get(table, tuple(row))}
        due = expected.pop((table, tuple(_held(value) for value in key.values())), None)
        if due is None:
            compared.add(Difference(projection.schema, "extra", table, key))
            continue
        for column, was, now in _values(due, row):
            compared.add(Difference(projection.schema, "value", table, key, column, was, now))
    for table, values in expected:
        key = dict(zip(keys[table], values, strict=True))
        compared.add(Difference(projection.schema, "missing", table, key))
    return compared


def _held(value: Any) -> Any:
    """A value to look up by. A list or an object is no key of ours: its text stands for it."""
    return repr(value) if isinstance(value, dict | list) else value


def _values(due: Row, row: Row) -> Iterator[tuple[str, Any, Any]]:
    for column in (*due, *(name for name in row if name not in due)):
        expected, shown = due.get(column), row.get(column)
        if expected != shown or type(expected) is not type(shown):  # 1 is not true
            yield column, expected, shown


def _expected(projection: Projection, log: Gathered, position: int) -> _Expected:
    """All versions of rows by table and key, as JSON."""
    found: _Expected = {}
    for stream, history in log.histories.items():
        if stream.partition("/")[0] not in projection.kinds:
            continue
        for version in _versions(projection, log.world, history, position):
            columns = (*version.table.fields, "asserted", "retracted")
            values = tuple(_json(value) for value in (*version.row, version.asserted, version.retracted))
            key = (*values[: version.table.key], version.asserted)
            found[version.table.name, key] = dict(zip(columns, values, strict=True))
    return found


def _versions(projection: Projection, world: World, history: Sequence[Recorded], position: int) -> list[Version]:
    newest = history[0]

    def told() -> Iterator[Recorded]:
        nonlocal newest
        for recorded in takewhile(lambda recorded: recorded.index < position, history):
            newest = recorded
            yield recorded

    try:
        return list(versions(projection, told(), world, position))
    except Exception as error:  # nobody admitted what somebody put there
        raise not_following(newest, error) from error


def _json(value: Any) -> Any:
    """A value as PostgreSQL's JSON has it, in a session whose time zone is UTC."""
    if isinstance(value, datetime):
        text = value.astimezone(UTC).replace(tzinfo=None).isoformat()
        return (text.rstrip("0") if "." in text else text) + "+00:00"
    return plain(value)
