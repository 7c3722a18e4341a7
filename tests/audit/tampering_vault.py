"""The vault: what opens the sealed fields, changed by who can write to its tables, with the master key and without."""

from __future__ import annotations

from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.domain.person import PersonRegistered
from ledger.domain.seals import SealErased
from ledger.keys import keystore
from ledger.proof.disclosure import conceal
from ledger.vault.vault import MasterKey
from tests.audit.tampering import Copy, Honest, Table

TABLE = Table()
kind = TABLE.kind

CHECK = "vault check"
VERIFY = "verify"
NONCE = bytes(12)


class Sealed(NamedTuple):
    """A sealed value: where the log seals it, and what the vault keeps of it."""

    index: int
    stream: str
    digest: str


def sealed(honest: Honest) -> Sealed:
    """The first sealed value of a person of whom nothing was erased."""
    without = {e.stream for e in honest.events if isinstance(e.fact, SealErased)}
    registered = (i for i, e in enumerate(honest.events) if isinstance(e.fact, PersonRegistered))
    index = next(i for i in registered if honest.events[i].stream not in without)
    event = honest.events[index]
    return Sealed(index, event.stream, event.fact.sealed[0])


def erased(honest: Honest) -> Sealed:
    """A sealed value that was erased, and nothing of its case is left."""
    stream = next(e.stream for e in honest.events if isinstance(e.fact, SealErased) and not e.fact.digests)
    index = next(i for i, e in enumerate(honest.events) if e.stream == stream and getattr(e.fact, "sealed", ()))
    return Sealed(index, stream, honest.events[index].fact.sealed[0])


def at(honest: Honest) -> int:
    """The index of the event that sealed it."""
    return sealed(honest).index


def where(one: Sealed) -> tuple[str, str]:
    """Its key in the table of openings."""
    return one.stream, one.digest


def put(copy: Copy, one: Sealed, box: bytes) -> None:
    """Another box."""
    copy.run("UPDATE vault.openings SET box = %s WHERE stream = %s AND digest = %s", box, *where(one))


def boxed(copy: Copy, one: Sealed, disclosure: str, stream: str = "", digest: str = "") -> bytes:
    """The box of a disclosure, as who has the master key makes it; for the same place, or for another."""
    master = MasterKey(keystore.load_secret(copy.settings.vault_key))
    [row] = copy.connection.execute("SELECT wrapped FROM vault.keys WHERE stream = %s", (one.stream,)).fetchall()
    key = master.unwrap(one.stream, bytes(row[0]))
    label = f"opening\n{stream or one.stream}\n{digest or one.digest}".encode()
    return NONCE + AESGCM(key).encrypt(NONCE, disclosure.encode(), label)


@kind("bit of an opening", CHECK, 3, at, "opening", (VERIFY,))
def _(copy: Copy) -> None:
    copy.run(
        "UPDATE vault.openings SET box = set_byte(box, 30, get_byte(box, 30) # 1) WHERE stream = %s AND digest = %s",
        *where(sealed(copy.honest)),
    )


@kind("opening put in the place of another stream's", CHECK, 3, at, "opening", (VERIFY,))
def _(copy: Copy) -> None:
    one = sealed(copy.honest)
    copy.run(
        "UPDATE vault.openings SET box = (SELECT box FROM vault.openings WHERE stream <> %s LIMIT 1) "
        "WHERE stream = %s AND digest = %s",
        one.stream,
        *where(one),
    )


@kind("opening filed under another digest", CHECK, 4, None, "stray", (VERIFY,))
def _(copy: Copy) -> None:
    one = sealed(copy.honest)
    copy.run("UPDATE vault.openings SET digest = %s WHERE stream = %s AND digest = %s", "x" * 42 + "A", *where(one))


@kind("another opening with the master key", CHECK, 3, at, "opening", (VERIFY,))
def _(copy: Copy) -> None:
    one = sealed(copy.honest)
    put(copy, one, boxed(copy, one, conceal(bytes(16), "name", "示例人员乙").disclosure))


@kind("opening added with the master key", CHECK, 4, None, "stray", (VERIFY,))
def _(copy: Copy) -> None:
    one, made = sealed(copy.honest), conceal(bytes(16), "name", "示例人员乙")
    box = boxed(copy, one, made.disclosure, digest=made.digest)
    copy.run("INSERT INTO vault.openings VALUES (%s, %s, %s)", one.stream, made.digest, box)


@kind("bit of a wrapped key", CHECK, 3, at, "opening", (VERIFY,))
def _(copy: Copy) -> None:
    copy.run(
        "UPDATE vault.keys SET wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 1) WHERE stream = %s",
        sealed(copy.honest).stream,
    )


@kind("wrapped key of another stream", CHECK, 3, at, "opening", (VERIFY,))
def _(copy: Copy) -> None:
    one = sealed(copy.honest)
    copy.run(
        "UPDATE vault.keys SET wrapped = (SELECT wrapped FROM vault.keys WHERE stream <> %s LIMIT 1) WHERE stream = %s",
        one.stream,
        one.stream,
    )


@kind("erased opening put back", CHECK, 4, lambda h: erased(h).index, "erased", (VERIFY,))
def _(copy: Copy) -> None:
    one, other = erased(copy.honest), sealed(copy.honest)
    copy.run(
        "INSERT INTO vault.keys SELECT %s, master, wrapped FROM vault.keys WHERE stream = %s", one.stream, other.stream
    )
    copy.run(
        "INSERT INTO vault.openings SELECT %s, %s, box FROM vault.openings WHERE stream = %s AND digest = %s",
        one.stream,
        one.digest,
        *where(other),
    )


@kind("wrapped key deleted", CHECK, 3, at, "opening", (VERIFY,))
def _(copy: Copy) -> None:
    copy.run("DELETE FROM vault.keys WHERE stream = %s", sealed(copy.honest).stream)


@kind("name of a wrapped key's master", CHECK, 3, at, "opening", (VERIFY,))
def _(copy: Copy) -> None:
    copy.run("UPDATE vault.keys SET master = '0' WHERE stream = %s", sealed(copy.honest).stream)


@kind("opening deleted", CHECK, 5, at, "absent", (VERIFY,))
def _(copy: Copy) -> None:
    copy.run("DELETE FROM vault.openings WHERE stream = %s AND digest = %s", *where(sealed(copy.honest)))


@kind("master key's file replaced", CHECK, 1, None, "key file", (VERIFY,))
def _(copy: Copy) -> None:
    copy.settings.vault_key.chmod(0o600)
    copy.settings.vault_key.write_text("ab" * 32 + "\n", encoding="ascii")
