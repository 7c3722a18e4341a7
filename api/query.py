"""What a page's request asks: filters, day, continuation; and of whom: the ledger and the board.

What cannot be meant is refused, never guessed.

>>> from ledger.domain.commitment_terms import Area
>>> asked = Request({"type": "http", "path": "/commitments", "query_string": b"area=ppp&on=2026-11-21&name="})
>>> code(asked, "area", Area), day(asked, date(2026, 1, 1)).isoformat(), text(asked, "name")
(<Area.PPP: 'ppp'>, '2026-11-21', None)
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from api.days import day_of
from ledger.application import Ledger
from ledger.errors import FormatError, NotFoundError
from projections.board_views import Board

Code = TypeVar("Code", bound=StrEnum)

_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST = 200


def ledger(request: Request) -> Ledger:
    """The ledger that the application was made for."""
    found: Ledger = request.app.state.installation.ledger
    return found


def board(request: Request) -> Board:
    """The read side that the application was made for."""
    found: Board = request.app.state.board
    return found


def text(request: Request, name: str) -> str | None:
    """A parameter; None where it is absent or empty. Raises FormatError for control characters and great length."""
    value = request.query_params.get(name, "").strip()
    if len(value) > _LONGEST or _CONTROL.search(value):
        raise FormatError(
            f"{name}: expected at most {_LONGEST} characters and no control characters",
            f"{name}：应不超过 {_LONGEST} 个字符且不含控制字符",
        )
    return value or None


def code(request: Request, name: str, codes: type[Code]) -> Code | None:
    """A parameter that is one of the codes. Raises FormatError naming them."""
    value = text(request, name)
    if value is None:
        return None
    if value not in {str(c) for c in codes}:
        known = ", ".join(codes)
        raise FormatError(
            f"{name}: expected one of {known}, got {value[:40]!r}", f"{name}：应为 {known} 之一，实为 {value[:40]!r}"
        )
    return codes(value)


def day(request: Request, today: date, name: str = "on") -> date:
    """The day that the page is for: the parameter ``on`` (or another name), else today. Raises FormatError."""
    value = text(request, name)
    return today if value is None else day_of(value, name)


def following(request: Request, name: str, value: object) -> str | None:
    """The address of the same list, continued from ``value`` by the parameter ``name``; None where nothing follows."""
    if value is None:
        return None
    return f"{request.url.path}?{urlencode({**request.query_params, name: value})}"


def missing(en: str, zh: str, own: str) -> NotFoundError:
    """The error for an id that names nothing; what came is cut, it may be anything."""
    return NotFoundError(
        f"{en}: the ledger has none with the id {own[:80]}", f"{zh}：账本中没有标识为 {own[:80]} 的记录"
    )
