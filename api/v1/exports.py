"""Sending an export: piece by piece as it is read, in constant memory, within bounds.

An export holds a connection of the read side and a thread of its own while it runs, so only few run at once
(:class:`Places`) and none longer than MOST_SECONDS; whoever comes meanwhile is asked to come again. The first piece is
read before anything is sent, so that what goes wrong there is still a problem with its status; what goes wrong later
ends the connection before the file's end, which a client of HTTP notices (RFC 9112 §8). A client that leaves, ends it.

>>> places = Places(1)
>>> places.take(), places.take(), places.give_back(), places.take()
(True, False, None, True)
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ledger.errors import UnavailableError

MOST_SECONDS = 120
MOST_AT_ONCE = 3


class Places:
    """How many exports may run at once; safe to use from many threads."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._free = threading.Semaphore(most)

    def take(self) -> bool:
        """Whether there was a place; it is the caller's then."""
        return self._free.acquire(blocking=False)

    def give_back(self) -> None:
        """The place is free again."""
        self._free.release()


class Stream(Response):
    """The pieces of a file; ``pieces`` is called, and its iterator advanced, in a thread of its own."""

    def __init__(
        self,
        pieces: Callable[[], Iterator[bytes]],
        places: Places,
        media_type: str,
        headers: Mapping[str, str],
        seconds: float = MOST_SECONDS,
    ) -> None:
        super().__init__(b"", 200, dict(headers), media_type)
        self.raw_headers = [(k, v) for k, v in self.raw_headers if k != b"content-length"]
        self._pieces, self._places, self._seconds = pieces, places, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request of ``scope``. Raises UnavailableError where too many exports run."""
        if scope["method"] == "HEAD":
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": b""})
            return
        if not self._places.take():
            raise UnavailableError("too many exports are under way; try again", "当前导出过多，请稍后重试")
        thread = ThreadPoolExecutor(1, thread_name_prefix="export")
        pieces = self._started()
        sending = asyncio.ensure_future(self._send(thread, pieces, send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait((sending, leaving), timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
            elif not leaving.done():
                raise TimeoutError(f"export: not sent within {self._seconds} s")
        finally:
            sending.cancel()
            leaving.cancel()
            thread.submit(self._end, pieces)  # after the piece in hand, in the thread that has the cursor
            thread.shutdown(wait=False)

    def _started(self) -> Iterator[bytes]:
        yield from self._pieces()

    def _end(self, pieces: Iterator[bytes]) -> None:
        try:
            pieces.close()  # type: ignore[attr-defined]
        finally:
            self._places.give_back()

    async def _send(self, thread: ThreadPoolExecutor, pieces: Iterator[bytes], send: Send) -> None:
        piece = await asyncio.wrap_future(thread.submit(next, pieces, None))
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        while piece is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = await asyncio.wrap_future(thread.submit(next, pieces, None))
        await send({"type": "http.response.body", "body": b""})


async def _left(receive: Receive) -> None:
    """Returns when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
