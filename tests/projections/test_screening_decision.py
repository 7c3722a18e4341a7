"""What a screening makes of penalties, records and court entries: a table that a lawyer could read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger import policies
from ledger.domain.calendar import Calendar
from ledger.domain.policy import View
from ledger.domain.record.remedy_terms import Fund
from ledger.domain.screening_terms import ScreeningPurpose as Purpose
from projections.screening import Answer, Asked, Cause, Standing, answer_of, reasons_of, weakened

DAY = date(2026, 11, 20)
PENALTY = {
    "stream": "record/1",
    "penalty": "p1",
    "measure": "m",
    "zh": "措施",
    "en": "Measure",
    "basis": "依据",
    "starts": date(2026, 1, 1),
    "ends": None,
    "imposed_on": date(2026, 1, 1),
    "imposed_by": "11",
    "exempt": [],
    "decision_number": None,
    "held_by": [],
    "relieved": False,
}
LISTING = {
    "stream": "record/1",
    "court": "某法院",
    "case_number": "1",
    "listed_on": date(2026, 1, 1),
    "until": None,
    "relieved": False,
}
RECORD = {
    "stream": "record/1",
    "severity": "general",
    "source": "judgment",
    "recognised_on": date(2026, 1, 1),
    "decision_number": None,
    "objected": False,
    "rectify_by": None,
    "rectified": False,
}


def view(pack: str) -> View:
    return View(policies.layers(pack), Calendar(), DAY)


def decided(standing: Standing, purpose: Purpose, pack: str, fund: Fund = Fund.OTHER) -> tuple[Answer, list[Cause]]:
    reasons = list(reasons_of(standing, Asked(purpose, DAY, fund), view(pack)))
    return answer_of(reasons), [r.cause for r in reasons]


def penalty(kind: str, **more: Any) -> Standing:
    return Standing(penalties=[{**PENALTY, "kind": kind, **more}])


# measure, purpose, region -> answer, why
TABLE = (
    ("award_exclusion", Purpose.AWARDS, "national", Answer.BLOCK, Cause.PENALTY),
    ("procurement_ban", Purpose.PROCUREMENT, "national", Answer.BLOCK, Cause.PENALTY),
    ("procurement_ban", Purpose.PROCUREMENT, "huangshi", Answer.BLOCK, Cause.PENALTY),
    ("tender_blacklist", Purpose.TENDERING, "huangshi", Answer.BLOCK, Cause.PENALTY),
    ("tender_blacklist", Purpose.TENDERING, "yuncheng", Answer.BLOCK, Cause.PENALTY),
    ("tender_blacklist", Purpose.TENDERING, "taian", Answer.BLOCK, Cause.PENALTY),
    ("tender_blacklist", Purpose.TENDERING, "dehua", Answer.CAUTION, Cause.UNSETTLED),
    ("subsidy_exclusion", Purpose.SUBSIDY, "huangshi", Answer.BLOCK, Cause.PENALTY),
    ("subsidy_exclusion", Purpose.SUBSIDY, "yancheng", Answer.CAUTION, Cause.UNSETTLED),
    ("funds_limit", Purpose.FUNDS, "national", Answer.BLOCK, Cause.PENALTY),
    ("project_limit", Purpose.PROJECTS, "national", Answer.BLOCK, Cause.PENALTY),
    ("criticism_notice", Purpose.AWARDS, "national", Answer.CAUTION, Cause.OTHER_PENALTY),
    ("market_ban", Purpose.TENDERING, "taian", Answer.CAUTION, Cause.OTHER_PENALTY),
    ("award_exclusion", Purpose.ADMINISTRATION, "national", Answer.CAUTION, Cause.OTHER_PENALTY),
)


@pytest.mark.parametrize(("kind", "purpose", "pack", "answer", "cause"), TABLE)
def test_which_measure_blocks_which_purpose_where(
    kind: str, purpose: Purpose, pack: str, answer: Answer, cause: Cause
) -> None:
    """G05 G06 D15 D18 惩戒措施与用途: as the rule packs say, and where they are silent no block is invented."""
    assert decided(penalty(kind), purpose, pack) == (answer, [cause])


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_penalty_that_something_holds_never_blocks(purpose: Purpose) -> None:
    """E03 暂不执行联合惩戒措施: whatever it would do."""
    for kind in ("award_exclusion", "procurement_ban", "funds_limit", "project_limit", "subsidy_exclusion"):
        held = penalty(kind, held_by=["objection:o1"])
        assert decided(held, purpose, "huangshi") == (Answer.CAUTION, [Cause.SUSPENDED])


@pytest.mark.parametrize("fund", list(Fund))
def test_welfare_relief_and_poverty_funds_are_exempt(fund: Fund) -> None:
    """D16 不纳入资金补助范围（社会福利、救助和扶贫资金除外）。"""
    exempt = ["social_welfare", "relief", "poverty_alleviation"]
    found = decided(penalty("subsidy_exclusion", exempt=exempt), Purpose.SUBSIDY, "huangshi", fund)
    blocked = (Answer.BLOCK, [Cause.PENALTY])
    assert found == (blocked if fund is Fund.OTHER else (Answer.CAUTION, [Cause.EXEMPT]))


def test_the_court_list_blocks_where_the_document_says_so() -> None:
    """G05 失信被执行人等…自动拦截 (盐城征求意见稿): elsewhere it is a hint."""
    listed = Standing(listings=[LISTING])
    assert decided(listed, Purpose.PROCUREMENT, "yancheng") == (Answer.BLOCK, [Cause.COURT_LIST])
    assert decided(listed, Purpose.AWARDS, "yancheng") == (Answer.CAUTION, [Cause.LISTED])
    assert decided(listed, Purpose.PROCUREMENT, "huangshi") == (Answer.CAUTION, [Cause.LISTED])


def test_records_objections_and_overdue_rectification_are_hints() -> None:
    """G04 主动查询信用记录: each with its reason."""
    late = {**RECORD, "objected": True, "rectify_by": date(2026, 11, 19)}
    assert decided(Standing(records=[RECORD]), Purpose.AWARDS, "national") == (Answer.CAUTION, [Cause.RECORD])
    expected = (Answer.CAUTION, [Cause.RECORD, Cause.OBJECTION, Cause.OVERDUE])
    assert decided(Standing(records=[late]), Purpose.AWARDS, "national") == expected
    in_time = {**late, "objected": False, "rectified": True}
    assert decided(Standing(records=[in_time]), Purpose.AWARDS, "national")[1] == [Cause.RECORD]


def test_a_successor_is_not_blocked_by_what_was_imposed_on_another() -> None:
    """A12 承继: it is told, and decided by people."""
    (reason,) = reasons_of(penalty("award_exclusion"), Asked(Purpose.AWARDS, DAY), view("national"))
    assert answer_of([reason]) is Answer.BLOCK
    passed_on = weakened(reason, "11990000000000019A")
    assert answer_of([passed_on]) is Answer.CAUTION
    assert passed_on.data()["why"]["cause"] == "penalty"


def test_nothing_is_clear_and_not_found_is_not() -> None:
    """G05: what is not known is not said to be clear."""
    assert decided(Standing(), Purpose.AWARDS, "national") == (Answer.CLEAR, [])
