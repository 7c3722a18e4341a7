"""Sweeps of the courts' list: who records them, that they count, and that nothing found is a finding."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.domain.body import BodyRegistered, RoleGranted
from ledger.domain.body_terms import Kind, Role
from ledger.domain.event import LEDGER, Document
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.sweep import CourtListSwept
from tests.domain.scenario import OPERATOR, STRANGER, Scenario, said

COURT, OFFICE, SCHOOLS = fictional_uscc(81), fictional_uscc(82), fictional_uscc(83)
MONTH = "2026-02"
FILE = Document("失信被执行人名单", "a" * 64)
EMPTY = CourtListSwept(MONTH, FILE, 0, 0, 0, 0)


def body(own: str, kind: Kind, *roles: Role) -> Scenario:
    """A registered body with roles."""
    given = (said(RoleGranted(role), OPERATOR) for role in roles)
    return Scenario(f"body/{own}").having(said(BodyRegistered("示例市人民法院", kind), OPERATOR), *given)


def test_a_sweep_that_found_nothing_is_recorded_too() -> None:
    """C08 法院机关按月对…失信被执行人案件排查梳理: a run record even when zero."""
    state = body(COURT, Kind.COURT).when(EMPTY, COURT).then()
    assert [(s.month, s.file) for s in state.sweeps] == [(MONTH, "a" * 64)]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CREDIT_OFFICE])
def test_an_office_that_was_given_the_list_records_its_sweep(role: Role) -> None:
    """C08 C05 定期通报。"""
    assert body(OFFICE, Kind.DEPARTMENT, role).when(EMPTY, OFFICE).then().sweeps


def test_nobody_else_records_a_sweep() -> None:
    """C08: neither another body, nor somebody on the court's stream, nor the ledger's root key."""
    body(SCHOOLS, Kind.DEPARTMENT, Role.HOTLINE).when(EMPTY, SCHOOLS).refused("body.sweeper")
    case = body(COURT, Kind.COURT)
    for other in (OPERATOR, STRANGER, LEDGER):
        case.when(EMPTY, other).refused("body.sweeper")
    Scenario(f"body/{COURT}").when(EMPTY, COURT).refused("body.sweeper")


def test_a_month_that_has_not_begun_has_no_sweep() -> None:
    """C08 按月。"""
    case = body(COURT, Kind.COURT)
    case.when(replace(EMPTY, month="2099-01"), COURT).refused("body.sweep-month")
    assert case.when(replace(EMPTY, month="2020-01"), COURT).then().sweeps


def test_its_numbers_fit_each_other() -> None:
    """C08 排查梳理: no more rows are matched or left to decide than were read."""
    case = body(COURT, Kind.COURT)
    case.when(replace(EMPTY, entries=3, matched=2, undecided=2), COURT).refused("body.sweep-counts")
    assert case.when(replace(EMPTY, entries=3, matched=2, undecided=1, left=9), COURT).then().sweeps


def test_a_file_is_swept_once_for_a_month_and_a_supplement_beside_it() -> None:
    """C08 按月: the same file again changes nothing; another file of the month, or another month, is another sweep."""
    case = body(COURT, Kind.COURT).having(said(EMPTY, COURT))
    case.when(EMPTY, COURT).refused("body.sweep-again")
    assert len(case.when(replace(EMPTY, file=Document("失信被执行人名单（补充）", "b" * 64)), COURT).then().sweeps) == 2
    assert len(case.when(replace(EMPTY, month="2020-01"), COURT).then().sweeps) == 2
