"""Lists of records, penalties, objections, takedowns, look-ups, clocks and court entries, over the worked cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from ledger.domain.event import Recorded, legal_day
from ledger.domain.kinds import fold
from ledger.domain.policy import view_of
from ledger.installation import Installation
from ledger.position import recorded_of
from projections.disclosure import Audience, Disclosed, disclose
from projections.history import World
from projections.reading import Moment, Reading
from projections.views import court, lateness, lookups, penalties, records, remedies, takedowns
from projections.views.counting import facets
from projections.views.listing import MOST, Listing, count, export, one, page
from tests.conftest import read_side

LISTINGS = [
    *(records.PUBLIC, records.OFFICE, penalties.PUBLIC, penalties.OFFICE, remedies.PUBLIC, remedies.OFFICE),
    *(
        remedies.DUTIES,
        remedies.QUEUE,
        takedowns.PUBLIC,
        takedowns.OFFICE,
        lookups.LOOKUPS,
        lateness.PUBLIC,
        lateness.OFFICE,
    ),
    *(court.PUBLIC, court.OFFICE),
]
NAMES = [
    f"{listing.name}-{'public' if n in {0, 2, 4, 6, 8, 11, 13} else 'office'}-{n}" for n, listing in enumerate(LISTINGS)
]
VALUES: dict[str, Any] = {
    "region": "330000",
    "in_force": True,
    "person": False,
    "shown": True,
    "open": True,
    "overdue": True,
    "listed": True,
    "from": date(2020, 1, 1),
    "until": date(2030, 1, 1),
}


@pytest.fixture(scope="module")
def reading(played: Installation) -> Iterator[Reading]:
    with read_side(played) as found:
        yield found


@pytest.fixture(scope="module")
def log(played: Installation) -> list[Recorded]:
    return [recorded_of(row) for row in played.ledger.reader.scan()]


class Past:
    """The log as a list: what a record said and which rules held after its first entries."""

    def __init__(self, log: list[Recorded]) -> None:
        self.log, self.world = log, World()
        for recorded in log:
            self.world.take(recorded)
        self.records = sorted({r.event.stream for r in log if r.event.stream.startswith("record/")})

    def shown(self, stream: str, size: int, on: date) -> Disclosed | None:
        """What the public was shown of a record on a day, when the log had ``size`` entries."""
        history = [r for r in self.log[:size] if r.event.stream == stream]
        if not history:
            return None
        state = fold(stream, history)
        policies = self.world.policies(self.world.region(state.subject, size - 1), size - 1)
        answer = disclose(state, view_of(policies, on), Audience.PUBLIC, on)
        return answer if isinstance(answer, Disclosed) else None


@pytest.fixture(scope="module")
def past(log: list[Recorded]) -> Past:
    return Past(log)


def everything(reading: Reading, listing: Listing, moment: Moment, **filters: Any) -> list[dict[str, Any]]:
    return list(page(reading, listing, moment, filters=filters, limit=MOST).rows)


def days(log: list[Recorded]) -> list[date]:
    return sorted({legal_day(r.at) for r in log})


def test_on_every_day_the_public_finds_what_was_shown_that_day_and_may_be_shown_today(
    reading: Reading, past: Past, log: list[Recorded]
) -> None:
    """F01 E10 任何一天的公开列表，等于当日公开且今日仍可公开的记录；内容即当日所示。"""
    met = 0
    for today in (days(log)[-1], date(2027, 6, 1)):
        for on in days(log):
            moment = reading.moment(on, today, *records.PUBLIC.reads)
            found = {row["stream"]: row["fields"] for row in everything(reading, records.PUBLIC, moment)}
            expected = {}
            for stream in past.records:
                then, now = past.shown(stream, moment.size, on), past.shown(stream, len(log), today)
                if then and now:
                    expected[stream] = dict(then.fields)
            assert found == expected, (on, today)
            met += len(found)
    assert met > 20


def test_the_office_sees_every_record_and_why_the_public_does_not(
    reading: Reading, past: Past, log: list[Recorded]
) -> None:
    """F03 信用办所见列表中，每条未公开的记录均有理由和依据。"""
    seen = set()
    for on in days(log):
        moment = reading.moment(on, on, *records.OFFICE.reads)
        found = everything(reading, records.OFFICE, moment)
        begun = {r.event.stream for r in log[: moment.size]} & set(past.records)
        assert {row["stream"] for row in found} == begun
        for row in found:
            assert row["shown"] == bool(past.shown(row["stream"], moment.size, on))
            if row["recognised_on"] and not row["shown"]:
                assert row["reason"]
                assert row["reason_source"]
            seen.add((row["shown"], row["reason"]))
    assert {shown for shown, _ in seen} == {True, False}
    assert {reason for _, reason in seen} >= {None, "not_graded", "not_published", "repaired", "withdrawn"}


def test_penalties_and_objections_are_public_with_their_record_alone(reading: Reading, log: list[Recorded]) -> None:
    """E03 D11 F01 F08 惩戒、异议、失信被执行人信息只随已公开的记录公开；暂不执行的标明暂停，不作执行中。"""
    total = 0
    for on in days(log):
        moment = reading.moment(on, on, *records.PUBLIC.reads, *penalties.PUBLIC.reads, *remedies.PUBLIC.reads)
        shown = {row["stream"]: row["fields"] for row in everything(reading, records.PUBLIC, moment)}
        public = everything(reading, penalties.PUBLIC, moment)
        told = {(s, p["penalty"], p["state"]) for s, fields in shown.items() for p in fields["penalties"]}
        assert {(row["stream"], row["penalty"], row["state"]) for row in public} == told
        assert all(row["in_force"] == (row["state"] == "in_force" and not row["held_by"]) for row in public)
        assert {row["stream"] for row in everything(reading, remedies.PUBLIC, moment)} <= set(shown)
        assert {row["stream"] for row in everything(reading, court.PUBLIC, moment)} <= set(shown)
        duties = everything(reading, remedies.DUTIES, moment)
        assert {row["stream"] for row in duties} <= set(shown)
        assert {row["id"] for row in duties} <= {row["id"] for row in everything(reading, remedies.QUEUE, moment)}
        total += len(public)
    assert total > 10


def test_who_looked_at_sealed_fields_is_listed_with_purpose_and_number(reading: Reading, log: list[Recorded]) -> None:
    """F15 G01 查询封存内容：谁、以何角色、为何目的、凭何文号，逐次留痕。"""
    moment = reading.moment(None, date(2027, 1, 1))
    found = everything(reading, lookups.LOOKUPS, moment)
    said = [r for r in log if r.event.name in {"SealOpened", "SealErased"}]
    assert [row["log_index"] for row in found] == [r.index for r in reversed(said)]
    assert all(row["purpose"] for row in found)


def test_the_log_of_takedowns_says_neither_what_nor_about_whom(reading: Reading, log: list[Recorded]) -> None:
    """E05 E10 下架与修复日志公开，但不含内容和主体。"""
    moment = reading.moment(None, date(2027, 1, 1))
    public, office = everything(reading, takedowns.PUBLIC, moment), everything(reading, takedowns.OFFICE, moment)
    seen: set[str] = set()  # what was public once, before the event that took it down
    expected = []
    for recorded in log:
        if recorded.event.name in {"RecordPublished", "CommendationRecorded"}:
            seen.add(recorded.event.stream)
        if recorded.event.stream in seen and recorded.index in {row["log_index"] for row in office}:
            expected.append(recorded.index)
    assert [row["log_index"] for row in public] == expected[::-1]
    assert len(public) < len(office)  # region and ground of what nobody ever saw would be told here first
    assert {"RecordWithdrawn", "RepairGranted", "RecordCorrected"} & {row["what"] for row in public}
    subjects = {row["subject"] for row in office} | {row["stream"] for row in office}
    assert not [row for row in public if subjects & set(map(str, {**row, "by": ""}.values()))]


def test_the_queue_has_what_is_overdue_first(reading: Reading, played: Installation) -> None:
    """E01 H02 待办队列：逾期的在前，未定期限的在后。"""
    moment = reading.moment(None, date(2027, 1, 1))
    found = everything(reading, remedies.QUEUE, moment)
    assert {"overdue", "open"} == {row["state"] for row in found}
    dues = [row["due"] or date.max for row in found]
    assert dues == sorted(dues)
    assert all((row["state"] == "overdue") == bool(row["due"] and row["due"] < moment.on) for row in found)


def test_publication_in_time_is_counted_in_working_days_and_says_how_late(
    reading: Reading, log: list[Recorded]
) -> None:
    """F04 F05 F13 自作出决定之日起 7 个工作日内公开：应公开日期、实际公开日期、逾期天数。"""
    moment = reading.moment(None, date(2027, 1, 1))
    found = {row["stream"]: row for row in everything(reading, lateness.OFFICE, moment)}
    assert found
    for row in found.values():
        published = row["published_on"]
        late = row["due"] is not None and (published or moment.on) > row["due"]
        assert (row["state"] in {"met_late", "overdue"}) == late
        if late:
            assert row["days_late"] == ((published or moment.on) - row["due"]).days
    public = {row["stream"] for row in everything(reading, lateness.PUBLIC, moment)}
    assert public <= {row["stream"] for row in everything(reading, records.PUBLIC, moment)}


@pytest.mark.parametrize("listing", LISTINGS, ids=NAMES)
def test_every_listing_answers_with_every_filter_order_and_facet(reading: Reading, listing: Listing) -> None:
    """The read side: each of what a listing offers is SQL that runs, gives its types, and pages fit each other."""
    moment = reading.moment(None, date(2026, 6, 1), *listing.reads)
    rows = everything(reading, listing, moment)
    for row in rows:
        assert set(row) == {column.name for column in listing.columns}
        for column in listing.columns:
            value = row[column.name]
            kind = list if column.type is tuple else column.type
            assert (value is None and column.optional) or type(value) is kind, (column.name, value)
    for name in listing.filters:
        everything(reading, listing, moment, **{name: VALUES.get(name, "x")})
    for order in listing.orders:
        seen, after = [], None
        while True:
            part = page(reading, listing, moment, order=order, after=after, limit=2)
            seen += [row[listing.key] for row in part.rows]
            after = part.next
            if after is None:
                break
        assert len(seen) == len(rows)
        assert sorted(seen) == sorted(row[listing.key] for row in rows)
    counts = facets(reading, listing, moment, listing.facets) if listing.facets else {}
    for name in listing.facets:
        assert counts[name] == Counter(row[name] for row in rows)
    assert count(reading, listing, moment) == len(rows)
    with export(reading, listing, moment) as all_rows:
        assert len(list(all_rows)) == len(rows)
    for row in rows[:3]:
        assert one(reading, listing, moment, row[listing.key]) == row
