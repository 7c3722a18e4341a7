"""``/api/v1/snapshot``: everything public at once, as files with a signed manifest; see api/snapshots.py.

>>> [operation.path for operation in OPERATIONS]
['/api/v1/snapshot', '/api/v1/snapshot/{id}/{name}']
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from api import problems
from api.answers import PUBLIC, Sent, matches
from api.snapshots import TYP, Snapshot, Snapshots
from api.v1 import examples
from api.v1.asked import values_of
from api.v1.lists import as_json
from api.v1.operations import ETAG, JSON, NOT_CHANGED, PROBLEMS, Answer, Content, Operation, Parameter, told
from ledger.errors import NotFoundError

PATIENCE = 5.0
"""Seconds that whoever asks first waits for a snapshot; then it is asked to come again."""
GZIP = "application/gzip"


async def newest(request: Request) -> Response:
    """``GET /api/v1/snapshot``."""
    values_of(request, ())
    snapshots: Snapshots = request.app.state.snapshots
    found: Snapshot | None = await request.app.state.readers.run(snapshots.newest)
    if found is None:
        making = asyncio.wrap_future(snapshots.begin())
        await asyncio.wait((making,), timeout=PATIENCE)
        if not making.done():
            making.cancel()
            return _not_yet()
        found = making.result()
    return Sent(
        as_json(
            request,
            {
                "id": found.id,
                "manifest": found.manifest,
                "attestation": found.attestation.decode(),
                "files": {
                    file["name"]: f"/api/v1/snapshot/{found.id}/{file['name']}" for file in found.manifest["files"]
                },
            },
        )
    )


async def file(request: Request) -> Response:
    """``GET /api/v1/snapshot/<id>/<name>``."""
    values_of(request, ())
    snapshots: Snapshots = request.app.state.snapshots
    own, name = request.path_params["id"], request.path_params["name"]
    found: Snapshot | None = await request.app.state.readers.run(snapshots.find, own)
    held = found.file(name) if found else None
    if held is None:
        raise NotFoundError(
            "snapshot: this one is not there, or no longer public; /api/v1/snapshot names one that is",
            "快照：不存在，或其内容已不再公开；现有快照见 /api/v1/snapshot",
        )
    path, digest = held
    headers = {**PUBLIC, "etag": f'"{digest}"'}
    if matches(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(b"", 304, headers)
    return FileResponse(path, 200, headers, GZIP, filename=name)


def _not_yet() -> Response:
    return problems.plain(
        503,
        "unavailable",
        "The snapshot is being made; come again",
        "快照正在生成，请稍后再来",
        {"retry-after": str(int(PATIENCE)), "cache-control": "no-store"},
    )


_FILE = {"Content-Disposition": told("The file's name", "文件名")}
_TEXT = {"type": "string"}
_MANIFEST = {
    "type": "object",
    "description": told("What the snapshot is of, and its files", "快照的时点与文件"),
    "required": ["log", "size", "root", "on", "today", "files"],
    "properties": {
        "log": {**_TEXT, "description": told("Origin of the log", "日志名称")},
        "size": {"type": "integer", "description": told("Log entries contained", "所含日志条数")},
        "root": {**_TEXT, "description": told("Root hash of the log at that size, base64", "该条数时的根哈希")},
        "on": {**_TEXT, "format": "date"},
        "today": {**_TEXT, "format": "date"},
        "files": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "rows", "bytes", "sha256"],
                "properties": {
                    "name": _TEXT,
                    "rows": {"type": "integer"},
                    "bytes": {"type": "integer"},
                    "sha256": {**_TEXT, "pattern": "^[0-9a-f]{64}$"},
                },
            },
        },
    },
}
_ADDRESSES = told("Addresses of the files, JSON Lines in gzip", "文件地址（gzip 压缩的 JSON Lines）")
_ANSWER = {
    "type": "object",
    "required": ["id", "manifest", "attestation", "files"],
    "properties": {
        "id": _TEXT,
        "manifest": _MANIFEST,
        "attestation": {
            **_TEXT,
            "description": told(
                f"The manifest, signed with the ledger's key: compact JWS, typ {TYP}",
                f"以账本密钥签名的清单：紧凑 JWS，typ 为 {TYP}",
            ),
        },
        "files": {"type": "object", "description": _ADDRESSES, "additionalProperties": _TEXT},
    },
}
_MADE = examples.ANSWERS["snapshot"]

OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/snapshot",
        "snapshot",
        "snapshot",
        "Everything public at one moment, with a signed manifest",
        "某一时点的全部公开数据，附签名清单",
        answers={
            200: Answer("A snapshot of today", "今日的快照", {JSON: Content(_ANSWER, _MADE)}, ETAG),
            304: NOT_CHANGED,
            503: Answer(
                "It is being made: Retry-After says when to come again",
                "正在生成，见 Retry-After",
                PROBLEMS,
            ),
        },
    ),
    Operation(
        "GET",
        "/api/v1/snapshot/{id}/{name}",
        "snapshot.file",
        "snapshot",
        "A file of a snapshot; gone with what is no longer public",
        "快照文件；内容不再公开时随之撤下",
        (
            Parameter("id", "Id of the snapshot", "快照标识", where="path", most=60, example=_MADE["id"]),
            Parameter("name", "Name of the file", "文件名", where="path", most=60, example="bodies.jsonl.gz"),
        ),
        answers={
            200: Answer("The file", "文件", {GZIP: Content({"type": "string"})}, {**ETAG, **_FILE}),
            304: NOT_CHANGED,
        },
    ),
)
routes = [Route("/api/v1/snapshot", newest), Route("/api/v1/snapshot/{id}/{name}", file)]
