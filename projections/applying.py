"""Applying events to projections' tables: a batch is one transaction, with the rows and the positions in it.

Whoever applies holds a lock for each projection that it works for (:meth:`Applier.lock`), of the session's, so that
the database itself lets go of it when the process dies. Projections at the same position go together; one that lags,
because it is new or had stopped, goes by itself until it has caught up. Where the database refuses the rows of a
batch, that projection is taken through it event by event, so that it stops where it must and no other does.

After each batch ``NOTIFY projections`` tells the position that was reached: a reader who keeps answers may LISTEN,
and need not ask again before (:class:`projections.reading.Reading`). A rebuild that swaps tables says ``rebuilt``.

>>> reason(ValueError("of whom it may be, nothing is said"))
('ValueError', 'ValueError')
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

import psycopg

from ledger.domain.event import Recorded
from ledger.errors import CorruptionError, LedgerError, UnavailableError
from ledger.position import recorded_of
from ledger.store.reader import Reader
from ledger.store.recorder import Row, is_unavailable
from projections import tables
from projections.advancing import Advance, Change
from projections.history import BODY_TOPICS, WORLD_KINDS, World
from projections.projection import Projection
from projections.tables import Place

CHANNEL = "projections"


class RefusedError(Exception):
    """The database would not take the rows of a projection."""

    def __init__(self, projection: Projection, cause: Exception) -> None:
        super().__init__(projection.schema)
        self.projection, self.cause = projection, cause


class Applier:
    """See the module's docstring. ``batch``: most events of one transaction. For one connection at a time."""

    def __init__(self, reader: Reader, projections: Sequence[Projection], *, batch: int = 2000) -> None:
        self._reader, self._projections, self._batch = reader, tuple(projections), batch
        self._world, self._world_size = World(), 0
        self._locked: set[str] = set()
        self._advances: list[tuple[Advance, frozenset[tuple[str, UUID]]]] = []
        self._careful: dict[str, int] = {}  # event by event up to here
        self._tried: set[str] = set()  # that somebody else found stopped, and that were tried again
        self.failures: dict[str, LedgerError] = {}

    def lock(self, connection: psycopg.Connection) -> None:
        """Takes the locks that are free. The session that has them keeps them."""
        for projection in self._projections:
            if projection.name not in self._locked:
                query = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
                row = connection.execute(query, (tables.RUNNERS, projection.schema)).fetchone()
                if row and row[0]:
                    self._locked.add(projection.name)

    def unlock(self, connection: psycopg.Connection) -> None:
        """Lets go of the locks, and of what is in memory; before another session is used."""
        self._advances.clear()
        self._locked.clear()
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock_all()")

    def step(self, connection: psycopg.Connection) -> int:
        """Applies the next batch of each group of projections; how many events that were in the longest.

        Raises UnavailableError, and whatever else keeps everything from going on.
        """
        with connection.transaction():
            found = tables.places(connection, self._working())
        groups: dict[tuple[int, bool], list[Projection]] = defaultdict(list)
        for projection in self._working():
            place = found[projection.name]
            if self._stopped(projection.name, place):
                continue
            careful = self._careful.get(projection.name, 0) > place.position
            groups[place.position, careful].append(projection)
        ordered = sorted(groups.items())
        with uncollected():
            done = [
                self._advance(connection, group, at, found, 1 if careful else self._batch)
                for (at, careful), group in ordered
            ]
        return max(done, default=0)

    def _working(self) -> list[Projection]:
        return [p for p in self._projections if p.name in self._locked]

    def _stopped(self, name: str, place: Place) -> bool:
        """Whether a projection has stopped: one that somebody else left so is tried once more."""
        if place.failure is None:
            self.failures.pop(name, None)  # it was rebuilt
            return False
        if name in self._tried:
            return True
        self._tried.add(name)
        return False

    def _advance(
        self,
        connection: psycopg.Connection,
        group: Sequence[Projection],
        position: int,
        found: Mapping[str, Place],
        most: int,
    ) -> int:
        """The next batch of projections that are at the same position."""
        events, end, broken = self._events(group, position, most)
        if broken is not None and end == position:
            for projection in group:
                self._fail(connection, projection, found[projection.name].built, position, broken)
            return 0
        if end == position:
            return 0
        self._know(position, events, end)
        advance = self._advance_of(group, position, found)
        changes = advance.take(events, end)
        try:
            with connection.transaction():
                self._write(connection, group, changes, found)
        except RefusedError as refused:
            self._advances.clear()
            self._refused(connection, refused, found[refused.projection.name], end)
            return 1
        except tables.MovedError:  # somebody else applied them
            self._advances.clear()
            return 0
        except BaseException:
            self._advances.clear()
            raise
        for projection in group:
            change = changes[projection.name]
            if change.failure is not None:
                self._fail(connection, projection, found[projection.name].built, change.position, change.failure)
        return advance.position - position

    def _write(
        self,
        connection: psycopg.Connection,
        group: Sequence[Projection],
        changes: Mapping[str, Change],
        found: Mapping[str, Place],
    ) -> None:
        # A crash of the server may lose the last transactions whole, rows and position, never one without the other,
        # and what the log holds is on disk before it is read here: the rows are computed again. Rows that end are
        # found by their key: a plan made while a table was small must not read it whole when it has grown.
        connection.execute(
            "SELECT set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true)"
        )
        # After this nobody swaps tables before the commit: names below are those of the builds that were found.
        connection.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", (tables.LOCKS, tables.SWAPPING))
        # And after this nobody else applies these events, whatever locks they know of.
        moves = [(p, found[p.name], changes[p.name].position) for p in group]
        tables.move(connection, [(p, place.built, place.position, to) for p, place, to in moves])
        for projection in group:
            change = changes[projection.name]
            try:
                for table, versions in tables.parted(projection, change.ended):
                    tables.retract(connection, projection.schema, table, versions)
                for table, versions in tables.parted(projection, change.new):
                    tables.insert(connection, projection.schema, table, versions)
            except Exception as error:
                if is_unavailable(error):
                    raise
                raise RefusedError(projection, error) from error
        connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(max(to for _, _, to in moves))))

    def _refused(self, connection: psycopg.Connection, refused: RefusedError, place: Place, end: int) -> None:
        """Rows were refused: of one event, so that it stops there; of several, which are taken one by one now."""
        if end == place.position + 1:
            self._fail(connection, refused.projection, place.built, place.position, refused.cause)
        else:
            self._careful[refused.projection.name] = end

    def _fail(
        self, connection: psycopg.Connection, projection: Projection, built: UUID, index: int, error: Exception
    ) -> None:
        """Remembers, here and in the database, that a build of a projection stopped at an index and why."""
        en, zh = reason(error)
        stopped = LedgerError(
            f"projection {projection.schema} stopped at log index {index}: {en}",
            f"读模型 {projection.schema} 在日志序号 {index} 处停止：{zh}",
        )
        stopped.__cause__ = error
        if tables.stop(connection, projection, built, index, f"{stopped.en} | {stopped.zh}"):
            self._tried.add(projection.name)
            self.failures[projection.name] = stopped

    def _know(self, position: int, events: Sequence[Recorded], end: int) -> None:
        """The world has taken everything up to ``end``, given the events from a position on."""
        if self._world_size < position:
            for row in shaping(self._reader, self._world_size, position):
                self._world.take(recorded_of(row))
            self._world_size = position
        for recorded in events:
            if recorded.index >= self._world_size:
                self._world.take(recorded)
        self._world_size = max(self._world_size, end)

    def _events(
        self, group: Sequence[Projection], position: int, most: int
    ) -> tuple[list[Recorded], int, Exception | None]:
        """The next events, up to the first that cannot be read, but for those of kinds that are no matter of these
        projections; where they end; and why what stands there cannot be read.
        """
        kinds = frozenset(kind for p in group for kind in p.kinds) | WORLD_KINDS
        events: list[Recorded] = []
        end = position
        try:
            for row in self._reader.entries(position, position + most):
                if row.index != end:
                    raise CorruptionError(f"entry {end} is missing from the log", f"日志缺少第 {end} 号条目")
                if row.stream.partition("/")[0] in kinds:
                    events.append(recorded_of(row))
                end += 1
        except CorruptionError as error:
            return events, end, error
        return events, end, None

    def _advance_of(self, group: Sequence[Projection], position: int, found: Mapping[str, Place]) -> Advance:
        """The cases of a group: those in memory, if they are of this position and build."""
        key = frozenset((p.name, found[p.name].built) for p in group)
        for advance, whose in self._advances:
            if whose == key and advance.position == position and len(advance.projections) == len(group):
                return advance
        names = {p.name for p in group}
        self._advances = [(f, w) for f, w in self._advances if not names & {name for name, _ in w}]
        advance = Advance(group, self._world, position, self._histories, self._reader.begun)
        self._advances.append((advance, key))
        return advance

    def _histories(self, streams: Sequence[str], before: int) -> dict[str, list[Recorded]]:
        found: dict[str, list[Recorded]] = defaultdict(list)
        for row in self._reader.streams(streams):
            if row.index < before:
                found[row.stream].append(recorded_of(row))
        return found


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector of cycles for the length of a batch: events, states and rows are many, and none is a
    cycle, so that looking for some takes a third of the time and finds nothing.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def shaping(reader: Reader, start: int, stop: int) -> list[Row]:
    """The entries with ``start`` <= index < ``stop`` that a :class:`World` is made of."""
    rows = reader.of_kind("policy", start, stop) + reader.of_kind("body", start, stop, BODY_TOPICS)
    return sorted(rows, key=lambda row: row.index)


def reason(error: Exception) -> tuple[str, str]:
    """Why a projection stopped, in English and Chinese: never what somebody else's error quotes, it may be personal."""
    if isinstance(error, tables.MISSING):
        error = tables.missing()
    if isinstance(error, LedgerError):
        return error.en, error.zh
    name = type(error).__name__
    if isinstance(error, psycopg.Error) and error.sqlstate:
        name = f"{name} {error.sqlstate}"
    return name, name


@contextmanager
def in_words() -> Iterator[None]:
    """Turns what the database raises into a LedgerError: UnavailableError where it cannot be reached now."""
    try:
        yield
    except psycopg.Error as error:
        raise as_told(error) from error


def as_told(error: Exception, what: str = "") -> LedgerError:
    """An error in words, after ``what`` could not be done: UnavailableError where the database cannot be reached."""
    if isinstance(error, UnavailableError) or is_unavailable(error):
        return UnavailableError("the database cannot be reached now; try again", "数据库暂时无法连接，请稍后重试")
    if isinstance(error, LedgerError):
        return error
    en, zh = reason(error)
    what = what or "projections"
    return LedgerError(f"{what}: {en}", f"{what}：{zh}")
