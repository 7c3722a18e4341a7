"""The penalty register: every measure imposed, by which list and decision, from when to when, what
holds it (D, E03, E10).

In force on a day: ``starts <= day``, ``ends`` not over, not lifted, held by nothing.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from projections.projection import Projection, Table


class PenaltyRow(NamedTuple):
    """A penalty of a record."""

    stream: str  # the record
    penalty: str  # its name within the record
    log_index: int  # of PenaltyImposed
    subject: str
    region: str | None
    on_person: bool  # imposed on an official, not on the body
    measure: str  # its code in the list of measures
    starts: date
    ends: date | None  # as last eased; None: no end
    imposed_on: date
    imposed_by: str
    decision_number: str | None  # of the first document of its basis
    decision_title: str | None
    basis: str  # source of the measure in the list, by the rules of the day it was imposed
    held_by: tuple[str, ...]  # what suspends it: objection:<item>, appeal:<item>, …
    lifted_on: date | None
    lifted_why: str | None  # LiftReason


PENALTIES = Table(
    "penalties", PenaltyRow, 2, ("(subject, stream)", "(log_index)", "(region, log_index)", "(measure, log_index)")
)

PROJECTION = Projection("penalties", 1, (PENALTIES,), frozenset({"record"}), ruled=True)
