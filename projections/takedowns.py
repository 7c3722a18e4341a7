"""The takedown and repair log: what was corrected, withdrawn, repaired or taken down, without what it said and
about whom.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from ledger.domain.commendation import CommendationWithdrawn
from ledger.domain.event import legal_day
from ledger.domain.record.course_facts import PublicationEnded, RecordCorrected, RecordWithdrawn
from ledger.domain.record.remedy_facts import RepairGranted, RepairRevoked, RestorationNoticePublished
from projections.projection import Case, Projection, Row, Table


class TakedownRow(NamedTuple):
    """Something left the public's sight, or was put right; ``stream`` and ``subject`` are not for the public."""

    log_index: int  # of the event
    day: date
    what: str  # the event's name
    reason: str | None
    by: str  # who signed it
    region: str | None
    stream: str
    subject: str | None


TAKEDOWNS = Table("takedowns", TakedownRow, 1, ("(region, log_index)", "(stream)"))


_REASON: dict[type, str | None] = {
    RecordCorrected: None,
    RecordWithdrawn: "ground",
    RepairGranted: None,
    RepairRevoked: None,
    PublicationEnded: "reason",
    RestorationNoticePublished: None,
    CommendationWithdrawn: "reason",
}
"""Facts that stand in the log of takedowns, and the field that says why in a code: never prose."""


def _entries(case: Case) -> Iterator[Row]:
    last = case.last
    fact: Any = last.event.fact
    if type(fact) not in _REASON:
        return
    field = _REASON[type(fact)]
    yield TakedownRow(
        log_index=last.index,
        day=legal_day(last.at),
        what=last.event.name,
        reason=getattr(fact, field) if field else None,
        by=last.event.iss,
        region=case.region,
        stream=case.stream,
        subject=case.subject,
    )


PROJECTION = Projection("takedowns", 1, (TAKEDOWNS,), frozenset({"record", "commendation"}), entries=_entries)
