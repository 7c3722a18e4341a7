"""What counts at once of a record (projections/relief.py): after no other event does the public see less, or a penalty
weigh less.

Of every record of the random logs each event is taken by itself: what was so before it, and what is after it, under the
rules of after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any, get_args

import pytest

from ledger.domain.record.state import Fact, Standing
from projections.disclosure import FOR_EVER, Disclosed, spans
from projections.history import World, grown
from projections.penalties import PROJECTION as PENALTIES
from projections.projection import Case
from projections.relief import FROM_SIGHT, RELIEVING, STRUCK
from tests.projections.test_equality import LOGS, histories_of, log_of, world_of

Step = tuple[str, Case, Case]
"""An event's name, and the case before and after it, both under the rules of after it."""


@cache
def steps() -> tuple[Step, ...]:
    return tuple(step for seed in range(LOGS) for step in _steps(seed))


def _steps(seed: int) -> Iterator[Step]:
    log = log_of(seed)
    world: World = world_of(log)
    for stream, history in histories_of(log).items():
        case = None
        for recorded in history if stream.startswith("record/") else ():
            after = grown(case, recorded, world)
            if case is not None:
                yield recorded.event.name, replace(case, policies=after.policies, day=after.day), after
            case = after


def shown(case: Case) -> list[tuple[date, date, Disclosed]]:
    """What the public sees from the day of the position on."""
    answers = ((max(s.begins, case.day), s.ends, s.answer) for s in spans(case.state, case.policies))
    return [(a, b, answer) for a, b, answer in answers if a <= b and isinstance(answer, Disclosed)]


def on(day: date, found: list[tuple[date, date, Disclosed]]) -> Disclosed | None:
    return next((answer for a, b, answer in found if a <= day <= b), None)


def worse(before: Disclosed, after: Disclosed | None) -> list[str]:
    """What the public must not see any more, or not so."""
    if after is None:
        return ["gone"]
    wrong = ["persons"] if before.with_persons and not after.with_persons else []
    then, now = before.fields, after.fields
    wrong += ["marked"] if now["under_objection"] and not then["under_objection"] else []
    wrong += [name for name in ("findings", "catalogue", "corrections") if now[name] != then[name]]
    penalties = {p["penalty"]: p for p in now["penalties"]}
    for penalty in then["penalties"]:
        found = penalties.get(penalty["penalty"])
        if found is None or (found["held_by"] and not penalty["held_by"]) or found["ends"] != penalty["ends"]:
            wrong.append("penalty")
    return wrong


def test_after_no_other_event_does_the_public_see_less_of_a_record() -> None:
    """F01 E03 E05 E10 未列入的事件，不会使公众所见的记录减少、变轻或须加注。"""
    met: Counter[str] = Counter()
    for name, before, after in steps():
        then, now = shown(before), shown(after)
        days = {day for a, b, _ in (*then, *now) for day in (a, b) if day < FOR_EVER}
        less = [why for day in sorted(days) if (old := on(day, then)) for why in worse(old, on(day, now))]
        met.update({name} if less else ())
    assert set(met) <= FROM_SIGHT, met
    assert len(met) >= 8, met


def test_after_no_other_event_does_a_penalty_or_a_court_listing_weigh_less() -> None:
    """E03 E10 C06 未列入的事件，不会使惩戒措施或失信被执行人名单变轻。"""
    met: Counter[str] = Counter()
    for name, before, after in steps():
        now = {row.penalty: row for row in PENALTIES.rows(after)}
        for old in PENALTIES.rows(before):
            new = now[old.penalty]
            lifted = new.lifted_on is not None and old.lifted_on is None
            held = set(new.held_by) > set(old.held_by)
            eased = (new.ends or FOR_EVER) < (old.ends or FOR_EVER)
            met.update({name} if lifted or held or eased else ())
        removed = [sum(x.removed is not None for x in case.state.listings) for case in (before, after)]
        met.update({name} if removed[0] < removed[1] else ())
    assert set(met) <= RELIEVING, met
    assert set(met) >= {"PenaltySuspended", "PenaltyLifted", "CourtListRemoved"}, met


def test_after_no_other_event_does_a_record_stand_no_longer() -> None:
    """E05 E10 只有撤销和修复使记录不再成立。"""
    fell = {n for n, a, b in steps() if a.state.standing is Standing.RECORDED is not b.state.standing}
    assert fell == STRUCK


@pytest.mark.parametrize("name", sorted(FROM_SIGHT))
def test_what_counts_at_once_are_events_of_records(name: str) -> None:
    """Part 4: a name that no event has would hide nothing."""
    facts: dict[str, Any] = {cls.__name__: cls for cls in get_args(Fact)}
    assert name in facts
