"""Must hold: 100,000 readers cannot starve a writer. Reading has its own pool, role, threads and bounds of time."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.sql import SQL

from api.answers import QUEUE
from ledger.errors import LedgerError, UnavailableError
from ledger.installation import Installation
from projections import reading as reading_module
from projections.catalogue import PROJECTIONS
from projections.reading import Reading, name_of
from tests.api.submitting import JOSE, NDJSON, is_problem, registration
from tests.conftest import Served

READERS = 100
TABLES = [table for projection in PROJECTIONS.values() for table in projection.tables]


@contextmanager
def flooded(served: Served, clients: int, *paths: str) -> Iterator[Counter[int]]:
    """So many clients that ask without pause, each a question that nobody asked before; the statuses they get."""
    found: Counter[int] = Counter()
    ended = threading.Event()

    def ask(client: int) -> None:
        number = 0
        with httpx.Client(base_url=served.url, timeout=60) as session:
            while not ended.is_set():
                number += 1
                region = f"{client * 1000 + number % 1000:06d}"
                path = paths[number % len(paths)]
                status = session.get(f"{path}?region={region}").status_code
                found[status] += 1
                if status == 503:
                    ended.wait(0.1)  # a tenth of what it was asked to wait

    with ThreadPoolExecutor(clients) as pool:
        asking = [pool.submit(ask, client) for client in range(clients)]
        try:
            yield found
        finally:
            ended.set()
            for future in asking:
                future.result()


def slow(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Every question to the projections takes so long in the database."""
    usual = Reading.rows

    def rows(self: Reading, query: Any, values: Any) -> Any:
        usual(self, SQL("SELECT pg_sleep({})").format(seconds), {})
        return usual(self, query, values)

    monkeypatch.setattr(Reading, "rows", rows)


def test_events_commit_promptly_while_every_reader_s_connection_is_busy(
    served: Served, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part 6: a flood of slow questions holds all connections of the read side; submitting does not notice."""
    app.state.read_rate.__init__(0, 1)
    installation = served.installation
    slow(monkeypatch, 0.05)
    took = []
    with (
        flooded(served, READERS, "/api/v1/bodies", "/bodies", "/commitments") as found,
        httpx.Client(base_url=served.url, timeout=30) as writer,
    ):
        while found[503] < 50:  # the readers' threads and their queue are full
            pass
        for number in range(1000, 1020):
            began = time.monotonic()
            answer = writer.post("/api/v1/events", content=registration(installation, number), headers=JOSE)
            took.append(time.monotonic() - began)
            assert answer.status_code == 201
        lines = b"\n".join(registration(installation, number) for number in range(2000, 2100))
        began = time.monotonic()
        assert writer.post("/api/v1/events", content=lines, headers=NDJSON).status_code == 201
        many = time.monotonic() - began
        assert writer.get("/livez").status_code == 200
    assert set(found) <= {200, 503}
    assert found[200] > 0
    assert sorted(took)[len(took) // 2] < 2
    assert max(*took, many) < 10


def test_who_is_turned_away_is_told_when_to_come_again(app: Any, client: Any) -> None:
    """Part 6: 503 with Retry-After, at once."""
    ended = threading.Event()
    readers = app.state.readers
    held_places = [readers.submit(ended.wait) for _ in range(app.state.reading.pool_size + QUEUE)]
    with pytest.raises(UnavailableError):
        readers.submit(ended.wait)
    began = time.monotonic()
    refused = client.get("/api/v1/bodies?limit=3")
    assert time.monotonic() - began < 1
    is_problem(refused, 503)
    assert int(refused.headers["retry-after"]) >= 1
    assert client.post("/api/v1/events", content=b"x", headers=JOSE).status_code == 400
    ended.set()
    for future in held_places:
        future.result()
    assert client.get("/api/v1/bodies?limit=3").status_code == 200


def test_a_question_that_takes_too_long_is_a_problem(
    installation: Installation, app: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part 6: statements time out; the answer says nothing of the database."""
    monkeypatch.setattr(reading_module, "STATEMENT_SECONDS", 0.1)
    with Reading(installation.database) as impatient:
        monkeypatch.setattr(app.state, "reading", impatient)
        slow(monkeypatch, 30)
        for path in ("/api/v1/bodies", "/api/v1/bodies.csv", "/api/v1/events?kind=body"):
            began = time.monotonic()
            answer = client.get(path)
            assert time.monotonic() - began < 5
            is_problem(answer, 503)
            assert "statement" not in answer.text


def test_an_export_that_takes_too_long_is_a_problem_before_it_begins(
    installation: Installation, app: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part 6: exports are bounded like pages."""
    monkeypatch.setattr(reading_module, "STATEMENT_SECONDS", 0.2)
    usual = Reading.scan
    with Reading(installation.database) as impatient:
        monkeypatch.setattr(app.state, "reading", impatient)
        query = SQL("SELECT pg_sleep(30)::text AS id")
        monkeypatch.setattr(Reading, "scan", lambda self, _, values: usual(self, query, values))
        is_problem(client.get("/api/v1/bodies.csv"), 503)
    assert app.state.exports.take(), "the place was given back"


def test_the_reader_s_role_writes_nothing(app: Any) -> None:
    """Part 6: reading has its own role, in transactions that only read."""
    reading: Reading = app.state.reading
    for table in TABLES:
        for statement in ("DELETE FROM {}", "UPDATE {} SET retracted = 0", "INSERT INTO {} SELECT * FROM {}"):
            count = statement.count("{}")
            with pytest.raises(LedgerError):
                reading.rows(SQL(statement).format(*[name_of(table)] * count), {})


def test_the_reader_s_role_writes_nothing_even_where_it_says_so(installation: Installation) -> None:
    """Part 6: it is the role's rights that count, not what a session sets."""
    with psycopg.connect(installation.database.url("reader"), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        for name in ("ledger.events", "ledger.checkpoints"):
            for statement in (f"DELETE FROM {name}", f"TRUNCATE {name}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.mine (x int)")
