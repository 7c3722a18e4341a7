"""The quick ways of reading an event accept exactly what the plain ones do, and read the same."""

from __future__ import annotations

import base64
import binascii
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.codec import _CONTROL, _CONTROL_BUT_LAYOUT
from ledger.domain.event import Event
from ledger.domain.kinds import KINDS
from ledger.errors import FormatError
from ledger.proof import event as reading
from ledger.proof import strictjson
from ledger.proof.event import claims
from tests.strategies import facts

KIND_OF = {cls: kind for kind, known in KINDS.items() for cls in known.facts.values()}


@st.composite
def events(draw) -> Event:
    """Events of every kind, with and without what may be left out."""
    cls = draw(st.sampled_from(list(KIND_OF)))
    version = draw(st.integers(1, 2**31))
    uuid = st.from_regex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", fullmatch=True)
    return Event(
        draw(st.sampled_from(["ledger", "11990000000000019A"])),
        draw(st.integers(0, 2**40)),
        draw(uuid),
        KIND_OF[cls] + "/" + draw(st.from_regex("[0-9A-Za-z][0-9A-Za-z-]{0,63}", fullmatch=True)),
        version,
        None if version == 1 else draw(st.from_regex("[0-9a-f]{64}", fullmatch=True)),
        draw(facts(cls)),
        (),
        draw(st.none() | uuid),
    )


def outcome(read, payload):
    """What reading gives: the event, or the message of its refusal."""
    try:
        return read(payload)
    except FormatError as error:
        return error.en


def plainly(payload):
    return reading._event(strictjson.loads(payload, "payload"))


def quickly(payload):
    return reading._event_as_we_write(payload) or plainly(payload)


@given(events())
def test_what_we_write_is_read_the_quick_way_and_is_what_was_written(event):
    payload = strictjson.dumps(claims(event))
    assert reading._event_as_we_write(payload) == event == plainly(payload)


@given(events(), st.data())
def test_whatever_is_changed_in_a_payload_both_ways_say_the_same(event, data):
    payload = bytearray(strictjson.dumps(claims(event)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(payload) - 1))
        payload[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b"", b" ", b"0", b"-", b'"', b"\\", b",", b"}", b"\x00", b"\xff", b'"iss":"ledger",'])
        )
    assert outcome(quickly, bytes(payload)) == outcome(plainly, bytes(payload))


CHANGES = [
    lambda claims: {**claims, "iat": 2**40 + 1},
    lambda claims: {**claims, "version": 0},
    lambda claims: {**claims, "version": 2**31 + 1},
    lambda claims: {**claims, "schema": 1001},
    lambda claims: {**claims, "iss": "nobody"},
    lambda claims: {**claims, "stream": "body"},
    lambda claims: {**claims, "colour": "red"},
    lambda claims: {name: value for name, value in claims.items() if name != "jti"},
    lambda claims: {name: value for name, value in claims.items() if name != "data"},
    lambda claims: dict(reversed(claims.items())),
]


@given(events(), st.sampled_from(CHANGES))
def test_claims_that_are_changed_are_refused_with_the_same_words(event, change):
    payload = strictjson.dumps(change(claims(event)))
    assert outcome(quickly, payload) == outcome(plainly, payload)


@pytest.mark.parametrize("name", ["iss", "data", "cause", "schema"])
def test_a_claim_told_twice_is_refused(name):
    event = Event("ledger", 1, "0198c5a2-0000-7000-8000-000000000001", "body/x", 1, None, None)
    head = claims_of(event)
    for extra in (f'"{name}":{json.dumps(head[name])}', f' "{name}" :{json.dumps(head[name])}'):
        payload = strictjson.dumps(head)[:-1] + b"," + extra.encode() + b"}"
        assert "twice" in outcome(quickly, payload)


def claims_of(event):
    head = {"iss": event.iss, "iat": event.iat, "jti": event.jti, "stream": event.stream, "version": event.version}
    return head | {"event": "RoleGranted", "schema": 1, "data": {"role": "operator"}, "cause": event.jti}


def canonical(segment):
    """Base64url decoded the plain way: decoded, encoded again and compared."""
    if not re.fullmatch(rb"[A-Za-z0-9_-]+", segment):
        return None
    try:
        raw = base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
    except binascii.Error:
        return None
    return raw if base64.urlsafe_b64encode(raw).rstrip(b"=") == segment else None


def decoded(segment):
    try:
        return reading.decode_segment(segment, "segment")
    except FormatError:
        return None


@given(st.text("AQgwBEIM_-+/= \nz", max_size=9).map(str.encode) | st.binary(max_size=9))
def test_base64url_has_one_spelling(segment):
    assert decoded(segment) == canonical(segment)


def test_every_end_of_base64url_is_read_as_it_should_be():
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for start in (b"", b"A", b"AB", b"ABC"):
        for last in range(256):
            segment = start + bytes([last])
            assert decoded(segment) == canonical(segment)
            assert (decoded(segment) is None) or last in alphabet


def test_what_is_printable_has_no_control_character():
    for character in map(chr, range(0x110000)):
        if character.isprintable():
            assert not _CONTROL.match(character)
            assert not _CONTROL_BUT_LAYOUT.match(character)


@given(st.text(max_size=8), st.sampled_from(["", " ", "\n", "\t "]))
def test_space_around_json_is_allowed_and_text_behind_it_is_not(text, space):
    data = json.dumps([text], ensure_ascii=False).encode(errors="surrogatepass")
    assert outcome(lambda d: strictjson.loads(d, "x"), data) == outcome(
        lambda d: strictjson.loads(d, "x"), space.encode() + data + space.encode()
    )
    assert "error at character" in outcome(lambda d: strictjson.loads(d, "x"), data + b"1") or "\\u" in data.decode()


def test_a_header_padded_with_blanks_is_refused_and_not_remembered() -> None:
    plain = b'{"alg":"Ed25519","kid":"' + b"A" * 43 + b'","typ":"jiannuo-event+sd-jwt"}'
    padded = base64.urlsafe_b64encode(plain + b" " * 300).rstrip(b"=")
    kept = reading.parse_header.cache_info().currsize
    with pytest.raises(FormatError, match="at most 400 characters"):
        reading.parse_header(padded)
    assert reading.parse_header.cache_info().currsize == kept
    assert reading.parse_header(base64.urlsafe_b64encode(plain).rstrip(b"=")) == "A" * 43
