"""The courts' list of dishonest judgment debtors (失信被执行人名单) as courts hand it over, row by row.

The columns are those that the public list has (执行法院, 案号, 被执行人, 发布时间 …), under the names that people give
them, in XLSX, XLS, ODS or CSV; or JSON: a list of objects with the names of :class:`Entry`. A row that cannot be used
is said with its row and column; none is left out silently. Days are read in the usual spellings, and a day that no
calendar has (2022-09-31) is a mistake, never another day.

>>> day_of("2026年10月8日"), day_of("2026/10/08"), day_of("20261008"), day_of("2022-09-31")
(datetime.date(2026, 10, 8), datetime.date(2026, 10, 8), datetime.date(2026, 10, 8), None)
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.errors import FormatError
from ledger.proof import strictjson
from ledger.sheets.columns import Header, Note, Notes, at, clean, find_header, letter
from ledger.sheets.reading import MAX_ROWS, Cell, Row, Sheet
from ledger.sheets.subjects import read_row

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "court": ("执行法院", "执行法院名称", "法院", "法院名称", "court"),
    "case_number": ("案号", "执行案号", "案件编号", "casenumber"),
    "code": ("统一社会信用代码", "被执行人统一社会信用代码", "社会信用代码", "组织机构代码", "uscc", "code"),
    "name": (
        "被执行人",
        "失信被执行人",
        "被执行人姓名/名称",
        "被执行人名称",
        "被执行人姓名",
        "姓名/名称",
        "名称",
        "单位名称",
        "name",
    ),
    "enforcement_basis": ("执行依据文号", "执行依据", "enforcementbasis"),
    "duty": ("义务", "生效法律文书确定的义务", "法律生效文书确定的义务", "duty"),
    "published_on": ("发布时间", "发布日期", "公布时间", "列入日期", "publishedon", "listedon"),
    "until": ("截止日期", "到期日期", "列入期限", "until"),
}
NEEDED = ("court", "case_number", "published_on")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the list that can be used. ``code`` or ``name`` tells who it is; ``until`` None: no day is given."""

    row: int
    court: str
    case_number: str
    published_on: date
    code: str = ""
    name: str = ""
    enforcement_basis: str = ""
    duty: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class CourtList:
    """A list that was read: its file, how many rows stood in it, those that can be used, and notes.

    ``unread`` are the case numbers of rows that cannot be used.
    """

    file: str
    sha256: str
    rows: int
    entries: tuple[Entry, ...]
    notes: tuple[Note, ...]
    unread: frozenset[str]


def court_list(sheet: Sheet, today: date) -> CourtList:
    """The list in a sheet. Raises FormatError where court, case number, day or debtor have no column."""
    header = find_header(sheet.rows, COLUMNS)
    missing = [name for name in NEEDED if name not in header.columns]
    if missing or not {"code", "name"} & header.columns.keys():
        told = ", ".join(missing or ["name or code"])
        zh = "、".join(COLUMNS[name][0] for name in missing) or "被执行人或统一社会信用代码"
        raise FormatError(
            f"{sheet.file}: expected the columns of a court list, missing: {told}", f"{sheet.file}：缺少列 {zh}"
        )
    below = [row for row in sheet.rows if row.number > header.row]
    return _listed(sheet.file, sheet.sha256, [_entry(row, header, today) for row in below])


def court_list_json(data: bytes, file: str, today: date) -> CourtList:
    """The list in a JSON file; empty (``[]``) for a month in which nobody was listed. Raises FormatError."""
    value = strictjson.loads(data, file)
    if type(value) is not list or len(value) > MAX_ROWS or not all(type(item) is dict for item in value):
        raise FormatError(
            f"{file}: expected a list of at most {MAX_ROWS} objects", f"{file}：应为至多 {MAX_ROWS} 个对象的列表"
        )
    names = [field.name for field in dataclasses.fields(Entry) if field.name != "row"]
    header = Header(0, {name: place for place, name in enumerate(names)})
    found = []
    for number, item in enumerate(value, 1):
        strange = [name for name in item if name not in names or type(item[name]) is not str]
        if strange:
            raise FormatError(
                f"{file}: object {number}: expected texts called {', '.join(names)}, got {strange[0][:40]!a}",
                f"{file}：第 {number} 个对象应只有文本成员 {'、'.join(names)}，实有 {strange[0][:40]!a}",
            )
        found.append(_entry(Row(number, tuple(Cell(item.get(name, "")) for name in names)), header, today))
    return _listed(file, hashlib.sha256(data).hexdigest(), found)


def _listed(file: str, sha256: str, found: Sequence[tuple[Entry | str, list[Note]]]) -> CourtList:
    entries: list[Entry] = []
    notes: list[Note] = []
    unread: set[str] = set()
    first: dict[Any, int] = {}
    for entry, said in found:
        notes += said
        if isinstance(entry, str):
            unread.add(entry)
            continue
        key = (entry.court, entry.case_number, entry.code or entry.name)
        before = first.setdefault(key, entry.row)
        if before == entry.row:
            entries.append(entry)
        else:
            notes.append(Note(entry.row, "A", "double", f"the same as row {before}", f"与第 {before} 行重复"))
    return CourtList(file, sha256, len(found), tuple(entries), tuple(notes), frozenset(unread))


def _entry(row: Row, header: Header, today: date) -> tuple[Entry | str, list[Note]]:
    """The entry in a row, or the case number of one that cannot be used; and what is to be said about its cells."""
    subject, notes = read_row(row, header)
    texts: dict[str, str] = {}
    days: dict[str, date | None] = {}
    for name, place in header.columns.items():
        if name in {"code", "name"}:
            continue
        own = Notes(row.number, letter(place))
        text = clean(at(row, place).text, own)
        if name in {"published_on", "until"}:
            days[name] = _day(text, own, today if name == "published_on" else date.max)
        else:
            texts[name] = text[:200] if name != "duty" else text
        if name in NEEDED and not text:
            own.add("missing", f"expected {name}, the cell is empty", f"{COLUMNS[name][0]}不得为空", serious=True)
        notes += own.found
    day, number = days.get("published_on"), case_number_of(texts["case_number"])
    if subject is None or day is None or not (texts["court"] and number):
        return number, notes
    rest = {name: texts.get(name, "") for name in ("enforcement_basis", "duty")}
    return (
        Entry(row.number, texts["court"], number, day, subject.code, subject.name, **rest, until=days.get("until")),
        notes,
    )


def case_number_of(text: str) -> str:
    """A case number as courts write it: no spaces, the year in full-width brackets （2026）."""
    return re.sub(r"^[(（\[〔]([0-9]{4})[)）\]〕]", r"（\1）", re.sub(r"\s", "", text))


def _day(text: str, notes: Notes, last: date) -> date | None:
    if not text:
        return None
    day = day_of(text)
    if day is None:
        notes.add(
            "day", f"expected a day such as 2026-10-08, got {text[:20]!a}", f"日期有误：{text[:20]}", serious=True
        )
    elif day > last:
        notes.add("future", f"expected a day by {last}, got {day}", f"日期应不晚于 {last}，实为 {day}", serious=True)
        return None
    return day


def day_of(text: str) -> date | None:
    """The day that a text says; None where it says none, or one that no calendar has."""
    found = re.fullmatch(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))(?: .*)?", text)
    if not found:
        return None
    year, month, day, month8, day8 = found.groups()
    try:
        return date(int(year), int(month or month8), int(day or day8))
    except ValueError:
        return None
