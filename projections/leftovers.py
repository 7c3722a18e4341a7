"""Tables that nothing of this release reads: of superseded versions of projections, and of interrupted rebuilds.

A release whose rows mean something else writes another version beside (``bodies_2``), and ``bodies_1`` stays, so that
processes of the release before go on serving from it. Whoever says ``jiannuo project rebuild`` has it dropped, unless a
process still works for it: each that serves does, and holds the runner's lock of the schema or waits for it. Should a
release before be started again after all, it fills its tables anew. Versions of a later release are left alone.

>>> from typing import NamedTuple
>>> from projections.projection import Projection, Table
>>> class Named(NamedTuple):
...     id: str
>>> names = Projection("names", 2, (Table("names", Named, 1),), frozenset({"body"}))
>>> found = ["names_1", "names_1_next", "names_2", "names_2_old", "names_3", "names_x", "nicknames_1"]
>>> [name for name in found if is_leftover(name, [names])]
['names_1', 'names_1_next', 'names_2_old']
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import psycopg

from ledger.store.database import Database, connect
from projections import tables
from projections.applying import in_words
from projections.projection import Projection
from projections.rebuild import NEXT, OLD, alone, drop

_SCHEMA = re.compile(f"([a-z0-9_]+?)_([0-9]+)((?:{NEXT}|{OLD})?)")


class Tidied(NamedTuple):
    """Schemas that were dropped, and those that were left since a process still uses them."""

    dropped: list[str]
    in_use: list[str]


def is_leftover(schema: str, projections: Collection[Projection]) -> bool:
    """Whether a schema is of a superseded version of one of these, or what a rebuild of one left."""
    found = _SCHEMA.fullmatch(schema)
    current = {p.name: p.version for p in projections}
    if found is None or found[1] not in current:
        return False
    return int(found[2]) < current[found[1]] or (int(found[2]) == current[found[1]] and bool(found[3]))


@in_words()
def tidy(database: Database, projections: Collection[Projection]) -> Tidied:
    """Drops what is left of these, as soon as nobody reads it. Raises RebuildingError while a rebuild is at work."""
    done = Tidied([], [])
    with connect(database.url("owner")) as owner, alone(owner):
        query = "SELECT nspname FROM pg_namespace WHERE pg_get_userbyid(nspowner) = current_user ORDER BY nspname"
        for schema in [name for (name,) in owner.execute(query) if is_leftover(name, projections)]:
            with _unused(owner, schema) as unused:
                gone = unused and not drop(owner, [schema])
            (done.dropped if gone else done.in_use).append(schema)
    return done


@contextmanager
def _unused(owner: psycopg.Connection, schema: str) -> Iterator[bool]:
    """Whether no runner works for a schema; if so, none begins to until the block ends."""
    key = tables.RUNNERS, schema
    row = owner.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", key).fetchone()
    unused = row is not None and bool(row[0])
    try:
        yield unused
    finally:
        if unused:
            owner.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", key)
