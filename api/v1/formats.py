"""Rows as JSON Lines and CSV, piece by piece: a file of any length takes the memory of one piece.

CSV is RFC 4180 in UTF-8, with a byte order mark, without which spreadsheets take Chinese for another encoding, and a
first line of names. Cells are those of ledger/commitment_sheet.py: no spreadsheet takes one for a formula, and an
import gets back every text.

>>> rows = [{"name": "=cmd()", "roles": ["operator", "court"], "on": None}]
>>> b"".join(csv_of(rows, ("name", "roles", "on"))).decode("utf-8-sig")
"name,roles,on\\r\\n'=cmd(),operator court,\\r\\n"
>>> b"".join(jsonl_of(rows)).decode()
'{"name":"=cmd()","roles":["operator","court"],"on":null}\\n'
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson

from ledger.commitment_sheet import cell

Row = Mapping[str, Any]
BOM = b"\xef\xbb\xbf"
VERSION = 1
"""Counted up whenever the same rows become other bytes: files are told apart by it."""
PIECE = 500
"""Rows of a piece."""
MEDIA = {"json": "application/json", "csv": "text/csv; charset=utf-8; header=present", "jsonl": "application/jsonl"}


def jsonl_of(rows: Iterable[Row]) -> Iterator[bytes]:
    """A JSON object a line (jsonlines.org), in pieces."""
    for piece in _pieces(rows):
        yield b"".join(orjson.dumps(dict(row), option=orjson.OPT_APPEND_NEWLINE) for row in piece)


def csv_of(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[bytes]:
    """Lines of cells under the names of the columns, in pieces."""
    head = BOM + _lines([columns])  # with the first rows: until they are read, all can still be refused
    for piece in _pieces(rows):
        yield head + _lines([[cell(row.get(name)) for name in columns] for row in piece])
        head = b""
    if head:
        yield head


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _pieces(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while piece := list(islice(left, PIECE)):
        yield piece
