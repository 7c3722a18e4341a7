"""Proof file ``.tlog-proof``: that an entry is in a log, to be checked offline (C2SP tlog-proof).

It is text: ``c2sp.org/tlog-proof@v1``; optionally ``extra`` and opaque data, which nothing signs; ``index``
and the leaf's number; the hashes of its inclusion proof, from the leaf's sibling upwards; a blank line; the
log's checkpoint as it was signed. With the entry and the log's verifier key it is all that a check needs.

>>> from ledger.proof.keys import PrivateKey
>>> from ledger.proof.checkpoint import sign_checkpoint
>>> from ledger.proof.note import LogSigner
>>> signer = LogSigner("ledger.example", PrivateKey.from_seed(bytes(32)))
>>> head = sign_checkpoint(Checkpoint("ledger.example", 1, leaf_hash(b"promised")), [signer])
>>> receipt = TlogProof(0, (), head).marshal()
>>> check(receipt, b"promised", [Verifier.of(signer)], "ledger.example").size
1
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import le
from typing import Self

from ledger.errors import FormatError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint, parse_decimal
from ledger.proof.merkle import HASH_SIZE, MAX_SIZE, leaf_hash, verify_inclusion
from ledger.proof.note import MAX_NOTE, Verifier, from_base64, to_base64

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
"""Longest inclusion proof in a tree of up to 2^63 - 1 leaves."""
MAX_EXTRA = 1 << 16
"""Most bytes of extra data."""


@dataclass(frozen=True)
class TlogProof:
    """The parts of a proof file: ``hashes`` of 32 bytes each, ``checkpoint`` a signed note, not yet checked.

    ``extra`` is authenticated by nothing; empty, it is left out.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    def __post_init__(self) -> None:
        sizes = len(self.hashes), len(self.extra), len(self.checkpoint)
        is_small = all(map(le, sizes, (MAX_HASHES, MAX_EXTRA, MAX_NOTE))) and 0 <= self.index <= MAX_SIZE
        if not is_small or not {HASH_SIZE}.issuperset(map(len, self.hashes)):
            raise FormatError(
                f"proof file: expected an index, up to {MAX_HASHES} hashes of {HASH_SIZE} bytes, "
                f"{MAX_EXTRA} bytes of extra data and {MAX_NOTE} of checkpoint, got {self.index} and {sizes}",
                f"证明文件：应有序号、至多 {MAX_HASHES} 个 {HASH_SIZE} 字节的散列、{MAX_EXTRA} 字节附加数据"
                f"与 {MAX_NOTE} 字节检查点，实为 {self.index} 与 {sizes}",
            )

    def marshal(self) -> bytes:
        """The file's bytes."""
        extra = [f"extra {to_base64(self.extra)}"] if self.extra else []
        lines = [FIRST_LINE, *extra, f"index {self.index}", *map(_hash_line, self.hashes)]
        return "\n".join(lines).encode() + b"\n\n" + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The parts of the file. Raises :class:`FormatError`. Only :func:`check` opens the checkpoint."""
        head, blank, checkpoint = data.partition(b"\n\n")
        lines = head.decode("ascii", "replace").split("\n")
        if lines[0] != FIRST_LINE or not blank:
            raise FormatError(
                f"proof file: expected {FIRST_LINE}, lines and a blank line, got {head[:40]!a}",
                f"证明文件：应为 {FIRST_LINE}、各行与空行，实为 {head[:40]!a}",
            )
        extra = b""
        if len(lines) > 1 and lines[1].startswith("extra "):
            extra = from_base64(lines.pop(1)[6:], "extra", "附加数据")
        if len(lines) < 2 or not lines[1].startswith("index "):
            raise FormatError(
                f"proof file: expected a line 'index <n>', got {''.join(lines[1:2])[:40]!a}",
                f"证明文件：应有一行“index <序号>”，实为 {''.join(lines[1:2])[:40]!a}",
            )
        index = parse_decimal(lines[1][6:], "index", "序号")
        hashes = tuple(from_base64(line, "hash of a proof", "证明的散列") for line in lines[2:])
        return cls(index, hashes, checkpoint, extra)


@lru_cache(maxsize=4096)
def _hash_line(value: bytes) -> str:
    """Base64 of a hash. Leaves that were added together have proofs which share most of their hashes."""
    return to_base64(value)


def check(proof: bytes, entry: bytes, verifiers: Iterable[Verifier], origin: str) -> Checkpoint:
    """The checkpoint of ``origin`` that ``proof`` holds, if it is signed and ``entry`` is in its tree.

    Raises :class:`FormatError`, :class:`SignatureError` or :class:`ProofError`. Whether the checkpoint is as
    new as one seen before, and has enough witnesses' cosignatures, are further questions.
    """
    parts = TlogProof.parse(proof)
    checkpoint = open_checkpoint(parts.checkpoint, origin, verifiers)
    verify_inclusion(parts.index, checkpoint.size, leaf_hash(entry), parts.hashes, checkpoint.root)
    return checkpoint
