"""The commitment board (A–B, I): what was promised by whom, when it is due, where it stands on a day.

Standing depends on the day: its spans are rows, so that a day can be asked for (``begins <= day <= ends``).

>>> [str(part) for part in Part]
['promiser', 'lead', 'responsible', 'supporting']
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from ledger.domain.commitment import Commitment
from ledger.domain.commitment_due import has_progress, spans
from ledger.domain.event import legal_day
from projections.projection import Case, Projection, Row, Table


class Part(StrEnum):
    """As what a body appears in a commitment (A13)."""

    PROMISER = "promiser"  # 承诺单位
    LEAD = "lead"  # 牵头单位
    RESPONSIBLE = "responsible"  # 责任单位
    SUPPORTING = "supporting"  # 配合单位


class CommitmentRow(NamedTuple):
    """A commitment; ``due`` is its one day as last changed (None: recurring, or without a day)."""

    id: str
    log_index: int  # of CommitmentMade
    made_on: date  # the legal day of its recording
    title: str
    kind: str  # ledger.domain.commitment_terms.Kind
    area: str  # ledger.domain.commitment_terms.Area
    promiser: str  # as it was made
    holder: str  # whom it binds now: the promiser, or who took it over
    region: str | None  # of the holder
    due: date | None
    recurring: bool
    progress_on: date | None  # legal day of the newest report on progress or fulfilment
    percent: int | None  # as last reported
    judged_on: date | None  # legal day of the newest judgement
    changed: int  # index of its newest event


class PartRow(NamedTuple):
    """As what a body appears in a commitment, as it was made: who took over is found by whom it answers for."""

    commitment: str
    body: str
    role: str  # Part


class StandingRow(NamedTuple):
    """Where a commitment stands from a day to a day, both included, if nothing more is recorded.

    ``begins`` of the first is the legal day of the newest event: no day before is asked for.
    """

    commitment: str
    begins: date
    ends: date  # 9999-12-31: no end
    standing: str  # ledger.domain.commitment_due.Standing
    due: date | None  # the oldest due day that is overdue, else the next one that is still to be answered
    progressed: bool  # whether progress towards that day was reported
    log_index: int  # of CommitmentMade; this and what follows stands here again: lists and counts read one table
    made_on: date
    promised_for: date | None  # its one due day, as last changed
    holder: str
    region: str | None
    area: str
    kind: str


COMMITMENTS = Table("commitments", CommitmentRow, 1)
PARTS = Table("parts", PartRow, 3, ("(body, commitment) INCLUDE (role, asserted, retracted)",))
STANDINGS = Table(
    "standings",
    StandingRow,
    3,
    (  # what holds at a moment is told within the index, so that only rows that are shown are read
        "(log_index, retracted, begins, ends)",
        "(coalesce(promised_for, date '9999-12-31'), log_index, retracted, begins, ends)",
        "(standing, log_index, retracted, begins, ends)",
        "(holder, retracted, begins, ends) INCLUDE (standing, asserted, due)",
        "(coalesce(due, date '9999-12-31'), log_index, retracted, begins, ends)",
        "(retracted, region, area, kind, standing) INCLUDE (begins, ends, asserted, log_index, due)",
        "(asserted)",  # what came since; what went since is told by the one before
    ),
)


def _rows(case: Case) -> Iterator[Row]:
    state: Commitment = case.state
    made = state.made
    if made is None:
        return
    terms, own, first, due = made.fact, case.id, case.begun.index, state.due
    holder, area, kind = state.holder, str(terms.area), str(terms.kind)
    reported = [s.day for s in (*state.progress[-1:], *state.reports[-1:])]
    percent = next((s.fact.percent for s in reversed(state.progress) if s.fact.percent is not None), None)
    yield CommitmentRow(  # by place, not by name: that takes half as long
        own,
        first,
        made.day,
        terms.title,
        kind,
        area,
        terms.promiser,
        holder,
        case.region,
        due,
        terms.recurrence is not None,
        max(reported, default=None),
        percent,
        state.verdicts[-1].day if state.verdicts else None,
        case.last.index,
    )
    yield from _parts(own, (terms.promiser,), terms.lead, terms.responsible, terms.supporting)
    again = first, made.day, due, holder, case.region, area, kind
    for span in spans(state, legal_day(case.last.at)):
        progressed = has_progress(state, span.due)
        yield StandingRow(own, span.begins, span.ends, str(span.standing), span.due, progressed, *again)


@lru_cache(maxsize=20_000)  # the same rows at each event of a case
def _parts(own: str, *bodies: tuple[str, ...]) -> tuple[PartRow, ...]:
    """The rows of the bodies as each :class:`Part`, in its order."""
    each = zip(Part, bodies, strict=True)
    return tuple(PartRow(own, body, str(role)) for role, several in each for body in dict.fromkeys(several))


PROJECTION = Projection("commitments", 1, (COMMITMENTS, PARTS, STANDINGS), frozenset({"commitment"}), rows=_rows)
