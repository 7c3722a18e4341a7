"""Lists of bodies as offices send them: every row is asked, or it is said why not."""

from __future__ import annotations

import pytest

from ledger.domain.identifiers import fictional_uscc
from ledger.errors import FormatError
from ledger.sheets.reading import Cell, Row, Sheet
from ledger.sheets.subjects import Subjects, subjects_in

CODE, OTHER = fictional_uscc(1), fictional_uscc(2)
WRONG = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
FULL = "".join(chr(ord(c) + 0xFEE0) for c in CODE)


def listed(*rows: tuple[str | Cell, ...]) -> Subjects:
    cells = [tuple(c if isinstance(c, Cell) else Cell(c) for c in row) for row in rows]
    return subjects_in(Sheet("a.xlsx", "", "", tuple(Row(n, row) for n, row in enumerate(cells, 1))))


def asked(found: Subjects) -> list[tuple[int, str]]:
    return [(s.row, s.asked) for s in found.subjects]


def notes(found: Subjects) -> list[tuple[int, str, str, bool]]:
    return [(n.row, n.column, n.code, n.serious) for n in found.notes]


@pytest.mark.parametrize(
    "labels",
    [
        ("统一社会信用代码", "单位名称"),
        ("社会信用代码（18位）", "企业名称"),
        ("USCC", "Name"),
        ("信用代码*", "投标人："),
        ("序号", "单位", "统一 社会 信用代码"),
    ],
)
def test_the_header_is_found_by_what_people_call_the_columns(labels: tuple[str, ...]) -> None:
    """Issue 5 part 8, header rows found: below titles and in any order."""
    found = listed(("某某公司供应商名单",), (), labels)
    assert found.header.row == 3
    assert set(found.header.columns) == {"code", "name"}


def test_a_row_is_asked_by_its_code_else_by_its_name() -> None:
    """Issue 5 part 8."""
    found = listed(("统一社会信用代码", "名称"), (CODE, "甲局"), ("", "乙局"), (WRONG, "丙局"))
    assert asked(found) == [(2, CODE), (3, "乙局"), (4, "丙局")]
    assert notes(found) == [(4, "A", "check-digit", True)]


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        (Cell(FULL), "full-width"),
        (Cell(f" {CODE}　"), "spaces"),
        (Cell(CODE.lower()), "spelling"),
        (Cell(f"{CODE[:8]}-{CODE[8:16]}-{CODE[16:]}"), "spelling"),
    ],
)
def test_what_can_be_cleaned_is_cleaned_and_said(cell: Cell, note: str) -> None:
    """Issue 5 part 8, dirty cells: full-width, spaces, hyphens, small letters."""
    found = listed(("代码", "名称"), ("x", "y")) if cell is None else listed(("uscc",), (cell,))
    assert asked(found) == [(2, CODE)]
    assert (2, "A", note, False) in notes(found)


def test_brackets_of_the_chinese_form_are_nothing_to_say() -> None:
    """Issue 5 part 8, dirty cells: only what was changed for its reader is said."""
    found = listed(("名称",), ("甲局（乙区）",), ("甲局 （丙区）",), ("甲局　",))
    assert notes(found) == [(4, "A", "spaces", False)]


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        (Cell(WRONG), "check-digit"),
        (Cell(CODE[:17]), "length"),
        (Cell("1.1990000000001118e+17", number=True), "number"),
        (Cell("— —"), "nobody"),
        (Cell("无"), "nobody"),
        (Cell("N/A"), "nobody"),
        (Cell("　"), "nobody"),
    ],
)
def test_what_cannot_be_used_is_said_with_row_and_column(cell: Cell, note: str) -> None:
    """Issue 5 part 8, nothing silently dropped."""
    found = listed(("uscc", "x"), (cell, "1"), (OTHER, "2"))
    assert asked(found) == [(3, OTHER)]
    assert [(n.row, n.column, n.code) for n in found.notes if n.serious] == [(2, "A", note)]


def test_doubles_are_asked_and_said() -> None:
    """Issue 5 part 8, duplicates: each row has its answer."""
    found = listed(("uscc",), (CODE,), (CODE.lower(),))
    assert asked(found) == [(2, CODE), (3, CODE)]
    assert (3, "A", "double", False) in notes(found)


def test_a_list_without_a_header_is_one_of_names_or_codes() -> None:
    """Issue 5 part 8: one column; with more it cannot be told which."""
    assert asked(listed(("甲局",), (CODE,), ("乙局",))) == [(1, "甲局"), (2, CODE), (3, "乙局")]
    with pytest.raises(FormatError, match="header"):
        listed(("甲局", "乙局"), ("丙局", "丁局"))


def test_codes_in_a_column_of_names_are_codes() -> None:
    """Issue 5 part 8: people fill in what they have."""
    found = listed(("单位名称",), (CODE.lower(),), (WRONG,))
    assert asked(found) == [(2, CODE)]
    assert [n.code for n in found.notes if n.serious] == ["check-digit"]


def test_every_row_below_the_header_is_asked_or_said() -> None:
    """Issue 5 part 8, nothing silently dropped."""
    rows = [(CODE, ""), ("", ""), ("——", "无"), ("12", ""), (WRONG, "局"), ("", "局" * 300), ("", "好局"), ("备注", "")]
    found = listed(("uscc", "名称", "备注"), *((*row, "x") for row in rows))
    told = {s.row for s in found.subjects} | {n.row for n in found.notes if n.serious}
    assert told == set(range(2, 2 + len(rows)))
