"""Positive records and what honest bodies and officials gain from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.body_terms import Kind as BodyKind
from ledger.domain.commendation import (
    TARGETS,
    Commendation,
    CommendationRecorded,
    CommendationWithdrawn,
    Incentive,
    IncentiveEnd,
    IncentiveEnded,
    IncentiveGranted,
    Kind,
    Withdrawal,
)
from ledger.domain.commendation_rules import offers
from ledger.domain.event import LEDGER, Consequence, Document
from ledger.errors import RuleError
from tests.domain.records import PERSON, RECOGNISER, RECORD_WORLD, SUBJECT, SUPERIOR, policy
from tests.domain.scenario import CREDIT, FIRM, STRANGER, UNKNOWN, Saying, Scenario, said

STREAM = "commendation/0198c5a2-0000-7000-8000-000000000041"
TODAY = date(2026, 6, 1)
UNTIL = date(2027, 5, 31)
AWARD = (Document("关于表彰诚信单位的决定", "ab" * 32, "示发〔2026〕8号", "示例市人民政府", date(2026, 5, 20)),)
REVOKED = (Document("关于撤销表彰的决定", "cd" * 32, "示发〔2026〕9号", "示例市人民政府", date(2026, 5, 30)),)


def award(**more: Any) -> CommendationRecorded:
    """A body was commended, with what is given otherwise."""
    about: dict[str, Any] = {"subject": SUBJECT, "kind": Kind.COMMENDATION, "title": "诚信单位"}
    return CommendationRecorded(**{**about, "awarded_by": "示例市人民政府", "awarded_on": date(2026, 5, 20), **more})


def commended(*sayings: Saying, firm: bool = False, **more: Any) -> Scenario:
    """A positive record's stream: an award, then more. ``FIRM`` is an enterprise, ``PERSON`` is on file."""
    world = {**RECORD_WORLD, FIRM: replace(RECORD_WORLD[FIRM], kind=BodyKind.ENTERPRISE)}
    empty = Scenario(STREAM, world, (), (policy("national"),), {PERSON: object()})
    about = {"subject": FIRM, **more} if firm else more
    return empty.having(said(award(**about), CREDIT, AWARD, on=date(2026, 5, 25)), *sayings)


def granted(incentive: Incentive, start: date = date(2026, 5, 25), until: date = UNTIL) -> Saying:
    """An incentive of the history."""
    return said(IncentiveGranted(incentive, start, until), CREDIT, on=date(2026, 5, 25))


EMPTY = replace(commended(), history=())


def test_a_commendation_is_a_positive_record() -> None:
    """C03 G09 荣誉表彰：守信记录与失信记录并列于诚信档案。"""
    state = EMPTY.when(award(), CREDIT, AWARD, on=TODAY).then()
    assert state.stands
    assert state.recorded.fact.kind is Kind.COMMENDATION


def test_an_official_is_commended_as_a_person_on_file() -> None:
    """C03 G09 公务员荣誉表彰记入诚信档案，人员只以档案编号出现。"""
    state = EMPTY.when(award(person=PERSON), CREDIT, AWARD, on=TODAY).then()
    assert state.recorded.fact.person == PERSON
    replace(EMPTY, cases={}).when(award(person=PERSON), CREDIT, AWARD, on=TODAY).refused("commendation.linked")


def test_an_award_is_shown_by_its_document() -> None:
    """G09 受到表彰奖励：须有表彰文件。"""
    EMPTY.when(award(), CREDIT, on=TODAY).refused("commendation.basis")


def test_nobody_commends_itself() -> None:
    """G09 表彰由他单位记载，不得自我表彰。"""
    own = award(subject=CREDIT)
    EMPTY.when(own, CREDIT, AWARD, on=TODAY).refused("commendation.own-case")
    EMPTY.when(award(), STRANGER, AWARD, on=TODAY).refused("commendation.role")
    EMPTY.when(award(), SUPERIOR, AWARD, on=TODAY).then()


def test_the_body_commended_is_registered_and_the_award_is_given() -> None:
    """C03 表彰对象应为已登记的单位，且已经授予。"""
    EMPTY.when(award(subject=UNKNOWN), CREDIT, AWARD, on=TODAY).refused("commendation.subject")
    EMPTY.when(award(awarded_on=date(2026, 6, 2)), CREDIT, AWARD, on=TODAY).refused("commendation.future")
    EMPTY.when(award(awarded_on=TODAY), CREDIT, AWARD, on=TODAY).then()


def test_a_stream_is_one_commendation_and_begins_with_it() -> None:
    """C03 一项表彰一个事件流。"""
    commended().when(award(), CREDIT, AWARD, on=TODAY).refused("commendation.once")
    grant = IncentiveGranted(Incentive.CONVENIENCE, TODAY, UNTIL)
    EMPTY.when(grant, CREDIT, on=TODAY).refused("commendation.unbegun")


# --- incentives ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("incentive", [Incentive.AWARDS_PRIORITY, Incentive.PROMOTION_PRIORITY])
def test_an_official_who_was_commended_gains_in_awards_and_promotion(incentive: Incentive) -> None:
    """G09 对于诚信事迹突出并受到表彰奖励的公务员在评先评优、职级晋升等方面予以守信激励。"""
    grant = IncentiveGranted(incentive, TODAY, UNTIL)
    state = commended(person=PERSON).when(grant, CREDIT, on=TODAY).then()
    assert state.in_force(TODAY) == (incentive,)
    assert "G09" in commended().when(grant, CREDIT, on=TODAY).refused("commendation.target").source


@pytest.mark.parametrize("incentive", [Incentive.CONVENIENCE, Incentive.POLICY_PREFERENCE])
def test_an_honest_body_gains_convenience_and_preference(incentive: Incentive) -> None:
    """G10 对守信践诺、信用状况较好的政府单位和部门，提供优惠和便利。"""
    grant = IncentiveGranted(incentive, TODAY, UNTIL)
    commended().when(grant, SUPERIOR, on=TODAY).then()
    assert "G10" in commended(person=PERSON).when(grant, CREDIT, on=TODAY).refused("commendation.target").source


def test_an_honest_example_comes_first_for_subsidies() -> None:
    """G11 对选树为诚信典型或信用状况良好的申报主体优先给予资金补助。"""
    grant = IncentiveGranted(Incentive.SUBSIDY_PRIORITY, TODAY, UNTIL)
    commended(kind=Kind.HONEST_EXAMPLE).when(grant, CREDIT, on=TODAY).then()
    commended(firm=True, kind=Kind.HONEST_EXAMPLE).when(grant, CREDIT, on=TODAY).then()
    commended(person=PERSON).when(grant, CREDIT, on=TODAY).refused("commendation.target")


@pytest.mark.parametrize("incentive", [Incentive.BOND_RELIEF, Incentive.FEWER_INSPECTIONS])
def test_what_is_meant_for_firms_is_given_to_firms(incentive: Incentive) -> None:
    """G12 G13 对信用评价等级高的供货商免收或者减收履约保证金；合理降低抽查比例和频次。"""
    grant = IncentiveGranted(incentive, TODAY, UNTIL)
    commended(firm=True).when(grant, CREDIT, on=TODAY).then()
    commended().when(grant, CREDIT, on=TODAY).refused("commendation.target")


def test_an_incentive_has_a_period_that_is_not_over() -> None:
    """G10 激励有起止日期，不得倒置或已届满。"""
    yesterday = TODAY - timedelta(days=1)
    for start, until in ((TODAY, yesterday), (date(2026, 1, 1), yesterday)):
        grant = IncentiveGranted(Incentive.CONVENIENCE, start, until)
        commended().when(grant, CREDIT, on=TODAY).refused("commendation.period")
    commended().when(IncentiveGranted(Incentive.CONVENIENCE, TODAY, TODAY), CREDIT, on=TODAY).then()


def test_an_incentive_is_given_once_at_a_time() -> None:
    """G10 同一激励不重复给予；届满后可再给予。"""
    grant = IncentiveGranted(Incentive.CONVENIENCE, TODAY, UNTIL)
    commended(granted(Incentive.CONVENIENCE)).when(grant, CREDIT, on=TODAY).refused("commendation.granted")
    commended(granted(Incentive.CONVENIENCE, until=date(2026, 5, 31))).when(grant, CREDIT, on=TODAY).then()


def test_an_incentive_counts_from_its_first_day_to_its_last() -> None:
    """G10 激励期限由日期计算，届满自动失效。"""
    state = commended(granted(Incentive.CONVENIENCE, TODAY, UNTIL)).state
    counts = {day: state.in_force(day) for day in (TODAY - timedelta(days=1), TODAY, UNTIL, date(2027, 6, 1))}
    assert list(counts.values()) == [(), (Incentive.CONVENIENCE,), (Incentive.CONVENIENCE,), ()]


def test_an_incentive_ends_when_the_body_breaks_its_word() -> None:
    """G10 守信受益、失信受限：发生失信的终止激励。"""
    here = commended(granted(Incentive.CONVENIENCE))
    state = here.when(IncentiveEnded(Incentive.CONVENIENCE, IncentiveEnd.DISHONESTY), CREDIT, on=TODAY).then()
    assert state.in_force(TODAY) == ()
    other = IncentiveEnded(Incentive.POLICY_PREFERENCE, IncentiveEnd.DISHONESTY)
    here.when(other, CREDIT, on=TODAY).refused("commendation.not-granted")


def test_nobody_rewards_itself() -> None:
    """G10 激励由他单位给予。"""
    here = EMPTY.having(said(award(subject=CREDIT), RECOGNISER, AWARD, on=TODAY))
    grant = IncentiveGranted(Incentive.CONVENIENCE, TODAY, UNTIL)
    here.when(grant, CREDIT, on=TODAY).refused("commendation.own-case")
    commended().when(grant, CREDIT, on=TODAY).then()


# --- withdrawal ---------------------------------------------------------------------------------------------


def test_a_commendation_that_was_wrong_is_withdrawn_and_its_incentives_end() -> None:
    """G09 G10 表彰有误的予以撤销，激励同时终止。"""
    here = commended(granted(Incentive.CONVENIENCE), granted(Incentive.POLICY_PREFERENCE, TODAY + timedelta(days=9)))
    ends = [
        IncentiveEnded(i, IncentiveEnd.COMMENDATION_WITHDRAWN)
        for i in (Incentive.CONVENIENCE, Incentive.POLICY_PREFERENCE)
    ]
    withdrawn = CommendationWithdrawn(Withdrawal.FALSE_MERITS, "弄虚作假")
    here.when(withdrawn, CREDIT, REVOKED, on=TODAY).then(*(Consequence(STREAM, end) for end in ends))
    state = here.having(said(withdrawn, CREDIT, REVOKED, on=TODAY)).state
    assert not state.stands
    assert [state.in_force(day) for day in (TODAY, TODAY + timedelta(days=30))] == [(), ()]


def test_what_is_over_is_not_ended_again_by_the_withdrawal() -> None:
    """G10 已届满、已终止的激励不再终止。"""
    ended = said(IncentiveEnded(Incentive.POLICY_PREFERENCE, IncentiveEnd.CONDITIONS_CEASED), CREDIT, on=TODAY)
    over = granted(Incentive.CONVENIENCE, until=date(2026, 5, 31))
    here = commended(over, granted(Incentive.POLICY_PREFERENCE), ended)
    here.when(CommendationWithdrawn(Withdrawal.RECORDED_IN_ERROR, "误录"), CREDIT, REVOKED, on=TODAY).then()


def test_a_withdrawn_commendation_earns_nothing() -> None:
    """G09 已撤销的表彰不得据以激励，也不得再次撤销。"""
    withdrawn = CommendationWithdrawn(Withdrawal.AWARD_REVOKED, "授予机关撤销")
    here = commended(said(withdrawn, CREDIT, REVOKED, on=TODAY))
    grant = IncentiveGranted(Incentive.CONVENIENCE, TODAY, UNTIL)
    here.when(grant, CREDIT, on=TODAY).refused("commendation.withdrawn")
    here.when(withdrawn, CREDIT, REVOKED, on=TODAY).refused("commendation.withdrawn")


def test_a_withdrawal_is_shown_by_its_document() -> None:
    """G09 撤销表彰：须有文件依据。"""
    withdrawn = CommendationWithdrawn(Withdrawal.AWARD_REVOKED, "授予机关撤销")
    commended().when(withdrawn, CREDIT, on=TODAY).refused("commendation.basis")


def test_only_the_ledger_says_that_an_incentive_ended_with_its_commendation() -> None:
    """G10 随表彰撤销而终止，只由账本作为后果记载。"""
    end = IncentiveEnded(Incentive.CONVENIENCE, IncentiveEnd.COMMENDATION_WITHDRAWN)
    here = commended(granted(Incentive.CONVENIENCE))
    here.when(end, CREDIT, on=TODAY).refused("commendation.end")
    here.when(end, LEDGER, on=TODAY, cause="cause").then()


# --- what is offered is what is admitted --------------------------------------------------------------------


def choices() -> Iterator[Saying]:
    """For each event sayings of which one is right wherever the event may come."""
    yield said(award(kind=Kind.HONEST_EXAMPLE), CREDIT, AWARD, on=TODAY)
    for incentive in TARGETS:
        yield said(IncentiveGranted(incentive, TODAY, UNTIL), CREDIT, on=TODAY)
        yield said(IncentiveEnded(incentive, IncentiveEnd.DISHONESTY), CREDIT, on=TODAY)
    yield said(CommendationWithdrawn(Withdrawal.RECORDED_IN_ERROR, "误录"), CREDIT, REVOKED, on=TODAY)


def possible(state: Commendation) -> list[Saying]:
    """Those that may be said now."""
    found = []
    for saying in choices():
        try:
            EMPTY.judge(state, saying)
        except RuleError:
            continue
        found.append(saying)
    return found


@given(st.lists(st.integers(0, 1000), max_size=10))
def test_every_event_offered_is_admitted_and_no_incentive_outlives_its_commendation(picks: list[int]) -> None:
    """G09 G10 可作的下一步与准予记载的一致；撤销后没有激励。"""
    state = EMPTY.state
    for pick in picks:
        now = possible(state)
        event = EMPTY.event(said(award(), CREDIT), 0)
        offered = {(o.event, o.item) for o in offers(state, EMPTY.rules(state, event), TODAY)}
        assert {(type(s.fact).__name__, getattr(s.fact, "incentive", None)) for s in now} == offered
        if not now:
            return
        state, _ = EMPTY.after(state, now[pick % len(now)])
        assert state.stands or state.granted(TODAY) == ()
