"""Logs made by hand, for auditors: real entries, tree and checkpoints in memory, that can be forged at will."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from audit.verdict import Verdict
from ledger.domain import body_terms
from ledger.domain.body import BodyRegistered, KeyAuthorised, LedgerFounded, RoleGranted
from ledger.domain.body_terms import Role
from ledger.domain.commitment import CommitmentMade, ProgressReported
from ledger.domain.commitment_terms import Area, Kind
from ledger.domain.event import LEDGER, Document, Event
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.ids import uuid7
from ledger.domain.kinds import topic
from ledger.errors import Head
from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.event import entry, parse, parse_entry, sign
from ledger.proof.keys import PrivateKey
from ledger.proof.merkle import Tree, leaf_hash
from ledger.proof.note import LogSigner, Verifier

START = datetime(2026, 1, 1, tzinfo=UTC)
DOCUMENT = Document("示例市政务诚信建设工作方案（虚构）", "ab" * 32)
LOG = LogSigner("log.example", PrivateKey.from_seed(b"log".ljust(32)))
ROOT = PrivateKey.from_seed(b"root".ljust(32))
LEDGER_KEY = PrivateKey.from_seed(b"ledger".ljust(32))
OPERATOR, CITY, TOWN = (fictional_uscc(number) for number in (1, 2, 3))
OPERATOR_KEY, CITY_KEY, TOWN_KEY, OTHER_KEY = (PrivateKey.from_seed(bytes([n]) * 32) for n in (1, 2, 3, 4))


def made(number: int, promiser: str = CITY) -> CommitmentMade:
    """A promise."""
    return CommitmentMade(f"第{number}项承诺", "依法履行合同，不以换届为由毁约。", Kind.PLAN, Area.GENERAL, promiser)


@dataclass
class Writer:
    """Writes entries one after the other, a second apart. What it is told to write, it writes: nothing is admitted."""

    entries: list[bytes] = field(default_factory=list)
    heads: dict[str, Head] = field(default_factory=dict)
    jtis: list[str] = field(default_factory=list)

    def write(self, iss: str, key: PrivateKey, stream: str, fact: Any, **other: Any) -> int:
        """The index of one more entry. ``other``: claims that are to be otherwise, and ``at`` (recorded time)."""
        index, head = len(self.entries), self.heads.get(stream, Head(0, None))
        at = other.pop("at", START + timedelta(seconds=index))
        event = Event(
            iss=iss,
            iat=int(at.timestamp()),
            jti=uuid7(int(at.timestamp() * 1000), index.to_bytes(10, "big")),
            stream=stream,
            version=head.version + 1,
            prev=head.hash,
            fact=fact,
        )
        event = dataclasses.replace(event, **other)
        signed = parse(sign(event, key))
        self.entries.append(entry(at, signed.jws))
        self.heads[stream] = Head(event.version, signed.hash)
        self.jtis.append(event.jti)
        return index

    def promise(self, number: int, iss: str = CITY, key: PrivateKey = CITY_KEY, **other: Any) -> int:
        """One more promise, in a stream of its own."""
        return self.write(iss, key, f"commitment/{number}", made(number, iss), **other)

    def report(self, number: int, iss: str = CITY, key: PrivateKey = CITY_KEY, **other: Any) -> int:
        """Progress on a promise."""
        return self.write(iss, key, f"commitment/{number}", ProgressReported("已完成一半", (DOCUMENT,)), **other)

    def copy(self) -> Self:
        """One that goes on from here by itself."""
        return type(self)(list(self.entries), dict(self.heads), list(self.jtis))


def founded() -> Writer:
    """A log of eight entries: the founding, an operator, a city and a town with their keys."""
    writer = Writer()
    log_key = Verifier.of(LOG).vkey
    writer.write(LEDGER, ROOT, "body/ledger", LedgerFounded(LOG.name, ROOT.public, LEDGER_KEY.public, log_key))
    for uscc, key, iss, by in (
        (OPERATOR, OPERATOR_KEY, LEDGER, ROOT),
        (CITY, CITY_KEY, OPERATOR, OPERATOR_KEY),
        (TOWN, TOWN_KEY, OPERATOR, OPERATOR_KEY),
    ):
        stream = f"body/{uscc}"
        writer.write(iss, by, stream, BodyRegistered(f"示例单位{uscc[-3:]}（虚构）", body_terms.Kind.GOVERNMENT))
        writer.write(iss, by, stream, KeyAuthorised(key.public))
        if uscc == OPERATOR:
            writer.write(iss, by, stream, RoleGranted(Role.OPERATOR))
    return writer


def filled(size: int) -> Writer:
    """A log of that many entries: promises, every third with a report on it later."""
    writer = founded()
    number = 0
    while len(writer.entries) < size:
        iss, key = ((CITY, CITY_KEY), (TOWN, TOWN_KEY))[number % 2]
        writer.promise(number, iss, key)
        if number % 3 == 2 and len(writer.entries) < size:
            reported = number - 2
            writer.report(reported, *((CITY, CITY_KEY), (TOWN, TOWN_KEY))[reported % 2])
        number += 1
    return writer


@dataclass(frozen=True)
class MemorySource:
    """What a ledger stores, held in memory; a source and its session in one."""

    stored: Sequence[tuple[int, str, int, str, bytes, bytes, bytes]]
    stored_tiles: Sequence[tuple[int, int, bytes, bytes]]
    stored_checkpoints: Sequence[tuple[int, str]]
    hints: Sequence[str] = ()

    @classmethod
    def of(cls, entries: Sequence[bytes], sizes: Callable[[int], bool], signer: LogSigner = LOG) -> Self:
        """What a ledger would have stored of these entries, with a checkpoint at each size that ``sizes`` wants."""
        tree, tiles, checkpoints, keys = Tree(), [], [], []
        rows = []
        for index, data in enumerate(entries):
            event, leaf = parse(parse_entry(data)[1]).event, leaf_hash(data)
            jti = UUID(event.jti).bytes
            rows.append((index, event.stream, event.version, topic(event.fact), jti, leaf, data))
            for tile in tree.append(leaf):
                above = tree.nodes()(8 * (tile.level + 1), tile.number)
                tiles += [(tile.level, tile.number, tile.data, above)]
            if sizes(tree.size) or tree.size == len(entries):
                note = sign_checkpoint(Checkpoint(signer.name, tree.size, tree.root()), [signer])
                checkpoints.append((tree.size, note.decode()))
            if isinstance(event.fact, KeyAuthorised):
                keys.append(event.fact.key)
            elif isinstance(event.fact, LedgerFounded):
                keys += [event.fact.root_key, event.fact.ledger_key]
        return cls(rows, tiles, checkpoints, keys)

    def with_entry(self, index: int, data: bytes) -> Self:
        """The same with other bytes at an index, and nothing else adapted."""
        rows = list(self.stored)
        rows[index] = (*rows[index][:6], data)
        return dataclasses.replace(self, stored=rows)

    @contextmanager
    def open(self) -> Iterator[Self]:
        yield self

    def extent(self) -> tuple[int, int, Mapping[int, tuple[int, int]], tuple[int, str] | None]:
        levels = {level for level, *_ in self.stored_tiles}
        numbers = {level: [number for other, number, *_ in self.stored_tiles if other == level] for level in levels}
        return (
            len(self.stored),
            max((row[0] + 1 for row in self.stored), default=0),
            {level: (len(found), max(found)) for level, found in numbers.items()},
            max(self.stored_checkpoints, default=None),
        )

    def rows(self, start: int, stop: int) -> list[tuple[int, str, int, str, bytes, bytes, bytes]]:
        return [row for row in self.stored if start <= row[0] < stop]

    def tiles(self, level: int, start: int, stop: int) -> list[tuple[int, int, bytes, bytes]]:
        return [tile for tile in self.stored_tiles if tile[0] == level and start <= tile[1] < stop]

    def checkpoints(self, after: int, upto: int) -> list[tuple[int, str]]:
        return [filed for filed in self.stored_checkpoints if after < filed[0] <= upto]

    def public_keys(self) -> Sequence[str]:
        return self.hints


def every_tenth(size: int) -> bool:
    """Sizes that end in 0."""
    return size % 10 == 0


def of(writer: Writer, sizes: Callable[[int], bool] = every_tenth) -> MemorySource:
    """What a ledger would have stored of what was written."""
    return MemorySource.of(writer.entries, sizes)


def codes(verdict: Verdict) -> set[str]:
    """The codes of a verdict's problems."""
    return {problem.code for problem in verdict.problems}
