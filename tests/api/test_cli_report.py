"""``jiannuo report``, ``jiannuo evaluate``, ``jiannuo warnings`` on a place that asks for all of it, and filing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ledger.domain import codec
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind as BodyKind
from ledger.domain.commitment import CommitmentMade, FulfilmentAppraised, ProgressReported
from ledger.domain.commitment_terms import Area, Kind, Outcome, Recurrence
from ledger.domain.filing import IntegrityReportFiled
from ledger.domain.rating import IntegrityRated
from ledger.domain.supervision_terms import Indicator
from ledger.settings import Settings
from projections.catalogue import PROJECTIONS
from projections.rebuild import rebuild
from projections.reports import Edition
from projections.views import reports
from projections.views.filings import READS, duties
from tests.api.commanding import Ran, Run, runner
from tests.api.reporting_place import CITY, FINANCE, FIRM, PAPER, REGION, Place, reporting_place, stream
from tests.conftest import Databases, read_side


@pytest.fixture
def place(databases: Databases, tmp_path: Path) -> Iterator[Place]:
    name = databases.create()
    with reporting_place(Settings(tmp_path / "home", databases.url(name))) as found:
        yield found
    databases.drop(name)


@pytest.fixture
def run(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``jiannuo`` where the place's ledger is; its clock is the machine's, so every command says which day it asks."""
    settings = place.installation.settings
    call = runner(monkeypatch, capsys, settings.home)
    assert settings.database_url
    monkeypatch.setenv("JIANNUO_DATABASE_URL", settings.database_url)
    return call


def figures(ran: Ran) -> dict[str, tuple[int, int | None]]:
    assert ran.code == 0, ran.err
    return {f["line"]: (f["count"], f.get("before")) for f in json.loads(ran.out)["data"]["figures"] if "part" not in f}


def test_a_report_is_made_and_verified_and_a_changed_one_is_refused(run: Run, place: Place, tmp_path: Path) -> None:
    """J10: 报送半年、全年; exit code 3 for what is not genuine."""
    file = tmp_path / "report.json"
    made = run("report", FINANCE, "--period", "2025", "--format", "json", "-o", file)
    assert (made.code, made.out) == (0, "")
    assert "核验码" in made.err
    good = run("report", "verify", file)
    assert (good.code, "genuine" in good.out) == (0, True)
    assert run("report", "verify", json.loads(file.read_bytes())["code"]).code == 0
    file.write_bytes(file.read_bytes().replace(b'"count":5', b'"count":9', 1))
    bad = run("report", "verify", file)
    assert (bad.code, "不符" in bad.out or "被改动" in bad.out) == (3, True)
    file.write_bytes(b"nothing")
    assert run("report", "verify", file).code == 1


def test_a_bodys_year_is_as_counted_by_hand(run: Run, place: Place) -> None:
    """J10 B05: five promised, four due, three kept, one broken; in the first half two and two."""
    year = figures(run("report", FINANCE, "--period", "2025", "--format", "json"))
    assert year["commitments_made"] == (5, None)
    assert year["commitments_due"] == (4, None)
    assert year["judged_fulfilled"] == (3, 0)
    assert year["judged_broken"] == (1, 0)
    half = figures(run("report", FINANCE, "--period", "2025H1", "--format", "json"))
    assert half["commitments_due"] == (2, None)
    assert half["judged_fulfilled"] == (2, 0)
    assert figures(run("report", FINANCE, "--period", "2026H1", "--format", "json"))["judged_fulfilled"] == (3, 3)


def test_a_region_counts_its_public_bodies_and_no_enterprise(run: Run, place: Place) -> None:
    """J03, 国办发〔2026〕8号: the firm's broken promise is in no report."""
    assert figures(run("report", REGION, "--period", "2025", "--format", "json"))["judged_broken"] == (1, 0)
    refused = run("report", FIRM, "--period", "2025")
    assert refused.code == 1
    assert "公共机构" in refused.err


def test_every_format_goes_to_stdout_or_a_file(run: Run, place: Place, tmp_path: Path) -> None:
    """J10."""
    for form in ("html", "pdf", "json", "csv", "jws"):
        file = tmp_path / f"report.{form}"
        assert run("report", REGION, "--period", "2025H1", "--public", "--format", form, "-o", file).code == 0
        assert file.stat().st_size > 200
        assert run("report", "verify", file).code == 0, form


@pytest.mark.parametrize("arguments", [("2025H2",), ("2025", "--at", "99999"), ("2099",), ("25",)])
def test_what_is_no_report_is_told_in_two_languages(run: Run, place: Place, arguments: tuple[str, ...]) -> None:
    """J10."""
    ran = run("report", FINANCE, "--period", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert "错误：" in ran.err
    assert "Error: " in ran.err


def test_a_body_files_its_report_and_the_calendar_knows(run: Run, place: Place) -> None:
    """J10: in time for the half year, late for the year; overdue until then; the same report once."""
    ledger, size = place.installation.ledger, place.installation.ledger.size
    drafted = run("report", "draft", FINANCE, "--period", "2025")
    assert drafted.code == 0, drafted.err
    draft = json.loads(drafted.out)
    assert (draft["stream"], draft["event"], draft["data"]["period"]) == (
        f"body/{FINANCE}",
        "IntegrityReportFiled",
        "2025",
    )
    # Filing is public, and an office's edition could be guessed record by record and tried against its digest.
    assert draft["data"]["digest"] in run("report", FINANCE, "--period", "2025", "--public").err
    assert draft["data"]["digest"] not in run("report", FINANCE, "--period", "2025").err
    before = json.loads(run("report", "calendar", REGION, "--json").out)
    assert {(d["period"], d["state"]["code"]) for d in before} >= {("2025", "overdue")}
    fact = codec.decode(IntegrityReportFiled, draft["data"])
    assert place.say(draft["stream"], fact, by="finance", iss=FINANCE) == size
    after = json.loads(run("report", "calendar", REGION, "--json").out)
    (year,) = [d for d in after if d["period"] == "2025"]
    assert (year["state"]["code"], year["filed_on"], year["by"]) == ("late", "2026-02-10", "2025-12-31")
    assert year["body"] == {"id": FINANCE, "name": "示例三市财政局（虚构）"}
    assert ledger.case(f"body/{FINANCE}").state.filings[0].digest == fact.digest
    assert run("report", "draft", REGION, "--period", "2025").code == 1


def test_only_the_places_public_bodies_owe_reports(place: Place) -> None:
    """J10: the operator's region has no rule, the firm is no public body."""
    with read_side(place.installation) as reading:
        now = reading.moment(None, place.clock().date(), *READS)
        found = duties(reading, place.installation.ledger, now, now.on.replace(2025, 1, 1), now.on)
        assert [(d.body, d.period) for d in found] == [(FINANCE, "2025H1"), (FINANCE, "2025")]


def test_warnings_are_listed_with_what_they_rest_on_and_what_does_not_run(run: Run, place: Place) -> None:
    """J07: the rate fell from 2 of 2 to 1 of 2; a commitment is due in 18 days; two reports are overdue."""
    told = run("warnings", "--as-of", "2026-02-10", "--json")
    assert told.code == 0, told.err
    (here,) = [r for r in json.loads(told.out)["regions"] if r["region"] == REGION]
    found = {(w["rule"]["code"], w["about"]): w for w in here["warnings"]}
    assert found["warning.commitment_due", None]["numbers"] == [18]
    assert found["warning.commitment_due", None]["due"] == "2026-02-28"
    assert {about for rule, about in found if rule == "warning.report_overdue"} == {"2025H1", "2025"}
    assert {rule["rule"] for rule in here["unsettled"]} == {"warning.repeated_breach", "warning.court_list"}
    plain = run("warnings", "--as-of", "2025-12-03")
    assert "履约率由 2/2 降至 1/2" in plain.out
    assert "fell from 2/2 to 1/2" in plain.out
    assert "规则包未定" in plain.err


def test_a_duty_that_comes_back_is_warned_of_again_until_there_is_progress(run: Run, place: Place) -> None:
    """J07 B04: the first due day was kept; what was reported and judged of it is no progress towards the second."""
    duty, first = stream(8), date(2026, 2, 15)
    fact = CommitmentMade(
        *("按月公示", "每期公示", Kind.QUALITY, Area.PPP, FINANCE), recurrence=Recurrence(("02-15", "03-05"))
    )

    def ahead(on: str) -> list[str]:
        """When what is ahead of the duty is due, as warned of on a day."""
        regions = json.loads(run("warnings", "--as-of", on, "--json").out)["regions"]
        found = [w for r in regions for w in r["warnings"] if w["rule"]["code"] == "warning.commitment_due"]
        return [w["due"] for w in found if w["streams"] == [duty]]

    place.say(duty, fact, PAPER)
    place.on("2026-02-12")
    place.say(duty, ProgressReported("已起草", (PAPER,)), PAPER)
    place.on("2026-02-16")
    place.say(duty, FulfilmentAppraised(Outcome.FULFILLED, "经核实", first, first), PAPER)
    place.on("2026-02-20")
    place.say(duty, ProgressReported("第二期已起草", (PAPER,)), PAPER)
    assert [ahead(f"2026-02-{day}") for day in (11, 13, 17, 21)] == [["2026-02-15"], [], ["2026-03-05"], []]


def test_evaluation_gives_points_by_the_places_rules_and_none_without(run: Run, place: Place) -> None:
    """J01 J03 J06 J08: no record: 10 of 10; three kept of four: 15 of 20; of satisfaction what a third party found."""
    told = run("evaluate", REGION, "--on", "2025-12-31", "--json")
    assert told.code == 0, told.err
    marks = {m["indicator"]["code"]: m for m in json.loads(told.out)["indicators"]}
    assert (marks["lawful_administration"]["points"], marks["lawful_administration"]["full"]) == ("10", 10)
    assert (marks["social_integrity"]["points"], marks["social_integrity"]["full"]) == ("15.00", 20)
    assert marks["satisfaction"]["points"] is None
    assert marks["satisfaction"]["missing"]["code"] == "no_data"
    (kept,) = [f for f in marks["social_integrity"]["figures"] if f["line"] == "judged_fulfilled"]
    assert (kept["count"], len(kept["trace"])) == (3, 3)
    assert "依法行政 Lawful administration\t10/10" in run("evaluate", REGION, "--on", "2025-12-31").out
    rated = IntegrityRated("2025", Indicator.SATISFACTION, "87.5", 100)
    place.say(f"body/{CITY}", BodyRegistered("示例三市人民政府（虚构）", BodyKind.GOVERNMENT, REGION))
    index = place.say(f"body/{CITY}", rated, PAPER)
    place.say(f"body/{FINANCE}", replace(rated, points="1"), PAPER)  # of a department: not of the region
    later = json.loads(run("evaluate", REGION, "--on", "2025-12-31", "--json").out)["indicators"][2]
    assert (later["points"], later["rating"]["log_index"]) == ("4.38", index)
    unruled = run("evaluate", "990000", "--on", "2025-12-31")
    assert (unruled.code, unruled.out) == (0, "")
    assert "没有规定评价内容" in unruled.err
    for other in ("110000", FINANCE):
        assert run("evaluate", other, "--on", "2025-12-31").code == 1


@pytest.mark.parametrize("edition", Edition)
def test_neither_later_events_nor_a_rebuild_change_an_old_report(place: Place, edition: Edition) -> None:
    """J10: the same index, period and edition, the same bytes."""
    ledger, database = place.installation.ledger, place.installation.database
    size, today = ledger.size, place.clock().date()

    def data(subject: str) -> bytes:
        with read_side(place.installation) as reading:
            what = reports.asked(reading, subject, "2025", edition, at=size - 1, today=today)
            return reports.report(reading, ledger, what).data()

    before = [data(subject) for subject in (FINANCE, REGION)]
    place.promise(7, "2026-03-31")
    place.on("2026-07-10")
    place.judge(5, kept=False)
    place.judge(4, kept=True)
    place.judge(7, kept=True)
    assert [data(subject) for subject in (FINANCE, REGION)] == before
    rebuild(database, ledger.reader, list(PROJECTIONS.values()))
    assert [data(subject) for subject in (FINANCE, REGION)] == before


def test_without_a_ledger_the_commands_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """J10: exit code 1, in both languages."""
    call: Callable[..., Ran] = runner(monkeypatch, capsys, tmp_path / "empty")
    for command in (("report", REGION, "--period", "2025"), ("warnings",), ("evaluate", REGION)):
        ran = call(*command)
        assert ran.code == 1
        assert "jiannuo init" in ran.err
