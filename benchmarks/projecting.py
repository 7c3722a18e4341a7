"""(g): projections. Rebuilding and following, against the eventsourcing library's own ProjectionRunner.

All apply the same events of the same log to the same tables: those of every projection there is. The library's runner
gets a projection that folds and writes as ours does, an event at a time, with its tracking in the same transaction:
what it costs more is what a batch saves. From an event's recording to its being visible is measured beside, at a
steady trickle.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection as LibraryProjection
from eventsourcing.projection import ProjectionRunner
from psycopg import conninfo

from benchmarks.report import Figure, percentile
from benchmarks.workload import OPERATOR
from ledger.authoring import Author, new_id
from ledger.domain.commitment import CommitmentMade
from ledger.domain.commitment_terms import Area, Kind
from ledger.domain.event import Recorded
from ledger.errors import Head
from ledger.installation import open_installation
from ledger.keys import keystore
from ledger.position import recorded_of
from ledger.settings import Settings
from ledger.store.database import Database, connect
from ledger.store.reader import Reader
from ledger.store.recorder import LedgerRecorder, Row, datastore
from projections import tables
from projections.advancing import Advance
from projections.catalogue import PROJECTIONS
from projections.history import World
from projections.rebuild import rebuild
from projections.runner import Runner

Say = Callable[[str], None]
ALL = tuple(PROJECTIONS.values())
SHORT = 1_500
"""Events for the library's runner, which takes some hundreds a second."""


class Entries(Application[str]):
    """The ledger's log as an application of the library: it reads the same table."""

    name = "entries"

    url = ""

    def construct_recorder(self) -> LedgerRecorder:
        """The ledger's own recorder, which reads as the library's does."""
        return LedgerRecorder(datastore(self.url, pool_size=3))

    def construct_mapper(self) -> Mapper[str]:
        """See :class:`_Decoding`."""
        return _Decoding()  # type: ignore[return-value]


class _Decoding:
    """Reads an entry as our runner does."""

    def to_domain_event(self, stored: StoredEvent) -> Recorded:
        return recorded_of(Row(stored.id - 1, stored.originator_id, stored.originator_version, stored.state))  # type: ignore[attr-defined]


class Tables(PostgresTrackingRecorder):
    """The tables of all projections, and how far the library has come."""

    world = World()
    reader: Reader
    reached = 0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.advance = Advance(ALL, self.world, 0, lambda streams, before: {}, self.reader.begun)

    def take(self, recorded: Recorded, tracking: Tracking) -> None:
        """One event: its rows and the tracking in one transaction."""
        self.world.take(recorded)
        changes = self.advance.take([recorded])
        with self.datastore.transaction(commit=True) as cursor:
            for projection in ALL:
                change = changes[projection.name]
                for table in projection.tables:
                    ended = [v for v in change.ended if v.table is table]
                    new = [v for v in change.new if v.table is table]
                    if ended:
                        tables.retract(cursor.connection, projection.schema, table, ended)
                    if new:
                        tables.insert(cursor.connection, projection.schema, table, new)
            self._insert_tracking(cursor, tracking=tracking)
        type(self).reached = tracking.notification_id


class Everything(LibraryProjection[Tables]):
    """All projections as one of the library's."""

    name = "everything"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """See :meth:`Tables.take`."""
        self.view.take(domain_event, tracking)


class Projecting:
    """Measures on the log in ``home``; ``incremental`` events are followed, ``seconds`` the trickle lasts."""

    def __init__(self, home: Path, incremental: int, seconds: float) -> None:
        self._home, self._incremental, self._seconds = home, incremental, seconds
        self._rates: dict[str, float] = {}
        self._size = 0
        self._rebuild_seconds = 0.0
        self._visible: list[float] = []

    def run(self, say: Say) -> None:
        """Measures."""
        with Database(Settings(self._home)) as database:
            store = datastore(database.url("reader"), pool_size=3)
            reader = Reader(store)
            self._size = reader.newest().size
            self._library(database, reader, say)
            self._following(database, reader, say)
            self._rebuilding(database, reader, say)
            store.close()
        self._trickle(say)

    def _fresh(self, database: Database) -> None:
        with connect(database.url("owner")) as owner:
            for projection in ALL:
                owner.execute(f"DROP SCHEMA IF EXISTS {projection.schema} CASCADE".encode())
            owner.execute("DROP SCHEMA IF EXISTS library CASCADE")
            owner.execute("CREATE SCHEMA library")
            owner.execute("GRANT ALL ON SCHEMA library TO jiannuo_writer")
        tables.install(database.url("owner"), ALL)

    def _library(self, database: Database, reader: Reader, say: Say) -> None:
        """The library's runner on the first events."""
        self._fresh(database)
        count = min(SHORT, self._size)
        Tables.world, Tables.reader, Tables.reached = World(), reader, 0
        environment = _environment(database.url("writer"))
        Entries.url = database.url("reader")
        started = time.perf_counter()
        with ProjectionRunner(
            application_class=Entries, projection_class=Everything, view_class=Tables, env=environment
        ) as runner:
            runner.wait(count, timeout=300)
            self._rates["library"] = Tables.reached / (time.perf_counter() - started)
        say(f"(g) the library's ProjectionRunner: {self._rates['library']:,.0f} events/s")

    def _following(self, database: Database, reader: Reader, say: Say) -> None:
        """Our runner from an empty read side, over the same events and as many more as asked for."""
        for name, count in (("same", SHORT), ("incremental", self._incremental)):
            self._fresh(database)
            part: Any = _First(reader, min(count, self._size))
            started = time.perf_counter()
            with Runner(database, part, ALL) as runner:
                done = runner.catch_up(seconds=3600)
            self._rates[name] = done / (time.perf_counter() - started)
        say(f"(g) following: {self._rates['incremental']:,.0f} events/s")

    def _rebuilding(self, database: Database, reader: Reader, say: Say) -> None:
        started = time.perf_counter()
        done = rebuild(database, reader, ALL)
        self._rebuild_seconds = time.perf_counter() - started
        self._rates["rebuild"] = done / self._rebuild_seconds
        say(f"(g) rebuild: {self._rates['rebuild']:,.0f} events/s")

    def _trickle(self, say: Say) -> None:
        """20 events a second, and when each is in the rows of every projection."""
        with open_installation(Settings(self._home)) as installation:
            author = Author(OPERATOR.uscc, keystore.load(self._home / "keys" / "operator.pem"))
            ledger, seen = installation.ledger, _Seen(installation.database.url("reader"))
            with Runner(installation.database, ledger.reader, ALL) as runner:
                runner.catch_up()
                runner.start()
                until = time.monotonic() + self._seconds
                while time.monotonic() < until:
                    made = CommitmentMade("限时办结", "一次性告知。", Kind.TIME_LIMIT, Area.GENERAL, OPERATOR.uscc)
                    data = author.write(f"commitment/{new_id()}", Head(0, None), made)
                    index = ledger.submit(data).result().index
                    self._visible.append(seen.waited(index + 1, time.perf_counter()))
                    threading.Event().wait(0.05)
            seen.close()
        say(f"(g) visible after: p99 {percentile(self._visible, 99) * 1000:.0f} ms")

    def figures(self) -> list[Figure]:
        """What was measured."""
        rates, size = self._rates, f"{self._size:,} events, all {len(ALL)} projections"
        library = f"eventsourcing's ProjectionRunner on {SHORT:,} of the same events: {rates['library']:,.0f}/s"
        of_same = rates["same"] / rates["library"]
        p50, p99 = (percentile(self._visible, p) * 1000 for p in (50, 99))
        trickle = f"{len(self._visible)} events, some 10 a second"
        whole = Figure("g6", "projections: rebuild of the log", self._rebuild_seconds, "s", size, 120.0, at_most=True)
        return [
            Figure("g1", "projections: following", rates["incremental"], "events/s", size, 20_000.0),
            Figure("g2", "projections: following / library", of_same, "x", library, 20.0),
            Figure("g3", "projections: rebuild", rates["rebuild"], "events/s", size, 20_000.0),
            Figure("g4", "projections: rebuild / library", rates["rebuild"] / rates["library"], "x", library, 20.0),
            Figure("g5", "event to visible, p99", p99, "ms", f"{trickle}; p50 {p50:.0f} ms", 200.0, at_most=True),
            *((whole,) if self._size >= 1_000_000 else ()),
        ]


class _First:
    """A reader that knows the first events alone."""

    def __init__(self, reader: Reader, size: int) -> None:
        self._reader, self._size = reader, size
        self.streams, self.begun, self.of_kind = reader.streams, reader.begun, reader.of_kind

    def newest(self) -> Any:
        return type("Newest", (), {"size": self._size})

    def entries(self, start: int, stop: int) -> Sequence[Row]:
        return self._reader.entries(start, min(stop, self._size))


class _Seen:
    """Looks whether events are in the rows, on a connection of its own."""

    def __init__(self, url: str) -> None:
        self._manager = connect(url)
        self._connection = self._manager.__enter__()

    def waited(self, size: int, since: float) -> float:
        """Seconds from ``since`` until all projections contain so many events."""
        while min(p.position for p in tables.places(self._connection, ALL).values()) < size:
            pass
        return time.perf_counter() - since

    def close(self) -> None:
        self._manager.__exit__(None, None, None)


def _environment(url: str) -> dict[str, str]:
    """The library's settings: its view keeps the tracking in a schema beside."""
    parts = conninfo.conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts.get("dbname", "")),
        "POSTGRES_HOST": str(parts.get("host", "")),
        "POSTGRES_PORT": str(parts.get("port", "5432")),
        "POSTGRES_USER": str(parts.get("user", "")),
        "POSTGRES_PASSWORD": str(parts.get("password", "-")),
        "POSTGRES_ORIGINATOR_ID_TYPE": "text",
        "ORIGINATOR_ID_TYPE": "text",
        "EVERYTHING_POSTGRES_SCHEMA": "library",
    }
