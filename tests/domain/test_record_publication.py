"""Publication and sharing: which records, for how long, with whom; and the end of both."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.domain.commitment_terms import Channel
from ledger.domain.event import Said
from ledger.domain.record.course_facts import (
    PublicationEnded,
    RecipientTold,
    RecordPublished,
    RecordShared,
    SharingEnded,
)
from ledger.domain.record.remedy_facts import MOST_RECIPIENTS, PenaltyLifted
from ledger.domain.record.remedy_terms import LiftReason
from ledger.domain.record.terms import PublicationEnd
from ledger.errors import RuleError
from tests.domain.penalties import GRAVE, IMPOSED, MINOR, ON, REPAIRED, begun_here, following, only, punishable
from tests.domain.records import (
    DECISION,
    GRADED,
    LEAD,
    LETTER,
    PERSON,
    RECOGNISED,
    RECOGNISER,
    SUBJECT,
    TODAY,
    VERIFIED,
)
from tests.domain.remedies import nationwide
from tests.domain.scenario import CREDIT, PARTNER, PROVINCE, UNKNOWN, said
from tests.domain.test_penalty import WITHDRAWN

SITE = (Channel.CREDIT_SITE,)
PUBLISHED = said(RecordPublished(SITE, date(2027, 5, 20)), CREDIT, on=ON)
SHARED = said(RecordShared(PARTNER, "联合惩戒"), CREDIT, on=ON)
PERSONS = {"publication.scope": '"bodies_and_persons"'}
OVER = date(2027, 5, 21)
"""The day after the last day of PUBLISHED."""


def until(day: date, persons: bool = False) -> RecordPublished:
    """The record is published until a day."""
    return RecordPublished(SITE, day, persons)


# --- published ----------------------------------------------------------------------------------------------


def test_a_record_is_published_for_its_time() -> None:
    """F01 依托“信用中国（…）”网站，依法依规逐步公开政务失信记录。"""
    state = punishable().when(PUBLISHED.fact, CREDIT, on=ON).then()
    assert state.is_published(date(2027, 5, 20))
    assert not state.is_published(OVER)


@pytest.mark.parametrize("day", [date(2026, 8, 19), date(2027, 5, 21)])
def test_a_general_record_is_published_three_months_to_a_year(day: date) -> None:
    """F01 一般失信信息公示期最短三个月、最长一年（信用修复管理办法）。"""
    error = punishable().when(until(day), CREDIT, on=ON).refused("record.publicity-period")
    assert "publicity.general" in error.source


@pytest.mark.parametrize("day", [date(2026, 8, 20), date(2027, 5, 20)])
def test_the_shortest_and_the_longest_publicity_are_allowed(day: date) -> None:
    """F01 公示期限的两端均可。"""
    punishable().when(until(day), CREDIT, on=ON).then()


@pytest.mark.parametrize(("day", "fits"), [(date(2027, 5, 19), False), (date(2029, 5, 20), True)])
def test_a_serious_record_is_published_one_to_three_years(day: date, fits: bool) -> None:
    """F01 严重失信信息公示期最短一年、最长三年（信用修复管理办法）。"""
    trial = punishable(GRAVE).when(until(day), CREDIT, on=ON)
    trial.then() if fits else trial.refused("record.publicity-period")


def test_a_minor_record_is_not_published_in_principle() -> None:
    """F01 轻微失信信息原则上不公示，确需公示的最长三个月（信用修复管理办法）。"""
    case = punishable(MINOR)
    case.when(until(date(2026, 8, 20)), CREDIT, on=ON).refused("record.publicity")
    case.when(until(date(2026, 8, 20)), CREDIT, LETTER, on=ON).then()
    case.when(until(date(2026, 8, 21)), CREDIT, LETTER, on=ON).refused("record.publicity-period")


def test_publicity_counts_from_the_recognition() -> None:
    """F01 公示期自认定之日起算，迟公示、重新公示都不延长。"""
    again = date(2027, 3, 1)
    case = punishable(PUBLISHED)
    case.when(until(date(2027, 6, 1)), CREDIT, on=again).refused("record.publicity-period")
    case.when(until(date(2027, 5, 20)), CREDIT, on=again).then()
    case.when(until(date(2027, 8, 1)), CREDIT, on=OVER).refused("record.publicity-over")
    punishable().when(until(date(2027, 8, 1)), CREDIT, on=OVER).refused("record.publicity-over")


def test_publicity_counts_from_the_first_publication_where_the_pack_says_so() -> None:
    """F01 公示期自首次公示之日起算的（第58号令时），重新公示不延长。"""
    value = "{ published = true, least_months = 3, most_months = 12 }"
    case = nationwide(punishable(PUBLISHED), "publicity.general", value)
    case.when(until(date(2027, 5, 26)), CREDIT, on=date(2027, 3, 1)).refused("record.publicity-period")
    case.when(until(date(2027, 5, 25)), CREDIT, on=date(2027, 3, 1)).then()


def test_publication_does_not_end_before_it_begins() -> None:
    """F01 公示截止日不早于当日。"""
    case = punishable(PUBLISHED)
    case.when(until(date(2026, 8, 20)), CREDIT, on=date(2026, 9, 1)).refused("record.deadline-past")


def test_only_a_graded_record_is_published() -> None:
    """F01 C15 公示期限取决于失信程度，未认定程度的不公示。"""
    begun_here(LEAD, VERIFIED, RECOGNISED).when(PUBLISHED.fact, CREDIT, on=ON).refused("record.graded")


def test_persons_are_published_only_where_the_pack_says_so() -> None:
    """F01 公开政府和公务员政务失信记录；盐城只公开政府部门。"""
    named = until(date(2027, 5, 20), persons=True)
    punishable().when(named, CREDIT, on=ON).refused("record.publication-scope")
    punishable(rules=PERSONS).when(named, CREDIT, on=ON).then()


def test_a_record_of_a_person_is_published_only_where_the_pack_says_so() -> None:
    """F01 人员的政务失信记录，只公开单位的地区不予公开。"""
    own = replace(LEAD, fact=replace(LEAD.fact, person=PERSON))
    for rules in (None, PERSONS):
        trial = begun_here(own, VERIFIED, RECOGNISED, GRADED, rules=rules).when(PUBLISHED.fact, CREDIT, on=ON)
        trial.then() if rules else trial.refused("record.publication-scope")


# --- shared -------------------------------------------------------------------------------------------------


def test_a_record_is_given_to_known_bodies() -> None:
    """C18 F06 按照规范格式推送至市公共信用信息平台。"""
    state = punishable().when(SHARED.fact, CREDIT, on=ON).then()
    assert state.recipients == (PARTNER,)
    punishable().when(RecordShared(UNKNOWN, "共享"), CREDIT, on=ON).refused("record.known")


def test_a_record_is_given_to_no_more_bodies_than_can_be_told_of_a_change() -> None:
    """C18 E05 E06 获知失信信息的单位都须被告知更正、撤销。"""
    case = punishable(SHARED)
    full = tuple(Said(replace(SHARED.fact, recipient=f"r{n}"), CREDIT, ON) for n in range(MOST_RECIPIENTS - 1))
    state = replace(case.state, shares=(*case.state.shares, *full))
    with pytest.raises(RuleError, match="at most 2000 recipients") as caught:
        case.judge(state, said(RecordShared(PROVINCE, "共享"), CREDIT, on=ON))
    assert caught.value.rule == "record.recipients"
    assert case.judge(state, SHARED) == ()


def test_a_lead_is_not_given_to_anybody() -> None:
    """C18 C25 线索不是记录，不推送。"""
    begun_here(LEAD, VERIFIED).when(SHARED.fact, CREDIT, on=ON).refused("record.standing")


@pytest.mark.parametrize("fact", [PUBLISHED.fact, SHARED.fact])
def test_a_withdrawn_or_repaired_record_is_neither_published_nor_given(fact: object) -> None:
    """E05 E10 F01 C18 已撤销、已修复的记录不公示、不共享。"""
    punishable(WITHDRAWN).when(fact, CREDIT, on=TODAY).refused("record.standing")
    case = punishable()
    repaired = only(case, *REPAIRED)
    with pytest.raises(RuleError, match="repaired"):
        case.judge(repaired, said(fact, CREDIT, on=TODAY))


# --- ended --------------------------------------------------------------------------------------------------

ENDS = [PublicationEnded, SharingEnded]


@pytest.mark.parametrize("end", ENDS)
def test_publicity_runs_out_only_after_its_last_day(end: type) -> None:
    """F01 公示期届满终止公示、停止共享。"""
    case = punishable(PUBLISHED, SHARED)
    case.when(end(PublicationEnd.EXPIRED), CREDIT, on=date(2027, 5, 20)).refused("record.publicity-runs")
    case.when(end(PublicationEnd.EXPIRED), CREDIT, on=OVER).then()


def test_what_was_never_published_does_not_run_out() -> None:
    """F01 未公示的，无所谓公示期届满。"""
    case = punishable(SHARED)
    case.when(SharingEnded(PublicationEnd.EXPIRED), CREDIT, on=OVER).refused("record.publicity-runs")


@pytest.mark.parametrize("end", ENDS)
def test_a_record_is_shielded_with_a_document(end: type) -> None:
    """F01 依法屏蔽须有依据，下架本身留有记载。"""
    case = punishable(PUBLISHED, SHARED)
    case.when(end(PublicationEnd.SHIELDED), CREDIT, on=TODAY).refused("record.basis")
    case.when(end(PublicationEnd.SHIELDED), CREDIT, LETTER, on=TODAY).then()


@pytest.mark.parametrize("end", ENDS)
def test_the_subject_does_not_shield_itself(end: type) -> None:
    """F01 信用主体不得自行屏蔽。"""
    roles = {"roles.subject": '["PublicationEnded", "SharingEnded"]'}
    case = punishable(PUBLISHED, SHARED, rules=roles)
    case.when(end(PublicationEnd.SHIELDED), SUBJECT, LETTER, on=TODAY).refused("record.own-case")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("reason", [PublicationEnd.REPAIRED, PublicationEnd.WITHDRAWN])
def test_repair_and_withdrawal_end_publicity_through_the_ledger_alone(end: type, reason: PublicationEnd) -> None:
    """E10 E05 修复、撤销后终止公示、停止共享，只由账本作为后果记载。"""
    case, fact = punishable(PUBLISHED, SHARED), end(reason)
    case.when(fact, CREDIT, LETTER, on=TODAY).refused("record.takedown")
    ledger = following(fact)
    case.when(fact, ledger.by, on=TODAY, cause=ledger.cause).refused("record.takedown")
    why = REPAIRED if reason is PublicationEnd.REPAIRED else (WITHDRAWN,)
    assert case.judge(only(case, *why), ledger) == ()


def test_with_the_record_everything_that_rests_on_it_ends() -> None:
    """E10 E05 终止公示、停止共享和使用、同步解除惩戒。"""
    state = punishable(IMPOSED, PUBLISHED, SHARED, replace(WITHDRAWN, on=TODAY)).state
    assert not state.is_published(TODAY)
    assert not state.shared
    assert state.penalties[0].lifted.fact == PenaltyLifted("p1", LiftReason.WITHDRAWN)


@pytest.mark.parametrize(("end", "rule"), [(PublicationEnded, "record.published"), (SharingEnded, "record.shared")])
def test_what_has_not_begun_does_not_end(end: type, rule: str) -> None:
    """F01 未公示、未共享的，不得记载终止。"""
    punishable().when(end(PublicationEnd.SHIELDED), CREDIT, LETTER, on=TODAY).refused(rule)


# --- told ---------------------------------------------------------------------------------------------------


def test_who_was_given_the_record_is_told_of_changes() -> None:
    """E05 E09 告知曾获得该记录的单位。"""
    case = punishable(SHARED)
    state = case.when(RecipientTold(PARTNER, TODAY), CREDIT, on=TODAY).then()
    assert [t.fact.recipient for t in state.told] == [PARTNER]
    case.when(RecipientTold(PROVINCE, TODAY), CREDIT, on=TODAY).refused("record.recipient")
    case.when(RecipientTold(PARTNER, date(2026, 6, 2)), CREDIT, on=TODAY).refused("record.future")
    punishable().when(RecipientTold(PARTNER, TODAY), CREDIT, on=TODAY).refused("record.recipient")


def test_who_was_given_the_record_is_told_of_its_withdrawal_too() -> None:
    """E05 E06 撤销后仍须告知曾获得该记录的单位。"""
    withdrawn = punishable(SHARED, replace(WITHDRAWN, on=TODAY))
    withdrawn.when(RecipientTold(PARTNER, TODAY), RECOGNISER, DECISION, on=TODAY).then()
