"""Steps: the rules of a case as a table, one row for each of its events.

A step says when the event may come (``when``, for one of ``items`` where it is about a penalty, an objection…), what
it must contain (``check``), and what the ledger states in consequence (``then``). Admission and the list of possible
next events read the same table, so that what is offered is what is admitted.

    admit  = the case has begun -> the signer has a role for it -> when -> check -> then
    offers = every event, and every item of it, whose `when` does not refuse

>>> Step("C15").ledger_only, Step("C15").when is always
(False, True)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from ledger.domain.event import Consequence, Event, Rules, legal_day
from ledger.domain.policy import View, view, view_of
from ledger.domain.roles import CaseRole, Relations, allowed, granted, need_role
from ledger.errors import RuleError

S = TypeVar("S")

_CASE = "docs/architecture.md, A case is one stream"


@dataclass(frozen=True, slots=True)
class Context(Generic[S]):
    """What a step looks at: the case, the bodies and other cases, the rules in force, the day of recording.

    ``event`` is None where only what is possible is asked.
    """

    state: S
    rules: Rules
    view: View
    today: date
    event: Event | None = None


When = Callable[[Any, str | None], None]
Check = Callable[[Any, Any], None]
Then = Callable[[Any, Any], tuple[Consequence, ...]]


def always(context: Any, item: str | None) -> None:
    """No condition."""


def anything(context: Any, fact: Any) -> None:
    """No condition on the content."""


def nothing(context: Any, fact: Any) -> tuple[Consequence, ...]:
    """No consequences."""
    return ()


@dataclass(frozen=True, slots=True)
class Step:
    """The rules of one event. ``rows`` are the requirements that it answers, e.g. ``C15, E12``.

    ``item`` is the field that names what the event is about and ``items`` lists what there is, where it is about one
    of several. ``ledger_only`` events are stated as consequences and never submitted.
    """

    rows: str
    when: When = always
    check: Check = anything
    then: Then = nothing
    item: str | None = None
    items: Callable[[Any], Iterable[str]] | None = None
    ledger_only: bool = False


Steps = Mapping[type, Step]


@dataclass(frozen=True, slots=True)
class Offer:
    """An event that may come next, about which item, and by whom."""

    event: str
    item: str | None
    roles: tuple[CaseRole, ...]


@dataclass(frozen=True, slots=True)
class Rulebook(Generic[S]):
    """The rules of one kind of case: its steps, the event that begins it, and which bodies stand where in it."""

    kind: str
    steps: Steps
    initial: S
    first: type
    relations: Callable[[S, Event, Rules], Relations]

    def admit(self, state: S, event: Event, rules: Rules, at: datetime) -> tuple[Consequence, ...]:
        """The consequences of an event that the case may take now. Raises RuleError with rule and source."""
        if state == self.initial and not isinstance(event.fact, self.first):
            raise RuleError(
                f"expected {self.first.__name__} first, got {event.name}",
                f"事件流应以 {self.first.__name__} 开始，实为 {event.name}",
                rule=f"{self.kind}.unbegun",
                source=_CASE,
            )
        fact, step, today = event.fact, self.steps[type(event.fact)], legal_day(at)
        context = Context(state, rules, view(rules, today), today, event)
        if step.ledger_only and event.cause is None:
            raise RuleError(
                f"{event.name} is stated by the ledger only, as a consequence",
                f"{event.name} 只能由账本作为后果事件记载",
                rule=f"{self.kind}.consequence",
                source=_CASE,
            )
        need_role(self.kind, event, rules, context.view, self.relations(state, event, rules))
        step.when(context, getattr(fact, step.item) if step.item else None)
        step.check(context, fact)
        return step.then(context, fact)

    def offers(self, state: S, rules: Rules, on: date) -> Iterator[Offer]:
        """Every event that may come next on a day, in the order of the table, and the roles that may state it."""
        context = Context(state, rules, view_of(rules.policies, on), on)
        stated_by = granted(context.view)
        for cls, step in self.steps.items():
            if step.ledger_only:
                continue
            for item in step.items(state) if step.items else (None,):
                try:
                    step.when(context, item)
                except RuleError:
                    continue
                yield Offer(cls.__name__, item, allowed(stated_by, cls.__name__, self.kind))
