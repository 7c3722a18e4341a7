"""``jiannuo project`` (issue 5, parts 1 and 2): status, rebuild, following alone; what an operator sees of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from api.app import create_app
from ledger.store.database import connect
from projections import rebuild as rebuilding
from projections.catalogue import PROJECTIONS
from projections.reading import Reading
from projections.tables import RUNNERS, install, places
from tests.api.commanding import runner
from tests.conftest import caller_of, read_side

POSITION = PROJECTIONS["cases"].schema


@pytest.fixture
def run(installation, monkeypatch, capsys):
    """Runs the command on the ledger of this test."""
    run = runner(monkeypatch, capsys, installation.settings.home)
    monkeypatch.setenv("JIANNUO_DATABASE_URL", str(installation.settings.database_url))
    return run


def execute(installation, statement):
    with connect(installation.database.url("owner")) as connection:
        return connection.execute(statement)


def test_status_says_of_each_projection_what_it_contains_and_lacks(run, installation):
    size = installation.ledger.size
    ran = run("project", "status", "--json")
    told = json.loads(ran.out)
    assert (ran.code, told["log"]) == (0, size)
    assert told["projections"] == {name: {"position": 0, "lag": size, "failure": None} for name in PROJECTIONS}
    with read_side(installation):
        pass
    lines = run("project", "status").out.splitlines()
    assert lines == [f"{name}\t{size}\t0" for name in PROJECTIONS]


def test_status_ends_with_1_where_a_projection_has_stopped_and_says_why(run, installation):
    run("project", "status")
    execute(installation, f"UPDATE {POSITION}.position SET failure = 'at index 3 | 序号 3'")
    ran = run("project", "status")
    assert ran.code == 1
    assert f"cases\t0\t-{installation.ledger.size}\tat index 3 | 序号 3" in ran.out.splitlines()


def test_rebuild_of_all_and_of_one_by_name(run, installation):
    ran = run("project", "rebuild")
    size = installation.ledger.size
    assert (ran.code, ran.out) == (0, "")
    assert f"已重建 {len(PROJECTIONS)} 个读模型，含 {size} 个事件" in ran.err
    with connect(installation.database.url("reader")) as connection:
        before = places(connection, PROJECTIONS.values())
        assert {place.position for place in before.values()} == {size}
        assert run("project", "rebuild", "bodies").code == 0
        after = places(connection, PROJECTIONS.values())
    assert {name for name in PROJECTIONS if before[name].built != after[name].built} == {"bodies"}


def test_rebuild_says_which_old_tables_it_dropped_and_which_a_process_still_uses(run, installation):
    """Issue 5, part 2."""
    old = replace(PROJECTIONS["bodies"], version=0)
    install(installation.database.url("owner"), [old])
    with connect(installation.database.url("owner")) as connection:
        connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (RUNNERS, old.schema))
        ran = run("project", "rebuild", "bodies")
        assert ran.code == 0
        assert f"仍有进程在使用旧的数据表：{old.schema}" in ran.err
        assert "run `jiannuo project rebuild` again" in ran.err
    assert f"已删除旧版本或中断的重建留下的数据表：{old.schema}" in run("project", "rebuild", "bodies").err
    assert old.schema not in run("project", "rebuild", "bodies").err


def test_a_rebuild_that_is_interrupted_says_what_stands(run, installation, monkeypatch):
    """Issue 5, part 2: Ctrl-C ends it with 130, not without a word."""

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(rebuilding, "_swap", interrupt)
    ran = run("project", "rebuild", "bodies")
    assert (ran.code, ran.out) == (130, "")
    assert "原有数据行不变" in ran.err
    assert "the old rows stay as they are" in ran.err
    assert "the next rebuild cleans up" in ran.err


@pytest.mark.parametrize(
    ("command", "table"), [("warnings", "position"), ("warnings", "commitments"), ("project status", "position")]
)
def test_where_tables_of_a_projection_were_dropped_it_is_said_what_to_do(run, installation, command, table):
    """A projection may be dropped at any time; it is no reason to found a ledger."""
    run("project", "rebuild", "commitments")
    execute(installation, f"DROP TABLE {PROJECTIONS['commitments'].schema}.{table}")
    ran = run(*command.split())
    assert ran.code == 1
    assert "请运行 `jiannuo project rebuild`" in ran.err
    assert "run `jiannuo project rebuild`" in ran.err
    assert run("project", "rebuild", "commitments").code == 0
    assert run(*command.split()).code == 0


def test_a_projection_that_does_not_exist_is_refused_and_the_others_named(run):
    ran = run("project", "rebuild", "bodys")
    assert ran.code == 1
    assert "'bodys'" in ran.err
    assert "statistics" in ran.err


def test_following_alone_brings_the_projections_up_and_ends_at_a_signal(run, installation):
    environment = {**os.environ, "JIANNUO_HOME": str(installation.settings.home)}
    command = [sys.executable, "-c", "from api.cli import main; main()", "project"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert any("Ctrl-C" in line for line in process.stderr)
            with connect(installation.database.url("reader")) as connection:
                found = places(connection, PROJECTIONS.values())
            assert {place.position for place in found.values()} == {installation.ledger.size}
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()


@pytest.fixture
def unattended(installation):
    """Calls the application, while no runner is at work that would try again what has stopped."""
    with read_side(installation):
        pass
    with Reading(installation.database) as reading:
        yield caller_of(create_app(installation, reading))


def test_lag_and_what_stopped_are_metrics_and_ready_says_who_stopped(unattended, installation):
    client, size = unattended, installation.ledger.size
    assert client.get("/readyz").text == "ok\n"
    text = client.get("/metrics").text
    assert f'jiannuo_projection_entries{{projection="cases"}} {size}.0' in text
    assert 'jiannuo_projection_lag_entries{projection="cases"} 0.0' in text
    assert 'jiannuo_projection_stopped{projection="cases"} 0.0' in text
    execute(installation, f"UPDATE {POSITION}.position SET failure = 'x', position = {size - 1}")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ok\nprojection cases stopped\n")
    text = client.get("/metrics").text
    assert 'jiannuo_projection_lag_entries{projection="cases"} 1.0' in text
    assert 'jiannuo_projection_stopped{projection="cases"} 1.0' in text
