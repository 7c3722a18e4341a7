"""Complaints for tests: valid sayings by name in their usual order; ``complained(...)`` is a stream with a history."""

from __future__ import annotations

from datetime import date

from ledger.domain.commitment_terms import Area
from ledger.domain.complaint import facts as f
from ledger.domain.complaint.terms import Channel, Matter, Resolution, Unfounded
from ledger.domain.event import Document
from tests.domain.records import HOTLINE, RECORD, RECORD_WORLD, SUBJECT, SUPERIOR, policy
from tests.domain.scenario import CREDIT, Saying, Scenario, said

COMPLAINT = "complaint/0198c5a2-0000-7000-8000-000000000031"
EARLIER = "complaint/0198c5a2-0000-7000-8000-000000000032"
TODAY = date(2026, 6, 1)
SEAL = tuple(sorted((f"{'A' * 42}A", f"{'B' * 42}A", f"{'C' * 42}A")))
NOTICE = (Document("受理案件通知书", "ab" * 32, "示民初〔2026〕1号", "示例市人民法院", date(2026, 5, 6)),)


def complained(*sayings: Saying, packs: tuple[str, ...] = ()) -> Scenario:
    """A complaint's stream with a history, under the national pack and those named, the nearest first."""
    policies = tuple(policy(name) for name in (*packs, "national"))
    return Scenario(COMPLAINT, RECORD_WORLD, (), policies).having(*sayings)


def complaint(**more: object) -> f.ComplaintReceived:
    """A complaint about a contract that was not kept, with what is given otherwise."""
    known: dict[str, object] = {"accused": SUBJECT, "area": Area.INVESTMENT_PROMOTION, "sealed": SEAL}
    about = {"number": "2026-0001", "channel": Channel.HOTLINE_12345, "matter": Matter.CONTRACT}
    return f.ComplaintReceived(**{**about, "received_on": date(2026, 5, 6), **known, **more})  # type: ignore[arg-type]


TRUE = f.ComplaintAnswered(True, "经核实，尾款至今未付")
UNTRUE = f.ComplaintAnswered(False, "经核实，款项已付清", Unfounded.PERFORMED)

RECEIVED = said(complaint(), HOTLINE, on=date(2026, 5, 7))
ACCEPTED = said(f.ComplaintAccepted(), HOTLINE, on=date(2026, 5, 8))
TRANSFERRED = said(f.ComplaintTransferred(SUPERIOR, date(2026, 5, 25)), HOTLINE, on=date(2026, 5, 8))
URGED = said(f.ComplaintUrged("请按期答复"), HOTLINE, on=date(2026, 5, 20))
ANSWERED = said(TRUE, SUPERIOR, on=date(2026, 5, 22))
DENIED = said(UNTRUE, SUPERIOR, on=date(2026, 5, 22))
SUBSTANTIATED = said(f.ComplaintSubstantiated(RECORD, "合同尾款逾期未付"), HOTLINE, on=date(2026, 5, 25))
UNSUBSTANTIATED = said(f.ComplaintUnsubstantiated(Unfounded.PERFORMED, "款项已付清"), HOTLINE, on=date(2026, 5, 25))
SATISFIED = said(f.ComplaintCalledBack(True, date(2026, 5, 26)), HOTLINE, on=date(2026, 5, 26))
DISSATISFIED = said(f.ComplaintCalledBack(False, date(2026, 5, 26)), HOTLINE, on=date(2026, 5, 26))
INCIDENT = said(f.IncidentOpened(SUPERIOR, (CREDIT,)), CREDIT, on=date(2026, 5, 26))
RESOLVED = said(f.IncidentResolved(Resolution.PERFORMED, "尾款已付清"), SUPERIOR, on=date(2026, 5, 28))

TAKEN_UP = (RECEIVED, ACCEPTED)
SENT = (*TAKEN_UP, TRANSFERRED)
