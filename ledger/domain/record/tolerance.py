"""Steps of fault tolerance (容错纠错): asked for, determined; only where the rule pack allows it.

A tolerated act stays out of the records (C19: YN 二(三)): before recognition the lead can then be closed and nothing be
recognised, after recognition the ledger withdraws the record in consequence.

>>> [cls.__name__ for cls in STEPS]
['ToleranceRequested', 'ToleranceDetermined']
"""

from __future__ import annotations

from ledger.domain.event import Consequence
from ledger.domain.record.checks import Case, need_decision, need_not_closed, need_other, need_standing, refuse
from ledger.domain.record.course_facts import RecordWithdrawn, ToleranceDetermined, ToleranceRequested
from ledger.domain.record.restoration import stated
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import WithdrawalGround
from ledger.domain.steps import Step

C19 = "C19: YN 二(三)(七)"


def _allowed(case: Case, item: str | None) -> None:
    if not case.view.flag("tolerance.allowed"):
        raise refuse(
            "tolerance",
            "expected a jurisdiction whose rules know fault tolerance; the pack in force does not",
            "施行中的规则包未规定容错认定后可不纳入政务失信记录",
            f"{C19}; {case.view.source('tolerance.allowed')}",
        )
    need_standing(case, C19, Standing.LEAD, Standing.VERIFIED, Standing.RECORDED)
    need_not_closed(case, C19)
    if any(t.fact.tolerated for t in case.state.tolerance):
        raise refuse("tolerated", "expected an act not tolerated yet, it is", "已作出容错认定，不得重复", C19)


def _requested(case: Case, fact: ToleranceRequested) -> None:
    if not fact.evidence:
        raise refuse("evidence", "expected evidence of the circumstances, got none", "应附容错情形的证明材料", C19)


def _determined(case: Case, fact: ToleranceDetermined) -> None:
    need_other(case, C19)
    need_decision(case, C19)


def _withdraw(case: Case, fact: ToleranceDetermined) -> tuple[Consequence, ...]:
    """A record that exists already falls."""
    if not fact.tolerated or case.state.standing is not Standing.RECORDED:
        return ()
    return stated(case, RecordWithdrawn(WithdrawalGround.TOLERATED, fact.grounds))


STEPS = {
    ToleranceRequested: Step("C19", when=_allowed, check=_requested),
    ToleranceDetermined: Step("C19", when=_allowed, check=_determined, then=_withdraw),
}
