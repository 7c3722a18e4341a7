"""Steps of recognition (认定): the act recognised, responsible persons linked, severity graded, the subject told.

A record comes only from an effective decision with organ, number and day (C01), about conduct in the course of duty
(C02), from a source and an item of the catalogue that the pack lists (C17). Where the pack demands it, only a refusal
to rectify is recognised: 发改财金〔2023〕1103号，拒不整改的方认定为失信。

>>> [cls.__name__ for cls in STEPS]
['BreachRecognised', 'ResponsiblePersonLinked', 'SeverityGraded', 'SubjectNotified']
"""

from __future__ import annotations

from ledger.domain.record.checks import (
    Case,
    need_basis,
    need_decision,
    need_other,
    need_past,
    need_record,
    need_standing,
    refuse,
)
from ledger.domain.record.facts import BreachRecognised, ResponsiblePersonLinked, SeverityGraded, SubjectNotified
from ledger.domain.record.persons import need_official
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import Combine, Severity, SourceKind
from ledger.domain.steps import Step

A04 = "A04: YC 二(二)6; DH 二(三)3; HS 四(八), 三; TA-A 二(二)4; YN 二(五)"
C01 = "C01: YC 二(二)5; DH 二(三)1; HS 四(三); TA-A 二(二)3; YN 二(三)"
C02 = "C02: YC 二(二)5; DH 二(三)1; YN 二(三)"
C15 = "C15: YC 二(二)6; DH 二(三)3; HS 四(八); TA-A 二(二)4; YN 二(五)"
C17 = "C17: HS 四(九); TA-A 二(二)5; DH 二(四)2; YC 二(二)5; YN 二(七)"
C19 = "C19: YN 二(三)(七)"
C20 = "C20: DH 一(二)四; YN 一(二); YC 二(三)11"
C23 = "C23: DH 二(三)2"
E17 = "E17: HS 四(九); DH 二(四)2; TA-A 二(二)5; YN 二(七)"
URGED = "发改财金〔2023〕1103号"

# --- recognition --------------------------------------------------------------------------------------------


def _may_recognise(case: Case, item: str | None) -> None:
    need_standing(case, C01, Standing.VERIFIED)
    if any(t.fact.tolerated for t in case.state.tolerance):
        raise refuse(
            "tolerated",
            "expected an act that is not tolerated; fault tolerance was determined, it stays out of the records",
            "经认定符合容错情形的，不纳入政务失信记录",
            f"{C19}; {case.view.source('tolerance.allowed')}",
        )


def _recognised(case: Case, fact: BreachRecognised) -> None:
    need_other(case, C01)
    decision = need_decision(case, C01)
    need_past(case, fact.effective_on, C01)
    if decision and decision.dated and fact.effective_on < decision.dated:
        raise refuse(
            "effective",
            f"expected a decision in effect from its day {decision.dated} or later, got {fact.effective_on}",
            f"生效日期应不早于决定之日 {decision.dated}，实为 {fact.effective_on}",
            C01,
        )
    _need_listed(case, fact)
    if not fact.conduct:
        raise refuse(
            "conduct",
            "expected at least one kind of misconduct, got none",
            "应写明至少一种失信行为，实为空",
            C20,
        )
    if case.view.flag("record.on_duty") and not fact.on_duty:
        raise refuse(
            "on-duty",
            "expected conduct in the course of duty; other conduct belongs to the integrity file",
            "政务失信记录限于履职过程中的行为，其他行为记入诚信档案",
            f"{C02}; {case.view.source('record.on_duty')}",
        )
    _need_refusal(case, fact)


def _need_listed(case: Case, fact: BreachRecognised) -> None:
    """The pack lists source and item. What no list names may not become a record (C17 依法依规采集)."""
    sources, items = case.view.names("record.sources"), case.view.names("record.catalogue")
    if fact.source not in sources:
        raise refuse(
            "source",
            f"expected a source among {', '.join(sources) or '(none)'}, got {fact.source}",
            f"来源应为 {'、'.join(sources) or '（无）'} 之一，实为 {fact.source}",
            f"{C01}; {case.view.source('record.sources')}",
        )
    if fact.catalogue not in items:
        raise refuse(
            "catalogue",
            f"expected an item of the catalogue: {', '.join(items) or '(none)'}",
            f"应为公共信用信息目录事项之一：{'、'.join(items) or '（无）'}",
            f"{C17}; {case.view.source('record.catalogue')}",
        )


def _need_refusal(case: Case, fact: BreachRecognised) -> None:
    """Where rectification comes first, it was urged, the day is past, and the subject refused."""
    if fact.source is SourceKind.UNRECTIFIED:
        _need_urged(case, C23)
    if fact.source not in case.view.names("record.urge_first"):
        return
    source = f"{URGED}; {case.view.source('record.urge_first')}"
    _need_urged(case, source)
    if not fact.refused_to_rectify:
        raise refuse(
            "refusal",
            f"expected that the subject refused to rectify, for the source {fact.source} nothing else is recognised",
            f"来源为 {fact.source} 的，拒不整改的方可认定",
            source,
        )


def _need_urged(case: Case, source: str) -> None:
    """Rectification was urged, and the last day set for it is past."""
    urged = case.state.urged
    if not urged or urged[-1].fact.due >= case.today:
        due = urged[-1].fact.due if urged else None
        raise refuse(
            "urge-first",
            f"expected rectification urged, with a day before {case.today}, got {due or 'none'}",
            f"应先督促整改且期限已过（早于 {case.today}），实为 {due or '未督促'}",
            source,
        )


# --- persons ------------------------------------------------------------------------------------------------


def _recorded(case: Case, item: str | None) -> None:
    need_record(case, C01)


def _linked(case: Case, fact: ResponsiblePersonLinked) -> None:
    need_other(case, A04)
    need_past(case, fact.start, A04)
    if fact.until is not None and fact.until < fact.start:
        raise refuse(
            "period",
            f"expected an end from {fact.start} on, got {fact.until}",
            f"任职截止日期应不早于 {fact.start}，实为 {fact.until}",
            A04,
        )
    if any(s.fact == fact for s in case.state.persons):
        raise refuse("linked-once", "expected a new link, this one was made before", "该责任人已关联，不得重复", A04)
    need_official(case, fact.person, case.state.subject, A04, (fact.start, fact.until))


# --- severity, notice ---------------------------------------------------------------------------------------


def _graded(case: Case, fact: SeverityGraded) -> None:
    need_other(case, C15)
    if case.state.grades:
        need_basis(case, C15)
    scale = list(Severity)
    least, most = sorted((fact.loss, fact.impact), key=scale.index)
    combine = case.view.get("severity.combine")
    if combine is None:
        return
    low = most if combine is Combine.HIGHER else least
    if not scale.index(low) <= scale.index(fact.severity) <= scale.index(most):
        raise refuse(
            "severity",
            f"expected from {low} to {most}, for loss {fact.loss} and impact {fact.impact}, got {fact.severity}",
            f"损失为 {fact.loss}、社会影响为 {fact.impact} 的，程度应在 {low} 与 {most} 之间，实为 {fact.severity}",
            f"{C15}; {case.view.source('severity.combine')}",
        )


def _notified(case: Case, fact: SubjectNotified) -> None:
    need_past(case, fact.on, E17)
    recognised = case.state.recognised
    if recognised and fact.on < recognised.fact.effective_on:
        raise refuse(
            "notice-day",
            f"expected a notice from {recognised.fact.effective_on} on, when the decision took effect, got {fact.on}",
            f"告知日期应不早于决定生效之日 {recognised.fact.effective_on}，实为 {fact.on}",
            E17,
        )


STEPS = {
    BreachRecognised: Step("C01, C02, C04, C11, C12, C13, C17, C20-C24", when=_may_recognise, check=_recognised),
    ResponsiblePersonLinked: Step("A04, A12, D20", when=_recorded, check=_linked),
    SeverityGraded: Step("C15", when=_recorded, check=_graded),
    SubjectNotified: Step("E17", when=_recorded, check=_notified),
}
