"""Steps of rectification (整改): explained in writing, ordered with a deadline, extended, reported, verified, overdue.

The subject explains itself in writing (D01) and sets things right within a deadline (D02), by a plan of its own as
the first-responsible unit (C10). A deadline is put off only before it has passed. Somebody else verifies. After the
deadline what is not set right is found overdue (C23), unless a report that came in time still waits to be verified.

>>> [cls.__name__ for cls in STEPS][2:5]
['RectificationOrdered', 'RectificationPlanFiled', 'RectificationExtended']
"""

from __future__ import annotations

from datetime import date

from ledger.domain.record.checks import (
    Case,
    need_ahead,
    need_basis,
    need_other,
    need_past,
    need_record,
    refuse,
)
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
from ledger.domain.record.state import Record
from ledger.domain.steps import Step

C10 = "C10: YN 二(六)"
C23 = "C23: DH 二(三)2"
D01 = "D01: YC 二(二)6; DH 二(三)3; HS 四(八); TA-A 二(二)4; YN 二(五)"
D02 = "D02: YC 二(二)6; DH 二(三)3; HS 四(八); TA-A 二(二)4; YN 二(五)"

# --- explanation --------------------------------------------------------------------------------------------


def _explainable(case: Case, item: str | None) -> None:
    need_record(case, D01)


def _explanation_requested(case: Case, fact: ExplanationRequested) -> None:
    need_other(case, D01)
    need_ahead(case, fact.due, D01)


def _explained(case: Case, fact: ExplanationFiled) -> None:
    need_basis(case, D01)


# --- order, plan, extension ---------------------------------------------------------------------------------


def _may_order(case: Case, item: str | None) -> None:
    need_record(case, D02)
    _need_unrectified(case, D02)
    due = case.state.rectification_due
    if due is not None and due >= case.today:
        raise refuse(
            "order-runs",
            f"expected no order that runs, the last one runs until {due}; put it off instead",
            f"已有限期整改尚未到期（{due}），应延期而非另行下达",
            D02,
        )


def _ordered(case: Case, fact: RectificationOrdered) -> None:
    need_other(case, D02)
    need_ahead(case, fact.due, D02)


def _runs(case: Case, source: str) -> None:
    """An order runs: it was given, its day has not passed, and things are not set right yet."""
    need_record(case, source)
    due = case.state.rectification_due
    if due is None:
        raise refuse("order", "expected an order to rectify, got none", "尚未下达限期整改", source)
    if due < case.today:
        raise refuse(
            "deadline-over",
            f"expected a deadline that has not passed, it was {due}",
            f"整改期限 {due} 已过",
            source,
        )
    _need_unrectified(case, source)


def _need_unrectified(case: Case, source: str) -> None:
    if case.state.is_rectified:
        raise refuse("rectified", "expected an act not set right yet, it is verified", "已核实整改完成", source)


def _may_plan(case: Case, item: str | None) -> None:
    _runs(case, C10)


def _planned(case: Case, fact: RectificationPlanFiled) -> None:
    need_ahead(case, fact.due, C10)
    due = case.state.rectification_due
    if due is not None and fact.due > due:
        raise refuse(
            "plan-due",
            f"expected a plan that is done by {due}, the day ordered, got {fact.due}",
            f"整改方案的时限应不晚于责令的期限 {due}，实为 {fact.due}",
            C10,
        )


def _may_extend(case: Case, item: str | None) -> None:
    _runs(case, D02)


def _extended(case: Case, fact: RectificationExtended) -> None:
    need_other(case, D02)
    due = case.state.rectification_due
    if due is not None and fact.due <= due:
        raise refuse(
            "extension",
            f"expected a day after {due}, the deadline so far, got {fact.due}",
            f"延期后的期限应晚于原期限 {due}，实为 {fact.due}",
            D02,
        )


# --- report, verification, overdue --------------------------------------------------------------------------


def _may_report(case: Case, item: str | None) -> None:
    need_record(case, D02)


def _reported(case: Case, fact: RectificationReported) -> None:
    need_past(case, fact.completed_on, D02)
    if not fact.evidence:
        raise refuse("evidence", "expected evidence of the rectification, got none", "应附整改证明材料，实为空", D02)


def _verified(case: Case, fact: RectificationVerified) -> None:
    need_other(case, D02)
    reports, checks = case.state.reports, case.state.checks
    if not reports or (checks and reports[-1].day < checks[-1].day):
        need_basis(case, D02)


def waits(state: Record) -> date | None:
    """The day of a report of rectification that nobody has verified yet."""
    if not state.reports or (state.checks and state.checks[-1].day >= state.reports[-1].day):
        return None
    return state.reports[-1].day


def _may_find_overdue(case: Case, item: str | None) -> None:
    need_record(case, C23)
    state, due = case.state, case.state.rectification_due
    if due is None or due >= case.today:
        raise refuse(
            "deadline-runs",
            f"expected a deadline before {case.today}, got {due or 'none'}",
            f"整改期限应已过（早于 {case.today}），实为 {due or '未责令'}",
            C23,
        )
    _need_unrectified(case, C23)
    if any(s.day > due for s in state.overdue):
        raise refuse("overdue-once", "expected one finding for each order, it was found before", "已认定逾期", C23)
    reported = waits(state)
    if reported is not None and reported <= due:
        raise refuse(
            "report-waits",
            f"expected that the report of {reported}, which came in time, is verified first",
            f"{reported} 按期提交的整改报告尚未核实，应先核实",
            D02,
        )


def _overdue(case: Case, fact: RectificationFoundOverdue) -> None:
    need_other(case, C23)


STEPS = {
    ExplanationRequested: Step("D01", when=_explainable, check=_explanation_requested),
    ExplanationFiled: Step("D01", when=_explainable, check=_explained),
    RectificationOrdered: Step("D02, D20", when=_may_order, check=_ordered),
    RectificationPlanFiled: Step("C10", when=_may_plan, check=_planned),
    RectificationExtended: Step("D02", when=_may_extend, check=_extended),
    RectificationReported: Step("D02", when=_may_report, check=_reported),
    RectificationVerified: Step("D02", when=_may_report, check=_verified),
    RectificationFoundOverdue: Step("C23, D02, D20", when=_may_find_overdue, check=_overdue),
}
