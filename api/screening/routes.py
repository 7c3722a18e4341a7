"""Screening over HTTP (api/screening/screen.py); described in api/screening/described.py.

POST /api/v1/screen                  what stands against bodies for a purpose      everybody; more with the token
POST /api/v1/screen/ruled-out        a name is not that body, and never asked again    holders of the auditors' token
POST /api/v1/screen/ruled-out/take-back                                                holders of the auditors' token
GET  /api/v1/screen/log              who asked for what purpose, newest first          holders of the auditors' token
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from api import problems
from api.access import is_auditor
from api.limits import Rate, need
from api.screening import page as screening_page
from api.screening.screen import MAX_BODY, Desk, read_question, read_ruling, read_taking
from api.v1.lists import wrong_token
from api.v1.operations import JSON
from ledger.errors import FormatError
from ledger.installation import Installation
from ledger.proof.event import format_time
from projections.reading import Reading

SMALL = 16 * 1024
PRIVATE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
RATE, SECONDS = 60, 60
"""Screenings that one address may ask for, in so many seconds."""


class _RefusedError(Exception):
    """A request that is answered before it is looked at."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def desk(request: Request) -> Desk:
    """The desk that the application was made for."""
    found: Desk = request.app.state.desk
    return found


async def screen(request: Request) -> Response:
    """``POST /api/v1/screen``."""
    if wrong := wrong_token(request):
        return wrong
    need(request.app.state.screening_rate, request)
    try:
        data = await read_body(request, MAX_BODY)
    except _RefusedError as refused:
        return refused.answer
    public = not is_auditor(request)

    def answered() -> bytes:
        return orjson.dumps(desk(request).screen(read_question(data), public=public).json())

    return Response(await run_in_threadpool(answered), headers=PRIVATE, media_type=JSON)


async def rule_out(request: Request) -> Response:
    """``POST /api/v1/screen/ruled-out``."""
    return await _by_office(request, lambda data: desk(request).rule_out(read_ruling(data)))


async def take_back(request: Request) -> Response:
    """``POST /api/v1/screen/ruled-out/take-back``."""
    return await _by_office(request, lambda data: desk(request).take_back(read_taking(data)))


def log(request: Request) -> Response:
    """``GET /api/v1/screen/log``: a page of 500; ``before`` is the ``next`` of the page before."""
    if not is_auditor(request):
        return wrong_token(request) or _closed()
    text = request.query_params.get("before", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 16):
        raise FormatError("before: expected the next of the page before", "before：应为上一页给出的 next")
    rows = desk(request).ledger.screenings.log(before=int(text) if text else None)
    found = [_plain(row) for row in rows]
    more = {"next": rows[-1]["number"]} if len(rows) == 500 else {}
    return Response(orjson.dumps({"screenings": found, **more}), headers=PRIVATE, media_type=JSON)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: format_time(v) if k == "at" else v for k, v in row.items() if v is not None}


async def _by_office(request: Request, act: Callable[[bytes], int]) -> Response:
    if not is_auditor(request):
        return wrong_token(request) or _closed()
    try:
        data = await read_body(request, SMALL)
    except _RefusedError as refused:
        return refused.answer
    number = await run_in_threadpool(act, data)
    return Response(orjson.dumps({"number": number}), 201, headers=PRIVATE, media_type=JSON)


def _closed() -> Response:
    return problems.respond(problems.AuditorsOnlyError("What offices do and see of screening", "筛查的办理与记录"))


async def read_body(request: Request, most: int) -> bytes:
    """The JSON of a body of at most so many bytes. Raises _RefusedError."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise _RefusedError(
            problems.plain(415, "media-type", f"Expected the content type {JSON}", f"内容类型应为 {JSON}", {})
        )
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise _RefusedError(
                    problems.plain(413, "too-large", f"Expected at most {most} bytes", f"内容应不超过 {most} 字节", {})
                )
            parts.append(part)
    except ClientDisconnect:
        raise _RefusedError(
            problems.plain(400, "incomplete", "The body ended before its end", "正文未传完即中断", {})
        ) from None
    return b"".join(parts)


routes = [
    Route("/api/v1/screen", screen, methods=["POST"]),
    Route("/api/v1/screen/ruled-out", rule_out, methods=["POST"]),
    Route("/api/v1/screen/ruled-out/take-back", take_back, methods=["POST"]),
    Route("/api/v1/screen/log", log, methods=["GET"]),
]


def equip(app: Starlette, installation: Installation, reading: Reading) -> None:
    """Gives an application its desk, and the routes to it."""
    app.state.desk = Desk(installation.ledger, reading, installation.clock)
    app.state.screening_rate = Rate(RATE, SECONDS)
    app.router.routes.extend((*routes, *screening_page.routes))
