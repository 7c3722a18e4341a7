"""The packs that are shipped: each fits into an event, says where its values stand, and only what its document says."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger import policies
from ledger.authoring import Author
from ledger.domain.kinds import KINDS
from ledger.domain.pack import Confidence, Value
from ledger.domain.policy import NATIONAL, CalendarArranged, PolicyAdopted
from ledger.domain.policy_keys import KEYS, Publicity, key_of
from ledger.domain.record.terms import PublicityStart
from ledger.domain.roles import CaseRole
from ledger.errors import FormatError, Head, NotFoundError
from ledger.proof.event import parse
from ledger.proof.keys import PrivateKey
from tests.rulebook import steps

PLACES = {"yuncheng": "140800", "dehua": "350526", "huangshi": "420200", "taian": "370900", "yancheng": "320900"}
DOCUMENTS = {"yuncheng": "YC", "dehua": "DH", "huangshi": "HS", "taian": "TA-[AB]", "yancheng": "YN"}
ENTRY = 65_535  # bytes of an entry at most (docs/log-format.md)
RECORDED_AT = len("2026-11-21T00:00:00.000Z\n") + 1  # the ledger's time and the last newline


def values_of(name: str) -> list[Value]:
    return [value for values in policies.pack(name).values.values() for value in values]


# --- form -------------------------------------------------------------------------------------------------------


def test_the_packs_are_the_national_one_and_those_of_the_five_documents() -> None:
    assert policies.shipped() == ("national", *sorted(PLACES))
    assert {name: policies.pack(name).region for name in PLACES} == PLACES
    assert policies.pack("national").region is None


@pytest.mark.parametrize("name", policies.shipped())
def test_a_pack_is_adopted_whole_in_one_event(name: str) -> None:
    """规则包全文写入采纳事件。"""
    author = Author("11990000000000019A", PrivateKey.from_seed(bytes(32)), lambda: datetime(2026, 11, 21, tzinfo=UTC))
    adoption = policies.adoption(policies.text(name))
    signed = author.write(adoption.stream, Head(1, "0" * 64), adoption.fact, (adoption.document,))
    assert len(signed) + RECORDED_AT <= ENTRY
    assert parse(signed).event.fact == adoption.fact
    assert len(policies.text(name)) <= 40_000


def test_the_national_pack_leaves_room_to_grow() -> None:
    assert len(policies.text("national").encode()) < 35_000


@pytest.mark.parametrize("name", policies.shipped())
def test_a_pack_is_adopted_from_the_first_day_of_its_values_on(name: str) -> None:
    adoption = policies.adoption(policies.text(name))
    region = policies.pack(name).region
    assert adoption.stream == (f"policy/{region}" if region else NATIONAL)
    assert adoption.fact.in_force == min(v.start for v in values_of(name))
    assert adoption.fact.digest == adoption.document.sha256 == hashlib.sha256(policies.text(name).encode()).hexdigest()
    assert policies.adoption(policies.text(name), date(2027, 1, 1)).fact.in_force == date(2027, 1, 1)


def test_a_pack_without_values_is_not_adopted() -> None:
    empty = 'value = []\n[pack]\nid = "empty"\nzh = "空"\nen = "Empty"\nversion = "1"\n'
    with pytest.raises(FormatError, match="at least one value"):
        policies.adoption(empty)


@pytest.mark.parametrize("name", ["nowhere", "../national", "calendar.toml", "", "14080"])
def test_what_is_not_shipped_is_refused_with_the_names_of_what_is(name: str) -> None:
    with pytest.raises(NotFoundError, match="yuncheng"):
        policies.layers(name)


# --- what every value says --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", policies.shipped())
def test_every_value_has_a_source_and_what_is_not_sure_has_a_note(name: str) -> None:
    """每个值注明来源、施行日期、可信程度；不能确认的说明缘由。"""
    for value in values_of(name):
        assert value.source.strip()
        assert value.start >= date(2016, 12, 30), value.key
        sure = value.confidence in {Confidence.HIGH, Confidence.MEDIUM} and not value.left_out
        assert sure or value.note or "未规定" in value.source, value.key


@pytest.mark.parametrize("name", policies.shipped())
def test_no_list_names_a_thing_twice(name: str) -> None:
    for value in values_of(name):
        if isinstance(value.value, tuple):
            assert len(set(value.value)) == len(value.value), value.key


def test_every_key_is_settled_by_a_pack() -> None:
    settled = {key_of(value.key).pattern for name in policies.shipped() for value in values_of(name)}
    assert set(KEYS) - settled == set()


def test_every_key_and_every_pack_is_on_the_page_about_packs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
    assert [name for name in (*KEYS, *policies.shipped()) if f"`{name}`" not in page] == []


@pytest.mark.parametrize("name", policies.shipped())
def test_every_measure_has_a_legal_basis_targets_and_severities(name: str) -> None:
    """D12 依法依规：惩戒措施清单写明依据、对象和适用程度。"""
    measures = [v.value for v in values_of(name) if v.key.startswith("measure.") and v.value]
    assert measures
    for measure in measures:
        assert "〕" in measure.basis or "泰安市" in measure.basis
        assert measure.targets
        assert measure.severities


# --- what a place's pack says -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLACES)
def test_a_places_pack_says_only_what_its_own_document_says(name: str) -> None:
    """各地规则包只收本地文件写明的内容，注明章节。"""
    code = DOCUMENTS[name]
    for value in values_of(name):
        assert re.match(rf"{code} [一二三四五六]", value.source), value.source
        assert re.sub(code, "", value.source) == re.sub("YC|DH|HS|TA-[AB]|YN", "", value.source), value.source


@pytest.mark.parametrize("name", PLACES)
def test_a_places_pack_settles_nothing_that_is_national(name: str) -> None:
    assert [v.key for v in values_of(name) if key_of(v.key).national or v.key.startswith("roles.")] == []


def test_only_yanchengs_document_is_a_draft() -> None:
    """盐城：征求意见稿。"""
    assert [name for name in policies.shipped() if policies.pack(name).about.draft] == ["yancheng"]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("yuncheng", {"criticism_notice", "appraisal_limit", "tender_blacklist", "lifelong_responsibility"}),
        ("dehua", {"criticism_notice", "appointment_limit", "strict_assessment"}),
        (
            "huangshi",
            {
                *("criticism_notice", "appraisal_limit", "subsidy_exclusion", "procurement_ban", "tender_blacklist"),
                "demerit_points",
            },
        ),
        (
            "taian",
            {
                *("criticism_notice", "appointment_limit", "recruitment_bar", "joint_punishment_list", "market_ban"),
                "tender_blacklist",
            },
        ),
        ("yancheng", set()),
    ],
)
def test_the_measures_of_each_document(name: str, codes: set[str]) -> None:
    """D04 D05 D06 D08 D09 D10 D13 D14 D15 D16 D17 D18 D19 各文件规定的惩戒措施。"""
    found = {v.key.removeprefix("measure.") for v in values_of(name) if v.key.startswith("measure.") and v.value}
    assert found == {"award_exclusion", "accountability", *codes}


# --- roles ------------------------------------------------------------------------------------------------------


def test_every_event_is_the_ledgers_or_has_a_role_that_may_state_it() -> None:
    """谁可以说什么：每个事件都有可作出的角色。"""
    named = {n.rpartition("/")[2] for v in values_of("national") if v.key.startswith("roles.") for n in v.value}
    with_steps = [cls for kind in KINDS.values() for cls in kind.facts.values() if cls in steps()]
    assert [cls.__name__ for cls in with_steps if not steps()[cls].ledger_only and cls.__name__ not in named] == []


def test_every_role_and_every_event_of_the_table_exists() -> None:
    named = [(kind, cls.__name__) for kind, of in KINDS.items() for cls in of.facts.values()]
    events = {name for _, name in named} | {f"{kind}/{name}" for kind, name in named}
    for value in values_of("national"):
        if value.key.startswith("roles."):
            assert value.key.removeprefix("roles.") in set(CaseRole)
            assert set(value.value) <= events


RECOGNITION = PublicityStart.RECOGNITION

# --- the law by date --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "on", "expected", "order"),
    [
        ("general", "2023-04-30", None, ""),
        ("general", "2023-05-01", Publicity(True, 36, 3), "第58号"),
        ("general", "2026-03-31", Publicity(True, 36, 3), "第58号"),
        ("general", "2026-04-01", Publicity(True, 12, 3, RECOGNITION), "第36号"),
        ("serious", "2026-03-31", Publicity(True, 36, 12), "第58号"),
        ("serious", "2026-04-01", Publicity(True, 36, 12, RECOGNITION), "第36号"),
        ("minor", "2026-03-31", Publicity(False, 36), "第58号"),
        ("minor", "2026-04-01", Publicity(False, 3, start=RECOGNITION), "第36号"),
    ],
)
def test_order_58_holds_before_april_2026_and_order_36_from_then_on(
    severity: str, on: str, expected: Publicity | None, order: str
) -> None:
    """E07 E08 信用修复规则：第58号令自2023-05-01，第36号令自2026-04-01。"""
    value = policies.pack("national").value(f"publicity.{severity}", date.fromisoformat(on))
    assert (value.value if value else None) == expected
    assert value is None or order in value.source


def test_what_order_58_says_of_the_days_is_not_known_and_not_invented() -> None:
    """E07 办理程序：未能确认的工作日数没有值。"""
    pack = policies.pack("national")
    before, after = (pack.value("repair.decide_days", day) for day in (date(2026, 3, 31), date(2026, 4, 1)))
    assert before is not None
    assert (before.value, before.confidence) == (None, Confidence.UNCONFIRMED)
    assert after is not None
    assert (after.value, after.confidence) == (3, Confidence.HIGH)


# --- what a ledger starts with ----------------------------------------------------------------------------------


def test_a_ledger_starts_with_the_calendars_and_the_national_pack() -> None:
    facts = policies.shipped_facts()
    assert [type(fact) for _, fact, _ in facts] == [CalendarArranged] * 4 + [PolicyAdopted]
    assert {stream for stream, _, _ in facts} == {NATIONAL}
    assert all(len(basis) == 1 for _, _, basis in facts)


def test_a_years_notice_is_named_with_number_and_day() -> None:
    """国务院办公厅关于部分节假日安排的通知。"""
    numbers = [a.notice.number for a in policies.arranged(policies.text("calendar"))]
    assert numbers == [
        "国办发明电〔2022〕16号",
        "国办发明电〔2023〕7号",
        "国办发明电〔2024〕12号",
        "国办发明电〔2025〕7号",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "TOML"),
        ("", "list of tables"),
        ("year = []", "list of tables"),
        ("year = 2027", "list of tables"),
        ("year = [2027]", "table"),
        ("[[year]]\nyear = 2027\noff = [2027-01-01]", "source"),
        ('[[year]]\nyear = 2027\nsource = "通知"', "off"),
        ('[[year]]\nyear = "2027"\nsource = "通知"\noff = [2027-01-01]', "whole number"),
        ('[[year]]\nyear = 2027\nsource = "通知"\noff = ["first"]', "YYYY-MM-DD"),
        ('[[year]]\nyear = 2027\nsource = "通知"\noff = [2027-01-01T00:00:00]', "YYYY-MM-DD"),
        ('[[year]]\nyear = 2027\nsource = "通知"\noff = [2027-01-01]\nrest = 1', "rest"),
    ],
)
def test_a_calendar_that_is_none_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(FormatError, match=words) as caught:
        policies.arranged(text)
    assert re.search("[\u4e00-\u9fff]", caught.value.zh)
