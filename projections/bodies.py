"""Bodies: who they are, what they were called, who answers for them.

>>> NAMES.key_of(NameRow("11990000000000019A", 7, "示例市发展和改革委员会", None))
('11990000000000019A', 7)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ledger.domain.body import (
    AliasAdded,
    Body,
    BodyProvisionallyRegistered,
    BodyRegistered,
    BodyRenamed,
    LedgerFounded,
    links,
)
from projections.projection import Case, Projection, Row, Table


class BodyRow(NamedTuple):
    """A body; ``log_index`` is that of its registration, ``kind`` None for the ledger itself."""

    id: str
    log_index: int  # of its registration
    status: str  # ledger.domain.body_terms.Status
    name: str
    kind: str | None  # ledger.domain.body_terms.Kind
    region: str | None  # GB/T 2260: as registered, else as its code says; of a provisional body, who named it
    superior: str | None
    named_by: str | None  # whose document names a provisional body
    answers_to: str | None  # its successor, or the body that it was resolved to
    acting_for_government: bool
    roles: tuple[str, ...]  # ledger.domain.body_terms.Role, ascending


class NameRow(NamedTuple):
    """A name that a body had from ``log_index`` on, an alias' included: none is ever forgotten."""

    body: str
    log_index: int  # where the log says so
    name: str
    alias: str | None  # None: its own name


BODIES = Table("bodies", BodyRow, 1, ("(log_index)", "(answers_to)", "(region, log_index)"))
NAMES = Table("names", NameRow, 2, ("(name)",))


def _rows(case: Case) -> Iterator[Row]:
    body: Body = case.state
    if not body.known:
        return
    yield BodyRow(
        id=case.id,
        log_index=case.begun.index,
        status=str(body.status),
        name=body.name,
        kind=str(body.kind) if body.kind else None,
        region=case.region,
        superior=body.superior,
        named_by=body.named_by,
        answers_to=next(iter(links(body)), None),
        acting_for_government=body.acting_for_government,
        roles=tuple(sorted(map(str, body.roles))),
    )


def _entries(case: Case) -> Iterator[Row]:
    match case.last.event.fact:
        case LedgerFounded(origin=name):
            yield NameRow(case.id, case.index, name, None)
        case BodyRegistered(name=name) | BodyProvisionallyRegistered(name=name) | BodyRenamed(name=name):
            yield NameRow(case.id, case.index, name, None)
        case AliasAdded(name=name, alias=alias):
            yield NameRow(case.id, case.index, name, alias)


PROJECTION = Projection("bodies", 1, (BODIES, NAMES), frozenset({"body"}), rows=_rows, entries=_entries)
