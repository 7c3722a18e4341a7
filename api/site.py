"""The site: pages for people, each also as JSON at the same address with ``.json`` (the front page's is /index.json).

    /                     what this is, counts, the newest commitments, how to check
    /bodies               ?status= &kind= &name= &after=
    /bodies/<id>          a body and its commitments                                                     ?on=
    /commitments          ?area= &kind= &body= &standing= &order=newest|due &after=                      ?on=YYYY-MM-DD
    /commitments/<id>     one commitment: its text, document, due days, standing and timeline            ?on=
    /cases                ?kind= &body= &after=
    /cases/<kind>/<id>    a case of any kind: its story, standing, deadlines, what may come next         ?as_of=
    /events               newest first, ?before=<index>
    /events/<index>       the signed bytes (also as .jws), their hashes and proof, and how to check them; below it, and
                          below a case, check.html: a file that checks itself (api/offline_pages.py)

Standing is computed for today, or for the day ``on``, from the events in the log. Pages are whole without JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import case_pages, event_pages, offline_pages, query, show
from api.moments import reading
from api.render import Data, page, respond
from api.words import word
from ledger.application import Ledger
from ledger.authoring import utc_now
from ledger.domain import codec
from ledger.domain.body import links
from ledger.domain.body_terms import Kind, Status
from ledger.domain.commitment import Commitment, as_of
from ledger.domain.commitment_due import Standing, answers_for
from ledger.domain.commitment_terms import Area
from ledger.domain.commitment_terms import Kind as Sort
from ledger.domain.event import Recorded, Rules, legal_day
from ledger.position import cases_of
from ledger.witnesses.witnessed import Witnessed
from projections.board_views import PAGE, Board, CommitmentRow, Order
from projections.views import listing as views
from projections.views.cases import CASES

MOST_EXAMINED = 1000
"""How many commitments one page looks at in search of a standing, before it offers to go on."""
NEWEST = 10
_BODY = re.compile(codec.BODY_PATTERN)
_COMMITMENT = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def router() -> APIRouter:
    """The routes of the site."""
    found = APIRouter()
    pages: dict[str, Callable[[Request], Response]] = {
        "/bodies": bodies,
        "/bodies/{id}": body,
        "/commitments": commitments,
        "/commitments/{id}": commitment,
        "/cases": case_pages.cases,
        "/cases/{kind}/{id}": case_pages.case,
        "/events": event_pages.events,
        "/events/{index:int}": event_pages.event,
    }
    found.add_route("/", home)
    found.add_route("/index.json", home)
    found.add_route("/events/{index:int}.jws", event_pages.signed_bytes)
    found.routes.extend(offline_pages.routes)
    for path, endpoint in pages.items():
        found.add_route(f"{path}.json", endpoint)  # before the page, whose {id} would take it
        found.add_route(path, endpoint)
    return found


def error_page(request: Request, status: int, en: str, zh: str) -> Response:
    """The page for an error, in both languages."""
    return page(request, "error.html", {"status": status, "en": en, "zh": zh}, status=status)


def home(request: Request) -> Response:
    """``GET /``."""
    ledger, board, today = query.ledger(request), query.board(request), _today()
    counts = board.counts()
    checkpoint = ledger.checkpoint()
    data = {
        "log": {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()},
        "witnessed": _witnessed(request),
        "bodies": _counted(Status, counts.bodies),
        "commitments": _counted(Area, counts.commitments),
        "on": today,
        "newest": _items(request, board.commitments(made_by=today).rows[:NEWEST], today),
    }
    return respond(request, "home.html", data)


def _witnessed(request: Request) -> Data | None:
    """How far the log is witnessed and by whom; None where the ledger has no witness policy."""
    witnessed: Witnessed = request.app.state.witnessed
    if witnessed.policy is None:
        return None
    size, names = witnessed.by()
    # Names are opaque bytes in a policy, and text here.
    return {"size": size, "by": [name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for name in names]}


def bodies(request: Request) -> Response:
    """``GET /bodies``."""
    board = query.board(request)
    filters = {
        "status": query.code(request, "status", Status),
        "kind": query.code(request, "kind", Kind),
        "name": query.text(request, "name"),
    }
    found = board.bodies(**filters, after=query.text(request, "after"))
    names = board.by_id(row.answers_to for row in found.rows if row.answers_to)
    data = {
        "filters": filters,
        "items": [show.body_row(row, names) for row in found.rows],
        "next": query.following(request, "after", found.after),
    }
    return respond(request, "bodies.html", data, statuses=_choices(Status)[1:], kinds=_choices(Kind))


def body(request: Request) -> Response:
    """``GET /bodies/<id>``."""
    ledger, board, today = query.ledger(request), query.board(request), _today()
    on = query.day(request, today)
    own = request.path_params["id"]
    history = ledger.history(f"body/{own}") if _BODY.fullmatch(own) else []
    if not history:
        raise query.missing("body", "单位", own)
    state = ledger.case(f"body/{own}").state
    found = board.commitments(body=own, made_by=on)
    at = reading(request).moment(on, today, *CASES.reads)
    others = views.page(reading(request), CASES, at, filters={"body": own, "kinds": case_pages.kinds(request)})
    names = board.by_id({*show.related(state), *_named(history)})
    data = {
        **show.body(state, names),
        "on": on,
        "commitments": _with_parts(board, own, _items(request, found.rows, on)),
        "more": f"/commitments?{urlencode({'body': own, 'after': found.after})}" if found.after else None,
        "cases": case_pages.listed(request, others.rows, at),
        "more_cases": f"/cases?{urlencode({'body': own, 'after': others.next})}" if others.next else None,
        "events": [show.event(recorded, names) for recorded in history],
    }
    described = {r.index: show.described(r.event.fact, names) for r in history}
    return respond(request, "body.html", data, described=described, today=today)


def commitments(request: Request) -> Response:
    """``GET /commitments``."""
    today = _today()
    on = query.day(request, today)
    filters = {
        "area": query.code(request, "area", Area),
        "kind": query.code(request, "kind", Sort),
        "body": query.text(request, "body"),
    }
    order = query.code(request, "order", Order) or Order.NEWEST
    wanted = query.code(request, "standing", Standing)
    items, after = _find(request, filters, order, wanted, on)
    data = {
        "filters": {**filters, "standing": wanted, "order": order},
        "on": on,
        "items": items,
        "next": query.following(request, "after", after),
    }
    about = show.named(filters["body"], query.board(request).by_id([filters["body"] or ""]))
    choices = {"areas": _choices(Area), "kinds": _choices(Sort), "standings": _choices(Standing)[1:]}
    return respond(request, "commitments.html", data, **choices, about=about, today=today)


def commitment(request: Request) -> Response:
    """``GET /commitments/<id>``."""
    ledger, today = query.ledger(request), _today()
    on = query.day(request, today)
    own = request.path_params["id"]
    whole = ledger.history(f"commitment/{own}") if _COMMITMENT.fullmatch(own) else []
    history = [recorded for recorded in whole if legal_day(recorded.at) <= on]
    if not history:
        raise query.missing("commitment", "承诺", own)
    state = as_of(ledger.case(f"commitment/{own}").state, on)
    answering = _answering(ledger, state)
    names = query.board(request).by_id({answering, *_named(history)})
    data = {
        **show.commitment(own, state, names, on),
        "answers": show.named(answering, names),
        "documents": [show.document(d) for d in history[0].event.basis],
        "events": [show.event(recorded, names) for recorded in history],
    }
    described = {r.index: show.described(r.event.fact, names) for r in history[1:]}
    return respond(request, "commitment.html", data, described=described, today=today)


# --- what pages share ---------------------------------------------------------------------------------------


def _today() -> date:
    return legal_day(utc_now())


def _choices(codes: type[StrEnum]) -> list[Data]:
    return [{"code": str(c), **word(c)._asdict()} for c in codes]


def _counted(codes: type[StrEnum], counts: Mapping[str, int]) -> list[Data]:
    return [{**choice, "count": counts[choice["code"]]} for choice in _choices(codes) if choice["code"] in counts]


def _named(history: Iterable[Recorded]) -> set[str]:
    """The ids of the bodies that signed these events, and that they name."""
    return {b for r in history for b in (r.event.iss, *codec.bodies(r.event.fact))}


def _items(request: Request, rows: Sequence[CommitmentRow], on: date) -> list[Data]:
    """Commitments for a list: their streams are read in one query and folded."""
    cases = cases_of(query.ledger(request).reader.streams([f"commitment/{row.id}" for row in rows]))
    states: list[Commitment] = [cases[f"commitment/{row.id}"].state for row in rows]
    names = query.board(request).by_id(state.terms.promiser for state in states)
    return [show.listed(row, state, names, on) for row, state in zip(rows, states, strict=True)]


def _with_parts(board: Board, own: str, items: list[Data]) -> list[Data]:
    """As what the body stands in each commitment, itself or by a body that it answers for."""
    parts = board.parts(own, (item["id"] for item in items))
    names = board.by_id({b for found in parts.values() for b, _ in found})
    return [
        {**item, "parts": [{"part": show.coded(p), "body": show.named(b, names)} for b, p in parts.get(item["id"], ())]}
        for item in items
    ]


def _find(
    request: Request, filters: Mapping[str, Any], order: Order, wanted: Standing | None, on: date
) -> tuple[list[Data], str | None]:
    """A page of commitments and where the next one begins. A standing is not stored: it is looked for."""
    board, after = query.board(request), query.text(request, "after")
    found: list[Data] = []
    for _ in range(MOST_EXAMINED // PAGE):
        rows = board.commitments(**filters, made_by=on, order=order, after=after)
        items = _items(request, rows.rows, on)
        for row, item in zip(rows.rows, items, strict=True):
            if wanted is None or item["standing"]["code"] == wanted:
                found.append(item)
            if len(found) == PAGE:
                return found, order.cursor(row) if rows.after or row is not rows.rows[-1] else None
        after = rows.after
        if after is None:
            break
    return found, after


def _answering(ledger: Ledger, state: Commitment) -> str:
    """The body that answers for a commitment now."""
    bodies: dict[str, Any] = {}
    queue = [state.holder]
    while queue:
        body_id = queue.pop()
        if body_id not in bodies:
            bodies[body_id] = ledger.case(f"body/{body_id}").state
            queue.extend(links(bodies[body_id]))
    return answers_for(state, Rules(bodies))
