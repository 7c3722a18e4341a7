"""Wrong steps of records: supervision, court list, tolerance, correction, end, publication and sharing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledger.domain.commitment_terms import Channel
from ledger.domain.record.course_facts import (
    CaseEscalated,
    CourtListEntered,
    CourtListRemovalRequested,
    CourtListRemoved,
    PublicationEnded,
    RecipientTold,
    RecordCorrected,
    RecordPublished,
    RecordShared,
    RecordSupplemented,
    RecordWithdrawn,
    RectificationOrdered,
    SharingEnded,
    SuperiorInformed,
    SupervisionLetterIssued,
    ToleranceDetermined,
    ToleranceRequested,
)
from ledger.domain.record.facts import (
    SeverityGraded,
)
from ledger.domain.record.remedy_facts import ObjectionFiled, PenaltyImposed
from ledger.domain.record.remedy_terms import Point
from ledger.domain.record.terms import (
    CaseEnd,
    Correction,
    CourtExit,
    LetterKind,
    PublicationEnd,
    Severity,
    WithdrawalGround,
)
from tests.domain.course import EVIDENCE, LISTED, PUBLISHED, SERIOUS, SHARED
from tests.domain.penalties import punishable
from tests.domain.records import (
    COURT,
    DECISION,
    LEAD,
    LETTER,
    RECOGNISED,
    RECOGNISER,
    SUBJECT,
    SUPERIOR,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.scenario import CITY, CREDIT, FIRM, PARTNER, UNKNOWN, said
from tests.domain.wrong import Wrong
from tests.domain.wrong_records import (
    AGO,
    AHEAD,
    BARE,
    CLOSE,
    DONE,
    GRADED_ONE,
    LED,
    RUNNING,
    TOLERATED,
    TRUE,
    now,
    record,
)

FALLEN = record(said(RecordWithdrawn(WithdrawalGround.UNTRUE, "不成立"), CREDIT, LETTER, on=date(2026, 5, 25)))
ON_LIST = record(LISTED)
SHOWN, GIVEN = record(PUBLISHED), record(SHARED)
YANCHENG = record(packs=("yancheng",))
ENTRY = CourtListEntered("示例市人民法院", "（2026）示执2号", "（2025）示民初8号", "支付工程款", date(2026, 5, 25))
CORRECT = RecordCorrected((Correction("findings", "更正"),), "核实有误")
PUBLISH = RecordPublished((Channel.CREDIT_SITE,), date(2026, 9, 30))

WRONG = (
    # --- supervision, court list, tolerance
    Wrong(
        "a letter that is no document",
        GRADED_ONE,
        now(SupervisionLetterIssued(LetterKind.RECTIFICATION_LETTER, "改"), CREDIT),
        "record.basis",
    ),
    Wrong("a general case is escalated", GRADED_ONE, now(CaseEscalated(CITY, "报告"), CREDIT), "record.escalation"),
    Wrong(
        "escalated to a bureau",
        begun(LEAD, VERIFIED, RECOGNISED, SERIOUS),
        now(CaseEscalated(PARTNER, "报告"), CREDIT),
        "record.government",
    ),
    Wrong(
        "escalated to nobody known",
        begun(LEAD, VERIFIED, RECOGNISED, SERIOUS),
        now(CaseEscalated(UNKNOWN, "报告"), CREDIT),
        "record.known",
    ),
    Wrong("another body told as superior", GRADED_ONE, now(SuperiorInformed(CITY, TODAY), CREDIT), "record.superior"),
    Wrong("the superior told tomorrow", GRADED_ONE, now(SuperiorInformed(SUPERIOR, AHEAD), CREDIT), "record.future"),
    Wrong("listed by an office without the court's paper", GRADED_ONE, now(ENTRY, CREDIT, EVIDENCE), "record.decision"),
    Wrong(
        "listed until before it was listed", GRADED_ONE, now(replace(ENTRY, until=AGO), COURT), "record.listing-period"
    ),
    Wrong("listed twice", ON_LIST, now(ENTRY, COURT), "record.listed"),
    Wrong(
        "asked off a list it is not on",
        GRADED_ONE,
        now(CourtListRemovalRequested(CourtExit.PERFORMED, TODAY), SUBJECT, EVIDENCE),
        "record.not-listed",
    ),
    Wrong(
        "asked off the list without proof",
        ON_LIST,
        now(CourtListRemovalRequested(CourtExit.PERFORMED, TODAY), SUBJECT),
        "record.basis",
    ),
    Wrong(
        "off the list before it was listed",
        ON_LIST,
        now(CourtListRemoved(CourtExit.PERFORMED, AGO), COURT),
        "record.court-day",
    ),
    Wrong(
        "a subject takes itself off the list",
        ON_LIST,
        now(CourtListRemoved(CourtExit.PERFORMED, TODAY), SUBJECT),
        "record.role",
    ),
    Wrong(
        "tolerance where no rule knows it",
        GRADED_ONE,
        now(ToleranceRequested("先行先试", EVIDENCE), SUBJECT),
        "record.tolerance",
    ),
    Wrong("tolerance without evidence", YANCHENG, now(ToleranceRequested("先行先试", ()), SUBJECT), "record.evidence"),
    Wrong(
        "tolerance by mere word",
        YANCHENG,
        now(ToleranceDetermined(True, "市委", "情形"), RECOGNISER, EVIDENCE),
        "record.decision",
    ),
    Wrong(
        "tolerated twice",
        TOLERATED,
        now(ToleranceDetermined(True, "市委", "情形"), RECOGNISER, DECISION),
        "record.tolerated",
    ),
    # --- correction and end
    Wrong("corrected nothing", GRADED_ONE, now(replace(CORRECT, corrections=()), CREDIT, LETTER), "record.corrections"),
    Wrong("corrected without a document", GRADED_ONE, now(CORRECT, CREDIT), "record.basis"),
    Wrong(
        "corrected for no objection",
        GRADED_ONE,
        now(replace(CORRECT, objection="o1"), CREDIT, LETTER),
        "record.objection-upheld",
    ),
    Wrong("the subject corrects its own record", GRADED_ONE, now(CORRECT, SUBJECT, LETTER), "record.role"),
    Wrong("what fell is corrected", FALLEN, now(CORRECT, CREDIT, LETTER), "record.standing"),
    Wrong("what fell is supplemented", FALLEN, now(RecordSupplemented("补充"), CREDIT), "record.standing"),
    Wrong(
        "withdrawn without a document",
        GRADED_ONE,
        now(RecordWithdrawn(WithdrawalGround.UNTRUE, "不实"), CREDIT),
        "record.basis",
    ),
    Wrong(
        "revoked without the decision",
        GRADED_ONE,
        now(RecordWithdrawn(WithdrawalGround.DECISION_REVOKED, "撤销"), CREDIT, EVIDENCE),
        "record.decision",
    ),
    Wrong(
        "withdrawn as tolerated, not determined",
        GRADED_ONE,
        now(RecordWithdrawn(WithdrawalGround.TOLERATED, "容错"), CREDIT, LETTER),
        "record.untolerated",
    ),
    Wrong(
        "withdrawn twice",
        FALLEN,
        now(RecordWithdrawn(WithdrawalGround.UNTRUE, "不实"), CREDIT, LETTER),
        "record.standing",
    ),
    Wrong("closed before it is set right", RUNNING, now(CLOSE, CREDIT), "record.unrectified"),
    Wrong(
        "closed because the mayor is new",
        DONE,
        now(replace(CLOSE, reason=CaseEnd.CHANGE_OF_OFFICE_HOLDER), CREDIT),
        "record.excuse",
    ),
    Wrong("closed with its explanation owing", DONE, now(CLOSE, CREDIT), "record.unfinished"),
    Wrong(
        "closed as repaired though it fell",
        FALLEN,
        now(replace(CLOSE, reason=CaseEnd.REPAIRED), CREDIT),
        "record.close-reason",
    ),
    Wrong("a lead is closed as a case", TRUE, now(CLOSE, CREDIT), "record.standing"),
    Wrong("ordered after it fell", FALLEN, now(RectificationOrdered("改正", AHEAD), CREDIT), "record.standing"),
    Wrong(
        "punished after it fell",
        FALLEN,
        now(PenaltyImposed("p1", "award_exclusion", "理由", TODAY), RECOGNISER, DECISION),
        "record.standing",
    ),
    Wrong(
        "objected to after it fell",
        FALLEN,
        now(ObjectionFiled("o1", (Point.CONTENT,), "理由"), SUBJECT),
        "record.standing",
    ),
    # --- publication and sharing
    Wrong("published before it is graded", BARE, now(PUBLISH, CREDIT), "record.graded"),
    Wrong("published for too short", GRADED_ONE, now(replace(PUBLISH, until=AHEAD), CREDIT), "record.publicity-period"),
    Wrong(
        "published to a day that is over", GRADED_ONE, now(replace(PUBLISH, until=AGO), CREDIT), "record.deadline-past"
    ),
    Wrong(
        "persons published in Yancheng",
        YANCHENG,
        now(replace(PUBLISH, persons=True), CREDIT),
        "record.publication-scope",
    ),
    Wrong(
        "published again years later",
        SHOWN,
        now(replace(PUBLISH, until=date(2028, 1, 1)), CREDIT, on=date(2027, 8, 1)),
        "record.publicity-over",
    ),
    Wrong("a lead is published", TRUE, now(PUBLISH, CREDIT), "record.standing"),
    Wrong("the subject publishes", GRADED_ONE, now(PUBLISH, SUBJECT), "record.role"),
    Wrong(
        "taken down though it is not shown",
        GRADED_ONE,
        now(PublicationEnded(PublicationEnd.EXPIRED), CREDIT),
        "record.published",
    ),
    Wrong(
        "taken down before its day",
        SHOWN,
        now(PublicationEnded(PublicationEnd.EXPIRED), CREDIT),
        "record.publicity-runs",
    ),
    Wrong(
        "taken down as repaired, by hand",
        SHOWN,
        now(PublicationEnded(PublicationEnd.REPAIRED), CREDIT),
        "record.takedown",
    ),
    Wrong("shielded without a document", SHOWN, now(PublicationEnded(PublicationEnd.SHIELDED), CREDIT), "record.basis"),
    Wrong("given to nobody known", GRADED_ONE, now(RecordShared(UNKNOWN, "查核"), CREDIT), "record.known"),
    Wrong("a lead is given away", LED, now(RecordShared(PARTNER, "查核"), CREDIT), "record.standing"),
    Wrong(
        "sharing ended that never began",
        GRADED_ONE,
        now(SharingEnded(PublicationEnd.SHIELDED), CREDIT, LETTER),
        "record.shared",
    ),
    Wrong(
        "sharing ended as withdrawn, by hand",
        GIVEN,
        now(SharingEnded(PublicationEnd.WITHDRAWN), CREDIT, LETTER),
        "record.takedown",
    ),
    Wrong("told who never had it", GIVEN, now(RecipientTold(FIRM, TODAY), CREDIT), "record.recipient"),
    Wrong("told tomorrow", GIVEN, now(RecipientTold(PARTNER, AHEAD), CREDIT), "record.future"),
    Wrong(
        "minor, published without saying why",
        punishable(
            said(
                SeverityGraded(Severity.MINOR, Severity.MINOR, "轻", Severity.MINOR, "轻"),
                RECOGNISER,
                DECISION,
                on=date(2026, 5, 24),
            )
        ),
        now(replace(PUBLISH, until=date(2026, 8, 1)), CREDIT),
        "record.publicity",
    ),
)
