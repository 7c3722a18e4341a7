"""Verifies a whole log from its bytes: every signature, stream, hash, tile and checkpoint.

    each entry      its form, its signature, its leaf hash, its time, what it is filed as    audit.entries, all cores
    across streams  versions, hashes of the event before, order, ids                         audit.links, all cores
    in log order    whose key counted at each position; the tree and its checkpoints         audit.authority, .tree

The log's key is the one that its founding event names, or one that the caller pins: only a pinned key (or a remembered
checkpoint) tells this log from another that is just as consistent. Memory does not grow with the number of entries, but
for the bodies and their keys; the temporary files take about 120 bytes an entry, and are gone at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from audit.authority import Authority
from audit.chunk import Found, Span, Task, check_tile
from audit.entries import backwards, bad_signature
from audit.links import check_ids, check_streams, partitions_for
from audit.source import Extent, Session, Source, founding_key
from audit.tree import Heads, UpperTree
from audit.verdict import Problems, Verdict
from audit.workers import Workers, cores, workers
from ledger.domain.body import thumbprint
from ledger.errors import LedgerError, NotFoundError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.event import parse, parse_entry
from ledger.proof.keys import public_key
from ledger.proof.merkle import TILE_WIDTH, leaf_hash
from ledger.proof.note import Verifier
from ledger.proof.tiles import widths

CHUNK = 8 * TILE_WIDTH
"""Entries that a process examines at once: about 0.3 s of work, 20 MB."""

_LEAST = -(2**63)
_KEY = re.compile("[A-Za-z0-9_-]{43}")
Progress = Callable[[int, int], None]


def verify(
    source: Source,
    *,
    pinned: Verifier | None = None,
    remembered: Checkpoint | None = None,
    processes: int | None = None,
    progress: Progress = lambda done, total: None,
    folder: Path | None = None,
) -> Verdict:
    """The verdict over the log of ``source``.

    ``pinned`` is the log's key, if the caller knows it; ``remembered`` a checkpoint that the caller kept, which the log
    has to continue. ``processes``: None for one a core. ``progress(done, total)`` counts entries. ``folder``: where the
    temporary files go (None: the system's place). Ctrl-C gives the verdict over what was read so far, exit code 5.

    Raises the LedgerError of a source that cannot be opened, NotFoundError where there is no log: it could not run.
    """
    started = perf_counter()
    with source.open() as session, TemporaryDirectory(prefix="jiannuo-verify-", dir=folder) as temporary:
        extent = Extent(*session.extent())
        if remembered is not None and not remembered.size:
            remembered = None  # every log continues the empty one
        if not extent.entries and extent.newest is None and not extent.tiles and remembered is None:
            raise NotFoundError("log: expected entries, got none", "日志：应有条目，实则没有")
        log = pinned or founding_key(session)
        public = {thumbprint(key): key for key in session.public_keys() if _is_key(key)}
        size = _size(extent)
        task = Task(source, Path(temporary), partitions_for(size), public, log, remembered)
        audit = _Audit(session, extent, size, log, remembered)
        if processes is None:
            processes = cores() if size > 2 * CHUNK else 1
        try:
            with workers(task, processes) as several:
                audit.run(several, task, progress)
        except KeyboardInterrupt:
            audit.stopped("interrupted", "the audit was interrupted", "核验被中断")
        except LedgerError as error:
            audit.stopped("unreadable", error.en, error.zh)
        except OSError as error:
            audit.stopped("unreadable", str(error), str(error))
        return audit.verdict(perf_counter() - started)


def _is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None and public_key(text) is not None


def _size(extent: Extent) -> int:
    """How many entries to look for: those that are there and those that are signed for, but not without end.

    A row may claim any index and a checkpoint any size: beyond the number of rows, one chunk shows what is missing.
    """
    signed = extent.newest[0] if extent.newest else 0
    return min(max(extent.end, signed, 0), extent.entries + CHUNK)


class _Audit:
    """The part of an audit that goes in the order of the log."""

    def __init__(
        self, session: Session, extent: Extent, size: int, log: Verifier | None, remembered: Checkpoint | None
    ) -> None:
        self._session, self._extent, self._size, self._log = session, extent, size, log
        self._remembered = remembered
        self._problems = Problems()
        self._authority = Authority()
        self._tree = UpperTree()
        self._heads = Heads()
        self._part = b""
        self._last: tuple[int, datetime] | None = None
        self._read = 0
        self._entries = 0
        self._streams = 0

    def run(self, several: Workers, task: Task, progress: Progress) -> None:
        """Reads the whole log. Raises the LedgerError of a part that cannot be read."""
        self._check_extent()
        for found in several.examine(self._spans()):
            self._take(found)
            progress(self._read, self._size)
        numbers = [(task.folder, number) for number in range(task.partitions)]
        for streams, problems in several.each(check_streams, numbers):
            self._streams += streams
            self._problems.merge(problems)
        for problems in several.each(check_ids, numbers):
            self._problems.merge(problems)
        self._problems.merge(self._authority.problems)
        self._heads.conclude(self._size, self._problems)

    def stopped(self, code: str, en: str, zh: str) -> None:
        """The rest of the log was not examined. What is wrong in the part that was remains wrong."""
        self._problems.merge(self._authority.problems)
        self._problems.add(code, self._read, f"not examined from here on: {en}", f"自此未核验：{zh}")

    def verdict(self, seconds: float) -> Verdict:
        """The verdict over what was read."""
        return Verdict(
            events=self._entries,
            streams=self._streams,
            root=self._tree.root(self._part).hex(),
            origin=self._log.name if self._log else None,
            checkpoint_size=self._heads.covered or None,
            problems=tuple(self._problems.sorted()),
            first_bad_index=self._problems.first_bad_index,
            exit_code=self._problems.exit_code,
            seconds=seconds,
        )

    def _spans(self) -> Iterator[Span]:
        """The chunks, whose checkpoints are all that are stored up to the newest."""
        newest = self._extent.newest[0] if self._extent.newest else 0
        remembered = self._remembered.size if self._remembered else 0
        after = _LEAST
        for start in range(0, self._size, CHUNK):
            stop = min(start + CHUNK, self._size)
            upto = max(stop, newest, remembered) if stop == self._size else stop
            yield Span(start, stop, after, upto)
            after = upto
        if not self._size:
            yield Span(0, 0, after, max(newest, remembered))

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
        for index, leaf in found.unresolved:
            self._resolve(index, leaf)
        for head in found.heads:
            self._heads.compare(head, self._tree)
        for tile, node in self._tree.grow(found.nodes):
            stored = self._session.tiles(tile.level, tile.number, tile.number + 1)
            check_tile(self._problems, tile.level, tile.number, stored[0] if stored else None, tile.data, node)
        self._part = found.rest
        self._read = found.span.stop

    def _resolve(self, index: int, leaf: bytes) -> None:
        """Checks the signature of an entry by a key that nobody hinted at. An unknown key was already told of.

        The entry is read again, so it has to be the one that the tree was made of.
        """
        rows = self._session.rows(index, index + 1)
        if not rows or leaf_hash(rows[0][6]) != leaf:
            self._problems.add(
                "leaf", index, "expected the entry that was read before, got another", "应为先前读到的条目，实则不同"
            )
            return
        signed = parse(parse_entry(rows[0][6])[1])
        public = self._authority.public.get(signed.kid)
        if public is not None and not signed.verify(public):
            self._problems.extend([bad_signature(index, signed.kid)])
