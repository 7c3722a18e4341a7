"""Checks that several steps of a complaint share: where it stands, which days, who may handle it, no excuses.

>>> refuse("standing", "x", "y", H06).rule
'complaint.standing'
"""

from __future__ import annotations

from datetime import date

from ledger.domain.body import acts_for, of
from ledger.domain.body_terms import Status
from ledger.domain.complaint.facts import Fact
from ledger.domain.complaint.state import Complaint, Standing
from ledger.domain.complaint.terms import Refusal, Unfounded
from ledger.domain.record.checks import A12, EARLIEST
from ledger.domain.steps import Context
from ledger.errors import RuleError

Case = Context[Complaint]

H05 = "H05: YC 二(二)5"
H06 = "H06: DH 三(一)"
SCOPE = "发改财金〔2023〕1103号"
EXCUSE = f"{A12}; {SCOPE}"

OPEN = (Standing.ACCEPTED, Standing.TRANSFERRED, Standing.ANSWERED)
FOUND = (Standing.SUBSTANTIATED, Standing.UNSUBSTANTIATED, Standing.CONTESTED)
"""Where a complaint that was taken up is still being verified (OPEN), and where it was found true or not (FOUND)."""


def refuse(rule: str, en: str, zh: str, source: str) -> RuleError:
    """The error of the rule ``complaint.<rule>``."""
    return RuleError(en, zh, rule=f"complaint.{rule}", source=source)


def need_standing(case: Case, source: str, *allowed: Standing) -> None:
    """The complaint stands where the event may come."""
    standing = case.state.standing
    if standing not in allowed:
        wanted = ", ".join(allowed)
        raise refuse(
            "standing",
            f"expected a complaint that is {wanted}, it is {standing}",
            f"投诉状态应为 {wanted}，实为 {standing}",
            source,
        )


def need_past(case: Case, day: date, source: str) -> None:
    """What is said to have happened did not happen after the day of recording, nor in another age."""
    if not EARLIEST <= day <= case.today:
        raise refuse(
            "future",
            f"expected a day from {EARLIEST} to {case.today}, the day of recording, got {day}",
            f"日期应在 {EARLIEST} 与记载之日 {case.today} 之间，实为 {day}",
            source,
        )


def need_other(case: Case, body_id: str, source: str) -> None:
    """Nobody handles a complaint against itself: neither the accused nor who answers for it today."""
    accused = case.state.accused
    if accused and acts_for(case.rules, body_id, accused):
        raise refuse(
            "own-case",
            f"expected a body other than the accused {accused}, got {body_id}",
            f"应为被投诉单位 {accused} 以外的单位，实为 {body_id}",
            source,
        )


def other(case: Case, fact: Fact) -> None:
    """The signer is not the accused: the check of every step that judges or moves the complaint."""
    if case.event is not None:
        need_other(case, case.event.iss, H06)


def need_registered(case: Case, body_id: str, source: str) -> None:
    """The body is in the ledger and can sign."""
    status = of(case.rules, body_id).status
    if status is not Status.REGISTERED:
        raise refuse(
            "known",
            f"expected a registered body, {body_id} is {status}",
            f"应为已登记的单位，{body_id} 状态为 {status}",
            source,
        )


def need_no_excuse(reason: Refusal | Unfounded | None) -> None:
    """Non-performance because of reorganisation, a change of government or of persons always counts (A12)."""
    if reason in {Refusal.CHANGE_OF_OFFICE_HOLDER, Unfounded.CHANGE_OF_OFFICE_HOLDER}:
        raise refuse(
            "excuse",
            "expected another reason; reorganisation, a change of government or of persons never is one",
            "不得以机构职能调整、政府换届、相关责任人更替等为理由",
            EXCUSE,
        )
