"""Exporting a whole log into a bundle, from wherever its bytes are: a database, a running ledger, another bundle.

The tree is made anew from the entries, and has to be the one that was signed: a log that contradicts itself is not
exported. Memory does not grow with the log, but for 1 kB for each 256 entries (the list of members).

>>> next(iter(_by_member([(256, "a"), (257, "b"), (300, "c")])))
(0, ['a'])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

from audit.bundle.extras import Extras
from audit.bundle.layout import CHECKPOINT, About, checkpoints_path
from audit.bundle.write import Members, writing
from audit.source import Extent, Filed, Session, Source
from ledger.errors import FormatError, NotFoundError, ProofError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.merkle import TILE_WIDTH, Tree, leaf_hash
from ledger.proof.note import NoteSigner
from ledger.proof.tiles import ENTRIES, encode_bundle, tile_path, widths

CHUNK = 8 * TILE_WIDTH
"""Entries that are read at once."""

Progress = Callable[[int, int], None]


def export(
    source: Source,
    path: Path,
    *,
    signer: NoteSigner | None = None,
    force: bool = False,
    progress: Progress = lambda done, total: None,
) -> About:
    """Writes the log of ``source``, up to its newest checkpoint, to ``path``; what the manifest says of it.

    ``signer`` signs the manifest: the log's key, or the auditor's own. ``force`` replaces a file that is there.
    ``progress(done, total)`` counts entries. Raises ConfigurationError where the file cannot be written,
    NotFoundError where there is no log, ProofError where the entries are not those that were signed.
    """
    with writing(path, force=force) as members, source.open() as session:
        note, checkpoint = newest(session)
        _Whole(session, members, checkpoint).write(progress)
        members.add(CHECKPOINT, note.encode())
        return members.finish(checkpoint.origin, checkpoint.size, "whole", signer)


def newest(session: Session) -> tuple[str, Checkpoint]:
    """The newest checkpoint of a log as the signed note, and what it says. Raises NotFoundError, FormatError."""
    filed = Extent(*session.extent()).newest
    if filed is None or not filed[0]:
        raise NotFoundError("log: expected entries under a signed checkpoint, got none", "日志：尚无检查点下的条目")
    return filed[1], Checkpoint.parse(filed[1].partition("\n\n")[0] + "\n")


class _Whole:
    """The log of a session, up to a checkpoint, on its way into a bundle."""

    def __init__(self, session: Session, members: Members, checkpoint: Checkpoint) -> None:
        self._session, self._members, self._checkpoint = session, members, checkpoint
        self._tree = Tree(keep=1)
        self._extras = Extras()

    def write(self, progress: Progress) -> None:
        """Adds all but the newest checkpoint. Raises ProofError."""
        size = self._checkpoint.size
        for start in range(0, size, CHUNK):
            stop = min(start + CHUNK, size)
            self._write_entries(start, stop)
            self._write_checkpoints(start, stop)
            progress(stop, size)
        for level, count in widths(size).items():
            if count.partial:
                self._members.add(tile_path(level, count.full, count.partial), self._tree.partial(level))
        for name, data in sorted(self._extras.members().items()):
            self._members.add(name, data)
        if self._tree.root() != self._checkpoint.root:
            raise ProofError(
                f"log: expected the root {self._checkpoint.root.hex()}, which was signed, the {size} entries give "
                f"{self._tree.root().hex()}; `jiannuo audit verify` says what is wrong",
                f"日志：签署的根为 {self._checkpoint.root.hex()}，由 {size} 个条目算得 {self._tree.root().hex()}；"
                "`jiannuo audit verify` 可指出问题所在",
            )

    def _write_entries(self, start: int, stop: int) -> None:
        """Entries, and the tiles that they finish."""
        rows = self._session.rows(start, stop)
        if [row[0] for row in rows] != list(range(start, stop)):
            raise ProofError(
                f"log: expected each of the entries {start} to {stop - 1} once, got {len(rows)}",
                f"日志：第 {start} 至 {stop - 1} 号条目应各有一个，实有 {len(rows)} 个",
            )
        for first in range(start, stop, TILE_WIDTH):
            entries = [row[6] for row in rows[first - start : first - start + TILE_WIDTH]]
            path = tile_path(ENTRIES, first // TILE_WIDTH, len(entries))
            self._members.add(path, encode_bundle(entries))
            for index, entry in enumerate(entries, start=first):
                self._extras.take(index, entry)
                for tile in self._tree.append(leaf_hash(entry)):
                    self._members.add(tile_path(tile.level, tile.number), tile.data)

    def _write_checkpoints(self, start: int, stop: int) -> None:
        """The checkpoints with ``start`` < size <= ``stop``, but the newest."""
        filed = self._session.checkpoints(start, stop)
        for number, notes in _by_member(one for one in filed if one[0] < self._checkpoint.size):
            if any("\n\n" not in note or not note.endswith("\n") for note in notes):
                raise FormatError("checkpoint: expected a signed note, got none", "检查点：应为签名文本，实则不是")
            self._members.add(checkpoints_path(number), "".join(notes).encode())


def _by_member(filed: Iterable[Filed]) -> Iterator[tuple[int, list[str]]]:
    """Checkpoints, by the number of the member that they belong into."""
    for number, several in groupby(filed, lambda one: (one[0] - 1) // TILE_WIDTH):
        yield number, [note for _, note in several]
