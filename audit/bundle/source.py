"""A bundle as a source: one file in place of a database or a running ledger (docs/log-format.md, Bundles).

Opened, it is a log like any other (:mod:`audit.source`), and is believed as little: entries, tiles and checkpoints are
what the members are, and :mod:`audit.bundle.check` says whether they are those that the manifest lists. Only a bundle
of a *whole* log can be read so; of a part of one there are single entries, each with its proof
(:mod:`audit.bundle.part`).

>>> BundleSource("there-is-none.bundle").about
Traceback (most recent call last):
ledger.errors.ConfigurationError: bundle there-is-none.bundle: cannot be read (No such file or directory) | ...
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from audit.bundle.extras import public_keys
from audit.bundle.layout import (
    CHECKPOINT,
    KEYS,
    MANIFEST,
    SUMS,
    About,
    checkpoints_number,
    checkpoints_path,
    size_of,
    split_notes,
    tile_of,
)
from audit.bundle.zip import Archive
from audit.filing import row_of, tile_root
from audit.source import Filed, Row, Tile
from ledger.errors import ConfigurationError, FormatError
from ledger.proof.merkle import TILE_WIDTH
from ledger.proof.tiles import ENTRIES, split_bundle, tile_path


class BundleSource:
    """The log in the bundle at ``path``. Every process that opens it opens the file for itself."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @property
    def about(self) -> About:
        """What the manifest says. Raises as :meth:`archive`."""
        with self.archive() as archive:
            return manifest_of(archive)[0]

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        """The file's members. Raises ConfigurationError where it cannot be read, FormatError where it is no bundle."""
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise ConfigurationError(
                f"bundle {self.path}: cannot be read ({error.strerror})",
                f"数据包 {self.path}：无法读取（{error.strerror}）",
            ) from None
        with file:
            archive = Archive(file, self.path.name)
            missing = {CHECKPOINT, KEYS, SUMS, MANIFEST} - archive.members.keys()
            if missing:
                names = ", ".join(sorted(missing))
                raise FormatError(
                    f"bundle {self.path.name}: expected the members {names}, got none",
                    f"数据包 {self.path.name}：应有成员 {names}，实则没有",
                )
            yield archive

    @contextmanager
    def open(self) -> Iterator[BundleSession]:
        """The log of a whole bundle. Raises as :meth:`archive`, and ConfigurationError where it holds a part only."""
        with self.archive() as archive:
            about = manifest_of(archive)[0]
            if not about.whole:
                raise ConfigurationError(
                    f"bundle {self.path.name}: it holds a part of the log ({about.scope}); "
                    "verify it, or trace a case in it",
                    f"数据包 {self.path.name}：只含日志的一部分（{about.scope}）；可核验，或对其中案件溯源",
                )
            yield BundleSession(archive, about)


class BundleSession:
    """Questions to an open bundle of a whole log. Each raises FormatError where a member cannot be what it is."""

    def __init__(self, archive: Archive, about: About) -> None:
        self._archive = archive
        self._widths: dict[tuple[int, int], int] = {}  # of partial tiles and bundles
        self._full: dict[int, tuple[int, int]] = {}  # by level: how many full ones, and the largest of their numbers
        self._filed: list[int] = []  # numbers of the members with checkpoints
        self._kept: tuple[int, list[bytes]] = (-1, [])
        for name in archive.members:
            self._place(name)
        self._filed.sort()
        note = archive.read(CHECKPOINT).decode(errors="replace")
        size = size_of(note)
        self._newest: Filed = (about.size if size is None else size, note)

    def _place(self, name: str) -> None:
        if (tile := tile_of(name)) is not None:
            level, number, width = tile
            if width == TILE_WIDTH:
                count, last = self._full.get(level, (0, -1))
                self._full[level] = count + 1, max(last, number)
            elif self._widths.setdefault((level, number), width) != width or tile_path(level, number) in (
                self._archive.members
            ):
                raise FormatError(
                    f"bundle: expected one tile of number {number} at its level, got two ({name})",
                    f"数据包：同层编号 {number} 的瓦片应只有一个，实有两个（{name}）",
                )
        elif (found := checkpoints_number(name)) is not None:
            self._filed.append(found)
        elif name.startswith(("entries/", "proofs/")):
            raise FormatError(
                f"bundle: expected no single entries in one of a whole log, got {name}",
                f"数据包：整个日志的数据包不应有单个条目，实有 {name}",
            )

    def extent(self) -> tuple[int, int, Mapping[int, tuple[int, int]], Filed | None]:
        """How many entries there are by the members' names, the largest index + 1, the tiles, the newest checkpoint."""
        full, last = self._full.get(ENTRIES, (0, -1))
        partial = {number: width for (level, number), width in self._widths.items() if level == ENTRIES}
        ends = [TILE_WIDTH * (last + 1), *(TILE_WIDTH * number + width for number, width in partial.items())]
        tiles = {level: found for level, found in self._full.items() if level != ENTRIES}
        return TILE_WIDTH * full + sum(partial.values()), max(ends), tiles, self._newest

    def rows(self, start: int, stop: int) -> list[Row]:
        """The entries with ``start`` <= index < ``stop``, filed as what they are."""
        found = []
        for number in range(max(start, 0) // TILE_WIDTH, -(-stop // TILE_WIDTH)):
            first = number * TILE_WIDTH
            entries = self.entries(number)
            kept = range(max(start, first), min(stop, first + len(entries)))
            found += [row_of(index, entries[index - first]) for index in kept]
        return found

    def entries(self, number: int) -> list[bytes]:
        """The entries of a bundle, as far as they are there. It is kept: who looks up single entries comes again."""
        if self._kept[0] != number:
            width = self._widths.get((ENTRIES, number), TILE_WIDTH)
            data = self._read(tile_path(ENTRIES, number, width))
            self._kept = number, split_bundle(data or b"", width)[0]
        return self._kept[1]

    def tiles(self, level: int, start: int, stop: int) -> list[Tile]:
        """The finished tiles of a level with ``start`` <= number < ``stop`` that there are."""
        last = self._full.get(level, (0, -1))[1]
        read = ((n, self._read(tile_path(level, n))) for n in range(max(start, 0), min(stop, last + 1)))
        return [(level, n, data, tile_root(data)) for n, data in read if data is not None]

    def checkpoints(self, after: int, upto: int) -> list[Filed]:
        """The checkpoints of ``after`` < size <= ``upto``, the newest with them. What is none is filed under the first
        size of its member.
        """
        found: list[Filed] = []
        for number in self._filed[bisect_left(self._filed, max(after, 0) // TILE_WIDTH) :]:
            first = number * TILE_WIDTH + 1
            if first > upto:
                break
            text = self._archive.read(checkpoints_path(number)).decode(errors="replace")
            found += [(first if (size := size_of(note)) is None else size, note) for note in split_notes(text)]
        return sorted(filed for filed in [*found, self._newest] if after < filed[0] <= upto)

    def public_keys(self) -> Iterator[str]:
        """The public keys that the member ``keys`` names."""
        return public_keys(self._archive.read(KEYS))

    def _read(self, name: str) -> bytes | None:
        return self._archive.read(name) if name in self._archive.members else None


def manifest_of(archive: Archive) -> tuple[About, bytes]:
    """What the manifest says, and its bytes. Raises FormatError."""
    data = archive.read(MANIFEST)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise FormatError("manifest: expected UTF-8", "清单：应为 UTF-8") from None
    said, signed, _ = text.partition("\n\n")
    return About.parse(said + "\n" if signed else text), data
