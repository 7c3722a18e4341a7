"""Must hold (issue 5): incremental = rebuilt = the audit's replay, row for row; as of = what stood there then.

1,000 random histories of cases, in logs of eight that go on side by side while rules are adopted: in memory; some of
them through PostgreSQL, runner, rebuild and audit.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed
from functools import cache
from random import Random
from typing import Any, NamedTuple

import psycopg
import pytest

from audit.diff import diff, gathered
from audit.replay import length, read
from ledger.domain.event import Recorded
from ledger.proof.event import entry, sign
from ledger.proof.keys import PrivateKey
from ledger.proof.merkle import leaf_hash
from ledger.settings import Settings
from ledger.store.database import Database
from ledger.store.reader import Reader
from ledger.store.recorder import datastore
from ledger.store.source import PostgresSource
from projections import advancing, history
from projections import rebuild as rebuilding
from projections.advancing import Advance
from projections.catalogue import PROJECTIONS
from projections.history import Chronicle, World
from projections.history import gathered as versions_of
from projections.projection import OPEN, Projection, Row, Table, Version
from projections.rebuild import rebuild
from projections.rows import shown
from projections.runner import Runner
from tests.projections.examples import example
from tests.projections.randomlogs import random_log

CASES, LOGS = 8, 125
ALL = (*PROJECTIONS.values(), example(), example(ruled=False))
Stored = dict[tuple[str, str, Row, int], tuple[Row, int]]
"""By projection, table, key and ``asserted``: the row, and ``retracted``."""


@cache
def log_of(seed: int) -> tuple[Recorded, ...]:
    return tuple(random_log(seed, CASES))


def histories_of(log: Sequence[Recorded]) -> dict[str, list[Recorded]]:
    found: dict[str, list[Recorded]] = defaultdict(list)
    for recorded in log:
        found[recorded.event.stream].append(recorded)
    return found


def world_of(log: Sequence[Recorded]) -> World:
    world = World()
    for recorded in log:
        world.take(recorded)
    return world


def place(projection: Projection, version: Version) -> tuple[str, str, Row, int]:
    return projection.name, version.table.name, version.table.key_of(version.row), version.asserted


def rebuilt(log: Sequence[Recorded], projections: Sequence[Projection] = ALL) -> Stored:
    """The rows that each case's whole history gives."""
    found: Stored = {}
    world = world_of(log)
    for stream, events in histories_of(log).items():
        watching = [p for p in projections if stream.partition("/")[0] in p.kinds]
        for projection, versions in zip(watching, versions_of(watching, events, world), strict=True):
            for version in versions:
                assert place(projection, version) not in found
                found[place(projection, version)] = version.row, version.retracted
    return found


@dataclass
class Memory:
    """Tables, and a runner that works on them, in memory."""

    log: Sequence[Recorded]
    random: Random
    rows: Stored = field(default_factory=dict)
    position: int = 0

    def histories(self, streams: Sequence[str], before: int) -> dict[str, list[Recorded]]:
        found = histories_of(self.log[:before])
        return {stream: found[stream] for stream in streams if stream in found}

    def begun(self, kinds: Collection[str], before: int) -> Iterator[str]:
        return (s for s in histories_of(self.log[:before]) if s.partition("/")[0] in kinds)

    def run(self, size: int) -> None:
        """Up to a size, in batches of any size, with restarts in between."""
        while self.position < size:
            world = world_of(self.log)  # it may have taken more than what is applied
            advance = Advance(ALL, world, self.position, self.histories, self.begun)
            for _ in range(self.random.randrange(1, 4)):
                batch = self.log[self.position : min(size, self.position + self.random.choice([1, 2, 7, 30, 1000]))]
                self.apply(advance.take(batch, self.position + len(batch)))
                self.position = advance.position

    def apply(self, changes: dict[str, Any]) -> None:
        for projection in ALL:
            change = changes[projection.name]
            assert change.failure is None, (projection.name, change.position, change.failure)
            for version in change.ended:
                row, retracted = self.rows[place(projection, version)]
                assert (row, retracted) == (version.row, OPEN)
                self.rows[place(projection, version)] = row, version.retracted
            for version in change.new:
                assert place(projection, version) not in self.rows
                self.rows[place(projection, version)] = version.row, version.retracted


def held(rows: Stored, size: int) -> set[tuple[Any, ...]]:
    """The rows that are read as of a size."""
    return {(*at[:2], row) for at, (row, retracted) in rows.items() if at[3] < size <= retracted}


@pytest.mark.parametrize("seed", range(LOGS))
def test_incremental_work_in_any_batches_gives_the_rows_of_a_rebuild_and_so_at_every_size(seed, monkeypatch):
    log, random = log_of(seed), Random(seed)
    monkeypatch.setattr(advancing, "MOST_CASES", random.choice([1, 5, 20_000]))
    expected = rebuilt(log)
    memory = Memory(log, random)
    for size in sorted({*random.sample(range(1, len(log)), 3), len(log)}):
        memory.run(size)
        # What stands there now is what as-of shall find of that size for ever after.
        assert {(*at[:2], row) for at, (row, retracted) in memory.rows.items() if retracted == OPEN} == held(
            expected, size
        )
    assert memory.rows == expected


def test_the_random_logs_hold_a_thousand_cases_in_which_every_projection_has_rows():
    logs = [log_of(seed) for seed in range(LOGS)]
    cases = [s for log in logs for s in histories_of(log) if s.partition("/")[0] not in {"body", "policy"}]
    assert len(cases) == LOGS * CASES >= 1000
    assert len({name for log in logs for name in {r.event.name for r in log}}) > 60
    rows: set[str] = set()
    for log in logs[:40]:
        rows |= {at[0] for at in rebuilt(log, tuple(PROJECTIONS.values()))}
    assert rows >= PROJECTIONS.keys() - {"sweeps", "filings"}  # events of bodies that no case has


def noticed(seeds: range) -> bool:
    """Whether incremental work differs from the rebuild in one of these logs."""
    for seed in seeds:
        memory = Memory(log_of(seed), Random(seed))
        try:
            memory.run(len(memory.log))
        except (AssertionError, KeyError):
            return True
        if memory.rows != rebuilt(memory.log):
            return True
    return False


class Forgetful(Chronicle):
    """It forgets to end a row that is no longer there."""

    def holds(self, rows: Any, index: int) -> list[Version]:
        rows = list(rows)
        gone = {(self.projection.table(r).name, self.projection.table(r).key_of(r)) for r in rows}
        return [v for v in super().holds(rows, index) if (v.table.name, v.table.key_of(v.row)) in gone]


MISTAKES = {
    "rows that are gone stay": lambda patch: patch.setattr(advancing, "Chronicle", Forgetful),
    "rules that are adopted change nothing": lambda patch: patch.setattr(Advance, "_rule", lambda *_: None),
    "a case not in memory has no rows": lambda patch: patch.setattr(Memory, "histories", lambda *_: {}),
    "the last event is counted twice": lambda patch: patch.setattr(
        advancing, "grown", lambda case, recorded, world: history.grown(case, changed(recorded, index=0), world)
    ),
    "rules that are adopted pass unnoticed": lambda patch: patch.setattr(advancing, "_ruling", lambda events: None),
    "none": lambda patch: None,
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_planted_mistake_is_noticed(monkeypatch, name):
    MISTAKES[name](monkeypatch)
    assert noticed(range(8)) is (name != "none")


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_runner_rebuild_and_audit_agree_in_postgresql(databases, tmp_path, monkeypatch, seed):
    """Row for row, through signed entries: the runner in small batches with restarts, then rebuilt; each audited."""
    monkeypatch.setattr(rebuilding, "_ALONE", 0)
    monkeypatch.setattr(rebuilding, "_RANGE", 30)
    log, random = log_of(seed), Random(seed)
    projections = tuple(PROJECTIONS.values())
    name = databases.create()
    with Database(Settings(tmp_path, databases.url(name))) as database:
        stored = stored_log(databases.url(name), log)
        reader = Reader(datastore(database.url("reader"), pool_size=2))
        for size in sorted({*random.sample(range(1, len(log)), 2), len(log)}):
            monkeypatch.setattr(Runner, "BATCH", random.choice([1, 7, 50]))
            with Runner(database, Part(reader, size), projections) as runner:
                assert runner.catch_up() == size
            assert differences(database, projections) == []
        incremental = tables_of(database, projections)
        rebuild(database, reader, projections, workers=2)
        assert differences(database, projections) == []
        assert tables_of(database, projections) == incremental
        assert sum(map(len, incremental.values())) == len(rebuilt(stored, projections))
        reader._store.close()
    databases.drop(name)


class Part:
    """A reader that knows the first entries of the log alone."""

    def __init__(self, reader: Reader, size: int) -> None:
        self._reader, self._size = reader, size
        self.streams, self.begun, self.of_kind = reader.streams, reader.begun, reader.of_kind

    def newest(self) -> Any:
        return changed(self._reader.newest(), size=self._size)

    def entries(self, start: int, stop: int) -> list[Any]:
        return self._reader.entries(start, min(stop, self._size))


def stored_log(url: str, log: Sequence[Recorded]) -> list[Recorded]:
    """Signs the events, and files them as the ledger would; as they are in the log now."""
    key, heads, found = PrivateKey.from_seed(bytes(32)), {}, []
    with psycopg.connect(url) as connection:
        for recorded in log:
            event = changed(recorded.event, prev=heads.get(recorded.event.stream))
            jws = sign(event, key)
            signed = changed(recorded, event=event, hash=hashlib.sha256(jws).hexdigest())
            heads[event.stream] = signed.hash
            data = entry(recorded.at, jws)
            connection.execute(
                "INSERT INTO ledger.events VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (
                    event.stream,
                    event.version,
                    f"{event.name}/{event.fact.SCHEMA}",
                    data,
                    recorded.index + 1,
                    event.jti,
                    leaf_hash(data),
                ),
            )
            found.append(signed)
        connection.execute("INSERT INTO ledger.checkpoints VALUES (%s, '')", (len(log),))
    return found


def differences(database: Database, projections: Sequence[Projection]) -> list[Any]:
    """What the audit finds."""
    with PostgresSource(database.url("reader")).open() as session:
        log = gathered(read(session, length(session)))
    with shown(database.url("reader"), projections) as found:
        return [d for p in projections for d in diff(p, log, found.position(p), found.rows(p)).differences]


def tables_of(database: Database, projections: Sequence[Projection]) -> dict[str, list[Any]]:
    with shown(database.url("reader"), projections) as found:
        return {p.schema: list(found.rows(p)) for p in projections}


class Left(NamedTuple):
    id: str


class Right(NamedTuple):
    id: str


def test_a_row_that_goes_from_one_table_to_another_with_the_same_values_is_a_change():
    tables = (Table("left", Left, 1), Table("right", Right, 1))
    chronicle = Chronicle(Projection("sides", 1, tables, frozenset({"body"})))
    assert chronicle.holds([Left("x")], 1) == []
    assert [(v.table.name, v.asserted, v.retracted) for v in chronicle.holds([Right("x")], 2)] == [("left", 1, 2)]
    assert [(v.table.name, v.asserted) for v in chronicle.standing()] == [("right", 2)]
