"""A projection: a pure function from a recorded event to changes of rows, and the tables that it fills.

Tables live in a schema whose name carries the projection's version, so that a changed projection is built beside the
old one. Changes come in two forms, because a row is begun once and then only changed; those of many events are merged
to one change for each row before they are written.

>>> begun = Insert("bodies", {"id": "p-1"}, {"name": "市发改委", "status": "provisional"})
>>> later = Update("bodies", {"id": "p-1"}, {"status": "resolved"})
>>> merged([begun, later])
[Insert(table='bodies', key={'id': 'p-1'}, values={'name': '市发改委', 'status': 'resolved'})]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain.event import Recorded


@dataclass(frozen=True, slots=True)
class Insert:
    """A new row: the columns of its primary key, and the others that have a value."""

    table: str
    key: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Update:
    """New values of some columns of a row that an earlier change began."""

    table: str
    key: Mapping[str, Any]
    values: Mapping[str, Any]


Change = Insert | Update


@dataclass(frozen=True, slots=True)
class Projection:
    """``tables`` is the SQL that creates the tables; it runs with the projection's schema as the search path.

    ``changes`` is pure, and gives the same changes for the same event for ever: another answer is another ``version``.
    """

    name: str
    version: int
    tables: str
    changes: Callable[[Recorded], Iterable[Change]]

    @property
    def schema(self) -> str:
        """The schema that holds the tables, e.g. ``board_1``."""
        return f"{self.name}_{self.version}"


def merged(changes: Iterable[Change]) -> list[Change]:
    """One change for each row: later values over earlier ones, in the order in which the rows first appear."""
    found: dict[tuple[Any, ...], Change] = {}
    for change in changes:
        place = (change.table, *change.key.values())
        before = found.get(place)
        if before is None:
            found[place] = change
        elif isinstance(change, Insert):
            raise AssertionError(f"{change.table}: the row {dict(change.key)} was begun twice")
        else:
            found[place] = type(before)(change.table, change.key, {**before.values, **change.values})
    return list(found.values())
