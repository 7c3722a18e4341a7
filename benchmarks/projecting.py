"""(g): projections. Rebuilding and following, against the eventsourcing library's own ProjectionRunner.

Both apply events of the same log to the same tables: those of one projection (commitments), for a library's projection
is one. It gets one that folds and writes as ours does, an event at a time, with its tracking in the same transaction:
what it costs more is what a batch saves. Beside, ours alone with all projections there are; and, at a steady trickle,
how long it takes from an event's recording until all of them show it.
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
ONE = (PROJECTIONS["commitments"],)
"""What the library's runner is given, and ours for comparison."""
LIBRARY_SECONDS = 15.0
"""So long the library's runner works, or until it has got to the log's end."""
_PATIENCE = 30.0  # seconds after which an event that is not seen in the rows is an error


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
        index = stored.id - 1  # type: ignore[attr-defined]
        return recorded_of(Row(index, str(stored.originator_id), stored.originator_version, stored.state))


class Tables(PostgresTrackingRecorder):
    """The tables of the projection, and how far the library has come."""

    world = World()
    reader: Reader
    reached = 0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.advance = Advance(ONE, self.world, 0, lambda streams, before: {}, self.reader.begun)

    def take(self, recorded: Recorded, tracking: Tracking) -> None:
        """One event: its rows and the tracking in one transaction."""
        self.world.take(recorded)
        changes = self.advance.take([recorded], recorded.index + 1)
        with self.datastore.transaction(commit=True) as cursor:
            for projection in ONE:
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


class Board(LibraryProjection[Tables]):
    """The projection as one of the library's."""

    name = "board"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """See :meth:`Tables.take`."""
        self.view.take(domain_event, tracking)


class Projecting:
    """Measures on the log in ``home``; ``incremental`` events are followed, ``seconds`` the trickle lasts."""

    def __init__(self, home: Path, incremental: int, seconds: float) -> None:
        self._home, self._incremental, self._seconds = home, incremental, seconds
        self._rates: dict[str, float] = {}
        self._size = self._followed = 0
        self._rebuild_seconds = 0.0
        self._visible: list[float] = []

    def run(self, say: Say) -> None:
        """Measures."""
        with Database(Settings(self._home)) as database:
            store = datastore(database.url("reader"), pool_size=3)
            reader = Reader(store)
            self._size = reader.newest().size
            self._followed = min(self._incremental, self._size)
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
        """The library's runner, for a while."""
        self._fresh(database)
        Tables.world, Tables.reader, Tables.reached = World(), reader, 0
        environment = _environment(database.url("writer"))
        Entries.url = database.url("reader")
        started = time.perf_counter()
        with ProjectionRunner(
            application_class=Entries, projection_class=Board, view_class=Tables, env=environment
        ) as runner:
            while Tables.reached < self._size and time.perf_counter() - started < LIBRARY_SECONDS:
                runner.is_interrupted.wait(0.1)
            done, seconds = Tables.reached, time.perf_counter() - started
        self._rates["library"] = done / seconds
        say(f"(g) the library's ProjectionRunner: {self._rates['library']:,.0f} events/s ({done:,} events)")

    def _following(self, database: Database, reader: Reader, say: Say) -> None:
        """Our runner from an empty read side."""
        for name, projections in (("following one", ONE), ("following", ALL)):
            self._fresh(database)
            part: Any = _First(reader, self._followed)
            started = time.perf_counter()
            with Runner(database, part, projections) as runner:
                done = runner.catch_up(seconds=3600)
            self._rate(name, done, time.perf_counter() - started, say)

    def _rebuilding(self, database: Database, reader: Reader, say: Say) -> None:
        for name, projections in (("rebuild one", ONE), ("rebuild", ALL)):
            started = time.perf_counter()
            done = rebuild(database, reader, projections)
            self._rebuild_seconds = time.perf_counter() - started
            self._rate(name, done, self._rebuild_seconds, say)

    def _rate(self, name: str, done: int, seconds: float, say: Say) -> None:
        self._rates[name] = done / seconds
        say(f"(g) {name}: {self._rates[name]:,.0f} events/s ({done:,} events)")

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
        rates, library = self._rates, self._rates["library"]
        followed, size = (f"{n:,} events, all {len(ALL)} projections" for n in (self._followed, self._size))
        beside = f"the same one projection with eventsourcing's ProjectionRunner: {library:,.0f}/s"
        p50, p99 = (percentile(self._visible, p) * 1000 for p in (50, 99))
        trickle = f"{len(self._visible)} events, some 10 a second"
        whole = Figure("g8", "projections: rebuild of the log", self._rebuild_seconds, "s", size, 120.0, at_most=True)
        return [
            Figure("g1", "projections: following", rates["following"], "events/s", followed, 20_000.0),
            Figure("g2", "one projection: following", rates["following one"], "events/s", ONE[0].name, 20_000.0),
            Figure("g3", "the same / library", rates["following one"] / library, "x", beside, 20.0),
            Figure("g4", "projections: rebuild", rates["rebuild"], "events/s", size, 20_000.0),
            Figure("g5", "one projection: rebuild", rates["rebuild one"], "events/s", ONE[0].name, 20_000.0),
            Figure("g6", "the same / library", rates["rebuild one"] / library, "x", beside, 20.0),
            Figure("g7", "event to visible, p99", p99, "ms", f"{trickle}; p50 {p50:.0f} ms", 200.0, at_most=True),
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
        """Seconds from ``since`` until all projections contain so many events. Raises TimeoutError."""
        while min(p.position for p in tables.places(self._connection, ALL).values()) < size:
            if time.perf_counter() - since > _PATIENCE:
                raise TimeoutError(f"{size:,} events are not in the rows after {_PATIENCE:.0f} s")
            time.sleep(0.001)
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
        "BOARD_POSTGRES_SCHEMA": "library",
    }
