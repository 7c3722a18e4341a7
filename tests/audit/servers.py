"""A server for auditors to ask: it serves a log in memory by the published paths, and can be made to lie."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from ledger.errors import FormatError
from ledger.proof.tiles import ENTRIES, encode_bundle, parse_tile_path, tile_width
from tests.audit.logs import MemorySource

TOKEN = "a-token-of-the-auditors"


class Answer(NamedTuple):
    """What a server says to a path."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


Lie = Callable[[str, Answer], Answer | None]
"""The path and the true answer -> what is answered instead; None: nothing at all, the connection is closed."""


@dataclass
class LogServer:
    """A log behind a socket; ``asked`` are the paths that were asked for, and whether the token came along."""

    log: MemorySource
    url: str = ""
    lie: Lie = lambda path, answer: answer
    asked: list[tuple[str, bool]] = field(default_factory=list)

    def answer(self, path: str, token: str | None) -> Answer:
        """The true answer."""
        size, note = max(self.log.stored_checkpoints)
        if path == "/log/checkpoint":
            return Answer(200, note.encode())
        try:
            name = parse_tile_path(path.removeprefix("/log/"))
        except FormatError:
            return Answer(404)
        if name.level == ENTRIES and token != f"Bearer {TOKEN}":
            return Answer(401)
        if tile_width(name.level, name.number, size) < name.width:
            return Answer(404)
        first = name.number * 256
        if name.level == ENTRIES:
            return Answer(200, encode_bundle(row[6] for row in self.log.stored[first : first + name.width]))
        stored = (t for t in self.log.stored_tiles if (t[0], t[1]) == (name.level, name.number))
        return next((Answer(200, tile[2]) for tile in stored), Answer(404))


@contextmanager
def log_server(log: MemorySource) -> Iterator[LogServer]:
    """Serves a log on a free port of this machine."""
    told = LogServer(log)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            token = self.headers.get("authorization")
            told.asked.append((self.path, token is not None))
            answer = told.lie(self.path, told.answer(self.path, token))
            if answer is None:
                self.close_connection = True
                return
            try:
                self.send_response(answer.status)
                for name, value in answer.headers:
                    self.send_header(name, value)
                if not any(name == "content-length" for name, _ in answer.headers):
                    self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
            except ConnectionError:  # who asked had enough
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
