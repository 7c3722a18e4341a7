"""What may be said about a dishonesty record now, by whom, and what follows: the steps of all its parts.

>>> len(STEPS) == len(set(STEPS))
True
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from ledger.domain import steps
from ledger.domain.event import Consequence, Event, Rules, legal_day
from ledger.domain.policy import view, view_of
from ledger.domain.record import (
    appeal,
    correction,
    court,
    lead,
    objection,
    objection_course,
    penalty,
    penalty_course,
    publication,
    recognition,
    rectification,
    repair,
    restoration,
    supervision,
    tolerance,
)
from ledger.domain.record.checks import CASE, refuse, relations
from ledger.domain.record.facts import LeadReceived
from ledger.domain.record.state import Record
from ledger.domain.steps import Offer, Steps

STEPS: Steps = {
    **lead.STEPS,
    **recognition.STEPS,
    **rectification.STEPS,
    **supervision.STEPS,
    **court.STEPS,
    **tolerance.STEPS,
    **correction.STEPS,
    **penalty.STEPS,
    **penalty_course.STEPS,
    **publication.STEPS,
    **objection.STEPS,
    **objection_course.STEPS,
    **appeal.STEPS,
    **restoration.STEPS,
    **repair.STEPS,
}


def admit(state: Record, event: Event, rules: Rules, at: datetime) -> tuple[Consequence, ...]:
    """The consequences of an event that the record may take now. Raises RuleError with rule and source."""
    if state.lead is None and not isinstance(event.fact, LeadReceived):
        raise refuse(
            "unbegun",
            f"expected LeadReceived first, got {event.name}",
            f"事件流应以 LeadReceived 开始，实为 {event.name}",
            CASE,
        )
    today = legal_day(at)
    context: Any = steps.Context(state, rules, view(rules, today), today, event)
    return steps.admit("record", STEPS, context, relations(state, event, rules), event)


def offers(state: Record, rules: Rules, on: date) -> Iterator[Offer]:
    """Every event that may come next on a day, and the roles that may state it."""
    yield from steps.offers(STEPS, steps.Context(state, rules, view_of(rules.policies, on), on))
