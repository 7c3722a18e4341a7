"""``GET /api/v1/search?q=&kind=&limit=&as_of=``: bodies, commitments, records, penalties, events by their texts."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import moments
from api.answers import Finished
from api.pages import show
from api.v1 import examples
from api.v1.asked import values_of
from api.v1.lists import answered, as_json
from api.v1.operations import AS_OF, ETAG, JSON, NOT_CHANGED, Answer, Content, Operation, Parameter, told
from api.words import EVENTS
from api.words.table import Word
from projections.search import Sort
from projections.views import search as views
from projections.views.search import KINDS, LIMIT, LONGEST_QUERY, READS, USUAL, Hit

PATH = "/api/v1/search"
BY: dict[str, Word] = {
    Sort.ID: Word("标识", "Identifier"),
    Sort.NUMBER: Word("文号", "Document number"),
    Sort.NAME: Word("名称", "Name"),
    Sort.SHORT: Word("简称（推定，非登记名称）", "Short name (derived, not registered)"),
    Sort.ALIAS: Word("文件中的称谓", "Name in documents"),
    Sort.TITLE: Word("标题", "Title"),
    Sort.PINYIN: Word("拼音", "Pinyin"),
    Sort.INITIALS: Word("拼音首字母", "Pinyin initials"),
    Sort.FORMER: Word("曾用名", "Former name"),
    Sort.REGION: Word("行政区划代码", "Region code"),
    Sort.WORDS: Word("正文", "Text"),
    "hash": Word("事件哈希", "Event hash"),
    "log_index": Word("日志序号", "Log index"),
    "jti": Word("事件标识", "Event identifier"),
}
"""By what something was found."""
_MATCHES = ("whole", "beginning", "part")

_PARAMETERS = (
    Parameter(
        "q",
        "What is looked for: a name, short name, pinyin or initials, credit code, title, document number, event hash "
        "or log index; parts between spaces are all to be found",
        "检索词：名称、简称、拼音或首字母、统一社会信用代码、标题、文号、事件哈希或日志序号；以空格分隔的各词须同时出现",
        most=LONGEST_QUERY,
        example="财政局",
        required=True,
    ),
    Parameter("kind", "What it is to be", "类别", codes=KINDS),
    Parameter("limit", "Most results", "结果数上限", int, least=1, most=LIMIT, example=USUAL),
    AS_OF,
)


async def find(request: Request) -> Response:
    """``GET /api/v1/search``."""
    return await answered(request, partial(_found, request))


def _found(request: Request) -> Finished:
    asked = values_of(request, _PARAMETERS)
    reading, moment = moments.reading(request), moments.moment(request, *READS)
    kind, limit = asked.get("kind"), asked.get("limit", USUAL)
    found = views.search(reading, moment, asked["q"], kind=kind, limit=limit)
    data = {
        "query": found.query,
        "items": [as_data(hit) for hit in found.hits],
        "more": found.more,
        "size": moment.size,
        "on": moment.on,
    }
    return as_json(request, data)


def as_data(hit: Hit) -> dict[str, Any]:
    """A hit for programs: what it is, how it was found, and where the site shows it."""
    word = show.happened(hit.title if hit.title in EVENTS else None) if hit.kind == "event" else None
    return {
        "kind": hit.kind,
        "id": hit.id,
        "item": hit.item,
        "title": hit.title,
        "title_zh": word["zh"] if word else hit.title,
        "title_en": word["en"] if word else hit.title,
        "by": {"code": hit.by, **BY[hit.by]._asdict()},
        "match": hit.match,
        "region": hit.region,
        "status": hit.status,
        "answers_to": hit.answers_to,
        "address": address(hit),
    }


def address(hit: Hit) -> str:
    """Where the site shows what was found."""
    if hit.kind == "event":
        return f"/events/{hit.id}"
    return show.address(f"{hit.kind}/{hit.id}" if hit.kind in {"body", "commitment"} else hit.id)


_TEXT, _MAYBE = {"type": "string"}, {"type": ["string", "null"]}
HIT = {
    "type": "object",
    "required": ["kind", "id", "title", "by", "match", "address"],
    "properties": {
        "kind": {"type": "string", "enum": list(KINDS)},
        "id": {
            **_TEXT,
            "description": told(
                "A body's or commitment's id, a record's stream, an event's log index",
                "单位或承诺的标识、记录的事件流、事件的日志序号",
            ),
        },
        "item": {**_MAYBE, "description": told("A penalty's name within its record", "惩戒在记录中的名称")},
        "title": _TEXT,
        "title_zh": _TEXT,
        "title_en": _TEXT,
        "by": {
            "type": "object",
            "required": ["code", "zh", "en"],
            "properties": {"code": {"type": "string", "enum": [str(by) for by in BY]}, "zh": _TEXT, "en": _TEXT},
        },
        "match": {"type": "string", "enum": list(_MATCHES)},
        "region": _MAYBE,
        "status": _MAYBE,
        "answers_to": _MAYBE,
        "address": _TEXT,
    },
}
FOUND = {
    "type": "object",
    "required": ["query", "items", "more", "size", "on"],
    "properties": {
        "query": _TEXT,
        "items": {"type": "array", "items": HIT, "maxItems": LIMIT},
        "more": {"type": "boolean", "description": told("There is more than was asked for", "另有更多")},
        "size": {"type": "integer", "minimum": 0, "description": told("Log entries contained", "所含日志条数")},
        "on": {"type": "string", "format": "date"},
    },
}

OPERATIONS = (
    Operation(
        "GET",
        PATH,
        "search",
        "search",
        "Search bodies, commitments, records, penalties and events",
        "检索单位、承诺、记录、惩戒与事件",
        _PARAMETERS,
        answers={
            200: Answer(
                "What was found, the best first",
                "检索结果，最相符者在前",
                {JSON: Content(FOUND, examples.ANSWERS["search"])},
                ETAG,
            ),
            304: NOT_CHANGED,
        },
    ),
)
routes = [Route(PATH, find, name="search")]
