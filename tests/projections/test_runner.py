"""The runner (issue 5, part 1): exactly once, whoever runs it, whenever it dies; one that fails stops no other."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

import psycopg
import pytest

from ledger.domain.body import BodyRenamed
from ledger.domain.commitment import CommitmentMade, ProgressReported
from ledger.domain.commitment_terms import Area, Kind
from ledger.domain.policy import CalendarArranged
from ledger.errors import CorruptionError, LedgerError
from ledger.store.database import connect
from projections import advancing, applying, tables
from projections.projection import Case, Projection, Row
from projections.runner import Runner
from tests.projections.examples import StandRow, example
from tests.projections.town import CITY, PLAN, Town
from tests.projections.versioned import expected, place, stored

NUMBERS = count(1)
YEARS = count(2031)

OTHER = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from ledger.settings import Settings
from ledger.store.database import Database
from ledger.store.reader import Reader
from ledger.store.recorder import datastore
from projections import tables
from projections.runner import Runner
from tests.projections.examples import example

def killed(real):
    def move(connection, moves):
        real(connection, moves)
        if moves[0][3] >= 40:
            os.kill(os.getpid(), signal.SIGKILL)
    return move

url, name, mode = sys.argv[1:]
with Database(Settings(Path("."), url)) as database:
    reader = Reader(datastore(database.url("reader"), pool_size=1))
    Runner.BATCH = 20
    if mode == "dying":
        tables.move = killed(tables.move)
    runner = Runner(database, reader, [replace(example(), name=name)])
    runner.catch_up()
    runner.start()
    print("started", flush=True)
    signal.pause()
"""


@pytest.fixture
def runner_of(town: Town) -> Iterator[Callable[..., Runner]]:
    """Makes runners that are closed at the end."""
    made: list[Runner] = []

    def make(*projections: Projection, **options: Any) -> Runner:
        made.append(Runner(town.installation.database, town.installation.ledger.reader, projections, **options))
        return made[-1]

    yield make
    for runner in made:
        runner.close()


@pytest.fixture
def projection() -> Projection:
    return example()


def log_size(town: Town) -> int:
    return town.installation.ledger.reader.newest().size


def promise(town: Town) -> None:
    fact = CommitmentMade(f"新承诺{next(NUMBERS)}", "按期完成", Kind.PLAN, Area.GENERAL, CITY)
    town.say(f"commitment/0198c5a2-2222-7000-8000-{next(NUMBERS):012d}", fact, PLAN)


def arrange(town: Town) -> None:
    """Rules are adopted that hold everywhere."""
    year = next(YEARS)
    off = next(day for day in (date(year, 1, n) for n in range(1, 8)) if day.weekday() < 5)
    town.say("policy/national", CalendarArranged(year, (off,)), PLAN)


def eventually(holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether something comes to hold in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.01)
    return True


@pytest.mark.parametrize("batch", [1, 7, 2000])
@pytest.mark.parametrize("most", [3, 20_000])
def test_whatever_the_batch_and_what_is_in_memory_the_rows_are_those_of_the_log(
    town, runner_of, projection, monkeypatch, batch, most
):
    monkeypatch.setattr(Runner, "BATCH", batch)
    monkeypatch.setattr(advancing, "MOST_CASES", most)
    runner = runner_of(projection, example(ruled=False))
    runner.catch_up()
    promise(town)
    arrange(town)
    town.about("open", ProgressReported("已开工", (PLAN,)), by=town.city)
    runner.catch_up()
    arrange(town)
    runner_of(projection).catch_up()
    found = stored(town, projection)
    assert found == expected(town, projection)
    assert min(len(rows) for rows in found.values()) > 50


def test_rules_that_are_adopted_make_new_versions_of_all_rows_that_depend_on_them_at_that_index(
    town, runner_of, projection
):
    runner, plain = runner_of(projection), example(ruled=False)
    runner.catch_up()
    index = log_size(town)
    arrange(town)
    runner_of(projection, plain).catch_up()
    ended = [row for row in stored(town, projection)["stands"] if row[-1] == index]
    assert len(ended) == len({row[0] for row in ended}) > 30
    assert {row[-1] for row in stored(town, plain)["stands"] if not row[0].startswith("policy/")}.isdisjoint({index})


def test_the_rows_of_every_past_size_are_those_that_stood_there_then(town, runner_of, projection):
    runner_of(projection).catch_up()
    now = stored(town, projection)["stands"]
    for size in range(1, log_size(town), 7):
        then = expected(town, projection, size)["stands"]
        assert {r[:-2] for r in now if r[-2] < size <= r[-1]} == {r[:-2] for r in then if r[-1] > size}


def test_catching_up_again_changes_nothing(town, runner_of, projection):
    runner = runner_of(projection)
    assert runner.catch_up() == runner.position() == log_size(town)
    before = stored(town, projection)
    assert runner.catch_up() == log_size(town)
    assert stored(town, projection) == before


def test_two_runners_while_events_arrive_apply_each_event_once(town, runner_of, projection, monkeypatch):
    monkeypatch.setattr(Runner, "BATCH", 3)
    runners = [runner_of(projection, interval=0.01) for _ in range(2)]
    for runner in runners:
        runner.start()
    for number in range(30):
        promise(town)
        if number % 10 == 0:
            arrange(town)
    runner_of(projection).catch_up()
    for runner in runners:
        runner.close()
    assert [(runner.failure, runner.failures) for runner in runners] == [(None, {}), (None, {})]
    assert stored(town, projection) == expected(town, projection)


def test_runners_that_do_not_know_of_each_others_locks_still_apply_each_event_once(
    town, runner_of, projection, monkeypatch
):
    """Two releases that run at once, say: the position's own condition lets one of two transactions through."""
    monkeypatch.setattr(Runner, "BATCH", 3)
    numbers = count(1)
    real = applying.Applier.lock

    def lock(self, connection):
        monkeypatch.setattr(tables, "RUNNERS", 0x70000000 + next(numbers))
        real(self, connection)

    monkeypatch.setattr(applying.Applier, "lock", lock)
    runners = [runner_of(projection, interval=0.01) for _ in range(3)]
    for runner in runners:
        runner.start()
    for _ in range(10):
        promise(town)
    assert eventually(lambda: place(town, projection).position == log_size(town), 30)
    for runner in runners:
        runner.close()
    assert [(runner.failure, runner.failures) for runner in runners] == [(None, {})] * 3
    assert stored(town, projection) == expected(town, projection)


def test_a_second_runner_takes_over_when_the_first_ends(town, runner_of, projection):
    first, second = runner_of(projection), runner_of(projection)
    first.start()
    second.start()
    first.close()
    promise(town)
    assert eventually(lambda: second.position() == log_size(town), 5)


def test_a_second_runner_takes_over_within_5_s_when_the_first_is_killed(town, runner_of, projection):
    url = town.installation.settings.database_url
    command = [sys.executable, "-c", OTHER, url, projection.name, "working"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as first:
        try:
            assert first.stdout.readline() == b"started\n"
            second = runner_of(projection)
            second.start()
            promise(town)
            assert eventually(lambda: second.position() == log_size(town))
            assert not second._applier._locked
        finally:
            first.kill()
    promise(town)
    assert eventually(lambda: second.position() == log_size(town), 5)
    assert second._applier._locked
    assert stored(town, projection) == expected(town, projection)


def test_a_runner_killed_in_the_middle_leaves_rows_and_position_together(town, runner_of, projection):
    command = [sys.executable, "-c", OTHER, town.installation.settings.database_url, projection.name, "dying"]
    assert subprocess.run(command, check=False, timeout=60).returncode == -signal.SIGKILL
    left = place(town, projection).position
    assert 0 < left < 40
    assert stored(town, projection) == expected(town, projection, left)
    runner_of(projection).catch_up()
    assert stored(town, projection) == expected(town, projection)


def test_a_new_event_is_there_without_anybody_asking_and_who_listens_is_told(town, runner_of, projection):
    runner = runner_of(projection, interval=60)  # so that only the notification can be the reason
    runner.catch_up()
    runner.start()
    with connect(town.installation.database.url("reader")) as connection:
        connection.execute("LISTEN projections")
        for _ in range(3):
            promise(town)
            assert eventually(lambda: place(town, projection).position == log_size(town))
            told = list(connection.notifies(timeout=5, stop_after=1))
            assert told
    assert int(told[-1].payload) <= log_size(town)


def test_an_event_without_a_notification_is_found_by_polling(town, runner_of, projection, monkeypatch):
    runner = runner_of(projection, interval=0.02)
    monkeypatch.setattr(town.installation.ledger._writer._recorder, "_notify_channel", lambda cursor: None)
    runner.start()
    promise(town)
    assert eventually(lambda: runner.position() == log_size(town))


def test_a_lost_connection_is_made_again(town, runner_of, projection):
    runner = runner_of(projection, interval=0.05)
    runner.start()
    assert eventually(lambda: runner.position() == log_size(town))
    with connect(town.installation.settings.database_url) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    assert ended[0] >= 1
    promise(town)
    assert eventually(lambda: runner.position() == log_size(town))
    assert runner.failure is None


def poisoned(projection: Projection, index: int, *, by: str = "rows") -> Projection:
    """The projection, which cannot take the event at an index: it raises, or gives what the database refuses."""

    def found(case: Case) -> list[Row]:
        if case.index == index and by == "rows":
            raise ValueError("no such case")
        bad = [StandRow("x", "\0", 1, None, 0)] if case.index == index else []
        return [*projection.rows(case), *bad]

    return replace(projection, rows=found)


@pytest.mark.parametrize("by", ["rows", "database"])
@pytest.mark.parametrize("batch", [1, 7, 2000])
def test_an_event_that_cannot_be_applied_stops_its_projection_there_and_no_other(
    town, runner_of, projection, monkeypatch, by, batch
):
    monkeypatch.setattr(Runner, "BATCH", batch)
    told: list[LedgerError] = []
    good = example()
    runner = runner_of(poisoned(projection, 30, by=by), good, on_failure=told.append)
    runner.start()
    assert eventually(lambda: bool(told))
    assert runner.failures == {projection.name: told[0]}
    why = "ValueError" if by == "rows" else "DataError"
    assert f"stopped at log index 30: {why}" in told[0].en
    assert "日志序号 30" in told[0].zh
    assert place(town, projection).position == 30
    assert place(town, projection).failure == f"{told[0].en} | {told[0].zh}"
    promise(town)
    assert eventually(lambda: place(town, good).position == log_size(town))
    runner.close()
    assert (len(told), runner.failure) == (1, None)
    assert stored(town, projection) == expected(town, projection, 30)
    assert stored(town, good) == expected(town, good)


@pytest.mark.parametrize("by", ["rows", "database"])
def test_a_projection_that_fails_where_rules_are_adopted_has_no_row_of_that_event(town, runner_of, projection, by):
    arrange(town)
    index = log_size(town)
    arrange(town)
    with pytest.raises(LedgerError, match=f"stopped at log index {index}"):
        runner_of(poisoned(projection, index, by=by)).catch_up()
    assert stored(town, projection) == expected(town, projection, index)
    runner_of(projection).catch_up()
    assert stored(town, projection) == expected(town, projection)


def test_catching_up_raises_after_the_others_and_goes_on_once_it_is_mended(town, runner_of, projection):
    good = example()
    with pytest.raises(LedgerError, match="stopped at log index 25"):
        runner_of(poisoned(projection, 25), good).catch_up()
    assert place(town, good).position == log_size(town)
    runner_of(projection, good).catch_up()
    assert place(town, projection).failure is None
    assert stored(town, projection) == expected(town, projection)


def test_rows_that_another_program_changed_stop_the_projection_that_would_end_them(town, runner_of, projection):
    runner_of(projection).catch_up()
    with connect(town.installation.database.url("owner")) as connection:
        connection.execute(f"DELETE FROM {projection.schema}.stands WHERE stream = 'body/{CITY}'")
    index = town.say(f"body/{CITY}", BodyRenamed(f"示例市人民政府{next(NUMBERS)}"), PLAN)
    with pytest.raises(LedgerError, match=f"index {index}.*rows should have ended.*rebuild"):
        runner_of(projection).catch_up()


def test_a_log_that_became_shorter_is_corruption(town, runner_of, projection):
    runner = runner_of(projection)
    runner.catch_up()
    with connect(town.installation.database.url("writer")) as connection:
        connection.execute(f"UPDATE {projection.schema}.position SET position = position + 1000")
    with pytest.raises(CorruptionError, match="rolled back"):
        runner.catch_up()


def test_the_reader_cannot_write_and_the_writer_cannot_remove_or_reshape(town, runner_of, projection):
    runner_of(projection)
    database = town.installation.database
    refused = {
        "reader": (f"UPDATE {projection.schema}.position SET position = 0", f"DELETE FROM {projection.schema}.stands"),
        "writer": (f"DROP TABLE {projection.schema}.stands", f"TRUNCATE {projection.schema}.stands"),
    }
    for role, statements in refused.items():
        for statement in statements:
            with connect(database.url(role)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
