"""Early warning (J07 监测预警, J15): rules of the pack over what the projections hold. It warns; nothing else follows.

A rule is a key ``warning.*`` of the rule pack; one without a value does not run. A warning names the rule and where it
stands, whom it is about, since when it holds, and the streams and log indices that it rests on.

>>> Rule.COURT_LIST.value
'warning.court_list'
>>> from ledger.domain.calendar import Calendar
>>> unsettled(View((), Calendar(), date(2026, 11, 21)))[0]
<Rule.COMMITMENT_DUE: 'warning.commitment_due'>
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from ledger.domain.calendar import months_after
from ledger.domain.policy import View
from ledger.domain.record.terms import Sweep
from ledger.domain.supervision_terms import Fall, Repetition
from projections.report_calendar import Filed, Reporter, calendar

DAY = timedelta(days=1)


class Rule(StrEnum):
    """The rules, by their keys."""

    COMMITMENT_DUE = "warning.commitment_due"
    RECTIFICATION_OVERDUE = "warning.rectification_overdue"
    FULFILMENT_FALLING = "warning.fulfilment_falling"
    REPEATED_BREACH = "warning.repeated_breach"
    COURT_LIST = "warning.court_list"
    ARREARS = "warning.arrears"
    COURT_SWEEP = "warning.court_sweep"
    PUBLICATION_LATE = "warning.publication_late"
    REMEDY_OVERDUE = "warning.remedy_overdue"
    REPORT_OVERDUE = "warning.report_overdue"


# --- facts --------------------------------------------------------------------------------------------------


class Ahead(NamedTuple):
    """A commitment with a due day to come, on which nothing was reported or judged yet."""

    stream: str
    log_index: int
    body: str
    area: str
    due: date
    made_on: date


class Judged(NamedTuple):
    """A commitment that was judged, or is overdue: of which day, and whether it was kept (projections/rates.py)."""

    stream: str
    log_index: int
    body: str
    judged_on: date
    kept: bool


class Breach(NamedTuple):
    """A record that was recognised and not withdrawn, in a key area."""

    stream: str
    log_index: int
    body: str
    area: str
    recognised_on: date


class Clock(NamedTuple):
    """A deadline that is over and was not met; ``rule`` is the clock's."""

    stream: str
    log_index: int
    body: str | None
    rule: str
    due: date


class Listed(NamedTuple):
    """An entry of the court list that stands."""

    stream: str
    log_index: int
    body: str
    listed_on: date


class Arrear(NamedTuple):
    """A record of arrears that stands and is not set right."""

    stream: str
    log_index: int
    body: str
    recognised_on: date


class Swept(NamedTuple):
    """A sweep of the court list: its month (``2026-10``) and the index of the event."""

    month: str
    log_index: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at, of one region. ``sweepers`` are the bodies that may record a sweep (C08)."""

    ahead: tuple[Ahead, ...] = ()
    judged: tuple[Judged, ...] = ()
    breaches: tuple[Breach, ...] = ()
    clocks: tuple[Clock, ...] = ()
    listed: tuple[Listed, ...] = ()
    arrears: tuple[Arrear, ...] = ()
    sweepers: tuple[Reporter, ...] = ()
    swept: tuple[Swept, ...] = ()
    reporters: tuple[Reporter, ...] = ()
    filed: tuple[Filed, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """A warning: its rule and where that stands, whom it is about, since when, and what it rests on.

    ``numbers`` are days: to go until ``due`` (commitment_due), on the list (court_list), over (of what is overdue);
    of fulfilment_falling kept and judged before, kept and judged now; of repeated_breach how many.
    ``about`` is the clock, month or period that it is about.
    """

    rule: Rule
    source: str
    since: date
    log_indices: tuple[int, ...]
    streams: tuple[str, ...]
    numbers: tuple[int, ...]
    body: str | None = None
    area: str | None = None
    due: date | None = None
    about: str | None = None


def warnings(facts: Facts, view: View, on: date) -> tuple[EarlyWarning, ...]:
    """The warnings of one region under its rules on a day, the oldest first within each rule."""
    found = chain(
        _commitments_due(facts, view, on),
        _clocks(facts, view, on),
        _falling(facts, view, on),
        _repeated(facts, view, on),
        _listed(facts, view, on),
        _arrears(facts, view, on),
        _unswept(facts, view, on),
        _reports(facts, view, on),
    )
    order = list(Rule)
    return tuple(sorted(found, key=lambda w: (order.index(w.rule), w.since, w.log_indices, w.about or "")))


def unsettled(view: View) -> tuple[Rule, ...]:
    """The rules that do not run, since no pack settles them."""
    return tuple(rule for rule in Rule if view.get(rule) is None)


# --- rules --------------------------------------------------------------------------------------------------


def _commitments_due(facts: Facts, view: View, on: date) -> Iterator[EarlyWarning]:
    rule, days = Rule.COMMITMENT_DUE, view.get(Rule.COMMITMENT_DUE)
    for c in facts.ahead if days else ():
        left = (c.due - on).days
        if 0 <= left <= days:
            since = max(c.due - days * DAY, c.made_on)
            yield EarlyWarning(
                rule, view.source(rule), since, (c.log_index,), (c.stream,), (left,), c.body, c.area, c.due
            )


_OF_CLOCKS = {
    "record.rectification": Rule.RECTIFICATION_OVERDUE,
    "record.plan": Rule.RECTIFICATION_OVERDUE,
    "publication.days": Rule.PUBLICATION_LATE,
    "objection.accept_days": Rule.REMEDY_OVERDUE,
    "objection.source_days": Rule.REMEDY_OVERDUE,
    "objection.decide_days": Rule.REMEDY_OVERDUE,
    "repair.accept_days": Rule.REMEDY_OVERDUE,
    "repair.decide_days": Rule.REMEDY_OVERDUE,
    "repair.answer_days": Rule.REMEDY_OVERDUE,
}
CLOCKS = tuple(_OF_CLOCKS)
"""The clocks that are looked at (``Deadline.rule``)."""


def _clocks(facts: Facts, view: View, on: date) -> Iterator[EarlyWarning]:
    for clock in facts.clocks:
        rule = _OF_CLOCKS.get(clock.rule)
        if rule and view.flag(rule) and clock.due < on:
            over = ((on - clock.due).days,)
            rests = (clock.log_index,), (clock.stream,), over
            yield EarlyWarning(
                rule, view.source(rule), clock.due + DAY, *rests, body=clock.body, due=clock.due, about=clock.rule
            )


def _falling(facts: Facts, view: View, on: date) -> Iterator[EarlyWarning]:
    """``since`` is the day of the newest judgement that the fall rests on."""
    rule = Rule.FULFILMENT_FALLING
    fall: Fall | None = view.get(rule)
    if fall is None:
        return
    by_body = defaultdict(list)
    for judged in facts.judged:
        by_body[judged.body].append(judged)
    middle, first = months_after(on, -fall.months), months_after(on, -2 * fall.months)
    for body, all_judged in by_body.items():
        before = [j for j in all_judged if first < j.judged_on <= middle]
        now = [j for j in all_judged if middle < j.judged_on <= on]
        if min(len(before), len(now)) < fall.least:
            continue
        kept, kept_now = sum(j.kept for j in before), sum(j.kept for j in now)
        # kept/before - kept_now/now >= drop/100, in whole numbers
        if 100 * (kept * len(now) - kept_now * len(before)) >= fall.drop * len(before) * len(now):
            rests = sorted((*before, *now), key=lambda j: j.log_index)
            indices, streams = tuple(j.log_index for j in rests), tuple(j.stream for j in rests)
            since, numbers = max(j.judged_on for j in now), (kept, len(before), kept_now, len(now))
            yield EarlyWarning(rule, view.source(rule), since, indices, streams, numbers, body)


def _repeated(facts: Facts, view: View, on: date) -> Iterator[EarlyWarning]:
    """``since`` is the day on which the number was reached."""
    rule = Rule.REPEATED_BREACH
    repetition: Repetition | None = view.get(rule)
    if repetition is None:
        return
    by_area = defaultdict(list)
    for breach in facts.breaches:
        if months_after(on, -repetition.months) < breach.recognised_on <= on:
            by_area[breach.area].append(breach)
    for area, breaches in by_area.items():
        if len(breaches) >= repetition.count:
            breaches.sort(key=lambda b: (b.recognised_on, b.log_index))
            since = breaches[repetition.count - 1].recognised_on
            indices, streams = tuple(b.log_index for b in breaches), tuple(b.stream for b in breaches)
            yield EarlyWarning(rule, view.source(rule), since, indices, streams, (len(breaches),), area=area)


def _listed(facts: Facts, view: View, on: date) -> Iterator[EarlyWarning]:
    rule, days = Rule.COURT_LIST, view.get(Rule.COURT_LIST)
    for entry in facts.listed if days else ():
        listed = (on - entry.listed_on).days
        if listed > days:
            since = entry.listed_on + (days + 1) * DAY
            yield EarlyWarning(
                rule, view.source(rule), since, (entry.log_index,), (entry.stream,), (listed,), entry.body
            )


def _arrears(facts: Facts, view: View, on: date) -> Iterator[EarlyWarning]:
    rule = Rule.ARREARS
    for arrear in facts.arrears if view.flag(rule) else ():
        over = ((on - arrear.recognised_on).days,)
        rests = (arrear.log_index,), (arrear.stream,), over
        yield EarlyWarning(rule, view.source(rule), arrear.recognised_on, *rests, body=arrear.body)


MONTHS_BACK = 12
"""How many months are looked back upon for sweeps, and for reports that were not filed."""


def _unswept(facts: Facts, view: View, on: date) -> Iterator[EarlyWarning]:
    """Months that are over, and in which a body that may sweep was registered: of the last twelve."""
    rule = Rule.COURT_SWEEP
    if not view.flag(rule) or view.get("court.sweep") is not Sweep.MONTHLY or not facts.sweepers:
        return
    done = {swept.month for swept in facts.swept}
    first = min(facts.sweepers, key=lambda b: b.log_index)
    source = f"{view.source(rule)}; {view.source('court.sweep')}"
    for back in range(MONTHS_BACK, 0, -1):
        month = months_after(on.replace(day=1), -back)
        after = months_after(month, 1)
        if first.registered_on < after and f"{month:%Y-%m}" not in done:
            stream, over = f"body/{first.body}", (on - after).days + 1
            yield EarlyWarning(rule, source, after, (first.log_index,), (stream,), (over,), about=f"{month:%Y-%m}")


def _reports(facts: Facts, view: View, on: date) -> Iterator[EarlyWarning]:
    rule = Rule.REPORT_OVERDUE
    if not view.flag(rule):
        return
    for duty in calendar(view, facts.reporters, facts.filed, months_after(on, -MONTHS_BACK), on - DAY):
        if duty.is_overdue(on):
            rests = (duty.log_index,), (f"body/{duty.body}",), ((on - duty.by).days,)
            source = f"{view.source(rule)}; {duty.source}"
            yield EarlyWarning(rule, source, duty.by + DAY, *rests, body=duty.body, due=duty.by, about=duty.period)
