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
from datetime import date, datetime
from functools import reduce
from typing import Any, get_args

from ledger.domain import (
    body,
    body_rules,
    codec,
    commendation,
    commendation_rules,
    commitment,
    commitment_rules,
    person,
    person_rules,
    policy,
    policy_rules,
    project,
    project_rules,
)
from ledger.domain.complaint import facts as complaint_facts
from ledger.domain.complaint import rules as complaint_rules
from ledger.domain.complaint import state as complaint_state
from ledger.domain.event import Consequence, Event, Recorded, Rules, stream_kind
from ledger.domain.record import evolve as record_evolve
from ledger.domain.record import rules as record_rules
from ledger.domain.record import state as record_state
from ledger.domain.steps import Offer
from ledger.errors import FormatError


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of case, and what its admission looks at beyond the case itself.

    ``named(state, event)`` are the bodies beyond those in the event's data, ``related(state, event)`` other streams,
    ``subject(state, event)`` the body whose region decides which rule packs apply (None: no pack is looked at).
    ``offers(state, rules, on)`` lists what may come next, for the kinds whose rules are tables of steps.
    """

    initial: Any
    facts: Mapping[str, type]
    admit: Callable[[Any, Event, Rules, datetime], tuple[Consequence, ...]]
    evolve: Callable[[Any, Recorded], Any]
    named: Callable[[Any, Event], Iterable[str]]
    related: Callable[[Any, Event], Iterable[str]] = lambda state, event: ()
    subject: Callable[[Any, Event], str | None] = lambda state, event: None
    offers: Callable[[Any, Rules, date], Iterable[Offer]] | None = None


def _facts(union: Any) -> dict[str, type]:
    return {f"{cls.__name__}/{cls.SCHEMA}": cls for cls in get_args(union)}


KINDS: Mapping[str, Kind] = {
    "body": Kind(body.EMPTY, _facts(body.Fact), body_rules.admit, body.evolve, body.named),
    "commendation": Kind(
        commendation.EMPTY,
        _facts(commendation.Fact),
        commendation_rules.admit,
        commendation.evolve,
        commendation.named,
        commendation.related,
        commendation.subject,
        commendation_rules.offers,
    ),
    "commitment": Kind(
        commitment.EMPTY, _facts(commitment.Fact), commitment_rules.admit, commitment.evolve, commitment.named
    ),
    "complaint": Kind(
        complaint_state.EMPTY,
        _facts(complaint_facts.Fact),
        complaint_rules.admit,
        complaint_state.evolve,
        complaint_state.named,
        complaint_state.related,
        complaint_state.subject,
        complaint_rules.offers,
    ),
    "person": Kind(
        person.EMPTY,
        _facts(person.Fact),
        person_rules.admit,
        person.evolve,
        person.named,
        subject=person.subject,
        offers=person_rules.offers,
    ),
    "policy": Kind(policy.EMPTY, _facts(policy.Fact), policy_rules.admit, policy.evolve, policy.named),
    "project": Kind(
        project.EMPTY,
        _facts(project.Fact),
        project_rules.admit,
        project.evolve,
        project.named,
        project.related,
        project.subject,
        project_rules.offers,
    ),
    "record": Kind(
        record_state.EMPTY,
        _facts(record_state.Fact),
        record_rules.admit,
        record_evolve.evolve,
        record_state.named,
        record_state.related,
        record_state.subject,
        record_rules.offers,
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


def policies_of(state: Any, event: Event, bodies: Mapping[str, Any]) -> tuple[str, ...]:
    """The policy streams that the admission of ``event`` looks at, the nearest first."""
    subject = kind_of(event.stream).subject(state, event)
    if subject is None:
        return ()
    return policy.streams(policy.region_of(subject, bodies[subject].region if subject in bodies else None))
