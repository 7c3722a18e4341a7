"""Counts of facets (projections/views/counting.py): kept from event to event, and always what counting says."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ledger.domain.commitment import CommitmentMade
from ledger.domain.commitment_terms import Area, Kind
from ledger.settings import Settings
from ledger.store.database import connect
from projections.catalogue import PROJECTIONS
from projections.rebuild import rebuild
from projections.views import counting, listing
from projections.views.commitments import COMMITMENTS
from projections.views.counting import facets
from tests.conftest import Databases, read_side
from tests.projections.readside import Side, side_of
from tests.projections.town import CITY, PLAN, Town, built_town

FACETS = COMMITMENTS.facets


@pytest.fixture(scope="module")
def towns(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    name = databases.create()
    with built_town(Settings(tmp_path_factory.mktemp("town"), databases.url(name))) as found:
        yield found
    databases.drop(name)


@pytest.fixture(scope="module")
def side(towns: Town) -> Iterator[Side]:
    with side_of(towns.installation) as found:
        yield found


@pytest.fixture
def asked(side: Side, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which queries were asked of all rows of a listing: ``all`` of them, or what changed ``since``."""
    found: list[str] = []
    counting._KEPT.clear()
    for name in ("_all", "_since"):
        query = getattr(counting, name)
        monkeypatch.setattr(
            counting, name, lambda of, name=name, query=query: (found.append(name.strip("_")), query(of))[1]
        )
    return found


def counted(rows: list[dict[str, Any]]) -> dict[str, Counter[str | None]]:
    return {name: Counter(row[name] for row in rows) for name in FACETS}


def test_counts_that_are_brought_up_from_event_to_event_are_what_counting_says(side: Side, asked: list[str]) -> None:
    """Standing, region and area of what was counted change and go, too: at each size of the log, on the same day."""
    for size in range(1, len(side.log) + 1):
        moment = side.at(size, side.at(len(side.log)).on)
        assert facets(side.reading, COMMITMENTS, moment, FACETS) == counted(side.rows(COMMITMENTS, moment))
    assert asked == ["all", *["since"] * (len(side.log) - 1)]


def test_counts_are_those_of_the_moment_that_is_asked_for_in_any_order(side: Side, asked: list[str]) -> None:
    """``as_of``: what is kept is of today; of other days, and of sizes that are past, it is counted anew."""
    chance = random.Random(5)
    newest = side.at(len(side.log))
    for _ in range(60):
        size = chance.randint(1, len(side.log))
        on = newest.on + timedelta(chance.choice((0, 0, 0, -1, -40, -200)))
        moment = listing.Moment(size, on, newest.today)
        rows = counted(side.rows(COMMITMENTS, moment))
        names = chance.sample(FACETS, chance.randint(1, len(FACETS)))
        assert facets(side.reading, COMMITMENTS, moment, names) == {name: rows[name] for name in names}
    assert {"all", "since"} == set(asked)


def test_the_next_day_is_counted_anew(side: Side, asked: list[str]) -> None:
    """What is overdue changes with the day, without an event."""
    size = len(side.log)
    for days in (0, 0, 1, 1, 400):
        moment = side.at(size, side.at(size).on + timedelta(days))
        assert facets(side.reading, COMMITMENTS, moment, FACETS) == counted(side.rows(COMMITMENTS, moment))
    assert asked == ["all", "since", "all", "since", "all"]


def test_each_facet_is_counted_under_the_other_filters(side: Side) -> None:
    """Several facets under filters, some of them filtered by themselves, in the order in which they are asked for."""
    moment = side.at(len(side.log))
    rows = side.rows(COMMITMENTS, moment)
    for area in {row["area"] for row in rows}:
        for kind in {row["kind"] for row in rows}:
            found = facets(side.reading, COMMITMENTS, moment, FACETS, {"area": area, "kind": kind, "region": None})
            assert list(found) == list(FACETS)
            assert found["area"] == Counter(r["area"] for r in rows if r["kind"] == kind)
            assert found["kind"] == Counter(r["kind"] for r in rows if r["area"] == area)
            here = [r for r in rows if (r["area"], r["kind"]) == (area, kind)]
            assert found["standing"] == Counter(r["standing"] for r in here)
            assert found["region"] == Counter(r["region"] for r in here)


def test_the_most_frequent_values_come_first(side: Side) -> None:
    """And of those as many the least, so that the same question has the same answer, letter by letter."""
    moment = side.at(len(side.log))
    for name in FACETS:
        for filters in ({}, {"made_by": moment.on}):
            counts = facets(side.reading, COMMITMENTS, moment, [name], filters)[name]
            assert list(counts.items()) == sorted(counts.items(), key=lambda i: (-i[1], i[0] is None, i[0] or ""))


def test_another_build_of_the_rows_is_counted_anew(towns: Town, asked: list[str]) -> None:
    """A rebuild may mend rows: nothing that was counted of those before it is added to."""
    database, reader = towns.installation.database, towns.installation.ledger.reader
    projection = PROJECTIONS["commitments"]
    with read_side(towns.installation) as reading:
        moment = reading.moment(None, towns.installation.clock().date() + timedelta(400), "commitments")
        right = facets(reading, COMMITMENTS, moment, FACETS)
        with connect(database.url("owner")) as owner:
            owner.execute(f"UPDATE {projection.schema}.standings SET area = 'general'")
        counting._KEPT.clear()
        assert facets(reading, COMMITMENTS, moment, FACETS) != right
        rebuild(database, reader, [projection], workers=1)
        assert facets(reading, COMMITMENTS, moment, FACETS) == right
    assert asked == ["all", "all", "since", "all"]


def test_what_is_promised_meanwhile_is_counted_by_the_next_question(towns: Town, asked: list[str]) -> None:
    """The runner's rows, event by event."""
    with read_side(towns.installation) as reading:
        today = towns.installation.clock().date() + timedelta(400)
        before = facets(reading, COMMITMENTS, reading.moment(None, today, "commitments"), ["area"])["area"]
        for n in range(3):
            fact = CommitmentMade(f"再承诺{n}", "按期完成", Kind.PLAN, Area.GENERAL, CITY)
            towns.say(f"commitment/0198c5a2-7777-7000-8000-{n:012d}", fact, PLAN)
        with read_side(towns.installation):
            moment = reading.moment(None, today, "commitments")
        after = facets(reading, COMMITMENTS, moment, ["area"])["area"]
    assert after["general"] == before.get("general", 0) + 3
    assert asked == ["all", "since"]
