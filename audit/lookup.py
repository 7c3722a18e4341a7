"""Finding entries of a log by stream, id and cause, from any source: one scan, and then single entries.

What is remembered of an entry is where it stands: 48 bytes, in columns that are searched as bytes are. What an entry is
filed under is believed only so far that it is looked at there too: a changed byte can take an entry out of its stream.

>>> column = _Column(2)
>>> for index, value in enumerate((b"ab", b"ca", b"bc", b"ab")):
...     column.put(index, value)
>>> list(column.find(b"ab"))
[0, 3]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol
from uuid import UUID

from audit.entries import placed
from audit.source import Extent, Row, Session, Source
from ledger.proof.event import parse_entry
from ledger.proof.merkle import TILE_WIDTH
from ledger.proof.skim import Skimmed

CHUNK = 8 * TILE_WIDTH
"""Entries that are read at once."""

_ID = 16
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Held:
    """An entry, and what its keeper claims beside it: the leaf hash, and the stream that it is filed under."""

    index: int
    entry: bytes
    leaf: bytes
    stream: str


class Streams(Protocol):
    """What a trace asks of a log. Whatever is given as a sequence stands by index."""

    missing: int | None
    """The first index at which there is no entry, though there or behind it are some, or are signed for."""

    def of(self, stream: str) -> Sequence[Held]:
        """The entries that were signed for a stream or are filed under it."""

    def at(self, index: int) -> Held | None:
        """The entry at an index."""

    def by_jti(self, jti: str) -> Held | None:
        """The first entry whose event has this id."""

    def caused_by(self, jti: str) -> Sequence[Held]:
        """The entries whose events name this one as their cause."""

    def bodies(self) -> Sequence[Held]:
        """All entries of the streams of bodies, which say whose keys counted where."""


class Scanned:
    """The log of a session, up to the ``size`` that it had when it was scanned. See :class:`Streams`."""

    def __init__(self, session: Session, size: int) -> None:
        self.size = size
        self.missing: int | None = None
        self._session = session
        self._streams, self._jtis, self._causes = _Column(_ID), _Column(_ID), _Column(_ID)
        self._elsewhere: dict[str, list[int]] = {}
        """Entries that are filed under another stream than was signed, or that cannot be read."""
        self._bodies: list[Held] = []

    def take(self, row: Row) -> None:
        """Notes where the next entry stands; whatever its bytes are."""
        held = _held(row)
        event = _placed(held.entry)
        if event is None or event.stream != held.stream:
            self._elsewhere.setdefault(held.stream, []).append(held.index)
        if event is None:
            return
        self._streams.put(held.index, _name(event.stream))
        self._jtis.put(held.index, UUID(event.jti).bytes)
        if event.cause is not None:
            self._causes.put(held.index, UUID(event.cause).bytes)
        if event.stream.startswith("body/"):
            self._bodies.append(held)

    def note_missing(self, start: int, stop: int) -> None:
        """There is no entry from ``start`` on, up to ``stop``."""
        if start < stop and self.missing is None:
            self.missing = start

    def of(self, stream: str) -> Sequence[Held]:
        """See :class:`Streams`."""
        return self._at({*self._streams.find(_name(stream)), *self._elsewhere.get(stream, ())})

    def at(self, index: int) -> Held | None:
        """See :class:`Streams`."""
        rows = self._session.rows(index, index + 1) if 0 <= index < self.size else ()
        return _held(rows[0]) if rows else None

    def by_jti(self, jti: str) -> Held | None:
        """See :class:`Streams`."""
        index = next(self._jtis.find(UUID(jti).bytes), None)
        return None if index is None else self.at(index)

    def caused_by(self, jti: str) -> Sequence[Held]:
        """See :class:`Streams`."""
        return self._at(set(self._causes.find(UUID(jti).bytes)))

    def bodies(self) -> Sequence[Held]:
        """See :class:`Streams`."""
        return self._bodies

    def _at(self, indexes: set[int]) -> list[Held]:
        return [held for held in map(self.at, sorted(indexes)) if held is not None]


@contextmanager
def scanned(source: Source, progress: Progress = lambda done, total: None) -> Iterator[Scanned]:
    """The log of a source, read once; ``progress(done, total)`` counts entries.

    It is empty (``size`` 0) where there is no log. Raises the LedgerError of a source that cannot be read.
    """
    with source.open() as session:
        extent = Extent(*session.extent())
        # A row may claim any index: beyond the number of rows, one chunk is looked at.
        size = min(max(extent.end, 0), extent.entries + CHUNK)
        found = Scanned(session, size)
        following = 0
        for start in range(0, size, CHUNK):
            stop = min(start + CHUNK, size)
            for row in session.rows(start, stop):
                if following <= row[0] < stop:  # of two entries at one index, the first
                    found.note_missing(following, row[0])
                    found.take(row)
                    following = row[0] + 1
            progress(stop, size)
        found.note_missing(following, max(size, extent.newest[0] if extent.newest else 0))
        yield found


class _Column:
    """Values of one width by index, in one piece of memory; where none was put there are zeros."""

    def __init__(self, width: int) -> None:
        self._width, self._data = width, bytearray()

    def put(self, index: int, value: bytes) -> None:
        """The value at an index that none was put at or after."""
        self._data.extend(bytes(index * self._width - len(self._data)))
        self._data += value

    def find(self, value: bytes) -> Iterator[int]:
        """The indexes that have this value."""
        at = self._data.find(value)
        while at >= 0:
            if at % self._width == 0:
                yield at // self._width
            at = self._data.find(value, at + 1)


def _held(row: Row) -> Held:
    return Held(row[0], row[6], row[5], row[1])


def _name(stream: str) -> bytes:
    return blake2b(stream.encode(errors="surrogatepass"), digest_size=_ID).digest()


def _placed(entry: bytes) -> Skimmed | None:
    try:
        return placed(parse_entry(entry)[1])
    except Exception:  # an entry is anybody's bytes; who traces it says what is wrong with it
        return None
