"""A witness over HTTP (C2SP tlog-witness v1.0.0). It needs no Jiannuo database, and knows nothing of what a log says.

POST /add-checkpoint              the cosignature lines, or 400, 403, 404, 409 with the size cosigned last, 422
GET  /<origin hash>/checkpoint    the newest checkpoint that it cosigned of a log, with its lines
GET  /                            who it is, and what it saw: a page; /index.json for programs
GET  /livez, /readyz
"""

from __future__ import annotations

import html
import logging
from hashlib import sha256
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from audit.witness import Witness
from ledger.errors import FormatError, LedgerError
from ledger.proof.witness import MAX_REQUEST, SIZE_TYPE, RefusedError

_LOG = logging.getLogger("witness")


def create_witness_app(witness: Witness) -> Starlette:
    """The application of one witness."""
    app = Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{origin:str}/checkpoint", checkpoint),
            Route("/", index),
            Route("/index.json", index_json),
            Route("/livez", live),
            Route("/readyz", ready),
        ]
    )
    app.state.witness = witness
    return app


async def add_checkpoint(request: Request) -> Response:
    """``POST /add-checkpoint``."""
    try:
        body = await _body(request)
    except ClientDisconnect:
        return Response(status_code=400)
    if body is None:
        return PlainTextResponse(f"expected at most {MAX_REQUEST} bytes\n", 413)
    return await run_in_threadpool(_add, request.app.state.witness, body)


def _add(witness: Witness, body: bytes) -> Response:
    try:
        lines = witness.add_checkpoint(body)
    except RefusedError as error:
        _LOG.log(logging.ERROR if error.is_fork else logging.INFO, "refused with %s: %s", error.status, error.en)
        if error.size is not None:
            return Response(f"{error.size}\n", error.status, {"content-type": SIZE_TYPE})
        return PlainTextResponse(f"{error}\n", error.status)
    except FormatError as error:
        return PlainTextResponse(f"{error}\n", 400)
    except LedgerError as error:  # its folder: never an answer that might be a cosignature
        _LOG.error("cannot remember, does not cosign: %s", error.en)
        return PlainTextResponse("this witness cannot remember now | 本见证者暂时无法记录\n", 500)
    _LOG.info("cosigned")
    return PlainTextResponse(lines)


async def _body(request: Request) -> bytes | None:
    """The body; None where it is longer than any request."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > MAX_REQUEST:
            return None
    return bytes(data)


def checkpoint(request: Request) -> Response:
    """``GET /<SHA-256 of the origin>/checkpoint`` (tlog-witness, "Monitor Retrieval Mechanism")."""
    note = request.app.state.witness.note(request.path_params["origin"])
    if note is None:
        return PlainTextResponse("not cosigned here | 未在此见证\n", 404)
    return Response(note, media_type="text/plain; charset=utf-8", headers={"cache-control": "public, max-age=2"})


def index_json(request: Request) -> Response:
    """``GET /index.json``."""
    return JSONResponse(described(request.app.state.witness), headers={"cache-control": "public, max-age=2"})


def index(request: Request) -> Response:
    """``GET /``."""
    found = described(request.app.state.witness)
    keys = "".join(f"<li><code>{html.escape(vkey)}</code></li>\n" for vkey in found["keys"])
    rows = "".join(
        f'<tr><td>{html.escape(log["origin"])}</td><td><a href="{log["checkpoint"]}">{log["size"]}</a></td>'
        f"<td><code>{log['root']}</code></td></tr>\n"
        for log in found["logs"]
    )
    forks = f"<p><strong>分叉证据 Evidence of forks: {len(found['forks'])}</strong></p>\n" if found["forks"] else ""
    headers = {
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "public, max-age=2",
    }
    return HTMLResponse(_PAGE.format(keys=keys, rows=rows, forks=forks), headers=headers)


def described(witness: Witness) -> dict[str, Any]:
    """Who the witness is, and the newest that it cosigned of each log."""
    return {
        "keys": [key.vkey for key in witness.own],
        "logs": [
            {
                "origin": seen.origin,
                "size": seen.size,
                "root": seen.root.hex(),
                "checkpoint": f"/{sha256(seen.origin.encode()).hexdigest()}/checkpoint",
            }
            for seen in witness.seen()
        ],
        "forks": witness.forks(),
    }


async def live(_: Request) -> Response:
    """``GET /livez``: answered by the event loop itself."""
    return PlainTextResponse("ok\n")


def ready(request: Request) -> Response:
    """``GET /readyz``: it can read what it remembers."""
    try:
        request.app.state.witness.seen()
    except LedgerError as error:
        return PlainTextResponse(f"not ready: {error.en}\n", 503, {"retry-after": "1"})
    return PlainTextResponse("ok\n")


_PAGE = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>见证者 Witness</title>
<style>body {{ font-family: sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
code {{ overflow-wrap: anywhere }} td, th {{ text-align: start; padding: .3rem .6rem; vertical-align: top }}</style>
<main>
<h1>日志见证者 <span lang="en">A witness of transparency logs</span></h1>
<p>本见证者核对日志只增不改，并对其检查点联署（C2SP tlog-witness）。它不看日志的内容。</p>
<p lang="en">This witness checks that logs only ever grow, and cosigns their checkpoints.
It does not see what they say.</p>
<h2>公钥 <span lang="en">Verifier keys</span></h2>
<ul>
{keys}</ul>
<h2>最近见证 <span lang="en">Cosigned last</span></h2>
<table><tr><th>日志 Log</th><th>条目数 Entries</th><th>根 Root</th></tr>
{rows}</table>
{forks}</main>
</html>
"""
