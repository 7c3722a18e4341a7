"""What may be said about a positive record now, by whom, and what follows.

守信激励（G09-G13）：an incentive rests on a commendation that stands, and is given to those for whom the document means
it; a commendation that is withdrawn ends all of them in the same transaction.

>>> [cls.__name__ for cls in STEPS]
['CommendationRecorded', 'IncentiveGranted', 'IncentiveEnded', 'CommendationWithdrawn']
"""

from __future__ import annotations

from ledger.domain.body import acts_for, of
from ledger.domain.body_terms import Kind as BodyKind
from ledger.domain.body_terms import Status
from ledger.domain.commendation import (
    EMPTY,
    G09,
    SOURCES,
    TARGETS,
    Commendation,
    CommendationRecorded,
    CommendationWithdrawn,
    Fact,
    Incentive,
    IncentiveEnd,
    IncentiveEnded,
    IncentiveGranted,
)
from ledger.domain.event import Consequence, Event, Rules
from ledger.domain.record.checks import CASE, EARLIEST
from ledger.domain.record.remedy_terms import TargetKind
from ledger.domain.roles import Relations, about
from ledger.domain.steps import Context, Rulebook, Step, Steps
from ledger.errors import RuleError

Case = Context[Commendation]

C03 = "C03: DH 二(二)2; TA-A 二(二)3"
B05 = "B05: YC 一(二); DH 一(二); YN 一(二)"


def refuse(rule: str, en: str, zh: str, source: str) -> RuleError:
    """The error of the rule ``commendation.<rule>``."""
    return RuleError(en, zh, rule=f"commendation.{rule}", source=source)


def _first(case: Case, item: str | None) -> None:
    if case.state.recorded is not None:
        raise refuse("once", "expected a new stream, this one has begun", "该表彰已有记载，不得重复", CASE)


def _stands(case: Case, item: str | None) -> None:
    if not case.state.stands:
        raise refuse(
            "withdrawn",
            "expected a commendation that stands, it was withdrawn or never recorded",
            "应为有效的表彰，该表彰已撤销或未记载",
            G09,
        )


def _need_document(case: Case, source: str) -> None:
    if case.event is not None and not case.event.basis:
        raise refuse(
            "basis",
            f"{case.event.name} needs the document it rests on in basis, got none",
            f"{case.event.name} 须在 basis 中写明所依据的文件，实为空",
            source,
        )


def _need_other(case: Case, subject: str) -> None:
    """Nobody praises or rewards itself."""
    if case.event is not None and case.event.cause is None and acts_for(case.rules, case.event.iss, subject):
        raise refuse(
            "own-case",
            f"expected a body other than the subject {subject}, got {case.event.iss}",
            f"应由被表彰单位 {subject} 以外的单位签署，实为 {case.event.iss}",
            B05,
        )


def _subject(case: Case) -> str:
    assert case.state.recorded is not None
    return case.state.recorded.fact.subject


def _recorded(case: Case, fact: CommendationRecorded) -> None:
    _need_other(case, fact.subject)
    _need_document(case, f"{G09}; {C03}")
    status = of(case.rules, fact.subject).status
    if status is not Status.REGISTERED:
        raise refuse(
            "subject",
            f"expected a registered body as subject, {fact.subject} is {status}",
            f"被表彰单位应为已登记的单位，{fact.subject} 状态为 {status}",
            C03,
        )
    if not EARLIEST <= fact.awarded_on <= case.today:
        raise refuse(
            "future",
            f"expected a day from {EARLIEST} to {case.today}, the day of recording, got {fact.awarded_on}",
            f"日期应在 {EARLIEST} 与记载之日 {case.today} 之间，实为 {fact.awarded_on}",
            C03,
        )
    if fact.person and not case.rules.cases.get(fact.person):
        raise refuse("linked", f"expected a person on file, got {fact.person}", f"{fact.person} 尚无记载", CASE)


def _target(case: Case) -> TargetKind:
    """Whom the commendation is of."""
    recorded = case.state.recorded
    if recorded and recorded.fact.person:
        return TargetKind.PERSON
    firm = of(case.rules, _subject(case)).kind is BodyKind.ENTERPRISE
    return TargetKind.ENTERPRISE if firm else TargetKind.BODY


def _grant(case: Case, item: str | None) -> None:
    """The commendation stands, is of one for whom the incentive is meant, and has not earned it already."""
    _stands(case, item)
    incentive = Incentive(item or "")
    target, targets = _target(case), TARGETS[incentive]
    if target not in targets:
        raise refuse(
            "target",
            f"expected the commendation of {' or '.join(targets)} for {incentive}, it is of {target}",
            f"{incentive} 适用于 {'、'.join(targets)}，该表彰的对象为 {target}",
            SOURCES[incentive],
        )
    if incentive in case.state.granted(case.today):
        raise refuse("granted", f"{incentive} is granted already", f"{incentive} 已经给予", SOURCES[incentive])


def _granted(case: Case, fact: IncentiveGranted) -> None:
    _need_other(case, _subject(case))
    if not fact.start <= fact.until or fact.until < case.today:
        raise refuse(
            "period",
            f"expected a period that is not over on {case.today}, got {fact.start} to {fact.until}",
            f"激励期限应自起至止且在 {case.today} 尚未届满，实为 {fact.start} 至 {fact.until}",
            SOURCES[fact.incentive],
        )


def _running(case: Case, item: str | None) -> None:
    running = case.state.granted(case.today)
    if item not in running:
        names = ", ".join(running) or "none"
        raise refuse(
            "not-granted",
            f"expected an incentive that is granted ({names}), got {item}",
            f"应为给予中的激励（{names}），实为 {item}",
            CASE,
        )


def _ended(case: Case, fact: IncentiveEnded) -> None:
    _need_other(case, _subject(case))
    caused = case.event is not None and case.event.cause is not None
    if (fact.reason is IncentiveEnd.COMMENDATION_WITHDRAWN) is not caused:
        raise refuse(
            "end",
            "expected that an incentive ends with its commendation as a consequence, and otherwise for another reason",
            "随表彰撤销而终止只能由账本记载，其他情形应写明其他理由",
            CASE,
        )


def _withdrawn(case: Case, fact: CommendationWithdrawn) -> None:
    _need_other(case, _subject(case))
    _need_document(case, "E05: TA-A 二(二)5")


def _ends_all(case: Case, fact: CommendationWithdrawn) -> tuple[Consequence, ...]:
    assert case.event is not None
    ends = (IncentiveEnded(i, IncentiveEnd.COMMENDATION_WITHDRAWN) for i in case.state.granted(case.today))
    return tuple(Consequence(case.event.stream, end) for end in ends)


def _each(state: Commendation) -> tuple[Incentive, ...]:
    return tuple(Incentive)


STEPS: Steps = {
    CommendationRecorded: Step("G09, G11, C03", when=_first, check=_recorded),
    IncentiveGranted: Step("G09-G13", when=_grant, check=_granted, item="incentive", items=_each),
    IncentiveEnded: Step("G09-G13", when=_running, check=_ended, item="incentive", items=_each),
    CommendationWithdrawn: Step("G09, E05", when=_stands, check=_withdrawn, then=_ends_all),
}


def _relations(state: Commendation, event: Event, rules: Rules) -> Relations:
    recorded: Fact = state.recorded.fact if state.recorded else event.fact
    assert isinstance(recorded, CommendationRecorded)
    return about(rules, recorded.subject)


RULES = Rulebook("commendation", STEPS, EMPTY, CommendationRecorded, _relations)
admit, offers = RULES.admit, RULES.offers
