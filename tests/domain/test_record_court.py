"""The court list: a body is listed, asks to be removed, and is removed by one of three ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.domain.record.course_facts import (
    CaseClosed,
    CourtListEntered,
    CourtListRemovalRequested,
    CourtListRemoved,
    RecordWithdrawn,
)
from ledger.domain.record.terms import CaseEnd, CourtExit, WithdrawalGround
from tests.domain.course import EVIDENCE, LISTED
from tests.domain.penalties import begun_here
from tests.domain.records import COURT, LEAD, LETTER, RECOGNISED, SUBJECT, TODAY, VERIFIED, begun
from tests.domain.scenario import CREDIT, STRANGER, Saying, Scenario, said

DAY = timedelta(days=1)
SINCE = date(2026, 5, 25)
ENTRY: CourtListEntered = LISTED.fact
REQUESTED = CourtListRemovalRequested(CourtExit.PERFORMED, TODAY)
REMOVED = CourtListRemoved(CourtExit.PERFORMED, TODAY)


def recorded(*sayings: Saying) -> Scenario:
    """A record, and what came then."""
    return begun(LEAD, VERIFIED, RECOGNISED, *sayings)


def test_a_court_lists_a_body() -> None:
    """C04 着重采集政府机构被纳入法院失信被执行人名单的信息。"""
    state = recorded().when(ENTRY, COURT, on=TODAY).then()
    assert state.listings[0].entered.fact.case_number
    begun(LEAD, VERIFIED).when(ENTRY, COURT, on=TODAY).refused("record.standing")


def test_who_is_no_court_shows_the_document_of_the_court() -> None:
    """C04 信用办记载失信被执行人信息的，须有法院文书。"""
    recorded().when(ENTRY, CREDIT, on=TODAY).refused("record.basis")
    recorded().when(ENTRY, CREDIT, EVIDENCE, on=TODAY).refused("record.decision")
    recorded().when(ENTRY, CREDIT, LETTER, on=TODAY).then()
    recorded().when(ENTRY, STRANGER, LETTER, on=TODAY).refused("record.role")


def test_the_days_of_a_listing_make_sense() -> None:
    """C04 列入日期不在未来，截止不早于列入。"""
    recorded().when(replace(ENTRY, listed_on=TODAY + DAY), COURT, on=TODAY).refused("record.future")
    recorded().when(replace(ENTRY, until=SINCE - DAY), COURT, on=TODAY).refused("record.listing-period")
    recorded().when(replace(ENTRY, until=date(2028, 5, 24)), COURT, on=TODAY).then()


def test_a_body_is_listed_again_only_after_removal() -> None:
    """C04 C06 已列入的，删除后方可再次列入。"""
    again = replace(ENTRY, case_number="（2026）示执2号", listed_on=TODAY)
    removed = said(REMOVED, COURT, on=TODAY)
    recorded(LISTED).when(again, COURT, on=TODAY).refused("record.listed")
    assert len(recorded(LISTED, removed).when(again, COURT, on=TODAY).then().listings) == 2


@pytest.mark.parametrize("way", list(CourtExit))
def test_there_are_three_ways_out(way: CourtExit) -> None:
    """C06 及时全面履行法定义务或与申请执行人达成和解协议并履行完毕，并提请法院从失信被执行人名单中删除。"""
    asked = said(replace(REQUESTED, way=way), SUBJECT, EVIDENCE, on=TODAY)
    state = recorded(LISTED, asked).when(replace(REMOVED, way=way), COURT, on=TODAY).then()
    assert state.listings[0].removed


def test_a_way_that_no_rule_knows_leads_nowhere() -> None:
    """C06 退出途径以规则包所列为限。"""
    case = begun_here(LEAD, VERIFIED, RECOGNISED, LISTED, rules={"court.exits": '["performed"]'})
    settled = CourtExit.SETTLED
    error = case.when(replace(REQUESTED, way=settled), SUBJECT, EVIDENCE, on=TODAY).refused("record.court-exit")
    assert "court.exits" in error.source
    case.when(replace(REMOVED, way=settled), COURT, on=TODAY).refused("record.court-exit")
    case.when(REMOVED, COURT, on=TODAY).then()


def test_the_request_shows_its_proof() -> None:
    """C06 提请法院删除，须附履行、和解的证明。"""
    recorded(LISTED).when(REQUESTED, SUBJECT, on=TODAY).refused("record.basis")
    recorded(LISTED).when(REQUESTED, SUBJECT, EVIDENCE, on=TODAY).then()


def test_only_a_listed_body_leaves_the_list() -> None:
    """C06 未列入名单的，无从删除。"""
    removed = said(REMOVED, COURT, on=TODAY)
    for case in (recorded(), recorded(LISTED, removed)):
        case.when(REQUESTED, SUBJECT, EVIDENCE, on=TODAY).refused("record.not-listed")
        case.when(REMOVED, COURT, on=TODAY).refused("record.not-listed")
    begun(LEAD, VERIFIED).when(REMOVED, COURT, on=TODAY).refused("record.standing")


def test_the_days_of_a_removal_make_sense() -> None:
    """C06 履行、删除的日期在列入之后，不在未来。"""
    listed = recorded(LISTED)
    listed.when(replace(REMOVED, removed_on=SINCE), COURT, on=TODAY).then()
    listed.when(replace(REMOVED, removed_on=SINCE - DAY), COURT, on=TODAY).refused("record.court-day")
    listed.when(replace(REMOVED, removed_on=TODAY + DAY), COURT, on=TODAY).refused("record.future")
    early, late = (replace(REQUESTED, ready_on=day) for day in (SINCE - DAY, TODAY + DAY))
    listed.when(early, SUBJECT, EVIDENCE, on=TODAY).refused("record.court-day")
    listed.when(late, SUBJECT, EVIDENCE, on=TODAY).refused("record.future")


def test_a_removal_that_the_court_did_not_sign_shows_its_document() -> None:
    """C06 信用办记载删除的，须有法院文书；主体不得自行删除。"""
    recorded(LISTED).when(REMOVED, CREDIT, on=TODAY).refused("record.basis")
    recorded(LISTED).when(REMOVED, CREDIT, LETTER, on=TODAY).then()
    recorded(LISTED).when(REMOVED, SUBJECT, LETTER, on=TODAY).refused("record.role")


def test_the_list_outlives_the_record_but_not_the_file() -> None:
    """C06 记录撤销后法院仍可删除名单信息；结案后不再记载。"""
    withdrawn = said(RecordWithdrawn(WithdrawalGround.WRONG_SUBJECT, "主体有误"), CREDIT, LETTER, on=TODAY)
    closed = said(CaseClosed(CaseEnd.WITHDRAWN, "记录已撤销"), CREDIT, on=TODAY)
    recorded(LISTED, withdrawn).when(REMOVED, COURT, on=TODAY).then()
    recorded(LISTED, withdrawn, closed).when(REMOVED, COURT, on=TODAY).refused("record.closed")
