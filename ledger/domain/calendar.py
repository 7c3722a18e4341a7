"""Working days and deadlines of legal clocks, with China's adjusted days (法定节假日与调休).

The State Council announces each year's arrangement some weeks before: which weekdays are off and which days of a
weekend are worked. An arrangement enters the ledger as an event (``CalendarArranged``); a deadline that runs past the
years known is counted by weekends alone, is *provisional* and says so, and becomes firm when the year is imported.

A period is counted from the day after it begins (民法典 第二百零一条); one in months ends on the day of the same
number, or on the month's last (第二百零二条); where the last day is no working day, the next one ends it
(第二百零三条).

>>> known = Calendar({2026: Year(frozenset({date(2026, 10, 1), date(2026, 10, 2)}), frozenset({date(2026, 10, 10)}))})
>>> known.after_working_days(date(2026, 9, 30), 3)
Day(day=date(2026, 10, 7), provisional=False)
>>> known.after_working_days(date(2026, 12, 30), 3)
Day(day=date(2027, 1, 4), provisional=True)
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Year:
    """A year's arrangement: weekdays that are off, and days of a weekend that are worked."""

    off: frozenset[date]
    worked: frozenset[date]


@dataclass(frozen=True, slots=True)
class Day:
    """A computed day; ``provisional`` where it rests on a year whose arrangement is not known yet."""

    day: date
    provisional: bool

    def __repr__(self) -> str:
        return f"Day(day=date({self.day.year}, {self.day.month}, {self.day.day}), provisional={self.provisional})"


class DeadlineState(StrEnum):
    """Where a deadline stands on a day."""

    OPEN = "open"  # 期限未届满
    MET = "met"  # 按期完成
    MET_LATE = "met_late"  # 逾期完成
    OVERDUE = "overdue"  # 逾期未完成


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock of a case: which rule and source set it, from which day it runs, when it is due, when it was met.

    ``what`` is the name of the event that meets it; ``item`` the penalty, objection or repair that it concerns. A duty
    for which nobody could confirm a number of days has no ``due``: it is open until it is met, and never overdue.
    """

    rule: str
    source: str
    what: str
    start: date
    due: date | None
    provisional: bool = False
    met: date | None = None
    item: str | None = None

    def state(self, on: date) -> DeadlineState:
        """Where it stands at the end of the day ``on``."""
        if self.met is not None and self.met <= on:
            return DeadlineState.MET if self.due is None or self.met <= self.due else DeadlineState.MET_LATE
        return DeadlineState.OVERDUE if self.due is not None and on > self.due else DeadlineState.OPEN


@dataclass(frozen=True, slots=True)
class Calendar:
    """The arrangements of the years known."""

    years: Mapping[int, Year] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked; by weekends alone in a year that is not known."""
        year = self.years.get(day.year)
        weekend = day.weekday() >= _SATURDAY
        if year is None:
            return not weekend
        return day in year.worked if weekend else day not in year.off

    def after_working_days(self, start: date, days: int) -> Day:
        """The last of ``days`` working days (1 or more) after ``start``, the day of ``start`` not counted."""
        day = start
        known = True
        while days > 0:
            day += timedelta(days=1)
            known = known and day.year in self.years
            days -= self.is_working_day(day)
        return Day(day, not known)

    def after_days(self, start: date, days: int) -> Day:
        """The end of a period of ``days`` days after ``start``; if no working day, the next one."""
        return self._working_from(start + timedelta(days=days))

    def after_months(self, start: date, months: int) -> Day:
        """The end of a period of ``months`` months after ``start``; if no working day, the next one."""
        return self._working_from(months_after(start, months))

    def _working_from(self, day: date) -> Day:
        known = day.year in self.years
        while not self.is_working_day(day):
            day += timedelta(days=1)
            known = known and day.year in self.years
        return Day(day, not known)


def months_after(start: date, months: int) -> date:
    """The day of the same number so many months later, or that month's last day.

    >>> months_after(date(2026, 11, 30), 3).isoformat()
    '2027-02-28'
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
