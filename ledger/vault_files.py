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

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from eventsourcing.postgres import PostgresDatastore

from ledger.errors import ConfigurationError
from ledger.keystore import Keyring, sync_folder
from ledger.vault import Master, MasterKey, PostgresVault, master_of
from ledger.vault_upkeep import announce, rewrap


def next_of(file: Path) -> Path:
    """Where the key that takes the place of the one in ``file`` is, while it does."""
    return file.with_name(f"{file.name}.next")


def retired(file: Path, master: str) -> Path:
    """Where a key that was in ``file`` is kept afterwards."""
    return file.with_name(f"{file.name}.{master}")


def at_hand(file: Path, keyring: Keyring) -> tuple[Master, ...]:
    """The master keys of an installation, the one in use first. Raises ConfigurationError for a file that is none."""
    found = keyring.load_master(file)
    other = next_of(file)
    return (found, keyring.load_master(other)) if other.exists() else (found,)


def master_for(file: Path, keyring: Keyring, store: PostgresDatastore, *, founding: bool) -> Master | None:
    """The master key that wraps new data keys, made at founding; None where a ledger has no vault.

    Raises ConfigurationError where the vault was filled under a key that is not at hand.
    """
    before = master_of(store)
    if not file.exists() and before is None:
        return MasterKey(keyring.create_secret(file)) if founding else None
    found = at_hand(file, keyring)
    for master in found:
        if before in {None, master.id}:
            return master
    raise ConfigurationError(
        f"key file {file}: the vault was filled under the key {before}, this is {found[0].id}",
        f"密钥文件 {file}：保管库使用的密钥为 {before}，此文件为 {found[0].id}",
    )


def rotate(file: Path, keyring: Keyring, store: PostgresDatastore, make: Callable[[Path], None]) -> Iterator[int]:
    """Puts another master key in the place of the one in ``file``; ``make`` writes the new key's file.

    Yields how many data keys were put under it, after each transaction. Called again after an interruption it goes on
    with the key that it began with. The old key's file stays, under its id.
    """
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
    sync_folder(file.parent)
