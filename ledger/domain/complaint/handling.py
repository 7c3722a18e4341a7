"""Steps of the handling: transferred, urged, answered, found true or not, called back, closed.

统一受理、转办、督促、回访（H02）：transferred to the superior or competent department of the accused body and never to
the accused itself; verified before it becomes a lead (H06); where it is not true, answered with reasons
(发改财金〔2023〕1103号).

>>> [cls.__name__ for cls in STEPS][:3]
['ComplaintTransferred', 'ComplaintUrged', 'ComplaintAnswered']
"""

from __future__ import annotations

from ledger.domain.body import acts_for, of
from ledger.domain.complaint import facts as f
from ledger.domain.complaint.checks import (
    FOUND,
    H06,
    OPEN,
    SCOPE,
    Case,
    need_no_excuse,
    need_other,
    need_past,
    need_registered,
    need_standing,
    other,
    refuse,
)
from ledger.domain.complaint.state import H02, Standing
from ledger.domain.complaint.terms import BECOMES
from ledger.domain.event import Consequence
from ledger.domain.record.checks import CASE
from ledger.domain.record.facts import LeadReceived
from ledger.domain.steps import Step, Steps

H03 = "H03: YC 二(二)5"
H10 = "H10: YC 二(三)11"


def _transfer(case: Case, item: str | None) -> None:
    need_standing(case, H02, *OPEN, Standing.CONTESTED)


def _transferred(case: Case, fact: f.ComplaintTransferred) -> None:
    other(case, fact)
    need_registered(case, fact.to, H02)
    need_other(case, fact.to, f"{H02}; {SCOPE}")
    _need_not_below(case, fact.to)
    last = case.state.round
    if last and not last.answered and last.transferred.fact.to == fact.to:
        raise refuse(
            "transferred", f"expected another body, {fact.to} has it already", f"已转 {fact.to} 办理，不得重复转办", H02
        )
    if fact.answer_by < case.today:
        raise refuse(
            "deadline-past",
            f"expected a day from {case.today} on to answer by, got {fact.answer_by}",
            f"答复期限应不早于 {case.today}，实为 {fact.answer_by}",
            H02,
        )
    days = case.view.get("complaint.answer_days")
    latest = case.view.calendar.after_working_days(case.today, days).day if days else None
    if latest and fact.answer_by > latest:
        raise refuse(
            "answer-days",
            f"expected an answer by {latest}, {days} working days from today, got {fact.answer_by}",
            f"答复期限应不晚于 {latest}（{days} 个工作日），实为 {fact.answer_by}",
            f"{H02}; {case.view.source('complaint.answer_days')}",
        )


def _need_not_below(case: Case, body_id: str) -> None:
    """The lead goes to the superior or competent department of the accused, never to a body below it."""
    accused, seen, above = case.state.accused or "", {body_id}, of(case.rules, body_id).superior
    while above and above not in seen:
        if acts_for(case.rules, above, accused):
            raise refuse(
                "below",
                f"expected a superior or competent department of {accused}, {body_id} is below it",
                f"应转被投诉单位 {accused} 的上级或主管部门，{body_id} 是其下级",
                f"{H02}; {SCOPE}",
            )
        seen.add(above)
        above = of(case.rules, above).superior


def _unanswered(case: Case, item: str | None) -> None:
    need_standing(case, H02, Standing.TRANSFERRED)


def _answered(case: Case, fact: f.ComplaintAnswered) -> None:
    other(case, fact)
    handler = case.state.handler or ""
    if case.event is not None and not acts_for(case.rules, case.event.iss, handler):
        raise refuse(
            "handler",
            f"expected the answer of {handler}, which it was transferred to, got {case.event.iss}",
            f"应由承办单位 {handler} 答复，实为 {case.event.iss}",
            H02,
        )
    if (fact.reason is None) is not fact.substantiated:
        raise refuse(
            "reason",
            "expected a reason where it is not substantiated and only there",
            "认定不属实须写明理由，属实则不写",
            f"{H06}; {SCOPE}",
        )
    need_no_excuse(fact.reason)


def _need_finding(case: Case, substantiated: bool) -> None:
    need_standing(case, H06, Standing.ANSWERED)
    last = case.state.round
    if last and last.answered and last.answered.fact.substantiated is not substantiated:
        raise refuse(
            "finding",
            "expected what the verification found; where it does not convince, transfer the complaint again",
            "结论应与核实答复一致；对答复有疑问的，应再次转办",
            f"{H06}; {SCOPE}",
        )


def _substantiate(case: Case, item: str | None) -> None:
    _need_finding(case, True)


def _substantiated(case: Case, fact: f.ComplaintSubstantiated) -> None:
    other(case, fact)
    if case.rules.cases.get(fact.record):
        raise refuse(
            "record-new",
            f"expected a new record, {fact.record} has begun",
            f"{fact.record} 已有记载，应为新的记录",
            CASE,
        )


def _becomes_lead(case: Case, fact: f.ComplaintSubstantiated) -> tuple[Consequence, ...]:
    """The complaint becomes the lead of a record; both streams name each other."""
    received = case.state.received
    assert case.event is not None
    assert received is not None
    about = received.fact
    assert about.accused is not None
    source, conduct = BECOMES[about.matter]
    lead = LeadReceived(
        about.accused,
        source,
        (conduct,),
        fact.summary,
        case.today,
        area=about.area,
        complaint=case.event.stream,
        commitment=about.commitment,
        project=about.project,
    )
    return (Consequence(fact.record, lead),)


def _unsubstantiate(case: Case, item: str | None) -> None:
    _need_finding(case, False)


def _unsubstantiated(case: Case, fact: f.ComplaintUnsubstantiated) -> None:
    other(case, fact)
    need_no_excuse(fact.reason)


def _call_back(case: Case, item: str | None) -> None:
    need_standing(case, H02, Standing.ANSWERED, *FOUND)
    if case.state.anonymous:
        raise refuse("anonymous", "expected a complainant to call back, there is none", "匿名投诉，无从回访", H02)


def _called_back(case: Case, fact: f.ComplaintCalledBack) -> None:
    other(case, fact)
    need_past(case, fact.on, H02)


def _close(case: Case, item: str | None) -> None:
    need_standing(case, H03, *FOUND)
    last = case.state.round
    if last and not last.called_back and not case.state.anonymous:
        raise refuse("call-back", "expected that the complainant was called back", "办结前应回访投诉人", H02)
    if case.state.incident:
        raise refuse("incident", "expected no open incident, there is one", "违约事件尚未办结", H10)


STEPS: Steps = {
    f.ComplaintTransferred: Step("H02", when=_transfer, check=_transferred),
    f.ComplaintUrged: Step("H02", when=_unanswered, check=other),
    f.ComplaintAnswered: Step("H02, H06, A12", when=_unanswered, check=_answered),
    f.ComplaintSubstantiated: Step("H06, H10", when=_substantiate, check=_substantiated, then=_becomes_lead),
    f.ComplaintUnsubstantiated: Step("H06, A12", when=_unsubstantiate, check=_unsubstantiated),
    f.ComplaintCalledBack: Step("H02", when=_call_back, check=_called_back),
    f.ComplaintClosed: Step("H02, H03", when=_close, check=other),
}
