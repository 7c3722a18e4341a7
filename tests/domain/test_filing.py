"""Reports filed: by whom, on which period; the same one once."""

from __future__ import annotations

import pytest

from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.event import LEDGER
from ledger.domain.filing import Filing, IntegrityReportFiled
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.supervision_terms import days_of
from tests.domain.scenario import OPERATOR, STRANGER, Scenario, said

OWN = fictional_uscc(81)
REPORT = IntegrityReportFiled("2025", 120, "a" * 64)


def body(kind: Kind = Kind.DEPARTMENT) -> Scenario:
    """A registered body."""
    return Scenario(f"body/{OWN}").having(said(BodyRegistered("示例市教育局", kind), OPERATOR))


def test_a_body_files_its_report_on_a_half_year_and_on_a_year() -> None:
    """J10 分别于每年6月30日前和12月31日前报送半年、全年政务诚信建设情况。"""
    half = IntegrityReportFiled("2025H1", 60, "b" * 64)
    state = body().having(said(half, OWN)).when(REPORT, OWN).then()
    assert [(f.period, f.digest) for f in state.filings] == [("2025H1", "b" * 64), ("2025", "a" * 64)]
    assert all(isinstance(f, Filing) for f in state.filings)


def test_only_a_public_body_files_and_only_its_own() -> None:
    """J10, 国办发〔2026〕8号: neither an enterprise, nor the operator, nor the ledger's root key for it."""
    body(Kind.ENTERPRISE).when(REPORT, OWN).refused("body.filer")
    for other in (OPERATOR, STRANGER, LEDGER):
        body().when(REPORT, other).refused("body.filer")
    Scenario(f"body/{OWN}").when(REPORT, OWN).refused("body.filer")


def test_a_period_that_has_not_begun_has_no_report() -> None:
    """J10 半年、全年。"""
    body().when(IntegrityReportFiled("2099H1", 120, "a" * 64), OWN).refused("body.filing-period")


def test_a_report_put_right_is_another_filing_and_the_same_one_is_refused() -> None:
    """J10: what was filed stays; another report on the period stands beside it."""
    case = body().having(said(REPORT, OWN))
    case.when(REPORT, OWN).refused("body.filing-again")
    again = case.when(IntegrityReportFiled("2025", 121, "c" * 64), OWN).then()
    assert [f.period for f in again.filings] == ["2025", "2025"]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [("2026H1", "2026-01-01", "2026-06-30"), ("2026", "2026-01-01", "2026-12-31")],
)
def test_a_period_is_the_first_half_of_a_year_or_the_year(period: str, first: str, last: str) -> None:
    """J10 半年、全年。"""
    assert tuple(map(str, days_of(period))) == (first, last)
