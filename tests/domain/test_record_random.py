"""Whatever way a record's case goes, under whichever city's rules: what is offered is admitted, and nothing else is.

A run draws the packs and an opening, then again and again one of the offered events, said as its exemplar, by one of
the roles that may say it, after some days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any, get_args

from hypothesis import event, given, settings
from hypothesis import strategies as st

from ledger.domain import steps
from ledger.domain.codec import decode, encode
from ledger.domain.kinds import fold
from ledger.domain.policy import view
from ledger.domain.record import course_facts as c
from ledger.domain.record import facts as f
from ledger.domain.record import remedy_facts as r
from ledger.domain.record.remedies import Penalty
from ledger.domain.record.remedy_terms import Hold, LiftReason
from ledger.domain.record.rules import STEPS, offers
from ledger.domain.record.state import Standing
from tests.domain import exemplars
from tests.domain.penalties import OFFICIAL
from tests.domain.records import PERSON, RECORD
from tests.domain.running import FIRST, PACKS, Field, Run
from tests.domain.scenario import Saying

FIELD = Field(RECORD, STEPS, offers, {PERSON: OFFICIAL})
RECORDED: tuple[Any, ...] = (f.LeadReceived, f.LeadVerified, f.BreachRecognised, f.SeverityGraded)
SHOWN = (c.RecordPublished, c.RecordShared)
OPENINGS: Mapping[str, tuple[Any, ...]] = {
    "recorded": RECORDED,
    "nothing": (),
    "punished and objected": (*RECORDED, r.PenaltyImposed, *SHOWN, r.ObjectionFiled, r.ObjectionAccepted),
    "tolerated": (*RECORDED, r.PenaltyImposed, *SHOWN, c.ToleranceDetermined),
    "asked": (*RECORDED, r.ObjectionFiled, r.ObjectionAccepted, r.VerificationRequested, r.PenaltyImposed),
    "appealed": (*RECORDED, r.PenaltyImposed, *SHOWN, r.AppealFiled),
    "rectified": (*RECORDED, c.RectificationOrdered, c.RectificationReported, c.RectificationVerified),
    "overdue": (*RECORDED, c.RectificationOrdered, 30, c.RectificationFoundOverdue),
    "repairing": (
        *(*RECORDED, r.PenaltyImposed, *SHOWN, c.RectificationReported, c.RectificationVerified, 100),
        *(r.PenaltyImposed, r.RepairApplied, r.RepairAccepted),
    ),
    "repaired": (
        *(*RECORDED, r.PenaltyImposed, *SHOWN, c.RectificationReported, c.RectificationVerified, 100),
        *(r.RepairApplied, r.RepairAccepted, r.RepairGranted),
    ),
}
"""What came first: events as far as they are offered, and days. So the runs come far."""
ENDS = (f.LeadClosed, c.RecordWithdrawn, c.CaseClosed, r.PunishmentWaived)
DECISIONS = (r.ObjectionAccepted, r.ObjectionUpheld, r.ObjectionDismissed, r.AppealDecided, r.RepairGranted)
REMEDIES = frozenset(get_args(r.Fact))

DAYS = [FIRST, date(2026, 1, 5), date(2023, 6, 1)]
"""First days of a case: under Order 36, shortly before it and long before, under Order 58."""

packs = st.sampled_from([*PACKS, *["huangshi"] * 3])
"""Huangshi more often than others: there penalties wait for objections."""


def weight(offer: steps.Offer) -> int:
    """Penalties and remedies come more often than the rest, decisions of them most often, ends least."""
    cls = FIELD.cls(offer.event)
    return 1 if cls in ENDS else 16 if cls in DECISIONS else 6 if cls in REMEDIES else 2


def played(pack: str, data: st.DataObject) -> Iterator[Run]:
    """A run, at its beginning and after each of its steps."""
    run = Run(FIELD, pack, Random(data.draw(st.integers(0, 2**20), label="content")).choice)
    run.today = data.draw(st.sampled_from(DAYS), label="first day")
    yield run
    for part in OPENINGS[data.draw(st.sampled_from(list(OPENINGS)), label="opening")]:
        run.today += timedelta(part if isinstance(part, int) else 0)
        offer = next((o for o in run.offered() if FIELD.cls(o.event) is part), None)
        if offer:
            run.say(run.saying(part, offer.item, run.roles(offer)[-1], exemplars.first))
            yield run
    for _ in range(data.draw(st.integers(5, 20), label="steps")):
        run.today += timedelta(data.draw(st.sampled_from([0, 0, 0, 1, 3, 20, 100, 400]), label="days"))
        offered = [o for o in run.offered() for _ in range(weight(o))]
        if not offered:
            return
        offer = data.draw(st.sampled_from(offered), label="offer")
        role = data.draw(st.sampled_from(run.roles(offer)), label="role")
        run.say(run.saying(FIELD.cls(offer.event), offer.item, role))
        event(offer.event)
        yield run


@given(packs, st.data())
def test_every_offered_event_is_admitted_and_no_other(pack: str, data: st.DataObject) -> None:
    for run in played(pack, data):
        run.check_offers()


@given(packs, st.data())
def test_no_penalty_is_in_force_where_it_must_not_be(pack: str, data: st.DataObject) -> None:
    """E03 E05 E10 异议处理、核实期间暂不执行联合惩戒措施；修复结果生效后，失信惩戒措施应给予解除。"""
    for run in played(pack, data):
        state, today = run.state, run.today
        if state.standing is not Standing.RECORDED:
            assert state.in_force(today) == (), run.told()
            assert not state.is_published(today), run.told()
            assert not state.shared, run.told()
        if run.view.flag("objection.suspends"):
            for filed in (o.filed.fact for o in state.objections if o.is_open):
                assert not [p for p in state.in_force(today) if filed.penalty in {None, p.id}], run.told()
        for penalty in state.penalties:
            check_penalty(run, penalty)
        check_decisions(run)


def check_decisions(run: Run) -> None:
    """What was decided has happened: the record fell, its penalties are lifted."""
    state = run.state
    decisions = [s.decided.fact for s in (*state.objections, *state.appeals) if s.decided]
    for fact in decisions:
        assert not getattr(fact, "withdraw", False) or state.withdrawn, run.told()
        for item in getattr(fact, "lift", ()):
            assert state.penalty(item).lifted, run.told()
    if state.recognised and any(t.fact.tolerated for t in state.tolerance):
        assert state.withdrawn, run.told()


def check_penalty(run: Run, penalty: Penalty) -> None:
    """Its measure was on the list, what holds it is not over, and why it was lifted is so."""
    state, imposed = run.state, penalty.imposed
    assert view(run.rules, imposed.day).get(f"measure.{imposed.fact.measure}") is not None
    assert len(set(penalty.holds)) == len(penalty.holds)
    for hold, item in penalty.holds if penalty.is_live(run.today) else ():
        assert hold is not Hold.OBJECTION or state.objection(item).is_open, run.told()
        assert hold is not Hold.STAY or state.appeal(item).decided is None, run.told()
    reason = penalty.lifted.fact.reason if penalty.lifted else None
    if reason is LiftReason.REPAIRED:
        assert any(x.granted for x in state.repairs)
    elif reason is LiftReason.WITHDRAWN:
        assert state.withdrawn


@settings(max_examples=50)
@given(packs, st.data())
def test_the_same_history_gives_the_same_state_and_each_day_its_own(pack: str, data: st.DataObject) -> None:
    """Byte for byte, by folding and by saying it again; and what is folded to a place is what was seen there."""
    seen: dict[int, str] = {}
    for run in played(pack, data):
        seen[len(run.history)] = repr(run.state)
    again = Run(FIELD, pack)
    for recorded in run.history:
        e = recorded.event
        assert decode(type(e.fact), encode(e.fact)) == e.fact
        if e.cause is None:
            again.say(Saying(e.fact, e.iss, e.basis, recorded.at.date()))
    assert [x.event for x in again.history] == [x.event for x in run.history]
    assert repr(again.state) == repr(run.state)
    for length, state in seen.items():
        assert repr(fold(RECORD, run.history[:length])) == state


def test_every_event_that_can_be_submitted_has_an_exemplar() -> None:
    assert {cls.__name__ for cls in FIELD.submitted if cls not in exemplars.covered()} == set()
