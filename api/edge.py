"""What stands before every reading request: rates by address, kept answers at once, and other origins (CORS).

An address that asks more often than Settings.read_rate is answered 429 with the seconds to wait (RFC 6585 §4). A public
answer that is kept is sent from here, before any route is looked for. What is public under ``/api/v1`` may be read by
the pages of any other origin, without credentials: it is anybody's. Submitting, and what runs the service (``/livez``
and such, tiles and proofs of the log), has no rate here.

Pages are made in the threads that submitting needs, too, so only PAGES of them are made at once; who comes then is
answered 503 with Retry-After.
"""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems

API = "/api/v1"
PAGES = 24
"""Pages that are made at once: fewer than there are threads (40), so that some are always left for who submits."""
FREE = ("/livez", "/readyz", "/metrics", "/static/", "/log/")
_OPEN = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Link, Retry-After, Content-Disposition"),
]
_PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "If-None-Match",
    "access-control-max-age": "86400",
}


class Edge:
    """ASGI middleware; see the module's docstring."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._pages = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or hands on."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        api = path.startswith(API)
        if scope["method"] == "OPTIONS":
            await (Response(status_code=204, headers=_PREFLIGHT) if api else self._app)(scope, receive, send)
            return
        state = scope["app"].state
        if not path.startswith(FREE):
            wait = state.read_rate.wait(scope["client"][0] if scope.get("client") else "")
            if wait:
                refused = problems.respond(problems.TooManyError(wait))
                await refused(scope, receive, _opened(send) if api else send)
                return
        if not api:
            await (self._app if path.startswith(FREE) else self._page)(scope, receive, send)
            return
        if any(name == b"authorization" for name, _ in scope["headers"]):
            await self._app(scope, receive, send)
            return
        kept = state.answers.get((path, scope["query_string"]))
        if kept:
            scope["endpoint"] = kept.answer.endpoint
        await (kept or self._app)(scope, receive, _opened(send))

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._pages >= PAGES:
            await _busy()(scope, receive, send)
            return
        self._pages += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._pages -= 1


def _opened(send: Send) -> Send:
    """``send`` that lets the pages of other origins read the answer."""

    async def opened(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_OPEN]
        await send(message)

    return opened


def _busy() -> Response:
    return problems.plain(
        503,
        "unavailable",
        "Too many pages are being made just now; try again",
        "当前访问过多，请稍后重试",
        {"retry-after": "1", "cache-control": "no-store"},
    )
