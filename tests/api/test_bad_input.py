"""Bad input gets a clear refusal in both languages, never a 5xx, and nothing is half-stored."""

from __future__ import annotations

import base64
import json
import re
import secrets
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import keystore
from ledger.authoring import Author, utc_now
from ledger.domain.body import (
    BodyRegistered,
    BodyRenamed,
    KeyAuthorised,
    KeyRevoked,
    Kind,
    LedgerFounded,
    Revocation,
    thumbprint,
)
from ledger.domain.event import Document
from ledger.errors import Head, SignatureError
from ledger.installation import open_installation
from ledger.proof.event import MAX_JWS
from ledger.proof.keys import PrivateKey
from ledger.settings import Settings
from tests.api.submitting import (
    JOSE,
    NDJSON,
    b64,
    check_problem,
    claims,
    header,
    is_problem,
    key_of,
    new_uscc,
    operator,
    raw,
    registration,
)
from tests.conftest import OPERATOR, application, caller_of, fresh_ledger

OWN = f"body/{OPERATOR.uscc}"
PAPER = (Document("会议纪要", "ab" * 32),)
DEEP = 10_000


@pytest.fixture(scope="module")
def installation(databases, founded, tmp_path_factory):
    """One ledger for all these tests: what they submit is refused, or is about a body of its own."""
    with fresh_ledger(databases, founded, tmp_path_factory.mktemp("refusing")) as own, open_installation(own) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(installation):
    with application(installation) as app:
        yield caller_of(app)


def head_of(client):
    answer = client.get("/log/checkpoint")
    assert answer.status_code == 200
    return answer.text


def refused(client, event, status, *said):
    """The event is refused alone and among others, says why, and leaves nothing behind."""
    before = head_of(client)
    answer = client.post("/api/v1/events", content=event, headers=JOSE)
    found = is_problem(answer, status)
    for word in said:
        assert re.search(word, found["detail"]), found["detail"]
    if b"\n" not in event and event.strip():
        many = client.post("/api/v1/events", content=event + b"\n", headers=NDJSON)
        assert many.status_code == 207
        (line,) = [json.loads(text) for text in many.content.splitlines()]
        assert check_problem(line, status)["detail"] == found["detail"]
    assert head_of(client) == before, "something was stored"
    return found


@pytest.fixture(scope="module")
def key(installation):
    return key_of(installation)


def altered(event, *, part, by):
    """An event with one of its three parts replaced, whose signature is as it was."""
    parts = event.split(b".")
    parts[part] = by(parts[part])
    return b".".join(parts)


# --- form of the JWS ------------------------------------------------------------------------------------------------

NO_JWS = {
    "nothing": b"",
    "space": b" ",
    "a line end": b"\n",
    "CRLF": b"\r\n",
    "two line ends": b"\n\n",
    "NUL": b"\x00",
    "a word": b"promise",
    "one dot": b"a.b",
    "dots": b"..",
    "three dots": b"...",
    "four parts": b"a.b.c.d",
    "a tilde": b"~",
    "JSON": b'{"payload":"","signatures":[]}',
    "a note": "承诺".encode(),
    "not UTF-8": b"\xff\xfe\xfd",
    "a BOM": b"\xef\xbb\xbf",
    "brackets": b"[" * 60_000,
    "dots without end": b"." * 60_000,
    "letters without end": b"A" * 65_000,
    "null": b"null",
}


@pytest.mark.parametrize("body", NO_JWS.values(), ids=NO_JWS)
def test_what_is_no_jws_is_refused(client, body):
    refused(client, body, 400)


SPELLINGS = {
    "padding": lambda s: s + b"=",
    "double padding": lambda s: s + b"==",
    "standard base64": lambda s: s.replace(b"-", b"+").replace(b"_", b"/") + b"/",
    "space inside": lambda s: s[:4] + b" " + s[4:],
    "space before": lambda s: b" " + s,
    "line end inside": lambda s: s[:4] + b"\t" + s[4:],
    "cut": lambda s: s[:-1],
    "empty": lambda s: b"",
    "one more": lambda s: s + b"A",
    "NUL": lambda s: s + b"\x00",
    "percent": lambda s: s.replace(s[:1], b"%41", 1),
    "non-ASCII": lambda s: s + "é".encode(),
}


@pytest.mark.parametrize("part", [0, 1, 2], ids=["header", "payload", "signature"])
@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_base64url_has_one_spelling(client, installation, part, spelling):
    refused(client, altered(registration(installation, 10), part=part, by=spelling), 400)


def test_stray_bits_at_the_end_of_base64url_are_refused(client, installation):
    """Two spellings of the same signature would give one event two hashes."""
    event = registration(installation, 10)
    last = event[-1:]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = event[:-1] + alphabet[alphabet.index(last) + 1 :][:1]
    assert base64.urlsafe_b64decode(twin[-86:] + b"==") == base64.urlsafe_b64decode(event[-86:] + b"==")
    refused(client, twin, 400, "canonical base64url")


@pytest.mark.parametrize("cut", [1, 2, 10, 100, 200])
def test_a_truncated_event_is_refused(client, installation, cut):
    refused(client, registration(installation, 10)[:-cut], 400)


@pytest.mark.parametrize("disclosure", [b"~WyJzYWx0IiwgIm5hbWUiLCAidmFsdWUiXQ~", b"~~", b"~x", b"~x~y~", b"~eyJ.e.s"])
def test_disclosures_are_refused(client, installation, disclosure):
    """They would make public what was sealed."""
    refused(client, registration(installation, 10) + disclosure, 400, "disclosure")


@pytest.mark.parametrize(
    "around",
    [(b" ", b""), (b"", b" "), (b"\t", b""), (b"", b"\n\n"), (b"\n", b""), (b"\xef\xbb\xbf", b"")],
    ids=["space before", "space behind", "tab", "line ends behind", "line end before", "BOM"],
)
def test_nothing_may_stand_around_an_event(client, installation, around):
    refused(client, around[0] + registration(installation, 10) + around[1], 400)


def test_an_event_that_is_too_long_is_refused(client, key):
    long = {**claims(), "data": {"name": "诺", "kind": "department", "x": "x" * MAX_JWS}}
    before = head_of(client)
    is_problem(client.post("/api/v1/events", content=raw(key, long), headers=JOSE), 413)
    many = client.post("/api/v1/events", content=raw(key, long) + b"\n", headers=NDJSON)
    assert check_problem(json.loads(many.content), 400)["detail"].startswith("event: expected at most")
    assert head_of(client) == before


# --- header ---------------------------------------------------------------------------------------------------------

HEADERS = {
    "alg none": {"alg": "none"},
    "alg None": {"alg": "None"},
    "alg EdDSA": {"alg": "EdDSA"},
    "alg HS256": {"alg": "HS256"},
    "alg ES256": {"alg": "ES256"},
    "alg in lower case": {"alg": "ed25519"},
    "alg with a space": {"alg": "Ed25519 "},
    "alg list": {"alg": ["Ed25519"]},
    "alg null": {"alg": None},
    "crit": {"crit": ["exp"]},
    "empty crit": {"crit": []},
    "b64": {"b64": False, "crit": ["b64"]},
    "jwk": {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}},
    "jku": {"jku": "https://example.com/keys"},
    "x5u": {"x5u": "https://example.com/cert"},
    "x5c": {"x5c": ["MIIB"]},
    "zip": {"zip": "DEF"},
    "cty": {"cty": "JWT"},
    "an unknown name": {"colour": "red"},
    "typ JWT": {"typ": "JWT"},
    "typ null": {"typ": None},
    "kid empty": {"kid": ""},
    "kid path": {"kid": "../../../../etc/passwd"},
    "kid SQL": {"kid": "' OR 1=1 --" + "A" * 32},
    "kid number": {"kid": 1},
}


@pytest.mark.parametrize("change", HEADERS.values(), ids=HEADERS)
def test_the_header_is_this_and_no_other(client, key, change):
    refused(client, raw(key, claims(), {**header(key), **change}), 400, "header")


@pytest.mark.parametrize("missing", ["alg", "kid", "typ"])
def test_no_part_of_the_header_may_be_missing(client, key, missing):
    head = {name: value for name, value in header(key).items() if name != missing}
    refused(client, raw(key, claims(), head), 400, missing)


def test_a_jws_without_signature_is_refused_whatever_its_header_says(client, key):
    head = b64(json.dumps({**header(key), "alg": "none"}).encode())
    unsigned = head + b"." + b64(json.dumps(claims()).encode()) + b"."
    refused(client, unsigned, 400)


# --- JSON -----------------------------------------------------------------------------------------------------------


def text_of(found):
    return json.dumps(found, ensure_ascii=False).encode()


JSON = {
    "duplicate claim": lambda t: t.replace(b'"schema": 1', b'"schema": 1, "schema": 1'),
    "duplicate claim, escaped": lambda t: t.replace(b'"schema": 1', b'"schema": 1, "sch\\u0065ma": 1'),
    "duplicate in data": lambda t: t.replace(b'"kind"', b'"name": "x", "kind"'),
    "two values": lambda t: t + b" 1",
    "two objects": lambda t: t + t,
    "cut": lambda t: t[:-1],
    "trailing comma": lambda t: t[:-1] + b",}",
    "comment": lambda t: t + b"// said",
    "single quotes": lambda t: t.replace(b'"', b"'"),
    "BOM": lambda t: b"\xef\xbb\xbf" + t,
    "UTF-16": lambda t: t.decode().encode("utf-16"),
    "not UTF-8": lambda t: t.replace("示".encode(), b"\xff"),
    "cut UTF-8": lambda t: t.replace("示".encode(), "示".encode()[:2]),
    "overlong UTF-8": lambda t: t.replace("示".encode(), b"\xc0\xaf"),
    "surrogate as UTF-8": lambda t: t.replace("示".encode(), b"\xed\xa0\x80"),
    "NUL": lambda t: t.replace("示".encode(), b"\x00"),
    "NUL escaped": lambda t: t.replace("示".encode(), b"\\u0000"),
    "control character": lambda t: t.replace("示".encode(), b"\x1f"),
    "control character escaped": lambda t: t.replace("示".encode(), b"\\u001f"),
    "right-to-left override": lambda t: t.replace("示".encode(), "\u202e".encode()),
    "lone surrogate": lambda t: t.replace("示".encode(), b"\\ud800"),
    "lone low surrogate": lambda t: t.replace("示".encode(), b"\\udc00"),
    "surrogates in the wrong order": lambda t: t.replace("示".encode(), b"\\udc00\\ud800"),
    "lone surrogate in a name": lambda t: t.replace(b'"kind"', b'"\\ud800": 1, "kind"'),
    "fraction": lambda t: t.replace(b'"schema": 1', b'"schema": 1.0'),
    "exponent": lambda t: t.replace(b'"schema": 1', b'"schema": 1e0'),
    "1e400": lambda t: t.replace(b'"schema": 1', b'"schema": 1e400'),
    "NaN": lambda t: t.replace(b'"schema": 1', b'"schema": NaN'),
    "Infinity": lambda t: t.replace(b'"schema": 1', b'"schema": -Infinity'),
    "leading zero": lambda t: t.replace(b'"schema": 1', b'"schema": 01'),
    "plus": lambda t: t.replace(b'"schema": 1', b'"schema": +1'),
    "minus zero": lambda t: t.replace(b'"schema": 1', b'"schema": -0'),
    "2^53": lambda t: t.replace(b'"schema": 1', b'"schema": 9007199254740992'),
    "10^400": lambda t: t.replace(b'"schema": 1', b'"schema": 1' + b"0" * 400),
    "10^5000": lambda t: t.replace(b'"schema": 1', b'"schema": 1' + b"0" * 5000),
    "true for a number": lambda t: t.replace(b'"schema": 1', b'"schema": true'),
    "text for a number": lambda t: t.replace(b'"schema": 1', b'"schema": "1"'),
    "null for a number": lambda t: t.replace(b'"schema": 1', b'"schema": null'),
    "object for a number": lambda t: t.replace(b'"schema": 1', b'"schema": {}'),
    "list for data": lambda t: re.sub(rb'"data": \{.*?\}', b'"data": []', t),
    "null for data": lambda t: re.sub(rb'"data": \{.*?\}', b'"data": null', t),
    "deep data": lambda t: re.sub(rb'"data": \{.*?\}', b'"data": ' + b"[" * DEEP + b"]" * DEEP, t),
    "deep data, not closed": lambda t: re.sub(rb'"data": \{.*?\}', b'"data": ' + b"[" * 45_000, t),
    "deep objects": lambda t: re.sub(rb'"data": \{.*?\}', b'"data": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000, t),
    "deep claim": lambda t: t.replace(b'"schema": 1', b'"schema": ' + b"[" * DEEP + b"]" * DEEP),
    "unknown claim": lambda t: t[:-1] + b', "colour": "red"}',
    "unknown field of data": lambda t: t.replace(b'"kind"', b'"colour": "red", "kind"'),
    "name of 40,000 characters": lambda t: t.replace(b'"kind"', b'"' + b"x" * 40_000 + b'": 1, "kind"'),
    "value of 40,000 characters": lambda t: t.replace(b"department", b"x" * 40_000),
    "3,000 claims": lambda t: t[:-1] + b"".join(b',"c%d":1' % n for n in range(3000)) + b"}",
    "_sd": lambda t: t[:-1] + b', "_sd": ["' + b"A" * 43 + b'"]}',
    "_sd_alg": lambda t: t[:-1] + b', "_sd_alg": "md5"}',
    "exp": lambda t: t[:-1] + b', "exp": 1}',
    "a list": lambda t: b"[" + t + b"]",
    "a number": lambda t: b"1",
    "a text": lambda t: b'"' + b64(t) + b'"',
    "an empty object": lambda t: b"{}",
    "null": lambda t: b"null",
}


@pytest.mark.parametrize("change", JSON.values(), ids=JSON)
def test_json_has_one_meaning_and_no_surprise(client, key, change):
    text = text_of(claims())
    assert change(text) != text
    refused(client, raw(key, change(text)), 400)


@pytest.mark.parametrize("change", [JSON[n] for n in ("BOM", "duplicate claim", "NUL escaped", "deep claim", "NaN")])
def test_the_header_is_read_as_strictly(client, key, change):
    text = text_of({**header(key), "schema": 1, "x": "示"})
    refused(client, raw(key, claims(), change(text)), 400, "header")


@pytest.mark.parametrize("inner", ["[", '{"a":'])
@pytest.mark.parametrize("escape", ['"\\u0041"', "1"])
def test_no_depth_breaks_the_reader(client, key, inner, escape):
    """Just below the depth at which Python gives up reading, writing and repeating give up first."""
    close = {"[": "]", '{"a":': "}"}[inner]
    for depth in [*range(100, 1000, 50), *range(900, 1000, 4)]:
        text = text_of(claims()).replace('"示例单位"'.encode(), (inner * depth + escape + close * depth).encode())
        answer = client.post("/api/v1/events", content=raw(key, text), headers=JOSE)
        is_problem(answer, 400)
    assert client.get("/readyz").status_code == 200


# --- claims ---------------------------------------------------------------------------------------------------------

CLAIMS = {
    "iss empty": {"iss": ""},
    "iss in lower case": {"iss": OPERATOR.uscc.lower()},
    "iss provisional": {"iss": "p-0123456789abcdef"},
    "iss too long": {"iss": OPERATOR.uscc + "0"},
    "iat text": {"iat": "now"},
    "iat negative": {"iat": -1},
    "iat enormous": {"iat": 2**53 - 1},
    "jti version 4": {"jti": "0198c5a2-0000-4000-8000-000000000001"},
    "jti in capitals": {"jti": "0198C5A2-0000-7000-8000-00000000000A"},
    "jti with braces": {"jti": "{0198c5a2-0000-7000-8000-000000000001}"},
    "jti empty": {"jti": ""},
    "stream without kind": {"stream": "x"},
    "stream of unknown kind": {"stream": "weather/1"},
    "stream of a kind to come": {"stream": "complaint/1"},
    "stream with a space": {"stream": "body/a b"},
    "stream with a slash": {"stream": "body/a/b"},
    "stream with dots": {"stream": "body/../ledger"},
    "stream too long": {"stream": "body/" + "a" * 65},
    "version 0": {"version": 0},
    "version negative": {"version": -1},
    "version enormous": {"version": 2**31 + 1},
    "prev at version 1": {"prev": "0" * 64},
    "no prev at version 2": {"version": 2},
    "prev in capitals": {"version": 2, "prev": "A" * 64},
    "prev too short": {"version": 2, "prev": "0" * 63},
    "event unknown": {"event": "BodyPainted"},
    "event of another kind": {"event": "CommitmentMade"},
    "event of the past": {"event": "body_registered"},
    "event dunder": {"event": "__class__"},
    "schema unknown": {"schema": 2},
    "schema 0": {"schema": 0},
    "basis empty": {"basis": []},
    "basis null": {"basis": None},
    "basis text": {"basis": ["a plan"]},
    "basis without hash": {"basis": [{"title": "a plan"}]},
    "basis with a bad day": {"basis": [{"title": "a", "sha256": "0" * 64, "dated": "2026-02-30"}]},
    "basis too long": {"basis": [{"title": "a", "sha256": "0" * 64}] * 21},
    "cause no id": {"cause": "because"},
    "data empty": {"data": {}},
    "data kind unknown": {"data": {"name": "单位", "kind": "ministry of magic"}},
    "data name empty": {"data": {"name": "", "kind": "department"}},
    "data name of spaces": {"data": {"name": "  ", "kind": "department"}},
    "data name too long": {"data": {"name": "诺" * 201, "kind": "department"}},
    "data null": {"data": {"name": "单位", "kind": "department", "region": None}},
}


@pytest.mark.parametrize("change", CLAIMS.values(), ids=CLAIMS)
def test_every_claim_is_bounded(client, key, change):
    refused(client, raw(key, {**claims(), **change}), 400)


@pytest.mark.parametrize("missing", ["iss", "iat", "jti", "stream", "version", "event", "schema", "data"])
def test_no_claim_may_be_missing(client, key, missing):
    refused(client, raw(key, {n: v for n, v in claims().items() if n != missing}), 400, missing)


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


def submit(client, installation, stream, fact, basis=()):
    head = client.get(f"/api/v1/streams/{stream}/head").json()
    event = operator(installation).write(stream, Head(head["version"], head["hash"]), fact, basis)
    answer = client.post("/api/v1/events", content=event, headers=JOSE)
    assert answer.status_code == 201, answer.text
    return answer.json()


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


# --- place ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "prev"), [(0, "right"), (1, None), (2, "wrong"), (3, "right"), (4, "wrong"), (2**31 - 2, "right")]
)
def test_an_event_follows_its_streams_head_exactly(client, installation, version, prev):
    """Wrong version, wrong ``prev``, a gap: all are conflicts that tell the head."""
    stream = f"body/{new_uscc()}"
    submit(client, installation, stream, BodyRegistered("单位", Kind.DEPARTMENT))
    submit(client, installation, stream, BodyRenamed("新单位"), PAPER)
    right = client.get(f"/api/v1/streams/{stream}/head").json()
    prev = {"right": right["hash"], "wrong": "0" * 64, None: "1" * 64}[prev]
    head = Head(version, prev if version else None)
    event = operator(installation).write(stream, head, BodyRenamed("再改"), PAPER)
    found = refused(client, event, 409)
    assert found["head"] == {"version": 2, "hash": right["hash"]}


def test_a_clock_far_ahead_is_refused(client, installation):
    far = replace(operator(installation), clock=lambda: utc_now() + timedelta(days=1))
    event = far.write(f"body/{new_uscc()}", Head(0, None), BodyRegistered("单位", Kind.DEPARTMENT))
    found = refused(client, event, 422, "ahead")
    assert found["rule"] == "event.iat"


def test_a_second_founding_is_refused(client, installation):
    root = keystore.load(installation.settings.keys / "root.pem")
    ledger = installation.ledger
    fact = LedgerFounded("other.example", root.public, ledger.public_key, ledger.log_key.verifier.vkey)
    event = Author("ledger", root).write("body/ledger", ledger.head("body/ledger"), fact)
    refused(client, event, 422)


def test_an_event_written_to_an_unfounded_ledger_is_refused(databases, tmp_path):
    name = databases.create()
    with open_installation(Settings(tmp_path / "home", databases.url(name)), founding=True) as installation:
        author = Author(OPERATOR.uscc, PrivateKey.from_seed(bytes(32)))
        event = author.write(OWN, Head(0, None), BodyRegistered("单位", Kind.DEPARTMENT))
        with pytest.raises(SignatureError):
            installation.ledger.submit(event).result()
        assert installation.ledger.reader.entries(0, 9) == []
    databases.drop(name)


# --- anything -------------------------------------------------------------------------------------------------------


@given(body=st.binary(max_size=300), kind=st.sampled_from([JOSE, NDJSON]))
def test_arbitrary_bytes_are_refused(client, body, kind):
    before = head_of(client)
    answer = client.post("/api/v1/events", content=body, headers=kind)
    assert answer.status_code in {207, 400, 413}
    for line in [answer.content] if answer.status_code == 400 else answer.content.splitlines():
        check_problem(json.loads(line), 400)
    assert head_of(client) == before


@given(data=st.data())
def test_a_valid_event_with_some_bytes_changed_is_refused(client, installation, data):
    event = registration(installation, 10)
    changed = bytearray(event)
    for place in data.draw(st.lists(st.integers(0, len(event) - 1), min_size=1, max_size=4, unique=True)):
        changed[place] = data.draw(st.integers(0, 255).filter(lambda b, old=event[place]: b != old))
    before = head_of(client)
    answer = client.post("/api/v1/events", content=bytes(changed), headers=JOSE)
    assert answer.status_code in {400, 403}, answer.text
    check_problem(answer.json(), answer.status_code)
    assert head_of(client) == before


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@given(name=st.sampled_from([*claims(), "prev", "basis", "cause", "data.name", "data.kind", "x"]), value=JSON_VALUES)
def test_a_well_signed_event_with_any_claim_of_any_value_is_answered(client, installation, name, value):
    """It is taken only where the value happens to be right."""
    found = claims()
    claim, _, field = name.partition(".")
    if field:
        found["data"][field] = value
    else:
        found[claim] = value
    event = raw(key_of(installation), json.dumps(found).encode())
    answer = client.post("/api/v1/events", content=event, headers=JOSE)
    assert answer.status_code in {201, 400, 403, 409, 422}, answer.text
    if answer.status_code != 201:
        check_problem(answer.json(), answer.status_code)


@given(path=st.text(max_size=40), method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "X"]))
def test_no_address_fails(client, path, method):
    for prefix in ("/", "/log/", "/log/tile/", "/log/proof/", "/api/v1/", "/api/v1/streams/body/", "/api/v1/receipts/"):
        answer = client.request(method, prefix + quote(path, errors="replace"), follow_redirects=False)
        assert answer.status_code < 500, (method, prefix, path)
