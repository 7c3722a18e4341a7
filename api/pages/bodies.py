"""The pages of bodies: the list, and one with how it stands, its commitments, records, penalties, names and keys.

/bodies          ?status= &kind= &region= &name= &after=     ?as_of=
/bodies/<id>     one body; 308 to the body that answers for it now, where there is another      ?as_of=
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api import query
from api.access import is_auditor
from api.moments import moment, reading
from api.pages import cases as case_pages
from api.pages import commitments as commitment_pages
from api.pages import records as record_pages
from api.pages import show
from api.pages.lists import Filter, Row, coded, shown
from api.pages.statistics import promised
from api.render import HEADERS, Data, respond_at
from ledger.domain import codec
from ledger.domain.body import Body
from ledger.domain.body_terms import Kind, Status
from ledger.domain.kinds import fold
from ledger.domain.record.terms import Severity
from projections.disclosure import Audience
from projections.reading import Moment
from projections.views import penalties, records, status
from projections.views.bodies import BODIES
from projections.views.commitments import COMMITMENTS
from projections.views.listing import Listing, page
from projections.views.names import answering, called, names_of
from projections.views.standings import parts

_ID = re.compile(codec.BODY_PATTERN)
READS = ("cases", "provenance")
FILTERS = (
    Filter("name", "名称（含曾用名）或信用代码", "Name, former name or code"),
    Filter("status", "状态", "Status", {k: w for k, w in coded(Status).items() if k != Status.UNREGISTERED}),
    Filter("kind", "类别", "Kind", coded(Kind)),
    Filter("region", "行政区划代码", "Region code"),
)
FEW = 20
"""Rows of a list on a body's page; its own page has the rest."""


def bodies(request: Request) -> Response:
    """``GET /bodies``."""
    found = shown(request, BODIES, FILTERS)
    names = called(reading(request), found.moment, (row["answers_to"] for row in found.rows))
    data = {**found.data, "items": [item(row, names) for row in found.rows]}
    return respond_at(request, found.moment, "bodies.html", data, form=found.form)


def item(row: Row, names: show.Names) -> Data:
    """A body in a list. ``names`` holds those that others answer to."""
    return {
        "id": row["id"],
        "name": row["name"],
        "status": show.coded(Status(row["status"])),
        "kind": show.coded(Kind(row["kind"])),
        "region": row["region"],
        "named_by": row["named_by"],
        "answers_to": show.named(row["answers_to"], names),
    }


def body(request: Request) -> Response:
    """``GET /bodies/<id>``."""
    own, read = request.path_params["id"], reading(request)
    trusted = is_auditor(request)
    at = moment(request, *READS, *(status.READS_OFFICE if trusted else status.READS))
    history = query.ledger(request).history(f"body/{own}") if _ID.fullmatch(own) else []
    history = [recorded for recorded in history if recorded.index < at.size]
    if not history:
        raise query.missing("body", "单位", own)
    answers = answering(read, at, own)
    if answers != own:
        return _moved(request, answers)
    state: Body = fold(f"body/{own}", history)
    names = called(read, at, {*show.related(state), *commitment_pages.named_in(history)})
    audience = Audience.OFFICE if trusted else Audience.PUBLIC
    data = {
        **show.body(state, names),
        "names": [dict(row) for row in names_of(read, at, own)],
        "answered_for": _told(status.status(read, at, own, audience)),
        **_lists(request, own, at),
        "events": [show.event(recorded, names) for recorded in history],
    }
    described = {r.index: show.described(r.event.fact, names) for r in history}
    return respond_at(request, at, "body.html", data, described=described, feed=f"/feeds/bodies/{own}.atom")


def _moved(request: Request, answers: str) -> Response:
    """The way to the body that answers for it (RFC 9110 §15.4.9); caches must ask, for that may change."""
    ending = ".json" if request.url.path.endswith(".json") else ""
    asked = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/bodies/{quote(answers, safe='')}{ending}{asked}", 308, headers=HEADERS)


def _told(found: status.Status) -> Data:
    """How a body stands, itself and for those that it answers for."""
    severities: list[Severity | None] = [*Severity, None]
    office = found.office
    return {
        "records": [
            {"severity": show.coded(severity), "count": found.records[severity]}
            for severity in severities
            if severity in found.records
        ],
        "penalties_in_force": found.penalties,
        "litigation_defeats": found.defeats,
        "promised": promised(found.promised),
        "assigned": promised(found.assigned),
        "office": {name: getattr(office, name) for name in office.__dataclass_fields__} if office else None,
    }


def _lists(request: Request, own: str, at: Moment) -> Data:
    """The newest of each sort of thing that is about the body, and where the rest is."""
    read, trusted = reading(request), is_auditor(request)
    asked: dict[str, Any] = {"body": own}
    kept = request.query_params.get("as_of", "").strip()

    def rows(listing: Listing, **more: Any) -> list[Row]:
        return list(page(read, listing, at, filters={**asked, **more}, limit=FEW).rows)

    made = rows(COMMITMENTS)
    about = rows(records.OFFICE if trusted else records.PUBLIC)
    punished = rows(penalties.OFFICE if trusted else penalties.PUBLIC)
    cases = rows(case_pages.listing(request), not_kind="record")
    named: Iterable[Mapping[str, Any]] = (*about, *punished)
    ids = {row["promiser"] for row in made} | {row["subject"] for row in named}
    names = called(read, at, ids | {row["imposed_by"] for row in punished})
    return {
        "commitments": _with_parts(request, own, at, [commitment_pages.item(row, names) for row in made]),
        "records": [record_pages.item(row, names) for row in about],
        "penalties": [record_pages.penalty_item(row, names) for row in punished],
        "cases": case_pages.listed(request, cases, at),
        "more": {
            name: f"/{name}?{urlencode({**asked, **({'as_of': kept} if kept else {})})}"
            for name in ("commitments", "records", "penalties", "cases", "events")
        },
    }


def _with_parts(request: Request, own: str, at: Moment, items: list[Data]) -> list[Data]:
    """As what the body stands in each commitment, itself or by a body that it answers for."""
    read = reading(request)
    found = parts(read, at, own, [item["id"] for item in items])
    names = called(read, at, (row["body"] for row in found))
    return [
        {**item, "parts": commitment_pages.parts([row for row in found if row["commitment"] == item["id"]], names)}
        for item in items
    ]
