"""What may be said about a commitment, by whom and when: each refusal names its rule and the documents it comes from.

The promiser's side says what it promised and did; a body outside that side judges it; the credit office may
record for others what a document shows. A promise that was withdrawn, or kept for good, is closed but for
compensation.

>>> from ledger.domain.commitment import EMPTY, CompensationPaid
>>> paid = CompensationPaid("1", 100, date(2026, 1, 1))
>>> event = Event("11990000000000019A", 0, "", "commitment/1", 1, None, paid)
>>> try:
...     admit(EMPTY, event, Rules(), datetime.fromisoformat("2026-01-02T00:00:00Z"))
... except RuleError as error:
...     print(error.rule)
commitment.unmade
"""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never

from ledger.domain import codec
from ledger.domain.body import acts_for
from ledger.domain.commitment import (
    Commitment,
    CommitmentBroken,
    CommitmentHandedOver,
    CommitmentLawfullyChanged,
    CommitmentMade,
    CommitmentPublished,
    CommitmentTakenOver,
    CompensationClaimed,
    CompensationDecided,
    CompensationPaid,
    Fact,
    FulfilmentAppraised,
    FulfilmentReported,
    ProgressReported,
    contract_stream,
)
from ledger.domain.commitment_change import admit_change, admit_claim, admit_decision, admit_payment
from ledger.domain.commitment_checks import (
    A12,
    B03,
    B04,
    B05,
    B09,
    B10,
    B12,
    B18,
    B20,
    CASE,
    is_superior,
    need_basis,
    need_judge,
    need_known,
    need_occurrence,
    need_past,
    need_schedule,
    need_signer,
    need_unsettled,
    refuse,
    side,
)
from ledger.domain.commitment_due import deadline, verdict
from ledger.domain.commitment_terms import Kind, Outcome
from ledger.domain.event import Consequence, Event, Rules, legal_day
from ledger.errors import RuleError


def admit(state: Commitment, event: Event, rules: Rules, at: datetime) -> tuple[Consequence, ...]:
    """No consequences: a commitment obliges nothing in other streams. Raises RuleError with rule and source."""
    fact: Fact = event.fact
    today = legal_day(at)
    _need_place(state, fact)
    need_known(rules, codec.bodies(fact))
    match fact:
        case CommitmentMade():
            _admit_made(event, fact, rules, today)
        case CommitmentPublished():
            need_signer(event, rules, side(state), B03)
            need_basis(event, B03)
            need_past(today, fact.publication.on, B03)
        case CommitmentTakenOver():
            _admit_takeover(state, event, fact, rules)
        case CommitmentHandedOver():
            need_signer(event, rules, side(state), B20)
            need_basis(event, B20)
            need_past(today, fact.on, B20)
        case ProgressReported():
            _admit_progress(state, event, fact, rules, today)
        case FulfilmentReported():
            need_signer(event, rules, side(state), B04)
            need_past(today, fact.completed_on, B04)
            need_occurrence(state, fact.occurrence)
            need_unsettled(state, fact.occurrence)
        case FulfilmentAppraised():
            _admit_appraisal(state, event, fact, rules, today)
        case CommitmentBroken():
            _admit_breach(state, event, fact, rules)
        case CommitmentLawfullyChanged():
            admit_change(state, event, fact, rules, today)
        case CompensationClaimed():
            admit_claim(state, event, fact, rules)
        case CompensationDecided():
            admit_decision(state, event, fact, rules)
        case CompensationPaid():
            admit_payment(state, event, fact, rules, today)
        case _:
            assert_never(fact)
    return ()


def _need_place(state: Commitment, fact: Fact) -> None:
    """CommitmentMade comes first and once; after a withdrawal only compensation is left."""
    if isinstance(fact, CommitmentMade):
        if state.made is not None:
            raise refuse("made-once", "expected a new stream, this commitment was made", "该承诺已记载，不得重复", B12)
        return
    if state.made is None:
        raise refuse(
            "unmade",
            "expected CommitmentMade first, got " + type(fact).__name__,
            f"事件流应以 CommitmentMade 开始，实为 {type(fact).__name__}",
            CASE,
        )
    if state.withdrawn_on and not isinstance(fact, CompensationClaimed | CompensationDecided | CompensationPaid):
        raise refuse(
            "withdrawn",
            f"expected only compensation after the withdrawal on {state.withdrawn_on}",
            f"该承诺已于 {state.withdrawn_on} 依法撤回，其后只可记载补偿",
            B10,
        )


def _admit_made(event: Event, fact: CommitmentMade, rules: Rules, today: date) -> None:
    need_signer(event, rules, (fact.promiser,), B04)
    if event.iss != fact.promiser:
        need_basis(event, B04)
    need_schedule(fact.due, fact.milestones, fact.recurrence)
    for publication in fact.published:
        need_past(today, publication.on, B03)
    if (fact.kind is Kind.CONTRACT) is not (fact.contract is not None):
        raise refuse(
            "contract",
            "expected a contract exactly where the kind is contract",
            "kind 为 contract 时必须且只有此时可以写明 contract",
            B09,
        )
    if fact.contract is None:
        return
    need_past(today, fact.contract.signed_on, B09)
    own = contract_stream(fact.promiser, fact.contract.number)
    if event.stream != own:
        raise refuse(
            "contract-stream",
            f"expected {own}, the one stream of this contract number, got {event.stream}",
            f"该合同编号只能记入 {own}，实为 {event.stream}",
            B12,
        )


def _admit_takeover(state: Commitment, event: Event, fact: CommitmentTakenOver, rules: Rules) -> None:
    if not is_superior(state, rules, event.iss):
        need_signer(event, rules, (fact.successor,), B20)
    need_basis(event, B20)
    bound = (state.holder, *state.lead, *state.responsible, *state.supporting)
    if fact.predecessor not in bound:
        raise refuse(
            "predecessor",
            f"expected a body with a duty here ({', '.join(bound)}), got {fact.predecessor}",
            f"predecessor 应为本承诺的义务单位（{'、'.join(bound)}），实为 {fact.predecessor}",
            B20,
        )
    if fact.successor == fact.predecessor or not acts_for(rules, fact.successor, fact.predecessor):
        raise refuse(
            "succession",
            f"expected a succession of {fact.predecessor} by {fact.successor} in the ledger, got none",
            f"账本中没有 {fact.successor} 承继 {fact.predecessor} 的记载",
            A12,
        )


def _admit_progress(state: Commitment, event: Event, fact: ProgressReported, rules: Rules, today: date) -> None:
    need_signer(event, rules, side(state), B04)
    need_unsettled(state, None)
    if fact.period is None:
        return
    need_past(today, fact.period.end, B04)
    if fact.period.end < fact.period.start:
        raise refuse(
            "period",
            f"expected an end not before {fact.period.start}, got {fact.period.end}",
            f"期间的结束应不早于 {fact.period.start}，实为 {fact.period.end}",
            B04,
        )


def _admit_appraisal(state: Commitment, event: Event, fact: FulfilmentAppraised, rules: Rules, today: date) -> None:
    need_judge(state, event, rules)
    need_occurrence(state, fact.occurrence)
    need_unsettled(state, None)
    need_unsettled(state, fact.occurrence)
    need_past(today, fact.completed_on, B05)
    if not event.basis and not any(r.fact.occurrence == fact.occurrence for r in state.reports):
        raise refuse(
            "evidence",
            "expected a report of fulfilment before, or a document in basis, got neither",
            "评价前应有履行报告，或在 basis 中写明文件，实为两者皆无",
            B05,
        )
    _need_agreement(fact, deadline(state, fact.occurrence), today)


def _need_agreement(fact: FulfilmentAppraised, due: date | None, today: date) -> None:
    """The outcome agrees with the days: nobody can call late what was in time, or the reverse."""
    done = fact.completed_on
    if fact.outcome is Outcome.PARTLY_FULFILLED:
        if done is not None:
            raise _outcome("no completed_on for what is partly fulfilled, got one", "部分履行不应有 completed_on")
        if due is not None and today <= due:
            raise refuse(
                "early",
                f"expected no final word before the due day {due} is over, it is {today}",
                f"到期日 {due} 届满前不得评价为部分履行，今日为 {today}",
                B05,
            )
    elif done is None:
        raise _outcome(f"completed_on for {fact.outcome}, got none", f"{fact.outcome} 应写明 completed_on，实为空")
    elif fact.outcome is Outcome.FULFILLED and due is not None and done > due:
        raise _outcome(
            f"fulfilled_late for what was due on {due} and done on {done}, got fulfilled",
            f"{due} 到期、{done} 完成，应为 fulfilled_late，实为 fulfilled",
        )
    elif fact.outcome is Outcome.FULFILLED_LATE and (due is None or done <= due):
        raise _outcome(
            f"fulfilled for what was due on {due or 'no day'} and done on {done}, got fulfilled_late",
            f"到期日 {due or '未定'}、{done} 完成，应为 fulfilled，实为 fulfilled_late",
        )


def _outcome(en: str, zh: str) -> RuleError:
    return refuse("outcome", f"expected {en}", f"评价结论：{zh}", B05)


def _admit_breach(state: Commitment, event: Event, fact: CommitmentBroken, rules: Rules) -> None:
    source = B18 if fact.false_from_start else B05
    need_judge(state, event, rules)
    need_basis(event, source)
    need_occurrence(state, fact.occurrence)
    need_unsettled(state, None)
    need_unsettled(state, fact.occurrence)
    if isinstance(verdict(state, fact.occurrence), CommitmentBroken):
        raise refuse(
            "broken-once",
            "expected one breach for one due day, it is recorded",
            "同一到期日的失诺已记载，不得重复",
            source,
        )
