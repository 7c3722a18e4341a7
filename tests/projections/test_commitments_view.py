"""The lists of commitments and bodies, against a plain fold over the log of the worked cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from ledger.domain.body import links
from ledger.domain.commitment import Commitment
from ledger.domain.commitment_due import standing
from ledger.domain.event import Recorded, legal_day
from ledger.domain.policy import region_of
from ledger.installation import Installation
from projections.views import listing
from projections.views.bodies import BODIES
from projections.views.commitments import COMMITMENTS
from projections.views.counting import facets
from projections.views.names import answering, called
from projections.views.regions import within_level
from tests.projections.readside import Side, family, side_of


@pytest.fixture(scope="module")
def side(played: Installation) -> Iterator[Side]:
    with side_of(played) as found:
        yield found


def test_every_row_of_every_past_is_what_the_events_say(side: Side) -> None:
    """B04 B05 对承诺履行情况进行准确记录: the list at any log index is the fold of the events up to it."""
    for size in side.sizes():
        moment = side.at(size)
        rows = side.rows(COMMITMENTS, moment)
        states = side.states("commitment", size)
        assert [row["log_index"] for row in rows] == sorted((h[0].index for h, _ in states.values()), reverse=True)
        for row in rows:
            history, state = states[row["id"]]
            check_row(row, history, state, moment.on)


def check_row(row: dict[str, Any], history: list[Recorded], state: Commitment, on: date) -> None:
    """One row against its case."""
    assert row["standing"] == standing(state, on)
    assert row["changed"] == history[-1].index
    assert (row["title"], row["kind"], row["area"]) == (state.terms.title, state.terms.kind, state.terms.area)
    assert (row["promiser"], row["holder"], row["due"]) == (state.terms.promiser, state.holder, state.due)
    assert row["made_on"] == legal_day(history[0].at)
    assert row["recurring"] is bool(state.terms.recurrence)
    assert row["percent"] == ([None, *(p.fact.percent for p in state.progress if p.fact.percent is not None)])[-1]
    assert row["judged_on"] == (state.verdicts[-1].day if state.verdicts else None)


def test_a_day_to_come_is_answered_as_if_nothing_more_happened(side: Side) -> None:
    """B04: standing is asked for with a day."""
    size = len(side.log)
    for days in (0, 1, 30, 400, 4000):
        moment = side.at(size, side.at(size).on + timedelta(days))
        for row in side.rows(COMMITMENTS, moment):
            assert row["standing"] == standing(side.states("commitment", size)[row["id"]][1], moment.on)


def test_filters_facets_and_counts_agree_with_each_other_and_with_the_events(side: Side) -> None:
    """I01 重点领域: each value of a facet, asked for as a filter, gives as many rows as the facet says."""
    moment = side.at(len(side.log))
    rows = side.rows(COMMITMENTS, moment)
    assert listing.count(side.reading, COMMITMENTS, moment) == len(rows)
    for name in COMMITMENTS.facets:
        counts = facets(side.reading, COMMITMENTS, moment, [name])[name]
        assert counts == Counter(row[name] for row in rows)
        for value, n in counts.items():
            if value is not None and name != "region":
                asked = {name: value}
                assert [r["id"] for r in side.rows(COMMITMENTS, moment, **asked)] == [
                    r["id"] for r in rows if r[name] == value
                ]
                assert listing.count(side.reading, COMMITMENTS, moment, asked) == n


def test_the_code_of_a_city_or_province_asks_for_all_that_lies_in_it(side: Side) -> None:
    """GB/T 2260: province, city, county."""
    moment = side.at(len(side.log))
    rows = side.rows(COMMITMENTS, moment)
    codes = {row["region"] for row in rows if row["region"]}
    assert codes
    for code in {*codes, *(f"{c[:4]}00" for c in codes), *(f"{c[:2]}0000" for c in codes), "110000"}:
        expected = [r["id"] for r in rows if (r["region"] or "").startswith(within_level(code))]
        assert [r["id"] for r in side.rows(COMMITMENTS, moment, region=code)] == expected
        assert listing.count(side.reading, COMMITMENTS, moment, {"region": code}) == len(expected)


def test_a_body_finds_its_own_part_and_that_of_all_it_answers_for(side: Side) -> None:
    """A12 A13: 责任单位, and who succeeded it."""
    size = len(side.log)
    moment, bodies, cases = side.at(size), side.states("body", size), side.states("commitment", size)
    for own in bodies:
        whole = family(bodies, own)
        expected = set()
        for name, (_, state) in cases.items():
            terms = state.terms
            if whole & {terms.promiser, *terms.lead, *terms.responsible, *terms.supporting}:
                expected.add(name)
        assert {r["id"] for r in side.rows(COMMITMENTS, moment, body=own)} == expected
        held = {name for name, (_, state) in cases.items() if state.holder in whole}
        assert {r["id"] for r in side.rows(COMMITMENTS, moment, holder=own)} == held
        ends = own
        while following := links(bodies[ends][1]):
            ends = following[0]
        assert answering(side.reading, moment, own) == ends


def test_windows_of_days_take_both_their_ends(side: Side) -> None:
    """Due and made windows; open_due is the day that still waits for an answer."""
    moment = side.at(len(side.log))
    rows = side.rows(COMMITMENTS, moment)
    for name, since, until in (("due", "due_from", "due_by"), ("open_due", "open_due_from", "open_due_by")):
        for day in {r[name] for r in rows if r[name]}:
            got = {r["id"] for r in side.rows(COMMITMENTS, moment, **{since: day, until: day})}
            assert got == {r["id"] for r in rows if r[name] == day}
            assert listing.count(side.reading, COMMITMENTS, moment, {since: day, until: day}) == len(got)
    for day in {r["made_on"] for r in rows}:
        got = {r["id"] for r in side.rows(COMMITMENTS, moment, made_from=day, made_by=day)}
        assert got == {r["id"] for r in rows if r["made_on"] == day}


def test_by_due_day_what_has_none_comes_last(side: Side) -> None:
    """The order of due days, without a row lost or shown twice."""
    moment = side.at(len(side.log))
    rows = side.rows(COMMITMENTS, moment, order="due")
    assert len({r["id"] for r in rows}) == len(rows) == len(side.rows(COMMITMENTS, moment))
    assert rows == sorted(rows, key=lambda r: (r["due"] or date.max, r["log_index"]))


def test_bodies_are_listed_as_the_log_knew_them_then(side: Side) -> None:
    """A01 A08: name, status, region, roles and former names at any log index."""
    for size in side.sizes():
        states = {b: found for b, found in side.states("body", size).items() if b != "ledger"}
        rows = side.rows(BODIES, side.at(size))
        assert [r["id"] for r in rows] == sorted(states, key=lambda b: states[b][0][0].index)
        for row in rows:
            _, state = states[row["id"]]
            assert (row["name"], row["status"], row["kind"]) == (state.name, state.status, state.kind)
            assert row["roles"] == sorted(state.roles)
            assert row["answers_to"] == next(iter(links(state)), None)
            assert set(state.former_names) - {state.name} <= set(row["other_names"])
            if not row["id"].startswith("p-"):
                assert row["region"] == region_of(row["id"], state.region)


def test_a_body_is_found_by_any_name_it_ever_had(side: Side) -> None:
    """A03: by part of a name, former or not, and by its whole id."""
    moment = side.at(len(side.log))
    for row in side.rows(BODIES, moment):
        for name in (row["name"], *row["other_names"], row["id"], row["name"][1:3]):
            assert row["id"] in {r["id"] for r in side.rows(BODIES, moment, name=name)}
    assert side.rows(BODIES, moment, name="%") == []
    for name in BODIES.facets:
        counts = facets(side.reading, BODIES, moment, [name])[name]
        assert sum(counts.values()) == listing.count(side.reading, BODIES, moment)


def test_the_ledger_itself_is_a_body_that_no_list_shows(side: Side) -> None:
    """It has a name for whoever reads an event of its own."""
    moment = side.at(len(side.log))
    assert called(side.reading, moment, ["ledger"])["ledger"].status == "registered"
    assert listing.one(side.reading, BODIES, moment, "ledger") is None
