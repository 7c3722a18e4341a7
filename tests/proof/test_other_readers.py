"""Programs that are not ours read our events: joserfc verifies the JWS, and signs one that we accept."""

from __future__ import annotations

import json

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import OKPKey

from ledger.domain.body import RoleGranted
from ledger.domain.body_terms import Role
from ledger.domain.event import Event
from ledger.proof.event import TYP, claims, parse, sign
from ledger.proof.keys import PrivateKey

KEY = PrivateKey.from_seed(bytes(range(32)))
EVENT = Event(
    "ledger", 1790000000, "0198c5a2-0000-7000-8000-000000000001", "body/ledger", 2, "0" * 64, RoleGranted(Role.OPERATOR)
)
PUBLIC = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": KEY.public})


def test_joserfc_verifies_our_event_and_reads_the_same_claims() -> None:
    found = jws.deserialize_compact(sign(EVENT, KEY), PUBLIC, algorithms=["Ed25519"])
    assert found.headers() == {"alg": "Ed25519", "kid": PUBLIC.thumbprint(), "typ": TYP}
    assert json.loads(found.payload) == claims(EVENT)


def test_joserfc_refuses_our_event_once_a_bit_is_changed() -> None:
    head, payload, signature = sign(EVENT, KEY).split(b".")
    changed = b".".join([head, payload[:-4] + (b"AAAA" if payload[-4:] != b"AAAA" else b"BBBB"), signature])
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(changed, PUBLIC, algorithms=["Ed25519"])


def test_we_accept_an_event_that_joserfc_signed() -> None:
    private = OKPKey.import_key(KEY.to_pem().decode())
    header = {"alg": "Ed25519", "kid": KEY.kid, "typ": TYP}
    text = jws.serialize_compact(header, json.dumps(claims(EVENT)), private, algorithms=["Ed25519"])
    signed = parse(text.encode() if isinstance(text, str) else text)
    assert signed.event == EVENT
    assert signed.verify(KEY.public)
