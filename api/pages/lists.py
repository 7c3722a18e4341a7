"""A list for people out of a listing: its filters as a form, facets with counts, a page of rows, the way to the next.

Each filter of a page is one of its listing's; what cannot be meant is refused, never guessed. Everything on a page, the
counts too, is of one moment: that of the first page, however many pages are turned.

>>> from ledger.domain import commitment_terms
>>> area = Filter("area", "领域", "Area", coded(commitment_terms.Area))
>>> choices(area, {"ppp": 3, None: 1}, None)
[{'code': 'ppp', 'zh': '政府和社会资本合作', 'en': 'Public-private partnership', 'count': 3}]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.requests import Request

from api import query
from api.days import day_of
from api.moments import moment, reading
from api.render import Data
from api.words import word
from api.words.table import Word
from projections.reading import Moment
from projections.views import counting
from projections.views import listing as views
from projections.views.listing import Listing

Row = Mapping[str, Any]


def coded(codes: type[StrEnum]) -> dict[str, Word]:
    """The members of an enumeration with their words."""
    return {str(code): word(code) for code in codes}


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list: the parameter, what it is called, and the values that it can have (None: any text, or with
    ``is_day`` any day).
    """

    name: str
    zh: str
    en: str
    words: Mapping[str, Word] | None = None
    is_day: bool = False

    def value(self, request: Request) -> Any:
        """What is asked for; None where nothing is. Raises FormatError."""
        found = query.text(request, self.name)
        if found is None:
            return None
        if self.is_day:
            return day_of(found, self.name)
        if self.words is not None and found not in self.words:
            raise query.unknown(self.name, self.words, found)
        return found


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of a list: its rows and their moment, what page and JSON share, and the filters as a form shows them."""

    rows: Sequence[Row]
    moment: Moment
    data: Data
    form: list[Data]


def shown(
    request: Request, listing: Listing, filters: Sequence[Filter], fixed: Mapping[str, Any] | None = None
) -> Shown:
    """The page of a listing that is asked for; ``fixed`` are filters that nobody chooses.

    Raises FormatError for a filter, order or continuation that is none.
    """
    asked = {f.name: f.value(request) for f in filters}
    order = _order(request, listing)
    values = {k: v for k, v in {**asked, **(fixed or {})}.items() if v is not None}
    now, read = moment(request, *listing.reads), reading(request)
    after = request.query_params.get("after", "").strip() or None
    found = views.page(read, listing, now, filters=values, order=order, after=after)
    at = found.moment
    counts = counting.facets(read, listing, at, [f.name for f in filters if f.name in listing.facets], values)
    data: Data = {
        "filters": {**asked, "order": order or next(iter(listing.orders))},
        "total": views.count(read, listing, at, values),
        "facets": {f.name: choices(f, counts[f.name], asked[f.name]) for f in filters if f.name in counts},
        "next": query.following(request, "after", found.next),
        "first": query.without(request, "after") if after else None,
    }
    return Shown(found.rows, at, data, [field(f, asked[f.name], data["facets"].get(f.name)) for f in filters])


def field(found: Filter, value: Any, counted: list[Data] | None = None) -> Data:
    """A filter as a form shows it: with a choice of values, or to be filled in."""
    plain = [{"code": c, **w._asdict(), "count": None} for c, w in (found.words or {}).items()]
    is_text = found.words is None and counted is None
    kind = "date" if found.is_day else "text" if is_text else "choice"
    given = plain if counted is None else counted
    return {"name": found.name, "zh": found.zh, "en": found.en, "value": value, "kind": kind, "choices": given}


def choices(found: Filter, counts: Mapping[str | None, int], chosen: str | None) -> list[Data]:
    """The values of a facet with their words and counts; the one that is chosen even where nothing has it."""
    known = found.words or {}
    values = {str(v): n for v, n in counts.items() if v is not None}
    if chosen is not None:
        values.setdefault(chosen, 0)
    return [{"code": v, **known.get(v, Word(v, ""))._asdict(), "count": n} for v, n in values.items()]


def _order(request: Request, listing: Listing) -> str | None:
    value = query.text(request, "order")
    if value is not None and value not in listing.orders:
        raise query.unknown("order", listing.orders, value)
    return value
