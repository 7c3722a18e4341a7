"""The processes of a rebuild: each folds whole cases, a range of streams at a time, and copies their rows.

Processes are spawned, never forked: a fork would share locks and connections of the process that calls. One whose
parent has died ends; and what it is writing counts only in the tables of its own rebuild, which it looks at first.

>>> Range("body/", "body0").kind
'body'
"""

from __future__ import annotations

import os
import pickle
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, starmap
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import psycopg

from ledger.domain.event import Recorded
from ledger.errors import LedgerError, UnavailableError
from ledger.position import recorded_of
from ledger.store.database import connect
from ledger.store.reader import Reader
from ledger.store.recorder import Row, datastore
from projections import tables
from projections.applying import as_told, reason, shaping, uncollected
from projections.history import World, gathered
from projections.projection import Projection, Version


class Range(NamedTuple):
    """Streams from ``start`` on, below ``stop``; all of one kind."""

    start: str
    stop: str

    @property
    def kind(self) -> str:
        """The kind of case that its streams are."""
        return self.start.partition("/")[0]


class Trouble(NamedTuple):
    """What a process says instead of raising: an error of two messages does not survive the way between processes."""

    en: str
    zh: str
    unavailable: bool

    @classmethod
    def of(cls, error: Exception, what: str = "") -> Trouble:
        """An error, after ``what`` could not be done."""
        told = as_told(error, what)
        return cls(told.en, told.zh, isinstance(told, UnavailableError))


@dataclass(frozen=True, slots=True)
class Filling:
    """What is to be filled: empty tables of ``projections``, whose builds are ``built``, with ``size`` events."""

    writer: str
    owner: str
    projections: tuple[Projection, ...]
    built: Mapping[str, UUID]
    size: int


Call = tuple[Callable[..., int | Trouble], tuple[object, ...]]


class Filler:
    """Fills tables, in one process."""

    def __init__(self, filling: Filling) -> None:
        self._filling = filling
        store = datastore(filling.writer, pool_size=1)
        try:
            self._world = World()
            for row in shaping(Reader(store), 0, filling.size):
                self._world.take(recorded_of(row))
        finally:
            store.close()
        self._connection = psycopg.connect(filling.writer, autocommit=True)
        self._connection.execute("SET synchronous_commit = off")  # what is not there after a crash is built again

    def close(self) -> None:
        """Lets go of the database."""
        self._connection.close()

    def fill(self, streams: Range) -> int:
        """Writes the rows of the cases in a range, in one transaction; how many events there were."""
        projections = [p for p in self._filling.projections if streams.kind in p.kinds]
        found: list[list[Version]] = [[] for _ in projections]
        count = 0
        for _, rows in groupby(self._rows(streams), lambda row: row.stream):
            history = [recorded_of(row) for row in rows]
            count += len(history)
            for several, more in zip(found, self._versions(projections, history), strict=True):
                several.extend(more)
        with self._connection.transaction():
            self._check(projections)
            for projection, several in zip(projections, found, strict=True):
                for table, versions in tables.parted(projection, several):
                    try:
                        tables.copy(self._connection, projection.schema, table, versions)
                    except Exception as error:
                        raise as_told(error, f"{projection.schema}.{table.name}") from error
        return count

    def _rows(self, streams: Range) -> Iterable[Row]:
        query = (
            "SELECT notification_id - 1, originator_id, originator_version, state FROM ledger.events "
            "WHERE originator_id >= %s AND originator_id < %s AND notification_id <= %s "
            "ORDER BY originator_id, originator_version"
        )
        with self._connection.cursor(binary=True) as cursor:
            return starmap(Row, cursor.execute(query, (*streams, self._filling.size)).fetchall())

    def _versions(self, projections: Sequence[Projection], history: Sequence[Recorded]) -> list[list[Version]]:
        try:
            return gathered(projections, history, self._world, self._filling.size)
        except Exception as error:  # a projection's mistake, whatever it is; which one's?
            for projection in projections:
                for count in range(1, len(history) + 1):
                    _try(projection, history[:count], self._world, self._filling.size)
            raise error

    def _check(self, projections: Iterable[Projection]) -> None:
        """Having looked at them, this transaction keeps the tables from being dropped."""
        found = tables.places(self._connection, projections)
        if any(found[p.name].built != self._filling.built[p.name] for p in projections):
            raise UnavailableError("projections: another rebuild has begun", "读模型：另一次重建已开始")


def _try(projection: Projection, history: Sequence[Recorded], world: World, size: int) -> None:
    """Raises LedgerError if a projection cannot take the last event of a history."""
    following = size if len(history) == 0 else history[-1].index + 1
    try:
        gathered([projection], history, world, following)
    except Exception as error:
        en, zh = reason(error)
        index = history[-1].index
        raise LedgerError(
            f"projection {projection.name}: it cannot take the event at log index {index}: {en}",
            f"读模型 {projection.name}：无法应用日志序号 {index} 的事件：{zh}",
        ) from error


@contextmanager
def processes(task: Filling, count: int) -> Iterator[Callable[[Sequence[Call]], Iterator[int]]]:
    """Calls functions of this module in ``count`` processes, or in this one, and yields what they answer as it comes.

    Raises LedgerError for the first that says it cannot.
    """
    if count == 1:
        _begin(task)
        try:
            yield lambda calls: (_checked(function(*arguments)) for function, arguments in calls)
        finally:
            _end()
        return
    with tempfile.TemporaryDirectory(prefix="jiannuo-") as folder:
        file = Path(folder) / "task"  # a process that dies at its start is never done reading what fills a pipe
        file.write_bytes(pickle.dumps(task))
        executor = ProcessPoolExecutor(count, get_context("spawn"), _start, (str(file), os.getpid()))
        try:
            yield lambda calls: _results(executor, calls)
        finally:
            executor.shutdown(cancel_futures=True)


def _results(executor: ProcessPoolExecutor, calls: Sequence[Call]) -> Iterator[int]:
    try:
        waiting: list[Future[int | Trouble]] = [executor.submit(function, *arguments) for function, arguments in calls]
        yield from (_checked(done.result()) for done in as_completed(waiting))
    except BrokenProcessPool:
        raise UnavailableError(
            "a process of the rebuild could not start, or was killed (out of memory?)",
            "重建进程未能启动，或被终止（内存不足？）",
        ) from None


def _checked(answer: int | Trouble) -> int:
    if isinstance(answer, Trouble):
        raise (UnavailableError if answer.unavailable else LedgerError)(answer.en, answer.zh)
    return answer


_filler: Filler | None = None  # of this process
_task: Filling | None = None


def _start(file: str, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started us; it stops us
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _begin(pickle.loads(Path(file).read_bytes()))  # noqa: S301 - ours, in a folder that nobody else can write to


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _begin(task: Filling) -> None:
    global _task  # noqa: PLW0603 - a process has one task
    _task = task


def _end() -> None:
    global _filler, _task  # noqa: PLW0603
    if _filler is not None:
        _filler.close()
    _filler = _task = None


def fill(streams: Range) -> int | Trouble:
    """:meth:`Filler.fill` in a process of its own."""
    global _filler  # noqa: PLW0603
    try:
        assert _task is not None
        if _filler is None:
            _filler = Filler(_task)
        with uncollected():
            return _filler.fill(streams)
    except Exception as error:
        return Trouble.of(error)


def index(projection: int, table: int) -> int | Trouble:
    """Makes the keys and indexes of one table, and has its values counted for the planner of queries."""
    assert _task is not None
    schema, made = _task.projections[projection].schema, _task.projections[projection].tables[table]
    try:
        with connect(_task.owner) as connection:
            connection.execute("SET maintenance_work_mem = '256MB'")
            for statement in tables.indexes(schema, made):
                connection.execute(statement)
            tables.analyze(connection, schema, made)
    except Exception as error:
        return Trouble.of(error, f"{schema}.{made.name}")
    return 1
