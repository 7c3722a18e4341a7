"""How a commitment may lawfully be changed, and how the loss is made good (B10, B11).

因国家利益、公共利益或其他法定事由需要改变政府承诺和合同约定的，要严格依照法定权限和程序进行，并对相关企业和投资人的财产损失依法予以补偿。
A change of the government or of the person in charge is no such ground, in all five documents (A12).

>>> sorted(str(ground) for ground in FORBIDDEN)
['change_of_government', 'change_of_person']
"""

from __future__ import annotations

from datetime import date

from ledger.domain.body import acts_for
from ledger.domain.commitment import (
    Commitment,
    CommitmentBroken,
    CommitmentLawfullyChanged,
    CompensationClaimed,
    CompensationDecided,
    CompensationPaid,
)
from ledger.domain.commitment_checks import (
    A12,
    B10,
    B11,
    is_superior,
    need_basis,
    need_past,
    need_schedule,
    need_signer,
    need_unsettled,
    promiser,
    refuse,
)
from ledger.domain.commitment_due import verdict
from ledger.domain.commitment_terms import Ground
from ledger.domain.event import Event, Rules

FORBIDDEN = frozenset({Ground.CHANGE_OF_GOVERNMENT, Ground.CHANGE_OF_PERSON})
"""What is never a ground for changing a promise (A12)."""


def admit_change(state: Commitment, event: Event, fact: CommitmentLawfullyChanged, rules: Rules, today: date) -> None:
    """Ground, authority, procedure and document are there, and what changes can still change. Raises RuleError."""
    if fact.ground in FORBIDDEN:
        raise refuse(
            "ground",
            f"expected a statutory ground; {fact.ground} never frees a body from its promise",
            f"应为法定事由；不得以政府换届、相关责任人更替等理由毁约（{fact.ground}）",
            A12,
        )
    if not is_superior(state, rules, event.iss):
        need_signer(event, rules, promiser(state), B10)
    need_basis(event, B10)
    if fact.ground is Ground.OTHER_STATUTORY and fact.statute is None:
        raise refuse(
            "statute",
            "expected the text of the law (statute) for other_statutory, got none",
            "其他法定事由应引用法律条文（statute），实为空",
            B10,
        )
    for day in (fact.decided_on, *(step.on for step in fact.procedure)):
        need_past(today, day, B10)
    _need_content(state, fact)
    need_unsettled(state, None)
    open_ended = state.terms.continuous or state.terms.recurrence
    if verdict(state, None) is not None and not open_ended:
        raise refuse(
            "change-after-judgement",
            "expected a promise not yet judged; a change does not undo a breach",
            "应为尚未评价的承诺；依法变更不能消除已认定的失诺",
            B10,
        )


def _need_content(state: Commitment, fact: CommitmentLawfullyChanged) -> None:
    schedule = fact.due or fact.milestones or fact.recurrence
    if fact.withdrawn is bool(schedule or fact.target):
        raise refuse(
            "change",
            "expected a withdrawal, or a new due day, milestones, recurrence or target",
            "应为撤回，或者新的到期日、节点、周期、目标，二者居其一",
            B10,
        )
    if schedule and bool(fact.recurrence) is not bool(state.terms.recurrence):
        raise refuse(
            "change",
            "expected a recurrence for a recurring commitment, a due day or milestones for another",
            "周期性承诺只能变更周期，其他承诺只能变更到期日或节点",
            B10,
        )
    need_schedule(fact.due or state.due, fact.milestones or state.milestones, fact.recurrence)


def admit_claim(state: Commitment, event: Event, fact: CompensationClaimed, rules: Rules) -> None:
    """A claim follows a change or a breach, comes from the claimant, and has a name of its own. Raises RuleError."""
    need_signer(event, rules, (fact.claimant,), B11)
    if not state.changes and not any(isinstance(v.fact, CommitmentBroken) for v in state.verdicts):
        raise refuse(
            "claim-cause",
            "expected a lawful change or a breach before a claim, got neither",
            "提出补偿前应有依法变更或失诺，实为两者皆无",
            B11,
        )
    if any(acts_for(rules, fact.claimant, b) for b in promiser(state)):
        raise refuse(
            "claimant",
            f"expected a claimant other than the promiser, got {fact.claimant}",
            f"申请补偿者应为承诺方以外的单位，实为 {fact.claimant}",
            B11,
        )
    if any(c.fact.claim == fact.claim for c in state.claims):
        raise refuse(
            "claim-new",
            f"expected a new claim, {fact.claim} is lodged",
            f"申请 {fact.claim} 已提出，不得重复",
            B11,
        )


def admit_decision(state: Commitment, event: Event, fact: CompensationDecided, rules: Rules) -> None:
    """The promiser or credit office decides an open claim once, by document, within its amount. Raises RuleError."""
    need_signer(event, rules, promiser(state), B11)
    need_basis(event, B11)
    claimed = _claim(state, fact.claim).amount
    if any(d.fact.claim == fact.claim for d in state.decisions):
        raise refuse(
            "decided-once",
            f"expected an open claim, {fact.claim} is decided",
            f"申请 {fact.claim} 已决定",
            B11,
        )
    if fact.granted is not None and fact.granted > claimed:
        raise refuse(
            "granted",
            f"expected at most the {claimed} fen claimed, got {fact.granted}",
            f"补偿应不超过申请的 {claimed} 分，实为 {fact.granted}",
            B11,
        )


def admit_payment(state: Commitment, event: Event, fact: CompensationPaid, rules: Rules, today: date) -> None:
    """A payment on a granted claim, by voucher, within what was granted. Raises RuleError."""
    need_signer(event, rules, promiser(state), B11)
    need_basis(event, B11)
    need_past(today, fact.paid_on, B11)
    _claim(state, fact.claim)
    granted = sum(d.fact.granted or 0 for d in state.decisions if d.fact.claim == fact.claim)
    paid = sum(p.fact.amount for p in state.payments if p.fact.claim == fact.claim)
    if paid + fact.amount > granted:
        raise refuse(
            "paid",
            f"expected at most {granted - paid} fen still to be paid on {fact.claim}, got {fact.amount}",
            f"申请 {fact.claim} 尚可支付 {granted - paid} 分，实为 {fact.amount}",
            B11,
        )


def _claim(state: Commitment, claim: str) -> CompensationClaimed:
    found = next((c.fact for c in state.claims if c.fact.claim == claim), None)
    if found is None:
        raise refuse("claim", f"expected a claim lodged before, got {claim}", f"没有申请 {claim}", B11)
    return found
