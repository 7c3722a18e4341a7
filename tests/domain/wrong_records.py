"""Wrong steps of records: lead, recognition, persons, severity, explanation, rectification."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledger.domain.body_terms import Kind
from ledger.domain.event import Document
from ledger.domain.record.course_facts import (
    CaseClosed,
    ExplanationFiled,
    ExplanationRequested,
    RectificationExtended,
    RectificationFoundOverdue,
    RectificationOrdered,
    RectificationPlanFiled,
    RectificationReported,
    RectificationVerified,
    ToleranceDetermined,
)
from ledger.domain.record.facts import (
    LeadClosed,
    LeadVerified,
    RectificationUrged,
    ResponsiblePersonLinked,
    SubjectNotified,
)
from ledger.domain.record.terms import (
    CaseEnd,
    Conduct,
    LeadEnd,
    Responsibility,
    Severity,
    SourceKind,
)
from tests.domain.course import EVIDENCE, person, recognised
from tests.domain.records import (
    CHECKED,
    DECISION,
    GRADED,
    HOTLINE,
    LEAD,
    ORDERED,
    PERSON,
    RECOGNISED,
    RECOGNISER,
    RECORD_WORLD,
    REPORTED,
    SOURCE,
    SUBJECT,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.scenario import CREDIT, STRANGER, UNKNOWN, Saying, Scenario, said
from tests.domain.wrong import Wrong

AHEAD, AGO, LONG_AFTER = date(2026, 7, 1), date(2026, 5, 1), date(2026, 8, 3)
OFFICE = {**RECORD_WORLD, SUBJECT: replace(RECORD_WORLD[SUBJECT], roles=RECORD_WORLD[CREDIT].roles)}
FIRMS = {**RECORD_WORLD, SUBJECT: replace(RECORD_WORLD[SUBJECT], kind=Kind.ENTERPRISE)}


def now(fact: object, by: str, basis: tuple[Document, ...] = (), on: date = TODAY) -> Saying:
    """Somebody says it today."""
    return said(fact, by, basis, on)


def record(*more: Saying, packs: tuple[str, ...] = ()) -> Scenario:
    """A graded record, and what came then."""
    return begun(LEAD, VERIFIED, RECOGNISED, GRADED, *more, packs=packs)


NOTHING, LED, TRUE, BARE = begun(), begun(LEAD), begun(LEAD, VERIFIED), begun(LEAD, VERIFIED, RECOGNISED)
UNTRUE = begun(LEAD, said(LeadVerified(False, "不属实"), CREDIT, on=date(2026, 5, 21)))
URGED = TRUE.having(said(RectificationUrged("履约", AHEAD), CREDIT, on=date(2026, 5, 22)))
ENDED = TRUE.having(said(LeadClosed(LeadEnd.DUPLICATE, "重复"), CREDIT, on=date(2026, 5, 22)))
GRADED_ONE, RUNNING, DONE = record(), record(ORDERED), record(ORDERED, REPORTED, CHECKED)
FOUND = RUNNING.having(said(RectificationFoundOverdue("逾期"), CREDIT, on=date(2026, 7, 2)))
WAITING = RUNNING.having(said(RectificationReported("已改正", TODAY, EVIDENCE), SUBJECT, on=date(2026, 6, 29)))
TOLERATED = begun(
    LEAD,
    VERIFIED,
    said(ToleranceDetermined(True, "市委", "先行先试"), RECOGNISER, DECISION, on=date(2026, 5, 22)),
    packs=("yancheng",),
)
LINK = ResponsiblePersonLinked(PERSON, Responsibility.PRINCIPAL, date(2024, 1, 1))
STAFFED = replace(BARE, cases={PERSON: person()})
LINKED = STAFFED.having(said(LINK, RECOGNISER, on=date(2026, 5, 23)))
GRADE = GRADED.fact
CLOSE = CaseClosed(CaseEnd.RECTIFIED, "办结")
PROMISE = recognised(SourceKind.CONTRACT_BREACH, conduct=(Conduct.BREACH_OF_CONTRACT,), refused_to_rectify=True)

WRONG = (
    # --- lead
    Wrong("a stranger reports", NOTHING, now(LEAD.fact, STRANGER), "record.role"),
    Wrong("a lead of tomorrow", NOTHING, now(replace(LEAD.fact, received_on=AHEAD), SOURCE), "record.future"),
    Wrong("an unknown body as subject", NOTHING, now(replace(LEAD.fact, subject=UNKNOWN), SOURCE), "record.subject"),
    Wrong("a firm as subject", NOTHING.amid(FIRMS), now(LEAD.fact, SOURCE), "record.subject-kind"),
    Wrong("an official nobody has on file", NOTHING, now(replace(LEAD.fact, person=PERSON), SOURCE), "record.linked"),
    Wrong("the same lead again", LED, now(LEAD.fact, SOURCE), "record.lead-once"),
    Wrong("verified before any lead", NOTHING, now(LeadVerified(True, "属实"), CREDIT), "record.unbegun"),
    Wrong("recognised before any lead", NOTHING, now(recognised(), RECOGNISER, DECISION), "record.unbegun"),
    Wrong("closed before any lead", NOTHING, now(CLOSE, CREDIT), "record.unbegun"),
    Wrong("the hotline verifies", LED, now(LeadVerified(True, "属实"), HOTLINE), "record.role"),
    Wrong(
        "an office verifies a lead on itself",
        LED.amid(OFFICE),
        now(LeadVerified(False, "否"), SUBJECT),
        "record.own-case",
    ),
    Wrong("urged before it is verified", LED, now(RectificationUrged("履约", AHEAD), CREDIT), "record.standing"),
    Wrong("urged to a day that is over", TRUE, now(RectificationUrged("履约", AGO), CREDIT), "record.deadline-past"),
    Wrong(
        "the new mayor as a reason",
        TRUE,
        now(LeadClosed(LeadEnd.CHANGE_OF_OFFICE_HOLDER, "换届"), CREDIT),
        "record.excuse",
    ),
    Wrong("closed as untrue though it is true", TRUE, now(LeadClosed(LeadEnd.UNTRUE, "不实"), CREDIT), "record.untrue"),
    Wrong(
        "closed as rectified, nobody urged",
        TRUE,
        now(LeadClosed(LeadEnd.RECTIFIED, "已改"), CREDIT),
        "record.rectified",
    ),
    Wrong(
        "closed as tolerated, not determined",
        TRUE,
        now(LeadClosed(LeadEnd.TOLERATED, "容错"), CREDIT),
        "record.tolerated",
    ),
    Wrong("verified after it ended", ENDED, now(LeadVerified(True, "属实"), CREDIT), "record.standing"),
    Wrong("ended twice", ENDED, now(LeadClosed(LeadEnd.DUPLICATE, "重复"), CREDIT), "record.standing"),
    Wrong("a record's lead is closed", BARE, now(LeadClosed(LeadEnd.DUPLICATE, "重复"), CREDIT), "record.standing"),
    # --- recognition
    Wrong("recognised before it is verified", LED, now(recognised(), RECOGNISER, DECISION), "record.standing"),
    Wrong("an untrue lead is recognised", UNTRUE, now(recognised(), RECOGNISER, DECISION), "record.standing"),
    Wrong("the subject recognises itself", TRUE, now(recognised(), SUBJECT, DECISION), "record.role"),
    Wrong("recognised without a decision", TRUE, now(recognised(), RECOGNISER), "record.basis"),
    Wrong("a decision without number and day", TRUE, now(recognised(), RECOGNISER, EVIDENCE), "record.decision"),
    Wrong(
        "in effect before the decision",
        TRUE,
        now(recognised(effective_on=AGO), RECOGNISER, DECISION),
        "record.effective",
    ),
    Wrong("in effect tomorrow", TRUE, now(recognised(effective_on=AHEAD), RECOGNISER, DECISION), "record.future"),
    Wrong(
        "a source that no list names",
        TRUE,
        now(recognised(SourceKind.EXAM_FRAUD), RECOGNISER, DECISION),
        "record.source",
    ),
    Wrong(
        "an item outside the catalogue",
        TRUE,
        now(recognised(catalogue="gossip"), RECOGNISER, DECISION),
        "record.catalogue",
    ),
    Wrong("no misconduct named", TRUE, now(recognised(conduct=()), RECOGNISER, DECISION), "record.conduct"),
    Wrong("conduct off duty", TRUE, now(recognised(on_duty=False), RECOGNISER, DECISION), "record.on-duty"),
    Wrong("a breach nobody urged to mend", TRUE, now(PROMISE, RECOGNISER, DECISION), "record.urge-first"),
    Wrong("a breach urged, the day not over", URGED, now(PROMISE, RECOGNISER, DECISION), "record.urge-first"),
    Wrong(
        "a breach that was not refused to mend",
        URGED,
        now(replace(PROMISE, refused_to_rectify=False), RECOGNISER, DECISION, LONG_AFTER),
        "record.refusal",
    ),
    Wrong("a tolerated act is recognised", TOLERATED, now(recognised(), RECOGNISER, DECISION), "record.tolerated"),
    Wrong("recognised twice", BARE, now(recognised(), RECOGNISER, DECISION), "record.standing"),
    Wrong("a person nobody has on file answers", BARE, now(LINK, RECOGNISER), "record.linked"),
    Wrong(
        "a person of another body answers",
        replace(BARE, cases={PERSON: replace(person(), affiliations=())}),
        now(LINK, RECOGNISER),
        "record.affiliation",
    ),
    Wrong(
        "a post that ends before it starts",
        STAFFED,
        now(replace(LINK, until=date(2023, 1, 1)), RECOGNISER),
        "record.period",
    ),
    Wrong("a post that starts tomorrow", STAFFED, now(replace(LINK, start=AHEAD), RECOGNISER), "record.future"),
    Wrong("the same person twice", LINKED, now(LINK, RECOGNISER), "record.linked-once"),
    Wrong("graded before recognition", TRUE, now(GRADE, CREDIT), "record.standing"),
    Wrong(
        "graded below its heavier axis",
        BARE,
        now(replace(GRADE, severity=Severity.MINOR), RECOGNISER),
        "record.severity",
    ),
    Wrong("graded anew without a document", GRADED_ONE, now(GRADE, RECOGNISER), "record.basis"),
    Wrong("an office grades its own record", BARE.amid(OFFICE), now(GRADE, SUBJECT), "record.own-case"),
    Wrong("told before the decision took effect", BARE, now(SubjectNotified(AGO), CREDIT), "record.notice-day"),
    Wrong("told tomorrow", BARE, now(SubjectNotified(AHEAD), CREDIT), "record.future"),
    # --- rectification
    Wrong("explained without the writing", BARE, now(ExplanationFiled("说明"), SUBJECT), "record.basis"),
    Wrong("a stranger explains", BARE, now(ExplanationFiled("说明"), STRANGER, EVIDENCE), "record.role"),
    Wrong("to be explained by yesterday", BARE, now(ExplanationRequested(AGO), RECOGNISER), "record.deadline-past"),
    Wrong("ordered on a mere lead", LED, now(RectificationOrdered("改正", AHEAD), CREDIT), "record.standing"),
    Wrong("ordered by yesterday", GRADED_ONE, now(RectificationOrdered("改正", AGO), CREDIT), "record.deadline-past"),
    Wrong(
        "ordered while an order runs", RUNNING, now(RectificationOrdered("改正", AHEAD), CREDIT), "record.order-runs"
    ),
    Wrong("ordered though it is set right", DONE, now(RectificationOrdered("改正", AHEAD), CREDIT), "record.rectified"),
    Wrong("a plan without an order", GRADED_ONE, now(RectificationPlanFiled("方案", AHEAD), SUBJECT), "record.order"),
    Wrong(
        "a plan later than the order", RUNNING, now(RectificationPlanFiled("方案", AHEAD), SUBJECT), "record.plan-due"
    ),
    Wrong(
        "put off after it passed",
        RUNNING,
        now(RectificationExtended(date(2026, 9, 1), "所需"), CREDIT, on=LONG_AFTER),
        "record.deadline-over",
    ),
    Wrong(
        "put off to an earlier day",
        RUNNING,
        now(RectificationExtended(date(2026, 6, 15), "所需"), CREDIT),
        "record.extension",
    ),
    Wrong(
        "the subject puts it off", RUNNING, now(RectificationExtended(date(2026, 9, 1), "所需"), SUBJECT), "record.role"
    ),
    Wrong(
        "reported without evidence", RUNNING, now(RectificationReported("已改", TODAY, ()), SUBJECT), "record.evidence"
    ),
    Wrong("mended tomorrow", RUNNING, now(RectificationReported("已改", AHEAD, EVIDENCE), SUBJECT), "record.future"),
    Wrong(
        "verified without report or document",
        RUNNING,
        now(RectificationVerified(True, True, "核查"), CREDIT),
        "record.basis",
    ),
    Wrong(
        "an office verifies its own mending",
        WAITING.amid(OFFICE),
        now(RectificationVerified(True, True, "核查"), SUBJECT),
        "record.own-case",
    ),
    Wrong("overdue before its day", RUNNING, now(RectificationFoundOverdue("逾期"), CREDIT), "record.deadline-runs"),
    Wrong(
        "overdue though a report waits",
        WAITING,
        now(RectificationFoundOverdue("逾期"), CREDIT, on=LONG_AFTER),
        "record.report-waits",
    ),
    Wrong(
        "overdue though set right",
        DONE,
        now(RectificationFoundOverdue("逾期"), CREDIT, on=LONG_AFTER),
        "record.rectified",
    ),
    Wrong("overdue twice", FOUND, now(RectificationFoundOverdue("逾期"), CREDIT, on=LONG_AFTER), "record.overdue-once"),
)
