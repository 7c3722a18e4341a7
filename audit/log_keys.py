"""The log's keys, and which checkpoints they signed: the founding event names the first, each rotation the next.

A checkpoint of a size beyond the index of a rotation is signed by the key that the rotation hands over to, and those
before it by the one before (:class:`ledger.domain.body.LogKeyRotated`); another key's signature may stand beside it.
A key that the caller pinned has to be one of them: the first, and then the log's later keys are those that it handed
over to, or a later one, and then the tree that it signs holds the rotations that led to it.

>>> from ledger.proof.checkpoint import sign_checkpoint
>>> from ledger.proof.keys import PrivateKey
>>> from ledger.proof.note import LogSigner
>>> log = LogSigner("ledger.example", PrivateKey.from_seed(bytes(32)))
>>> note = sign_checkpoint(Checkpoint("ledger.example", 3, bytes(32)), [log]).decode()
>>> opened = read((3, note), [Verifier.of(log)])
>>> keys = LogKeys([[Verifier.of(log)]])
>>> keys.open(opened, problems := Problems()).size, problems.exit_code
(3, 0)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from audit.source import Filed
from audit.verdict import Problems
from ledger.domain.body import LogKeySince
from ledger.errors import FormatError, LedgerError, SignatureError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.note import Verifier, open_note


class Opened(NamedTuple):
    """A stored checkpoint, read with some of the log's keys. ``signers`` are those that signed it (whole keys: ids of 4
    bytes could be made to meet); where there is none of them, ``checkpoint`` is None.
    """

    filed: Filed
    checkpoint: Checkpoint | None
    signers: frozenset[Verifier]


def read(filed: Filed, keys: Sequence[Verifier]) -> Opened:
    """A stored checkpoint, as far as ``keys`` tell; another key may yet tell more."""
    try:
        return _read(filed, keys)
    except LedgerError:
        return Opened(filed, None, frozenset())


def _read(filed: Filed, keys: Sequence[Verifier]) -> Opened:
    """Raises FormatError where it is no checkpoint, SignatureError where it is not to be believed."""
    opened = open_note(filed[1].encode(errors="surrogatepass"), keys)
    checkpoint = Checkpoint.parse(opened.text)
    if checkpoint.origin != keys[0].name:
        raise SignatureError(
            f"expected a checkpoint of {keys[0].name}, got one of {checkpoint.origin[:80]!a}",
            f"应为 {keys[0].name} 的检查点，实为 {checkpoint.origin[:80]!a} 的",
        )
    signed = {each.key_id for each in opened.signatures if each.name == checkpoint.origin}
    return Opened(filed, checkpoint, frozenset(k for k in keys if k.name == checkpoint.origin and k.key_id in signed))


def hinted(
    known: Iterable[Verifier | None], pinned: Iterable[Sequence[Verifier]], hints: Iterable[str]
) -> tuple[Verifier, ...]:
    """Keys that may have signed the checkpoints of one log: known, pinned, or among ``hints`` (vkeys)."""
    keys: dict[bytes, Verifier] = {}
    for key in (*known, *(key for group in pinned for key in group), *_parsed(hints)):
        if key is not None and (not keys or key.name == next(iter(keys.values())).name):
            keys.setdefault(key.key_id, key)
    return tuple(keys.values())


def _parsed(hints: Iterable[str]) -> Iterator[Verifier]:
    for hint in hints:
        if "+" in hint:
            with suppress(FormatError):
                yield Verifier.parse(hint)


class LogKeys:
    """The log's keys at a position, which moves on with :meth:`follow`. ``pinned``: of each of these, one has to be the
    log's.
    """

    def __init__(self, pinned: Sequence[Sequence[Verifier]]) -> None:
        self._pinned = pinned
        # Where no founding event tells, a pinned key is the log's.
        self._keys: list[tuple[int, Verifier]] = [(0, group[0]) for group in pinned[:1]]

    def follow(self, log_keys: Sequence[LogKeySince]) -> None:
        """Moves on: these are the keys that the log named so far, all of them."""
        if not log_keys:
            return
        try:
            self._keys = [(each.index, Verifier.parse(each.vkey)) for each in log_keys]
        except FormatError:
            return  # that of the founding is none; a pinned key may stand for it

    @property
    def all(self) -> tuple[Verifier, ...]:
        """Every key so far, the newest last."""
        return tuple(key for _, key in self._keys)

    def at(self, size: int) -> Verifier | None:
        """The key that signs a checkpoint of that size; None where none is known."""
        return next((key for index, key in reversed(self._keys) if index < size or index == 0), None)

    def open(self, opened: Opened, problems: Problems) -> Checkpoint | None:
        """The checkpoint, if the key that counts at its size signed it and it is filed where it belongs."""
        size = opened.filed[0]
        key = self.at(size)
        if key is None:
            return None
        try:
            found = opened if key in opened.signers else _read(opened.filed, self.all)
            assert found.checkpoint is not None, "it was opened"
        except LedgerError as error:
            en, zh = error.en, error.zh
        else:
            if found.checkpoint.size != size:
                en, zh = (
                    f"expected that size, got {found.checkpoint.size}",
                    f"大小与此不符，实为 {found.checkpoint.size}",
                )
            elif key not in found.signers:
                en, zh = (
                    f"expected a signature by {key.vkey}, got only by other keys",
                    f"应由 {key.vkey} 签名，实则没有",
                )
            else:
                return found.checkpoint
        problems.add(
            "checkpoint",
            None,
            f"checkpoint filed under size {size}: {en}",
            f"存于大小 {size} 之下的检查点：{zh}",
        )
        return None

    def conclude(self, problems: Problems) -> bool:
        """Whether the pinned keys are the log's; else a problem is added, and no checkpoint is to be believed."""
        for group in self._pinned:
            if not set(group) & set(self.all):
                trusted, found = (", ".join(key.vkey for key in keys) or "-" for keys in (group, self.all))
                problems.add(
                    "checkpoint",
                    None,
                    f"the log's key: expected {trusted}, which is trusted, among those of the log, got {found}",
                    f"日志公钥：所信任的 {trusted} 应为该日志的公钥之一，实为 {found}",
                )
                return False
        return True
