"""Steps of a penalty's course: suspended, resumed, mitigated, lifted.

Whatever follows from something else is stated by the ledger alone: a penalty waits for an objection (E03), resumes
with its end, and is lifted by a repair (E10), a withdrawal, an objection or an appeal. By hand a penalty waits for a
stay or a bankruptcy, is eased on one of the three grounds of self-correction (E15), or lifted because imposing it was
an error. An expired penalty (D11) is neither held, eased nor lifted.

>>> [cls.__name__ for cls in STEPS]
['PenaltySuspended', 'PenaltyResumed', 'PenaltyMitigated', 'PenaltyLifted']
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ledger.domain.event import Consequence
from ledger.domain.record.checks import Case, need_basis, need_other, need_record, refuse
from ledger.domain.record.penalty import D11, E15, concerns, need_mitigable, target_of
from ledger.domain.record.remedies import Appeal, Penalty
from ledger.domain.record.remedy_facts import (
    ObjectionUpheld,
    PenaltyLifted,
    PenaltyMitigated,
    PenaltyResumed,
    PenaltySuspended,
    RestorationOrdered,
)
from ledger.domain.record.remedy_terms import Against, Hold, LiftReason, Relief
from ledger.domain.record.state import Record, Standing
from ledger.domain.steps import Step

E03 = "E03: HS 四(九)"
E06 = "E06: HS 四(九); TA-A 二(二)5; TA-B 二(五)"
E10 = "E10: HS 四(九)"
E18 = "E18: YC 二(三)9"
BANKRUPTCY = "信用修复管理办法（国家发展改革委令第36号）"


def _by_hand(case: Case) -> bool:
    """Whether somebody says it, rather than the ledger in consequence; so where only what is possible is asked."""
    return case.event is None or case.event.cause is None


def _penalty(case: Case, item: str | None) -> Penalty:
    penalty = case.state.penalty(item)
    if penalty is None:
        raise refuse("penalty", f"expected a penalty of this record, got {item}", f"本记录没有惩戒 {item}", E03)
    return penalty


def _live(case: Case, item: str | None, source: str) -> Penalty:
    """The penalty, which is neither lifted nor expired; by hand only in a record that stands."""
    if _by_hand(case):
        need_record(case, source)
    penalty = _penalty(case, item)
    if not penalty.is_live(case.today):
        end = f"lifted on {penalty.lifted.day}" if penalty.lifted else f"over since {penalty.until}"
        zh = f"已于 {penalty.lifted.day} 解除" if penalty.lifted else f"已于 {penalty.until} 期满"
        raise refuse(
            "penalty-over",
            f"expected a penalty that is neither lifted nor expired, {item} is {end}",
            f"惩戒应未解除且未期满，{item} {zh}",
            f"{D11}; {source}",
        )
    return penalty


# --- suspended, resumed -------------------------------------------------------------------------------------


def _stays(state: Record, penalty: Penalty) -> Iterator[str]:
    """The undecided appeals for which this penalty can wait: not those against another penalty."""
    for appeal in state.appeals:
        if appeal.decided is None and _is_about(appeal, penalty):
            yield appeal.filed.fact.appeal


def _is_about(appeal: Appeal, penalty: Penalty) -> bool:
    filed = appeal.filed.fact
    return filed.against is not Against.PENALTY or filed.item in {None, penalty.id}


def _may_suspend(case: Case, item: str | None) -> None:
    penalty = _live(case, item, E03)
    possible = {(Hold.BANKRUPTCY, None), *((Hold.STAY, appeal) for appeal in _stays(case.state, penalty))}
    if _by_hand(case) and possible <= set(penalty.holds):
        raise refuse("held", "expected another reason to wait than those it waits for", "该惩戒已暂停执行", E18)


def _suspended(case: Case, fact: PenaltySuspended) -> None:
    need_other(case, E03)
    penalty = _penalty(case, fact.penalty)
    if (fact.hold, fact.item) in penalty.holds:
        raise refuse(
            "held",
            f"expected a reason to wait that is new, {fact.penalty} waits for {fact.hold} {fact.item or ''}".rstrip(),
            f"{fact.penalty} 已因 {fact.hold} {fact.item or ''} 暂停执行",
            E18,
        )
    match fact.hold:
        case Hold.OBJECTION:
            _need_open_objection(case, fact)
        case Hold.STAY:
            need_basis(case, E18)
            _need_item(fact.item in set(_stays(case.state, penalty)), fact, "an undecided appeal that concerns it")
        case Hold.BANKRUPTCY:
            need_basis(case, BANKRUPTCY)
            _need_item(fact.item is None, fact, "no item with a bankruptcy")
        case _:
            assert_never(fact.hold)


def _need_open_objection(case: Case, fact: PenaltySuspended | PenaltyResumed) -> None:
    _need_ledger(case)
    objection = case.state.objection(fact.item)
    is_open = objection is not None and objection.is_open and concerns(objection.filed.fact, fact.penalty)
    if not is_open or not case.view.flag("objection.suspends"):
        raise refuse(
            "hold",
            "expected an objection that is taken up, not decided, about this penalty, where the pack lets it wait",
            "应有已受理、未办结且涉及该惩戒的异议，且规则包规定异议期间暂不执行",
            f"{E03}; {case.view.source('objection.suspends')}",
        )


def _need_ledger(case: Case) -> None:
    if _by_hand(case):
        raise refuse(
            "hold",
            "expected another hold: for an objection the ledger suspends and resumes, nobody by hand",
            "因异议暂停、恢复执行只由账本作为后果记载，不得人工作出",
            E03,
        )


def _need_item(holds: bool, fact: PenaltySuspended, wanted: str) -> None:
    if not holds:
        raise refuse(
            "hold",
            f"{fact.hold}: expected {wanted}, got {fact.item}",
            f"{fact.hold} 应写明未审结且涉及该惩戒的申诉、复议或诉讼；破产不写标识；实为 {fact.item}",
            E18,
        )


def _may_resume(case: Case, item: str | None) -> None:
    if not _by_hand(case):
        _penalty(case, item)
        return
    penalty = _live(case, item, E03)
    if all(hold is Hold.OBJECTION for hold, _ in penalty.holds):
        raise refuse("not-held", f"expected a penalty that waits by hand, {item} does not", f"{item} 未因故暂停", E18)


def _resumed(case: Case, fact: PenaltyResumed) -> None:
    need_other(case, E03)
    if (fact.hold, fact.item) not in _penalty(case, fact.penalty).holds:
        raise refuse(
            "not-held",
            f"expected a reason for which {fact.penalty} waits, got {fact.hold} {fact.item or ''}".rstrip(),
            f"{fact.penalty} 未因 {fact.hold} {fact.item or ''} 暂停执行",
            E18,
        )
    if fact.hold is not Hold.OBJECTION:
        need_basis(case, E18)
        return
    _need_ledger(case)
    objection = case.state.objection(fact.item)
    if objection is not None and objection.is_open:
        raise refuse("hold", f"expected a decided objection, {fact.item} is open", f"异议 {fact.item} 尚未办结", E03)


# --- mitigated, lifted --------------------------------------------------------------------------------------


def _may_mitigate(case: Case, item: str | None) -> None:
    penalty = _live(case, item, E15)
    need_mitigable(case, target_of(case, penalty.imposed.fact.person))


def _mitigated(case: Case, fact: PenaltyMitigated) -> None:
    need_other(case, E15)
    need_basis(case, E15)
    penalty = _penalty(case, fact.penalty)
    earliest = max(case.today, penalty.imposed.fact.start)
    if fact.relief is Relief.WAIVED:
        fits, wanted = fact.until is None, "no last day where the penalty is waived"
    else:
        fits = (
            fact.until is not None and earliest <= fact.until and (penalty.until is None or fact.until < penalty.until)
        )
        wanted = f"a last day from {earliest} and before {penalty.until or 'never'}"
    if not fits:
        raise refuse(
            "mitigated-until",
            f"{fact.relief}: expected {wanted}, got {fact.until}",
            f"从轻的截止日应不早于 {earliest} 且早于原截止日 {penalty.until}，免于的不写截止日；实为 {fact.until}",
            E15,
        )


def _waive(case: Case, fact: PenaltyMitigated) -> tuple[Consequence, ...]:
    if case.event is None or fact.relief is not Relief.WAIVED:
        return ()
    return (Consequence(case.event.stream, PenaltyLifted(fact.penalty, LiftReason.WAIVED)),)


def _may_lift(case: Case, item: str | None) -> None:
    _live(case, item, E10)


def _lifted(case: Case, fact: PenaltyLifted) -> None:
    need_other(case, E06)
    if _by_hand(case):
        if fact.reason is not LiftReason.ERROR:
            raise refuse(
                "lift",
                f"expected the reason error by hand, {fact.reason} is stated by the ledger as a consequence",
                f"人工解除的理由只能是 error，{fact.reason} 由账本作为后果记载",
                E10,
            )
        need_basis(case, E06)
    elif not _is_true(case.state, fact):
        raise refuse(
            "lift",
            f"expected a reason that this case bears out, got {fact.reason}",
            f"解除理由 {fact.reason} 与案件记载不符",
            E10,
        )


def _restored(case: Case, fact: PenaltyLifted) -> tuple[Consequence, ...]:
    """A penalty that was an error and was felt obliges to restore the reputation, where the pack says so (E06)."""
    wrong = fact.reason is LiftReason.ERROR and _penalty(case, fact.penalty).was_executed(case.today)
    if case.event is None or not wrong or not case.view.flag("restoration.required"):
        return ()
    return (Consequence(case.event.stream, RestorationOrdered(fact.penalty, case.state.recipients)),)


def _is_true(state: Record, fact: PenaltyLifted) -> bool:
    """Whether the case bears out why a penalty is lifted."""
    match fact.reason:
        case LiftReason.REPAIRED:
            return state.standing is Standing.REPAIRED
        case LiftReason.WITHDRAWN:
            return state.standing is Standing.WITHDRAWN
        case LiftReason.OBJECTION_UPHELD:
            decided = [o.decided.fact for o in state.objections if o.decided]
            return any(isinstance(d, ObjectionUpheld) and fact.penalty in d.lift for d in decided)
        case LiftReason.APPEAL_ALLOWED:
            return any(a.decided and a.is_allowed and fact.penalty in a.decided.fact.lift for a in state.appeals)
        case LiftReason.WAIVED:
            penalty = state.penalty(fact.penalty)
            return penalty is not None and any(m.fact.relief is Relief.WAIVED for m in penalty.mitigated)
        case LiftReason.ERROR:
            return False


def _names(state: Record) -> Iterator[str]:
    return (penalty.id for penalty in state.penalties)


STEPS = {
    PenaltySuspended: Step("E03", when=_may_suspend, check=_suspended, item="penalty", items=_names),
    PenaltyResumed: Step("E03", when=_may_resume, check=_resumed, item="penalty", items=_names),
    PenaltyMitigated: Step("E15, E16", when=_may_mitigate, check=_mitigated, then=_waive, item="penalty", items=_names),
    PenaltyLifted: Step("E10, E06", when=_may_lift, check=_lifted, then=_restored, item="penalty", items=_names),
}
