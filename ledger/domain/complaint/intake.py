"""Steps of the intake: received with its number, taken up within the scope, or refused for a reason that holds.

明确受理范围（H05）：broken promises and contracts of government bodies (发改财金〔2023〕1103号); which bodies those are
stands in the pack. 不得以机构职能调整、人员更替等为由不予受理（A12）.

>>> [cls.__name__ for cls in STEPS]
['ComplaintReceived', 'ComplaintAccepted', 'ComplaintRefused']
"""

from __future__ import annotations

from ledger.domain.body import of
from ledger.domain.body_terms import Status
from ledger.domain.complaint import facts as f
from ledger.domain.complaint.checks import (
    H05,
    SCOPE,
    Case,
    need_no_excuse,
    need_past,
    need_standing,
    other,
    refuse,
)
from ledger.domain.complaint.state import H02, Complaint, Standing
from ledger.domain.complaint.terms import BECOMES, Channel, Refusal
from ledger.domain.record.checks import CASE
from ledger.domain.steps import Step, Steps
from ledger.errors import RuleError

H01 = "H01: YC 二(二)5; DH 二(一)3; TA-A 三(三)"
H03 = "H03: YC 二(二)5"
H09 = "H09: TA-A 三(三)"


def _first(case: Case, item: str | None) -> None:
    need_standing(case, CASE, Standing.EMPTY)


def _received(case: Case, fact: f.ComplaintReceived) -> None:
    need_past(case, fact.received_on, H03)
    channels = case.view.names("complaint.channels")
    if channels and fact.channel not in {*channels, Channel.OTHER}:
        raise refuse(
            "channel",
            f"expected one of the channels {', '.join(channels)}, got {fact.channel}",
            f"投诉举报渠道应为 {'、'.join(channels)} 之一，实为 {fact.channel}",
            f"{H01}; {H09}; {case.view.source('complaint.channels')}",
        )
    for stream in (fact.commitment, fact.project):
        if stream and not case.rules.cases.get(stream):
            raise refuse("linked", f"expected a case that has begun, got {stream}", f"{stream} 尚无记载", CASE)


def _outside(case: Case) -> RuleError | None:
    """Why the complaint is outside the scope of government dishonesty, if it is (H05)."""
    received = case.state.received
    assert received is not None
    if received.fact.matter not in BECOMES:
        return refuse(
            "scope",
            f"expected a matter that is one of {', '.join(BECOMES)}, got {received.fact.matter}",
            f"受理事项应为 {'、'.join(BECOMES)} 之一，实为 {received.fact.matter}",
            f"{H05}; {SCOPE}",
        )
    kinds = case.view.names("subject.body_kinds")
    accused = of(case.rules, received.fact.accused or "")
    if accused.known and kinds and accused.kind not in kinds:
        return refuse(
            "scope",
            f"expected an accused body that is {', '.join(kinds)}, {accused.id} is {accused.kind}",
            f"被投诉单位应为 {'、'.join(kinds)}，{accused.id} 为 {accused.kind}",
            f"{H05}; {case.view.source('subject.body_kinds')}",
        )
    return None


def _accept(case: Case, item: str | None) -> None:
    need_standing(case, H02, Standing.RECEIVED)
    accused = case.state.accused
    if accused is None or of(case.rules, accused).status not in {Status.REGISTERED, Status.SUCCEEDED}:
        raise refuse(
            "accused",
            f"expected a registered body that is complained of, got {accused or 'none'}",
            f"应有明确的已登记的被投诉单位，实为 {accused or '无'}",
            H05,
        )
    outside = _outside(case)
    if outside:
        raise outside


def _waiting(case: Case, item: str | None) -> None:
    need_standing(case, H05, Standing.RECEIVED)


def _refused(case: Case, fact: f.ComplaintRefused) -> None:
    """Each reason must be true, as far as the ledger can tell."""
    other(case, fact)
    need_no_excuse(fact.reason)
    if not _holds(case, fact):
        raise refuse(
            "refusal",
            f"expected a reason that the file bears out, got {fact.reason}",
            f"不予受理的理由应与登记内容相符，实为 {fact.reason}",
            f"{H05}; {case.view.source('subject.body_kinds')}",
        )


def _holds(case: Case, fact: f.ComplaintRefused) -> bool:
    match fact.reason:
        case Refusal.OUT_OF_SCOPE:
            return _outside(case) is not None
        case Refusal.NO_ACCUSED:
            return case.state.accused is None
        case Refusal.ANONYMOUS_WITHOUT_LEADS:
            return case.state.anonymous
        case Refusal.IN_LITIGATION:
            return case.event is not None and bool(case.event.basis)
        case _:
            return _repeats(case, fact.earlier)


def _repeats(case: Case, earlier: str | None) -> bool:
    """Whether another complaint against the same body, one that was not refused itself, has begun."""
    other = case.rules.cases.get(earlier) if earlier else None
    if not isinstance(other, Complaint) or (case.event is not None and case.event.stream == earlier):
        return False
    return other.refused is None and other.accused is not None and other.accused == case.state.accused


STEPS: Steps = {
    f.ComplaintReceived: Step("H01, H03, H07, H08, H09", when=_first, check=_received),
    f.ComplaintAccepted: Step("H02, H05", when=_accept, check=other),
    f.ComplaintRefused: Step("H05, A12", when=_waiting, check=_refused),
}
