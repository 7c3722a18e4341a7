"""How bodies stand, and the statistics of regions, against a plain computation over the log of the worked cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from ledger.domain import commitment, project
from ledger.domain.body import links
from ledger.domain.commitment_due import Standing, standing
from ledger.domain.complaint.state import Complaint
from ledger.domain.event import legal_day
from ledger.domain.policy import view_of
from ledger.domain.record.state import Record
from ledger.domain.record.state import Standing as RecordStanding
from ledger.domain.record.terms import Severity, SourceKind
from ledger.installation import Installation
from projections.disclosure import Audience, Disclosed, disclose
from projections.history import World
from projections.measures import ALWAYS_PUBLIC, MEANINGS, Measure
from projections.rates import CAME_DUE, KEPT
from projections.reading import Moment
from projections.statistics import FlowRow
from projections.views.comparison import COMPARISON
from projections.views.complaints import COMPLAINTS, DUPLICATES
from projections.views.listing import export
from projections.views.projects import PROJECTS, RESPONSIBLE
from projections.views.regions import Level, within_level
from projections.views.statistics import KINDS, OFFICE, PUBLIC, By, Scope, figures, months, standings
from projections.views.status import Status, status, statuses
from tests.projections.readside import Side, family, side_of
from tests.projections.test_statistics import flows

DAYS = (0, 45, 800)


@pytest.fixture(scope="module")
def side(played: Installation) -> Iterator[Side]:
    with side_of(played) as found:
        yield found


@pytest.fixture(scope="module")
def world(side: Side) -> World:
    found = World()
    for recorded in side.log:
        found.take(recorded)
    return found


def moments(side: Side) -> Iterator[Moment]:
    """Past positions on their own day, and the present on days to come."""
    for size in side.sizes(5):
        yield side.at(size)
    for days in DAYS:
        yield side.at(len(side.log), side.at(len(side.log)).on + timedelta(days))


# --- bodies -------------------------------------------------------------------------------------------------


def test_the_office_sees_of_every_body_what_the_events_say(side: Side) -> None:
    """A08 J09: commitments, records, penalties and what is open, of a body and of all it answers for."""
    for moment in moments(side):
        bodies = side.states("body", moment.size)
        found = statuses(side.reading, moment, bodies, Audience.OFFICE)
        cases = {kind: side.states(kind, moment.size) for kind in ("commitment", "record", "complaint")}
        for body in bodies:
            check_office(found[body], family(bodies, body), cases, moment.on)
            assert status(side.reading, moment, body, Audience.OFFICE) == found[body]


def check_office(found: Status, whole: set[str], cases: dict[str, Any], on: date) -> None:
    """One body against its cases."""
    promises = [state for _, state in cases["commitment"].values()]
    check_promises(found, [p for p in promises if p.holder in whole], on)
    led = [p for p in promises if whole & {*p.terms.lead, *p.terms.responsible}]
    assert found.assigned.counts == Counter(standing(p, on) for p in led)
    records: list[Record] = [state for _, state in cases["record"].values() if state.subject in whole]
    open_ones = [r for r in records if r.standing is RecordStanding.RECORDED]
    assert found.records == Counter(r.severity for r in open_ones if not r.person)
    assert found.defeats == sum(
        r.recognised.fact.source is SourceKind.LITIGATION_DEFEAT for r in open_ones if r.recognised
    )
    in_force = [p for r in records for p in r.in_force(on)]
    assert found.penalties == sum(p.imposed.fact.person is None for p in in_force)
    assert found.office
    assert found.office.personal_records == sum(r.person is not None for r in open_ones)
    assert found.office.personal_penalties == sum(p.imposed.fact.person is not None for p in in_force)
    pending = [o for r in records for o in r.objections if o.is_pending or o.is_open]
    assert found.office.objections == len(pending)
    complaints: list[Complaint] = [state for _, state in cases["complaint"].values()]
    waiting = [c for c in complaints if c.accused in whole and not (c.closed or c.refused)]
    assert found.office.complaints == len(waiting)


def check_promises(found: Status, held: list[commitment.Commitment], on: date) -> None:
    """Commitments that bind it, and the rates."""
    counts = Counter(standing(p, on) for p in held)
    promised = found.promised
    assert promised.counts == counts
    assert (promised.fulfilment.part, promised.fulfilment.whole) == (
        sum(counts[s] for s in KEPT),
        sum(counts[s] for s in CAME_DUE),
    )
    assert promised.timely.part == counts[Standing.FULFILLED]
    assert (promised.overdue_since is None) is (counts[Standing.OVERDUE] == 0)
    assert promised.next_due is None or promised.next_due >= on


def test_the_public_sees_disclosed_records_and_their_penalties_alone(side: Side, world: World) -> None:
    """F01 F03 E10: what was shown on the day and may be shown today; nothing of officials, objections, complaints."""
    now = side.states("record", len(side.log))
    for moment in moments(side):
        bodies, records = side.states("body", moment.size), side.states("record", moment.size)

        def shown(name: str, then: Record, moment: Moment = moment) -> bool:
            history, today = now[name]
            region = world.region(then.subject, history[-1].index)
            may = [
                disclose(s, view_of(world.policies(region, size - 1), day), Audience.PUBLIC, day)
                for s, size, day in ((then, moment.size, moment.on), (today, len(side.log), moment.today))
            ]
            return all(isinstance(answer, Disclosed) for answer in may)

        seen = [state for name, (_, state) in records.items() if shown(name, state)]
        found = statuses(side.reading, moment, bodies, Audience.PUBLIC)
        for body in bodies:
            whole = family(bodies, body)
            own = [r for r in seen if r.subject in whole]
            assert found[body].records == Counter(r.severity for r in own)
            in_force = [p for r in own for p in r.in_force(moment.on) if p.imposed.fact.person is None]
            assert found[body].penalties == len(in_force)
            assert found[body].office is None


def test_somebody_who_is_not_there_has_an_empty_status(side: Side) -> None:
    """An unknown id is no error here: whoever asks has looked the body up."""
    found = status(side.reading, side.at(len(side.log)), "nobody", Audience.PUBLIC)
    assert found == Status("nobody")


# --- statistics ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows(side: Side) -> list[FlowRow]:
    """All flows of the log, with regions, from the histories."""
    from projections import statistics
    from projections.history import versions

    world = World()
    for recorded in side.log:
        world.take(recorded)
    found: list[Any] = []
    for kind in sorted(statistics.PROJECTION.kinds):
        for history, _ in side.states(kind, len(side.log)).values():
            found += [v.row for v in versions(statistics.PROJECTION, history, world)]
            assert len(flows(history)) == len([r for r in found if r.log_index in {h.index for h in history}])
    return found


def plain(rows: list[FlowRow], **wanted: Any) -> dict[Measure, int]:
    """Sums by measure."""
    sums: Counter[Measure] = Counter()
    for row in rows:
        if wanted.get("region") and not (row.region or "").startswith(within_level(wanted["region"])):
            continue
        if wanted.get("area") and row.area != wanted["area"]:
            continue
        sums[Measure(row.measure)] += row.delta
    return dict(sums)


def test_figures_are_plain_sums_at_every_position(side: Side, rows: list[FlowRow]) -> None:
    """C09 清存量、防增量: stock and increase, by region and area, as of any log index."""
    regions = {row.region for row in rows if row.region}
    scopes = [Scope(), *(Scope(region=code) for code in regions), *(Scope(region=f"{c[:2]}0000") for c in regions)]
    scopes += [Scope(area=str(area)) for area in {row.area for row in rows if row.area}]
    for moment in moments(side):
        known = [row for row in rows if row.log_index < moment.size]
        for scope in scopes:
            found = figures(side.reading, moment, scope=scope).get(None, {})
            expected = plain(known, region=scope.region, area=scope.area)
            assert {m: f.stock for m, f in found.items()} == expected
            assert {m: f.increase for m, f in found.items()} == expected


def test_increase_counts_the_days_asked_for_and_stock_all(side: Side, rows: list[FlowRow]) -> None:
    """C09: the increase of a period, the stock at its end."""
    moment = side.at(len(side.log))
    for first in {row.day for row in rows}:
        found = figures(side.reading, moment, scope=Scope(first=first))[None]
        late = plain([row for row in rows if row.day >= first])
        assert {m: f.increase for m, f in found.items() if f.increase} == {m: n for m, n in late.items() if n}
        assert {m: f.stock for m, f in found.items()} == plain(rows)


def test_every_month_has_its_figures_also_one_in_which_nothing_happened(side: Side, rows: list[FlowRow]) -> None:
    """C09: by month, with the level at its end."""
    moment = side.at(len(side.log))
    found = figures(side.reading, moment, By.MONTH)
    first = min(row.day for row in rows)
    assert list(found) == [f"{month:%Y-%m}" for month in months(first, moment.on)]
    for month, measures in found.items():
        now = plain([row for row in rows if f"{row.day:%Y-%m}" == month])
        level = plain([row for row in rows if f"{row.day:%Y-%m}" <= month])
        for measure, figure in measures.items():
            assert (figure.increase, figure.stock) == (now.get(measure, 0), level.get(measure, 0))
    since = figures(side.reading, moment, By.MONTH, scope=Scope(first=moment.on))
    assert since == {f"{moment.on:%Y-%m}": found[f"{moment.on:%Y-%m}"]}


@pytest.mark.parametrize("level", list(Level))
def test_regions_add_up_at_each_level(side: Side, rows: list[FlowRow], level: Level) -> None:
    """GB/T 2260: county, city and province."""
    moment = side.at(len(side.log))
    found = figures(side.reading, moment, By.REGION, level=level)
    for region, measures in found.items():
        own = [r for r in rows if (r.region[: level.digits].ljust(6, "0") if r.region else None) == region]
        assert {m: f.stock for m, f in measures.items()} == plain(own)
    by_area = figures(side.reading, moment, By.AREA)
    for area, measures in by_area.items():
        assert {m: f.stock for m, f in measures.items()} == plain([r for r in rows if (r.area or None) == area])


def test_the_four_classes_of_subjects_are_told_apart(side: Side, rows: list[FlowRow]) -> None:
    """A07 地方政府、地方政府部门、事业单位和社区居民委员会、村民委员会等四类主体."""
    moment = side.at(len(side.log))
    bodies = side.states("body", len(side.log))
    classes = {kind: name for name, of in KINDS.items() for kind in of}

    def of(body: str | None) -> str | None:
        return classes.get(bodies[body][1].kind) if body else None

    found = figures(side.reading, moment, By.CLASS)
    assert set(found) == {of(row.subject) for row in rows}
    for name, measures in found.items():
        own = [row for row in rows if of(row.subject) == name]
        assert {m: f.stock for m, f in measures.items()} == plain(own)
    states = [state for _, state in side.states("commitment", len(side.log)).values()]
    for name, promises in standings(side.reading, moment, By.CLASS).items():
        assert promises.counts == Counter(standing(s, moment.on) for s in states if of(s.holder) == name)


def test_standings_of_a_region_are_those_of_its_commitments(side: Side) -> None:
    """B05 J09: 履约率, by region and area, on any day."""
    for moment in moments(side):
        states = [state for _, state in side.states("commitment", moment.size).values()]
        expected = Counter(standing(state, moment.on) for state in states)
        whole = standings(side.reading, moment)
        assert (whole[None].counts if whole else {}) == expected
        for area, promises in standings(side.reading, moment, By.AREA).items():
            own = [standing(s, moment.on) for s in states if s.terms.area == area]
            assert promises.counts == Counter(own)
        parts = standings(side.reading, moment, By.REGION, level=Level.PROVINCE)
        assert sum((Counter(p.counts) for p in parts.values()), Counter()) == expected
    with pytest.raises(ValueError, match="months"):
        standings(side.reading, side.at(1), By.MONTH)


def test_two_answers_of_one_day_tell_the_public_nothing_of_an_event_that_is_not_always_public(
    side: Side, rows: list[FlowRow]
) -> None:
    """C09 F01: region, area and class of an entry would be the difference of the answers before and after it; but
    those of commitments are public. The answer of a day that is over has all of it.
    """
    other = {row.log_index for row in rows if row.measure not in ALWAYS_PUBLIC}
    assert other

    def told(size: int) -> list[Any]:
        moment = side.at(size)
        with export(side.reading, PUBLIC, moment) as listing:
            listed = [row for row in listing if row["measure"] not in ALWAYS_PUBLIC]
        shown = [figures(side.reading, moment, by, public=True) for by in By]
        kept = [{k: {m: f for m, f in v.items() if m not in ALWAYS_PUBLIC} for k, v in s.items()} for s in shown]
        return [listed, *({k: v for k, v in one.items() if v} for one in kept)]

    days = [legal_day(recorded.at) for recorded in side.log]
    within = [n for n in sorted(other) if days[n - 1] == days[n] and days[n] == [*days, days[-1]][n + 1]]
    for index in within[::5]:
        assert told(index) == told(index + 1), index
    over = Moment(len(side.log), days[-1], days[-1] + timedelta(days=1))
    assert side.rows(PUBLIC, over) == side.rows(OFFICE, over)
    assert figures(side.reading, over, public=True) == figures(side.reading, over)


def test_the_listing_of_months_says_the_same(side: Side, rows: list[FlowRow]) -> None:
    """C09: for exports, each month, measure, region and area that something was counted in."""
    moment = side.at(len(side.log))
    listed = side.rows(OFFICE, moment)
    sums: Counter[Any] = Counter()
    for row in rows:
        sums[row.day.replace(day=1), row.measure, row.region, row.area] += row.delta
    keys = [(r["month"], r["measure"], r["region"] or "", r["area"] or "") for r in listed]
    assert dict(zip(keys, (r["increase"] for r in listed), strict=True)) == sums
    assert keys == sorted(keys, key=lambda k: (k[1], k[0], *k[2:]))
    some = side.rows(OFFICE, moment, measure="records_recognised")
    assert {r["measure"] for r in some} == {"records_recognised"}
    assert [r for r in listed if r["measure"] == "records_recognised"] == some


# --- complaints and projects --------------------------------------------------------------------------------


def test_the_work_ledger_of_complaints_is_complete_and_names_no_complainant(side: Side) -> None:
    """H03 台账: number, standing, handler, days; nothing of who complained."""
    for size in side.sizes():
        moment = side.at(size)
        states = side.states("complaint", size)
        listed = side.rows(COMPLAINTS, moment)
        assert {r["stream"] for r in listed} == {f"complaint/{name}" for name in states}
        for row in listed:
            _, state = states[row["stream"].partition("/")[2]]
            assert (row["number"], row["standing"]) == (state.received.fact.number, state.standing)
            assert (row["handler"], row["record"]) == (state.handler, state.record)
            assert row["overdue"] is (row["standing"] == "transferred" and row["answer_by"] < moment.on)
    assert not {"complainant", "contact", "text", "anonymous", "sealed"} & {c.name for c in COMPLAINTS.columns}
    assert side.rows(DUPLICATES, side.at(len(side.log))) == []


def test_who_answered_for_a_stage_on_a_day_is_found(side: Side) -> None:
    """I08 责任回溯: the same answer as the project's own question."""
    moment = side.at(len(side.log))
    states = side.states("project", len(side.log))
    assert {r["stream"] for r in side.rows(PROJECTS, moment)} == {f"project/{name}" for name in states}
    for row in side.rows(PROJECTS, moment):
        state: project.Project = states[row["stream"].partition("/")[2]][1]
        assert row["records"] == [b.fact.record for b in state.breaches]
        assert row["performance"] == Counter(p.fact.outcome for p in state.performance)
        days = {d for r in state.responsible for d in (r.start, r.until) if d}
        for stage in {s.fact.stage for s in state.stages}:
            for day in {*days, *(d + timedelta(1) for d in days)}:
                found = side.rows(RESPONSIBLE, moment, stream=row["stream"], stage=stage, day=day)
                expected = {r.assignment for r in project.responsible_at(state, stage, day)}
                assert {r["id"].rpartition("/")[2] for r in found} == expected


def test_worked_cases_by_hand(side: Side) -> None:
    """C07 C09: sums that anybody can count in examples/cases."""
    moment = side.at(len(side.log))
    found = {m: f.stock for m, f in figures(side.reading, moment)[None].items()}
    names = Counter(recorded.event.name for recorded in side.log)
    assert found[Measure.COURT_LISTED] == names["CourtListEntered"] - names["CourtListRemoved"]
    sources = [r.event.fact.source for r in side.log if r.event.name == "BreachRecognised"]
    assert found.get(Measure.UNPERFORMED_JUDGMENTS, 0) == sources.count(SourceKind.UNPERFORMED_JUDGMENT)
    assert found[Measure.COMMENDATIONS_STANDING] == names["CommendationRecorded"] - names["CommendationWithdrawn"]
    assert all(MEANINGS[m].stock is False or n >= 0 for m, n in found.items())


# --- bodies side by side ------------------------------------------------------------------------------------


def test_bodies_side_by_side_show_what_each_status_shows(side: Side) -> None:
    """B05 J01: one row for each body that stands for itself, with the counts of its status; no order of merit."""
    for moment in moments(side):
        bodies = side.states("body", moment.size)
        heads = [b for b, (_, state) in bodies.items() if not links(state) and b != "ledger"]
        listed = side.rows(COMPARISON, moment)
        assert [row["id"] for row in listed] == sorted(heads, key=lambda b: bodies[b][0][0].index)
        found = statuses(side.reading, moment, heads, Audience.PUBLIC)
        for row in listed:
            own = found[row["id"]]
            counts = own.promised.counts
            assert row["commitments"] == own.promised.total
            for standing_ in (*CAME_DUE,):
                assert row[str(standing_)] == counts.get(standing_, 0)
            assert (row["kept"], row["came_due"]) == (own.promised.fulfilment.part, own.promised.fulfilment.whole)
            assert (row["records"], row["penalties"]) == (sum(own.records.values()), own.penalties)
            assert {s: row[str(s)] for s in Severity} == {s: own.records.get(s, 0) for s in Severity}
            assert row["defeats"] == own.defeats
        for name in set(COMPARISON.orders) - {"registered"}:
            by_count = side.rows(COMPARISON, moment, order=name)
            assert by_count == sorted(listed, key=lambda r: (r[name], r["log_index"]), reverse=True)
