"""Identifiers of bodies and people: GB 32100-2015 (USCC), GB 11714 (organisation code), GB 11643 (ID number).

A unified social credit code has two check characters: its last (mod 31, GB 32100 §4.6), and the ninth
character of the organisation code inside it (mod 11, GB 11714). A wrong digit that one of them misses the
other mostly finds. Any letter of the alphabet may stand in the first two places (authority and class): the
tables grow by amendment (A 中央军委, N 农业, Y 其他 came later), and a mistyped letter already fails the
check character.

>>> check_uscc("91350100M000100Y43")
>>> fictional_uscc(1)
'11990000000000019A'
>>> check_uscc("91350100M000100Y44")
Traceback (most recent call last):
ledger.errors.FormatError: USCC 91350100M000100Y44: expected the check character 3, got 4 | 统一社会信用代码 \
91350100M000100Y44：校验码应为 3，实为 4
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from ledger.domain.codec import USCC_PATTERN, Shape
from ledger.errors import FormatError

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = re.compile(USCC_PATTERN)
_USCC_17 = re.compile(f"[{_ALPHABET}]{{17}}")
_ORGANISATION = re.compile("[0-9A-Z]{8}")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ID = re.compile("[0-9]{17}[0-9X]")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


class CitizenId:
    """Marks a string as a citizen's identity number: whoever opens it checks it (:func:`check_id_number`)."""


IdNumber = Annotated[str, Shape(_ID.pattern, "17 digits and a digit or X", "17 位数字加 1 位数字或 X"), CitizenId()]
"""A citizen's identity number (GB 11643, A03): only ever sealed."""

FICTIONAL_REGION = "990000"
"""GB/T 2260 gives no region a code that starts with 99, so that no code made with it belongs to a real body."""


def uscc_check_digit(first17: str) -> str:
    """The 18th character of a USCC: 31 − Σ value·3^(i−1) mod 31 (GB 32100-2015 §4.6). Raises FormatError."""
    if not _USCC_17.fullmatch(first17):
        raise FormatError(
            f"USCC: expected 17 characters of {_ALPHABET}, got {first17[:40]!r}",
            f"统一社会信用代码：前 17 位应为 {_ALPHABET} 中的字符，实为 {first17[:40]!r}",
        )
    total = sum(_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first17))
    return _ALPHABET[-total % 31]


def organisation_check_digit(first8: str) -> str:
    """The 9th character of an organisation code: 11 − Σ value·weight mod 11, 10 as X, 11 as 0 (GB 11714)."""
    if not _ORGANISATION.fullmatch(first8):
        raise FormatError(
            f"organisation code: expected 8 digits or capital letters, got {first8[:40]!r}",
            f"组织机构代码：本体应为 8 位数字或大写字母，实为 {first8[:40]!r}",
        )
    total = sum(int(c, 36) * w for c, w in zip(first8, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def check_uscc(code: str) -> None:
    """Check shape and both check characters of a unified social credit code. Raises FormatError."""
    if not _USCC.fullmatch(code):
        raise FormatError(
            f"USCC: expected 18 digits or capital letters (no I, O, S, V, Z), got {code[:40]!r}",
            f"统一社会信用代码：应为 18 位数字或大写字母（不含 I、O、S、V、Z），实为 {code[:40]!r}",
        )
    expected = uscc_check_digit(code[:17])
    if code[17] != expected:
        raise FormatError(
            f"USCC {code}: expected the check character {expected}, got {code[17]}",
            f"统一社会信用代码 {code}：校验码应为 {expected}，实为 {code[17]}",
        )
    inner = organisation_check_digit(code[8:16])
    if code[16] != inner:
        raise FormatError(
            f"USCC {code}: expected the organisation code's check character {inner}, got {code[16]}",
            f"统一社会信用代码 {code}：主体标识码（组织机构代码）的校验码应为 {inner}，实为 {code[16]}",
        )


def check_id_number(number: str, on: date) -> None:
    """Check a citizen's ID number (GB 11643): shape, check character, a birth date that exists and is not after ``on``.

    The region is not looked up: codes come and go, and real people keep the number they were given. Raises
    FormatError, whose message never holds any part of the number.
    """
    if not _ID.fullmatch(number):
        raise FormatError(
            f"ID number: expected 17 digits and a digit or X, got {len(number)} characters that are not so",
            f"身份证号码：应为 17 位数字加 1 位数字或 X，实为不合此式的 {len(number)} 个字符",
        )
    total = sum(int(c) * w for c, w in zip(number[:17], _ID_WEIGHTS, strict=True))
    if number[17] != _ID_CHECKS[total % 11]:
        raise FormatError(
            "ID number: expected the check character of GB 11643, got another",
            "身份证号码：末位应为 GB 11643 规定的校验码，实为其他字符",
        )
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise FormatError(
            "ID number: expected a birth date that exists, got one that does not",
            "身份证号码：出生日期应为真实存在的日期，实为不存在的日期",
        ) from None
    if born > on:
        raise FormatError(
            f"ID number: expected a birth date not after {on}, got a later one",
            f"身份证号码：出生日期应不晚于 {on}，实为之后的日期",
        )


def fictional_uscc(serial: int, authority: str = "1", cls: str = "1") -> str:
    """A well-formed USCC that belongs to nobody, for demonstrations and tests: number ``serial`` from 0 to 99999999.

    Raises FormatError for a serial out of range, or an authority or class that is not of the code's alphabet.
    """
    if not 0 <= serial <= 99_999_999:
        raise FormatError(f"serial: expected 0 to 99999999, got {serial}", f"序号：应为 0 至 99999999，实为 {serial}")
    organisation = f"{serial:08d}"
    first17 = f"{authority}{cls}{FICTIONAL_REGION}{organisation}{organisation_check_digit(organisation)}"
    return first17 + uscc_check_digit(first17)
