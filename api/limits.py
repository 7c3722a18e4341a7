"""How often one address may ask what costs, or what is worth guessing at: so many times in so many seconds.

Counted in this process, by the address of the caller as the server sees it: behind a proxy on this machine the one that
its X-Forwarded-For names, which the proxy must therefore set itself; behind another proxy the proxy's own, so that all
callers share one count. Nothing of what was asked is kept.

>>> now = iter([0.0, 1.0, 2.0, 61.0])
>>> rate = Rate(2, 60, clock=lambda: next(now))
>>> [rate.allows("192.0.2.1") for _ in range(4)]
[True, True, False, True]
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

MOST_ADDRESSES = 10_000


class Rate:
    """At most ``most`` calls in ``seconds`` for each address; safe to ask from many threads."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._most, self._clock = most, clock
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, address: str) -> bool:
        """Whether one more call may come now; if so it counts."""
        with self._lock:
            now = self._clock()
            calls = self._calls.setdefault(address, deque())
            self._calls.move_to_end(address)
            while len(self._calls) > MOST_ADDRESSES:
                self._calls.popitem(last=False)
            while calls and calls[0] <= now - self.seconds:
                calls.popleft()
            if len(calls) >= self._most:
                return False
            calls.append(now)
            return True
