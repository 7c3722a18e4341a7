"""Numbering of headings, and whether one number may follow another.

Official documents number their levels 一、 （一） 1. （1） (GB/T 9704-2012, section 7.3.3); regulations use 第一章 and
第一条. Lists by ① are common. A number fits if it continues its level, or begins a new one; some plans count their
items through all sections (1 to 19), so a level may also go on from where it was left.

>>> read_mark("（十二）加强领导").label
'（十二）'
>>> Numbering().after(read_mark("一、总体要求")).fits(read_mark("（一）指导思想"))
True
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_CHINESE = "[一二三四五六七八九十百]{1,4}"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_AMOUNT = "[%％万亿元个倍米亩吨度年月日号条章]"
_ENUMERATED = "[二三四五六七八九十](?:级|季度|类|线|期|把手|等)"  # 一、二季度 is no heading

# style, rank (lower is nearer the root), pattern, label
_STYLES = (
    ("章", 0, rf"第\s*({_CHINESE}|\d{{1,2}})\s*(?:章|部分|编)[、：\s]*", "第{}章 "),
    ("节", 1, rf"第\s*({_CHINESE}|\d{{1,2}})\s*节[、：\s]*", "第{}节 "),
    ("条", 2, rf"第\s*({_CHINESE}|\d{{1,3}})\s*条(?![第款项规之例件])[、：\s]*", "第{}条 "),
    ("一、", 3, rf"({_CHINESE})\s*[、.](?!{_ENUMERATED})\s*", "{}、"),
    ("（一）", 4, rf"（\s*({_CHINESE})\s*）\s*[、.．。]?\s*", "（{}）"),
    ("1.", 5, r"(\d{1,2})\s*[.、．](?!\s*\d)\s*", "{}. "),
    ("1.1", 6, rf"\d{{1,2}}\.(\d{{1,2}})[.、．]?\s*(?=[^\d\s.])(?!{_AMOUNT})", ""),
    ("（1）", 7, r"（\s*(\d{1,2})\s*）\s*[、.．。]?\s*", "（{}）"),
    ("1）", 8, r"(\d{1,2})\s*）\s*", "{}）"),
    ("①", 9, rf"([{_CIRCLED}])\s*", "{}"),
)
_COMPILED = tuple((style, rank, re.compile(pattern), label) for style, rank, pattern, label in _STYLES)
RANKS = {style: rank for style, rank, _, _ in _STYLES}
_HINT = re.compile(rf"第|[{_CIRCLED}]|（?\s*(?:{_CHINESE}|\d{{1,2}})\s*[、.．）]")


def chinese_number(text: str) -> int | None:
    """The value of a numeral up to 999 in Arabic or Chinese figures; None for what is no numeral.

    >>> [chinese_number(n) for n in ("7", "十", "二十一", "一百零三", "二〇", "⑫", "甲")]
    [7, 10, 21, 103, 20, 12, None]
    """
    if text in _CIRCLED and len(text) == 1:
        return _CIRCLED.index(text) + 1
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or any(c not in _DIGITS and c not in "十百" for c in text):
        return None
    if not set(text) & set("十百"):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, digit = 0, 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


@dataclass(frozen=True, slots=True)
class Mark:
    """A number before a heading: its level's style, its value, the label in one style, and where the words begin."""

    style: str
    number: int
    label: str
    end: int

    @property
    def rank(self) -> int:
        """Depth of the style: 0 is nearest the root."""
        return RANKS[self.style]


def read_mark(text: str, at: int = 0) -> Mark | None:
    """The mark that stands in canonical text at this index, if one does."""
    if not _HINT.match(text, at):
        return None
    for style, _, pattern, label in _COMPILED:
        match = pattern.match(text, at)
        if match:
            number = chinese_number(match[1])
            if number:
                shown = label.format(match[1]) if label else match[0].rstrip(" .、．") + " "
                return Mark(style, number, shown, match.end())
    return None


@dataclass(frozen=True, slots=True)
class Numbering:
    """Where a reader stands in the outline: the open levels, and the last number seen of every style."""

    open: tuple[tuple[str, int], ...] = ()
    last: dict[str, int] = field(default_factory=dict)

    def fits(self, mark: Mark) -> bool:
        """Whether this mark may come next."""
        for style, number in self.open:
            if style == mark.style:
                return mark.number == number + 1
        return mark.number == 1 or mark.number == self.last.get(mark.style, -1) + 1

    def after(self, mark: Mark) -> Numbering:
        """The place after this mark, whether it fitted or not."""
        kept = tuple(level for level in self.open if RANKS[level[0]] < mark.rank)
        return Numbering((*kept, (mark.style, mark.number)), self.last | {mark.style: mark.number})
