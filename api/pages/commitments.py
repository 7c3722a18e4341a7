"""The pages of commitments: the list, and one with its text, parties, due days, standing, progress and history.

/commitments         ?area= &kind= &standing= &region= &body= &order=newest|due &after=      ?as_of=
/commitments/<id>    one commitment: its text, document, due days, standing and timeline      ?as_of=
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import query
from api.moments import reading
from api.pages import show
from api.pages.lists import Filter, Row, coded, shown
from api.render import Data, respond_at
from ledger.domain import codec
from ledger.domain.commitment import Commitment
from ledger.domain.commitment_due import Standing
from ledger.domain.commitment_terms import Area, Kind
from ledger.domain.event import Recorded
from ledger.domain.kinds import fold
from projections.commitments import Part
from projections.reading import Moment
from projections.views.commitments import COMMITMENTS
from projections.views.names import answering, called
from projections.views.standings import spans

_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MADE = {code: words for code, words in coded(Standing).items() if code != Standing.NOT_MADE}
FILTERS = (
    Filter("area", "领域", "Area", coded(Area)),
    Filter("kind", "类别", "Kind", coded(Kind)),
    Filter("standing", "履行情况", "Standing", _MADE),
    Filter("region", "行政区划代码", "Region code"),
    Filter("body", "参与单位的标识", "Id of a body that has a part"),
)
ORDERS = (("newest", "最新记载在前", "Newest first"), ("due", "按到期日", "By due day"))


def commitments(request: Request) -> Response:
    """``GET /commitments``."""
    found = shown(request, COMMITMENTS, FILTERS)
    body = found.data["filters"]["body"]
    names = called(reading(request), found.moment, {body, *(row["promiser"] for row in found.rows)})
    data = {**found.data, "items": [item(row, names) for row in found.rows]}
    about = show.named(body, names)
    return respond_at(request, found.moment, "commitments.html", data, form=found.form, orders=ORDERS, about=about)


def item(row: Row, names: show.Names) -> Data:
    """A commitment in a list."""
    return {
        "id": row["id"],
        "title": row["title"],
        "kind": show.coded(Kind(row["kind"])),
        "area": show.coded(Area(row["area"])),
        "promiser": show.named(row["promiser"], names),
        "made_on": row["made_on"],
        "due": row["due"],
        "open_due": row["open_due"],
        "recurring": row["recurring"],
        "standing": show.coded(Standing(row["standing"])),
    }


def parts(rows: Sequence[Row], names: show.Names) -> list[Data]:
    """As what bodies appear in a commitment, in the order of :class:`Part`."""
    order = list(Part)
    found = sorted(rows, key=lambda row: (order.index(Part(row["role"])), row["body"]))
    return [{"part": show.coded(Part(row["role"])), "body": show.named(row["body"], names)} for row in found]


def commitment(request: Request) -> Response:
    """``GET /commitments/<id>``."""
    ledger, read = query.ledger(request), reading(request)
    at = query.moment_of_log(request)
    own = request.path_params["id"]
    whole = ledger.history(f"commitment/{own}") if _ID.fullmatch(own) else []
    history = [recorded for recorded in whole if recorded.index < at.size]
    if not history:
        raise query.missing("commitment", "承诺", own)
    state: Commitment = fold(f"commitment/{own}", history)
    answers = answering(read, at, state.holder)
    names = called(read, at, {answers, *named_in(history)})
    data = {
        **show.commitment(own, state, names, at.on),
        "answers": show.named(answers, names),
        "spans": _spans(request, at, own),
        "progress": [_progress(said, names) for said in state.progress],
        "documents": [show.document(d) for d in history[0].event.basis],
        "events": [show.event(recorded, names) for recorded in history],
    }
    described = {r.index: show.described(r.event.fact, names) for r in history[1:]}
    return respond_at(request, at, "commitment.html", data, described=described)


def named_in(history: Iterable[Recorded]) -> set[str]:
    """The ids of the bodies that signed these events, and that they name."""
    return {b for r in history for b in (r.event.iss, *codec.bodies(r.event.fact))}


def _spans(request: Request, at: Moment, own: str) -> list[Data]:
    """Where it stands from which day to which, if nothing more is recorded: from the day that is asked for on."""
    return [
        {**row, "standing": show.coded(Standing(row["standing"]))}
        for row in spans(reading(request), at, own)
        if row["ends"] >= at.on
    ]


def _progress(said: Any, names: show.Names) -> Data:
    """A report on how far the work has come."""
    fact = said.fact
    money = {f: show.yuan(v) for f in ("funds_committed", "funds_in_place") if (v := getattr(fact, f)) is not None}
    return {
        "day": said.day,
        "by": show.named(said.by, names),
        "percent": fact.percent,
        "summary": fact.summary,
        "funds_committed": money.get("funds_committed"),
        "funds_in_place": money.get("funds_in_place"),
        "evidence": [show.document(d) for d in fact.evidence],
    }
