"""A case as the ledger knew it at the end of a day: its events up to then, folded, and the rules of that day.

What was recorded later does not count: neither events of the case, nor names of bodies, nor rule packs adopted since.

>>> from ledger.domain.event import Document
>>> list(streams_in((Document("函", "0" * 64), "record/0198c5a2-0000-7000-8000-000000000021")))
['record/0198c5a2-0000-7000-8000-000000000021']
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import Any, TypeGuard, get_args

from ledger.application import Ledger
from ledger.domain.body import Body, links
from ledger.domain.codec import Shape
from ledger.domain.event import Event, Recorded, Rules, StreamId, legal_day
from ledger.domain.kinds import KINDS, bodies_of, fold, policies_of
from ledger.domain.policy import View, view_of
from ledger.errors import NotFoundError
from ledger.position import recorded_of
from ledger.store.reader import Reader
from projections.disclosure import tells_signer
from projections.history import subject_of

_STREAM = re.compile(next(mark.pattern for mark in get_args(StreamId) if isinstance(mark, Shape)))
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ALL = 2**63 - 1
"""More entries than a log has."""
_REFERENCE = re.compile(f"(?:commendation|commitment|complaint|person|project|record)/{_UUID}")


class Listed(StrEnum):
    """The kinds of case that are listed together: those that have no list of their own."""

    RECORD = "record"
    COMPLAINT = "complaint"
    PROJECT = "project"
    PERSON = "person"
    COMMENDATION = "commendation"


@dataclass(frozen=True, slots=True)
class CaseFile:
    """See the module's docstring. ``rules.bodies`` has every body that the case names, as it was called on that day."""

    stream: str
    on: date
    history: tuple[Recorded, ...]
    state: Any
    rules: Rules
    view: View

    @property
    def names(self) -> Mapping[str, Body]:
        """The bodies that were registered by then."""
        return {b: state for b, state in self.rules.bodies.items() if state.known}


def open_case(
    ledger: Ledger, stream: str, on: date, sees: Callable[[Event], bool] = lambda event: True, size: int = ALL
) -> CaseFile:
    """The case of a stream on a day, as far as ``sees`` allows: its state is that of the events that may be seen.

    ``size``: no more than so many entries of the log count, for a day that was not over yet. Raises NotFoundError where
    nothing was recorded by then, or it is no stream.
    """
    history = _recorded_by(ledger.history(stream), on, size) if is_stream(stream) else []
    history = [recorded for recorded in history if sees(recorded.event)]
    if not history:
        raise NotFoundError(
            f"case: the ledger has no stream {stream[:80]!a} up to {on}",
            f"案件：截至 {on}，账本中没有事件流 {stream[:80]!a}",
        )
    state, last = fold(stream, history), history[-1].event
    wanted = {b for r in history for b in bodies_of(state, r.event)}
    bodies = _bodies(ledger.reader, wanted, on, size)
    cases = states_on(ledger.reader, {s for r in history for s in streams_in(r.event.fact)} - {stream}, on, size)
    policies = policies_of(state, last, bodies)
    adopted = states_on(ledger.reader, policies, on, size)
    found = tuple(adopted.get(p, KINDS["policy"].initial) for p in policies)
    return CaseFile(stream, on, tuple(history), state, Rules(bodies, cases, found), view_of(found, on))


def is_signed(ledger: Ledger, recorded: Recorded) -> bool:
    """Whether the public may know who signed an event that is not open, of a case as it was after that event."""
    stream = recorded.event.stream
    state = fold(stream, [said for said in ledger.history(stream) if said.index <= recorded.index])
    return tells_signer(recorded.event.fact, recorded.event.iss, subject_of(state, recorded))


def is_stream(text: str) -> bool:
    """Whether a text can be the id of a stream of a kind that this version knows."""
    return bool(_STREAM.fullmatch(text)) and text.partition("/")[0] in KINDS


def is_reference(value: object) -> TypeGuard[str]:
    """Whether a value is a reference to another case."""
    return isinstance(value, str) and bool(_REFERENCE.fullmatch(value))


def streams_in(value: Any) -> Iterator[str]:
    """The other cases that a fact, or a value in it, refers to."""
    if is_reference(value):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from streams_in(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from streams_in(getattr(value, field.name))


def _recorded_by(history: Iterable[Recorded], on: date, size: int) -> list[Recorded]:
    return [recorded for recorded in history if recorded.index < size and legal_day(recorded.at) <= on]


def states_on(reader: Reader, streams: Iterable[str], on: date, size: int = ALL) -> dict[str, Any]:
    """The states of streams at the end of a day, as far as they had begun within ``size`` entries; in one query."""
    wanted = sorted(set(streams))
    known = _recorded_by(map(recorded_of, reader.streams(wanted)) if wanted else (), on, size)
    return {stream: fold(stream, history) for stream, history in groupby(known, lambda r: r.event.stream)}


def _bodies(reader: Reader, wanted: set[str], on: date, size: int) -> dict[str, Body]:
    """The bodies of these ids, and those that they lead to by succession, resolution or subordination."""
    found: dict[str, Body] = {}
    while wanted:
        states = states_on(reader, (f"body/{b}" for b in wanted), on, size)
        found |= {b: states.get(f"body/{b}", KINDS["body"].initial) for b in wanted}
        led = {b for body_id in wanted for b in (*links(found[body_id]), found[body_id].superior) if b}
        wanted = led - found.keys()
    return found
