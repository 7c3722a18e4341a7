"""Reports on the worked cases, against numbers that were counted by hand from examples/cases/."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest

from ledger.domain.identifiers import fictional_uscc
from ledger.errors import FormatError, NotFoundError
from ledger.installation import Installation
from ledger.position import recorded_of
from projections.measures import Measure
from projections.reading import Reading
from projections.reports import (
    LINES,
    SPLIT,
    Asked,
    Edition,
    Extra,
    Figure,
    Report,
    completed,
    for_the_public,
    meaning,
    parse_code,
)
from projections.views import reports
from tests.conftest import read_side

TODAY = date(2027, 3, 1)
CITY, DISTRICT, COMMERCE, FIRM = "990100", "990200", fictional_uscc(113), fictional_uscc(131)


@pytest.fixture(scope="module")
def reading(played: Installation) -> Iterator[Reading]:
    with read_side(played) as found:
        yield found


def made(
    reading: Reading,
    played: Installation,
    subject: str,
    period: str = "2026",
    edition: Edition = Edition.OFFICE,
    at: int | None = None,
    today: date = TODAY,
) -> Report:
    what = reports.asked(reading, subject, period, edition, at=at, today=today)
    return reports.report(reading, played.ledger, what)


def level(report: Report, line: str, part: str | None = None) -> int | None:
    return next((f.count for f in report.figures if f.line == line and f.part == part), None)


# --- what it counts -----------------------------------------------------------------------------------------


def test_every_measure_and_every_extra_line_stands_once_in_a_report() -> None:
    """J10 半年、全年政务诚信建设情况: a new measure has to be given its place."""
    assert len(LINES) == len(set(LINES))
    assert set(LINES) == {*Measure, *Extra}


@pytest.mark.parametrize(
    ("line", "part", "count"),
    [
        ("commitments_made", None, 2),  # 07: one commitment; 13: another, of the body that was merged
        ("commitments_due", None, 2),
        ("judged_fulfilled", None, 1),
        ("judged_broken", None, 1),
        ("commitments_changed", None, 1),
        ("commitments_overdue", None, 0),
        ("compensation_granted", None, 1_500_000),
        ("records_recognised", None, 8),
        ("records_by_severity", "general", 6),
        ("records_by_severity", "minor", 1),
        ("records_by_severity", "serious", 1),
        ("records_by_source", "court_list", 1),
        ("records_by_source", "contract_breach", 1),
        ("records_withdrawn", None, 1),
        ("records_repaired", None, 2),  # one of which was revoked again
        ("records_open", None, 6),
        ("court_entries", None, 1),
        ("court_removals", None, 1),
        ("court_listed", None, 0),
        ("penalties_imposed", None, 8),
        ("objections_filed", None, 4),
        ("objections_upheld", None, 1),
        ("objections_dismissed", None, 1),
        ("objections_refused", None, 1),
        ("objections_withdrawn", None, 1),
        ("objections_open", None, 0),
        ("published_late", None, 4),  # 01, 03, 04 a working day after the seventh since their decisions; 08
        ("takedowns", "RecordWithdrawn", 1),
        ("complaints_received", None, 3),
        ("complainants_satisfied", None, 1),
        ("commendations_recorded", None, 2),
        ("commendations_standing", None, 1),
        ("litigation_defeats", None, 0),
    ],
)
def test_the_citys_year_is_as_counted_by_hand(
    reading: Reading, played: Installation, line: str, part: str | None, count: int
) -> None:
    """J10 J11 C09 承诺、记录、惩戒、异议、法院名单存量增量、投诉、公示、表彰。"""
    assert level(made(reading, played, CITY), line, part) == count


def test_every_number_leads_to_the_events_that_it_rests_on(reading: Reading, played: Installation) -> None:
    """J10: each index is of an event of the year, of a kind that the line counts, about the city or a body in it."""
    report = made(reading, played, CITY)
    names = {row.index: recorded_of(row).event.name for row in played.ledger.reader.scan()}
    for figure in report.figures:
        events = meaning(figure.line).events.split()
        assert figure.trace is not None
        if not events:
            continue
        assert {names[index] for index in figure.trace} <= set(events), figure.line
        if figure.before is None and not meaning(figure.line).fen:
            assert len(figure.trace) == figure.count, figure.line


def test_halves_and_regions_add_up(reading: Reading, played: Installation) -> None:
    """J10: the year is its first half and what came after; the province is its city, town and district."""
    half, year = made(reading, played, CITY, "2026H1"), made(reading, played, CITY)
    after = next(f for f in year.figures if f.line == "records_recognised")
    before = next(f for f in half.figures if f.line == "records_recognised")
    assert before.trace == tuple(i for i in after.trace or () if i < half.asked.size)
    whole = made(reading, played, "990000")
    parts = [made(reading, played, region) for region in (CITY, DISTRICT)]
    for line in ("leads_received", "records_recognised", "penalties_imposed", "complaints_received"):
        assert level(whole, line) == sum(level(part, line) or 0 for part in parts), line


def test_a_body_is_counted_with_its_predecessors_and_with_nobody_elses(reading: Reading, played: Installation) -> None:
    """J10 A12: the body into which another was merged answers for its commitment."""
    old, new = fictional_uscc(116), fictional_uscc(117)
    assert level(made(reading, played, new), "commitments_taken_over") == 1
    assert made(reading, played, old).asked.subject == old
    assert level(made(reading, played, CITY), "commitments_taken_over") == 1


def test_enterprises_have_no_report(reading: Reading, played: Installation) -> None:
    """J03, 国办发〔2026〕8号: only public bodies are reported on."""
    with pytest.raises(NotFoundError):
        made(reading, played, FIRM)
    with pytest.raises(NotFoundError):
        made(reading, played, fictional_uscc(999))


# --- reproducible -------------------------------------------------------------------------------------------


def test_a_report_contains_what_was_recorded_by_the_periods_last_day(reading: Reading, played: Installation) -> None:
    """J10: --at beyond the period is the period's end; --at within it is that entry."""
    half = made(reading, played, CITY, "2026H1")
    assert half.asked.on == date(2026, 6, 30)
    assert not half.interim
    assert made(reading, played, CITY, "2026H1", at=played.ledger.size - 1).data() == half.data()
    interim = made(reading, played, CITY, "2026H1", at=100)
    assert (interim.asked.size, interim.interim) == (101, True)


def test_an_old_report_is_the_same_whatever_was_recorded_since(reading: Reading, played: Installation) -> None:
    """J10: the report of each index says what was counted in a log that ended there."""
    for at in range(60, played.ledger.size - 1, 37):
        then = made(reading, played, CITY, at=at)
        assert then.asked.size == at + 1
        assert max((max(f.trace) for f in then.figures if f.trace), default=0) <= at
        assert made(reading, played, CITY, at=at, today=date(2030, 1, 1)).data() == then.data(), at


def test_a_code_leads_back_to_its_report_and_no_other_code_does(reading: Reading, played: Installation) -> None:
    """J10: any change of subject, period, edition, size, day or hash is told."""
    report = made(reading, played, CITY, "2026H1")
    asked, digest = parse_code(report.code)
    assert asked == report.asked
    assert reports.verified(reading, played.ledger, report.code, TODAY) == report
    wrong = [
        report.code.replace(digest, "0" * 64),
        report.code.replace(CITY, DISTRICT),
        report.code.replace("2026H1", "2026"),
        report.code.replace(f".{asked.size}.", f".{asked.size - 1}."),
        report.code.replace("2026-06-30", "2026-06-29"),
        report.code.replace("office", "public"),
    ]
    assert [reports.verified(reading, played.ledger, code, TODAY) for code in wrong] == [None] * len(wrong)
    with pytest.raises(NotFoundError):
        reports.verified(reading, played.ledger, report.code.replace(f".{asked.size}.", ".99999."), TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.990100.2026H1.public.5.2026-06-30",
        "2.990100.2026H1.public.5.2026-06-30." + "0" * 64,
        "1.990100.2026H2.public.5.2026-06-30." + "0" * 64,
        "1.990100.2026H1.public.5.2026-02-30." + "0" * 64,
        "1.990100.2026H1.secret.5.2026-06-30." + "0" * 64,
        "1.990100.2026H1.public.٥.2026-06-30." + "0" * 64,
        "1." * 200,
    ],
)
def test_what_is_no_code_is_refused(text: str) -> None:
    """J10."""
    with pytest.raises(FormatError):
        parse_code(text)


def test_a_period_that_has_not_begun_has_no_report(reading: Reading, played: Installation) -> None:
    """J10."""
    with pytest.raises(FormatError):
        made(reading, played, CITY, "2028")
    with pytest.raises(NotFoundError):
        made(reading, played, CITY, at=10**6)


# --- the public's edition -----------------------------------------------------------------------------------


def test_a_region_that_nobody_is_of_and_a_period_before_the_ledger_have_no_report(
    reading: Reading, played: Installation
) -> None:
    """J10: a code that was mistyped is no region without records."""
    with pytest.raises(NotFoundError, match="no public body of 999999"):
        made(reading, played, "999999")
    with pytest.raises(NotFoundError, match="began after 2019-06-30"):
        reports.asked(reading, CITY, "2019H1", Edition.OFFICE, today=TODAY)


def test_the_publics_report_on_a_body_says_nothing_of_its_records(reading: Reading, played: Installation) -> None:
    """J10 F01: a report stays for ever, and a repaired record has to be gone from everywhere."""
    report = made(reading, played, fictional_uscc(111), edition=Edition.PUBLIC)
    lines = {f.line for f in report.figures}
    assert "commitments_made" in lines
    assert "commendations_recorded" in lines
    assert not [line for line in lines if "record" in line and line != "commendations_recorded"]
    assert not lines & {"penalties_imposed", "objections_filed", "complaints_received", "leads_received", "takedowns"}


def test_the_publics_report_on_a_region_counts_records_and_names_none(reading: Reading, played: Installation) -> None:
    """J10 F01: only commitments, which are public from the beginning, lead to their events."""
    office, public = (made(reading, played, CITY, edition=edition) for edition in (Edition.OFFICE, Edition.PUBLIC))
    assert [(f.line, f.part, f.count) for f in public.figures] == [(f.line, f.part, f.count) for f in office.figures]
    for figure in public.figures:
        assert (figure.trace is None) is not figure.line.startswith(("commitments", "judged", "false", "compensation"))
    assert b'"record/' not in public.data()


def test_the_publics_report_ends_with_a_day_that_is_over(reading: Reading, played: Installation) -> None:
    """F03: two reports one entry apart would tell what an entry is that is not public."""
    sizes = {made(reading, played, CITY, edition=Edition.PUBLIC, at=at).asked.size for at in range(190, 200)}
    for size in sizes:
        days = [reading.moment(index, TODAY, *reports.READS).on for index in (size - 1, size)]
        assert days[0] < days[1], size


def test_no_code_is_genuine_of_a_public_report_that_is_never_made(reading: Reading, played: Installation) -> None:
    """F03: who guesses the numbers of an hour does not learn that the guess was right."""
    what = Asked(CITY, "2026", Edition.PUBLIC, 150, date(2026, 5, 20))
    found = reports.report(reading, played.ledger, what)
    assert reports.verified(reading, played.ledger, found.code, TODAY) is None


# --- pure ---------------------------------------------------------------------------------------------------


def test_lines_without_a_row_are_noughts_and_split_lines_stand_by_part() -> None:
    """J10: silence is no number; a nought is."""
    found = completed([Figure("records_by_source", 2, (7, 9), "arrears")])
    assert [f.line for f in found if f.line in SPLIT] == ["records_by_source"]
    assert {f.line for f in found} == {str(line) for line in LINES if line not in SPLIT} | {"records_by_source"}
    assert {f.count for f in found if f.part is None} == {0}
    stocks = {f.line for f in found if f.before is not None}
    assert "court_listed" in stocks
    assert "court_entries" not in stocks


def test_the_data_are_json_in_one_form(reading: Reading, played: Installation) -> None:
    """J10: names sorted, no blanks; said of which log, of which size, under which root."""
    report = made(reading, played, CITY, "2026H1")
    plain = json.loads(report.data())
    again = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert again == report.data()
    assert plain["log"] == {"origin": played.ledger.log_key.origin, "root": report.root, "size": report.asked.size}
    assert for_the_public(report.figures, of_region=True) != report.figures
