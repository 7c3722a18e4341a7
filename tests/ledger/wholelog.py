"""The whole log, checked the slow and plain way: hashes as RFC 6962 words them, the standard library's JSON and base64.

Nothing of ledger.proof computes here what it is to be judged by; only signatures of checkpoints are opened with it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.note import Verifier
from ledger.proof.tlogproof import check
from ledger.receipt import Receipt
from ledger.store.reader import StoredCheckpoint
from ledger.store.recorder import Row


def leaf(entry: bytes) -> bytes:
    """RFC 6962 §2.1: the hash of a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1: the Merkle tree hash of a list, given the hashes of its leaves."""
    n = len(leaves)
    if n == 0:
        return hashlib.sha256(b"").digest()
    if n == 1:
        return leaves[0]
    k = 1 << (n - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def payload(entry: bytes) -> dict[str, Any]:
    """The claims in an entry."""
    segment = entry.split(b"\n")[1].split(b".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4)))
    return claims


def jws_of(entry: bytes) -> bytes:
    """The signed bytes in an entry."""
    return entry.split(b"\n")[1]


class Streams:
    """The heads of all streams, entry by entry. Says what is wrong by an AssertionError."""

    def __init__(self) -> None:
        self.size = 0
        self.time = b""
        self.heads: dict[str, tuple[int, str]] = {}
        self.leaves: list[bytes] = []
        self.jtis: dict[str, bytes] = {}

    def copy(self) -> Streams:
        """The same, to go on from separately."""
        twin = Streams()
        twin.size, twin.time = self.size, self.time
        twin.heads, twin.leaves, twin.jtis = self.heads.copy(), self.leaves.copy(), self.jtis.copy()
        return twin

    def take(self, row: Row) -> None:
        """The next entry: gapless index, next version, hash of the one before, later or equal time, its own id."""
        claims = payload(row.entry)
        assert row.index == self.size, f"index {row.index} after {self.size - 1}"
        version, before = self.heads.get(row.stream, (0, None))
        assert (claims["stream"], claims["version"]) == (row.stream, row.version)
        assert row.version == version + 1, f"{row.stream}: version {row.version} after {version}"
        assert claims.get("prev") == before, f"{row.stream} {row.version}: does not follow its predecessor"
        time, jws, rest = row.entry.split(b"\n")
        assert time >= self.time, "recorded time runs backwards"
        assert rest == b""
        assert claims["jti"] not in self.jtis, f"{claims['jti']}: twice"
        self.heads[row.stream] = row.version, hashlib.sha256(jws).hexdigest()
        self.jtis[claims["jti"]] = jws
        self.leaves.append(leaf(row.entry))
        self.time = time
        self.size += 1

    def check_root(self, stored: StoredCheckpoint, verifier: Verifier) -> Checkpoint:
        """The checkpoint after the last entry: signed, and its root is that of the entries."""
        checkpoint = open_checkpoint(stored.note.encode(), verifier.name, [verifier])
        assert stored.size == checkpoint.size <= self.size
        assert checkpoint.root == naive_root(self.leaves[: checkpoint.size]), f"root at {checkpoint.size}"
        return checkpoint


def check_receipt(receipt: Receipt, entry: bytes, verifier: Verifier) -> None:
    """A receipt is about this entry and proves it, offline."""
    assert receipt.entry_hash == leaf(entry).hex()
    assert receipt.event_hash == hashlib.sha256(jws_of(entry)).hexdigest()
    assert receipt.recorded_at == entry.split(b"\n")[0].decode()
    claims = payload(entry)
    assert (receipt.jti, receipt.stream, receipt.version) == (claims["jti"], claims["stream"], claims["version"])
    assert check(receipt.proof.encode(), entry, [verifier], verifier.name).size > receipt.index
    assert f"\nindex {receipt.index}\n" in receipt.proof
