"""Changing the log's key: the files, and the event that hands over.

``keys/log.pem`` signs. The key that is to follow it is made as ``keys/log-next.pem``; then ``LogKeyRotated`` is signed
by root and submitted like any event; when it is committed, ``log-next.pem`` becomes ``log.pem``, and the old one
``log-<kid>.retired.pem``. Which key signs is always said by the log and never by the files' names: whatever step a
program died at, the next one that opens the installation looks what the log says, and finishes the moving of files.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.authoring import Author
from ledger.domain.body_terms import Revocation
from ledger.domain.event import LEDGER
from ledger.errors import ConfigurationError, LedgerError
from ledger.keys.keystore import Keyring, is_encrypted, is_pointer, read_key_file, sync_folder, write_private
from ledger.proof.keys import Signer
from ledger.proof.note import LogSigner, Verifier
from ledger.proof.rotation import rotated
from ledger.receipt import Receipt

if TYPE_CHECKING:
    from ledger.installation import Installation


@dataclass(frozen=True, slots=True)
class LogKeyFiles:
    """The files of the log's keys in a folder; ``origin`` is the log's name."""

    folder: Path
    keyring: Keyring
    origin: str

    @property
    def current(self) -> Path:
        """The key that signs, but for a moment after a rotation."""
        return self.folder / "log.pem"

    @property
    def next(self) -> Path:
        """The key that is to follow."""
        return self.folder / "log-next.pem"

    def settled(self, vkey: str) -> LogSigner:
        """The key in force, by the log's word ``vkey``; finishes a rotation that was cut short.

        Where neither file holds it the answer is that of ``log.pem``, for the caller to refuse. Raises
        ConfigurationError, FormatError.
        """
        current = self._load(self.current) if self.current.exists() or not self.next.exists() else None
        if current and (Verifier.of(current).vkey == vkey or not self.next.exists()):
            return current  # what an attempt left beside it is not even opened
        new = self._load(self.next)
        if current and Verifier.of(new).vkey != vkey:
            return current
        self._move(new)
        return new

    def _move(self, new: LogSigner) -> None:
        """Another process may do the same at the same time: each step is done once, and in this order."""
        if self.current.exists() and (old := self._load(self.current)).key.kid != new.key.kid:
            with suppress(FileExistsError):
                os.link(self.current, self.folder / f"log-{old.key.kid[:8]}.retired.pem")
                sync_folder(self.folder)
        with suppress(FileNotFoundError):
            os.replace(self.next, self.current)
            sync_folder(self.folder)

    def at_hand(self) -> list[LogSigner]:
        """The keys that can be read now, without asking anybody."""
        quiet, found = LogKeyFiles(self.folder, self.keyring.quiet(), self.origin), []
        for file in (self.next, self.current):  # in this order: a file that another process moves is seen in one place
            with suppress(LedgerError):
                found.append(quiet._load(file))
        return found

    def prepared(self, old: LogSigner, source: Path | None) -> LogSigner:
        """The key that is to follow ``old``: what an earlier attempt left, that in the file ``source``, or a new one.

        Raises ConfigurationError where an earlier attempt left another key than that of ``source``, where that is the
        old one, or where the log's key is in a hardware module and no key is given.
        """
        given = self._load(source) if source else None
        if given and given.key.kid == old.key.kid:
            raise ConfigurationError(
                f"log key: expected another key than the one in force, {old.key.kid}",
                f"日志密钥：应为现用密钥 {old.key.kid} 之外的密钥",
            )
        if not self.next.exists():
            self._prepare(source)
        new = self._load(self.next)
        if given and given.key.kid != new.key.kid:
            raise ConfigurationError(
                f"{self.next} holds the key {new.key.kid} of an earlier attempt; use it, or move it away",
                f"{self.next} 已有此前准备的密钥 {new.key.kid}：请使用该密钥，或将其移走",
            )
        return new

    def _prepare(self, source: Path | None) -> None:
        if source:
            write_private(self.next, read_key_file(source))
            return
        current = read_key_file(self.current)
        if is_pointer(current):
            raise ConfigurationError(
                "log key: it is in a hardware module; make the next one there too (`jiannuo key new --pkcs11 …`), and "
                "give its file with --key",
                "日志密钥在硬件模块中：请在其中生成新密钥（`jiannuo key new --pkcs11 …`），再以 --key 给出其文件",
            )
        Keyring(self.keyring.passphrases, is_encrypted(current)).create(self.next)

    def _load(self, file: Path) -> LogSigner:
        return LogSigner(self.origin, self.keyring.load(file))


def rotate_log(installation: Installation, reason: Revocation, source: Path | None = None) -> Receipt:
    """Hands over from the log's key to the next one (see :meth:`LogKeyFiles.prepared`): the receipt of the event.

    Raises ConfigurationError where root's key or the log's is not at hand, or what refused the event.
    """
    ledger, keyring = installation.ledger, installation.keyring
    files = LogKeyFiles(installation.settings.keys, keyring, ledger.log_key.origin)
    by_root = Author(LEDGER, _root(installation.settings.keys / "root.pem", keyring), installation.clock)
    old, stream = files.settled(ledger.log_key.verifier.vkey), f"body/{LEDGER}"
    new = files.prepared(old, source)
    receipt = ledger.submit(by_root.write(stream, ledger.head(stream), rotated(old, new, reason))).result()
    files.settled(Verifier.of(new).vkey)
    return receipt


def _root(file: Path, keyring: Keyring) -> Signer:
    if not file.exists():
        raise ConfigurationError(
            f"key file {file}: root signs a change of the log's key; bring its file back for as long as it takes",
            f"密钥文件 {file}：更换日志密钥须由根密钥签署，请暂时将其放回",
        )
    return keyring.load(file)
