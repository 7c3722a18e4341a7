"""The log's key as those who read the log know it: which key signs checkpoints of which size.

The log's name stays, its key may change (``LogKeyRotated``, :mod:`ledger.proof.rotation`). The event at index *i*
changes it for checkpoints of a size > *i*, so that the first of them covers the change. Who signs is
:mod:`ledger.keys.signing`.

>>> from ledger.proof.note import LogSigner
>>> from ledger.proof.keys import PrivateKey
>>> old, new = (Verifier.of(LogSigner("ledger.example", PrivateKey.from_seed(bytes([n]) * 32))) for n in (1, 2))
>>> key = LogKey("ledger.example", old).rotated(7, new.vkey)
>>> key.at(7) == old, key.at(8) == new, key.verifier == new
(True, True, True)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ledger.domain.body import Body
from ledger.errors import CorruptionError, LedgerError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.note import Verifier


@dataclass(frozen=True, slots=True)
class LogKey:
    """The name of a log and the key that signs its newest checkpoints.

    ``earlier``: the keys before it, oldest first, each with the greatest size that it signs for.
    """

    origin: str
    verifier: Verifier
    earlier: tuple[tuple[int, Verifier], ...] = ()

    @classmethod
    def of(cls, ledger: Body, size: int) -> LogKey:
        """The log's key by the state of ``body/ledger`` among the log's first ``size`` entries.

        Raises CorruptionError where they name none, as an empty log does.
        """
        known = [(since.index, _parsed(since.vkey)) for since in ledger.log_keys if since.index < size]
        if not known:
            raise CorruptionError("the log's first entry is not its founding", "日志的第一个条目不是其创立事件")
        newest = known[-1][1]
        earlier = tuple((until, verifier) for (_, verifier), (until, _) in pairwise(known))
        return cls(newest.name, newest, earlier)

    def rotated(self, index: int, vkey: str) -> LogKey:
        """After the rotation to ``vkey`` by the event at ``index``."""
        return LogKey(self.origin, _parsed(vkey), (*self.earlier, (index, self.verifier)))

    def at(self, size: int) -> Verifier:
        """The key that a checkpoint of this size has to be signed by."""
        return next((verifier for until, verifier in self.earlier if size <= until), self.verifier)

    def history(self) -> list[tuple[int, Verifier]]:
        """Every key, oldest first, with the least size that it signs for."""
        begins = [1, *(until + 1 for until, _ in self.earlier)]
        return list(zip(begins, [*(verifier for _, verifier in self.earlier), self.verifier], strict=True))

    def signing(self, since: int) -> tuple[Verifier, ...]:
        """Who signs the next checkpoint after one of size ``since``: the newest key, and those that it relieves."""
        relieved = [verifier for until, verifier in self.earlier if until >= since]
        return (self.verifier, *reversed(relieved))

    def open(self, note: str) -> Checkpoint:
        """A stored checkpoint. Raises CorruptionError if the key of its size did not sign it."""
        try:
            size = open_checkpoint(note.encode(), self.origin, [v for _, v in self.earlier] + [self.verifier]).size
            return open_checkpoint(note.encode(), self.origin, [self.at(size)])
        except LedgerError as error:
            raise CorruptionError(f"stored checkpoint: {error.en}", f"已存检查点：{error.zh}") from error


def _parsed(vkey: str) -> Verifier:
    try:
        return Verifier.parse(vkey)
    except LedgerError as error:
        raise CorruptionError(f"log key: {error.en}", f"日志密钥：{error.zh}") from error
