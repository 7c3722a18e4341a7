"""The verdict over a bundle of a whole log: that over its entries, tiles and checkpoints, and over the file itself.

:mod:`audit.verify` reads the bundle as it would read a database, and asks no more of it. What is left are the members
that it has no use for: the manifest and its list, partial tiles, and what stands there for convenience. They are made
again from the entries, and have to be the same.

>>> checked(BundleSource("there-is-none.bundle"))
Traceback (most recent call last):
ledger.errors.ConfigurationError: bundle there-is-none.bundle: cannot be read (No such file or directory) | ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from audit.bundle.extras import Extras
from audit.bundle.layout import CHECKPOINT, About, checkpoints_number, size_of, split_notes, tile_of
from audit.bundle.members import Signers, add, check_members, check_signers
from audit.bundle.source import BundleSession, BundleSource, manifest_of
from audit.log_keys import LogKeys
from audit.verdict import VERIFIED, Problems, Verdict
from audit.verify import verify
from ledger.domain.event import LEDGER
from ledger.errors import LedgerError
from ledger.proof.merkle import TILE_WIDTH, leaf_hash
from ledger.proof.note import Verifier
from ledger.proof.tiles import ENTRIES, split_bundle, tile_path, tile_width, widths


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict over a bundle; what its manifest says, and who signed that."""

    verdict: Verdict
    about: About
    signers: Signers


def checked(source: BundleSource, **options: Any) -> Checked:
    """The verdict over a bundle of a whole log; ``options`` are those of :func:`audit.verify.verify`.

    Raises ConfigurationError where the file cannot be read or holds a part of a log, FormatError where it is no bundle.
    """
    with source.archive() as archive:
        about, manifest = manifest_of(archive)
        verdict = verify(source, **options)
        if any(problem.code == "interrupted" for problem in verdict.problems):
            return Checked(verdict, about, Signers(False, ()))
        problems = Problems()
        signed_by = Signers(False, ())
        try:
            with source.open() as session:
                members = _Members(session, about, problems)
                check_members(archive, about, problems, members.take)
                members.conclude()
            signed_by = check_signers(manifest, log_keys(members.extras), problems)
        except LedgerError as error:
            add(problems, error.en, error.zh)
        except KeyboardInterrupt:
            problems.add("interrupted", None, "the audit was interrupted", "核验被中断")
    return Checked(joined(verdict, problems), about, signed_by)


def log_keys(extras: Extras) -> tuple[Verifier, ...]:
    """The keys of the log, as its founding and its rotations name them."""
    keys = LogKeys([])
    keys.follow(extras.authority().body(LEDGER).log_keys)
    return keys.all


def joined(verdict: Verdict, problems: Problems) -> Verdict:
    """A verdict with further problems."""
    together = Problems()
    together.extend(verdict.problems)
    together.merge(problems)
    codes = {verdict.exit_code, problems.exit_code} - {VERIFIED}
    return replace(verdict, problems=tuple(together.sorted()), exit_code=min(codes, default=VERIFIED))


class _Members:
    """The members of a bundle of a whole log, given in the order of their names."""

    def __init__(self, session: BundleSession, about: About, problems: Problems) -> None:
        self.extras = Extras()
        self._session, self._about, self._problems = session, about, problems
        self._size = session.extent()[0]
        self._told: dict[str, bytes] = {}
        self._names: set[str] = set()  # of partial tiles
        self._takes: dict[str, Callable[[str, bytes], None]] = {
            "checkpoint": self._take_checkpoint,
            "checkpoints": self._take_checkpoints,
            "tile": self._take_tile,
        }

    def take(self, name: str, data: bytes) -> None:
        """The next member."""
        self._takes.get(name.partition("/")[0], self._take_told)(name, data)

    def conclude(self) -> None:
        """All were taken: what is told for convenience has to be what the entries say."""
        made = {name: sha256(data).digest() for name, data in self.extras.members().items()}
        for name in sorted(made.keys() | self._told.keys()):
            if made.get(name) != self._told.get(name):
                add(self._problems, f"{name}: it is not what the entries say", f"{name}：与条目所载不符")
        for level, count in widths(self._size).items():
            path = tile_path(level, count.full, count.partial or TILE_WIDTH)
            if count.partial and path not in self._names:
                add(self._problems, f"{path}: expected it, got none", f"{path}：应有此瓦片，实则没有")

    def _take_told(self, name: str, data: bytes) -> None:
        self._told[name] = sha256(data).digest()

    def _take_checkpoint(self, name: str, data: bytes) -> None:
        note = data.decode(errors="replace")
        said = self._about.origin, self._about.size
        if (note.partition("\n")[0], size_of(note)) != said:
            add(
                self._problems,
                f"{CHECKPOINT}: expected that of {said[0]} and size {said[1]}, as the manifest says",
                f"{CHECKPOINT}：应如清单所述，为 {said[0]} 大小 {said[1]} 的检查点",
            )

    def _take_checkpoints(self, name: str, data: bytes) -> None:
        number = checkpoints_number(name) or 0
        sizes = [size_of(note) or 0 for note in split_notes(data.decode(errors="replace"))]
        first = TILE_WIDTH * number + 1
        inside = all(first <= size < min(first + TILE_WIDTH, self._about.size) for size in sizes)
        if not inside or sorted(set(sizes)) != sizes:
            add(
                self._problems,
                f"{name}: expected checkpoints of sizes from {first} on, each once and in order",
                f"{name}：应为自大小 {first} 起的检查点，各一个且升序",
            )

    def _take_tile(self, name: str, data: bytes) -> None:
        tile = tile_of(name)
        assert tile is not None, "the archive takes no other names"
        if tile.width != tile_width(tile.level, tile.number, self._size):
            add(self._problems, f"{name}: expected no such tile", f"{name}：不应有此瓦片")
        elif tile.level == ENTRIES:
            entries, rest = split_bundle(data, tile.width)
            if len(entries) != tile.width or rest:
                add(self._problems, f"{name}: expected {tile.width} entries", f"{name}：应恰有 {tile.width} 个条目")
            for index, entry in enumerate(entries, start=TILE_WIDTH * tile.number):
                self.extras.take(index, entry)
        elif tile.width < TILE_WIDTH:
            self._names.add(name)
            if data != self._partial(tile.level, tile.number):
                add(self._problems, f"{name}: it is not what the entries give", f"{name}：与条目所算不符")

    def _partial(self, level: int, number: int) -> bytes:
        """The hashes of an unfinished tile: leaf hashes, or the hashes above the finished tiles below it."""
        if level == 0:
            return b"".join(map(leaf_hash, self._session.entries(number)))
        first = TILE_WIDTH * number
        return b"".join(tile[3] for tile in self._session.tiles(level - 1, first, first + TILE_WIDTH))
