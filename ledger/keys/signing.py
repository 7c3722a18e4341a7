"""Who signs for the ledger: its consequences one key, its checkpoints the log's key, which may change.

Which of the keys at hand signs a checkpoint is said by the log (:mod:`ledger.keys.log_key`), never by the files: a
process that meets a change to a key which it has, or can read now, goes on with that; one that cannot signs nothing
more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ledger.domain.body import LogKeyRotated
from ledger.domain.event import LEDGER, Event
from ledger.errors import ConfigurationError, UnavailableError
from ledger.keys.log_key import LogKey
from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.keys import Signer
from ledger.proof.merkle import Tree
from ledger.proof.note import NoteSigner, Verifier

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keys:
    """What the ledger signs with: consequences with ``ledger``, checkpoints with ``log`` (its name is the origin).

    ``reread`` gives the log's keys that are at hand when it is asked: another process may have changed the key.
    """

    ledger: Signer
    log: NoteSigner
    reread: Callable[[], Iterable[NoteSigner]] = tuple


class LogSigners:
    """The log's private keys that are at hand."""

    def __init__(self, keys: Keys) -> None:
        self._reread = keys.reread
        self._known = {Verifier.of(keys.log).vkey: keys.log}

    def find(self, vkey: str) -> NoteSigner | None:
        """The private key of a vkey; None where it is not at hand."""
        if vkey not in self._known:
            self._known |= {Verifier.of(signer).vkey: signer for signer in self._reread()}
        return self._known.get(vkey)

    def need(self, verifier: Verifier) -> NoteSigner:
        """The private key of a verifier. Raises UnavailableError where it is not at hand: it may be put there."""
        signer = self.find(verifier.vkey)
        if signer is None:
            error = UnavailableError(
                f"log key: the log is signed with {verifier.vkey} now, and that key is not at hand: put it in "
                "keys/log.pem, and start again if it is under another passphrase; until then nothing is written",
                f"日志密钥：日志现由 {verifier.vkey} 签署，而此处没有该密钥：请将其放入 keys/log.pem"
                "（口令不同时须重新启动）；在此之前不写入任何内容",
            )
            _log.error(error.en)
            raise error
        return signer

    def check(self, event: Event) -> None:
        """Raises ConfigurationError for a rotation to a key that is not at hand: nobody could sign what follows it."""
        if isinstance(event.fact, LogKeyRotated) and event.iss == LEDGER and self.find(event.fact.log_key) is None:
            raise ConfigurationError(
                f"log key: expected the new key {event.fact.log_key} at hand before the log changes to it: "
                "put it in keys/log-next.pem",
                f"日志密钥：更换前新密钥 {event.fact.log_key} 应已就位：请将其放入 keys/log-next.pem",
            )

    def sign(self, tree: Tree, key: LogKey, since: int) -> str:
        """The signed checkpoint of a tree; the one before it had the size ``since``. Raises UnavailableError."""
        signers = [self.need(verifier) for verifier in key.signing(since)]
        return sign_checkpoint(Checkpoint(key.origin, tree.size, tree.root()), signers).decode()
