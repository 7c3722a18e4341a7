"""The rule packs and the calendar that are shipped: their texts, and the facts that bring them into a ledger.

A pack is a file ``<name>.toml`` (docs/policies.md says how to write one); ``calendar.toml`` holds the State Council's
arrangements of the years. What a ledger goes by is what was adopted in it, by events; these are what it may adopt.

>>> shipped()
('national', 'dehua', 'huangshi', 'taian', 'yancheng', 'yuncheng')
>>> [a.fact.year for a in arranged(text(CALENDAR))]
[2023, 2024, 2025, 2026]
>>> len(arranged(text(CALENDAR))[0].fact.worked)
7
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from ledger.domain import codec, toml
from ledger.domain.codec import Name, Text
from ledger.domain.event import Document
from ledger.domain.pack import Pack, parse_pack
from ledger.domain.policy import NATIONAL, CalendarArranged, PolicyAdopted, streams
from ledger.errors import FormatError, NotFoundError

CALENDAR = "calendar"
_REGION = re.compile("[0-9]{6}")
_NATIONAL_NAME = NATIONAL.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Arranged:
    """A year's arrangement, and the text that it was read from, with the notice's title, number, organ and day."""

    fact: CalendarArranged
    notice: Document


@dataclass(frozen=True, slots=True)
class Adoption:
    """A pack as it would be adopted: stream, fact, and the document that it rests on (the pack's own text)."""

    stream: str
    fact: PolicyAdopted
    document: Document
    pack: Pack


@cache
def shipped() -> tuple[str, ...]:
    """The names of the packs that are shipped, the national one first."""
    names = {file.name.removesuffix(".toml") for file in files(__name__).iterdir() if file.name.endswith(".toml")}
    return (_NATIONAL_NAME, *sorted(names - {_NATIONAL_NAME, CALENDAR}))


def text(name: str) -> str:
    """The text of a shipped pack, or of the calendar. Raises NotFoundError that names those that exist."""
    if name not in (*shipped(), CALENDAR):
        known = ", ".join(shipped())
        raise NotFoundError(
            f"rule pack: expected one of {known}, or a region's code of 6 digits, got {name[:80]!a}",
            f"规则包：应为 {known} 之一，或 6 位行政区划代码，实为 {name[:80]!a}",
        )
    return (files(__name__) / f"{name}.toml").read_text(encoding="utf-8")


def layers(name: str) -> tuple[Pack, ...]:
    """The shipped packs for a pack's name or a region's code (GB/T 2260), the nearest first. Raises NotFoundError."""
    found = {f"policy/{p.region}" if p.region else NATIONAL: p for p in map(pack, shipped())}
    return tuple(found[stream] for stream in streams_of(name) if stream in found)


def streams_of(name: str) -> tuple[str, ...]:
    """The policy streams for a pack's name or a region's code, the nearest first. Raises NotFoundError."""
    region = name if _REGION.fullmatch(name) else pack(name).region
    return streams(region) if region else (NATIONAL,)


@cache
def pack(name: str) -> Pack:
    """A shipped pack, read. Raises NotFoundError that names those that exist."""
    return parse_pack(text(name))


def adoption(toml_text: str, in_force: date | None = None) -> Adoption:
    """A pack's adoption from a day on; without one from the first day of any of its values. Raises FormatError."""
    found = parse_pack(toml_text)
    starts = [value.start for values in found.values.values() for value in values]
    if not starts:
        raise FormatError("pack: expected at least one value", "规则包：至少应有一个值")
    digest = hashlib.sha256(toml_text.encode()).hexdigest()
    stream = f"policy/{found.region}" if found.region else NATIONAL
    fact = PolicyAdopted(digest, in_force or min(starts), toml_text)
    return Adoption(stream, fact, Document(found.about.zh, digest), found)


def arranged(toml_text: str) -> tuple[Arranged, ...]:
    """The arrangements in a calendar's text, with their notices. Raises FormatError that names the year."""
    tables = toml.loads(toml_text, "calendar", "放假安排").get("year")
    if type(tables) is not list or not tables:
        raise FormatError("calendar: expected a list of tables year", "放假安排：应有列表 year")
    digest = hashlib.sha256(toml_text.encode()).hexdigest()
    return tuple(_arranged(table, f"year[{number}]", digest) for number, table in enumerate(tables))


def arrangements(toml_text: str) -> tuple[CalendarArranged, ...]:
    """The arrangements in a calendar's text. Raises FormatError that names the year."""
    return tuple(a.fact for a in arranged(toml_text))


@dataclass(frozen=True, slots=True)
class _Notice:
    """What a year's table says of the notice."""

    source: Annotated[str, Text(190)]
    number: Name | None = None
    dated: date | None = None


def _arranged(table: Any, path: str, digest: str) -> Arranged:
    if type(table) is not dict:
        raise codec.refuse(path, "a table", "表", table)
    plain = {name: _days(value) for name, value in table.items()}
    about = {name: value for name, value in plain.items() if name in {"source", "number", "dated"}}
    notice = codec.decode(_Notice, about, path)
    fact = codec.decode(CalendarArranged, {k: v for k, v in plain.items() if k not in about}, path)
    document = Document(f"{notice.source}（录入文本）", digest, notice.number, "国务院办公厅", notice.dated)
    return Arranged(fact, document)


def _days(value: Any) -> Any:
    """TOML's days as the codec takes them: text."""
    if type(value) is date:
        return value.isoformat()
    return [_days(item) for item in value] if type(value) is list else value


@cache
def shipped_facts() -> tuple[tuple[str, PolicyAdopted | CalendarArranged, tuple[Document, ...]], ...]:
    """What a ledger starts with: the arrangements of the years, and the national pack; stream, fact and basis each."""
    national = adoption(text(_NATIONAL_NAME))
    return (
        *((NATIONAL, year.fact, (year.notice,)) for year in arranged(text(CALENDAR))),
        (national.stream, national.fact, (national.document,)),
    )
