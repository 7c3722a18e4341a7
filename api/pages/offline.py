"""Checking without us: what the button of an event's page asks for, and files that check themselves.

/events/<index>/check.json           the evidence for one event (api/pages/offline_data.py)
/events/<index>/check.html           one page with script, keys and evidence in it: works from a disk, without a network
/cases/<kind>/<id>/check.html        the same for the events of a case that may be seen

The scripts in a file are those of the site (api/static/), byte for byte; its policy (CSP) runs no other.

>>> policy(["alert(1)"], "p {}")[:65]
"default-src 'none'; script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprsc"
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from api import query
from api.access import sight
from api.pages import howto, show
from api.pages import offline_data as offline
from api.pages.casefile import is_signed, is_stream, streams_in
from api.pages.events import entry_of, pretty
from api.render import HEADERS, Data, as_json, rendered
from api.words import case_word
from ledger.authoring import utc_now
from ledger.domain import codec
from ledger.domain.event import stream_kind
from ledger.position import recorded_of
from ledger.proof.event import format_time, parse, parse_entry
from ledger.proof.merkle import leaf_hash
from ledger.store.recorder import Row
from ledger.witnesses.witnessed import Witnessed
from projections.disclosure import ALWAYS

MOST = 200
"""How many events of a case one file holds: the newest."""

_STATIC = Path(__file__).parents[1] / "static"


def evidence(request: Request) -> Response:
    """``GET /events/<index>/check.json``."""
    return as_json(_evidence(request, _seen(request, [entry_of(request)])))


def event(request: Request) -> Response:
    """``GET /events/<index>/check.html``."""
    row = entry_of(request)
    title = {"zh": f"事件 {row.index}", "en": f"event {row.index}", "left_out": 0}
    return _file(request, _seen(request, [row]), title, f"event-{row.index}")


def case(request: Request) -> Response:
    """``GET /cases/<kind>/<id>/check.html``."""
    kind, own = request.path_params["kind"], request.path_params["id"]
    stream = f"{kind}/{own}"
    if not is_stream(stream) or not sight(request, [stream]).of_case(stream):
        raise query.missing("case", "案件", own)
    rows = [found for found in _seen(request, query.ledger(request).reader.stream(stream)) if found[1]]
    if not rows:
        raise query.missing("case", "案件", own)
    word = case_word(kind)
    title = {"zh": f"{word.zh} {own}", "en": f"{word.en} {own}"}
    return _file(request, rows[-MOST:], {**title, "left_out": len(rows[:-MOST])}, f"{kind}-{own}")


def policy(scripts: Iterable[str], style: str) -> str:
    """The policy (CSP 3) of a page that runs these scripts and no other, and loads nothing."""
    allowed = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'sha256-{_digest(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _parts() -> Data:
    scripts = [(_STATIC / name).read_text(encoding="utf-8") for name in ("check.js", "check-page.js")]
    style = (_STATIC / "site.css").read_text(encoding="utf-8")
    return {
        "scripts": [Markup(script) for script in scripts],  # noqa: S704  our own, without "</script"
        "style": Markup(style),  # noqa: S704
        "policy": policy(scripts, style),
        "digest": hashlib.sha256(scripts[0].encode()).hexdigest(),
    }


def _seen(request: Request, rows: Iterable[Row]) -> list[tuple[Row, bool]]:
    """Each row with whether who asks may see what it says."""
    rows = list(rows)
    seen = sight(request, {row.stream for row in rows})
    return [(row, seen.of_event(recorded_of(row).event)) for row in rows]


def _evidence(request: Request, rows: list[tuple[Row, bool]]) -> Data:
    ledger, base = query.ledger(request), str(request.base_url).rstrip("/")
    witnessed: Witnessed = request.app.state.witnessed
    found = offline.evidence(ledger, rows, witnessed.proof)
    # After the proofs: keys that are read later are at least as new as the checkpoints.
    return {"pinned": offline.pinned(ledger, witnessed.policy, format_time(utc_now()), base), **found}


def _file(request: Request, rows: list[tuple[Row, bool]], title: Data, name: str) -> Response:
    found = _evidence(request, rows)
    events = _shown(request, rows)
    public = {item["index"]: item["key"]["x"] for item in (*found["events"], *found["authorities"]) if "key" in item}
    for shown in events:
        if shown["open"]:
            shown["steps"] = howto.offline_steps(
                shown["index"], shown["jws"], shown["recorded_at"], public[shown["index"]], shown["hash"], shown["leaf"]
            )
    data = {"title": title, "found": found, "events": events, "evidence": offline.inline(found), **_parts()}
    # Links lead to the ledger, from wherever the file is opened.
    text = rendered("offline.html", data).replace(' href="/', f' href="{escape(found["pinned"]["url"])}/')
    lasting = all(stream_kind(row.stream) in ALWAYS for row, _ in rows)
    headers = {
        **HEADERS,
        "cache-control": "no-cache" if lasting else "private, no-store",  # it may be taken down again
        "content-security-policy": f"{_parts()['policy']}; frame-ancestors 'none'",
        "content-disposition": f'attachment; filename="jiannuo-check-{name}.html"',
    }
    return HTMLResponse(text, headers=headers)


def _shown(request: Request, rows: list[tuple[Row, bool]]) -> list[Data]:
    """The events as their pages show them."""
    all_recorded = [(row, recorded_of(row), is_open) for row, is_open in rows]
    wanted = {b for _, r, _ in all_recorded for b in (r.event.iss, *codec.bodies(r.event.fact))}
    names = query.names(request, wanted)
    sees = sight(request, {s for _, r, _ in all_recorded for s in streams_in(r.event.fact)}).of_case
    found = []
    for row, recorded, is_open in all_recorded:
        signed = is_open or is_signed(query.ledger(request), recorded)
        data = {**show.event(recorded, names, is_open=is_open, is_signed=signed), "leaf": leaf_hash(row.entry).hex()}
        if is_open:
            jws = parse_entry(row.entry)[1]
            data |= {
                "described": show.described(recorded.event.fact, names, sees),
                "jws": jws.decode("ascii"),
                "payload": pretty(howto.parts(parse(jws))[1]),
            }
        found.append(data)
    return found


routes = [
    Route("/events/{index:int}/check.json", evidence),
    Route("/events/{index:int}/check.html", event),
    Route("/cases/{kind}/{id}/check.html", case),
]
