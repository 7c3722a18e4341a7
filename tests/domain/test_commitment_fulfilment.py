"""How a promise is reported, appraised and found broken: every rule with the phrase it comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.domain.codec import decode, encode
from ledger.domain.commitment import (
    FulfilmentAppraised,
)
from ledger.domain.commitment_terms import (
    Defence,
    Milestone,
    Outcome,
    Period,
)
from ledger.errors import FormatError
from tests.domain.promises import (
    BROKEN,
    CHANGED,
    CONTINUOUS,
    DUE,
    IN_TIME,
    KEPT,
    KEPT_LATE,
    LATE,
    MADE,
    OPEN,
    PARTLY,
    PROGRESS,
    PUBLISHED,
    REPORT,
    TOMORROW,
    YEARLY,
    broken,
    made,
    promised,
)
from tests.domain.scenario import (
    APPRAISER,
    BUREAU,
    CITY,
    CREDIT,
    FIRM,
    HEIR,
    OPERATOR,
    PAPER,
    PARTNER,
    PROVINCE,
    SHORT_NAME,
    STRANGER,
    TODAY,
    given,
    resolved,
    said,
    succeeded,
)

# --- progress and fulfilment --------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [CITY, BUREAU, PARTNER])
@pytest.mark.parametrize("fact", [PROGRESS, REPORT])
def test_the_promisers_side_reports_with_evidence(fact: Any, by: str) -> None:
    """B04 对承诺履行情况进行准确记录 (YC 二(三)11)."""
    promised().when(fact, by).then()
    bare = {name: value for name, value in encode(fact).items() if name != "evidence"}
    with pytest.raises(FormatError, match="expected the field evidence"):
        decode(type(fact), bare)
    with pytest.raises(FormatError, match="evidence: expected a list of 1 to"):
        decode(type(fact), {**bare, "evidence": []})


@pytest.mark.parametrize("fact", [PROGRESS, REPORT])
def test_the_credit_office_reports_for_it_with_a_document(fact: Any) -> None:
    promised().when(fact, CREDIT, PAPER).then()
    promised().when(fact, CREDIT).refused("commitment.basis")


@pytest.mark.parametrize("fact", [PROGRESS, REPORT])
def test_others_do_not_report_for_it(fact: Any) -> None:
    """A supporting body (配合单位) answers for no result."""
    promised(replace(MADE, supporting=(STRANGER,))).when(fact, STRANGER, PAPER).refused("commitment.signer")
    promised().when(fact, APPRAISER, PAPER).refused("commitment.signer")


@pytest.mark.parametrize("world", [succeeded(CITY, HEIR), succeeded(BUREAU, HEIR)])
def test_a_successor_reports_even_before_it_took_over(world: Any) -> None:
    promised().amid(world).when(REPORT, HEIR).then()


def test_a_body_once_known_by_its_short_name_reports_after_it_was_resolved() -> None:
    case = promised(replace(MADE, responsible=(SHORT_NAME,))).amid(resolved(SHORT_NAME, STRANGER))
    case.when(REPORT, STRANGER).then()


def test_progress_watches_the_funds() -> None:
    """B12 密切监测资金到位情况及项目进度 (TA-A 二(三)9)."""
    fact = replace(PROGRESS, funds_committed=10**10, funds_in_place=4 * 10**9)
    assert promised().when(fact, BUREAU).then().progress[0].fact.funds_in_place == 4 * 10**9


def test_a_period_of_progress_ends_after_it_starts_and_not_tomorrow() -> None:
    backwards = replace(PROGRESS, period=Period(date(2026, 2, 1), date(2026, 1, 1)))
    promised().when(backwards, CITY).refused("commitment.period")
    later = replace(PROGRESS, period=Period(date(2026, 2, 1), TOMORROW))
    promised().when(later, CITY).refused("commitment.future")
    promised().when(replace(PROGRESS, period=Period(date(2026, 2, 1), TODAY)), CITY).then()


def test_nothing_is_done_tomorrow() -> None:
    promised().when(replace(REPORT, completed_on=TOMORROW), CITY).refused("commitment.future")
    promised().when(replace(KEPT_LATE, completed_on=TOMORROW), CREDIT, PAPER).refused("commitment.future")


def test_a_recurring_duty_is_reported_for_one_of_its_days() -> None:
    promised(YEARLY).when(replace(REPORT, occurrence=date(2025, 6, 30)), CITY).then()
    for wrong in (None, date(2025, 6, 29), date(2024, 12, 31)):
        promised(YEARLY).when(replace(REPORT, occurrence=wrong), CITY).refused("commitment.occurrence")


def test_a_one_off_duty_is_reported_as_a_whole_or_by_milestone() -> None:
    """B09 合同履约: milestones are days of their own."""
    phased = replace(MADE, milestones=(Milestone(date(2025, 6, 30), "主体完工"),))
    promised(phased).when(REPORT, CITY).then()
    promised(phased).when(replace(REPORT, occurrence=date(2025, 6, 30)), CITY).then()
    promised(phased).when(replace(REPORT, occurrence=DUE), CITY).refused("commitment.occurrence")


# --- appraisal ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [APPRAISER, CREDIT, PROVINCE])
def test_a_body_outside_appraises(by: str) -> None:
    """B05 准确记录并客观评价 (YC 一(二)): appraiser, credit office or superior."""
    state = promised().having(said(REPORT, CITY)).when(KEPT, by).then()
    assert state.verdicts[0].fact.outcome is Outcome.FULFILLED


@pytest.mark.parametrize("by", [CITY, BUREAU, PARTNER])
@pytest.mark.parametrize("fact", [KEPT, BROKEN])
def test_nobody_judges_itself(fact: Any, by: str) -> None:
    """B05 客观评价."""
    promised().when(fact, by, PAPER).refused("commitment.independent")


@pytest.mark.parametrize("duty", ["promiser", "lead", "responsible"])
def test_a_role_does_not_help_who_has_a_duty_here(duty: str) -> None:
    changed: Any = {duty: CREDIT if duty == "promiser" else (CREDIT,)}
    fact = replace(MADE, **changed)
    case = given(said(fact, fact.promiser)).having(said(REPORT, fact.promiser))
    case.when(KEPT, CREDIT, PAPER).refused("commitment.independent")


def test_a_successor_does_not_judge_what_it_took_over() -> None:
    case = promised().amid(succeeded(BUREAU, APPRAISER))
    case.when(KEPT, APPRAISER, PAPER).refused("commitment.independent")


@pytest.mark.parametrize("by", [FIRM, STRANGER, OPERATOR, HEIR])
@pytest.mark.parametrize("fact", [KEPT, BROKEN])
def test_a_stranger_does_not_judge(fact: Any, by: str) -> None:
    promised().when(fact, by, PAPER).refused("commitment.judge")


def test_after_a_succession_the_successors_superior_judges() -> None:
    world = succeeded(CITY, HEIR)
    world = {**world, HEIR: replace(world[HEIR], superior=STRANGER)}
    promised().amid(world).when(KEPT, STRANGER, PAPER).then()
    promised().amid(world).when(KEPT, PROVINCE, PAPER).refused("commitment.judge")


def test_an_appraisal_rests_on_a_report_or_a_document() -> None:
    promised().when(KEPT, APPRAISER).refused("commitment.evidence")
    promised().when(KEPT, APPRAISER, PAPER).then()
    other = replace(REPORT, occurrence=date(2025, 6, 30))
    fact = replace(KEPT, occurrence=DUE)
    promised(YEARLY).having(said(other, CITY)).when(fact, APPRAISER).refused("commitment.evidence")


@pytest.mark.parametrize(
    ("fact", "rule"),
    [
        (KEPT, None),
        (replace(KEPT, completed_on=DUE), None),
        (replace(KEPT, completed_on=LATE), "commitment.outcome"),
        (replace(KEPT, completed_on=None), "commitment.outcome"),
        (KEPT_LATE, None),
        (replace(KEPT_LATE, completed_on=DUE), "commitment.outcome"),
        (replace(KEPT_LATE, completed_on=None), "commitment.outcome"),
        (PARTLY, None),
        (replace(PARTLY, completed_on=LATE), "commitment.outcome"),
    ],
)
def test_an_outcome_agrees_with_the_days(fact: FulfilmentAppraised, rule: str | None) -> None:
    """B05 准确记录: nobody calls in time what was late, nor late what was in time."""
    trial = promised().when(fact, APPRAISER, PAPER)
    if rule:
        trial.refused(rule)
    else:
        trial.then()


def test_the_day_of_an_occurrence_decides_whether_it_was_late() -> None:
    june = date(2025, 6, 30)
    promised(YEARLY).when(replace(KEPT, occurrence=june), APPRAISER, PAPER).refused("commitment.outcome")
    promised(YEARLY).when(replace(KEPT, occurrence=DUE), APPRAISER, PAPER).then()


@pytest.mark.parametrize("fact", [KEPT, BROKEN])
@pytest.mark.parametrize("wrong", [None, date(2025, 6, 29), date(2024, 12, 31)])
def test_a_recurring_duty_is_judged_for_one_of_its_days(fact: Any, wrong: date | None) -> None:
    promised(YEARLY).when(replace(fact, occurrence=wrong), APPRAISER, PAPER).refused("commitment.occurrence")


def test_what_has_no_day_cannot_be_late_unless_a_breach_was_recorded() -> None:
    promised(OPEN).when(KEPT_LATE, APPRAISER, PAPER).refused("commitment.outcome")
    remedied = replace(KEPT_LATE, completed_on=TODAY)
    breach = said(BROKEN, CREDIT, PAPER, on=date(2026, 2, 1))
    given(made(OPEN, on=IN_TIME), breach).when(remedied, APPRAISER, PAPER).then()


def test_nothing_is_partly_fulfilled_before_its_day_is_over() -> None:
    future = replace(MADE, due=TODAY)
    promised(future).when(PARTLY, APPRAISER, PAPER).refused("commitment.early")
    promised(future).when(PARTLY, APPRAISER, PAPER, on=TOMORROW).then()


@pytest.mark.parametrize("final", [KEPT, KEPT_LATE])
def test_what_was_kept_is_settled(final: Any) -> None:
    case = promised().having(said(final, APPRAISER, PAPER))
    for fact, by in ((PROGRESS, CITY), (REPORT, CITY), (KEPT, APPRAISER), (BROKEN, CREDIT), (CHANGED, CITY)):
        case.when(fact, by, PAPER).refused("commitment.fulfilled")
    case.when(PUBLISHED, CITY, PAPER).then()


def test_what_was_partly_kept_can_still_be_completed_late() -> None:
    case = promised().having(said(PARTLY, APPRAISER, PAPER))
    case.when(PROGRESS, CITY).then()
    case.when(KEPT_LATE, APPRAISER, PAPER).then()


def test_a_recurring_duty_goes_on_after_one_day_was_kept() -> None:
    june = date(2025, 6, 30)
    kept = replace(KEPT, completed_on=june, occurrence=june)
    case = promised(YEARLY).having(said(kept, APPRAISER, PAPER))
    case.when(PROGRESS, CITY).then()
    case.when(kept, APPRAISER, PAPER).refused("commitment.fulfilled")
    case.when(replace(REPORT, occurrence=june), CITY).refused("commitment.fulfilled")
    case.when(replace(KEPT, occurrence=DUE), APPRAISER, PAPER).then()


def test_a_continuous_duty_is_never_settled() -> None:
    """A13 持续实施 (DH)."""
    case = promised(CONTINUOUS).having(said(KEPT, APPRAISER, PAPER))
    case.when(PROGRESS, CITY).then()
    case.when(KEPT, APPRAISER, PAPER).then()
    case.when(BROKEN, CREDIT, PAPER).then()
    case.when(CHANGED, CITY, PAPER).then()


# --- broken -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [APPRAISER, CREDIT, PROVINCE])
def test_a_breach_is_found_by_a_body_outside_with_a_document(by: str) -> None:
    """B05 失诺、毁约、违约."""
    promised().when(BROKEN, by, PAPER).then()
    promised().when(BROKEN, by).refused("commitment.basis")


@pytest.mark.parametrize("defence", list(Defence))
def test_no_defence_prevents_the_finding_least_of_all_a_change_of_government(defence: Defence) -> None:
    """A12 不得以政府换届、相关责任人更替等理由毁约."""
    state = promised().when(replace(BROKEN, defence=defence), CREDIT, PAPER).then()
    assert state.verdicts[0].fact.defence is defence


def test_a_false_promise_is_broken_before_its_day() -> None:
    """B18 对虚假承诺、不履约承诺…依法依规实施惩戒 (TA-B 二(二))."""
    fact = replace(BROKEN, false_from_start=True)
    promised(replace(MADE, due=date(2030, 1, 1))).when(fact, CREDIT, PAPER).then()
    assert promised().when(fact, CREDIT).refused("commitment.basis").source == "B18: TA-B 二(二)"


def test_one_breach_is_recorded_once_for_one_day() -> None:
    broken().when(BROKEN, APPRAISER, PAPER).refused("commitment.broken-once")
    june = replace(BROKEN, occurrence=date(2025, 6, 30))
    case = promised(YEARLY).having(said(june, CREDIT, PAPER))
    case.when(june, CREDIT, PAPER).refused("commitment.broken-once")
    case.when(replace(BROKEN, occurrence=DUE), CREDIT, PAPER).then()
    case.when(BROKEN, CREDIT, PAPER).refused("commitment.occurrence")


def test_what_was_broken_can_still_be_made_good_late() -> None:
    broken().when(REPORT, CITY).then()
    broken().when(KEPT_LATE, APPRAISER, PAPER).then()
