"""For each event of a dishonesty record a valid saying, made for the state at hand: fact, signer and basis.

What an exemplar says follows the rules as documents give them, not as the code judges them: an event that is offered
must be admitted when it is said like this, and one that is not offered must be refused however well it is said.
``pick`` chooses where there is a choice; the first by default.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from ledger.domain.calendar import months_after
from ledger.domain.commitment_terms import Channel
from ledger.domain.complaint import facts as k
from ledger.domain.complaint.state import Complaint
from ledger.domain.event import Document, Rules
from ledger.domain.policy import View
from ledger.domain.policy_keys import Measure, Publicity
from ledger.domain.record import course_facts as c
from ledger.domain.record import facts as f
from ledger.domain.record import remedy_facts as r
from ledger.domain.record import remedy_terms as w
from ledger.domain.record import terms as t
from ledger.domain.record.remedies import Objection, Penalty
from ledger.domain.record.state import Record
from ledger.domain.roles import CaseRole
from tests.domain.records import (
    AGENT,
    COURT,
    HOTLINE,
    PERSON,
    RECOGNISER,
    SOURCE,
    SUBJECT,
    SUPERIOR,
)
from tests.domain.scenario import APPRAISER, CITY, CREDIT, OPERATOR, PARTNER

T = TypeVar("T")
Pick = Callable[[Sequence[Any]], Any]
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Look:
    """What an exemplar is made from."""

    state: Any
    rules: Rules
    view: View
    today: date
    item: str | None
    role: CaseRole
    pick: Pick

    def some(self, options: Sequence[T]) -> T:
        """One of the options."""
        chosen: T = self.pick(options)
        return chosen

    def soon(self, most_working_days: int | None = None) -> date:
        """A day to come, or today; within the working days that the pack gives."""
        if most_working_days is None:
            return self.today + self.some((20, 0, 60)) * DAY
        return self.some((self.view.calendar.after_working_days(self.today, most_working_days).day, self.today))

    def before(self) -> date:
        """A day that has come: today, or some days ago."""
        return self.today - self.some((0, 3)) * DAY


def paper(today: date) -> tuple[Document, ...]:
    """A decision with organ, number and day."""
    return (Document("决定书", "cd" * 32, "示决〔2026〕1号", "示例市监督局", today),)


Builder = Callable[[Any], Any]
_BUILDERS: dict[type, Builder] = {}


def says(cls: type) -> Callable[[Builder], Builder]:
    """Marks the builder of a class of fact."""

    def mark(builder: Builder) -> Builder:
        _BUILDERS[cls] = builder
        return builder

    return mark


def first(options: Sequence[Any]) -> Any:
    """The first of the options."""
    return options[0]


def exemplar(
    cls: type,
    state: Any,
    rules: Rules,
    view: View,
    today: date,
    item: str | None,
    role: CaseRole,
    pick: Pick = first,
) -> tuple[Any, str, tuple[Document, ...]]:
    """A valid saying of this class for the state at hand, by a body that has the role: fact, signer, basis."""
    look = Look(state, rules, view, today, item, role, pick)
    return _BUILDERS[cls](look), _signer(cls, look), paper(today)


NONE = "none"
"""An item that there is not."""
_HOLDERS: dict[CaseRole, str] = {
    CaseRole.OPERATOR: OPERATOR,
    CaseRole.CREDIT_OFFICE: CREDIT,
    CaseRole.APPRAISER: APPRAISER,
    CaseRole.RECOGNISING_BODY: RECOGNISER,
    CaseRole.SOURCE_BODY: SOURCE,
    CaseRole.HOTLINE: HOTLINE,
    CaseRole.COURT: COURT,
    CaseRole.SUBJECT: SUBJECT,
    CaseRole.AGENT: AGENT,
    CaseRole.SUPERIOR: SUPERIOR,
    CaseRole.CASE_RECOGNISER: RECOGNISER,
    CaseRole.CASE_SOURCE: SOURCE,
    CaseRole.HANDLER: SUPERIOR,
}


def _signer(cls: type, look: Look) -> str:
    """A body that has the role in this case, and that may say this."""
    state, role = look.state, look.role
    if isinstance(state, Record):
        if cls is r.SourceAnswered:  # who answers is who was asked
            objection = state.objection(look.item)
            return objection.requests[-1].fact.source if objection and objection.requests else SOURCE
        if role is CaseRole.CASE_RECOGNISER and state.recognised:
            return state.recognised.by
        if role is CaseRole.CASE_SOURCE and state.lead:
            return state.lead.by
    if isinstance(state, Complaint):
        if cls is k.IncidentResolved and state.incident:
            return state.incident.opened.fact.lead
        if role is CaseRole.HANDLER and state.handler:
            return state.handler
    return _HOLDERS[role]


def holds(state: Any, role: CaseRole, event: str, item: str | None) -> bool:
    """Whether somebody has the role here: only an agent who objected is one."""
    if role is not CaseRole.AGENT or event == "ObjectionFiled":
        return True
    objection = state.objection(item)
    return objection is not None and objection.filed.fact.agent is not None


# --- lead, recognition --------------------------------------------------------------------------------------

CONDUCT = (t.Conduct.UNLAWFUL_ACT, t.Conduct.BREACH_OF_CONTRACT)


def _sources(look: Look) -> tuple[t.SourceKind, ...]:
    listed = look.view.names("record.sources")
    return tuple(s for s in listed if s not in look.view.names("record.urge_first")) or tuple(listed)


@says(f.LeadReceived)
def _(look: Look) -> f.LeadReceived:
    person = look.some((None, PERSON)) if PERSON in look.rules.cases else None
    source = look.some(_sources(look))
    return f.LeadReceived(SUBJECT, source, CONDUCT, "未依法办理", look.before(), person=person)


@says(f.LeadVerified)
def _(look: Look) -> f.LeadVerified:
    return f.LeadVerified(look.some((True, True, True, False)), "经核实")


@says(f.RectificationUrged)
def _(look: Look) -> f.RectificationUrged:
    return f.RectificationUrged("限期履约", look.soon())


@says(f.LeadClosed)
def _(look: Look) -> f.LeadClosed:
    reasons = [t.LeadEnd.OUT_OF_SCOPE, t.LeadEnd.DUPLICATE]
    if look.state.verified and not look.state.verified.fact.substantiated:
        reasons.append(t.LeadEnd.UNTRUE)
    if look.state.urged:
        reasons.append(t.LeadEnd.RECTIFIED)
    if any(x.fact.tolerated for x in look.state.tolerance):
        reasons.append(t.LeadEnd.TOLERATED)
    return f.LeadClosed(look.some(reasons), "不构成政务失信")


@says(f.BreachRecognised)
def _(look: Look) -> f.BreachRecognised:
    urged = look.state.urged
    open_to_all = _sources(look)
    sources = list(open_to_all)
    if urged and urged[-1].fact.due < look.today:
        sources += look.view.names("record.urge_first")
    else:
        sources = [s for s in sources if s is not t.SourceKind.UNRECTIFIED]
    catalogue = look.some(look.view.names("record.catalogue"))
    return f.BreachRecognised(look.some(sources), CONDUCT, "事实清楚", look.today, True, catalogue, True)


@says(f.ResponsiblePersonLinked)
def _(look: Look) -> f.ResponsiblePersonLinked:
    start = date(2021, 1, 1) + len(look.state.persons) * DAY
    until = look.some((None, start + 90 * DAY))
    return f.ResponsiblePersonLinked(PERSON, look.some(tuple(t.Responsibility)), start, until)


@says(f.SeverityGraded)
def _(look: Look) -> f.SeverityGraded:
    loss, impact = (look.some((t.Severity.GENERAL, t.Severity.SERIOUS, t.Severity.MINOR)) for _ in "ab")
    return f.SeverityGraded(max(loss, impact, key=list(t.Severity).index), loss, "损失情况", impact, "影响程度")


@says(f.SubjectNotified)
def _(look: Look) -> f.SubjectNotified:
    return f.SubjectNotified(look.today)


# --- course -------------------------------------------------------------------------------------------------


@says(c.ExplanationRequested)
def _(look: Look) -> c.ExplanationRequested:
    return c.ExplanationRequested(look.soon())


@says(c.ExplanationFiled)
def _(look: Look) -> c.ExplanationFiled:
    return c.ExplanationFiled("情况说明")


@says(c.RectificationOrdered)
def _(look: Look) -> c.RectificationOrdered:
    return c.RectificationOrdered("限期改正", look.soon())


@says(c.RectificationPlanFiled)
def _(look: Look) -> c.RectificationPlanFiled:
    return c.RectificationPlanFiled("整改方案", look.state.rectification_due or look.today)


@says(c.RectificationExtended)
def _(look: Look) -> c.RectificationExtended:
    return c.RectificationExtended((look.state.rectification_due or look.today) + 30 * DAY, "程序所需")


@says(c.RectificationReported)
def _(look: Look) -> c.RectificationReported:
    return c.RectificationReported("已改正", look.before(), paper(look.today))


@says(c.RectificationVerified)
def _(look: Look) -> c.RectificationVerified:
    corrected = look.some((True, True, False))
    return c.RectificationVerified(corrected, corrected and look.some((True, True, False)), "现场核查")


@says(c.RectificationFoundOverdue)
def _(look: Look) -> c.RectificationFoundOverdue:
    return c.RectificationFoundOverdue("逾期未整改")


@says(c.SupervisionLetterIssued)
def _(look: Look) -> c.SupervisionLetterIssued:
    return c.SupervisionLetterIssued(look.some(tuple(t.LetterKind)), "限期整改", look.some((None, look.soon())))


@says(c.CaseEscalated)
def _(look: Look) -> c.CaseEscalated:
    return c.CaseEscalated(CITY, "情况报告")


@says(c.SuperiorInformed)
def _(look: Look) -> c.SuperiorInformed:
    return c.SuperiorInformed(SUPERIOR, look.before())


@says(c.CourtListEntered)
def _(look: Look) -> c.CourtListEntered:
    case = f"（2026）示执{len(look.state.listings) + 1}号"
    return c.CourtListEntered("示例市人民法院", case, "（2025）示民初8号", "支付工程款", look.today)


@says(c.CourtListRemovalRequested)
def _(look: Look) -> c.CourtListRemovalRequested:
    return c.CourtListRemovalRequested(look.some(_exits(look)), look.today)


@says(c.CourtListRemoved)
def _(look: Look) -> c.CourtListRemoved:
    return c.CourtListRemoved(look.some(_exits(look)), look.today)


def _exits(look: Look) -> tuple[t.CourtExit, ...]:
    return look.view.names("court.exits") or (t.CourtExit.PERFORMED,)


@says(c.ToleranceRequested)
def _(look: Look) -> c.ToleranceRequested:
    return c.ToleranceRequested("先行先试", paper(look.today))


@says(c.ToleranceDetermined)
def _(look: Look) -> c.ToleranceDetermined:
    return c.ToleranceDetermined(look.some((False, True)), "示例市委组织部", "符合容错情形")


@says(c.RecordCorrected)
def _(look: Look) -> c.RecordCorrected:
    objection = look.some((None, *_upheld(look)))
    return c.RecordCorrected((t.Correction("findings", "更正后的事实"),), "核实有误", objection)


def _upheld(look: Look) -> tuple[str, ...]:
    return tuple(o.filed.fact.objection for o in look.state.objections if o.is_upheld)


@says(c.RecordSupplemented)
def _(look: Look) -> c.RecordSupplemented:
    return c.RecordSupplemented("补充材料")


@says(c.RecordWithdrawn)
def _(look: Look) -> c.RecordWithdrawn:
    grounds = (t.WithdrawalGround.UNTRUE, t.WithdrawalGround.WRONG_SUBJECT, t.WithdrawalGround.DECISION_REVOKED)
    return c.RecordWithdrawn(look.some(grounds), "认定依据被撤销")


@says(c.CaseClosed)
def _(look: Look) -> c.CaseClosed:
    state = look.state
    reason = (
        t.CaseEnd.WITHDRAWN if state.withdrawn else t.CaseEnd.REPAIRED if state.is_repaired else t.CaseEnd.RECTIFIED
    )
    return c.CaseClosed(reason, "办结")


@says(c.RecordPublished)
def _(look: Look) -> c.RecordPublished:
    publicity: Publicity | None = look.view.get(f"publicity.{look.state.severity}")
    if publicity is None:
        return c.RecordPublished((Channel.CREDIT_SITE,), look.today + 90 * DAY)
    start = look.state.publicity_began(publicity.start) or look.today
    least, most = months_after(start, publicity.least_months or 0), months_after(start, publicity.most_months)
    persons = look.view.get("publication.scope") is t.PublicationScope.BODIES_AND_PERSONS
    until = look.some((max(least, look.today), most))
    return c.RecordPublished((Channel.CREDIT_SITE,), until, persons and look.some((False, True)))


@says(c.PublicationEnded)
def _(look: Look) -> c.PublicationEnded:
    return c.PublicationEnded(t.PublicationEnd.SHIELDED)


@says(c.RecordShared)
def _(look: Look) -> c.RecordShared:
    return c.RecordShared(look.some((PARTNER, CITY)), "归集")


@says(c.SharingEnded)
def _(look: Look) -> c.SharingEnded:
    return c.SharingEnded(t.PublicationEnd.SHIELDED)


@says(c.RecipientTold)
def _(look: Look) -> c.RecipientTold:
    asked = [b for x in look.state.restorations if not x.done for b in x.untold]
    return c.RecipientTold(look.some((*asked, *look.state.recipients) or (PARTNER,)), look.today)


# --- penalties ----------------------------------------------------------------------------------------------


def _measures(look: Look, target: w.TargetKind) -> dict[str, Measure]:
    """The measures of the list that may hit a target for a record as grave as this one."""
    codes = dict.fromkeys(k.removeprefix("measure.") for p in look.view.layers for k in p.values if k[:8] == "measure.")
    found = {code: look.view.get(f"measure.{code}") for code in codes}
    severity = look.state.severity
    return {k: m for k, m in found.items() if m and target in m.targets and severity in m.severities}


@says(r.PenaltyImposed)
def _(look: Look) -> r.PenaltyImposed:
    state: Record = look.state
    linked = [x.fact.person for x in state.persons if x.fact.start <= look.today]
    own = [state.person] if state.person else []
    targets = [(w.TargetKind.BODY, None), *((w.TargetKind.PERSON, p) for p in dict.fromkeys((*own, *linked)))]
    possible = [(code, m, person) for kind, person in targets for code, m in _measures(look, kind).items()]
    code, measure, person = look.some(possible) if possible else ("award_exclusion", None, None)
    most = measure.most_months if measure else None
    until = months_after(look.today, look.some((most or 12, 1)))
    if measure and measure.lifelong:
        until = look.some((None, until))
    start = look.today + look.some((0, 0, 5)) * DAY
    number = f"p{len(state.penalties) + 1}"
    return r.PenaltyImposed(number, code, "依据清单", start, until, person, paper(look.today)[0])


def _penalty(look: Look) -> Penalty | None:
    return look.state.penalty(look.item)


@says(r.PenaltySuspended)
def _(look: Look) -> r.PenaltySuspended:
    penalty = _penalty(look)
    held = penalty.holds if penalty else ()
    stays = [
        (w.Hold.STAY, a.filed.fact.appeal)
        for a in look.state.appeals
        if a.decided is None
        and (a.filed.fact.against is not w.Against.PENALTY or a.filed.fact.item in {None, look.item})
    ]
    free = [h for h in ((w.Hold.BANKRUPTCY, None), *stays) if h not in held]
    hold, item = look.some(free) if free else (w.Hold.BANKRUPTCY, None)
    return r.PenaltySuspended(look.item or "p0", hold, item)


@says(r.PenaltyResumed)
def _(look: Look) -> r.PenaltyResumed:
    penalty = _penalty(look)
    held = [h for h in (penalty.holds if penalty else ()) if h[0] is not w.Hold.OBJECTION]
    hold, item = look.some(held) if held else (w.Hold.BANKRUPTCY, None)
    return r.PenaltyResumed(look.item or "p0", hold, item)


@says(r.PenaltyLifted)
def _(look: Look) -> r.PenaltyLifted:
    return r.PenaltyLifted(look.item or "p0", w.LiftReason.ERROR)


@says(r.PenaltyMitigated)
def _(look: Look) -> r.PenaltyMitigated:
    penalty = _penalty(look)
    ground = look.some(tuple(w.Mitigation))
    earliest = max(look.today, penalty.imposed.fact.start) if penalty else look.today
    shorter = penalty is not None and (penalty.until is None or earliest < penalty.until)
    if shorter and look.some((True, False)):
        return r.PenaltyMitigated(look.item or "p0", ground, w.Relief.MITIGATED, "主动纠正", earliest)
    return r.PenaltyMitigated(look.item or "p0", ground, w.Relief.WAIVED, "主动纠正")


@says(r.PunishmentWaived)
def _(look: Look) -> r.PunishmentWaived:
    return r.PunishmentWaived(look.some(tuple(w.Mitigation)), "主动纠正")


@says(r.DemeritPointsRecorded)
def _(look: Look) -> r.DemeritPointsRecorded:
    listed = look.view.names("demerit.items")
    entry = look.some(listed) if listed else None
    return r.DemeritPointsRecorded(entry.item if entry else "围标", entry.points if entry else 5)


# --- objections ---------------------------------------------------------------------------------------------


@says(r.ObjectionFiled)
def _(look: Look) -> r.ObjectionFiled:
    state: Record = look.state
    points = [(t_,) for t_ in (w.Point.CONTENT, w.Point.PERIOD, w.Point.IDENTITY, w.Point.SEVERITY)]
    points += [(w.Point.PENALTY,)] if state.penalties else []
    if state.is_repaired or state.closed:
        points = []
    if any(not x.is_open for x in state.repairs):
        points.append((w.Point.REPAIR_RESULT,))
    whole = {p for o in state.objections if (o.is_pending or o.is_open) for p in [o.filed.fact.points]}
    free = [p for p in points if p not in whole]
    free = free or [(*p, q) for p in points for (q,) in points if p != (q,) and {*p, q} not in map(set, whole)]
    chosen = look.some(free) if free else (w.Point.CONTENT,)
    about = [None, *(p.id for p in state.penalties)] if chosen == (w.Point.PENALTY,) and chosen not in whole else [None]
    agent = AGENT if look.role is CaseRole.AGENT else None
    number = f"o{len(state.objections) + 1}"
    return r.ObjectionFiled(number, chosen, "记载有误", paper(look.today), look.some(about), agent)


def _objection(look: Look) -> Objection | None:
    return look.state.objection(look.item)


@says(r.ObjectionAccepted)
def _(look: Look) -> r.ObjectionAccepted:
    return r.ObjectionAccepted(look.item or "o0", look.soon(look.view.get("objection.decide_days")))


@says(r.ObjectionRefused)
def _(look: Look) -> r.ObjectionRefused:
    return r.ObjectionRefused(look.item or "o0", w.ObjectionRefusal.OTHER_AUTHORITY, "应通过复议途径")


@says(r.VerificationRequested)
def _(look: Look) -> r.VerificationRequested:
    source = look.some((SOURCE, look.state.lead.by if look.state.lead else SOURCE))
    return r.VerificationRequested(look.item or "o0", source, look.soon(look.view.get("objection.source_days")))


@says(r.SourceAnswered)
def _(look: Look) -> r.SourceAnswered:
    return r.SourceAnswered(look.item or "o0", look.some((True, False)), "经核实")


@says(r.ObjectionUpheld)
def _(look: Look) -> r.ObjectionUpheld:
    state, objection = look.state, _objection(look)
    if objection and not state.withdrawn and look.some((False, True)):
        return r.ObjectionUpheld(look.item or "o0", w.Extent.WHOLLY, "异议成立", withdraw=True)
    filed = objection.filed.fact if objection else None
    live = [
        p.id
        for p in state.penalties
        if filed and w.Point.PENALTY in filed.points and filed.penalty in {None, p.id} and p.is_live(look.today)
    ]
    extent = look.some(tuple(w.Extent))
    lift = tuple(live) if extent is w.Extent.WHOLLY else tuple(live[:1])
    return r.ObjectionUpheld(look.item or "o0", extent, "异议成立", lift=lift)


@says(r.ObjectionDismissed)
def _(look: Look) -> r.ObjectionDismissed:
    return r.ObjectionDismissed(look.item or "o0", "异议不成立")


@says(r.ObjectionWithdrawn)
def _(look: Look) -> r.ObjectionWithdrawn:
    return r.ObjectionWithdrawn(look.item or "o0")


@says(r.FaultAttributed)
def _(look: Look) -> r.FaultAttributed:
    return r.FaultAttributed(look.item or "o0", SOURCE, look.some(tuple(w.Fault)), "报送有误")


# --- appeals, restoration -----------------------------------------------------------------------------------


@says(r.AppealFiled)
def _(look: Look) -> r.AppealFiled:
    state: Record = look.state
    against: list[tuple[w.Against, str | None]] = [(w.Against.RECOGNITION, None)]
    against += [(w.Against.PENALTY, p.id) for p in state.penalties]
    dismissed = [o for o in state.objections if o.decided and isinstance(o.decided.fact, r.ObjectionDismissed)]
    against += [(w.Against.OBJECTION_DECISION, o.filed.fact.objection) for o in dismissed]
    against += [(w.Against.REPAIR_DECISION, x.applied.fact.repair) for x in state.repairs if not x.is_open]
    decision, item = look.some(against)
    number = len(state.appeals) + 1
    route = look.some(tuple(w.Route))
    return r.AppealFiled(f"a{number}", route, decision, f"示例市人民法院第{number}庭", look.today, item)


@says(r.AppealDecided)
def _(look: Look) -> r.AppealDecided:
    state, appeal = look.state, look.state.appeal(look.item)
    outcome = look.some((w.AppealOutcome.UPHELD, w.AppealOutcome.REVOKED, w.AppealOutcome.CHANGED))
    filed = appeal.filed.fact if appeal else None
    if outcome is w.AppealOutcome.UPHELD or filed is None:
        return r.AppealDecided(look.item or "a0", w.AppealOutcome.UPHELD, "驳回")
    penalty = state.penalty(filed.item)
    lift = (penalty.id,) if filed.against is w.Against.PENALTY and penalty and penalty.is_live(look.today) else ()
    withdraw = filed.against is w.Against.RECOGNITION and not state.withdrawn
    return r.AppealDecided(look.item or "a0", outcome, "支持", withdraw, lift)


@says(r.RestorationNoticePublished)
def _(look: Look) -> r.RestorationNoticePublished:
    return r.RestorationNoticePublished(look.item or "o0", look.today)


@says(r.ReputationRestored)
def _(look: Look) -> r.ReputationRestored:
    return r.ReputationRestored(look.item or "o0", "已公告并告知")


# --- repair -------------------------------------------------------------------------------------------------


@says(r.RepairApplied)
def _(look: Look) -> r.RepairApplied:
    ways = look.view.names("repair.ways") or tuple(w.RepairWay)
    evidence = tuple(w.RepairEvidence(way, paper(look.today)[0]) for way in ways)
    return r.RepairApplied(f"r{len(look.state.repairs) + 1}", evidence, "申请信用修复")


@says(r.RepairAccepted)
def _(look: Look) -> r.RepairAccepted:
    return r.RepairAccepted(look.item or "r0")


@says(r.RepairGranted)
def _(look: Look) -> r.RepairGranted:
    return r.RepairGranted(look.item or "r0", "符合修复条件")


@says(r.RepairRefused)
def _(look: Look) -> r.RepairRefused:
    return r.RepairRefused(look.item or "r0", (w.RepairRefusal.EXCLUDED_BY_LAW,), "依法不予修复")


@says(r.RepairRevoked)
def _(look: Look) -> r.RepairRevoked:
    return r.RepairRevoked(look.item or "r0", "承诺虚假")


def covered() -> frozenset[type]:
    """The classes that have an exemplar."""
    return frozenset(_BUILDERS)
