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
>>> [(v.row.name, v.asserted, v.retracted == OPEN) for v in chronicle.open()]
[('新名', 7, True)]
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

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


@dataclass
class World:
    """What projections may know beside the case: grows by :meth:`take`, event by event; the past stays answerable."""

    _regions: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    _policies: dict[str, list[Adopted]] = field(default_factory=dict)

    def take(self, recorded: Recorded) -> None:
        """One more event; only those of bodies and policies matter."""
        fact = recorded.event.fact
        kind, _, own = recorded.event.stream.partition("/")
        if kind == "policy":
            versions = self._policies.setdefault(recorded.event.stream, [])
            before = versions[-1].state if versions else policy.EMPTY
            versions.append(Adopted(recorded.index, legal_day(recorded.at), policy.evolve(before, recorded)))
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
        streams = policy.streams(region) if region else (policy.NATIONAL,)
        return tuple(self._at(stream, index) for stream in streams)

    def rulings(self, region: str | None, after: int) -> list[Adopted]:
        """What was adopted for a region beyond ``after``, in the order of the log."""
        streams = policy.streams(region) if region else (policy.NATIONAL,)
        found = (a for stream in streams for a in self._policies.get(stream, ()) if a.index > after)
        return sorted(found, key=lambda a: a.index)

    def _at(self, stream: str, index: int) -> Policy:
        versions = self._policies.get(stream, [])
        count = bisect_left(versions, index + 1, key=lambda a: a.index)
        return versions[count - 1].state if count else policy.EMPTY


class Chronicle:
    """The rows of one case under one projection as they change; see the module's docstring."""

    __slots__ = ("_now", "projection")

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self._now: dict[Any, tuple[Table, Row, int]] = {}

    def holds(self, rows: Iterable[Row], index: int) -> list[Version]:
        """From ``index`` on these rows hold and no others: the versions that ended with that."""
        before, now = self._now, {}
        ended = []
        for row in rows:
            table = self.projection.table(row)
            place = table.name, table.key_of(row)
            if place in now:
                raise AssertionError(f"{self.projection.schema}.{table.name}: two rows have the key {place[1]}")
            found = before.pop(place, None)
            if found is not None and found[1] == row:
                now[place] = found
                continue
            if found is not None:
                ended.append(Version(*found, index))
            now[place] = table, row, index
        ended += [Version(*gone, index) for gone in before.values()]
        self._now = now
        return ended

    def open(self) -> Iterator[Version]:
        """The versions that still hold."""
        return (Version(*found, OPEN) for found in self._now.values())


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


def positions(history: Sequence[Recorded], world: World) -> Iterator[tuple[Case, bool]]:
    """A case at every position where its rows may change, and whether an event of its own is there.

    ``world`` must have taken the whole log that is looked at.
    """
    case: Case | None = None
    for number, recorded in enumerate(history):
        case = grown(case, recorded, world)
        yield case, True
        end = history[number + 1].index if number + 1 < len(history) else OPEN
        for adopted in world.rulings(case.region, recorded.index):
            if adopted.index < end:
                case = ruled(case, adopted, world)
                yield case, False


def versions(projection: Projection, history: Sequence[Recorded], world: World) -> Iterator[Version]:
    """All versions of the rows of one case, given its whole history, in no particular order."""
    chronicle = Chronicle(projection)
    for case, own in positions(history, world):
        if own:
            yield from (Version(projection.table(r), r, case.index, OPEN) for r in projection.entries(case))
        if own or projection.ruled:
            yield from chronicle.holds(projection.rows(case), case.index)
    yield from chronicle.open()
