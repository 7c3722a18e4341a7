"""A rule pack's text: what is read, and every way in which it can be wrong."""

from __future__ import annotations

import re
from datetime import date

import pytest

from ledger.domain.pack import Confidence, parse_pack
from ledger.domain.policy_keys import Measure, Publicity
from ledger.domain.record.remedy_terms import Fund, TargetKind
from ledger.domain.record.terms import SourceKind
from ledger.errors import FormatError

ABOUT = '[pack]\nid = "example"\nregion = "990000"\nzh = "示例"\nen = "Example"\nversion = "1"\n'
SUSPENDS = {"key": '"objection.suspends"', "value": "true", "source": '"HS 四(九)"', "confidence": '"high"'}


def row(start: str = "2020-01-01", **fields: str) -> str:
    """A ``value`` table: that of suspension but for ``fields``; an empty one is left out."""
    merged = {**SUSPENDS, "from": start, **fields}
    return "[[value]]\n" + "".join(f"{name} = {text}\n" for name, text in merged.items() if text)


def refused(text: str) -> FormatError:
    with pytest.raises(FormatError) as caught:
        parse_pack(text)
    assert re.search("[\u4e00-\u9fff]", caught.value.zh)
    return caught.value


def test_a_value_has_source_dates_confidence_and_note() -> None:
    """每个值注明来源、施行日期、可信程度。"""
    text = ABOUT + row(until="2020-12-31", note='"仅黄石"')
    value = parse_pack(text).value("objection.suspends", date(2020, 6, 1))
    assert value is not None
    assert (value.value, value.source, value.note, value.pack) == (True, "HS 四(九)", "仅黄石", "example")
    assert (value.start, value.until, value.confidence) == (date(2020, 1, 1), date(2020, 12, 31), Confidence.HIGH)


@pytest.mark.parametrize(
    ("on", "found"),
    [("2019-12-31", None), ("2020-01-01", True), ("2020-12-31", True), ("2021-01-01", False), ("2030-01-01", False)],
)
def test_what_was_in_force_on_a_day_counts_for_that_day(on: str, found: bool | None) -> None:
    """同一事项先后的规定，以当日施行的为准。"""
    pack = parse_pack(ABOUT + row(until="2020-12-31") + row("2021-01-01", value="false"))
    value = pack.value("objection.suspends", date.fromisoformat(on))
    assert (value.value if value else None) is found


def test_a_value_that_nobody_could_confirm_may_be_without_value() -> None:
    """D17 实施记分管理：记分标准未见的标为 unconfirmed。"""
    text = ABOUT + row(key='"demerit.items"', value="", confidence='"unconfirmed"')
    value = parse_pack(text).value("demerit.items", date(2020, 6, 1))
    assert value is not None
    assert (value.value, value.confidence, value.left_out) == (None, Confidence.UNCONFIRMED, False)


def test_a_value_may_be_given_although_it_is_unconfirmed() -> None:
    pack = parse_pack(ABOUT + row(confidence='"unconfirmed"'))
    assert pack.values["objection.suspends"][0].value is True


def test_a_document_may_settle_a_matter_by_leaving_it_out() -> None:
    """D05 盐城列举的措施中没有通报批评。"""
    text = ABOUT + row(key='"penalty.criticism"', value="", left_out="true")
    value = parse_pack(text).value("penalty.criticism", date(2020, 6, 1))
    assert value is not None
    assert (value.value, value.left_out) == (None, True)


def test_tables_and_lists_are_read_by_the_type_of_their_key() -> None:
    measure = '{ zh = "补助", en = "x", kind = "subsidy_exclusion", basis = "HS", targets = ["body"], '
    measure += 'severities = ["serious"], exempt = ["relief"] }'
    pack = parse_pack(
        ABOUT
        + row(key='"measure.subsidy_exclusion"', value=measure)
        + row(key='"publicity.minor"', value="{ published = false, most_months = 3 }")
        + row(key='"record.sources"', value='["judgment"]')
    )
    found = pack.values["measure.subsidy_exclusion"][0].value
    assert isinstance(found, Measure)
    assert (found.targets, found.exempt, found.lifelong) == ((TargetKind.BODY,), (Fund.RELIEF,), False)
    assert pack.values["publicity.minor"][0].value == Publicity(False, 3)
    assert pack.values["record.sources"][0].value == (SourceKind.JUDGMENT,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "TOML"),
        (ABOUT, "value"),
        (row(), "pack"),
        (ABOUT + row() + "[other]\n", "pack and a list"),
        ('value = 1\n[pack]\nid = "x"\n', "list of tables"),
        ("value = [1]\n" + ABOUT, "table"),
        (ABOUT.replace('"example"', '"Example"') + row(), "id"),
        (ABOUT.replace('"990000"', '"99"') + row(), "GB/T 2260"),
        (ABOUT + 'colour = "red"\n' + row(), "colour"),
        (ABOUT.replace('en = "Example"\n', "") + row(), "field en"),
        (ABOUT + row(key='"objection.suspend"'), "objection.suspends"),
        (ABOUT + row(key='"measure"'), "key"),
        (ABOUT + row(key='"measure."'), "key"),
        (ABOUT + row(value='"yes"'), "true or false"),
        (ABOUT + row(value="1"), "true or false"),
        (ABOUT + row(key='"publication.days"', value="0"), "whole number"),
        (ABOUT + row(key='"record.sources"', value='["gossip"]'), "judgment"),
        (ABOUT + row(key='"record.sources"', value="[]"), "list of 1"),
        (ABOUT + row(key='"report.days"', value='["06-31"]'), "MM-DD"),
        (ABOUT + row(key='"publicity.minor"', value="{ published = true }"), "most_months"),
        (ABOUT + row(value=""), "either a value"),
        (ABOUT + row(left_out="true"), "either a value"),
        (ABOUT + row(source=""), "source"),
        (ABOUT + row(source='""'), "source"),
        (ABOUT + row(confidence='"sure"'), "unconfirmed"),
        (ABOUT + row(confidence=""), "confidence"),
        (ABOUT + row(""), "start"),
        (ABOUT + row('"2020-01-01"', until='"soon"'), "YYYY-MM-DD"),
        (ABOUT + row(until="2019-12-31"), "until from"),
        (ABOUT + row(comment='"x"'), "comment"),
        (ABOUT + row() + row("2021-01-01"), "overlap"),
        (ABOUT + row(until="2021-01-01") + row("2021-01-01"), "overlap"),
    ],
)
def test_what_is_wrong_is_named(text: str, words: str) -> None:
    """错误写明位置、应为何值、实为何值。"""
    assert words in refused(text).en
