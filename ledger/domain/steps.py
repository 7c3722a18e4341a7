"""Steps: the rules of a case as a table, one row for each of its events.

A step says when the event may come (``when``, for one of ``items`` where it is about a penalty, an objection…), what
it must contain (``check``), and what the ledger states in consequence (``then``). Admission and the list of possible
next events read the same table, so that what is offered is what is admitted.

    admit  = the signer has a role for it -> when -> check -> then
    offers = every event, and every item of it, whose `when` does not refuse
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from ledger.domain.event import Consequence, Event, Rules
from ledger.domain.policy import View
from ledger.domain.roles import CaseRole, Relations, allowed, need_role
from ledger.errors import RuleError

S = TypeVar("S")


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


def admit(
    kind: str, steps: Steps, context: Context[Any], relations: Relations, event: Event
) -> tuple[Consequence, ...]:
    """The consequences of an event that may come now. Raises RuleError with rule and source."""
    fact = event.fact
    step = steps[type(fact)]
    if step.ledger_only and event.cause is None:
        raise RuleError(
            f"{event.name} is stated by the ledger only, as a consequence",
            f"{event.name} 只能由账本作为后果事件记载",
            rule=f"{kind}.consequence",
            source="docs/architecture.md, A case is one stream",
        )
    need_role(kind, event, context.rules, context.view, relations)
    step.when(context, getattr(fact, step.item) if step.item else None)
    step.check(context, fact)
    return step.then(context, fact)


def offers(steps: Steps, context: Context[Any]) -> Iterator[Offer]:
    """Every event that may come next, in the order of the table."""
    for cls, step in steps.items():
        if step.ledger_only:
            continue
        for item in step.items(context.state) if step.items else (None,):
            try:
                step.when(context, item)
            except RuleError:
                continue
            yield Offer(cls.__name__, item, allowed(context.view, cls.__name__))
