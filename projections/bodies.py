"""Bodies: who they are, what they were called, who answers for them."""

from __future__ import annotations

from typing import NamedTuple

from projections.projection import Projection, Table


class BodyRow(NamedTuple):
    """A body; ``log_index`` is that of its registration, ``kind`` None for the ledger itself."""

    id: str
    log_index: int  # of its registration
    status: str  # ledger.domain.body_terms.Status
    name: str
    kind: str | None  # ledger.domain.body_terms.Kind
    region: str | None  # GB/T 2260
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

PROJECTION = Projection("bodies", 1, (BODIES, NAMES), frozenset({"body"}))
