"""Copying a verified bundle into a database: the work of ``jiannuo audit import``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ledger.errors import ConfigurationError, ProofError
from ledger.proof.merkle import TILE_WIDTH

if TYPE_CHECKING:
    from audit.bundle.source import BundleSession, BundleSource
    from ledger.store.loading import Loading

CHUNK = 16 * TILE_WIDTH
"""Entries that are read at once."""

Progress = Callable[[int, int], None]


def copy_into(source: BundleSource, root: str, url: str, progress: Progress) -> int:
    """Stores the log of a bundle of a whole log, that was verified to have this root (hex), in the database of ``url``
    (the writer's role); how many entries were new there.

    All or nothing. Raises ConfigurationError where the database holds entries of which the bundle is no continuation,
    ProofError where the file is no longer the one that was verified, UnavailableError.
    """
    from ledger.store.loading import loading

    with source.open() as session, loading(url) as target:
        if target.size > source.about.size:
            raise _refused(
                f"it has {target.size} entries, the bundle {source.about.size}: there is nothing to add",
                f"已有 {target.size} 个条目，数据包只有 {source.about.size} 个：无可补充",
            )
        _Copy(session, target, source.about.size).run(root, progress)
        return source.about.size - target.size


class _Copy:
    """A bundle's log on its way into a database. The tree is made anew: what was read is what was verified."""

    def __init__(self, session: BundleSession, target: Loading, size: int) -> None:
        from ledger.proof.merkle import Tree

        self._session, self._target, self._size = session, target, size
        self._tree = Tree(keep=1)

    def run(self, root: str, progress: Progress) -> None:
        """Stores all beyond what is there. Raises as :func:`copy_into`."""
        held = self._target.size
        for start in range(0, self._size, CHUNK):
            stop = min(start + CHUNK, self._size)
            entries = [e for n in range(start // TILE_WIDTH, -(-stop // TILE_WIDTH)) for e in self._session.entries(n)]
            there = self._target.held(start, stop) if start < held else []
            if there != entries[: len(there)]:
                raise _refused("its entries are not those of the bundle", "其条目与数据包不同")
            self._store(start, entries, len(there))
            self._target.checkpoints(self._session.checkpoints(max(start, held), stop))
            progress(stop, self._size)
        if self._tree.root().hex() != root:
            raise ProofError("bundle: it changed while it was read", "数据包：读取期间内容已变")

    def _store(self, start: int, entries: list[bytes], held: int) -> None:
        """Grows the tree over entries, and stores those beyond the first ``held`` with the tiles they finish."""
        from audit.filing import row_at_once
        from ledger.proof.merkle import leaf_hash

        rows, tiles = [], []
        for offset, entry in enumerate(entries):
            leaf = leaf_hash(entry)
            finished = self._tree.append(leaf)
            if offset < held:
                continue
            rows.append(row_at_once(start + offset, entry, leaf))
            for tile in finished:
                above = self._tree.nodes()(8 * (tile.level + 1), tile.number)
                tiles.append((tile.level, tile.number, tile.data, above))
        if rows:
            self._target.events(rows)
            self._target.tiles(tiles)


def _refused(en: str, zh: str) -> ConfigurationError:
    return ConfigurationError(
        f"database: expected an empty one, or one that the bundle continues, but {en}; nothing was stored",
        f"数据库：应为空库，或其内容为数据包的前一部分，但{zh}；未存入任何内容",
    )
