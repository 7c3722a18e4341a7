"""The runner: brings the projections' rows up to the log's end, each event exactly once.

Rows and position change in one transaction, so that a runner that is killed leaves both or neither. Any number of
processes may run one; an advisory lock lets one at a time work. New events are found by polling; the writer's NOTIFY
only makes it sooner. After each batch ``NOTIFY projections`` with the new position as its payload tells readers.

    runner = Runner(database, ledger.reader)
    runner.catch_up()      # all that is in the log now is in the rows
    runner.start()         # and from here on by itself
    runner.close()
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from types import TracebackType
from typing import ClassVar

import psycopg
from psycopg import sql

from ledger.domain.event import Recorded
from ledger.errors import CorruptionError, LedgerError, NotFoundError, UnavailableError
from ledger.position import recorded_of
from ledger.store.database import Database, connect
from ledger.store.reader import Reader
from ledger.store.recorder import is_unavailable
from projections import tables
from projections.catalogue import PROJECTIONS
from projections.history import Chronicle, World, grown, positions, ruled
from projections.projection import OPEN, Case, Projection, Version

_RETRY = 1.0
_GATHER = 0.02  # seconds between two batches: under load a batch holds what gathered, not what one commit brought
_PATIENCE = 0.1  # seconds after which a waiting runner looks whether it shall close


class Runner:
    """See the module's docstring. ``interval``: seconds between two looks at the log where no NOTIFY comes."""

    BATCH: ClassVar[int] = 2000

    def __init__(
        self,
        database: Database,
        reader: Reader,
        projections: Collection[Projection] = tuple(PROJECTIONS.values()),
        *,
        interval: float = 0.25,
        on_failure: Callable[[LedgerError], None] = lambda _: None,
    ) -> None:
        tables.install(database.url("owner"), projections)
        self._url, self._reader, self._projections = database.url("writer"), reader, tuple(projections)
        self._interval, self._on_failure = interval, on_failure
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: LedgerError | None = None

    def position(self) -> int:
        """How many events of the log the rows of all projections contain."""
        with connect(self._url) as connection:
            return min(self._positions(connection).values())

    def catch_up(self, *, seconds: float = 600) -> int:
        """Returns, when all events that the log has now are in the rows, how many events they contain.

        Raises UnavailableError if that takes longer than ``seconds``, CorruptionError if the log is shorter than what
        was applied, LedgerError at an event that cannot be applied.
        """
        deadline = time.monotonic() + seconds
        with connect(self._url) as connection:
            end = self._log_size()
            while (position := min(self._positions(connection).values())) < end:
                if time.monotonic() > deadline:
                    raise UnavailableError(
                        f"projections: not at index {end} after {seconds:g} s",
                        f"读模型：{seconds:g} 秒内未到达序号 {end}",
                    )
                if self._step(connection) is None:
                    time.sleep(0.02)
        self._check_not_ahead(position)
        return position

    def start(self) -> None:
        """Follows the log in a thread of its own, until :meth:`close`."""
        assert self._thread is None
        self._thread = threading.Thread(target=self._run, name="projections", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread after the batch in hand. May be called again."""
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with connect(self._url) as connection:
                    self._follow(connection)
            except Exception as error:
                if isinstance(error, UnavailableError) or is_unavailable(error):
                    self._stopping.wait(_RETRY)
                    continue
                reason = type(error).__name__
                known = error if isinstance(error, LedgerError) else LedgerError(reason, reason)
                self.failure = known
                self._on_failure(known)
                return

    def _follow(self, connection: psycopg.Connection) -> None:
        connection.execute("LISTEN ledger")
        while not self._stopping.is_set():
            if self._step(connection):
                self._stopping.wait(_GATHER)
            else:
                self._wait(connection)

    def _wait(self, connection: psycopg.Connection) -> None:
        """Until a notification, the interval's end, or :meth:`close`."""
        deadline = time.monotonic() + self._interval
        while not self._stopping.is_set() and time.monotonic() < deadline:
            if list(connection.notifies(timeout=min(self._interval, _PATIENCE), stop_after=1)):
                return

    def _step(self, connection: psycopg.Connection) -> int | None:
        """Applies the next batch and returns its size, or None where another runner is at work."""
        with connection.transaction():
            query = "SELECT pg_try_advisory_xact_lock(%s, %s)"
            locked = connection.execute(query, (tables.LOCKS, tables.RUNNING)).fetchone()
            if not locked or not locked[0]:
                return None
            at = self._positions(connection)
            position = min(at.values())
            due = [p for p in self._projections if at[p.schema] == position]
            events = [recorded_of(row) for row in self._reader.entries(position, position + self.BATCH)]
            if not events:
                return 0
            end = position + len(events)
            world = World()
            for row in self._reader.scan():
                if row.index < end and row.stream.startswith(("body/", "policy/")):
                    world.take(recorded_of(row))
            batch = _Batch(self._reader, due, world, position)
            for recorded in events:
                batch.take(recorded)
            for projection in due:
                self._write(connection, projection, batch.versions(projection), position)
                statement = sql.SQL("UPDATE {} SET position = %s").format(sql.Identifier(projection.schema, "position"))
                connection.execute(statement, (end,))
            connection.execute("SELECT pg_notify('projections', %s)", (str(end),))
        return len(events)

    def _write(
        self, connection: psycopg.Connection, projection: Projection, versions: Iterable[Version], position: int
    ) -> None:
        new, ended = defaultdict(list), defaultdict(list)
        for version in versions:
            if version.asserted >= position:
                new[version.table.name].append(version)
            elif version.retracted != OPEN:
                ended[version.table.name].append(version)
        for table in projection.tables:
            if ended[table.name]:
                tables.retract(connection, projection.schema, table, ended[table.name])
            if new[table.name]:
                tables.insert(connection, projection.schema, table, new[table.name])

    def _positions(self, connection: psycopg.Connection) -> dict[str, int]:
        found = {}
        for projection in self._projections:
            statement = sql.SQL("SELECT position FROM {}").format(sql.Identifier(projection.schema, "position"))
            row = connection.execute(statement).fetchone()
            assert row is not None
            found[projection.schema] = int(row[0])
        return found

    def _log_size(self) -> int:
        try:
            return self._reader.newest().size
        except NotFoundError:
            return 0

    def _check_not_ahead(self, position: int) -> None:
        size = self._log_size()
        if position > size:
            raise CorruptionError(
                f"projections: {position} events were applied, the log has {size}: the log was rolled back",
                f"读模型：已应用 {position} 个事件，日志仅有 {size} 个：日志被回退",
            )


class _Batch:
    """The versions that begin or end with the events of one batch."""

    def __init__(self, reader: Reader, projections: Sequence[Projection], world: World, position: int) -> None:
        self._reader, self._projections, self._world, self._position = reader, projections, world, position
        self._cases: dict[str, Case] = {}
        self._chronicles: dict[tuple[str, str], Chronicle] = {}
        self._found: dict[str, list[Version]] = {p.schema: [] for p in projections}

    def take(self, recorded: Recorded) -> None:
        stream = recorded.event.stream
        self._load(stream)
        case = self._cases[stream] = grown(self._cases.get(stream), recorded, self._world)
        self._hold(case, own=True)
        if case.kind == "policy":
            for other in self._others(recorded.index):
                self._load(other)
                before = self._cases[other]
                for adopted in self._world.rulings(before.region, recorded.index - 1):
                    if adopted.index == recorded.index:
                        self._cases[other] = ruled(before, adopted, self._world)
                        self._hold(self._cases[other], own=False)

    def versions(self, projection: Projection) -> Iterator[Version]:
        yield from self._found[projection.schema]
        for (schema, _), chronicle in self._chronicles.items():
            if schema == projection.schema:
                yield from chronicle.open()

    def _others(self, index: int) -> list[str]:
        kinds = {kind for p in self._projections if p.ruled for kind in p.kinds}
        rows = self._reader.scan()
        return [r.stream for r in rows if r.version == 1 and r.index < index and r.stream.partition("/")[0] in kinds]

    def _load(self, stream: str) -> None:
        if stream in self._cases:
            return
        kind = stream.partition("/")[0]
        watching = [p for p in self._projections if kind in p.kinds]
        chronicles = {p.schema: Chronicle(p) for p in watching}
        self._chronicles.update({(schema, stream): chronicle for schema, chronicle in chronicles.items()})
        history = [recorded_of(r) for r in self._reader.stream(stream) if r.index < self._position]
        for case, own in positions(history, self._world):
            if case.index >= self._position:
                break
            self._cases[stream] = case
            for p in watching:
                if own or p.ruled:
                    chronicles[p.schema].holds(p.rows(case), case.index)

    def _hold(self, case: Case, *, own: bool) -> None:
        for p in self._projections:
            if case.kind not in p.kinds:
                continue
            found = self._found[p.schema]
            if own:
                found.extend(Version(p.table(r), r, case.index, OPEN) for r in p.entries(case))
            if own or p.ruled:
                found.extend(self._chronicles[p.schema, case.stream].holds(p.rows(case), case.index))
