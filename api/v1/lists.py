"""Lists, exports and single rows of every resource: ``/api/v1/<resource>[.json|.csv|.jsonl]``, ``…/<id>[.json]``.

A page is an object: ``items``, ``next`` (what to pass as ``after``; null: this was the last), ``size`` and ``on`` (how
many entries of the log it contains, and which day it is of), ``checkpoint`` (the root hash of the log at that size, so
that a page can be held against a signed checkpoint), ``facets`` with counts, ``labels`` with the words of the codes in
it. An export has all rows, in the usual order, and is bounded in time. A body that another answers for is redirected
to it (308, RFC 9110 §15.4.9), at a moment at which it did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import moments, problems
from api.access import is_auditor
from api.answers import PRIVATE, PUBLIC, Finished, Sent, finished, matches, tag
from api.v1 import formats
from api.v1.asked import Asked, asked_of, values_of
from api.v1.exports import Stream
from api.v1.operations import AS_OF, JSON
from api.v1.resources import Resource
from ledger.errors import FormatError, NotFoundError
from projections.reading import Moment, Reading
from projections.views import counting
from projections.views import listing as views
from projections.views.listing import Listing

Make = Callable[[], Finished]
_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What answers for one resource."""

    resource: Resource

    def routes(self) -> list[Route]:
        """Its addresses."""
        base, name = f"/api/v1/{self.resource.name}", self.resource.name
        found = [
            Route(f"{base}.csv", self.csv, name=f"{name}.csv"),
            Route(f"{base}.jsonl", self.jsonl, name=f"{name}.jsonl"),
            Route(f"{base}.json", self.page, name=name),
            Route(base, self.page, name=name),
        ]
        one = [Route(f"{base}/{{id:path}}{suffix}", self.one, name=name) for suffix in (".json", "")]
        return found + one if self.resource.single else found

    async def page(self, request: Request) -> Response:
        """``GET /api/v1/<resource>``."""
        return await answered(request, partial(_page, request, self.resource))

    async def one(self, request: Request) -> Response:
        """``GET /api/v1/<resource>/<id>``."""
        return await answered(request, partial(_one, request, self.resource))

    async def csv(self, request: Request) -> Response:
        """``GET /api/v1/<resource>.csv``."""
        return await self._export(request, "csv")

    async def jsonl(self, request: Request) -> Response:
        """``GET /api/v1/<resource>.jsonl``."""
        return await self._export(request, "jsonl")

    async def _export(self, request: Request, form: str) -> Response:
        if wrong := wrong_token(request):
            return wrong
        found: Response = await request.app.state.readers.run(_export, request, self.resource, form)
        return found


async def answered(request: Request, make: Make) -> Response:
    """The answer that ``make`` gives: for everybody from what is kept, for holders of the token made for them."""
    if wrong := wrong_token(request):
        return wrong
    if "authorization" in request.headers:
        answer: Finished = await request.app.state.readers.run(make)
        return Sent(replace(answer, headers={**answer.headers, **(PRIVATE if is_auditor(request) else {})}))
    key = request.scope["path"], request.scope["query_string"]
    return Sent(await request.app.state.answers.of(key, make))


def wrong_token(request: Request) -> Response | None:
    """The answer to a bearer token that is not the auditors': better than showing less than was asked for."""
    if not request.headers.get("authorization", "").lower().startswith("bearer ") or is_auditor(request):
        return None
    headers = {**PRIVATE, "www-authenticate": 'Bearer realm="auditors", error="invalid_token"'}
    return problems.plain(401, "token", "This token is not the auditors'", "令牌不是审计令牌", headers)


def as_json(request: Request, data: Mapping[str, Any], **headers: str) -> Finished:
    """An answer in JSON, for everybody unless :func:`answered` says otherwise."""
    body = orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE)
    return finished(body, JSON, {**PUBLIC, **headers}, request.scope.get("endpoint"))


# --- lists ------------------------------------------------------------------------------------------------------


def _page(request: Request, resource: Resource) -> Finished:
    auditor = is_auditor(request)
    asked = asked_of(request, resource, auditor=auditor, page=True)
    listing, reading = resource.listing(auditor=auditor), moments.reading(request)
    now = moments.moment(request, *listing.reads)
    _check_cursor(asked, listing, now, dated="as_of" in request.query_params)
    page = views.page(
        reading, listing, now, filters=asked.filters, order=asked.order, after=asked.after, limit=asked.limit
    )
    facets = counting.facets(reading, listing, page.moment, asked.facets, asked.filters)
    data: dict[str, Any] = {"items": page.rows, "next": page.next, **_told(request, page.moment)}
    if facets:
        data["facets"] = {n: [{"value": v, "count": c} for v, c in counts.items()] for n, counts in facets.items()}
    data["labels"] = _labels(resource, page.rows, facets)
    return as_json(request, data, **_link(request, page.next))


def _check_cursor(asked: Asked, listing: Listing, now: Moment, *, dated: bool) -> None:
    """A cursor is for the list that gave it, and says itself of when it is and in which order.

    ``dated``: the request says of when, too. Raises FormatError where that is another moment.
    """
    if asked.after is None:
        return
    cursor = views.Cursor.parse(asked.after, listing)
    if dated and (cursor.on != now.on or cursor.size > now.size):
        raise FormatError(
            f"as_of: expected that of the first page, {cursor.on} at {cursor.size} log entries, or none",
            f"as_of：应与首页相同（{cursor.on}，{cursor.size} 条日志），或不给出",
        )
    if cursor.on > now.today or (cursor.size > now.size and now.on == now.today):
        raise NotFoundError(
            f"after: this page is of {cursor.size} log entries, here are {now.size}",
            f"after：该续页属于 {cursor.size} 条日志的时点，此处为 {now.size} 条",
        )


def _link(request: Request, after: str | None) -> dict[str, str]:
    """The next page's address as a header (RFC 8288)."""
    if after is None:
        return {}
    query = urlencode({**request.query_params, "after": after})
    return {"link": f'<{request.url.path}?{query}>; rel="next"'}


def _told(request: Request, moment: Moment) -> dict[str, Any]:
    root = request.app.state.roots.at(moment.size)
    return {"size": moment.size, "on": moment.on, "checkpoint": {"size": moment.size, "root": root}}


def _labels(
    resource: Resource, rows: Sequence[Mapping[str, Any]], facets: Mapping[str, Mapping[str | None, int]]
) -> Any:
    """The words of the codes that an answer holds, by column."""
    found: dict[str, dict[str, Any]] = {}
    for name, words in resource.codes.items():
        values = {value for row in rows for value in _values(row.get(name))} | set(facets.get(name, ()))
        if labels := {code: word._asdict() for code, word in words.items() if code in values}:
            found[name] = labels
    return found


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        yield from value
    elif value is not None:
        yield value


# --- single rows ------------------------------------------------------------------------------------------------


def _one(request: Request, resource: Resource) -> Finished:
    values_of(request, (AS_OF,))
    listing = resource.listing(auditor=is_auditor(request))
    reading, own = moments.reading(request), resource.prefix + str(request.path_params["id"])
    moment = moments.moment(request, *listing.reads)
    row = views.one(reading, listing, moment, own) if _may_be(listing, own) else None
    if row is None:
        raise NotFoundError(
            f"{resource.name}: there is none with this id at this moment", f"{resource.zh}：此时点没有该标识的记录"
        )
    moved = resource.moved(reading, moment, own) if resource.moved else own
    if moved != own:
        return _redirect(request, resource, moved)
    return as_json(request, {"item": row, **_told(request, moment), "labels": _labels(resource, [row], {})})


def _may_be(listing: Listing, own: str) -> bool:
    """Whether an id can be one at all: the database is not asked what it cannot read."""
    if listing.column(listing.key).type is int:
        return own.isascii() and own.isdigit() and len(own) <= _DIGITS
    return len(own) <= 200 and own.isprintable()


def _redirect(request: Request, resource: Resource, own: str) -> Finished:
    suffix = ".json" if request.url.path.endswith(".json") else ""
    query = f"?{request.url.query}" if request.url.query else ""
    where = f"/api/v1/{resource.name}/{quote(own.removeprefix(resource.prefix), safe='')}{suffix}{query}"
    return Finished(b"", {**PUBLIC, "location": where}, "", 308, request.scope.get("endpoint"))


# --- exports ----------------------------------------------------------------------------------------------------


def _export(request: Request, resource: Resource, form: str) -> Response:
    auditor = is_auditor(request)
    asked = asked_of(request, resource, auditor=auditor, page=False)
    reading = moments.reading(request)
    position = reading.position()  # first: what is read later is at least as new
    moment = moments.moment(request, *resource.listing(auditor=auditor).reads)
    # The bytes of a file that was not read yet follow from its address, its moment and what may be shown now.
    said = (request.url.path, request.url.query, moment, position, auditor, formats.VERSION)
    headers = {
        **(PRIVATE if auditor else PUBLIC),
        "etag": tag(repr(said).encode()),
        "content-disposition": f'attachment; filename="{resource.name}-{moment.on}-{moment.size}.{form}"',
    }
    if matches(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(b"", 304, headers)
    pieces = partial(exported, reading, resource, moment, form, asked.filters, auditor=auditor)
    return Stream(pieces, request.app.state.exports, formats.MEDIA[form], headers)


def exported(
    reading: Reading,
    resource: Resource,
    moment: Moment,
    form: str,
    filters: Mapping[str, Any] | None = None,
    *,
    auditor: bool = False,
) -> Iterator[bytes]:
    """All rows of a resource at a moment, as the bytes of a file (``csv`` or ``jsonl``), in pieces."""
    longer = resource.export
    listing = longer.listing if longer else resource.listing(auditor=auditor)
    columns = longer.columns if longer else tuple(column.name for column in listing.columns)
    with views.export(reading, listing, moment, filters) as rows:
        told = map(longer.row, rows) if longer else rows
        yield from formats.csv_of(told, columns) if form == "csv" else formats.jsonl_of(told)
