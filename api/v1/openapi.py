"""``/api/v1/openapi.json``: the interface described in OpenAPI 3.1, made of the declarations; ``/api/v1``: as a page.

Nothing is described by hand twice: lists, exports and single rows come from the table of resources, everything else
from the OPERATIONS beside its routes (api/v1/operations.py). A module with routes under ``/api/v1`` is named in
:data:`DECLARED`.

>>> found = document()
>>> found["openapi"], found["paths"]["/api/v1/bodies"]["get"]["summary"]
('3.1.0', 'Bodies | 单位')
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import search
from api.answers import PUBLIC, Sent, finished
from api.render import page as render_page
from api.screening import described as screening
from api.v1 import formats, snapshot, submitting, supervising
from api.v1.described import operations_of
from api.v1.office import OFFICE
from api.v1.operations import (
    ETAG,
    JSON,
    NOT_CHANGED,
    PROBLEMS,
    RETRY,
    Answer,
    Content,
    Operation,
    Parameter,
    told,
)
from api.v1.resources import RESOURCES
from api.webhooks import described as webhooks

DECLARED: tuple[tuple[Operation, ...], ...] = (
    submitting.OPERATIONS,
    snapshot.OPERATIONS,
    search.OPERATIONS,
    webhooks.OPERATIONS,
    screening.OPERATIONS,
    supervising.OPERATIONS,
)
"""The operations of other modules than this one."""

_PROBLEM = {
    "type": "object",
    "description": told("What went wrong (RFC 9457)", "出错说明（RFC 9457）"),
    "required": ["type", "title", "title_zh", "status", "detail", "detail_zh"],
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "title_zh", "detail", "detail_zh")},
        "status": {"type": "integer"},
        "rule": {"type": "string", "description": told("Rule that refused it", "不予接受所依规则")},
        "source": {"type": "string", "description": told("Where the rule stands", "规则来源")},
        "head": {"type": "object", "description": told("What the event has to follow", "事件应衔接的版本")},
    },
}
_CHECKPOINT = {
    "type": "object",
    "description": told("Size and root hash of the log that the answer contains", "答复所含日志的条数与根哈希"),
    "required": ["size", "root"],
    "properties": {
        "size": {"type": "integer", "minimum": 0},
        "root": {"type": "string", "contentEncoding": "base64"},
    },
}
_LABELS = {
    "type": "object",
    "description": told("Words of the codes in the answer, by column and code", "答复中各列代码的中英文名称"),
    "additionalProperties": {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "required": ["zh", "en"],
            "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
        },
    },
}
_WRONG = {
    400: ("What is asked cannot be meant", "请求格式有误"),
    401: ("The token is not the auditors'", "令牌不是审计令牌"),
    403: ("For holders of the auditors' token alone", "仅限持有审计令牌者"),
    404: ("There is nothing like this at this moment", "此时点没有所查内容"),
    429: ("Too many requests from this address; Retry-After says when to come again", "请求过多，见 Retry-After"),
    503: ("Too busy, or the database is away; Retry-After says when to come again", "暂时不可用，见 Retry-After"),
}


def operations() -> Iterator[Operation]:
    """Everything that the interface offers, resources first."""
    for resource in (*RESOURCES.values(), *OFFICE.values()):
        yield from operations_of(resource)
    for declared in DECLARED:
        yield from declared
    yield from OPERATIONS


@cache
def document() -> dict[str, Any]:
    """The description."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations():
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "践诺 Jiannuo",
            "version": "1",
            "summary": told("Government commitments and dishonesty records", "政务承诺与政务失信记录"),
            "description": told(
                "What is public may be read by anybody, without a key. Every list is also .csv and .jsonl. "
                "`as_of` asks for any past day or log position; `size` and `checkpoint` of an answer say how much of "
                "the log it contains. Errors are problems (RFC 9457) in both languages.",
                "公开内容任何人可读，无需密钥。每个列表另有 .csv 与 .jsonl。as_of 可查任一过去日期或日志位置；"
                "答复中的 size 与 checkpoint 说明其包含多少日志。错误以中英文问题详情（RFC 9457）返回。",
            ),
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "webhooks": {name: {"post": _described(message, ours=False)} for name, message in webhooks.MESSAGES.items()},
        "components": {
            "schemas": {"Problem": _PROBLEM, "Checkpoint": _CHECKPOINT, "Labels": _LABELS},
            "securitySchemes": {
                "auditor": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": told("The auditors' token, made by jiannuo init", "jiannuo init 生成的审计令牌"),
                },
                "subscription": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": told(
                        "The subscription's token, shown once when it was made", "订阅时仅显示一次的令牌"
                    ),
                },
            },
        },
    }


# --- one operation ----------------------------------------------------------------------------------------------


def _described(operation: Operation, *, ours: bool = True) -> dict[str, Any]:
    """``ours``: we answer it, with problems where something is wrong."""
    wrong = _wrong(operation) if ours else ()
    found: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": told(operation.en, operation.zh),
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "responses": {
            **{str(status): _answer(answer, status) for status, answer in operation.answers.items()},
            **{str(status): _problem(status) for status in wrong if status not in operation.answers},
        },
        "security": _security(operation),
    }
    if operation.accepts:
        found["requestBody"] = {"required": True, "content": _content(operation.accepts)}
    return found


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.subscriber:
        return [{"subscription": []}]
    found: dict[str, list[dict[str, list[str]]]]
    found = {"": [], "more": [{}, {"auditor": []}], "only": [{"auditor": []}]}
    return found[operation.auditors]


def _wrong(operation: Operation) -> Iterator[int]:
    yield 400
    if operation.auditors:
        yield 401
    if operation.auditors == "only":
        yield 403
    if operation.method == "GET":
        yield 404
    yield from (429, 503)


def _parameter(parameter: Parameter) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.required or parameter.where == "path",
        "description": told(parameter.en, parameter.zh),
        "schema": parameter.schema(),
    }
    if parameter.many:
        found |= {"style": "form", "explode": False}
    if parameter.example is not None:
        found["example"] = parameter.example
    return found


def _answer(answer: Answer, status: int) -> dict[str, Any]:
    headers = {**(RETRY if status in {429, 503} else {}), **answer.headers}
    found: dict[str, Any] = {"description": told(answer.en, answer.zh)}
    if answer.content:
        found["content"] = _content(answer.content)
    if headers:
        found["headers"] = {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()}
    return found


def _content(content: Mapping[str, Content]) -> dict[str, Any]:
    return {
        media: {"schema": dict(c.schema), **({"example": c.example} if c.example is not None else {})}
        for media, c in content.items()
    }


def _problem(status: int) -> dict[str, Any]:
    en, zh = _WRONG[status]
    return _answer(Answer(en, zh, PROBLEMS), status)


# --- its own addresses ------------------------------------------------------------------------------------------


def described(request: Request) -> Response:
    """``GET /api/v1/openapi.json``."""
    return Sent(finished(orjson.dumps(document(), option=orjson.OPT_INDENT_2), JSON, PUBLIC))


def listed(request: Request) -> Response:
    """``GET /api/v1``: the same for people, without script."""
    groups: dict[str, list[Operation]] = {}
    for operation in operations():
        groups.setdefault(operation.tag, []).append(operation)
    data = {"groups": groups, "forms": formats.MEDIA, "json": "/api/v1/openapi.json"}
    return render_page(request, "api.html", data)


OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/openapi.json",
        "openapi",
        "description",
        "This description",
        "本接口说明",
        answers={
            200: Answer("OpenAPI 3.1", "OpenAPI 3.1", {JSON: Content({"type": "object"})}, ETAG),
            304: NOT_CHANGED,
        },
    ),
)
routes = [Route("/api/v1/openapi.json", described), Route("/api/v1", listed)]
