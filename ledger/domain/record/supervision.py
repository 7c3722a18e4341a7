"""Steps of supervision (督办): letters to the subject, report to the government, notice to the superior body.

Serious cases are reported to the government (C16); the pack says which severities those are. Rectification is pressed
by special supervision or a letter (D03), and the superior body of the subject is told (D07).

>>> [cls.__name__ for cls in STEPS]
['SupervisionLetterIssued', 'CaseEscalated', 'SuperiorInformed']
"""

from __future__ import annotations

from ledger.domain.body import acts_for, of
from ledger.domain.body_terms import Kind
from ledger.domain.record.checks import (
    Case,
    need_ahead,
    need_basis,
    need_known,
    need_other,
    need_past,
    need_record,
    refuse,
)
from ledger.domain.record.course_facts import CaseEscalated, SuperiorInformed, SupervisionLetterIssued
from ledger.domain.steps import Step

C16 = "C16: YC 二(二)5"
D03 = "D03: HS 四(四)"
D07 = "D07: TA-A 二(二)4"


def _may_supervise(case: Case, item: str | None) -> None:
    need_record(case, D03)


def _letter(case: Case, fact: SupervisionLetterIssued) -> None:
    need_other(case, D03)
    need_basis(case, D03)
    if fact.due is not None:
        need_ahead(case, fact.due, D03)


def _may_escalate(case: Case, item: str | None) -> None:
    need_record(case, C16)
    wanted = case.view.names("severity.escalate")
    if case.state.severity not in wanted:
        raise refuse(
            "escalation",
            f"expected a case that is {', '.join(wanted) or '(none)'}, it is {case.state.severity or 'not graded'}",
            f"须向政府报告的程度为 {'、'.join(wanted) or '（无）'}，本案为 {case.state.severity or '未认定'}",
            f"{C16}; {case.view.source('severity.escalate')}",
        )


def _escalated(case: Case, fact: CaseEscalated) -> None:
    need_known(case, (fact.government,), C16)
    kind = of(case.rules, fact.government).kind
    if kind is not Kind.GOVERNMENT or acts_for(case.rules, fact.government, case.state.subject):
        raise refuse(
            "government",
            f"expected a government other than the subject, {fact.government} is {kind}",
            f"应向信用主体以外的政府报告，{fact.government} 为 {kind}",
            C16,
        )


def _may_inform(case: Case, item: str | None) -> None:
    need_record(case, D07)
    if of(case.rules, case.state.subject).superior is None:
        raise refuse(
            "superior",
            f"expected a subject with a superior body, {case.state.subject} has none in the ledger",
            f"{case.state.subject} 在账本中没有登记上级主管单位",
            D07,
        )


def _informed(case: Case, fact: SuperiorInformed) -> None:
    need_past(case, fact.on, D07)
    superior = of(case.rules, case.state.subject).superior
    if superior and not acts_for(case.rules, fact.superior, superior):
        raise refuse(
            "superior",
            f"expected the subject's superior body {superior}, got {fact.superior}",
            f"应为信用主体的上级主管单位 {superior}，实为 {fact.superior}",
            D07,
        )


STEPS = {
    SupervisionLetterIssued: Step("D03", when=_may_supervise, check=_letter),
    CaseEscalated: Step("C16", when=_may_escalate, check=_escalated),
    SuperiorInformed: Step("D07", when=_may_inform, check=_informed),
}
