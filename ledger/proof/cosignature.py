"""Cosignatures: what a witness signs of a checkpoint that it found consistent (C2SP tlog-cosignature v1.0.1).

A cosignature is a signature line of the note: 8 bytes of time (POSIX seconds, big-endian) and the signature, over

- type 0x04 (Ed25519): ``cosignature/v1``, ``time <seconds>``, and the checkpoint's text, extension lines included;
- type 0x06 (ML-DSA-44, FIPS 204, for the time of quantum computers): the structure ``cosigned_message``, that is the
  label ``subtree/v1``, the cosigner's name, the time, the log's origin, 0, the size and the root (its §"ML-DSA-44
  signed message"); extension lines are not in it.

It says: at this time, the largest tree of this log that I saw, all of it consistent, had this root.

>>> from ledger.proof.keys import PrivateKey
>>> text = b"ledger.example/log\\n7\\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\\n"
>>> witness = Cosigner("witness.example/w1", PrivateKey.from_seed(bytes(32)), 1679315147)
>>> cosignature = witness.sign(text)
>>> len(cosignature), cosigned_at(cosignature)
(72, 1679315147)
>>> verify(witness.kind, witness.name, witness.public_key, text, cosignature)
True
>>> verify(witness.kind, witness.name, witness.public_key, text.replace(b"7", b"8"), cosignature)
False
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from ledger.errors import FormatError
from ledger.proof.keys import NOT_READ, verify_raw

ED25519_COSIGNATURE = 0x04
"""Signature type: Ed25519 with a time."""
ML_DSA_44_COSIGNATURE = 0x06
"""Signature type: ML-DSA-44 with a time."""
COSIGNATURES = (ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE)
"""The types of a witness's key."""

MAX_TIME = 2**63 - 1
"""The time must not be larger (tlog-cosignature, "Format")."""

_TIME = 8
_SIZES = {ED25519_COSIGNATURE: (32, 64), ML_DSA_44_COSIGNATURE: (1312, 2420)}  # public key, signature
_DECIMAL = re.compile("0|[1-9][0-9]{0,18}")


class CosigningKey(Protocol):
    """A private key of a witness: a ``ledger.proof.keys.Signer`` (Ed25519), or a :class:`MlDsaKey`."""

    @property
    def public_bytes(self) -> bytes:
        """The public key: 32 bytes, or 1,312 of ML-DSA-44."""

    def sign(self, message: bytes) -> bytes:
        """The signature of ``message``: 64 bytes, or 2,420 of ML-DSA-44."""


class MlDsaKey:
    """An ML-DSA-44 private key (FIPS 204) in memory."""

    def __init__(self, key: MLDSA44PrivateKey) -> None:
        self.key = key

    @classmethod
    def from_seed(cls, seed: bytes) -> MlDsaKey:
        """The key of a 32-byte seed (FIPS 204 §3.6.3); the seed must come from a secure random source."""
        return cls(MLDSA44PrivateKey.from_seed_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: bytes | None = None) -> MlDsaKey:
        """The key in a PKCS #8 PEM file (RFC 9881 §6), under this passphrase or none. Raises FormatError."""
        try:
            key = serialization.load_pem_private_key(pem, passphrase)
        except NOT_READ:
            key = None
        if not isinstance(key, MLDSA44PrivateKey):
            raise FormatError(
                "key file: expected an ML-DSA-44 private key in PKCS #8 PEM",
                "密钥文件：应为 PKCS #8 PEM 格式的 ML-DSA-44 私钥",
            )
        return cls(key)

    def to_pem(self, passphrase: bytes | None = None) -> bytes:
        """PKCS #8 PEM, under a passphrase if there is one."""
        under = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, under)

    @cached_property
    def public_bytes(self) -> bytes:
        """The public key, 1,312 bytes."""
        return self.key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The signature of ``message``, 2,420 bytes."""
        return self.key.sign(message)


@dataclass(frozen=True)
class Cosigner:
    """A witness's key that cosigns at ``time`` (POSIX seconds): a ``note.NoteSigner``. The type is that of its key."""

    name: str
    key: CosigningKey
    time: int

    @property
    def public_key(self) -> bytes:
        """The public key."""
        return self.key.public_bytes

    @property
    def kind(self) -> int:
        """The signature type, which the length of the public key tells."""
        is_ed25519 = len(self.public_key) == _SIZES[ED25519_COSIGNATURE][0]
        return ED25519_COSIGNATURE if is_ed25519 else ML_DSA_44_COSIGNATURE

    def sign(self, message: bytes) -> bytes:
        """Time and signature for the checkpoint's text ``message``. Raises FormatError where it is no checkpoint."""
        signed = signed_message(self.kind, self.name, message, self.time)
        if signed is None:
            raise FormatError(
                f"cosignature: expected a checkpoint and a time of 0 to 2^63 - 1, got time {self.time}",
                f"见证签名：应有检查点与 0 至 2^63 - 1 的时间，实得时间 {self.time}",
            )
        return self.time.to_bytes(_TIME, "big") + self.key.sign(signed)


def cosigned_at(cosignature: bytes) -> int:
    """When the witness says that it signed, in POSIX seconds."""
    return int.from_bytes(cosignature[:_TIME], "big")


def key_size(kind: int) -> int:
    """Bytes of a public key of a type in :data:`COSIGNATURES`."""
    return _SIZES[kind][0]


def verify(kind: int, name: str, public_key: bytes, text: bytes, cosignature: bytes) -> bool:
    """Has the witness's key of this type and name cosigned the checkpoint's ``text``?"""
    signature = cosignature[_TIME:]
    message = signed_message(kind, name, text, cosigned_at(cosignature))
    if message is None or len(signature) != _SIZES[kind][1]:
        return False
    try:
        if kind == ED25519_COSIGNATURE:
            return verify_raw(public_key, signature, message)
        MLDSA44PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def signed_message(kind: int, name: str, text: bytes, time: int) -> bytes | None:
    """What a key of this type and name signs at ``time``; None where ``text`` is no checkpoint, or the time is none."""
    head = _head(text)
    if head is None or not 0 <= time <= MAX_TIME:
        return None
    if kind == ED25519_COSIGNATURE:
        return b"cosignature/v1\ntime %d\n" % time + text
    origin, size, root = head
    cosigner = name.encode()
    if not (0 < len(cosigner) < 256 and 0 < len(origin) < 256):
        return None
    start = bytes(_TIME)
    return b"".join((
        *(b"subtree/v1\n\0", bytes([len(cosigner)]), cosigner, time.to_bytes(_TIME, "big")),
        *(bytes([len(origin)]), origin, start, size.to_bytes(_TIME, "big"), root),
    ))  # fmt: skip


def _head(text: bytes) -> tuple[bytes, int, bytes] | None:
    """Origin, size and root: the first three lines (tlog-checkpoint)."""
    lines = text.split(b"\n")
    if len(lines) < 4 or lines[-1] or not lines[0]:
        return None
    size = lines[1].decode("ascii", "replace")
    try:
        root = binascii.a2b_base64(lines[2], strict_mode=True)
    except ValueError:
        return None
    is_canonical = binascii.b2a_base64(root, newline=False) == lines[2] and len(root) == 32
    if not is_canonical or not _DECIMAL.fullmatch(size) or int(size) > MAX_TIME:
        return None
    return lines[0], int(size), root
