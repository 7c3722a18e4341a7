"""What is submitted, described: events, look-ups of sealed fields, and who looked. The routes are in api/events.py and
api/openings.py.

>>> [operation.id for operation in OPERATIONS]
['submit', 'head', 'ask_head', 'receipt', 'open', 'lookups']
"""

from __future__ import annotations

from typing import Any

from api.v1.operations import JSON, PROBLEM, Answer, Content, Operation, Parameter, told

JOSE, NDJSON, SD_JWT = "application/jose", "application/x-ndjson", "application/sd-jwt"

_TEXT = {"type": "string"}
_HEAD: dict[str, Any] = {
    "type": "object",
    "description": told("What the stream's next event has to follow", "该事件流下一事件应衔接的版本"),
    "required": ["version", "hash"],
    "properties": {"version": {"type": "integer", "minimum": 0}, "hash": {"type": ["string", "null"]}},
}
RECEIPT: dict[str, Any] = {
    "type": "object",
    "description": told("A receipt: proves the entry for ever", "回执：永久证明该条目"),
    "required": [
        *("jti", "index", "recorded_at", "entry_hash", "proof", "stream", "version", "event_hash", "head"),
    ],
    "properties": {
        **dict.fromkeys(("jti", "recorded_at", "entry_hash", "proof", "stream", "event_hash"), _TEXT),
        "index": {"type": "integer", "minimum": 0},
        "version": {"type": "integer", "minimum": 1},
        "head": _HEAD,
    },
}
_ASKED = {
    **RECEIPT,
    "description": told(
        "A receipt; without stream, version and head where the event is not public",
        "回执；事件不公开的，不含事件流、版本与最新版本",
    ),
    "required": [name for name in RECEIPT["required"] if name not in {"stream", "version", "head"}],
}
_PROBLEM: dict[str, Content] = {PROBLEM: Content({"$ref": "#/components/schemas/Problem"})}
_REFUSED = {
    403: Answer("The signature does not verify, or its key may not sign here", "签名不被接受", _PROBLEM),
    404: Answer("There is nothing like this", "没有所查内容", _PROBLEM),
    409: Answer("It does not follow the stream's head, or was done before", "与最新版本不衔接，或已办理", _PROBLEM),
    413: Answer("Too large", "内容过大", _PROBLEM),
    415: Answer("Another content type is expected", "内容类型不符", _PROBLEM),
    422: Answer("A rule refuses it", "依规则不予接受", _PROBLEM),
}
_JWS = {"type": "string", "description": told("A signed event (JWS, compact)", "签名事件（紧凑 JWS）")}
_QUESTION = {
    "type": "string",
    "description": told(
        "A compact JWS, typ jiannuo-head+jwt, over iss, iat and stream",
        "紧凑 JWS，typ 为 jiannuo-head+jwt，内容为 iss、iat、stream",
    ),
}
_STREAM = (
    Parameter("kind", "Kind of case", "案件类别", where="path", example="commitment"),
    Parameter("id", "Its id", "案件标识", where="path", example="11990000000000019A"),
)
_HEAD_ANSWER = Answer(
    "The head; version 0: there is no event yet",
    "最新版本；0 表示尚无事件",
    {JSON: Content({**_HEAD, "properties": {**_HEAD["properties"], "stream": _TEXT}})},
)

OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/events",
        "submit",
        "submitting",
        "Submit one signed event, or many, a line each",
        "提交一个或多个（每行一个）签名事件",
        accepts={JOSE: Content(_JWS), NDJSON: Content({"type": "string"})},
        answers={
            200: Answer("In the log before", "此前已入账", {JSON: Content(RECEIPT), NDJSON: Content(_TEXT)}),
            201: Answer("Recorded", "已入账", {JSON: Content(RECEIPT), NDJSON: Content(_TEXT)}),
            207: Answer("A line each: receipts and problems", "每行一个回执或问题", {NDJSON: Content(_TEXT)}),
            **_REFUSED,
        },
    ),
    Operation(
        "GET",
        "/api/v1/streams/{kind}/{id}/head",
        "head",
        "submitting",
        "What the next event of a stream has to follow; of a case that the public may not see: 404",
        "事件流下一事件应衔接的版本；不公开的案件答 404",
        _STREAM,
        answers={200: _HEAD_ANSWER, 404: _REFUSED[404]},
    ),
    Operation(
        "POST",
        "/api/v1/streams/{kind}/{id}/head",
        "ask_head",
        "submitting",
        "The same of any case, for a body that signs its question",
        "同上，任何案件，由单位签名提问",
        _STREAM,
        accepts={JOSE: Content(_QUESTION)},
        answers={200: _HEAD_ANSWER, **{status: _REFUSED[status] for status in (403, 413, 415)}},
    ),
    Operation(
        "GET",
        "/api/v1/receipts/{jti}",
        "receipt",
        "submitting",
        "The receipt of an event in the log",
        "已入账事件的回执",
        (Parameter("jti", "The event's identifier", "事件标识", where="path", pattern="^[0-9a-f-]{36}$", most=36),),
        answers={200: Answer("The receipt", "回执", {JSON: Content(_ASKED)})},
    ),
    Operation(
        "POST",
        "/api/v1/openings",
        "open",
        "sealed",
        "Look up sealed fields: recorded before it is answered",
        "查询封存内容：先记入日志，后答复",
        accepts={JOSE: Content(_JWS)},
        answers={
            201: Answer(
                "Receipt and presentations",
                "回执与出示",
                {
                    JSON: Content(
                        {
                            "type": "object",
                            "required": ["receipt", "presentations"],
                            "properties": {"receipt": RECEIPT, "presentations": {"type": "array", "items": _TEXT}},
                        }
                    )
                },
            ),
            **_REFUSED,
        },
    ),
    Operation(
        "POST",
        "/api/v1/lookups",
        "lookups",
        "sealed",
        "Who looked up my sealed fields",
        "谁查询过我的封存内容",
        accepts={SD_JWT: Content(_TEXT), JOSE: Content(_TEXT)},
        answers={
            200: Answer(
                "Look-ups and erasures",
                "查询与抹除",
                {
                    JSON: Content(
                        {
                            "type": "object",
                            "required": ["stream", "lookups", "erasures"],
                            "properties": {
                                "stream": _TEXT,
                                "lookups": {"type": "array", "items": {"type": "object"}},
                                "erasures": {"type": "array", "items": {"type": "object"}},
                            },
                        }
                    )
                },
            ),
            429: Answer("Too many of these from this address", "该地址的此类请求过多", _PROBLEM),
            **_REFUSED,
        },
    ),
)
