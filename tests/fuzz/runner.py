"""Runs a parser on many inputs: it may raise a LedgerError and nothing else, in little time and memory.

What a parser answered (where it raised what) tells inputs apart: those that are answered in a new way are kept and
mutated further, which is nearly as good as measuring coverage and costs nothing.
"""

from __future__ import annotations

import resource
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from ledger.errors import LedgerError
from tests.fuzz.mutate import Mutator
from tests.fuzz.target import Target

SECONDS = 3.0
"""Of processor time, that one input may take: another program that is busy is no hang of ours."""
MEMORY = 1 << 30
"""Bytes of address space that all inputs together may add."""
MOST_FINDS = 5


class HangError(BaseException):
    """An input took too long. No parser catches it."""


@dataclass(slots=True)
class Find:
    """An input on which a parser did what it must not."""

    target: str
    what: str
    data: bytes
    trace: str


@dataclass(slots=True)
class Run:
    """How a target fared: inputs, different answers, the slowest input in seconds, and what was found."""

    target: str
    inputs: int = 0
    answers: int = 0
    slowest: float = 0.0
    finds: list[Find] = field(default_factory=list)


def limit_memory() -> None:
    """From here on this process gets no more than ``MEMORY`` beyond what it has."""
    own = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY, resource.RLIM_INFINITY))


@contextmanager
def _clock() -> Iterator[None]:
    def late(_: int, frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGPROF, late)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def answered(target: Target, data: bytes) -> tuple[object, ...]:
    """What a parser answers: where it refused, or the codes that it gave, or nothing. Raises what else it raises."""
    try:
        found = target.call(data)
    except LedgerError as error:
        frames = traceback.walk_tb(error.__traceback__)
        return (type(error), *(line for _, line in frames))
    return tuple(sorted(found)) if isinstance(found, frozenset) else ()


def run(target: Target, *, seconds: float = 0, inputs: int = 0, number: int = 0) -> Run:
    """So many seconds, or so many inputs, of a target. The seeds come first, as they are."""
    mutator, result, seen = Mutator(number, target.seeds, target.tokens), Run(target.name), set[tuple[object, ...]]()
    pending = list(target.seeds)
    ends = time.monotonic() + seconds
    with _clock():
        while (time.monotonic() < ends if seconds else result.inputs < inputs) and len(result.finds) < MOST_FINDS:
            data = pending.pop() if pending else mutator.next()
            result.inputs += 1
            started = time.perf_counter()
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                answer = answered(target, data)
                signal.setitimer(signal.ITIMER_PROF, 0)
            except (Exception, HangError) as error:
                signal.setitimer(signal.ITIMER_PROF, 0)
                answer = _noted(result, data, error)
            result.slowest = max(result.slowest, time.perf_counter() - started)
            if answer not in seen:
                seen.add(answer)
                mutator.keep(data)
    result.answers = len(seen)
    return result


def _noted(result: Run, data: bytes, error: BaseException) -> tuple[object, ...]:
    """Notes a find, once for each place; the answer."""
    answer = (type(error), *(line for _, line in traceback.walk_tb(error.__traceback__)))
    places = [frame.filename + str(frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    what = f"{type(error).__name__} {error}"[:200]
    key = (type(error).__name__, places[-1])
    if all((find.what.partition(" ")[0], find.trace.partition("\n")[0]) != key for find in result.finds):
        shown = "".join(traceback.format_exception(error))[-3000:]
        result.finds.append(Find(result.target, what, data, f"{places[-1]}\n{shown}"))
    return answer
