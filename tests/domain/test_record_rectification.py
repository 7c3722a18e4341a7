"""Rectification: explained, ordered with a deadline, planned, put off, reported, verified, found overdue."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.domain.record.course_facts import (
    ExplanationFiled,
    ExplanationRequested,
    RectificationExtended,
    RectificationFoundOverdue,
    RectificationOrdered,
    RectificationPlanFiled,
    RectificationReported,
    RectificationVerified,
)
from tests.domain.course import EVIDENCE, INSUFFICIENT
from tests.domain.records import (
    CHECKED,
    GRADED,
    LEAD,
    LETTER,
    ORDERED,
    RECOGNISED,
    RECOGNISER,
    RECORD_WORLD,
    REPORTED,
    SUBJECT,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.scenario import CREDIT, STRANGER, Saying, Scenario, said

DAY = timedelta(days=1)
DUE = date(2026, 6, 30)
"""The day of ORDERED."""

OVERDUE = RectificationFoundOverdue("逾期未整改")
REPORT = RectificationReported("已改正", date(2026, 5, 31), EVIDENCE)
POSITIVE = RectificationVerified(True, True, "已整改到位")


def recorded(*sayings: Saying) -> Scenario:
    """A record, and what came then."""
    return begun(LEAD, VERIFIED, RECOGNISED, GRADED, *sayings)


def in_own_case() -> Scenario:
    """A record whose subject happens to be a credit office: it has the role, and may not use it for itself."""
    own = replace(RECORD_WORLD[SUBJECT], roles=RECORD_WORLD[CREDIT].roles)
    return recorded(ORDERED, REPORTED).amid({**RECORD_WORLD, SUBJECT: own})


# --- explanation --------------------------------------------------------------------------------------------


def test_a_written_explanation_is_asked_for_by_a_day_to_come() -> None:
    """D01 对具体失信情况书面说明原因。"""
    recorded().when(ExplanationRequested(TODAY), RECOGNISER, on=TODAY).then()
    recorded().when(ExplanationRequested(TODAY - DAY), RECOGNISER, on=TODAY).refused("record.deadline-past")
    begun(LEAD, VERIFIED).when(ExplanationRequested(DUE), CREDIT, on=TODAY).refused("record.standing")


def test_the_explanation_is_a_document() -> None:
    """D01 书面说明：须有书面材料。"""
    fact = ExplanationFiled("情况说明")
    recorded().when(fact, SUBJECT, on=TODAY).refused("record.basis")
    assert recorded().when(fact, SUBJECT, EVIDENCE, on=TODAY).then().explanations


# --- order, plan, extension ---------------------------------------------------------------------------------


def test_rectification_is_ordered_within_a_deadline() -> None:
    """D02 限期加以整改。"""
    state = recorded().when(RectificationOrdered("限期改正", DUE), RECOGNISER, LETTER, on=TODAY).then()
    assert state.rectification_due == DUE
    past = RectificationOrdered("限期改正", TODAY - DAY)
    recorded().when(past, RECOGNISER, LETTER, on=TODAY).refused("record.deadline-past")


def test_one_order_runs_at_a_time() -> None:
    """D02 限期整改未到期的，应延期而非另行责令；到期后可再次责令。"""
    again = RectificationOrdered("限期改正", date(2026, 7, 31))
    recorded(ORDERED).when(again, RECOGNISER, on=DUE).refused("record.order-runs")
    recorded(ORDERED).when(again, RECOGNISER, on=DUE + DAY).then()


def test_what_is_set_right_is_not_ordered_again() -> None:
    """D02 已核实整改完成的，不再责令；经复核未到位的，可再次责令。"""
    again = RectificationOrdered("限期改正", date(2026, 7, 31))
    relapsed = said(RectificationVerified(False, False, "复核发现反弹"), RECOGNISER, LETTER, on=TODAY)
    done = recorded(ORDERED, REPORTED, CHECKED)
    done.when(again, RECOGNISER, on=DUE + DAY).refused("record.rectified")
    done.having(relapsed).when(again, RECOGNISER, on=DUE + DAY).then()


def test_the_plan_keeps_to_the_deadline() -> None:
    """C10 作为第一责任人，制定失信整改措施方案，明确履行法定义务及整改时限。"""
    recorded(ORDERED).when(RectificationPlanFiled("方案", DUE), SUBJECT, on=TODAY).then()
    recorded(ORDERED).when(RectificationPlanFiled("方案", DUE + DAY), SUBJECT, on=TODAY).refused("record.plan-due")
    past = RectificationPlanFiled("方案", TODAY - DAY)
    recorded(ORDERED).when(past, SUBJECT, on=TODAY).refused("record.deadline-past")


def test_a_plan_answers_an_order() -> None:
    """C10 整改方案对应责令整改，限期内提出。"""
    fact = RectificationPlanFiled("方案", DUE)
    recorded().when(fact, SUBJECT, on=TODAY).refused("record.order")
    recorded(ORDERED).when(fact, SUBJECT, on=DUE + DAY).refused("record.deadline-over")
    recorded(ORDERED, REPORTED, CHECKED).when(fact, SUBJECT, on=TODAY).refused("record.rectified")


def test_a_deadline_is_put_off_before_it_has_passed() -> None:
    """D02 限期整改：延期须在到期之前，且晚于原期限。"""
    later = RectificationExtended(DUE + DAY, "汛期无法施工")
    state = recorded(ORDERED).when(later, RECOGNISER, on=DUE).then()
    assert state.rectification_due == DUE + DAY
    recorded(ORDERED).when(later, RECOGNISER, on=DUE + DAY).refused("record.deadline-over")
    recorded(ORDERED).when(RectificationExtended(DUE, "同日"), RECOGNISER, on=TODAY).refused("record.extension")
    recorded().when(later, RECOGNISER, on=TODAY).refused("record.order")


def test_who_has_to_rectify_does_not_put_off_its_own_deadline() -> None:
    """D02 不得自行延期。"""
    later = RectificationExtended(DUE + DAY, "自行延期")
    in_own_case().when(later, SUBJECT, on=TODAY).refused("record.own-case")
    in_own_case().when(later, CREDIT, on=TODAY).then()


# --- report, verification, overdue --------------------------------------------------------------------------


def test_a_report_shows_evidence_of_what_was_done() -> None:
    """D02 整改情况须附证明，完成日期不在未来；逾期的报告也记载。"""
    recorded(ORDERED).when(replace(REPORT, evidence=()), SUBJECT, on=TODAY).refused("record.evidence")
    recorded(ORDERED).when(replace(REPORT, completed_on=TODAY + DAY), SUBJECT, on=TODAY).refused("record.future")
    recorded(ORDERED).when(REPORT, SUBJECT, on=DUE + DAY).then()


def test_somebody_else_verifies() -> None:
    """D02 E08 已经纠正失信行为：由他方核实，不得自我核实。"""
    in_own_case().when(POSITIVE, SUBJECT, on=TODAY).refused("record.own-case")
    assert in_own_case().when(POSITIVE, RECOGNISER, on=TODAY).then().is_rectified
    recorded(ORDERED, REPORTED).when(POSITIVE, STRANGER, on=TODAY).refused("record.role")


def test_a_verification_rests_on_a_report_or_a_document() -> None:
    """D02 核实须有整改报告或核查材料。"""
    recorded(ORDERED).when(POSITIVE, RECOGNISER, on=TODAY).refused("record.basis")
    recorded(ORDERED).when(POSITIVE, RECOGNISER, LETTER, on=TODAY).then()
    recorded(ORDERED, REPORTED).when(POSITIVE, RECOGNISER, on=TODAY).then()


def test_a_report_is_verified_once() -> None:
    """D02 经核实未到位的，再次核实须有新的整改报告或核查材料。"""
    rejected = recorded(ORDERED, REPORTED, INSUFFICIENT)
    rejected.when(POSITIVE, RECOGNISER, on=TODAY).refused("record.basis")
    rejected.when(POSITIVE, RECOGNISER, LETTER, on=TODAY).then()
    rejected.having(said(REPORT, SUBJECT, on=TODAY)).when(POSITIVE, RECOGNISER, on=TODAY).then()


def test_what_is_not_set_right_is_overdue_after_the_deadline() -> None:
    """C23 D20 对逾期未整改的，要严格追究相关单位和个人责任；建立政府失信责任追究制度。"""
    error = recorded(ORDERED).when(OVERDUE, RECOGNISER, on=DUE).refused("record.deadline-runs")
    assert str(DUE) in error.zh
    assert recorded(ORDERED).when(OVERDUE, RECOGNISER, on=DUE + DAY).then().overdue
    recorded().when(OVERDUE, RECOGNISER, on=TODAY).refused("record.deadline-runs")


def test_a_deadline_that_was_put_off_is_the_one_that_counts() -> None:
    """C23 D02 延期后以新期限认定逾期。"""
    put_off = said(RectificationExtended(date(2026, 7, 15), "程序所需"), RECOGNISER, on=TODAY)
    recorded(ORDERED, put_off).when(OVERDUE, RECOGNISER, on=date(2026, 7, 15)).refused("record.deadline-runs")
    recorded(ORDERED, put_off).when(OVERDUE, RECOGNISER, on=date(2026, 7, 16)).then()


def test_an_order_is_found_overdue_once() -> None:
    """C23 每次责令只认定一次逾期。"""
    found = said(OVERDUE, RECOGNISER, on=DUE + DAY)
    again = said(RectificationOrdered("限期改正", date(2026, 7, 31)), RECOGNISER, on=DUE + DAY)
    recorded(ORDERED, found).when(OVERDUE, RECOGNISER, on=DUE + DAY).refused("record.overdue-once")
    recorded(ORDERED, found, again).when(OVERDUE, RECOGNISER, on=date(2026, 8, 1)).then()


def test_what_is_set_right_is_not_overdue() -> None:
    """C23 已整改的，不认定逾期。"""
    recorded(ORDERED, REPORTED, CHECKED).when(OVERDUE, RECOGNISER, on=DUE + DAY).refused("record.rectified")


def test_a_report_in_time_is_verified_before_anything_is_overdue() -> None:
    """C23 按期提交整改报告而尚未核实的，不因核实迟延认定逾期。"""
    late = said(REPORT, SUBJECT, on=DUE + DAY)
    recorded(ORDERED, REPORTED).when(OVERDUE, RECOGNISER, on=DUE + DAY).refused("record.report-waits")
    recorded(ORDERED, REPORTED, INSUFFICIENT).when(OVERDUE, RECOGNISER, on=DUE + DAY).then()
    recorded(ORDERED, late).when(OVERDUE, RECOGNISER, on=DUE + DAY).then()


@pytest.mark.parametrize("fact", [POSITIVE, OVERDUE, RectificationOrdered("限期改正", date(2026, 7, 31))])
def test_nobody_judges_its_own_rectification(fact: object) -> None:
    """D02 C23 不得自我核实、自行认定。"""
    case = in_own_case().having(said(RectificationVerified(False, False, "未到位"), RECOGNISER, on=TODAY))
    case.when(fact, SUBJECT, LETTER, on=DUE + DAY).refused("record.own-case")
