"""Finding the columns of a list, and cleaning what people type into cells; what was cleaned is said.

>>> title, labels = Row(1, (Cell("关于报送名单的通知"),)), Row(3, (Cell("序号"), Cell("单位名称（全称）")))
>>> header = find_header([title, labels], SUBJECT)
>>> header.row, header.columns
(3, {'name': 1})
>>> clean("　１２３ ", Notes(5, "B"))
'123'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledger.sheets.reading import Cell, Row

LOOK = 30
"""So many rows from the top on may come before the header."""

SUBJECT: Mapping[str, tuple[str, ...]] = {
    "code": ("统一社会信用代码", "社会信用代码", "信用代码", "统一代码", "机构代码", "uscc", "code", "creditcode"),
    "name": ("单位名称", "主体名称", "企业名称", "机构名称", "供应商名称", "投标人", "单位", "名称", "name", "subject"),
}
"""Columns of a list of bodies by what people call them; the first words that fit count."""
_ASIDE = re.compile(r"[(【\[].*|[:*]+$")
_NOTHING = re.compile(r"[-—–―_/\\.。、*·]+|无|空|暂无|不详|n/?a|null|none|#n/a")


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns are: the number of the header's row (0: there is none), and by name the places from 0."""

    row: int
    columns: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a cell. ``serious``: the cell could not be used; else it was cleaned, or doubles another."""

    row: int
    column: str
    code: str
    en: str
    zh: str
    serious: bool = False


@dataclass(slots=True)
class Notes:
    """Gathers what is to be said about one cell."""

    row: int
    column: str
    found: list[Note] = field(default_factory=list)

    def add(self, code: str, en: str, zh: str, *, serious: bool = False) -> None:
        """One more note."""
        self.found.append(Note(self.row, self.column, code, en, zh, serious))


def letter(place: int) -> str:
    """What a spreadsheet calls a column: A, B, …, Z, AA, …"""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def find_header(rows: Sequence[Row], wanted: Mapping[str, Sequence[str]]) -> Header:
    """The first row, near the top, in which a cell is called as one of the columns; row 0 where none is."""
    for row in rows[:LOOK]:
        labels = [_label(cell.text) for cell in row.cells]
        found: dict[str, int] = {}
        for name, words in wanted.items():
            place = next(
                (labels.index(w) for w in words if w in labels and labels.index(w) not in found.values()), None
            )
            if place is not None:
                found[name] = place
        if found:
            return Header(row.number, found)
    return Header(0, {})


def _label(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    return _ASIDE.sub("", re.sub(r"[\s_]", "", plain)) or plain


def at(row: Row, place: int | None) -> Cell:
    """The cell at a place; an empty one where the row is shorter, or there is no such column."""
    return row.cells[place] if place is not None and place < len(row.cells) else Cell("")


def clean(text: str, notes: Notes) -> str:
    """The text in ordinary letters, without spaces around it; empty for what stands for nothing (——, 无, N/A)."""
    kept = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf"})
    ordinary = unicodedata.normalize("NFKC", kept)
    plain = re.sub(r"\s+", " ", ordinary).strip()
    if any(unicodedata.east_asian_width(c) == "F" and c.isalnum() for c in text):
        notes.add("full-width", "full-width characters were made ordinary ones", "全角字符已转为半角")
    elif plain != ordinary or kept != text:
        notes.add("spaces", "spaces were taken out", "已去除空白字符")
    if plain and _NOTHING.fullmatch(re.sub(r"\s", "", plain).casefold()):
        notes.add("placeholder", "stands for nothing, taken as empty", "占位符，视为空")
        return ""
    return plain
