"""``jiannuo audit replay`` and ``diff``: data on stdout, words in two languages on stderr, exit codes of an audit."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, NamedTuple

import psycopg
import pytest

from api import cli
from audit.replay import canonical, length, read, replay
from ledger.installation import Installation
from ledger.settings import Settings
from ledger.store.source import PostgresSource
from projections import bodies, cases, commitments
from projections.catalogue import PROJECTIONS
from tests.audit.played_copies import projected_template, tampered
from tests.conftest import Databases, application, serving


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


BODIES, CASES, COMMITMENTS = (module.PROJECTION.schema for module in (bodies, cases, commitments))


@pytest.fixture(scope="module")
def template(
    databases: Databases, played: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """The played ledger and its projections, in a database of their own."""
    with projected_template(databases, played, tmp_path_factory.mktemp("board")) as settings:
        yield settings


@pytest.fixture
def run(template: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs ``jiannuo audit`` in this process, as ``main`` does; ``on`` is another database than the template's."""

    def call(*arguments: str, on: Settings = template) -> Ran:
        for variable in ("JIANNUO_WRITER_URL", "JIANNUO_READER_URL", "JIANNUO_ORIGIN", "PORT", "HOST"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setenv("JIANNUO_HOME", str(on.home))
        monkeypatch.setenv("JIANNUO_DATABASE_URL", str(on.database_url))
        monkeypatch.setattr(sys, "argv", ["jiannuo", "audit", *arguments])
        capsys.readouterr()
        try:
            cli.main()
            code: Any = 0
        except SystemExit as end:
            code = end.code or 0
        return Ran(code, *capsys.readouterr())

    return call


@pytest.fixture(scope="module")
def found(played: Installation) -> Any:
    """The replay of the whole ledger."""
    with PostgresSource(played.database.url("reader")).open() as session:
        return replay(read(session, length(session)))


def lines(ran: Ran) -> list[list[str]]:
    """The lines of a replay."""
    return [line.split("\t") for line in ran.out.splitlines()]


def test_a_replay_prints_a_line_for_each_stream(run, found):
    ran = run("replay")
    assert ran.code == 0
    assert lines(ran) == [[case.stream, str(case.version), case.digest] for case in found.cases.values()]
    assert f"{found.entries} entries" in ran.err
    assert f"已重放 {found.entries} 个条目" in ran.err
    assert run("replay").out == ran.out


def test_a_replay_to_an_index_and_to_a_day(run, found):
    assert run("replay", "--to", str(found.entries - 1)).out == run("replay").out
    first = run("replay", "--to", "0")
    assert [line[:2] for line in lines(first)] == [["body/ledger", "1"]]
    day = lines(run("replay", "--to", "2026-05-01"))
    assert 0 < len(day) < len(found.cases)
    assert run("replay", "--to", "2026-01-01").out == ""


def test_json_lines_hold_the_states_in_the_bytes_that_were_hashed(run, found):
    ran = run("replay", "--json")
    assert ran.code == 0
    rows = ran.out.splitlines()
    assert len(rows) == len(found.cases)
    for line, case in zip(rows, found.cases.values(), strict=True):
        row = json.loads(line)
        head = (row["stream"], row["version"], row["index"])
        assert head == (case.stream, case.version, case.index)
        state = json.dumps(row["state"], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        assert state == canonical(case.state)
        assert sha256(state).hexdigest() == row["sha256"] == case.digest


def test_the_state_of_one_stream_is_shown_whole(run, found):
    stream = next(s for s in found.cases if s.startswith("record/"))
    head, _, state = run("replay", "--stream", stream).out.partition("\n")
    assert head.split("\t") == [stream, str(found.cases[stream].version), found.cases[stream].digest]
    assert json.loads(state) == json.loads(canonical(found.cases[stream].state))
    [line] = run("replay", "--stream", stream, "--json").out.splitlines()
    assert json.loads(line)["state"] == json.loads(state)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--to", "99999999"), ("no entry 99999999", "没有第 99999999 号")),
        (("--to", "yesterday"), ("YYYY-MM-DD", "日期")),
        (("--to", "2026-02-30"), ("YYYY-MM-DD", "日期")),
        (("--stream", "record/x\x1b[31m"), ("know no 'record/x", "案件")),
    ],
)
def test_what_there_is_not_cannot_be_replayed(run, arguments, words):
    ran = run("replay", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert all(word in ran.err for word in words)
    assert "\x1b[31m" not in ran.err


MALFORMED = "UPDATE ledger.events SET state = 'promised' WHERE notification_id = 31"
GONE = "DELETE FROM ledger.events WHERE notification_id = 31"
CUT = "DELETE FROM ledger.events WHERE notification_id > 31"


@pytest.mark.parametrize("command", ["replay", "diff"])
@pytest.mark.parametrize(
    ("statement", "index", "problem", "code"),
    [(MALFORMED, 30, "malformed", 3), (GONE, 30, "missing", 4), (CUT, 31, "missing", 4)],
)
def test_entries_that_cannot_be_folded_are_named(run, databases, template, command, statement, index, problem, code):
    with tampered(databases, template, statement) as settings:
        ran = run(command, on=settings)
        assert (ran.code, ran.out) == (code, "")
        assert f"entry {index}: " in ran.err
        assert f"第 {index} 号条目" in ran.err
        ran = run(command, "--json", on=settings)
        said = json.loads(ran.out)
        assert (ran.code, said["exit_code"]) == (code, code)
        assert (said["problem"]["index"], said["problem"]["code"]) == (index, problem)


def test_a_replay_up_to_before_the_bad_entry_goes_well(run, databases, template):
    with tampered(databases, template, MALFORMED) as settings:
        assert run("replay", "--to", "29", on=settings).out == run("replay", "--to", "29").out != ""


def test_projections_that_are_right_are_consistent(run, found):
    ran = run("diff")
    assert ran.code == 0
    assert ran.out.startswith("与条目一致 | consistent\n")
    assert f"{CASES}：{found.entries} 个条目 entries" in ran.out
    said = json.loads(run("diff", "--json").out)
    assert (said["total"], said["differences"], said["exit_code"]) == (0, [], 0)
    assert said["log"] == found.entries
    assert {name: each["position"] for name, each in said["projections"].items()} == {
        p.schema: found.entries for p in PROJECTIONS.values()
    }


def test_one_projection_is_compared_by_its_name(run, databases, template):
    with tampered(databases, template, f"DELETE FROM {CASES}.cases") as settings:
        assert run("diff", "bodies", "statistics", on=settings).code == 0
        assert run("diff", "cases", on=settings).code == 4
        ran = run("diff", "case", on=settings)
        assert (ran.code, ran.out) == (1, "")
        assert "expected one of" in ran.err


def test_each_difference_is_named_with_table_key_and_column(run, databases, template):
    statements = (
        f"UPDATE {BODIES}.bodies SET name = E'某\\x1b[31m单位' WHERE id = 'ledger'",
        f"DELETE FROM {CASES}.cases WHERE stream = (SELECT min(stream) FROM {CASES}.cases)",
        f"INSERT INTO {COMMITMENTS}.parts VALUES ('x', 'p-0000000000000000', 'lead', 9999)",
    )
    with tampered(databases, template, *statements) as settings:
        ran = run("diff", on=settings)
        assert ran.code == 4
        assert ran.out.startswith("与条目不符 | THE DATA SHOWN DIFFERS\n")
        assert 'bodies {"id": "ledger", "asserted": 0} name：应为 expected' in ran.out
        assert "\x1b" not in ran.out
        assert "缺少该行 | expected this row" in ran.out
        assert '"p-0000000000000000", "role": "lead", "asserted": 9999}：多出该行 | no entry accounts' in ran.out
        ran = run("diff", "--json", on=settings)
        said = json.loads(ran.out)
        assert (ran.code, said["exit_code"], said["total"]) == (4, 4, 3)
        assert sorted(d["code"] for d in said["differences"]) == ["extra", "missing", "value"]
        [changed] = [d for d in said["differences"] if d["code"] == "value"]
        assert (changed["table"], changed["key"], changed["column"]) == (
            "bodies",
            {"id": "ledger", "asserted": 0},
            "name",
        )


def test_a_projection_ahead_of_the_log_is_told(run, databases, template, found):
    with tampered(databases, template, f"UPDATE {CASES}.position SET position = position + 5") as settings:
        ran = run("diff", on=settings)
    assert ran.code == 4
    assert f"声称含 {found.entries + 5} 个条目，日志只有 {found.entries} 个" in ran.out
    assert f"claims to contain {found.entries + 5} entries, the log has {found.entries}" in ran.out


def test_without_a_projection_or_a_ledger_it_could_not_run(run, databases, template, tmp_path):
    with tampered(databases, template, f"DROP SCHEMA {CASES} CASCADE") as settings:
        ran = run("diff", on=settings)
        assert (ran.code, ran.out) == (1, "")
        assert "尚未建立" in ran.err
    name = databases.create()
    ran = run("replay", on=Settings(tmp_path, databases.url(name)))
    assert (ran.code, ran.out) == (1, "")
    assert "no entry 0" in ran.err
    databases.drop(name)


def test_nothing_is_written(run, template):
    """An audit reads: the ledger and the projections are the same after it."""

    def seen() -> list[Any]:
        with psycopg.connect(str(template.database_url)) as connection:
            return [
                connection.execute("SELECT count(*), max(notification_id) FROM ledger.events").fetchone(),
                connection.execute(f"SELECT position FROM {CASES}.position".encode()).fetchone(),
            ]

    before = seen()
    run("replay")
    run("diff")
    assert seen() == before


def test_over_a_url_the_replay_is_the_same(run, played, tmp_path):
    token = tmp_path / "token"
    token.write_text(played.token())
    here = run("replay", on=played.settings).out
    with application(played) as app, serving(played, app) as served:
        far = run("replay", "--url", served.url, "--token-file", str(token))
    assert far.code == 0
    assert far.out.endswith(here)  # before it, what the service logs


@pytest.mark.parametrize("command", ["replay", "diff"])
def test_an_interrupted_audit_has_no_result(run, monkeypatch, command):
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ledger.store.source.PostgresSession.rows", interrupted)
    ran = run(command)
    assert (ran.code, ran.out) == (5, "")
    assert "Interrupted" in ran.err
    assert "已中断" in ran.err


def test_help_names_the_exit_codes(run):
    for command in ("replay", "diff"):
        text = " ".join(run(command, "--help").out.split())
        assert "Exit 0" in text
        assert "4" in text
