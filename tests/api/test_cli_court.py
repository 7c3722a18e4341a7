"""``jiannuo import court``: the courts' list of a month, as it comes, matched, recorded, and never guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ledger.authoring import Author
from ledger.domain.body import BodyRegistered, BodyRenamed
from ledger.domain.body_terms import Kind
from ledger.domain.event import Document
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.record.course_facts import CourtListEntered
from ledger.domain.record.facts import BreachRecognised, LeadVerified
from ledger.domain.record.terms import Conduct, SourceKind
from ledger.installation import Installation, open_installation
from ledger.settings import Settings
from tests.api.commanding import Ran, Run, runner
from tests.conftest import OPERATOR

COURT = "示例市人民法院"
WATER, ROADS, SCHOOLS = (fictional_uscc(n) for n in (301, 302, 303))
NAMES = {WATER: "示例市水务局", ROADS: "示例市交通局", SCHOOLS: "示例市教育局"}
HEAD = ("序号", "执行法院", "案号", "被执行人", "统一社会信用代码", "执行依据文号", "义务", "发布时间")
PAPER = Document("单位更名通知", "b" * 64)


@pytest.fixture
def settings(settings_of: Callable[[], Settings]) -> Settings:
    """A ledger with the national pack and three departments, one of which was renamed."""
    made = settings_of()
    with open_installation(made) as here:
        author = here.author("operator", OPERATOR.uscc)
        for body, name in NAMES.items():
            say(
                here,
                author,
                f"body/{body}",
                BodyRegistered(f"{name}（旧）" if body == ROADS else name, Kind.DEPARTMENT),
            )
        say(here, author, f"body/{ROADS}", BodyRenamed(NAMES[ROADS]), PAPER)
    return made


@pytest.fixture
def jiannuo(settings: Settings, monkeypatch, capsys) -> Run:
    run = runner(monkeypatch, capsys, settings.home)
    monkeypatch.setenv("JIANNUO_DATABASE_URL", str(settings.database_url))
    assert run("policy", "adopt", "national").code == 0
    return run


def say(here: Installation, author: Author, stream: str, fact: Any, *basis: Document) -> None:
    here.ledger.submit(author.write(stream, here.ledger.head(stream), fact, basis)).result()


def sheet(folder: Path, *rows: tuple[object, ...], name: str = "list.xlsx") -> Path:
    """A list as a court sends it, with a title above."""
    book = openpyxl.Workbook()
    for row in (("失信被执行人名单（党政机关、事业单位）",), HEAD, *rows):
        book.active.append(row)
    path = folder / name
    book.save(path)
    return path


def row(number: str, name: str = "", code: str = "", day: object = "2026年10月8日") -> tuple[object, ...]:
    return (1, COURT, number, name, code, "（2025）示01民初9号", "支付工程款", day)


def swept(run: Run, file: Path, *more: object, month: str = "2026-10") -> tuple[Ran, dict[str, Any]]:
    ran = run("import", "court", file, "--month", month, "--json", *more)
    return ran, json.loads(ran.out)


def outcomes(data: dict[str, Any]) -> list[str]:
    return [r["outcome"] for r in data["rows"]]


def state(settings: Settings, stream: str) -> Any:
    with open_installation(settings) as here:
        return here.ledger.case(stream).state


def size(settings: Settings) -> int:
    with open_installation(settings) as here:
        return here.ledger.size


def test_new_listings_become_leads_by_code_by_name_and_by_former_name(jiannuo: Run, settings, tmp_path: Path) -> None:
    """C08 C04 按月排查梳理: matched to bodies; a lead is no record."""
    rows = (
        row("（2026）示01执1号", "某某", WATER),
        row("(2026)示01执 2号", "示例市教育局"),
        row("（2026）示01执3号", "示例市交通局（旧）"),
    )
    ran, data = swept(jiannuo, sheet(tmp_path, *rows))
    assert (ran.code, outcomes(data)) == (0, ["lead"] * 3)
    assert [r["body"] for r in data["rows"]] == [WATER, SCHOOLS, ROADS]
    assert data["rows"][1]["case_number"] == "（2026）示01执2号"
    lead = state(settings, data["rows"][0]["stream"]).lead.fact
    assert (lead.subject, lead.source) == (WATER, SourceKind.COURT_LIST)
    sweeps = state(settings, f"body/{OPERATOR.uscc}").sweeps
    assert [(s.month, s.file) for s in sweeps] == [("2026-10", data["sha256"])]


def test_the_same_file_again_changes_nothing(jiannuo: Run, settings, tmp_path: Path) -> None:
    """C08: idempotent, also after a run that broke off."""
    path = sheet(tmp_path, row("（2026）示01执1号", "", WATER), row("（2026）示01执2号", "", SCHOOLS))
    swept(jiannuo, path)
    before = size(settings)
    ran, data = swept(jiannuo, path)
    assert (ran.code, outcomes(data), data["swept"], size(settings)) == (0, ["pending", "pending"], False, before)


def test_a_month_without_entries_is_recorded(jiannuo: Run, settings, tmp_path: Path) -> None:
    """C08: run record even when zero, as a sheet with its header alone, or as JSON."""
    ran, data = swept(jiannuo, sheet(tmp_path))
    assert (ran.code, data["entries"], data["swept"]) == (0, 0, True)
    empty = tmp_path / "empty.json"
    empty.write_text("[]")
    assert swept(jiannuo, empty, month="2026-09")[1]["swept"]
    assert [s.month for s in state(settings, f"body/{OPERATOR.uscc}").sweeps] == ["2026-10", "2026-09"]


def test_a_dry_run_shows_all_and_records_nothing(jiannuo: Run, settings, tmp_path: Path) -> None:
    """C08 --dry-run."""
    before = size(settings)
    ran, data = swept(jiannuo, sheet(tmp_path, row("（2026）示01执1号", "", WATER)), "--dry-run")
    assert (ran.code, outcomes(data), data["leads"], data["swept"]) == (0, ["lead"], 0, False)
    assert size(settings) == before


def test_who_is_not_sure_is_left_to_people(jiannuo: Run, settings, tmp_path: Path) -> None:
    """C08: ambiguous and near names, a code that contradicts the name; nobody is guessed; exit 5."""
    rows = (
        row("（2026）示01执1号", "市教育局"),
        row("（2026）示01执2号", "示例市教育局", fictional_uscc(999)),
        row("（2026）示01执3号", "示例某人"),
        row("（2026）示01执4号", "示例市水务局", day="2026-09-31"),
        row("（2026）示01执5号", "——"),
    )
    ran, data = swept(jiannuo, sheet(tmp_path, *rows))
    assert (ran.code, outcomes(data)) == (5, ["undecided", "undecided", "nobody", "unusable", "unusable"])
    assert [c["body"] for c in data["rows"][0]["candidates"]] == [SCHOOLS]
    assert "示例某人" not in ran.out + ran.err
    assert ("H", "日期有误：2026-09-31") in [(n["column"], n["zh"]) for n in data["notes"] if n["row"] == 6]


def test_a_row_with_the_code_of_one_body_and_the_name_of_another_accuses_neither(jiannuo: Run, tmp_path: Path) -> None:
    """C08 C04: a row that slipped in a spreadsheet; a code with a name that nobody here has is taken by its code."""
    slipped = row("（2026）示01执1号", "示例市教育局", WATER)
    ran, data = swept(jiannuo, sheet(tmp_path, slipped, row("（2026）示01执2号", "示例市水务局", WATER)))
    assert (ran.code, outcomes(data)) == (5, ["undecided", "lead"])
    assert [c["body"] for c in data["rows"][0]["candidates"]] == [WATER, SCHOOLS]


def test_a_listing_of_a_day_to_come_is_a_mistake(jiannuo: Run, tmp_path: Path) -> None:
    """C08: a wrong year is told with row and column, and nobody becomes a lead by it."""
    ran, data = swept(jiannuo, sheet(tmp_path, row("（2026）示01执1号", "", WATER, day="2999-10-08")))
    assert (ran.code, outcomes(data), data["leads"]) == (5, ["unusable"], 0)
    assert [(n["row"], n["column"], n["code"]) for n in data["notes"] if n["serious"]] == [(3, "H", "future")]


def _recorded(settings: Settings, stream: str, number: str) -> None:
    """The lead is verified and recognised by the operator, whom the test lets recognise."""
    from ledger.domain.body import RoleGranted
    from ledger.domain.body_terms import Role

    decision = Document("纳入失信被执行人决定书", "a" * 64, number, COURT, date(2026, 10, 8))
    with open_installation(settings) as here:
        author = here.author("operator", OPERATOR.uscc)
        say(here, author, f"body/{OPERATOR.uscc}", RoleGranted(Role.RECOGNISING_BODY))
        say(here, author, stream, LeadVerified(True, "执行案件在办"))
        found = BreachRecognised(
            SourceKind.COURT_LIST,
            (Conduct.NON_PERFORMANCE_OF_JUDGMENT,),
            "有履行能力而拒不履行",
            date(2026, 10, 8),
            True,
            catalogue="serious_dishonesty_list",
        )
        say(here, author, stream, found, decision)


def test_a_listing_is_entered_in_the_record_of_its_case_and_its_end_is_told(jiannuo: Run, settings, tmp_path) -> None:
    """C04 C06 C08: lead, recognised by people, then entered; gone from the list, the court confirms."""
    path = sheet(tmp_path, row("（2026）示01执1号", "", WATER))
    stream = swept(jiannuo, path)[1]["rows"][0]["stream"]
    _recorded(settings, stream, "（2026）示01执1号")
    _, data = swept(jiannuo, path)
    assert (outcomes(data), data["entered"]) == (["enter"], 1)
    entered = state(settings, stream).listings[0].entered
    assert isinstance(entered.fact, CourtListEntered)
    assert (entered.fact.case_number, entered.fact.listed_on) == ("（2026）示01执1号", date(2026, 10, 8))
    assert entered.basis[0].sha256 == data["sha256"]
    assert outcomes(swept(jiannuo, path)[1]) == ["stands"]

    other = sheet(tmp_path, row("（2026）示01执7号", "", SCHOOLS), name="november.xlsx")
    ran, data = swept(jiannuo, other, month="2026-11")
    assert (ran.code, [gone["stream"] for gone in data["left"]]) == (5, [stream])
    assert state(settings, stream).listings[0].removed is None
    elsewhere = sheet(tmp_path, ("1", "别市法院", *row("（2026）别01执7号", "", SCHOOLS)[2:]), name="other.xlsx")
    assert swept(jiannuo, elsewhere, month="2026-11")[1]["left"] == []
    assert swept(jiannuo, sheet(tmp_path, name="none.xlsx"), "--court", COURT, month="2026-11")[1]["left"]


def test_who_left_is_told_although_another_debtor_of_the_case_stays(jiannuo: Run, settings, tmp_path: Path) -> None:
    """C06 C08: one case, several debtors; a row of that case that cannot be read may be that body's."""
    number = "（2026）示01执1号"
    path = sheet(tmp_path, row(number, "", WATER))
    stream = swept(jiannuo, path)[1]["rows"][0]["stream"]
    _recorded(settings, stream, number)
    swept(jiannuo, path)
    others = (row(number, "某建筑公司"), row(number, "", SCHOOLS))
    left = swept(jiannuo, sheet(tmp_path, *others, name="others.xlsx"), month="2026-11")[1]["left"]
    assert [gone["stream"] for gone in left] == [stream]
    unread = row(number, "", WATER, day="2026-09-31")
    assert swept(jiannuo, sheet(tmp_path, *others, unread, name="dirty.xlsx"), month="2026-11")[1]["left"] == []


def test_what_the_rules_refuse_is_said_by_row(jiannuo: Run, settings, tmp_path: Path) -> None:
    """C08 A01: an enterprise is no subject of these records; the sweep is recorded all the same."""
    firm = fictional_uscc(310)
    with open_installation(settings) as here:
        say(here, here.author("operator", OPERATOR.uscc), f"body/{firm}", BodyRegistered("某公司", Kind.ENTERPRISE))
    ran, data = swept(jiannuo, sheet(tmp_path, row("（2026）示01执1号", "", firm)))
    assert (ran.code, data["rows"][0]["refused"]["rule"], data["swept"]) == (5, "record.subject-kind", True)


def test_what_is_no_court_list_is_refused(jiannuo: Run, tmp_path: Path) -> None:
    """Issue 5: columns that are missing are named; a month must be one; usage is 2."""
    book = openpyxl.Workbook()
    book.active.append(("案号", "被执行人"))
    book.save(tmp_path / "short.xlsx")
    ran = jiannuo("import", "court", tmp_path / "short.xlsx", "--month", "2026-10")
    assert ran.code == 1
    assert "缺少列 执行法院、发布时间" in ran.err
    assert jiannuo("import", "court", sheet(tmp_path), "--month", "2026-13").code == 1
    assert jiannuo("import", "court", sheet(tmp_path)).code == 2
    for text in ("{}", "[1]", '[{"court":1}]', '[{"wrong":"x"}]', "["):
        (tmp_path / "wrong.json").write_text(text)
        assert jiannuo("import", "court", tmp_path / "wrong.json", "--month", "2026-10").code == 1
