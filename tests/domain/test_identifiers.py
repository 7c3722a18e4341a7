"""USCC (GB 32100-2015) and ID numbers (GB 11643). 以统一社会信用代码和自然人身份证号码为基础 (A03: YN 二(三))."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.identifiers import (
    check_id_number,
    check_uscc,
    fictional_uscc,
    organisation_check_digit,
    uscc_check_digit,
)
from ledger.errors import FormatError

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ON = date(2026, 11, 21)


@pytest.mark.parametrize("code", ["91110000600037341L", "91350100M000100Y43"])
def test_published_codes_are_valid(code: str) -> None:
    """Two codes that an independent implementation (python-stdnum) gives as its examples."""
    check_uscc(code)


@pytest.mark.parametrize("authority", "123456789ANY")
def test_every_authority_is_accepted_letters_too(authority: str) -> None:
    """A03 以统一社会信用代码…为基础."""
    check_uscc(fictional_uscc(42, authority, "9"))


@given(st.integers(0, 99_999_999), st.sampled_from(ALPHABET), st.sampled_from(ALPHABET))
def test_fictional_codes_are_valid_and_lie_in_no_region(serial: int, authority: str, cls: str) -> None:
    code = fictional_uscc(serial, authority, cls)
    check_uscc(code)
    assert code[2:8] == "990000"
    assert int(code[8:16]) == serial


@given(st.integers(0, 99_999_999), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_one_wrong_character_is_found(serial: int, place: int, wrong: str) -> None:
    code = fictional_uscc(serial)
    if code[place] == wrong:
        check_uscc(code)
        return
    with pytest.raises(FormatError):
        check_uscc(code[:place] + wrong + code[place + 1 :])


def test_a_wrong_check_character_is_told_with_the_right_one() -> None:
    with pytest.raises(FormatError, match=r"expected the check character 3, got 4") as caught:
        check_uscc("91350100M000100Y44")
    assert "应为 3，实为 4" in caught.value.zh


def test_a_wrong_organisation_code_is_found_by_its_own_check_character() -> None:
    """The last character is made to agree, so that only GB 11714 finds the slip."""
    right = fictional_uscc(12345678)
    wrong = right[:15] + "9" + right[16]
    wrong += uscc_check_digit(wrong)
    with pytest.raises(FormatError, match=f"expected the organisation code's check character .*, got {right[16]}"):
        check_uscc(wrong)


@pytest.mark.parametrize(
    "code", ["", "9135010", "91350100M000100Y4I", "91350100m000100y43", " 91350100M000100Y43", "９1350100M000100Y43"]
)
def test_other_shapes_are_refused_and_shown(code: str) -> None:
    with pytest.raises(FormatError, match="expected 18"):
        check_uscc(code)


@pytest.mark.parametrize(
    ("function", "value"),
    [(uscc_check_digit, "1" * 16), (uscc_check_digit, "I" * 17), (organisation_check_digit, "1234567")],
)
def test_check_digits_need_the_right_length_and_alphabet(function: object, value: str) -> None:
    with pytest.raises(FormatError):
        function(value)  # type: ignore[operator]


@pytest.mark.parametrize(("first8", "check"), [("60003734", "1"), ("M000100Y", "4"), ("00000000", "0")])
def test_organisation_check_digits(first8: str, check: str) -> None:
    assert organisation_check_digit(first8) == check


@pytest.mark.parametrize("serial", [-1, 100_000_000])
def test_a_serial_out_of_range_is_refused(serial: int) -> None:
    with pytest.raises(FormatError, match="serial: expected 0 to 99999999"):
        fictional_uscc(serial)


@pytest.mark.parametrize(("authority", "cls"), [("I", "1"), ("1", "o"), ("11", "1"), ("", "1")])
def test_an_authority_outside_the_alphabet_is_refused(authority: str, cls: str) -> None:
    with pytest.raises(FormatError):
        fictional_uscc(1, authority, cls)


# 440524188001010014 is the sample printed in GB 11643; the others are made up in regions that had no code at birth
@pytest.mark.parametrize("number", ["440524188001010014", "11010519491231002X"])
def test_id_numbers_of_the_standard_are_valid(number: str) -> None:
    """A03 以…自然人身份证号码为基础."""
    check_id_number(number, ON)


def id_number(first17: str) -> str:
    """The number with its check character, computed by the standard's other formula: Σ aᵢ·2^(i−1) ≡ 1 mod 11."""
    total = sum(int(c) * 2 ** (17 - i) for i, c in enumerate(first17))
    check = (1 - total) % 11
    return first17 + ("X" if check == 10 else str(check))


@given(st.integers(0, 999_999), st.dates(date(1850, 1, 1), ON), st.integers(0, 999))
def test_any_region_and_past_birth_date_is_valid(region: int, born: date, order: int) -> None:
    """No demand that the region code existed when the person was born: such a demand refuses real people."""
    check_id_number(id_number(f"{region:06d}{born:%Y%m%d}{order:03d}"), ON)


@pytest.mark.parametrize(
    "number",
    [
        "440524188001010015",  # wrong check character
        id_number("44052419820230001"),  # 30 February
        id_number("44052420301231001"),  # born in 2030
        id_number("44052420261122001"),  # born tomorrow
        "44052418800101001",  # 17 digits
        "44052418800101001x",
        "11010519491231002x",
        "４40524188001010014",
        "",
    ],
)
def test_wrong_id_numbers_are_refused_and_never_shown(number: str) -> None:
    with pytest.raises(FormatError) as caught:
        check_id_number(number, ON)
    shown = str(caught.value).replace(str(ON), "").replace("11643", "")
    for length in (4, 6, 8, 17):
        for start in range(max(len(number) - length + 1, 0)):
            assert number[start : start + length] not in shown
    assert not re.search(r"\d{5}", shown)
