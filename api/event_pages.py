"""The pages of events: the newest ones, and one event with all that is needed to check it without us.

/events             newest first, ?before=<index>
/events/<index>     signed bytes, header, payload, hashes, neighbours in the stream, commands
/events/<index>.jws the signed bytes alone, never changed

Their button that checks in the browser asks api/offline_pages.py.

Of an event that is not public (``ledger.domain.openness``) anybody may see that it is there, what it is called, who
signed it, and its proof; what it says, its documents and its bytes only who may read the log's entries.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import howto, problems, query, show
from api.access import sight
from api.casefile import streams_in
from api.render import CHECKING, HEADERS, Data, respond
from ledger.application import Ledger
from ledger.domain import codec
from ledger.domain.body import Key
from ledger.domain.event import Recorded, stream_kind
from ledger.domain.openness import ALWAYS
from ledger.errors import FormatError
from ledger.position import recorded_of
from ledger.proof.event import format_time, parse, parse_entry
from ledger.proof.merkle import leaf_hash
from ledger.store.recorder import Row
from projections.board_views import PAGE

_MOST = 2**53


def events(request: Request) -> Response:
    """``GET /events``."""
    ledger, board = query.ledger(request), query.board(request)
    size = ledger.reader.newest().size
    stop = min(size, _before(request, size))
    history = [recorded_of(row) for row in reversed(ledger.reader.entries(max(0, stop - PAGE), stop))]
    names = board.by_id({r.event.iss for r in history})
    seen = sight(request, (r.event.stream for r in history))
    data = {
        "size": size,
        "items": [show.event(recorded, names, is_open=seen.of_event(recorded.event)) for recorded in history],
        "next": query.following(request, "before", stop - PAGE if stop > PAGE else None),
    }
    return respond(request, "events.html", data)


def event(request: Request) -> Response:
    """``GET /events/<index>``."""
    ledger, board = query.ledger(request), query.board(request)
    row = entry_of(request)
    recorded = recorded_of(row)
    at, jws = parse_entry(row.entry)
    signed = parse(jws)
    names = board.by_id({recorded.event.iss, *codec.bodies(recorded.event.fact)})
    if not sight(request, [row.stream]).of_event(recorded.event):
        return _closed(request, row, recorded, names)
    key: Key | None = ledger.case(f"body/{recorded.event.iss}").state.key(recorded.kid)
    assert key is not None, "an event in the log was signed by a key that the log knows"
    leaf = leaf_hash(row.entry).hex()
    header, payload = howto.parts(signed)
    data: Data = {
        **show.event(recorded, names),
        "jti": recorded.event.jti,
        "claimed_at": recorded.event.iat,
        "jws": jws.decode("ascii"),
        "header": json.loads(header),
        "payload": json.loads(payload),
        "event_hash": signed.hash,
        "leaf_hash": leaf,
        "key": show.key(key),
        "cause": _cause(ledger, recorded.event.cause),
        **_neighbours(ledger, row),
        "proof": f"/log/proof/{row.index}",
    }
    steps = howto.openssl_steps(row.index, format_time(at), key.public, signed.hash, leaf)
    return respond(
        request,
        "event.html",
        data,
        CHECKING,
        steps=steps,
        described=show.described(recorded.event.fact, names, sight(request, streams_in(recorded.event.fact)).of_case),
        file=howto.file_name(row.index),
        shown={"header": pretty(header), "payload": pretty(payload)},
    )


def _closed(request: Request, row: Row, recorded: Recorded, names: show.Names) -> Response:
    """What anybody may see of an event that is not public."""
    data = {
        **show.event(recorded, names, is_open=False),
        "event_hash": recorded.hash,
        "leaf_hash": leaf_hash(row.entry).hex(),
        "cause": _cause(query.ledger(request), recorded.event.cause),
        **_neighbours(query.ledger(request), row),
        "proof": f"/log/proof/{row.index}",
    }
    return respond(request, "event_closed.html", data, CHECKING)


def signed_bytes(request: Request) -> Response:
    """``GET /events/<index>.jws``: the compact JWS, byte for byte as it was signed."""
    row = entry_of(request)
    if not sight(request, [row.stream]).of_event(recorded_of(row).event):
        return problems.plain(
            401,
            "token",
            "This event is not public: its bytes are for auditors, a bearer token is needed",
            "该事件不公开：签名原文仅供审计，需要令牌（Bearer）",
            {"www-authenticate": 'Bearer realm="auditors"'},
        )
    _, jws = parse_entry(row.entry)
    # What may be taken down again must not live on in caches.
    lasting = stream_kind(row.stream) in ALWAYS
    headers = {
        **HEADERS,
        "cache-control": "public, max-age=31536000, immutable" if lasting else "private, no-store",
        "content-disposition": f'attachment; filename="{howto.file_name(row.index)}"',
    }
    return Response(jws, media_type="application/jose", headers=headers)


def entry_of(request: Request) -> Row:
    """The entry that an address names. Raises NotFoundError."""
    index: int = request.path_params["index"]
    if index > _MOST:
        raise query.missing("event", "事件", str(index))
    return query.ledger(request).reader.entry(index)


def _before(request: Request, size: int) -> int:
    value = query.text(request, "before")
    if value is None:
        return size
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise FormatError(
            f"before: expected an index, got {value[:40]!r}", f"before：应为事件序号，实为 {value[:40]!r}"
        )
    return int(value)


def _neighbours(ledger: Ledger, row: Row) -> Data:
    """The indices of the stream's events just before and after."""
    near = {r.version: r.index for r in ledger.reader.stream(row.stream)}
    return {"previous": near.get(row.version - 1), "next": near.get(row.version + 1)}


def _cause(ledger: Ledger, jti: str | None) -> int | None:
    return ledger.reader.by_jti(jti).index if jti else None


def pretty(text: bytes) -> str:
    """JSON over several lines, for people."""
    found: Any = json.loads(text)
    return json.dumps(found, ensure_ascii=False, indent=2)
