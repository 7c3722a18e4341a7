"""From plain data to an answer: JSON where the address ends in ``.json``, else the page that a template makes of it.

Templates escape everything, know no undefined name, and load nothing from elsewhere; the answer's policy forbids
scripts altogether, so that a title which is markup stays a title. Pages that check (:data:`CHECKING`) may run the
site's own scripts, none that stands in the page, and none that makes markup of text.

>>> str(moment("2026-11-21T03:37:37.123Z"))[:67]
'<time datetime="2026-11-21T03:37:37.123Z">2026-11-21 11:37:37（北京时间）'
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from projections.reading import Moment

Data = dict[str, Any]

HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
CHECKING = {
    **HEADERS,
    "content-security-policy": (
        f"{HEADERS['content-security-policy']}; script-src 'self'; connect-src 'self'; "
        "require-trusted-types-for 'script'"
    ),
}
"""The headers of a page with the button that checks (api/static/check-page.js)."""
_CHINA = timezone(timedelta(hours=8))


def moment(time: str) -> Markup:
    """A time in UTC (RFC 3339) as people in China read it, with UTC beside."""
    at = datetime.fromisoformat(time)
    return Markup(
        '<time datetime="{}">{:%Y-%m-%d %H:%M:%S}（北京时间）'
        '<span class="utc" lang="en">{:%Y-%m-%d %H:%M:%S} UTC</span></time>'
    ).format(time, at.astimezone(_CHINA), at)


def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["moment"] = moment
    found.filters["segment"] = lambda text: quote(str(text), safe="")
    return found


_TEMPLATES = _environment()


def respond(
    request: Request, template: str, data: Data, headers: Mapping[str, str] = HEADERS, /, **for_people: Any
) -> Response:
    """``data`` as JSON or as a page; ``for_people`` is what only the page needs, such as the choices of a form."""
    if request.url.path.endswith(".json"):
        return as_json(data)
    return page(request, template, {**data, **for_people}, headers=headers)


def respond_at(
    request: Request,
    at: Moment,
    template: str,
    data: Data,
    headers: Mapping[str, str] = HEADERS,
    /,
    **for_people: Any,
) -> Response:
    """As :func:`respond`, of a moment: data and page say which one, and the page has a form for another one."""
    data = {"size": at.size, "on": at.on, **data}
    asked = request.query_params.get("as_of", "").strip()
    known = {one["name"] for one in for_people.get("form", ())} | ({"order"} if "orders" in for_people else set())
    kept = [(k, v.strip()) for k, v in request.query_params.items() if k in known]
    latest = f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path
    return respond(request, template, data, headers, moment=at, asked=asked, kept=kept, latest=latest, **for_people)


def as_json(data: Data) -> Response:
    """``data`` for programs."""
    body = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return Response(body, media_type="application/json", headers=HEADERS)


def page(
    request: Request, template: str, data: Data, status: int = 200, headers: Mapping[str, str] = HEADERS
) -> Response:
    """The page that a template makes of ``data``; ``data["json"]`` where its data are not at its address with .json."""
    path, query = request.url.path, request.url.query
    address = ("/index.json" if path == "/" else f"{path}.json") + (f"?{query}" if query else "")
    json = address if status == 200 else None
    return HTMLResponse(rendered(template, {"path": path, "json": json, **data}), status, headers=dict(headers))


def rendered(template: str, data: Data) -> str:
    """The text that a template makes of ``data``."""
    return _TEMPLATES.get_template(template).render(data)
