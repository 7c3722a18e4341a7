"""Checkpoint: the signed head of a log, its size and its root (C2SP tlog-checkpoint v1.0.0).

A signed note whose text has the log's origin, the tree's size and the root in base64, a line each. The name
of the key that signs it is the origin: a witness may sign too, but never instead.

>>> from ledger.proof.merkle import EMPTY_ROOT
>>> print(Checkpoint("ledger.example/log", 0, EMPTY_ROOT).marshal(), end="")
ledger.example/log
0
47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
>>> Checkpoint.parse("ledger.example/log\\n07\\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\\n")
Traceback (most recent call last):
ledger.errors.FormatError: size of a checkpoint: expected a decimal number ... got '07' | ...
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from ledger.errors import FormatError, SignatureError
from ledger.proof.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE
from ledger.proof.note import ED25519, NoteSigner, Verifier, from_base64, open_note, sign, to_base64

_CONTROL = re.compile("[\x00-\x1f]")
_DECIMAL = re.compile("0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    """What the log named ``origin`` says: ``size`` leaves (up to 2^63 - 1) stand under ``root`` (32 bytes).

    ``extensions`` are further lines; we write none, and others' are kept.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line or _CONTROL.search(line):
                raise FormatError(
                    f"checkpoint: expected lines with text and no control character, got {line[:80]!a}",
                    f"检查点：各行应非空且不含控制字符，实为 {line[:80]!a}",
                )
        if not 0 <= self.size <= MAX_SIZE:
            raise FormatError(
                f"size of a checkpoint: expected 0 to {MAX_SIZE}, got {self.size}",
                f"检查点大小：应在 0 与 {MAX_SIZE} 之间，实为 {self.size}",
            )
        if len(self.root) != HASH_SIZE or (self.size == 0 and self.root != EMPTY_ROOT):
            raise FormatError(
                f"root of a checkpoint: expected {HASH_SIZE} bytes, for size 0 the SHA-256 of nothing, "
                f"got {self.root[:40].hex()}",
                f"检查点的根：应为 {HASH_SIZE} 字节，大小为 0 时为空串的散列，实为 {self.root[:40].hex()}",
            )

    def marshal(self) -> str:
        """The text that is signed."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, to_base64(self.root), *self.extensions))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The checkpoint of which ``text`` is the one spelling. Raises :class:`FormatError`."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1]:
            raise FormatError(
                f"checkpoint: expected at least 3 lines, each with its newline, got {len(lines) - 1}",
                f"检查点：应至少有 3 行且各以换行结尾，实有 {len(lines) - 1} 行",
            )
        origin, size, root, *extensions = lines[:-1]
        return cls(
            origin,
            parse_decimal(size, "size of a checkpoint", "检查点大小"),
            from_base64(root, "root of a checkpoint", "检查点的根"),
            tuple(extensions),
        )


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[NoteSigner]) -> bytes:
    """The checkpoint as a signed note. Every signer's name has to be the origin (:class:`FormatError`).

    Whether it may be signed, being consistent with all that were signed before, is for the caller to know.
    """
    for signer in signers:
        if signer.name != checkpoint.origin:
            raise FormatError(
                f"checkpoint: expected a key named {checkpoint.origin}, got {signer.name}",
                f"检查点：签名密钥应名为 {checkpoint.origin}，实为 {signer.name}",
            )
    return sign(checkpoint.marshal(), signers)


def open_checkpoint(note: bytes, origin: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """The checkpoint in ``note``, if it is of ``origin`` and a known key of that name has signed it.

    Raises :class:`FormatError` if it is no checkpoint, :class:`SignatureError` if it is not to be believed.
    """
    known = list(verifiers)
    opened = open_note(note, known)
    checkpoint = Checkpoint.parse(opened.text)
    signed_by = sorted({signature.name for signature in opened.signatures})
    logs = {key.key_id for key in known if key.kind == ED25519 and key.name == origin}
    is_by_log = any(signature.name == origin and signature.key_id in logs for signature in opened.signatures)
    if checkpoint.origin != origin or not is_by_log:
        names = ", ".join(signed_by)
        raise SignatureError(
            f"checkpoint: expected one of {origin} signed by it, got {checkpoint.origin!a} signed by {names}",
            f"检查点：应出自 {origin} 并由其签名，实出自 {checkpoint.origin!a}，由 {names} 签名",
        )
    return checkpoint


def parse_decimal(text: str, what: str, zh: str) -> int:
    """A number from 0 to 2^63 - 1 in ASCII digits without leading zeros; ``what`` names it in the error."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise FormatError(
            f"{what}: expected a decimal number up to {MAX_SIZE} without leading zeros, got {text[:40]!a}",
            f"{zh}：应为 0 至 {MAX_SIZE} 的十进制数且无前导零，实为 {text[:40]!a}",
        )
    return int(text)
