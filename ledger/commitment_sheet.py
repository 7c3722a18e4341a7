"""Commitments as rows: what an export writes and an import reads, as objects (JSON Lines) or as cells (CSV).

A row has an ``id``, the fields of :class:`CommitmentMade` as it was made, and in ``basis`` the documents relied on; in
JSON they are what stands in the event. Columns that begin with ``now_``, and those in :data:`TOLD`, are for people: an
import passes over them. So a file that was exported can be imported, elsewhere or again, and says there the same
promises; a file written by hand needs :data:`NEEDED` and no more.

Cells are text. Empty: the field is absent. Lists of bodies and codes are separated by a space; values with parts of
their own (:data:`OBJECTS`) are JSON; true and false are spelled so. A spreadsheet takes a text for a formula that
begins with one of :data:`FORMULA`: such a cell has an apostrophe put before it, and so has one that begins with an
apostrophe, which is why taking one away restores every text (OWASP, CSV Injection).

>>> made = read_row({"title": "=1+1", "text": "…", "kind": "plan", "area": "general", "promiser": "p-0123456789abcdef"})
>>> row = row_of(made)
>>> cells(row)["title"], cells(row)["due"], cells(row)["promiser"]
("'=1+1", '', 'p-0123456789abcdef')
>>> read_cells(cells(row)) == made
True
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from ledger.domain import codec
from ledger.domain.codec import Many, Shape
from ledger.domain.commitment import CommitmentMade
from ledger.domain.event import Document
from ledger.errors import FormatError
from ledger.proof import strictjson

FIELDS = tuple(field.name for field in dataclasses.fields(CommitmentMade))
NEEDED = ("title", "text", "kind", "area", "promiser")
LISTS = ("lead", "responsible", "supporting", "services")
OBJECTS = ("target", "milestones", "recurrence", "published", "contract", "handling", "basis")
PROMISE = ("id", *FIELDS, "basis")
"""The columns of a promise, in the order of an export."""
TOLD = ("log_index", "made_on", "issuer")
"""Columns that only tell: where and when the ledger recorded it, and who signed."""
FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
"""What makes a spreadsheet take a text for a formula, the full-width forms of Chinese input included."""

_Id = Annotated[str, Shape("[0-9A-Za-z][0-9A-Za-z-]{0,63}", "the id of a commitment", "承诺的标识")]
_Basis = Annotated[tuple[Document, ...], Many(20)]


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment that was exported or is to be imported; ``id`` is None where the file names none."""

    id: str | None
    fact: CommitmentMade
    basis: tuple[Document, ...] = ()


def row_of(promise: Promise) -> dict[str, Any]:
    """The promise as an object, in the order of :data:`PROMISE`; what has its default is left out."""
    own = {"id": promise.id} if promise.id is not None else {}
    basis = {"basis": codec.encode(promise.basis)} if promise.basis else {}
    return {**own, **codec.encode(promise.fact), **basis}


def read_row(row: Mapping[str, Any]) -> Promise:
    """The inverse of :func:`row_of`. Raises FormatError naming the first column that is wrong, or that nobody knows."""
    found = {name: v for name, v in row.items() if name not in TOLD and not name.startswith("now_") and v is not None}
    own = codec.decode_as(_Id, found.pop("id"), "id") if "id" in found else None
    basis = codec.decode_as(_Basis, found.pop("basis"), "basis") if "basis" in found else ()
    return Promise(own, codec.decode(CommitmentMade, found, "row"), basis)


def cells(row: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a row that is an object: the columns of :data:`PROMISE`, and whatever else it has."""
    return {**dict.fromkeys(PROMISE, ""), **{name: cell(value) for name, value in row.items()}}


def cell(value: Any) -> str:
    """A value as the text of a cell, protected from being taken for a formula."""
    if isinstance(value, list | tuple) and value and all(type(v) is str and " " not in v for v in value):
        return guarded(" ".join(value))
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str) if value else ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else guarded(str(value))


def guarded(text: str) -> str:
    """``text`` as a cell that no spreadsheet takes for a formula.

    >>> guarded("=SUM(A1)"), guarded("'quoted'"), guarded("示政发〔2026〕3号")
    ("'=SUM(A1)", "''quoted'", '示政发〔2026〕3号')
    """
    return f"'{text}" if text[:1] in FORMULA or text[:1] == "'" else text


def plain(text: str) -> str:
    """The inverse of :func:`guarded`, for every text; what was never guarded stays as it is.

    >>> plain("'=SUM(A1)"), plain("''quoted'"), plain("3号")
    ('=SUM(A1)', "'quoted'", '3号')
    """
    return text[1:] if text[:1] == "'" else text


def read_cells(found: Mapping[str, str]) -> Promise:
    """The promise in a row of cells. Raises FormatError as :func:`read_row`, and for a cell that is no value."""
    row = {name: _value(name, text) for name, text in found.items() if text.strip() and name in PROMISE}
    unknown = {name: text for name, text in found.items() if name not in PROMISE}
    return read_row({**row, **unknown})


def _value(name: str, text: str) -> Any:
    text = plain(text)
    if name in LISTS:
        return text.split()
    if name in OBJECTS:
        return strictjson.loads(text.encode(), name)
    if name == "continuous":
        if text not in {"true", "false"}:
            raise FormatError(
                f"continuous: expected true or false, got {text[:40]!r}",
                f"continuous：应为 true 或 false，实为 {text[:40]!r}",
            )
        return text == "true"
    return text
