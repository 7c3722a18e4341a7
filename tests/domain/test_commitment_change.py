"""How a promise is lawfully changed, and the loss made good: every rule with the phrase it comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.domain.codec import decode, encode
from ledger.domain.commitment import (
    CommitmentLawfullyChanged,
    CommitmentMade,
    CommitmentTakenOver,
)
from ledger.domain.commitment_terms import (
    Every,
    Ground,
    Milestone,
    Procedure,
    ProcedureStep,
    Recurrence,
    Target,
)
from ledger.errors import FormatError
from tests.domain.promises import (
    BROKEN,
    CHANGED,
    CLAIMED,
    DUE,
    FIVE,
    GRANTED,
    IN_TIME,
    KEPT,
    LATE,
    MADE,
    PAID,
    PARTLY,
    PROGRESS,
    PUBLISHED,
    REPORT,
    STEPS,
    TOMORROW,
    WITHDRAWN,
    YEARLY,
    broken,
    claimed,
    granted,
    promised,
)
from tests.domain.scenario import (
    APPRAISER,
    BUREAU,
    CITY,
    CREDIT,
    FIRM,
    HEIR,
    PAPER,
    PARTNER,
    PROVINCE,
    STRANGER,
    TODAY,
    UNKNOWN,
    Saying,
    said,
    succeeded,
)

# --- lawful change ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ground", [Ground.NATIONAL_INTEREST, Ground.PUBLIC_INTEREST, Ground.OTHER_STATUTORY])
@pytest.mark.parametrize("by", [CITY, CREDIT, PROVINCE])
def test_a_promise_changes_on_a_statutory_ground_with_authority_procedure_and_document(ground: Ground, by: str) -> None:
    """B10 因国家利益、公共利益或其他法定事由需要改变政府承诺和合同约定的，要严格依照法定权限和程序进行."""
    fact = replace(CHANGED, ground=ground, statute="《示例条例》第三条：……")
    state = promised().when(fact, by, PAPER).then()
    assert (state.due, state.terms.due) == (date(2026, 12, 31), DUE)


@pytest.mark.parametrize("ground", [Ground.CHANGE_OF_GOVERNMENT, Ground.CHANGE_OF_PERSON])
@pytest.mark.parametrize("by", [CITY, CREDIT, PROVINCE])
@pytest.mark.parametrize("fact", [CHANGED, WITHDRAWN])
def test_a_change_of_government_or_person_is_never_a_ground(
    ground: Ground, by: str, fact: CommitmentLawfullyChanged
) -> None:
    """A12 不得以政府换届、相关责任人更替等理由毁约: all five documents."""
    error = promised().when(replace(fact, ground=ground, statute="法"), by, PAPER).refused("commitment.ground")
    assert error.source == f"A12: {FIVE}"
    assert "不得以政府换届、相关责任人更替等理由毁约" in error.zh


@pytest.mark.parametrize("by", [BUREAU, PARTNER, FIRM, APPRAISER])
def test_only_the_promiser_its_superior_or_the_credit_office_changes_it(by: str) -> None:
    """B10 法定权限: a responsible body cannot free itself from the promise of another."""
    promised().when(CHANGED, by, PAPER).refused("commitment.signer")


@pytest.mark.parametrize("by", [CITY, PROVINCE, CREDIT])
def test_a_change_shows_its_document(by: str) -> None:
    """B10 依照法定…程序."""
    assert promised().when(CHANGED, by).refused("commitment.basis").source == f"B10: {FIVE}"


def test_a_change_shows_its_procedure() -> None:
    """B10 依照法定…程序."""
    with pytest.raises(FormatError, match="procedure: expected a list of 1 to"):
        decode(CommitmentLawfullyChanged, {**encode(CHANGED), "procedure": []})


def test_another_statutory_ground_quotes_the_law() -> None:
    """B10 其他法定事由."""
    fact = replace(CHANGED, ground=Ground.OTHER_STATUTORY)
    promised().when(fact, CITY, PAPER).refused("commitment.statute")


def test_a_change_was_decided_before_it_is_recorded() -> None:
    promised().when(replace(CHANGED, decided_on=TOMORROW), CITY, PAPER).refused("commitment.future")
    steps = (*STEPS, ProcedureStep(Procedure.HEARING, TOMORROW))
    promised().when(replace(CHANGED, procedure=steps), CITY, PAPER).refused("commitment.future")


NEW_RECURRENCE = Recurrence(every=Every.YEAR)


@pytest.mark.parametrize(
    ("terms", "fact"),
    [
        (MADE, replace(CHANGED, due=None)),
        (MADE, replace(CHANGED, withdrawn=True)),
        (MADE, replace(CHANGED, due=None, recurrence=NEW_RECURRENCE)),
        (YEARLY, CHANGED),
        (YEARLY, replace(CHANGED, due=None, milestones=(Milestone(LATE, "节点"),))),
    ],
)
def test_a_change_is_either_a_withdrawal_or_something_new_that_fits(
    terms: CommitmentMade, fact: CommitmentLawfullyChanged
) -> None:
    promised(terms).when(fact, CITY, PAPER).refused("commitment.change")


@pytest.mark.parametrize(
    ("terms", "fact"),
    [
        (replace(MADE, milestones=(Milestone(IN_TIME, "节点"),)), replace(CHANGED, due=date(2025, 6, 30))),
        (YEARLY, replace(CHANGED, due=None, recurrence=Recurrence())),
    ],
)
def test_a_change_leaves_a_schedule_that_can_be_meant(terms: CommitmentMade, fact: CommitmentLawfullyChanged) -> None:
    promised(terms).when(fact, CITY, PAPER).refused("commitment.schedule")


def test_target_milestones_and_recurrence_change_too() -> None:
    target = Target("新建停车位", value="800")
    state = promised().when(replace(CHANGED, due=None, target=target), CITY, PAPER).then()
    assert (state.target, state.due) == (target, DUE)
    steps = (Milestone(IN_TIME, "节点"),)
    assert promised().when(replace(CHANGED, milestones=steps), CITY, PAPER).then().milestones == steps
    fact = replace(CHANGED, due=None, recurrence=NEW_RECURRENCE)
    promised(YEARLY).when(fact, CITY, PAPER).then()


@pytest.mark.parametrize("judged", [BROKEN, PARTLY])
def test_a_change_does_not_undo_a_judgement(judged: Any) -> None:
    """B10 因违约毁约侵犯合法权益的，要承担法律和经济责任 (YC 二(四)16)."""
    case = promised().having(said(judged, CREDIT, PAPER))
    case.when(WITHDRAWN, CITY, PAPER).refused("commitment.change-after-judgement")


def test_a_withdrawn_promise_leaves_only_compensation() -> None:
    """B10 B11 对相关企业和投资人的财产损失依法予以补偿."""
    case = promised().having(said(WITHDRAWN, CITY, PAPER))
    for fact, by in (
        *((PROGRESS, CITY), (REPORT, CITY), (KEPT, APPRAISER), (BROKEN, CREDIT)),
        *((CHANGED, CITY), (PUBLISHED, CITY), (CommitmentTakenOver(CITY, HEIR), CREDIT)),
    ):
        case.when(fact, by, PAPER).refused("commitment.withdrawn")
    assert case.state.withdrawn_on == TODAY
    case.having(said(CLAIMED, FIRM), said(GRANTED, CITY, PAPER)).when(PAID, CITY, PAPER).then()


# --- compensation -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", [said(CHANGED, CITY, PAPER), said(BROKEN, CREDIT, PAPER)])
def test_who_lost_by_a_change_or_a_breach_claims(cause: Saying) -> None:
    """B11 对相关企业和投资人的财产损失依法予以补偿."""
    assert promised().having(cause).when(CLAIMED, FIRM).then().claims[0].fact == CLAIMED


def test_without_a_change_or_a_breach_there_is_no_claim() -> None:
    """B11 依法予以补偿."""
    promised().when(CLAIMED, FIRM).refused("commitment.claim-cause")
    promised().having(said(PARTLY, APPRAISER, PAPER)).when(CLAIMED, FIRM).refused("commitment.claim-cause")


def test_the_credit_office_lodges_a_claim_for_a_firm_with_its_document() -> None:
    broken().when(CLAIMED, CREDIT, PAPER).then()
    broken().when(CLAIMED, CREDIT).refused("commitment.basis")
    broken().when(CLAIMED, STRANGER, PAPER).refused("commitment.signer")


def test_the_promiser_claims_nothing_from_itself() -> None:
    broken().when(replace(CLAIMED, claimant=CITY), CITY).refused("commitment.claimant")
    case = broken().amid(succeeded(CITY, HEIR))
    case.when(replace(CLAIMED, claimant=HEIR), HEIR).refused("commitment.claimant")


def test_a_claim_has_a_name_of_its_own_and_a_known_claimant() -> None:
    claimed().when(CLAIMED, FIRM).refused("commitment.claim-new")
    claimed().when(replace(CLAIMED, claim="c2"), FIRM).then()
    broken().when(replace(CLAIMED, claimant=UNKNOWN), CREDIT, PAPER).refused("commitment.known")


@pytest.mark.parametrize("by", [CITY, CREDIT])
@pytest.mark.parametrize("amount", [None, 1, 500_00])
def test_a_claim_is_granted_or_refused_by_document(by: str, amount: int | None) -> None:
    """B11 依法予以补偿."""
    fact = replace(GRANTED, granted=amount)
    claimed().when(fact, by, PAPER).then()
    claimed().when(fact, by).refused("commitment.basis")


def test_a_successor_decides_and_pays_for_the_promiser() -> None:
    """A12 B11 the duty to compensate passes on with the promise."""
    case = claimed().amid(succeeded(CITY, HEIR)).having(said(GRANTED, HEIR, PAPER))
    case.when(PAID, HEIR, PAPER).then()


@pytest.mark.parametrize("by", [FIRM, BUREAU, APPRAISER])
def test_others_neither_decide_nor_pay(by: str) -> None:
    claimed().when(GRANTED, by, PAPER).refused("commitment.signer")
    granted().when(PAID, by, PAPER).refused("commitment.signer")


def test_a_decision_is_on_a_claim_that_was_lodged_once_and_within_it() -> None:
    broken().when(GRANTED, CITY, PAPER).refused("commitment.claim")
    granted().when(GRANTED, CITY, PAPER).refused("commitment.decided-once")
    claimed().when(replace(GRANTED, granted=500_01), CITY, PAPER).refused("commitment.granted")


def test_payments_never_exceed_what_was_granted() -> None:
    """B11 依法予以补偿."""
    case = granted().having(said(PAID, CITY, PAPER), said(PAID, CITY, PAPER))
    case.when(replace(PAID, amount=100_01), CITY, PAPER).refused("commitment.paid")
    case.when(PAID, CREDIT, PAPER).then()
    case.having(said(PAID, CITY, PAPER)).when(replace(PAID, amount=1), CITY, PAPER).refused("commitment.paid")


def test_nothing_is_paid_on_a_claim_that_is_open_refused_or_of_another() -> None:
    claimed().when(PAID, CITY, PAPER).refused("commitment.paid")
    refused = claimed().having(said(replace(GRANTED, granted=None), CITY, PAPER))
    refused.when(PAID, CITY, PAPER).refused("commitment.paid")
    granted().when(replace(PAID, claim="c2"), CITY, PAPER).refused("commitment.claim")


def test_a_payment_was_made_and_has_its_voucher() -> None:
    granted().when(PAID, CITY).refused("commitment.basis")
    granted().when(replace(PAID, paid_on=TOMORROW), CITY, PAPER).refused("commitment.future")
