"""Facts as regular expressions: one match instead of decoding, for whoever reads millions and needs no fact.

The pattern of a class matches compact JSON as :func:`ledger.domain.codec.encode` gives it, fields in their order, and
nothing that :func:`ledger.domain.codec.decode` would refuse, but for the order of sealed digests, which no pattern can
tell: :func:`in_order` does. It does not match all that decode accepts (other orders,
escapes, leap days, the largest numbers): what does not match is to be decoded.

>>> from ledger.domain.body import BodyRenamed
>>> matches = re.compile(pattern(BodyRenamed)).fullmatch
>>> [bool(matches(text)) for text in ('{"name":"示例市商务局"}', '{"name":" "}', '{"name":"示例市商务局","age":1}')]
[True, False, False]
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from datetime import date
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Union, get_args, get_origin

from ledger.domain import codec
from ledger.domain.codec import CONTROL, Many, Range, Shape, Text

LONGEST = 8000
"""A text of several lines is matched whatever its length, so what is matched may have at most so many characters."""

# A day of every year, so without 29 February; date.fromisoformat has no year 0000.
_DATE = (
    "(?!0000)[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_COMMA_UNLESS_FIRST = r"(?:(?<=\{)|(?<!\{),)"
_CHARACTER = f'[^"\\\\{CONTROL}]'
_SEALED = re.compile(r'"_sd":\[([^]]*)]')


@cache
def pattern(hint: Any) -> str:
    """The pattern of the JSON of a fact's class, or of an annotation in it; it has no groups."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _constrained(args[0], args[1:])
    if origin in (types.UnionType, Union):
        return pattern(next(a for a in args if a is not type(None)))
    if origin is tuple:
        return _list(args[0], 100)
    if hint is date:
        return f'"{_DATE}"'
    if hint is bool:
        return "(?:true|false)"
    if issubclass(hint, StrEnum):
        return f'"(?:{"|".join(re.escape(str(member)) for member in hint)})"'
    return _object(hint)


def in_order(text: str) -> bool:
    """Whether the digests of sealed values in a text that was matched ascend, each once; true where there are none."""
    found = _SEALED.search(text) if '"_sd":' in text else None
    return found is None or all(a < b for a, b in pairwise(found[1].split(",")))


def _object(cls: Any) -> str:
    """Members in the order of the fields; those that must be there come first, as dataclasses have it."""
    hints = typing.get_type_hints(cls, include_extras=True)
    found, comma = "", ""
    for field in dataclasses.fields(cls):
        member = f'{comma}"{codec.member(field.name)}":{pattern(hints[field.name])}'
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            found, comma = found + member, ","
        else:
            found, comma = f"{found}(?:{member})?", comma or _COMMA_UNLESS_FIRST
    return rf"\{{{found}\}}"


def _constrained(hint: Any, marks: tuple[Any, ...]) -> str:
    mark = next(m for m in marks if isinstance(m, Text | Shape | Range | Many))
    if isinstance(mark, Text):
        return _text(mark)
    if isinstance(mark, Shape):
        return f'"(?:{mark.pattern})"'
    if isinstance(mark, Range):
        # As many digits as any number of that length is in the range; the few beyond are decoded.
        first = "[1-9]" if mark.least > 0 else "(?!0[0-9])[0-9]"
        digits = len(str(mark.most)) - 1 if mark.least <= 1 else 0
        return f"{first}[0-9]{{0,{digits - 1}}}" if digits else "(?!)"
    return _list(get_args(hint)[0], mark.most)


def _text(mark: Text) -> str:
    first = f"(?!\\s){_CHARACTER}"
    if mark.lines and mark.longest >= LONGEST:
        return f'"{first}{_CHARACTER}*+(?:\\\\n{_CHARACTER}*+)*+"'
    return f'"{first}{_CHARACTER}{{0,{mark.longest - 1}}}+"'


def _list(item: Any, most: int) -> str:
    one = pattern(item)
    return rf"\[{one}(?:,{one}){{0,{most - 1}}}\]"
