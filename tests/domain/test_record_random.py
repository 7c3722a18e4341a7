"""Whatever way a record's case goes, under whichever city's rules: what is offered is admitted, and nothing else is.

A run draws the packs, then again and again one of the offered events, said as its exemplar, by one of the roles that
may say it, after some days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any, get_args

from hypothesis import event, given, settings
from hypothesis import strategies as st

from ledger.domain import steps
from ledger.domain.codec import decode, encode
from ledger.domain.event import Recorded, Rules
from ledger.domain.kinds import fold
from ledger.domain.policy import view
from ledger.domain.record import course_facts as c
from ledger.domain.record import facts as f
from ledger.domain.record import remedy_facts as r
from ledger.domain.record.remedies import Penalty
from ledger.domain.record.remedy_terms import LiftReason
from ledger.domain.record.rules import STEPS, offers
from ledger.domain.record.state import EMPTY, Record, Standing
from ledger.domain.roles import CaseRole
from ledger.errors import RuleError
from tests.domain import exemplars
from tests.domain.exemplars import CASES, WORLD
from tests.domain.records import RECORD, policy
from tests.domain.scenario import LEDGER, Saying, Scenario, noon

PACKS = sorted(
    p.stem for p in (Path(__file__).parents[2] / "ledger" / "policies").glob("*.toml") if p.stem not in {"calendar"}
)
FIRST = date(2026, 4, 2)
SUBMITTED = [cls for cls, step in STEPS.items() if not step.ledger_only]
Pick = Callable[[Sequence[Any]], Any]


@dataclass
class Run:
    """A case under way: its history, and the state after it."""

    pack: str
    pick: Pick
    state: Record = EMPTY
    today: date = FIRST
    history: list[Recorded] = field(default_factory=list)

    def __post_init__(self) -> None:
        layers = () if self.pack == "national" else (policy(self.pack),)
        self.scenario = Scenario(RECORD, WORLD, (), (*layers, policy("national")), CASES)
        self.rules = Rules(WORLD, CASES, self.scenario.policies)

    @property
    def view(self) -> Any:
        """The rules of this day."""
        return view(self.rules, self.today)

    def offered(self) -> list[steps.Offer]:
        """What may come today."""
        return list(offers(self.state, self.rules, self.today))

    def saying(self, cls: type, item: str | None, role: CaseRole, pick: Pick | None = None) -> Saying:
        """The exemplar as a saying of today."""
        made = exemplars.exemplar(cls, self.state, self.rules, self.view, self.today, item, role, pick or self.pick)
        return Saying(*made, self.today)

    def judge(self, saying: Saying) -> RuleError | None:
        """Why a saying is refused; None where it is admitted."""
        try:
            self.scenario.judge(self.state, saying, len(self.history))
        except RuleError as error:
            return error
        return None

    def say(self, saying: Saying) -> None:
        """It is said, and the ledger states all that follows from it, in the same order as the ledger does."""
        queue = [saying]
        while queue:
            now = queue.pop(0)
            number = len(self.history)
            more = self.scenario.judge(self.state, now, number)
            recorded = Recorded(self.scenario.event(now, number), "kid", number, noon(now.on), "00" * 32)
            self.state = fold_one(self.state, recorded)
            self.history.append(recorded)
            queue += [Saying(x.fact, LEDGER, on=now.on, cause=recorded.event.jti) for x in more if x.stream == RECORD]


def fold_one(state: Record, recorded: Recorded) -> Record:
    """One more event."""
    return Scenario(RECORD).grown(state, Saying(recorded.event.fact, recorded.event.iss, on=recorded.at.date()))


RECORDED: tuple[Any, ...] = (f.LeadReceived, f.LeadVerified, f.BreachRecognised, f.SeverityGraded)
SHOWN = (c.RecordPublished, c.RecordShared)
OPENINGS: Mapping[str, tuple[Any, ...]] = {
    "recorded": RECORDED,
    "nothing": (),
    "punished and objected": (*RECORDED, r.PenaltyImposed, *SHOWN, r.ObjectionFiled, r.ObjectionAccepted),
    "asked": (*RECORDED, r.ObjectionFiled, r.ObjectionAccepted, r.VerificationRequested, r.PenaltyImposed),
    "appealed": (*RECORDED, r.PenaltyImposed, *SHOWN, r.AppealFiled),
    "rectified": (*RECORDED, c.RectificationOrdered, c.RectificationReported, c.RectificationVerified),
    "overdue": (*RECORDED, c.RectificationOrdered, 30, c.RectificationFoundOverdue),
    "repairing": (
        *(*RECORDED, r.PenaltyImposed, *SHOWN, c.RectificationReported, c.RectificationVerified, 100),
        *(r.PenaltyImposed, r.RepairApplied, r.RepairAccepted),
    ),
    "repaired": (
        *(*RECORDED, *SHOWN, c.RectificationReported, c.RectificationVerified, 100),
        *(r.RepairApplied, r.RepairAccepted, r.RepairGranted),
    ),
}
"""What came first: events as far as they are offered, and days. So the runs come far."""


def played(pack: str, data: st.DataObject) -> Iterator[Run]:
    """A run, after each of its steps."""
    run = Run(pack, Random(data.draw(st.integers(0, 2**20), label="content")).choice)
    for part in OPENINGS[data.draw(st.sampled_from(list(OPENINGS)), label="opening")]:
        run.today += timedelta(part if isinstance(part, int) else 0)
        offer = next((o for o in run.offered() if CLASSES[o.event] is part), None)
        if offer:
            run.say(run.saying(part, offer.item, roles(run, offer)[-1], exemplars.first))
            yield run
    for _ in range(data.draw(st.integers(5, 20), label="steps")):
        run.today += timedelta(data.draw(st.sampled_from([0, 0, 0, 1, 3, 20, 100, 400]), label="days"))
        offered = [o for o in run.offered() for _ in range(weight(o))]
        if not offered:
            return
        offer = data.draw(st.sampled_from(offered), label="offer")
        role = data.draw(st.sampled_from(roles(run, offer)), label="role")
        run.say(run.saying(CLASSES[offer.event], offer.item, role))
        event(offer.event)
        yield run


ENDS = {"LeadClosed", "RecordWithdrawn", "CaseClosed", "PunishmentWaived"}


def weight(offer: steps.Offer) -> int:
    """Penalties and remedies come more often than the rest, ends less."""
    if offer.event in ENDS:
        return 1
    return 8 if CLASSES[offer.event] in REMEDIES else 2


REMEDIES = frozenset(get_args(r.Fact))
CLASSES = {cls.__name__: cls for cls in STEPS}


def roles(run: Run, offer: steps.Offer) -> list[CaseRole]:
    """The roles that may say it and that somebody has: only an agent who objected has that role."""
    objection = run.state.objection(offer.item)
    is_agent = offer.event == "ObjectionFiled" or (objection is not None and objection.filed.fact.agent is not None)
    return [role for role in offer.roles if role is not CaseRole.AGENT or is_agent]


packs = st.sampled_from(PACKS)


@given(packs, st.data())
def test_every_offered_event_is_admitted_and_no_other(pack: str, data: st.DataObject) -> None:
    for run in chain([Run(pack, exemplars.first)], played(pack, data)):
        offered = {(o.event, o.item): o for o in run.offered()}
        for (name, item), offer in offered.items():
            found = roles(run, offer)
            assert found, f"nobody may say {name}"
            for role in found:
                error = run.judge(run.saying(CLASSES[name], item, role))
                assert error is None, f"{name} {item} by {role} after {names(run)}: {error and error.rule}: {error}"
        for cls, item in candidates(run.state):
            if (cls.__name__, item) not in offered:
                saying = run.saying(cls, item, CaseRole.CREDIT_OFFICE, exemplars.first)
                assert run.judge(saying) is not None, f"{cls.__name__} {item} is admitted after {names(run)}"


def candidates(state: Record) -> Iterator[tuple[type, str | None]]:
    """Every event that somebody may submit, about everything there is and about something that there is not."""
    for cls in SUBMITTED:
        step = STEPS[cls]
        items = (*step.items(state), "none") if step.items else (None,)
        yield from ((cls, item) for item in items)


def names(run: Run) -> list[str]:
    return [recorded.event.name for recorded in run.history]


@given(packs, st.data())
def test_no_penalty_is_in_force_where_it_must_not_be(pack: str, data: st.DataObject) -> None:
    """E03 E05 E10 异议处理、核实期间暂不执行联合惩戒措施；修复结果生效后，失信惩戒措施应给予解除。"""
    for run in played(pack, data):
        state, today = run.state, run.today
        if state.standing in {Standing.WITHDRAWN, Standing.REPAIRED, Standing.LEAD, Standing.ENDED}:
            assert state.in_force(today) == (), names(run)
            assert not state.is_published(today), names(run)
            assert not state.shared, names(run)
        if run.view.flag("objection.suspends"):
            for objection in state.objections:
                if objection.is_open:
                    assert not [p.id for p in state.in_force(today) if concerned(objection.filed.fact, p)], names(run)
        for penalty in state.penalties:
            assert_sound(run, penalty)


def concerned(filed: r.ObjectionFiled, penalty: Penalty) -> bool:
    return filed.penalty in {None, penalty.id}


def assert_sound(run: Run, penalty: Penalty) -> None:
    """Its measure is of the list; what holds it exists; why it was lifted is so."""
    imposed = penalty.imposed
    measure = view(run.rules, imposed.day).get(f"measure.{imposed.fact.measure}")
    assert measure is not None
    assert len(set(penalty.holds)) == len(penalty.holds)
    if penalty.lifted and penalty.lifted.fact.reason is LiftReason.REPAIRED:
        assert any(x.granted for x in run.state.repairs)


@settings(max_examples=50)
@given(packs, st.data())
def test_the_same_history_gives_the_same_state_and_each_day_its_own(pack: str, data: st.DataObject) -> None:
    """Byte for byte; and what is folded to a day is what was seen on that day."""
    seen = {}
    for run in played(pack, data):
        seen[len(run.history)] = repr(run.state)
        for recorded in run.history:
            fact = recorded.event.fact
            assert decode(type(fact), encode(fact)) == fact
        assert repr(fold(RECORD, run.history)) == repr(run.state)
        again = Run(run.pack, exemplars.first)
        for recorded in run.history:
            if recorded.event.cause is None:
                e = recorded.event
                again.say(Saying(e.fact, e.iss, e.basis, recorded.at.date()))
        assert [x.event for x in again.history] == [x.event for x in run.history]
        assert repr(again.state) == repr(run.state)
        for length, state in seen.items():
            assert repr(fold(RECORD, run.history[:length])) == state


def test_every_event_that_can_be_submitted_has_an_exemplar() -> None:
    assert {cls.__name__ for cls in SUBMITTED if cls not in exemplars.covered()} == set()
