"""What may be said about a person, by whom and when.

>>> [cls.__name__ for cls in STEPS][:2]
['PersonRegistered', 'PersonAffiliated']
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from ledger.domain import steps
from ledger.domain.body import of
from ledger.domain.event import Consequence, Event, Rules, legal_day
from ledger.domain.person import (
    AffiliationEnded,
    AffiliationWithdrawn,
    FileItemRecorded,
    Person,
    PersonAffiliated,
    PersonCorrected,
    PersonRegistered,
    ProjectPerformanceNoted,
    subject,
)
from ledger.domain.policy import view, view_of
from ledger.domain.roles import CaseRole, Relations
from ledger.domain.steps import Offer, Step, Steps

STEPS: Steps = {
    PersonRegistered: Step("A02, A03, A09, C21"),
    PersonAffiliated: Step("A04"),
    AffiliationEnded: Step("A04"),
    AffiliationWithdrawn: Step("A04, E05"),
    PersonCorrected: Step("A03, E05"),
    FileItemRecorded: Step("C03, J20"),
    ProjectPerformanceNoted: Step("I08", ledger_only=True),
}


def admit(state: Person, event: Event, rules: Rules, at: datetime) -> tuple[Consequence, ...]:
    """The consequences of an event that the file may take now. Raises RuleError with rule and source."""
    today = legal_day(at)
    context: Any = steps.Context(state, rules, view(rules, today), today, event)
    return steps.admit("person", STEPS, context, relations(state, event, rules), event)


def offers(state: Person, rules: Rules, on: date) -> Iterator[Offer]:
    """Every event that may come next on a day, and the roles that may state it."""
    yield from steps.offers(STEPS, steps.Context(state, rules, view_of(rules.policies, on), on))


def relations(state: Person, event: Event, rules: Rules) -> Relations:
    """Which bodies stand where: who keeps the file as its subject, and that body's superior."""
    body = subject(state, event)
    superior = of(rules, body).superior if body else None
    return {CaseRole.SUBJECT: (body,) if body else (), CaseRole.SUPERIOR: (superior,) if superior else ()}
