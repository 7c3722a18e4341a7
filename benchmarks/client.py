"""The load: HTTP/1.1 clients on kept connections, so lean that they measure the server and not themselves.

Requests are bytes made beforehand. A client sends its next request when the answer to the last is whole; any answer but
201 ends the run, since a benchmark of refusals would be fast and worth nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

_LENGTH = b"content-length: "


def request(body: bytes, kind: str) -> bytes:
    """A POST of ``body`` to the events' address."""
    head = f"POST /api/v1/events HTTP/1.1\r\nhost: bench\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


@dataclass
class Load:
    """What came of a run: seconds each answer took, and seconds from the first request to the last answer."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds


class _Client(asyncio.Protocol):
    """One connection and the requests that it has still to send; ``done`` resolves when there are no more."""

    def __init__(self, requests: Sequence[bytes], load: Load, until: float, done: asyncio.Future[None]) -> None:
        self._requests, self._load, self._until, self.done = iter(requests), load, until, done
        self.sent = 0
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one by its methods, not by its class
        self._send()

    def _send(self) -> None:
        following = next(self._requests, None) if time.perf_counter() < self._until else None
        if following is None:
            self._finish(None)
            return
        self.sent += 1
        self._started = time.perf_counter()
        self._transport.write(following)

    def data_received(self, data: bytes) -> None:
        self._answer = answer = self._answer + data if self._answer else data
        head, blank, body = answer.partition(b"\r\n\r\n")
        if not blank:
            return
        start = head.index(_LENGTH) + len(_LENGTH)
        if len(body) < int(head[start:].partition(b"\r\n")[0]):
            return
        if not answer.startswith(b"HTTP/1.1 201 "):
            self._finish(RuntimeError(f"expected 201, got {answer[:600]!r}"))
            return
        self._load.latencies.append(time.perf_counter() - self._started)
        self._answer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish(exc or ConnectionResetError("the service closed the connection"))

    def _finish(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None) if error is None else self.done.set_exception(error)
        self._transport.close()


async def _run(port: int, clients: Sequence[Sequence[bytes]], seconds: float) -> tuple[Load, list[int]]:
    loop, load = asyncio.get_running_loop(), Load()
    started = time.perf_counter()
    running: list[_Client] = []
    for requests in clients:
        client = _Client(requests, load, started + seconds, loop.create_future())
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
        running.append(client)
    await asyncio.gather(*(client.done for client in running))
    load.seconds = time.perf_counter() - started
    return load, [client.sent for client in running]


def run(port: int, clients: Sequence[Sequence[bytes]], seconds: float) -> tuple[Load, list[int]]:
    """Runs all clients at once until their requests are answered, or no more are sent after ``seconds``.

    Gives the load and how many requests each client has used up.
    """
    return uvloop.run(_run(port, clients, seconds))
