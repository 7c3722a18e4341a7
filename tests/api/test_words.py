"""Every code, event and field of the domain has words in both languages."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
import typing
from collections.abc import Iterator
from enum import StrEnum

import pytest

import ledger.domain
from api.words import EVENTS, FIELDS, WORDS, event_word, field_word, word
from ledger.domain.codec import _unwrap
from ledger.domain.kinds import KINDS

CHINESE = re.compile("[\u4e00-\u9fff]")


def enumerations() -> list[type[StrEnum]]:
    """Every StrEnum that a module of the domain defines."""
    found: dict[str, type[StrEnum]] = {}
    for info in pkgutil.walk_packages(ledger.domain.__path__, "ledger.domain."):
        module = importlib.import_module(info.name)
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum:
                found[f"{value.__module__}.{value.__name__}"] = value
    return list(found.values())


def fact_classes() -> list[type]:
    return [cls for kind in KINDS.values() for cls in kind.facts.values()]


def with_values(cls: type) -> Iterator[type]:
    """A fact and the values inside it."""
    yield cls
    hints = typing.get_type_hints(cls, include_extras=True)
    for field in dataclasses.fields(cls):
        inner, _ = _unwrap(hints[field.name])
        if dataclasses.is_dataclass(inner):
            assert isinstance(inner, type)
            yield from with_values(inner)


def fields() -> set[tuple[str, str]]:
    """The fields of every fact and of the values inside them, each with its class."""
    classes = {inner for cls in fact_classes() for inner in with_values(cls)}
    return {(cls.__name__, field.name) for cls in classes for field in dataclasses.fields(cls)}


@pytest.mark.parametrize("enumeration", enumerations(), ids=lambda e: f"{e.__module__}.{e.__name__}")
def test_every_member_of_an_enumeration_has_words(enumeration):
    for member in enumeration:
        found = word(member)
        assert CHINESE.search(found.zh), member
        assert re.search("[A-Za-z]", found.en), member
        assert not CHINESE.search(found.en), member


@pytest.mark.parametrize("enumeration", enumerations(), ids=lambda e: f"{e.__module__}.{e.__name__}")
def test_no_two_members_of_an_enumeration_read_the_same(enumeration):
    assert len({word(m).zh for m in enumeration}) == len({word(m).en for m in enumeration}) == len(enumeration)


def test_the_walk_finds_the_enumerations_that_the_site_shows():
    found = {f"{e.__module__.removeprefix('ledger.domain.')}.{e.__name__}" for e in enumerations()}
    assert {"body_terms.Status", "commitment_due.Standing", "record.state.Standing", "record.terms.Severity"} <= found


def test_every_event_has_words_and_no_words_are_left_over():
    assert set(EVENTS) == {cls.__name__ for cls in fact_classes()}
    assert all(CHINESE.search(event_word(name).zh) for name in EVENTS)


def test_every_field_of_every_fact_has_words():
    for cls, name in fields():
        found = field_word(name, cls)
        assert found.zh, (cls, name)
        assert re.search("[A-Za-z]", found.en), (cls, name)
        assert not CHINESE.search(found.en), (cls, name)


def test_no_words_of_a_field_are_left_over():
    own = {name for name in FIELDS if "." in name}
    assert own <= {f"{cls}.{name}" for cls, name in fields()}
    assert set(FIELDS) - own == {name for cls, name in fields() if f"{cls}.{name}" not in own}


def test_no_two_fields_of_a_fact_read_the_same():
    for cls in {cls for cls, _ in fields()}:
        names = [name for found, name in fields() if found == cls]
        assert len({field_word(name, cls) for name in names}) == len(names), cls


def test_each_enumeration_has_a_table_of_its_own_since_members_of_two_may_be_equal():
    assert all(type(code) is enumeration for enumeration, table in WORDS.items() for code in table)
