"""``jiannuo audit trace`` in this process, as ``main`` runs it: tree, JSON, PROV-JSON, exit codes, errors."""

from __future__ import annotations

import json
import re
import sys
from typing import NamedTuple

import psycopg
import pytest

from api import cli
from api.cli.audit_trace import report_trace, run_trace
from ledger.casebook import stream_of
from ledger.domain.complaint.facts import ComplaintAccepted, ComplaintRefused
from ledger.domain.complaint.terms import Refusal
from ledger.settings import Settings
from tests.audit import logs
from tests.audit.servers import TOKEN, log_server
from tests.conftest import application, fresh_ledger, serving

RECORD = stream_of("record/unpaid-project")
PENALTY = stream_of("record/water-penalty") + "#p1"


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs the command on the ledger of some settings."""

    def call(settings: Settings, *arguments: str) -> Ran:
        for variable in ("JIANNUO_WRITER_URL", "JIANNUO_READER_URL", "JIANNUO_ORIGIN", "PORT", "HOST"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setenv("JIANNUO_HOME", str(settings.home))
        monkeypatch.setenv("JIANNUO_DATABASE_URL", str(settings.database_url))
        monkeypatch.setattr(sys, "argv", ["jiannuo", "audit", "trace", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert end.value.code is None or isinstance(end.value.code, int)
        return Ran(end.value.code or 0, *capsys.readouterr())

    return call


def test_the_tree_leads_from_the_record_to_the_complaint_and_its_documents(run, played):
    """H10 投诉举报转为失信线索。"""
    ran = run(played.settings, RECORD)
    assert ran.code == 0
    assert ran.out.startswith(f"溯源 Origin of {RECORD}（jiannuo.invalid/")
    text = re.sub("[│├└─ ]+", " ", ran.out)
    for line in (
        f"政务失信记录 Dishonesty record {RECORD}",
        "收到线索 LeadReceived（第 1 版 version）",
        "签署 signed by ledger：签名有效 signature verifies",
        f"投诉举报 Complaint {stream_of('complaint/unpaid-project')}",
        "文件 document 《办理情况报告》（示例市人民政府，2026-06-05） sha256 ",
        "规则 Rules policy/national",
        "规则包 rule pack 全国规则包 National rules，施行 in force ",
    ):
        assert f" {line}" in text, line
    # The complaint hangs below the event that it led to.
    lead, complaint = (next(i for i, x in enumerate(ran.out.splitlines()) if w in x) for w in ("LeadR", "投诉举报 Co"))
    verified = next(i for i, x in enumerate(ran.out.splitlines()) if "LeadVerified" in x)
    assert lead < complaint < verified


def test_a_penalty_is_traced_with_suspension_and_resumption(run, played):
    """E03 信用信息异议处理、核实期间暂不执行联合惩戒措施。"""
    ran = run(played.settings, PENALTY)
    assert ran.code == 0
    assert re.search(r"PenaltySuspended #p1 #o1.*起因 cause \[\d+\] 受理异议 ObjectionAccepted", ran.out, re.S)
    assert re.search(r"PenaltyResumed #p1 #o1.*起因 cause \[\d+\] 异议不成立 ObjectionDismissed", ran.out, re.S)


def test_json_says_the_same_and_only_json_goes_to_stdout(run, played):
    ran = run(played.settings, PENALTY, "--json")
    data = json.loads(ran.out)
    assert (ran.code, data["exit_code"], data["item"], data["problems"]) == (0, 0, "p1", [])
    imposed = next(e for e in data["events"] if e["event"] == "PenaltyImposed")
    assert imposed["key"]["verified"] is True
    assert [d["where"] for d in imposed["documents"]] == ["basis", "repair_notice"]
    assert "查找 scanning" in ran.err


def test_an_event_is_found_by_the_index_and_the_jti_that_the_json_names(run, played):
    event = json.loads(run(played.settings, RECORD, "--json").out)["events"][-1]
    by_index = json.loads(run(played.settings, str(event["index"]), "--json").out)
    by_jti = json.loads(run(played.settings, event["jti"], "--json").out)
    assert by_index["events"] == by_jti["events"]


def test_prov_is_prov_json(run, played):
    ran = run(played.settings, RECORD, "--prov")
    document = json.loads(ran.out)
    assert ran.code == 0
    assert {"prefix", "entity", "activity", "agent", "used", "wasGeneratedBy", "wasInformedBy"} <= document.keys()


@pytest.mark.parametrize("wanted", ["record/0198c5a2-0000-7000-8000-000000009999", f"{PENALTY}9", "999999", "nothing"])
def test_an_unknown_id_is_an_error_in_both_languages(run, played, wanted):
    ran = run(played.settings, wanted)
    assert (ran.code, ran.out) == (1, "")
    assert "错误：溯源：应为本日志中的事件流" in ran.err
    assert "Error: trace: expected a stream of this log" in ran.err


def test_an_interrupted_trace_has_no_result(run, played, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("ledger.store.source.PostgresSession.rows", interrupted)
    ran = run(played.settings, RECORD)
    assert (ran.code, ran.out) == (5, "")
    assert "Interrupted" in ran.err
    assert "已中断" in ran.err


def test_over_a_url_the_trace_is_the_same(run, played, tmp_path):
    token = tmp_path / "token"
    token.write_text(played.token())
    here = json.loads(run(played.settings, RECORD, "--json").out)
    with application(played) as app, serving(played, app) as served:
        far = run(played.settings, RECORD, "--json", "--url", served.url, "--token-file", str(token))
    assert (far.code, json.loads(far.out[far.out.index("{\n") :])) == (0, here)  # before it, what the service logs


def test_a_changed_byte_is_found_over_a_url_too(run, played, tmp_path):
    """每一条被改动的记录都会被发现。"""
    writer = logs.founded()
    index = writer.promise(1)
    data = bytearray(writer.entries[index])
    data[-40] ^= 1
    token = tmp_path / "token"
    token.write_text(TOKEN)
    with log_server(logs.of(writer).with_entry(index, bytes(data))) as server:
        ran = run(played.settings, "commitment/1", "--url", server.url, "--token-file", str(token))
    assert ran.code == 3
    assert f"[{index}] signature: " in ran.out


def test_json_and_prov_at_once_is_wrong_usage(run, played):
    ran = run(played.settings, RECORD, "--json", "--prov")
    assert (ran.code, ran.out) == (2, "")


def test_a_long_chain_of_cases_is_drawn(capsys):
    """每件都是前一件的重复投诉。"""
    writer, before = logs.founded(), None
    for number in range(400):
        stream = f"complaint/0198c5a2-0000-7000-8000-{number:012x}"
        if before:
            refused = ComplaintRefused(Refusal.DUPLICATE, "重复", before)
            writer.write(logs.CITY, logs.CITY_KEY, stream, refused)
        else:
            writer.write(logs.CITY, logs.CITY_KEY, stream, ComplaintAccepted())
        before = stream
    report_trace(run_trace(logs.of(writer), before), as_json=False, as_prov=False)
    shown = capsys.readouterr().out.splitlines()
    assert sum("投诉举报 Complaint complaint/" in line for line in shown) == 400


def test_without_a_ledger_it_says_how_to_make_one(run, databases, tmp_path):
    name = databases.create()
    ran = run(Settings(tmp_path, databases.url(name)), "body/ledger")
    databases.drop(name)
    assert (ran.code, ran.out) == (1, "")
    assert "日志尚无条目" in ran.err
    assert "jiannuo init" in ran.err


@pytest.mark.parametrize("form", [(), ("--json",), ("--prov",)])
def test_a_changed_byte_is_exit_code_3_in_every_form(run, databases, founded, tmp_path, form):
    """每一条被改动的记录都会被发现。"""
    with fresh_ledger(databases, founded, tmp_path) as settings:
        with psycopg.connect(str(settings.database_url), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            place = "octet_length(state) - 40"
            connection.execute(
                f"UPDATE ledger.events SET state = set_byte(state, {place}, get_byte(state, {place}) # 1) "
                "WHERE notification_id = 2"
            )
        ran = run(settings, "1", *form)
    assert ran.code == 3
    said = ran.err if form else ran.out
    assert re.search(r"\[1\] (signature|malformed|leaf): ", said)
