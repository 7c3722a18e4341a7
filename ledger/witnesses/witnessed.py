"""How far the log is witnessed: the newest checkpoint whose cosignatures meet the policy, with their lines under it.

A ledger with a policy shows nothing newer: who reads believes nothing that the witnesses have not seen, and what they
have not seen yet comes a moment later. A ledger without one shows the newest checkpoint that there is.

>>> from ledger.proof.cosignature import Cosigner
>>> from ledger.proof.keys import PrivateKey
>>> from ledger.proof.note import LogSigner, Verifier, sign
>>> log = LogSigner("log.example", PrivateKey.from_seed(bytes(32)))
>>> witness = Cosigner("w.example", PrivateKey.from_seed(bytes([1]) * 32), 1679315147)
>>> note = sign("log.example\\n0\\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\\n", [log, witness]).decode()
>>> verifies(note[:note.rindex("\u2014")], note[note.rindex("\u2014"):], Known("w", Verifier.of(witness)))
True
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import groupby
from time import monotonic

from ledger.application import Ledger
from ledger.errors import LedgerError, NotFoundError, UnavailableError
from ledger.proof.merkle import MAX_SIZE, inclusion_proof
from ledger.proof.note import read_note
from ledger.proof.quorum import Known, Policy
from ledger.proof.tlogproof import TlogProof
from ledger.store.reader import PAGE, Cosignature, StoredCheckpoint

FRESH = 0.5
"""Seconds that an answer of the database is good for."""


class Witnessed:
    """See the module's docstring. It may be asked from many threads."""

    def __init__(self, ledger: Ledger, policy: Policy | None) -> None:
        """``policy``: None for a ledger that has none."""
        self.policy = policy
        self._ledger = ledger
        self._lock = threading.Lock()
        self._found: StoredCheckpoint | None = None
        self._asked = -FRESH  # when it was last looked; below 0: never

    def newest(self) -> StoredCheckpoint:
        """The newest checkpoint to be shown. Raises UnavailableError where none is witnessed yet."""
        if self.policy is None or self.policy.quorum == "none":
            stored = self._ledger.reader.newest()
            return stored if self.policy is None else self._with_lines(stored)
        with self._lock:
            if monotonic() - self._asked >= FRESH:
                self._look(self.policy)
                self._asked = monotonic()
            if self._found is None:
                raise UnavailableError(
                    "no checkpoint has the cosignatures that this ledger's policy asks for yet",
                    "尚无检查点达到本账本见证策略的要求",
                )
            return self._found

    @property
    def size(self) -> int:
        """The size of what was shown last, without asking the database; 0 where there is no policy, or nothing yet."""
        return self._found.size if self._found else 0

    def by(self) -> tuple[int, tuple[str, ...]]:
        """The size of :meth:`newest`, and the names of the witnesses that cosigned it; 0 where there is none."""
        try:
            stored = self.newest()
        except (UnavailableError, NotFoundError):
            return 0, ()
        return stored.size, self.policy.by(stored.note.encode()) if self.policy else ()

    def proof(self, index: int) -> bytes:
        """A ``.tlog-proof`` of the entry at ``index``: against :meth:`newest` if that covers it, else the newest that
        there is. Raises NotFoundError.
        """
        try:
            stored = self.newest()
        except UnavailableError:
            stored = self._ledger.reader.newest()
        if stored.size <= index:
            stored = self._ledger.reader.newest()
        if not 0 <= index < stored.size:
            raise NotFoundError(
                f"log: expected an index below {stored.size}, got {index}",
                f"日志：序号应小于 {stored.size}，实为 {index}",
            )
        hashes = inclusion_proof(index, stored.size, self._ledger.nodes(stored.size))
        return TlogProof(index, tuple(hashes), stored.note.encode()).marshal()

    def _look(self, policy: Policy) -> None:
        """Looks at the lines from what was found on, the newest first, until a quorum is met.

        Lines come for the newest checkpoints, so that after the first time the newest page is enough.
        """
        known = {witness.key.vkey: witness.name for witness in policy.known_witnesses}
        start, stop = self._found.size if self._found else 0, MAX_SIZE
        while lines := self._ledger.reader.cosignatures(list(known), start, stop):
            for size, group in groupby(lines, key=lambda line: line.size):
                said = list(group)
                if policy.is_quorum([known[line.witness] for line in said]):
                    found, names = self._checked(size, said)
                    if policy.is_quorum(names):
                        self._found = found
                        return
                stop = size + 1  # the last size of a page may have more lines on the next one
            if len(lines) < PAGE or self._asked >= 0:
                return

    def _with_lines(self, stored: StoredCheckpoint) -> StoredCheckpoint:
        assert self.policy is not None
        vkeys = [witness.key.vkey for witness in self.policy.known_witnesses]
        return self._checked(stored.size, self._ledger.reader.cosignatures(vkeys, stored.size, stored.size + 1))[0]

    def _checked(self, size: int, lines: Sequence[Cosignature]) -> tuple[StoredCheckpoint, tuple[str, ...]]:
        """The checkpoint of a size with those of these lines that verify, and the names of their witnesses."""
        assert self.policy is not None
        note = self._ledger.reader.covering(size - 1).note
        known = {witness.key.vkey: witness for witness in self.policy.known_witnesses}
        good = [line for line in lines if verifies(note, line.line, known[line.witness])]
        names = tuple(known[line.witness].name for line in good)
        return StoredCheckpoint(size, note + "".join(line.line for line in good)), names


def verifies(note: str, line: str, witness: Known) -> bool:
    """Whether a line is this witness's cosignature of the checkpoint in ``note``, and nothing else."""
    if line.count("\n") != 1:
        return False
    try:
        return len(read_note((note + line).encode(), [witness.key]).signatures) == 1
    except LedgerError:
        return False
