"""Every code of the domain in words: Chinese first, English beside it. The one table; the glossary decides the terms.

Its rows stand in rooms, one for each field of the domain (``words_body``, ``words_record`` …). A field of two facts may
read differently: the row ``Fact.field`` goes before the row ``field``.

>>> from ledger.domain.body_terms import Status
>>> word(Status.PROVISIONAL)
Word(zh='临时登记（待认领）', en='Provisional, to be claimed')
>>> event_word("CommitmentBroken").zh
'认定失诺'
>>> field_word("grounds").en, field_word("measure", "PenaltyImposed").zh
('Grounds', '惩戒措施')
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from api.words import body as words_body
from api.words import commitment as words_commitment
from api.words import common as words_common
from api.words import complaint as words_complaint
from api.words import person as words_person
from api.words import policy as words_policy
from api.words import record as words_record
from api.words import remedies as words_remedies
from api.words import screening as words_screening
from api.words import seals as words_seals
from api.words import supervision as words_supervision
from api.words.table import Word

K = TypeVar("K")
V = TypeVar("V")

ROOMS = (
    *(words_body, words_commitment, words_record, words_remedies),
    *(words_complaint, words_person, words_policy, words_screening, words_seals, words_supervision),
)


def _merged(tables: Iterable[Mapping[K, V]]) -> Mapping[K, V]:
    """All rows of the rooms; no row stands in two."""
    found: dict[K, V] = {}
    for rows in tables:
        assert not found.keys() & rows.keys(), found.keys() & rows.keys()
        found |= rows
    return found


# One table for each enumeration: members of two enumerations may be equal as text.
WORDS: Mapping[type[StrEnum], Mapping[StrEnum, Word]] = _merged(dict(room.ENUMS) for room in ROOMS)
EVENTS: Mapping[str, Word] = _merged(room.EVENTS for room in ROOMS)
FIELDS: Mapping[str, Word] = _merged((words_common.FIELDS, *(room.FIELDS for room in ROOMS)))


def word(code: StrEnum) -> Word:
    """The words of an enumeration's member."""
    return WORDS[type(code)][code]


def case_word(kind: str) -> Word:
    """The words of a kind of case."""
    return words_common.CASES[kind]


def event_word(name: str) -> Word:
    """The words of an event's name."""
    return EVENTS[name]


def field_word(name: str, fact: str = "") -> Word:
    """The words of a field, as the fact of this name means it."""
    return FIELDS.get(f"{fact}.{name}") or FIELDS[name]
