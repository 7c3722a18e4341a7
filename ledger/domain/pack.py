"""A rule pack: the rules of one jurisdiction as data, each value with its source, dates in force and confidence.

A pack is TOML: a table ``pack`` that says whose it is, and a list of ``value`` tables. A key may come several times
with other dates: what was in force on a day is what counts for that day. ``confidence`` says how sure the value is;
a value that nobody could confirm has ``unconfirmed``, and may have no value at all until a jurisdiction sets one.
``left_out = true`` stands in place of a value where the document settles the matter by leaving it out: what a wider
pack says about the key then does not hold here.

>>> text = '''
... [pack]
... id = "example"
... region = "990000"
... zh = "示例市规则包"
... en = "Rules of Example City"
... version = "2026-11-21"
... [[value]]
... key = "objection.suspends"
... value = true
... source = "HS 四(九)"
... from = 2017-01-01
... confidence = "high"
... '''
>>> parse_pack(text).value("objection.suspends", date(2024, 6, 1)).source
'HS 四(九)'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

from ledger.domain import codec, toml
from ledger.domain.codec import Name, Prose, RegionCode, Shape
from ledger.domain.policy_keys import key_of
from ledger.errors import FormatError


class Confidence(StrEnum):
    """How sure a value is."""

    HIGH = "high"  # 有两个以上独立来源或见到官方文本
    MEDIUM = "medium"  # 有一个来源
    LOW = "low"  # 凭记忆或来源不一
    UNCONFIRMED = "unconfirmed"  # 无人能确认，待采纳地区确定


PackId = Annotated[str, Shape("[a-z][a-z0-9-]{1,39}", "a pack's id", "规则包标识")]


@dataclass(frozen=True, slots=True)
class About:
    """Whose pack it is: id, region (none: the national one), names, version; ``draft`` for a draft for comment."""

    id: PackId
    zh: Name
    en: Name
    version: Name
    region: RegionCode | None = None
    draft: bool = False
    note: Prose | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """One rule: what it says, where that stands, from when until when it is in force, and how sure that is.

    ``value`` is None where nobody could confirm it, and where the document leaves the matter out (``left_out``).
    """

    key: str
    value: Any
    source: str
    start: date
    until: date | None
    confidence: Confidence
    note: str | None
    pack: str
    left_out: bool = False

    def in_force(self, on: date) -> bool:
        """Whether it is in force on a day, its first and last day included."""
        return self.start <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that was read."""

    about: About
    values: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    @property
    def region(self) -> str | None:
        """The region whose pack it is; None for the national one."""
        return self.about.region

    def value(self, key: str, on: date) -> Value | None:
        """What the pack says about a key on a day; None where it is silent."""
        return next((v for v in self.values.get(key, ()) if v.in_force(on)), None)


@dataclass(frozen=True, slots=True)
class _Row:
    """A ``value`` table but for the value itself, whose shape the key decides."""

    key: Name
    source: Name
    start: date
    confidence: Confidence
    until: date | None = None
    note: Prose | None = None
    left_out: bool = False


def parse_pack(text: str) -> Pack:
    """The pack in a TOML text. Raises FormatError that names the value which is wrong."""
    tables = toml.loads(text, "pack", "规则包")
    if set(tables) != {"pack", "value"} or type(tables["value"]) is not list:
        raise FormatError(
            "pack: expected a table pack and a list of tables value", "规则包：应有表 pack 与列表 value，且只有这些"
        )
    about = codec.decode(About, tables["pack"], "pack")
    values: dict[str, list[Value]] = {}
    for number, table in enumerate(tables["value"]):
        found = _value(table, f"value[{number}]", about.id)
        values.setdefault(found.key, []).append(found)
    for rows in values.values():
        _need_apart(rows)
    return Pack(about, {key: tuple(rows) for key, rows in values.items()})


def _value(table: Any, path: str, pack: str) -> Value:
    if type(table) is not dict:
        raise codec.refuse(path, "a table", "表", table)
    rest = {k: v for k, v in table.items() if k not in {"value", "from", "until"}}
    rest |= {name: str(table[old]) for old, name in (("from", "start"), ("until", "until")) if old in table}
    row = codec.decode(_Row, rest, path)
    key = key_of(row.key)
    value = codec.decode_as(key.hint, table["value"], f"{path} ({row.key})") if "value" in table else None
    if (value is None) != (row.left_out or (row.confidence is Confidence.UNCONFIRMED and "value" not in table)):
        raise FormatError(
            f"{path} ({row.key}): expected either a value, or the confidence unconfirmed, or left_out",
            f"{path}（{row.key}）：应有 value；没有则 confidence 应为 unconfirmed，或 left_out 为 true",
        )
    if row.until is not None and row.until < row.start:
        raise FormatError(
            f"{path} ({row.key}): expected until from {row.start} on, got {row.until}",
            f"{path}（{row.key}）：until 应不早于 {row.start}，实为 {row.until}",
        )
    return Value(row.key, value, row.source, row.start, row.until, row.confidence, row.note, pack, row.left_out)


def _need_apart(rows: list[Value]) -> None:
    """No two values of a key are in force on one day."""
    ordered = sorted(rows, key=lambda v: v.start)
    for before, after in pairwise(ordered):
        if before.until is None or before.until >= after.start:
            raise FormatError(
                f"{after.key}: expected one value for each day, {before.start} and {after.start} overlap",
                f"{after.key}：同一天只应有一个值，{before.start} 与 {after.start} 起的值重叠",
            )
