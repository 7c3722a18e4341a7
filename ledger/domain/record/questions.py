"""Questions to a record that others ask: screening of applications and trades, the site, the credit office (D21).

A suspended, lifted or expired penalty never blocks anything. What a measure does was settled by the list when the
penalty was imposed.

>>> demerit_total(EMPTY, date(2026, 1, 1), date(2026, 12, 31))
0
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.domain.policy import View, view_of
from ledger.domain.policy_keys import Measure
from ledger.domain.record.remedies import Penalty
from ledger.domain.record.remedy_terms import Fund, MeasureKind
from ledger.domain.record.state import EMPTY, Record, Standing

__all__ = [
    "EMPTY",
    "Duty",
    "blocks",
    "demerit_total",
    "hits",
    "is_stricter",
    "measure_of",
    "open_duties",
    "penalties_of",
]


def measure_of(penalty: Penalty, policies: tuple[Any, ...]) -> Measure:
    """The measure as the list stood when the penalty was imposed; ``policies`` are those of its subject's region."""
    imposed = penalty.imposed
    measure: Measure = view_of(policies, imposed.day).get(f"measure.{imposed.fact.measure}")
    return measure


def penalties_of(state: Record, person: str | None, on: date) -> tuple[Penalty, ...]:
    """The penalties in force on a day that hit this person; those of the subject itself for None (D04-D10)."""
    return tuple(p for p in state.in_force(on) if p.imposed.fact.person == person)


def hits(
    state: Record, policies: tuple[Any, ...], kinds: Iterable[MeasureKind], on: date, person: str | None = None
) -> tuple[Penalty, ...]:
    """The penalties in force on a day that do one of these things to the person, or to the subject for None.

    The question of every check that a flow of business embeds: appointments (D09), procurement (D15), tenders (D18).
    """
    wanted = set(kinds)
    return tuple(p for p in penalties_of(state, person, on) if measure_of(p, policies).kind in wanted)


def blocks(penalty: Penalty, measure: Measure, fund: Fund, on: date) -> bool:
    """Whether a penalty keeps its target from a fund on a day: welfare, relief and poverty funds never (D16: HS 五(一))."""
    excludes = measure.kind is MeasureKind.SUBSIDY_EXCLUSION and fund not in measure.exempt
    return excludes and penalty.in_force(on)


def demerit_total(state: Record, start: date, until: date) -> int:
    """The demerit points recorded in a period, both days included (D17); none where the record does not stand."""
    if state.standing is not Standing.RECORDED:
        return 0
    return sum(p.fact.points for p in state.points if start <= p.day <= until)


def is_stricter(state: Record, view: View) -> bool:
    """Whether the act lies in a field that the pack punishes more strictly (D22: TA-B 二(四) 加大惩戒力度)."""
    return state.lead is not None and state.lead.fact.focus is not None and view.flag("record.focus_stricter")


# --- what is still to be done -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that the case still asks for: the event that does it, to whom or about what, and where that stands."""

    event: str
    source: str
    item: str | None = None


def open_duties(state: Record, on: date) -> Iterator[Duty]:
    """What publicity and sharing still ask for on a day: a push, a takedown, somebody to be told, a restoration."""
    if state.standing is Standing.RECORDED and _is_unpushed(state):
        yield Duty("RecordShared", "C23: DH 二(三)2")
    if state.published and not state.is_published(on):
        yield Duty("PublicationEnded", "F01: YC 二(二)5")
    for recipient in _untold(state):
        yield Duty("RecipientTold", "E05: TA-A 二(二)5; E09: HS 四(九)", recipient)
    for restoration in state.restorations:
        if restoration.done is None:
            yield Duty("ReputationRestored", "E06: HS 四(九); TA-A 二(二)5; TA-B 二(五)", restoration.ordered.fact.item)


def _is_unpushed(state: Record) -> bool:
    """Whether rectification was found overdue, and nobody was given the record since (C23 推送)."""
    return bool(state.overdue) and not any(s.day >= state.overdue[-1].day for s in state.shares)


def _untold(state: Record) -> Iterator[str]:
    """Who was given the record before it last changed, and was not told of it since."""
    changes = [s.day for s in state.corrections]
    changes += [state.withdrawn.day] if state.withdrawn else []
    changes += [x.granted.day for x in state.repairs if x.granted] + [x.revoked.day for x in state.repairs if x.revoked]
    if not changes:
        return
    last = max(changes)
    told = {t.fact.recipient for t in state.told if t.day >= last}
    given = dict.fromkeys(s.fact.recipient for s in state.shares if s.day <= last)
    yield from (recipient for recipient in given if recipient not in told)
