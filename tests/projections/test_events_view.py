"""Part 6 of the read side: every event can be listed, and what is not open says no more than that it is there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ledger.domain import codec
from ledger.domain.event import Recorded
from ledger.installation import Installation
from ledger.position import recorded_of
from projections.disclosure import UNNAMED, tells_signer
from projections.reading import Moment, Reading
from projections.views import events
from projections.views.listing import Listing, export, page
from tests.conftest import read_side

Row = dict[str, Any]
ALWAYS = ("log_index", "at", "day", "hash", "open")


@pytest.fixture(scope="module")
def reading(played: Installation) -> Iterator[Reading]:
    with read_side(played) as found:
        yield found


@pytest.fixture(scope="module")
def log(played: Installation) -> list[Recorded]:
    reader = played.ledger.reader
    return [recorded_of(row) for row in reader.entries(0, reader.newest().size)]


@pytest.fixture(scope="module")
def today(log: list[Recorded]) -> date:
    return log[-1].at.astimezone(UTC).date() + timedelta(days=1)


def found(reading: Reading, listing: Listing, today: date, as_of: Any = None, **filters: Any) -> list[Row]:
    """All rows of a listing under these filters, the newest first."""
    moment = reading.moment(as_of, today, *listing.reads)
    with export(reading, listing, moment, filters) as rows:
        return list(rows)


def test_the_office_finds_every_event_with_all_that_the_index_knows(reading: Reading, log: list[Recorded], today: date):
    rows = found(reading, events.OFFICE, today)
    assert [row["log_index"] for row in rows] == [r.index for r in reversed(log)]
    for row, recorded in zip(rows, reversed(log), strict=True):
        event = recorded.event
        assert (row["stream"], row["version"], row["name"], row["jti"]) == (
            *(event.stream, event.version),
            *(event.name, event.jti),
        )
        assert row["hash"] == recorded.hash
        assert datetime.fromisoformat(row["at"]) == recorded.at
        assert set(row["bodies"]) == {b for b in codec.bodies(event.fact) if b != event.iss}
        assert row["open"]


def test_the_public_sees_each_event_and_of_those_not_open_only_what_it_is_called_who_signed_it_and_when(
    reading: Reading, log: list[Recorded], today: date
):
    """F03: openness is the norm, also of what is withheld: that it is there is no secret."""
    rows = found(reading, events.PUBLIC, today)
    assert [row["log_index"] for row in rows] == [r.index for r in reversed(log)]
    closed = [row for row in rows if not row["open"]]
    assert closed
    about = {row["log_index"]: row["subject"] for row in found(reading, events.OFFICE, today)}
    for row in closed:
        event = log[row["log_index"]].event
        seen = {name: value for name, value in row.items() if value is not None and name not in ALWAYS}
        named = {} if event.name in UNNAMED else {"name": event.name, "kind": event.stream.partition("/")[0]}
        by = {"iss": event.iss} if tells_signer(event.fact, event.iss, about[row["log_index"]]) else {}
        assert seen == named | by


def test_nobody_learns_of_whom_a_closed_case_is_by_who_signed_an_event_of_it(
    reading: Reading, log: list[Recorded], today: date
):
    """F01 H01: a township signs little but what its own records and complaints ask of it; beside the statistics of the
    day its name under an event that has none would be the record once more. Asking for what it signed finds nothing.
    """
    office = {row["log_index"]: row for row in found(reading, events.OFFICE, today)}
    public = found(reading, events.PUBLIC, today)
    own = [
        row
        for row in public
        if not row["open"] and log[row["log_index"]].event.iss == office[row["log_index"]]["subject"]
    ]
    assert {log[row["log_index"]].event.name for row in own} & UNNAMED
    assert all(row["iss"] is None for row in own)
    assert all(row["iss"] is None for row in public if row["name"] is None)
    for body in {log[row["log_index"]].event.iss for row in public if row["iss"] is None}:
        for name in ("iss", "body"):
            shown = found(reading, events.PUBLIC, today, **{name: body})
            assert all(row["open"] or row["iss"] == body for row in shown)


def test_complaints_projects_and_persons_are_closed_and_bodies_commitments_and_rules_are_open(
    reading: Reading, log: list[Recorded], today: date
):
    rows = {row["log_index"]: row["open"] for row in found(reading, events.PUBLIC, today)}
    for recorded in log:
        kind = recorded.event.stream.partition("/")[0]
        if kind in {"body", "commitment", "policy"}:
            assert rows[recorded.index]
        elif kind in {"complaint", "person", "project"}:
            assert not rows[recorded.index]


def test_a_closed_event_is_found_by_nothing_that_it_hides(reading: Reading, log: list[Recorded], today: date):
    """Whoever asks for a body, a region or a document must not learn of it by what is found."""
    office = {row["log_index"]: row for row in found(reading, events.OFFICE, today)}
    closed = {row["log_index"] for row in found(reading, events.PUBLIC, today) if not row["open"]}
    for name, of in (
        ("region", lambda row: row["region"]),
        ("area", lambda row: row["area"]),
        ("stream", lambda row: row["stream"]),
        ("body", lambda row: row["subject"]),
        ("document", lambda row: row["documents"][0] if row["documents"] else None),
    ):
        values = {of(office[index]) for index in closed} - {None}
        assert values, name
        for value in values:
            shown = found(reading, events.PUBLIC, today, **{name: value})
            for row in shown:
                assert row["open"] or (name == "body" and row["iss"] == value)
            assert {row["log_index"] for row in shown} <= {
                row["log_index"] for row in found(reading, events.OFFICE, today, **{name: value})
            }


@pytest.mark.parametrize("name", ["SealOpened", "SealErased"])
def test_that_somebody_was_looked_up_is_not_found_by_asking_for_it(reading: Reading, today: date, name: str):
    assert found(reading, events.PUBLIC, today, name=name) == []
    kinds = {row["kind"] for row in found(reading, events.OFFICE, today, name=name)}
    for kind in kinds:
        assert all(row["name"] for row in found(reading, events.PUBLIC, today, kind=kind))


def test_a_body_is_found_as_signer_as_subject_and_where_it_is_named(reading: Reading, log: list[Recorded], today: date):
    rows = found(reading, events.OFFICE, today)
    for body in {row["subject"] for row in rows if row["subject"]}:
        expected = {r["log_index"] for r in rows if body in {r["iss"], r["subject"], *r["bodies"]}}
        assert {r["log_index"] for r in found(reading, events.OFFICE, today, body=body)} >= expected


def test_a_region_stands_for_all_below_it(reading: Reading, today: date):
    rows = [row for row in found(reading, events.OFFICE, today) if row["region"]]
    some = next(row["region"] for row in rows)
    for code, prefix in ((f"{some[:2]}0000", some[:2]), (f"{some[:4]}00", some[:4]), (some, some.rstrip("0"))):
        wanted = {row["log_index"] for row in rows if row["region"].startswith(prefix)}
        assert {row["log_index"] for row in found(reading, events.OFFICE, today, region=code)} == wanted
    assert found(reading, events.OFFICE, today, region="710000") == []


def test_a_document_is_found_by_its_hash_and_by_its_number(reading: Reading, log: list[Recorded], today: date):
    paper = next(p for r in log for p in r.event.basis if p.number)
    by_hash = found(reading, events.OFFICE, today, document=paper.sha256)
    by_number = found(reading, events.OFFICE, today, document=paper.number)
    assert by_hash
    assert {r["log_index"] for r in by_number} >= {r.index for r in log if paper in r.event.basis}
    assert all(paper.sha256 in row["documents"] for row in by_hash)


def test_a_hash_is_found_by_its_beginning(reading: Reading, log: list[Recorded], today: date):
    wanted = log[len(log) // 2]
    for length in (8, 20, 64):
        (row,) = found(reading, events.PUBLIC, today, hash=wanted.hash[:length])
        assert row["log_index"] == wanted.index
    assert found(reading, events.PUBLIC, today, hash="f" * 64) == []


def test_days_are_both_included(reading: Reading, today: date):
    days = [row["day"] for row in found(reading, events.OFFICE, today)]
    first, last = sorted(set(days))[1], sorted(set(days))[-2]
    rows = found(reading, events.OFFICE, today, **{"from": first, "until": last})
    assert [row["day"] for row in rows] == [d for d in days if first <= d <= last]


def test_a_past_position_holds_only_what_was_there_and_nothing_that_may_no_longer_be_seen(
    reading: Reading, log: list[Recorded], today: date
):
    now = {row["log_index"]: row for row in found(reading, events.PUBLIC, today)}
    for size in range(0, len(log), 17):
        rows = found(reading, events.PUBLIC, today, as_of=size)
        assert [row["log_index"] for row in rows] == list(range(size, -1, -1))
        assert all(now[row["log_index"]]["open"] for row in rows if row["open"])


def test_pages_follow_each_other_in_both_orders(reading: Reading, log: list[Recorded], today: date):
    moment = Moment(len(log), today, today)
    for order in ("newest", "oldest"):
        after, indices = None, []
        while True:
            part = page(reading, events.PUBLIC, moment, order=order, after=after, limit=20)
            indices += [row["log_index"] for row in part.rows]
            after = part.next
            if after is None:
                break
        assert indices == (list(range(len(log))) if order == "oldest" else list(range(len(log)))[::-1])
