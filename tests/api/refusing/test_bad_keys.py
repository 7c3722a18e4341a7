"""Keys and signatures that do not count: unknown, revoked, of another body, weak, forged."""

from __future__ import annotations

import base64
import secrets

import pytest

from ledger.domain.body import BodyRegistered, KeyAuthorised, KeyRevoked, thumbprint
from ledger.domain.body_terms import Kind, Revocation
from ledger.errors import Head
from ledger.proof.keys import PrivateKey
from tests.api.refusing.refusal import refused, submit
from tests.api.submitting import (
    JOSE,
    b64,
    claims,
    header,
    new_uscc,
    operator,
    raw,
)
from tests.conftest import OPERATOR

OWN = f"body/{OPERATOR.uscc}"


# --- keys -----------------------------------------------------------------------------------------------------------


def test_an_unknown_key_is_refused(client):
    stranger = PrivateKey.from_seed(bytes(32))
    refused(client, raw(stranger, claims()), 403, "unknown key")


def test_a_signature_of_other_bytes_is_refused(client, key):
    one, other = raw(key, claims()), raw(key, claims())
    refused(client, one[:-86] + other[-86:], 403, "does not verify")


def test_a_payload_exchanged_under_a_good_signature_is_refused(client, key):
    event, other = raw(key, claims()).split(b"."), raw(key, claims()).split(b".")
    refused(client, b".".join([event[0], other[1], event[2]]), 403, "does not verify")


@pytest.mark.parametrize("signature", [bytes(64), b"\xff" * 64, bytes(32) + b"\xff" * 32, b"\x01" + bytes(63)])
def test_a_made_up_signature_is_refused(client, key, signature):
    event = raw(key, claims())
    refused(client, event[:-86] + b64(signature), 403)


def test_a_malleated_signature_is_refused(client, key):
    """S + L verifies in careless implementations (RFC 8032 §5.1.7)."""
    event = raw(key, claims())
    signature = base64.urlsafe_b64decode(event[-86:] + b"==")
    order = 2**252 + 27742317777372353535851937790883648493
    s = (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    refused(client, event[:-86] + b64(signature[:32] + s), 403)


def test_the_kid_of_another_known_key_is_refused(client, installation, key):
    """The ledger's own key is known; the operator's signature under its name is not its."""
    other = PrivateKey.from_seed(secrets.token_bytes(32))
    submit(client, installation, OWN, KeyAuthorised(other.public))
    refused(client, raw(key, claims(), {**header(key), "kid": other.kid}), 403, "does not verify")


def test_a_revoked_key_is_refused_from_its_revocation_on(client, installation):
    other = PrivateKey.from_seed(secrets.token_bytes(32))
    submit(client, installation, OWN, KeyAuthorised(other.public))
    before = raw(other, claims())
    assert client.post("/api/v1/events", content=before, headers=JOSE).status_code == 201
    submit(client, installation, OWN, KeyRevoked(other.kid, Revocation.COMPROMISED))
    refused(client, raw(other, claims()), 403, "revoked")
    assert client.post("/api/v1/events", content=before, headers=JOSE).status_code == 200


def test_a_key_of_another_body_is_refused(client, installation):
    other, uscc = PrivateKey.from_seed(secrets.token_bytes(32)), new_uscc()
    submit(client, installation, f"body/{uscc}", BodyRegistered("单位", Kind.DEPARTMENT))
    submit(client, installation, f"body/{uscc}", KeyAuthorised(other.public))
    refused(client, raw(other, claims()), 403, "unknown key")
    refused(client, raw(other, {**claims(), "iss": uscc}), 422, "role")


def test_the_ledgers_own_key_signs_no_submission(client, installation):
    own = PrivateKey(installation.ledger._keys.ledger.key)
    refused(client, raw(own, {**claims(), "iss": "ledger"}), 403, "cause")


def test_a_consequence_is_the_ledgers_alone(client, key):
    refused(client, raw(key, {**claims(), "cause": "0198c5a2-0000-7000-8000-000000000001"}), 403, "cause")


WEAK_KEYS = {  # the encodings of the eight points of small order, canonical or not, and other nonsense
    "order 1": "01" + "00" * 31,
    "order 2": "ec" + "ff" * 30 + "7f",
    "order 4": "00" * 32,
    "order 4, negative": "00" * 31 + "80",
    "order 8": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "order 8, negative": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "another of order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "another of order 8, negative": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "order 1, not canonical": "ee" + "ff" * 30 + "7f",
    "order 4, not canonical": "ed" + "ff" * 30 + "7f",
    "order 1, minus zero": "01" + "00" * 30 + "80",
    "not on the curve": "02" + "00" * 31,
    "y too large": "ff" * 32,
}


@pytest.mark.parametrize("public", WEAK_KEYS.values(), ids=WEAK_KEYS)
def test_a_key_under_which_anybody_can_sign_is_not_authorised(client, installation, public):
    """Under a point of small order OpenSSL takes signatures that were made without any private key."""
    head = client.get(f"/api/v1/streams/{OWN}/head").json()
    public = b64(bytes.fromhex(public)).decode()
    event = operator(installation).write(OWN, Head(head["version"], head["hash"]), KeyAuthorised(public))
    assert refused(client, event, 422)["rule"] == "body.key-strong"
    signer = PrivateKey.from_seed(bytes(32))
    forged = raw(signer, claims(), {**header(signer), "kid": thumbprint(public)})
    refused(client, forged[:-86] + b64(b"\x01" + bytes(63)), 403)


def test_a_key_in_a_second_spelling_is_not_authorised(client, installation):
    """Stray bits in the last character: another text, another thumbprint, the same key."""
    head = client.get(f"/api/v1/streams/{OWN}/head").json()
    event = operator(installation).write(OWN, Head(head["version"], head["hash"]), KeyAuthorised("_" * 43))
    assert refused(client, event, 422)["rule"] == "body.key-strong"
