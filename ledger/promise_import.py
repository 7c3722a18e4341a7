"""Importing commitments from a file: what an export wrote, or what somebody filled in by hand.

All of a file is read before anything is recorded: where a row is wrong, or names a body that is not in the ledger, the
row and what is wrong are told and nothing is stored. Bodies that are missing may come in a second file, an export of
bodies; only those that are needed are registered. A promise keeps its id, and one without an id gets one of its
content, so that the same file again adds nothing; an id under which the ledger has another promise is refused.

>>> found = read_promises(b'{"title":"t","text":"...","kind":"plan","area":"general"}', "a.jsonl")
>>> [(line, error.en) for line, error in found.wrong]
[(1, 'row: expected the field promiser, got none')]
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger import commitment_sheet
from ledger.application import Ledger
from ledger.authoring import Author
from ledger.commitment_sheet import Promise
from ledger.domain import codec
from ledger.domain.body import BodyProvisionallyRegistered, BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.codec import BodyId, Name, RegionCode
from ledger.domain.commitment import CommitmentMade
from ledger.domain.event import Document
from ledger.domain.ids import uuid8
from ledger.errors import FormatError, Head, LedgerError, RuleError
from ledger.position import recorded_of
from ledger.proof import strictjson

MAX_FILE = 256 * 1024 * 1024
CHUNK = 500
"""So many are committed together."""


@dataclass(frozen=True)
class Read:
    """A file that was read: its SHA-256 (hex), what its lines say, and the lines that are wrong."""

    file: str
    sha256: str
    found: Sequence[tuple[int, Any]]
    wrong: Sequence[tuple[int, FormatError]]

    @property
    def document(self) -> Document:
        """The file as a document that an event may rely on."""
        return Document(self.file[:200], self.sha256)


@dataclass(frozen=True, slots=True)
class BodyLine:
    """A body as an export of bodies tells it."""

    id: BodyId
    name: Name
    kind: Kind
    region: RegionCode | None = None
    superior: BodyId | None = None
    named_by: Name | None = None
    acting_for_government: bool | None = None


@dataclass(slots=True)
class Imported:
    """What an import did: counts, and by line of the file what was refused."""

    bodies: int = 0
    commitments: int = 0
    present: int = 0
    refused: list[tuple[int, LedgerError]] = field(default_factory=list)


# --- reading --------------------------------------------------------------------------------------------------


def read_promises(data: bytes, file: str) -> Read:
    """The promises in a CSV or JSON Lines file, by line. Raises FormatError for what is neither."""
    return _read(data, file, commitment_sheet.NEEDED, commitment_sheet.read_row, commitment_sheet.read_cells)


def read_bodies(data: bytes, file: str) -> Read:
    """The bodies in an export of bodies. Raises FormatError."""
    return _read(data, file, ("id", "name", "kind"), _body, _body_of_cells)


def _read(
    data: bytes,
    file: str,
    needed: Sequence[str],
    of_object: Callable[[Mapping[str, Any]], Any],
    of_cells: Callable[[Mapping[str, str]], Any],
) -> Read:
    if len(data) > MAX_FILE:
        raise FormatError(f"{file}: expected at most {MAX_FILE} bytes", f"{file}：应不超过 {MAX_FILE} 字节")
    is_json = data.lstrip()[:1] == b"{"
    rows = _objects(data) if is_json else _lines(data, file, needed)
    read = of_object if is_json else of_cells
    found, wrong = [], []
    for line, row in rows:
        try:
            found.append((line, read(row() if callable(row) else row)))
        except FormatError as error:
            wrong.append((line, error))
    return Read(file, hashlib.sha256(data).hexdigest(), found, wrong)


def _objects(data: bytes) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            yield number, lambda line=line: _object(line)


def _object(line: bytes) -> Mapping[str, Any]:
    value = strictjson.loads(line, "row")
    if type(value) is not dict:
        raise codec.refuse("row", "an object", "对象", value)
    return value


def _lines(data: bytes, file: str, needed: Sequence[str]) -> Iterator[tuple[int, Any]]:
    try:
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            names = ", ".join(missing)
            raise FormatError(f"{file}: expected the columns {names}", f"{file}：缺少列 {names}")
        for row in reader:
            yield reader.line_num, lambda row=row: _cells(row)
    except UnicodeDecodeError:
        raise FormatError(f"{file}: expected UTF-8", f"{file}：应为 UTF-8 编码") from None
    except csv.Error as error:
        raise FormatError(
            f"{file}: line {reader.line_num}: expected CSV ({error})", f"{file}：第 {reader.line_num} 行不是规范的 CSV"
        ) from None


def _cells(row: Mapping[Any, Any]) -> Mapping[str, str]:
    if None in row or None in row.values():
        raise FormatError("row: expected as many cells as the header has", "row：单元格数应与表头相同")
    return row


_BODY = ("id", "name", "kind", "region", "superior", "named_by", "acting_for_government")


def _body(row: Mapping[str, Any]) -> BodyLine:
    return codec.decode(BodyLine, {n: row[n] for n in _BODY if row.get(n) is not None}, "row")


def _body_of_cells(row: Mapping[str, str]) -> BodyLine:
    found: dict[str, Any] = {n: commitment_sheet.plain(row[n]) for n in _BODY if row.get(n)}
    if "acting_for_government" in found:
        found["acting_for_government"] = found["acting_for_government"] == "true"
    return _body(found)


# --- recording ------------------------------------------------------------------------------------------------


Event = tuple[int, str, Any, tuple[Document, ...]]
"""Line of the file, stream, fact and basis of an event to be recorded."""


@dataclass(frozen=True)
class PromiseImport:
    """An import into a ledger, signed by ``author``, its credit office."""

    ledger: Ledger
    author: Author

    def plan(self, promises: Read, bodies: Read | None = None) -> tuple[list[Event], list[tuple[int, LedgerError]]]:
        """What is to be recorded, and by line why it cannot be: then nothing should be. Nothing is recorded yet."""
        known = {line.id: (number, line) for number, line in (bodies.found if bodies else ())}
        here = self._registered({b for _, p in promises.found for b in codec.bodies(p.fact)} | set(known))
        problems: list[tuple[int, LedgerError]] = [*promises.wrong]
        needed: dict[str, Event] = {}
        made: dict[str, Event] = {}
        for number, promise in promises.found:
            stream = _stream(promise)
            if stream in made:
                problems.append((number, _twice(made[stream][0])))
                continue
            for body in sorted(codec.bodies(promise.fact)):
                problems += [(number, error) for error in self._need(body, here, known, needed, bodies)]
            made[stream] = (number, stream, promise.fact, promise.basis or self._basis(promise, promises))
        there = self._there(made)
        problems += [(made[s][0], _other(s)) for s, fact in there.items() if fact != made[s][2]]
        return [*needed.values(), *(event for stream, event in made.items() if stream not in there)], problems

    def run(self, promises: Read, events: Sequence[Event]) -> Iterator[tuple[int, int, Imported]]:
        """Records what was planned; yields (done, total, what was done so far) after each group."""
        done = Imported(present=len(promises.found) - sum(isinstance(e[2], CommitmentMade) for e in events))
        for start in range(0, len(events), CHUNK):
            group = events[start : start + CHUNK]
            jws = [self.author.write(stream, Head(0, None), fact, basis) for _, stream, fact, basis in group]
            for (number, _, fact, _), future in zip(group, self.ledger.submit_many(jws), strict=True):
                error = future.exception()
                if isinstance(error, RuleError):
                    done.refused.append((number, error))
                elif error:
                    raise error
                else:
                    done.commitments += isinstance(fact, CommitmentMade)
                    done.bodies += not isinstance(fact, CommitmentMade)
            yield start + len(group), len(events), done
        if not events:
            yield 0, 0, done

    def _there(self, made: Mapping[str, Event]) -> dict[str, Any]:
        """Of these commitments, what the ledger has: as they were made there."""
        rows = self.ledger.reader.streams(list(made))
        return {row.stream: recorded_of(row).event.fact for row in rows if row.version == 1}

    def _basis(self, promise: Promise, promises: Read) -> tuple[Document, ...]:
        """What is said for another rests on a document: on the file, where it names none."""
        return () if promise.fact.promiser == self.author.iss else (promises.document,)

    def _registered(self, ids: Iterable[str]) -> set[str]:
        """Of these bodies, those that the ledger knows."""
        return {row.stream.partition("/")[2] for row in self.ledger.reader.streams([f"body/{body}" for body in ids])}

    def _need(
        self,
        body: str,
        here: set[str],
        known: Mapping[str, tuple[int, BodyLine]],
        needed: dict[str, Event],
        bodies: Read | None,
    ) -> Iterable[LedgerError]:
        """Makes sure that a body is there or will be, with those above it; why that cannot be."""
        if body in needed or body in here:
            return
        if body not in known or bodies is None:
            yield FormatError(
                f"body: expected one of this ledger, {body} is not; register it, or give the export of bodies",
                f"单位：{body} 尚未在账本登记；请先登记，或一并提供单位导出文件",
            )
            return
        number, line = known[body]
        here.add(body)  # also where the file's bodies are above each other in a circle
        if line.superior is not None:
            here |= self._registered([line.superior])
            yield from self._need(line.superior, here, known, needed, bodies)
        if line.named_by is not None:
            fact: Any = BodyProvisionallyRegistered(line.name, line.kind, line.named_by)
        else:
            fact = BodyRegistered(line.name, line.kind, line.region, line.superior, line.acting_for_government)
        needed[body] = (number, f"body/{body}", fact, (bodies.document,))


def _stream(promise: Promise) -> str:
    """The stream of a promise: its id's, or one that its content gives."""
    if promise.id is not None:
        return f"commitment/{promise.id}"
    content = strictjson.dumps(commitment_sheet.row_of(promise)).decode()
    return f"commitment/{uuid8(f'promise {content}')}"


def _twice(before: int) -> FormatError:
    return FormatError(f"row: the same promise as in line {before}", f"row：与第 {before} 行为同一承诺")


def _other(stream: str) -> FormatError:
    return FormatError(f"id: the ledger has another promise as {stream}", f"id：账本中 {stream} 是另一承诺")
