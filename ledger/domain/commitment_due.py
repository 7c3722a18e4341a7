"""Questions to a commitment that need a date: when it is due, in what standing it is, who answers for it.

Nothing here is stored: the same events and the same day always give the same answer, and an earlier day gives
the answer that was true then (B04 准确记录, B05 客观评价; J10 每年6月30日前和12月31日前).

>>> half_yearly = Recurrence(days=("06-30", "12-31"), start=date(2024, 1, 1))
>>> [day.isoformat() for day in occurrences(half_yearly, date(2024, 1, 1), date(2024, 12, 31))]
['2024-06-30', '2024-12-31']
"""

from __future__ import annotations

import calendar
import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from ledger.domain import body
from ledger.domain.commitment import Commitment, CommitmentBroken, FulfilmentAppraised, as_of
from ledger.domain.commitment_terms import Area, Channel, Outcome, Recurrence
from ledger.domain.event import Rules


class Standing(StrEnum):
    """Where a commitment stands on a day."""

    NOT_MADE = "not_made"  # 尚未作出
    OPEN = "open"  # 待履行
    IN_PROGRESS = "in_progress"  # 履行中
    REPORTED = "reported"  # 已报告完成，待评价
    OVERDUE = "overdue"  # 已逾期
    FULFILLED = "fulfilled"  # 已履行
    FULFILLED_LATE = "fulfilled_late"  # 逾期履行
    PARTLY_FULFILLED = "partly_fulfilled"  # 部分履行
    BROKEN = "broken"  # 失诺
    LAWFULLY_CHANGED = "lawfully_changed"  # 依法变更，待履行
    WITHDRAWN = "withdrawn"  # 依法撤回


def occurrences(recurrence: Recurrence, first: date, last: date) -> Iterator[date]:
    """The days of a recurrence from ``first`` to ``last``, in order; its own ``start`` and ``until`` hold as well."""
    first = max(first, recurrence.start or first)
    last = min(last, recurrence.until or last)
    marks = sorted(recurrence.every.days if recurrence.every else recurrence.days)
    for year in range(first.year, last.year + 1):
        for day in dict.fromkeys(_day(year, mark) for mark in marks):
            if first <= day <= last:
                yield day


def _day(year: int, mark: str) -> date:
    month, day = int(mark[:2]), int(mark[3:])
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def due_days(state: Commitment, until: date) -> tuple[date, ...]:
    """All days up to ``until`` on which something was or is due, in order; none where no day was promised.

    A changed recurrence holds from the day on which the change was recorded, a withdrawal ends it on that day.
    """
    if state.made is None:
        return ()
    days = {m.due for m in state.milestones if _still_due(state, m.due)}
    if state.due and _still_due(state, state.due):
        days.add(state.due)
    for recurrence, first, last in _recurrences(state):
        days.update(occurrences(recurrence, first, min(last, until)))
    return tuple(sorted(day for day in days if day <= until))


def _still_due(state: Commitment, day: date) -> bool:
    return state.withdrawn_on is None or day < state.withdrawn_on


def _recurrences(state: Commitment) -> Iterator[tuple[Recurrence, date, date]]:
    """Each recurrence that ever held, with the first and last day of its time."""
    assert state.made is not None
    if state.terms.recurrence is None and not state.changes:
        return
    end = state.withdrawn_on - timedelta(days=1) if state.withdrawn_on else date.max
    held: list[tuple[Recurrence, date]] = []
    if state.terms.recurrence:
        held.append((state.terms.recurrence, state.terms.recurrence.start or state.made.day))
    held.extend((c.fact.recurrence, c.day) for c in state.changes if c.fact.recurrence)
    for i, (recurrence, first) in enumerate(held):
        last = held[i + 1][1] - timedelta(days=1) if i + 1 < len(held) else date.max
        yield recurrence, first, min(last, end)


def is_occurrence(state: Commitment, day: date) -> bool:
    """Whether ``day`` is a due day of the recurrence or of a milestone: what a fact's ``occurrence`` may name."""
    if any(m.due == day for m in state.milestones):
        return True
    return any(day in occurrences(r, max(first, day), min(last, day)) for r, first, last in _recurrences(state))


def deadline(state: Commitment, occurrence: date | None) -> date | None:
    """The day after which a fulfilment is late: the due day; without one, the day on which a breach was recorded."""
    if occurrence or state.due:
        return occurrence or state.due
    return next((v.day for v in state.verdicts if isinstance(v.fact, CommitmentBroken)), None)


def next_due(state: Commitment, on: date) -> date | None:
    """The first due day on or after ``on`` that was not yet appraised as done; None where there is none."""
    if state.made is None or is_settled(state, None):
        return None
    single = {m.due for m in state.milestones} | ({state.due} if state.due else set())
    ahead = [iter(sorted(d for d in single if d >= on and _still_due(state, d)))]
    ahead.extend(occurrences(r, max(first, on), last) for r, first, last in _recurrences(state))
    firsts = (next((d for d in days if not is_kept(state, _slot(state, d))), None) for days in ahead)
    return min((d for d in firsts if d), default=None)


def _slot(state: Commitment, day: date) -> date | None:
    """The ``occurrence`` that facts about a due day carry: None for the day of a one-off commitment as a whole."""
    return None if day == state.due else day


def verdict(state: Commitment, occurrence: date | None) -> FulfilmentAppraised | CommitmentBroken | None:
    """The newest judgement of an occurrence (None: of the commitment as a whole)."""
    return next((v.fact for v in reversed(state.verdicts) if v.fact.occurrence == occurrence), None)


def is_kept(state: Commitment, occurrence: date | None) -> bool:
    """Whether an occurrence was appraised as done, in time or late."""
    found = verdict(state, occurrence)
    return isinstance(found, FulfilmentAppraised) and found.outcome is not Outcome.PARTLY_FULFILLED


def is_settled(state: Commitment, occurrence: date | None) -> bool:
    """Whether an occurrence needs no further word: appraised as done, and not the whole of a continuous duty."""
    return is_kept(state, occurrence) and not (occurrence is None and state.terms.continuous)


def is_reported(state: Commitment, occurrence: date | None) -> bool:
    """Whether the promiser's side said that it has done this occurrence."""
    return any(r.fact.occurrence == occurrence for r in state.reports)


def overdue_days(state: Commitment, on: date) -> tuple[date, ...]:
    """The due days before ``on`` for which, by then, neither a report nor a judgement was recorded."""
    return _overdue(as_of(state, on), on)


def _overdue(then: Commitment, on: date) -> tuple[date, ...]:
    if then.made is None or then.withdrawn_on or _judged_as_whole(then):
        return ()
    return tuple(day for day in due_days(then, on - timedelta(days=1)) if not _is_answered(then, day))


def _is_answered(state: Commitment, day: date) -> bool:
    """Whether something was said of a due day: a report, or a judgement."""
    slot = _slot(state, day)
    return is_reported(state, slot) or verdict(state, slot) is not None


def _judged_as_whole(state: Commitment) -> bool:
    return verdict(state, None) is not None and not state.terms.recurrence


def standing(state: Commitment, on: date) -> Standing:
    """Where the commitment stands at the end of a day, by what the ledger knew then.

    Of a recurring commitment: overdue if any due day is, else how its newest due day was kept.
    """
    then = as_of(state, on)
    return _standing(then, on, overdue=bool(_overdue(then, on)))


def _standing(then: Commitment, on: date, *, overdue: bool) -> Standing:
    """See :func:`standing`; of a state that holds nothing later than the day."""
    if then.made is None:
        return Standing.NOT_MADE
    if then.withdrawn_on:
        return Standing.WITHDRAWN
    if overdue:
        return Standing.OVERDUE
    slots: list[date | None] = list(due_days(then, on)) if then.terms.recurrence else [None]
    for slot in reversed(slots):
        found = verdict(then, slot)
        if found is not None:
            return Standing(found.outcome) if isinstance(found, FulfilmentAppraised) else Standing.BROKEN
        if is_reported(then, slot):
            return Standing.REPORTED
    return _unjudged(then)


def _unjudged(state: Commitment) -> Standing:
    if state.progress or state.reports or state.verdicts:
        return Standing.IN_PROGRESS
    return Standing.LAWFULLY_CHANGED if state.changes else Standing.OPEN


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included, on which a commitment stands so; ``due`` is the day that matters on them.

    That is the oldest due day that is overdue, else the next one that is neither over nor answered (None: no such day).
    """

    begins: date
    ends: date
    standing: Standing
    due: date | None


def spans(state: Commitment, since: date) -> Iterator[Span]:
    """Where a commitment stands on every day from ``since`` on, if nothing more is said; ``since`` is not before the
    day of what was said last.

    What the days bring changes only on a due day and on the day after one, so that nothing else need be asked. A duty
    that comes back for ever has no last due day, but its future is finite all the same: each report and judgement
    answers one due day, so the first that nobody answered lies at most so many due days ahead, and from the day after
    it the commitment is overdue, whatever falls due later.
    """
    if state.made is None:
        return
    if state.withdrawn_on or _judged_as_whole(state):  # no day changes anything
        yield Span(since, date.max, _standing(state, since, overdue=False), None)
        return
    if _is_plain(state):
        yield from _plain_spans(_unjudged(state), state.due, since)
        return
    yield from _spans_by_day(state, since)


def _is_plain(state: Commitment) -> bool:
    """Whether there is one due day at most and nothing was said of it yet: so are most, and their reports are many."""
    return not (state.reports or state.verdicts or state.changes or state.terms.recurrence or state.milestones)


@lru_cache(maxsize=20_000)
def _plain_spans(until_due: Standing, due: date | None, since: date) -> tuple[Span, ...]:
    if due is None:
        return (Span(since, date.max, until_due, None),)
    if due == date.max:
        return (Span(since, date.max, until_due, due),)
    if since > due:
        return (Span(since, date.max, Standing.OVERDUE, due),)
    return Span(since, due, until_due, due), Span(due + timedelta(days=1), date.max, Standing.OVERDUE, due)


def _spans_by_day(state: Commitment, since: date) -> Iterator[Span]:
    found: Span | None = None
    for day in _breaks(state, since):
        overdue = _overdue(state, day)
        due = overdue[0] if overdue else _next_unanswered(state, day)
        now = Span(day, date.max, _standing(state, day, overdue=bool(overdue)), due)
        if found is None or (found.standing, found.due) != (now.standing, now.due):
            if found is not None:
                yield Span(found.begins, day - timedelta(days=1), found.standing, found.due)
            found = now
    if found is not None:
        yield found


def _next_unanswered(state: Commitment, on: date) -> date | None:
    return next((day for day in _ahead(state, on) if not _is_answered(state, day)), None)


def has_progress(state: Commitment, due: date | None) -> bool:
    """Whether progress towards a due day was reported: after the due day before it, where there are several (B04)."""
    if due is None or not state.progress:
        return False
    before = due_days(state, due - timedelta(days=1))
    return not before or state.progress[-1].day > before[-1]


def _breaks(state: Commitment, since: date) -> Iterator[date]:
    """The days from ``since`` on on which the standing may change, in order."""
    yield since
    last = since
    for due in _ahead(state, since):
        after = due + timedelta(days=1) if due < date.max else due
        for day in (due, after):
            if day > last:
                yield day
                last = day
        if not _is_answered(state, due):
            return


def _ahead(state: Commitment, first: date) -> Iterator[date]:
    """All due days from ``first`` on, in order; without end where the duty has none."""
    single = {m.due for m in state.milestones} | ({state.due} if state.due else set())
    several = [occurrences(r, max(first, start), last) for r, start, last in _recurrences(state)]
    days = sorted(d for d in single if d >= first)
    previous = None
    for day in heapq.merge(days, *several) if several else days:
        if day != previous:
            yield day
            previous = day


def answers_for(state: Commitment, rules: Rules) -> str:
    """The body that answers for the commitment now: its holder, or who succeeded that body since (A12, B20)."""
    current, seen = state.holder, set[str]()
    while current not in seen:
        seen.add(current)
        current = next(iter(body.links(body.of(rules, current))), current)
    return current


def published_in(state: Commitment, year: int) -> bool:
    """Whether the commitment was published in a year (B03 每年通过政府及部门网站…公开: yearly)."""
    made = state.terms.published if state.made else ()
    return any(p.on.year == year for p in (*made, *(p.fact.publication for p in state.publications)))


_CHANNELS = {
    Area.INVESTMENT_PROMOTION: (
        Channel.GOVERNMENT_PORTAL,
        Channel.CREDIT_SITE,
    ),  # B08 在政府门户网站、信用门户网站公示
    Area.PUBLIC_WELFARE_INSTITUTIONS: (
        Channel.DEPARTMENT_SITE,
        Channel.CREDIT_SITE,
    ),  # B14 本部门网站和“信用黄石”网站
}


def missing_channels(state: Commitment) -> tuple[Channel, ...]:
    """The channels on which the commitment ought to be published by its area and is not yet (B08, B14)."""
    if state.made is None:
        return ()
    done = {p.channel for p in (*state.terms.published, *(p.fact.publication for p in state.publications))}
    return tuple(c for c in _CHANNELS.get(state.terms.area, ()) if c not in done)
