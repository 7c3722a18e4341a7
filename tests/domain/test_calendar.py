"""Working days and deadlines: the years shipped day by day, 民法典 201 to 203, provisional and firm deadlines."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given as given_values
from hypothesis import strategies as st

from ledger import policies
from ledger.domain.calendar import Calendar, Day, Deadline, DeadlineState, Year, months_after

SHIPPED = Calendar(
    {f.year: Year(frozenset(f.off), frozenset(f.worked)) for f in policies.arrangements(policies.text("calendar"))}
)
DAYS = st.dates(date(2022, 1, 1), date(2028, 12, 31))

# The notices of the State Council's General Office, in their own terms: first and last day off, and days worked.
NOTICES = {
    2023: (
        ["01-01 01-02", "01-21 01-27", "04-05 04-05", "04-29 05-03", "06-22 06-24", "09-29 10-06"],
        "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    ),
    2024: (
        ["01-01 01-01", "02-10 02-17", "04-04 04-06", "05-01 05-05", "06-10 06-10", "09-15 09-17", "10-01 10-07"],
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    2025: (
        ["01-01 01-01", "01-28 02-04", "04-04 04-06", "05-01 05-05", "05-31 06-02", "10-01 10-08"],
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: (
        ["01-01 01-03", "02-15 02-23", "04-04 04-06", "05-01 05-05", "06-19 06-21", "09-25 09-27", "10-01 10-07"],
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}


def day_of(year: int, text: str) -> date:
    return date.fromisoformat(f"{year}-{text}")


# --- the years shipped ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", sorted(NOTICES))
def test_every_day_of_a_year_is_worked_or_off_as_the_notice_says(year: int) -> None:
    spans, worked = NOTICES[year]
    off = [tuple(day_of(year, text) for text in span.split()) for span in spans]
    at_work = {day_of(year, text) for text in worked.split()}
    day = date(year, 1, 1)
    while day.year == year:
        free = any(first <= day <= last for first, last in off) or (day.weekday() >= 5 and day not in at_work)
        assert SHIPPED.is_working_day(day) is not free, day
        day += timedelta(days=1)


def test_the_years_shipped_are_those_of_the_notices() -> None:
    assert set(SHIPPED.years) == set(NOTICES)


@pytest.mark.parametrize(("year", "count"), [(2023, 249), (2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_so_many_working_days(year: int, count: int) -> None:
    """The State Council's holidays: 11 days in 2023 and 2024, 13 days since 2025."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    assert sum(SHIPPED.is_working_day(d) for d in days if d.year == year) == count


# --- periods ----------------------------------------------------------------------------------------------------


def test_the_first_day_of_a_period_is_not_counted() -> None:
    """民法典 第二百零一条：开始的当日不计入，自下一日开始计算。"""
    assert SHIPPED.after_days(date(2026, 3, 2), 1).day == date(2026, 3, 3)
    assert SHIPPED.after_working_days(date(2026, 3, 2), 1).day == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2026-01-15", 1, "2026-02-15"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-12-31", 2, "2024-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-08-31", 12, "2027-08-31"),
        ("2024-02-29", 12, "2025-02-28"),
    ],
)
def test_a_period_in_months_ends_on_the_day_of_the_same_number_or_on_the_months_last(
    start: str, months: int, last: str
) -> None:
    """民法典 第二百零二条：到期月的对应日为期间的最后一日；没有对应日的，月末日为最后一日。"""
    assert months_after(date.fromisoformat(start), months) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        ("2026-02-01", 10, "2026-02-11"),
        ("2026-02-01", 14, "2026-02-24"),  # Sunday 15 February begins the Spring Festival
        ("2026-02-01", 13, "2026-02-14"),  # a Saturday that is worked
        ("2026-09-21", 6, "2026-09-28"),
        ("2026-09-24", 7, "2026-10-08"),
    ],
)
def test_a_period_that_ends_on_a_day_off_ends_on_the_next_working_day(start: str, days: int, last: str) -> None:
    """民法典 第二百零三条：最后一日是法定休假日的，以法定休假日结束的次日为最后一日。"""
    assert SHIPPED.after_days(date.fromisoformat(start), days) == Day(date.fromisoformat(last), False)


def test_a_period_in_months_that_ends_on_a_day_off_ends_on_the_next_working_day() -> None:
    """民法典 第二百零三条。"""
    assert SHIPPED.after_months(date(2026, 9, 3), 1) == Day(date(2026, 10, 8), False)


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-09-30", 3, "2026-10-10"),  # a Saturday that is worked
        ("2026-09-30", 4, "2026-10-12"),
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-14", 1, "2026-02-24"),
        ("2025-12-31", 2, "2026-01-05"),  # Sunday the 4th is worked
    ],
)
def test_working_days_skip_holidays_and_count_weekend_days_that_are_worked(start: str, days: int, last: str) -> None:
    """F04 B19 7 个工作日：法定节假日与调休。"""
    assert SHIPPED.after_working_days(date.fromisoformat(start), days) == Day(date.fromisoformat(last), False)


# --- provisional and firm ---------------------------------------------------------------------------------------


def test_a_deadline_past_the_years_known_is_provisional_and_becomes_firm_with_the_import() -> None:
    """期限跨入未公布放假安排的年份的，为暂定；导入后为确定。"""
    start = date(2026, 12, 28)
    guess = SHIPPED.after_working_days(start, 7)
    assert guess == Day(date(2027, 1, 6), True)
    assumed = Year(frozenset({date(2027, 1, 1), date(2027, 1, 4)}), frozenset())  # assumed for this test
    known = Calendar({**SHIPPED.years, 2027: assumed})
    assert known.after_working_days(start, 7) == Day(date(2027, 1, 8), False)


def test_a_deadline_within_the_years_known_is_firm_on_the_very_last_day() -> None:
    assert SHIPPED.after_working_days(date(2026, 12, 30), 1) == Day(date(2026, 12, 31), False)
    assert SHIPPED.after_days(date(2026, 12, 30), 1).provisional is False
    assert SHIPPED.after_days(date(2026, 12, 30), 2).provisional is True
    assert SHIPPED.after_months(date(2026, 12, 31), 1).provisional is True


def test_a_period_that_runs_over_into_an_unknown_year_is_provisional() -> None:
    """最后一日顺延进入未知年份。"""
    known = Calendar({2023: SHIPPED.years[2023]})
    assert known.after_days(date(2023, 12, 29), 1) == Day(date(2024, 1, 1), True)
    assert SHIPPED.after_days(date(2023, 12, 29), 1) == Day(date(2024, 1, 2), False)


def test_without_any_year_known_weekends_alone_are_off() -> None:
    empty = Calendar()
    assert empty.is_working_day(date(2026, 10, 1))
    assert not empty.is_working_day(date(2026, 10, 10))
    assert empty.after_working_days(date(2026, 10, 1), 1) == Day(date(2026, 10, 2), True)


# --- properties -------------------------------------------------------------------------------------------------


@given_values(DAYS, st.integers(1, 200))
def test_so_many_working_days_lie_between(start: date, days: int) -> None:
    found = SHIPPED.after_working_days(start, days).day
    between = [start + timedelta(days=n) for n in range(1, (found - start).days + 1)]
    assert sum(map(SHIPPED.is_working_day, between)) == days
    assert SHIPPED.is_working_day(found)


@given_values(DAYS, st.integers(1, 60), st.integers(1, 60))
def test_working_days_add_up(start: date, first: int, then: int) -> None:
    part = SHIPPED.after_working_days(start, first).day
    assert SHIPPED.after_working_days(part, then).day == SHIPPED.after_working_days(start, first + then).day


@given_values(DAYS, st.integers(1, 400))
def test_the_end_of_a_period_is_the_first_working_day_from_its_last_day_on(start: date, days: int) -> None:
    last = start + timedelta(days=days)
    found = SHIPPED.after_days(start, days)
    assert SHIPPED.is_working_day(found.day)
    assert not any(SHIPPED.is_working_day(last + timedelta(days=n)) for n in range((found.day - last).days))


@given_values(DAYS, st.integers(1, 120))
def test_a_period_in_months_ends_in_the_month_that_it_says(start: date, months: int) -> None:
    found = months_after(start, months)
    assert (found.year * 12 + found.month) - (start.year * 12 + start.month) == months
    assert found.day == start.day or (found + timedelta(days=1)).day == 1


@given_values(DAYS, st.integers(1, 120))
def test_a_day_is_provisional_just_where_the_way_to_it_leaves_the_years_known(start: date, days: int) -> None:
    found = SHIPPED.after_working_days(start, days)
    years = {(start + timedelta(days=n)).year for n in range(1, (found.day - start).days + 1)}
    assert found.provisional is not (years <= set(SHIPPED.years))


# --- deadlines --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("met", "on", "state"),
    [
        (None, "2026-06-29", DeadlineState.OPEN),
        (None, "2026-06-30", DeadlineState.OPEN),
        (None, "2026-07-01", DeadlineState.OVERDUE),
        ("2026-06-30", "2026-06-30", DeadlineState.MET),
        ("2026-06-30", "2026-06-29", DeadlineState.OPEN),  # asked for an earlier day: not yet
        ("2026-07-02", "2026-07-01", DeadlineState.OVERDUE),
        ("2026-07-02", "2026-07-02", DeadlineState.MET_LATE),
    ],
)
def test_where_a_deadline_stands_on_a_day(met: str | None, on: str, state: DeadlineState) -> None:
    """每个期限可答：规则、来源、起算、届满、某日的状态。"""
    done = date.fromisoformat(met) if met else None
    clock = Deadline("rule", "source", "Event", date(2026, 6, 1), date(2026, 6, 30), met=done)
    assert clock.state(date.fromisoformat(on)) is state


def test_a_duty_without_a_confirmed_number_of_days_is_never_overdue() -> None:
    """无人能确认期限的，一直待办，完成即按期。"""
    clock = Deadline("rule", "source", "Event", date(2026, 6, 1), None)
    assert clock.state(date(2030, 1, 1)) is DeadlineState.OPEN
    done = Deadline("rule", "source", "Event", date(2026, 6, 1), None, met=date(2027, 1, 1))
    assert done.state(date(2030, 1, 1)) is DeadlineState.MET
