"""Hypothesis strategies for every fact of every kind of case, read off the annotations that the codec enforces.

A new fact or field needs no new strategy: what :mod:`ledger.domain.codec` can decode, this can make.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin

from hypothesis import strategies as st

from ledger.domain.codec import Ascending, Many, Range, Shape, Text, _Body
from ledger.domain.kinds import KINDS

_CHARACTERS = st.characters(
    exclude_categories=("Cc", "Cs"),
    exclude_characters="\u2028\u2029\u202a\u202b\u202c\u202d\u202e\ufeff\u2066\u2067\u2068\u2069",
)


@dataclasses.dataclass(frozen=True)
class Pool:
    """Where values are drawn from; empty fields: anything that the schema allows."""

    bodies: Sequence[str] = ()
    days: tuple[date, date] = (date.min, date.max)


def every_fact_class() -> list[type]:
    """The classes of all facts of all kinds, in a stable order."""
    return [cls for kind in KINDS.values() for cls in kind.facts.values()]


def facts(cls: type, pool: Pool = Pool()) -> st.SearchStrategy[Any]:
    """Instances of a fact, or of a dataclass inside one."""
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = {}
    for field in dataclasses.fields(cls):
        strategy = values(hints[field.name], pool)
        if field.default is not dataclasses.MISSING:
            strategy = st.just(field.default) | strategy
        fields[field.name] = strategy
    return st.builds(cls, **fields)


def values(hint: Any, pool: Pool = Pool()) -> st.SearchStrategy[Any]:
    """Values of an annotation of a fact's field."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _constrained(args[0], args[1:], pool)
    if origin in (types.UnionType, Union):
        return values(next(a for a in args if a is not type(None)), pool)
    if origin is tuple:
        return _tuples(args[0], 100, pool)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    if hint is date:
        return st.dates(*pool.days)
    if hint is bool:
        return st.booleans()
    return facts(hint, pool)


def _constrained(hint: Any, marks: tuple[Any, ...], pool: Pool) -> st.SearchStrategy[Any]:
    if pool.bodies and any(isinstance(m, _Body) for m in marks):
        return st.sampled_from(pool.bodies)
    mark = next(m for m in marks if isinstance(m, Text | Shape | Range | Many))
    if isinstance(mark, Text):
        return _texts(mark)
    if isinstance(mark, Shape):
        return st.from_regex(mark.pattern, fullmatch=True)
    if isinstance(mark, Range):
        return st.integers(mark.least, mark.most)
    tuples, ascending = _tuples(get_args(hint)[0], mark.most, pool), any(isinstance(m, Ascending) for m in marks)
    return tuples.map(lambda items: tuple(sorted(set(items)))) if ascending else tuples


def _texts(mark: Text) -> st.SearchStrategy[str]:
    characters = _CHARACTERS | st.sampled_from("\t\n") if mark.lines else _CHARACTERS
    short = st.text(characters, min_size=1, max_size=min(mark.longest, 30)).filter(str.strip)
    return short | st.just("诺" * mark.longest)


def _tuples(item: Any, most: int, pool: Pool) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values(item, pool), min_size=1, max_size=min(most, 3)).map(tuple)
