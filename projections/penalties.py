"""The penalty register: every measure imposed, by which list and decision, from when to when, what
holds it (D, E03, E10).

In force on a day: ``starts <= day``, ``ends`` not over, not lifted, held by nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.domain.policy import view_of
from ledger.domain.record.questions import measure_of
from ledger.domain.record.remedies import Penalty
from projections.disclosed import held_by
from projections.projection import Case, Projection, Row, Table


class PenaltyRow(NamedTuple):
    """A penalty of a record."""

    stream: str  # the record
    penalty: str  # its name within the record
    log_index: int  # of PenaltyImposed
    subject: str
    region: str | None
    on_person: bool  # imposed on an official, not on the body
    measure: str  # its code in the list of measures
    kind: str | None  # what it does (MeasureKind), by the rules of the day it was imposed
    zh: str  # its name in that list; its code where the list has it no longer
    en: str
    starts: date
    ends: date | None  # as last eased; None: no end
    imposed_on: date
    imposed_by: str
    decision_number: str | None  # of the first document of its basis
    decision_title: str | None
    basis: str  # source of the measure in the list, by the rules of the day it was imposed
    exempt: tuple[str, ...]  # funds that the measure never withholds (D16)
    held_by: tuple[str, ...]  # what suspends it: objection:<item>, appeal:<item>, …
    lifted_on: date | None
    lifted_why: str | None  # LiftReason


PENALTIES = Table(
    "penalties",
    PenaltyRow,
    2,
    (
        "(subject, stream)",
        "(log_index)",
        "(region, log_index)",
        "(measure, log_index)",
        "((coalesce(ends, DATE '9999-12-31')), log_index)",
    ),
)


def _rows(case: Case) -> Iterator[Row]:
    subject, penalties = case.subject, case.state.penalties
    if subject is not None:
        yield from (_row(case, subject, penalty) for penalty in penalties)


def _row(case: Case, subject: str, penalty: Penalty) -> PenaltyRow:
    imposed, lifted = penalty.imposed, penalty.lifted
    fact, measure = imposed.fact, measure_of(penalty, case.policies)
    decision = imposed.basis[0] if imposed.basis else None
    return PenaltyRow(
        stream=case.stream,
        penalty=penalty.id,
        log_index=imposed.index,
        subject=subject,
        region=case.region,
        on_person=fact.person is not None,
        measure=fact.measure,
        kind=measure.kind if measure else None,
        zh=measure.zh if measure else fact.measure,
        en=measure.en if measure else fact.measure,
        starts=fact.start,
        ends=penalty.until,
        imposed_on=imposed.day,
        imposed_by=imposed.by,
        decision_number=decision.number if decision else None,
        decision_title=decision.title if decision else None,
        basis=view_of(case.policies, imposed.day).source(f"measure.{fact.measure}"),
        exempt=tuple(measure.exempt) if measure else (),
        held_by=tuple(held_by(penalty)),
        lifted_on=lifted.day if lifted else None,
        lifted_why=lifted.fact.reason if lifted else None,
    )


PROJECTION = Projection("penalties", 1, (PENALTIES,), frozenset({"record"}), _rows, ruled=True)
