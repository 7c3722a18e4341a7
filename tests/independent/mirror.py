"""What a ledger of ours answers over HTTP, kept as bytes, and a plain file server for them: it can be made to lie.

Nothing of ours stands between these bytes and the programs that judge them.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

ENTRIES = "/log/tile/entries/"


@dataclass(frozen=True)
class Snapshot:
    """The answers of a ledger by path; ``token``: who asks for entries has to show it."""

    answers: Mapping[str, bytes]
    token: str
    vkey: str
    size: int

    def __getitem__(self, path: str) -> bytes:
        return self.answers[path]

    def with_(self, path: str, data: bytes) -> Snapshot:
        """The same with another answer to one path."""
        assert self.answers[path] != data, path
        return replace(self, answers={**self.answers, path: data})

    def entries(self) -> list[bytes]:
        """All entries of the log."""
        found = []
        for path in sorted(p for p in self.answers if p.startswith(ENTRIES)):
            data = self.answers[path]
            while data:
                stop = 2 + int.from_bytes(data[:2], "big")
                found.append(data[2:stop])
                data = data[stop:]
        return found

    def with_entries(self, entries: list[bytes]) -> Snapshot:
        """The same with other entries in the bundles, as many as before; tiles and checkpoint stay."""
        assert len(entries) == self.size
        answers = dict(self.answers)
        for n, path in enumerate(sorted(p for p in answers if p.startswith(ENTRIES))):
            part = entries[256 * n : 256 * n + 256]
            answers[path] = b"".join(len(entry).to_bytes(2, "big") + entry for entry in part)
        return replace(self, answers=answers)


def paths_of(size: int) -> Iterator[str]:
    """The published paths of a log of up to 65,536 entries; names as in C2SP tlog-tiles."""
    full, rest = divmod(size, 256)
    for kind in ("entries", "0"):
        yield from (f"/log/tile/{kind}/{n:03}" for n in range(full))
        if rest:
            yield f"/log/tile/{kind}/{full:03}.p/{rest}"
    if full:
        yield f"/log/tile/1/000.p/{full}"
    yield from (f"/log/proof/{index}" for index in range(size))
    yield from (f"/log/consistency?from={old}&to={size}" for old in range(1, size + 1))


def snapshot_of(url: str, token: str) -> Snapshot:
    """Asks a running ledger for everything; the events too, as an auditor."""
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}"}) as client:

        def get(path: str) -> bytes:
            return client.get(path).raise_for_status().content

        answers = {path: get(path) for path in ("/log/checkpoint", "/log/key")}
        size = int(answers["/log/checkpoint"].split(b"\n")[1])
        answers |= {path: get(path) for path in paths_of(size)}
        answers |= {f"/events/{index}.jws": get(f"/events/{index}.jws") for index in range(size)}
        answers |= {f"/events/{index}.json": get(f"/events/{index}.json") for index in range(size)}
    return Snapshot(answers, token, answers["/log/key"].decode().strip(), size)


@contextmanager
def served(snapshot: Snapshot) -> Iterator[str]:
    """The address at which a snapshot is served."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            data = snapshot.answers.get(self.path)
            allowed = self.headers.get("authorization") == f"Bearer {snapshot.token}"
            status = 404 if data is None else 401 if self.path.startswith(ENTRIES) and not allowed else 200
            body = data if status == 200 and data is not None else b""
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def tree_hash(entries: list[bytes]) -> bytes:
    """RFC 6962 §2.1, its definition word for word: what the root of these entries is."""
    if len(entries) == 1:
        return hashlib.sha256(b"\0" + entries[0]).digest()
    k = 1 << (len(entries) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_hash(entries[:k]) + tree_hash(entries[k:])).digest()


def base64_of(data: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(data).decode()
