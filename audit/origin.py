"""Which events led to a case, to an item of it, or to an event: by stream, by reference, by cause.

A reference leads back only: of a stream that an event names, what was recorded before that event led to it. The lead of
a record names the complaint that it came out of; that the complaint names the record afterwards leads nowhere.

>>> from ledger.domain.record.remedy_facts import ObjectionUpheld
>>> from ledger.domain.record.remedy_terms import Extent
>>> items_in(ObjectionUpheld("o1", Extent.PARTLY, "部分成立", lift=("p1", "p2")))
('o1', 'p1', 'p2')
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, get_args, get_type_hints

from audit.lookup import Held, Streams
from audit.verdict import Problem
from ledger.domain.codec import Shape, Uuid7
from ledger.domain.event import Event, Recorded, StreamId
from ledger.domain.record.facts import BreachRecognised
from ledger.domain.record.terms import ItemId
from ledger.errors import LedgerError, NotFoundError
from ledger.proof.event import Signed, parse, parse_entry


def _pattern(hint: Any) -> re.Pattern[str]:
    return re.compile(next(mark.pattern for mark in get_args(hint) if isinstance(mark, Shape)))


_STREAM, _JTI, _INDEX = _pattern(StreamId), _pattern(Uuid7), re.compile("[0-9]{1,15}")
_CASES = ("commendation", "commitment", "complaint", "person", "project", "record")
_REFERENCE = re.compile(f"(?:{'|'.join(_CASES)})/[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")


@dataclass(frozen=True, slots=True)
class Statement:
    """An entry that can be read: the event in it as it was signed, and when it was recorded."""

    held: Held
    signed: Signed
    at: datetime

    @property
    def event(self) -> Event:
        """The event."""
        return self.signed.event

    @property
    def index(self) -> int:
        """Its place in the log."""
        return self.held.index

    @property
    def recorded(self) -> Recorded:
        """The same for those who fold."""
        return Recorded(self.event, self.signed.kid, self.index, self.at, self.signed.hash)


@dataclass(frozen=True, slots=True)
class Target:
    """What is traced: a stream, one item of it, or its event at an index, which is then the last one looked at."""

    stream: str
    item: str | None = None
    index: int | None = None


class Statements:
    """The entries of a log as statements, each read once; what is wrong with their bytes is noted."""

    def __init__(self, streams: Streams) -> None:
        self.problems: dict[tuple[int | None, str], Problem] = {}
        self._streams = streams
        self._read: dict[int, Statement | None] = {}
        self._held: dict[str, Sequence[Held]] = {}

    def note(self, problem: Problem) -> None:
        """Something is wrong. Of one kind at one index it is said once."""
        self.problems.setdefault((problem.index, problem.code), problem)

    def read(self, held: Held) -> Statement | None:
        """The statement in an entry; None where there is none, which is noted."""
        if held.index not in self._read:
            self._read[held.index] = self._parsed(held)
        return self._read[held.index]

    def of(self, stream: str, upto: int | None = None) -> list[Statement]:
        """The statements of a stream up to an index, by index (None: all). What is filed there falsely is noted."""
        if stream not in self._held:
            self._held[stream] = self._streams.of(stream)
        held = (h for h in self._held[stream] if upto is None or h.index <= upto)
        found = [statement for statement in map(self.read, held) if statement]
        for statement in found:
            signed, filed = statement.event.stream, statement.held.stream
            if signed != filed:
                en = f"stored stream: expected {signed}, as signed, got {filed[:80]!a}"
                zh = f"存储的事件流：按签署内容应为 {signed}，实为 {filed[:80]!a}"
                self.note(Problem(statement.index, "filed", en, zh))
        return [statement for statement in found if statement.event.stream == stream]

    def by_jti(self, jti: str) -> Statement | None:
        """The statement of this id."""
        held = self._streams.by_jti(jti)
        return self.read(held) if held else None

    def caused_by(self, jti: str) -> list[Statement]:
        """The statements that name this id as their cause."""
        return [statement for statement in map(self.read, self._streams.caused_by(jti)) if statement]

    def target(self, wanted: str) -> Target:
        """What an id means: ``kind/id``, ``kind/id#item``, an index or a jti. Raises NotFoundError."""
        if _INDEX.fullmatch(wanted) or _JTI.fullmatch(wanted):
            held = self._streams.by_jti(wanted) if "-" in wanted else self._streams.at(int(wanted))
            if held is not None:
                statement = self.read(held)
                return Target(statement.event.stream if statement else held.stream, index=held.index)
        stream, hash_sign, item = wanted.partition("#")
        if _STREAM.fullmatch(stream) and self._streams.of(stream):
            if not hash_sign:
                return Target(stream)
            if any(item in items_in(statement.event.fact) for statement in self.of(stream)):
                return Target(stream, item)
        raise NotFoundError(
            "trace: expected a stream of this log (kind/id), an item of it (kind/id#name), or an event's index or jti, "
            f"got {wanted[:80]!a}",
            "溯源：应为本日志中的事件流（类别/标识）、其中的事项（类别/标识#名称），或事件的序号、jti，"
            f"实为 {wanted[:80]!a}",
        )

    def _parsed(self, held: Held) -> Statement | None:
        try:
            at, jws = parse_entry(held.entry)
            signed = parse(jws)
            if len(signed.jws) == len(jws):
                return Statement(held, signed, at)
            en, zh = "entry: expected a compact JWS, got an SD-JWT", "条目：应为紧凑 JWS，实为 SD-JWT"
        except LedgerError as error:
            en, zh = error.en, error.zh
        except Exception as error:  # an entry is anybody's bytes: whatever they do, the trace goes on
            name = type(error).__name__
            en, zh = f"entry: it cannot be read ({name})", f"条目：无法读取（{name}）"
        self.note(Problem(held.index, "malformed", en, zh))
        return None


class Gathering:
    """The statements that led to a target: ``chosen`` by index; ``came`` names the streams that each one leads back to,
    ``causes`` holds the cause of each that has one.
    """

    def __init__(self, statements: Statements, target: Target) -> None:
        self.chosen: dict[int, Statement] = {}
        self.came: dict[int, tuple[str, ...]] = {}
        self.causes: dict[int, Statement] = {}
        self._statements, self._target = statements, target
        self._own = statements.of(target.stream, target.index)
        self._queue: list[Statement] = []
        self._choose(self._own if target.item is None else _about(self._own, target.item))
        while self._queue:
            self._follow(self._queue.pop())

    def _choose(self, statements: Iterable[Statement]) -> None:
        for statement in statements:
            if statement.index not in self.chosen:
                self.chosen[statement.index] = statement
                self._queue.append(statement)

    def _follow(self, statement: Statement) -> None:
        index, event = statement.index, statement.event
        came = tuple(s for s in dict.fromkeys(references(event.fact)) if self._take(s, index - 1))
        if came:
            self.came[index] = came
        if event.cause is None:
            return
        cause = self._statements.by_jti(event.cause)
        if cause is None or cause.index >= index:
            en = f"expected its cause {event.cause} before it in the log, got none"
            zh = f"日志中此前应有其起因 {event.cause}，实则没有"
            self._statements.note(Problem(index, "missing", en, zh))
            return
        self.causes[index] = cause
        if cause.event.stream != self._target.stream:
            self._take(cause.event.stream, cause.index)
            return
        self._choose([cause])
        for item in items_in(cause.event.fact):  # the objection that was decided began with its filing
            self._choose([s for s in self._own if item in items_in(s.event.fact)][:1])

    def _take(self, stream: str, upto: int) -> bool:
        """Chooses what a stream says up to an index; whether that is anything. The target's own was chosen before."""
        found = [] if stream == self._target.stream else self._statements.of(stream, upto)
        self._choose(found)
        return bool(found)


def references(value: Any) -> Iterator[str]:
    """The cases that a fact, or a value in it, names."""
    if isinstance(value, str) and _REFERENCE.fullmatch(value):
        yield value
    for part in _parts(value):
        yield from references(part)


def items_in(fact: Any) -> tuple[str, ...]:
    """The items (penalties, objections, repairs …) that a fact names, its own first."""
    found: list[str] = []
    cls: Any = type(fact)
    for name in _item_fields(cls):
        value = getattr(fact, name)
        found += value if isinstance(value, tuple) else [value] if value else []
    return tuple(dict.fromkeys(found))


def _about(own: list[Statement], item: str) -> list[Statement]:
    """The events of a case that name an item, and the recognition before the first of them."""
    about = [s for s in own if item in items_in(s.event.fact)]
    recognised = [s for s in own if isinstance(s.event.fact, BreachRecognised) and s.index < about[0].index]
    return [*recognised[-1:], *about]


def _parts(value: Any) -> tuple[Any, ...]:
    """What a value is made of."""
    if isinstance(value, tuple):
        return value
    if dataclasses.is_dataclass(value):
        return tuple(getattr(value, field.name) for field in dataclasses.fields(value))
    return ()


@cache
def _item_fields(cls: type) -> tuple[str, ...]:
    return tuple(name for name, hint in get_type_hints(cls, include_extras=True).items() if _names_items(hint))


def _names_items(hint: Any) -> bool:
    return bool(hint == ItemId) or any(_names_items(part) for part in get_args(hint))
