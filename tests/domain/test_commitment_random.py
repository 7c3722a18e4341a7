"""Whatever is said about a commitment, in whatever order: nothing breaks, and what must hold holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, get_args

from hypothesis import event, given
from hypothesis import strategies as st

from ledger.domain.codec import decode, encode
from ledger.domain.commitment import EMPTY, Commitment, CommitmentMade, CommitmentTakenOver, Fact, as_of
from ledger.domain.commitment_change import FORBIDDEN
from ledger.domain.commitment_checks import side
from ledger.domain.commitment_due import (
    Standing,
    answers_for,
    due_days,
    missing_channels,
    next_due,
    overdue_days,
    published_in,
    standing,
)
from ledger.domain.event import Rules
from ledger.errors import RuleError
from tests.domain.promises import (
    BROKEN,
    CHANGED,
    CLAIMED,
    CONTINUOUS,
    DUE,
    GRANTED,
    KEPT,
    KEPT_LATE,
    MADE,
    OPEN,
    PAID,
    PARTLY,
    PROGRESS,
    PUBLISHED,
    REPORT,
    WITHDRAWN,
    YEARLY,
)
from tests.domain.scenario import (
    APPRAISER,
    BUREAU,
    CITY,
    CREDIT,
    FIRM,
    HEIR,
    PAPER,
    PROVINCE,
    STRANGER,
    Saying,
    Scenario,
    succeeded,
)
from tests.strategies import Pool, facts

FIRST = date(2026, 3, 2)
WORLD = succeeded(CITY, HEIR)
POOL = Pool(bodies=(CITY, BUREAU, FIRM, HEIR, STRANGER), days=(date(2025, 6, 1), date(2026, 3, 20)))
PLAUSIBLE = (
    *((fact, CITY) for fact in (PUBLISHED, PROGRESS, REPORT, CHANGED, WITHDRAWN, GRANTED, PAID, PAID)),
    *((fact, APPRAISER) for fact in (KEPT, KEPT_LATE, PARTLY, BROKEN)),
    *((replace(fact, occurrence=DUE), APPRAISER) for fact in (KEPT, KEPT_LATE, PARTLY, BROKEN)),
    *((fact, FIRM) for fact in (CLAIMED, replace(CLAIMED, claim="c2"))),
    *((fact, HEIR) for fact in (CommitmentTakenOver(CITY, HEIR), replace(GRANTED, claim="c2"), PROGRESS)),
)

later = st.integers(0, 3)
signers = st.sampled_from([CITY, BUREAU, CREDIT, APPRAISER, PROVINCE, FIRM, HEIR, STRANGER])
any_fact = st.one_of(*(facts(cls, POOL) for cls in get_args(Fact)))
plausible = st.tuples(st.sampled_from(PLAUSIBLE), later).map(lambda step: (*step[0], PAPER, step[1]))
wild = st.tuples(any_fact, signers, st.sampled_from([PAPER, PAPER, ()]), later)
steps = st.lists(plausible | plausible | plausible | wild, min_size=1, max_size=25)


def told(first: CommitmentMade, sayings: list[tuple[Any, str, Any, int]]) -> list[tuple[date, Commitment]]:
    """The states after each saying that was admitted; a refused one changes nothing."""
    scenario, state, day = Scenario(world=WORLD), EMPTY, FIRST
    states = []
    for number, (fact, by, basis, later) in enumerate([(first, CITY, PAPER, 0), *sayings]):
        day += timedelta(later)
        saying, before = Saying(fact, by, basis, day), repr(state)
        try:
            assert scenario.judge(state, saying, number) == ()
        except RuleError as error:
            event(error.rule)
            assert repr(state) == before
            continue
        event(type(fact).__name__)
        state = scenario.grown(state, saying, number)
        states.append((day, state))
    return states


@given(st.sampled_from([MADE, YEARLY, OPEN, CONTINUOUS]), steps)
def test_no_sequence_breaks_the_rules_the_state_or_the_questions(first: CommitmentMade, sayings: Any) -> None:
    for day, state in told(first, sayings):
        check_money(state)
        check_grounds_and_judges(state)
        for on in (day, day + timedelta(400), day + timedelta(4000), date.min):
            assert standing(state, on) in Standing
            assert set(overdue_days(state, on)) <= set(due_days(state, on))
            assert (following := next_due(state, on)) is None or following >= on
        assert (standing(state, day) is Standing.WITHDRAWN) is (state.withdrawn_on is not None)
        assert (standing(state, day) is Standing.OVERDUE) is bool(overdue_days(state, day))
        assert answers_for(state, Rules(WORLD)) == HEIR
        assert published_in(state, day.year) in {True, False}
        assert len(missing_channels(state)) <= 2


@given(st.sampled_from([MADE, YEARLY, OPEN, CONTINUOUS]), steps)
def test_a_past_day_is_answered_as_it_was_then(first: CommitmentMade, sayings: Any) -> None:
    states = told(first, sayings)
    now = states[-1][1]
    newest = dict(states)  # the last state of each day
    for day, then in newest.items():
        assert as_of(now, day) == then
        assert standing(now, day) is standing(then, day)
        assert overdue_days(now, day) == overdue_days(then, day)


def check_money(state: Commitment) -> None:
    """Nothing is granted beyond the claim nor paid beyond the grant (B11)."""
    for claim in state.claims:
        own = [d.fact.granted or 0 for d in state.decisions if d.fact.claim == claim.fact.claim]
        paid = sum(p.fact.amount for p in state.payments if p.fact.claim == claim.fact.claim)
        assert len(own) <= 1
        assert paid <= sum(own) <= claim.fact.amount


def check_grounds_and_judges(state: Commitment) -> None:
    """No change of government ever frees a body (A12), and nobody judges itself (B05)."""
    assert not any(change.fact.ground in FORBIDDEN for change in state.changes)
    assert not any(said.by in {*side(state), HEIR} for said in state.verdicts)


def test_every_sample_fact_is_one_that_can_be_written() -> None:
    for fact, _ in PLAUSIBLE:
        assert decode(type(fact), encode(fact)) == fact
