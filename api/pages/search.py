"""The page of search: bodies, commitments, records, penalties, positive records and events by what somebody types.

/search?q=    &kind=     ?as_of=

>>> address_of("penalty", "record/0198"), address_of("event", "7")
('/records/0198', '/events/7')
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from api import query
from api.moments import moment, reading
from api.pages import show
from api.render import Data, respond_at
from api.words import EVENTS
from api.words.common import CASES
from api.words.table import Word, words
from ledger.domain.body_terms import Status
from projections.views import search as views
from projections.views.search import Hit

KINDS = {**CASES, **words(penalty=("惩戒", "Penalty"), event=("事件", "Event"))}
MATCHES = words(whole=("完全一致", "the whole"), beginning=("开头一致", "the beginning"), part=("部分一致", "a part"))

SORTS = words(
    id=("标识", "its id"),
    number=("文号", "a number"),
    name=("名称", "its name"),
    short=("简称", "a short name"),
    alias=("文件中的称谓", "what documents call it"),
    title=("标题", "its title"),
    pinyin=("拼音", "pinyin"),
    initials=("拼音首字母", "initials"),
    former=("曾用名", "a former name"),
    region=("行政区划代码", "a region code"),
    words=("正文", "its words"),
    hash=("哈希", "its hash"),
    log_index=("日志序号", "its log index"),
    jti=("事件标识", "its identifier"),
)
"""By which sort of text something was found."""


def search(request: Request) -> Response:
    """``GET /search``."""
    q, kind = query.text(request, "q"), query.text(request, "kind")
    if kind is not None and kind not in views.KINDS:
        raise query.unknown("kind", views.KINDS, kind)
    at = moment(request, *views.READS)
    found = views.search(reading(request), at, q, kind=kind, limit=views.LIMIT) if q else None
    data = {
        "q": q,
        "kind": kind,
        "items": [_item(hit) for hit in found.hits] if found else None,
        "more": bool(found and found.more),
    }
    kinds = [{"code": k, **KINDS[k]._asdict(), "count": None} for k in views.KINDS]
    form = [{"name": "q"}, {"name": "kind"}]  # what the page's other forms keep
    return respond_at(request, at, "search.html", data, kinds=kinds, form=form)


def _item(hit: Hit) -> Data:
    title = hit.title
    if hit.kind == "event":
        title = EVENTS.get(hit.title, Word("不公开事件", "Event that is not public")).zh
    return {
        "kind": {"code": hit.kind, **KINDS[hit.kind]._asdict()},
        "id": hit.id,
        "item": hit.item,
        "title": title,
        "address": address_of(hit.kind, hit.id),
        "by": {"code": hit.by, **SORTS.get(hit.by, Word(hit.by, hit.by))._asdict()},
        "match": {"code": hit.match, **MATCHES[hit.match]._asdict()},
        "region": hit.region,
        "status": show.coded(Status(hit.status)) if hit.status else None,
        "answers_to": hit.answers_to,
    }


def address_of(kind: str, own: str) -> str:
    """Where the site shows something that was found."""
    own_id = own.partition("/")[2] or own
    place = {"body": "/bodies/", "commitment": "/commitments/", "record": "/records/", "penalty": "/records/"}
    if kind in place:
        return place[kind] + quote(own_id, safe="")
    return f"/events/{own}" if kind == "event" else f"/cases/{quote(own)}"
