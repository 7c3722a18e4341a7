"""What is skimmed is what would be parsed: never more, and the same claims."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import codec
from ledger.domain.body import BodyRegistered, KeyAuthorised
from ledger.domain.body_terms import Kind
from ledger.domain.codec import Many, Name, Prose, Range, Text
from ledger.domain.commitment import CommitmentMade, ProgressReported
from ledger.domain.commitment_terms import Area, Every, Recurrence
from ledger.domain.commitment_terms import Kind as Sort
from ledger.domain.event import Document, Event
from ledger.domain.pattern import LONGEST, in_order, pattern
from ledger.errors import FormatError
from ledger.proof import strictjson
from ledger.proof.event import ALG, TYP, claims, parse
from ledger.proof.keys import b64url
from ledger.proof.skim import skim, skimmed
from tests.proof.test_event_reading import events
from tests.strategies import every_fact_class, facts

JTI = "0198c5a2-0000-7000-8000-000000000001"
USCC = "11990000000000019A"
DOCUMENT = Document("方案（虚构）", "ab" * 32, "示政发〔2024〕1号", None, date(2024, 1, 2))


def jws_of(payload: bytes, signature: bytes = bytes(64), **header) -> bytes:
    """A compact JWS of that payload, in form; nobody signed it."""
    head = {"alg": ALG, "kid": "k" * 43, "typ": TYP} | header
    return f"{b64url(json.dumps(head).encode())}.{b64url(payload)}.{b64url(signature)}".encode()


def both_agree(jws: bytes) -> bool:
    """Whether it was skimmed; if so, parsing reads the same."""
    found = skim(jws)
    if found is not None:
        assert found == skimmed(parse(jws))
    return found is not None


@given(events())
def test_every_event_is_skimmed_as_it_is_parsed_or_not_at_all(event):
    both_agree(jws_of(strictjson.dumps(claims(event))))


PLAIN = [
    ("body", BodyRegistered("示例单位（虚构）", Kind.DEPARTMENT, "140800", USCC)),
    ("body", KeyAuthorised("x" * 43)),
    ("commitment", ProgressReported("第一行\n第二行，已完成一半。", (DOCUMENT, DOCUMENT), percent=50)),
    (
        "commitment",
        CommitmentMade(
            "限时办结",
            "一次性告知。",
            Sort.PLAN,
            Area.GENERAL,
            USCC,
            lead=(USCC,),
            due=date(2027, 12, 31),
            section="二",
        ),
    ),
    (
        "commitment",
        CommitmentMade(
            "每半年报告", "报告。", Sort.PLAN, Area.GENERAL, USCC, recurrence=Recurrence(every=Every("half_year"))
        ),
    ),
]


@pytest.mark.parametrize(("kind", "fact"), PLAIN)
@pytest.mark.parametrize("basis", [(), (DOCUMENT,)])
@pytest.mark.parametrize("cause", [None, JTI])
def test_what_is_usual_is_skimmed(kind, fact, basis, cause):
    event = Event(USCC, 1790000000, JTI, f"{kind}/x", 2, "ab" * 32, fact, basis, cause)
    assert both_agree(jws_of(strictjson.dumps(claims(event))))


@given(
    events() | st.sampled_from([Event(USCC, 1, JTI, f"{k}/x", 1, None, f, (DOCUMENT,)) for k, f in PLAIN]), st.data()
)
def test_whatever_is_changed_in_a_payload_nothing_is_skimmed_that_is_refused(event, data):
    payload = bytearray(strictjson.dumps(claims(event)))
    pieces = [b"", b" ", b"0", b"-", b'"', b"\\", b",", b"}", b"]", b"[", b"\x00", b"\xff", b"\\n", b"\xe3\x80\x80"]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(payload) - 1))
        payload[at : at + data.draw(st.integers(0, 2))] = data.draw(st.sampled_from(pieces) | st.binary(max_size=2))
    both_agree(jws_of(bytes(payload)))


@given(st.data())
def test_whatever_is_changed_in_a_fact_its_pattern_matches_only_what_decodes(data):
    cls = data.draw(st.sampled_from(every_fact_class()))
    text = strictjson.dumps(codec.encode(data.draw(facts(cls)))).decode()
    at, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 3))
    text = text[:at] + data.draw(st.text('"\\{}[],: \n019-aé测\u2028\u3000', max_size=3)) + text[at + length :]
    if len(text) <= LONGEST and re.fullmatch(pattern(cls), text) and in_order(text):
        codec.decode(cls, strictjson.loads(text.encode(errors="surrogatepass"), "fact"))


@dataclass(frozen=True)
class Edges:
    """Every sort of field whose ends matter."""

    name: Name
    few: Annotated[tuple[Annotated[int, Range(0, 100)], ...], Many(2)] = ()
    day: date | None = None
    sum: Annotated[int, Range(1, 10**15)] | None = None
    prose: Prose | None = None
    short: Annotated[str, Text(3, lines=True)] | None = None


EDGES = {
    "name": [
        "a",
        "a" * 200,
        "a" * 201,
        "",
        " ",
        "\u3000",
        " a",
        "a ",
        "a\nb",
        "a\u202eb",
        "\ufeff",
        "é",
        "龘",
        "😀",
        'a"b',
    ],
    "few": [[], [0], [99], [100], [101], [-1], [1, 2], [1, 2, 3], [True], ["1"], [1.0], None],
    "day": [
        "2024-02-29",
        "2023-02-29",
        "2024-02-28",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "2024-04-31",
        "2024-13-01",
    ],
    "sum": [0, 1, 10**15 - 1, 10**15, 10**15 + 1],
    "prose": ["a\nb", "a\tb", "\na", "a\r\nb", "a" * 8000, "a" * 8001, "a\\nb", "a\x00b", "a\u2028b"],
    "short": ["abc", "abcd", "a\nb"],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in EDGES.items() for value in values])
def test_at_every_edge_the_pattern_is_as_narrow_as_decoding(field, value):
    data = strictjson.dumps({"name": "a"} | {field: value})
    try:
        codec.decode(Edges, strictjson.loads(data, "x"))
        accepted = True
    except FormatError:
        accepted = False
    text = data.decode()
    matched = re.fullmatch(pattern(Edges), text) is not None and len(text) <= LONGEST
    assert not matched or accepted


def test_other_headers_signatures_and_parts_are_left_to_parsing():
    event = Event(USCC, 1, JTI, "body/x", 1, None, PLAIN[0][1])
    payload = strictjson.dumps(claims(event))
    good = jws_of(payload)
    assert both_agree(good)
    for bad in (
        jws_of(payload, alg="none"),
        jws_of(payload, extra="x"),
        jws_of(payload, bytes(63)),
        good + b"~",
        good[:-1] + b"B",
        good + b".x",
        good.replace(b".", b"", 1),
        good.replace(b".", b"..", 1),
        b"",
        b"..",
    ):
        assert skim(bad) is None


def test_an_unknown_event_is_left_to_parsing():
    event = Event(USCC, 1, JTI, "body/x", 1, None, PLAIN[0][1])
    payload = strictjson.dumps(claims(event))
    for changed in (payload.replace(b"BodyRegistered", b"BodyInvented"), payload.replace(b"body/x", b"person/x")):
        assert skim(jws_of(changed)) is None
