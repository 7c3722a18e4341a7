"""Exporting a part of a log: one case or all about one subject, each entry with its proof against one checkpoint.

What belongs to a case are its own events, those of the cases that it leads back to (references and causes, as in
:mod:`audit.origin`) and of those in which it had consequences, and whatever is needed to judge their signatures: the
streams of the bodies that signed or are named, of those that authorised these, and the rule packs of their regions.
Streams are taken whole, up to the checkpoint, so that their versions can be counted.

>>> Subject.parse("person/1")
Traceback (most recent call last):
ledger.errors.ConfigurationError: subject: expected a unified social credit code or person/<id>, got 'person/1' | ...
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from audit.bundle.export import newest
from audit.bundle.extras import Extras
from audit.bundle.layout import CHECKPOINT, About
from audit.bundle.write import Members, writing
from audit.filing import payload_of, tile_root
from audit.lookup import Held, Scanned, scanned
from audit.origin import Statement, Statements, references
from audit.source import Session, Source
from ledger.domain.body import BodyRegistered
from ledger.domain.codec import bodies
from ledger.domain.event import LEDGER
from ledger.domain.policy import region_of, streams
from ledger.errors import ConfigurationError, FormatError, NotFoundError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.event import parse, parse_entry
from ledger.proof.merkle import TILE_WIDTH, inclusion_proofs, leaf_hash, verify_inclusion
from ledger.proof.note import NoteSigner
from ledger.proof.tiles import NodesFromTiles
from ledger.proof.tlogproof import TlogProof

CHUNK = 8 * TILE_WIDTH
"""Entries that are read at once."""

_USCC = re.compile("[0-9A-Z]{18}")
_PERSON = re.compile("person/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CASE = re.compile("[a-z]+/[A-Za-z0-9-]{1,64}")
_NAMING = ("subject", "accused", "promiser", "claimant")
"""Fields that say which body a case is about."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a part is about: a body (its USCC) or a person of the public service (``person/<uuid>``)."""

    id: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The subject of that id. Raises ConfigurationError."""
        if _USCC.fullmatch(text) or _PERSON.fullmatch(text):
            return cls(text)
        raise ConfigurationError(
            f"subject: expected a unified social credit code or person/<id>, got {text[:80]!a}",
            f"主体：应为统一社会信用代码或 person/<标识>，实为 {text[:80]!a}",
        )

    @property
    def own(self) -> str:
        """Its own stream."""
        return self.id if self.id.startswith("person/") else f"body/{self.id}"

    def concerned(self, stream: str, fact: Any) -> bool:
        """Whether an event's fact makes its stream one about the subject."""
        if self.id.startswith("person/"):
            return self.id in references(fact)
        fields = {field.name for field in dataclasses.fields(fact)}
        names = (*_NAMING, "body") if stream.startswith("project/") else _NAMING
        return any(getattr(fact, name) == self.id for name in names if name in fields)


def export_part(
    source: Source,
    path: Path,
    wanted: str | Subject,
    *,
    signer: NoteSigner | None = None,
    force: bool = False,
    progress: Progress = lambda done, total: None,
) -> About:
    """Writes the part of the log that is about ``wanted``, the stream of a case or a subject.

    Raises as :func:`audit.bundle.export.export`, and NotFoundError where the log has nothing about it.
    """
    with writing(path, force=force) as members, source.open() as session, scanned(source, progress) as log:
        note, checkpoint = newest(session)
        if log.size < checkpoint.size or (log.missing is not None and log.missing < checkpoint.size):
            raise NotFoundError(
                f"log: expected {checkpoint.size} entries, as signed, got {log.missing or log.size}",
                f"日志：应有已签署的 {checkpoint.size} 个条目，实有 {log.missing or log.size} 个",
            )
        about = _about(session, checkpoint.size, wanted) if isinstance(wanted, Subject) else {wanted}
        chosen = _Choice(log, checkpoint.size).of(about)
        if not chosen or not any(statement.event.stream in about for statement in chosen):
            raise NotFoundError("log: there is nothing about that in it", "日志：其中没有相关内容")
        _write(session, members, note, checkpoint, [statement.held for statement in chosen])
        scope = f"subject {wanted.id}" if isinstance(wanted, Subject) else f"case {wanted}"
        return members.finish(checkpoint.origin, checkpoint.size, scope, signer)


def case_of(text: str) -> str:
    """The stream of a case. Raises ConfigurationError for what cannot be one."""
    if _CASE.fullmatch(text):
        return text
    raise ConfigurationError(
        f"case: expected a stream (kind/id), got {text[:80]!a}", f"案件：应为事件流（类别/标识），实为 {text[:80]!a}"
    )


def _about(session: Session, size: int, subject: Subject) -> set[str]:
    """The streams about a subject. An entry is parsed only where its bytes name the subject, or may do so by escapes
    (RFC 8259 §7): nobody shall hide a case from its subject by how it is spelled.
    """
    found, name = {subject.own}, subject.id.encode()
    for start in range(0, size, CHUNK):
        for row in session.rows(start, min(start + CHUNK, size)):
            payload = payload_of(row[6])
            if name in payload or b"\\u" in payload:
                event = parse(parse_entry(row[6])[1]).event
                if event.stream not in found and subject.concerned(event.stream, event.fact):
                    found.add(event.stream)
    return found


class _Choice:
    """The entries of a log below ``size`` that belong to a part."""

    def __init__(self, log: Scanned, size: int) -> None:
        self._log, self._size = log, size
        self._statements = Statements(log)
        self._streams: dict[str, list[Statement]] = {}

    def of(self, about: Iterable[str]) -> list[Statement]:
        """All that belongs to these streams, by index. Raises FormatError for an entry that cannot be read."""
        cases = [statement for stream in about for statement in self._take(stream)]
        for statement in cases:
            for after in self._statements.caused_by(statement.event.jti):
                self._take(after.event.stream)
        queue = [statement for several in self._streams.values() for statement in several]
        while queue:
            for stream in self._needed(queue.pop()):
                queue += self._take(stream)
        for problem in self._statements.problems.values():
            raise FormatError(f"entry {problem.index}: {problem.en}", f"第 {problem.index} 号条目：{problem.zh}")
        chosen = {s.index: s for several in self._streams.values() for s in several}
        return [chosen[index] for index in sorted(chosen)]

    def _take(self, stream: str) -> list[Statement]:
        """The statements of a stream, if it was not taken before."""
        if stream in self._streams:
            return []
        self._streams[stream] = [s for s in self._statements.of(stream) if s.index < self._size]
        return self._streams[stream]

    def _needed(self, statement: Statement) -> Iterator[str]:
        """The streams that a statement leads back to, those of the bodies in it, the rules of a region."""
        event = statement.event
        yield f"body/{event.iss}"
        yield f"body/{LEDGER}"
        yield from (f"body/{body}" for body in bodies(event.fact))
        yield from references(event.fact)
        if event.cause is not None and (cause := self._statements.by_jti(event.cause)):
            yield cause.event.stream
        if isinstance(event.fact, BodyRegistered):
            yield from streams(region_of(event.stream.partition("/")[2], event.fact.region))


def _write(session: Session, members: Members, note: str, checkpoint: Checkpoint, chosen: list[Held]) -> None:
    """The entries with their proofs, what they say for convenience, the checkpoint. Raises ProofError."""
    extras = Extras()
    nodes = NodesFromTiles(lambda *tile: _tile(session, *tile), checkpoint.size)
    proofs = inclusion_proofs((held.index for held in chosen), checkpoint.size, nodes)
    for held, proof in zip(chosen, proofs, strict=True):
        verify_inclusion(held.index, checkpoint.size, leaf_hash(held.entry), proof, checkpoint.root)
        extras.take(held.index, held.entry)
        members.add(f"entries/{held.index}", held.entry)
        file = TlogProof(held.index, tuple(proof), note.encode())
        members.add(f"proofs/{held.index}.tlog-proof", file.marshal())
    for name, data in sorted(extras.members().items()):
        members.add(name, data)
    members.add(CHECKPOINT, note.encode())


def _tile(session: Session, level: int, number: int, width: int) -> bytes:
    """A tile's hashes: as it is stored, or of an unfinished one, made of what is below it."""
    if width == TILE_WIDTH:
        return b"".join(tile[2] for tile in session.tiles(level, number, number + 1))
    first = TILE_WIDTH * number
    if level == 0:
        return b"".join(leaf_hash(row[6]) for row in session.rows(first, first + width))
    return b"".join(tile_root(tile[2]) for tile in session.tiles(level - 1, first, first + width))
