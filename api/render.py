"""From plain data to an answer: JSON where the address ends in ``.json``, else the page that a template makes of it.

Templates escape everything, know no undefined name, and load nothing from elsewhere; the answer's policy forbids
scripts altogether, so that a title which is markup stays a title.

>>> str(moment("2026-11-21T03:37:37.123Z"))[:67]
'<time datetime="2026-11-21T03:37:37.123Z">2026-11-21 11:37:37（北京时间）'
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

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


def respond(request: Request, template: str, data: Data, **for_people: Any) -> Response:
    """``data`` as JSON or as a page; ``for_people`` is what only the page needs, such as the choices of a form."""
    if request.url.path.endswith(".json"):
        body = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        return Response(body, media_type="application/json", headers=HEADERS)
    return page(request, template, {**data, **for_people})


def page(request: Request, template: str, data: Data, status: int = 200) -> Response:
    """The page that a template makes of ``data``."""
    path, query = request.url.path, request.url.query
    address = ("/index.json" if path == "/" else f"{path}.json") + (f"?{query}" if query else "")
    json = address if status == 200 else None
    text = _TEMPLATES.get_template(template).render(data, path=path, json=json)
    return HTMLResponse(text, status, headers=HEADERS)
