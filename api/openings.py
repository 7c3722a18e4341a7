"""Looking up sealed fields over HTTP, and who looked.

POST /api/v1/openings   a signed SealOpened (application/jose) → 201, its receipt and presentations; 409 the second time
POST /api/v1/lookups    a presentation with a disclosure (application/sd-jwt) → who looked, and what was erased
GET, POST /my/lookups   the same as a form, for a person without a program

What opens a case's fields is the credential to its look-ups. It comes in a body, never in an address, and is never
repeated: not in an answer, not in an error, not in a log line (ledger/vault/openings.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from urllib.parse import parse_qs

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from api import problems, query
from api.limits import need
from api.observe import refused
from api.pages import show
from api.render import HEADERS, Data, rendered
from api.words.seals import SEALED
from api.words.table import Word
from ledger.domain.event import Recorded
from ledger.errors import FormatError, LedgerError
from ledger.proof.disclosure import MAX_PRESENTATION
from ledger.proof.event import MAX_JWS, format_time
from ledger.vault import openings

JOSE, SD_JWT, FORM = "application/jose", "application/sd-jwt", "application/x-www-form-urlencoded"
PRIVATE = {**HEADERS, "cache-control": "no-store", "referrer-policy": "no-referrer"}
MOST, SECONDS = 30, 60
"""Look-ups of look-ups that one address may ask for, in so many seconds."""


class _RefusedError(Exception):
    """A request that is answered before it is looked at; ``answer`` is what with."""

    def __init__(self, status: int, code: str, en: str, zh: str) -> None:
        super().__init__(code)
        self.status, self.en, self.zh = status, en, zh
        self.answer = problems.plain(status, code, en, zh)


async def look_up(request: Request) -> Response:
    """``POST /api/v1/openings``."""
    try:
        data = await _body(request, (JOSE,), MAX_JWS + 2)
    except _RefusedError as error:
        return error.answer
    found = await run_in_threadpool(openings.look_up, query.ledger(request), _trimmed(data))
    answer = {
        "receipt": found.receipt.json(),
        "presentations": [presentation.decode("ascii") for presentation in found.presentations],
    }
    return _json(answer, 201)


async def lookups(request: Request) -> Response:
    """``POST /api/v1/lookups``."""
    need(request.app.state.lookups_rate, request)
    try:
        data = await _body(request, (SD_JWT, JOSE), MAX_PRESENTATION + 2)
    except _RefusedError as error:
        return error.answer
    return _json(await run_in_threadpool(_listed, request, _trimmed(data)))


def form(request: Request) -> Response:
    """``GET /my/lookups``: the form."""
    return _page({"found": None, "error": None})


async def asked(request: Request) -> Response:
    """``POST /my/lookups``: who looked, as a page."""
    try:
        need(request.app.state.lookups_rate, request)
        data = _field(await _body(request, (FORM,), 3 * MAX_PRESENTATION), "presentation")
        found = await run_in_threadpool(_listed, request, data)
    except _RefusedError as error:
        return _page({"found": None, "error": {"zh": error.zh, "en": error.en}}, error.status)
    except LedgerError as error:
        refused(error)
        told = {"zh": error.zh, "en": error.en}
        answer = problems.answer_to(error)
        return _page({"found": None, "error": told}, answer.status, problems.headers_of(error))
    return _page({"found": found, "error": None})


async def _body(request: Request, kinds: tuple[str, ...], most: int) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        named = " or ".join(kinds)
        raise _RefusedError(
            415, "media-type", f"Expected the content type {named}", f"内容类型应为 {' 或 '.join(kinds)}"
        )
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise _RefusedError(413, "too-large", f"Expected at most {most} bytes", f"内容应不超过 {most} 字节")
            parts.append(part)
    except ClientDisconnect:
        raise _RefusedError(400, "incomplete", "The body ended before its end", "正文未传完即中断") from None
    return b"".join(parts)


def _field(body: bytes, name: str) -> bytes:
    """A field of a form. Raises FormatError, which repeats nothing of it."""
    try:
        values = parse_qs(body.decode("ascii"), max_num_fields=5, errors="strict")[name]
        return "".join(values[0].split()).encode("ascii")  # people paste lines
    except (ValueError, KeyError):
        raise FormatError(
            "presentation: expected <JWS>~<disclosure>~ in the form's field",
            "出示：表单字段应为 <JWS>~<披露项>~",
        ) from None


def _trimmed(data: bytes) -> bytes:
    return data.removesuffix(b"\n").removesuffix(b"\r")


def _listed(request: Request, presentation: bytes) -> Data:
    found = openings.shown_to(query.ledger(request), presentation)
    return told(found, query.names(request, bodies_in(found)))


def bodies_in(found: openings.Lookups) -> set[str | None]:
    """The ids of the bodies that are to be told by name."""
    events = (*found.lookups, *found.erasures)
    return {r.event.iss for r in events} | {r.event.fact.requester for r in found.lookups}


def told(found: openings.Lookups, names: show.Names) -> Data:
    """Who looked, and what was erased, as data: times, bodies by name, roles, purposes, numbers, names of fields."""
    return {
        "stream": found.stream,
        "lookups": [
            {
                **_said(recorded, names),
                "role": show.coded(recorded.event.fact.role),
                "purpose": show.coded(recorded.event.fact.purpose),
                "case_number": recorded.event.fact.case_number,
                "requester": show.named(recorded.event.fact.requester, names),
                "fields": _names(recorded.event.fact.fields),
            }
            for recorded in found.lookups
        ],
        "erasures": [
            {
                **_said(recorded, names),
                "ground": show.coded(recorded.event.fact.ground),
                "digests": list(recorded.event.fact.digests),
            }
            for recorded in found.erasures
        ],
    }


def _said(recorded: Recorded, names: show.Names) -> Data:
    event = recorded.event
    return {
        "index": recorded.index,
        "recorded_at": format_time(recorded.at),
        "body": show.named(event.iss, names),
        "basis": [show.document(document) for document in event.basis],
    }


def _names(fields: Iterable[str]) -> list[Data]:
    return [{"code": name, **SEALED.get(name, Word(name, name))._asdict()} for name in fields]


def _json(data: Data, status: int = 200) -> Response:
    return Response(orjson.dumps(data), status, headers=PRIVATE, media_type="application/json")


def _page(data: Data, status: int = 200, headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    text = rendered("lookups.html", {**data, "path": "/my/lookups", "json": None})
    return HTMLResponse(text, status, headers={**headers, **PRIVATE})


routes = [
    Route("/api/v1/openings", look_up, methods=["POST"]),
    Route("/api/v1/lookups", lookups, methods=["POST"]),
    Route("/my/lookups", form, methods=["GET"]),
    Route("/my/lookups", asked, methods=["POST"]),
]
