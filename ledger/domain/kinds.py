"""The kinds of case, and their events: the one place that knows them all.

Each kind is a module with facts, a state, ``admit(state, event, rules, at) -> consequences`` and
``evolve(state, recorded) -> state``. Adding a kind is adding a line here.

>>> KINDS["body"].initial.status
<Status.UNREGISTERED: 'unregistered'>
>>> fact_class("body", "BodyRenamed", 1).__name__
'BodyRenamed'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, get_args

from ledger.domain import body, body_rules, codec, commitment, commitment_rules
from ledger.domain.event import Consequence, Event, Recorded, Rules, stream_kind
from ledger.errors import FormatError


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of case. ``named(state, event)`` are the bodies, beyond those in the event, that admission looks at."""

    initial: Any
    facts: Mapping[str, type]
    admit: Callable[[Any, Event, Rules, datetime], tuple[Consequence, ...]]
    evolve: Callable[[Any, Recorded], Any]
    named: Callable[[Any, Event], Iterable[str]]


def _facts(union: Any) -> dict[str, type]:
    return {f"{cls.__name__}/{cls.SCHEMA}": cls for cls in get_args(union)}


KINDS: Mapping[str, Kind] = {
    "body": Kind(body.EMPTY, _facts(body.Fact), body_rules.admit, body.evolve, body.named),
    "commitment": Kind(
        commitment.EMPTY, _facts(commitment.Fact), commitment_rules.admit, commitment.evolve, commitment.named
    ),
}


def kind_of(stream: str) -> Kind:
    """The kind of a stream. Raises FormatError for a kind that this version does not know."""
    name = stream_kind(stream)
    if name not in KINDS:
        raise FormatError(
            f"stream: expected one of {', '.join(KINDS)}, got {name}",
            f"stream：应为 {', '.join(KINDS)} 之一，实为 {name}",
        )
    return KINDS[name]


def fact_class(kind: str, name: str, schema: int) -> type:
    """The class of an event by name and schema number. Raises FormatError naming those that exist."""
    facts = KINDS[kind].facts
    cls = facts.get(f"{name}/{schema}")
    if cls is None:
        known = ", ".join(facts)
        raise FormatError(
            f"event: expected an event of {kind} ({known}), got {name}/{schema}",
            f"event：{kind} 的事件只有 {known}，实为 {name}/{schema}",
        )
    return cls


def topic(fact: Any) -> str:
    """The name under which the store files a fact; never a module's path, so that files may be renamed."""
    return f"{type(fact).__name__}/{fact.SCHEMA}"


def fold(stream: str, history: Iterable[Recorded]) -> Any:
    """The state of a case after its recorded events, in order."""
    kind = kind_of(stream)
    return reduce(kind.evolve, history, kind.initial)


def bodies_of(state: Any, event: Event) -> set[str]:
    """The ids of the bodies that admission of ``event`` looks at, the signer and the stream's own included."""
    found = {event.iss, *codec.bodies(event.fact), *kind_of(event.stream).named(state, event)}
    kind, _, own = event.stream.partition("/")
    if kind == "body":
        found.add(own)
    return found
