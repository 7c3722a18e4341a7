"""A chunk of the log, examined by one process: its entries, and the tiles and checkpoints that stand over them.

A chunk begins at a multiple of 256 leaves and, but for the last, ends at one, so it is made of whole tiles. What can be
told without the rest of the log is decided here; the rest goes into a small summary (:class:`Found`), which
:mod:`audit.verify` reads in the order of the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from audit.entries import BodyEntry, Entries, Unresolved, Use
from audit.links import Partitions
from audit.log_keys import Opened, read
from audit.source import Filed, Row, Source, StoredTile, Tile
from audit.verdict import CONTENT, Problems
from ledger.errors import FormatError, LedgerError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.merkle import HASH_SIZE, TILE_HEIGHT, TILE_WIDTH, parents, root
from ledger.proof.note import Verifier
from ledger.proof.quorum import Policy
from ledger.proof.tiles import tile_path

_UNKNOWN_LEAF = bytes(HASH_SIZE)  # stands for an entry that is missing; no entry hashes to it


@dataclass(frozen=True, slots=True)
class Task:
    """What every process of an audit is told. ``public`` is key id -> public key, ``log`` keys that may have signed the
    checkpoints, ``remembered`` a checkpoint that the caller kept, ``policy`` which witnesses the caller asks for.

    In ``folder`` each segment of the log has a folder of its own, for :class:`audit.links.Partitions`.
    """

    source: Source
    folder: Path
    partitions: int
    public: dict[str, str]
    log: tuple[Verifier, ...]
    remembered: Checkpoint | None = None
    policy: Policy | None = None


class Span(NamedTuple):
    """The entries with ``start`` <= index < ``stop``, and the checkpoints with ``after`` < size <= ``upto``."""

    start: int
    stop: int
    after: int
    upto: int
    segment: int = 0


class Head(NamedTuple):
    """A checkpoint: its size, and the root over the part of it in this chunk (empty: there are not so many entries, or
    it ends where the chunk begins). One that is stored is in ``opened``; None: it is the one that is remembered.
    """

    size: int
    part: bytes
    opened: Opened | None
    witnessed: bool = False


@dataclass(slots=True)
class Found:
    """What is known of a chunk. ``nodes`` are the roots of its full tiles (level 8 of the tree), ``rest`` is the root
    over what follows them (empty: nothing); the others are those of :class:`audit.entries.Entries`.
    """

    span: Span
    entries: int
    problems: Problems
    uses: list[Use]
    bodies: list[BodyEntry]
    unresolved: list[Unresolved]
    first: tuple[int, datetime] | None
    last: tuple[int, datetime] | None
    nodes: list[bytes]
    rest: bytes
    heads: list[Head] = field(default_factory=list)


class Examiner:
    """One process at work: its open source, its keys and its files."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._resources = ExitStack()
        self._session = self._resources.enter_context(task.source.open())
        self._segment: tuple[int, Partitions] | None = None

    def close(self) -> None:
        """Closes the source and the files."""
        if self._segment is not None:
            self._segment[1].close()
        self._resources.close()

    def _partitions(self, segment: int) -> Partitions:
        """The files of a segment; those of the one before are closed."""
        if self._segment is None or self._segment[0] != segment:
            if self._segment is not None:
                self._segment[1].close()
            folder = self._task.folder / str(segment)
            folder.mkdir(exist_ok=True)
            self._segment = segment, Partitions(folder, self._task.partitions)
        return self._segment[1]

    def examine(self, span: Span) -> Found:
        """Examines a chunk. Raises the LedgerError of a source that cannot be read; then nothing of it was noted."""
        first_tile = span.start // TILE_WIDTH
        tiles = {t[1]: t for t in self._session.tiles(0, first_tile, span.stop // TILE_WIDTH)}
        checkpoints = self._session.checkpoints(span.after, span.upto)
        rows = self._session.rows(span.start, span.stop)
        partitions = self._partitions(span.segment)
        entries = Entries(self._task.public, partitions)
        self._examine_rows(rows, span, tiles, entries)
        entries.check_signatures()
        partitions.flush()
        levels = [entries.leaves]
        while len(levels[-1]) > 1:
            levels.append(parents(levels[-1]))
        nodes = levels[TILE_HEIGHT] if len(levels) > TILE_HEIGHT else []
        for offset, node in enumerate(nodes):
            leaves = entries.leaves[TILE_WIDTH * offset : TILE_WIDTH * (offset + 1)]
            number = first_tile + offset
            check_tile(entries.problems, 0, number, tiles.get(number), b"".join(leaves), node)
        found = Found(
            span,
            len(rows),
            entries.problems,
            entries.uses,
            entries.bodies,
            entries.unresolved,
            entries.first,
            entries.last,
            nodes,
            _root(levels, TILE_WIDTH * len(nodes), len(entries.leaves)),
        )
        self._examine_checkpoints(checkpoints, found, levels)
        return found

    def _examine_rows(self, rows: Sequence[Row], span: Span, tiles: Mapping[int, Tile], entries: Entries) -> None:
        """Examines the entries; one that is missing is stood for by what its tile says of it, so that the rest of the
        tree can still be checked.
        """
        following = span.start
        for row in rows:
            if row[0] < following:
                entries.problems.add(
                    "extra", row[0], "expected one entry at this index, got two", "此序号应只有一个条目，实有两个"
                )
                continue
            if row[0] > following:
                _pass_over(following, row[0], tiles, entries)
            entries.examine(row)
            following = row[0] + 1
        if following < span.stop:
            _pass_over(following, span.stop, tiles, entries)

    def _examine_checkpoints(self, stored: Sequence[Filed], found: Found, levels: list[list[bytes]]) -> None:
        start, stop = found.span.start, found.span.start + len(levels[0])

        def part(size: int) -> bytes:
            return _root(levels, 0, size - start) if start < size <= stop else b""

        for filed in stored:
            opened = read(filed, self._task.log)
            found.heads.append(Head(filed[0], part(filed[0]), opened, self._is_witnessed(filed, found.problems)))
        remembered = self._task.remembered
        if remembered is not None and found.span.after < remembered.size <= found.span.upto:
            found.heads.append(Head(remembered.size, part(remembered.size), None))
            found.heads.sort(key=lambda h: h.size)

    def _is_witnessed(self, filed: Filed, problems: Problems) -> bool:
        policy = self._task.policy
        if policy is None:
            return False
        try:
            return policy.met(filed[1].encode(errors="surrogatepass"))
        except FormatError:
            return False  # told where it is opened
        except LedgerError as error:
            problems.add(
                "quorum",
                None,
                f"checkpoint filed under size {filed[0]}: {error.en}",
                f"存于大小 {filed[0]} 之下的检查点：{error.zh}",
            )
            return False


def check_tile(problems: Problems, level: int, number: int, found: Tile | None, hashes: bytes, node: bytes) -> None:
    """Compares a stored tile with the ``hashes`` that the entries give and the ``node`` above them."""
    path = tile_path(level, number)
    width = TILE_WIDTH**level  # leaves under each hash
    first = number * TILE_WIDTH * width
    if found is None:
        problems.add("missing", None, f"{path}: expected it to be stored, got none", f"{path}：应已存储，实则没有")
        return
    stored = StoredTile(*found)
    if stored.hashes != hashes:
        position = _first_difference(stored.hashes, hashes)
        index: int | None = first + position * width
        # Where an entry below is wrong, that is what is wrong here too, and where it is exactly is known.
        if level and problems.first(CONTENT, first + position * width, first + (position + 1) * width) is not None:
            index = None
        problems.add(
            "tile",
            index,
            f"{path}: expected the hashes that the entries give, got another at position {position}",
            f"{path}：应为由条目算得的散列，第 {position} 个不符",
        )
    elif stored.root != node:
        problems.add(
            "tile",
            first,
            f"{path}: expected the root {node.hex()}, got {stored.root.hex()}",
            f"{path}：根应为 {node.hex()}，实为 {stored.root.hex()}",
        )


def _root(levels: list[list[bytes]], start: int, stop: int) -> bytes:
    """Root over the leaves of a chunk from ``start``, a multiple of 256, up to ``stop``; empty where there are none."""
    size = stop - start
    return root(size, lambda level, n: levels[level][n + (start >> level)]) if size else b""


def _first_difference(stored: bytes, hashes: bytes) -> int:
    """Position of the first hash that differs; the last one where only the length does."""
    pairs = ((stored[at : at + HASH_SIZE], hashes[at : at + HASH_SIZE]) for at in range(0, len(hashes), HASH_SIZE))
    return next((position for position, (was, is_) in enumerate(pairs) if was != is_), TILE_WIDTH - 1)


def _pass_over(start: int, stop: int, tiles: Mapping[int, Tile], entries: Entries) -> None:
    """Notes that the entries from ``start`` up to ``stop`` are missing."""
    entries.problems.add(
        "missing",
        start,
        f"expected entries {start} to {stop - 1}, got none",
        f"应有第 {start} 至 {stop - 1} 号条目，实则没有",
    )
    for index in range(start, stop):
        tile = tiles.get(index // TILE_WIDTH)
        offset = HASH_SIZE * (index % TILE_WIDTH)
        leaf = StoredTile(*tile).hashes[offset : offset + HASH_SIZE] if tile else b""
        entries.leaves.append(leaf if len(leaf) == HASH_SIZE else _UNKNOWN_LEAF)
