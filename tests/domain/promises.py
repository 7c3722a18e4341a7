"""Promises and what is said about them: the sample facts of the tests of commitments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from ledger.domain.commitment import (
    CommitmentBroken,
    CommitmentLawfullyChanged,
    CommitmentMade,
    CommitmentPublished,
    CompensationClaimed,
    CompensationDecided,
    CompensationPaid,
    FulfilmentAppraised,
    FulfilmentReported,
    ProgressReported,
)
from ledger.domain.commitment_terms import (
    Area,
    Channel,
    Ground,
    Kind,
    Outcome,
    Procedure,
    ProcedureStep,
    Publication,
    Recurrence,
)
from tests.domain.scenario import (
    BUREAU,
    CITY,
    CREDIT,
    FIRM,
    PAPER,
    PARTNER,
    TODAY,
    Saying,
    Scenario,
    given,
    said,
)

FIVE = "YC 二(四)16; DH 三(四); HS 五(五); TA-A 二(三)9; YN 三(四)"
TOMORROW = TODAY + timedelta(1)
DUE = date(2025, 12, 31)
LATE = date(2026, 1, 15)
IN_TIME = date(2025, 12, 1)

MADE = CommitmentMade(
    "限时办结", "行政许可事项承诺时限压缩 50%。", Kind.TIME_LIMIT, Area.GENERAL, CITY, (BUREAU,), (PARTNER,), due=DUE
)
YEARLY = replace(MADE, due=None, recurrence=Recurrence(("06-30", "12-31"), start=date(2025, 1, 1)))
OPEN = replace(MADE, due=None)
CONTINUOUS = replace(OPEN, continuous=True)
REPORT = FulfilmentReported(IN_TIME, PAPER)
PROGRESS = ProgressReported("系统已上线试运行", PAPER, percent=60)
KEPT = FulfilmentAppraised(Outcome.FULFILLED, "抽查 40 件，全部限时办结", IN_TIME)
KEPT_LATE = FulfilmentAppraised(Outcome.FULFILLED_LATE, "次年一月办结", LATE)
PARTLY = FulfilmentAppraised(Outcome.PARTLY_FULFILLED, "仅完成三成")
BROKEN = CommitmentBroken("到期未履行，经催告仍未履行")
STEPS = (ProcedureStep(Procedure.COLLECTIVE_DECISION, date(2026, 2, 1)),)
CHANGED = CommitmentLawfullyChanged(
    Ground.PUBLIC_INTEREST, "市政府常务会议", STEPS, date(2026, 2, 1), "防汛抢险占用资金", due=date(2026, 12, 31)
)
WITHDRAWN = replace(CHANGED, due=None, withdrawn=True)
CLAIMED = CompensationClaimed("c1", FIRM, 500_00, "已投入设备款")
GRANTED = CompensationDecided("c1", "损失属实", 300_00)
PAID = CompensationPaid("c1", 100_00, date(2026, 3, 1))
PUBLISHED = CommitmentPublished(Publication(Channel.GOVERNMENT_PORTAL, "政府信息公开专栏", date(2026, 1, 4)))


def made(fact: CommitmentMade = MADE, by: str = CITY, **more: Any) -> Saying:
    """The promise, by its promiser."""
    return said(fact, by, **more)


def promised(fact: CommitmentMade = MADE) -> Scenario:
    """A stream with just the promise."""
    return given(made(fact))


def broken() -> Scenario:
    """A promise that was found broken."""
    return promised().having(said(BROKEN, CREDIT, PAPER))


def claimed() -> Scenario:
    """A broken promise, for which a firm claims."""
    return broken().having(said(CLAIMED, FIRM))


def granted() -> Scenario:
    """A claim that was granted."""
    return claimed().having(said(GRANTED, CITY, PAPER))
