"""Adopting packs and calendars, which pack holds on a day, and what a place inherits from the wider packs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from ledger import policies
from ledger.domain.calendar import Calendar, Year
from ledger.domain.event import Rules
from ledger.domain.pack import parse_pack
from ledger.domain.policy import (
    EMPTY,
    NATIONAL,
    CalendarArranged,
    PolicyAdopted,
    View,
    region_of,
    streams,
    view,
    view_of,
)
from ledger.domain.policy_keys import KEYS, key_of
from ledger.domain.record.terms import CourtExit, SourceKind
from ledger.errors import FormatError, RuleError
from tests.domain.scenario import CREDIT, OPERATOR, PAPER, STRANGER, Scenario, said

YEAR = CalendarArranged(2027, (date(2027, 1, 1),), (date(2027, 1, 2),))  # assumed for these tests
ABOUT = '[pack]\nid = "example"\nzh = "示例"\nen = "Example"\nversion = "1"\n'


def pack_text(region: str | None = None, version: str = "1", **values: str) -> str:
    """A pack's text whose values, by key with ``__`` for a dot, hold from 2017 on."""
    about = ABOUT.replace('"1"', f'"{version}"') + (f'region = "{region}"\n' if region else "")
    rows = [
        f'[[value]]\nkey = "{key.replace("__", ".")}"\n{value}\nsource = "{region or "national"} {key}"\n'
        'from = 2017-01-01\nconfidence = "high"\n'
        for key, value in values.items()
    ]
    return about + "".join(rows)


def adopted(text: str, in_force: date = date(2026, 1, 1)) -> PolicyAdopted:
    return PolicyAdopted(hashlib.sha256(text.encode()).hexdigest(), in_force, text)


def at(stream: str) -> Scenario:
    return Scenario(stream)


SUSPENDS = adopted(pack_text("140800", objection__suspends="value = true"))

# --- adopting ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [OPERATOR, CREDIT])
def test_an_operator_or_a_credit_office_adopts_the_pack_of_a_place(by: str) -> None:
    state = at("policy/140800").when(SUSPENDS, by, PAPER).then()
    assert state.pack(date(2026, 1, 1)).by == by
    assert state.pack(date(2025, 12, 31)) is None


def test_nobody_else_adopts_a_pack() -> None:
    """谁可以说什么：运营机构、信用办。"""
    at("policy/140800").when(SUSPENDS, STRANGER, PAPER).refused("policy.role")
    at(NATIONAL).when(YEAR, STRANGER, PAPER).refused("policy.role")


def test_an_adoption_names_the_document_that_it_rests_on() -> None:
    at("policy/140800").when(SUSPENDS, OPERATOR).refused("policy.basis")
    at(NATIONAL).when(YEAR, OPERATOR).refused("policy.basis")


def test_the_digest_is_that_of_the_text() -> None:
    at("policy/140800").when(replace(SUSPENDS, digest="0" * 64), OPERATOR, PAPER).refused("policy.digest")


def test_a_text_that_is_no_pack_is_not_adopted() -> None:
    at("policy/140800").when(adopted("nonsense"), OPERATOR, PAPER).refused("policy.pack")
    at("policy/140800").when(adopted(pack_text("140800", nonsense="value = 1")), OPERATOR, PAPER).refused("policy.pack")


def test_a_pack_is_adopted_in_the_stream_of_its_own_place() -> None:
    at("policy/140801").when(SUSPENDS, OPERATOR, PAPER).refused("policy.stream")
    at(NATIONAL).when(SUSPENDS, OPERATOR, PAPER).refused("policy.stream")
    national = adopted(pack_text(objection__suspends="value = false"))
    at("policy/140800").when(national, OPERATOR, PAPER).refused("policy.stream")
    at(NATIONAL).when(national, OPERATOR, PAPER).then()


def test_what_holds_already_is_not_adopted_again() -> None:
    """重复采纳不增加记载。"""
    before = at("policy/140800").having(said(SUSPENDS, OPERATOR, PAPER))
    before.when(SUSPENDS, OPERATOR, PAPER).refused("policy.adopted-once")
    before.when(replace(SUSPENDS, in_force=date(2027, 1, 1)), OPERATOR, PAPER).then()
    other = adopted(pack_text("140800", version="2", objection__suspends="value = false"))
    back = before.having(said(other, OPERATOR, PAPER)).when(SUSPENDS, OPERATOR, PAPER).then()
    assert back.pack(date(2026, 6, 1)).digest == SUSPENDS.digest


# --- the working days of a year ---------------------------------------------------------------------------------


def test_an_arrangement_makes_its_year_known() -> None:
    state = at(NATIONAL).when(YEAR, OPERATOR, PAPER).then()
    assert state.years[2027] == Year(frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 2)}))


def test_a_later_arrangement_of_a_year_takes_the_place_of_the_earlier() -> None:
    changed = replace(YEAR, worked=(date(2027, 1, 3),))
    state = at(NATIONAL).having(said(YEAR, OPERATOR, PAPER)).when(changed, OPERATOR, PAPER).then()
    assert state.years[2027].worked == {date(2027, 1, 3)}


def test_an_arrangement_is_national() -> None:
    at("policy/140800").when(YEAR, OPERATOR, PAPER).refused("policy.stream")


@pytest.mark.parametrize(
    "wrong",
    [
        replace(YEAR, off=(date(2026, 1, 1),)),
        replace(YEAR, worked=(date(2028, 1, 1),)),
        replace(YEAR, off=(date(2027, 1, 2),)),  # a Saturday is off anyway
        replace(YEAR, worked=(date(2027, 1, 4),)),  # a Monday is worked anyway
    ],
)
def test_weekdays_are_off_and_weekend_days_are_worked_within_the_year(wrong: CalendarArranged) -> None:
    """法定节假日与调休：off 为周一至周五，worked 为周末。"""
    at(NATIONAL).when(wrong, OPERATOR, PAPER).refused("policy.calendar")


def test_the_years_shipped_are_admitted() -> None:
    ledger = at(NATIONAL)
    for year in policies.arranged(policies.text(policies.CALENDAR)):
        ledger = ledger.having(said(year.fact, OPERATOR, (year.notice,)))
    assert sorted(ledger.state.years) == [2023, 2024, 2025, 2026]


@pytest.mark.parametrize("name", policies.shipped())
def test_every_pack_shipped_is_admitted(name: str) -> None:
    adoption = policies.adoption(policies.text(name))
    state = at(adoption.stream).when(adoption.fact, CREDIT, (adoption.document,)).then()
    assert state.pack(date(2026, 11, 21)).pack.about.id == name


# --- which pack holds on a day ----------------------------------------------------------------------------------

TIMELINE = (("1", date(2024, 1, 1)), ("3", date(2026, 1, 1)), ("2", date(2025, 1, 1)), ("4", date(2026, 1, 1)))


@pytest.mark.parametrize(
    ("on", "version"),
    [
        ("2023-12-31", None),
        ("2024-01-01", "1"),
        ("2024-12-31", "1"),
        ("2025-01-01", "2"),  # adopted after version 3, which begins later
        ("2025-12-31", "2"),
        ("2026-01-01", "4"),  # of two with the same first day the one adopted later
        ("2030-01-01", "4"),
    ],
)
def test_a_pack_holds_from_its_first_day_until_that_of_the_next(on: str, version: str | None) -> None:
    """后采纳的规则包自其施行之日起替代先前的；重放过去某日按当日的规则包。"""
    ledger = at("policy/140800")
    for number, (name, start) in enumerate(TIMELINE):
        text = pack_text("140800", version=name, objection__suspends="value = true")
        ledger = ledger.having(said(adopted(text, start), OPERATOR, PAPER, on=date(2026, 3, 1 + number)))
    found = ledger.state.pack(date.fromisoformat(on))
    assert (found.pack.about.version if found else None) == version


def test_a_replay_of_a_past_day_goes_by_the_orders_of_that_day() -> None:
    """E07 第58号令与第36号令，以当日施行的为准。"""
    adoption = policies.adoption(policies.text("national"))
    state = at(NATIONAL).when(adoption.fact, OPERATOR, PAPER).then()
    before, after = (view_of((state,), day) for day in (date(2026, 3, 31), date(2026, 4, 1)))
    assert before.get("publicity.general").most_months == 36
    assert "第58号" in before.source("publicity.general")
    assert after.get("publicity.general").most_months == 12
    assert "第36号" in after.source("publicity.general")


# --- inheriting -------------------------------------------------------------------------------------------------


def seen(*texts: str, on: date = date(2026, 6, 1)) -> View:
    """What these packs, the nearest first, say on a day."""
    return View(tuple(map(parse_pack, texts)), Calendar(), on)


def test_the_packs_of_county_prefecture_province_and_country_count_the_nearest_first() -> None:
    """县沿用市、省和全国的规定。"""
    assert streams("350526") == ("policy/350526", "policy/350500", "policy/350000", NATIONAL)
    assert streams("350500") == ("policy/350500", "policy/350000", NATIONAL)
    assert streams("350000") == ("policy/350000", NATIONAL)


def test_a_bodys_region_is_the_registered_one_or_that_of_its_code() -> None:
    assert region_of("11990000000000019A", None) == "990000"
    assert region_of("11990000000000019A", "350526") == "350526"


def test_the_nearest_pack_that_speaks_is_the_one_that_counts() -> None:
    county = pack_text("350526", objection__suspends="value = false")
    city = pack_text("350500", objection__suspends="value = true", court__sweep='value = "regular"')
    national = pack_text(objection__suspends="value = true", court__sweep='value = "none"', areas='value = ["ppp"]')
    rules = seen(county, city, national)
    assert rules.flag("objection.suspends") is False
    assert rules.source("objection.suspends") == "350526 objection__suspends (objection.suspends)"
    assert rules.get("court.sweep") == "regular"
    assert rules.names("areas") == ("ppp",)
    assert rules.get("report.days") is None
    assert rules.source("report.days") == "no rule pack in force settles report.days"


def test_a_city_without_a_pack_inherits_the_national_one() -> None:
    """没有规则包的城市沿用全国规则包。"""
    assert [pack.about.id for pack in policies.layers("110000")] == ["national"]
    assert [pack.about.id for pack in policies.layers("140802")] == ["yuncheng", "national"]
    assert [pack.about.id for pack in policies.layers("350526")] == ["dehua", "national"]
    assert [pack.about.id for pack in policies.layers("350500")] == ["national"]
    assert [pack.about.id for pack in policies.layers("national")] == ["national"]


def test_a_district_goes_by_the_pack_that_its_prefecture_adopted() -> None:
    prefecture = at("policy/140800").when(SUSPENDS, OPERATOR, PAPER).then()
    country = at(NATIONAL).when(adopted(pack_text(objection__suspends="value = false")), OPERATOR, PAPER).then()
    by_stream = {"policy/140800": prefecture, NATIONAL: country}
    rules = view_of(tuple(by_stream.get(stream, EMPTY) for stream in streams("140802")), date(2026, 6, 1))
    assert rules.flag("objection.suspends") is True
    assert [pack.region for pack in rules.layers] == ["140800", None]


@pytest.mark.parametrize("key", [key.pattern for key in KEYS.values() if key.national])
def test_what_is_national_law_is_not_settled_by_a_place(key: str) -> None:
    """E07 公示期、修复条件和期限由全国规定，各地不得另定。"""
    name = key.replace("*", "general")
    value = {
        "publicity.general": "{ published = false, most_months = 1 }",
        "repair.conditions": '["corrected"]',
        "record.national_sources": '["judgment"]',
        "record.national_file_items": '["integrity"]',
        "complaint.national_channels": '["other"]',
        "court.national_exits": '["settled"]',
    }.get(name, "1")
    local = pack_text("140800", **{name.replace(".", "__"): f"value = {value}"})
    assert key_of(name).national
    assert seen(local).find(name) is None
    both = seen(local, policies.text("national")).find(name)
    assert both is not None
    assert both.pack == "national"


def test_what_a_place_leaves_out_is_not_inherited() -> None:
    """D05 盐城的措施中没有通报批评，不沿用全国的。"""
    rules = seen(policies.text("yancheng"), policies.text("national"))
    assert rules.get("measure.criticism_notice") is None
    assert rules.get("penalty.criticism") is None
    assert "YN 二(五)" in rules.source("measure.criticism_notice")
    assert seen(policies.text("national")).get("measure.criticism_notice") is not None


def test_national_lists_hold_besides_those_of_a_place() -> None:
    """C01 C06 发改财金〔2023〕1103号认定的违约失信，各地一律归集。"""
    rules = seen(policies.text("dehua"), policies.text("national"))
    assert SourceKind.CONTRACT_BREACH in rules.names("record.sources")
    assert SourceKind.LITIGATION_DEFEAT not in rules.names("record.sources")
    assert rules.names("court.exits") == (CourtExit.PERFORMED, CourtExit.SETTLED, CourtExit.COURT_DECISION)
    assert "DH 二(三)1-2" in rules.source("record.sources")
    assert "1103号" in rules.source("record.sources")
    earlier = seen(policies.text("dehua"), policies.text("national"), on=date(2023, 1, 1))
    assert SourceKind.CONTRACT_BREACH not in earlier.names("record.sources")


def test_what_nobody_could_confirm_has_no_value_and_sets_no_limit() -> None:
    """D17 记分标准、E07 受理期限：无人能确认的没有值。"""
    rules = seen(policies.text("huangshi"), policies.text("national"))
    assert rules.get("demerit.items") is None
    assert rules.names("demerit.items") == ()
    assert rules.get("repair.accept_days") is None
    assert rules.find("repair.accept_days") is not None


def test_all_that_holds_on_a_day_is_told_in_the_order_of_the_keys() -> None:
    rules = seen(policies.text("taian"), policies.text("national"))
    settled = [value.key for value in rules.settled()]
    patterns = [key_of(key).pattern for key in settled]
    assert patterns == sorted(patterns, key=list(KEYS).index)
    assert len(settled) == len(set(settled))
    assert "record.focus_stricter" in settled
    assert "report.days" not in settled


# --- without a pack ---------------------------------------------------------------------------------------------


def test_where_no_pack_is_in_force_nothing_is_admitted() -> None:
    with pytest.raises(RuleError) as caught:
        view(Rules(policies=(EMPTY,)), date(2026, 6, 1))
    assert caught.value.rule == "policy.none"
    assert "jiannuo policy adopt" in caught.value.en
    assert view_of((EMPTY,), date(2026, 6, 1)).layers == ()
    assert view_of((), date(2026, 6, 1)).get("objection.suspends") is None


def test_a_key_that_no_pack_may_use_is_refused() -> None:
    with pytest.raises(FormatError, match=r"objection\.suspends"):
        key_of("objection.suspend")
