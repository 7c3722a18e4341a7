"""Which 32 bytes are an Ed25519 public key worth authorising (RFC 8032 §5.1.3, §5.2.3; edwards25519 of RFC 7748 §4.1).

Verification alone does not ask: under a point of small order a signature that anybody can make verifies for many
messages, so that its holder could later say that everybody could have signed. Refused are therefore the points of
order 1, 2, 4 and 8, encodings that are not canonical (y not below 2^255 - 19), and what is no point of the curve.

>>> is_strong("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")  # RFC 8032 §7.1, as a JWK's x
True
>>> is_strong("A" * 43), is_strong("AQ" + "A" * 41)
(False, False)
"""

from __future__ import annotations

import base64

P = 2**255 - 19
_D = -121665 * pow(121666, -1, P) % P
_SIGN = 1 << 255


def is_strong(public: str) -> bool:
    """Whether the ``x`` of a JWK (43 characters) is canonically written, on the curve, and of large order."""
    key = base64.urlsafe_b64decode(public + "=")
    y = int.from_bytes(key, "little") & ~_SIGN
    if base64.urlsafe_b64encode(key).rstrip(b"=").decode() != public or y >= P:
        return False
    square = (y * y - 1) * pow(_D * y * y + 1, -1, P) % P  # x² on -x² + y² = 1 + dx²y²
    # Euler's criterion, which is 0 for x = 0: the points of order 1 and 2.
    return pow(square, (P - 1) // 2, P) == 1 and not _is_small(square, y)


def _is_small(square: int, y: int) -> bool:
    """Whether a point that is not its own negative has order 4 or 8, given x² and y.

    Order 4 is y = 0. Order 8 is a double with y = 0, and the double's y is (y² + x²) / (2 + x² - y²).
    """
    return y == 0 or (y * y + square) % P == 0
