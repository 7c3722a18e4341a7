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
from datetime import date
from functools import cache
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import search
from api.answers import PUBLIC, Sent, finished
from api.render import page as render_page
from api.screening import routes as screening_routes
from api.v1 import examples, formats, snapshot, submitting, supervising
from api.v1.asked import paging
from api.v1.operations import (
    AS_OF,
    CSV,
    JSON,
    JSONL,
    PROBLEM,
    Answer,
    Content,
    Operation,
    Parameter,
    told,
)
from api.v1.resources import RESOURCES, Resource
from api.webhooks import routes as webhooks
from projections.views.listing import MOST, Column, Listing

DECLARED: tuple[tuple[Operation, ...], ...] = (
    submitting.OPERATIONS,
    snapshot.OPERATIONS,
    search.OPERATIONS,
    webhooks.OPERATIONS,
    screening_routes.OPERATIONS,
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
    for resource in RESOURCES.values():
        yield from _of(resource)
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
        "components": {
            "schemas": {"Problem": _PROBLEM, "Checkpoint": _CHECKPOINT, "Labels": _LABELS},
            "securitySchemes": {
                "auditor": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": told("The auditors' token, made by jiannuo init", "jiannuo init 生成的审计令牌"),
                }
            },
        },
    }


# --- one operation ----------------------------------------------------------------------------------------------


def _described(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": told(operation.en, operation.zh),
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "responses": {
            **{str(status): _answer(answer) for status, answer in operation.answers.items()},
            **{str(status): _problem(status) for status in _wrong(operation) if status not in operation.answers},
        },
        "security": {"": [], "more": [{}, {"auditor": []}], "only": [{"auditor": []}]}[operation.auditors],
    }
    if operation.accepts:
        found["requestBody"] = {"required": True, "content": _content(operation.accepts)}
    return found


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


def _answer(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = {"description": told(answer.en, answer.zh)}
    if answer.content:
        found["content"] = _content(answer.content)
    if answer.headers:
        found["headers"] = {
            name: {"description": text, "schema": {"type": "string"}} for name, text in answer.headers.items()
        }
    return found


def _content(content: Mapping[str, Content]) -> dict[str, Any]:
    return {
        media: {"schema": dict(c.schema), **({"example": c.example} if c.example is not None else {})}
        for media, c in content.items()
    }


def _problem(status: int) -> dict[str, Any]:
    en, zh = _WRONG[status]
    return {
        "description": told(en, zh),
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


# --- resources --------------------------------------------------------------------------------------------------

_NOT_CHANGED = Answer("Nothing has changed since the ETag that was given", "自所给 ETag 以来没有变化")
_MOVED = Answer(
    "Another body answers for it: Location says which",
    "由另一单位承继，见 Location",
    headers={"Location": told("Address of that body", "该单位的地址")},
)
_FILES = {"csv": {CSV: Content({"type": "string"})}, "jsonl": {JSONL: Content({"type": "string"})}}
_ETAG = {"ETag": told("Strong ETag of the bytes", "字节的强 ETag")}


def _of(resource: Resource) -> Iterator[Operation]:
    """List, exports and single row of a resource, as the public sees it."""
    base, name, listing = f"/api/v1/{resource.name}", resource.name, resource.public
    token = "more" if resource.auditors else ""
    filters = tuple(resource.filters())
    example = examples.PAGES.get(name)
    page = {JSON: Content(_page_schema(listing), example)}
    item = {JSON: Content(_one_schema(listing))}

    def operation(
        suffix: str, parameters: tuple[Parameter, ...], en: str, zh: str, answers: Mapping[int, Answer]
    ) -> Operation:
        label = name + suffix.replace("/{id}", ".one")
        answers = {304: _NOT_CHANGED, **answers}
        return Operation("GET", base + suffix, label, name, en, zh, parameters, answers=answers, auditors=token)

    headers = {**_ETAG, "Link": told("The next page", "下一页")}
    yield operation(
        "",
        (*filters, *paging(listing), AS_OF),
        resource.en,
        resource.zh,
        {200: Answer("A page of the list", "列表的一页", page, headers)},
    )
    for form, content in _FILES.items():
        en, zh = f"{resource.en}: all rows as {form.upper()}", f"{resource.zh}：全部行（{form.upper()}）"
        yield operation(f".{form}", (*filters, AS_OF), en, zh, {200: Answer("All rows", "全部行", content, _ETAG)})
    if resource.single:
        found = {200: Answer("The row", "该行", item, _ETAG), **({308: _MOVED} if resource.moved else {})}
        own = Parameter("id", "Its id", "标识", most=200, where="path", example=examples.id_of(resource))
        yield operation("/{id}", (own, AS_OF), f"{resource.en}: one", f"{resource.zh}：单条", found)


def _page_schema(listing: Listing) -> dict[str, Any]:
    counts = {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["value", "count"],
            "properties": {"value": {"type": ["string", "boolean", "null"]}, "count": {"type": "integer"}},
        },
    }
    return {
        "type": "object",
        "required": ["items", "next", "size", "on", "checkpoint", "labels"],
        "properties": {
            "items": {"type": "array", "maxItems": MOST, "items": row_schema(listing)},
            "next": {"type": ["string", "null"], "description": told("Pass it as after", "作为 after 传入以续页")},
            **_moment_schema(),
            "facets": {"type": "object", "properties": dict.fromkeys(listing.facets, counts)},
        },
    }


def _one_schema(listing: Listing) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["item", "size", "on", "checkpoint", "labels"],
        "properties": {"item": row_schema(listing), **_moment_schema()},
    }


def _moment_schema() -> dict[str, Any]:
    return {
        "size": {"type": "integer", "minimum": 0, "description": told("Log entries contained", "所含日志条数")},
        "on": {"type": "string", "format": "date", "description": told("Day it is of", "所属日期")},
        "checkpoint": {"$ref": "#/components/schemas/Checkpoint"},
        "labels": {"$ref": "#/components/schemas/Labels"},
    }


def row_schema(listing: Listing) -> dict[str, Any]:
    """A row of a listing as JSON Schema."""
    return {
        "type": "object",
        "required": [column.name for column in listing.columns],
        "additionalProperties": False,
        "properties": {column.name: _column(column) for column in listing.columns},
    }


_JSON_TYPES = {str: "string", int: "integer", bool: "boolean", date: "string", tuple: "array", dict: "object"}


def _column(column: Column) -> dict[str, Any]:
    kind = _JSON_TYPES[column.type]
    found: dict[str, Any] = {
        "type": [kind, "null"] if column.optional else kind,
        "description": told(column.en, column.zh),
    }
    if column.type is date:
        found["format"] = "date"
    return found


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
            200: Answer("OpenAPI 3.1", "OpenAPI 3.1", {JSON: Content({"type": "object"})}, _ETAG),
            304: _NOT_CHANGED,
        },
    ),
)
routes = [Route("/api/v1/openapi.json", described), Route("/api/v1", listed)]
