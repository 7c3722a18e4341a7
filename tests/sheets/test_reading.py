"""Spreadsheets that somebody sends: read where they are any good, refused within bounds where they are not."""

from __future__ import annotations

import io
import time
import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import ConfigurationError, FormatError
from ledger.sheets import reading
from ledger.sheets.reading import Sheet, parse_csv, parse_sheet, read_sheet


def workbook(*rows: tuple[object, ...], merge: str | None = None, first: int = 1) -> bytes:
    """An XLSX file with these rows, from row ``first`` on."""
    book = openpyxl.Workbook()
    sheet = book.active
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            sheet.cell(first + number, 1 + place, value)
    if merge:
        sheet.merge_cells(merge)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def texts(sheet: Sheet) -> list[tuple[int, list[str]]]:
    return [(row.number, [cell.text for cell in row.cells]) for row in sheet.rows]


def test_rows_keep_the_numbers_that_the_spreadsheet_shows() -> None:
    """Issue 5 part 8, dirty cells reported by row: empty rows above and between do not shift them."""
    found = parse_sheet(workbook(("名称",), (), ("某局",), first=4), "a.xlsx")
    assert texts(found) == [(4, ["名称"]), (6, ["某局"])]


def test_numbers_days_and_truths_are_text() -> None:
    """Issue 5, wrong types: a number that lost digits is marked as a number."""
    found = parse_sheet(workbook((7, 1.5, date(2026, 1, 2), True, 119900000000011184)), "a.xlsx")
    cells = found.rows[0].cells
    assert [c.text for c in cells[:4]] == ["7", "1.5", "2026-01-02", "TRUE"]
    assert cells[4].number


def test_formulas_are_never_calculated() -> None:
    """Issue 5, formulas: neither run nor sent on; one that was saved without its value is empty."""
    found = parse_sheet(workbook(("名称", "=1+1"), ('=HYPERLINK("http://x","y")', "某局")), "a.xlsx")
    assert all("=" not in cell for _, cells in texts(found) for cell in cells)


def test_a_merged_cell_counts_for_each_of_its_rows() -> None:
    """Issue 5, merged cells: a court's name beside several entries."""
    rows = (("法院", "案号"), ("某法院", "1"), (None, "2"), (None, "3"))
    found = parse_sheet(workbook(*rows, merge="A2:A4"), "a.xlsx")
    assert [cells[0] for _, cells in texts(found)[1:]] == ["某法院"] * 3


def test_the_first_sheet_that_is_shown_and_filled_counts() -> None:
    """Issue 5: hidden sheets and empty ones are passed over."""
    book = openpyxl.Workbook()
    book.active.title = "空"
    hidden = book.create_sheet("隐")
    hidden["A1"] = "secret"
    hidden.sheet_state = "hidden"
    book.create_sheet("名单")["A1"] = "名称"
    found = parse_sheet(saved(book), "a.xlsx")
    assert (found.name, texts(found)) == ("名单", [(1, ["名称"])])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_as_offices_save_it(encoding: str, separator: str) -> None:
    """Issue 5: GB 18030 from older programs, UTF-8 with and without mark."""
    data = f'名称{separator}代码\r\n\r\n"某{separator}局"{separator}1\r\n'.encode(encoding)
    assert [[c.text for c in row.cells] for row in parse_csv(data)] == [["名称", "代码"], [f"某{separator}局", "1"]]


def test_a_million_empty_rows_are_read_within_bounds() -> None:
    """Issue 5: 10⁶ rows that hold nothing but a format."""
    row = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(2, 1_000_001))
    data = _sheet(f'<row r="1"><c r="A1" t="inlineStr"><is><t>名称</t></is></c></row>{row}')
    begun = time.monotonic()
    assert texts(parse_sheet(data, "a.xlsx")) == [(1, ["名称"])]
    assert time.monotonic() - begun < 30


def test_a_file_that_claims_billions_of_cells_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    """Issue 5, bombs: two cells at the far corners of a sheet are a sheet of 17 billion."""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with pytest.raises(FormatError):
        parse_sheet(_sheet(cells), "a.xlsx")
    assert capfd.readouterr().err == "", "no trace of the process that died"


def test_a_file_that_unpacks_to_gigabytes_is_refused() -> None:
    """Issue 5, zip bomb: 3 GiB of zeros in 13 MiB."""
    data, quickly = io.BytesIO(), {"compression": zipfile.ZIP_DEFLATED, "compresslevel": 1}
    with zipfile.ZipFile(io.BytesIO(_sheet(""))) as good, zipfile.ZipFile(data, "w", **quickly) as bomb:
        for name in good.namelist():
            if name != "xl/worksheets/sheet1.xml":
                bomb.writestr(name, good.read(name))
        with bomb.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            member.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
            member.write(b'<row r="1"><c r="A1" t="str"><v>')
            for _ in range(700):
                member.write(b"0" * (4 << 20))
    assert len(data.getvalue()) < reading.MAX_FILE
    with pytest.raises(FormatError):
        parse_sheet(data.getvalue(), "a.xlsx")


@pytest.mark.parametrize(
    ("data", "file"),
    [
        (b"", "a.xlsx"),
        (b"", "a.csv"),
        (b"PK\x03\x04", "a.xlsx"),
        (b"PK\x03\x04" + bytes(100), "a.xlsx"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "a.xls"),
        (b"name\nx", "a.xlsx"),
        (b'a,"b\nc', "a.csv"),
        (b"a\0b", "a.csv"),
        (b"\xff\xff\xff", "a.csv"),
        (b"\n\n", "a.csv"),
        (b"a" * 3000, "a.csv"),
        (b"," * 300 + b"a", "a.csv"),
    ],
)
def test_what_is_no_list_is_refused_in_both_languages(data: bytes, file: str) -> None:
    """Issue 5: never another exception."""
    with pytest.raises(FormatError) as error:
        parse_sheet(data, file)
    assert error.value.en.startswith(f"{file}: ")
    assert error.value.zh.startswith(f"{file}：")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Issue 5: parsers of bytes raise FormatError and nothing else (those of spreadsheets: tests above)."""
    with suppress(FormatError):
        assert parse_sheet(b"x" + data, "a.csv").rows


def test_a_file_that_is_not_there_or_too_large_is_said_so(tmp_path: Path) -> None:
    """Issue 5, bounded."""
    with pytest.raises(ConfigurationError):
        read_sheet(tmp_path / "none.xlsx")
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(reading.MAX_FILE + 1)
    with pytest.raises(FormatError, match="at most"):
        read_sheet(large)


def _sheet(rows: str) -> bytes:
    """An XLSX file whose one sheet has this XML in its data."""
    data = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(("x",)))) as good,
        zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in good.namelist():
            content = good.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = (
                    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                    f"<sheetData>{rows}</sheetData></worksheet>"
                ).encode()
            made.writestr(name, content)
    return data.getvalue()
