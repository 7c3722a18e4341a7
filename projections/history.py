"""From events to versions of rows: the one way in which incremental work, rebuild and the audit's replay compute them.

A :class:`World` is what projections may know beside the case itself: regions of bodies, rules adopted, each from its
index on. A :class:`Chronicle` is one case under one projection: it is told what holds after each event, and says which
versions ended there.

>>> from projections.projection import OPEN, Projection, Table
>>> from typing import NamedTuple
>>> class Named(NamedTuple):
...     id: str
...     name: str
>>> example = Projection("example", 1, (Table("names", Named, 1),), frozenset({"body"}))
>>> chronicle = Chronicle(example)
>>> chronicle.holds([Named("b", "旧名")], 3), chronicle.holds([Named("b", "旧名")], 5)
([], [])
>>> [(v.row.name, v.asserted, v.retracted) for v in chronicle.holds([Named("b", "新名")], 7)]
[('旧名', 3, 7)]
>>> [(v.row.name, v.asserted, v.retracted == OPEN) for v in chronicle.standing()]
[('新名', 7, True)]
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import is_
from typing import Any, NamedTuple

from ledger.domain import policy
from ledger.domain.body import BodyProvisionallyRegistered, BodyRegistered
from ledger.domain.event import Recorded, legal_day, stream_kind
from ledger.domain.kinds import KINDS
from ledger.domain.policy import Policy
from projections.projection import OPEN, Case, Projection, Row, Table, Version


@dataclass(frozen=True, slots=True)
class Adopted:
    """The state of a ``policy/`` stream after the event at ``index``, recorded on ``day``."""

    index: int
    day: date
    state: Policy


BODY_TOPICS = ("BodyRegistered/1", "BodyProvisionallyRegistered/1")
"""Events of bodies that a world is made of, beside all of policies."""
WORLD_KINDS = frozenset({"body", "policy"})
"""The kinds of case whose events a world is made of."""


@dataclass
class World:
    """What projections may know beside the case: grows by :meth:`take`, event by event; the past stays answerable."""

    _regions: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    _policies: dict[str, list[Adopted]] = field(default_factory=dict)
    _rules: dict[str | None, _Rules] = field(default_factory=dict, repr=False, compare=False)  # as they are asked for

    def take(self, recorded: Recorded) -> None:
        """One more event; only those of bodies and policies matter."""
        fact = recorded.event.fact
        kind, _, own = recorded.event.stream.partition("/")
        if kind == "policy":
            versions = self._policies.setdefault(recorded.event.stream, [])
            before = versions[-1].state if versions else policy.EMPTY
            versions.append(Adopted(recorded.index, legal_day(recorded.at), policy.evolve(before, recorded)))
            self._rules.clear()
        elif isinstance(fact, BodyRegistered):
            self._regions[own] = recorded.index, policy.region_of(own, fact.region)
        elif isinstance(fact, BodyProvisionallyRegistered):  # as near as one knows: where it was named
            self._regions[own] = recorded.index, self.region(fact.named_by, recorded.index)

    def region(self, body_id: str, index: int) -> str | None:
        """The region of a body as it was known at ``index`` of the log; None where it was not registered by then."""
        since, region = self._regions.get(body_id, (OPEN, None))
        return region if since <= index else None

    def policies(self, region: str | None, index: int) -> tuple[Policy, ...]:
        """The rules of a region at ``index`` of the log, the nearest first, the national ones last."""
        rules = self._rules_of(region)
        return rules.states[bisect_right(rules.indices, index)]

    def rulings(self, region: str | None, after: int, until: int = OPEN) -> Sequence[Adopted]:
        """What was adopted for a region beyond ``after`` and below ``until``, in the order of the log."""
        rules = self._rules_of(region)
        return rules.adopted[bisect_right(rules.indices, after) : bisect_left(rules.indices, until)]

    def _rules_of(self, region: str | None) -> _Rules:
        found = self._rules.get(region)
        if found is None:
            found = self._rules[region] = _rules(self._policies, streams_of(region))
        return found


class _Rules(NamedTuple):
    """All that was adopted for a region, by index; ``states[n]`` are its rules after the first n of them."""

    indices: list[int]
    adopted: list[Adopted]
    states: list[tuple[Policy, ...]]


def _rules(policies: Mapping[str, Sequence[Adopted]], streams: Sequence[str]) -> _Rules:
    found = sorted(
        ((a, place) for place, s in enumerate(streams) for a in policies.get(s, ())), key=lambda f: f[0].index
    )
    now = [policy.EMPTY] * len(streams)
    states = [tuple(now)]
    for adopted, place in found:
        now[place] = adopted.state
        states.append(tuple(now))
    return _Rules([a.index for a, _ in found], [a for a, _ in found], states)


def streams_of(region: str | None) -> tuple[str, ...]:
    """The streams whose rules hold in a region, the nearest first; None: the national ones alone."""
    return policy.streams(region) if region else (policy.NATIONAL,)


class Chronicle:
    """The rows of one case under one projection as they change; see the module's docstring."""

    __slots__ = ("_last", "_now", "projection")

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self._last: list[Row] = []
        self._now: dict[Any, tuple[Table, Row, int]] = {}

    def holds(self, rows: Iterable[Row], index: int) -> list[Version]:
        """From ``index`` on these rows hold and no others: the versions that ended with that."""
        rows = list(rows)
        # Most events change nothing of most projections. Rows of two tables may have the same values.
        if rows == self._last and (not rows or all(map(is_, map(type, rows), map(type, self._last)))):
            return []
        before, table_of = self._now, self.projection.table_of
        now: dict[Any, tuple[Table, Row, int]] = {}
        ended = []
        known = 0
        for row in rows:
            cls = type(row)
            table = table_of[cls]
            place = cls, row[: table.key]
            if place in now:
                raise AssertionError(f"{self.projection.schema}.{table.name}: two rows have the key {place[1]}")
            found = before.get(place)
            if found is None:
                now[place] = table, row, index
                continue
            known += 1
            if found[1] == row:
                now[place] = found
            else:
                ended.append(Version(*found, index))
                now[place] = table, row, index
        if known < len(before):
            ended += [Version(*gone, index) for place, gone in before.items() if place not in now]
        self._last, self._now = rows, now
        return ended

    def standing(self) -> Iterable[Version]:
        """The versions that still hold."""
        return [Version(table, row, asserted, OPEN) for table, row, asserted in self._now.values()]


def subject_of(state: Any, recorded: Recorded) -> str | None:
    """The body that a case is about: of a commitment its holder, of a body itself."""
    kind, _, own = recorded.event.stream.partition("/")
    if kind == "body":
        return own
    return state.holder if kind == "commitment" else KINDS[kind].subject(state, recorded.event)


def grown(case: Case | None, recorded: Recorded, world: World) -> Case:
    """The case after its next event; None before its first."""
    kind = KINDS[stream_kind(recorded.event.stream)]
    state = kind.evolve(case.state if case else kind.initial, recorded)
    subject = subject_of(state, recorded)
    region = world.region(subject, recorded.index) if subject else None
    begun, rules = case.begun if case else recorded, world.policies(region, recorded.index)
    day = legal_day(recorded.at)
    return Case(recorded.event.stream, begun, recorded, state, subject, region, rules, recorded.index, day)


def ruled(case: Case, adopted: Adopted, world: World) -> Case:
    """The case after rules for its region were adopted."""
    rules = world.policies(case.region, adopted.index)
    return replace(case, policies=rules, index=adopted.index, day=adopted.day)


def positions(history: Iterable[Recorded], world: World, size: int = OPEN) -> Iterator[tuple[Case, bool]]:
    """A case at every position where its rows may change, and whether an event of its own is there.

    ``history`` is all of the case's among the first ``size`` events of the log, which ``world`` must have taken; it may
    have taken more.
    """
    case: Case | None = None
    for recorded in history:
        if case is not None:
            yield from ((later, False) for later in _rulings(case, world, recorded.index))
        case = grown(case, recorded, world)
        yield case, True
    if case is not None:
        yield from ((later, False) for later in _rulings(case, world, size))


def _rulings(case: Case, world: World, until: int) -> Iterator[Case]:
    """The case after each adoption of rules for its region below ``until``."""
    for adopted in world.rulings(case.region, case.index, until):
        case = ruled(case, adopted, world)
        yield case


def versions(projection: Projection, history: Iterable[Recorded], world: World, size: int = OPEN) -> Iterator[Version]:
    """All versions of the rows of one case, in no particular order; see :func:`positions`."""
    (found,) = gathered((projection,), history, world, size)
    return iter(found)


def gathered(
    projections: Sequence[Projection], history: Iterable[Recorded], world: World, size: int = OPEN
) -> list[list[Version]]:
    """The versions of a case in each of several projections that look at its kind: the history is folded once."""
    found: list[list[Version]] = [[] for _ in projections]
    chronicles = [(Chronicle(p), several) for p, several in zip(projections, found, strict=True)]
    for case, own in positions(history, world, size):
        for chronicle, several in chronicles:
            several.extend(step(chronicle, case, own=own))
    for chronicle, several in chronicles:
        several.extend(chronicle.standing())
    return found


def step(chronicle: Chronicle, case: Case, *, own: bool) -> list[Version]:
    """What an event of the case's own, or the adoption of rules, adds for ever and what it ends."""
    projection = chronicle.projection
    if not own:
        return chronicle.holds(projection.rows(case), case.index) if projection.ruled else []
    table_of, index = projection.table_of, case.index
    added = [Version(table_of[type(row)], row, index, OPEN) for row in projection.entries(case)]
    return added + chronicle.holds(projection.rows(case), index)
