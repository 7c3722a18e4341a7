"""Asking a service at a fixed rate, or as much as it answers; and the bare FastAPI route to hold its answers against.

A request that comes late because the service was busy counts from when it was due (no coordinated omission).
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

_BARE = """
import sys, uvicorn
from fastapi import FastAPI, Response
app = FastAPI(docs_url=None, redoc_url=None)
PAGE = open(sys.argv[1], "rb").read()
@app.get("/api/v1/commitments")
async def page():
    return Response(PAGE, media_type="application/json")
uvicorn.run(app, port=int(sys.argv[2]), log_config=None, access_log=False, server_header=False)
"""


class _Client(asyncio.Protocol):
    """A kept connection: one request at a time; the answer must be 200."""

    def __init__(self) -> None:
        self._data = b""
        self._missing = -1
        self._done: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def ask(self, address: str) -> asyncio.Future[None]:
        """Sends a request; the future is done with its whole answer."""
        self.address = address
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(f"GET {address} HTTP/1.1\r\nhost: bench\r\n\r\n".encode())  # type: ignore[attr-defined]
        return self._done

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._data += data
            head, found, body = self._data.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 200"), (self.address, head, body[:300])
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            self._missing, self._data = length - len(body), b""
        else:
            self._missing -= len(data)
        if self._missing == 0 and self._done:
            done, self._missing = self._done, -1
            done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if self._done and not self._done.done():
            self._done.set_exception(error or ConnectionResetError())


async def _connected(port: int) -> _Client:
    _, client = await asyncio.get_running_loop().create_connection(_Client, "127.0.0.1", port)
    return client


async def at_rate(port: int, addresses: Sequence[str], rate: int, events: Sequence[bytes] = ()) -> list[float]:
    """Milliseconds from when each request was due to its answer, in their order; an event is submitted each second."""
    free: asyncio.Queue[_Client] = asyncio.Queue()
    for _ in range(64):
        free.put_nowait(await _connected(port))
    found = [0.0] * len(addresses)
    began = time.perf_counter()

    async def ask(number: int, due: float) -> None:
        client = await free.get()
        await client.ask(addresses[number])
        free.put_nowait(client)
        found[number] = (time.perf_counter() - due) * 1000

    async def submit() -> None:
        for number, event in enumerate(events):
            await asyncio.sleep(max(0.0, began + number - time.perf_counter()))
            await asyncio.to_thread(_submit, port, event)

    writing = asyncio.ensure_future(submit())
    asking = []
    for number in range(len(addresses)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asking.append(asyncio.ensure_future(ask(number, due)))
    await asyncio.gather(*asking)
    writing.cancel()
    return found


def _submit(port: int, event: bytes) -> None:
    address = f"http://127.0.0.1:{port}/api/v1/events"
    urlopen(Request(address, event, {"content-type": "application/jose"})).read()


async def as_many(port: int, seconds: float = 3.0, connections: int = 64) -> float:
    """Answers a second to the first page of commitments."""
    clients = [await _connected(port) for _ in range(connections)]
    began = time.perf_counter()

    async def ask(client: _Client) -> int:
        count = 0
        while time.perf_counter() < began + seconds:
            await client.ask("/api/v1/commitments")
            count += 1
        return count

    counts = await asyncio.gather(*map(ask, clients))
    return sum(counts) / (time.perf_counter() - began)


@contextmanager
def bare(file: Path, page: bytes) -> Iterator[int]:
    """A FastAPI application with one route that returns these bytes; its port."""
    file.write_bytes(page)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", _BARE, str(file), str(port)])
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/api/v1/commitments", timeout=1).read()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()
