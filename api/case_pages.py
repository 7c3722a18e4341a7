"""The pages of cases of every kind: a list, and one case with its story.

/cases               records, complaints, projects, persons' files, commendations: ?kind= &body= &after=
/cases/<kind>/<id>   what happened, where it stands, what is due, what may come next       ?as_of=YYYY-MM-DD

Only what is public today is there (``ledger.domain.openness``), whatever day is asked for: what was taken down is not
found on the days on which it was shown. Holders of the auditors' token see every case.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import query, show, story, story_now
from api.access import sight
from api.casefile import Listed, is_stream, open_case, states_on
from api.render import Data, respond
from api.words import case_word
from ledger.authoring import utc_now
from ledger.domain.event import legal_day
from ledger.domain.kinds import KINDS
from ledger.errors import NotFoundError
from projections.board_views import CaseRow


def cases(request: Request) -> Response:
    """``GET /cases``."""
    board, today = query.board(request), legal_day(utc_now())
    kind, body = query.code(request, "kind", Listed), query.text(request, "body")
    found = board.cases(kind=kind, body=body, begun_by=today, after=query.text(request, "after"))
    data = {
        "filters": {"kind": kind, "body": body},
        "on": today,
        "items": listed(request, found.rows, today),
        "next": query.following(request, "after", found.after),
    }
    about = show.named(body, board.by_id([body or ""]))
    kinds = [{"code": str(k), **case_word(k)._asdict()} for k in Listed]
    return respond(request, "cases.html", data, kinds=kinds, about=about)


def case(request: Request) -> Response:
    """``GET /cases/<kind>/<id>``."""
    today = legal_day(utc_now())
    on = query.day(request, today, "as_of")
    kind, own = request.path_params["kind"], request.path_params["id"]
    stream = f"{kind}/{own}"
    seen = sight(request, [stream] if is_stream(stream) else [])
    if not is_stream(stream) or not seen.of_case(stream):
        raise query.missing("case", "案件", own)
    try:
        found = open_case(query.ledger(request), stream, on, seen.of_event)
    except NotFoundError:
        raise query.missing("case", "案件", own) from None
    own_page = show.address(stream)
    data = story.case_data(found)
    others = sight(request, (other["stream"] for other in data["related"]))  # whatever the case refers to
    data["related"] = [other for other in data["related"] if others.of_case(other["stream"])]
    return respond(
        request,
        "case.html",
        data,
        title=case_word(kind),
        today=today,
        described={r.index: show.described(r.event.fact, found.names, others.of_case) for r in found.history},
        page=None if own_page.startswith("/cases/") else own_page,
        ruled=KINDS[kind].offers is not None,
    )


def listed(request: Request, rows: Sequence[CaseRow], on: date) -> list[Data]:
    """Cases for a list, as far as they may be seen: their streams are read in one query and folded."""
    sees = sight(request, (row.stream for row in rows))
    seen = {row.stream for row in rows if sees.of_case(row.stream)}
    states = states_on(query.ledger(request).reader, seen, on)
    names = query.board(request).by_id({row.subject for row in rows if row.subject})
    return [_item(row, states[row.stream], names, on) for row in rows if row.stream in seen]


def _item(row: CaseRow, state: Any, names: show.Names, on: date) -> Data:
    return {
        "stream": row.stream,
        "id": row.stream.partition("/")[2],
        "kind": {"code": row.kind, **case_word(row.kind)._asdict()},
        "address": show.address(row.stream),
        "subject": show.named(row.subject, names),
        "begun_on": row.begun_on,
        "standing": show.coded(story_now.standing_of(row.kind, state, on)),
    }
