"""The commitment board (A–B, I): what was promised by whom, when it is due, where it stands on a day.

Standing depends on the day: its spans are rows, so that a day can be asked for (``begins <= day <= ends``).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from projections.projection import Projection, Table


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
    """As what a body appears in a commitment: promiser, lead, responsible, supporting."""

    commitment: str
    body: str
    role: str  # Part


class StandingRow(NamedTuple):
    """Where a commitment stands from a day to a day, both included, if nothing more is recorded."""

    commitment: str
    begins: date
    ends: date  # 9999-12-31: no end
    standing: str  # ledger.domain.commitment_due.Standing


COMMITMENTS = Table(
    "commitments",
    CommitmentRow,
    1,
    (
        "(log_index)",
        "(holder, log_index)",
        "(region, log_index)",
        "(area, log_index)",
        "(coalesce(due, date '9999-12-31'), log_index)",
    ),
)
PARTS = Table("parts", PartRow, 3, ("(body, commitment)",))
STANDINGS = Table("standings", StandingRow, 2, ("(standing, commitment)",))

PROJECTION = Projection("commitments", 1, (COMMITMENTS, PARTS, STANDINGS), frozenset({"commitment"}))
