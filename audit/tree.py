"""The whole log's tree, grown from the parts that chunks bring, and the signed heads compared with it.

Chunks bring the roots of their full tiles: the tree of those is the upper part of the log's tree. The root at a size
inside the chunk that comes next is made of that upper part's peaks and the chunk's own part (RFC 6962 §2.1: a tree of n
leaves splits at the largest power of two below n, so its root is its complete subtrees folded from the right).

>>> from ledger.proof.merkle import leaf_hash, parents
>>> tree = UpperTree()
>>> tree.root(leaf_hash(b"promised")) == leaf_hash(b"promised"), tree.size
(True, 0)
>>> tiles = tree.grow([leaf_hash(b"stands for 256 leaves")])
>>> tree.size
256
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

from audit.verdict import CONTENT, MOST_PROBLEMS, Problems
from ledger.proof.merkle import EMPTY_ROOT, TILE_HEIGHT, TILE_WIDTH, FullTile, Tree, node_hash


class UpperTree:
    """The tree above the level-0 tiles."""

    def __init__(self) -> None:
        self._tree = Tree(keep=1)
        self._peaks: list[bytes] = []

    @classmethod
    def of(cls, size: int, partial: Callable[[int], bytes]) -> Self:
        """The tree over ``size`` leaves (a multiple of 256), from its :meth:`partials`. Raises CorruptionError."""
        made = cls()
        made._tree = Tree.restore(size // TILE_WIDTH, partial, keep=1)
        made._set_peaks()
        return made

    def partials(self) -> list[bytes]:
        """The hashes of the unfinished tile of each level, concatenated, the lowest level first."""
        levels = range(-(-self._tree.size.bit_length() // TILE_HEIGHT))
        return [self._tree.partial(level) for level in levels]

    @property
    def size(self) -> int:
        """Number of leaves, a multiple of 256."""
        return self._tree.size * TILE_WIDTH

    def root(self, part: bytes) -> bytes:
        """Root over the leaves so far and those of ``part``, the root of what follows them (empty: nothing)."""
        result = part
        for peak in self._peaks:
            result = node_hash(peak, result) if result else peak
        return result or EMPTY_ROOT

    def grow(self, nodes: Sequence[bytes]) -> list[tuple[FullTile, bytes]]:
        """Adds the roots of the next tiles; returns the tiles above that this finishes, with their roots."""
        finished = []
        for node in nodes:
            for tile in self._tree.append(node):
                above = self._tree.nodes()(8 * (tile.level + 1), tile.number)
                finished.append((FullTile(tile.level + 1, tile.number, tile.data), above))
        self._set_peaks()
        return finished

    def _set_peaks(self) -> None:
        size, node_at = self._tree.size, self._tree.nodes()
        levels = [level for level in range(size.bit_length()) if size >> level & 1]
        self._peaks = [node_at(level, (size >> level) - 1) for level in levels]


class Signed(NamedTuple):
    """A head that somebody signed: the log, or, of one that is remembered, the log of then."""

    size: int
    root: bytes
    remembered: bool = False
    witnessed: bool = False


class Heads:
    """Compares signed heads with the tree. What a good head covers is as it was signed.

    Who goes on from an earlier audit has to meet one again, or else nothing that is signed bears out where that ended.
    """

    def __init__(self, witnessed: int = 0) -> None:
        self.covered, self.witnessed = 0, witnessed
        """The sizes of the largest head that the entries bear out, and of the largest of those that is witnessed."""
        self._wrong: list[Signed] = []

    @property
    def good(self) -> bool:
        """Whether the entries bore out every head so far."""
        return not self._wrong

    def disown(self) -> None:
        """No head is to be believed: their key is not the log's."""
        self.covered = self.witnessed = 0

    def compare(self, head: Signed, part: bytes, tree: UpperTree) -> None:
        """Compares a head in the chunk that comes next; ``part`` is the root over what it has in that chunk."""
        is_within = bool(part) or head.size == tree.size
        if is_within and tree.root(part) == head.root:
            self.covered = max(self.covered, head.size)
            if head.witnessed:
                self.witnessed = max(self.witnessed, head.size)
        elif len(self._wrong) < MOST_PROBLEMS or head.remembered:
            self._wrong.append(head)

    def conclude(self, size: int, problems: Problems) -> None:
        """Adds what is wrong, once all heads of a log of ``size`` entries were compared."""
        beyond = [head for head in self._wrong if head.size > self.covered]
        for head in self._wrong:
            if head.remembered:
                _add_rolled_back(head, size, problems)
            elif head.size <= self.covered:
                _add_other_tree(head, problems)
        first = problems.first(CONTENT, self.covered)
        index = self.covered if first is None else first
        if beyond:
            head = min(beyond, key=lambda h: h.size)
            problems.add(
                "root",
                index,
                f"checkpoint of size {head.size}: its root {head.root.hex()} is not that of the {size} entries; "
                f"those below {self.covered} are covered by another",
                f"大小 {head.size} 的检查点：其根 {head.root.hex()} 与现有 {size} 个条目不符；"
                f"序号 {self.covered} 之前的条目另有检查点覆盖",
            )
        elif self.covered < size:
            problems.add(
                "uncovered",
                index,
                f"entries {self.covered} to {size - 1}: expected a valid checkpoint that covers them, got none",
                f"第 {self.covered} 至 {size - 1} 号条目：应有覆盖它们的有效检查点，实则没有",
            )


def add_unwitnessed(witnessed: int, covered: int, problems: Problems) -> None:
    """Adds what the witnesses have not cosigned as they should: of ``covered`` entries those from ``witnessed`` on."""
    if not witnessed:
        problems.add(
            "quorum",
            None,
            "expected a checkpoint that is cosigned as the policy asks, got none",
            "应有满足见证策略的检查点，实则没有",
        )
    elif witnessed < covered:
        problems.add(
            "unwitnessed",
            witnessed,
            f"entries {witnessed} to {covered - 1}: expected a checkpoint over them that is cosigned as the policy "
            f"asks, got none yet; the newest such covers {witnessed}",
            f"第 {witnessed} 至 {covered - 1} 号条目：尚无满足见证策略的检查点覆盖它们；"
            f"最新的此类检查点覆盖 {witnessed} 个条目",
        )


def _add_other_tree(head: Signed, problems: Problems) -> None:
    problems.add(
        "checkpoint",
        None,
        f"checkpoint of size {head.size}: its root {head.root.hex()} is of another tree than later checkpoints'",
        f"大小 {head.size} 的检查点：其根 {head.root.hex()} 与后来的检查点不属同一棵树",
    )


def _add_rolled_back(head: Signed, size: int, problems: Problems) -> None:
    problems.add(
        "rolled-back",
        min(head.size, size) if head.size > size else None,
        f"remembered checkpoint of size {head.size}: the log of {size} entries does not continue it",
        f"所记的大小 {head.size} 的检查点：现有 {size} 个条目的日志并非其延续",
    )
