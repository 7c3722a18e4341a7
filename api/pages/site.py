"""The site: pages for people, each also as JSON at the same address with ``.json`` (the front page's is /index.json).

    /                     what this is, search, counts, the newest commitments, how to check
    /search               ?q= &kind=
    /bodies               and /bodies/<id>                       api/pages/bodies.py
    /commitments          and /commitments/<id>                  api/pages/commitments.py
    /records              and /records/<id>; /penalties, /takedowns        api/pages/records.py
    /statistics           by month, region, area                 api/pages/statistics.py
    /cases                and /cases/<kind>/<id>                 api/pages/cases.py
    /events               and /events/<index>                    api/pages/events.py

Every page takes ``as_of``, a day or the index of a log entry, and says of which moment it is (api/moments.py). Pages
are whole without JavaScript. docs/site.md tells what stands where.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import query
from api.access import is_auditor
from api.answers import PRIVATE, Finished, Sent, finished
from api.moments import moment, reading
from api.pages import bodies as body_pages
from api.pages import cases as case_pages
from api.pages import commitments as commitment_pages
from api.pages import events as event_pages
from api.pages import offline as offline_pages
from api.pages import records as record_pages
from api.pages import search as search_pages
from api.pages import statistics as statistics_pages
from api.pages.lists import coded
from api.render import Data, page, respond_at
from api.v1.lists import answered, wrong_token
from ledger.domain.body_terms import Status
from ledger.domain.commitment_terms import Area
from ledger.domain.record.terms import Severity
from ledger.witnesses.witnessed import Witnessed
from projections.views import listing as views
from projections.views import penalties, records
from projections.views.bodies import BODIES
from projections.views.commitments import COMMITMENTS
from projections.views.counting import facets
from projections.views.names import called

NEWEST = 10
Page = Callable[[Request], Response]
PAGES: Mapping[str, Page] = {
    "/search": search_pages.search,
    "/bodies": body_pages.bodies,
    "/bodies/{id}": body_pages.body,
    "/commitments": commitment_pages.commitments,
    "/commitments/{id}": commitment_pages.commitment,
    "/records": record_pages.records_list,
    "/records/{id}": record_pages.record,
    "/penalties": record_pages.penalties_list,
    "/takedowns": record_pages.takedowns_list,
    "/statistics": statistics_pages.statistics,
    "/cases": case_pages.cases,
    "/cases/{kind}/{id}": case_pages.case,
    "/events": event_pages.events,
    "/events/{index:int}": event_pages.event,
}

FROM_THE_LOG = frozenset({commitment_pages.commitment, case_pages.case, event_pages.event})
"""Pages that are folded from the log itself, which may be ahead of the projections: made anew each time."""


def router() -> APIRouter:
    """The routes of the site."""
    found = APIRouter()
    for path in ("/", "/index.json"):
        found.add_route(path, _endpoint(home, kept=False))
    found.add_route("/events/{index:int}.jws", event_pages.signed_bytes)
    found.routes.extend(offline_pages.routes)
    for path, shown in PAGES.items():
        endpoint = _endpoint(shown, kept=shown not in FROM_THE_LOG)
        found.add_route(f"{path}.json", endpoint)  # before the page, whose {id} would take it
        found.add_route(path, endpoint)
    return found


def _endpoint(shown: Page, *, kept: bool) -> Callable[[Request], Awaitable[Response]]:
    """What answers at an address: the page, made in a reader's thread, with its ETag; where it may be ``kept``, out of
    what is kept (api/answers.py). What carries the auditors' token never is.
    """

    async def endpoint(request: Request) -> Response:
        make = partial(_finished, shown, request)
        if kept and "authorization" not in request.headers:
            return await answered(request, make)
        wrong = wrong_token(request)
        if wrong:
            return wrong
        answer: Finished = await request.app.state.readers.run(make)
        return Sent(replace(answer, headers={**answer.headers, **PRIVATE}) if is_auditor(request) else answer)

    endpoint.__name__ = shown.__name__  # what the log and the metrics call it
    return endpoint


def _finished(shown: Page, request: Request) -> Finished:
    answer = shown(request)
    headers = {k: v for k, v in answer.headers.items() if k not in {"content-type", "content-length"}}
    kind = answer.headers.get("content-type", "text/plain")
    return finished(bytes(answer.body), kind, {**headers, "vary": "Authorization"}, shown, answer.status_code)


def error_page(request: Request, status: int, en: str, zh: str) -> Response:
    """The page for an error, in both languages."""
    return page(request, "error.html", {"status": status, "en": en, "zh": zh}, status=status)


def home(request: Request) -> Response:
    """``GET /``."""
    ledger, read = query.ledger(request), reading(request)
    at = moment(request, *BODIES.reads, *COMMITMENTS.reads, *records.PUBLIC.reads)
    newest = views.page(read, COMMITMENTS, at, limit=NEWEST).rows
    names = called(read, at, (row["promiser"] for row in newest))
    checkpoint = ledger.checkpoint()
    data = {
        "log": {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()},
        "witnessed": _witnessed(request),
        "bodies": _counted(Status, facets(read, BODIES, at, ["status"])["status"]),
        "commitments": _counted(Area, facets(read, COMMITMENTS, at, ["area"])["area"]),
        "records": _counted(Severity, facets(read, records.PUBLIC, at, ["severity"])["severity"]),
        "penalties_in_force": views.count(read, penalties.PUBLIC, at, {"in_force": True}),
        "newest": [commitment_pages.item(row, names) for row in newest],
    }
    return respond_at(request, at, "home.html", data)


def _witnessed(request: Request) -> Data | None:
    """How far the log is witnessed and by whom; None where the ledger has no witness policy."""
    witnessed: Witnessed = request.app.state.witnessed
    if witnessed.policy is None:
        return None
    size, names = witnessed.by()
    # Names are opaque bytes in a policy, and text here.
    return {"size": size, "by": [name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for name in names]}


def _counted(codes: type[StrEnum], counts: Mapping[str | None, int]) -> list[Data]:
    words: Mapping[str, Any] = coded(codes)
    return [{"code": c, **w._asdict(), "count": counts[c]} for c, w in words.items() if c in counts]
