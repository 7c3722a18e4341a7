"""JSON as signed statements need it: one meaning for one sequence of bytes (I-JSON, RFC 7493, and narrower).

Refused: duplicate names (RFC 7493 §2.3), bytes that are not UTF-8, a byte order mark, NUL, lone surrogates (§2.1),
numbers with a fraction or exponent, integers beyond 2^53 - 1 (§2.2), NaN and Infinity, text after the value, and
more than 32 objects and lists within each other: what is deeper could be read, and then not be shown in a refusal.

>>> loads(b'{"version":1}', "payload")
{'version': 1}
>>> loads(b'{"version":1,"version":2}', "payload")  # doctest: +ELLIPSIS
Traceback (most recent call last):
ledger.errors.FormatError: payload: expected each name once, got "version" twice | payload：...
>>> loads(b"[" * 32 + b"]" * 32, "payload") != loads(b"[" * 31 + b"]" * 31, "payload")
True
>>> loads(b"[" * 33 + b"]" * 33, "payload")  # doctest: +ELLIPSIS
Traceback (most recent call last):
ledger.errors.FormatError: payload: expected JSON of small depth | ...
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from json.scanner import make_scanner
from typing import Any, NoReturn

from ledger.errors import FormatError

_LARGEST = 2**53 - 1
MAX_DEPTH = 32


class _RefusedError(Exception):
    """Carries the two halves of a message out of the decoder's hooks."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        name = next(n for n, _ in pairs if n in seen or seen.add(n))  # type: ignore[func-returns-value]
        shown = json.dumps(name[:40])
        raise _RefusedError(f"expected each name once, got {shown} twice", f"名称不得重复，{shown} 出现两次")
    return found


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > _LARGEST or text == "-0":
        raise _RefusedError("expected whole numbers within ±(2^53-1)", "整数应在 ±(2^53-1) 之内")
    return int(text)


def _fraction(_: str) -> NoReturn:
    raise _RefusedError("expected whole numbers, got a fraction or exponent", "只接受整数，不接受小数或指数")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_integer, parse_float=_fraction, parse_constant=_fraction
)
_scan: Callable[[str, int], tuple[Any, int]] = make_scanner(_DECODER)  # type: ignore[arg-type]


def _decode(text: str) -> Any:
    try:
        value, end = _scan(text, 0)
    except StopIteration:  # nothing starts here: space, or an error that the decoder explains
        return _DECODER.decode(text)
    return value if end == len(text) else _DECODER.decode(text)


def loads(data: bytes, what: str) -> Any:
    """The JSON value of ``data``; ``what`` names it in the error. Raises FormatError."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{what}: expected UTF-8, got a wrong byte at offset {error.start}",
            f"{what}：应为 UTF-8 编码，第 {error.start} 字节有误",
        ) from None
    if text.startswith("\ufeff"):
        raise FormatError(f"{what}: expected no byte order mark", f"{what}：不应有字节顺序标记（BOM）")
    try:
        value = _decode(text)
    except _RefusedError as refused:
        en, zh = refused.args
        raise FormatError(f"{what}: {en}", f"{what}：{zh}") from None
    except json.JSONDecodeError as error:
        raise FormatError(
            f"{what}: expected JSON, got an error at character {error.pos}",
            f"{what}：应为 JSON，第 {error.pos} 个字符处有误",
        ) from None
    except RecursionError:
        raise FormatError(f"{what}: expected JSON of small depth", f"{what}：JSON 嵌套过深") from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deep(value):
        raise FormatError(f"{what}: expected JSON of small depth", f"{what}：JSON 嵌套过深")
    if "\\u" in text:
        _check_escapes(value, what)
    return value


def _is_deep(value: Any) -> bool:
    """Whether more than ``MAX_DEPTH`` objects and lists stand within each other."""
    layer = [value]
    for _ in range(MAX_DEPTH):
        layer = [inner for outer in layer if isinstance(outer, dict | list) for inner in _within(outer)]
    return any(isinstance(inner, dict | list) for inner in layer)


def _within(outer: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return outer.values() if isinstance(outer, dict) else outer


def _check_escapes(value: Any, what: str) -> None:
    """Escapes can spell what raw UTF-8 cannot: lone surrogates; and NUL, which no database text can hold."""
    whole = json.dumps(value, ensure_ascii=False)
    try:
        whole.encode("utf-8")
    except UnicodeEncodeError:
        raise FormatError(f"{what}: expected no lone surrogate", f"{what}：不应有孤立的代理码位") from None
    if "\\u0000" in whole:
        raise FormatError(f"{what}: expected no NUL character", f"{what}：不应有 NUL 字符")


def dumps(value: Any) -> bytes:
    """Compact UTF-8 JSON in the order given."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
