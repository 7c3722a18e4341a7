"""``jiannuo case``: a small record's story on stdout, as it stood on a day; errors in two languages."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from api import cli
from ledger import policies
from ledger.authoring import Author
from ledger.domain.body import BodyRegistered, BodyRenamed
from ledger.domain.body_terms import Kind
from ledger.domain.commitment_terms import Area
from ledger.domain.event import Document
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.record.facts import LeadReceived, LeadVerified, RectificationUrged
from ledger.domain.record.terms import Conduct, SourceKind
from ledger.installation import found, open_installation
from ledger.keys import keystore
from ledger.playing import Clock
from ledger.settings import Settings
from tests.conftest import OPERATOR, Databases

SUBJECT = fictional_uscc(31)
RECORD = "record/0198c5a2-0000-7000-8000-000000000041"
PAPER = Document("督办函", "ab" * 32, "示函〔2026〕3号", "示例市信用办", date(2026, 6, 1))


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


CONDUCT, AREA = (Conduct.BREACH_OF_CONTRACT,), Area.GOVERNMENT_PROCUREMENT
LEAD = LeadReceived(SUBJECT, SourceKind.CONTRACT_BREACH, CONDUCT, "拖欠尾款", date(2026, 5, 28), AREA)


@pytest.fixture
def home(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A ledger with one record that was begun on 1 June 2026, verified on the 2nd and urged on the 3rd."""
    name = databases.create()
    settings = Settings(tmp_path / "home", databases.url(name))
    pack = policies.adoption(policies.text("national"))
    clock = Clock()
    clock.set(datetime(2026, 5, 31, 2, tzinfo=UTC))
    with open_installation(settings, clock=clock, founding=True) as installation:
        found(installation, OPERATOR)
        author = Author(OPERATOR.uscc, keystore.load(settings.keys / "operator.pem"), clock)

        def say(month: int, day: int, stream: str, fact: Any, *basis: Document) -> None:
            clock.set(datetime(2026, month, day, 2, tzinfo=UTC))
            data = author.write(stream, installation.ledger.head(stream), fact, basis)
            installation.ledger.submit(data).result()

        say(5, 31, f"body/{SUBJECT}", BodyRegistered("示例市建设局", Kind.DEPARTMENT, "990000"))
        say(5, 31, pack.stream, pack.fact, pack.document)
        say(6, 1, RECORD, LEAD)
        say(6, 2, RECORD, LeadVerified(True, "属实"))
        say(6, 3, RECORD, RectificationUrged("支付尾款", date(2026, 6, 10)), PAPER)
        say(6, 10, f"body/{SUBJECT}", BodyRenamed("示例市住建局"), PAPER)
    for variable in ("JIANNUO_WRITER_URL", "JIANNUO_READER_URL", "JIANNUO_ORIGIN", "PORT", "HOST"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("JIANNUO_HOME", str(settings.home))
    monkeypatch.setenv("JIANNUO_DATABASE_URL", str(settings.database_url))
    yield settings
    databases.drop(name)


@pytest.fixture
def run(home: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command in this process, as ``main`` does."""

    def call(*arguments: Any) -> Ran:
        monkeypatch.setattr(sys, "argv", ["jiannuo", "case", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        return Ran(code, *capsys.readouterr())

    return call


def is_error(ran: Ran, *words: str) -> None:
    """Exit code 1, nothing on stdout, Chinese and English on stderr."""
    assert (ran.code, ran.out) == (1, "")
    zh, en = ran.err.strip().splitlines()[-2:]
    assert zh.startswith("错误：")
    assert en.startswith("Error: ")
    assert all(word in ran.err for word in words), ran.err


def test_the_story_of_a_record_is_told_in_plain_sentences(run):
    told = run("show", RECORD, "--as-of", "2026-06-15")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("政务失信记录 Dishonesty record 0198c5a2-0000-7000-8000-000000000041\n截至2026-06-15")
    for words in (
        "2026年6月1日，示例市信用办公室（虚构）登记2026年5月28日收到的线索：示例市住建局涉嫌交易违约，来源为合同、协议违约",
        "示例市信用办公室（虚构）督促示例市住建局于2026年6月10日前整改：“支付尾款”。",
        "依据：《督办函》（示函〔2026〕3号，示例市信用办，2026年6月1日）。",
        "现状：线索属实，待认定。",
        "按督促完成整改：自2026年6月3日起算，期限2026年6月10日，逾期未完成。依据：发改财金〔2023〕1103号。",
        "Rectify as urged: from 2026-06-03, due 2026-06-10, overdue.",
        "下一步可能的事件 What may come next",
        "认定失信行为——认定单位、人民法院、上级主管单位",
    ):
        assert words in told.out


def test_a_past_day_is_told_as_the_ledger_knew_it_then(run):
    """按当日已记载的事件、当日的单位名称和当日施行的规则。"""
    told = run("show", RECORD, "--as-of", "2026-06-02")
    assert "示例市建设局" in told.out
    assert "示例市住建局" not in told.out
    assert "督促示例市建设局" not in told.out
    assert "现状：线索属实，待认定。" in told.out
    assert "现状：线索待核实。" in run("show", RECORD, "--as-of", "2026-06-01").out
    is_error(run("show", RECORD, "--as-of", "2026-05-31"), "up to 2026-05-31", "截至 2026-05-31")


def test_json_is_the_same_data_as_the_page(run):
    told = run("show", RECORD, "--as-of", "2026-06-15", "--json")
    data = json.loads(told.out)
    assert data["standing"] == {"code": "verified", "zh": "线索属实，待认定", "en": "Verified, to be recognised"}
    assert [s["event"] for s in data["story"]] == ["LeadReceived", "LeadVerified", "RectificationUrged"]
    assert [d["state"]["code"] for d in data["deadlines"] if d["rule"] == "record.urged"] == ["overdue"]
    assert [p["id"] for p in data["packs"]] == ["national"]


@pytest.mark.parametrize("stream", [f"body/{SUBJECT}", "policy/national", "body/ledger"])
def test_a_stream_of_any_kind_can_be_shown(run, stream):
    told = run("show", stream)
    assert told.code == 0
    assert "经过 What happened" in told.out
    assert "现状 Where it stands" in told.out


@pytest.mark.parametrize(
    "stream", ["record/0198c5a2-0000-7000-8000-000000009999", "nothing", "record/", "thing/1", "record/\x1b[31m", ""]
)
def test_an_unknown_stream_is_said_to_be_unknown(run, stream):
    ran = run("show", stream)
    is_error(ran, "案件", "case")
    assert "\x1b" not in ran.err


@pytest.mark.parametrize("day", ["2026-02-30", "today", "26-06-01", ""])
def test_a_day_that_is_none_is_refused(run, day):
    is_error(run("show", RECORD, "--as-of", day), "--as-of", "YYYY-MM-DD")


def test_cases_can_be_listed(run):
    listed = run("list")
    assert listed.out == f"{RECORD}\t2026-06-01\t{SUBJECT}\n"
    assert run("list", "--kind", "record", "--body", SUBJECT).out == listed.out
    assert run("list", "--kind", "complaint").out == ""
    is_error(run("list", "--kind", "body"), "record, complaint")


def test_help_names_the_commands_in_both_languages(run):
    text = run("--help").out
    assert re.search("show.*list", text, re.S)
    assert "案件" in text


def test_the_commands_of_the_documentation_work(run):
    text = (Path(__file__).parents[2] / "docs" / "cases.md").read_text("utf-8")
    commands = re.findall("^jiannuo case (.*)$", text, re.M)
    assert len(commands) == 4
    for command in commands:
        ran = run(*command.split())
        assert (ran.code, bool(ran.out)) == (0, True), ran.err
