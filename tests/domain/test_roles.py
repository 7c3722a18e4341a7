"""Who may say what: the table of roles in the pack, where a body's roles come from, and how a refusal names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import pytest

from ledger.domain.body_terms import Kind, Role
from ledger.domain.calendar import Calendar
from ledger.domain.event import LEDGER, Event, Rules
from ledger.domain.pack import parse_pack
from ledger.domain.policy import View, view_of
from ledger.domain.record.course_facts import ExplanationFiled, ToleranceDetermined
from ledger.domain.record.facts import BreachRecognised, LeadReceived, LeadVerified, SeverityGraded
from ledger.domain.record.remedy_facts import ObjectionUpheld, RestorationOrdered, SourceAnswered
from ledger.domain.record.terms import Severity
from ledger.domain.roles import CALLED, CaseRole, allowed, need_role, roles_of
from ledger.errors import RuleError
from tests.domain.records import (
    COURT,
    GRADED,
    HOTLINE,
    LEAD,
    RECOGNISED,
    SUBJECT,
    SUPERIOR,
    TODAY,
    VERIFIED,
    begun,
    policy,
)
from tests.domain.records import RECORD_WORLD as WORLD
from tests.domain.scenario import CREDIT, HEIR, STRANGER, said, succeeded

NATIONAL: View = view_of((policy("national"),), TODAY)
CASE: Mapping[CaseRole, Iterable[str]] = {CaseRole.SUBJECT: (SUBJECT,), CaseRole.SUPERIOR: (SUPERIOR,)}


def event(name: type, by: str, cause: str | None = None) -> Event:
    """An event of a record; its content does not matter here."""
    return Event(by, 0, "", "record/1", 2, None, object.__new__(name), cause=cause)


# --- where roles come from --------------------------------------------------------------------------------------


def test_roles_are_granted_by_an_operator() -> None:
    assert roles_of(Rules(WORLD), CREDIT, CASE) == {CaseRole.CREDIT_OFFICE}
    assert roles_of(Rules(WORLD), STRANGER, CASE) == set()


def test_every_role_that_can_be_granted_is_a_role_towards_a_case() -> None:
    assert {str(role) for role in Role} <= set(CaseRole)


def test_a_court_is_one_because_of_what_it_is() -> None:
    """C04 人民法院推送失信被执行人。"""
    assert roles_of(Rules(WORLD), COURT, CASE) == {CaseRole.COURT}
    assert WORLD[COURT].kind is Kind.COURT


def test_other_roles_come_from_where_a_body_stands_in_the_case() -> None:
    assert roles_of(Rules(WORLD), SUBJECT, CASE) == {CaseRole.SUBJECT}
    assert roles_of(Rules(WORLD), SUPERIOR, CASE) == {CaseRole.SUPERIOR}
    assert roles_of(Rules(WORLD), SUPERIOR, {}) == set()


def test_whoever_succeeded_a_body_stands_where_it_stood() -> None:
    """A12 不得以政府换届、相关责任人更替等理由毁约：职责由承继单位承担。"""
    world = succeeded(SUBJECT, HEIR, WORLD)
    assert roles_of(Rules(world), HEIR, CASE) == {CaseRole.SUBJECT}


def test_a_body_has_all_its_roles_at_once() -> None:
    world = {**WORLD, SUBJECT: replace(WORLD[SUBJECT], roles=frozenset({Role.HOTLINE, Role.SOURCE_BODY}))}
    assert roles_of(Rules(world), SUBJECT, CASE) == {CaseRole.HOTLINE, CaseRole.SOURCE_BODY, CaseRole.SUBJECT}


# --- the table in the pack --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "roles"),
    [
        (LeadReceived, "credit_office recognising_body source_body hotline court"),
        (BreachRecognised, "recognising_body court superior"),
        (SeverityGraded, "credit_office case_recogniser"),
        (ExplanationFiled, "credit_office subject"),
        (SourceAnswered, "source_body case_source"),
        (ToleranceDetermined, "recognising_body superior"),
        (ObjectionUpheld, "credit_office case_recogniser"),
        (RestorationOrdered, ""),
    ],
)
def test_the_national_pack_says_who_may_state_what(fact: type, roles: str) -> None:
    """K05 各级发改部门负责组织政务失信记录的采集和公开；谁认定、谁修复。"""
    assert set(allowed(NATIONAL, fact.__name__)) == set(roles.split())


def test_a_role_of_the_table_is_enough() -> None:
    """谁可以说什么：有相应角色的可以记载。"""
    need_role("record", event(LeadReceived, HOTLINE), Rules(WORLD), NATIONAL, CASE)
    need_role("record", event(ExplanationFiled, SUBJECT), Rules(WORLD), NATIONAL, CASE)


@pytest.mark.parametrize(
    ("fact", "by", "wanted"),
    [
        (LeadVerified, HOTLINE, "credit_office, recognising_body, court, superior"),
        (ExplanationFiled, SUPERIOR, "credit_office, subject"),
        (BreachRecognised, CREDIT, "recognising_body, court, superior"),
        (SeverityGraded, STRANGER, "credit_office, case_recogniser"),
    ],
)
def test_a_refusal_names_the_missing_roles_in_both_languages(fact: type, by: str, wanted: str) -> None:
    """没有角色的被拒绝，并写明须有的角色。"""
    with pytest.raises(RuleError) as caught:
        need_role("record", event(fact, by), Rules(WORLD), NATIONAL, CASE)
    error = caught.value
    assert error.rule == "record.role"
    assert wanted in error.en
    assert "、".join(CALLED[CaseRole(role)] for role in wanted.split(", ")) in error.zh
    assert "(roles." in error.source


def test_what_only_the_ledger_states_nobody_may_submit() -> None:
    with pytest.raises(RuleError, match="nobody but the ledger"):
        need_role("record", event(RestorationOrdered, CREDIT), Rules(WORLD), NATIONAL, CASE)


def test_a_consequence_needs_no_role() -> None:
    need_role("record", event(RestorationOrdered, LEDGER, cause="0198"), Rules(WORLD), NATIONAL, CASE)


def test_another_pack_may_give_an_event_to_another_role() -> None:
    """角色表在规则包中，可配置。"""
    text = '[pack]\nid = "local"\nregion = "990000"\nzh = "示例"\nen = "Local"\nversion = "1"\n[[value]]\n'
    text += 'key = "roles.hotline"\nvalue = ["LeadVerified"]\nsource = "示例"\nfrom = 2020-01-01\nconfidence = "high"\n'
    local = View((parse_pack(text), *NATIONAL.layers), Calendar(), TODAY)
    assert CaseRole.HOTLINE in allowed(local, "LeadVerified")
    assert CaseRole.HOTLINE not in allowed(local, "LeadReceived")


# --- in a case --------------------------------------------------------------------------------------------------


def test_the_body_that_recognised_a_record_grades_it_and_no_other_recognising_body() -> None:
    """谁认定、谁修复：本案认定单位。"""
    record = begun(LEAD, VERIFIED, RECOGNISED)
    record.having(GRADED)
    other = {**record.world, STRANGER: replace(record.world[STRANGER], roles=frozenset({Role.RECOGNISING_BODY}))}
    grade = SeverityGraded(Severity.GENERAL, Severity.GENERAL, "造成损失", Severity.MINOR, "影响较小")
    record.amid(other).when(grade, STRANGER, on=date(2026, 5, 23)).refused("record.role")


def test_the_superior_of_the_subject_recognises_a_breach() -> None:
    """发改财金〔2023〕1103号：转交被投诉主体的上级部门核实认定。"""
    by_superior = said(RECOGNISED.fact, SUPERIOR, RECOGNISED.basis, on=RECOGNISED.on)
    begun(LEAD, VERIFIED, by_superior)
    begun(LEAD, VERIFIED).when(RECOGNISED.fact, CREDIT, RECOGNISED.basis, on=RECOGNISED.on).refused("record.role")
