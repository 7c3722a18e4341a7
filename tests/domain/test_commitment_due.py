"""Due days, standing and publication: computed from the events and a day, never stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as property_of
from hypothesis import strategies as st

from ledger.domain.commitment import EMPTY, CommitmentMade, FulfilmentAppraised, as_of
from ledger.domain.commitment_due import (
    Standing,
    due_days,
    missing_channels,
    next_due,
    occurrences,
    overdue_days,
    published_in,
    standing,
)
from ledger.domain.commitment_terms import Area, Channel, Every, Milestone, Outcome, Publication, Recurrence
from ledger.domain.event import legal_day
from tests.domain.promises import (
    BROKEN,
    CHANGED,
    CONTINUOUS,
    DUE,
    IN_TIME,
    KEPT,
    KEPT_LATE,
    LATE,
    MADE,
    OPEN,
    PARTLY,
    PROGRESS,
    REPORT,
    WITHDRAWN,
    YEARLY,
)
from tests.domain.scenario import APPRAISER, BUREAU, CITY, CREDIT, PAPER, Saying, Scenario, given, said

FIRST = date(2025, 1, 6)
JUNE = date(2025, 6, 30)


def promised(fact: CommitmentMade, *sayings: Saying) -> Scenario:
    """A promise recorded on 6 January 2025, and what came after."""
    return given(said(fact, CITY, on=FIRST), *sayings)


def on(day: date, fact: object, by: str = CREDIT) -> Saying:
    """A saying on a day, with its document."""
    return said(fact, by, PAPER, on=day)


# --- due days -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        # 每年6月30日前和12月31日前 (J10: YC 三(三))
        (Recurrence(("12-31", "06-30")), ["2023-12-31", "2024-06-30", "2024-12-31"]),
        (Recurrence(every=Every.HALF_YEAR), ["2023-12-31", "2024-06-30", "2024-12-31"]),
        (Recurrence(every=Every.YEAR), ["2023-12-31", "2024-12-31"]),
        (
            Recurrence(every=Every.QUARTER, until=date(2024, 6, 30)),
            ["2023-09-30", "2023-12-31", "2024-03-31", "2024-06-30"],
        ),
        (
            Recurrence(every=Every.MONTH, start=date(2023, 12, 31), until=date(2024, 3, 30)),
            ["2023-12-31", "2024-01-31", "2024-02-29"],
        ),
        (Recurrence(("02-28", "02-29")), ["2024-02-28", "2024-02-29"]),
    ],
)
def test_a_recurrence_falls_on_its_days(recurrence: Recurrence, expected: list[str]) -> None:
    found = occurrences(recurrence, date(2023, 7, 1), date(2024, 12, 31))
    assert [day.isoformat() for day in found] == expected


def test_the_last_of_february_is_one_day_in_a_common_year() -> None:
    found = list(occurrences(Recurrence(("02-28", "02-29")), date(2025, 1, 1), date(2025, 12, 31)))
    assert found == [date(2025, 2, 28)]


@property_of(st.dates(), st.dates(), st.sampled_from(Every))
def test_occurrences_come_in_order_and_within_their_bounds(first: date, last: date, every: Every) -> None:
    last = min(last, first + timedelta(900)) if first.year < 9990 else last
    days = list(occurrences(Recurrence(every=every), first, last))
    assert days == sorted(set(days))
    assert all(first <= day <= last for day in days)
    assert all((day + timedelta(1)).day == 1 for day in days if day < date.max)


def test_a_recurrence_without_a_start_runs_from_the_day_of_recording() -> None:
    fact = replace(OPEN, recurrence=Recurrence(every=Every.HALF_YEAR))
    assert due_days(promised(fact).state, date(2026, 1, 1)) == (JUNE, DUE)


def test_a_one_off_duty_is_due_on_its_milestones_and_its_day() -> None:
    """至2024年底…至2025年底… (J16: YN 一(三))."""
    fact = replace(MADE, milestones=(Milestone(JUNE, "过半"),))
    state = promised(fact).state
    assert due_days(state, DUE) == (JUNE, DUE)
    assert due_days(state, JUNE) == (JUNE,)
    assert due_days(EMPTY, DUE) == due_days(promised(OPEN).state, date.max) == ()


def test_a_changed_day_replaces_the_old_one() -> None:
    state = promised(MADE, on(date(2025, 11, 1), replace(CHANGED, decided_on=FIRST, procedure=()))).state
    assert due_days(state, date.max) == (date(2026, 12, 31),)


def test_a_changed_recurrence_holds_from_the_day_of_its_recording() -> None:
    fact = replace(CHANGED, decided_on=FIRST, procedure=(), due=None, recurrence=Recurrence(every=Every.QUARTER))
    state = promised(YEARLY, on(date(2025, 7, 1), fact)).state
    assert due_days(state, DUE) == (JUNE, date(2025, 9, 30), DUE)


@pytest.mark.parametrize(("fact", "expected"), [(YEARLY, (JUNE,)), (MADE, ())])
def test_a_withdrawal_ends_what_was_due(fact: CommitmentMade, expected: tuple[date, ...]) -> None:
    gone = replace(WITHDRAWN, decided_on=FIRST, procedure=())
    state = promised(fact, on(date(2025, 7, 1), gone)).state
    assert due_days(state, date(2030, 1, 1)) == expected
    assert next_due(state, FIRST) == (JUNE if expected else None)


def test_the_next_day_is_the_first_that_is_not_yet_kept() -> None:
    kept = replace(KEPT, occurrence=JUNE, completed_on=FIRST)
    state = promised(YEARLY, on(date(2025, 2, 1), kept)).state
    assert next_due(promised(YEARLY).state, FIRST) == JUNE
    assert next_due(state, FIRST) == DUE
    assert next_due(state, JUNE + timedelta(1)) == DUE
    assert next_due(state, DUE + timedelta(1)) == date(2026, 6, 30)
    assert next_due(promised(MADE).state, DUE) == DUE
    assert next_due(promised(MADE).state, LATE) is None
    assert next_due(promised(OPEN).state, FIRST) is next_due(EMPTY, FIRST) is None
    far = replace(OPEN, recurrence=Recurrence(("03-01",), start=date(2090, 1, 1)))
    assert next_due(promised(far).state, FIRST) == date(2090, 3, 1)


def test_a_promise_that_was_kept_as_a_whole_has_no_next_day_even_with_a_milestone_open() -> None:
    fact = replace(MADE, milestones=(Milestone(JUNE, "过半"),))
    early = replace(KEPT, completed_on=FIRST)
    assert next_due(promised(fact).state, FIRST) == JUNE
    assert next_due(promised(fact, on(FIRST, early)).state, FIRST) is None
    assert overdue_days(promised(fact, on(FIRST, early)).state, LATE) == ()


# --- standing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sayings", "day", "expected"),
    [
        ((), FIRST - timedelta(1), Standing.NOT_MADE),
        ((), FIRST, Standing.OPEN),
        ((), DUE, Standing.OPEN),
        ((), DUE + timedelta(1), Standing.OVERDUE),
        ((on(JUNE, PROGRESS),), JUNE, Standing.IN_PROGRESS),
        ((on(JUNE, PROGRESS),), LATE, Standing.OVERDUE),
        ((on(IN_TIME, REPORT),), LATE, Standing.REPORTED),
        ((on(LATE, REPORT),), LATE - timedelta(1), Standing.OVERDUE),
        ((on(LATE, REPORT),), LATE, Standing.REPORTED),
        ((on(LATE, KEPT),), LATE, Standing.FULFILLED),
        ((on(LATE, KEPT_LATE),), LATE, Standing.FULFILLED_LATE),
        ((on(LATE, PARTLY),), LATE, Standing.PARTLY_FULFILLED),
        ((on(LATE, BROKEN),), LATE, Standing.BROKEN),
        ((on(LATE, BROKEN), on(date(2026, 2, 1), KEPT_LATE)), date(2026, 1, 31), Standing.BROKEN),
        ((on(LATE, BROKEN), on(date(2026, 2, 1), KEPT_LATE)), date(2026, 2, 1), Standing.FULFILLED_LATE),
        ((on(date(2026, 2, 2), CHANGED),), date(2026, 2, 1), Standing.OVERDUE),
        ((on(date(2026, 2, 2), CHANGED),), date(2026, 2, 2), Standing.LAWFULLY_CHANGED),
        ((on(date(2026, 2, 2), CHANGED),), date(2027, 1, 1), Standing.OVERDUE),
        ((on(date(2026, 2, 2), WITHDRAWN),), date(2027, 1, 1), Standing.WITHDRAWN),
    ],
)
def test_the_standing_of_a_one_off_promise_on_a_day(sayings: tuple[Saying, ...], day: date, expected: Standing) -> None:
    """What is overdue is asked with a day: no job flips a flag at midnight."""
    assert standing(promised(MADE, *sayings).state, day) is expected


def kept(day: date, occurrence: date) -> Saying:
    """An occurrence appraised as done in time."""
    return on(day, FulfilmentAppraised(Outcome.FULFILLED, "按时报送", occurrence, occurrence), APPRAISER)


@pytest.mark.parametrize(
    ("sayings", "day", "expected"),
    [
        ((), JUNE, Standing.OPEN),
        ((), JUNE + timedelta(1), Standing.OVERDUE),
        ((on(JUNE, replace(REPORT, completed_on=JUNE, occurrence=JUNE)),), DUE - timedelta(1), Standing.REPORTED),
        ((on(JUNE, replace(REPORT, completed_on=JUNE, occurrence=JUNE)),), LATE, Standing.OVERDUE),
        ((kept(JUNE, JUNE),), DUE, Standing.FULFILLED),
        ((kept(JUNE, JUNE),), LATE, Standing.OVERDUE),
        ((kept(JUNE, JUNE), kept(DUE, DUE)), LATE, Standing.FULFILLED),
        ((kept(DUE, DUE),), LATE, Standing.OVERDUE),
        ((on(LATE, replace(BROKEN, occurrence=JUNE)), kept(LATE, DUE)), LATE, Standing.FULFILLED),
        ((kept(JUNE, JUNE), on(LATE, replace(BROKEN, occurrence=DUE))), LATE, Standing.BROKEN),
    ],
)
def test_the_standing_of_a_recurring_promise_on_a_day(
    sayings: tuple[Saying, ...], day: date, expected: Standing
) -> None:
    """每年6月30日前和12月31日前: overdue if any day is, else as its newest day was kept."""
    assert standing(promised(YEARLY, *sayings).state, day) is expected


def test_a_missed_milestone_makes_a_promise_overdue_before_its_day() -> None:
    fact = replace(MADE, milestones=(Milestone(JUNE, "过半"),))
    assert overdue_days(promised(fact).state, JUNE + timedelta(1)) == (JUNE,)
    report = replace(REPORT, completed_on=JUNE, occurrence=JUNE)
    assert standing(promised(fact, on(JUNE, report)).state, DUE) is Standing.IN_PROGRESS
    assert overdue_days(promised(fact, on(JUNE, report)).state, LATE) == (DUE,)


def test_a_continuous_promise_is_never_overdue_and_stands_as_last_judged() -> None:
    """持续实施."""
    state = promised(CONTINUOUS, on(JUNE, replace(KEPT, completed_on=JUNE)), on(LATE, BROKEN)).state
    assert overdue_days(state, date(2040, 1, 1)) == ()
    assert standing(state, JUNE) is Standing.FULFILLED
    assert standing(state, date(2040, 1, 1)) is Standing.BROKEN


def test_nothing_that_is_not_made_is_due_or_overdue() -> None:
    assert overdue_days(EMPTY, DUE) == ()
    assert standing(EMPTY, DUE) is Standing.NOT_MADE
    assert standing(EMPTY, date.min) is Standing.NOT_MADE


def test_an_earlier_day_gives_the_answer_of_then() -> None:
    sayings = (on(JUNE, PROGRESS, BUREAU), on(IN_TIME, REPORT, CITY), on(LATE, KEPT, APPRAISER))
    whole = promised(MADE, *sayings).state
    for count, day in enumerate((FIRST, JUNE, IN_TIME, LATE)):
        then = promised(MADE, *sayings[:count]).state
        assert as_of(whole, day) == then
        assert standing(whole, day) is standing(then, day)
    assert as_of(whole, FIRST - timedelta(1)) == EMPTY


def test_a_day_begins_at_midnight_in_china() -> None:
    assert legal_day(datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC)) == date(2026, 6, 30)
    assert legal_day(datetime(2026, 6, 30, 16, 0, 0, tzinfo=UTC)) == date(2026, 7, 1)


# --- publication --------------------------------------------------------------------------------------------


def test_whether_a_promise_was_published_in_a_year() -> None:
    """B03 每年通过政府及部门网站、黄石日报等媒体，公开…承诺 (HS 四(七))."""
    fact = replace(MADE, published=(Publication(Channel.NEWS_MEDIA, "本地日报", FIRST),))
    state = promised(fact).state
    assert published_in(state, 2025)
    assert not published_in(state, 2026)
    assert not published_in(EMPTY, 2025)


@pytest.mark.parametrize(
    ("area", "missing"),
    [
        # 将相关承诺在政府门户网站、信用门户网站公示 (B08: DH 三(四); HS 五(五); YN 三(四))
        (Area.INVESTMENT_PROMOTION, (Channel.GOVERNMENT_PORTAL,)),
        # 将相关承诺在本部门网站和“信用黄石”网站公示 (B14: HS 五(七))
        (Area.PUBLIC_WELFARE_INSTITUTIONS, (Channel.DEPARTMENT_SITE,)),
        (Area.GENERAL, ()),
    ],
)
def test_where_a_promise_is_still_to_be_published(area: Area, missing: tuple[Channel, ...]) -> None:
    """B08 B14 将相关承诺在政府门户网站、信用门户网站公示 (DH 三(四)); 在本部门网站和“信用黄石”网站公示 (HS 五(七))."""
    fact = replace(MADE, area=area, published=(Publication(Channel.CREDIT_SITE, "信用中国（示例）", FIRST),))
    assert missing_channels(promised(fact).state) == missing
    assert missing_channels(EMPTY) == ()
