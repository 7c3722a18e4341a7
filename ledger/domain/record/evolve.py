"""The record after one more event: nothing is lost, nothing is judged again.

>>> from datetime import date, datetime
>>> from ledger.domain.event import Event
>>> from ledger.domain.record.state import EMPTY
>>> from ledger.domain.record.terms import SourceKind
>>> lead = f.LeadReceived("11990000000000019A", SourceKind.ARREARS, (), "拖欠工程款", date(2026, 3, 2))
>>> event = Event("11990000000000019A", 0, "", "record/1", 1, None, lead)
>>> evolve(EMPTY, Recorded(event, "", 0, datetime.fromisoformat("2026-03-02T04:00:00Z"), "")).standing
<Standing.LEAD: 'lead'>
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ledger.domain.event import Recorded, Said, said
from ledger.domain.record import course_facts as c
from ledger.domain.record import facts as f
from ledger.domain.record import remedy_facts as r
from ledger.domain.record.remedies import Appeal, CourtListing, Objection, Penalty, Repair, Restoration
from ledger.domain.record.state import Record

_SET: dict[type, str] = {
    f.LeadReceived: "lead",
    f.LeadVerified: "verified",
    f.LeadClosed: "ended",
    f.BreachRecognised: "recognised",
    c.RecordWithdrawn: "withdrawn",
    c.CaseClosed: "closed",
    r.PunishmentWaived: "waived",
}
"""Facts of which the last counts, and where it is kept."""

_ADD: dict[type, str] = {
    f.RectificationUrged: "urged",
    f.ResponsiblePersonLinked: "persons",
    f.SeverityGraded: "grades",
    f.SubjectNotified: "notified",
    c.ExplanationRequested: "explanation_requests",
    c.ExplanationFiled: "explanations",
    c.RectificationOrdered: "orders",
    c.RectificationPlanFiled: "plans",
    c.RectificationExtended: "extensions",
    c.RectificationReported: "reports",
    c.RectificationVerified: "checks",
    c.RectificationFoundOverdue: "overdue",
    c.SupervisionLetterIssued: "letters",
    c.CaseEscalated: "escalations",
    c.SuperiorInformed: "superiors",
    c.ToleranceRequested: "tolerance_requests",
    c.ToleranceDetermined: "tolerance",
    c.RecordCorrected: "corrections",
    c.RecordSupplemented: "supplements",
    c.RecordPublished: "publications",
    c.PublicationEnded: "publication_ends",
    c.RecordShared: "shares",
    c.SharingEnded: "sharing_ends",
    r.DemeritPointsRecorded: "points",
}
"""Facts that are all kept, and where."""


def evolve(state: Record, recorded: Recorded) -> Record:
    """The record after an admitted event."""
    saying = said(recorded)
    cls = type(saying.fact)
    if cls in _SET:
        once: Any = {_SET[cls]: saying}
        return replace(state, **once)
    if cls in _ADD:
        name = _ADD[cls]
        change: Any = {name: (*getattr(state, name), saying), **_publicity(saying.fact)}
        return replace(state, **change)
    return _evolve_item(state, saying)


def _publicity(fact: Any) -> dict[str, Any]:
    match fact:
        case c.RecordPublished():
            return {"published": True}
        case c.PublicationEnded():
            return {"published": False}
        case c.RecordShared():
            return {"shared": True}
        case c.SharingEnded():
            return {"shared": False}
        case _:
            return {}


def _evolve_item(state: Record, saying: Said[Any]) -> Record:
    """The record after a fact about one of its listings, penalties, objections, appeals, restorations or repairs."""
    fact = saying.fact
    match fact:
        case c.CourtListEntered():
            return replace(state, listings=(*state.listings, CourtListing(saying)))
        case c.CourtListRemovalRequested() | c.CourtListRemoved():
            return replace(state, listings=(*state.listings[:-1], _listing(state.listings[-1], saying)))
        case c.RecipientTold():
            restorations = tuple(_told(x, saying) for x in state.restorations)
            return replace(state, told=(*state.told, saying), restorations=restorations)
        case r.PenaltyImposed():
            return replace(state, penalties=(*state.penalties, Penalty(saying)))
        case r.PenaltySuspended() | r.PenaltyResumed() | r.PenaltyLifted() | r.PenaltyMitigated():
            penalties = tuple(_penalty(p, saying) if p.id == fact.penalty else p for p in state.penalties)
            return replace(state, penalties=penalties)
        case r.ObjectionFiled():
            return replace(state, objections=(*state.objections, Objection(saying)))
        case r.AppealFiled():
            return replace(state, appeals=(*state.appeals, Appeal(saying)))
        case r.AppealDecided():
            appeals = (replace(a, decided=saying) if a.filed.fact.appeal == fact.appeal else a for a in state.appeals)
            return replace(state, appeals=tuple(appeals))
        case r.RestorationOrdered():
            return replace(state, restorations=(*state.restorations, Restoration(saying)))
        case r.RestorationNoticePublished() | r.ReputationRestored():
            return replace(state, restorations=tuple(_restoration(x, saying) for x in state.restorations))
        case r.RepairApplied():
            return replace(state, repairs=(*state.repairs, Repair(saying)))
        case r.RepairAccepted() | r.RepairGranted() | r.RepairRefused() | r.RepairRevoked():
            return _repair(state, saying)
        case _:
            return replace(state, objections=tuple(_objection(o, saying) for o in state.objections))


def _listing(listing: CourtListing, saying: Said[Any]) -> CourtListing:
    if isinstance(saying.fact, c.CourtListRemoved):
        return replace(listing, removed=saying)
    return replace(listing, requested=(*listing.requested, saying))


def _penalty(penalty: Penalty, saying: Said[Any]) -> Penalty:
    penalty = replace(penalty, course=(*penalty.course, saying))
    match saying.fact:
        case r.PenaltySuspended(hold=hold, item=item):
            return replace(penalty, holds=(*penalty.holds, (hold, item)))
        case r.PenaltyResumed(hold=hold, item=item):
            return replace(penalty, holds=tuple(h for h in penalty.holds if h != (hold, item)))
        case r.PenaltyMitigated():
            return replace(penalty, mitigated=(*penalty.mitigated, saying))
        case _:
            return replace(penalty, lifted=saying)


def _objection(objection: Objection, saying: Said[Any]) -> Objection:
    fact: Any = saying.fact
    if fact.objection != objection.filed.fact.objection:
        return objection
    match fact:
        case r.ObjectionAccepted():
            return replace(objection, accepted=saying)
        case r.ObjectionRefused():
            return replace(objection, refused=saying)
        case r.VerificationRequested():
            return replace(objection, requests=(*objection.requests, saying))
        case r.SourceAnswered():
            return replace(objection, answers=(*objection.answers, saying))
        case r.FaultAttributed():
            return replace(objection, faults=(*objection.faults, saying))
        case _:
            return replace(objection, decided=saying)


def _told(restoration: Restoration, saying: Said[c.RecipientTold]) -> Restoration:
    if restoration.done or saying.fact.recipient not in restoration.ordered.fact.tell:
        return restoration
    return replace(restoration, told=(*restoration.told, saying))


def _restoration(restoration: Restoration, saying: Said[Any]) -> Restoration:
    if saying.fact.item != restoration.ordered.fact.item:
        return restoration
    if isinstance(saying.fact, r.ReputationRestored):
        return replace(restoration, done=saying)
    return replace(restoration, notices=(*restoration.notices, saying))


_REPAIR = {r.RepairAccepted: "accepted", r.RepairGranted: "granted", r.RepairRefused: "refused"}


def _repair(state: Record, saying: Said[Any]) -> Record:
    """A revoked repair opens the case again."""
    cls, item = type(saying.fact), saying.fact.repair
    revoked = cls is r.RepairRevoked
    field = "revoked" if revoked else _REPAIR[cls]
    change: Any = {field: saying}
    repairs = tuple(replace(x, **change) if x.applied.fact.repair == item else x for x in state.repairs)
    return replace(state, repairs=repairs, closed=None if revoked else state.closed)
