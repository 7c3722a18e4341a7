"""A client of the ledger's API, for those who sign events in Python.

from api.client import Client
from ledger.keys import keystore
from ledger.authoring import Author
from ledger.domain.body import RoleGranted
from ledger.domain.body_terms import Role
from ledger.heads import question

client = Client("https://ledger.example")
author = Author("11990000…", keystore.load(Path("office.pem")))
stream = "body/11990000…"
head = client.head(stream, question(author, stream))
receipt = client.submit(author.write(stream, head, RoleGranted(Role.APPRAISER)))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from ledger.errors import Head, LedgerError, UnavailableError

CHUNK = 4 * 1024 * 1024  # bytes of one request; well below the server's bound


class RefusedError(LedgerError):
    """The ledger refused; ``problem`` is its RFC 9457 answer."""

    code = "refused"

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(str(problem.get("detail", "refused")), str(problem.get("detail_zh", "被拒绝")))
        self.problem = problem


class Client:
    """Talks to one ledger. Every call may be repeated: an event that is in the log already gives the same receipt."""

    def __init__(self, url: str, *, timeout: float = 60) -> None:
        self._http = httpx.Client(base_url=url, timeout=timeout)

    def head(self, stream: str, question: bytes | None = None) -> Head:
        """What the next event of a stream has to follow; of a case that is not public to a signed question alone
        (``question(author, stream)`` of ledger/heads.py). Raises RefusedError.
        """
        path = f"/api/v1/streams/{stream}/head"
        try:
            found = self._json(self._send("GET", path))
        except RefusedError as error:
            if question is None or error.problem.get("status") != 404:
                raise
            found = self._json(self._send("POST", path, question, "application/jose"))
        return Head(found["version"], found["hash"])

    def submit(self, jws: bytes) -> dict[str, Any]:
        """Submits one signed event; gives the receipt. Raises RefusedError."""
        return self._json(self._send("POST", "/api/v1/events", jws, "application/jose"))

    def submit_many(self, events: Sequence[bytes]) -> Iterator[dict[str, Any] | RefusedError]:
        """Submits signed events in order; gives a receipt or a RefusedError for each, in order."""
        for body in _chunks(events):
            answer = self._send("POST", "/api/v1/events", body, "application/x-ndjson")
            if answer.status_code not in {200, 201, 207}:
                raise RefusedError(_object(answer))
            for line in answer.content.splitlines():
                found = orjson.loads(line)
                yield found if found["status"] in {200, 201} else RefusedError(found)

    def look_up(self, jws: bytes) -> dict[str, Any]:
        """Submits a signed look-up of sealed fields; gives receipt and presentations, once. Raises RefusedError."""
        return self._json(self._send("POST", "/api/v1/openings", jws, "application/jose"))

    def lookups(self, presentation: bytes) -> dict[str, Any]:
        """Who looked up the sealed fields of the case that a disclosure belongs to. Raises RefusedError."""
        return self._json(self._send("POST", "/api/v1/lookups", presentation, "application/sd-jwt"))

    def screen(self, question: Mapping[str, Any], token: str | None = None) -> dict[str, Any]:
        """What stands against bodies for a purpose, with the ledger's signature; ``token`` is the auditors'.

        Raises RefusedError.
        """
        return self._json(self._send("POST", "/api/v1/screen", orjson.dumps(question), "application/json", token))

    def event(self, index: int) -> bytes:
        """The signed bytes of an event that the public may see. Raises RefusedError."""
        answer = self._send("GET", f"/events/{index}.jws")
        if answer.status_code != 200:
            raise RefusedError(_object(answer))
        return answer.content

    def close(self) -> None:
        """Lets go of the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(
        self, method: str, path: str, body: bytes = b"", kind: str = "", token: str | None = None
    ) -> httpx.Response:
        headers = {"content-type": kind} if kind else {}
        headers |= {"authorization": f"Bearer {token}"} if token else {}
        try:
            return self._http.request(method, path, content=body, headers=headers)
        except httpx.TransportError as error:
            raise UnavailableError(
                f"the ledger at {self._http.base_url} cannot be reached ({type(error).__name__})",
                f"无法连接账本 {self._http.base_url}（{type(error).__name__}）",
            ) from None

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        found = _object(answer)
        if answer.status_code not in {200, 201}:
            raise RefusedError(found)
        return found


def _object(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer. Raises UnavailableError for another: a proxy's page, say, or no ledger at all."""
    try:
        found = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise UnavailableError(
            f"{answer.url.copy_with(query=None)}: expected the answer of a ledger, got HTTP {answer.status_code}",
            f"{answer.url.copy_with(query=None)}：应为账本的应答，实为 HTTP {answer.status_code}",
        )
    return found


def _chunks(events: Sequence[bytes]) -> Iterator[bytes]:
    lines: list[bytes] = []
    size = 0
    for event in events:
        if lines and size + len(event) > CHUNK:
            yield b"\n".join(lines)
            lines, size = [], 0
        lines.append(event)
        size += len(event) + 1
    if lines:
        yield b"\n".join(lines)
