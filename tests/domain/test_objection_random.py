"""Whatever is said about a record with penalties, in whatever order: no remedy leaves in force what should not be.

Objections, appeals and repairs take their courses, mixed with each other and with wild sayings; those that are refused
change nothing. What follows from an admitted saying is itself admitted: otherwise it could never be recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any, get_args

from hypothesis import event, given
from hypothesis import strategies as st

from ledger.domain.record import remedy_facts as r
from ledger.domain.record.course_facts import RecipientTold
from ledger.domain.record.penalty import concerns
from ledger.domain.record.remedy_terms import (
    Against,
    AppealOutcome,
    Extent,
    Fault,
    Hold,
    Point,
    RepairRefusal,
    Route,
)
from ledger.domain.record.state import Record, Standing
from ledger.errors import RuleError
from tests.domain.penalties import IMPOSED, NOTICE, RECTIFIED
from tests.domain.records import (
    AGENT,
    CHECKED,
    COURT,
    DECISION,
    GRADED,
    LEAD,
    RECOGNISED,
    RECOGNISER,
    SOURCE,
    SUBJECT,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.remedies import RECORD_FALLS, SEEN, SHARED
from tests.domain.scenario import CREDIT, PARTNER, STRANGER, Saying, Scenario
from tests.domain.test_repair import APPLIED
from tests.strategies import Pool, facts

SOME_DAY = date(2027, 12, 31)
PAPERS = (replace(DECISION[0], dated=date(2026, 5, 26)), NOTICE)
POOL = Pool(bodies=(SUBJECT, SOURCE, PARTNER, CREDIT), days=(date(2026, 5, 20), date(2026, 12, 31)))
NAMES = {"penalty": "pppo", "objection": "ooop", "appeal": "aaao", "repair": "rrra", "item": "poar", "lift": "pppo"}
"""Of which kind the names are that a wild fact uses, mostly the right one."""

Step = tuple[Any, str, int]
"""A fact, who says it, and after how many days."""


@st.composite
def objection(draw: st.DrawFn, name: str, penalty: str) -> list[Step]:
    """An objection from beginning to end, and the restoration that may follow."""
    filed = r.ObjectionFiled(name, (Point.CONTENT,), "有误", DECISION)
    points = draw(st.sampled_from([(Point.CONTENT,), (Point.IDENTITY, Point.PERIOD), (Point.PENALTY,)]))
    by_agent = draw(st.booleans())
    filed = replace(filed, points=points, agent=AGENT if by_agent else None)
    filed = replace(filed, penalty=draw(st.sampled_from([None, penalty])))
    upheld = r.ObjectionUpheld(name, draw(st.sampled_from(Extent)), "经核实有误")
    end = draw(
        st.sampled_from(
            [
                (r.ObjectionDismissed(name, "无误"), CREDIT),
                (r.ObjectionWithdrawn(name), SUBJECT),
                (upheld, CREDIT),
                (replace(upheld, lift=(penalty,)), RECOGNISER),
                (replace(upheld, withdraw=True), CREDIT),
            ]
        )
    )
    return [
        (filed, AGENT if by_agent else SUBJECT, 0),
        (r.ObjectionAccepted(name, SOME_DAY), CREDIT, 1),
        (r.VerificationRequested(name, SOURCE, SOME_DAY), CREDIT, 0),
        (r.SourceAnswered(name, draw(st.booleans()), "经核实"), SOURCE, 5),
        (*end, 3),
        (r.FaultAttributed(name, SOURCE, Fault.SOURCE, "漏采"), CREDIT, 0),
        *restored(name),
    ]


@st.composite
def appeal(draw: st.DrawFn, name: str, penalty: str) -> list[Step]:
    """An appeal from beginning to end, a stay meanwhile, and the restoration that may follow."""
    filed = r.AppealFiled(name, Route.LITIGATION, Against.RECOGNITION, f"示例法院{name}", date(2026, 5, 26))
    if draw(st.booleans()):
        filed = replace(filed, against=Against.PENALTY, item=penalty)
    decided = r.AppealDecided(name, draw(st.sampled_from(AppealOutcome)), "审理结果")
    if decided.outcome in {AppealOutcome.REVOKED, AppealOutcome.CHANGED}:
        withdraw = draw(st.booleans())
        decided = replace(decided, withdraw=withdraw, lift=() if withdraw else (penalty,))
    stay = (r.PenaltySuspended(penalty, Hold.STAY, name), COURT, 2)
    over = (r.PenaltyResumed(penalty, Hold.STAY, name), COURT, 2)
    stays = draw(st.sampled_from([[], [stay], [stay, over]]))
    return [(filed, SUBJECT, 0), *stays, (decided, COURT, 20), *restored(name)]


def restored(name: str) -> list[Step]:
    """A restoration, done."""
    return [
        (r.RestorationNoticePublished(name, TODAY), CREDIT, 0),
        (RecipientTold(PARTNER, TODAY), CREDIT, 0),
        (r.ReputationRestored(name, "已恢复"), CREDIT, 0),
    ]


@st.composite
def repair(draw: st.DrawFn, name: str, penalty: str) -> list[Step]:
    """A repair from publication to its decision, perhaps revoked, an objection to its result, and a new penalty."""
    refused = r.RepairRefused(name, (RepairRefusal.EXCLUDED_BY_LAW,), "依法不予修复")
    result = r.ObjectionFiled(f"o{name}", (Point.REPAIR_RESULT,), "结果有误", DECISION)
    granted = (r.RepairGranted(name, "具备条件"), RECOGNISER, 0)
    decided = draw(st.sampled_from([granted, granted, granted, (refused, RECOGNISER, 0)]))
    return [
        (SEEN.fact, CREDIT, 0),
        (replace(APPLIED, repair=name), SUBJECT, 100),
        (r.RepairAccepted(name), RECOGNISER, 0),
        decided,
        (result, SUBJECT, 0),
        (r.ObjectionAccepted(f"o{name}", SOME_DAY), CREDIT, 0),
        (r.RepairRevoked(name, "承诺虚假"), RECOGNISER, 5),
        (imposed(penalty), RECOGNISER, 0),
        (r.ObjectionDismissed(f"o{name}", "无误"), CREDIT, 1),
    ]


def imposed(penalty: str) -> r.PenaltyImposed:
    """A penalty of this name that begins a month later."""
    return replace(IMPOSED.fact, penalty=penalty, start=date(2026, 7, 1), until=date(2027, 3, 1))


@st.composite
def wild(draw: st.DrawFn) -> tuple[Any, str]:
    """Any fact about remedies, about something that may exist, by anybody."""
    fact = draw(st.one_of(*(facts(cls, POOL) for cls in get_args(r.Fact))))
    found = {f.name: getattr(fact, f.name) for f in fields(fact) if f.name in NAMES}
    for name, old in found.items():
        some = st.builds("{}{}".format, st.sampled_from(NAMES[name]), st.integers(1, 3))
        found[name] = tuple(draw(some) for _ in old) if isinstance(old, tuple) else old and draw(some)
    return replace(fact, **found), draw(st.sampled_from([SUBJECT, AGENT, CREDIT, RECOGNISER, SOURCE, COURT, STRANGER]))


@st.composite
def mixed(draw: st.DrawFn) -> list[Step]:
    """Some of these courses, each in its order or cut short, mixed with each other and with wild sayings."""
    rest = [
        *(draw(objection(f"o{n}", f"p{n}")) for n in (1, 2)),
        *(draw(appeal(f"a{n}", f"p{n}")) for n in (1, 2)),
        *(draw(repair(f"r{n}", f"p{n + 2}")) for n in (1, 2)),
        [(SHARED.fact, CREDIT, 0), (imposed("p2"), RECOGNISER, 0), (CHECKED.fact, RECOGNISER, 0)],
        draw(st.sampled_from([[], [], [(RECORD_FALLS.fact, CREDIT, 1)]])),
        [(*draw(wild()), 0) for _ in range(3)],
    ]
    taken = []
    for course, number in draw(st.lists(st.tuples(st.integers(0, len(rest) - 1), st.integers(1, 4)), min_size=8)):
        taken += rest[course][:number]
        rest[course] = rest[course][number:]
    return taken


packs = st.sampled_from([(), ("huangshi",)])
BEGUN = (LEAD, VERIFIED, RECOGNISED, GRADED, *RECTIFIED, IMPOSED)


def told(scenario: Scenario, sayings: list[Step]) -> Iterator[tuple[date, Record]]:
    """The day and the state after each saying that was admitted, with all that the ledger states in consequence."""
    state, day = scenario.state, TODAY
    for fact, by, days in sayings:
        day += timedelta(days)
        saying = Saying(fact, by, PAPERS, day)
        before = repr(state)
        try:
            scenario.judge(state, saying)
        except RuleError as error:
            event(error.rule)
            assert repr(state) == before
            continue
        event(type(fact).__name__)
        state, _ = scenario.after(state, saying)  # a consequence that were refused would raise
        yield day, state


@given(packs, mixed())
def test_no_remedy_leaves_in_force_what_should_not_be(names: tuple[str, ...], sayings: list[Step]) -> None:
    """E03 E05 E10 异议处理、核实期间暂不执行联合惩戒措施；记录撤销、信用修复后惩戒解除。"""
    for day, state in told(begun(*BEGUN, packs=names), sayings):
        for on in (day, day + timedelta(30), day + timedelta(400)):
            check_fallen(state, on)
            if names:
                check_waiting(state, on)


@given(packs, mixed())
def test_what_waits_waits_for_something_open_and_what_ended_stays_ended(
    names: tuple[str, ...], sayings: list[Step]
) -> None:
    """E03 E06 E18 暂停必有未办结的异议或复议；解除的不恢复；恢复信誉任务办结前公告、告知齐备。"""
    ended: dict[str, Any] = {}
    for day, state in told(begun(*BEGUN, packs=names), sayings):
        for penalty in state.penalties:
            for hold, item in penalty.holds if penalty.is_live(day) else ():
                check_hold(state, hold, item)
            if penalty.lifted:
                assert ended.setdefault(penalty.id, penalty.lifted) == penalty.lifted
        for task in state.restorations:
            assert not task.done or (task.notices and not task.untold)


def check_fallen(state: Record, on: date) -> None:
    """Nothing is in force, shown or shared of a record that is withdrawn or repaired."""
    if state.standing in {Standing.WITHDRAWN, Standing.REPAIRED}:
        assert (state.in_force(on), state.is_published(on), state.shared) == ((), False, False)


def check_waiting(state: Record, on: date) -> None:
    """Whatever an accepted objection is about waits."""
    for objection in state.objections:
        if objection.is_open:
            assert not any(concerns(objection.filed.fact, p.id) for p in state.in_force(on))


def check_hold(state: Record, hold: Hold, item: str | None) -> None:
    """A live penalty waits only for what is not decided."""
    objection, appeal = state.objection(item), state.appeal(item)
    if hold is Hold.OBJECTION:
        assert objection is not None
        assert objection.is_open
    elif hold is Hold.STAY:
        assert appeal is not None
        assert appeal.decided is None
