"""Wrong steps of commitments: nobody promises, reports, judges, changes, pays where, when or how it may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledger.domain.commitment import (
    CommitmentBroken,
    CommitmentHandedOver,
    CommitmentPublished,
    CommitmentTakenOver,
    CompensationDecided,
    ProgressReported,
    contract_stream,
)
from ledger.domain.commitment_terms import Contract, Every, Ground, Kind, Milestone, Period, Recurrence
from tests.domain.promises import (
    BROKEN,
    CHANGED,
    CLAIMED,
    CONTINUOUS,
    GRANTED,
    KEPT,
    KEPT_LATE,
    LATE,
    MADE,
    OPEN,
    PAID,
    PARTLY,
    PROGRESS,
    PUBLISHED,
    REPORT,
    TOMORROW,
    WITHDRAWN,
    YEARLY,
    broken,
    claimed,
    granted,
    promised,
)
from tests.domain.scenario import (
    APPRAISER,
    BUREAU,
    CITY,
    CREDIT,
    FIRM,
    HEIR,
    PAPER,
    PARTNER,
    STRANGER,
    UNKNOWN,
    given,
    said,
    succeeded,
)
from tests.domain.wrong import Wrong

CONTRACT = replace(OPEN, kind=Kind.CONTRACT, contract=Contract("招商〔2025〕7号", FIRM, 100_00, date(2025, 1, 6)))
SIGNED = given().at(contract_stream(CITY, "招商〔2025〕7号"))
ELSEWHERE = given().at("commitment/0198c5a2-0000-7000-8000-000000000002")
HANDED = CommitmentHandedOver("第五届政府届满", "余款未付", date(2026, 3, 1))
MERGED = promised().amid(succeeded(CITY, HEIR))
TAKEN = MERGED.having(said(CommitmentTakenOver(CITY, HEIR), HEIR, PAPER))
REPORTED = promised().having(said(REPORT, CITY))
SETTLED = REPORTED.having(said(KEPT, APPRAISER))
LATER = promised(replace(MADE, due=date(2026, 12, 31)))
ENDED = promised().having(said(WITHDRAWN, CITY, PAPER))
CONTINUED = promised(CONTINUOUS)
RECURRING = promised(YEARLY)
STAGED = promised(replace(MADE, milestones=(Milestone(date(2025, 6, 30), "过半"),)))
HALF = date(2025, 6, 30)
MADE_GOOD = RECURRING.having(said(replace(KEPT, occurrence=HALF, completed_on=date(2025, 6, 1)), APPRAISER, PAPER))
BROKEN_HALF = RECURRING.having(said(replace(BROKEN, occurrence=HALF), CREDIT, PAPER))
REFUSED = claimed().having(said(CompensationDecided("c1", "损失不实"), CITY, PAPER))
SOME_PAID = granted().having(said(PAID, CITY, PAPER))

WRONG = (
    # --- made
    Wrong("a firm promises for the city", given(), said(MADE, FIRM, PAPER), "commitment.signer"),
    Wrong("the office records a promise, no document", given(), said(MADE, CREDIT), "commitment.basis"),
    Wrong("an unknown body leads", given(), said(replace(MADE, lead=(UNKNOWN,)), CITY), "commitment.known"),
    Wrong(
        "milestone after the due day",
        given(),
        said(replace(MADE, milestones=(Milestone(date(2026, 1, 1), "过半"),)), CITY),
        "commitment.schedule",
    ),
    Wrong(
        "published tomorrow",
        given(),
        said(replace(MADE, published=(replace(PUBLISHED.publication, on=TOMORROW),)), CITY),
        "commitment.future",
    ),
    Wrong(
        "a contract without its contract", given(), said(replace(CONTRACT, contract=None), CITY), "commitment.contract"
    ),
    Wrong("a contract in another stream", ELSEWHERE, said(CONTRACT, CITY), "commitment.contract-stream"),
    Wrong("the same contract again", SIGNED.having(said(CONTRACT, CITY)), said(CONTRACT, CITY), "commitment.made-once"),
    Wrong("the same promise again", promised(), said(MADE, CITY), "commitment.made-once"),
    # --- before anything was promised
    Wrong("published before it is made", given(), said(PUBLISHED, CITY, PAPER), "commitment.unmade"),
    Wrong("handed over before it is made", given(), said(HANDED, CITY, PAPER), "commitment.unmade"),
    Wrong(
        "taken over before it is made", given(), said(CommitmentTakenOver(CITY, HEIR), HEIR, PAPER), "commitment.unmade"
    ),
    Wrong("progress before it is made", given(), said(PROGRESS, CITY), "commitment.unmade"),
    Wrong("reported before it is made", given(), said(REPORT, CITY), "commitment.unmade"),
    Wrong("judged before it is made", given(), said(KEPT, APPRAISER, PAPER), "commitment.unmade"),
    Wrong("broken before it is made", given(), said(BROKEN, APPRAISER, PAPER), "commitment.unmade"),
    Wrong("changed before it is made", given(), said(CHANGED, CITY, PAPER), "commitment.unmade"),
    Wrong("claimed before it is made", given(), said(CLAIMED, FIRM), "commitment.unmade"),
    Wrong("compensation granted before it is made", given(), said(GRANTED, CITY, PAPER), "commitment.unmade"),
    Wrong("compensation paid before it is made", given(), said(PAID, CITY, PAPER), "commitment.unmade"),
    # --- published, handed over, taken over
    Wrong("a stranger publishes for it", promised(), said(PUBLISHED, STRANGER, PAPER), "commitment.signer"),
    Wrong("published without proof", promised(), said(PUBLISHED, CITY), "commitment.basis"),
    Wrong(
        "published tomorrow",
        promised(),
        said(CommitmentPublished(replace(PUBLISHED.publication, on=TOMORROW)), CITY, PAPER),
        "commitment.future",
    ),
    Wrong("a firm hands over", promised(), said(HANDED, FIRM, PAPER), "commitment.signer"),
    Wrong("handed over without a report", promised(), said(HANDED, CITY), "commitment.basis"),
    Wrong("handed over tomorrow", promised(), said(replace(HANDED, on=TOMORROW), CITY, PAPER), "commitment.future"),
    Wrong(
        "no succession in the ledger",
        promised(),
        said(CommitmentTakenOver(CITY, HEIR), HEIR, PAPER),
        "commitment.succession",
    ),
    Wrong(
        "taken over from one without a duty",
        promised(),
        said(CommitmentTakenOver(STRANGER, HEIR), HEIR, PAPER),
        "commitment.predecessor",
    ),
    Wrong(
        "taken over by nobody known",
        promised(),
        said(CommitmentTakenOver(CITY, UNKNOWN), CREDIT, PAPER),
        "commitment.known",
    ),
    Wrong(
        "a stranger records the take-over",
        promised(),
        said(CommitmentTakenOver(CITY, HEIR), STRANGER, PAPER),
        "commitment.signer",
    ),
    Wrong("taken over without a document", promised(), said(CommitmentTakenOver(CITY, HEIR), HEIR), "commitment.basis"),
    # --- progress and reports
    Wrong("a stranger reports progress", promised(), said(PROGRESS, STRANGER, PAPER), "commitment.signer"),
    Wrong("progress by the office, no document", promised(), said(PROGRESS, CREDIT), "commitment.basis"),
    Wrong(
        "a period that ends before it starts",
        promised(),
        said(ProgressReported("进展", PAPER, period=Period(date(2026, 2, 1), date(2026, 1, 1))), CITY),
        "commitment.period",
    ),
    Wrong(
        "progress of tomorrow",
        promised(),
        said(ProgressReported("进展", PAPER, period=Period(date(2026, 2, 1), TOMORROW)), CITY),
        "commitment.future",
    ),
    Wrong(
        "a supporting body reports the result",
        promised(replace(MADE, responsible=(), supporting=(PARTNER,))),
        said(REPORT, PARTNER),
        "commitment.signer",
    ),
    Wrong("done tomorrow", promised(), said(replace(REPORT, completed_on=TOMORROW), CITY), "commitment.future"),
    Wrong("which day of the recurrence", RECURRING, said(REPORT, CITY), "commitment.occurrence"),
    Wrong(
        "a day that the plan has not",
        STAGED,
        said(replace(REPORT, occurrence=date(2025, 7, 1)), CITY),
        "commitment.occurrence",
    ),
    Wrong("progress of what is settled", SETTLED, said(PROGRESS, CITY), "commitment.fulfilled"),
    Wrong("reported again though settled", SETTLED, said(REPORT, CITY), "commitment.fulfilled"),
    Wrong(
        "a settled day reported again", MADE_GOOD, said(replace(REPORT, occurrence=HALF), CITY), "commitment.fulfilled"
    ),
    # --- judged
    Wrong("the promiser judges itself", REPORTED, said(KEPT, CITY), "commitment.independent"),
    Wrong(
        "the successor judges its own duty",
        TAKEN,
        said(KEPT, HEIR, PAPER),
        "commitment.independent",
    ),
    Wrong("a stranger judges", REPORTED, said(KEPT, STRANGER), "commitment.judge"),
    Wrong("judged without report or document", promised(), said(KEPT, APPRAISER), "commitment.evidence"),
    Wrong("late called in time", REPORTED, said(replace(KEPT, completed_on=LATE), APPRAISER), "commitment.outcome"),
    Wrong("completed tomorrow", REPORTED, said(replace(KEPT, completed_on=TOMORROW), APPRAISER), "commitment.future"),
    Wrong("partly fulfilled before its day", LATER, said(PARTLY, APPRAISER, PAPER), "commitment.early"),
    Wrong("an open promise kept late", promised(OPEN), said(KEPT_LATE, APPRAISER, PAPER), "commitment.outcome"),
    Wrong("judged again though settled", SETTLED, said(KEPT, APPRAISER), "commitment.fulfilled"),
    Wrong("a recurring duty judged as a whole", RECURRING, said(KEPT, APPRAISER, PAPER), "commitment.occurrence"),
    Wrong(
        "a settled day judged again",
        MADE_GOOD,
        said(replace(KEPT, occurrence=HALF), APPRAISER, PAPER),
        "commitment.fulfilled",
    ),
    Wrong(
        "the lead body finds no breach of its own", promised(), said(BROKEN, BUREAU, PAPER), "commitment.independent"
    ),
    Wrong("a firm finds a breach", promised(), said(BROKEN, FIRM, PAPER), "commitment.judge"),
    Wrong("a breach without a document", promised(), said(BROKEN, CREDIT), "commitment.basis"),
    Wrong("broken after it was kept", SETTLED, said(BROKEN, CREDIT, PAPER), "commitment.fulfilled"),
    Wrong("broken twice", broken(), said(BROKEN, CREDIT, PAPER), "commitment.broken-once"),
    Wrong(
        "a day broken twice",
        BROKEN_HALF,
        said(replace(BROKEN, occurrence=HALF), CREDIT, PAPER),
        "commitment.broken-once",
    ),
    Wrong("which day was broken", RECURRING, said(BROKEN, CREDIT, PAPER), "commitment.occurrence"),
    # --- changed
    Wrong(
        "a new government as the ground",
        promised(),
        said(replace(CHANGED, ground=Ground.CHANGE_OF_GOVERNMENT), CITY, PAPER),
        "commitment.ground",
    ),
    Wrong(
        "a new person in charge as the ground of a contract",
        SIGNED.having(said(CONTRACT, CITY)),
        said(replace(CHANGED, ground=Ground.CHANGE_OF_PERSON), CITY, PAPER),
        "commitment.ground",
    ),
    Wrong(
        "a new government as the ground, after the take-over",
        TAKEN,
        said(replace(WITHDRAWN, ground=Ground.CHANGE_OF_GOVERNMENT), HEIR, PAPER),
        "commitment.ground",
    ),
    Wrong(
        "a responsible body changes the city's promise", promised(), said(CHANGED, PARTNER, PAPER), "commitment.signer"
    ),
    Wrong("changed without a document", promised(), said(CHANGED, CITY), "commitment.basis"),
    Wrong(
        "another ground without its law",
        promised(),
        said(replace(CHANGED, ground=Ground.OTHER_STATUTORY), CITY, PAPER),
        "commitment.statute",
    ),
    Wrong(
        "a change decided tomorrow",
        promised(),
        said(replace(CHANGED, decided_on=TOMORROW), CITY, PAPER),
        "commitment.future",
    ),
    Wrong(
        "a change that changes nothing", promised(), said(replace(CHANGED, due=None), CITY, PAPER), "commitment.change"
    ),
    Wrong("a due day for a recurrence", RECURRING, said(CHANGED, CITY, PAPER), "commitment.change"),
    Wrong(
        "a new day before its milestones",
        STAGED,
        said(replace(CHANGED, due=date(2025, 6, 1)), CITY, PAPER),
        "commitment.schedule",
    ),
    Wrong("a change that undoes a breach", broken(), said(CHANGED, CITY, PAPER), "commitment.change-after-judgement"),
    Wrong("a change of what was kept", SETTLED, said(CHANGED, CITY, PAPER), "commitment.fulfilled"),
    Wrong(
        "a recurrence for a one-off promise",
        CONTINUED,
        said(replace(CHANGED, due=None, recurrence=Recurrence(every=Every.QUARTER)), CITY, PAPER),
        "commitment.change",
    ),
    Wrong("progress after the withdrawal", ENDED, said(PROGRESS, CITY), "commitment.withdrawn"),
    Wrong("reported after the withdrawal", ENDED, said(REPORT, CITY), "commitment.withdrawn"),
    Wrong("judged after the withdrawal", ENDED, said(KEPT, APPRAISER, PAPER), "commitment.withdrawn"),
    Wrong(
        "broken after the withdrawal", ENDED, said(CommitmentBroken("未履行"), CREDIT, PAPER), "commitment.withdrawn"
    ),
    Wrong("withdrawn twice", ENDED, said(WITHDRAWN, CITY, PAPER), "commitment.withdrawn"),
    Wrong("published after the withdrawal", ENDED, said(PUBLISHED, CITY, PAPER), "commitment.withdrawn"),
    # --- compensation
    Wrong("a claim without change or breach", promised(), said(CLAIMED, FIRM), "commitment.claim-cause"),
    Wrong(
        "the promiser claims from itself", broken(), said(replace(CLAIMED, claimant=CITY), CITY), "commitment.claimant"
    ),
    Wrong("the claim of another", broken(), said(CLAIMED, STRANGER, PAPER), "commitment.signer"),
    Wrong("claimed for a firm without a document", broken(), said(CLAIMED, CREDIT), "commitment.basis"),
    Wrong("an unknown claimant", broken(), said(replace(CLAIMED, claimant=UNKNOWN), CREDIT, PAPER), "commitment.known"),
    Wrong("the same claim again", claimed(), said(CLAIMED, FIRM), "commitment.claim-new"),
    Wrong("the claimant decides its claim", claimed(), said(GRANTED, FIRM, PAPER), "commitment.signer"),
    Wrong("granted without a document", claimed(), said(GRANTED, CITY), "commitment.basis"),
    Wrong(
        "granted more than was claimed",
        claimed(),
        said(replace(GRANTED, granted=501_00), CITY, PAPER),
        "commitment.granted",
    ),
    Wrong("no such claim", claimed(), said(replace(GRANTED, claim="c9"), CITY, PAPER), "commitment.claim"),
    Wrong("decided twice", granted(), said(GRANTED, CITY, PAPER), "commitment.decided-once"),
    Wrong("paid before it is decided", claimed(), said(PAID, CITY, PAPER), "commitment.paid"),
    Wrong("paid though it was refused", REFUSED, said(PAID, CITY, PAPER), "commitment.paid"),
    Wrong("paid more than is left", SOME_PAID, said(replace(PAID, amount=201_00), CITY, PAPER), "commitment.paid"),
    Wrong("paid without a voucher", granted(), said(PAID, CITY), "commitment.basis"),
    Wrong("the claimant says that it was paid", granted(), said(PAID, FIRM, PAPER), "commitment.signer"),
    Wrong("paid tomorrow", granted(), said(replace(PAID, paid_on=TOMORROW), CITY, PAPER), "commitment.future"),
    Wrong("paid on no such claim", granted(), said(replace(PAID, claim="c9"), CITY, PAPER), "commitment.claim"),
)
