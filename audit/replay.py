"""What the entries of a log come to: every case folded again from bytes, up to an index or to the end of a day.

The folds are those of :mod:`ledger.domain.kinds`. Whether the signatures hold and the tree is the signed one is for
:mod:`audit.verify`; here an entry must be an event that continues its stream, else nothing can be folded.

A state has one form in bytes (:func:`canonical`): JSON in UTF-8 without spaces, names in ascending order, sets sorted,
each object with the name of what it is (``@type``). So two replays agree exactly where their bytes do, and the SHA-256
of these bytes stands for the state.

>>> canonical({"b": frozenset({"y", "x"}), "a": (date(2026, 4, 1), None)}).decode()
'{"a":["2026-04-01",null],"b":["x","y"]}'
>>> replay([(0, b"promised")])  # doctest: +ELLIPSIS
Traceback (most recent call last):
audit.replay.EntryError: entry 0: entry: expected a time and a compact JWS, a line each | 第 0 号条目：日志条目：应为...
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from hashlib import sha256
from itertools import takewhile
from typing import Any

from audit.judging import Judging
from audit.source import Extent, Session
from audit.verdict import Problem
from ledger.domain.event import Recorded, legal_day, next_head
from ledger.domain.kinds import kind_of
from ledger.errors import FormatError, Head, LedgerError
from ledger.proof.event import parse, parse_entry

PAGE = 2048
"""Entries that are read at once."""

Entry = tuple[int, bytes]
"""The index that an entry is filed under, and its bytes."""


class EntryError(LedgerError):
    """An entry that nothing can be folded over: it is missing, no event, or not what follows in its stream.

    ``problem`` names it; its exit code is that of an audit.
    """

    code = "entry"

    def __init__(self, index: int, code: str, en: str, zh: str) -> None:
        super().__init__(f"entry {index}: {en}", f"第 {index} 号条目：{zh}")
        self.problem = Problem(index, code, self.en, self.zh)


@dataclass(frozen=True, slots=True)
class Case:
    """What the events of a stream come to; ``version`` and ``index`` are those of the last of them."""

    stream: str
    version: int
    index: int
    state: Any

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the state's canonical bytes."""
        return sha256(canonical(self.state)).hexdigest()


@dataclass(frozen=True, slots=True)
class Replayed:
    """The cases by stream, in ascending order; ``entries`` were folded, the last of them recorded ``at``."""

    entries: int
    at: datetime | None
    cases: Mapping[str, Case]


def replay(entries: Iterable[Entry], to: int | date | None = None, *, rules: bool = False) -> Replayed:
    """The cases after all entries, or those up to the index or the day ``to`` (with it). Raises EntryError.

    With ``rules`` each event is judged again where it stands (:mod:`audit.judging`).
    """
    if isinstance(to, int):
        last = to
        entries = takewhile(lambda entry: entry[0] <= last, entries)
    cases: dict[str, Case] = {}
    judging = Judging(lambda stream: cases[stream].state if stream in cases else None)
    count, at = 0, None
    for recorded in events(entries):
        if isinstance(to, date) and legal_day(recorded.at) > to:
            break
        if rules and (problem := judging.take(recorded)):
            raise _raised(problem)
        stream = recorded.event.stream
        cases[stream] = _grown(cases.get(stream), recorded)
        count, at = count + 1, recorded.at
    if to is None and (problem := judging.left(count)):
        raise _raised(problem)
    return Replayed(count, at, dict(sorted(cases.items())))


def _raised(problem: Problem) -> EntryError:
    assert problem.index is not None
    return EntryError(problem.index, problem.code, problem.en, problem.zh)


def _grown(case: Case | None, recorded: Recorded) -> Case:
    event = recorded.event
    kind = kind_of(event.stream)
    try:
        state = kind.evolve(kind.initial if case is None else case.state, recorded)
    except Exception as error:  # nobody admitted what somebody put there: a fold may meet anything
        raise not_following(recorded, error) from error
    return Case(event.stream, event.version, recorded.index, state)


def not_following(recorded: Recorded, error: Exception) -> EntryError:
    """The error for an event that the rules would not have let come where it stands."""
    name, why = recorded.event.name, type(error).__name__
    return EntryError(
        recorded.index,
        "course",
        f"{name} cannot follow what its case had come to ({why})",
        f"{name} 不可能出现在该案件的此时（{why}）",
    )


def events(entries: Iterable[Entry]) -> Iterator[Recorded]:
    """The events of a whole log from index 0 on, as far as the entries go.

    Raises EntryError at the first that is missing, no event, recorded before the one before it, or not what continues
    its stream.
    """
    heads: dict[str, Head] = {}
    last: datetime | None = None
    for count, (index, entry) in enumerate(entries):
        if index > count:
            raise EntryError(count, "missing", "expected it to be there, got none", "应有此条目，实则没有")
        if index < count:
            raise EntryError(index, "extra", "expected one entry at this index, got two", "此序号应只有一个，实有两个")
        recorded = _recorded(index, entry)
        stream = recorded.event.stream
        _need_next(recorded, heads.get(stream) or next_head(None), last)
        heads[stream], last = next_head(recorded), recorded.at
        yield recorded


def _recorded(index: int, entry: bytes) -> Recorded:
    try:
        at, jws = parse_entry(entry)
        signed = parse(jws)
        if len(signed.jws) != len(jws):
            raise FormatError("expected a compact JWS, got an SD-JWT", "应为紧凑 JWS，实为 SD-JWT")
    except LedgerError as error:
        raise EntryError(index, "malformed", error.en, error.zh) from error
    except Exception as error:  # an entry is anybody's bytes
        name = type(error).__name__
        raise EntryError(index, "malformed", f"it cannot be read ({name})", f"无法读取（{name}）") from error
    return Recorded(signed.event, signed.kid, index, at, signed.hash)


def _need_next(recorded: Recorded, head: Head, last: datetime | None) -> None:
    """Raises EntryError unless the event follows its stream's head and was not recorded before ``last``."""
    event, index = recorded.event, recorded.index
    if event.version != head.version + 1:
        raise EntryError(
            index,
            "stream",
            f"expected version {head.version + 1} of {event.stream}, got {event.version}",
            f"应为 {event.stream} 的第 {head.version + 1} 版，实为第 {event.version} 版",
        )
    if event.prev != head.hash:
        raise EntryError(
            index,
            "prev",
            f"expected the hash of the event before, {head.hash}, got {event.prev}",
            f"应为前一事件的散列 {head.hash}，实为 {event.prev}",
        )
    if last is not None and recorded.at < last:
        raise EntryError(
            index,
            "time",
            f"expected a time not before {last.isoformat()}, got {recorded.at.isoformat()}",
            f"时间不应早于 {last.isoformat()}，实为 {recorded.at.isoformat()}",
        )


def length(session: Session) -> int:
    """How many entries a source has now. Raises EntryError where its newest checkpoint is filed under more of them."""
    extent = Extent(*session.extent())
    if extent.newest is not None and extent.newest[0] > extent.end:
        raise EntryError(
            extent.end,
            "missing",
            f"expected it to be there: a checkpoint covers {extent.newest[0]} entries, got none",
            f"应有此条目（检查点涵盖 {extent.newest[0]} 个），实则没有",
        )
    return extent.end


def read(session: Session, stop: int, progress: Callable[[int], object] = lambda count: None) -> Iterator[Entry]:
    """The entries of a source below the index ``stop``, a page at a time; ``progress`` is told of each page's size.

    Raises EntryError where an entry is missing, the LedgerError of a source that cannot be read.
    """
    for start in range(0, stop, PAGE):
        expected = min(PAGE, stop - start)
        rows = session.rows(start, start + expected)
        yield from ((row[0], row[6]) for row in rows)
        if len(rows) < expected:  # events() finds a gap by the entry after it; after the last there is none
            at = next((start + n for n, row in enumerate(rows) if row[0] != start + n), start + len(rows))
            raise EntryError(at, "missing", "expected it to be there, got none", "应有此条目，实则没有")
        progress(len(rows))


def canonical(value: Any) -> bytes:
    """The one form of a state in bytes; see the module's docstring. Raises TypeError for what no state is made of."""
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def plain(value: Any) -> Any:
    """A state as JSON values; see :func:`canonical`."""
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int() | str():
            return value
        case date():  # a datetime is one
            return value.isoformat()
        case tuple() | list():
            return [plain(item) for item in value]
        case frozenset() | set():
            return sorted((plain(item) for item in value), key=canonical)
        case Mapping():
            return {_name(key): plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"@type": type(value).__name__, **fields}
    raise TypeError(f"no canonical form for {type(value)}")


def _name(key: Any) -> str:
    """The name under which a mapping's key stands: a text, or a year."""
    if isinstance(key, Enum):
        return _name(key.value)
    if isinstance(key, str) or type(key) is int:
        return str(key)
    raise TypeError(f"no canonical form for a key of {type(key)}")
