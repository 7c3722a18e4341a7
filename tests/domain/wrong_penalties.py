"""Wrong steps of penalties."""

from __future__ import annotations

from datetime import date

from ledger.domain.record.remedy_facts import (
    DemeritPointsRecorded,
    PenaltyLifted,
    PenaltyMitigated,
    PenaltyResumed,
    PenaltySuspended,
    PunishmentWaived,
)
from ledger.domain.record.remedy_terms import (
    Hold,
    LiftReason,
    Mitigation,
    Relief,
)
from tests.domain.course import EVIDENCE
from tests.domain.penalties import (
    ACCEPTED,
    APPEALED,
    GRAVE,
    IMPOSED,
    LINKED,
    MINOR,
    OBJECTED,
    ON_PERSON,
    imposed,
    punishable,
)
from tests.domain.records import (
    DECISION,
    LEAD,
    LETTER,
    PERSON,
    RECOGNISED,
    RECOGNISER,
    SUBJECT,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.scenario import CREDIT, STRANGER, said
from tests.domain.wrong import Wrong
from tests.domain.wrong_records import AGO, now

SOON = date(2026, 6, 5)
YEAR_END = date(2026, 12, 31)
PLAIN, GRAVELY, LIGHTLY = punishable(), punishable(GRAVE), punishable(MINOR)
PUNISHED = punishable(IMPOSED)
WITH_PERSON = punishable(LINKED, ON_PERSON)
OPEN = punishable(IMPOSED, OBJECTED, ACCEPTED)
LIFTED = PUNISHED.having(said(PenaltyLifted("p1", LiftReason.ERROR), CREDIT, LETTER, on=date(2026, 5, 28)))
STAYED = punishable(IMPOSED, APPEALED, said(PenaltySuspended("p1", Hold.STAY, "a1"), CREDIT, LETTER, on=TODAY))
APPEALING = punishable(IMPOSED, APPEALED)
OBJECTION = OBJECTED.fact
UNGRADED = begun(LEAD, VERIFIED, RECOGNISED)

WRONG = (
    # --- penalties
    Wrong("punished before it is graded", UNGRADED, now(imposed(), RECOGNISER, DECISION), "record.graded"),
    Wrong(
        "a measure that is on no list", PLAIN, now(imposed("public_shaming"), RECOGNISER, DECISION), "record.measure"
    ),
    Wrong(
        "a measure for serious records", PLAIN, now(imposed("strict"), RECOGNISER, DECISION), "record.measure-severity"
    ),
    Wrong("a minor record loses its honours", LIGHTLY, now(imposed(), RECOGNISER, DECISION), "record.measure-none"),
    Wrong(
        "a market ban on a bureau", GRAVELY, now(imposed("market_ban"), RECOGNISER, DECISION), "record.measure-target"
    ),
    Wrong(
        "a person who does not answer",
        PLAIN,
        now(imposed("accountability", person=PERSON), RECOGNISER, DECISION),
        "record.person-linked",
    ),
    Wrong("another body punishes", PLAIN, now(imposed(), STRANGER, DECISION), "record.role"),
    Wrong("punished without a decision", PLAIN, now(imposed(), RECOGNISER), "record.basis"),
    Wrong("punished on a letter without number", PLAIN, now(imposed(), RECOGNISER, EVIDENCE), "record.decision"),
    Wrong(
        "punished from before the recognition",
        PLAIN,
        now(imposed(start=AGO), RECOGNISER, DECISION),
        "record.penalty-start",
    ),
    Wrong(
        "punished longer than the list allows",
        PLAIN,
        now(imposed(until=date(2029, 1, 1)), RECOGNISER, DECISION),
        "record.penalty-period",
    ),
    Wrong("punished without an end", GRAVELY, now(imposed(until=None), RECOGNISER, DECISION), "record.penalty-period"),
    Wrong(
        "punished without the repair notice",
        PLAIN,
        now(imposed(repair_notice=None), RECOGNISER, DECISION),
        "record.repair-notice",
    ),
    Wrong("a penalty of the same name", PUNISHED, now(imposed("criticism"), RECOGNISER, DECISION), "record.item-new"),
    Wrong(
        "waived for a bureau where only persons are spared",
        PLAIN,
        now(PunishmentWaived(Mitigation.LOSS_RECOVERED, "挽回"), RECOGNISER, LETTER),
        "record.mitigation",
    ),
    Wrong(
        "waived after it was imposed",
        WITH_PERSON,
        now(PunishmentWaived(Mitigation.LOSS_RECOVERED, "挽回"), RECOGNISER, LETTER),
        "record.waive-first",
    ),
    Wrong(
        "points without a scheme", PLAIN, now(DemeritPointsRecorded("围标", 5), RECOGNISER, LETTER), "record.demerit"
    ),
    Wrong(
        "mitigated for a bureau",
        PUNISHED,
        now(PenaltyMitigated("p1", Mitigation.EFFECTS_REMOVED, Relief.MITIGATED, "消除", SOON), RECOGNISER, LETTER),
        "record.mitigation",
    ),
    Wrong(
        "mitigated to a later day",
        WITH_PERSON,
        now(PenaltyMitigated("p2", Mitigation.EFFECTS_REMOVED, Relief.MITIGATED, "消除", YEAR_END), RECOGNISER, LETTER),
        "record.mitigated-until",
    ),
    Wrong(
        "mitigated without a document",
        WITH_PERSON,
        now(PenaltyMitigated("p2", Mitigation.EFFECTS_REMOVED, Relief.MITIGATED, "消除", SOON), RECOGNISER),
        "record.basis",
    ),
    Wrong(
        "a penalty that was never imposed is lifted",
        PLAIN,
        now(PenaltyLifted("p1", LiftReason.ERROR), CREDIT, LETTER),
        "record.penalty",
    ),
    Wrong(
        "lifted as repaired, by hand",
        PUNISHED,
        now(PenaltyLifted("p1", LiftReason.REPAIRED), CREDIT, LETTER),
        "record.lift",
    ),
    Wrong(
        "lifted as an error without a document",
        PUNISHED,
        now(PenaltyLifted("p1", LiftReason.ERROR), CREDIT),
        "record.basis",
    ),
    Wrong("lifted twice", LIFTED, now(PenaltyLifted("p1", LiftReason.ERROR), CREDIT, LETTER), "record.penalty-over"),
    Wrong(
        "the subject lifts its penalty",
        PUNISHED,
        now(PenaltyLifted("p1", LiftReason.ERROR), SUBJECT, LETTER),
        "record.role",
    ),
    Wrong(
        "suspended after its last day",
        PUNISHED,
        now(PenaltySuspended("p1", Hold.BANKRUPTCY), CREDIT, LETTER, YEAR_END),
        "record.penalty-over",
    ),
    Wrong(
        "suspended for an objection, by hand",
        OPEN,
        now(PenaltySuspended("p1", Hold.OBJECTION, "o2"), CREDIT, LETTER),
        "record.hold",
    ),
    Wrong(
        "stayed without an appeal",
        PUNISHED,
        now(PenaltySuspended("p1", Hold.STAY, "a1"), CREDIT, LETTER),
        "record.hold",
    ),
    Wrong("stayed twice", STAYED, now(PenaltySuspended("p1", Hold.STAY, "a1"), CREDIT, LETTER), "record.held"),
    Wrong("stayed without the order", APPEALING, now(PenaltySuspended("p1", Hold.STAY, "a1"), CREDIT), "record.basis"),
    Wrong(
        "resumed though nothing held it",
        PUNISHED,
        now(PenaltyResumed("p1", Hold.STAY, "a1"), CREDIT, LETTER),
        "record.not-held",
    ),
    Wrong(
        "resumed by hand while the objection is open",
        OPEN,
        now(PenaltyResumed("p1", Hold.OBJECTION, "o1"), CREDIT, LETTER),
        "record.not-held",
    ),
)
