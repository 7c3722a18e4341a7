"""What may be said about a complaint now, by whom, and what follows: the steps of all its parts.

>>> len(STEPS)
12
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from ledger.domain import steps
from ledger.domain.body import of
from ledger.domain.complaint import handling, incident, intake
from ledger.domain.complaint.checks import refuse
from ledger.domain.complaint.facts import ComplaintReceived
from ledger.domain.complaint.state import Complaint
from ledger.domain.event import Consequence, Event, Rules, legal_day
from ledger.domain.policy import view, view_of
from ledger.domain.record.checks import CASE
from ledger.domain.roles import CaseRole, Relations
from ledger.domain.steps import Context, Offer, Steps

STEPS: Steps = {**intake.STEPS, **handling.STEPS, **incident.STEPS}


def relations(state: Complaint, rules: Rules) -> Relations:
    """Who stands where: the accused and its superior; who handles the complaint or leads its incident."""
    accused = state.accused
    superior = of(rules, accused).superior if accused else None
    leads = (state.incident.opened.fact.lead,) if state.incident else ()
    return {
        CaseRole.SUBJECT: (accused,) if accused else (),
        CaseRole.SUPERIOR: (superior,) if superior else (),
        CaseRole.HANDLER: (*((state.handler,) if state.handler else ()), *leads),
    }


def admit(state: Complaint, event: Event, rules: Rules, at: datetime) -> tuple[Consequence, ...]:
    """The consequences of an event that the complaint may take now. Raises RuleError with rule and source."""
    if state.received is None and not isinstance(event.fact, ComplaintReceived):
        raise refuse(
            "unbegun",
            f"expected ComplaintReceived first, got {event.name}",
            f"事件流应以 ComplaintReceived 开始，实为 {event.name}",
            CASE,
        )
    today = legal_day(at)
    context: Any = Context(state, rules, view(rules, today), today, event)
    return steps.admit("complaint", STEPS, context, relations(state, rules), event)


def offers(state: Complaint, rules: Rules, on: date) -> Iterator[Offer]:
    """Every event that may come next on a day, and the roles that may state it."""
    yield from steps.offers(STEPS, Context(state, rules, view_of(rules.policies, on), on))
