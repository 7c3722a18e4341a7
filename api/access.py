"""Who may see what over HTTP: the public what is open, holders of the auditors' token everything in the log.

The token is the one that ``jiannuo init`` wrote to ``auditor.token``, sent as ``Authorization: Bearer …``.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from starlette.requests import Request

from api import query
from api.casefile import states_on
from ledger.authoring import utc_now
from ledger.domain.event import legal_day, stream_kind
from ledger.domain.openness import ALWAYS, is_open


def is_auditor(request: Request) -> bool:
    """Whether the request carries the auditors' token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    expected: str = request.app.state.auditor_token
    return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), expected.encode())


def visible(request: Request, streams: Iterable[str]) -> frozenset[str]:
    """Those of the streams that whoever asks may see today."""
    asked = frozenset(streams)
    if is_auditor(request):
        return asked
    found = {stream for stream in asked if stream_kind(stream) in ALWAYS}
    today = legal_day(utc_now())
    states = states_on(query.ledger(request).reader, asked - found, today)
    found |= {stream for stream, state in states.items() if is_open(stream_kind(stream), state, today)}
    return frozenset(found)
