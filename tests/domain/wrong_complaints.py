"""Wrong steps of complaints and of positive records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledger.domain.body_terms import Kind
from ledger.domain.commendation import (
    CommendationWithdrawn,
    Incentive,
    IncentiveEnd,
    IncentiveEnded,
    IncentiveGranted,
    Withdrawal,
)
from ledger.domain.complaint import facts as c
from ledger.domain.complaint.terms import Refusal, Resolution, Unfounded
from tests.domain.complaints import (
    ACCEPTED,
    ANSWERED,
    DENIED,
    INCIDENT,
    RECEIVED,
    RESOLVED,
    SATISFIED,
    SENT,
    SUBSTANTIATED,
    TRUE,
    UNTRUE,
    complained,
    complaint,
)
from tests.domain.records import HOTLINE, PERSON, RECORD, RECORD_WORLD, SUBJECT, SUPERIOR, TODAY
from tests.domain.scenario import (
    CREDIT,
    PAPER,
    STRANGER,
    UNKNOWN,
    said,
)
from tests.domain.test_commendation import AWARD, award, commended
from tests.domain.wrong import Wrong
from tests.domain.wrong_records import AHEAD, now

UNTIL = date(2027, 5, 31)
START = date(2022, 1, 1)
FIRMS = {**RECORD_WORLD, SUBJECT: replace(RECORD_WORLD[SUBJECT], kind=Kind.ENTERPRISE)}

# --- complaints -------------------------------------------------------------------------------------------------

NONE, IN, TAKEN = complained(), complained(RECEIVED), complained(RECEIVED, ACCEPTED)
MOVED, TOLD, DOUBTED = complained(*SENT), complained(*SENT, ANSWERED), complained(*SENT, DENIED)
TRUE_ONE = complained(*SENT, ANSWERED, SUBSTANTIATED)
BEING_SOLVED = complained(*SENT, ANSWERED, SUBSTANTIATED, SATISFIED, INCIDENT)
CLOSED = complained(
    *SENT, ANSWERED, SUBSTANTIATED, SATISFIED, INCIDENT, RESOLVED, said(c.ComplaintClosed(), HOTLINE, on=TODAY)
)
ANONYMOUS = complained(said(complaint(anonymous=True), HOTLINE, on=date(2026, 5, 7)), *SENT[1:], DENIED)
NAMELESS = complained(said(complaint(accused=None), HOTLINE, on=date(2026, 5, 7)))

COMPLAINTS = (
    Wrong("a stranger takes a complaint in", NONE, now(RECEIVED.fact, STRANGER), "complaint.role"),
    Wrong("a complaint of tomorrow", NONE, now(complaint(received_on=AHEAD), HOTLINE), "complaint.future"),
    Wrong("transferred before it came in", NONE, now(SENT[2].fact, HOTLINE), "complaint.unbegun"),
    Wrong("the same complaint again", IN, now(RECEIVED.fact, HOTLINE), "complaint.standing"),
    Wrong("taken up against nobody", NAMELESS, now(c.ComplaintAccepted(), HOTLINE), "complaint.accused"),
    Wrong("taken up against a firm", IN.amid(FIRMS), now(c.ComplaintAccepted(), HOTLINE), "complaint.scope"),
    Wrong("the accused takes it up", IN, now(c.ComplaintAccepted(), SUBJECT), "complaint.role"),
    Wrong(
        "refused because the mayor is new",
        IN,
        now(c.ComplaintRefused(Refusal.CHANGE_OF_OFFICE_HOLDER, "换届"), HOTLINE),
        "complaint.excuse",
    ),
    Wrong(
        "refused as out of scope, though within",
        IN,
        now(c.ComplaintRefused(Refusal.OUT_OF_SCOPE, "范围外"), HOTLINE),
        "complaint.refusal",
    ),
    Wrong(
        "refused after it was taken up",
        TAKEN,
        now(c.ComplaintRefused(Refusal.IN_LITIGATION, "诉讼"), HOTLINE, PAPER),
        "complaint.standing",
    ),
    Wrong("transferred before it is taken up", IN, now(SENT[2].fact, HOTLINE), "complaint.standing"),
    Wrong(
        "transferred to the accused", TAKEN, now(c.ComplaintTransferred(SUBJECT, AHEAD), HOTLINE), "complaint.own-case"
    ),
    Wrong(
        "transferred to nobody known", TAKEN, now(c.ComplaintTransferred(UNKNOWN, AHEAD), HOTLINE), "complaint.known"
    ),
    Wrong(
        "to be answered by yesterday",
        TAKEN,
        now(c.ComplaintTransferred(SUPERIOR, date(2026, 5, 1)), HOTLINE),
        "complaint.deadline-past",
    ),
    Wrong(
        "transferred twice to the same body",
        MOVED,
        now(c.ComplaintTransferred(SUPERIOR, TODAY), HOTLINE),
        "complaint.transferred",
    ),
    Wrong("urged, nobody has it", TAKEN, now(c.ComplaintUrged("请答复"), HOTLINE), "complaint.standing"),
    Wrong("urged after the answer", TOLD, now(c.ComplaintUrged("请答复"), HOTLINE), "complaint.standing"),
    Wrong("answered by another body", MOVED, now(TRUE, CREDIT), "complaint.role"),
    Wrong("unfounded without a reason", MOVED, now(replace(UNTRUE, reason=None), SUPERIOR), "complaint.reason"),
    Wrong(
        "unfounded because of new persons",
        MOVED,
        now(replace(UNTRUE, reason=Unfounded.CHANGE_OF_OFFICE_HOLDER), SUPERIOR),
        "complaint.excuse",
    ),
    Wrong("substantiated before the answer", MOVED, now(SUBSTANTIATED.fact, HOTLINE), "complaint.standing"),
    Wrong("substantiated against the finding", DOUBTED, now(SUBSTANTIATED.fact, HOTLINE), "complaint.finding"),
    Wrong(
        "unfounded against the finding",
        TOLD,
        now(c.ComplaintUnsubstantiated(Unfounded.PERFORMED, "已付"), HOTLINE),
        "complaint.finding",
    ),
    Wrong(
        "it becomes a record that has begun",
        replace(TOLD, cases={RECORD: object()}),
        now(SUBSTANTIATED.fact, HOTLINE),
        "complaint.record-new",
    ),
    Wrong("nobody to call back", ANONYMOUS, now(SATISFIED.fact, HOTLINE), "complaint.anonymous"),
    Wrong("called back tomorrow", TOLD, now(c.ComplaintCalledBack(True, AHEAD), HOTLINE), "complaint.future"),
    Wrong("closed without a call back", TRUE_ONE, now(c.ComplaintClosed(), HOTLINE), "complaint.call-back"),
    Wrong("closed with an open incident", BEING_SOLVED, now(c.ComplaintClosed(), HOTLINE), "complaint.incident"),
    Wrong("the accused leads the incident", TRUE_ONE, now(c.IncidentOpened(SUBJECT), CREDIT), "complaint.own-case"),
    Wrong("a second incident", BEING_SOLVED, now(INCIDENT.fact, CREDIT), "complaint.incident"),
    Wrong(
        "another body says it is solved",
        BEING_SOLVED,
        now(c.IncidentResolved(Resolution.SETTLED, "协商"), HOTLINE),
        "complaint.incident-lead",
    ),
    Wrong("solved, there is no incident", TRUE_ONE, now(RESOLVED.fact, SUPERIOR), "complaint.incident"),
    Wrong("transferred after it was closed", CLOSED, now(SENT[2].fact, HOTLINE), "complaint.standing"),
)

# --- positive records -------------------------------------------------------------------------------------------

PRAISE, PRAISED = replace(commended(), history=()), commended()
TAKEN_AWAY = commended(
    said(CommendationWithdrawn(Withdrawal.AWARD_REVOKED, "撤销"), CREDIT, AWARD, on=date(2026, 5, 30))
)
EASE = IncentiveGranted(Incentive.CONVENIENCE, TODAY, UNTIL)
EASED = commended(said(EASE, CREDIT, on=TODAY))

COMMENDATIONS = (
    Wrong("an award without its document", PRAISE, now(award(), CREDIT), "commendation.basis"),
    Wrong("an office praises itself", PRAISE, now(award(subject=CREDIT), CREDIT, AWARD), "commendation.own-case"),
    Wrong("an award of tomorrow", PRAISE, now(award(awarded_on=AHEAD), CREDIT, AWARD), "commendation.future"),
    Wrong("an award to nobody known", PRAISE, now(award(subject=UNKNOWN), CREDIT, AWARD), "commendation.subject"),
    Wrong(
        "an official not on file",
        replace(PRAISE, cases={}),
        now(award(person=PERSON), CREDIT, AWARD),
        "commendation.linked",
    ),
    Wrong("rewarded before any praise", PRAISE, now(EASE, CREDIT), "commendation.unbegun"),
    Wrong("praised twice", PRAISED, now(award(), CREDIT, AWARD), "commendation.once"),
    Wrong(
        "a bureau is promoted",
        PRAISED,
        now(replace(EASE, incentive=Incentive.PROMOTION_PRIORITY), CREDIT),
        "commendation.target",
    ),
    Wrong(
        "rewarded for a time that is over",
        PRAISED,
        now(replace(EASE, start=START, until=START), CREDIT),
        "commendation.period",
    ),
    Wrong("rewarded twice", EASED, now(EASE, CREDIT), "commendation.granted"),
    Wrong(
        "ended what was not given",
        PRAISED,
        now(IncentiveEnded(Incentive.CONVENIENCE, IncentiveEnd.DISHONESTY), CREDIT),
        "commendation.not-granted",
    ),
    Wrong(
        "ended by hand as withdrawn",
        EASED,
        now(IncentiveEnded(Incentive.CONVENIENCE, IncentiveEnd.COMMENDATION_WITHDRAWN), CREDIT),
        "commendation.end",
    ),
    Wrong(
        "withdrawn without a document",
        PRAISED,
        now(CommendationWithdrawn(Withdrawal.FALSE_MERITS, "虚假"), CREDIT),
        "commendation.basis",
    ),
    Wrong("rewarded after the withdrawal", TAKEN_AWAY, now(EASE, CREDIT), "commendation.withdrawn"),
    Wrong(
        "withdrawn twice",
        TAKEN_AWAY,
        now(CommendationWithdrawn(Withdrawal.FALSE_MERITS, "虚假"), CREDIT, AWARD),
        "commendation.withdrawn",
    ),
)

WRONG = (*COMPLAINTS, *COMMENDATIONS)
