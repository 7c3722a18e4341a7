"""Screening over HTTP (api/screening/screen.py).

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
from api.screening.screen import MAX_BODY, MOST, Desk, read_question, read_ruling, read_taking
from api.v1.lists import wrong_token
from api.v1.operations import JSON, PROBLEM, Content, Operation, Parameter
from api.v1.operations import Answer as Answered
from ledger.domain.codec import USCC_PATTERN
from ledger.domain.record.remedy_terms import Fund
from ledger.domain.screening_terms import ScreeningPurpose
from ledger.errors import FormatError
from ledger.installation import Installation
from ledger.proof.event import format_time
from projections.reading import Reading
from projections.screening import Answer, Cause

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


_TEXT = {"type": "string"}
_RESULT = {
    "type": "object",
    "required": ["given", "answer"],
    "properties": {
        "given": _TEXT,
        "answer": {"type": "string", "enum": [str(answer) for answer in Answer]},
        "match": {"type": "object", "description": "Who it is, and how that is known"},
        "candidates": {"type": "array", "items": {"type": "object"}, "description": "Whom an unsure name may mean"},
        "reasons": {
            "type": "array",
            "items": {"type": "object", "properties": {"cause": {"type": "string", "enum": [str(c) for c in Cause]}}},
        },
        "excluded": {"type": "array", "items": {"type": "object"}, "description": "Matches that an office ruled out"},
    },
}
_ANSWER = {
    "type": "object",
    "required": ["answer", "jws"],
    "properties": {
        "answer": {
            "type": "object",
            "required": ["iss", "at", "size", "purpose", "on", "audience", "counts", "results"],
            "properties": {
                "iss": _TEXT,
                "at": {"type": "string", "format": "date-time"},
                "on": {**_TEXT, "format": "date"},
                "size": {"type": "integer", "minimum": 0, "description": "Log entries that the answer rests on"},
                "purpose": {"type": "string", "enum": [str(purpose) for purpose in ScreeningPurpose]},
                "audience": {"type": "string", "enum": ["public", "office"]},
                "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
                "results": {"type": "array", "items": _RESULT, "maxItems": MOST},
            },
        },
        "jws": {"type": "string", "description": "The answer under the ledger's own signature (RFC 7515)"},
    },
}
_QUESTION = {
    "type": "object",
    "required": ["purpose", "subjects"],
    "additionalProperties": False,
    "properties": {
        "purpose": {"type": "string", "enum": [str(purpose) for purpose in ScreeningPurpose]},
        "subjects": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 200},
            "minItems": 1,
            "maxItems": MOST,
        },
        "on": {"type": "string", "format": "date"},
        "fund": {"type": "string", "enum": [str(fund) for fund in Fund]},
        "asked_by": {"type": "string", "pattern": f"^{USCC_PATTERN}$"},
        "reference": {"type": "string", "minLength": 1, "maxLength": 200},
    },
}
_REASON = {"type": "string", "minLength": 1, "maxLength": 500}
_RULING = {
    "type": "object",
    "required": ["name", "body", "reason", "by"],
    "additionalProperties": False,
    "properties": {"name": {**_REASON, "maxLength": 200}, "body": _TEXT, "reason": _REASON, "by": _TEXT},
}
_TAKING = {
    "type": "object",
    "required": ["number", "reason", "by"],
    "additionalProperties": False,
    "properties": {"number": {"type": "integer", "minimum": 1}, "reason": _REASON, "by": _TEXT},
}
_NUMBER = {"type": "object", "required": ["number"], "properties": {"number": {"type": "integer"}}}
_FORBIDDEN = Answered(
    "Only for holders of the auditors' token",
    "仅限持有审计令牌者",
    {PROBLEM: Content({"$ref": "#/components/schemas/Problem"})},
)
OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/screen",
        "screen",
        "screening",
        "Screen up to 10,000 bodies for a purpose: block, caution, clear or unknown, signed",
        "按用途批量筛查至多一万个单位：拦截、提示、无记录、未收录，附签名",
        accepts={JSON: Content(_QUESTION, {"purpose": "administration", "subjects": ["示例市财政局"]})},
        answers={200: Answered("The answer, and the same signed", "答复及其签名", {JSON: Content(_ANSWER)})},
        auditors="more",
    ),
    Operation(
        "POST",
        "/api/v1/screen/ruled-out",
        "ruleOut",
        "screening",
        "Rule out a match: this name does not mean that body",
        "排除误配：该名称不是该单位",
        accepts={JSON: Content(_RULING)},
        answers={
            201: Answered("The number under which it is kept", "记录编号", {JSON: Content(_NUMBER)}),
            403: _FORBIDDEN,
        },
        auditors="only",
    ),
    Operation(
        "POST",
        "/api/v1/screen/ruled-out/take-back",
        "takeBack",
        "screening",
        "Take back what was ruled out",
        "撤回排除",
        accepts={JSON: Content(_TAKING)},
        answers={201: Answered("The number of this entry", "记录编号", {JSON: Content(_NUMBER)}), 403: _FORBIDDEN},
        auditors="only",
    ),
    Operation(
        "GET",
        "/api/v1/screen/log",
        "screeningLog",
        "screening",
        "Who asked for screenings, for what and when, the newest first; never about whom",
        "筛查查询记录，最新在前，不含被查单位",
        (Parameter("before", "The next of the page before", "上一页给出的 next", int, least=1, example=100),),
        answers={200: Answered("A page of 500", "每页 500 条", {JSON: Content({"type": "object"})}), 403: _FORBIDDEN},
        auditors="only",
    ),
)
"""What api/v1/openapi.py describes."""

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
