"""SM2 signatures with SM3 (GB/T 32918.2, GB/T 32905), verified with gmssl, which is the extra ``sm``.

A key is ``04 ‖ x ‖ y``, a signature the DER of ``SEQUENCE {r, s}``, the signer's id the default one (GM/T 0009). gmssl
takes any point for a key and any numbers for a signature, so their ranges, the curve's equation and the one spelling of
DER are checked here. Nothing is signed here: private SM2 keys stay in a body's cryptographic module.

>>> check_key(bytes([4]) + bytes(64))
Traceback (most recent call last):
ledger.errors.FormatError: SM2 key: expected a point of the curve, 04 ‖ x ‖ y ...
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from ledger.errors import ConfigurationError, FormatError

USER_ID = "1234567812345678"
"""The default id of a signer (GM/T 0009); it is the one that gmssl takes."""

# The curve of GB/T 32918.5: y² = x³ - 3 x + B over the field of P; N is the order of its group.
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123

SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
"""What stands before the 65 bytes of an SM2 public key in DER (SubjectPublicKeyInfo, curve 1.2.156.10197.1.301)."""


def check_key(key: bytes) -> None:
    """Raises FormatError unless ``key`` is a point of the curve, written out."""
    x, y = int.from_bytes(key[1:33], "big"), int.from_bytes(key[33:], "big")
    if len(key) != 65 or key[0] != 4 or x >= P or y >= P or (y * y - (x * x - 3) * x - B) % P:
        raise FormatError(
            "SM2 key: expected a point of the curve, 04 ‖ x ‖ y (65 bytes)",
            "SM2 公钥：应为曲线上的点 04 ‖ x ‖ y（65 字节）",
        )


def verify(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` is that of ``key`` on ``message``. Raises ConfigurationError where gmssl is missing."""
    try:
        from gmssl.sm2 import CryptSM2  # noqa: PLC0415 - an extra: only who verifies SM2 needs it
    except ImportError:
        raise ConfigurationError(
            "SM2 needs the extra sm: pip install 'jiannuo[sm]'", "SM2 需要附加组件 sm：pip install 'jiannuo[sm]'"
        ) from None
    try:
        check_key(key)
        r, s = decode_dss_signature(signature)
    except (FormatError, ValueError):
        return False
    if not (0 < r < N and 0 < s < N) or encode_dss_signature(r, s) != signature:
        return False
    reader = CryptSM2("", "")
    reader.public_key = key[
        1:
    ].hex()  # given to the constructor, 04 at its start would be taken off, and 0s and 4s after it
    return bool(reader.verify_with_sm3(f"{r:064x}{s:064x}", message))
