"""Questions to a record that others ask: screening of applications and trades, the site, the credit office (D21).

A suspended, lifted or expired penalty never blocks anything. What a measure does was settled by the list when the
penalty was imposed.

>>> from ledger.domain.record.state import EMPTY
>>> demerit_total(EMPTY, date(2026, 1, 1), date(2026, 12, 31))
0
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from ledger.domain.calendar import Deadline
from ledger.domain.policy import View, view_of
from ledger.domain.policy_keys import Measure
from ledger.domain.record.remedies import Penalty
from ledger.domain.record.remedy_terms import Fund, MeasureKind
from ledger.domain.record.state import Record, Standing

C23 = "C23: DH 二(三)2"
E05 = "E05: TA-A 二(二)5; E09: HS 四(九)"


def measure_of(penalty: Penalty, policies: tuple[Any, ...]) -> Measure | None:
    """The measure as the list of that day has it; ``policies`` are those of the subject's region, the nearest first."""
    imposed = penalty.imposed
    measure: Measure | None = view_of(policies, imposed.day).get(f"measure.{imposed.fact.measure}")
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
    found = ((p, measure_of(p, policies)) for p in penalties_of(state, person, on))
    wanted = set(kinds)
    return tuple(p for p, measure in found if measure is not None and measure.kind in wanted)


def blocks(penalty: Penalty, measure: Measure, fund: Fund, on: date) -> bool:
    """Whether a penalty keeps its target from a fund on a day; never from one that the measure exempts (D16)."""
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


def open_duties(state: Record) -> Iterator[Deadline]:
    """What sharing asks for, beside the clocks of ``deadlines``: a push, and whom to tell; none has a day."""
    for found in state.overdue:
        pushed = next((s.day for s in state.shares if s.day >= found.day), None)
        if pushed or state.standing is Standing.RECORDED:
            yield Deadline("record.push", C23, "RecordShared", found.day, None, met=pushed)
    changed = _changed(state)
    if changed is not None:
        for recipient in dict.fromkeys(s.fact.recipient for s in state.shares if s.day <= changed):
            told = next((t.day for t in state.told if t.day >= changed and t.fact.recipient == recipient), None)
            yield Deadline("record.tell", E05, "RecipientTold", changed, None, met=told, item=recipient)


def _changed(state: Record) -> date | None:
    """The day on which the record last changed for those who were given it."""
    days = [s.day for s in state.corrections]
    days += [state.withdrawn.day] if state.withdrawn else []
    days += [said.day for x in state.repairs for said in (x.granted, x.revoked) if said]
    return max(days, default=None)
