"""Group commit: many callers, one piece of work for all that has gathered.

A stage is a thread with a queue. It takes everything that waits (up to a bound) and works on it at once. While it
works, the next group gathers, so the cost of a group (a lock, an fsync) is paid once for many, and the group grows with
the load by itself. Stages are put one behind the other by letting the work of one feed the next.

>>> groups = []
>>> with Stage("collect", groups.append) as stage:
...     stage.put([1, 2, 3])
>>> groups
[[1, 2, 3]]
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Generic, TypeVar

from ledger.errors import UnavailableError

T = TypeVar("T")


class Stage(Generic[T]):
    """A thread that calls ``work`` with the items of a group, in order of arrival.

    ``work`` answers for its own failures: an exception that leaves it ends the thread and is raised on the caller of
    :meth:`close`, and until then whoever puts something hears that the stage is closed. ``abandon`` is then given the
    group in hand and all that waits: nobody shall wait for an answer that cannot come.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[list[T]], None],
        most: int = 500,
        abandon: Callable[[list[T]], None] = lambda _: None,
    ) -> None:
        self._work = work
        self._most = most
        self._abandon = abandon
        self._waiting: deque[T] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, items: Iterable[T]) -> None:
        """Puts items in the queue, next to each other and in order. Raises UnavailableError once it is closed."""
        with self._changed:
            if self._closed:
                raise UnavailableError("the ledger is closing", "账本正在关闭")
            self._waiting.extend(items)
            self._changed.notify()

    @property
    def open(self) -> bool:
        """Whether something can be put."""
        return not self._closed

    def close(self) -> None:
        """Works off what waits, then ends the thread. May be called again."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()
        if self._failure:
            raise self._failure

    def __enter__(self) -> Stage[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        group: list[T] = []
        try:
            while group := self._take():
                self._work(group)
        except BaseException as failure:
            with self._changed:
                self._closed, self._failure = True, failure
                left = [*group, *self._waiting]
                self._waiting.clear()
            self._abandon(left)

    def _take(self) -> list[T]:
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), self._most))]
