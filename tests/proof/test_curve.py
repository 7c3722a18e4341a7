"""Keys that only their holder can sign with: points of large order, written in the one canonical way."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from ledger.proof.curve import P, is_strong
from ledger.proof.keys import PrivateKey

D = -121665 * pow(121666, -1, P) % P


def add(left, right):
    """The addition of RFC 8032 §5.1.4, in affine coordinates."""
    (x1, y1), (x2, y2) = left, right
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return x % P, y % P


def root(square):
    """A square root modulo p, or None (RFC 8032 §5.1.1: p mod 8 = 5)."""
    candidate = pow(square, (P + 3) // 8, P)
    for value in (candidate, candidate * pow(2, (P - 1) // 4, P) % P):
        if value * value % P == square % P:
            return value
    return None


def point(y):
    """A point with this y, or None."""
    x = root((y * y - 1) * pow(D * y * y + 1, -1, P) % P)
    return None if x is None else (x, y)


def jwk(number):
    return base64.urlsafe_b64encode(number.to_bytes(32, "little")).rstrip(b"=").decode()


@given(st.binary(min_size=32, max_size=32))
def test_every_key_that_is_made_rightly_is_strong(seed):
    assert is_strong(PrivateKey.from_seed(seed).public)


@given(st.integers(0, 2**255 - 1), st.booleans())
def test_a_key_is_strong_where_eight_times_its_point_is_not_neutral(y, sign):
    """Held to the group law itself."""
    found = point(y) if y < P else None
    eight = found
    for _ in range(3 if found else 0):
        eight = add(eight, eight)
    assert is_strong(jwk(y | sign << 255)) is (found is not None and eight != (0, 1))


def test_exactly_the_points_of_small_order_are_weak():
    """Times the order of the large subgroup, any point becomes one of small order; all eight come up."""
    order = 2**252 + 27742317777372353535851937790883648493
    small, y = set(), 2
    while len(small) < 8:
        y += 1
        start = point(y)
        if start is None:
            continue
        total, addend, left = (0, 1), start, order
        while left:
            if left & 1:
                total = add(total, addend)
            addend, left = add(addend, addend), left >> 1
        small |= {total, (-total[0] % P, total[1])}
    assert {(0, 1), (0, P - 1)} <= small
    for x, y in small:
        assert not is_strong(jwk(y | (x & 1) << 255))


def test_a_second_spelling_is_not_strong():
    """The last of 43 characters carries four bits and two that must be zero."""
    public = PrivateKey.from_seed(bytes(32)).public
    twin = public[:-1] + "l"
    assert public[-1] == "k"
    assert base64.urlsafe_b64decode(twin + "=") == base64.urlsafe_b64decode(public + "=")
    assert is_strong(public)
    assert not is_strong(twin)
