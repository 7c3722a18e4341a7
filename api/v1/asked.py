"""What a request asks of a list: filters, order, place, number of rows, facets. What cannot be meant is refused.

>>> values = {"area": "ppp", "limit": "10"}
>>> value_of(Parameter("area", "Area", "领域", codes=("ppp", "tendering")), values["area"])
'ppp'
>>> value_of(Parameter("limit", "Rows", "行数", int, least=1, most=500), "501")  # doctest: +ELLIPSIS
Traceback (most recent call last):
ledger.errors.FormatError: limit: expected a whole number from 1 to 500, got '501' | ...
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request

from api.v1.operations import AS_OF, MANY, Parameter
from api.v1.resources import Resource
from ledger.errors import FormatError
from projections.views.listing import LONGEST_CURSOR, MOST, PAGE, Listing

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NUMBER = re.compile("0|[1-9][0-9]{0,14}")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a list; ``facets`` are the columns to be counted."""

    filters: Mapping[str, Any]
    order: str | None
    after: str | None
    limit: int
    facets: tuple[str, ...]


def paging(listing: Listing) -> tuple[Parameter, ...]:
    """The parameters of a page beside its filters."""
    return (
        Parameter("order", "Order of the rows", "排序", codes=tuple(listing.orders)),
        Parameter("limit", "Rows of the page", "每页行数", int, least=1, most=MOST, example=PAGE),
        Parameter(
            "after",
            "Where to go on: what the page before gave as next; moment and order stay those of the first page",
            "续页标记：上一页给出的 next；时点与排序沿用首页",
            pattern="^[A-Za-z0-9_-]+$",
            most=LONGEST_CURSOR,
        ),
        *(
            [Parameter("facets", "Columns whose values are counted", "分面计数的列", codes=listing.facets, many=True)]
            if listing.facets
            else []
        ),
    )


def asked_of(request: Request, resource: Resource, *, auditor: bool, page: bool) -> Asked:
    """What a request asks of a resource's list, or (``page=False``) of its export. Raises FormatError."""
    filters = list(resource.filters(auditor=auditor))
    listing = resource.listing(auditor=auditor)
    values = values_of(request, (AS_OF, *filters, *(paging(listing) if page else ())))
    return Asked(
        {p.name: values[p.name] for p in filters if p.name in values},
        values.get("order"),
        values.get("after"),
        values.get("limit", PAGE),
        tuple(dict.fromkeys(values.get("facets", ()))),
    )


def values_of(request: Request, known: Iterable[Parameter]) -> dict[str, Any]:
    """The values of a query by parameter. Raises FormatError for one that is unknown, given twice or no value of it."""
    parameters = {parameter.name: parameter for parameter in known}
    found: dict[str, Any] = {}
    for name, text in request.query_params.multi_items():
        if name not in parameters:
            raise _unknown(name, parameters)
        if name in found:
            raise FormatError(f"{name}: expected one value, got several", f"{name}：应只有一个值，实为多个")
        found[name] = value_of(parameters[name], text)
    for name, parameter in parameters.items():
        if parameter.required and name not in found:
            raise FormatError(f"{name}: expected a value, got none", f"{name}：必须给出")
    return found


def value_of(parameter: Parameter, text: str) -> Any:
    """The value in a text; several are separated by commas. Raises FormatError."""
    if parameter.many:
        parts = text.split(",", MANY)
        if len(parts) > MANY:
            raise _wrong(parameter, f"at most {MANY} values", f"至多 {MANY} 个值", text)
        return [_one(parameter, part) for part in parts]
    return _one(parameter, text)


def _one(parameter: Parameter, text: str) -> Any:
    if parameter.codes:
        if text not in parameter.codes:
            known = ", ".join(parameter.codes)
            raise _wrong(parameter, f"one of {known}", f" {known} 之一", text)
        return str(text)
    if parameter.type is bool:
        if text not in {"true", "false"}:
            raise _wrong(parameter, "true or false", " true 或 false", text)
        return text == "true"
    if parameter.type is int:
        most = parameter.most or 10**15 - 1
        if not _NUMBER.fullmatch(text) or not parameter.least <= int(text) <= most:
            least = parameter.least
            raise _wrong(parameter, f"a whole number from {least} to {most}", f" {least} 至 {most} 的整数", text)
        return int(text)
    return _day(parameter, text) if parameter.type is date else _text(parameter, text)


def _day(parameter: Parameter, text: str) -> date:
    try:
        if _DAY.fullmatch(text) and text.isascii():
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _wrong(parameter, "a day as YYYY-MM-DD", "日期（YYYY-MM-DD）", text)


def _text(parameter: Parameter, text: str) -> str:
    most = parameter.most or 200
    if not text or len(text) > most or _CONTROL.search(text):
        raise _wrong(parameter, f"1 to {most} characters", f" 1 至 {most} 个字符", text)
    if parameter.pattern and not re.search(parameter.pattern, text):
        raise _wrong(parameter, f"a value like {parameter.pattern}", f"符合 {parameter.pattern} 的值", text)
    return text


def _wrong(parameter: Parameter, en: str, zh: str, got: str) -> FormatError:
    shown = ascii(got[:40])
    return FormatError(f"{parameter.name}: expected {en}, got {shown}", f"{parameter.name}：应为{zh}，实为 {shown}")


def _unknown(name: str, known: Iterable[str]) -> FormatError:
    names = ", ".join(known) or "none"
    return FormatError(
        f"query: expected no parameter but {names}, got {name[:40]!a}",
        f"查询：只应有参数 {names}，多出 {name[:40]!a}",
    )
