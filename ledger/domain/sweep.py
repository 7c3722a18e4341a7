"""The monthly sweep of the courts' list (C08: YN 二(六) 按月…排查梳理): that it was done, and what it found.

A sweep reads the list of dishonest judgment debtors (失信被执行人名单) of a month against the ledger. It is recorded
also where it found nothing: a month without an event is a month without a sweep. What it found of single bodies stands
in their records; here are the numbers alone, and the SHA-256 of the file that was read.

>>> Sweep("2026-10", "0" * 64, 3).month
'2026-10'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ledger.domain.codec import Range, Shape
from ledger.domain.event import Document

Month = Annotated[str, Shape("(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])", "a month such as 2026-10", "月份，如 2026-10")]
Count = Annotated[int, Range(0, 1_000_000)]


@dataclass(frozen=True, slots=True)
class CourtListSwept:
    """The courts' list of a month was read against the ledger (C08 按月排查; C05 定期通报), also where it is empty.

    ``file`` is the list as it was received; ``entries`` rows of it were read, ``matched`` of them are bodies of this
    ledger, ``undecided`` are left to decide; the rest are nobody here. ``left`` listings that stood are not in the list
    any more, so that the court is asked (C06).
    """

    SCHEMA: ClassVar[int] = 1
    month: Month
    file: Document
    entries: Count
    matched: Count
    undecided: Count
    left: Count


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep that was recorded: of which month, of which file (its SHA-256), at which index of the log."""

    month: str
    file: str
    index: int
