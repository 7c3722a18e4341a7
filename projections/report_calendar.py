"""The report calendar (J10): which bodies owe a report by which day, and whether it was filed, in time or late.

The days are the pack's (``report.days``: 运城 30 June and 31 December); without that key nobody owes one. A day of the
first half year asks for the report on that half, a later day for that on the year (半年、全年).

>>> period_by(date(2026, 6, 30)), period_by(date(2026, 12, 31))
('2026H1', '2026')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from ledger.domain.commitment_due import occurrences
from ledger.domain.commitment_terms import Recurrence
from ledger.domain.policy import View


class Reporter(NamedTuple):
    """A body that is registered: what it is, since which day and index of the log."""

    body: str
    kind: str  # ledger.domain.body_terms.Kind
    region: str | None
    registered_on: date
    log_index: int


class Filed(NamedTuple):
    """A report that a body filed: on which period, when, and the index of the event."""

    body: str
    period: str
    filed_on: date
    log_index: int


@dataclass(frozen=True, slots=True)
class Duty:
    """A report that a body owes ``by`` a day; ``filed`` is the first one on the period, ``source`` where it stands."""

    body: str
    region: str | None
    period: str
    by: date
    source: str
    log_index: int  # of the body's registration
    filed: Filed | None = None

    def is_overdue(self, on: date) -> bool:
        """Whether the day is over and nothing was filed."""
        return self.filed is None and self.by < on

    @property
    def is_late(self) -> bool:
        """Whether it was filed after the day."""
        return self.filed is not None and self.filed.filed_on > self.by


def period_by(day: date) -> str:
    """The period that is reported on by a day."""
    return f"{day.year}H1" if day.month <= 6 else str(day.year)


def calendar(view: View, bodies: Iterable[Reporter], filed: Iterable[Filed], first: date, last: date) -> list[Duty]:
    """What the bodies of one region owe from a day to a day, both included, by day and body.

    A body owes a report if it was registered by that day and its kind is a subject (``subject.body_kinds``).
    """
    done: dict[tuple[str, str], Filed] = {}
    for report in sorted(filed, key=lambda f: f.log_index):
        done.setdefault((report.body, report.period), report)
    owing = sorted(bodies)
    return [
        Duty(
            b.body,
            b.region,
            period_by(by),
            by,
            then.source("report.days"),
            b.log_index,
            done.get((b.body, period_by(by))),
        )
        for by, then in _days(view, first, last)
        for b in owing
        if b.registered_on <= by and b.kind in then.names("subject.body_kinds")
    ]


def _days(view: View, first: date, last: date) -> Iterator[tuple[date, View]]:
    """The reporting days from a day to a day, each with the rules of that day."""
    values = (value.value for pack in view.layers for value in pack.values.get("report.days", ()))
    marks = sorted({mark for named in values for mark in named or ()})
    for day in occurrences(Recurrence(days=tuple(marks)), first, last):
        then = replace(view, on=day)
        if day.strftime("%m-%d") in then.names("report.days"):
            yield day, then
