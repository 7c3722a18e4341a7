"""The report calendar: who owes which report by which day, filed in time or late, overdue."""

from __future__ import annotations

from datetime import date

import pytest

from ledger import policies
from ledger.domain.calendar import Calendar
from ledger.domain.policy import View
from projections.report_calendar import Filed, Reporter, calendar

YEAR = date(2026, 1, 1), date(2026, 12, 31)
OLD = Reporter("a", "department", "140800", date(2024, 1, 1), 3)
NEW = Reporter("b", "government", "140800", date(2026, 7, 1), 9)
FIRM = Reporter("c", "enterprise", "140800", date(2024, 1, 1), 4)


def rules(name: str, on: date = YEAR[1]) -> View:
    return View(policies.layers(name), Calendar(), on)


def test_yuncheng_reports_by_the_end_of_june_and_of_december() -> None:
    """J10 分别于每年6月30日前和12月31日前报送半年、全年政务诚信建设情况。"""
    found = calendar(rules("yuncheng"), [NEW, OLD, FIRM], (), *YEAR)
    owed = [(d.body, d.period, str(d.by)) for d in found]
    assert owed == [("a", "2026H1", "2026-06-30"), ("a", "2026", "2026-12-31"), ("b", "2026", "2026-12-31")]
    assert {d.source for d in found} == {"YC 三(三) (report.days)"}


@pytest.mark.parametrize("name", [n for n in policies.shipped() if n != "yuncheng"])
def test_nobody_owes_a_report_where_no_document_asks_for_one(name: str) -> None:
    """J10: 仅运城有明文。"""
    assert calendar(rules(name), [OLD], (), *YEAR) == []


def test_before_the_document_was_in_force_nobody_owed_one() -> None:
    """J10: 2021 is before 2022-01-01."""
    old = OLD._replace(registered_on=date(2020, 1, 1))
    assert calendar(rules("yuncheng"), [old], (), date(2021, 1, 1), date(2021, 12, 31)) == []


def test_a_report_is_in_time_on_the_day_itself_and_late_after_it() -> None:
    """J10: 6月30日前 includes the day."""
    in_time, late = Filed("a", "2026H1", date(2026, 6, 30), 20), Filed("a", "2026", date(2027, 1, 1), 30)
    half, year = calendar(rules("yuncheng"), [OLD], [late, in_time], *YEAR)
    assert (half.is_late, half.is_overdue(date(2027, 1, 5))) == (False, False)
    assert (year.is_late, year.is_overdue(date(2027, 1, 5))) == (True, False)


def test_a_report_is_overdue_from_the_day_after_and_another_bodys_does_not_count() -> None:
    """J10: the overdue list."""
    (half, _) = calendar(rules("yuncheng"), [OLD], [Filed("b", "2026H1", date(2026, 6, 1), 20)], *YEAR)
    assert [half.is_overdue(day) for day in (date(2026, 6, 30), date(2026, 7, 1))] == [False, True]


def test_a_report_that_was_put_right_later_was_filed_when_the_first_was() -> None:
    """J10: what was filed stays filed."""
    first, again = Filed("a", "2026H1", date(2026, 6, 1), 20), Filed("a", "2026H1", date(2026, 8, 1), 40)
    half, _ = calendar(rules("yuncheng"), [OLD], [again, first], *YEAR)
    assert half.filed == first
