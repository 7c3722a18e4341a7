"""Who may see what over HTTP: the public what is open, holders of the auditors' token everything in the log.

The token is the one that ``jiannuo init`` wrote to ``auditor.token``, sent as ``Authorization: Bearer …``.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from api import query
from api.casefile import states_on
from ledger.authoring import utc_now
from ledger.domain.event import Event, legal_day, stream_kind
from ledger.domain.openness import ALWAYS, is_open, is_shown


def is_auditor(request: Request) -> bool:
    """Whether the request carries the auditors' token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    expected: str = request.app.state.auditor_token
    return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), expected.encode())


@dataclass(frozen=True, slots=True)
class Sight:
    """What whoever asks may see today of some streams; see :func:`sight`."""

    everything: bool
    states: Mapping[str, Any]

    def of_case(self, stream: str) -> bool:
        """Whether a case may be seen at all."""
        return self.everything or stream_kind(stream) in ALWAYS or stream in self.states

    def of_event(self, event: Event) -> bool:
        """Whether what an event says may be seen."""
        if not self.of_case(event.stream):
            return False
        kind = stream_kind(event.stream)
        return self.everything or kind in ALWAYS or is_shown(kind, self.states[event.stream], event.fact)


def sight(request: Request, streams: Iterable[str]) -> Sight:
    """What whoever asks may see today of these streams; their states are read in one query where that is needed."""
    if is_auditor(request):
        return Sight(True, {})
    asked = {stream for stream in streams if stream_kind(stream) not in ALWAYS}
    today = legal_day(utc_now())
    states = states_on(query.ledger(request).reader, asked, today)
    return Sight(False, {s: state for s, state in states.items() if is_open(stream_kind(s), state, today)})
