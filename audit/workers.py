"""The processes of an audit: one for each core, each with its own open source; or this one alone, for a short log.

Processes are spawned, never forked: a fork would share the locks and connections of the process that calls. What they
are told comes in a file: a process that is being started is written to, and one that dies then is never done reading
what does not fit into a pipe.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from audit.chunk import Examiner, Found, Span, Task
from ledger.errors import LedgerError, UnavailableError

T = TypeVar("T")
_AHEAD = 2  # chunks that wait for each process, so that none is ever idle


class Unreadable(NamedTuple):
    """What a worker says instead of raising: an error of two messages does not survive the way between processes."""

    en: str
    zh: str


_examiner: Examiner | Unreadable | None = None  # of a worker process


class Workers(Protocol):
    """What does the work; each gives its results in the order of what was asked."""

    def examine(self, spans: Iterable[Span]) -> Iterator[Found]:
        """Examines chunks. Raises the LedgerError of the first that cannot be read."""

    def each(self, function: Callable[..., T], arguments: Iterable[tuple[object, ...]]) -> Iterator[T]:
        """Calls a function of a module with each of the arguments."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def workers(task: Task, processes: int) -> Iterator[Workers]:
    """The workers of an audit; they are gone at the end, and what they hold with them."""
    if processes == 1:
        alone = _Alone(task)
        try:
            yield alone
        finally:
            alone.close()
        return
    file = task.folder / "task"
    file.write_bytes(pickle.dumps(task))
    executor = ProcessPoolExecutor(processes, get_context("spawn"), _start, (str(file),))
    try:
        yield _Pool(executor, processes)
    finally:
        executor.shutdown(cancel_futures=True)


class _Alone:
    """This process."""

    def __init__(self, task: Task) -> None:
        self._examiner = Examiner(task)

    def close(self) -> None:
        self._examiner.close()

    def examine(self, spans: Iterable[Span]) -> Iterator[Found]:
        return map(self._examiner.examine, spans)

    def each(self, function: Callable[..., T], arguments: Iterable[tuple[object, ...]]) -> Iterator[T]:
        return (function(*several) for several in arguments)


class _Pool:
    """Several processes. A few calls are under way at any time, so results do not gather in memory."""

    def __init__(self, executor: ProcessPoolExecutor, processes: int) -> None:
        self._executor = executor
        self._most = processes * (_AHEAD + 1)

    def examine(self, spans: Iterable[Span]) -> Iterator[Found]:
        for found in self.each(_examine, ((span,) for span in spans)):
            if isinstance(found, Unreadable):
                raise UnavailableError(*found)
            yield found

    def each(self, function: Callable[..., T], arguments: Iterable[tuple[object, ...]]) -> Iterator[T]:
        waiting: deque[Future[T]] = deque()
        try:
            for several in arguments:
                waiting.append(self._executor.submit(function, *several))
                if len(waiting) == self._most:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise UnavailableError(
                "a process of the audit could not start, or was killed (out of memory?)",
                "核验进程未能启动，或被终止（内存不足？）",
            ) from None


def _start(file: str) -> None:
    global _examiner  # noqa: PLW0603 - a worker process has one, as it has one standard output
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started us; it stops us
    try:
        task = pickle.loads(Path(file).read_bytes())  # noqa: S301 - ours, in a folder that nobody else can write to
    except Exception as error:  # whatever keeps this process from knowing the classes of what it is told
        name = type(error).__name__
        _examiner = Unreadable(
            f"a process of the audit could not start ({name}: {error})", f"核验进程未能启动（{name}）"
        )
        return
    try:
        _examiner = Examiner(task)
    except (LedgerError, OSError) as error:
        _examiner = _unreadable(error)
    else:
        atexit.register(_examiner.close)


def _examine(span: Span) -> Found | Unreadable:
    if isinstance(_examiner, Unreadable):
        return _examiner
    assert _examiner is not None
    try:
        return _examiner.examine(span)
    except (LedgerError, OSError) as error:
        return _unreadable(error)


def _unreadable(error: LedgerError | OSError) -> Unreadable:
    return Unreadable(error.en, error.zh) if isinstance(error, LedgerError) else Unreadable(str(error), str(error))
