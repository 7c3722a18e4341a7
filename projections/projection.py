"""A projection: tables whose rows are a pure function of a case's state, and how they came to be so.

Every row has, beside its own columns, two of the log: ``asserted`` is the index of the event from which on it holds,
``retracted`` that of the event from which on it holds no longer (:data:`OPEN`: it still does). A row is never
overwritten: what was true after ``size`` events is what has ``asserted < size <= retracted``. So a page of any past day
is the same query, a cursor keeps to the log size that its first page was read at, and nobody has to remember to record
history.

>>> class Named(NamedTuple):
...     id: str
...     name: str
>>> NAMES = Table("names", Named, 1)
>>> example = Projection("example", 1, (NAMES,), frozenset({"body"}))
>>> example.schema, example.table(Named("11990000000000019A", "市发改委")).key_of(Named("b", "n"))
('example_1', ('b',))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, get_args, get_type_hints

from ledger.domain.event import Recorded
from ledger.domain.policy import Policy

OPEN = 2**63 - 1
"""``retracted`` of a row that still holds."""

Row = tuple[Any, ...]
"""A row: an instance of its table's NamedTuple."""


_TYPES: dict[Any, str] = {
    str: 'text COLLATE "C"',
    int: "bigint",
    bool: "boolean",
    date: "date",
    datetime: "timestamptz",
    tuple[str, ...]: "text[]",
    tuple[int, ...]: "integer[]",
}


def _sql_type(hint: Any) -> str:
    """The column's type for a field's: not null unless the field may be None."""
    optional = type(None) in get_args(hint)
    inner = next(arg for arg in get_args(hint) if arg is not type(None)) if optional else hint
    return _TYPES[inner] + ("" if optional else " NOT NULL")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a projection.

    ``row`` is the NamedTuple of its columns, of which the first ``key`` tell one row from another. Texts compare by
    code point. ``indexes`` is what follows ``CREATE INDEX ON <table>``: made after a rebuild has filled the table.
    """

    name: str
    row: type[Any]
    key: int
    indexes: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its columns, but for ``asserted`` and ``retracted``."""
        names: tuple[str, ...] = self.row._fields
        return names

    @property
    def columns(self) -> dict[str, str]:
        """Its columns with their SQL types, but for ``asserted`` and ``retracted``."""
        return {name: _sql_type(hint) for name, hint in get_type_hints(self.row).items()}

    def key_of(self, row: Row) -> Row:
        """What tells the row from others of its table."""
        return tuple(row[: self.key])


@dataclass(frozen=True, slots=True)
class Case:
    """A case at a position of the log, as a projection sees it.

    ``begun`` and ``last`` are its first and newest event; ``subject`` the body that it is about, ``region`` that body's
    (GB/T 2260; None where there is no body), ``policies`` the rules of that region, the nearest first. ``index`` and
    ``day`` are those of the position: of ``last``, or of the rule pack or calendar that was adopted after it.
    """

    stream: str
    begun: Recorded
    last: Recorded
    state: Any
    subject: str | None
    region: str | None
    policies: tuple[Policy, ...]
    index: int
    day: date

    @property
    def kind(self) -> str:
        """The kind of case."""
        return self.stream.partition("/")[0]

    @property
    def id(self) -> str:
        """The stream's name without its kind."""
        return self.stream.partition("/")[2]


def _nothing(case: Case) -> Iterable[Row]:
    return ()


@dataclass(frozen=True)
class Projection:
    """See the module's docstring.

    ``rows(case)`` are all rows that hold for a case at its position: what it no longer gives is retracted.
    ``entries(case)`` are rows that the event ``case.last`` adds for ever; each has that event's index in its key. Both
    are pure and give the same for the same case for ever: another answer is another ``version``. ``kinds`` are the
    kinds of case that it looks at. ``ruled``: its rows depend on the rules in force, so they are asked again when a
    rule pack or a calendar of the region is adopted. ``suffix`` is that of a schema that stands beside the usual one.
    ``table_of`` is the table of each type of row.
    """

    name: str
    version: int
    tables: tuple[Table, ...]
    kinds: frozenset[str]
    rows: Callable[[Case], Iterable[Row]] = _nothing
    entries: Callable[[Case], Iterable[Row]] = _nothing
    ruled: bool = False
    suffix: str = ""
    table_of: dict[type[Any], Table] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.table_of.update({table.row: table for table in self.tables})

    @property
    def schema(self) -> str:
        """The schema that holds the tables, e.g. ``bodies_1``."""
        return f"{self.name}_{self.version}{self.suffix}"

    def table(self, row: Row) -> Table:
        """The table that a row belongs to."""
        return self.table_of[type(row)]


class Version(NamedTuple):
    """A row, and from which event to which it held."""

    table: Table
    row: Row
    asserted: int
    retracted: int
