"""The vault's master keys as files of an installation, and the steps of putting another in the place of the first.

    vault.key        the key in use
    vault.key.next   while it is being changed: the key that takes its place
    vault.key.<id>   a key that was used before; what is older than the change can be read with it alone

Every step leaves a state from which the next call goes on, whenever a program stops: both keys are at hand until the
last data key is under the new one, and a key file is never overwritten.

>>> from pathlib import Path
>>> next_of(Path("keys/vault.key")).name, retired(Path("keys/vault.key"), "426a4dc53d1b11a7").name
('vault.key.next', 'vault.key.426a4dc53d1b11a7')
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from eventsourcing.postgres import PostgresDatastore

from ledger.errors import ConfigurationError, FormatError, LedgerError, UnavailableError
from ledger.keys.keystore import (
    Keyring,
    create_in_token,
    is_pointer,
    read_key_file,
    remove_parts,
    sync_folder,
    write_private,
)
from ledger.keys.passphrase import is_sealed
from ledger.keys.pkcs11_uri import Pkcs11Uri
from ledger.vault.upkeep import announce, rewrap
from ledger.vault.vault import Master, MasterKey, PostgresVault, master_of


def next_of(file: Path) -> Path:
    """Where the key that takes the place of the one in ``file`` is, while it does."""
    return file.with_name(f"{file.name}.next")


def retired(file: Path, master: str) -> Path:
    """Where a key that was in ``file`` is kept afterwards."""
    return file.with_name(f"{file.name}.{master}")


def at_hand(file: Path, keyring: Keyring) -> tuple[Master, ...]:
    """The master keys of an installation, the one in use first. Raises ConfigurationError for a file that is none."""
    other = next_of(file)
    found = keyring.load_master(file)
    return (found, keyring.load_master(other)) if other.exists() else (found,)


def readable(file: Path, keyring: Keyring) -> tuple[Master, ...]:
    """The master keys that can be read now, without asking anybody."""
    quiet, found = keyring.quiet(), []
    for path in (next_of(file), file):  # in this order: a file that another process moves is seen in one place
        with suppress(LedgerError):
            found.append(quiet.load_master(path))
    return tuple(found)


def master_for(file: Path, keyring: Keyring, store: PostgresDatastore, *, founding: bool) -> Master | None:
    """The master key that wraps new data keys, made at founding; None where a ledger has no vault.

    Raises ConfigurationError where the vault was filled under a key that is not at hand.
    """
    before = master_of(store)
    if not file.exists() and before is None:
        return MasterKey(keyring.create_secret(file)) if founding else None
    found = keyring.load_master(file)
    if before in {None, found.id}:
        return found  # what an interrupted change left beside it is not even opened
    for master in at_hand(file, keyring):
        if master.id == before:
            return master
    raise ConfigurationError(
        f"key file {file}: the vault was filled under the key {before}, this is {found.id}",
        f"密钥文件 {file}：保管库使用的密钥为 {before}，此文件为 {found.id}",
    )


def maker(file: Path, keyring: Keyring, pkcs11: str | None = None) -> Callable[[Path], None]:
    """What writes the file of the key that follows the one in ``file``: under a passphrase if that one is, or if the
    keyring says so; in a hardware module if ``pkcs11`` names one.

    It raises ConfigurationError where the key in use is in a module and the next one would be in a file, FormatError
    for a URI that names no secret key.
    """

    def make(path: Path) -> None:
        before = read_key_file(file)
        if pkcs11 is not None:
            if not Pkcs11Uri.parse(pkcs11).secret:
                raise FormatError(
                    "pkcs11: URI: expected type=secret-key for the vault's master key",
                    "pkcs11: URI：保管库主密钥应为 type=secret-key",
                )
            uri, _ = create_in_token(pkcs11, keyring.passphrases)
            write_private(path, f"{uri.marshal()}\n".encode())
        elif is_pointer(before):
            raise ConfigurationError(
                "the vault's master key is in a hardware module; make the next one there too, with --pkcs11",
                "保管库主密钥在硬件模块中：请用 --pkcs11 在其中生成新密钥",
            )
        else:
            replace(keyring, encrypt=keyring.encrypt or is_sealed(before)).create_secret(path)

    return make


def rotate(file: Path, keyring: Keyring, store: PostgresDatastore, make: Callable[[Path], None]) -> Iterator[int]:
    """Puts another master key in the place of the one in ``file``; ``make`` writes the new key's file.

    Yields how many data keys were put under it, after each transaction. Called again after an interruption it goes on
    with the key that it began with. The old key's file stays, under its id. Raises UnavailableError while another
    program does the same.
    """
    with _alone(file.parent):
        other = next_of(file)
        if not other.exists():
            make(other)
        old, new = at_hand(file, keyring)
        vault = PostgresVault(store, old, reread=lambda: (old, new))
        announce(store, new)
        yield from rewrap(store, vault, new)
        with suppress(FileExistsError):  # linked before the program stopped
            os.link(file, retired(file, old.id))
        sync_folder(file.parent)  # the old key is safe under its id before its place is taken
        os.replace(other, file)
        remove_parts(file)
        remove_parts(other)
        sync_folder(file.parent)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds the folder's lock: two changes at once would move each other's files."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnavailableError(
                "the master key is being changed by another program", "另一程序正在更换主密钥"
            ) from None
        yield
    finally:
        os.close(handle)
