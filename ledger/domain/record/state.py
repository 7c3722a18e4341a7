"""The state of a dishonesty record: all that the log says about it up to a position, in the order it was said.

What follows from a day (in force, overdue, published) is asked with the day and never stored.

>>> EMPTY.standing
<Standing.EMPTY: 'empty'>
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ledger.domain.event import Event, Said
from ledger.domain.record import course_facts as c
from ledger.domain.record import facts as f
from ledger.domain.record import remedy_facts as r
from ledger.domain.record.remedies import Appeal, CourtListing, Objection, Penalty, Repair, Restoration
from ledger.domain.record.terms import PublicityStart, Severity

Fact = f.Fact | c.Fact | r.Fact


class Standing(StrEnum):
    """Where a case stands, whatever the day."""

    EMPTY = "empty"
    LEAD = "lead"  # 线索待核实
    VERIFIED = "verified"  # 线索属实，待认定
    ENDED = "ended"  # 线索办结，未成为记录
    RECORDED = "recorded"  # 已认定，纳入记录
    REPAIRED = "repaired"  # 已信用修复
    WITHDRAWN = "withdrawn"  # 已撤销


@dataclass(frozen=True, slots=True)
class Record:
    """All that the log says about a record up to a position."""

    lead: Said[f.LeadReceived] | None = None
    verified: Said[f.LeadVerified] | None = None
    urged: tuple[Said[f.RectificationUrged], ...] = ()
    ended: Said[f.LeadClosed] | None = None
    recognised: Said[f.BreachRecognised] | None = None
    persons: tuple[Said[f.ResponsiblePersonLinked], ...] = ()
    grades: tuple[Said[f.SeverityGraded], ...] = ()
    notified: tuple[Said[f.SubjectNotified], ...] = ()
    explanation_requests: tuple[Said[c.ExplanationRequested], ...] = ()
    explanations: tuple[Said[c.ExplanationFiled], ...] = ()
    orders: tuple[Said[c.RectificationOrdered], ...] = ()
    plans: tuple[Said[c.RectificationPlanFiled], ...] = ()
    extensions: tuple[Said[c.RectificationExtended], ...] = ()
    reports: tuple[Said[c.RectificationReported], ...] = ()
    checks: tuple[Said[c.RectificationVerified], ...] = ()
    overdue: tuple[Said[c.RectificationFoundOverdue], ...] = ()
    letters: tuple[Said[c.SupervisionLetterIssued], ...] = ()
    escalations: tuple[Said[c.CaseEscalated], ...] = ()
    superiors: tuple[Said[c.SuperiorInformed], ...] = ()
    listings: tuple[CourtListing, ...] = ()
    tolerance_requests: tuple[Said[c.ToleranceRequested], ...] = ()
    tolerance: tuple[Said[c.ToleranceDetermined], ...] = ()
    corrections: tuple[Said[c.RecordCorrected], ...] = ()
    supplements: tuple[Said[c.RecordSupplemented], ...] = ()
    withdrawn: Said[c.RecordWithdrawn] | None = None
    closed: Said[c.CaseClosed] | None = None
    publications: tuple[Said[c.RecordPublished], ...] = ()
    publication_ends: tuple[Said[c.PublicationEnded], ...] = ()
    shares: tuple[Said[c.RecordShared], ...] = ()
    sharing_ends: tuple[Said[c.SharingEnded], ...] = ()
    told: tuple[Said[c.RecipientTold], ...] = ()
    penalties: tuple[Penalty, ...] = ()
    waived: Said[r.PunishmentWaived] | None = None
    points: tuple[Said[r.DemeritPointsRecorded], ...] = ()
    objections: tuple[Objection, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    restorations: tuple[Restoration, ...] = ()
    repairs: tuple[Repair, ...] = ()
    published: bool = False
    shared: bool = False

    @property
    def subject(self) -> str:
        """The body whose record it is. Only for a case that has begun."""
        assert self.lead is not None
        return self.lead.fact.subject

    @property
    def person(self) -> str | None:
        """The official whose act it was, where the record is that of a person of the subject."""
        return self.lead.fact.person if self.lead else None

    @property
    def severity(self) -> Severity | None:
        """The severity as last graded."""
        return self.grades[-1].fact.severity if self.grades else None

    @property
    def is_repaired(self) -> bool:
        """Whether a repair was granted and stands."""
        return any(x.granted and not x.revoked for x in self.repairs)

    @property
    def standing(self) -> Standing:
        """Where the case stands."""
        if self.lead is None:
            return Standing.EMPTY
        if self.withdrawn:
            return Standing.WITHDRAWN
        if self.is_repaired:
            return Standing.REPAIRED
        if self.recognised:
            return Standing.RECORDED
        if self.ended:
            return Standing.ENDED
        return Standing.VERIFIED if self.verified and self.verified.fact.substantiated else Standing.LEAD

    @property
    def rectification_due(self) -> date | None:
        """The day by which things have to be set right, as last ordered or put off."""
        days = [(s.day, s.fact.due) for s in self.orders] + [(s.day, s.fact.due) for s in self.extensions]
        return max(days)[1] if days else None

    @property
    def is_rectified(self) -> bool:
        """Whether the last check found the act corrected and the duties done."""
        return bool(self.checks) and self.checks[-1].fact.corrected

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody who was given the record, once each."""
        return tuple(dict.fromkeys(s.fact.recipient for s in self.shares))

    def publicity_began(self, start: PublicityStart) -> date | None:
        """The day from which publicity is counted; None where it has not come."""
        if start is PublicityStart.RECOGNITION:
            return self.recognised.fact.effective_on if self.recognised else None
        return self.publications[0].day if self.publications else None

    def penalty(self, item: str | None) -> Penalty | None:
        """The penalty of this name."""
        return next((p for p in self.penalties if p.id == item), None)

    def objection(self, item: str | None) -> Objection | None:
        """The objection of this name."""
        return next((o for o in self.objections if o.filed.fact.objection == item), None)

    def appeal(self, item: str | None) -> Appeal | None:
        """The appeal of this name."""
        return next((a for a in self.appeals if a.filed.fact.appeal == item), None)

    def restoration(self, item: str | None) -> Restoration | None:
        """The restoration that followed from this objection or appeal."""
        return next((x for x in self.restorations if x.ordered.fact.item == item), None)

    def repair(self, item: str | None) -> Repair | None:
        """The repair of this name."""
        return next((x for x in self.repairs if x.applied.fact.repair == item), None)

    def in_force(self, on: date) -> tuple[Penalty, ...]:
        """The penalties executed on a day."""
        return tuple(p for p in self.penalties if p.in_force(on))

    def is_published(self, on: date) -> bool:
        """Whether the record is published on a day: not ended, and the last publication's day not over."""
        return self.published and on <= self.publications[-1].fact.until


EMPTY = Record()


def named(state: Record, event: Event) -> Iterator[str]:
    """Bodies beyond those in the event's data that admission looks at: subject, who recognised, who reported."""
    if state.lead is None:
        return
    yield state.subject
    yield state.lead.by
    if state.recognised:
        yield state.recognised.by
    for objection in state.objections:
        if objection.filed.fact.agent:
            yield objection.filed.fact.agent
        for request in objection.requests:
            yield request.fact.source


def related(state: Record, event: Event) -> Iterator[str]:
    """Other streams that admission looks at: those that the event names."""
    fact: Fact = event.fact
    if isinstance(fact, f.LeadReceived):
        yield from (s for s in (fact.person, fact.complaint, fact.commitment, fact.project) if s)
    elif isinstance(fact, f.ResponsiblePersonLinked | r.PenaltyImposed) and fact.person:
        yield fact.person
    if state.person:
        yield state.person


def subject(state: Record, event: Event) -> str | None:
    """The body whose region decides which rule pack applies."""
    if state.lead:
        return state.subject
    return event.fact.subject if isinstance(event.fact, f.LeadReceived) else None
