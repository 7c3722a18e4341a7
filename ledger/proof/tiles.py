"""Tiles: how the tree and the entries are published and stored, 256 at a time (C2SP tlog-tiles v0.1.0).

The tile of level L and number N holds the tree's nodes ``(8 L, 256 N)`` to ``(8 L, 256 N + 255)``. A tile
that is not full yet is *partial*, and its width (1 to 255) stands in its path. The entries themselves stand
in *bundles*, numbered and widened like the tiles of level 0.

>>> tile_path(1, 1234067), tile_path(0, 273, 112), tile_path(ENTRIES, 5)
('tile/1/x001/x234/067', 'tile/0/273.p/112', 'tile/entries/005')
>>> parse_tile_path("tile/0/273.p/112")
TileName(level=0, number=273, width=112)
>>> {level: tuple(count) for level, count in widths(70_000).items()}
{0: (273, 112), 1: (1, 17), 2: (0, 1)}
>>> decode_bundle(encode_bundle([b"promised", b"reported"]), 2)
[b'promised', b'reported']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from ledger.errors import FormatError
from ledger.proof.merkle import MAX_SIZE, TILE_HEIGHT, TILE_WIDTH, parents, split_hashes

ENTRIES = -1
"""Stands for a level in the name of an entry bundle."""

MAX_LEVEL = 63
MAX_ENTRY = 0xFFFF
"""Most bytes of one entry: its length is a uint16."""

ReadTile = Callable[[int, int, int], bytes]
"""``(level, number, width)`` -> the tile's concatenated hashes."""


class TileName(NamedTuple):
    """A tile or, with level :data:`ENTRIES`, a bundle; ``width`` is 256 when it is full."""

    level: int
    number: int
    width: int = TILE_WIDTH


class TileCount(NamedTuple):
    """Of one level of a tree: how many full tiles, and the width of the partial one (0: there is none)."""

    full: int
    partial: int


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """Path of a tile below the log's prefix: ``tile/<L>/<N>[.p/<W>]``, ``tile/entries/<N>[.p/<W>]``."""
    assert ENTRIES <= level <= MAX_LEVEL
    assert 0 <= number <= MAX_SIZE
    assert 1 <= width <= TILE_WIDTH
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    elements = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    kind = "entries" if level == ENTRIES else str(level)
    return f"tile/{kind}/{elements}" + ("" if width == TILE_WIDTH else f".p/{width}")


_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6})([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?",
)


def parse_tile_path(path: str) -> TileName:
    """The tile that :func:`tile_path` names so. Raises :class:`FormatError` on every other spelling."""
    if found := _PATH.fullmatch(path):
        kind, high, low, width = found.groups()
        name = TileName(
            ENTRIES if kind == "entries" else int(kind),
            int(high.replace("/", "").replace("x", "") + low),
            int(width) if width else TILE_WIDTH,
        )
        is_small = name.level <= MAX_LEVEL and name.number <= MAX_SIZE and name.width <= TILE_WIDTH
        if is_small and tile_path(*name) == path:
            return name
    shown = ascii(path[:80])
    raise FormatError(
        f"tile: expected a path like tile/0/x001/x234/067 or tile/entries/000.p/112, got {shown}",
        f"瓦片：路径应形如 tile/0/x001/x234/067 或 tile/entries/000.p/112，实为 {shown}",
    )


def widths(size: int) -> dict[int, TileCount]:
    """The tiles of a tree of ``size`` leaves, by level from 0. A partial tile is not hashed upwards."""
    levels = -(-size.bit_length() // TILE_HEIGHT)
    return {level: TileCount(*divmod(size >> TILE_HEIGHT * level, TILE_WIDTH)) for level in range(levels)}


def tile_width(level: int, number: int, size: int) -> int:
    """Width of tile ``number`` of ``level`` in a tree of ``size``: 256, less if partial, 0 if not there."""
    return min(max((size >> TILE_HEIGHT * max(level, 0)) - TILE_WIDTH * number, 0), TILE_WIDTH)


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries, each after its length as a big-endian uint16. :class:`FormatError` if one is too long."""
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise FormatError(
                f"entry: expected at most {MAX_ENTRY} bytes, got {len(entry)}",
                f"条目：应不超过 {MAX_ENTRY} 字节，实为 {len(entry)}",
            )
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """The ``width`` entries of a bundle. :class:`FormatError` if it holds fewer, more, or half of one."""
    entries, rest = split_bundle(data, width)
    if len(entries) != width or rest:
        raise FormatError(
            f"bundle: expected {width} entries, got {len(entries)} and {rest} other bytes",
            f"条目包：应恰有 {width} 个条目，实有 {len(entries)} 个及另外 {rest} 字节",
        )
    return entries


def split_bundle(data: bytes, width: int) -> tuple[list[bytes], int]:
    """The whole entries of a bundle, ``width`` at most, and how many bytes are left behind them."""
    entries: list[bytes] = []
    start = 0
    while start < len(data) and len(entries) < width:
        stop = start + 2 + int.from_bytes(data[start : start + 2], "big")
        if len(data) < stop:
            break
        entries.append(data[start + 2 : stop])
        start = stop
    return entries, len(data) - start


class NodesFromTiles:
    """The nodes of a tree of ``size`` leaves (:data:`ledger.proof.merkle.Nodes`), read from its tiles.

    A proof touches one or two tiles a level, so O(log n) reads. The newest ``cache`` tiles used are kept
    (at most about 40 kB each). A tile of another length than its width is refused with
    :class:`CorruptionError`; that its hashes are right shows in the root or the proof which is made of them.
    """

    def __init__(self, read: ReadTile, size: int, cache: int = 64) -> None:
        self.size = size
        self._read = read
        self._rows = lru_cache(maxsize=cache)(self._load)

    def __call__(self, level: int, n: int) -> bytes:
        """The hash of the complete subtree ``(level, n)``, which has to lie within ``size``."""
        assert 0 <= n < self.size >> level, "a node is asked for that the tree does not have"
        tile_level, inner = divmod(level, TILE_HEIGHT)
        height = TILE_HEIGHT - inner
        rows = self._rows(tile_level, n >> height)
        for row in range(1, inner + 1):
            if row not in rows:  # two threads may both make it: it is the same
                rows[row] = parents(rows[row - 1])
        return rows[inner][n & (1 << height) - 1]

    def _load(self, level: int, number: int) -> dict[int, list[bytes]]:
        width = tile_width(level, number, self.size)
        return {0: split_hashes(self._read(level, number, width), width, tile_path(level, number, width))}
