"""Wrong steps of objections, appeals, restoration and repair."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledger.domain.record.remedy_facts import (
    AppealDecided,
    AppealFiled,
    FaultAttributed,
    ObjectionAccepted,
    ObjectionDismissed,
    ObjectionRefused,
    ObjectionUpheld,
    ObjectionWithdrawn,
    RepairAccepted,
    RepairApplied,
    RepairGranted,
    RepairRefused,
    RepairRevoked,
    ReputationRestored,
    RestorationNoticePublished,
    RestorationOrdered,
    SourceAnswered,
    VerificationRequested,
)
from ledger.domain.record.remedy_terms import (
    Against,
    AppealOutcome,
    Extent,
    Fault,
    ObjectionRefusal,
    Point,
    RepairEvidence,
    RepairRefusal,
    RepairWay,
    Route,
)
from tests.domain.course import EVIDENCE, PUBLISHED, SHARED
from tests.domain.penalties import (
    ACCEPTED,
    APPEALED,
    IMPOSED,
    OBJECTED,
    RECTIFIED,
    UPHELD,
    imposed,
    punishable,
)
from tests.domain.records import (
    AGENT,
    DECISION,
    LEAD,
    LETTER,
    RECOGNISER,
    SOURCE,
    SUBJECT,
    TODAY,
    begun,
)
from tests.domain.scenario import CREDIT, STRANGER, UNKNOWN, said
from tests.domain.wrong import Wrong
from tests.domain.wrong_penalties import APPEALING, OBJECTION, OPEN, PLAIN, PUNISHED, SOON
from tests.domain.wrong_records import AGO, AHEAD, now

OBJECTING = punishable(IMPOSED, OBJECTED)
ASKED = OPEN.having(said(VerificationRequested("o1", SOURCE, date(2026, 5, 29)), CREDIT, on=date(2026, 5, 27)))
DENIED = ASKED.having(said(SourceAnswered("o1", False, "报送有误"), SOURCE, on=date(2026, 5, 28)))
DISMISSED = OPEN.having(said(ObjectionDismissed("o1", "不成立"), CREDIT, on=date(2026, 5, 28)))
RIGHTED = punishable(PUBLISHED, SHARED, IMPOSED, OBJECTED, ACCEPTED).having(
    said(ObjectionUpheld("o1", Extent.WHOLLY, "成立", withdraw=True), CREDIT, LETTER, on=date(2026, 5, 28))
)
NOTICED = RIGHTED.having(said(RestorationNoticePublished("o1", TODAY), CREDIT, LETTER, on=TODAY))
JUDGED = (replace(DECISION[0], dated=TODAY),)
DECIDED = APPEALING.having(said(UPHELD.fact, CREDIT, JUDGED, on=TODAY))
APPLICATION = RepairApplied("r1", (RepairEvidence(RepairWay.COMMITMENT, EVIDENCE[0]),), "已纠正")
APPLIED = punishable(PUBLISHED, said(APPLICATION, SUBJECT, on=TODAY))
TAKEN_UP = APPLIED.having(said(RepairAccepted("r1"), RECOGNISER, on=TODAY))
READY = punishable(
    *RECTIFIED, PUBLISHED, said(APPLICATION, SUBJECT, on=TODAY), said(RepairAccepted("r1"), RECOGNISER, on=TODAY)
)
MENDED = READY.having(said(RepairGranted("r1", "符合"), RECOGNISER, LETTER, on=date(2026, 9, 1)))
REVOKED = MENDED.having(said(RepairRevoked("r1", "承诺虚假"), RECOGNISER, LETTER, on=date(2026, 9, 2)))
REFUSED = TAKEN_UP.having(said(RepairRefused("r1", (RepairRefusal.NOT_CORRECTED,), "未纠正"), RECOGNISER, on=TODAY))
APPEAL = AppealFiled("a2", Route.LITIGATION, Against.RECOGNITION, "示例市人民法院", TODAY)

WRONG = (
    # --- objections
    Wrong("a stranger objects", PLAIN, now(OBJECTION, STRANGER, EVIDENCE), "record.role"),
    Wrong("a mere lead is objected to", begun(LEAD), now(OBJECTION, SUBJECT), "record.standing"),
    Wrong("an objection to nothing", PLAIN, now(replace(OBJECTION, points=()), SUBJECT), "record.points"),
    Wrong(
        "an objection to a penalty there is not",
        PLAIN,
        now(replace(OBJECTION, points=(Point.PENALTY,)), SUBJECT),
        "record.penalty-none",
    ),
    Wrong(
        "an objection to another record's penalty",
        PUNISHED,
        now(replace(OBJECTION, penalty="p9"), SUBJECT),
        "record.penalty-unknown",
    ),
    Wrong(
        "an objection to a repair not decided",
        PLAIN,
        now(replace(OBJECTION, points=(Point.REPAIR_RESULT,)), SUBJECT),
        "record.repair-undecided",
    ),
    Wrong(
        "the same matter again while it is open",
        OPEN,
        now(replace(OBJECTION, objection="o2"), SUBJECT),
        "record.objection-twice",
    ),
    Wrong("an agent without its power of attorney", PLAIN, now(replace(OBJECTION, agent=AGENT), AGENT), "record.basis"),
    Wrong("an agent nobody knows", PLAIN, now(replace(OBJECTION, agent=UNKNOWN), SUBJECT), "record.known"),
    Wrong(
        "an objection of the same name",
        OPEN,
        now(replace(OBJECTION, points=(Point.PERIOD,)), SUBJECT),
        "record.item-new",
    ),
    Wrong(
        "accepted before it is filed", PUNISHED, now(ObjectionAccepted("o1", SOON), CREDIT), "record.objection-unknown"
    ),
    Wrong("accepted twice", OPEN, now(ObjectionAccepted("o1", SOON), CREDIT), "record.objection-pending"),
    Wrong("to be decided by yesterday", OBJECTING, now(ObjectionAccepted("o1", AGO), CREDIT), "record.deadline-past"),
    Wrong(
        "the subject accepts its own objection", OBJECTING, now(ObjectionAccepted("o1", SOON), SUBJECT), "record.role"
    ),
    Wrong(
        "refused for another, though the subject filed",
        OBJECTING,
        now(ObjectionRefused("o1", ObjectionRefusal.NOT_THE_SUBJECT, "非主体"), CREDIT),
        "record.refusal-untrue",
    ),
    Wrong(
        "refused after it was accepted",
        OPEN,
        now(ObjectionRefused("o1", ObjectionRefusal.OTHER_AUTHORITY, "复议"), CREDIT),
        "record.objection-pending",
    ),
    Wrong(
        "the source asked before it is accepted",
        OBJECTING,
        now(VerificationRequested("o1", SOURCE, SOON), CREDIT),
        "record.objection-open",
    ),
    Wrong(
        "the subject asked as its own source",
        OPEN,
        now(VerificationRequested("o1", SUBJECT, SOON), CREDIT),
        "record.own-case",
    ),
    Wrong("an unknown source asked", OPEN, now(VerificationRequested("o1", UNKNOWN, SOON), CREDIT), "record.known"),
    Wrong("an answer nobody asked for", OPEN, now(SourceAnswered("o1", True, "无误"), SOURCE), "record.not-asked"),
    Wrong(
        "upheld before it is accepted",
        OBJECTING,
        now(ObjectionUpheld("o1", Extent.WHOLLY, "成立", True), CREDIT, LETTER),
        "record.objection-open",
    ),
    Wrong(
        "upheld without source or document",
        OPEN,
        now(ObjectionUpheld("o1", Extent.WHOLLY, "成立", True), CREDIT),
        "record.basis",
    ),
    Wrong(
        "upheld, lifting another penalty",
        OPEN,
        now(ObjectionUpheld("o1", Extent.PARTLY, "成立", lift=("p9",)), CREDIT, LETTER),
        "record.lift",
    ),
    Wrong(
        "the subject upholds its objection",
        OPEN,
        now(ObjectionUpheld("o1", Extent.WHOLLY, "成立", True), SUBJECT, LETTER),
        "record.role",
    ),
    Wrong(
        "dismissed against the source, no document",
        DENIED,
        now(ObjectionDismissed("o1", "不成立"), CREDIT),
        "record.basis",
    ),
    Wrong("dismissed twice", DISMISSED, now(ObjectionDismissed("o1", "不成立"), CREDIT), "record.objection-open"),
    Wrong(
        "taken back after it was decided", DISMISSED, now(ObjectionWithdrawn("o1"), SUBJECT), "record.objection-decided"
    ),
    Wrong(
        "fault for an objection that was dismissed",
        DISMISSED,
        now(FaultAttributed("o1", SOURCE, Fault.SOURCE, "报错"), CREDIT),
        "record.objection-upheld",
    ),
    Wrong(
        "fault of nobody known",
        RIGHTED,
        now(FaultAttributed("o1", UNKNOWN, Fault.SOURCE, "报错"), CREDIT),
        "record.known",
    ),
    # --- appeals, restoration
    Wrong("a lead is appealed against", begun(LEAD), now(APPEAL, SUBJECT), "record.standing"),
    Wrong(
        "an appeal against no penalty",
        PLAIN,
        now(replace(APPEAL, against=Against.PENALTY, item="p1"), SUBJECT),
        "record.appeal-against",
    ),
    Wrong("an appeal filed tomorrow", PLAIN, now(replace(APPEAL, filed_on=AHEAD), SUBJECT), "record.future"),
    Wrong(
        "the same appeal again",
        APPEALING,
        now(replace(APPEALED.fact, appeal="a2"), SUBJECT, LETTER),
        "record.appeal-twice",
    ),
    Wrong("an appeal of the same name", APPEALING, now(replace(APPEAL, appeal="a1"), SUBJECT), "record.item-new"),
    Wrong("decided though nobody appealed", PUNISHED, now(UPHELD.fact, CREDIT, DECISION), "record.appeal"),
    Wrong("decided twice", DECIDED, now(UPHELD.fact, CREDIT, DECISION), "record.appeal"),
    Wrong("decided without the decision", APPEALING, now(UPHELD.fact, CREDIT, EVIDENCE), "record.decision"),
    Wrong("decided before it was filed", APPEALING, now(UPHELD.fact, CREDIT, DECISION), "record.decision-early"),
    Wrong(
        "dismissed, but lifted",
        APPEALING,
        now(replace(UPHELD.fact, lift=("p1",)), CREDIT, JUDGED),
        "record.outcome",
    ),
    Wrong(
        "revoked, but the penalty stays",
        APPEALING,
        now(AppealDecided("a1", AppealOutcome.REVOKED, "撤销"), CREDIT, JUDGED),
        "record.appeal-followed",
    ),
    Wrong("restoration ordered by hand", RIGHTED, now(RestorationOrdered("o1"), CREDIT), "record.consequence"),
    Wrong("a notice without the notice", RIGHTED, now(RestorationNoticePublished("o1", TODAY), CREDIT), "record.basis"),
    Wrong(
        "a notice with nothing to restore",
        PUNISHED,
        now(RestorationNoticePublished("o1", TODAY), CREDIT, LETTER),
        "record.restoration",
    ),
    Wrong(
        "restored before the notice",
        RIGHTED,
        now(ReputationRestored("o1", "已恢复"), CREDIT),
        "record.restoration-notice",
    ),
    Wrong(
        "restored before everybody is told",
        NOTICED,
        now(ReputationRestored("o1", "已恢复"), CREDIT),
        "record.restoration-untold",
    ),
    # --- repair
    Wrong("a stranger applies for repair", PLAIN, now(APPLICATION, STRANGER, LETTER), "record.role"),
    Wrong("the office applies without a paper", PLAIN, now(APPLICATION, CREDIT), "record.basis"),
    Wrong(
        "an application without evidence", PLAIN, now(replace(APPLICATION, evidence=()), SUBJECT), "record.repair-way"
    ),
    Wrong("a second application", APPLIED, now(replace(APPLICATION, repair="r2"), SUBJECT), "record.repair-open"),
    Wrong("taken up, nobody applied", PLAIN, now(RepairAccepted("r1"), RECOGNISER), "record.repair"),
    Wrong("taken up twice", TAKEN_UP, now(RepairAccepted("r1"), RECOGNISER), "record.repair-accepted"),
    Wrong("the subject takes its repair up", APPLIED, now(RepairAccepted("r1"), SUBJECT), "record.role"),
    Wrong(
        "granted before it is taken up",
        APPLIED,
        now(RepairGranted("r1", "符合"), RECOGNISER),
        "record.repair-not-accepted",
    ),
    Wrong(
        "granted though nothing is mended",
        TAKEN_UP,
        now(RepairGranted("r1", "符合"), RECOGNISER),
        "record.repair-conditions",
    ),
    Wrong(
        "granted before the least publicity",
        READY,
        now(RepairGranted("r1", "符合"), RECOGNISER),
        "record.repair-conditions",
    ),
    Wrong(
        "granted twice", MENDED, now(RepairGranted("r1", "符合"), RECOGNISER, on=date(2026, 9, 1)), "record.standing"
    ),
    Wrong(
        "the office grants what it did not recognise",
        READY,
        now(RepairGranted("r1", "符合"), CREDIT, on=date(2026, 9, 1)),
        "record.role",
    ),
    Wrong(
        "refused without a reason", TAKEN_UP, now(RepairRefused("r1", (), "不予"), RECOGNISER), "record.repair-reasons"
    ),
    Wrong(
        "refused as not corrected, though it is",
        READY,
        now(RepairRefused("r1", (RepairRefusal.NOT_CORRECTED,), "未改"), RECOGNISER),
        "record.refusal-untrue",
    ),
    Wrong(
        "refused twice",
        REFUSED,
        now(RepairRefused("r1", (RepairRefusal.NOT_CORRECTED,), "未改"), RECOGNISER),
        "record.repair",
    ),
    Wrong(
        "a repair that was refused is revoked",
        REFUSED,
        now(RepairRevoked("r1", "虚假"), RECOGNISER, LETTER),
        "record.standing",
    ),
    Wrong(
        "revoked without a document",
        MENDED,
        now(RepairRevoked("r1", "虚假"), RECOGNISER, on=date(2026, 9, 2)),
        "record.basis",
    ),
    Wrong(
        "revoked twice",
        REVOKED,
        now(RepairRevoked("r1", "虚假"), RECOGNISER, LETTER, date(2026, 9, 3)),
        "record.standing",
    ),
    Wrong(
        "punished after the repair",
        MENDED,
        now(imposed("criticism", "p2"), RECOGNISER, DECISION, date(2026, 9, 2)),
        "record.standing",
    ),
    Wrong("published after the repair", MENDED, now(PUBLISHED.fact, CREDIT, on=date(2026, 9, 2)), "record.standing"),
    Wrong("shared after the repair", MENDED, now(SHARED.fact, CREDIT, on=date(2026, 9, 2)), "record.standing"),
    Wrong(
        "its content disputed after the repair",
        MENDED,
        now(OBJECTION, SUBJECT, on=date(2026, 9, 2)),
        "record.objection-over",
    ),
)
