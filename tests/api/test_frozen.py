"""A database that is frozen (its processes stopped, its sockets open) costs nobody more than the patience that is set.

The server is this test's own. Its processes are stopped and continued; the patience is 1.5 s, that of a service 7 s.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.sql import SQL

from ledger.errors import ConfigurationError, UnavailableError
from ledger.installation import Installation, found, open_installation
from ledger.settings import Settings
from ledger.store import postmaster
from ledger.store.database import connect
from ledger.store.embedded import EmbeddedPostgres
from ledger.store.patience import SilentError
from projections.reading import Reading
from tests.api.submitting import JOSE, is_problem, registration
from tests.conftest import OPERATOR, application, serving

PATIENCE = 1.5
MARGIN = 2.5  # seconds that a busy machine may need for the rest
LOCK = 7_777_777  # of the tests
PERSON = {"accept": "text/html"}
READ = (
    *("/readyz", "/log/checkpoint", "/log/tile/0/000.p/1", "/log/proof/0", "/events/0", "/events/0.json"),
    *("/", "/bodies", "/commitments?q=a", "/records", "/penalties", "/takedowns", "/reports"),
    *("/api/v1/bodies?limit={n}", "/api/v1/bodies.csv?region=11000{n}", "/api/v1/records.jsonl?region=11000{n}"),
    *("/api/v1/records?limit={n}", "/api/v1/events?limit={n}", "/api/v1/search?q=x{n}"),
    *(f"/api/v1/streams/body/{OPERATOR.uscc}/head", f"/feeds/bodies/{OPERATOR.uscc}.atom"),
    *("/api/v1/statistics?limit={n}", f"/api/v1/bodies/{OPERATOR.uscc}?as_of={{n}}"),
)


@dataclass(frozen=True)
class Service:
    """A service with a PostgreSQL of its own, and a reader of it who gathers no connections."""

    installation: Installation
    reading: Reading
    http: httpx.Client

    @property
    def server(self) -> EmbeddedPostgres:
        assert self.installation.database.embedded is not None
        return self.installation.database.embedded


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """See :class:`Service`."""
    settings = Settings(tmp_path_factory.mktemp("frozen") / "h", patience=PATIENCE, read_rate=0)
    with open_installation(settings, founding=True) as installation:
        found(installation, OPERATOR)
        with (
            application(installation) as app,
            serving(installation, app) as made,
            httpx.Client(base_url=made.url, timeout=60, limits=httpx.Limits(), headers=PERSON) as http,
        ):
            yield Service(installation, app.state.reading, http)


@contextmanager
def frozen(served: Service) -> Iterator[None]:
    """The server's processes are stopped, its main one first: it makes no others. What was kept no longer counts."""
    main = served.server.pid
    assert main is not None
    stopped = [main]
    os.kill(main, signal.SIGSTOP)
    try:
        for child in map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split()):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGSTOP)
                stopped.append(child)
        until(lambda: served.reading.following.now() is None)
        yield
    finally:
        for process in reversed(stopped):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


def asked(served: Service, path: str) -> tuple[str, httpx.Response, float]:
    """The answer to a reader, and the seconds that it took."""
    began = time.monotonic()
    answer = served.http.get(path)
    return path, answer, time.monotonic() - began


def all_asked(served: Service, number: int) -> list[tuple[str, httpx.Response, float]]:
    """All of READ at once; ``number`` makes the questions such that nobody asked before."""
    with ThreadPoolExecutor(len(READ)) as pool:
        return list(pool.map(lambda path: asked(served, path.format(n=number)), READ))


def until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline


def is_served_again(served: Service) -> None:
    """Everything is answered as before, and what is recorded now is shown."""
    until(lambda: asked(served, "/readyz")[1].status_code == 200)
    until(lambda: all(answer.status_code < 400 for _, answer, _ in all_asked(served, 3)))
    event = registration(served.installation, int(time.monotonic_ns() % 10**8))
    until(lambda: submitted(served, event).status_code in {200, 201})
    index = submitted(served, event).json()["index"]
    until(lambda: asked(served, "/api/v1/bodies")[1].json()["size"] > index)


def submitted(served: Service, event: bytes) -> httpx.Response:
    """The answer to who submits an event."""
    return served.http.post("/api/v1/events", content=event, headers=JOSE)


def test_every_reader_is_told_in_time_that_a_frozen_database_does_not_answer_and_is_served_when_it_does(
    served: Service,
) -> None:
    """Part 6, "reading uses its own pool, statements time out": also where the server's own clock stands still."""
    assert {path: answer.status_code for path, answer, _ in all_asked(served, 1) if answer.status_code >= 400} == {}
    with frozen(served):
        first = all_asked(served, 2)
        assert asked(served, "/livez")[1].status_code == 200
        began = time.monotonic()
        later = [all_asked(served, 2) for _ in range(3)]
        assert time.monotonic() - began < 3 * (PATIENCE + MARGIN)
    for path, answer, seconds in chain(first, *later):
        assert answer.status_code == 503, path
        assert seconds < PATIENCE + MARGIN, (path, seconds)
        assert int(answer.headers["retry-after"]) >= 1, path
        assert "database" in answer.text, path
        assert "数据库" in answer.text
    is_served_again(served)


def test_nobody_who_comes_while_it_is_frozen_waits_for_those_who_wait(served: Service) -> None:
    """Part 6: more readers than there are threads; the queue is gone as soon as the first were told."""
    with frozen(served), ThreadPoolExecutor(80) as pool:
        answers = list(pool.map(lambda n: asked(served, f"/api/v1/bodies?limit={n}"), range(1, 81)))
    assert {answer.status_code for _, answer, _ in answers} == {503}
    assert max(seconds for *_, seconds in answers) < PATIENCE + MARGIN
    is_served_again(served)


def test_an_event_is_refused_in_time_while_the_database_is_frozen_and_recorded_once_afterwards(served: Service) -> None:
    """RFC 9110 §9.2.2: who submits the same again gets the one outcome."""
    event = registration(served.installation, 3_000)
    submitted(served, registration(served.installation, 3_001))  # connections are there
    with frozen(served):
        began = time.monotonic()
        answer = submitted(served, event)
        assert time.monotonic() - began < PATIENCE + MARGIN
        is_problem(answer, 503)
        began = time.monotonic()
        is_problem(submitted(served, event), 503)
        assert time.monotonic() - began < MARGIN
    until(lambda: submitted(served, event).status_code == 200)
    receipt = submitted(served, event).json()
    assert [r.event.jti for r in served.installation.ledger.history(receipt["stream"])] == [receipt["jti"]]
    is_served_again(served)


@contextmanager
def slow_commits(served: Service) -> Iterator[psycopg.Connection[Any]]:
    """Whoever commits an event waits, within the COMMIT, for the lock that the connection which this gives may hold."""
    with connect(served.server.url(postmaster.ADMIN)) as admin:
        admin.execute(
            "CREATE FUNCTION ledger.wait() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
            f"$$BEGIN PERFORM pg_advisory_xact_lock_shared({LOCK}); RETURN NULL; END$$"
        )
        admin.execute(
            "CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON ledger.events DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION ledger.wait()"
        )
        try:
            yield admin
        finally:
            admin.execute("SELECT pg_advisory_unlock_all()")
            admin.execute("DROP FUNCTION ledger.wait() CASCADE")


def test_who_submitted_is_told_where_nobody_knows_whether_a_commit_succeeded_and_learns_it_by_submitting_again(
    served: Service,
) -> None:
    """The server freezes within the COMMIT: it goes on with it afterwards, and the same event is recorded once."""
    event, told = registration(served.installation, 3_100), list[httpx.Response]()
    with slow_commits(served) as admin:
        admin.execute(f"SELECT pg_advisory_lock({LOCK})".encode())
        submitting = threading.Thread(target=lambda: told.append(submitted(served, event)))
        submitting.start()
        waiting = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK} AND NOT granted"
        until(lambda: admin.execute(waiting.encode()).fetchone() == (1,))
        began = time.monotonic()
        with frozen(served):
            submitting.join()
            assert time.monotonic() - began < PATIENCE + MARGIN
    is_problem(told[0], 503)
    assert "unknown whether this was recorded" in told[0].json()["detail"]
    assert "是否已入账不明" in told[0].json()["detail_zh"]
    until(lambda: submitted(served, event).status_code == 200)
    receipt = submitted(served, event).json()
    assert [r.event.jti for r in served.installation.ledger.history(receipt["stream"])] == [receipt["jti"]]
    is_served_again(served)


def exported(reading: Reading) -> Iterator[dict[str, Any]]:
    """Rows as an export reads them, some thousand at once."""
    query = SQL("SELECT n, repeat('x', 1000) AS x FROM generate_series(1, 5000) AS n").format()
    with reading.scan(query, {}) as rows:
        yield from rows


def test_an_export_that_has_begun_ends_in_time_and_visibly_incomplete(served: Service) -> None:
    """Part 6: a stream that breaks off is no complete file to whoever reads it."""
    rows = exported(served.reading)
    assert next(rows)["n"] == 1
    with frozen(served):
        began = time.monotonic()
        with pytest.raises(UnavailableError, match="does not answer"):
            list(rows)
        assert time.monotonic() - began < PATIENCE + MARGIN
    is_served_again(served)


def test_only_silence_ends_a_connection_not_a_long_answer(served: Service) -> None:
    """Bytes that come now and then are an answer, however long it takes; nothing for the whole patience is none."""
    url = served.installation.database.url("reader")
    trickle = "SELECT repeat('x', 20000), pg_sleep(0.2) FROM generate_series(1, 10)"
    with connect(url, patience=1) as connection:
        assert len(connection.execute(trickle).fetchall()) == 10
        assert list(connection.notifies(timeout=1.2)) == []
        with pytest.raises(SilentError, match="1 s"):
            connection.execute("SELECT pg_sleep(20)")
        assert connection.closed


@pytest.mark.parametrize("text", ["5", "601", "7.5", "-7", "七", "9" * 40])
def test_a_patience_below_the_servers_own_limits_or_no_number_is_refused(text: str) -> None:
    """Settings: named, and not taken for something else."""
    with pytest.raises(ConfigurationError, match="JIANNUO_DATABASE_PATIENCE: expected a number of seconds"):
        Settings.from_environment({"JIANNUO_DATABASE_PATIENCE": text})
    assert Settings.from_environment({"JIANNUO_DATABASE_PATIENCE": "30"}).patience == 30
    assert Settings.from_environment({}).patience == 7
