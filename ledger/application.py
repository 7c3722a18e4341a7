"""The ledger as a program uses it: one method for each use case.

submit, submit_many      a body's signed events -> receipts                       (ledger/writer.py)
head, case, history      a stream: what to follow, its state, its events
receipt, proof, nodes    what proves an entry                                     (ledger/proof/)
attest                   an answer under the ledger's own signature               (ledger/proof/attestation.py)
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, get_args

from ledger.admission import Case, empty_case
from ledger.domain.body import LedgerFounded
from ledger.domain.codec import Shape
from ledger.domain.event import LEDGER, Recorded, StreamId
from ledger.errors import (
    ConfigurationError,
    CorruptionError,
    FormatError,
    Head,
    LedgerError,
    NotFoundError,
    UnavailableError,
)
from ledger.groupcommit import Stage
from ledger.keys.log_key import LogKey
from ledger.keys.signing import Keys, LogSigners
from ledger.position import Position, cases_of, recorded_of
from ledger.proof import webhook
from ledger.proof.attestation import attest
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.merkle import inclusion_proof
from ledger.proof.note import Verifier
from ledger.proof.tiles import NodesFromTiles
from ledger.proof.tlogproof import TlogProof
from ledger.receipt import Receipt, receipt_again
from ledger.store.database import Database
from ledger.store.reader import Reader
from ledger.store.recorder import LedgerRecorder, Row, datastore
from ledger.store.screenings import Screenings
from ledger.vault.upkeep import shred
from ledger.vault.vault import PostgresVault, Vault
from ledger.writer import Writer

if TYPE_CHECKING:
    from ledger.vault.vault import Master

_log = logging.getLogger(__name__)
_AGAIN = 60.0
"""Seconds after which an attempt to rewrite the vault's files is made again."""
_STREAM = re.compile(next(mark.pattern for mark in get_args(StreamId) if isinstance(mark, Shape)))


class Ledger:
    """An open ledger. ``clock`` gives the time in UTC, ``new_id`` a fresh UUIDv7.

    ``on_corruption`` is told when stored bytes contradict each other; from then on nothing more is written. ``master``
    is the key of the vault; without it the ledger has none, and refuses disclosures. ``masters`` gives the keys of the
    vault that are at hand when it is asked, for another process may change them.
    """

    def __init__(
        self,
        database: Database,
        keys: Keys,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        on_corruption: Callable[[CorruptionError], None] = lambda _: None,
        master: Master | None = None,
        masters: Callable[[], Sequence[Master]] = tuple,
    ) -> None:
        self._owner = database.url("owner")
        self._keys = keys
        self._signers = LogSigners(keys)
        self._log = LogKey(keys.log.name, Verifier.of(keys.log))
        self._writing = datastore(database.url("writer"), pool_size=2, patience=database.patience)
        self._reading = datastore(database.url("reader"), pool_size=8, patience=database.patience)
        self.reader = Reader(self._reading)
        self.screenings = Screenings(self._writing)
        self.vault: Vault | None = None
        if master:
            self.vault = PostgresVault(self._writing, master, reread=masters, erased=self._erased)
        try:
            position = self._restore()
        except BaseException:
            self._writing.close()
            self._reading.close()
            raise
        self._writer = Writer(
            LedgerRecorder(self._writing),
            self.reader,
            keys,
            position,
            clock=clock,
            new_id=new_id,
            on_corruption=on_corruption,
            vault=self.vault,
        )
        self._closing = threading.Event()
        self._shredding: Stage[None] = Stage("shred", self._shred)
        self._erased()  # maybe: by a program that stopped before it came to the files

    # --- use cases -------------------------------------------------------------------------------------------------

    def submit(self, data: bytes) -> Future[Receipt]:
        """Submits one signed event, with its disclosures if it has any.

        The future gives its receipt, or raises the LedgerError that refused it.
        """
        return self.submit_many([data])[0]

    def submit_many(self, items: Sequence[bytes]) -> list[Future[Receipt]]:
        """Submits signed events that are judged in this order; each is admitted or refused by itself."""
        return self._writer.submit_many(items)

    def head(self, stream: str) -> Head:
        """What the next event of a stream has to follow. Raises FormatError for what is no stream, or no known kind."""
        return self.case(stream).head

    def case(self, stream: str) -> Case:
        """The state of a stream now, read from the log; an empty one where it has no event. Raises FormatError."""
        if not _STREAM.fullmatch(stream):
            raise FormatError(
                f"stream: expected kind/id, got {stream[:80]!a}", f"事件流：应为 类别/标识，实为 {stream[:80]!a}"
            )
        return cases_of(self.reader.stream(stream)).get(stream) or empty_case(stream)

    def history(self, stream: str) -> list[Recorded]:
        """All events of a stream, in order."""
        return [recorded_of(row) for row in self.reader.stream(stream)]

    def receipt(self, row: Row) -> Receipt:
        """The receipt of an event in the log: the same as when it was submitted."""
        return receipt_again(self.reader, row)

    def proof(self, index: int) -> bytes:
        """A ``.tlog-proof`` of the entry at ``index`` against the newest checkpoint. Raises NotFoundError."""
        stored = self.reader.newest()
        if not 0 <= index < stored.size:
            raise NotFoundError(
                f"log: expected an index below {stored.size}, got {index}",
                f"日志：序号应小于 {stored.size}，实为 {index}",
            )
        hashes = inclusion_proof(index, stored.size, self.nodes(stored.size))
        return TlogProof(index, tuple(hashes), stored.note.encode()).marshal()

    def nodes(self, size: int) -> NodesFromTiles:
        """The tree's nodes at a size, read from its tiles."""
        return NodesFromTiles(self.reader.tile, size)

    @property
    def log_key(self) -> LogKey:
        """The log's name and keys, as the log says now; before it is founded, the key at hand."""
        ledger = self.case(f"body/{LEDGER}").state
        return LogKey.of(ledger, sys.maxsize) if ledger.log_keys else self._log

    def checkpoint(self) -> Checkpoint:
        """The newest checkpoint. Raises CorruptionError where the log's key of its size did not sign it."""
        note = self.reader.newest().note  # first: the keys read after it are at least as new
        return self.log_key.open(note)

    def webhook_signature(self, message: str, timestamp: int, body: bytes) -> str:
        """The signature of a webhook (ledger/proof/webhook.py). Raises FormatError for an id that is none."""
        return webhook.sign(message, timestamp, body, self._keys.ledger)

    @property
    def public_key(self) -> str:
        """The key that signs the ledger's own consequences, as a JWK's ``x``."""
        return self._keys.ledger.public

    def attest(self, typ: str, payload: Mapping[str, Any]) -> bytes:
        """A compact JWS of an answer, signed with :attr:`public_key`; ``typ`` says what sort of answer it is.

        Raises FormatError as :func:`ledger.proof.attestation.attest`, LedgerError where the key cannot sign.
        """
        return attest(typ, payload, self._keys.ledger)

    @property
    def size(self) -> int:
        """Entries of the log, as far as this process has seen."""
        return self._writer.size

    def check(self) -> int:
        """The size of the newest checkpoint.

        Raises UnavailableError where nothing can be read or appended, be it that the log's key is not at hand.
        """
        if not self._writer.open:
            raise UnavailableError("the ledger takes no more events", "账本不再接收事件")
        self._signers.need(self.log_key.verifier)
        return self.reader.newest(attempts=3).size

    def close(self) -> None:
        """Works off what was submitted, then lets go of the database. May be called again."""
        try:
            self._writer.close()
            self._closing.set()
            self._shredding.close()
        finally:
            self._writing.close()
            self._reading.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- after an erasure ------------------------------------------------------------------------------------------

    def _erased(self) -> None:
        self._shredding.put([None])

    def _shred(self, group: list[None]) -> None:
        """What was erased leaves the files of the database, in a thread of its own, at once or when that can be.

        A failure is for the operator; what is left to do at the end the next opening sees.
        """
        while self.vault and not self._shredded(self.vault) and not self._closing.wait(_AGAIN):
            pass

    def _shredded(self, vault: Vault) -> bool:
        try:
            if vault.unshredded():
                shred(self._owner)
        except LedgerError as error:
            _log.warning("erased rows may still be in the database's files: %s", error.en)
            return False
        return True

    # --- opening ---------------------------------------------------------------------------------------------------

    def _restore(self) -> Position:
        founding = self.reader.entries(0, 1)
        if not founding:
            return Position.start(self._log)
        fact = recorded_of(founding[0]).event.fact
        if not isinstance(fact, LedgerFounded):
            raise CorruptionError("the log's first entry is not its founding", "日志的第一个条目不是其创立事件")
        position = Position.restore(self.reader)
        here, at_hand = position.key.verifier.vkey, self._log.verifier.vkey
        if fact.origin != self._log.origin or self._signers.find(here) is None:
            raise ConfigurationError(
                f"log key: this database holds the log {here}, the key at hand is {at_hand}",
                f"日志密钥：数据库中的日志为 {here}，现有密钥为 {at_hand}",
            )
        if fact.ledger_key != self._keys.ledger.public:
            raise ConfigurationError(
                "ledger key: it is not the one that this ledger was founded with",
                "账本密钥：与创立时的密钥不符",
            )
        return position
