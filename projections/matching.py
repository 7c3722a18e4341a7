"""By what a body is found when others name it: its own and its former names, their usual short forms, their sound.

Keys are compared as :func:`key_of` makes them: full-width letters and brackets are the ordinary ones, spaces and
quotation marks say nothing. How a key came about (:class:`Way`) says how sure a match by it is; a short form or a sound
is a hint for people and decides nothing (G05: who is intercepted is intercepted by name or code).

>>> key_of("示例市 财政局（虚构）")
'示例市财政局(虚构)'
>>> [(key, way.value) for key, way, name in keys_of("示例市财政局", ())][:4]
[('示例市财政局', 'name'), ('市财政局', 'short'), ('财政局', 'short'), ('shilishicaizhengju', 'sound')]
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from ledger.domain.body import Body
from projections.pinyin import spellings
from projections.projection import Case, Projection, Row, Table
from projections.short_names import short_names


class Way(StrEnum):
    """How a key came about, the surest first."""

    NAME = "name"  # 现用名称
    FORMER = "former"  # 曾用名称
    SHORT = "short"  # 通用简称
    SOUND = "sound"  # 同音


class KeyRow(NamedTuple):
    """A key of a body; ``name`` is the name of it that the key was made from."""

    body: str
    key: str
    way: str  # Way
    name: str


KEYS = Table("keys", KeyRow, 2, ("(key)",))
_SAYS_NOTHING = re.compile(r"[\s\"'“”‘’「」『』《》〈〉·•]+")

_OF_BRACKETS = re.compile(r"\([^()]*\)$")


@lru_cache(maxsize=20_000)  # a body's names are asked for again at each of its events
def key_of(name: str) -> str:
    """The name as it is compared."""
    return _SAYS_NOTHING.sub("", unicodedata.normalize("NFKC", name)).casefold()


@lru_cache(maxsize=20_000)
def sounds_of(name: str) -> tuple[str, ...]:
    """How a name may sound, as keys; none for a name in which nothing is Chinese."""
    return tuple(dict.fromkeys(spelling.full.replace(" ", "") for spelling in spellings(key_of(name))))


def keys_of(name: str, former: Iterable[str]) -> Iterator[tuple[str, Way, str]]:
    """Every key of a body with these names, each once, with the surest way to it and the name that it is from."""
    found: dict[str, tuple[Way, str]] = {}
    names = dict.fromkeys((name, *former))
    for each in names:
        found.setdefault(key_of(each), (Way.NAME if each == name else Way.FORMER, each))
    for each in names:
        for short in (_OF_BRACKETS.sub("", key_of(each)), *short_names(each)):
            found.setdefault(key_of(short), (Way.SHORT, each))
    for each in names:
        for sound in sounds_of(each):
            found.setdefault(sound, (Way.SOUND, each))
    return ((key, way, own) for key, (way, own) in found.items() if key)


def _rows(case: Case) -> Iterator[Row]:
    body: Body = case.state
    return (KeyRow(case.id, key, way, own) for key, way, own in keys_of(body.name, body.former_names))


PROJECTION = Projection("matching", 1, (KEYS,), frozenset({"body"}), _rows)
