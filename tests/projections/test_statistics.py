"""What statistics count, against the states that plain folds of random histories give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.commendation import Commendation
from ledger.domain.commitment import Commitment, CommitmentBroken
from ledger.domain.commitment_terms import Outcome
from ledger.domain.complaint.state import Complaint
from ledger.domain.event import Recorded
from ledger.domain.kinds import KINDS, fold
from ledger.domain.record.state import Record, Standing
from ledger.errors import RuleError
from projections import statistics
from projections.history import World, versions
from projections.measures import MEANINGS, Measure
from projections.statistics import FlowRow
from tests import measures
from tests.domain.promises import CONTINUOUS, MADE, OPEN, YEARLY
from tests.domain.running import Run
from tests.domain.scenario import CITY, PAPER, Saying, Scenario, noon
from tests.domain.test_cases_random import FIELDS
from tests.domain.test_commitment_random import WORLD, steps
from tests.domain.test_record_random import packs, played


def flows(history: Sequence[Recorded]) -> list[FlowRow]:
    """The rows of one case."""
    world = World()
    for recorded in history:
        world.take(recorded)
    found = [v.row for v in versions(statistics.PROJECTION, history, world)]
    assert all(isinstance(row, FlowRow) and row.delta for row in found)
    return found  # type: ignore[return-value]


def total(rows: Sequence[FlowRow]) -> Counter[Measure]:
    """Their sums, none of them nothing."""
    sums: Counter[Measure] = Counter()
    for row in rows:
        sums[Measure(row.measure)] += row.delta
    return Counter({measure: n for measure, n in sums.items() if n})


def names(history: Sequence[Recorded]) -> Counter[str]:
    """How often each event came."""
    return Counter(recorded.event.name for recorded in history)


def check(history: Sequence[Recorded], stocks: Any) -> None:
    """At every position the sums are what the state says, and happenings what the names of the events say."""
    rows = flows(history)
    for size in range(1, len(history) + 1):
        known = history[:size]
        sums = total([row for row in rows if row.log_index <= known[-1].index])
        state = fold(known[0].event.stream, known)
        for measure, expected in stocks(state).items():
            assert sums[measure] == expected, f"{measure} after {[r.event.name for r in known]}"
            assert MEANINGS[measure].stock
        for measure, meaning in MEANINGS.items():
            if not meaning.stock and measure not in SOME:
                (event,) = meaning.events.split()
                assert sums[measure] == names(known)[event], measure


SOME = {
    Measure.COMMITMENTS_CHANGED,
    Measure.COMMITMENTS_WITHDRAWN,
    Measure.FALSE_COMMITMENTS,
    Measure.COMPENSATION_GRANTED,
    Measure.COMPENSATION_PAID,
    Measure.RECORDS_WITHDRAWN,
    Measure.PUBLICATIONS_EXPIRED,
    Measure.LITIGATION_DEFEATS,
    Measure.UNPERFORMED_JUDGMENTS,
    Measure.ARREARS,
    Measure.UTILITY_ARREARS,
    Measure.RECTIFICATIONS_DONE,
    Measure.TOLERATED,
    Measure.APPEALS_ALLOWED,
    Measure.COMPLAINANTS_SATISFIED,
    Measure.COMPLAINANTS_UNSATISFIED,
}
"""Happenings that are some of an event's, by what it says."""


def record_stocks(state: Record) -> dict[Measure, int]:
    """The stocks of one record, from its state alone."""
    open_objections = [o for o in state.objections if o.decided is None and o.refused is None]
    return {
        Measure.RECORDS_OPEN: int(state.standing is Standing.RECORDED),
        Measure.COURT_LISTED: sum(x.removed is None for x in state.listings),
        Measure.OBJECTIONS_OPEN: len(open_objections),
    }


def complaint_stocks(state: Complaint) -> dict[Measure, int]:
    """The stock of one complaint."""
    return {Measure.COMPLAINTS_OPEN: int(state.received is not None and not (state.closed or state.refused))}


def commendation_stocks(state: Commendation) -> dict[Measure, int]:
    """The stock of one positive record."""
    return {Measure.COMMENDATIONS_STANDING: int(state.stands)}


def commitment_stocks(state: Commitment) -> dict[Measure, int]:
    """How many due days have which newest judgement."""
    newest = {v.fact.occurrence: v.fact for v in state.verdicts}
    broken = sum(isinstance(fact, CommitmentBroken) for fact in newest.values())
    outcomes = Counter(fact.outcome for fact in newest.values() if not isinstance(fact, CommitmentBroken))
    return {
        Measure.JUDGED_FULFILLED: outcomes[Outcome.FULFILLED],
        Measure.JUDGED_LATE: outcomes[Outcome.FULFILLED_LATE],
        Measure.JUDGED_PARTLY: outcomes[Outcome.PARTLY_FULFILLED],
        Measure.JUDGED_BROKEN: broken,
    }


@given(packs, st.data())
def test_of_records_the_sums_are_what_the_state_says(pack: str, data: st.DataObject) -> None:
    """C09 清存量、防增量: at every position of a random history, stocks and happenings agree with the plain fold."""
    *_, run = played(pack, data)
    if run.history:
        check(run.history, record_stocks)


@pytest.mark.parametrize("kind", ["complaint", "commendation"])
@given(data=st.data())
def test_of_other_cases_the_sums_are_what_the_state_says(kind: str, data: st.DataObject) -> None:
    """H03 台账: a complaint that is neither refused nor closed is open; G09: what was not withdrawn stands."""
    run = Run(FIELDS[kind], "national", Random(data.draw(st.integers(0, 2**20))).choice)
    for _ in range(data.draw(st.integers(1, 15))):
        if not (offered := run.offered()):
            break
        offer = data.draw(st.sampled_from(offered))
        run.say(run.saying(run.field.cls(offer.event), offer.item, run.pick(run.roles(offer))))
    if run.history:
        check(run.history, complaint_stocks if kind == "complaint" else commendation_stocks)


def told(first: Any, sayings: list[tuple[Any, str, Any, int]]) -> Iterator[Recorded]:
    """The events that were admitted, of a random history of a commitment."""
    scenario, state, day, number = Scenario(world=WORLD), KINDS["commitment"].initial, date(2026, 3, 2), 0
    for fact, by, basis, later in [(first, CITY, PAPER, 0), *sayings]:
        day = date.fromordinal(day.toordinal() + later)
        saying = Saying(fact, by, basis, day)
        try:
            scenario.judge(state, saying, number)
        except RuleError:
            continue
        recorded = Recorded(scenario.event(saying, number), "kid", number, noon(day), "00" * 32)
        state, number = KINDS["commitment"].evolve(state, recorded), number + 1
        yield recorded


@given(st.sampled_from([MADE, YEARLY, OPEN, CONTINUOUS, replace(MADE, due=None, continuous=True)]), steps)
def test_of_commitments_the_sums_are_the_newest_judgements(first: Any, sayings: Any) -> None:
    """B05 客观评价: a later judgement of a due day takes the place of the one before."""
    history = list(told(first, sayings))
    check(history, commitment_stocks)
    sums = total(flows(history))
    state: Commitment = fold(history[0].event.stream, history)
    assert sums[Measure.COMMITMENTS_WITHDRAWN] == sum(c.fact.withdrawn for c in state.changes)
    assert sums[Measure.COMMITMENTS_CHANGED] == sum(not c.fact.withdrawn for c in state.changes)
    assert sums[Measure.COMPENSATION_GRANTED] == sum(d.fact.granted or 0 for d in state.decisions)
    assert sums[Measure.COMPENSATION_PAID] == sum(p.fact.amount for p in state.payments)
    assert {row.subject for row in flows(history)} <= {state.holder, state.terms.promiser}


def test_every_measure_means_something_that_exists() -> None:
    """Each has words in both languages, a source, and events that the domain knows."""
    known = {cls.__name__ for kind in KINDS.values() for cls in kind.facts.values()}
    assert set(MEANINGS) == set(Measure)
    for measure, meaning in MEANINGS.items():
        assert set(meaning.events.split()) <= known, measure
        assert meaning.zh
        assert meaning.en
        assert meaning.source
    assert len({m.zh for m in MEANINGS.values()}) == len(MEANINGS)


def test_the_page_of_measures_is_as_made() -> None:
    """C09: every measure, its meaning, events and source (``python -m tests.measures``)."""
    assert measures.PAGE.read_text(encoding="utf-8") == measures.page()
