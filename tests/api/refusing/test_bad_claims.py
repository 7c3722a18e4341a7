"""Claims, places in a stream, and anything at all: a clear refusal, never a 5xx, and nothing half-stored."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.authoring import Author, utc_now
from ledger.domain.body import BodyRegistered, BodyRenamed, LedgerFounded
from ledger.domain.body_terms import Kind
from ledger.domain.event import Document
from ledger.errors import Head, SignatureError
from ledger.installation import open_installation
from ledger.keys import keystore
from ledger.proof.keys import PrivateKey
from ledger.settings import Settings
from tests.api.refusing.refusal import head_of, refused, submit
from tests.api.submitting import (
    JOSE,
    NDJSON,
    check_problem,
    claims,
    key_of,
    new_uscc,
    operator,
    raw,
    registration,
)
from tests.conftest import OPERATOR

OWN = f"body/{OPERATOR.uscc}"
PAPER = (Document("会议纪要", "ab" * 32),)


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
