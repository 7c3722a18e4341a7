"""Submitting events: ``POST /api/v1/events``, and what a submitter asks before (a stream's head) and after (a receipt).

One event as ``application/jose`` is answered with 201 and its receipt, 200 if it was in the log before, or a problem.
Many as ``application/x-ndjson`` (one a line) are answered a line each, in order: receipts and problems, every line with
its own ``status``; the whole with 201 if all were new, 200 if all are in the log, 207 if some were refused.

An event may bring the disclosures of its sealed fields (``<JWS>~<disclosure>~…~``): they go to the vault and never
into the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from api import problems
from api.access import sight
from api.observe import refused
from ledger.application import Ledger
from ledger.errors import FormatError, Head, LedgerError, NotFoundError
from ledger.heads import answered
from ledger.position import recorded_of
from ledger.proof.disclosure import MAX_PRESENTATION
from ledger.receipt import Receipt

JOSE = "application/jose"
NDJSON = "application/x-ndjson"
MAX_BODY = 16 * 1024 * 1024
"""Most bytes of one request; a client splits what is larger."""
MAX_QUESTION = 4096
"""Most bytes of a question for a head."""
MAX_EVENTS = 40_000
"""Most events of one request: as many as the shortest signed event leaves room for, and no more empty ones."""


def _ledger(request: Request) -> Ledger:
    ledger: Ledger = request.app.state.installation.ledger
    return ledger


async def submit(request: Request) -> Response:
    """One event or many, by the content type."""
    kind = _kind(request)
    if kind not in {JOSE, NDJSON}:
        return problems.plain(
            415,
            "media-type",
            f"Expected the content type {JOSE} (one event) or {NDJSON} (a line each)",
            f"内容类型应为 {JOSE}（单个事件）或 {NDJSON}（每行一个）",
            {"accept-post": f"{JOSE}, {NDJSON}"},
        )
    bound = MAX_PRESENTATION + 2 if kind == JOSE else MAX_BODY  # room for a line end
    body = await _body(request, bound)
    if isinstance(body, Response):
        return body
    return await (_one(request, body) if kind == JOSE else _many(request, body))


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _body(request: Request, bound: int) -> bytes | Response:
    """The body, or what is answered to one that is too large or did not come whole."""
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > bound):
        return _too_large(bound)
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > bound:
                return _too_large(bound)
            parts.append(part)
    except ClientDisconnect:  # nobody reads this; the log and the metrics shall not call it our failure
        return problems.plain(400, "incomplete", "The body ended before its end", "正文未传完即中断")
    return b"".join(parts)


def _too_large(bound: int) -> Response:
    return problems.plain(413, "too-large", f"Expected at most {bound} bytes", f"内容应不超过 {bound} 字节")


async def _one(request: Request, body: bytes) -> Response:
    receipt = await asyncio.wrap_future(_ledger(request).submit(_trimmed(body)))
    status = 201 if receipt.created else 200
    return Response(
        orjson.dumps(receipt.json()),
        status,
        headers={"location": f"/events/{receipt.index}"},
        media_type="application/json",
    )


def _trimmed(line: bytes) -> bytes:
    """A line without its line end; nothing else is forgiven."""
    return line.removesuffix(b"\n").removesuffix(b"\r")


async def _many(request: Request, body: bytes) -> Response:
    lines = [_trimmed(line) for line in body.split(b"\n") if line not in {b"", b"\r"}]
    if len(lines) > MAX_EVENTS:
        return problems.plain(
            413, "too-large", f"Expected at most {MAX_EVENTS} events", f"事件应不超过 {MAX_EVENTS} 个"
        )
    if not lines:
        raise FormatError("body: expected at least one event, a line each", "正文：应至少有一个事件，每行一个")
    futures = _ledger(request).submit_many(lines)
    answers = await run_in_threadpool(_collect, futures)
    found = {status for status, _ in answers}
    status = 201 if found == {201} else 200 if found <= {200, 201} else 207
    return Response(b"".join(line for _, line in answers), status, media_type=NDJSON)


def _collect(futures: Sequence[Future[Receipt]]) -> list[tuple[int, bytes]]:
    """Status and line of each event, in order; waits until all are answered."""
    futures[-1].exception()  # the last to be answered: one wake-up, and not one for every event
    return [_line(future) for future in futures]


def _line(future: Future[Receipt]) -> tuple[int, bytes]:
    try:
        receipt = future.result()
    except LedgerError as error:
        refused(error)
        found: dict[str, Any] = problems.problem(error)
    else:
        found = {"status": 201 if receipt.created else 200, **receipt.json()}
    return found["status"], orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE)


def head(request: Request) -> Response:
    """``GET /api/v1/streams/{kind}/{id}/head``: the version and hash that the next event has to follow.

    Of a case that the public may not see it says no more than of one that there never was.
    """
    stream = _stream(request)
    found = _ledger(request).head(stream)
    if not sight(request, [stream]).of_case(stream):
        raise NotFoundError(
            "stream: there is none that the public may see; who may write to it asks with a signed question (POST)",
            "事件流：没有可公开的；有权写入者以签名提问（POST）查询",
        )
    return _head(stream, found)


async def head_for_signer(request: Request) -> Response:
    """``POST /api/v1/streams/{kind}/{id}/head``: the same, for a body that signs its question (ledger/heads.py)."""
    if _kind(request) != JOSE:
        return problems.plain(415, "media-type", f"Expected the content type {JOSE}", f"内容类型应为 {JOSE}")
    body = await _body(request, MAX_QUESTION)
    if isinstance(body, Response):
        return body
    stream, clock = _stream(request), request.app.state.installation.clock
    return _head(stream, await run_in_threadpool(answered, _ledger(request), _trimmed(body), stream, clock()))


def _stream(request: Request) -> str:
    return f"{request.path_params['kind']}/{request.path_params['id']}"


def _head(stream: str, found: Head) -> Response:
    answer = {"stream": stream, "version": found.version, "hash": found.hash}
    return Response(orjson.dumps(answer), media_type="application/json", headers={"cache-control": "no-store"})


def receipt(request: Request) -> Response:
    """``GET /api/v1/receipts/{jti}``: the receipt of an event in the log, as when it was submitted.

    Of an event that is not public in which case it stands is left out: who signed it gets that by submitting it again.
    What is left is what the log tells everybody, and that this id is that entry's: who knows the id, some 70 random
    bits that no answer to the public has, has the event or its receipt.
    """
    ledger = _ledger(request)
    row = ledger.reader.by_jti(str(request.path_params["jti"]))
    found = ledger.receipt(row).json()
    if not sight(request, [row.stream]).of_event(recorded_of(row).event):
        found = {name: value for name, value in found.items() if name not in {"stream", "version", "head"}}
    return Response(orjson.dumps(found), media_type="application/json", headers={"cache-control": "no-store"})


routes = [
    Route("/api/v1/events", submit, methods=["POST"]),
    Route("/api/v1/streams/{kind}/{id}/head", head, methods=["GET"]),
    Route("/api/v1/streams/{kind}/{id}/head", head_for_signer, methods=["POST"]),
    Route("/api/v1/receipts/{jti:uuid}", receipt, methods=["GET"]),
]
