"""What a witness is asked and what it must answer (C2SP tlog-witness v1.0.0, ``add-checkpoint``).

The body of the request: the size that the log believes the witness saw last, a consistency proof from there, a blank
line, the checkpoint.

    old 20852014
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=

    example.com/behind-the-sofa
    …

:func:`signed` and :func:`continues` are all that has to hold before a witness cosigns; between them it has to look up,
and keep locked until it has stored what it cosigns, the newest checkpoint that it cosigned of that origin.

>>> from ledger.proof.checkpoint import sign_checkpoint
>>> from ledger.proof.keys import PrivateKey
>>> from ledger.proof.note import LogSigner
>>> log = LogSigner("ledger.example", PrivateKey.from_seed(bytes(32)))
>>> request = AddCheckpoint(0, (), sign_checkpoint(Checkpoint("ledger.example", 3, bytes(32)), [log]))
>>> found = signed(AddCheckpoint.parse(request.marshal()), [Verifier.of(log)])
>>> continues(request, found, None)
>>> continues(request, found, Checkpoint("ledger.example", 2, bytes(32)))
Traceback (most recent call last):
ledger.proof.witness.RefusedError: witness: expected the old size 2, which it cosigned last, got 0 | ...
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from ledger.errors import FormatError, LedgerError, ProofError, SignatureError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint, parse_decimal
from ledger.proof.merkle import EMPTY_ROOT, HASH_SIZE, verify_consistency
from ledger.proof.note import MAX_NOTE, Verifier, from_base64, read_note, to_base64

MAX_PROOF = 63
"""Most lines of a consistency proof (tlog-witness, "add-checkpoint")."""
MAX_REQUEST = MAX_NOTE + MAX_PROOF * 45 + 64
"""Most bytes of a request."""
SIZE_TYPE = "text/x.tlog.size"
"""Content type of the answer 409, whose body is the size that the witness cosigned last."""


class RefusedError(LedgerError):
    """The witness does not cosign. ``status`` is the HTTP status of its answer (tlog-witness).

    ``size`` is what it cosigned last, where the old size is another (409). ``is_fork``: the log signed two trees of one
    size, so that both checkpoints together are proof of it.
    """

    code = "not-cosigned"

    def __init__(self, status: int, en: str, zh: str, *, size: int | None = None, is_fork: bool = False) -> None:
        super().__init__(f"witness: {en}", f"见证：{zh}")
        self.status = status
        self.size = size
        self.is_fork = is_fork


@dataclass(frozen=True)
class AddCheckpoint:
    """The request: ``proof`` leads from the size ``old`` to the checkpoint in ``note``, none of it checked yet."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes

    def marshal(self) -> bytes:
        """The body."""
        lines = [f"old {self.old}", *map(to_base64, self.proof)]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.note

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """The parts of a body. Raises FormatError, for the answer 400."""
        head, blank, note = body[: MAX_REQUEST + 1].partition(b"\n\n")
        lines = head.decode("ascii", "replace").split("\n")
        if not blank or len(body) > MAX_REQUEST or not lines[0].startswith("old ") or len(lines) > 1 + MAX_PROOF:
            raise FormatError(
                f"request: expected up to {MAX_REQUEST} bytes: 'old <size>', up to {MAX_PROOF} lines, a blank line and "
                f"a checkpoint, got {len(body)} bytes, {head[:40]!a}",
                f"请求：应为至多 {MAX_REQUEST} 字节的“old <大小>”、至多 {MAX_PROOF} 行证明、空行与检查点，"
                f"实为 {len(body)} 字节，{head[:40]!a}",
            )
        old = parse_decimal(lines[0][4:], "old size", "旧大小")
        proof = tuple(from_base64(line, "hash of a proof", "证明的散列") for line in lines[1:])
        if not {HASH_SIZE}.issuperset(map(len, proof)):
            raise FormatError(f"hash of a proof: expected {HASH_SIZE} bytes", f"证明的散列：应为 {HASH_SIZE} 字节")
        read_note(note, ())
        return cls(old, proof, note)

    @property
    def origin(self) -> str:
        """The first line of the checkpoint, whoever signed it."""
        return self.note.partition(b"\n")[0].decode("utf-8", "replace")


def signed(request: AddCheckpoint, keys: Sequence[Verifier]) -> Checkpoint:
    """The request's checkpoint, if one of ``keys``, those of its origin (empty: it is not known), has signed it.

    Raises RefusedError: 404, 403, 422 for an empty tree that has another root; FormatError, for the answer 400.
    """
    if not keys:
        raise RefusedError(404, "expected a log that it knows, got another", "应为已知日志，实为其他")
    try:
        return open_checkpoint(request.note, request.origin, keys)
    except SignatureError as error:
        raise RefusedError(403, error.en, error.zh) from None
    except FormatError as error:
        if _is_empty_tree(request.note):
            raise RefusedError(422, error.en, error.zh) from None
        raise


def continues(request: AddCheckpoint, checkpoint: Checkpoint, before: Checkpoint | None) -> None:
    """Checks that ``checkpoint`` continues ``before``, the newest one of its origin that the witness cosigned.

    Raises RefusedError: 400, 409 or 422.
    """
    size = before.size if before else 0
    if request.old > checkpoint.size:
        raise RefusedError(
            400,
            f"expected an old size of at most {checkpoint.size}, the checkpoint's, got {request.old}",
            f"旧大小应不超过检查点的 {checkpoint.size}，实为 {request.old}",
        )
    if request.old != size:
        raise RefusedError(
            409,
            f"expected the old size {size}, which it cosigned last, got {request.old}",
            f"旧大小应为上次见证的 {size}，实为 {request.old}",
            size=size,
        )
    if before and checkpoint.size == size and checkpoint.root != before.root:
        raise RefusedError(
            422,
            f"expected the tree of {size} leaves that it cosigned, got one with another root",
            f"{size} 叶之树应与已见证者相同，实则根不同",
            is_fork=True,
        )
    root = before.root if before else EMPTY_ROOT
    try:
        verify_consistency(size, checkpoint.size, root, checkpoint.root, request.proof)
    except ProofError as error:
        raise RefusedError(422, error.en, error.zh) from None


def _is_empty_tree(note: bytes) -> bool:
    """Whether a checkpoint is well-formed but for its root: that of size 0 is given (RFC 6962 §2.1)."""
    lines = note.split(b"\n")
    return len(lines) > 2 and lines[1] == b"0" and len(lines[2]) == 44
