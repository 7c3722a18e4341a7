"""What may be said about a project, by whom and when.

>>> [cls.__name__ for cls in STEPS][:2]
['ProjectRegistered', 'StageBegun']
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from ledger.domain import steps
from ledger.domain.body import of
from ledger.domain.event import Consequence, Event, Rules, legal_day
from ledger.domain.policy import view, view_of
from ledger.domain.project import (
    PerformanceRecorded,
    Project,
    ProjectBreachLinked,
    ProjectClosed,
    ProjectRegistered,
    ResponsibleAssigned,
    ResponsibleRelieved,
    StageBegun,
    subject,
)
from ledger.domain.roles import CaseRole, Relations
from ledger.domain.steps import Offer, Step, Steps

STEPS: Steps = {
    ProjectRegistered: Step("I06, I07"),
    StageBegun: Step("I06, I07"),
    ResponsibleAssigned: Step("A05, I08"),
    ResponsibleRelieved: Step("A05, I08"),
    PerformanceRecorded: Step("I08"),
    ProjectBreachLinked: Step("I09"),
    ProjectClosed: Step("I08, D19"),
}


def admit(state: Project, event: Event, rules: Rules, at: datetime) -> tuple[Consequence, ...]:
    """The consequences of an event that the project may take now. Raises RuleError with rule and source."""
    today = legal_day(at)
    context: Any = steps.Context(state, rules, view(rules, today), today, event)
    return steps.admit("project", STEPS, context, relations(state, event, rules), event)


def offers(state: Project, rules: Rules, on: date) -> Iterator[Offer]:
    """Every event that may come next on a day, and the roles that may state it."""
    yield from steps.offers(STEPS, steps.Context(state, rules, view_of(rules.policies, on), on))


def relations(state: Project, event: Event, rules: Rules) -> Relations:
    """Which bodies stand where: the project's body as its subject, and that body's superior."""
    body = subject(state, event)
    superior = of(rules, body).superior if body else None
    return {CaseRole.SUBJECT: (body,) if body else (), CaseRole.SUPERIOR: (superior,) if superior else ()}
