"""Entries one after the other: form, signature, recorded time, and what they were filed as, each from its bytes.

What cannot be decided without the entries before is noted instead: who signed with which key (:class:`Use`), the events
of bodies (:class:`BodyEntry`), and links and ids in :class:`audit.links.Partitions`.

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder, Partitions(Path(folder), 1) as partitions:
...     entries = Entries({}, partitions)
...     entries.examine((0, "body/ledger", 1, "LedgerFounded/1", bytes(16), leaf_hash(b"promised"), b"promised"))
>>> [(problem.index, problem.code) for problem in entries.problems.sorted()]
[(0, 'malformed')]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from audit.links import Partitions
from audit.source import Row
from audit.verdict import Problem, Problems
from ledger.errors import FormatError, LedgerError
from ledger.proof.event import SIGNATURE_LENGTH, format_time, parse, parse_entry
from ledger.proof.keys import verify
from ledger.proof.merkle import leaf_hash
from ledger.proof.skim import Skimmed, skim, skimmed

_COLUMNS = (("stream", "事件流"), ("version", "版本"), ("topic", "主题"), ("jti", "标识"))


class Use(NamedTuple):
    """A key signs for a body from index ``position`` on, to the next event of that body's stream or the chunk's end.

    ``cause`` is that of the event there; events with and without one are told apart.
    """

    position: int
    iss: str
    kid: str
    cause: str | None


class BodyEntry(NamedTuple):
    """An entry of a ``body/…`` stream, by index. ``sound``: nothing is wrong with its signature, as far as is known."""

    position: int
    entry: bytes
    sound: bool


class Unresolved(NamedTuple):
    """An entry whose signature could not be checked, because nobody hinted at its key."""

    position: int
    kid: str
    signature: bytes
    message: bytes

    def problem(self, public: str | None) -> Problem | None:
        """What is wrong, once the key is known, or known to be unknown: that was told of then."""
        if public is None or verify(public, self.signature, self.message):
            return None
        return bad_signature(self.position, self.kid)


class Entries:
    """The entries of a chunk, given in order to :meth:`examine`; ``public`` is key id -> public key, of those known."""

    def __init__(self, public: Mapping[str, str], partitions: Partitions) -> None:
        self.leaves: list[bytes] = []
        self.problems = Problems()
        self.uses: list[Use] = []
        self.unresolved: list[Unresolved] = []
        self.first: tuple[int, datetime] | None = None
        self.last: tuple[int, datetime] | None = None
        """Index and recorded time of the first and of the last entry that has one."""
        self._public = public
        self._partitions = partitions
        self._signers: dict[str, set[tuple[str, bool]]] = {}
        self._bodies: list[tuple[int, bytes]] = []
        self._signed: list[tuple[int, str, str, bytes, bytes]] = []
        self._unsound: set[int] = set()

    def examine(self, row: Row) -> None:
        """Examines the next entry. Whatever its bytes are, this finds a problem and does not raise."""
        index, entry = row[0], row[6]
        leaf = leaf_hash(entry)
        self.leaves.append(leaf)
        if leaf != row[5]:
            self.problems.extend([_wrong_leaf(index, row[5], leaf)])
        try:
            at, jws = parse_entry(entry)
            if self.last is None or at is not self.last[1]:
                self._take_time(index, at)
            event = placed(jws)
        except LedgerError as error:
            self.problems.add("malformed", index, error.en, error.zh)
            return
        except Exception as error:  # an entry is anybody's bytes: whatever they do, the audit goes on
            name = type(error).__name__
            self.problems.add("malformed", index, f"entry: it cannot be read ({name})", f"条目：无法读取（{name}）")
            return
        jti = bytes.fromhex(event.jti.replace("-", ""))
        filed = (event.stream, event.version, event.topic, jti)
        if row[1:5] != filed:
            self.problems.extend(_misfiled(index, row[1:5], filed))
        public, message = self._public.get(event.kid), jws[: -SIGNATURE_LENGTH - 1]
        if public is None:
            self.unresolved.append(Unresolved(index, event.kid, event.signature, message))
        else:
            self._signed.append((index, event.kid, public, event.signature, message))
        self._partitions.add(event.stream, event.version, index, sha256(jws).digest(), event.prev, jti)
        self._note_use(index, event)
        if event.stream.startswith("body/"):
            self._bodies.append((index, entry))
            # The body's keys may be others from here on, so its next signature is a use to be judged again.
            self._signers.pop(event.stream[5:], None)

    def check_signatures(self) -> None:
        """Checks the signatures of all that was examined.

        In one go, which is quicker than among other work: the tables of the curve stay in the processor's cache.
        """
        for index, kid, public, signature, message in self._signed:
            if not verify(public, signature, message):
                self._unsound.add(index)
                self.problems.extend([bad_signature(index, kid)])
        self._signed.clear()

    @property
    def bodies(self) -> list[BodyEntry]:
        """The entries of bodies' streams, once the signatures are checked."""
        return [BodyEntry(index, entry, index not in self._unsound) for index, entry in self._bodies]

    def _note_use(self, index: int, event: Skimmed) -> None:
        known = self._signers.get(event.iss)
        if known is None:
            known = self._signers[event.iss] = set()
        use = (event.kid, event.cause is None)
        if use not in known:
            known.add(use)
            self.uses.append(Use(index, event.iss, event.kid, event.cause))

    def _take_time(self, index: int, at: datetime) -> None:
        if self.last is None:
            self.first = (index, at)
        elif at < self.last[1]:
            self.problems.extend([backwards(index, at, *self.last)])
        self.last = (index, at)


def placed(jws: bytes) -> Skimmed:
    """The claims that place an event, in whatever form it was written. Raises FormatError."""
    return skim(jws) or _parsed(jws)


def _parsed(jws: bytes) -> Skimmed:
    """An event that is not in the form that can be skimmed. Raises FormatError."""
    signed = parse(jws)
    if len(signed.jws) != len(jws):
        raise FormatError("entry: expected a compact JWS, got an SD-JWT", "条目：应为紧凑 JWS，实为 SD-JWT")
    return skimmed(signed)


def bad_signature(index: int, kid: str) -> Problem:
    """The signature of the entry at ``index`` does not verify."""
    return Problem(
        index,
        "signature",
        f"signature: expected one that verifies with the key {kid}, got one that does not",
        f"签名：应能用密钥 {kid} 验证通过，实则不能",
    )


def backwards(index: int, at: datetime, before: int, last: datetime) -> Problem:
    """The entry at ``index`` was recorded before the one before it."""
    return Problem(
        index,
        "time",
        f"recorded time: expected none before {format_time(last)} of entry {before}, got {format_time(at)}",
        f"记录时间：应不早于第 {before} 号条目的 {format_time(last)}，实为 {format_time(at)}",
    )


def _wrong_leaf(index: int, stored: bytes, leaf: bytes) -> Problem:
    return Problem(
        index,
        "leaf",
        f"stored leaf hash: expected {leaf.hex()}, which the entry gives, got {stored.hex()[:80]}",
        f"存储的叶散列：按条目应为 {leaf.hex()}，实为 {stored.hex()[:80]}",
    )


def _misfiled(index: int, stored: tuple[Any, ...], signed: tuple[Any, ...]) -> Iterator[Problem]:
    for (en, zh), was, expected in zip(_COLUMNS, stored, signed, strict=True):
        if was != expected:
            shown, wanted = _shown(was), _shown(expected)
            yield Problem(
                index,
                "filed",
                f"stored {en}: expected {wanted}, as signed, got {shown}",
                f"存储的{zh}：按签署内容应为 {wanted}，实为 {shown}",
            )


def _shown(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)[:80]
