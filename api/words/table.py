"""How the rooms of the bilingual table are written: a row has the code, its Chinese and its English.

>>> from ledger.domain.record.terms import Sweep
>>> codes, rows = table(Sweep, monthly=("按月", "Monthly"))
>>> rows[Sweep.MONTHLY].en
'Monthly'
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Word(NamedTuple):
    """A term in both languages."""

    zh: str
    en: str


Enumeration = tuple[type[StrEnum], dict[StrEnum, Word]]


def table(codes: type[StrEnum], **rows: tuple[str, str]) -> Enumeration:
    """An enumeration and the words of its members, each under its value. Raises ValueError for what is no member."""
    return codes, {codes(value): Word(*pair) for value, pair in rows.items()}


def words(**rows: tuple[str, str]) -> dict[str, Word]:
    """The words of events or fields, each under its name."""
    return {name: Word(*pair) for name, pair in rows.items()}
