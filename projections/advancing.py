"""Several projections that are at the same position of the log, as they take its next events.

Each event is decoded and folded once for all of them. Cases used lately stay in memory, with the rows that hold for
them; one that is not there is folded again from its history. What a batch came to is one :class:`Change` for each
projection: versions that are new and versions that ended. A projection whose rows cannot be computed fails at that
event, and takes no more; the others go on.

>>> from projections.catalogue import PROJECTIONS
>>> advance = Advance([PROJECTIONS["bodies"]], World(), 0, lambda streams, before: {}, lambda kinds, before: [])
>>> advance.take([], 0), advance.position
({'bodies': Change(new=[], ended=[], position=0, failure=None)}, 0)
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ledger.domain.event import Recorded
from projections.history import Chronicle, World, grown, positions, ruled, step, streams_of
from projections.projection import OPEN, Case, Projection, Version

MOST_CASES = 20_000
"""How many cases stay in memory; the least lately used go first."""
_AT_ONCE = 500  # cases that are folded again at once where rules are adopted

Histories = Callable[[Sequence[str], int], Mapping[str, Sequence[Recorded]]]
"""The events of some streams below an index of the log."""

Begun = Callable[[Collection[str], int], Iterable[str]]
"""The streams of some kinds that were begun below an index of the log."""


@dataclass(slots=True)
class Change:
    """What a projection's rows become: ``new`` versions, and ``ended`` ones that were there before.

    ``position`` is up to where it got, ``failure`` why it got no further.
    """

    new: list[Version] = field(default_factory=list)
    ended: list[Version] = field(default_factory=list)
    position: int = 0
    failure: Exception | None = None


@dataclass(slots=True)
class _Held:
    """A case in memory; one chronicle for each projection that looks at its kind."""

    case: Case | None
    chronicles: list[Chronicle]


class Advance:
    """See the module's docstring. Whoever cannot write what :meth:`take` gave must make a new one."""

    def __init__(
        self,
        projections: Sequence[Projection],
        world: World,
        position: int,
        histories: Histories,
        begun: Begun,
    ) -> None:
        self.position = position
        self._projections = list(projections)
        self._kinds = frozenset(kind for p in projections for kind in p.kinds)
        self._world, self._histories, self._begun = world, histories, begun
        self._held: OrderedDict[str, _Held] = OrderedDict()

    @property
    def projections(self) -> tuple[Projection, ...]:
        """Those that it still works for."""
        return tuple(self._projections)

    def take(self, events: Sequence[Recorded], end: int) -> dict[str, Change]:
        """The change of each projection, by name, after the next events of the log, which ``world`` must have taken:
        those below ``end``; events of kinds that no projection looks at may be left out.

        It stops after an event that adopts rules which some projection depends on: see :attr:`position`.
        """
        batch = _Batch(self.position, {p.name: Change() for p in self._projections})
        adopted = _ruling(events) if any(p.ruled for p in self._projections) else None
        if adopted is not None:
            end = adopted.index + 1
        mine = [e for e in events if e.event.stream.partition("/")[0] in self._kinds and e.index < end]
        streams = list(dict.fromkeys(e.event.stream for e in mine))
        self._load(streams, batch, self.position)
        for recorded in mine:
            held = self._held[recorded.event.stream]
            held.case = grown(held.case, recorded, self._world)
            _ask(held, batch, own=True)
        self.position = end
        if adopted is not None:
            self._rule(adopted, batch, frozenset(streams))
        batch.finish(self._held[stream] for stream in streams)
        self._projections = [p for p in self._projections if batch.changes[p.name].failure is None]
        while len(self._held) > MOST_CASES:
            self._held.popitem(last=False)
        return batch.settled(self.position)

    def _load(self, streams: Sequence[str], batch: _Batch, before: int) -> None:
        """Has these cases in memory; those that were not are as they were before the event at an index."""
        missing = [s for s in streams if s not in self._held]
        found = self._histories(missing, before) if missing and before else {}
        for stream in streams:
            if stream in self._held:
                self._held.move_to_end(stream)
            else:
                asked = [p for p in self._projections if stream.partition("/")[0] in p.kinds]
                self._held[stream] = self._folded(asked, found.get(stream, ()), batch, before)

    def _folded(
        self, projections: Sequence[Projection], history: Sequence[Recorded], batch: _Batch, before: int
    ) -> _Held:
        held = _Held(None, [Chronicle(p) for p in projections])
        for case, own in positions(history, self._world, before):
            held.case = case
            for chronicle in held.chronicles:
                batch.step(chronicle, case, own=own, index=before)
        return held

    def _rule(self, recorded: Recorded, batch: _Batch, touched: Collection[str]) -> None:
        """Rules were adopted: all cases under them are asked again."""
        kinds = {kind for p in self._projections if p.ruled for kind in p.kinds}
        others = iter(self._begun(kinds, recorded.index))
        while some := list(islice(others, _AT_ONCE)):
            # Cases that this batch touched are in memory already: all others are as they were before it.
            several = [self._held[stream] for stream in some if stream in self._held]
            several += self._changing([s for s in some if s not in self._held], recorded, batch)
            for held in several:
                later = self._under(held.case, recorded)
                if later is not None:
                    held.case = later
                    _ask(held, batch, own=False)
            batch.finish((h for h in several if h.case and h.case.stream not in touched), recorded.index)

    def _under(self, case: Case | None, recorded: Recorded) -> Case | None:
        """The case under rules that an event adopts; None where they are not for its region."""
        if case is None or recorded.event.stream not in streams_of(case.region):
            return None
        (adopted,) = self._world.rulings(case.region, recorded.index - 1, recorded.index + 1)
        return ruled(case, adopted, self._world)

    def _changing(self, streams: Sequence[str], recorded: Recorded, batch: _Batch) -> Iterator[_Held]:
        """Of cases that are not in memory those of which rules that an event adopts change a row: as they were before.

        Most stay as they are. That is seen by their rows before and after, sooner than what held since when can be
        told, which takes the rows after each event. They do not stay in memory: there are many.
        """
        histories = self._histories(streams, recorded.index) if streams else {}
        for stream in streams:
            history = histories.get(stream, ())
            last = deque(positions(history, self._world, recorded.index), maxlen=1)
            case = last[0][0] if last else None
            later = self._under(case, recorded)
            asked = [p for p in self._projections if p.ruled and stream.partition("/")[0] in p.kinds]
            if case and later and not all(_same(p, case, later) for p in asked):
                yield self._folded(asked, history, batch, recorded.index)


def _same(projection: Projection, case: Case, later: Case) -> bool:
    """Whether the same rows hold for a case before and after."""
    try:
        before, after = ([(type(row), row) for row in projection.rows(c)] for c in (case, later))
    except Exception:  # whoever asks properly will say so
        return False
    return before == after


class _Batch:
    """What one call of :meth:`Advance.take` finds."""

    def __init__(self, start: int, changes: dict[str, Change]) -> None:
        self._start, self.changes = start, changes

    def step(self, chronicle: Chronicle, case: Case, *, own: bool, index: int) -> Sequence[Version]:
        """What the chronicle says of a case, asked for the event at ``index``; one that failed is asked no more."""
        change = self.changes.get(chronicle.projection.name)
        if change is None or change.failure is not None:
            return ()
        try:
            return step(chronicle, case, own=own)
        except Exception as error:  # a projection's mistake is its own, whatever it is
            change.failure, change.position = error, index
            return ()

    def add(self, chronicle: Chronicle, versions: Iterable[Version]) -> None:
        """Versions that ended, or rows that were added for ever."""
        change = self.changes.get(chronicle.projection.name)
        if change is not None:
            for version in versions:
                (change.new if version.asserted >= self._start else change.ended).append(version)

    def finish(self, cases: Iterable[_Held], since: int = 0) -> None:
        """Adds the versions that still hold, of those that began in this batch and not before ``since``."""
        since = max(since, self._start)
        for held in cases:
            for chronicle in held.chronicles:
                self.add(chronicle, (v for v in chronicle.standing() if v.asserted >= since))

    def settled(self, position: int) -> dict[str, Change]:
        """The changes; of a projection that failed what was before that event."""
        for change in self.changes.values():
            if change.failure is None:
                change.position = position
            else:
                end = change.position
                change.new = [_until(v, end) for v in change.new if v.asserted < end]
                change.ended = [v for v in change.ended if v.retracted < end]
        return self.changes


def _until(version: Version, end: int) -> Version:
    """The version as it was before the event at ``end``."""
    return version if version.retracted < end else version._replace(retracted=OPEN)


def _ask(held: _Held, batch: _Batch, *, own: bool) -> None:
    case = held.case
    assert case is not None
    for chronicle in held.chronicles:
        batch.add(chronicle, batch.step(chronicle, case, own=own, index=case.index))


def _ruling(events: Sequence[Recorded]) -> Recorded | None:
    """The first of the events that adopts rules."""
    return next((e for e in events if e.event.stream.startswith("policy/")), None)
