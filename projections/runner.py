"""The runner: brings the projections' rows up to the log's end, each event exactly once, and follows it.

Rows and position change in one transaction (:mod:`projections.applying`), so that a runner that is killed leaves both
or neither. Any number of processes may run one; for each projection one of them works, and another takes over as soon
as the database has noticed that it is gone. New events are found by polling; the writer's NOTIFY only makes it sooner.

    runner = Runner(database, ledger.reader)
    runner.catch_up()      # all that is in the log now is in the rows
    runner.start()         # and from here on by itself
    runner.close()

A projection that cannot take an event stops there: ``failures`` says where and why, ``on_failure`` is told, the
database keeps it. The others go on. It is tried again by the next runner, and goes on by itself once it was rebuilt.
An unreachable database is tried again, and so is whatever else keeps all of them from going on (``failure``): tables
that somebody dropped are there again after a rebuild.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import ClassVar

import psycopg

from ledger.errors import CorruptionError, LedgerError, NotFoundError, UnavailableError
from ledger.store.database import Database, connect
from ledger.store.reader import Reader
from ledger.store.recorder import is_unavailable
from projections import tables
from projections.applying import Applier, in_words, reason
from projections.catalogue import PROJECTIONS
from projections.projection import Projection

_RETRY = 1.0
_GATHER = 0.02  # seconds between two batches: under load a batch holds what gathered, not what one commit brought
_LEAVING = 10.0  # seconds: a batch in which rules are adopted may take minutes, and is begun again by whoever is next
_SILENCE = 300.0  # seconds without a byte after which it asks anew: rows of all cases under new rules take a while
_LOOK = 0.02  # seconds between two looks at how far it is, of who waits for it
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
        self._applier = Applier(reader, self._projections, batch=self.BATCH)
        self._told: Mapping[str, LedgerError] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: LedgerError | None = None

    @property
    def failures(self) -> Mapping[str, LedgerError]:
        """Why projections, by name, stopped while this runner worked for them."""
        return dict(self._applier.failures)

    def position(self) -> int:
        """How many events of the log the rows of all projections contain."""
        with connect(self._url) as connection:
            return min(place.position for place in tables.places(connection, self._projections).values())

    @in_words()
    def catch_up(self, *, seconds: float = 600, progress: Callable[[int], object] = lambda position: None) -> int:
        """Returns, when all events that the log has now are in the rows, how many events they contain.

        Before :meth:`start`. ``progress`` is told the position now and then. Raises UnavailableError if it takes longer
        than ``seconds``, CorruptionError if the log is shorter than what was applied, LedgerError, after all others
        have caught up, if a projection cannot take an event.
        """
        deadline = time.monotonic() + seconds
        with connect(self._url) as connection:
            try:
                end = self._log_size()
                while True:
                    self._applier.lock(connection)
                    done = self._applier.step(connection)
                    found = tables.places(connection, self._projections)
                    position = min(place.position for place in found.values())
                    progress(position)
                    stopped = [place.failure for place in found.values() if place.failure and place.position < end]
                    if all(place.position >= end or place.failure for place in found.values()):
                        break
                    if time.monotonic() > deadline:
                        raise UnavailableError(
                            f"projections: not at index {end} after {seconds:g} s",
                            f"读模型：{seconds:g} 秒内未到达序号 {end}",
                        )
                    if not done:
                        time.sleep(_LOOK)
            finally:
                self._applier.unlock(connection)
        self._check_not_ahead(max(place.position for place in found.values()))
        self._raise_if(stopped)
        return position

    def _raise_if(self, stopped: Collection[str]) -> None:
        """Raises the first failure: our own, or the one that another runner wrote down."""
        if stopped:
            for error in self._applier.failures.values():
                raise error
            en, _, zh = next(iter(stopped)).partition(" | ")
            raise LedgerError(en, zh)

    def start(self) -> None:
        """Follows the log in a thread of its own, until :meth:`close`."""
        assert self._thread is None
        self._thread = threading.Thread(target=self._run, name="projections", daemon=True)
        self._thread.start()

    @in_words()
    def wait(self, *, seconds: float) -> bool:
        """Whether, within so many seconds, the rows contain all events that the log has now.

        After :meth:`start`. Raises CorruptionError if the log is shorter than what was applied, LedgerError, after all
        others have caught up, if a projection cannot take an event, and at once if none can.
        """
        deadline, end = time.monotonic() + seconds, self._log_size()
        with connect(self._url) as connection:
            while True:
                is_late = time.monotonic() > deadline
                found = tables.places(connection, self._projections)
                self._check_not_ahead(max(place.position for place in found.values()))
                lacking = {name: place.failure for name, place in found.items() if place.position < end}
                # What another runner left stopped is tried again first.
                stopped = [why for name, why in lacking.items() if why and (is_late or name in self.failures)]
                if len(stopped) == len(lacking):
                    self._raise_if(stopped)
                    return True
                if self.failure:
                    raise self.failure
                if is_late:
                    return False
                time.sleep(_LOOK)

    def stop(self) -> None:
        """Has the thread end after the batch in hand, and does not wait for that."""
        self._stopping.set()

    def close(self) -> None:
        """Ends the thread after the batch in hand, or leaves it behind after some seconds. May be called again.

        What is left behind ends with the process, and its transaction with it.
        """
        self.stop()
        if self._thread:
            self._thread.join(_LEAVING)

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with connect(self._url, patience=_SILENCE) as connection:
                    try:
                        self._follow(connection)
                    finally:
                        self._applier.unlock(connection)
            except Exception as error:
                if not (isinstance(error, UnavailableError) or is_unavailable(error)):
                    self._cannot_go_on(error)
                self._stopping.wait(_RETRY)

    def _cannot_go_on(self, error: Exception) -> None:
        """Tells why nothing can be applied now: once, however often it is tried."""
        en, zh = reason(error)
        failure = LedgerError(f"projections: the runner cannot go on: {en}", f"读模型：应用程序无法继续：{zh}")
        if self.failure is None or self.failure.en != failure.en:
            self._on_failure(failure)
        self.failure = failure

    def _follow(self, connection: psycopg.Connection) -> None:
        connection.execute("LISTEN ledger")
        while not self._stopping.is_set():
            self._applier.lock(connection)
            done = self._applier.step(connection)
            self.failure = None
            self._tell()
            if done:
                self._stopping.wait(_GATHER)
            else:
                self._wait(connection)

    def _tell(self) -> None:
        """Tells of projections that stopped since it told the last time."""
        failures = self.failures
        for name, error in failures.items():
            if self._told.get(name) is not error:
                self._on_failure(error)
        self._told = failures

    def _wait(self, connection: psycopg.Connection) -> None:
        """Until a notification, the interval's end, or :meth:`close`."""
        deadline = time.monotonic() + self._interval
        while not self._stopping.is_set() and time.monotonic() < deadline:
            if list(connection.notifies(timeout=min(self._interval, _PATIENCE), stop_after=1)):
                return

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
