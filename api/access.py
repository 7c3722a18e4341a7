"""Who may see what over HTTP: the public what is open (projections/disclosure.py), holders of the auditors' token
everything in the log.

The token is the one that ``jiannuo init`` wrote to ``auditor.token``, sent as ``Authorization: Bearer …``.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request

from api import moments, query
from api.pages.casefile import states_on
from ledger.domain import policy
from ledger.domain.event import Event, stream_kind
from ledger.domain.policy import View, view_of
from ledger.store.reader import Reader
from projections.disclosure import ALWAYS, Open, opened


def is_auditor(request: Request) -> bool:
    """Whether the request carries the auditors' token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    expected: str = request.app.state.auditor_token
    return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), expected.encode())


@dataclass(frozen=True, slots=True)
class Sight:
    """What whoever asks may see today of some streams; see :func:`sight`."""

    everything: bool
    cases: Mapping[str, Open]

    def of_case(self, stream: str) -> bool:
        """Whether a case may be seen at all."""
        return self.everything or stream_kind(stream) in ALWAYS or stream in self.cases

    def of_event(self, event: Event) -> bool:
        """Whether what an event says may be seen."""
        if self.everything or stream_kind(event.stream) in ALWAYS:
            return True
        case = self.cases.get(event.stream)
        return case is not None and case.shows(event.fact)


def sight(request: Request, streams: Iterable[str]) -> Sight:
    """What whoever asks may see today of these streams, as their last events in the log leave them."""
    if is_auditor(request):
        return Sight(True, {})
    asked = {stream for stream in streams if stream_kind(stream) not in ALWAYS}
    reader, today = query.ledger(request).reader, moments.today(request)
    states = states_on(reader, asked, today)
    views = _views(reader, states, today)
    found = {s: opened(stream_kind(s), state, views[s], today) for s, state in states.items()}
    return Sight(False, {s: case for s, case in found.items() if case})


def _views(reader: Reader, states: Mapping[str, Any], today: date) -> Mapping[str, View]:
    """For each case the rules of today that decide about it: for a record those of its subject's region."""
    nobody = view_of((), today)
    subjects = {s: state.subject for s, state in states.items() if stream_kind(s) == "record"}
    bodies = states_on(reader, {f"body/{b}" for b in subjects.values()}, today)
    regions = {b: policy.region_of(b, getattr(bodies.get(f"body/{b}"), "region", None)) for b in subjects.values()}
    rules = {region: policy.streams(region) for region in regions.values()}
    adopted = states_on(reader, {stream for streams in rules.values() for stream in streams}, today)
    views = {r: view_of(tuple(adopted.get(s, policy.EMPTY) for s in streams), today) for r, streams in rules.items()}
    return {s: views[regions[subjects[s]]] if s in subjects else nobody for s in states}
