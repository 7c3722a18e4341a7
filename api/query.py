"""What a page's request asks: filters, continuation; and of whom: the ledger. As of when: api/moments.py.

What cannot be meant is refused, never guessed.

>>> from ledger.domain.commitment_terms import Area
>>> asked = Request({"type": "http", "path": "/commitments", "query_string": b"area=ppp&name="})
>>> code(asked, "area", Area), text(asked, "name")
(<Area.PPP: 'ppp'>, None)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from api.moments import moment, reading, today
from ledger.application import Ledger
from ledger.errors import FormatError, NotFoundError
from projections.reading import Moment
from projections.views.names import Called, called

Code = TypeVar("Code", bound=StrEnum)

_PLANES = "".join(f"{chr(p * 0x10000 + 0xFFFE)}{chr(p * 0x10000 + 0xFFFF)}" for p in range(17))
_CONTROL = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_PLANES}]")
"""Controls, surrogates and noncharacters (Unicode §23): no page may hold them (HTML standard §13.2.3.5)."""
_LONGEST = 200


def ledger(request: Request) -> Ledger:
    """The ledger that the application was made for."""
    found: Ledger = request.app.state.installation.ledger
    return found


def moment_of_log(request: Request) -> Moment:
    """The moment that ``as_of`` asks for, on a page that is folded from the log itself: now is the log's end, however
    far the projections are. Raises FormatError, NotFoundError.
    """
    if request.query_params.get("as_of", "").strip():
        return moment(request, "provenance")
    now = today(request)
    return Moment(ledger(request).reader.newest().size, now, now)


def names(request: Request, ids: Iterable[str | None]) -> dict[str, Called]:
    """The bodies of these ids as they are called now."""
    read = reading(request)
    return called(read, read.moment(None, today(request), "bodies"), ids)


def is_unfit(value: str) -> bool:
    """Whether a text of several lines holds what no page may."""
    return bool(_CONTROL.search(value.translate({9: None, 10: None, 13: None})))


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
        raise unknown(name, codes, value)
    return codes(value)


def unknown(name: str, known: Iterable[str], value: str) -> FormatError:
    """The error for a parameter that is none of the values it can have."""
    values = ", ".join(known)
    return FormatError(
        f"{name}: expected one of {values}, got {value[:40]!a}", f"{name}：应为 {values} 之一，实为 {value[:40]!a}"
    )


def following(request: Request, name: str, value: object) -> str | None:
    """The address of the same list, continued from ``value`` by the parameter ``name``; None where nothing follows."""
    if value is None:
        return None
    return f"{request.url.path}?{urlencode({**request.query_params, name: value})}"


def without(request: Request, name: str) -> str:
    """The address of the same page, without a parameter."""
    rest = {k: v for k, v in request.query_params.items() if k != name}
    return f"{request.url.path}?{urlencode(rest)}" if rest else request.url.path


def missing(en: str, zh: str, own: str) -> NotFoundError:
    """The error for an id that names nothing; what came is cut, it may be anything."""
    return NotFoundError(
        f"{en}: the ledger has none with the id {own[:80]!a}", f"{zh}：账本中没有标识为 {own[:80]!a} 的记录"
    )
