"""A list of bodies to be screened: whom each row means, and what is wrong with which cell. No row is left out silently.

A row is asked by its code where that is good, else by its name. A row that gives neither is not asked and is said.

>>> sheet = Sheet("a.csv", "", "", (Row(1, (Cell("名称"),)), Row(2, (Cell("某局"),)), Row(3, (Cell("——"),))))
>>> found = subjects_in(sheet)
>>> [(s.row, s.asked) for s in found.subjects], [(n.row, n.column, n.code) for n in found.notes if n.serious]
([(2, '某局')], [(3, 'A', 'nobody')])
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ledger.domain.identifiers import check_uscc
from ledger.errors import FormatError
from ledger.sheets.columns import SUBJECT, Header, Note, Notes, at, clean, find_header, letter
from ledger.sheets.reading import Cell, Row, Sheet

LONGEST_NAME = 200
_CODE = re.compile("[0-9A-Z]{18}")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a row means: ``asked`` is what is asked for, its code or name; ``code`` and ``name`` as they were read."""

    row: int
    asked: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Subjects:
    """The rows of a list that are asked, and notes by row."""

    header: Header
    subjects: tuple[Subject, ...]
    notes: tuple[Note, ...]


def subjects_in(sheet: Sheet) -> Subjects:
    """Whom the rows of a sheet mean. Raises FormatError where no column of codes or names can be found."""
    header = find_header(sheet.rows, SUBJECT)
    if not header.columns:
        header = _single(sheet)
    found: list[Subject] = []
    notes: list[Note] = []
    first: dict[str, int] = {}
    for row in sheet.rows:
        if row.number <= header.row:
            continue
        subject, said = read_row(row, header)
        notes += said
        if subject is None:
            continue
        before = first.setdefault(subject.asked, row.number)
        if before != row.number:
            place = letter(header.columns.get("code" if subject.asked == subject.code else "name", 0))
            notes.append(Note(row.number, place, "double", f"the same as row {before}", f"与第 {before} 行重复"))
        found.append(subject)
    return Subjects(header, tuple(found), tuple(notes))


def _single(sheet: Sheet) -> Header:
    """A list without a header is one of names or codes where it has one column."""
    used = {place for row in sheet.rows for place, cell in enumerate(row.cells) if cell.text.strip()}
    if len(used) != 1:
        raise FormatError(
            f"{sheet.file}: expected a header (uscc, code, name, or as below) in one of the first rows",
            f"{sheet.file}：前几行中应有表头，含“统一社会信用代码”或“单位名称”",
        )
    return Header(0, {"name": used.pop()})


def read_row(row: Row, header: Header) -> tuple[Subject | None, list[Note]]:
    """Whom a row means; None where it names nobody. With what is to be said about its cells."""
    of_code, of_name = header.columns.get("code"), header.columns.get("name")
    notes: list[Note] = []
    code = name = ""
    if of_name is not None:
        name, said = _name(at(row, of_name), Notes(row.number, letter(of_name)))
        notes += said
    if of_code is None and _CODE.fullmatch(name.replace(" ", "").upper()):
        of_code, of_name, name = of_name, None, ""  # codes under a header that says names, or under none
        notes.clear()
    if of_code is not None:
        code, said = _code(at(row, of_code), Notes(row.number, letter(of_code)))
        notes += said
    if code or name:
        return Subject(row.number, code or name, code, name), notes
    if not any(note.serious for note in notes):
        place = letter(next(p for p in (of_code, of_name) if p is not None))
        notes.append(Note(row.number, place, "nobody", "neither a code nor a name", "既无代码也无名称", serious=True))
    return None, notes


def _name(cell: Cell, notes: Notes) -> tuple[str, Sequence[Note]]:
    name = clean(cell.text, notes)
    if len(name) > LONGEST_NAME:
        notes.add(
            "long", f"expected at most {LONGEST_NAME} characters", f"应不超过 {LONGEST_NAME} 个字符", serious=True
        )
        return "", notes.found
    return name, notes.found


def _code(cell: Cell, notes: Notes) -> tuple[str, Sequence[Note]]:
    text = clean(cell.text, notes)
    code = re.sub(r"[\s-]", "", text).upper()
    if not code:
        return "", notes.found
    if code != text:
        notes.add("spelling", f"read as {code}", f"按 {code} 读取")
    for problem in _wrong(code, cell):
        notes.add(*problem, serious=True)
        return "", notes.found
    return code, notes.found


def _wrong(code: str, cell: Cell) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a code, the first thing first."""
    if cell.number and len(code) != 18:
        yield (
            "number",
            "a number: its last digits are lost; format the column as text",
            "单元格为数值，末位数字已丢失；请设为文本",
        )
    elif len(code) != 18:
        yield "length", f"expected 18 characters, got {len(code)}", f"应为 18 位，实为 {len(code)} 位"
    else:
        try:
            check_uscc(code)
        except FormatError:  # its words repeat the code, which may be a person's number in the wrong column
            yield (
                "check-digit",
                "not a unified social credit code: a wrong check character",
                "不是统一社会信用代码：校验码有误",
            )
