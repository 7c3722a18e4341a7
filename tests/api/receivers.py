"""A receiver of webhooks on this machine: one that does as it should, and all sorts that do not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ledger.proof.webhook import verify_webhook

MEGABYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Received:
    """A message as it came: path, headers, bytes."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def verify(self, public: str) -> None:
        """Raises SignatureError unless the ledger's key signed it."""
        headers = self.headers
        verify_webhook(self.id, int(headers["webhook-timestamp"]), self.body, headers["webhook-signature"], public)


@dataclass
class Receiver:
    """What a receiver got, and how it answers: by the path's first part, see :class:`_Handler`."""

    port: int
    got: list[Received] = field(default_factory=list)
    failing: int = 0
    status: int = 500
    released: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "ok") -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    @property
    def messages(self) -> list[Received]:
        """All but the questions whether it agrees."""
        return [m for m in self.got if m.json["type"] != "subscription.verification"]


class _Handler(BaseHTTPRequestHandler):
    server: Any
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        message = Received(self.path, headers, body)
        receiver.got.append(message)
        getattr(self, f"_{self.path.strip('/').partition('/')[0]}")(receiver, message)

    def _ok(self, receiver: Receiver, message: Received) -> None:
        if receiver.failing and message.json["type"] != "subscription.verification":
            receiver.failing -= 1
            self._answer(receiver.status, b"{}")
            return
        self._answer(200, json.dumps({"challenge": message.json["data"].get("challenge")}).encode())

    def _text(self, receiver: Receiver, message: Received) -> None:
        self._answer(200, message.json["data"]["challenge"].encode())

    def _lies(self, receiver: Receiver, message: Received) -> None:
        self._answer(200, b'{"challenge": "yes, yes"}')

    def _refuses(self, receiver: Receiver, message: Received) -> None:
        self._answer(403, message.body)

    def _redirects(self, receiver: Receiver, message: Received) -> None:
        self.send_response(307)
        self.send_header("location", receiver.url())
        self.send_header("content-length", "0")
        self.end_headers()

    def _hangs(self, receiver: Receiver, message: Received) -> None:
        receiver.released.wait(60)

    def _drips(self, receiver: Receiver, message: Received) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(600):
            self.wfile.write(b"x: y\r\n")
            if receiver.released.wait(0.1):
                return

    def _megabytes(self, receiver: Receiver, message: Received) -> None:
        self.send_response(200)
        self.send_header("content-length", str(MEGABYTES))
        self.end_headers()
        self.wfile.write(b"[" * MEGABYTES)

    def _nonsense(self, receiver: Receiver, message: Received) -> None:
        self.wfile.write(b"\x00\xff nonsense\r\n\r\n")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: it is the test that looks."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: that we hang up on who misbehaves is what is wanted."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    server: Any = _Server(("127.0.0.1", 0), _Handler)
    server.receiver = receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def nobody() -> str:
    """An address of this machine at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"
