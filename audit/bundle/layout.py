"""What stands in a bundle, and under what name: the layout of C2SP tlog-tiles, so that other tools read it unpacked.

    checkpoint, checkpoints/<N>             signed notes; in a member of its own: those of 256 N < size <= 256 (N + 1)
    tile/<L>/<N>[.p/<W>], tile/entries/…    the tree and the entries of a whole log
    entries/<index>, proofs/<index>.tlog-proof    of a part of a log: single entries, each with its inclusion proof
    keys, policies/<sha256>.toml            for convenience: what the entries say, in other words
    sha256sums                              of all these, as ``sha256sum -c`` reads it, sorted by path
    manifest                                what it is: five lines, as a signed note where anybody signed it

>>> print(About("ledger.example", 3, "whole", "00" * 32, 150).marshal(), end="")
jiannuo-bundle/1
ledger.example
3
whole
sha256 0000000000000000000000000000000000000000000000000000000000000000 150 sha256sums
>>> About.parse("jiannuo-bundle/2\\n")
Traceback (most recent call last):
ledger.errors.FormatError: manifest: expected the five lines of jiannuo-bundle/1, got 'jiannuo-bundle/2\\n' | ...
>>> most_bytes("tile/0/x001/x234/067"), most_bytes("../etc/passwd") is None
(8192, True)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from ledger.errors import FormatError
from ledger.proof.checkpoint import Checkpoint, parse_decimal
from ledger.proof.merkle import HASH_SIZE, TILE_WIDTH
from ledger.proof.note import MAX_NOTE
from ledger.proof.tiles import ENTRIES, MAX_ENTRY, TileName, parse_tile_path, tile_path

FORMAT = "jiannuo-bundle/1"
CHECKPOINT, KEYS, SUMS, MANIFEST = "checkpoint", "keys", "sha256sums", "manifest"

MOST_FILES = 1 << 19
"""Most members: a whole log of 44 million entries with a checkpoint for each."""
LONGEST_NAME = 100

_LARGEST_LIST = 1 << 27
_NAMES: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile("checkpoint|manifest"), MAX_NOTE),
    (re.compile("keys|sha256sums"), _LARGEST_LIST),
    (re.compile("checkpoints/(x[0-9]{3}/){0,6}[0-9]{3}"), 1 << 25),
    (re.compile("policies/[0-9a-f]{64}[.]toml"), 1 << 18),
    (re.compile("entries/(0|[1-9][0-9]{0,18})"), MAX_ENTRY),
    (re.compile("proofs/(0|[1-9][0-9]{0,18})[.]tlog-proof"), 2 * MAX_NOTE),
)
_SCOPE = re.compile("whole|case [a-z]+/[A-Za-z0-9-]{1,64}|subject ([0-9A-Z]{18}|person/[0-9a-f-]{36})")
_SUMS = re.compile(f"sha256 ([0-9a-f]{{64}}) ([0-9]{{1,12}}) {SUMS}")
_LINE = re.compile("([0-9a-f]{64})  ([!-~]{1,100})")


@dataclass(frozen=True, slots=True)
class About:
    """What a manifest says: the log's origin, the size of the checkpoint, ``scope`` (``whole``, ``case <stream>``,
    ``subject <id>``), and of the member ``sha256sums`` the hex SHA-256 and the length.
    """

    origin: str
    size: int
    scope: str
    digest: str
    length: int

    def __post_init__(self) -> None:
        if not _SCOPE.fullmatch(self.scope):
            raise FormatError(
                f"scope of a bundle: expected whole, case <stream> or subject <id>, got {self.scope[:80]!a}",
                f"数据包范围：应为 whole、case <事件流> 或 subject <标识>，实为 {self.scope[:80]!a}",
            )

    @property
    def whole(self) -> bool:
        """Whether it claims to hold every entry of the log."""
        return self.scope == "whole"

    def marshal(self) -> str:
        """The text that is signed."""
        sums = f"sha256 {self.digest} {self.length} {SUMS}"
        return f"{FORMAT}\n{self.origin}\n{self.size}\n{self.scope}\n{sums}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """What a manifest's text says. Raises FormatError for any other spelling."""
        lines = text.split("\n")
        sums = _SUMS.fullmatch(lines[4]) if len(lines) == 6 else None
        if sums is None or lines[0] != FORMAT or lines[5] or not lines[1]:
            raise FormatError(
                f"manifest: expected the five lines of {FORMAT}, got {text[:80]!a}",
                f"清单：应为 {FORMAT} 的五行，实为 {text[:80]!a}",
            )
        size = parse_decimal(lines[2], "size of a bundle", "数据包大小")
        return cls(lines[1], size, lines[3], sums[1], int(sums[2]))


def most_bytes(name: str) -> int | None:
    """How large a member of that name may be; None for a name that has no place in a bundle."""
    for pattern, most in _NAMES:
        if pattern.fullmatch(name):
            return most
    tile = tile_of(name)
    if tile is None:
        return None
    return tile.width * (2 + MAX_ENTRY) if tile.level == ENTRIES else HASH_SIZE * TILE_WIDTH


def tile_of(name: str) -> TileName | None:
    """The tile or bundle of entries of that name, if it is one."""
    try:
        return parse_tile_path(name)
    except FormatError:
        return None


def checkpoints_path(number: int) -> str:
    """Where the checkpoints of 256 ``number`` < size <= 256 (``number`` + 1) stand."""
    return "checkpoints/" + tile_path(ENTRIES, number).removeprefix("tile/entries/")


def checkpoints_number(name: str) -> int | None:
    """The number in a name made by :func:`checkpoints_path`."""
    tile = tile_of("tile/entries/" + name.removeprefix("checkpoints/")) if name.startswith("checkpoints/") else None
    return tile.number if tile and tile.width == TILE_WIDTH else None


def split_notes(text: str) -> list[str]:
    """The notes of checkpoints that stand one after the other, 256 at most; what is left behind them is one more.

    A checkpoint's text has no blank line, and every signature line begins with a dash.
    """
    notes: list[str] = []
    start = 0
    while start < len(text):
        end = text.find("\n\n", start) + 2
        if end < 2 or len(notes) == TILE_WIDTH:
            notes.append(text[start:])
            break
        while text.startswith("\u2014 ", end):
            end = text.find("\n", end) + 1 or len(text)
        notes.append(text[start:end])
        start = end
    return notes


def size_of(note: str) -> int | None:
    """The size that a checkpoint names, whoever signed it; None where it is none."""
    try:
        return Checkpoint.parse(note.partition("\n\n")[0] + "\n").size
    except FormatError:
        return None


def sums_line(digest: str, name: str) -> str:
    """A line of ``sha256sums``, as GNU coreutils' ``sha256sum`` writes and checks it."""
    return f"{digest}  {name}\n"


def sums_in(text: bytes) -> Iterator[tuple[str, str]]:
    """Digest and path of each line of ``sha256sums``. Raises FormatError for one that is none."""
    start = 0
    while start < len(text):
        end = text.find(b"\n", start)
        line = text[start : end if end >= 0 else len(text)].decode("ascii", "replace")
        found = _LINE.fullmatch(line)
        if found is None or end < 0:
            raise FormatError(
                f"sha256sums: expected lines of a SHA-256, two spaces and a path, got {line[:80]!a}",
                f"sha256sums：各行应为 SHA-256、两个空格与路径，实为 {line[:80]!a}",
            )
        yield found[1], found[2]
        start = end + 1
