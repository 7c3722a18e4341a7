"""Steps of an objection's course (异议核实、处理): checked with the source, upheld or dismissed, and who was at fault.

The source has to check and answer (E04 核实、处置、反馈). What turns out wrong is corrected or withdrawn (E05
经核实有误的应及时更正或撤销), and a penalty that was wrong is lifted. Nobody judges its own case.

>>> [cls.__name__ for cls in STEPS][-2:]
['ObjectionDismissed', 'FaultAttributed']
"""

from __future__ import annotations

from ledger.domain.body import acts_for
from ledger.domain.event import Consequence
from ledger.domain.record.checks import Case, need_ahead, need_basis, need_known, need_other, refuse
from ledger.domain.record.objection import (
    ONLY_RESULT,
    need_open,
    need_within,
    objection_ids,
    objection_of,
    resumed,
)
from ledger.domain.record.penalty import concerns
from ledger.domain.record.remedy_facts import (
    FaultAttributed,
    ObjectionDismissed,
    ObjectionFiled,
    ObjectionUpheld,
    SourceAnswered,
    VerificationRequested,
)
from ledger.domain.record.remedy_terms import Extent, Hold, LiftReason, Point
from ledger.domain.record.restoration import Verdict, need_live, put_right
from ledger.domain.record.terms import WithdrawalGround
from ledger.domain.steps import Step

E02 = "E02: HS 四(九)"
E04 = "E04: TA-B 二(五)"
E05 = "E05: TA-A 二(二)5"

# --- verification -------------------------------------------------------------------------------------------


def _requested(case: Case, fact: VerificationRequested) -> None:
    need_other(case, E04)
    need_known(case, (fact.source,), E04)
    need_ahead(case, fact.answer_by, E04)
    need_within(case, fact.answer_by, "objection.source_days", E04)
    if acts_for(case.rules, fact.source, case.state.subject):
        raise refuse(
            "own-case",
            f"expected a source other than the subject {case.state.subject}, got {fact.source}",
            f"核实单位应为信用主体 {case.state.subject} 以外的单位，实为 {fact.source}",
            E04,
        )


def _asked(case: Case, item: str | None) -> None:
    need_open(case, item)
    if not objection_of(case, item).requests:
        raise refuse(
            "not-asked",
            f"expected a request to verify, nobody was asked about {item}",
            f"异议 {item} 尚未要求任何单位核实",
            E04,
        )


def _answered(case: Case, fact: SourceAnswered) -> None:
    need_other(case, E04)
    event = case.event
    assert event is not None
    asked = [request.fact.source for request in objection_of(case, fact.objection).requests]
    if not any(acts_for(case.rules, event.iss, source) for source in asked):
        raise refuse(
            "not-asked",
            f"expected an answer of {', '.join(asked)}, who was asked, got one of {event.iss}",
            f"应由被要求核实的 {'、'.join(asked)} 答复，实为 {event.iss}",
            E04,
        )


# --- decided ------------------------------------------------------------------------------------------------


def _upheld(case: Case, fact: ObjectionUpheld) -> None:
    need_other(case, E05)
    objection = objection_of(case, fact.objection)
    if all(a.fact.confirmed for a in objection.answers):
        need_basis(case, E05)  # no source said that it was wrong: a document has to
    need_live(case, fact.lift, E05)
    _need_remedy(case, fact, objection.filed.fact)


def _need_remedy(case: Case, fact: ObjectionUpheld, filed: ObjectionFiled) -> None:
    """Something follows: the record falls, or the penalties that were wrong, or there is something to correct."""
    if fact.withdraw and case.state.withdrawn:
        raise refuse("withdrawn", "expected a record that stands, it is withdrawn", "该记录已撤销", E05)
    if fact.withdraw or Point.PENALTY not in filed.points:
        return
    live = [p.id for p in case.state.penalties if p.is_live(case.today) and concerns(filed, p.id)]
    left = [p for p in live if p not in fact.lift]
    wholly = fact.extent is Extent.WHOLLY
    if left and (wholly or (set(filed.points) == {Point.PENALTY} and len(left) == len(live))):
        raise refuse(
            "remedy",
            f"upheld {fact.extent} against penalties: expected {', '.join(left)} to be lifted, or the record withdrawn",
            f"对惩戒的异议成立（{fact.extent}），应解除 {'、'.join(left)} 或撤销记录",
            E05,
        )


def _righted(case: Case, fact: ObjectionUpheld) -> tuple[Consequence, ...]:
    filed = objection_of(case, fact.objection).filed.fact
    wholly = Point.PENALTY in filed.points and fact.extent is Extent.WHOLLY
    verdict = Verdict(
        fact.objection,
        Hold.OBJECTION,
        LiftReason.OBJECTION_UPHELD,
        WithdrawalGround.WRONG_SUBJECT if Point.IDENTITY in filed.points else WithdrawalGround.UNTRUE,
        fact.grounds,
        fact.withdraw,
        fact.lift,
        wrong=fact.withdraw or bool(fact.lift) or set(filed.points) != ONLY_RESULT,
        wronged=tuple(p.id for p in case.state.penalties if wholly and concerns(filed, p.id)),
    )
    return put_right(case, verdict)


def _dismissed(case: Case, fact: ObjectionDismissed) -> None:
    need_other(case, E05)
    if any(not a.fact.confirmed for a in objection_of(case, fact.objection).answers):
        need_basis(case, E05)  # a source said that it was wrong: a document has to say why it is not


def _is_upheld(case: Case, item: str | None) -> None:
    if not objection_of(case, item).is_upheld:
        raise refuse(
            "objection-upheld",
            f"expected an objection that was upheld before fault is attributed, {item} was not",
            f"追究数据错误责任前，异议 {item} 应已认定成立",
            E02,
        )


def _fault(case: Case, fact: FaultAttributed) -> None:
    need_other(case, E02)
    need_known(case, (fact.body,), E02)


STEPS = {
    VerificationRequested: Step("E04", when=need_open, check=_requested, item="objection", items=objection_ids),
    SourceAnswered: Step("E04", when=_asked, check=_answered, item="objection", items=objection_ids),
    ObjectionUpheld: Step(
        "E05, E06", when=need_open, check=_upheld, then=_righted, item="objection", items=objection_ids
    ),
    ObjectionDismissed: Step(
        "E03, E05", when=need_open, check=_dismissed, then=resumed, item="objection", items=objection_ids
    ),
    FaultAttributed: Step("E02", when=_is_upheld, check=_fault, item="objection", items=objection_ids),
}
