"""Leads: what may become a record, and why it may not."""

from __future__ import annotations

from datetime import date

from ledger.domain.record.facts import LeadClosed, LeadVerified, RectificationUrged
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import LeadEnd
from tests.domain.records import LEAD, SUBJECT, TODAY, VERIFIED, begun
from tests.domain.scenario import CREDIT, STRANGER, said


def test_a_lead_is_not_a_record() -> None:
    """C25 失信舆情采集：线索不是记录。"""
    assert begun(LEAD).state.standing is Standing.LEAD


def test_a_lead_is_verified_before_anything_else() -> None:
    """H06 加强举报核实。"""
    state = begun(LEAD).when(LeadVerified(True, "经核实属实"), CREDIT, on=TODAY).then()
    assert state.standing is Standing.VERIFIED


def test_who_has_no_role_cannot_verify() -> None:
    """谁可以说什么：须有相应角色。"""
    error = begun(LEAD).when(LeadVerified(True, "属实"), STRANGER, on=TODAY).refused("record.role")
    assert "credit_office" in error.en


def test_urging_needs_a_verified_lead() -> None:
    """发改财金〔2023〕1103号：属实的督促整改。"""
    begun(LEAD).when(RectificationUrged("履约", date(2026, 7, 1)), CREDIT, on=TODAY).refused("record.standing")
    begun(LEAD, VERIFIED).when(RectificationUrged("履约", date(2026, 7, 1)), CREDIT, on=TODAY).then()


def test_a_change_of_office_holder_ends_no_lead() -> None:
    """不得以政府换届、相关责任人更替等理由毁约。"""
    closed = LeadClosed(LeadEnd.CHANGE_OF_OFFICE_HOLDER, "换届")
    begun(LEAD, VERIFIED).when(closed, CREDIT, on=TODAY).refused("record.excuse")


def test_the_subject_does_not_verify_itself() -> None:
    """客观评价：不得自我认定。"""
    begun(LEAD).when(LeadVerified(False, "不属实"), SUBJECT, on=TODAY).refused("record.role")


def test_an_untrue_lead_ends_with_reasons() -> None:
    """不属实的，说明理由答复。"""
    untrue = said(LeadVerified(False, "不属实"), CREDIT, on=TODAY)
    state = begun(LEAD, untrue).when(LeadClosed(LeadEnd.UNTRUE, "查无实据"), CREDIT, on=TODAY).then()
    assert state.standing is Standing.ENDED
