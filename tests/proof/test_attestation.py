"""Answers under the ledger's own signature (RFC 7515): only what was signed, as it was meant, is taken."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.body import RoleGranted
from ledger.domain.body_terms import Role
from ledger.domain.event import Event
from ledger.errors import FormatError, LedgerError, SignatureError
from ledger.proof.attestation import LARGEST, SCREENING, attest, read_attestation, verify_attestation
from ledger.proof.event import parse, sign
from ledger.proof.keys import PrivateKey, b64url

KEY, OTHER = PrivateKey.from_seed(bytes(32)), PrivateKey.from_seed(bytes([1]) * 32)
PAYLOAD = {"size": 7, "results": [{"given": "示例市发展和改革委员会", "answer": "clear"}]}
ANSWER = attest(SCREENING, PAYLOAD, KEY)


def _forged(header: str, payload: bytes = b'{"size":7}') -> bytes:
    """A signature that is good, over a header or payload that is not."""
    signing_input = f"{b64url(header.encode())}.{b64url(payload)}".encode()
    return signing_input + b"." + b64url(KEY.sign(signing_input)).encode()


def _header(**changed: str) -> str:
    return json.dumps({"alg": "Ed25519", "kid": KEY.kid, "typ": SCREENING} | changed)


def test_what_was_signed_is_read_again() -> None:
    """G05: whoever gets a screening's answer can check it with the ledger's public key and nothing else."""
    assert verify_attestation(ANSWER, KEY.public, SCREENING) == PAYLOAD
    assert read_attestation(ANSWER).kid == KEY.kid


def test_an_attestation_is_never_an_event_and_an_event_never_an_attestation() -> None:
    """RFC 8725 §3.11: one key, two sorts of statement, kept apart by typ."""
    event = Event(
        "ledger", 1, "0198c5a2-0000-7000-8000-000000000001", "body/ledger", 2, "0" * 64, RoleGranted(Role.OPERATOR)
    )
    with pytest.raises(FormatError, match="jiannuo-event"):
        parse(ANSWER)
    with pytest.raises(FormatError, match="typ"):
        verify_attestation(sign(event, KEY), KEY.public, SCREENING)
    for typ in ("jiannuo-event+sd-jwt", "jiannuo-event+sd-jwt+jwt", "JWT", "", "jiannuo-+jwt", "jiannuo-a+jwt\n"):
        with pytest.raises(FormatError):
            attest(typ, PAYLOAD, KEY)


@pytest.mark.parametrize(
    "header",
    [
        _header(alg="none"),
        _header(alg="EdDSA"),
        _header(typ="jiannuo-report+jwt"),
        _header(crit="exp"),
        _header(jwk="x"),
        _header(kid="short"),
        '{"alg":"Ed25519","alg":"Ed25519","kid":"x","typ":"jiannuo-screening+jwt"}',
        "[]",
        "null",
    ],
)
def test_another_header_is_refused_although_its_signature_is_good(header: str) -> None:
    """RFC 7515 §10.7, RFC 8725 §3.1: nothing in the header is taken from who sends it."""
    with pytest.raises(FormatError):
        verify_attestation(_forged(header), KEY.public, SCREENING)


@pytest.mark.parametrize("payload", [b"[]", b"null", b'{"a":1,"a":1}', b'{"a":1.5}', b"\xff", b"{", b'{"a":"\\u0000"}'])
def test_another_payload_is_refused_although_its_signature_is_good(payload: bytes) -> None:
    """Issue 5, strict: one meaning for one sequence of bytes."""
    with pytest.raises(FormatError):
        verify_attestation(_forged(_header(), payload), KEY.public, SCREENING)


def test_another_key_is_refused() -> None:
    """RFC 7515 §10.4: both where it is named and where it only signed."""
    with pytest.raises(SignatureError, match="expected the key"):
        verify_attestation(attest(SCREENING, PAYLOAD, OTHER), KEY.public, SCREENING)
    signing_input = ANSWER.rpartition(b".")[0]
    with pytest.raises(SignatureError, match="signature"):
        verify_attestation(signing_input + b"." + b64url(OTHER.sign(signing_input)).encode(), KEY.public, SCREENING)


@given(st.integers(0, len(ANSWER) - 1), st.integers(0, 255))
def test_a_changed_byte_is_refused(place: int, byte: int) -> None:
    """RFC 7515 §10.12: also the bits that base64 leaves unused."""
    changed = ANSWER[:place] + bytes([byte]) + ANSWER[place + 1 :]
    if changed == ANSWER:
        assert verify_attestation(changed, KEY.public, SCREENING) == PAYLOAD
        return
    with pytest.raises(LedgerError):
        verify_attestation(changed, KEY.public, SCREENING)


def test_what_cannot_be_read_again_is_not_signed() -> None:
    """A fraction, or more bytes than a reader takes."""
    with pytest.raises(FormatError, match="fraction"):
        attest(SCREENING, {"rate": 0.5}, KEY)
    with pytest.raises(FormatError, match="at most"):
        attest(SCREENING, {"text": "a" * LARGEST}, KEY)
    with pytest.raises(FormatError, match="at most"):
        read_attestation(b"." * (LARGEST + 1))


def test_the_ledger_signs_with_the_key_that_its_first_entry_names(installation) -> None:
    """Issue 5 part 8: the answer is signed; the key is that of the ledger's own consequences."""
    assert (
        verify_attestation(installation.ledger.attest(SCREENING, PAYLOAD), installation.ledger.public_key, SCREENING)
        == PAYLOAD
    )
