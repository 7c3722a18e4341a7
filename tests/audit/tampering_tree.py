"""Tiles and checkpoints: the hashes above the entries and the signed heads, changed by who can write to the tables."""

from __future__ import annotations

from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.note import LogSigner
from tests.audit.tampering import ATTACKER, SIZE, TARGET, Copy, Honest, Table, leaves

TABLE = Table()
kind, statements = TABLE.kind, TABLE.statements

VERIFY = "verify"
SECOND = "WHERE level = 0 AND n = 1"
TILE = "UPDATE ledger.tiles SET hashes ="
OFFSET = 32 * (TARGET - 256) + 5

# --- tiles ------------------------------------------------------------------------------------------------------------

statements(
    "hash in a tile",
    VERIFY,
    4,
    TARGET,
    "tile",
    f"{TILE} set_byte(hashes, {OFFSET}, get_byte(hashes, {OFFSET}) # 1) {SECOND}",
)
statements("root of a tile", VERIFY, 4, 256, "tile", f"UPDATE ledger.tiles SET root = sha256('x') {SECOND}")
statements("tile removed", VERIFY, 4, None, "missing", f"DELETE FROM ledger.tiles {SECOND}")
statements("tile moved", VERIFY, 4, SIZE, "extra", f"UPDATE ledger.tiles SET n = 5 {SECOND}")
statements(
    "tile put over another", VERIFY, 4, 256, "tile", f"{TILE} (SELECT hashes FROM ledger.tiles WHERE n = 0) {SECOND}"
)
statements(
    "tiles swapped", VERIFY, 4, 0, "tile", "UPDATE ledger.tiles SET n = n + 7", "UPDATE ledger.tiles SET n = 8 - n"
)
statements(
    "tile added",
    VERIFY,
    4,
    SIZE,
    "extra",
    "INSERT INTO ledger.tiles SELECT 0, 2, hashes, root FROM ledger.tiles WHERE n = 0",
)
statements(
    "tile added above",
    VERIFY,
    4,
    SIZE,
    "extra",
    "INSERT INTO ledger.tiles SELECT 1, 0, hashes, root FROM ledger.tiles WHERE n = 0",
)
statements(
    "partial tile cut to its width",
    VERIFY,
    4,
    TARGET,
    "tile",
    "ALTER TABLE ledger.tiles DROP CONSTRAINT tiles_hashes_check",
    f"{TILE} substring(hashes, 1, {32 * (TARGET - 256)}) {SECOND}",
)


@kind("partial tile in a full tile's place", VERIFY, 4, TARGET, "tile")
def _(copy: Copy) -> None:
    partial = b"".join(leaves(copy.honest.entries[256:TARGET]))
    copy.run(f"{TILE} %s {SECOND}", partial.ljust(8192, b"\0"))


# --- checkpoints ------------------------------------------------------------------------------------------------------

NEWEST = f"WHERE size = {SIZE}"
OLD = "WHERE size BETWEEN 100 AND 110"


def before(honest: Honest) -> int:
    """The size of the newest checkpoint but one."""
    return honest.covered(SIZE)


def signed(copy: Copy, size: int, root: bytes, signer: LogSigner | None = None) -> str:
    """A checkpoint of the log's name."""
    return sign_checkpoint(Checkpoint(copy.honest.log.name, size, root), [signer or copy.honest.log]).decode()


def put(copy: Copy, size: int, note: str) -> None:
    """Stores another note."""
    copy.run("UPDATE ledger.checkpoints SET note = %s WHERE size = %s", note, size)


statements("newest checkpoint removed", VERIFY, 4, before, "uncovered", f"DELETE FROM ledger.checkpoints {NEWEST}")
statements("all checkpoints removed", VERIFY, 4, 0, "uncovered", "DELETE FROM ledger.checkpoints")
statements(
    "signature of a checkpoint",
    VERIFY,
    4,
    None,
    "checkpoint",
    "UPDATE ledger.checkpoints SET note = overlay(note placing 'AAAA' from length(note) - 20) " + OLD,
)
statements(
    "size in a checkpoint",
    VERIFY,
    4,
    None,
    "checkpoint",
    "UPDATE ledger.checkpoints SET note = "
    r"regexp_replace(note, '\n[0-9]+\n', E'\n99\n') " + OLD,
)
statements(
    "name in a checkpoint",
    VERIFY,
    4,
    None,
    "checkpoint",
    "UPDATE ledger.checkpoints SET note = replace(note, 'jiannuo', 'jiannu0') " + OLD,
)
statements("checkpoint emptied", VERIFY, 4, None, "checkpoint", f"UPDATE ledger.checkpoints SET note = '' {OLD}")


@kind("checkpoint filed under another size", VERIFY, 4, None, "checkpoint")
def _(copy: Copy) -> None:
    put(copy, copy.honest.covered(200), copy.honest.checkpoints[0][1])


@kind("root of the newest checkpoint", VERIFY, 4, before, "uncovered")
def _(copy: Copy) -> None:
    lines = copy.honest.checkpoints[-1][1].split("\n")
    lines[2] = ("A" if lines[2][0] != "A" else "B") + lines[2][1:]
    put(copy, SIZE, "\n".join(lines))


@kind("newest checkpoint replaced by an older one", VERIFY, 4, before, "uncovered")
def _(copy: Copy) -> None:
    put(copy, SIZE, copy.honest.checkpoints[-2][1])


@kind("newest checkpoint replaced by another log's", VERIFY, 4, before, "uncovered")
def _(copy: Copy) -> None:
    other = LogSigner("other.example", ATTACKER)
    put(copy, SIZE, sign_checkpoint(Checkpoint(other.name, SIZE, bytes(32)), [other]).decode())


@kind("newest checkpoint signed by an attacker of that name", VERIFY, 4, before, "uncovered")
def _(copy: Copy) -> None:
    put(copy, SIZE, signed(copy, SIZE, bytes(32), LogSigner(copy.honest.log.name, ATTACKER)))


@kind("checkpoint of another tree, signed by the log", VERIFY, 4, None, "checkpoint")
def _(copy: Copy) -> None:
    size = copy.honest.covered(200)
    put(copy, size, signed(copy, size, bytes(32)))


@kind("newest checkpoint of another tree, signed by the log", VERIFY, 4, before, "root")
def _(copy: Copy) -> None:
    put(copy, SIZE, signed(copy, SIZE, bytes(32)))


@kind("checkpoint of entries that are not there, signed by the log", VERIFY, 4, SIZE, "missing")
def _(copy: Copy) -> None:
    copy.run("INSERT INTO ledger.checkpoints VALUES (%s, %s)", SIZE + 9, signed(copy, SIZE + 9, bytes(32)))
