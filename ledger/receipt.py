"""The receipt: what a submitter gets in the answer, and can check without us for ever.

It names the place of the event (index, time of recording, leaf hash), proves it (a ``.tlog-proof``: inclusion proof and
signed checkpoint) and gives the stream's head after the event and its consequences: what the next event has to follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.errors import Head
from ledger.position import recorded_of
from ledger.proof.event import Signed, format_time, parse, parse_entry
from ledger.proof.merkle import inclusion_proof, leaf_hash
from ledger.proof.tiles import NodesFromTiles
from ledger.proof.tlogproof import TlogProof
from ledger.store.reader import Reader
from ledger.store.recorder import Row


@dataclass(frozen=True, slots=True)
class Receipt:
    """See the module's docstring. ``entry_hash`` (the leaf, RFC 6962 §2.1) and ``event_hash`` are hexadecimal.

    ``created`` is False where the event was in the log before: the rest is then the same as it was the first time.
    """

    jti: str
    index: int
    recorded_at: str
    entry_hash: str
    proof: str
    stream: str
    version: int
    event_hash: str
    head: Head
    created: bool

    def json(self) -> dict[str, Any]:
        """As the API answers it."""
        return {
            "jti": self.jti,
            "index": self.index,
            "recorded_at": self.recorded_at,
            "entry_hash": self.entry_hash,
            "proof": self.proof,
            "stream": self.stream,
            "version": self.version,
            "event_hash": self.event_hash,
            "head": {"version": self.head.version, "hash": self.head.hash},
        }


def make_receipt(
    signed: Signed,
    index: int,
    at: datetime,
    leaf: bytes,
    hashes: Iterable[bytes],
    checkpoint: str,
    head: Head,
    *,
    created: bool = True,
) -> Receipt:
    """The receipt of an event at ``index``, given its leaf hash, inclusion proof and the checkpoint that covers it."""
    return Receipt(
        jti=signed.event.jti,
        index=index,
        recorded_at=format_time(at),
        entry_hash=leaf.hex(),
        proof=TlogProof(index, tuple(hashes), checkpoint.encode()).marshal().decode(),
        stream=signed.event.stream,
        version=signed.event.version,
        event_hash=signed.hash,
        head=head,
        created=created,
    )


def receipt_again(reader: Reader, row: Row) -> Receipt:
    """The receipt of an event that is in the log: the same, byte for byte, as when it was submitted.

    It rests on the checkpoint of the event's own transaction, and its head is that after the event's consequences.
    """
    at, jws = parse_entry(row.entry)
    signed = parse(jws)
    stored = reader.covering(row.index)
    hashes = inclusion_proof(row.index, stored.size, NodesFromTiles(reader.tile, stored.size))
    head = Head(row.version, signed.hash)
    for later in reader.stream(row.stream, after=row.version):
        following = recorded_of(later)
        if following.event.cause != signed.event.jti:
            break
        head = Head(later.version, following.hash)
    return make_receipt(signed, row.index, at, leaf_hash(row.entry), hashes, stored.note, head, created=False)
