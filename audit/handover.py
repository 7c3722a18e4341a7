"""Following a log whose key changed, from outside: the ledger names its keys, and nothing that it says is believed.

    /log/keys                  its keys, oldest first, each with the least size of a checkpoint that it signs
    /events/<index>.json       the event that changed it, which is public
    /log/proof/<index>         that it stands in the log, under a checkpoint that the new key signed

Who knows the old key follows to the new one if the old one signed for it (``ledger.proof.rotation``) and the event
stands in the tree that the new key signs. Whether that tree continues what was seen before is for the caller to ask.

>>> keys_in(b'[{"vkey":"log.example+8b2e2a4e+AQ==","from_size":1},{"vkey":"log.example+0+AQ==","from_size":8}]')
[(0, 'log.example+8b2e2a4e+AQ=='), (7, 'log.example+0+AQ==')]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ledger.domain.body import LogKeyRotated
from ledger.errors import FormatError, SignatureError, UnavailableError
from ledger.proof import strictjson
from ledger.proof.event import MAX_ENTRY, parse, parse_entry
from ledger.proof.note import MAX_NOTE, Verifier
from ledger.proof.rotation import successor
from ledger.proof.tlogproof import TlogProof, check

MOST_KEYS = 1 << 16
"""Bytes of the list of keys."""
MOST_ROTATIONS = 100
"""So many are followed at once."""
_TRIES = 3

Ask = Callable[[str, int], bytes]
"""The bytes at a path, at most so many. Raises a LedgerError."""


@dataclass(frozen=True)
class Followed:
    """The key that signs now, and the note of a checkpoint that it signed, whose tree holds each rotation to it."""

    key: Verifier
    note: bytes


def follow(ask: Ask, old: Verifier) -> Followed | None:
    """The log's key after ``old``; None where the ledger names none that came after it.

    Raises SignatureError or FormatError where what it shows is no handing over, ProofError where that is not in the
    log, and the LedgerErrors of ``ask``.
    """
    keys = keys_in(ask("/log/keys", MOST_KEYS))
    vkeys = [vkey for _, vkey in keys]
    later = keys[vkeys.index(old.vkey) + 1 :] if old.vkey in vkeys else []
    if not later:
        return None
    key, entries = old, []
    for index, vkey in later[:MOST_ROTATIONS]:
        entry = _entry(ask, index)
        fact = parse(parse_entry(entry)[1]).event.fact
        if not isinstance(fact, LogKeyRotated) or fact.log_key != vkey:
            raise SignatureError(
                f"log key: expected a rotation to {vkey[:300]} at index {index}, got another event",
                f"日志密钥：第 {index} 号事件应为更换至 {vkey[:300]}，实为其他事件",
            )
        key = successor(key, fact)
        entries.append((index, entry))
    for _ in range(_TRIES):  # the log may grow between two proofs
        notes = {_proven(ask, index, entry, key) for index, entry in entries}
        if len(notes) == 1:
            return Followed(key, notes.pop())
    raise UnavailableError("the log grew while its keys were looked at", "核对日志密钥期间日志仍在增长")


def keys_in(data: bytes) -> list[tuple[int, str]]:
    """The index of the event that named each key of ``/log/keys``, and its vkey, by index. Raises FormatError."""
    told = strictjson.loads(data, "log keys")
    rows = told if isinstance(told, list) else []
    found = [
        (row["from_size"] - 1, row["vkey"])
        for row in rows
        if isinstance(row, dict) and type(row.get("from_size")) is int and isinstance(row.get("vkey"), str)
    ]
    if len(found) != len(rows) or not found or sorted({index for index, _ in found}) != [index for index, _ in found]:
        raise FormatError(
            "log keys: expected a list of vkey and from_size, by size", "日志密钥：应为按大小排列的 vkey 与 from_size"
        )
    return found


def _entry(ask: Ask, index: int) -> bytes:
    """The entry at an index, as the event's page tells it."""
    told = strictjson.loads(ask(f"/events/{index}.json", 8 * MAX_ENTRY), "event")
    parts = [told.get(name) for name in ("recorded_at", "jws")] if isinstance(told, dict) else [None]
    if not all(isinstance(part, str) and part.isascii() for part in parts):
        raise FormatError("event: expected recorded_at and jws", "事件：应有 recorded_at 与 jws")
    return "".join(f"{part}\n" for part in parts).encode()


def _proven(ask: Ask, index: int, entry: bytes, key: Verifier) -> bytes:
    """The checkpoint of ``key`` that the entry stands under."""
    proof = ask(f"/log/proof/{index}", MAX_NOTE)
    parts = TlogProof.parse(proof)
    if parts.index != index:
        raise FormatError(
            f"proof: expected that of index {index}, got {parts.index}", f"证明：序号应为 {index}，实为 {parts.index}"
        )
    check(proof, entry, [key], key.name)
    return parts.checkpoint
