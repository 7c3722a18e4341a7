"""Whether the vault holds what opens the sealed fields of the log: each of them, and nothing else.

    opening    it does not open with its key, or it says something else than was sealed
    stray      no event of the stream sealed it
    erased     it is back, though the log says that it was erased (`jiannuo vault sweep` deletes it)
    absent     there is no opening: the event came without, or somebody deleted it. Which of the two cannot be told

An event holds the digest of what it seals, signed and under the tree, so that an opening can be wrong, but never be
wrong unnoticed. What is found names stream and digest, and nothing of what is sealed.

>>> sealed = {"person/1": (Seals().sealing(["a" * 43, "b" * 43]), {"a" * 43: 7, "b" * 43: 7})}
>>> [(f.index, f.code) for f in compare(sealed, "person/1", {"a" * 43: None, "c" * 43: None})]
[(7, 'absent'), (None, 'stray')]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ledger.domain import seals
from ledger.domain.event import Recorded
from ledger.domain.seals import SealErased, Seals
from ledger.errors import LedgerError
from ledger.position import recorded_of
from ledger.store.reader import Reader
from ledger.vault.vault import PostgresVault

Sealed = Mapping[str, tuple[Seals, Mapping[str, int]]]
"""By stream: its seals, and the index of the event that sealed each digest."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it must be; ``index`` is that of the event that sealed it (None: none did)."""

    index: int | None
    code: str
    stream: str
    digest: str
    en: str
    zh: str


def check(reader: Reader, vault: PostgresVault) -> list[Finding]:
    """What is wrong with the vault, in the order of the log, what no event sealed last. Raises UnavailableError.

    The ledger may be at work meanwhile: what differs is looked at again.
    """
    sealed = sealed_in(map(recorded_of, reader.scan()))
    streams = sorted({*sealed, *vault.streams()})
    differ = (stream for stream in streams if any(compare(sealed, stream, vault.examine(stream))))
    found = [finding for stream in differ for finding in _now(reader, vault, stream)]
    return sorted(found, key=lambda finding: (finding.index is None, finding.index or 0))


def _now(reader: Reader, vault: PostgresVault, stream: str) -> Iterator[Finding]:
    """What is wrong with a stream, in the log and the vault at one moment: they change together."""
    while True:
        rows = reader.stream(stream)
        held = vault.examine(stream)
        if len(reader.stream(stream)) == len(rows):
            return compare(sealed_in(map(recorded_of, rows)), stream, held)


def sealed_in(events: Iterable[Recorded]) -> Sealed:
    """What a log's events sealed and erased."""
    found: dict[str, tuple[Seals, dict[str, int]]] = {}
    for recorded in events:
        fact, stream = recorded.event.fact, recorded.event.stream
        state, places = found.get(stream, (seals.EMPTY, {}))
        if isinstance(fact, SealErased):
            found[stream] = seals.evolve(state, recorded), places
        elif digests := getattr(fact, "sealed", ()):
            found[stream] = state.sealing(digests), {**dict.fromkeys(digests, recorded.index), **places}
    return found


def compare(sealed: Sealed, stream: str, held: Mapping[str, LedgerError | None]) -> Iterator[Finding]:
    """What is wrong with a stream of which the vault holds these digests, each with what is wrong with it itself."""
    state, places = sealed.get(stream, (seals.EMPTY, {}))
    for digest in sorted({*state.left, *held}):
        index = places.get(digest)
        if digest not in held:
            yield Finding(index, "absent", stream, digest, "expected an opening, got none", "应有披露项，实则没有")
        elif digest not in state.sealed:
            yield Finding(None, "stray", stream, digest, "no event of the stream sealed it", "该事件流中并无此封存项")
        elif digest in state.erased:
            yield Finding(index, "erased", stream, digest, "it was erased, and is back", "已经抹除，却又出现")
        elif (wrong := held[digest]) is not None:
            yield Finding(index, "opening", stream, digest, wrong.en, wrong.zh)
