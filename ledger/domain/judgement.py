"""Judging an event where it stands: its kind's rules, with all that they may look at. For who admits it, and for who
checks afterwards that it was admitted rightly.

>>> from datetime import UTC
>>> from ledger.domain.body import RoleGranted
>>> from ledger.domain.body_terms import Role
>>> from ledger.errors import RuleError
>>> event = Event("11990000000000019A", 0, "", "body/11990000000000027X", 1, None, RoleGranted(Role.OPERATOR))
>>> try:
...     judge(lambda stream: None, event, datetime(2026, 4, 1, tzinfo=UTC))
... except RuleError as error:
...     print(error.rule)
body.role
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from ledger.domain import body
from ledger.domain.body import Body
from ledger.domain.event import Consequence, Event, Rules
from ledger.domain.kinds import bodies_of, kind_of, policies_of

States = Callable[[str], Any]
"""Stream -> its state at this position; None where it has no event."""


def judge(states: States, event: Event, at: datetime) -> tuple[Consequence, ...]:
    """What follows from an event that is recorded ``at``. Raises RuleError, with rule and source, if it is refused."""
    kind = kind_of(event.stream)
    state = _state(states, event.stream)
    bodies = _bodies(states, bodies_of(state, event))
    rules = Rules(
        bodies,
        {stream: states(stream) for stream in kind.related(state, event)},
        tuple(_state(states, stream) for stream in policies_of(state, event, bodies)),
    )
    return kind.admit(state, event, rules, at)


def _state(states: States, stream: str) -> Any:
    found = states(stream)
    return kind_of(stream).initial if found is None else found


def _bodies(states: States, ids: Iterable[str]) -> Mapping[str, Body]:
    """The bodies of these ids, and those that they lead to by succession, resolution or subordination."""
    found: dict[str, Body] = {}
    queue = list(ids)
    while queue:
        body_id = queue.pop()
        if body_id not in found:
            found[body_id] = _state(states, f"body/{body_id}")
            superior = found[body_id].superior
            queue.extend((*body.links(found[body_id]), *((superior,) if superior else ())))
    return found
