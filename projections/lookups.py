"""Who looked at sealed fields, when, in which role and what for; and what was erased. For the subject and the
auditors.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.domain.event import legal_day
from ledger.domain.seals import SealErased, SealOpened
from projections.projection import Case, Projection, Row, Table


class LookupRow(NamedTuple):
    """A look-up (SealOpened) or an erasure (SealErased)."""

    log_index: int  # of the event
    stream: str
    day: date
    what: str  # the event's name
    by: str
    requester: str | None
    role: str | None
    purpose: str | None  # of an erasure: its ground
    case_number: str | None
    fields: tuple[str, ...]  # names of fields


LOOKUPS = Table("lookups", LookupRow, 1, ("(stream, log_index)", "(by, log_index)"))


def _entries(case: Case) -> Iterator[Row]:
    last = case.last
    fact, day = last.event.fact, legal_day(last.at)
    if isinstance(fact, SealOpened):
        yield LookupRow(
            log_index=last.index,
            stream=case.stream,
            day=day,
            what=last.event.name,
            by=last.event.iss,
            requester=fact.requester,
            role=fact.role,
            purpose=fact.purpose,
            case_number=fact.case_number,
            fields=fact.fields,
        )
    elif isinstance(fact, SealErased):
        yield LookupRow(
            last.index, case.stream, day, last.event.name, last.event.iss, None, None, fact.ground, None, ()
        )


PROJECTION = Projection("lookups", 1, (LOOKUPS,), frozenset({"person", "complaint"}), entries=_entries)
