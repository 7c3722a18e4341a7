"""Facts as JSON: strict decoding of frozen dataclasses, and encoding back.

A fact's fields are typed by annotations, and the annotation is the whole schema: nothing unknown is accepted,
nothing is coerced, ``null`` is never written (a field without a value is left out).

>>> from dataclasses import dataclass
>>> @dataclass(frozen=True)
... class Promise:
...     title: Name
...     due: date | None = None
...     lead: tuple[BodyId, ...] = ()
>>> decode(Promise, {"title": "限时办结", "due": "2026-12-31"})
Promise(title='限时办结', due=datetime.date(2026, 12, 31), lead=())
>>> encode(decode(Promise, {"title": "限时办结"}))
{'title': '限时办结'}
>>> decode(Promise, {"title": "限时办结", "colour": "red"})  # doctest: +ELLIPSIS
Traceback (most recent call last):
ledger.errors.FormatError: data: expected no field but title, due, lead, got colour | data：...
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from ledger.errors import FormatError

T = TypeVar("T")
Path = str | tuple[Any, str | int]
"""Where a value stands: a name, or where its object or list stands and its name or number there. It is spelled out only
where something is wrong with the value: most never need it.
"""
Decoder = Callable[[Any, Path], Any]

CONTROL = "\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff"
"""Characters that no text has, as ranges of a pattern: control characters, and what breaks lines or turns the
direction of writing, for a name must look like what it is.
"""
_CONTROL = re.compile(f"[{CONTROL}]")
_CONTROL_BUT_LAYOUT = re.compile(_CONTROL.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Text:
    """A string of 1 to ``longest`` characters without control characters; ``lines`` allows tab and newline."""

    longest: int
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A string that matches ``pattern`` wholly; ``en`` and ``zh`` say in words what that is."""

    pattern: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Range:
    """A whole number from ``least`` to ``most``, both included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Many:
    """A list of at most ``most`` items."""

    most: int


class Ascending:
    """Marks a list whose items stand in ascending order of their characters, each once."""


class _Body:
    """Marks a string as the id of a body: what :func:`bodies` looks for."""


USCC_PATTERN = "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
PROVISIONAL_PATTERN = "p-[0-9a-f]{16}"
BODY_PATTERN = f"(?:{USCC_PATTERN}|{PROVISIONAL_PATTERN}|ledger)"

Name = Annotated[str, Text(200)]
Prose = Annotated[str, Text(8000, lines=True)]
Sha256 = Annotated[str, Shape("[0-9a-f]{64}", "64 lower-case hexadecimal digits", "64 位小写十六进制数")]
PublicKey = Annotated[
    str,
    Shape(
        "[A-Za-z0-9_-]{43}",
        "an Ed25519 public key: 43 base64url characters",
        "Ed25519 公钥：43 个 base64url 字符",
    ),
]
KeyId = Annotated[
    str,
    Shape(
        "[A-Za-z0-9_-]{43}",
        "an RFC 7638 thumbprint: 43 base64url characters",
        "RFC 7638 指纹：43 个 base64url 字符",
    ),
]
Uscc = Annotated[str, Shape(USCC_PATTERN, "a unified social credit code", "统一社会信用代码"), _Body()]
BodyId = Annotated[
    str,
    Shape(
        BODY_PATTERN,
        "a body's id: a unified social credit code, or p- and 16 hexadecimal digits",
        "单位标识：统一社会信用代码，或 p- 加 16 位十六进制数",
    ),
    _Body(),
]
RegionCode = Annotated[str, Shape("[0-9]{6}", "a GB/T 2260 code: 6 digits", "GB/T 2260 行政区划代码：6 位数字")]
Uuid7 = Annotated[
    str,
    Shape(
        "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "a version 7 UUID in lower case",
        "小写的第 7 版 UUID",
    ),
]
Fen = Annotated[int, Range(0, 10**15)]
"""An amount of money in fen (1/100 yuan): whole numbers only, so that no rounding can hide anything."""


Digest = Annotated[
    str,
    Shape("[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", "a disclosure's SHA-256 in base64url", "披露项摘要（base64url）"),
]
Sealed = Annotated[tuple[Digest, ...], Many(20), Ascending()]
"""Digests of disclosures, in an order that tells nothing (RFC 9901 §4.2.4.1). A fact's field ``sealed`` is ``_sd`` in
JSON; its ``SEALS`` maps the names that may be sealed to the annotations of their values.
"""


def _spelled(path: Path) -> str:
    """A path as text, e.g. ``data.milestones[2].due``."""
    if isinstance(path, str):
        return path
    above, last = path
    return f"{_spelled(above)}[{last}]" if isinstance(last, int) else f"{_spelled(above)}.{last}"


def refuse(path: Path, en: str, zh: str, got: object) -> FormatError:
    """The error for a value that is not what the schema says; long values are cut, so messages stay short."""
    shown = repr(got)
    if len(shown) > 80:
        shown = shown[:77] + "..."
    place = _spelled(path)
    return FormatError(f"{place}: expected {en}, got {shown}", f"{place}：应为{zh}，实为 {shown}")


def member(field: str) -> str:
    """The name in JSON of a field: its own, but ``_sd`` for the digests of sealed values (RFC 9901)."""
    return "_sd" if field == "sealed" else field


def decode(cls: type[T], value: object, path: str = "data") -> T:
    """The frozen dataclass ``cls`` from a JSON object. Raises FormatError naming the first field that is wrong."""
    known: Any = cls
    result: T = _object(known)(value, path)
    return result


def decode_as(hint: Any, value: object, path: str) -> Any:
    """The value of an annotation from its JSON. Raises FormatError naming what is wrong."""
    return _decoder(hint)(value, path)


def encode(value: Any) -> Any:
    """JSON values from a fact: the inverse of :func:`decode`; fields that have their default value are left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((f, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {member(f.name): encode(v) for f, v in pairs if f.default is dataclasses.MISSING or v != f.default}
    if isinstance(value, tuple):
        return [encode(v) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value


def bodies(fact: Any) -> Iterator[str]:
    """The ids of all bodies that a fact names, in the order of its fields, doubles included."""
    known: Any = type(fact)
    for name, kind in _body_fields(known):
        value = getattr(fact, name)
        if value is None:
            continue
        if kind == "one":
            yield value
        elif kind == "many":
            yield from value
        else:
            for item in value if isinstance(value, tuple) else (value,):
                yield from bodies(item)


@cache
def _body_fields(cls: type) -> tuple[tuple[str, str], ...]:
    """Which fields of a dataclass hold a body's id ("one"), several ("many"), or objects to look into ("deep")."""
    found: list[tuple[str, str]] = []
    for name, hint in typing.get_type_hints(cls, include_extras=True).items():
        inner, many = _unwrap(hint)
        if any(isinstance(m, _Body) for m in getattr(inner, "__metadata__", ())):
            found.append((name, "many" if many else "one"))
        elif dataclasses.is_dataclass(inner) and isinstance(inner, type) and _body_fields(inner):
            found.append((name, "deep"))
    return tuple(found)


def _unwrap(hint: Any) -> tuple[Any, bool]:
    """The innermost type of ``X | None`` and ``tuple[X, ...]``, and whether it was a tuple."""
    many = False
    while True:
        origin, args = get_origin(hint), get_args(hint)
        if origin is Annotated and get_origin(args[0]) is tuple:
            hint = args[0]
        elif origin in (types.UnionType, Union):
            hint = next(a for a in args if a is not type(None))
        elif origin is tuple:
            hint, many = args[0], True
        else:
            return hint, many


@cache
def _object(cls: type) -> Decoder:
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = [f for f in dataclasses.fields(cls) if f.init]
    decoders = {member(f.name): _decoder(hints[f.name]) for f in fields}
    names = {member(f.name): f.name for f in fields}
    needs = (f for f in fields if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING)
    required = [member(f.name) for f in needs]
    needed = frozenset(required)

    def run(value: Any, path: Path) -> Any:
        if type(value) is not dict:
            raise refuse(path, "an object", "对象", value)
        if not needed <= value.keys() <= decoders.keys():
            raise _wrong_fields(value, decoders, required, _spelled(path))
        return cls(**{names[name]: decoders[name](v, (path, name)) for name, v in value.items()})

    return run


def _wrong_fields(value: Mapping[str, Any], known: Mapping[str, Any], required: list[str], path: str) -> FormatError:
    """The error for an object that has a field unknown to it or lacks a required one: the first of them."""
    for name in value:
        if name not in known:
            names, shown = ", ".join(known), name if len(name) <= 40 else name[:37] + "..."
            return FormatError(
                f"{path}: expected no field but {names}, got {shown}",
                f"{path}：只应有字段 {names}，多出 {shown}",
            )
    name = next(name for name in required if name not in value)
    return FormatError(f"{path}: expected the field {name}, got none", f"{path}：缺少字段 {name}")


def _decoder(hint: Any) -> Decoder:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _constrained(args[0], args[1:])
    if origin in (types.UnionType, Union):
        members = [a for a in args if a is not type(None)]
        if len(members) == 1:
            return _decoder(members[0])
    if origin is tuple and args[1:] == (...,):
        return _list(args[0], 100)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _enum(hint)
    if hint is date:
        return _date
    if hint is bool:
        return _bool
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _object(hint)
    raise TypeError(f"no decoder for {hint}: a field of a fact needs bounds")


def _constrained(hint: Any, marks: tuple[Any, ...]) -> Decoder:
    mark = next(m for m in marks if isinstance(m, Text | Shape | Range | Many))
    if isinstance(mark, Text):
        return _text(mark)
    if isinstance(mark, Shape):
        return _shaped(mark)
    if isinstance(mark, Range):
        return _integer(mark)
    ascending = any(isinstance(m, Ascending) for m in marks)
    return _list(get_args(hint)[0], mark.most, ascending=ascending)


def _text(mark: Text) -> Decoder:
    control = _CONTROL_BUT_LAYOUT if mark.lines else _CONTROL

    def run(value: Any, path: Path) -> str:
        if type(value) is not str or not 0 < len(value) <= mark.longest or not value.strip():
            raise refuse(path, f"1 to {mark.longest} characters", f" 1 至 {mark.longest} 个字符", value)
        # What is printable has none of them, and that is quickly found out.
        if not value.isprintable() and control.search(value):
            raise refuse(path, "no control characters", "不含控制字符的文本", value)
        return value

    return run


def _shaped(mark: Shape) -> Decoder:
    matches = re.compile(mark.pattern).fullmatch

    def run(value: Any, path: Path) -> str:
        if type(value) is not str or not matches(value):
            raise refuse(path, mark.en, mark.zh, value)
        return value

    return run


def _integer(mark: Range) -> Decoder:
    def run(value: Any, path: Path) -> int:
        if type(value) is not int or not mark.least <= value <= mark.most:
            raise refuse(
                path,
                f"a whole number from {mark.least} to {mark.most}",
                f" {mark.least} 至 {mark.most} 的整数",
                value,
            )
        return value

    return run


def _list(item: Any, most: int, *, ascending: bool = False) -> Decoder:
    decoder = _decoder(item)

    def run(value: Any, path: Path) -> tuple[Any, ...]:
        if type(value) is not list or not 0 < len(value) <= most:
            raise refuse(
                path,
                f"a list of 1 to {most} items (or the field left out)",
                f" 1 至 {most} 项的列表（没有则省去该字段）",
                value,
            )
        found = tuple(decoder(v, (path, i)) for i, v in enumerate(value))
        if ascending and any(a >= b for a, b in pairwise(found)):
            raise refuse(path, "each item once, in ascending order", "升序排列且不重复的各项", found)
        return found

    return run


def _enum(cls: type[StrEnum]) -> Decoder:
    members: Mapping[str, StrEnum] = {str(m): m for m in cls}
    names = ", ".join(members)

    def run(value: Any, path: Path) -> StrEnum:
        if type(value) is not str or value not in members:
            raise refuse(path, f"one of {names}", f"下列之一：{names}", value)
        return members[value]

    return run


def _date(value: Any, path: Path) -> date:
    if type(value) is str and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise refuse(path, "a day as YYYY-MM-DD", "日期 YYYY-MM-DD", value)


def _bool(value: Any, path: Path) -> bool:
    if type(value) is not bool:
        raise refuse(path, "true or false", " true 或 false", value)
    return value
