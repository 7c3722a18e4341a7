"""Verifies a whole log from its bytes: every signature, stream, hash, tile and checkpoint (F16: 篡改).

    each entry      its form, its signature, its leaf hash, its time, what it is filed as    audit.entries, all cores
    across streams  versions, hashes of the event before, order, ids                         audit.links, all cores
    in log order    whose key counted at each position; the tree and its checkpoints         audit.authority, .tree

The log's keys are those that its founding event and its rotations name: only a pinned key (or a remembered checkpoint)
tells this log from another that is just as consistent. Memory does not grow with the number of entries, but for the
bodies and their keys; the temporary files take about 120 bytes an entry, and are gone at the end.

With a :class:`audit.state.State` it reads on from where an earlier audit ended, and takes its word for what was before:
whether old entries are still given out as they were is not looked at. If what is new, or a checkpoint over it, is not
as it must be, it reads all again, so that the state accuses nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from time import perf_counter

from audit.authority import Authority
from audit.chunk import Found, Head, Span, Task, check_tile
from audit.entries import backwards
from audit.links import check_ids, check_streams, partitions_for
from audit.log_keys import LogKeys, hinted
from audit.source import Extent, Session, Source, founding_key
from audit.state import Place, State, go_on
from audit.tree import Heads, Signed, UpperTree, add_unwitnessed
from audit.verdict import FAILED, INCONSISTENT, Problems, Verdict
from audit.workers import Workers, cores, workers
from ledger.domain.body import thumbprint
from ledger.domain.event import LEDGER
from ledger.errors import LedgerError, NotFoundError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.keys import public_key
from ledger.proof.merkle import TILE_WIDTH
from ledger.proof.note import Verifier
from ledger.proof.quorum import Policy
from ledger.proof.tiles import widths

CHUNK = 8 * TILE_WIDTH
"""Entries that a process examines at once: about 0.2 s of work, 20 MB."""
SEGMENT = 98 * CHUNK
"""So many entries after the last time the state is kept again, or a sixteenth of the log where that is more."""

_LEAST = -(2**63)
_KEY = re.compile("[A-Za-z0-9_-]{43}")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Asked:
    """What the caller knows and wants: see :func:`verify`. Of each of ``pinned`` one key has to be the log's."""

    source: Source
    pinned: tuple[tuple[Verifier, ...], ...]
    remembered: Checkpoint | None
    policy: Policy | None
    processes: int | None
    progress: Progress
    folder: Path | None
    state: State | None


def verify(
    source: Source,
    *,
    pinned: Verifier | Sequence[Verifier] | None = None,
    remembered: Checkpoint | None = None,
    policy: Policy | None = None,
    processes: int | None = None,
    progress: Progress = lambda done, total: None,
    folder: Path | None = None,
    state: State | None = None,
) -> Verdict:
    """The verdict over the log of ``source``.

    ``pinned`` is the log's key, if the caller knows it, or several that it has or had; ``remembered`` a checkpoint that
    the caller kept, which the log has to continue; ``policy`` the witnesses that have to have cosigned, and keys of
    logs, of which one has to be this log's. ``processes``: None for one a core. ``progress(done, total)`` counts
    entries. ``folder``: where the temporary files go (None: the system's place). ``state``: where to go on, and to keep
    how far it came. Ctrl-C gives the verdict over what was read so far, exit code 5.

    Raises the LedgerError of a source that cannot be opened, NotFoundError where there is no log: it could not run.
    """
    started = perf_counter()
    keys = [pinned] if isinstance(pinned, Verifier) else list(pinned or [])
    groups = [(key,) for key in keys] + ([policy.logs] if policy and policy.logs else [])
    if remembered is not None and not remembered.size:
        remembered = None  # every log continues the empty one
    asked = Asked(source, tuple(groups), remembered, policy, processes, progress, folder, state)
    with source.open() as session:
        extent = Extent(*session.extent())
        if not extent.entries and extent.newest is None and not extent.tiles and remembered is None:
            raise NotFoundError("log: expected entries, got none", "日志：应有条目，实则没有")
        place = go_on(state, remembered, policy, extent)
        verdict = _audited(asked, session, extent, place)
        if place and any(p.exit_code in {FAILED, INCONSISTENT} and p.code != "quorum" for p in verdict.problems):
            assert state is not None, "there was a place"
            state.drop("what is new is not as it must be", "新增部分有误")
            verdict = _audited(asked, session, extent, None)
    return replace(verdict, seconds=perf_counter() - started)


def _audited(asked: Asked, session: Session, extent: Extent, place: Place | None) -> Verdict:
    """The verdict over the log from ``place`` on; all of it where that is None."""
    audit = _Audit(asked, session, extent, _size(extent), place)
    try:
        with TemporaryDirectory(prefix="jiannuo-verify-", dir=asked.folder) as temporary:
            task = audit.task(Path(temporary), place)
            with workers(task, audit.processes) as several:
                audit.run(several, task)
    except KeyboardInterrupt:
        audit.stopped("interrupted", "the audit was interrupted", "核验被中断")
    except LedgerError as error:
        audit.stopped("unreadable", error.en, error.zh)
    except OSError as error:
        audit.stopped("unreadable", str(error), str(error))
    return audit.verdict()


def _is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None and public_key(text) is not None


def _size(extent: Extent) -> int:
    """How many entries to look for: those that are there and those that are signed for, but not without end.

    A row may claim any index and a checkpoint any size: beyond the number of rows, one chunk shows what is missing.
    """
    signed = extent.newest[0] if extent.newest else 0
    return min(max(extent.end, signed, 0), extent.entries + CHUNK)


class _Audit:
    """The part of an audit that goes in the order of the log, from ``place`` on."""

    def __init__(self, asked: Asked, session: Session, extent: Extent, size: int, place: Place | None) -> None:
        self._asked, self._session, self._extent, self._size = asked, session, extent, size
        self._keys = LogKeys(asked.pinned)
        self.begin = place.size if place else 0
        self.segments = _segments(self.begin, size, asked.state is not None)
        self._problems = Problems()
        self._authority = place.authority if place else Authority()
        self._tree = place.tree if place else UpperTree()
        is_same_policy = place is not None and place.policy == repr(asked.policy)
        self._heads = Heads(place.witnessed if place and is_same_policy else 0)
        self._part = b""
        self._last = place.last if place else None
        self._read = self._entries = self.begin
        self._streams = place.streams if place else 0
        self._keys.follow(self._authority.body(LEDGER).log_keys)

    def task(self, folder: Path, place: Place | None) -> Task:
        """What the processes are told; ``folder`` is for their files."""
        asked = self._asked
        hints = place.authority.public.values() if place else list(self._session.public_keys())
        public = {thumbprint(key): key for key in hints if _is_key(key)}
        log = hinted(self._keys.all if place else (founding_key(self._session),), asked.pinned, hints)
        remembered = asked.remembered if asked.remembered and asked.remembered.size >= self.begin else None
        partitions = partitions_for(max((b - a for a, b in self.segments), default=0))
        return Task(asked.source, folder, partitions, public, log, remembered, asked.policy)

    @property
    def processes(self) -> int:
        """How many shall work: all cores where it is worth starting them."""
        if self._asked.processes is not None:
            return self._asked.processes
        return cores() if self._size - self.begin > 2 * CHUNK else 1

    def run(self, several: Workers, task: Task) -> None:
        """Reads the log. Raises the LedgerError of a part that cannot be read."""
        self._check_extent()
        for found in several.examine(self._spans()):
            self._take(found)
            self._asked.progress(self._read, self._size)
            if self._asked.state and found.span.stop == self.segments[found.span.segment][1]:
                self._keep(self._asked.state, task, found.span)
        if self._asked.state is None:
            numbers = [(task.folder / "0", number) for number in range(task.partitions)]
            for streams, problems in several.each(check_streams, numbers):
                self._streams += streams
                self._problems.merge(problems)
            for problems in several.each(check_ids, numbers):
                self._problems.merge(problems)
        self._problems.merge(self._authority.problems)
        if not self._keys.conclude(self._problems):
            self._heads.disown()
        self._heads.conclude(self._size, self._problems)
        if self._asked.policy is not None and self._heads.covered:
            add_unwitnessed(self._heads.witnessed, self._heads.covered, self._problems)

    def stopped(self, code: str, en: str, zh: str) -> None:
        """The rest of the log was not examined. What is wrong in the part that was remains wrong."""
        self._problems.merge(self._authority.problems)
        self._problems.add(code, self._read, f"not examined from here on: {en}", f"自此未核验：{zh}")

    def verdict(self) -> Verdict:
        """The verdict over what was read."""
        keys = self._keys.all
        return Verdict(
            events=self._entries,
            streams=self._streams,
            root=self._tree.root(self._part).hex(),
            origin=keys[-1].name if keys else None,
            checkpoint_size=self._heads.covered or None,
            problems=tuple(self._problems.sorted()),
            first_bad_index=self._problems.first_bad_index,
            exit_code=self._problems.exit_code,
            seconds=0.0,
            verified_from=self.begin,
            log_key=keys[-1].vkey if keys else None,
            witnessed_size=self._heads.witnessed or None,
        )

    def _spans(self) -> Iterator[Span]:
        """The chunks, whose checkpoints are all that are stored up to the newest."""
        newest = self._extent.newest[0] if self._extent.newest else 0
        remembered = self._asked.remembered.size if self._asked.remembered else 0
        after = self.begin - 1 if self.begin else _LEAST
        for number, (start, end) in enumerate(self.segments):
            for first, stop in _chunks(start, end):
                upto = max(stop, newest, remembered) if stop == self._size else stop
                yield Span(first, stop, after, upto, number)
                after = upto

    def _check_extent(self) -> None:
        """Entries and tiles beyond the log's end: it was longer once, or somebody added to it by the back door."""
        if self._extent.end > self._size:
            self._problems.add(
                "extra",
                self._size,
                f"expected no entry beyond index {self._size - 1}, got one at {self._extent.end - 1}",
                f"序号 {self._size - 1} 之后不应有条目，实有序号 {self._extent.end - 1}",
            )
        expected = widths(self._size)
        for level, (count, last) in sorted(self._extent.tiles.items()):
            full = expected[level].full if level in expected else 0
            if last >= full or count > full:
                self._problems.add(
                    "extra",
                    self._size if last >= full else None,
                    f"tiles of level {level}: expected {full} for {self._size} entries, got {count} up to number "
                    f"{last}",
                    f"第 {level} 层瓦片：{self._size} 个条目应有 {full} 个，实有 {count} 个，最大编号 {last}",
                )

    def _take(self, found: Found) -> None:
        """Moves on over a chunk."""
        self._entries += found.entries
        self._problems.merge(found.problems)
        if found.first and found.last:
            if self._last and found.first[1] < self._last[1]:
                self._problems.extend([backwards(*found.first, *self._last)])
            self._last = found.last
        self._authority.follow(found.uses, found.bodies)
        self._keys.follow(self._authority.body(LEDGER).log_keys)
        for unresolved in found.unresolved:
            wrong = unresolved.problem(self._authority.public.get(unresolved.kid))
            self._problems.extend([wrong] if wrong else [])
        for head in found.heads:
            self._compare(head)
        for tile, node in self._tree.grow(found.nodes):
            stored = self._session.tiles(tile.level, tile.number, tile.number + 1)
            check_tile(self._problems, tile.level, tile.number, stored[0] if stored else None, tile.data, node)
        self._part = found.rest
        self._read = found.span.stop

    def _compare(self, head: Head) -> None:
        """Compares a checkpoint with the tree, if it is one to believe."""
        remembered = self._asked.remembered
        if head.opened is not None:
            checkpoint = self._keys.open(head.opened, self._problems)
            if checkpoint is not None:
                self._heads.compare(Signed(head.size, checkpoint.root, False, head.witnessed), head.part, self._tree)
        elif remembered is not None:
            self._heads.compare(Signed(head.size, remembered.root, remembered=True), head.part, self._tree)

    def _keep(self, state: State, task: Task, span: Span) -> None:
        """Checks the streams and ids of a segment that was read, and keeps the place, while nothing is wrong."""
        folder = task.folder / str(span.segment)
        streams, problems = state.take(folder, task.partitions)
        rmtree(folder)
        self._streams += streams
        self._problems.merge(problems)
        size, remembered, last = span.stop, self._asked.remembered, self._last
        is_good = not self._problems.exit_code and not self._authority.problems.exit_code and self._heads.good
        if size % TILE_WIDTH or size == self.begin or last is None or not is_good:
            return
        proved = (remembered.size, remembered.root) if remembered and remembered.size <= size else None
        witnessed, policy = self._heads.witnessed, repr(self._asked.policy)
        state.keep(Place(size, self._streams, witnessed, last, proved, policy, self._tree, self._authority))


def _segments(begin: int, size: int, has_state: bool) -> list[tuple[int, int]]:
    """The parts of the log after each of which the state is kept; what follows the last whole tile is the last part."""
    if not has_state:
        return [(begin, size)]
    whole = size - size % TILE_WIDTH
    step = max(SEGMENT, -(-size // (16 * CHUNK)) * CHUNK)
    ends = [begin, *range((begin // step + 1) * step, whole, step), max(whole, begin)]
    if whole < size or whole == begin:
        ends.append(size)
    return [(a, b) for a, b in pairwise(ends) if a < b] or [(begin, size)]


def _chunks(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The chunks from ``start``, a multiple of 256. Each is a part of one subtree of the log's tree: it has at most so
    many leaves as the lowest bit of where it begins.
    """
    if start == end:
        yield start, end
    while start < end:
        stop = min(start + min(CHUNK, start & -start or CHUNK), end)
        yield start, stop
        start = stop
