"""``jiannuo list``: the office's lists, the ones that are never public among them."""

from __future__ import annotations

import csv
import json
from datetime import date

import pytest

from api.cli.lists import Name
from ledger.installation import Installation
from ledger.store.database import connect
from projections import complaints, tables
from projections.complaints import ComplaintRow
from projections.projection import OPEN, Version
from projections.views import listing
from projections.views.complaints import DUPLICATES
from tests.api.commanding import Run, runner
from tests.conftest import read_side


@pytest.fixture
def run(played: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``jiannuo`` where the worked cases are."""
    call = runner(monkeypatch, capsys, played.settings.home)
    assert played.settings.database_url
    monkeypatch.setenv("JIANNUO_DATABASE_URL", played.settings.database_url)
    return call


@pytest.mark.parametrize("name", list(Name))
def test_every_list_is_written_in_every_form(run: Run, name: Name) -> None:
    """H03 I08: as text for people, as CSV and JSON Lines for programs, with as many rows."""
    text, table, lines = (run("list", name, "--format", form) for form in ("text", "csv", "jsonl"))
    assert (text.code, table.code, lines.code) == (0, 0, 0), text.err
    objects = [json.loads(line) for line in lines.out.splitlines()]
    assert len(list(csv.DictReader(table.out.lstrip("\ufeff").splitlines()))) == len(objects)
    assert len([block for block in text.out.split("\n\n") if block.strip()]) == len(objects)
    assert objects or name is Name.DUPLICATES


def test_people_read_codes_in_words(run: Run) -> None:
    """H03: in both languages, beside the code that a filter asks for."""
    told = run("list", "duties", "--where", "state=overdue").out
    assert "状态 state: overdue（逾期未完成 Overdue）" in told
    assert "应办事项（事件） what: RecordPublished（公示记录 Record published）" in told
    assert "暂定 provisional: 否 false" in told


def test_how_many_rows_there_are_is_said(run: Run) -> None:
    """An empty list is told from one that failed."""
    assert "共 0 行 | 0 rows" in run("list", "records", "--where", "body=nobody").err


def test_a_list_is_filtered_and_told_of_a_past_moment(run: Run) -> None:
    """B04: --where and --as-of."""
    everything = [json.loads(line) for line in run("list", "commitments", "--json").out.splitlines()]
    area = everything[0]["area"]
    some = run("list", "commitments", "--where", f"area={area}", "--where", "made_from=2000-01-01", "--json").out
    assert [json.loads(s)["id"] for s in some.splitlines()] == [r["id"] for r in everything if r["area"] == area]
    first = min(row["log_index"] for row in everything)
    assert len(run("list", "commitments", "--as-of", first, "--json").out.splitlines()) == 1
    assert run("list", "projects", "--where", "open=true", "--json").code == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ("commitments", "--where", "colour=red"),
        ("commitments", "--where", "area"),
        ("records", "--where", "severity=grave"),
        ("commitments", "--where", "due_by=soon"),
        ("projects", "--where", "open=maybe"),
        ("commitments", "--as-of", "99999999"),
        ("commitments", "--as-of", "2999-01-01"),
    ],
)
def test_what_cannot_be_meant_is_told_in_two_languages(run: Run, wrong: tuple[str, ...]) -> None:
    """Exit code 1, and what was expected."""
    found = run("list", *wrong)
    assert (found.code, found.out) == (1, "")
    assert "应" in found.err or "尚无" in found.err


def complaint(number: str, stream: str, index: int) -> ComplaintRow:
    """A complaint of the work ledger."""
    day = date(2026, 3, index)
    more = (None, "350526", "received", None, None, None, None, None, index)
    return ComplaintRow(f"complaint/{stream}", index, number, day, "hotline_12345", "arrears", "general", *more)


def test_numbers_used_twice_are_shown_to_the_office(installation: Installation) -> None:
    """H03 建立政务失信投诉举报工作台账: two complaints under one number are found, whichever streams they are."""
    rows = [complaint("〔2026〕7", "a", 1), complaint("〔2026〕8", "b", 2), complaint("〔2026〕7", "c", 3)]
    with read_side(installation) as reading:
        with connect(installation.database.url("writer")) as connection:
            versions = [Version(complaints.COMPLAINTS, row, row.log_index, OPEN) for row in rows]
            tables.insert(connection, complaints.PROJECTION.schema, complaints.COMPLAINTS, versions)
        now = reading.moment(None, date(2026, 4, 1), "complaints")
        (found,) = listing.page(reading, DUPLICATES, now).rows
    assert (found["number"], found["times"], found["streams"]) == ("〔2026〕7", 2, ["complaint/a", "complaint/c"])
    assert (found["first_on"], found["last_on"]) == (date(2026, 3, 1), date(2026, 3, 3))
