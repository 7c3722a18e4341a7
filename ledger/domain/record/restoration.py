"""Steps of restoration (恢复信誉): what a wrong penalty or record did is undone, and the task stays open until it is.

An upheld objection or an allowed appeal falls on the record through :func:`put_right`: first what has to fall falls,
then what only waited goes on, so that nothing is in force in between that should not be. Where the pack asks for it and
harm could have been done, the ledger orders restoration (E06: HS 四(九)): a public notice, and everybody who was given
the record is told. Only then can reputation be said to be restored. A task is known by the objection, appeal or penalty
that it follows from, or as ``withdrawal`` where the record was withdrawn unasked.

>>> [cls.__name__ for cls in STEPS]
['RestorationOrdered', 'RestorationNoticePublished', 'ReputationRestored']
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.domain.event import Consequence
from ledger.domain.record.checks import CASE, Case, need_basis, need_other, need_past, refuse
from ledger.domain.record.course_facts import RecordWithdrawn
from ledger.domain.record.remedies import Restoration
from ledger.domain.record.remedy_facts import (
    PenaltyLifted,
    PenaltyResumed,
    ReputationRestored,
    RestorationNoticePublished,
    RestorationOrdered,
)
from ledger.domain.record.remedy_terms import Hold, LiftReason
from ledger.domain.record.state import Record
from ledger.domain.record.terms import WithdrawalGround
from ledger.domain.steps import Step

E06 = "E06: HS 四(九); TA-A 二(二)5; TA-B 二(五)"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an upheld objection or an allowed appeal does: penalties to ``lift``; ``withdraw``: the record falls.

    ``wrong``: something in the record or its penalties was wrong; ``wronged`` are penalties that were, ended or not.
    """

    item: str
    hold: Hold
    reason: LiftReason
    ground: WithdrawalGround
    grounds: str
    withdraw: bool = False
    lift: tuple[str, ...] = ()
    wrong: bool = True
    wronged: tuple[str, ...] = ()


def stated(case: Case, *facts: object) -> tuple[Consequence, ...]:
    """The ledger states these facts in the stream of the event."""
    assert case.event is not None
    return tuple(Consequence(case.event.stream, fact) for fact in facts)


def put_right(case: Case, verdict: Verdict) -> tuple[Consequence, ...]:
    """What the ledger states for a verdict: penalties lifted, the record withdrawn, the others resumed, restoration."""
    facts: list[object] = [PenaltyLifted(p, verdict.reason) for p in verdict.lift]
    falls = verdict.withdraw or case.state.withdrawn is not None
    if verdict.withdraw:
        facts.append(RecordWithdrawn(verdict.ground, verdict.grounds))
    resumed = () if falls else released(case, verdict.hold, verdict.item, verdict.lift)
    wronged = None if falls else {*verdict.lift, *verdict.wronged}
    restored = owed(case, verdict.item, wronged) if verdict.wrong else ()
    return (*stated(case, *facts), *resumed, *restored)


def released(case: Case, hold: Hold, item: str, fallen: tuple[str, ...] = ()) -> tuple[Consequence, ...]:
    """The penalties that this objection or appeal held, but for the fallen ones, are resumed."""
    held = (p for p in case.state.penalties if (hold, item) in p.holds and p.is_live(case.today))
    return stated(case, *(PenaltyResumed(p.id, hold, item) for p in held if p.id not in fallen))


def need_live(case: Case, lift: tuple[str, ...], source: str) -> None:
    """What is to be lifted are penalties of this record, once each, neither lifted nor expired."""
    live = [p.id for p in case.state.penalties if p.is_live(case.today)]
    for number, item in enumerate(lift):
        if item not in live or item in lift[:number]:
            raise refuse(
                "lift",
                f"lift: expected penalties among {', '.join(live) or '(none)'}, once each, got {item}",
                f"lift：应为尚未解除或届满的惩戒 {'、'.join(live) or '（无）'}，且不重复，实为 {item}",
                source,
            )


def owed(case: Case, item: str, wronged: Iterable[str] | None = None) -> tuple[Consequence, ...]:
    """Restoration for these penalties (None: all), where the pack asks for it and harm could have been done (E06)."""
    state = case.state
    if not case.view.flag("restoration.required"):
        return ()
    ids = {p.id for p in state.penalties} if wronged is None else set(wronged)
    felt = any(p.id in ids and p.was_executed(case.today) for p in state.penalties)
    if not (felt or state.publications or state.shares):
        return ()
    return stated(case, RestorationOrdered(item, state.recipients))


# --- steps --------------------------------------------------------------------------------------------------


def _items(state: Record) -> Iterable[str]:
    return (x.ordered.fact.item for x in state.restorations)


def _once(case: Case, item: str | None) -> None:
    if case.state.restoration(item):
        raise refuse(
            "restoration-once",
            f"expected one restoration for {item}, it was ordered before",
            f"{item} 的恢复信誉任务已下达，不得重复",
            CASE,
        )


def _open(case: Case, item: str | None) -> Restoration:
    found = case.state.restoration(item)
    if found is None or found.done:
        raise refuse(
            "restoration",
            f"expected an open restoration, {item} has none",
            f"{item} 没有未完成的恢复信誉任务",
            E06,
        )
    return found


def _unfinished(case: Case, item: str | None) -> None:
    _open(case, item)


def _notice(case: Case, fact: RestorationNoticePublished) -> None:
    need_basis(case, E06)
    need_past(case, fact.on, E06)


def _complete(case: Case, item: str | None) -> None:
    task = _open(case, item)
    if not task.notices:
        raise refuse(
            "restoration-notice",
            "expected that the public notice is out before reputation is restored, got none",
            "恢复信誉应先公开发布更正公告，尚未发布",
            E06,
        )
    if task.untold:
        raise refuse(
            "restoration-untold",
            f"expected that everybody who was given the record is told, {', '.join(task.untold)} not yet",
            f"应告知所有已获知该记录的单位，尚未告知：{'、'.join(task.untold)}",
            E06,
        )


def _restore(case: Case, fact: ReputationRestored) -> None:
    need_other(case, E06)


STEPS = {
    RestorationOrdered: Step("E06", when=_once, item="item", items=lambda state: (), ledger_only=True),
    RestorationNoticePublished: Step("E06", when=_unfinished, check=_notice, item="item", items=_items),
    ReputationRestored: Step("E06", when=_complete, check=_restore, item="item", items=_items),
}
