"""The pages of events: the newest ones, and one event with all that is needed to check it without us.

/events             newest first: ?body= &kind= &name= &region= &area= &from= &until= &document= &hash= &after= &as_of=
/events/<index>     signed bytes, header, payload, hashes, neighbours in the stream, commands
/events/<index>.jws the signed bytes alone, never changed

Their button that checks in the browser asks api/pages/offline.py.

Of an event that is not public (``projections.disclosure``) anybody may see that it is there, its proof, and mostly what
it is called and who signed it; what it says, its documents and its bytes only who may read the log's entries.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import problems, query
from api.access import is_auditor, sight
from api.moments import reading
from api.pages import howto, show
from api.pages.casefile import is_signed, streams_in
from api.pages.lists import Filter, Row, coded, shown
from api.render import CHECKING, HEADERS, Data, respond, respond_at
from api.words import EVENTS
from api.words.common import CASES
from ledger.application import Ledger
from ledger.domain import codec
from ledger.domain.body import Key
from ledger.domain.commitment_terms import Area
from ledger.domain.event import Recorded, stream_kind
from ledger.domain.seals import SealErased, SealOpened
from ledger.position import recorded_of
from ledger.proof.event import format_time, parse, parse_entry
from ledger.proof.merkle import leaf_hash
from ledger.store.recorder import Row as Entry
from projections.disclosure import ALWAYS
from projections.views.events import OFFICE, PUBLIC
from projections.views.names import called

_MOST = 2**53
_SEALS = {SealOpened.__name__, SealErased.__name__}
_FILTERS = (
    Filter("body", "单位的标识", "Id of a body"),
    Filter("kind", "案件类别", "Kind of case", CASES),
    Filter("region", "行政区划代码", "Region code"),
    Filter("area", "领域", "Area", coded(Area)),
    Filter("from", "自", "From", is_day=True),
    Filter("until", "至", "Until", is_day=True),
    Filter("document", "文件文号或 SHA-256", "Document: number or SHA-256"),
    Filter("hash", "事件哈希或其开头", "Event hash, or how it begins"),
)


def events(request: Request) -> Response:
    """``GET /events``."""
    trusted = is_auditor(request)
    words = EVENTS if trusted else {name: word for name, word in EVENTS.items() if name not in _SEALS}
    filters = (Filter("name", "事件", "Event", words), *_FILTERS)
    found = shown(request, OFFICE if trusted else PUBLIC, filters)
    names = called(reading(request), found.moment, (row["iss"] for row in found.rows))
    data = {**found.data, "items": [item(row, names) for row in found.rows]}
    return respond_at(request, found.moment, "events.html", data, form=found.form)


def item(row: Row, names: show.Names) -> Data:
    """An event in a list."""
    return {
        "index": row["log_index"],
        "recorded_at": row["at"],
        "event": show.happened(row["name"]),
        "signer": show.named(row["iss"], names),
        "hash": row["hash"],
        "open": row["open"],
        "stream": row["stream"],
        "address": show.address(row["stream"]) if row["stream"] else None,
    }


def event(request: Request) -> Response:
    """``GET /events/<index>``."""
    ledger = query.ledger(request)
    row = entry_of(request)
    recorded = recorded_of(row)
    at, jws = parse_entry(row.entry)
    signed = parse(jws)
    names = query.names(request, {recorded.event.iss, *codec.bodies(recorded.event.fact)})
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


def _closed(request: Request, row: Entry, recorded: Recorded, names: show.Names) -> Response:
    """What anybody may see of an event that is not public: neither its case nor what else stands in that."""
    data = {
        **show.event(recorded, names, is_open=False, is_signed=is_signed(query.ledger(request), recorded)),
        "event_hash": recorded.hash,
        "leaf_hash": leaf_hash(row.entry).hex(),
        "cause": None,
        "previous": None,
        "next": None,
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


def entry_of(request: Request) -> Entry:
    """The entry that an address names. Raises NotFoundError."""
    index: int = request.path_params["index"]
    if index > _MOST:
        raise query.missing("event", "事件", str(index))
    return query.ledger(request).reader.entry(index)


def _neighbours(ledger: Ledger, row: Entry) -> Data:
    """The indices of the stream's events just before and after."""
    near = {r.version: r.index for r in ledger.reader.stream(row.stream)}
    return {"previous": near.get(row.version - 1), "next": near.get(row.version + 1)}


def _cause(ledger: Ledger, jti: str | None) -> int | None:
    return ledger.reader.by_jti(jti).index if jti else None


def pretty(text: bytes) -> str:
    """JSON over several lines, for people."""
    found: Any = json.loads(text)
    return json.dumps(found, ensure_ascii=False, indent=2)
