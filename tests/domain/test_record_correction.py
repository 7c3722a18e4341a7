"""Correction, withdrawal and the end of a file: by new events, with all that follows, and only for a true reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.domain.event import Consequence
from ledger.domain.record.course_facts import (
    PublicationEnded,
    RecordCorrected,
    RecordSupplemented,
    RecordWithdrawn,
    SharingEnded,
)
from ledger.domain.record.remedy_facts import ObjectionDismissed, ObjectionUpheld, PenaltyLifted
from ledger.domain.record.remedy_terms import Extent, LiftReason
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import Correction, PublicationEnd, WithdrawalGround
from tests.domain.course import EVIDENCE, PUBLISHED, SHARED
from tests.domain.penalties import ACCEPTED, IMPOSED, OBJECTED, imposed, punishable
from tests.domain.records import (
    DECISION,
    LEAD,
    LETTER,
    RECOGNISED,
    RECOGNISER,
    RECORD,
    RECORD_WORLD,
    SUBJECT,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.remedies import QUIET
from tests.domain.scenario import CREDIT, Saying, Scenario, said

CORRECTED = RecordCorrected((Correction("处罚决定文号", "示罚字〔2026〕1号"),), "文号有误")
WITHDRAWN = RecordWithdrawn(WithdrawalGround.UNTRUE, "事实不成立")
FALLEN = said(WITHDRAWN, CREDIT, LETTER, on=TODAY)


def recorded(*sayings: Saying) -> Scenario:
    """A record, and what came then."""
    return begun(LEAD, VERIFIED, RECOGNISED, *sayings)


def in_own_case() -> Scenario:
    """A record whose subject happens to be a credit office."""
    own = replace(RECORD_WORLD[SUBJECT], roles=RECORD_WORLD[CREDIT].roles)
    return recorded().amid({**RECORD_WORLD, SUBJECT: own})


# --- corrected, supplemented --------------------------------------------------------------------------------


def test_what_is_wrong_is_corrected_by_a_new_event() -> None:
    """E05 经核实有误的应及时更正或撤销。"""
    state = recorded().when(CORRECTED, CREDIT, LETTER, on=TODAY).then()
    assert state.recognised.fact == RECOGNISED.fact  # nothing is overwritten
    assert state.corrections[0].fact == CORRECTED


def test_a_correction_says_what_and_on_which_document() -> None:
    """E05 更正须写明事项和依据。"""
    recorded().when(CORRECTED, CREDIT, on=TODAY).refused("record.basis")
    recorded().when(replace(CORRECTED, corrections=()), CREDIT, LETTER, on=TODAY).refused("record.corrections")
    in_own_case().when(CORRECTED, SUBJECT, LETTER, on=TODAY).refused("record.own-case")
    begun(LEAD, VERIFIED).when(CORRECTED, CREDIT, LETTER, on=TODAY).refused("record.standing")


def test_a_correction_names_only_an_objection_that_was_upheld() -> None:
    """E05 E01 因异议更正的，异议应已成立。"""
    upheld = said(ObjectionUpheld("o1", Extent.PARTLY, "部分属实", lift=("p1",)), CREDIT, LETTER, on=TODAY)
    dismissed = said(ObjectionDismissed("o1", "不属实"), CREDIT, on=TODAY)
    named = replace(CORRECTED, objection="o1")
    recorded().when(named, CREDIT, LETTER, on=TODAY).refused("record.objection-upheld")
    disputed = punishable(IMPOSED, OBJECTED, ACCEPTED)
    disputed.when(named, CREDIT, LETTER, on=TODAY).refused("record.objection-upheld")
    disputed.having(dismissed).when(named, CREDIT, LETTER, on=TODAY).refused("record.objection-upheld")
    disputed.having(upheld).when(named, CREDIT, LETTER, on=TODAY).then()


def test_a_withdrawn_record_is_neither_corrected_nor_supplemented() -> None:
    """E05 已撤销的记录不再更正、补充。"""
    recorded(FALLEN).when(CORRECTED, CREDIT, LETTER, on=TODAY).refused("record.standing")
    recorded(FALLEN).when(RecordSupplemented("补充"), CREDIT, on=TODAY).refused("record.standing")
    assert recorded().when(RecordSupplemented("补充"), CREDIT, on=TODAY).then().supplements


# --- withdrawn ----------------------------------------------------------------------------------------------


def test_a_record_that_does_not_stand_is_withdrawn() -> None:
    """E05 C17 经核实有误的应及时撤销。"""
    assert recorded().when(WITHDRAWN, CREDIT, LETTER, on=TODAY).then().standing is Standing.WITHDRAWN
    recorded().when(WITHDRAWN, CREDIT, on=TODAY).refused("record.basis")
    recorded(FALLEN).when(WITHDRAWN, CREDIT, LETTER, on=TODAY).refused("record.standing")
    begun(LEAD, VERIFIED).when(WITHDRAWN, CREDIT, LETTER, on=TODAY).refused("record.standing")


def test_nobody_withdraws_its_own_record() -> None:
    """E05 主体不得自行撤销记录。"""
    in_own_case().when(WITHDRAWN, SUBJECT, LETTER, on=TODAY).refused("record.own-case")
    recorded().when(WITHDRAWN, SUBJECT, LETTER, on=TODAY).refused("record.role")


def test_a_revoked_decision_is_shown() -> None:
    """E05 据以认定的决定被撤销的，写明机关、文号、日期。"""
    revoked = replace(WITHDRAWN, ground=WithdrawalGround.DECISION_REVOKED)
    recorded().when(revoked, CREDIT, EVIDENCE, on=TODAY).refused("record.decision")
    recorded().when(revoked, CREDIT, DECISION, on=TODAY).then()


def test_tolerance_is_a_ground_only_where_it_was_determined() -> None:
    """C19 以容错为由撤销，须有容错认定。"""
    tolerated = replace(WITHDRAWN, ground=WithdrawalGround.TOLERATED)
    recorded().when(tolerated, CREDIT, LETTER, on=TODAY).refused("record.untolerated")


def test_with_the_record_falls_all_that_rests_on_it() -> None:
    """E05 E06 撤销记录的，惩戒、公示、共享随之终止。"""
    second = said(imposed("criticism", "p2"), RECOGNISER, DECISION, on=date(2026, 5, 25))
    case = punishable(IMPOSED, second, PUBLISHED, SHARED, rules=QUIET)
    consequences = (
        PenaltyLifted("p1", LiftReason.WITHDRAWN),
        PenaltyLifted("p2", LiftReason.WITHDRAWN),
        PublicationEnded(PublicationEnd.WITHDRAWN),
        SharingEnded(PublicationEnd.WITHDRAWN),
    )
    case.when(WITHDRAWN, CREDIT, LETTER, on=TODAY).then(*(Consequence(RECORD, fact) for fact in consequences))
    state = case.having(FALLEN).state
    assert not state.published
    assert not state.shared
    assert not any(p.is_live(TODAY) for p in state.penalties)


def test_what_has_ended_before_does_not_end_again() -> None:
    """E05 D11 惩戒期满的，撤销时不再解除。"""
    over = date(2026, 11, 25)
    punishable(IMPOSED, rules=QUIET).when(WITHDRAWN, CREDIT, LETTER, on=over).then()
    fact = PenaltyLifted("p1", LiftReason.WITHDRAWN)
    punishable(IMPOSED, rules=QUIET).when(WITHDRAWN, CREDIT, LETTER, on=over - timedelta(1)).then(
        Consequence(RECORD, fact)
    )


@pytest.mark.parametrize("decision", [ObjectionDismissed("o1", "不属实"), ObjectionUpheld("o1", Extent.WHOLLY, "属实")])
def test_an_open_objection_is_decided_even_if_the_record_falls(decision: object) -> None:
    """E01 E05 记录撤销后，未结的异议仍应处理。"""
    case = punishable(IMPOSED, OBJECTED, ACCEPTED, FALLEN)
    decided = case.having(said(decision, CREDIT, LETTER, on=TODAY)).state
    assert not any(o.is_open for o in decided.objections)
    assert not decided.in_force(TODAY)
