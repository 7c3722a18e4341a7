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

from collections.abc import Sequence

from audit.chunk import Head
from audit.verdict import CONTENT, MOST_PROBLEMS, Problems
from ledger.proof.merkle import EMPTY_ROOT, TILE_WIDTH, FullTile, Tree, node_hash


class UpperTree:
    """The tree above the level-0 tiles."""

    def __init__(self) -> None:
        self._tree = Tree(keep=1)
        self._peaks: list[bytes] = []

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
        size, node_at = self._tree.size, self._tree.nodes()
        levels = [level for level in range(size.bit_length()) if size >> level & 1]
        self._peaks = [node_at(level, (size >> level) - 1) for level in levels]
        return finished


class Heads:
    """Compares signed heads with the tree. What a good head covers is as it was signed."""

    def __init__(self) -> None:
        self.covered = 0
        """The size of the largest head that the entries bear out."""
        self._wrong: list[Head] = []

    def compare(self, head: Head, tree: UpperTree) -> None:
        """Compares a head in the chunk that comes next."""
        if head.part and tree.root(head.part) == head.root:
            self.covered = max(self.covered, head.size)
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


def _add_other_tree(head: Head, problems: Problems) -> None:
    problems.add(
        "checkpoint",
        None,
        f"checkpoint of size {head.size}: its root {head.root.hex()} is of another tree than later checkpoints'",
        f"大小 {head.size} 的检查点：其根 {head.root.hex()} 与后来的检查点不属同一棵树",
    )


def _add_rolled_back(head: Head, size: int, problems: Problems) -> None:
    problems.add(
        "rolled-back",
        min(head.size, size) if head.size > size else None,
        f"remembered checkpoint of size {head.size}: the log of {size} entries does not continue it",
        f"所记的大小 {head.size} 的检查点：现有 {size} 个条目的日志并非其延续",
    )
