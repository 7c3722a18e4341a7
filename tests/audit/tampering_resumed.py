"""Audits that go on where the last one ended: what was read before is not read again, and the auditor's own files may
have been tampered with as well. ``verify resumed`` goes on, ``verify --full`` reads all with the same memory.

Where a state does not fit the log, all is read before anybody is accused.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from uuid import UUID

from ledger.proof.merkle import node_hash
from tests.audit.tampering import TARGET, Copy, Table
from tests.audit.tampering_entries import FLIP
from tests.audit.tampering_history import CUT, cut_to, fork

TABLE = Table()
kind = TABLE.kind

RESUMED, FULL = "verify resumed", "verify --full"
NEW = 550
"""The index of an entry in the part that is read again: a state ends with a whole tile."""
BIT = FLIP.format("octet_length(state) / 2", "{}")


@kind("resumed: bit of a new entry", RESUMED, 3, NEW, "leaf")
def _(copy: Copy) -> None:
    copy.run(BIT.format(NEW + 1))


@kind("resumed: bit of an entry that was verified before", FULL, 3, TARGET, "leaf", (RESUMED,))
def _(copy: Copy) -> None:
    copy.run(BIT.format(TARGET + 1))


@kind("resumed: tail cut off with its checkpoints", RESUMED, 4, lambda h: h.covered(CUT + 1), "rolled-back")
def _(copy: Copy) -> None:
    cut_to(copy, CUT)


@kind("resumed: another history", RESUMED, 4, None, "rolled-back")
def _(copy: Copy) -> None:
    fork(copy)


@kind("resumed: old entry deleted", RESUMED, 4, TARGET, "missing")
def _(copy: Copy) -> None:
    copy.run(f"DELETE FROM ledger.events WHERE notification_id = {TARGET + 1}")


@kind("resumed: state file gone, old entry changed", RESUMED, 3, TARGET, "leaf")
def _(copy: Copy) -> None:
    copy.run(BIT.format(TARGET + 1))
    copy.state.unlink()


@kind("resumed: byte of the state file, old entry changed", RESUMED, 3, TARGET, "leaf")
def _(copy: Copy) -> None:
    copy.run(BIT.format(TARGET + 1))
    data = copy.state.read_bytes()
    copy.state.write_bytes(data[:100] + b"\xff" * 100 + data[200:])


@kind("resumed: hash in the state, old entry changed", RESUMED, 3, TARGET, "leaf")
def _(copy: Copy) -> None:
    copy.run(BIT.format(TARGET + 1))
    change_state(copy, adapted=False)


@kind("resumed: hash in the state and its root adapted, old entry changed", RESUMED, 3, TARGET, "leaf")
def _(copy: Copy) -> None:
    copy.run(BIT.format(TARGET + 1))
    change_state(copy, adapted=True)


@kind("resumed: the state claims more than was read", RESUMED, 3, NEW, "leaf")
def _(copy: Copy) -> None:
    copy.run(BIT.format(NEW + 1))
    with closing(sqlite3.connect(copy.state)) as state, state:
        told = json.loads(state.execute("SELECT told FROM place").fetchone()[0])
        state.execute("UPDATE place SET told = ?", (json.dumps({**told, "size": 768}),))


@kind("resumed: id in the state, old entry changed", RESUMED, 3, TARGET, "leaf")
def _(copy: Copy) -> None:
    copy.run(BIT.format(TARGET + 1))
    with closing(sqlite3.connect(copy.state)) as state, state:
        jti = UUID(copy.honest.events[NEW].jti).bytes
        state.execute("UPDATE ids SET jti = ? WHERE at = ?", (jti, TARGET))


def change_state(copy: Copy, *, adapted: bool) -> None:
    """The tree's hashes in the state are others."""
    with closing(sqlite3.connect(copy.state)) as state, state:
        [(level, hashes)] = state.execute("SELECT level, hashes FROM tree").fetchall()
        other = bytes([hashes[0] ^ 1]) + hashes[1:]
        state.execute("UPDATE tree SET hashes = ? WHERE level = ?", (other, level))
        if adapted:
            told = json.loads(state.execute("SELECT told FROM place").fetchone()[0])
            told["root"] = node_hash(other[:32], other[32:]).hex()
            state.execute("UPDATE place SET told = ?", (json.dumps(told),))
