"""The embedded server on real binaries: shared, back after kill -9 of anybody, no danger to others."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from ledger.errors import ConfigurationError, UnavailableError
from ledger.store import embedded, postmaster
from ledger.store.embedded import EmbeddedPostgres
from ledger.store.postmaster import ADMIN, SOCKET

USER_PROCESS = """
import sys
from pathlib import Path
from ledger.store.embedded import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]))
postgres.start()
print(postgres.pid, flush=True)
sys.stdin.read()
postgres.stop()
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped cluster, made once. It is lent to one test after the other: so tables have names of their own."""
    home = tmp_path_factory.mktemp("cluster") / "home"
    with EmbeddedPostgres(home):
        pass
    return home / "pg"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Path]:
    """A home that does not exist yet; whatever server a test left in it is ended."""
    home = tmp_path / "h"
    yield home
    end_server(home)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def home(cluster: Path, fresh: Path) -> Iterator[Path]:
    """A home with the stopped cluster."""
    fresh.mkdir()
    cluster.rename(fresh / "pg")
    yield fresh
    end_server(fresh)
    (fresh / "pg").rename(cluster)


@pytest.fixture
def innocent() -> Iterator[subprocess.Popen[bytes]]:
    """A living process that has nothing to do with us."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def end_server(home: Path) -> None:
    pid = EmbeddedPostgres(home).pid
    if pid is not None:
        os.kill(pid, signal.SIGINT)
        until(lambda: not postmaster.serves(pid, home / "pg"))


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def running_pid(postgres: EmbeddedPostgres) -> int:
    pid = postgres.pid
    assert pid is not None
    return pid


def kill_server(postgres: EmbeddedPostgres) -> None:
    pid = running_pid(postgres)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not postmaster.serves(pid, postgres.data))


def sql(postgres: EmbeddedPostgres, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(postgres.url(ADMIN), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def user_process(home: Path) -> subprocess.Popen[str]:
    """Another process that uses the home's server until its standard input is closed."""
    return subprocess.Popen(
        [sys.executable, "-c", USER_PROCESS, str(home)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said_pid(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def test_the_first_start_makes_the_cluster_and_the_database(fresh: Path) -> None:
    with EmbeddedPostgres(fresh / "deeper") as postgres:
        row = sql(
            postgres,
            "SELECT current_database(), pg_encoding_to_char(encoding), current_setting('data_checksums'),"
            " current_setting('listen_addresses'), current_setting('fsync'), current_setting('timezone')"
            " FROM pg_database WHERE datname = current_database()",
        )
        assert row == [("jiannuo", "UTF8", "on", "", "on", "UTC")]
        assert stat.S_IMODE(postgres.socket_dir.stat().st_mode) == 0o700
        assert os.getsid(running_pid(postgres)) != os.getsid(0)


def test_the_last_user_stops_the_server_and_its_rows_are_there_at_the_next_start(home: Path) -> None:
    postgres = EmbeddedPostgres(home)
    postgres.start()
    sql(postgres, "CREATE TABLE kept AS SELECT 7 AS number")
    first = running_pid(postgres)

    postgres.stop()
    assert postgres.pid is None
    assert postmaster.executable(first) is None
    assert not postgres.socket_dir.exists()

    began = time.monotonic()
    with postgres:
        assert time.monotonic() - began < 2
        assert sql(postgres, "SELECT number FROM kept") == [(7,)]


def test_start_and_stop_may_be_repeated(home: Path) -> None:
    postgres = EmbeddedPostgres(home)
    postgres.stop()
    assert postgres.ensure() is False
    postgres.start()
    pid = postgres.pid
    postgres.start()
    assert postgres.pid == pid
    assert postgres.ensure() is False
    postgres.stop()
    postgres.stop()
    assert postgres.ensure() is False
    assert postgres.pid is None


def test_stop_ends_connections_that_are_still_open(home: Path) -> None:
    postgres = EmbeddedPostgres(home)
    postgres.start()
    with psycopg.connect(postgres.url(ADMIN)) as connection:
        connection.execute("SELECT 1")
        postgres.stop()
        assert postgres.pid is None
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_a_server_that_does_not_end_fast_is_ended_at_once_and_loses_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_ORDERS", ((signal.SIGINT, 0.0), (signal.SIGQUIT, 20.0)))
    with EmbeddedPostgres(home) as postgres:
        sql(postgres, "CREATE TABLE hasty AS SELECT 7 AS number")
    assert postgres.pid is None
    assert "received immediate shutdown request" in postgres.log.read_text()
    with postgres:
        assert sql(postgres, "SELECT number FROM hasty") == [(7,)]


def test_two_users_in_one_process_count_as_two(home: Path) -> None:
    first, second = EmbeddedPostgres(home), EmbeddedPostgres(home)
    first.start()
    second.start()
    first.stop()
    assert second.pid is not None
    assert sql(second, "SELECT 1") == [(1,)]
    second.stop()
    assert second.pid is None


def test_processes_share_one_server_and_the_last_to_leave_stops_it(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres, user_process(home) as other:
        assert said_pid(other) == postgres.pid
        postgres.stop()
        assert postgres.pid is not None
        other.communicate()
        assert other.returncode == 0
        assert postgres.pid is None


def test_four_processes_that_start_at_once_get_one_server(fresh: Path) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(user_process(fresh)) for _ in range(4)]
        assert len({said_pid(process) for process in processes}) == 1
    assert [process.returncode for process in processes] == [0] * 4
    assert EmbeddedPostgres(fresh).pid is None


def test_ensure_brings_a_killed_server_back_with_every_committed_row(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        sql(postgres, "CREATE TABLE promise (number int)")
        for number in range(20):
            sql(postgres, f"INSERT INTO promise VALUES ({number})")
        killed = running_pid(postgres)
        kill_server(postgres)

        assert postgres.ensure() is True
        assert running_pid(postgres) != killed
        assert sql(postgres, "SELECT count(*) FROM promise") == [(20,)]


def test_recovery_waits_for_the_last_process_of_the_killed_server(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres, psycopg.connect(postgres.url(ADMIN)) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)  # it cannot notice that the server died, and keeps the shared memory
        try:
            kill_server(postgres)
            outcome: list[bool] = []
            thread = threading.Thread(target=lambda: outcome.append(postgres.ensure()))
            thread.start()
            until(lambda: "pre-existing shared memory block" in postgres.log.read_text())
            assert outcome == []
        finally:
            os.kill(backend, signal.SIGCONT)
        thread.join(20)
        assert outcome == [True]
        assert sql(postgres, "SELECT 1") == [(1,)]


def test_a_server_that_is_killed_while_it_starts_is_started_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    real = postmaster.spawn

    def spawn_and_kill_the_first(data: Path, socket_dir: Path, log: int, patience: float) -> int:
        started.append(real(data, socket_dir, log, patience))
        if len(started) == 1:
            os.kill(started[0], signal.SIGKILL)
        return started[-1]

    monkeypatch.setattr(postmaster, "spawn", spawn_and_kill_the_first)
    with EmbeddedPostgres(home) as postgres:
        assert len(started) > 1
        assert postgres.pid == started[-1]


def test_a_killed_user_leaves_the_server_to_the_next_who_joins_and_stops_it(home: Path) -> None:
    with user_process(home) as killed:
        pid = said_pid(killed)
        killed.kill()
        killed.communicate()
    assert EmbeddedPostgres(home).pid == pid

    with EmbeddedPostgres(home) as postgres:
        assert postgres.pid == pid
    assert postgres.pid is None


def test_a_first_start_that_was_killed_within_initdb_is_done_again(fresh: Path) -> None:
    with user_process(fresh) as killed:
        until((fresh / "pg.new" / "base" / "1").exists)
        killed.kill()
        killed.communicate()
    assert not (fresh / "pg").exists()

    with EmbeddedPostgres(fresh) as postgres:
        assert sql(postgres, "SELECT current_database()") == [("jiannuo",)]
    assert not (fresh / "pg.new").exists()


def test_a_start_that_was_killed_before_it_made_the_database_is_completed(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        with psycopg.connect(postgres.url(ADMIN, "postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE jiannuo")
        postgres.start()
        assert sql(postgres, "SHOW log_min_messages") == [("log",)]
        sql(postgres, "ALTER DATABASE jiannuo RESET log_min_messages")
        postgres.start()
        assert sql(postgres, "SHOW log_min_messages") == [("log",)]


@pytest.mark.parametrize("content", ["{pid}\n/elsewhere\n", "-{pid}\n", "", "not a number\n", f"{10**30}\n"])
def test_a_stale_pid_file_is_not_believed_and_the_process_it_names_lives_on(
    home: Path, innocent: subprocess.Popen[bytes], content: str
) -> None:
    postgres = EmbeddedPostgres(home)
    postgres.socket_dir.mkdir(mode=0o700)
    (home / "pg" / "postmaster.pid").write_text(content.format(pid=innocent.pid))
    (postgres.socket_dir / f"{SOCKET}.lock").write_text(content.format(pid=innocent.pid))
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(postgres.socket_dir / SOCKET))
    assert postgres.pid is None

    with postgres:
        assert running_pid(postgres) != innocent.pid
        assert sql(postgres, "SELECT 1") == [(1,)]
    assert innocent.poll() is None


def test_the_pid_file_of_a_killed_server_may_name_somebody_else_by_now(
    home: Path, innocent: subprocess.Popen[bytes]
) -> None:
    with EmbeddedPostgres(home) as postgres:
        kill_server(postgres)
        for path in (home / "pg" / "postmaster.pid", postgres.socket_dir / f"{SOCKET}.lock"):
            path.write_text(f"{innocent.pid}\n" + path.read_text().partition("\n")[2])
        assert postgres.ensure() is True
    assert innocent.poll() is None


def test_a_server_that_answers_but_cannot_be_seen_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "PATIENCE", 0.2)
    postgres = EmbeddedPostgres(home)
    postgres.socket_dir.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(postgres.socket_dir / SOCKET))
        other.listen(64)
        with pytest.raises(UnavailableError, match="not visible here"):
            postgres.start()
    assert postgres.pid is None
    assert not postgres.log.exists()


@pytest.mark.parametrize("name", ["践诺" * 20, "a,b", "with space and ü%"])
def test_any_path_serves_as_home(home: Path, tmp_path: Path, name: str) -> None:
    home.rename(tmp_path / name)
    with EmbeddedPostgres(tmp_path / name) as postgres:
        assert len(os.fsencode(postgres.socket_dir / SOCKET)) <= 107
        assert sql(postgres, "SELECT current_database()") == [("jiannuo",)]
        beside = os.fsencode(tmp_path / name / "run" / SOCKET)
        fits = len(beside) <= 107 and b"," not in beside
        assert (postgres.socket_dir.parent == tmp_path / name) is fits
    assert not postgres.socket_dir.exists()
    (tmp_path / name).rename(home)


def test_a_server_that_cannot_start_says_why_at_once_and_the_next_start_is_free(home: Path) -> None:
    conf = home / "pg" / "postgresql.conf"
    right = conf.read_text()
    conf.write_text(right + "\nno_such_setting = 1\n")
    postgres = EmbeddedPostgres(home)
    with pytest.raises(ConfigurationError, match=r"no_such_setting.*pg\.log"):
        postgres.start()
    conf.write_text(right)
    with postgres:
        assert sql(postgres, "SELECT 1") == [(1,)]
    assert postgres.pid is None


def test_ensure_never_replaces_lost_data_by_an_empty_ledger(home: Path) -> None:
    with EmbeddedPostgres(home) as postgres:
        kill_server(postgres)
        (home / "pg").rename(home / "lost")
        with pytest.raises(ConfigurationError, match="PG_VERSION"):
            postgres.ensure()
        (home / "lost").rename(home / "pg")
        assert postgres.ensure() is True


def test_nothing_that_a_statement_says_gets_into_the_log(home: Path) -> None:
    secret = "张某某 zhang"  # of a crashed process, PostgreSQL shows the ASCII part of its statement
    with EmbeddedPostgres(home) as postgres:
        sql(postgres, "CREATE TABLE person (name text PRIMARY KEY)")
        with psycopg.connect(postgres.url(ADMIN), autocommit=True) as connection:
            connection.execute("INSERT INTO person VALUES (%s)", (secret,))
            for statement in (
                "INSERT INTO person VALUES (%s)",
                "SELECT %s::text::int",
                "SELECT to_tsquery(%s || '&')",
            ):
                with pytest.raises(psycopg.Error, match=secret):
                    connection.execute(statement, (secret,))
            with pytest.raises(psycopg.Error):
                connection.execute(f"SELECT * FROM nowhere WHERE name = '{secret}'")
            connection.execute(f"DO $$ BEGIN RAISE WARNING '{secret}'; END $$")
            connection.pgconn.send_query(f"SELECT '{secret}', pg_sleep(60)".encode())
            until(lambda: sql(postgres, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != [])
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            until(lambda: "was terminated by signal 9" in postgres.log.read_text())
            connection.close()
            postgres.start()
    assert not [part for part in secret.split() if part in postgres.log.read_text()]
    assert stat.S_IMODE(postgres.log.stat().st_mode) == 0o600
