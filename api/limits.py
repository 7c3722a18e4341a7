"""How often one address may ask what costs, or what is worth guessing at: so many times in so many seconds.

Counted in this process, by the address of the caller as the server sees it: behind a proxy on this machine the one that
its X-Forwarded-For names, which the proxy must therefore set itself; behind another proxy the proxy's own, so that all
callers share one count. An IPv6 caller counts by its network of 64 bits, which is what one household or server has.
Nothing of what was asked is kept.

The count is the generic cell rate algorithm (ITU-T I.371, annex A): an address may ask ``most`` times at once, and then
as often as the time allows that this took; what is remembered of an address is one moment.

>>> now = iter([0.0, 1.0, 2.0, 61.0])
>>> rate = Rate(2, 60, clock=lambda: next(now))
>>> [rate.allows("192.0.2.1") for _ in range(4)]
[True, True, False, True]
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address

from starlette.requests import Request

from api.problems import TooManyError

MOST_ADDRESSES = 100_000
_ROUNDING = 1e-6  # seconds


class Rate:
    """``most`` calls in ``seconds`` for each address; safe to ask from many threads. ``most`` of 0 is no limit."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._every = seconds / most if most else 0.0
        self._clock = clock
        self._free: OrderedDict[str, float] = OrderedDict()  # when an address has no call left to make up for
        self._lock = threading.Lock()

    def wait(self, address: str) -> float:
        """Seconds until one more call may come; 0: it may come now, and counts."""
        if not self._every:
            return 0.0
        address = _network(address)
        with self._lock:
            now = self._clock()
            free = max(self._free.get(address, now), now)
            late = free + self._every - self.seconds - now
            if late > _ROUNDING:
                return late
            self._free[address] = free + self._every
            self._free.move_to_end(address)
            while len(self._free) > MOST_ADDRESSES:
                self._free.popitem(last=False)
            return 0.0

    def allows(self, address: str) -> bool:
        """Whether one more call may come now; if so it counts."""
        return not self.wait(address)


def need(rate: Rate, request: Request) -> None:
    """Counts one call of whoever asks. Raises TooManyError where it may not come now."""
    wait = rate.wait(request.client.host if request.client else "")
    if wait:
        raise TooManyError(wait)


def _network(address: str) -> str:
    """What of an address tells one caller from another.

    >>> _network("2001:db8:1:2:3:4:5:6") == _network("2001:db8:1:2::1"), _network("192.0.2.1")
    (True, '192.0.2.1')
    >>> _network("::ffff:192.0.2.1")
    '192.0.2.1'
    """
    if ":" not in address:
        return address
    try:
        found = IPv6Address(address)
    except ValueError:
        return address
    # IPv4 as a socket or proxy for both tells it (RFC 4291 §2.5.5.2): else all of IPv4 would be one network
    return str(found.ipv4_mapped) if found.ipv4_mapped else found.packed[:8].hex()
