"""The entries of a bundle for who traces a case in it (:class:`audit.lookup.Streams`), be it of a whole log or a part.

>>> with streams_of(BundleSource("there-is-none.bundle")):
...     pass
Traceback (most recent call last):
ledger.errors.ConfigurationError: bundle there-is-none.bundle: cannot be read (No such file or directory) | ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from audit.bundle.part import indexes_of
from audit.bundle.source import BundleSource
from audit.bundle.zip import Archive
from audit.entries import placed
from audit.lookup import Held, Scanned, scanned
from ledger.proof.event import parse_entry
from ledger.proof.merkle import leaf_hash

Progress = Callable[[int, int], None]


@contextmanager
def streams_of(
    source: BundleSource, progress: Progress = lambda done, total: None
) -> Iterator[Scanned | PartOfStreams]:
    """The log of a bundle, read once. Raises as :meth:`audit.bundle.source.BundleSource.archive`."""
    if source.about.whole:
        with scanned(source, progress) as found:
            yield found
        return
    with source.archive() as archive:
        part = PartOfStreams(archive)
        indexes = indexes_of(archive)
        for count, index in enumerate(indexes, start=1):
            part.take(index)
            progress(count, len(indexes))
        yield part


class PartOfStreams:
    """The entries of a part of a log, as far as they were taken. See :class:`audit.lookup.Streams`."""

    missing: int | None = None

    def __init__(self, archive: Archive) -> None:
        self.size = 0
        """How many entries were taken."""
        self._archive = archive
        self._streams: dict[str, list[int]] = {}
        self._causes: dict[str, list[int]] = {}
        self._jtis: dict[str, int] = {}
        self._own: dict[int, str] = {}

    def take(self, index: int) -> None:
        """Notes the entry at an index that there is; whatever its bytes are."""
        self.size += 1
        try:
            event = placed(parse_entry(self._read(index))[1])
        except Exception:  # an entry is anybody's bytes; the verdict over the bundle says what is wrong with it
            return
        self._streams.setdefault(event.stream, []).append(index)
        self._own[index] = event.stream
        self._jtis.setdefault(event.jti, index)
        if event.cause is not None:
            self._causes.setdefault(event.cause, []).append(index)

    def of(self, stream: str) -> Sequence[Held]:
        """See :class:`audit.lookup.Streams`."""
        return [self._held(index, stream) for index in self._streams.get(stream, ())]

    def at(self, index: int) -> Held | None:
        """See :class:`audit.lookup.Streams`."""
        if f"entries/{index}" not in self._archive.members:
            return None
        return self._held(index, self._own.get(index, ""))

    def by_jti(self, jti: str) -> Held | None:
        """See :class:`audit.lookup.Streams`."""
        return self.at(self._jtis[jti]) if jti in self._jtis else None

    def caused_by(self, jti: str) -> Sequence[Held]:
        """See :class:`audit.lookup.Streams`."""
        return [held for held in map(self.at, self._causes.get(jti, ())) if held]

    def bodies(self) -> Sequence[Held]:
        """See :class:`audit.lookup.Streams`."""
        return [self._held(index, stream) for index, stream in sorted(self._own.items()) if stream.startswith("body/")]

    def _held(self, index: int, stream: str) -> Held:
        entry = self._read(index)
        return Held(index, entry, leaf_hash(entry), stream)

    def _read(self, index: int) -> bytes:
        return self._archive.read(f"entries/{index}")
