"""Part 3 of the read side: from a hash, a document or a body to the events where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

import pytest

from ledger.domain import codec
from ledger.domain.event import Recorded, legal_day
from ledger.domain.kinds import KINDS
from ledger.installation import Installation
from ledger.position import recorded_of
from projections.history import World, versions
from projections.projection import OPEN, Version
from projections.provenance import PROJECTION, DocumentRow, EventRow, MentionRow, OpenedRow

Rows = list[Version]


@pytest.fixture(scope="module")
def log(played: Installation) -> list[Recorded]:
    reader = played.ledger.reader
    return [recorded_of(row) for row in reader.entries(0, reader.newest().size)]


@pytest.fixture(scope="module")
def rows(log: list[Recorded]) -> Rows:
    return list(_versions(log))


def _versions(log: list[Recorded]) -> Iterator[Version]:
    world = World()
    for recorded in log:
        world.take(recorded)
    by_stream = sorted(log, key=lambda r: r.event.stream)
    for _, history in groupby(by_stream, key=lambda r: r.event.stream):
        yield from versions(PROJECTION, list(history), world)


def test_it_looks_at_every_kind_of_case():
    assert PROJECTION.kinds == set(KINDS)


def test_every_event_of_the_log_has_one_row_for_ever(log: list[Recorded], rows: Rows):
    events = {v.row.log_index: v for v in rows if isinstance(v.row, EventRow)}
    assert sorted(events) == list(range(len(log)))
    for recorded in log:
        version, event = events[recorded.index], recorded.event
        assert (version.asserted, version.retracted) == (recorded.index, OPEN)
        assert version.row[:8] == (
            *(recorded.index, event.stream, event.version, event.stream.partition("/")[0]),
            *(event.name, event.iss, event.jti, recorded.hash),
        )
        assert (version.row.day, version.row.at) == (legal_day(recorded.at), recorded.at)


def test_region_and_area_are_those_of_the_case_whoever_signed(rows: Rows):
    events = [v.row for v in rows if isinstance(v.row, EventRow)]
    for _, found in groupby(sorted(events, key=lambda e: e.stream), key=lambda e: e.stream):
        case = list(found)
        assert len({e.area for e in case}) == 1
        if case[0].kind in {"record", "commitment", "project"}:
            assert all(e.region and re.fullmatch("[0-9]{6}", e.region) for e in case)
    assert {e.kind for e in events if e.area} >= {"commitment", "complaint", "project"}


def test_every_document_of_an_event_is_found_wherever_it_stands(log: list[Recorded], rows: Rows):
    """An event relies on its basis and on what stands in its data: every ``sha256`` with a title is a document."""
    found = {}
    for version in rows:
        if isinstance(version.row, DocumentRow):
            found.setdefault(version.row.log_index, []).append(version.row)
    for recorded in log:
        event, own = recorded.event, found.get(recorded.index, [])
        data = codec.encode(event.fact)
        expected = [codec.encode(paper)["sha256"] for paper in event.basis] + list(_hashes(data))
        assert [row.sha256 for row in own] == expected
        assert [row.number_in_event for row in own] == list(range(len(expected)))
    assert {row.place for own in found.values() for row in own} >= {"basis", "evidence"}


def _hashes(value: object) -> Iterator[str]:
    """The hashes of the documents in an event's data, in its order."""
    if isinstance(value, dict):
        if {"title", "sha256"} <= set(value):
            yield value["sha256"]
        for part in value.values():
            yield from _hashes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _hashes(part)


def test_bodies_are_found_where_they_are_named_and_the_signer_only_as_the_signer(log: list[Recorded], rows: Rows):
    found = {(v.row.log_index, v.row.body) for v in rows if isinstance(v.row, MentionRow)}
    expected = {(r.index, b) for r in log for b in codec.bodies(r.event.fact) if b != r.event.iss}
    assert found == expected
    assert len(found) > 20


def test_a_positive_record_is_open_while_it_stands_and_nothing_else_is_opened_here(rows: Rows):
    opened = [v for v in rows if isinstance(v.row, OpenedRow)]
    assert opened
    recorded = {v.row.stream: v.row.log_index for v in rows if getattr(v.row, "name", "") == "CommendationRecorded"}
    assert all(v.asserted == recorded[v.row.stream] for v in opened)


def test_nothing_in_a_row_is_text_that_somebody_wrote_but_for_the_documents(rows: Rows):
    """Prose may later have to vanish from every page: here stand codes, ids, days, and what documents are called."""
    for version in rows:
        if not isinstance(version.row, DocumentRow):
            assert all(re.fullmatch("[!-~]*", value) for value in version.row if isinstance(value, str))
