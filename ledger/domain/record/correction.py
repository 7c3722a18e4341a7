"""Steps of correction and end: corrected, supplemented, withdrawn, closed.

What was found wrong is corrected or withdrawn by a new event, nothing is overwritten (E05: TA-A 二(二)5
经核实有误的应及时更正或撤销). With a withdrawal the ledger itself lifts every penalty and ends publication and sharing.
A file is closed for the reason that is true: repaired, withdrawn, or rectified with nothing left open; never because
of a change of government or of persons (A12).

>>> [cls.__name__ for cls in STEPS]
['RecordCorrected', 'RecordSupplemented', 'RecordWithdrawn', 'CaseClosed']
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.domain.body import of
from ledger.domain.calendar import DeadlineState
from ledger.domain.event import Consequence
from ledger.domain.record.checks import (
    A12,
    CASE,
    WITHDRAWAL,
    Case,
    need_basis,
    need_decision,
    need_not_closed,
    need_other,
    need_record,
    need_standing,
    refuse,
)
from ledger.domain.record.course_facts import (
    CaseClosed,
    PublicationEnded,
    RecordCorrected,
    RecordSupplemented,
    RecordWithdrawn,
    SharingEnded,
)
from ledger.domain.record.deadlines import deadlines
from ledger.domain.record.remedy_facts import PenaltyLifted
from ledger.domain.record.remedy_terms import LiftReason
from ledger.domain.record.restoration import owed, stated
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import CaseEnd, PublicationEnd, WithdrawalGround
from ledger.domain.steps import Step

C17 = "C17: HS 四(九); TA-A 二(二)5; DH 二(四)2; YC 二(二)5; YN 二(七)"
C19 = "C19: YN 二(三)(七)"
D02 = "D02: YC 二(二)6; DH 二(三)3; HS 四(八); TA-A 二(二)4; YN 二(五)"
E05 = "E05: TA-A 二(二)5"

# --- corrected, supplemented, withdrawn ---------------------------------------------------------------------


def _stands(case: Case, item: str | None) -> None:
    """The record is not withdrawn; a closed file and a repaired record can still be put right."""
    need_standing(case, E05, Standing.RECORDED, Standing.REPAIRED)


def _corrected(case: Case, fact: RecordCorrected) -> None:
    need_other(case, E05)
    need_basis(case, E05)
    if not fact.corrections:
        raise refuse("corrections", "expected what is corrected, got nothing", "应写明更正事项，实为空", E05)
    if fact.objection is not None:
        objection = case.state.objection(fact.objection)
        if objection is None or not objection.is_upheld:
            raise refuse(
                "objection-upheld",
                f"expected an objection of this record that was upheld, {fact.objection} was not",
                f"更正所依据的异议 {fact.objection} 应已认定成立",
                E05,
            )


def _supplementable(case: Case, item: str | None) -> None:
    need_record(case, C17)


def _withdrawn(case: Case, fact: RecordWithdrawn) -> None:
    need_other(case, E05)
    if fact.ground is WithdrawalGround.TOLERATED and not any(t.fact.tolerated for t in case.state.tolerance):
        raise refuse("untolerated", "expected a determination of fault tolerance, got none", "应有容错认定", C19)
    if fact.ground is WithdrawalGround.DECISION_REVOKED:
        need_decision(case, E05)
    else:
        need_basis(case, E05)


def _falls(case: Case, fact: RecordWithdrawn) -> tuple[Consequence, ...]:
    """With the record falls what rests on it: no penalty stays, nothing is shown or shared any more.

    A record withdrawn as wrong without an objection or appeal did the same harm: reputation is restored too (E06).
    """
    state = case.state
    live = (p for p in state.penalties if p.is_live(case.today))
    ended = stated(case, *(PenaltyLifted(p.id, LiftReason.WITHDRAWN) for p in live))
    if state.published:
        ended += stated(case, PublicationEnded(PublicationEnd.WITHDRAWN))
    if state.shared:
        ended += stated(case, SharingEnded(PublicationEnd.WITHDRAWN))
    unasked = case.event is not None and case.event.cause is None
    if unasked and fact.ground is not WithdrawalGround.TOLERATED:
        ended += owed(case, WITHDRAWAL)
    return ended


# --- closed -------------------------------------------------------------------------------------------------

_REASONS = {
    Standing.RECORDED: CaseEnd.RECTIFIED,
    Standing.REPAIRED: CaseEnd.REPAIRED,
    Standing.WITHDRAWN: CaseEnd.WITHDRAWN,
}


def _may_close(case: Case, item: str | None) -> None:
    if case.event is not None and case.event.fact.reason is CaseEnd.CHANGE_OF_OFFICE_HOLDER:
        raise refuse(
            "excuse",
            "expected a reason that ends a case; a change of government or of persons never does",
            "不得以政府换届、相关责任人更替等理由结案",
            A12,
        )
    need_standing(case, CASE, *_REASONS)
    need_not_closed(case, CASE)
    if case.state.standing is not Standing.RECORDED:
        return
    if not case.state.is_rectified:
        raise refuse("unrectified", "expected an act verified as corrected, it is not", "尚未核实整改完成", D02)
    left = ", ".join(dict.fromkeys(_left(case)))
    if left:
        raise refuse("unfinished", f"expected nothing left open, there is {left}", f"结案前尚有未了事项：{left}", CASE)


def _left(case: Case) -> Iterator[str]:
    """What keeps a rectified case open: duties, penalties, remedies, and whoever is still shown the record."""
    state, rules = case.state, case.rules
    for clock in deadlines(state, case.view):
        is_done = clock.state(case.today) in {DeadlineState.MET, DeadlineState.MET_LATE}
        needless = clock.what == "RecordPublished" or (
            clock.what == "SuperiorInformed" and of(rules, state.subject).superior is None
        )
        if not is_done and not needless:
            yield f"{clock.what} {clock.item}" if clock.item else clock.what
    yield from (f"PenaltyLifted {p.id}" for p in state.penalties if p.is_live(case.today))
    yield from (f"AppealDecided {a.filed.fact.appeal}" for a in state.appeals if a.decided is None)
    yield from ("CourtListRemoved" for listing in state.listings if listing.removed is None)
    if state.is_published(case.today):
        yield "PublicationEnded"
    if state.shared:
        yield "SharingEnded"


def _closed(case: Case, fact: CaseClosed) -> None:
    need_other(case, CASE)
    true = _REASONS[case.state.standing]
    if fact.reason is not true:
        raise refuse(
            "close-reason",
            f"expected the reason that is true, {true}, got {fact.reason}",
            f"结案理由应属实，应为 {true}，实为 {fact.reason}",
            CASE,
        )


STEPS = {
    RecordCorrected: Step("E05", when=_stands, check=_corrected),
    RecordSupplemented: Step("C17", when=_supplementable),
    RecordWithdrawn: Step("E05, E06, C17, C19", when=_stands, check=_withdrawn, then=_falls),
    CaseClosed: Step("A12, D02", when=_may_close, check=_closed),
}
