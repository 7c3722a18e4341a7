"""The curve of Ed25519 in plain integers, to make keys and signatures at its edges (RFC 8032 §5.1, RFC 7748 §4.1)."""

from __future__ import annotations

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]
ZERO: Point = (0, 1)


def add(a: Point, b: Point) -> Point:
    """The sum of two points."""
    (x1, y1), (x2, y2) = a, b
    k = _D * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P


def times(n: int, point: Point) -> Point:
    """[n]point."""
    result = ZERO
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def point(y: int, sign: int) -> Point | None:
    """The point with that y whose x has that last bit; None where there is none."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        return None
    return (P - x if x & 1 != sign else x) % P, y % P


def encode(a: Point) -> bytes:
    """The canonical 32 bytes."""
    return (a[1] | (a[0] & 1) << 255).to_bytes(32, "little")


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    """k of RFC 8032 §5.1.7."""
    return int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L


def _order_8() -> Point:
    y = 2
    while True:
        found = point(y, 0)
        if found and times(4, times(L, found)) != ZERO:
            return times(L, found)
        y += 1


BASE = point(4 * pow(5, -1, P) % P, 0)
assert BASE is not None
TORSION = [times(n, _order_8()) for n in range(8)]
"""The eight points of small order; the one at n has order 8 / gcd(n, 8)."""

SMALL = sorted(
    {encode(t) for t in TORSION}
    | {(y | sign << 255).to_bytes(32, "little") for y in (0, 1, P - 1, P, P + 1) for sign in (0, 1)}
)
"""Points of small order in every encoding of 32 bytes, canonical or not."""


def signature(secret: int, nonce: int, message: bytes, *, key: int = 0, first: int = 0) -> tuple[bytes, bytes]:
    """Public key and signature of somebody who adds torsion points, by their numbers, to the key and to R."""
    public = encode(add(times(secret, BASE), TORSION[key]))
    r = encode(add(times(nonce, BASE), TORSION[first]))
    s = (nonce + challenge(r, public, message) * secret) % L
    return public, r + s.to_bytes(32, "little")
