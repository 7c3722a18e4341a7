"""Leads: what may become a record, and why it may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.domain.body_terms import Kind, Status
from ledger.domain.person import Affiliation
from ledger.domain.record.course_facts import RectificationOrdered
from ledger.domain.record.facts import LeadClosed, LeadReceived, LeadVerified, RectificationUrged
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import LeadEnd, PersonKind, SourceKind
from tests.domain.course import person
from tests.domain.records import (
    HOTLINE,
    LEAD,
    PERSON,
    RECOGNISED,
    RECOGNISER,
    RECORD_WORLD,
    SOURCE,
    SUBJECT,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.scenario import CITY, CREDIT, FIRM, SHORT_NAME, STRANGER, UNKNOWN, said

DAY = timedelta(days=1)
RECEIVED: LeadReceived = LEAD.fact
UNTRUE = said(LeadVerified(False, "不属实"), CREDIT, on=TODAY)
URGED = RectificationUrged("履约", date(2026, 7, 1))

# --- received -----------------------------------------------------------------------------------------------


def test_a_lead_is_not_a_record() -> None:
    """C25 失信舆情采集：线索不是记录。"""
    state = begun().when(replace(RECEIVED, sentiment=True), CREDIT, on=TODAY).then()
    assert state.standing is Standing.LEAD
    assert state.severity is None


@pytest.mark.parametrize("by", [SOURCE, CREDIT, RECOGNISER, HOTLINE])
def test_feeding_units_report(by: str) -> None:
    """C14 相关部门和单位定期向市信用办反馈政府机构失信信息。"""
    begun().when(RECEIVED, by, on=TODAY).then()


def test_who_has_no_role_cannot_report() -> None:
    """C14 反馈失信信息的，须为信源单位、信用办等有角色的单位。"""
    begun().when(RECEIVED, STRANGER, on=TODAY).refused("record.role")


def test_a_case_begins_once() -> None:
    """C14 一案一线索；未有线索的，不得先作其他记载。"""
    begun(LEAD).when(RECEIVED, SOURCE, on=TODAY).refused("record.lead-once")
    begun().when(RectificationOrdered("改正", TODAY), CREDIT, on=TODAY).refused("record.unbegun")


def test_a_lead_was_not_received_in_future() -> None:
    """C14 收到线索的日期不在未来。"""
    begun().when(replace(RECEIVED, received_on=TODAY + DAY), SOURCE, on=TODAY).refused("record.future")
    begun().when(replace(RECEIVED, received_on=TODAY), SOURCE, on=TODAY).then()


@pytest.mark.parametrize("subject", [SHORT_NAME, UNKNOWN])
def test_the_subject_is_registered_under_its_code(subject: str) -> None:
    """A03 以统一社会信用代码为基础：主体须已登记。"""
    begun().when(replace(RECEIVED, subject=subject), SOURCE, on=TODAY).refused("record.subject")


def test_a_body_that_was_merged_is_still_a_subject() -> None:
    """A12 不得以政府换届、相关责任人更替等理由毁约：机构并入他单位的，记录仍在。"""
    merged = replace(RECORD_WORLD[SUBJECT], status=Status.SUCCEEDED, successor=CITY)
    begun().amid({**RECORD_WORLD, SUBJECT: merged}).when(RECEIVED, SOURCE, on=TODAY).then()


def test_each_place_says_which_bodies_are_subjects() -> None:
    """A01 各级党委、政府及其行政管理部门、事业单位，基层自治组织为单位责任主体：各地不同。"""
    village = {**RECORD_WORLD, SUBJECT: replace(RECORD_WORLD[SUBJECT], kind=Kind.VILLAGERS_COMMITTEE)}
    error = begun(packs=("yancheng",)).amid(village).when(RECEIVED, SOURCE, on=TODAY).refused("record.subject-kind")
    assert "subject.body_kinds" in error.source
    begun(packs=("dehua",)).amid(village).when(RECEIVED, SOURCE, on=TODAY).then()


def test_a_lead_refers_only_to_cases_that_have_begun() -> None:
    """H10 及时发现并解决企业、群众反映的政府失信违约问题：线索可来自投诉、承诺、项目。"""
    complaint = "complaint/0198c5a2-0000-7000-8000-000000000031"
    fact = replace(RECEIVED, complaint=complaint)
    begun().when(fact, SOURCE, on=TODAY).refused("record.linked")
    replace(begun(), cases={complaint: object()}).when(fact, SOURCE, on=TODAY).then()


# --- persons ------------------------------------------------------------------------------------------------


def test_the_act_of_an_official_is_a_lead_on_a_person_of_the_subject() -> None:
    """C01 A04 政府部门和公务员在履职过程中的失信行为。"""
    fact = replace(RECEIVED, person=PERSON)
    begun().when(fact, SOURCE, on=TODAY).refused("record.linked")
    state = replace(begun(), cases={PERSON: person()}).when(fact, SOURCE, on=TODAY).then()
    assert state.person == PERSON


def test_only_persons_that_are_subjects_here_have_leads() -> None:
    """A04 公务员、事业单位人员：各地责任主体不同。"""
    staff = {PERSON: person(PersonKind.INSTITUTION_STAFF)}
    fact = replace(RECEIVED, person=PERSON)
    replace(begun(packs=("yancheng",)), cases=staff).when(fact, SOURCE, on=TODAY).refused("record.person-kind")
    replace(begun(packs=("huangshi",)), cases=staff).when(fact, SOURCE, on=TODAY).then()


def test_the_official_served_with_the_subject() -> None:
    """C01 履职过程中：该人员应曾任职于该单位。"""
    fact = replace(RECEIVED, person=PERSON)
    former = person(PersonKind.CIVIL_SERVANT, Affiliation(SUBJECT, date(2015, 1, 1), date(2019, 12, 31)))
    elsewhere = person(PersonKind.CIVIL_SERVANT, Affiliation(FIRM, date(2015, 1, 1)))
    replace(begun(), cases={PERSON: former}).when(fact, SOURCE, on=TODAY).then()
    replace(begun(), cases={PERSON: elsewhere}).when(fact, SOURCE, on=TODAY).refused("record.affiliation")


# --- verified, urged ----------------------------------------------------------------------------------------


def test_a_lead_is_verified_before_anything_else() -> None:
    """H06 加强举报核实。"""
    state = begun(LEAD).when(LeadVerified(True, "经核实属实"), CREDIT, on=TODAY).then()
    assert state.standing is Standing.VERIFIED
    begun(LEAD, VERIFIED, RECOGNISED).when(LeadVerified(False, "不属实"), CREDIT, on=TODAY).refused("record.standing")


def test_who_has_no_role_cannot_verify() -> None:
    """H06 核实举报的，须有相应角色。"""
    error = begun(LEAD).when(LeadVerified(True, "属实"), STRANGER, on=TODAY).refused("record.role")
    assert "credit_office" in error.en


@pytest.mark.parametrize("fact", [LeadVerified(False, "不属实"), URGED, LeadClosed(LeadEnd.OUT_OF_SCOPE, "不属于")])
def test_the_subject_does_not_judge_its_own_lead(fact: object) -> None:
    """H06 不得自我核实、自我了结。"""
    begun(LEAD, VERIFIED).when(fact, SUBJECT, on=TODAY).refused("record.role")
    own = replace(RECORD_WORLD[SUBJECT], roles=RECORD_WORLD[CREDIT].roles)
    world = {**RECORD_WORLD, SUBJECT: own}
    begun(LEAD, VERIFIED).amid(world).when(fact, SUBJECT, on=TODAY).refused("record.own-case")


def test_urging_needs_a_verified_lead() -> None:
    """H10 发改财金〔2023〕1103号：属实的督促整改。"""
    begun(LEAD).when(URGED, CREDIT, on=TODAY).refused("record.standing")
    begun(LEAD, UNTRUE).when(URGED, CREDIT, on=TODAY).refused("record.standing")
    begun(LEAD, VERIFIED).when(URGED, CREDIT, on=TODAY).then()
    begun(LEAD, VERIFIED).when(replace(URGED, due=TODAY - DAY), CREDIT, on=TODAY).refused("record.deadline-past")


# --- closed -------------------------------------------------------------------------------------------------


def test_a_change_of_office_holder_ends_no_lead() -> None:
    """A12 不得以政府换届、相关责任人更替等理由毁约。"""
    closed = LeadClosed(LeadEnd.CHANGE_OF_OFFICE_HOLDER, "换届")
    begun(LEAD, VERIFIED).when(closed, CREDIT, on=TODAY).refused("record.excuse")


def test_an_untrue_lead_ends_with_reasons() -> None:
    """H05 不属实的，说明理由答复。"""
    closed = LeadClosed(LeadEnd.UNTRUE, "查无实据")
    begun(LEAD, VERIFIED).when(closed, CREDIT, on=TODAY).refused("record.untrue")
    begun(LEAD).when(closed, CREDIT, on=TODAY).refused("record.untrue")
    state = begun(LEAD, UNTRUE).when(closed, CREDIT, on=TODAY).then()
    assert state.standing is Standing.ENDED


def test_what_was_set_right_after_urging_ends_the_lead() -> None:
    """H10 发改财金〔2023〕1103号：督促后已整改的，不认定为失信。"""
    closed = LeadClosed(LeadEnd.RECTIFIED, "已履约")
    begun(LEAD, VERIFIED).when(closed, CREDIT, on=TODAY).refused("record.rectified")
    begun(LEAD, VERIFIED, said(URGED, CREDIT, on=TODAY)).when(closed, CREDIT, on=TODAY).then()


def test_a_lead_that_has_ended_is_over() -> None:
    """H05 已了结的线索，不再核实、督促、了结。"""
    closed = LeadClosed(LeadEnd.DUPLICATE, "重复线索")
    ended = begun(LEAD, VERIFIED, said(closed, CREDIT, on=TODAY))
    for fact in (closed, LeadVerified(True, "属实"), URGED):
        ended.when(fact, CREDIT, on=TODAY).refused("record.standing")


def test_any_source_may_begin_a_lead() -> None:
    """C12 C13 欠缴、拖欠等线索先行受理，认定时再按目录核对。"""
    for source in (SourceKind.UTILITY_ARREARS, SourceKind.ARREARS):
        begun().when(replace(RECEIVED, source=source), SOURCE, on=TODAY).then()
