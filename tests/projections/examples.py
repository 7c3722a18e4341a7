"""Projections for tests of the machinery: they change at every event, and wherever rules are adopted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from ledger.domain.kinds import KINDS
from projections.projection import Case, Projection, Row, Table

NUMBERS = count(1)


class StandRow(NamedTuple):
    """Where a case stands: its newest event, and how many packs are known where it is."""

    stream: str
    event: str
    version: int
    region: str | None
    packs: int


class SignerRow(NamedTuple):
    """Who last signed each kind of event of the case: rows that come one by one and are replaced."""

    stream: str
    event: str
    iss: str
    names: tuple[str, ...]


class EntryRow(NamedTuple):
    """Every event."""

    log_index: int
    stream: str
    hash: str


STANDS = Table("stands", StandRow, 1, ("(event, version)",))
SIGNERS = Table("signers", SignerRow, 2)
ENTRIES = Table("entries", EntryRow, 1, ("(stream)",))


def rows(case: Case) -> Iterator[Row]:
    event = case.last.event
    packs = sum(len(policy.adoptions) + len(policy.years) for policy in case.policies)
    yield StandRow(case.stream, event.name, event.version, case.region, packs)
    if event.version % 3:  # so that rows come and go
        yield SignerRow(case.stream, event.name, event.iss, (event.name, '{"},\\\t\n' + str(event.version)))


def entries(case: Case) -> Iterator[Row]:
    yield EntryRow(case.index, case.stream, case.last.hash)


def example(name: str = "", *, ruled: bool = True) -> Projection:
    """A projection under a name that no other test uses."""
    name = f"{name or 'example'}_{next(NUMBERS)}"
    return Projection(name, 1, (STANDS, SIGNERS, ENTRIES), frozenset(KINDS), rows, entries, ruled=ruled)
