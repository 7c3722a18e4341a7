"""The form of an event: JWS, header, JSON. Each refusal is clear, in both languages, and stores nothing."""

from __future__ import annotations

import base64
import json
import re

import pytest

from ledger.proof.disclosure import MAX_PRESENTATION
from ledger.proof.event import MAX_JWS
from tests.api.refusing.refusal import head_of, refused
from tests.api.submitting import (
    JOSE,
    NDJSON,
    b64,
    check_problem,
    claims,
    header,
    is_problem,
    raw,
    registration,
)

DEEP = 10_000


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
    is_problem(client.post("/api/v1/events", content=raw(key, long), headers=JOSE), 400)
    longer = raw(key, long) + b"~" + b"x" * MAX_PRESENTATION
    is_problem(client.post("/api/v1/events", content=longer, headers=JOSE), 413)
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
