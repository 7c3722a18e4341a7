"""The Merkle tree of the log: its hashes, its proofs and its growing right edge (F17).

RFC 6962 §2.1 over SHA-256: a leaf is ``H(0x00 || entry)``, a node ``H(0x01 || left || right)``, the empty
tree ``H("")``; a tree of n leaves splits at the largest power of two below n. Proofs are those of RFC 9162
§2.1.3 (inclusion) and §2.1.4 (consistency). A *node* ``(level, n)`` is the complete subtree over the leaves
``[n << level, (n + 1) << level)``; whatever is incomplete is computed from nodes and never stored.

>>> tree = Tree()
>>> for entry in (b"promised", b"reported", b"fulfilled"):
...     finished = tree.append(leaf_hash(entry))
>>> proof = inclusion_proof(1, tree.size, tree.nodes())
>>> verify_inclusion(1, tree.size, leaf_hash(b"reported"), proof, tree.root())
>>> verify_inclusion(1, tree.size, leaf_hash(b"forgotten"), proof, tree.root())
Traceback (most recent call last):
ledger.errors.ProofError: inclusion of leaf 1 in 3: expected root ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from hashlib import sha256
from typing import NamedTuple, Self

from ledger.errors import CorruptionError, NotFoundError, ProofError

Nodes = Callable[[int, int], bytes]
"""``(level, n)`` -> hash of the complete subtree over the leaves ``[n << level, (n + 1) << level)``."""

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
MAX_SIZE = (1 << 63) - 1
"""Largest number of leaves, of what other implementations keep in a signed 64-bit integer."""

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT


def leaf_hash(entry: bytes) -> bytes:
    """Hash of a leaf, ``H(0x00 || entry)`` (RFC 6962 §2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node, ``H(0x01 || left || right)`` (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


def parents(row: Sequence[bytes]) -> list[bytes]:
    """The nodes one level above ``row``, which starts at an even node; an odd last one has no parent yet."""
    return [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=False)]


def split_hashes(data: bytes, width: int, name: str) -> list[bytes]:
    """The ``width`` hashes of the stored tile ``name``; :class:`CorruptionError` if it is not as long.

    Logs elsewhere have had a truncated tile at a full tile's path: its length is never taken as its width.
    """
    if len(data) != HASH_SIZE * width:
        raise CorruptionError(
            f"{name}: expected {width} hashes in {HASH_SIZE * width} bytes, got {len(data)} bytes",
            f"{name}：应有 {width} 个散列共 {HASH_SIZE * width} 字节，实为 {len(data)} 字节",
        )
    return [data[start : start + HASH_SIZE] for start in range(0, len(data), HASH_SIZE)]


def root(size: int, nodes: Nodes) -> bytes:
    """Root of the tree over the first ``size`` leaves; asks ``nodes`` for at most log2(size) + 1 hashes."""
    return _edges(size, nodes)((size - 1).bit_length()) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """Hashes from the sibling of leaf ``index`` (from 0) up to the root's child (RFC 6962 §2.1.1).

    Raises :class:`NotFoundError` if the first ``size`` leaves do not hold ``index``.
    """
    return inclusion_proofs((index,), size, nodes)[0]


def inclusion_proofs(indexes: Iterable[int], size: int, nodes: Nodes) -> list[list[bytes]]:
    """An inclusion proof for each index, against one ``size``; what neighbours share is looked up once."""
    path = _paths(size, nodes)
    proofs = []
    for index in indexes:
        if not 0 <= index < size:
            raise NotFoundError(
                f"leaf: expected an index from 0 and below the size {size}, got {index}",
                f"叶：序号应从 0 起且小于 {size}，实为 {index}",
            )
        proofs.append(list(path(0, index)))
    return proofs


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """Hashes which show that the first ``old`` leaves of ``new`` are as they were (RFC 6962 §2.1.2).

    It is the largest complete subtree that ends the old tree, then that node's path in the new one. Empty if
    there is nothing to show (``old`` is 0 or ``new``). :class:`NotFoundError` if ``old`` exceeds ``new``.
    """
    if not 0 <= old <= new:
        raise NotFoundError(
            f"consistency: expected an old size from 0 to the new size {new}, got {old}",
            f"一致性：旧大小应在 0 与新大小 {new} 之间，实为 {old}",
        )
    if old in (0, new):
        return []
    level = _trailing_zeros(old)
    last = (old >> level) - 1
    path = _paths(new, nodes)(level, last)
    # A verifier who holds the root of an old tree of 2**level leaves holds that first node already.
    return [nodes(level, last), *path] if last else list(path)


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the tree of ``size`` leaves with ``root`` has ``leaf`` at ``index`` (RFC 9162 §2.1.3.2).

    Raises :class:`ProofError` if it was not shown.
    """
    what, zh = f"inclusion of leaf {index} in {size}", f"第 {index} 叶含于 {size} 叶之树"
    if not 0 <= index < size:
        raise ProofError(f"{what}: expected an index from 0 and below the size", f"{zh}：序号应从 0 起且小于树的大小")
    sides = _sides(index, size - 1)
    _expect_hashes(what, zh, proof, len(sides), leaf, root)
    node = leaf
    for is_left, other in zip(sides, proof, strict=True):
        node = node_hash(other, node) if is_left else node_hash(node, other)
    _expect_root(what, zh, root, node)


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of ``old`` leaves begins the tree of ``new`` leaves (RFC 9162 §2.1.4.2).

    From size 0, or to the same size, the proof is empty. Raises :class:`ProofError` if it was not shown.
    """
    what, zh = f"consistency from {old} to {new}", f"自 {old} 至 {new} 的一致性"
    if not 0 <= old <= new:
        raise ProofError(f"{what}: expected an old size from 0 to the new size", f"{zh}：旧大小应在 0 与新大小之间")
    if old in (0, new):
        _expect_hashes(what, zh, proof, 0, old_root, new_root)
        _expect_root(what, zh, old_root, new_root if old else EMPTY_ROOT)
        if not new:
            _expect_root(what, zh, new_root, EMPTY_ROOT)
        return
    level = _trailing_zeros(old)
    last = (old >> level) - 1
    sides = _sides(last, (new - 1) >> level)
    _expect_hashes(what, zh, proof, len(sides) + (last > 0), old_root, new_root)
    first, path = (proof[0], proof[1:]) if last else (old_root, proof)
    old_node = new_node = first
    for is_left, other in zip(sides, path, strict=True):
        new_node = node_hash(other, new_node) if is_left else node_hash(new_node, other)
        old_node = node_hash(other, old_node) if is_left else old_node
    _expect_root(what, zh, old_root, old_node)
    _expect_root(what, zh, new_root, new_node)


def _trailing_zeros(n: int) -> int:
    return (n & -n).bit_length() - 1


def _edges(size: int, nodes: Nodes) -> Callable[[int], bytes]:
    """``level`` -> hash of the tree's last subtree of that level, complete or not, each computed once."""
    last, complete = size - 1, _trailing_zeros(size)
    edges: list[bytes] = []  # from `complete` on, the highest level whose last subtree is complete

    def edge(level: int) -> bytes:
        if level < complete:
            return nodes(level, last >> level)
        if not edges:
            edges.append(nodes(complete, last >> complete))
        for below in range(complete + len(edges) - 1, level):
            n = last >> below
            edges.append(node_hash(nodes(below, n - 1), edges[-1]) if n & 1 else edges[-1])
        return edges[level - complete]

    return edge


def _paths(size: int, nodes: Nodes) -> Callable[[int, int], tuple[bytes, ...]]:
    """``(level, n)`` -> siblings from that node up to the root; the paths of neighbours share their ends."""
    edge, last = _edges(size, nodes), size - 1

    @cache
    def path(level: int, n: int) -> tuple[bytes, ...]:
        end = last >> level
        if not end:
            return ()
        above, sibling = path(level + 1, n >> 1), n ^ 1
        if sibling > end:  # the last subtree has no sibling at this level: it rises as it is
            return above
        return (edge(level) if sibling == end else nodes(level, sibling), *above)

    return path


def _sides(n: int, last: int) -> list[bool]:
    """For each hash of the path from node ``n`` of a level that ends with ``last``: is it on the left?

    The loop of RFC 9162 §2.1.3.2 in closed form: below the level where both paths meet every bit of ``n``
    names a side; above it ``n`` is on the right edge, where only left siblings exist, one a set bit.
    """
    meet = (n ^ last).bit_length()
    return [n >> level & 1 == 1 for level in range(meet)] + [True] * (n >> meet).bit_count()


def _expect_hashes(what: str, zh: str, proof: Sequence[bytes], count: int, *others: bytes) -> None:
    if len(proof) != count:
        raise ProofError(
            f"{what}: expected a proof of {count} hashes, got {len(proof)}",
            f"{zh}：证明应有 {count} 个散列，实有 {len(proof)} 个",
        )
    for value in (*proof, *others):
        if len(value) != HASH_SIZE:
            raise ProofError(
                f"{what}: expected hashes of {HASH_SIZE} bytes, got {len(value)}",
                f"{zh}：散列应为 {HASH_SIZE} 字节，实为 {len(value)}",
            )


def _expect_root(what: str, zh: str, expected: bytes, got: bytes) -> None:
    if got != expected:
        raise ProofError(
            f"{what}: expected root {expected.hex()}, got {got.hex()}",
            f"{zh}：根应为 {expected.hex()}，实为 {got.hex()}",
        )


class FullTile(NamedTuple):
    """A finished tile: 256 nodes (8,192 bytes) of tree level ``8 * level``, from node ``256 * number`` on."""

    level: int
    number: int
    data: bytes


def _not_kept(level: int, n: int) -> bytes:
    raise NotFoundError(
        f"node {n} of level {level}: expected one that the tree keeps in memory",
        f"第 {level} 层第 {n} 节点：应在内存所存范围之内",
    )


class Tree:
    """The right edge of a growing tree.

    It keeps all nodes of the unfinished tiles and of the newest ``keep`` finished tiles of each tile level:
    enough for the root, and for the proofs of the newest ``256 * keep`` leaves, with no read. While one thread
    makes it grow, others are given a :meth:`copy`.
    """

    __slots__ = ("_keep", "_recent", "_rows", "size")

    def __init__(self, keep: int = 32) -> None:
        self.size = 0
        """Number of leaves."""
        self._keep = keep
        # Row `level`: that level's nodes which stand in the unfinished tile. Eight rows make a tile.
        self._rows: list[list[bytes]] = [[] for _ in range(TILE_HEIGHT)]
        # (tile level, number) -> the eight rows of a finished tile: shared between copies, so never changed.
        self._recent: dict[tuple[int, int], list[list[bytes]]] = {}

    @classmethod
    def restore(cls, size: int, partial: Callable[[int], bytes], keep: int = 32) -> Self:
        """The tree of ``size`` leaves, from the partial tile of each level that has one (:meth:`partial`).

        It holds no finished tile yet; :meth:`nodes` has to read those. Raises :class:`CorruptionError` if a
        partial tile is not as long as the size says; that its hashes are right shows in :meth:`root`.
        """
        tree = cls(keep)
        tree.size, tree._rows = size, []
        for level in range(max(1, -(-size.bit_length() // TILE_HEIGHT))):
            width = (size >> TILE_HEIGHT * level) % TILE_WIDTH
            data = partial(level) if width else b""
            row = split_hashes(data, width, f"tile/{level} at size {size}")
            for _ in range(TILE_HEIGHT):
                tree._rows.append(row)
                row = parents(row)
        return tree

    def append(self, leaf: bytes) -> list[FullTile]:
        """Add a leaf, given by its hash; returns the tiles that it finishes, one a level, usually none."""
        assert len(leaf) == HASH_SIZE, "a leaf is given by its hash"
        rows, n, node, level = self._rows, self.size, leaf, 0
        self.size = n + 1
        rows[0].append(node)
        while n & 1:
            node = node_hash(rows[level][-2], node)
            level += 1
            n >>= 1
            if level == len(rows):
                rows.extend([] for _ in range(TILE_HEIGHT))
            rows[level].append(node)
        return self._finish(level // TILE_HEIGHT) if level >= TILE_HEIGHT else []

    def _finish(self, levels: int) -> list[FullTile]:
        finished = []
        for level in range(levels):
            start, number = TILE_HEIGHT * level, (self.size >> TILE_HEIGHT * (level + 1)) - 1
            rows = self._rows[start : start + TILE_HEIGHT]
            self._rows[start : start + TILE_HEIGHT] = [[] for _ in range(TILE_HEIGHT)]
            self._recent[level, number] = rows
            self._recent.pop((level, number - self._keep), None)
            finished.append(FullTile(level, number, b"".join(rows[0])))
        return finished

    def root(self) -> bytes:
        """Root over all leaves."""
        return root(self.size, self.nodes())

    def partial(self, level: int) -> bytes:
        """The hashes of the unfinished tile of a tile level, concatenated: 0 to 255 of them."""
        return b"".join(self._rows[TILE_HEIGHT * level]) if TILE_HEIGHT * level < len(self._rows) else b""

    def copy(self) -> Self:
        """A tree that grows apart from this one; costs the few hundred references of the unfinished tiles."""
        twin = type(self)(self._keep)
        twin.size = self.size
        twin._rows = [row.copy() for row in self._rows]
        twin._recent = self._recent.copy()
        return twin

    def nodes(self, fallback: Nodes = _not_kept) -> Nodes:
        """The nodes in memory, else what ``fallback`` reads (default: refused). Good while the tree grows."""

        def node(level: int, n: int) -> bytes:
            tile, inner = divmod(level, TILE_HEIGHT)
            height = TILE_HEIGHT - inner
            number = n >> height
            if number == self.size >> (level + height):
                return self._rows[level][n & (1 << height) - 1]
            rows = self._recent.get((tile, number))
            return rows[inner][n & (1 << height) - 1] if rows else fallback(level, n)

        return node
