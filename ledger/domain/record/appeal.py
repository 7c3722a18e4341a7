"""Steps of appeals (申诉、行政复议、行政诉讼): filed with a forum outside this ledger, and what it decided.

The way to review stays open (E18: YC 二(三)9 畅通行政复议渠道): an appeal needs nobody's acceptance here, and may be
written down whatever became of the record since. A decision that revokes or changes what it is against falls on the
record as an upheld objection does; every decision ends the stays that waited for it.

>>> [cls.__name__ for cls in STEPS]
['AppealFiled', 'AppealDecided']
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.domain.body import acts_for
from ledger.domain.event import Consequence
from ledger.domain.record.checks import (
    Case,
    need_basis,
    need_decision,
    need_new,
    need_other,
    need_past,
    need_standing,
    refuse,
)
from ledger.domain.record.remedies import Appeal
from ledger.domain.record.remedy_facts import AppealDecided, AppealFiled, ObjectionWithdrawn
from ledger.domain.record.remedy_terms import Against, AppealOutcome, Hold, LiftReason
from ledger.domain.record.restoration import Verdict, need_live, put_right, released
from ledger.domain.record.state import Record, Standing
from ledger.domain.record.terms import WithdrawalGround
from ledger.domain.steps import Step

E18 = "E18: YC 二(三)9"
ALLOWED = frozenset({AppealOutcome.REVOKED, AppealOutcome.CHANGED})


# --- filed --------------------------------------------------------------------------------------------------


def _may_file(case: Case, item: str | None) -> None:
    need_standing(case, E18, Standing.RECORDED, Standing.REPAIRED, Standing.WITHDRAWN)


def _filed(case: Case, fact: AppealFiled) -> None:
    state, event = case.state, case.event
    assert event is not None
    need_new(case, fact.appeal, E18)
    need_past(case, fact.filed_on, E18)
    if not acts_for(case.rules, event.iss, state.subject):
        need_basis(case, E18)
    if not _exists(state, fact):
        raise refuse(
            "appeal-against",
            f"expected a decision of this record ({fact.against}) to appeal against, there is none for {fact.item}",
            f"所诉的决定（{fact.against}）应为本案已作出的决定，{fact.item} 没有",
            E18,
        )
    if any(a.decided is None and _same(a.filed.fact, fact) for a in state.appeals):
        raise refuse(
            "appeal-twice",
            "expected an appeal that is not written down yet: the same one awaits its decision",
            "同一申诉、复议或诉讼尚未审结，不得重复记载",
            E18,
        )


def _exists(state: Record, fact: AppealFiled) -> bool:
    """Whether what the appeal is against was decided in this case."""
    match fact.against:
        case Against.RECOGNITION:
            return fact.item is None
        case Against.PENALTY:
            return state.penalty(fact.item) is not None
        case Against.OBJECTION_DECISION:
            objection = state.objection(fact.item)
            if objection is None:
                return False
            decided = objection.refused or objection.decided
            return decided is not None and not isinstance(decided.fact, ObjectionWithdrawn)
        case Against.REPAIR_DECISION:
            repair = state.repair(fact.item)
            return repair is not None and not repair.is_open


def _same(one: AppealFiled, other: AppealFiled) -> bool:
    return (one.route, one.against, one.item, one.forum) == (other.route, other.against, other.item, other.forum)


# --- decided ------------------------------------------------------------------------------------------------


def _undecided(case: Case, item: str | None) -> None:
    appeal = case.state.appeal(item)
    if appeal is None or appeal.decided:
        raise refuse(
            "appeal",
            f"expected an appeal of this record that awaits its decision, {item} is none",
            f"本案没有未审结的申诉、复议或诉讼 {item}",
            E18,
        )


def _decided(case: Case, fact: AppealDecided) -> None:
    need_other(case, E18)
    decision, appeal = need_decision(case, E18), _appeal(case, fact.appeal)
    filed = appeal.filed.fact
    if decision and decision.dated and decision.dated < filed.filed_on:
        raise refuse(
            "decision-early",
            f"expected a decision from {filed.filed_on} on, the day of filing, it is of {decision.dated}",
            f"决定日期应不早于提起之日 {filed.filed_on}，实为 {decision.dated}",
            E18,
        )
    if fact.outcome not in ALLOWED and (fact.withdraw or fact.lift):
        raise refuse(
            "outcome",
            f"{fact.outcome}: expected that everything stays, only revoked or changed withdraws or lifts",
            f"结果为 {fact.outcome} 的，不得撤销记录或解除惩戒；撤销、变更的方可",
            E18,
        )
    if fact.withdraw and case.state.withdrawn:
        raise refuse("withdrawn", "expected a record that stands, it is withdrawn", "该记录已撤销", E18)
    need_live(case, fact.lift, E18)
    _need_followed(case, fact, filed)


def _need_followed(case: Case, fact: AppealDecided, filed: AppealFiled) -> None:
    """What was revoked does not stay: a recognition takes the record with it, a penalty is lifted."""
    if fact.outcome is not AppealOutcome.REVOKED or fact.withdraw or case.state.withdrawn:
        return
    penalty = case.state.penalty(filed.item) if filed.against is Against.PENALTY else None
    stays = penalty is not None and penalty.is_live(case.today) and penalty.id not in fact.lift
    if stays or filed.against is Against.RECOGNITION:
        wanted, zh = (f"lift {filed.item}", f"解除 {filed.item}") if stays else ("withdraw the record", "撤销记录")
        raise refuse(
            "appeal-followed",
            f"{filed.against} revoked: expected the event to {wanted}, it does not",
            f"{filed.against} 被撤销的，应{zh}，实未载明",
            E18,
        )


def _righted(case: Case, fact: AppealDecided) -> tuple[Consequence, ...]:
    if fact.outcome not in ALLOWED:
        return released(case, Hold.STAY, fact.appeal)
    filed = _appeal(case, fact.appeal).filed.fact
    verdict = Verdict(
        fact.appeal,
        Hold.STAY,
        LiftReason.APPEAL_ALLOWED,
        WithdrawalGround.DECISION_REVOKED,
        fact.grounds,
        fact.withdraw,
        fact.lift,
        wrong=fact.withdraw or bool(fact.lift) or filed.against in {Against.RECOGNITION, Against.PENALTY},
        wronged=(filed.item,) if filed.against is Against.PENALTY and filed.item else (),
    )
    return put_right(case, verdict)


def _appeal(case: Case, item: str) -> Appeal:
    found = case.state.appeal(item)
    assert found is not None  # `when` has seen it
    return found


def _ids(state: Record) -> Iterator[str]:
    return (a.filed.fact.appeal for a in state.appeals)


STEPS = {
    AppealFiled: Step("E18, E17", when=_may_file, check=_filed),
    AppealDecided: Step("E18, E06", when=_undecided, check=_decided, then=_righted, item="appeal", items=_ids),
}
