"""Spreadsheets and CSV files as rows of plain cells, whoever made the file.

XLSX, XLS and ODS are read by python-calamine in a process of its own, with bounds of memory and time: a file of a few
kilobytes may claim a billion cells, or unpack to gigabytes, and then that process dies and nobody else. Formulas are
never calculated: what counts is the value that was saved with them. A cell that is merged over others gives its value
to all of them. Rows are numbered as the spreadsheet shows them.

>>> [(row.number, [cell.text for cell in row.cells]) for row in parse_csv("名称,代码\\n某局,\\n".encode())]
[(1, ['名称', '代码']), (2, ['某局', ''])]
"""

from __future__ import annotations

import csv
import hashlib
import io
import multiprocessing
import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from ledger.errors import ConfigurationError, FormatError

MAX_FILE = 32 * 1024 * 1024
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 200_000, 200, 2000
"""Most rows with content, columns, and characters of a cell."""
MEMORY, SECONDS = 1536 * 1024 * 1024, 60
_MERGED = 200_000  # most cells that merging fills
_SUFFIXES = frozenset((".xlsx", ".xlsm", ".xls", ".ods"))
_SIGNS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as text. ``number``: the file holds a number there, which keeps no more than 15 digits."""

    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row that has something in it; ``number`` is what the spreadsheet calls it, from 1."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was read: its name, SHA-256 (hex), the sheet's name, and its rows but for the empty ones. ``others``
    are the visible sheets behind it that have anything in them, and that were not read.
    """

    file: str
    sha256: str
    name: str
    rows: tuple[Row, ...]
    others: tuple[str, ...] = ()


def read_sheet(path: Path) -> Sheet:
    """The first sheet of a file that has anything in it. Raises ConfigurationError where it cannot be read, FormatError
    for what is no spreadsheet, or one beyond the bounds.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_FILE else b""
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read ({error.strerror})", f"{path}：无法读取（{error.strerror}）"
        ) from None
    if size > MAX_FILE:
        raise _refuse(
            path.name, f"expected at most {MAX_FILE} bytes, got {size}", f"应不超过 {MAX_FILE} 字节，实为 {size}"
        )
    return parse_sheet(data, path.name)


def parse_sheet(data: bytes, file: str) -> Sheet:
    """The same of bytes; the file's name says nothing that the bytes do not. Raises FormatError."""
    digest = hashlib.sha256(data).hexdigest()
    if data.startswith(_SIGNS):
        found = _in_child(data, file)
    elif Path(file).suffix.lower() in _SUFFIXES:
        raise _refuse(file, "expected a spreadsheet, the bytes are of none", "应为电子表格，内容不是")
    else:
        try:
            found = "", tuple(parse_csv(data)), ()
        except FormatError as error:
            raise _refuse(file, error.en, error.zh) from None
    name, rows, others = found
    if not rows:
        raise _refuse(file, "expected rows, it is empty", "应有内容，实为空表")
    return Sheet(file, digest, name, rows, others)


# --- CSV ------------------------------------------------------------------------------------------------------


def parse_csv(data: bytes) -> Iterator[Row]:
    """The rows of a CSV file in UTF-8 or GB 18030, separated by comma, semicolon or tab. Raises FormatError."""
    text = _text(data)
    if "\0" in text:
        raise FormatError("expected text, got NUL", "应为文本，实有 NUL 字符")
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    found = 0
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found += 1
                _bound(found, cells)
                yield Row(reader.line_num, tuple(map(Cell, cells)))
    except csv.Error as error:
        raise FormatError(
            f"line {reader.line_num}: expected CSV ({error})", f"第 {reader.line_num} 行：不是规范的 CSV"
        ) from None


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FormatError("expected text in UTF-8 or GB 18030", "应为 UTF-8 或 GB 18030 编码的文本")


def _bound(rows: int, cells: list[str]) -> None:
    if rows > MAX_ROWS or len(cells) > MAX_COLUMNS or any(len(cell) > MAX_CELL for cell in cells):
        raise FormatError(
            f"expected at most {MAX_ROWS} rows, {MAX_COLUMNS} columns and {MAX_CELL} characters in a cell",
            f"应不超过 {MAX_ROWS} 行、{MAX_COLUMNS} 列、每格 {MAX_CELL} 个字符",
        )


# --- spreadsheets ---------------------------------------------------------------------------------------------


def _in_child(data: bytes, file: str) -> tuple[str, tuple[Row, ...], tuple[str, ...]]:
    """What calamine reads, in a process that may use so much memory and time and no more."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=_child, args=(there,), daemon=True)
    child.start()
    there.close()
    try:
        here.send_bytes(data)
        answer = here.recv() if here.poll(SECONDS + 5) else None
    except (EOFError, OSError):
        answer = None
    finally:
        child.kill()
        child.join()
        here.close()
    if answer is None:
        raise _refuse(
            file,
            f"expected a spreadsheet that is read within {SECONDS} s and {MEMORY >> 20} MiB, it is not",
            f"应为可在 {SECONDS} 秒、{MEMORY >> 20} MiB 内读完的电子表格，实际超出",
        )
    name, rows, others = answer
    if name is None:
        raise _refuse(file, *rows)
    return name, tuple(Row(n, tuple(Cell(*cell) for cell in cells)) for n, cells in rows), tuple(others)


def _child(pipe: Connection) -> None:
    """The other process: bytes in, plain rows out. What kills it is the answer that there is none."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # calamine dies with a trace of itself, which tells nobody anything
    data = pipe.recv_bytes()
    try:
        answer: Any = _parsed(data)
    except FormatError as error:
        answer = (None, (error.en, error.zh), ())
    except Exception:  # calamine says why in words of its own, in English alone; the caller says what was expected
        answer = (None, ("expected a spreadsheet (XLSX, XLS, ODS), it cannot be read", "无法读取，应为电子表格"), ())
    pipe.send(answer)


def _parsed(data: bytes) -> tuple[str, list[tuple[int, list[tuple[str, bool]]]], list[str]]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    shown = [
        s.name
        for s in workbook.sheets_metadata
        if s.typ == SheetTypeEnum.WorkSheet and s.visible == SheetVisibleEnum.Visible
    ]
    for place, name in enumerate(shown, 1):
        sheet = workbook.get_sheet_by_name(name)
        if sheet.start is None:
            continue
        left = sheet.start[1]  # rows come from the first on, columns from the first that is used
        if sheet.width + left > MAX_COLUMNS:
            raise FormatError(f"expected at most {MAX_COLUMNS} columns", f"应不超过 {MAX_COLUMNS} 列")
        rows = _cells(sheet, left)
        _fill(rows, sheet.merged_cell_ranges or [])
        found = [(n + 1, cells) for n, cells in sorted(rows.items()) if any(text.strip() for text, _ in cells)]
        if found:
            return name, found, [n for n in shown[place:] if workbook.get_sheet_by_name(n).start is not None]
    return "", [], []


def _cells(sheet: Any, left: int) -> dict[int, list[tuple[str, bool]]]:
    """The rows by their number from 0; of empty ones none."""
    rows: dict[int, list[tuple[str, bool]]] = {}
    for number, values in enumerate(sheet.iter_rows()):
        if any(value != "" for value in values):
            rows[number] = [("", False)] * left + [_cell(value) for value in values]
            _bound(len(rows), [])
    return rows


def _cell(value: Any) -> tuple[str, bool]:
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE", False)
    if isinstance(value, int | float):
        whole = isinstance(value, int) or (value.is_integer() and abs(value) < 10**15)
        return (str(int(value)) if whole else repr(value), True)
    if isinstance(value, datetime):
        return (value.date().isoformat() if value.time() == time() else value.isoformat(sep=" "), False)
    if isinstance(value, date | time | timedelta):
        return (value.isoformat() if not isinstance(value, timedelta) else str(value), False)
    if len(value) > MAX_CELL:
        raise FormatError(f"expected at most {MAX_CELL} characters in a cell", f"每格应不超过 {MAX_CELL} 个字符")
    return (value, False)


def _fill(rows: dict[int, list[tuple[str, bool]]], merged: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """A merged cell's value stands in each of its rows that has anything else, in its first column."""
    filled = 0
    for (top, left), (bottom, _) in merged:
        if top not in rows or left >= len(rows[top]):
            continue
        for number in range(top + 1, min(bottom, top + _MERGED) + 1):
            filled += 1
            if filled > _MERGED:
                raise FormatError(f"expected at most {_MERGED} merged cells", f"合并单元格应不超过 {_MERGED} 个")
            if number in rows and left < len(rows[number]) and rows[number][left] == ("", False):
                rows[number][left] = rows[top][left]


def _refuse(file: str, en: str, zh: str) -> FormatError:
    return FormatError(f"{file}: {en}", f"{file}：{zh}")
