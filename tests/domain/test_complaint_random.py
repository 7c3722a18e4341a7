"""What is offered is what is admitted: from any reachable state of a complaint, whatever the order of events."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.complaint import facts as f
from ledger.domain.complaint.rules import offers
from ledger.domain.complaint.state import Complaint
from ledger.domain.complaint.terms import Refusal, Resolution, Unfounded
from ledger.domain.event import Document
from ledger.domain.event import Event as Signed
from ledger.domain.roles import CaseRole
from ledger.domain.seal_terms import Ground, Purpose
from ledger.domain.seals import SealErased, SealOpened
from ledger.errors import RuleError
from tests.domain.complaints import NOTICE, TODAY, TRUE, UNTRUE, complained, complaint
from tests.domain.records import HOTLINE, RECOGNISER, RECORD, SUPERIOR
from tests.domain.scenario import CREDIT, PAPER, Saying

WORLD = complained()
SAYINGS = (
    (complaint(), HOTLINE, ()),
    (complaint(anonymous=True, sealed=()), HOTLINE, ()),
    (f.ComplaintAccepted(), HOTLINE, ()),
    (f.ComplaintRefused(Refusal.IN_LITIGATION, "法院已立案"), HOTLINE, NOTICE),
    (f.ComplaintTransferred(SUPERIOR, TODAY), HOTLINE, ()),
    (f.ComplaintTransferred(RECOGNISER, TODAY), HOTLINE, ()),
    (f.ComplaintUrged("请答复"), HOTLINE, ()),
    (TRUE, SUPERIOR, ()),
    (TRUE, RECOGNISER, ()),
    (UNTRUE, SUPERIOR, ()),
    (UNTRUE, RECOGNISER, ()),
    (f.ComplaintSubstantiated(RECORD, "尾款未付"), HOTLINE, ()),
    (f.ComplaintUnsubstantiated(Unfounded.PERFORMED, "已付"), HOTLINE, ()),
    (f.ComplaintCalledBack(True, TODAY), HOTLINE, ()),
    (f.ComplaintCalledBack(False, TODAY), HOTLINE, ()),
    (f.IncidentOpened(SUPERIOR), CREDIT, ()),
    (f.IncidentResolved(Resolution.SETTLED, "另订计划"), SUPERIOR, ()),
    (f.ComplaintClosed(), HOTLINE, ()),
    (SealOpened(("contact",), CaseRole.HOTLINE, Purpose.COMPLAINT, "2026-0001"), HOTLINE, ()),
    (SealErased(Ground.SUBJECT_REQUEST), HOTLINE, PAPER),
)
"""For each event at least one saying that is right wherever the event may come."""


def sayings() -> Iterator[Saying]:
    """All of them, on one day."""
    for fact, by, basis in SAYINGS:
        papers: tuple[Document, ...] = basis
        yield Saying(fact, by, papers, TODAY)


def admitted(state: Complaint, number: int) -> list[Saying]:
    """Those that may be said now."""
    found = []
    for saying in sayings():
        try:
            WORLD.judge(state, saying, number)
        except RuleError:
            continue
        found.append(saying)
    return found


@given(st.lists(st.integers(0, 1000), max_size=14))
def test_every_event_offered_is_admitted_and_no_other(choices: list[int]) -> None:
    """H02 H10 统一受理、转办、督促、回访：可作的下一步与准予记载的一致。"""
    state = WORLD.state
    for number, choice in enumerate(choices):
        now = admitted(state, number)
        event: Signed = WORLD.event(Saying(f.IncidentOpened(SUPERIOR, (RECOGNISER,)), CREDIT), number)
        offered = {offer.event for offer in offers(state, WORLD.rules(state, event), TODAY)}
        assert {type(saying.fact).__name__ for saying in now} == offered
        if not now:
            assert state.closed or state.refused
            return
        state = WORLD.grown(state, now[choice % len(now)], number)
