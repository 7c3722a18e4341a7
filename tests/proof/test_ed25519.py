"""Which signatures verify (RFC 8032 §5.1.7): two libraries are asked, and OpenSSL's answer is the one that is given.

The cases are those of Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs" (2020), table 5, made anew here.
"""

from __future__ import annotations

import os
from itertools import product

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.proof import keys
from ledger.proof.keys import PrivateKey, b64url, verify, verify_raw
from tests.proof import edwards
from tests.proof.edwards import SMALL, TORSION, L

MESSAGE = b"promise"
SECRET, NONCE = 3**150, 5**105
KEY = PrivateKey.from_seed(bytes(32))


def openssl(key, signature, message):
    """What OpenSSL says alone."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def agreed(key, signature, message=MESSAGE):
    """The answer, which is OpenSSL's; and libsodium's yes is never more than that."""
    answer = verify_raw(key, signature, message)
    assert answer == openssl(key, signature, message)
    assert answer == verify(b64url(key), signature, message)
    assert answer or not keys._sodium_says(key, signature, message)
    return answer


def test_libsodium_is_asked_here():
    """A libsodium that verified with the cofactor would be left out, and everything be slow."""
    assert keys._SODIUM_IMPLIES_OPENSSL
    assert not openssl(*keys._ONLY_WITH_COFACTOR)
    key, signature = edwards.signature(2**200 + 12345, 2**201 + 54321, MESSAGE, first=1)
    assert (key, signature, MESSAGE) == keys._ONLY_WITH_COFACTOR


def test_without_libsodium_the_answers_are_the_same(monkeypatch):
    monkeypatch.setattr(keys, "_SODIUM_IMPLIES_OPENSSL", False)
    assert verify(KEY.public, KEY.sign(MESSAGE), MESSAGE)
    assert not verify(KEY.public, KEY.sign(MESSAGE), b"excuse")


@pytest.mark.parametrize(("key", "first"), list(product(range(8), range(8))))
def test_parts_of_small_order_count_only_where_they_cancel_without_the_cofactor(key, first):
    """Cases 4 and 5 (mixed order): who knows the secret key can make a signature that only the cofactor forgives."""
    public, signature = edwards.signature(SECRET, NONCE, MESSAGE, key=key, first=first)
    k = edwards.challenge(signature[:32], public, MESSAGE)
    assert agreed(public, signature) == ((first + k * key) % 8 == 0)


@pytest.mark.parametrize("key", SMALL)
def test_keys_of_small_order_in_every_encoding_give_openssls_answer(key):
    """Cases 0 to 2 and 8 to 11: libsodium refuses each; OpenSSL takes those whose equation holds."""
    taken = 0
    for number, torsion, secret in product(range(16), TORSION, (0, NONCE)):
        message = bytes([number])
        r = edwards.encode(edwards.add(edwards.times(secret, edwards.BASE), torsion))
        taken += agreed(key, r + secret.to_bytes(32, "little"), message)
    assert taken or key not in {edwards.encode(torsion) for torsion in TORSION}


@pytest.mark.parametrize("r", SMALL)
def test_an_r_of_small_order_in_every_encoding_gives_openssls_answer(r):
    """Cases 0, 3, 10 and 11: S = ka makes R the neutral element; in its canonical spelling alone it verifies."""
    public = edwards.encode(edwards.times(SECRET, edwards.BASE))
    s = edwards.challenge(r, public, MESSAGE) * SECRET % L
    assert agreed(public, r + s.to_bytes(32, "little")) == (r == edwards.encode(edwards.ZERO))


@pytest.mark.parametrize("times", [1, 2, 7, 8, 15])
def test_an_s_not_below_the_order_does_not_verify(times):
    """Cases 6 and 7: else everybody could make another signature of a signature."""
    public, signature = edwards.signature(SECRET, NONCE, MESSAGE)
    assert agreed(public, signature)
    s = int.from_bytes(signature[32:], "little") + times * L
    assert not agreed(public, signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("low", range(19))
@pytest.mark.parametrize("sign", [0, 1])
def test_what_is_no_canonical_point_gives_openssls_answer(low, sign):
    """y from 2^255 - 19 on, as key and as R."""
    other = ((2**255 - 19 + low) | sign << 255).to_bytes(32, "little")
    public, signature = edwards.signature(SECRET, NONCE, MESSAGE)
    agreed(other, signature)
    assert not agreed(public, other + signature[32:])


@given(message=st.binary(max_size=300), bit=st.integers(0, 8 * (32 + 64) - 1))
def test_one_flipped_bit_of_key_or_signature_does_not_verify(message, bit):
    data = bytearray(KEY.public_bytes + KEY.sign(message))
    assert agreed(bytes(data[:32]), bytes(data[32:]), message)
    data[bit // 8] ^= 1 << bit % 8
    assert not agreed(bytes(data[:32]), bytes(data[32:]), message)


@given(message=st.binary(min_size=1, max_size=300), bit=st.integers(0, 2**20))
def test_one_flipped_bit_of_the_message_does_not_verify(message, bit):
    changed = bytearray(message)
    changed[bit // 8 % len(changed)] ^= 1 << bit % 8
    assert not agreed(KEY.public_bytes, KEY.sign(message), bytes(changed))


@given(key=st.binary(max_size=40), signature=st.binary(max_size=80), message=st.binary(max_size=80))
def test_any_bytes_are_answered(key, signature, message):
    """Also those of another size, which libsodium would read beyond."""
    assert not verify_raw(key, signature, message)


def test_a_long_message_verifies():
    message = os.urandom(70_000)
    assert agreed(KEY.public_bytes, KEY.sign(message), message)
