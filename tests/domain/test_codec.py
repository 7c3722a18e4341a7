"""Facts as JSON: strict in, canonical out, and every field of every fact bounded."""

from __future__ import annotations

import dataclasses
import json
import typing
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.codec import (
    BodyId,
    Fen,
    Many,
    Name,
    Prose,
    Range,
    Sha256,
    Shape,
    Text,
    bodies,
    decode,
    encode,
)
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.kinds import KINDS, fact_class, kind_of, topic
from ledger.errors import FormatError
from tests.strategies import every_fact_class, facts

CITY = fictional_uscc(1)
BUREAU = fictional_uscc(2)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    who: BodyId | None = None
    what: Name | None = None


@dataclass(frozen=True)
class Outer:
    SCHEMA: ClassVar[int] = 1
    title: Name
    text: Prose | None = None
    money: Fen | None = None
    colour: Colour = Colour.RED
    due: date | None = None
    kept: bool = False
    file: Sha256 | None = None
    who: BodyId | None = None
    others: Annotated[tuple[BodyId, ...], Many(2)] = ()
    inner: Inner | None = None
    more: tuple[Inner, ...] = ()


@pytest.mark.parametrize("cls", every_fact_class(), ids=lambda c: c.__name__)
@given(data=st.data())
def test_every_fact_survives_encoding_to_json_and_back(cls: type, data: st.DataObject) -> None:
    fact = data.draw(facts(cls))
    written = json.dumps(encode(fact), ensure_ascii=False)
    assert decode(cls, json.loads(written, parse_float=pytest.fail)) == fact
    assert not has_null(encode(fact))


def has_null(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(map(has_null, inner))


@pytest.mark.parametrize("kind", KINDS)
def test_every_fact_is_frozen_numbered_and_found_by_its_name(kind: str) -> None:
    for cls in KINDS[kind].facts.values():
        blank: Any = object.__new__(cls)
        assert cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert blank.SCHEMA >= 1
        assert fact_class(kind, cls.__name__, blank.SCHEMA) is cls
        assert topic(blank) == f"{cls.__name__}/{blank.SCHEMA}"


@pytest.mark.parametrize(
    ("kind", "name", "schema"), [("body", "CommitmentMade", 1), ("body", "BodyRenamed", 2), ("commitment", "", 1)]
)
def test_an_event_of_another_name_kind_or_schema_is_refused(kind: str, name: str, schema: int) -> None:
    with pytest.raises(FormatError, match=f"expected an event of {kind} .*, got {name}/{schema}"):
        fact_class(kind, name, schema)


@pytest.mark.parametrize("stream", ["nothing/1", "commitments/1", "body", ""])
def test_a_stream_of_no_known_kind_is_refused(stream: str) -> None:
    with pytest.raises(FormatError, match="stream: expected"):
        kind_of(stream)


def unbounded(hint: Any) -> bool:
    """Whether a value of this annotation could grow without end, or be coerced."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is ClassVar or hint in (bool, date):
        return False
    if origin is Annotated:
        if any(isinstance(m, Many) for m in args[1:]):
            return unbounded(get_args(args[0])[0])
        return not any(isinstance(m, Text | Shape | Range) for m in args[1:])
    if origin is tuple:
        return unbounded(args[0])  # the codec allows at most 100 items
    if type(None) in args:
        return any(unbounded(a) for a in args if a is not type(None))
    if dataclasses.is_dataclass(hint):
        return any(map(unbounded, typing.get_type_hints(hint, include_extras=True).values()))
    return not (isinstance(hint, type) and issubclass(hint, StrEnum))


@pytest.mark.parametrize("cls", every_fact_class(), ids=lambda c: c.__name__)
def test_every_field_of_every_fact_is_bounded(cls: type) -> None:
    for name, hint in typing.get_type_hints(cls, include_extras=True).items():
        assert not unbounded(hint), f"{cls.__name__}.{name}: {hint}"


def test_every_shape_is_bounded() -> None:
    """A pattern with * or + would let a string grow without end."""
    for cls in every_fact_class():
        for pattern in _patterns(cls):
            assert "*" not in pattern, pattern
            assert "+" not in pattern, pattern


def _patterns(hint: Any) -> list[str]:
    found = [m.pattern for m in get_args(hint)[1:] if isinstance(m, Shape)]
    inner = list(get_args(hint))
    if dataclasses.is_dataclass(hint):
        inner = list(typing.get_type_hints(hint, include_extras=True).values())
    return found + [p for h in inner if not isinstance(h, Shape) for p in _patterns(h)]


@pytest.mark.parametrize("hint", [str, int, float, dict[str, str], list[str], Name | date, tuple[Name, Name], Any])
def test_a_fact_with_a_field_without_bounds_cannot_be_decoded_at_all(hint: Any) -> None:
    cls = dataclasses.make_dataclass("Loose", [("field", hint)], frozen=True)
    with pytest.raises(TypeError, match="a field of a fact needs bounds"):
        decode(cls, {"field": "x"})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "data: expected an object"),
        (None, "data: expected an object"),
        ({}, "data: expected the field title, got none"),
        ({"title": "a", "x" * 100: 1}, "data: expected no field but title, text"),
        ({"title": 1}, "data.title: expected 1 to 200 characters, got 1"),
        ({"title": ""}, "data.title: expected 1 to 200 characters"),
        ({"title": " \u3000"}, "data.title: expected 1 to 200 characters"),
        ({"title": "诺" * 201}, "data.title: expected 1 to 200 characters"),
        ({"title": "a\nb"}, "data.title: expected no control characters"),
        ({"title": "a\x00"}, "data.title: expected no control characters"),
        ({"title": "\ufeffa"}, "data.title: expected no control characters"),
        ({"title": "\ud800"}, "data.title: expected no control characters"),
        ({"title": "a\u202eb"}, "data.title: expected no control characters"),
        ({"title": "a", "text": "a\rb"}, "data.text: expected no control characters"),
        ({"title": "a", "text": "a\u2028b"}, "data.text: expected no control characters"),
        ({"title": "a", "text": None}, "data.text: expected 1 to 8000 characters"),
        ({"title": "a", "money": True}, "data.money: expected a whole number"),
        ({"title": "a", "money": 1.0}, "data.money: expected a whole number"),
        ({"title": "a", "money": -1}, "data.money: expected a whole number from 0 to"),
        ({"title": "a", "money": 10**15 + 1}, "data.money: expected a whole number from 0 to"),
        ({"title": "a", "colour": "RED"}, "data.colour: expected one of red, blue, got 'RED'"),
        ({"title": "a", "colour": ["red"]}, "data.colour: expected one of red, blue"),
        ({"title": "a", "due": "2026-02-29"}, "data.due: expected a day as YYYY-MM-DD"),
        ({"title": "a", "due": "20260228"}, "data.due: expected a day as YYYY-MM-DD"),
        ({"title": "a", "due": "２026-02-28"}, "data.due: expected a day as YYYY-MM-DD"),
        ({"title": "a", "due": "0000-01-01"}, "data.due: expected a day as YYYY-MM-DD"),
        ({"title": "a", "kept": 1}, "data.kept: expected true or false, got 1"),
        ({"title": "a", "file": "AB" * 32}, "data.file: expected 64 lower-case"),
        ({"title": "a", "file": "ab" * 32 + "\n"}, "data.file: expected 64 lower-case"),
        ({"title": "a", "who": "somebody"}, "data.who: expected a body's id"),
        ({"title": "a", "others": []}, "data.others: expected a list of 1 to 2 items"),
        ({"title": "a", "others": [CITY] * 3}, "data.others: expected a list of 1 to 2 items"),
        ({"title": "a", "others": CITY}, "data.others: expected a list of 1 to 2 items"),
        ({"title": "a", "others": [CITY, 7]}, r"data.others\[1\]: expected a body's id"),
        ({"title": "a", "inner": {"what": 5}}, "data.inner.what: expected 1 to 200"),
        ({"title": "a", "more": [{}, {"x": 5}]}, r"data.more\[1\]: expected no field but who, what, got x"),
    ],
)
def test_bad_json_is_refused_with_the_place_what_was_expected_and_what_came(value: Any, message: str) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        decode(Outer, value)
    assert caught.value.zh
    assert len(str(caught.value)) < 600


def test_prose_may_have_lines_and_a_name_may_not() -> None:
    assert decode(Outer, {"title": "a", "text": "一、\n\t二、"}).text == "一、\n\t二、"


def test_fields_at_their_default_are_left_out() -> None:
    assert encode(Outer("a")) == {"title": "a"}
    assert encode(Outer("a", colour=Colour.BLUE, kept=True, more=(Inner(),))) == {
        "title": "a",
        "colour": "blue",
        "kept": True,
        "more": [{}],
    }


def test_all_bodies_that_a_fact_names_are_found_however_deep() -> None:
    fact = Outer(CITY, who=CITY, others=(BUREAU, "ledger"), inner=Inner(CITY), more=(Inner(), Inner(BUREAU)))
    assert list(bodies(fact)) == [CITY, BUREAU, "ledger", CITY, BUREAU]


def test_a_name_that_only_looks_like_a_body_is_none() -> None:
    assert list(bodies(Outer(CITY, text=CITY))) == []
