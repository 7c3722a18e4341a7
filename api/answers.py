"""Finished answers of the public read side: kept while they are true, told apart by their bytes.

What anybody may read is the same for everybody, and changes with the log and the day alone. So a finished answer is
kept under its address for one *generation*: the positions of the projections (projections/following.py) and the legal
day. With the next event or the next day all that was kept is let go of at once; where the positions are not known now,
nothing that was kept is given. What carries a credential is never kept, here or on its way (``private, no-store``).

Every kept answer has a strong ETag, a digest of its bytes (RFC 9110 §8.8.3), and ``no-cache`` (RFC 9111 §5.2.2.4):
caches on the way may keep it and must ask each time, and are answered 304. So what is gone here is gone there too.

:class:`Readers` keeps reading within bounds: as many threads as there are connections, a short queue, and then 503 at
once; nobody who writes waits behind it.

>>> matches('W/"a", "b"', '"b"'), matches("*", '"b"'), matches('"c"', '"b"')
(True, True, False)
"""

from __future__ import annotations

import asyncio
import base64
import contextvars
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ledger.errors import UnavailableError
from projections.following import Positions
from projections.reading import Reading

T = TypeVar("T")
Key = tuple[str, bytes]
"""Path and query of an address, as they came."""
Generation = tuple[Positions, date]

PUBLIC = {"cache-control": "no-cache", "vary": "Authorization", "x-content-type-options": "nosniff"}
PRIVATE = {"cache-control": "private, no-store", "vary": "Authorization", "x-content-type-options": "nosniff"}
MOST_BYTES = 64 * 1024 * 1024
LARGEST = 2 * 1024 * 1024
"""Bytes that are kept altogether, and of one answer."""
QUEUE = 64
"""Readers that may wait for a thread; whoever comes then is asked to come again."""


@dataclass(frozen=True, slots=True)
class Finished:
    """An answer as bytes. ``etag`` with its quotes. ``endpoint`` is what made it, for logs and metrics."""

    body: bytes
    headers: Mapping[str, str]
    etag: str
    status: int = 200
    endpoint: Any = None


def finished(
    body: bytes, media_type: str, headers: Mapping[str, str], endpoint: Any = None, status: int = 200
) -> Finished:
    """An answer with the strong ETag of its bytes."""
    etag = tag(body)
    return Finished(body, {"content-type": media_type, **headers, "etag": etag}, etag, status, endpoint)


def tag(data: bytes) -> str:
    """The strong ETag of something that ``data`` tells from all else.

    >>> tag(b"")
    '"47DEQpj8HBSa-_TImW-5JCeu"'
    """
    return f'"{base64.urlsafe_b64encode(hashlib.sha256(data).digest()[:18]).decode()}"'


def matches(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match names this ETag (RFC 9110 §13.1.2: compared weakly)."""
    named = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in named or etag in named


class Sent(Response):
    """Sends a finished answer: 304 without its bytes where the asker has them, none of them for HEAD.

    It may be sent any number of times.
    """

    def __init__(self, answer: Finished) -> None:
        super().__init__(answer.body, answer.status, dict(answer.headers))
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request of ``scope``."""
        asked = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
        if self.status_code == 200 and asked and matches(asked.decode("latin-1"), self.answer.etag):
            headers = [(k, v) for k, v in self.raw_headers if k not in {b"content-length", b"content-type"}]
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else self.body})


class Readers:
    """The threads in which reading happens; see the module's docstring."""

    def __init__(self, places: int, queue: int = QUEUE) -> None:
        self._pool = ThreadPoolExecutor(places, thread_name_prefix="read")
        self._most, self._under_way, self._lock = places + queue, 0, threading.Lock()

    def submit(self, question: Callable[[], T]) -> Future[T]:
        """Has a question answered in one of the threads. Raises UnavailableError where too many wait already."""
        with self._lock:
            if self._under_way >= self._most:
                raise UnavailableError("too many are reading just now; try again", "当前查询过多，请稍后重试")
            self._under_way += 1
        future = self._pool.submit(contextvars.copy_context().run, question)
        future.add_done_callback(self._done)
        return future

    async def run(self, question: Callable[..., T], *arguments: Any) -> T:
        """The answer to a question that blocks."""
        return await asyncio.wrap_future(self.submit(partial(question, *arguments)))

    def _done(self, _: Future[Any]) -> None:
        with self._lock:
            self._under_way -= 1


class Answers:
    """What was answered in this generation. ``today`` gives the legal day. Safe to use from many threads."""

    def __init__(self, reading: Reading, readers: Readers, today: Callable[[], date]) -> None:
        self._reading, self._readers, self._today = reading, readers, today
        self._generation: Generation | None = None
        self._kept: OrderedDict[Key, Sent] = OrderedDict()
        self._bytes = 0
        self._flights: dict[tuple[Key, Generation], Future[Finished]] = {}
        self._lock = threading.Lock()

    def generation(self) -> Generation | None:
        """What answers depend on just now; None where that is not known."""
        positions = self._reading.following.now()
        return (positions, self._today()) if positions else None

    def get(self, key: Key) -> Sent | None:
        """The answer that was given at this address in this generation, ready to be sent, if it is kept."""
        generation = self.generation()
        if generation is None or generation != self._generation:
            return None
        found = self._kept.get(key)
        if found:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
        return found

    async def of(self, key: Key, make: Callable[[], Finished]) -> Finished:
        """The answer at an address: kept, or being made for somebody else who asked, or made now and then kept."""
        generation = self.generation()
        if generation is None:
            return await self._readers.run(make)
        with self._lock:
            kept = self._kept.get(key) if generation == self._generation else None
            under_way = self._flights.get((key, generation))
            flight = under_way or (None if kept else self._readers.submit(make))
            if flight and not under_way:
                self._flights[key, generation] = flight
        if kept:
            return kept.answer
        assert flight is not None
        if not under_way:  # not under the lock: if it has ended, it is told at once
            flight.add_done_callback(partial(self._landed, key, generation))
        return await asyncio.shield(asyncio.wrap_future(flight))  # others may wait for it too

    def _landed(self, key: Key, generation: Generation, flight: Future[Finished]) -> None:
        answer = None if flight.cancelled() or flight.exception() else flight.result()
        current = self.generation()
        with self._lock:
            self._flights.pop((key, generation), None)
            if answer and len(answer.body) <= LARGEST and current == generation:
                self._keep(key, generation, answer)

    def _keep(self, key: Key, generation: Generation, answer: Finished) -> None:
        if generation != self._generation:
            self._generation, self._bytes = generation, 0
            self._kept.clear()
        if key not in self._kept:
            self._kept[key] = Sent(answer)
            self._bytes += _weight(key, answer)
        while self._bytes > MOST_BYTES:
            oldest, sent = self._kept.popitem(last=False)
            self._bytes -= _weight(oldest, sent.answer)


def _weight(key: Key, answer: Finished) -> int:
    """Bytes that a kept answer takes, about."""
    return len(answer.body) + len(key[0]) + len(key[1]) + 1000
