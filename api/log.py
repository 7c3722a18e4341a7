"""The log over HTTP, in the published formats (C2SP tlog-tiles, tlog-checkpoint, tlog-proof; docs/log-format.md).

Tiles hold hashes only and are public. Entries hold what was signed, sealed digests included, and are for auditors: they
need the token that ``jiannuo init`` wrote to ``auditor.token``, as ``Authorization: Bearer …``.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from api import problems
from api.access import is_auditor
from ledger.application import Ledger
from ledger.errors import FormatError, NotFoundError
from ledger.proof.merkle import TILE_WIDTH, consistency_proof
from ledger.proof.note import to_base64
from ledger.proof.tiles import ENTRIES, TileName, encode_bundle, parse_tile_path, tile_width
from ledger.witnesses.witnessed import Witnessed

FOREVER = "public, max-age=31536000, immutable"
OCTETS = "application/octet-stream"


def _ledger(request: Request) -> Ledger:
    ledger: Ledger = request.app.state.installation.ledger
    return ledger


def _witnessed(request: Request) -> Witnessed:
    witnessed: Witnessed = request.app.state.witnessed
    return witnessed


def checkpoint(request: Request) -> Response:
    """``GET /log/checkpoint``: the newest signed checkpoint; where the ledger has a witness policy, the newest one that
    meets it, with the witnesses' lines.
    """
    note = _witnessed(request).newest().note
    return PlainTextResponse(note, headers={"cache-control": "public, max-age=2"})


def key(request: Request) -> Response:
    """``GET /log/key``: the verifier key (vkey) of the log."""
    return PlainTextResponse(_ledger(request).log_key.verifier.vkey + "\n", headers={"cache-control": "no-cache"})


def keys(request: Request) -> Response:
    """``GET /log/keys``: every verifier key that the log has had, oldest first, and from which size on it signs."""
    found = [{"vkey": key.vkey, "from_size": size} for size, key in _ledger(request).log_key.history()]
    return JSONResponse(found, headers={"cache-control": "no-cache"})


def tile(request: Request) -> Response:
    """``GET /log/tile/<L>/<N>[.p/<W>]`` and ``/log/tile/entries/<N>[.p/<W>]``."""
    name = parse_tile_path(f"tile/{request.path_params['path']}")
    entries = name.level == ENTRIES
    if entries and not is_auditor(request):
        return problems.plain(
            401,
            "token",
            "Entries are for auditors: a bearer token is needed",
            "日志条目仅供审计：需要令牌（Bearer）",
            {"www-authenticate": 'Bearer realm="auditors"'},
        )
    ledger = _ledger(request)
    available = tile_width(name.level, name.number, ledger.reader.newest().size)
    if available < name.width:
        raise NotFoundError(
            f"tile: expected a width of at most {available} now, got {name.width}",
            f"瓦片：目前宽度至多 {available}，所求为 {name.width}",
        )
    data = _bundle(ledger, name) if entries else ledger.reader.tile(*name)
    cache = FOREVER.replace("public", "private") if entries else FOREVER
    return Response(data, media_type=OCTETS, headers={"cache-control": cache})


def _bundle(ledger: Ledger, name: TileName) -> bytes:
    first = name.number * TILE_WIDTH
    return encode_bundle(row.entry for row in ledger.reader.entries(first, first + name.width))


def proof(request: Request) -> Response:
    """``GET /log/proof/<index>``: a ``.tlog-proof`` against the checkpoint that is served; against the newest, if the
    served one does not cover the entry yet.
    """
    text = _witnessed(request).proof(_number(request.path_params["index"], "index"))
    return PlainTextResponse(text, headers={"cache-control": "public, max-age=2"})


def consistency(request: Request) -> Response:
    """``GET /log/consistency?from=&to=``: a base64 hash a line (RFC 9162 §2.1.4); empty from 0 or for equal sizes."""
    ledger = _ledger(request)
    size = ledger.reader.newest().size
    old = _number(request.query_params.get("from", ""), "from")
    asked = request.query_params.get("to")
    new = _witnessed(request).newest().size if asked is None else _number(asked, "to")
    if not old <= new <= size:
        raise FormatError(
            f"consistency: expected from <= to <= {size}, got {old} and {new}",
            f"一致性证明：应有 from <= to <= {size}，实为 {old} 与 {new}",
        )
    hashes = consistency_proof(old, new, ledger.nodes(new))
    text = "".join(to_base64(h) + "\n" for h in hashes)
    cache = FOREVER if "to" in request.query_params else "public, max-age=2"
    return PlainTextResponse(text, headers={"cache-control": cache})


def _number(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 16 or (text[0] == "0" and text != "0"):
        raise FormatError(f"{name}: expected a number, got {text[:40]!a}", f"{name}：应为数字，实为 {text[:40]!a}")
    return int(text)


routes = [
    Route("/log/checkpoint", checkpoint),
    Route("/log/key", key),
    Route("/log/keys", keys),
    Route("/log/tile/{path:path}", tile),
    Route("/log/proof/{index}", proof),
    Route("/log/consistency", consistency),
]
