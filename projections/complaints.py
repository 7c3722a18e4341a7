"""The complaint work ledger (H03): each complaint, where it stands, who handles it, by when. Never public.

>>> "complainant" in ComplaintRow._fields or "contact" in ComplaintRow._fields
False
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.domain.complaint.state import Complaint
from projections.projection import Case, Projection, Row, Table


class ComplaintRow(NamedTuple):
    """A complaint; nothing that tells who complained, and no prose. Handler and days are those of its last round."""

    stream: str
    log_index: int
    number: str  # in the work ledger
    received_on: date
    channel: str
    matter: str
    area: str
    accused: str | None
    region: str | None
    standing: str  # ledger.domain.complaint.state.Standing
    handler: str | None
    answer_by: date | None
    answered_on: date | None
    satisfied: bool | None  # as called back
    record: str | None  # the record that came of it
    changed: int


COMPLAINTS = Table(
    "complaints", ComplaintRow, 1, ("(log_index)", "(accused, log_index)", "(number)", "(standing, answer_by)")
)


def _rows(case: Case) -> Iterator[Row]:
    state: Complaint = case.state
    if state.received is None:
        return
    fact, turn = state.received.fact, state.round
    yield ComplaintRow(
        stream=case.stream,
        log_index=case.begun.index,
        number=fact.number,
        received_on=fact.received_on,
        channel=str(fact.channel),
        matter=str(fact.matter),
        area=str(fact.area),
        accused=fact.accused,
        region=case.region,
        standing=str(state.standing),
        handler=state.handler,
        answer_by=turn.transferred.fact.answer_by if turn else None,
        answered_on=turn.answered.day if turn and turn.answered else None,
        satisfied=turn.called_back[-1].fact.satisfied if turn and turn.called_back else None,
        record=state.record,
        changed=case.last.index,
    )


PROJECTION = Projection("complaints", 1, (COMPLAINTS,), frozenset({"complaint"}), rows=_rows)
