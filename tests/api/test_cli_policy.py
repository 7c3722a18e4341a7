"""``jiannuo policy``: showing packs with their sources, adopting them, importing years. Repeating adds nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from ledger import policies
from ledger.domain.policy import NATIONAL
from ledger.domain.policy_keys import KEYS
from ledger.installation import open_installation
from ledger.settings import Settings
from tests.api.commanding import Ran, Run, runner
from tests.api.submitting import CHINESE
from tests.conftest import OPERATOR


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs ``jiannuo policy`` in this process, as ``main`` does, where there is no ledger."""
    return partial(runner(monkeypatch, capsys, tmp_path / "home"), "policy")


@pytest.fixture
def home(run: Run, settings_of: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A founded ledger, whose settings are in the environment."""
    settings = settings_of()
    monkeypatch.setenv("JIANNUO_HOME", str(settings.home))
    assert settings.database_url
    monkeypatch.setenv("JIANNUO_DATABASE_URL", settings.database_url)
    return settings


def is_error(ran: Ran, words: str) -> None:
    """Exit code 1, nothing on stdout, two lines on stderr: Chinese and English."""
    assert (ran.code, ran.out) == (1, "")
    zh, en = ran.err.strip().splitlines()[-2:]
    assert zh.startswith("错误：")
    assert CHINESE.search(zh)
    assert en.startswith("Error: ")
    assert re.search(words, ran.err), ran.err


# --- showing ----------------------------------------------------------------------------------------------------


def test_each_rule_is_shown_with_source_dates_confidence_and_whose_pack_it_is(run: Run) -> None:
    """每个值注明来源、施行日期、可信程度和所属规则包。"""
    told = run("show", "yancheng", "--on", "2024-06-01")
    assert (told.code, told.err) == (0, "")
    assert "盐城市规则包（征求意见稿）" in told.out
    assert "draft for comment" in told.out
    assert "2024-06-01" in told.out
    rule = told.out.partition("tolerance.allowed")[2].partition("\n\n")[0]
    for words in ("容错认定后可否不纳入记录", "是 yes", "YN 二(三)(七)", "2024-01-01", "high", "yancheng"):
        assert words in rule
    inherited = told.out.partition("repair.decide_days")[2].partition("\n\n")[0]
    for words in ("nobody could confirm", "第58号", "2026-03-31", "unconfirmed", "national"):
        assert words in inherited
    assert "left out" in told.out.partition("measure.criticism_notice")[2].partition("\n\n")[0]


def test_the_same_as_json(run: Run) -> None:
    told = json.loads(run("show", "huangshi", "--on", "2026-11-21", "--json").out)
    assert told["on"] == "2026-11-21"
    assert [pack["id"] for pack in told["packs"]] == ["huangshi", "national"]
    values = {value["key"]: value for value in told["values"]}
    assert values["objection.suspends"] == {
        "key": "objection.suspends",
        "zh": KEYS["objection.suspends"].zh,
        "en": KEYS["objection.suspends"].en,
        "value": True,
        "left_out": False,
        "source": "HS 四(九)",
        "from": "2017-11-24",
        "until": None,
        "confidence": "high",
        "note": "信用信息异议处理、核实期间暂不执行联合惩戒措施",
        "pack": "huangshi",
    }
    publicity = {"published": True, "least_months": 3, "most_months": 12, "start": "recognition"}
    assert values["publicity.general"]["value"] == publicity
    assert values["measure.subsidy_exclusion"]["value"]["exempt"] == ["social_welfare", "relief", "poverty_alleviation"]


@pytest.mark.parametrize(
    ("name", "packs"),
    [("national", ["national"]), ("110000", ["national"]), ("140802", ["yuncheng", "national"])],
)
def test_a_region_is_shown_with_the_packs_that_it_goes_by(run: Run, name: str, packs: list[str]) -> None:
    """没有规则包的城市沿用全国规则包。"""
    told = json.loads(run("show", name, "--json", "--on", "2026-01-01").out)
    assert [pack["id"] for pack in told["packs"]] == packs


def test_without_a_day_it_is_today(run: Run) -> None:
    assert date.fromisoformat(json.loads(run("show", "national", "--json").out)["on"]) >= date(2026, 11, 21)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "nowhere"), "yuncheng"),
        (("show", "yancheng", "--on", "2024-6-1"), "2024-6-1"),
        (("show", "yancheng", "--on", "2024-02-30"), "2024-02-30"),
        (("adopt", "nowhere"), "cannot be read"),
        (("adopt", "national", "--in-force", "now"), "now"),
        (("adopt", "national"), "jiannuo init"),
        (("calendar", "nowhere"), "cannot be read"),
        (("calendar",), "jiannuo init"),
        (("show", "national", "--adopted"), "jiannuo init"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(run: Run, monkeypatch, databases, arguments, words: str) -> None:
    name = databases.create()
    monkeypatch.setenv("JIANNUO_DATABASE_URL", databases.url(name))
    is_error(run(*arguments), words)
    databases.drop(name)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"nonsense", b"", b"[pack]\n"])
def test_a_file_that_is_no_pack_and_no_calendar_is_told_in_words(run: Run, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file.toml"
    file.write_bytes(content)
    is_error(run("adopt", file), "UTF-8|pack")
    is_error(run("calendar", file), "UTF-8|calendar")


@pytest.mark.parametrize("command", [(), ("show",), ("adopt",), ("calendar",)])
def test_help_is_in_both_languages(run: Run, command: tuple[str, ...]) -> None:
    told = run(*command, "--help")
    assert told.code == 0
    assert CHINESE.search(told.out)
    assert "Usage" in told.out


# --- adopting ---------------------------------------------------------------------------------------------------


def test_a_pack_is_adopted_once_and_shown_from_the_ledger(run: Run, home: Settings) -> None:
    """采纳规则包：写入账本，重复采纳不增加记载。"""
    is_error(run("show", "huangshi", "--adopted"), "policy adopt national")
    first = run("adopt", "national")
    assert first.code == 0
    stream, name, day, digest = first.out.strip().split("\t")
    assert (stream, name, day) == (NATIONAL, "national", "2016-12-30")
    assert re.fullmatch("[0-9a-f]{64}", digest)
    run("adopt", "huangshi")
    again = run("adopt", "huangshi", "--in-force", "2017-11-24")
    assert again.code == 0
    assert "nothing added" in again.err
    with open_installation(home) as installation:
        history = installation.ledger.history("policy/420200")
        assert [(r.event.iss, r.event.name, len(r.event.basis)) for r in history] == [
            (OPERATOR.uscc, "PolicyAdopted", 1)
        ]
        assert history[0].event.basis[0].sha256 == history[0].event.fact.digest
    told = json.loads(run("show", "420202", "--adopted", "--json", "--on", "2026-01-01").out)
    assert [pack["id"] for pack in told["packs"]] == ["huangshi", "national"]
    assert told == json.loads(run("show", "420202", "--json", "--on", "2026-01-01").out)


def test_a_pack_of_ones_own_is_adopted_from_a_file_from_a_day_on(run: Run, home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    text = policies.text("huangshi").replace('id = "huangshi"', 'id = "our-city"').replace("420200", "990100")
    file.write_text(text, encoding="utf-8")
    run("adopt", "national")
    ran = run("adopt", file, "--in-force", "2026-05-01")
    assert ran.out.startswith("policy/990100\tour-city\t2026-05-01\t")
    before, after = (
        json.loads(run("show", "990100", "--adopted", "--json", "--on", day).out)
        for day in ("2026-04-30", "2026-05-01")
    )
    assert [pack["id"] for pack in before["packs"]] == ["national"]
    assert [pack["id"] for pack in after["packs"]] == ["our-city", "national"]


# --- calendars --------------------------------------------------------------------------------------------------


def test_the_years_shipped_are_imported_once(run: Run, home: Settings) -> None:
    """导入全年放假安排，期限由暂定变为确定；重复导入不增加记载。"""
    first = run("calendar")
    assert first.code == 0
    assert [line.split("\t") for line in first.out.splitlines()] == [
        ["2023", "国办发明电〔2022〕16号"],
        ["2024", "国办发明电〔2023〕7号"],
        ["2025", "国办发明电〔2024〕12号"],
        ["2026", "国办发明电〔2025〕7号"],
    ]
    assert "4 imported" in first.err
    again = run("calendar")
    assert again.out == first.out
    assert "0 imported, 4 there before" in again.err
    with open_installation(home) as installation:
        assert len(installation.ledger.history(NATIONAL)) == 4


def test_a_year_of_ones_own_is_imported_from_a_file(run: Run, home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "2027.toml"
    file.write_text('[[year]]\nyear = 2027\nsource = "假定的通知"\noff = [2027-01-01]\n', encoding="utf-8")
    assert run("calendar", file).out == "2027\t\n"
    with open_installation(home) as installation:
        assert list(installation.ledger.case(NATIONAL).state.years) == [2027]
        assert installation.ledger.history(NATIONAL)[0].event.basis[0].organ == "国务院办公厅"


def test_a_year_that_is_wrong_is_refused_by_the_ledger(run: Run, home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "2027.toml"
    file.write_text('[[year]]\nyear = 2027\nsource = "假定的通知"\noff = [2026-01-01]\n', encoding="utf-8")
    is_error(run("calendar", file), "2026-01-01")
