"""Supervision: letters to the subject, serious cases to the government, the superior body told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from ledger.domain.body_terms import Kind
from ledger.domain.record.course_facts import CaseEscalated, SuperiorInformed, SupervisionLetterIssued
from ledger.domain.record.terms import LetterKind
from tests.domain.course import SERIOUS
from tests.domain.records import (
    GRADED,
    LEAD,
    LETTER,
    RECOGNISED,
    RECOGNISER,
    RECORD_WORLD,
    SUBJECT,
    SUPERIOR,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.scenario import CITY, CREDIT, HEIR, PROVINCE, UNKNOWN, succeeded

DAY = timedelta(days=1)
ESCALATED = CaseEscalated(CITY, "情况报告")


def test_a_supervision_letter_is_a_document() -> None:
    """D03 专项督办、函告整改、联合惩戒等措施。"""
    fact = SupervisionLetterIssued(LetterKind.SPECIAL_SUPERVISION, "限期报告", TODAY)
    case = begun(LEAD, VERIFIED, RECOGNISED)
    case.when(fact, CREDIT, on=TODAY).refused("record.basis")
    case.when(fact, CREDIT, LETTER, on=TODAY).then()
    case.when(replace(fact, due=None), SUPERIOR, LETTER, on=TODAY).then()
    case.when(replace(fact, due=TODAY - DAY), CREDIT, LETTER, on=TODAY).refused("record.deadline-past")
    begun(LEAD, VERIFIED).when(fact, CREDIT, LETTER, on=TODAY).refused("record.standing")


def test_nobody_supervises_itself() -> None:
    """D03 督办单位不得为信用主体自身。"""
    own = replace(RECORD_WORLD[SUBJECT], roles=RECORD_WORLD[CREDIT].roles)
    case = begun(LEAD, VERIFIED, RECOGNISED).amid({**RECORD_WORLD, SUBJECT: own})
    fact = SupervisionLetterIssued(LetterKind.RECTIFICATION_LETTER, "限期整改")
    case.when(fact, SUBJECT, LETTER, on=TODAY).refused("record.own-case")


def test_serious_cases_are_reported_to_the_government() -> None:
    """C16 对政务领域严重失信的，要及时向市政府报告情况，努力消除负面影响。"""
    state = begun(LEAD, VERIFIED, RECOGNISED, SERIOUS).when(ESCALATED, RECOGNISER, on=TODAY).then()
    assert state.escalations
    error = begun(LEAD, VERIFIED, RECOGNISED, GRADED).when(ESCALATED, RECOGNISER, on=TODAY).refused("record.escalation")
    assert "severity.escalate" in error.source
    begun(LEAD, VERIFIED, RECOGNISED).when(ESCALATED, RECOGNISER, on=TODAY).refused("record.escalation")


def test_only_a_government_that_is_known_can_be_told() -> None:
    """C16 向市政府报告：应为已登记的政府，且非信用主体自身。"""
    case = begun(LEAD, VERIFIED, RECOGNISED, SERIOUS)
    case.when(replace(ESCALATED, government=UNKNOWN), RECOGNISER, on=TODAY).refused("record.known")
    case.when(replace(ESCALATED, government=CREDIT), RECOGNISER, on=TODAY).refused("record.government")
    itself = {**RECORD_WORLD, SUBJECT: replace(RECORD_WORLD[SUBJECT], kind=Kind.GOVERNMENT)}
    own = replace(ESCALATED, government=SUBJECT)
    case.amid(itself).when(own, RECOGNISER, on=TODAY).refused("record.government")


def test_the_superior_body_is_told() -> None:
    """D07 向上级主管单位及时通报相关情况。"""
    case = begun(LEAD, VERIFIED, RECOGNISED)
    case.when(SuperiorInformed(SUPERIOR, TODAY), CREDIT, on=TODAY).then()
    error = case.when(SuperiorInformed(PROVINCE, TODAY), CREDIT, on=TODAY).refused("record.superior")
    assert SUPERIOR in error.en
    case.when(SuperiorInformed(SUPERIOR, TODAY + DAY), CREDIT, on=TODAY).refused("record.future")


def test_who_succeeded_the_superior_is_the_superior() -> None:
    """D07 A12 上级主管单位改组的，向承继单位通报。"""
    case = begun(LEAD, VERIFIED, RECOGNISED).amid(succeeded(SUPERIOR, HEIR, RECORD_WORLD))
    case.when(SuperiorInformed(HEIR, TODAY), CREDIT, on=TODAY).then()


def test_a_body_without_superior_has_nobody_to_be_told() -> None:
    """D07 没有登记上级主管单位的，无从通报。"""
    alone = {**RECORD_WORLD, SUBJECT: replace(RECORD_WORLD[SUBJECT], superior=None)}
    fact = SuperiorInformed(SUPERIOR, date(2026, 5, 30))
    begun(LEAD, VERIFIED, RECOGNISED).amid(alone).when(fact, CREDIT, on=TODAY).refused("record.superior")
