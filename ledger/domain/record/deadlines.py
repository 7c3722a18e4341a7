"""The clocks of a record: every duty that its history opened, by which rule, from when, due when, met when.

A day stated in an event is due on that day. A number of working days comes from the pack, in the version in force on
the day on which the clock began, and is counted from the day of recording (the publication of an administrative penalty
from the day of its decision, as F04 says); past the known calendar it is provisional.
Where nobody could confirm a number, the duty is there without a day. What a withdrawal, a repair or the end of a lead
made pointless is no duty any more, if it was not met before.

>>> from ledger.domain.policy import view_of
>>> from ledger.domain.record.state import EMPTY
>>> deadlines(EMPTY, view_of((), date(2026, 6, 1)))
()
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from typing import Any

from ledger.domain.calendar import Deadline
from ledger.domain.event import Said
from ledger.domain.policy import View
from ledger.domain.record.facts import BreachRecognised
from ledger.domain.record.remedies import CourtListing, Objection, Repair
from ledger.domain.record.remedy_facts import ObjectionUpheld
from ledger.domain.record.state import Record, Standing
from ledger.domain.record.terms import PublicationScope, SourceKind

C06 = "C06: DH 二(三)2"
C10 = "C10: YN 二(六)"
C16 = "C16: YC 二(二)5"
D01 = "D01: YC 二(二)6; DH 二(三)3; HS 四(八); TA-A 二(二)4; YN 二(五)"
D02 = "D02: YC 二(二)6; DH 二(三)3; HS 四(八); TA-A 二(二)4; YN 二(五)"
D03 = "D03: HS 四(四)"
D07 = "D07: TA-A 二(二)4"
D11 = "D11: HS 四(九)"
E01 = "E01: DH 二(四)2; TA-A 二(二)5; TA-B 二(五); YN 二(七)"
E04 = "E04: TA-B 二(五)"
E05 = "E05: TA-A 二(二)5"
E06 = "E06: HS 四(九); TA-A 二(二)5; TA-B 二(五)"
E07 = "E07: HS 四(九)"
E17 = "E17: HS 四(九); DH 二(四)2; TA-A 二(二)5; YN 二(七)"
F01 = "F01: YC 二(二)5; DH 二(三)1; HS 四(三); TA-A 二(二)3; YN 二(四)"
F04 = "F04: YC 二(三)10; TA-A 二(一)2"
H06 = "H06: DH 三(一)"
URGED = "发改财金〔2023〕1103号"

_NO_MORE_DUTIES = {Standing.ENDED, Standing.WITHDRAWN, Standing.REPAIRED}


def deadlines(state: Record, view: View) -> tuple[Deadline, ...]:
    """All clocks of a record under the rules of its subject: duties of its course, then remedies, then ends.

    Duties of the course that were not met are owed no longer once the record fell, was repaired, or its file is closed.
    """
    course = (*_lead(state), *_recognised(state, view), *_rectification(state), *_court(state, view))
    if state.standing in _NO_MORE_DUTIES or state.closed:
        course = tuple(d for d in course if d.met is not None)
    return (*course, *_remedies(state, view), *_ends(state, view))


# --- counting -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clock:
    """A key of the pack that sets a number of working days for an event, and the requirement behind it."""

    key: str
    source: str
    what: str

    def runs(
        self, view: View, start: date, met: date | None, item: str | None = None, since: date | None = None
    ) -> Deadline:
        """The deadline that began on ``start``; without a day where the pack of that day has no number.

        ``since``: the day from which the days are counted, where that is an earlier one.
        """
        then, since = replace(view, on=start), since or start
        days = then.get(self.key)
        due = view.calendar.after_working_days(since, days) if days else None
        source = f"{self.source}; {then.source(self.key)}"
        day, provisional = (due.day, due.provisional) if due else (None, False)
        return Deadline(self.key, source, self.what, since, day, provisional, met, item)


def _day(saying: Said[Any] | None) -> date | None:
    return saying.day if saying else None


def _first(sayings: Iterable[Said[Any]], since: date) -> date | None:
    """The day of the first saying from a day on."""
    return next((s.day for s in sayings if s.day >= since), None)


def _set_right(state: Record, since: date) -> date | None:
    """The day on which things were set right, as verified: that of the report verified, else of the verification."""
    positive = tuple(takewhile(lambda s: s.fact.corrected, reversed(state.checks)))
    if not positive or positive[0].day < since:
        return None
    check = next(s.day for s in reversed(positive) if s.day >= since)
    return max((s.day for s in state.reports if since <= s.day <= check), default=check)


# --- the case's course --------------------------------------------------------------------------------------


def _lead(state: Record) -> Iterator[Deadline]:
    if state.lead is None:
        return
    met = _day(state.verified) or _day(state.ended) or _day(state.recognised)
    yield Deadline("record.lead", H06, "LeadVerified", state.lead.day, None, met=met)
    if state.urged:
        urged = state.urged[-1]
        met = _day(state.ended) or _set_right(state, urged.day)
        yield Deadline("record.urged", URGED, "LeadClosed", urged.day, urged.fact.due, met=met)


def _recognised(state: Record, view: View) -> Iterator[Deadline]:
    """What recognition itself obliges to: tell the subject, the superior, the government; explain; publish."""
    if state.recognised is None:
        return
    start = state.recognised.day
    rules = replace(view, on=start)
    yield Deadline("record.notice", E17, "SubjectNotified", start, None, met=_first(state.notified, start))
    for asked in state.explanation_requests:
        met = _first(state.explanations, asked.day)
        yield Deadline("record.explanation", D01, "ExplanationFiled", asked.day, asked.fact.due, met=met)
    if rules.flag("explanation.required") and not state.explanation_requests:
        source = f"{D01}; {rules.source('explanation.required')}"
        met = _first(state.explanations, start)
        yield Deadline("explanation.required", source, "ExplanationFiled", start, None, met=met)
    if rules.flag("superior.inform"):
        source = f"{D07}; {rules.source('superior.inform')}"
        yield Deadline("superior.inform", source, "SuperiorInformed", start, None, met=_first(state.superiors, start))
    yield from _escalation(state, view)
    if _is_for_the_public(state, view):
        met, since = _first(state.publications, start), _decided_on(state.recognised)
        yield _Clock("publication.days", F04, "RecordPublished").runs(view, start, met, since=since)


def _decided_on(recognised: Said[BreachRecognised]) -> date | None:
    """The day on which a penalty was decided (F04: 自作出行政决定之日起); None for records that come from elsewhere."""
    penalty = recognised.fact.source is SourceKind.ADMINISTRATIVE_PENALTY
    return recognised.basis[0].dated if penalty and recognised.basis else None


def _escalation(state: Record, view: View) -> Iterator[Deadline]:
    """A case that is serious now is reported to the government (C16); no document says within how many days."""
    for grade in state.grades:
        rules = replace(view, on=grade.day)
        listed = rules.names("severity.escalate")
        if grade.fact.severity in listed and state.severity in listed:
            source = f"{C16}; {rules.source('severity.escalate')}"
            met = _first(state.escalations, grade.day)
            yield Deadline("severity.escalate", source, "CaseEscalated", grade.day, None, met=met)
            return


def _is_for_the_public(state: Record, view: View) -> bool:
    """Whether the record has to be published: not a minor one, and a person's only where persons are published."""
    publicity = view.get(f"publicity.{state.severity}") if state.severity else None
    hidden = state.person and view.get("publication.scope") is PublicationScope.BODIES
    return bool(view.get("publication.days")) and not hidden and (publicity is None or publicity.published)


def _rectification(state: Record) -> Iterator[Deadline]:
    what = "RectificationVerified"
    for number, order in enumerate(state.orders):
        after = state.orders[number + 1].day if number + 1 < len(state.orders) else date.max
        put_off = [s.fact.due for s in state.extensions if order.day <= s.day < after]
        due = (order.fact.due, *put_off)[-1]
        yield Deadline("record.rectification", D02, what, order.day, due, met=_set_right(state, order.day))
    for plan in state.plans:
        yield Deadline("record.plan", C10, what, plan.day, plan.fact.due, met=_set_right(state, plan.day))
    for letter in state.letters:
        if letter.fact.due:
            met = _first(state.reports, letter.day) or _set_right(state, letter.day)
            yield Deadline("record.letter", D03, "RectificationReported", letter.day, letter.fact.due, met=met)


def _court(state: Record, view: View) -> Iterator[Deadline]:
    listings: Iterable[CourtListing] = state.listings
    for listing in listings:
        if listing.requested:
            start, met = listing.requested[-1].day, _day(listing.removed)
            yield _Clock("court.removal_days", C06, "CourtListRemoved").runs(view, start, met)


# --- remedies -----------------------------------------------------------------------------------------------


def _remedies(state: Record, view: View) -> Iterator[Deadline]:
    for objection in state.objections:
        yield from _objection(objection, view)
        yield from _correction(state, objection)
    for repair in state.repairs:
        if not (repair.is_open and state.withdrawn):
            yield from _repair(repair, view)
    for task in state.restorations:
        start, item = task.ordered.day, task.ordered.fact.item
        source = f"{E06}; {replace(view, on=start).source('restoration.required')}"
        met = _day(task.done)
        yield Deadline("restoration.required", source, "ReputationRestored", start, None, met=met, item=item)


def _objection(objection: Objection, view: View) -> Iterator[Deadline]:
    filed, item = objection.filed, objection.filed.fact.objection
    answered = _day(objection.accepted) or _day(objection.refused) or _day(objection.decided)
    yield _Clock("objection.accept_days", E01, "ObjectionAccepted").runs(view, filed.day, answered, item)
    asked = {request.fact.source for request in objection.requests}
    for request in objection.requests:
        own = (a for a in objection.answers if a.by == request.fact.source or a.by not in asked)
        met = _first(own, request.day)
        if met or objection.decided is None:
            due = request.fact.answer_by
            yield Deadline("objection.source_days", E04, "SourceAnswered", request.day, due, met=met, item=item)
    if objection.accepted:
        start, due = objection.accepted.day, objection.accepted.fact.decide_by
        met = _day(objection.decided)
        yield Deadline("objection.decide_days", E01, "ObjectionUpheld", start, due, met=met, item=item)


def _correction(state: Record, objection: Objection) -> Iterator[Deadline]:
    """Where an objection is right and nothing was lifted or withdrawn for it, the record has to be put right (E05)."""
    decided = objection.decided
    if decided is None or not isinstance(decided.fact, ObjectionUpheld) or decided.fact.withdraw or decided.fact.lift:
        return
    item = objection.filed.fact.objection
    met = _first((c for c in state.corrections if c.fact.objection == item), decided.day)
    if met or state.withdrawn is None:
        yield Deadline("record.correction", E05, "RecordCorrected", decided.day, None, met=met, item=item)


def _repair(repair: Repair, view: View) -> Iterator[Deadline]:
    start, item = repair.applied.day, repair.applied.fact.repair
    decided = _day(repair.granted) or _day(repair.refused)
    accepted = _day(repair.accepted)
    yield _Clock("repair.accept_days", E07, "RepairAccepted").runs(view, start, accepted or decided, item)
    yield _Clock("repair.decide_days", E07, "RepairGranted").runs(view, start, decided, item)
    answer = _Clock("repair.answer_days", E07, "RepairGranted").runs(view, start, decided, item)
    if answer.due:
        yield answer


# --- ends ---------------------------------------------------------------------------------------------------


def _ends(state: Record, view: View) -> Iterator[Deadline]:
    """Ends of penalties and of publicity. They come by themselves: from that day on they count as met."""
    for penalty in state.penalties:
        met = _day(penalty.lifted) or penalty.until
        start = penalty.imposed.fact.start
        yield Deadline("penalty.until", D11, "PenaltyLifted", start, penalty.until, met=met, item=penalty.id)
    if state.publications:
        last = state.publications[-1]
        source = f"{F01}; {replace(view, on=last.day).source(f'publicity.{state.severity}')}"
        met = last.fact.until if state.published else state.publication_ends[-1].day
        yield Deadline("publication.until", source, "PublicationEnded", last.day, last.fact.until, met=met)
