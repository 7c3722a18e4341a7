"""Steps of publication and sharing: published, given to others, ended, and whoever was told the record is told more.

What may be published for how long follows from the severity (publicity.*): minor ones are not in principle, others
at least and at most so many months from the day on that the pack says. A withdrawn or repaired record is neither
published nor shared; the takedown itself stays visible as an event.

>>> [cls.__name__ for cls in STEPS]
['RecordPublished', 'PublicationEnded', 'RecordShared', 'SharingEnded', 'RecipientTold']
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.domain.calendar import months_after
from ledger.domain.policy_keys import Publicity
from ledger.domain.record.checks import (
    Case,
    need_ahead,
    need_basis,
    need_known,
    need_other,
    need_past,
    need_record,
    refuse,
)
from ledger.domain.record.course_facts import (
    PublicationEnded,
    RecipientTold,
    RecordPublished,
    RecordShared,
    SharingEnded,
)
from ledger.domain.record.remedy_facts import MOST_RECIPIENTS
from ledger.domain.record.state import Record, Standing
from ledger.domain.record.terms import PublicationEnd, PublicationScope
from ledger.domain.steps import Step

C18 = "C18: DH 二(三)1"
E05 = "E05: TA-A 二(二)5"
F01 = "F01: YC 二(二)5; DH 二(三)1; HS 四(三); TA-A 二(二)3; YN 二(四)"


# --- published ----------------------------------------------------------------------------------------------


def _publicity(case: Case) -> tuple[Publicity | None, str]:
    """The publicity of the record's severity (None: not settled), and where that stands."""
    key = f"publicity.{case.state.severity}"
    return case.view.get(key), case.view.source(key)


def _began(case: Case, publicity: Publicity) -> date:
    """The day from which publicity is counted, if it is not to be counted from now on."""
    return case.state.publicity_began(publicity.start) or case.today


def _may_publish(case: Case, item: str | None) -> None:
    need_record(case, F01)
    if case.state.severity is None:
        raise refuse("graded", "expected a record whose severity is graded, it is not", "应先认定失信程度", F01)
    if case.state.person:
        _need_persons(case, "a record of a unit, this is one of a person")
    publicity, source = _publicity(case)
    if publicity and months_after(_began(case, publicity), publicity.most_months) < case.today:
        began = _began(case, publicity)
        raise refuse(
            "publicity-over",
            f"expected a record whose {publicity.most_months} months of publicity are not over, they began on {began}",
            f"公示期最长 {publicity.most_months} 个月，本记录自 {began} 起算，已届满",
            f"{F01}; {source}",
        )


def _need_persons(case: Case, wanted: str) -> None:
    """The pack publishes persons too (F01: not in YN)."""
    if case.view.get("publication.scope") is not PublicationScope.BODIES_AND_PERSONS:
        raise refuse(
            "publication-scope",
            f"expected {wanted}; here the records of persons are not published",
            "本地只公开单位的政务失信记录，不公开人员",
            f"{F01}; {case.view.source('publication.scope')}",
        )


def _published(case: Case, fact: RecordPublished) -> None:
    if fact.persons:
        _need_persons(case, "a publication without persons")
    need_ahead(case, fact.until, F01)
    publicity, source = _publicity(case)
    if publicity is None:
        return
    if not publicity.published and case.event is not None and not case.event.basis:
        raise refuse(
            "publicity",
            f"a {case.state.severity} record is not published in principle: expected the document that says why it is",
            f"{case.state.severity} 失信信息原则上不公示；确需公示的，应在 basis 中写明依据",
            f"{F01}; {source}",
        )
    start = _began(case, publicity)
    least, most = months_after(start, publicity.least_months or 0), months_after(start, publicity.most_months)
    if not least <= fact.until <= most:
        raise refuse(
            "publicity-period",
            f"{case.state.severity}: expected a last day from {least} to {most}, got {fact.until}",
            f"{case.state.severity} 失信信息公示截止日应在 {least} 至 {most} 之间，实为 {fact.until}",
            f"{F01}; {source}",
        )


# --- shared -------------------------------------------------------------------------------------------------


def _may_share(case: Case, item: str | None) -> None:
    need_record(case, C18)


def _shared(case: Case, fact: RecordShared) -> None:
    need_known(case, (fact.recipient,), C18)
    recipients = case.state.recipients
    if fact.recipient not in recipients and len(recipients) == MOST_RECIPIENTS:
        raise refuse(
            "recipients",
            f"expected at most {MOST_RECIPIENTS} recipients of one record, whoever was told is told of changes too; "
            "share it by a platform",
            f"一条记录至多直接共享给 {MOST_RECIPIENTS} 个单位（变化须逐一告知），请通过平台共享",
            f"{C18}; {E05}",
        )


# --- ended --------------------------------------------------------------------------------------------------

_STANDING = {PublicationEnd.REPAIRED: Standing.REPAIRED, PublicationEnd.WITHDRAWN: Standing.WITHDRAWN}


def _may_end_publication(case: Case, item: str | None) -> None:
    if not case.state.published:
        raise refuse("published", "expected a record that is published, it is not", "该记录未在公示", F01)


def _may_end_sharing(case: Case, item: str | None) -> None:
    if not case.state.shared:
        raise refuse("shared", "expected a record that is shared, it is not", "该记录未在共享", C18)


def _ended(case: Case, fact: PublicationEnded | SharingEnded) -> None:
    need_other(case, F01)
    if fact.reason in _STANDING:
        _need_consequence(case, fact.reason)
    elif fact.reason is PublicationEnd.EXPIRED:
        _need_expired(case)
    else:
        need_basis(case, F01)


def _need_consequence(case: Case, reason: PublicationEnd) -> None:
    by_ledger = case.event is not None and case.event.cause is not None
    if not by_ledger or case.state.standing is not _STANDING[reason]:
        raise refuse(
            "takedown",
            f"expected a record that is {_STANDING[reason]}: with it the ledger itself states that publicity ends",
            f"理由 {reason} 只由账本在记录修复、撤销时作为后果记载",
            E05,
        )


def _need_expired(case: Case) -> None:
    publications = case.state.publications
    until = publications[-1].fact.until if publications else None
    if until is None or case.today <= until:
        raise refuse(
            "publicity-runs",
            f"expected that the last day of publicity, {until or 'none yet'}, is over on {case.today}",
            f"公示期截止日为 {until or '（未公示）'}，{case.today} 尚未届满",
            F01,
        )


# --- told ---------------------------------------------------------------------------------------------------


def audience(state: Record) -> Iterator[str]:
    """Who can be told of a change: whoever was given the record, and whom an open restoration names (E06)."""
    yield from state.recipients
    for restoration in state.restorations:
        if not restoration.done:
            yield from restoration.ordered.fact.tell


def _may_tell(case: Case, item: str | None) -> None:
    if not any(True for _ in audience(case.state)):
        raise refuse("recipient", "expected a record that was given to somebody, nobody has it", "该记录未曾提供", E05)


def _told(case: Case, fact: RecipientTold) -> None:
    need_past(case, fact.on, E05)
    if fact.recipient not in audience(case.state):
        raise refuse(
            "recipient",
            f"expected a body that was given the record, {fact.recipient} was not",
            f"应为曾获得该记录的单位，{fact.recipient} 未曾获得",
            E05,
        )


STEPS = {
    RecordPublished: Step("F01", when=_may_publish, check=_published),
    PublicationEnded: Step("E10, F01", when=_may_end_publication, check=_ended),
    RecordShared: Step("C18, C23, F06", when=_may_share, check=_shared),
    SharingEnded: Step("E10", when=_may_end_sharing, check=_ended),
    RecipientTold: Step("E05, E06, E09", when=_may_tell, check=_told),
}
