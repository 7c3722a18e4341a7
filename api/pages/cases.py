"""The pages of cases of every kind: a list, and one case with its story.

/cases               records, complaints, projects, persons' files, commendations: ?kind= &body= &after=     ?as_of=
/cases/<kind>/<id>   what happened, where it stands, what is due, what may come next                         ?as_of=

Only what is public today is there (api/access.py), whatever day is asked for: what was taken down is not found on the
days on which it was shown. Holders of the auditors' token see every case.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import query, story
from api.access import is_auditor, sight
from api.moments import reading
from api.pages import show
from api.pages.casefile import Listed, is_stream, open_case, states_on
from api.pages.lists import Filter, Row, shown
from api.render import Data, respond_at
from api.story import now as story_now
from api.words import case_word
from ledger.domain.kinds import KINDS
from ledger.errors import NotFoundError
from projections.reading import Moment
from projections.views.cases import OFFICE, PUBLIC
from projections.views.listing import Listing
from projections.views.names import called

FILTERS = (
    Filter("kind", "类别", "Kind", {str(kind): case_word(kind) for kind in Listed}),
    Filter("region", "行政区划代码", "Region code"),
    Filter("body", "所涉单位的标识", "Id of the body that it is about"),
)


def cases(request: Request) -> Response:
    """``GET /cases``."""
    found = shown(request, listing(request), FILTERS)
    body = found.data["filters"]["body"]
    data = {**found.data, "items": listed(request, found.rows, found.moment)}
    about = show.named(body, called(reading(request), found.moment, [body]))
    return respond_at(request, found.moment, "cases.html", data, form=found.form, about=about)


def listing(request: Request) -> Listing:
    """The cases that whoever asks may see."""
    return OFFICE if is_auditor(request) else PUBLIC


def case(request: Request) -> Response:
    """``GET /cases/<kind>/<id>``."""
    at = query.moment_of_log(request)
    kind, own = request.path_params["kind"], request.path_params["id"]
    stream = f"{kind}/{own}"
    seen = sight(request, [stream] if is_stream(stream) else [])
    if not is_stream(stream) or not seen.of_case(stream):
        raise query.missing("case", "案件", own)
    try:
        found = open_case(query.ledger(request), stream, at.on, seen.of_event, at.size)
    except NotFoundError:
        raise query.missing("case", "案件", own) from None
    own_page = show.address(stream)
    data = story.case_data(found)
    others = sight(request, (other["stream"] for other in data["related"]))  # whatever the case refers to
    data["related"] = [other for other in data["related"] if others.of_case(other["stream"])]
    return respond_at(
        request,
        at,
        "case.html",
        data,
        title=case_word(kind),
        described={r.index: show.described(r.event.fact, found.names, others.of_case) for r in found.history},
        page=None if own_page.startswith("/cases/") else own_page,
        ruled=KINDS[kind].offers is not None,
    )


def listed(request: Request, rows: Sequence[Row], at: Moment) -> list[Data]:
    """Cases for a list, as far as they may be seen and had begun: their streams are read in one query and folded."""
    sees = sight(request, (row["stream"] for row in rows))
    seen = {row["stream"] for row in rows if sees.of_case(row["stream"])}
    states = states_on(query.ledger(request).reader, seen, at.on, at.size)
    names = called(reading(request), at, (row["subject"] for row in rows))
    return [_item(row, states[row["stream"]], names, at) for row in rows if row["stream"] in states]


def _item(row: Row, state: Any, names: show.Names, at: Moment) -> Data:
    return {
        "stream": row["stream"],
        "id": row["stream"].partition("/")[2],
        "kind": {"code": row["kind"], **case_word(row["kind"])._asdict()},
        "address": show.address(row["stream"]),
        "subject": show.named(row["subject"], names),
        "begun_on": row["begun_on"],
        "standing": show.coded(story_now.standing_of(row["kind"], state, at.on)),
    }
