"""Fault tolerance: only where the rules know it; before recognition nothing is recorded, after it the record falls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.domain.event import Consequence
from ledger.domain.record.course_facts import RecordWithdrawn, ToleranceDetermined, ToleranceRequested
from ledger.domain.record.facts import LeadClosed
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import LeadEnd, WithdrawalGround
from tests.domain.course import EVIDENCE
from tests.domain.records import (
    LEAD,
    LETTER,
    RECOGNISED,
    RECOGNISER,
    RECORD,
    RECORD_WORLD,
    SUBJECT,
    SUPERIOR,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.scenario import CREDIT, Saying, Scenario, said

ASKED = ToleranceRequested("先行先试中的失误", EVIDENCE)
TOLERATED = ToleranceDetermined(True, "示例市委组织部", "符合容错情形和条件")
REFUSED = replace(TOLERATED, tolerated=False)


def in_yancheng(*sayings: Saying) -> Scenario:
    """A case under the one pack that knows fault tolerance."""
    return begun(*sayings, packs=("yancheng",))


@pytest.mark.parametrize("pack", ["yuncheng", "dehua", "huangshi", "taian", None])
def test_only_yancheng_knows_fault_tolerance(pack: str | None) -> None:
    """C19 经认定符合容错纠错情形和条件的，可不纳入政务失信记录（仅盐城）。"""
    case = begun(LEAD, VERIFIED, packs=(pack,) if pack else ())
    assert "tolerance.allowed" in case.when(ASKED, SUBJECT, on=TODAY).refused("record.tolerance").source
    case.when(TOLERATED, RECOGNISER, LETTER, on=TODAY).refused("record.tolerance")


def test_the_subject_asks_with_evidence() -> None:
    """C19 申请容错认定须附证明材料。"""
    in_yancheng(LEAD).when(replace(ASKED, evidence=()), SUBJECT, on=TODAY).refused("record.evidence")
    assert in_yancheng(LEAD).when(ASKED, SUBJECT, on=TODAY).then().tolerance_requests


def test_a_tolerated_lead_ends_without_a_record() -> None:
    """C19 可不纳入政务失信记录：线索以容错了结。"""
    ended = LeadClosed(LeadEnd.TOLERATED, "经容错认定")
    determined = said(TOLERATED, RECOGNISER, LETTER, on=TODAY)
    in_yancheng(LEAD, VERIFIED).when(ended, CREDIT, on=TODAY).refused("record.tolerated")
    refused = said(REFUSED, RECOGNISER, LETTER, on=TODAY)
    in_yancheng(LEAD, VERIFIED, refused).when(ended, CREDIT, on=TODAY).refused("record.tolerated")
    assert in_yancheng(LEAD, VERIFIED, determined).when(ended, CREDIT, on=TODAY).then().standing is Standing.ENDED


def test_a_tolerated_record_is_withdrawn_in_consequence() -> None:
    """C19 E05 认定后经容错认定的，记录撤销。"""
    withdrawn = Consequence(RECORD, RecordWithdrawn(WithdrawalGround.TOLERATED, TOLERATED.grounds))
    in_yancheng(LEAD, VERIFIED, RECOGNISED).when(TOLERATED, RECOGNISER, LETTER, on=TODAY).then(withdrawn)
    determined = said(TOLERATED, RECOGNISER, LETTER, on=TODAY)
    assert in_yancheng(LEAD, VERIFIED, RECOGNISED, determined).state.standing is Standing.WITHDRAWN


def test_a_record_that_is_not_tolerated_stands() -> None:
    """C19 不符合容错情形和条件的，记录不变，可再次申请。"""
    state = in_yancheng(LEAD, VERIFIED, RECOGNISED).when(REFUSED, RECOGNISER, LETTER, on=TODAY).then()
    assert state.standing is Standing.RECORDED
    again = in_yancheng(LEAD, VERIFIED, RECOGNISED, said(REFUSED, RECOGNISER, LETTER, on=TODAY))
    again.when(ASKED, SUBJECT, on=TODAY).then()


def test_the_determination_is_a_decision_with_its_document() -> None:
    """C19 严格规范认定容错的程序。"""
    case = in_yancheng(LEAD, VERIFIED)
    case.when(TOLERATED, RECOGNISER, on=TODAY).refused("record.basis")
    case.when(TOLERATED, RECOGNISER, EVIDENCE, on=TODAY).refused("record.decision")
    case.when(TOLERATED, CREDIT, LETTER, on=TODAY).refused("record.role")
    case.when(TOLERATED, SUPERIOR, LETTER, on=TODAY).then()


def test_nobody_tolerates_its_own_fault() -> None:
    """C19 不得自我认定容错。"""
    own = replace(RECORD_WORLD[SUBJECT], roles=RECORD_WORLD[RECOGNISER].roles)
    case = in_yancheng(LEAD, VERIFIED).amid({**RECORD_WORLD, SUBJECT: own})
    case.when(TOLERATED, SUBJECT, LETTER, on=TODAY).refused("record.own-case")


def test_tolerance_is_determined_once() -> None:
    """C19 已作出容错认定的，不重复申请、认定；线索了结后不再认定。"""
    case = in_yancheng(LEAD, VERIFIED, said(TOLERATED, RECOGNISER, LETTER, on=TODAY))
    case.when(TOLERATED, RECOGNISER, LETTER, on=TODAY).refused("record.tolerated")
    case.when(ASKED, SUBJECT, on=TODAY).refused("record.tolerated")
    ended = said(LeadClosed(LeadEnd.OUT_OF_SCOPE, "不属于政务失信"), CREDIT, on=TODAY)
    in_yancheng(LEAD, VERIFIED, ended).when(TOLERATED, RECOGNISER, LETTER, on=TODAY).refused("record.standing")
