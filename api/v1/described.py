"""Lists, exports and single rows of every resource, described: made of the table of resources and nothing else.

Holders of the auditors' token are answered from a longer listing of some resources: their rows, filters and orders
stand beside the public's, and say so.

>>> from api.v1.resources import RESOURCES
>>> [operation.path for operation in operations_of(RESOURCES["duties"])]
['/api/v1/duties', '/api/v1/duties.csv', '/api/v1/duties.jsonl']
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from api.v1 import examples
from api.v1.asked import paging
from api.v1.operations import (
    AS_OF,
    CSV,
    ETAG,
    JSON,
    JSONL,
    NOT_CHANGED,
    Answer,
    Content,
    Operation,
    Parameter,
    told,
)
from api.v1.resources import Resource
from projections.views.listing import MOST, Column, Listing

_MOVED = Answer(
    "Another body answers for it: Location says which",
    "由另一单位承继，见 Location",
    headers={"Location": told("Address of that body", "该单位的地址")},
)
_FILE = {
    "Content-Disposition": told(
        "A name for the file: resource, day, log entries contained", "文件名：资源、日期、所含日志条数"
    )
}
_MEDIA = {"csv": CSV, "jsonl": JSONL}


def operations_of(resource: Resource) -> Iterator[Operation]:
    """List, exports and single row of a resource."""
    base, name, filters = f"/api/v1/{resource.name}", resource.name, tuple(_filters(resource))

    def operation(suffix: str, parameters: tuple[Parameter, ...], en: str, zh: str, answer: Answer) -> Operation:
        label = name + suffix.replace("/{id}", ".one")
        token = "only" if resource.closed else "more" if resource.auditors else ""
        answer = replace(answer, headers={**ETAG, **answer.headers})
        answers = {304: NOT_CHANGED, 200: answer, **({308: _MOVED} if resource.moved and "{" in suffix else {})}
        return Operation("GET", base + suffix, label, name, en, zh, parameters, answers=answers, auditors=token)

    page = {JSON: Content(_page_schema(resource), examples.PAGES.get(name))}
    link = {"Link": told("The next page, if there is one", "下一页（如有）")}
    parameters = (*filters, *_paging(resource), AS_OF)
    yield operation("", parameters, resource.en, resource.zh, Answer("A page of the list", "列表的一页", page, link))
    for form, media in _MEDIA.items():
        en, zh = f"{resource.en}: all rows as {form.upper()}", f"{resource.zh}：全部行（{form.upper()}）"
        file = {media: Content({"type": "string"}, examples.FILES.get(name, {}).get(form))}
        yield operation(f".{form}", (*filters, AS_OF), en, zh, Answer("All rows", "全部行", file, _FILE))
    if resource.single:
        own = Parameter("id", "Its id", "标识", most=200, where="path", example=examples.id_of(resource))
        one = Answer("The row", "该行", {JSON: Content(_one_schema(resource), examples.one_of(resource))})
        yield operation("/{id}", (own, AS_OF), f"{resource.en}: one", f"{resource.zh}：单条", one)


def _filters(resource: Resource) -> Iterator[Parameter]:
    """The public's filters, then those that only the auditors' token allows; where it is closed, all that there are."""
    yield from (known := tuple(resource.filters(auditor=resource.closed)))
    names = {parameter.name for parameter in known}
    for parameter in resource.filters(auditor=True) if resource.auditors else ():
        if parameter.name not in names:
            yield replace(
                parameter, en=f"{parameter.en}; with the auditors' token", zh=f"{parameter.zh}（须凭审计令牌）"
            )


def _paging(resource: Resource) -> Iterator[Parameter]:
    """The parameters of a page, with the orders and facets of both listings."""
    longer = {p.name: p for p in paging(resource.listing(auditor=True))}
    for parameter in paging(resource.public):
        more = [code for code in longer[parameter.name].codes if code not in parameter.codes]
        if more:
            known = ", ".join(more)
            en, zh = f"; with the auditors' token alone: {known}", f"；须凭审计令牌：{known}"
            codes = *parameter.codes, *more
            yield replace(parameter, en=parameter.en + en, zh=parameter.zh + zh, codes=codes)
        else:
            yield parameter


def _page_schema(resource: Resource) -> dict[str, Any]:
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
            "items": {"type": "array", "maxItems": MOST, "items": _row_of(resource)},
            "next": {"type": ["string", "null"], "description": told("Pass it as after", "作为 after 传入以续页")},
            **_moment_schema(),
            "facets": {"type": "object", "properties": dict.fromkeys(resource.listing(auditor=True).facets, counts)},
        },
    }


def _one_schema(resource: Resource) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["item", "size", "on", "checkpoint", "labels"],
        "properties": {"item": _row_of(resource), **_moment_schema()},
    }


def _moment_schema() -> dict[str, Any]:
    return {
        "size": {"type": "integer", "minimum": 0, "description": told("Log entries contained", "所含日志条数")},
        "on": {"type": "string", "format": "date", "description": told("Day it is of", "所属日期")},
        "checkpoint": {"$ref": "#/components/schemas/Checkpoint"},
        "labels": {"$ref": "#/components/schemas/Labels"},
    }


def _row_of(resource: Resource) -> dict[str, Any]:
    """A row: as the public gets it, or (where that is another) as holders of the auditors' token do."""
    if resource.auditors is None:
        return row_schema(resource.public)
    longer = {**row_schema(resource.auditors), "description": told("With the auditors' token", "凭审计令牌")}
    return {"anyOf": [row_schema(resource.public), longer]}


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
