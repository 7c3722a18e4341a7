"""Where a commitment will stand, as spans of days: the same answer as asking each day by itself."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.commitment import EMPTY, Commitment, CommitmentMade, FulfilmentReported
from ledger.domain.commitment_due import (
    Span,
    Standing,
    due_days,
    has_progress,
    is_reported,
    overdue_days,
    spans,
    standing,
    verdict,
)
from ledger.domain.commitment_terms import Every, Milestone, Recurrence
from tests.domain.promises import (
    CHANGED,
    CONTINUOUS,
    DUE,
    KEPT,
    MADE,
    OPEN,
    PROGRESS,
    WITHDRAWN,
    YEARLY,
    made,
    promised,
)
from tests.domain.scenario import APPRAISER, CITY, PAPER, TODAY, said
from tests.domain.scenario import given as having
from tests.domain.test_commitment_random import steps, told

MONTHLY = replace(OPEN, recurrence=Recurrence(every=Every.MONTH))
LEAP = replace(OPEN, recurrence=Recurrence(("02-29", "02-28", "12-31"), until=date(2031, 3, 1)))
STAGED = replace(MADE, due=date(2026, 12, 31), milestones=(Milestone(date(2026, 3, 10), "一"), Milestone(DUE, "二")))
LAST = replace(OPEN, due=date.max)
PROMISES = (MADE, YEARLY, OPEN, CONTINUOUS, MONTHLY, LEAP, STAGED, LAST)


def found(state: Commitment, since: date, on: date) -> Span:
    """The one span of a day."""
    (only,) = [s for s in spans(state, since) if s.begins <= on <= s.ends]
    return only


def test_progress_counts_for_the_due_day_that_follows_it() -> None:
    """B04 J07: of several due days, the one after the progress; without progress, or a due day, there is none."""
    before = having(made(MONTHLY)).state
    after = having(made(MONTHLY), said(PROGRESS, CITY)).state
    first, second, *_ = due_days(after, TODAY + timedelta(70))
    assert [has_progress(after, day) for day in (first, second, None)] == [True, False, False]
    assert not has_progress(before, first)


@given(st.sampled_from(PROMISES), steps, st.integers(0, 4000), st.integers(0, 70))
def test_on_every_day_the_span_says_what_the_day_says(
    first: CommitmentMade, sayings: Any, ahead: int, more: int
) -> None:
    """B04 B05 准确记录、客观评价: spans are the same answers, for every day that is asked from the newest event on."""
    for since, state in told(first, sayings)[-3:]:
        all_of_them = list(spans(state, since))
        assert all_of_them[0].begins == since
        assert all_of_them[-1].ends == date.max
        for one, following in itertools.pairwise(all_of_them):
            assert one.ends + timedelta(1) == following.begins
            assert (one.standing, one.due) != (following.standing, following.due)
        edges = [s.begins + timedelta(n) for s in all_of_them for n in (-1, 0, 1)]
        for on in {*edges, since + timedelta(ahead), *(since + timedelta(n) for n in range(more)), date(9000, 1, 1)}:
            if on >= since:
                check_day(state, found(state, since, on), on)


def check_day(state: Commitment, span: Span, on: date) -> None:
    """What the span says of a day is what the questions to the state say."""
    assert span.standing is standing(state, on)
    if overdue := overdue_days(state, on):
        assert span.due == overdue[0]
    elif span.due is not None:
        assert span.due >= on
        slot = None if span.due == state.due else span.due
        assert not is_reported(state, slot)
        assert verdict(state, slot) is None
        assert span.due in due_days(state, span.due)


def test_a_promise_with_a_day_is_open_and_then_overdue_for_good() -> None:
    """B04: two spans, whatever comes after."""
    state = promised(replace(MADE, due=date(2026, 6, 30))).state
    assert list(spans(state, TODAY)) == [
        Span(TODAY, date(2026, 6, 30), Standing.OPEN, date(2026, 6, 30)),
        Span(date(2026, 7, 1), date.max, Standing.OVERDUE, date(2026, 6, 30)),
    ]


def test_a_promise_without_a_day_has_one_span() -> None:
    """B04: nothing falls due."""
    assert list(spans(promised(OPEN).state, TODAY)) == [Span(TODAY, date.max, Standing.OPEN, None)]


def test_a_duty_that_comes_back_for_ever_has_few_spans() -> None:
    """J10 每年6月30日前和12月31日前: what was answered ahead counts on its day, the first unanswered day ends it."""
    yearly = replace(YEARLY, recurrence=replace(YEARLY.recurrence, start=date(2026, 3, 1)))  # type: ignore[type-var]
    ahead = FulfilmentReported(TODAY, PAPER, occurrence=date(2026, 6, 30))
    state = having(made(yearly), said(ahead, CITY)).state
    assert list(spans(state, TODAY)) == [
        Span(TODAY, date(2026, 6, 29), Standing.IN_PROGRESS, date(2026, 12, 31)),
        Span(date(2026, 6, 30), date(2026, 12, 31), Standing.REPORTED, date(2026, 12, 31)),
        Span(date(2027, 1, 1), date.max, Standing.OVERDUE, date(2026, 12, 31)),
    ]


def test_what_was_kept_or_withdrawn_waits_for_no_day() -> None:
    """B05, B10."""
    kept = promised().having(said(KEPT, APPRAISER, PAPER)).state
    assert list(spans(kept, TODAY)) == [Span(TODAY, date.max, Standing.FULFILLED, None)]
    gone = promised().having(said(WITHDRAWN, CITY, PAPER)).state
    assert list(spans(gone, TODAY)) == [Span(TODAY, date.max, Standing.WITHDRAWN, None)]


def test_a_changed_day_is_the_one_that_counts() -> None:
    """B10 依法变更."""
    state = promised().having(said(PROGRESS, CITY, PAPER), said(CHANGED, CITY, PAPER)).state
    assert [(s.standing, s.due) for s in spans(state, TODAY)] == [
        (Standing.IN_PROGRESS, date(2026, 12, 31)),
        (Standing.OVERDUE, date(2026, 12, 31)),
    ]


def test_a_commitment_that_was_not_made_stands_nowhere() -> None:
    """The empty stream."""
    assert list(spans(EMPTY, TODAY)) == []


def test_the_calendars_last_day_is_no_obstacle() -> None:
    """A due day on 31 December 9999 is never over."""
    state = promised(LAST).state
    assert list(spans(state, TODAY)) == [Span(TODAY, date.max, Standing.OPEN, date.max)]
