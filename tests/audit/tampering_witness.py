"""Witnesses: their lines under the newest checkpoint taken out, doubled, forged. Only who holds the policy sees it.

Three witnesses are known, and two have to have cosigned.
"""

from __future__ import annotations

from pathlib import Path

from ledger.proof.cosignature import Cosigner, MlDsaKey
from ledger.proof.keys import PrivateKey
from ledger.proof.note import Verifier, sign, to_base64
from tests.audit.tampering import ATTACKER, SIZE, Copy, Honest, Table
from tests.audit.tampering_history import fork

TABLE = Table()
kind = TABLE.kind

POLICY, WATCHED, VERIFY = "verify --policy", "monitor --policy", "verify"
AT = 1_790_000_000
CITY, COURT = (Cosigner(f"{n}.example", PrivateKey.from_seed(n.encode().ljust(32)), AT) for n in ("city", "court"))
LATER = Cosigner("later.example", MlDsaKey.from_seed(bytes([9]) * 32), AT)


def write_policy(honest: Honest, path: Path) -> None:
    """Two of three."""
    witnesses = {"city": CITY, "court": COURT, "later": LATER}
    lines = [f"log {honest.vkey}", *(f"witness {name} {Verifier.of(w).vkey}" for name, w in witnesses.items())]
    path.write_text("\n".join([*lines, "group two 2 city court later", "quorum two", ""]), encoding="utf-8")


def line(copy: Copy, witness: Cosigner, size: int = SIZE) -> str:
    """What a witness signs of the stored checkpoint of that size."""
    [(note,)] = copy.connection.execute("SELECT note FROM ledger.checkpoints WHERE size = %s", (size,)).fetchall()
    signed = sign(note.partition("\n\n")[0] + "\n", [witness]).decode()
    return signed.rpartition("\n\n")[2]


def file(copy: Copy, witness: Cosigner, text: str | None = None, size: int = SIZE) -> None:
    """Stores the line of a witness, or another."""
    values = (size, Verifier.of(witness).vkey, line(copy, witness, size) if text is None else text)
    copy.run("INSERT INTO ledger.cosignatures VALUES (%s, %s, %s)", *values)


def cosign(copy: Copy) -> None:
    """As it should be: two of three cosigned the newest checkpoint."""
    file(copy, CITY)
    file(copy, COURT)


def strip(copy: Copy, *witnesses: Cosigner) -> None:
    """Takes lines out."""
    for witness in witnesses:
        copy.run("DELETE FROM ledger.cosignatures WHERE witness = %s AND size = %s", Verifier.of(witness).vkey, SIZE)


@kind("a witness's line stripped", POLICY, 4, None, "quorum", (VERIFY,))
def _(copy: Copy) -> None:
    cosign(copy)
    strip(copy, COURT)


@kind("a witness's line stripped, watched", WATCHED, 4, None, "quorum", (VERIFY,))
def _(copy: Copy) -> None:
    cosign(copy)
    strip(copy, COURT)


@kind("all witnesses' lines stripped", POLICY, 4, None, "quorum", (VERIFY,))
def _(copy: Copy) -> None:
    cosign(copy)
    strip(copy, CITY, COURT)


@kind(
    "the newest checkpoint's lines stripped, an older one's left",
    POLICY,
    5,
    lambda h: h.covered(SIZE),
    "unwitnessed",
    (VERIFY,),
)
def _(copy: Copy) -> None:
    cosign(copy)
    for witness in (CITY, COURT):
        file(copy, witness, size=copy.honest.covered(SIZE))
    strip(copy, CITY, COURT)


@kind("cosigned by one that is no witness", POLICY, 4, None, "quorum", (VERIFY,))
def _(copy: Copy) -> None:
    file(copy, CITY)
    file(copy, Cosigner("stranger.example", ATTACKER, AT))


@kind("cosigned by an attacker of a witness's name", POLICY, 4, None, "quorum", (VERIFY,))
def _(copy: Copy) -> None:
    file(copy, CITY)
    file(copy, Cosigner(COURT.name, ATTACKER, AT))


@kind("one witness's line filed twice", POLICY, 4, None, "quorum", (VERIFY,))
def _(copy: Copy) -> None:
    file(copy, CITY)
    file(copy, COURT, line(copy, CITY))


@kind("one witness cosigned twice", POLICY, 4, None, "quorum", (VERIFY,))
def _(copy: Copy) -> None:
    file(copy, CITY)
    file(copy, COURT, line(copy, Cosigner(CITY.name, CITY.key, AT + 1)))


@kind("bit of a cosignature", POLICY, 4, None, "quorum", (VERIFY,))
def _(copy: Copy) -> None:
    cosign(copy)
    name, _, encoded = line(copy, COURT).rstrip("\n").rpartition(" ")
    other = encoded[:-10] + ("A" if encoded[-10] != "A" else "B") + encoded[-9:]
    strip(copy, COURT)
    file(copy, COURT, f"{name} {other}\n")


@kind("cosignature of another checkpoint", POLICY, 4, None, "quorum", (VERIFY,))
def _(copy: Copy) -> None:
    file(copy, CITY)
    file(copy, COURT, line(copy, COURT, copy.honest.covered(SIZE)))


@kind("log's signature in a witness's place", POLICY, 4, None, "quorum", (VERIFY,))
def _(copy: Copy) -> None:
    file(copy, CITY)
    log = copy.honest.log
    signature = Verifier.of(log).key_id + log.sign(copy.honest.checkpoints[-1][1].partition("\n\n")[0].encode() + b"\n")
    file(copy, COURT, f"\u2014 {log.name} {to_base64(signature)}\n")


@kind("another history, with the cosignatures of the true one", POLICY, 4, None, "quorum", (VERIFY,))
def _(copy: Copy) -> None:
    lines = {witness: line(copy, witness) for witness in (CITY, COURT)}
    fork(copy)
    [(size,)] = copy.connection.execute("SELECT max(size) FROM ledger.checkpoints").fetchall()
    for witness, text in lines.items():
        file(copy, witness, text, size)
