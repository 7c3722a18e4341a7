"""Steps of a lead (线索): received, verified, urged, ended. A lead is not a record (C25).

国家发改委的通知（发改财金〔2023〕1103号）：线索先行核实，属实的督促整改，拒不整改的方认定为失信。

>>> [cls.__name__ for cls in STEPS]
['LeadReceived', 'LeadVerified', 'RectificationUrged', 'LeadClosed']
"""

from __future__ import annotations

from ledger.domain.body import of
from ledger.domain.body_terms import Status
from ledger.domain.record.checks import A12, CASE, Case, need_ahead, need_other, need_past, need_standing, refuse
from ledger.domain.record.facts import LeadClosed, LeadReceived, LeadVerified, RectificationUrged
from ledger.domain.record.persons import need_official
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import LeadEnd
from ledger.domain.steps import Step

A01 = "A01: HS 二; DH 二(三)1; YN 二(三)"
A03 = "A03: YN 二(三)"
C01 = "C01: YC 二(二)5; DH 二(三)1; HS 四(三); TA-A 二(二)3; YN 二(三)"
C14 = "C14: HS 四(四)"
C25 = "C25: YN 二(二)"
H06 = "H06: DH 三(一)"
URGED = "发改财金〔2023〕1103号"


def _first(case: Case, item: str | None) -> None:
    if case.state.lead is not None:
        raise refuse("lead-once", "expected a new stream, this case has begun", "该案件已有线索，不得重复", CASE)


def _received(case: Case, fact: LeadReceived) -> None:
    need_past(case, fact.received_on, C14)
    body = of(case.rules, fact.subject)
    if body.status not in {Status.REGISTERED, Status.SUCCEEDED}:
        raise refuse(
            "subject",
            f"expected a registered body as subject, {fact.subject} is {body.status}",
            f"信用主体应为已登记的单位，{fact.subject} 状态为 {body.status}",
            A03,
        )
    kinds = case.view.names("subject.body_kinds")
    if body.kind not in kinds:
        raise refuse(
            "subject-kind",
            f"expected a subject that is {', '.join(kinds)}, {fact.subject} is {body.kind}",
            f"责任主体应为 {'、'.join(kinds)}，{fact.subject} 为 {body.kind}",
            f"{A01}; {case.view.source('subject.body_kinds')}",
        )
    for stream in (fact.person, fact.complaint, fact.commitment, fact.project):
        if stream and not case.rules.cases.get(stream):
            raise refuse("linked", f"expected a case that has begun, got {stream}", f"{stream} 尚无记载", CASE)
    if fact.person:
        need_official(case, fact.person, fact.subject, C01)


def _lead(case: Case, item: str | None) -> None:
    need_standing(case, H06, Standing.LEAD, Standing.VERIFIED)


def _urge(case: Case, item: str | None) -> None:
    need_standing(case, URGED, Standing.VERIFIED)


def _verified(case: Case, fact: LeadVerified) -> None:
    need_other(case, H06)


def _urged(case: Case, fact: RectificationUrged) -> None:
    need_other(case, URGED)
    need_ahead(case, fact.due, URGED)


def _closed(case: Case, fact: LeadClosed) -> None:
    need_other(case, H06)
    state = case.state
    if fact.reason is LeadEnd.CHANGE_OF_OFFICE_HOLDER:
        raise refuse(
            "excuse",
            "expected a reason that ends a lead; a change of government or of persons never does",
            "不得以政府换届、相关责任人更替等理由了结",
            A12,
        )
    untrue = state.verified is not None and not state.verified.fact.substantiated
    if fact.reason is LeadEnd.UNTRUE and not untrue:
        raise refuse(
            "untrue",
            "expected a verification that found the lead untrue, got none",
            "以不属实了结前应有核实不属实的记载",
            H06,
        )
    if fact.reason is LeadEnd.RECTIFIED and not state.urged:
        raise refuse("rectified", "expected that rectification was urged before", "以已整改了结前应有督促整改", URGED)
    if fact.reason is LeadEnd.TOLERATED and not any(t.fact.tolerated for t in state.tolerance):
        raise refuse("tolerated", "expected a determination of fault tolerance", "应有容错认定", "C19: YN 二(三)(七)")


STEPS = {
    LeadReceived: Step("C14, C25, H10, A01, A03, D22", when=_first, check=_received),
    LeadVerified: Step("H06, H10", when=_lead, check=_verified),
    RectificationUrged: Step("H10", when=_urge, check=_urged),
    LeadClosed: Step("H05, H10, A12", when=_lead, check=_closed),
}
