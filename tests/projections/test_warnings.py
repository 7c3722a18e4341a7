"""Early warning: every rule fires where it has to and nowhere else, and none runs on a number that nobody settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from api.words.warnings import told
from ledger import policies
from ledger.domain.calendar import Calendar
from ledger.domain.pack import parse_pack
from ledger.domain.policy import View
from projections.report_calendar import Filed, Reporter
from projections.warnings import (
    Ahead,
    Arrear,
    Breach,
    Clock,
    EarlyWarning,
    Facts,
    Judged,
    Listed,
    Rule,
    Swept,
    unsettled,
    warnings,
)

ON = date(2026, 7, 10)
DAY = timedelta(days=1)
BODY, STREAM = "11990000000000019A", "record/1"
OFFICE = Reporter(BODY, "department", "990000", date(2026, 5, 20), 3)
NUMBERS = {Rule.COMMITMENT_DUE, Rule.FULFILMENT_FALLING, Rule.REPEATED_BREACH, Rule.COURT_LIST}


def pack(**values: str) -> View:
    """The national rules under those of a place that settles these keys (dots stand as double underlines)."""
    rows = "".join(
        f'[[value]]\nkey = "{key.replace("__", ".")}"\nvalue = {value}\nsource = "示例办法第一条"\nfrom = 2026-01-01\n'
        'confidence = "high"\n'
        for key, value in values.items()
    )
    head = '[pack]\nid = "example"\nregion = "990000"\nzh = "示例"\nen = "Example"\nversion = "1"\n'
    return View((parse_pack(head + rows), policies.pack("national")), Calendar(), ON)


NATIONAL = View((policies.pack("national"),), Calendar(), ON)


def fired(facts: Facts, view: View = NATIONAL, on: date = ON) -> tuple[EarlyWarning, ...]:
    return warnings(facts, replace(view, on=on), on)


def test_a_commitment_that_is_due_soon_without_progress_is_warned_of() -> None:
    """J07 实施政务诚信大数据监测预警: so many days before the due day as the place says, and not before."""
    view = pack(warning__commitment_due="30")
    promise = Ahead("commitment/1", 7, BODY, "ppp", ON + 30 * DAY, ON - 100 * DAY)
    (found,) = fired(Facts(ahead=(promise,)), view)
    assert (found.rule, found.since, found.numbers, found.due) == (Rule.COMMITMENT_DUE, ON, (30,), ON + 30 * DAY)
    assert (found.log_indices, found.streams, found.body) == ((7,), ("commitment/1",), BODY)
    assert found.source == "示例办法第一条 (warning.commitment_due)"
    later = promise._replace(due=ON + 31 * DAY)
    assert fired(Facts(ahead=(later,)), view) == ()


def test_a_commitment_made_within_the_days_is_warned_of_since_it_was_made() -> None:
    """J07: a warning never began before what it is about."""
    promise = Ahead("commitment/1", 7, BODY, "ppp", ON + 5 * DAY, ON - 2 * DAY)
    (found,) = fired(Facts(ahead=(promise,)), pack(warning__commitment_due="30"))
    assert found.since == ON - 2 * DAY


@pytest.mark.parametrize(
    ("clock", "rule"),
    [
        ("record.rectification", Rule.RECTIFICATION_OVERDUE),
        ("record.plan", Rule.RECTIFICATION_OVERDUE),
        ("publication.days", Rule.PUBLICATION_LATE),
        ("objection.decide_days", Rule.REMEDY_OVERDUE),
        ("repair.decide_days", Rule.REMEDY_OVERDUE),
    ],
)
def test_a_deadline_that_is_over_is_warned_of_from_the_next_day_on(clock: str, rule: Rule) -> None:
    """J07 D02 F04 逾期未整改；异议、修复逾期；逾期未公示。"""
    facts = Facts(clocks=(Clock(STREAM, 7, BODY, clock, ON - DAY),))
    (found,) = fired(facts)
    assert (found.rule, found.since, found.numbers, found.about) == (rule, ON, (1,), clock)
    assert fired(facts, on=ON - DAY) == ()


def test_a_clock_that_no_rule_is_about_warns_of_nothing() -> None:
    """J07: an overdue explanation is shown with its record; no rule warns of it."""
    assert fired(Facts(clocks=(Clock(STREAM, 7, BODY, "record.explanation", ON - DAY),))) == ()


def test_a_place_may_leave_a_warning_out() -> None:
    """J07: thresholds are for the place that adopts the pack to say."""
    facts = Facts(clocks=(Clock(STREAM, 7, BODY, "publication.days", ON - DAY),))
    assert fired(facts, pack(warning__publication_late="false")) == ()


FALL = "{ drop = 20, months = 6, least = 5 }"


def judged(kept: int, broken: int, day: date, start: int = 0) -> tuple[Judged, ...]:
    return tuple(Judged(f"commitment/{start + n}", start + n, BODY, day, n < kept) for n in range(kept + broken))


def test_a_fulfilment_rate_that_falls_by_so_many_points_is_warned_of() -> None:
    """J07: 10 of 10 in the half year before, 8 of 10 in the last: twenty points."""
    before, now = judged(10, 0, date(2025, 12, 1)), judged(8, 2, date(2026, 3, 1), 100)
    view = pack(warning__fulfilment_falling=FALL)
    (found,) = fired(Facts(judged=(*before, *now)), view)
    assert (found.rule, found.numbers, found.body) == (Rule.FULFILMENT_FALLING, (10, 10, 8, 10), BODY)
    assert found.log_indices == (*range(10), *range(100, 110))
    assert found.since == date(2026, 3, 1)
    assert fired(Facts(judged=(*before, *judged(9, 1, date(2026, 3, 1), 100))), view) == ()


def test_rates_of_few_judgements_are_not_compared() -> None:
    """J07: four judgements are fewer than the five that the place wants."""
    facts = Facts(judged=(*judged(5, 0, date(2025, 12, 1)), *judged(0, 4, date(2026, 3, 1), 100)))
    assert fired(facts, pack(warning__fulfilment_falling=FALL)) == ()


def test_what_was_judged_longer_ago_is_in_neither_rate() -> None:
    """J07: the windows are half open: the day six months ago is in the earlier one."""
    on_the_edge, too_old = judged(5, 0, date(2026, 1, 10)), judged(5, 0, date(2025, 7, 10), 50)
    now = judged(0, 5, date(2026, 1, 11), 100)
    view = pack(warning__fulfilment_falling=FALL)
    assert fired(Facts(judged=(*on_the_edge, *now)), view)[0].numbers == (5, 5, 0, 5)
    assert fired(Facts(judged=(*too_old, *now)), view) == ()


def test_repeated_breach_in_an_area_is_warned_of_since_the_number_was_reached() -> None:
    """J07 J15: three records in tendering within a year; another area counts by itself."""
    days = [date(2026, 1, 5), date(2026, 3, 5), date(2026, 5, 5)]
    breaches = tuple(Breach(f"record/{n}", n, BODY, "tendering", day) for n, day in enumerate(days))
    other = Breach("record/9", 9, BODY, "ppp", days[0])
    view = pack(warning__repeated_breach="{ count = 3, months = 12 }")
    (found,) = fired(Facts(breaches=(*breaches, other)), view)
    assert (found.area, found.numbers, found.since, found.log_indices) == ("tendering", (3,), days[2], (0, 1, 2))
    assert told(found).zh == "招标投标：认定失信 3 次"
    assert fired(Facts(breaches=(*breaches[:2], other)), view) == ()
    assert fired(Facts(breaches=breaches), view, on=date(2027, 1, 5)) == ()  # the first is a year ago


def test_a_court_list_not_left_after_so_many_days_is_warned_of() -> None:
    """J07 C06 C09 清存量。"""
    view = pack(warning__court_list="90")
    entry = Listed(STREAM, 7, BODY, ON - 91 * DAY)
    (found,) = fired(Facts(listed=(entry,)), view)
    assert (found.rule, found.numbers, found.since) == (Rule.COURT_LIST, (91,), ON)
    assert fired(Facts(listed=(entry._replace(listed_on=ON - 90 * DAY),)), view) == ()


def test_arrears_that_are_not_set_right_are_warned_of() -> None:
    """J07 C12 C13 拖欠账款、农民工工资。"""
    (found,) = fired(Facts(arrears=(Arrear(STREAM, 7, BODY, ON - 40 * DAY),)))
    assert (found.rule, found.numbers, found.since) == (Rule.ARREARS, (40,), ON - 40 * DAY)
    assert fired(Facts()) == ()


def test_a_month_without_a_court_sweep_is_warned_of_where_sweeps_are_monthly() -> None:
    """J07 C08 按月排查: the office is there since May; May was swept, June was not, July is not over."""
    yancheng = View(policies.layers("yancheng"), Calendar(), ON)
    facts = Facts(sweepers=(OFFICE,), swept=(Swept("2026-05", 9),))
    (found,) = fired(facts, yancheng)
    assert (found.rule, found.about, found.since) == (Rule.COURT_SWEEP, "2026-06", date(2026, 7, 1))
    assert fired(replace(facts, swept=(Swept("2026-05", 9), Swept("2026-06", 12))), yancheng) == ()
    assert fired(facts) == ()  # the national pack asks for none
    assert fired(Facts(), yancheng) == ()  # nobody is there who could


def test_a_report_that_was_not_filed_is_warned_of_from_the_next_day_on() -> None:
    """J07 J10 每年6月30日前…报送: 运城."""
    yuncheng = View(policies.layers("yuncheng"), Calendar(), ON)
    facts = Facts(reporters=(OFFICE,))
    (found,) = fired(facts, yuncheng)
    assert (found.rule, found.about, found.since) == (Rule.REPORT_OVERDUE, "2026H1", date(2026, 7, 1))
    assert "YC 三(三) (report.days)" in found.source
    assert fired(facts, yuncheng, on=date(2026, 6, 30)) == ()
    late = Filed(BODY, "2026H1", date(2026, 7, 9), 80)
    assert fired(replace(facts, filed=(late,)), yuncheng) == ()


@pytest.mark.parametrize("name", policies.shipped())
def test_no_shipped_pack_invents_a_threshold(name: str) -> None:
    """J07: 各文件未定阈值: the rules that need a number do not run until a place settles one; the others do."""
    view = View(policies.layers(name), Calendar(), ON)
    assert set(unsettled(view)) == NUMBERS
    assert all(view.flag(rule) for rule in set(Rule) - NUMBERS)


@pytest.mark.parametrize("name", policies.shipped())
def test_a_rule_without_a_value_does_not_run(name: str) -> None:
    """J07: the same facts under every pack: only what is over by its own day warns."""
    facts = Facts(
        ahead=(Ahead("commitment/1", 1, BODY, "ppp", ON + DAY, ON - 100 * DAY),),
        judged=(*judged(10, 0, date(2025, 12, 1)), *judged(0, 10, date(2026, 3, 1), 100)),
        breaches=tuple(Breach(f"record/{n}", n, BODY, "ppp", ON - DAY) for n in range(50)),
        listed=(Listed(STREAM, 7, BODY, ON - 3000 * DAY),),
        clocks=(Clock(STREAM, 8, BODY, "record.rectification", ON - DAY),),
    )
    view = View(policies.layers(name), Calendar(), ON)
    assert [w.rule for w in warnings(facts, view, ON)] == [Rule.RECTIFICATION_OVERDUE]


def test_where_no_pack_is_in_force_nothing_is_warned_of() -> None:
    """J07: rules are events; what nobody adopted does not count."""
    nothing = View((), Calendar(), ON)
    assert set(unsettled(nothing)) == set(Rule)
    assert warnings(Facts(clocks=(Clock(STREAM, 8, BODY, "record.rectification", ON - DAY),)), nothing, ON) == ()
