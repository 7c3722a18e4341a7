"""The runner: exactly once, whoever runs it, whenever it dies."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import psycopg
import pytest

from ledger.domain.commitment import CommitmentMade, ProgressReported
from ledger.domain.commitment_terms import Area, Kind
from ledger.domain.event import Recorded
from ledger.errors import CorruptionError, LedgerError
from ledger.store.database import connect
from projections.board import BOARD
from projections.board_projection import Change, Projection
from projections.board_runner import Runner
from projections.board_views import Board
from tests.projections.town import CITY, PLAN, Town

TABLES = {
    "bodies": "id",
    "body_names": "body, index",
    "commitments": "id",
    "commitment_bodies": "commitment, body, role",
}
NUMBERS = count(1)

DYING = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from ledger.settings import Settings
from ledger.store.database import Database
from ledger.store.reader import Reader
from ledger.store.recorder import datastore
from projections.board import BOARD
from projections.board_runner import Runner

class Dying(Runner):
    BATCH = 20

    def _write(self, connection, changes):
        super()._write(connection, changes)
        if self._position(connection) >= 40:
            os.kill(os.getpid(), signal.SIGKILL)

with Database(Settings(Path("."), sys.argv[1])) as database:
    reader = Reader(datastore(database.url("reader"), pool_size=1))
    Dying(database, reader, replace(BOARD, name=sys.argv[2])).catch_up()
"""


@pytest.fixture
def projection() -> Projection:
    """The board under a name that no other test uses."""
    return replace(BOARD, name=f"board_of_test_{next(NUMBERS)}")


@pytest.fixture
def runner_of(town: Town) -> Iterator[Callable[..., Runner]]:
    """Makes runners that are closed at the end."""
    made: list[Runner] = []

    def make(projection: Projection, **options: Any) -> Runner:
        ledger = town.installation.ledger
        made.append(Runner(town.installation.database, ledger.reader, projection, **options))
        return made[-1]

    yield make
    for runner in made:
        runner.close()


def rows_of(town: Town, projection: Projection) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that a projection's tables hold, its position too."""
    with connect(town.installation.database.url("reader")) as connection:
        found = {
            table: connection.execute(f"SELECT * FROM {projection.schema}.{table} ORDER BY {order}").fetchall()
            for table, order in TABLES.items()
        }
        found["position"] = connection.execute(f"SELECT position FROM {projection.schema}.position").fetchall()
    return found


def rebuilt(town: Town, runner_of: Callable[..., Runner]) -> dict[str, list[tuple[Any, ...]]]:
    """What a projection built from nothing holds now."""
    projection = replace(BOARD, name=f"rebuilt_{next(NUMBERS)}")
    runner_of(projection).catch_up()
    return rows_of(town, projection)


def promise(town: Town) -> str:
    """One more commitment; its title."""
    number = next(NUMBERS)
    title = f"新承诺{number}"
    town.say(
        f"commitment/0198c5a2-2222-7000-8000-{number:012d}",
        CommitmentMade(title, "按期完成", Kind.PLAN, Area.GENERAL, CITY),
        PLAN,
    )
    return title


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether something comes to hold in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.01)
    return True


def test_rows_that_grew_event_by_event_equal_those_built_at_once(town, runner_of, projection, monkeypatch):
    monkeypatch.setattr(Runner, "BATCH", 1)
    small = runner_of(projection)
    small.catch_up()
    promise(town)
    town.about("open", ProgressReported("已开工", (PLAN,)), by=town.city)
    small.catch_up()
    monkeypatch.undo()
    assert rows_of(town, projection) == rebuilt(town, runner_of)


def test_catching_up_again_changes_nothing(town, runner_of, projection):
    runner = runner_of(projection)
    size = town.installation.ledger.reader.newest().size
    assert runner.catch_up() == runner.position() == size
    before = rows_of(town, projection)
    assert runner.catch_up() == size
    assert rows_of(town, projection) == before


def test_two_runners_while_events_arrive_apply_each_event_once(town, runner_of, projection, monkeypatch):
    monkeypatch.setattr(Runner, "BATCH", 3)
    runners = [runner_of(projection, interval=0.01) for _ in range(2)]
    for runner in runners:
        runner.start()
    for _ in range(30):
        promise(town)
    runner_of(projection).catch_up()
    for runner in runners:
        runner.close()
    assert [runner.failure for runner in runners] == [None, None]
    assert rows_of(town, projection) == rebuilt(town, runner_of)


def test_a_second_runner_takes_over_when_the_first_ends(town, runner_of, projection):
    first, second = runner_of(projection), runner_of(projection)
    first.start()
    second.start()
    first.close()
    promise(town)
    size = town.installation.ledger.reader.newest().size
    assert eventually(lambda: second.position() == size, 5)


def test_a_runner_killed_in_the_middle_leaves_rows_and_position_together(town, runner_of, projection):
    url = town.installation.settings.database_url
    ended = subprocess.run([sys.executable, "-c", DYING, url, projection.name], check=False, timeout=60)
    assert ended.returncode == -9
    left = rows_of(town, projection)
    assert left["position"] == [(40,)]
    assert max(row[-1] for row in left["bodies"] + left["commitments"]) < 40
    runner_of(projection).catch_up()
    assert rows_of(town, projection) == rebuilt(town, runner_of)


def test_a_new_event_is_on_the_board_without_anybody_asking(town, runner_of):
    runner = runner_of(BOARD, interval=60)  # so that only the notification can be the reason
    runner.catch_up()
    runner.start()
    with Board(town.installation.database) as board:
        for _ in range(3):
            title = promise(town)
            assert eventually(lambda title=title: board.commitments().rows[0].title == title)


def test_an_event_without_a_notification_is_found_by_polling(town, runner_of, projection):
    runner = runner_of(projection, interval=0.02)
    runner._follow = lambda connection: polled(runner, connection)  # never listens
    runner.start()
    promise(town)
    size = town.installation.ledger.reader.newest().size
    assert eventually(lambda: runner.position() == size)


def polled(runner: Runner, connection: psycopg.Connection) -> None:
    real = connection.execute
    connection.execute = lambda query, *a, **k: None if query == "LISTEN ledger" else real(query, *a, **k)
    Runner._follow(runner, connection)


def test_a_lost_connection_is_made_again(town, runner_of, projection):
    runner = runner_of(projection, interval=0.05)
    runner.start()
    size = town.installation.ledger.reader.newest().size
    assert eventually(lambda: runner.position() == size)
    with connect(town.installation.settings.database_url) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    assert ended[0] >= 1
    promise(town)
    size += 1
    assert eventually(lambda: runner.position() == size)
    assert runner.failure is None


def poisoned(projection: Projection, index: int) -> Projection:
    def changes(recorded: Recorded) -> list[Change]:
        if recorded.index == index:
            raise ValueError("no such case")
        return list(BOARD.changes(recorded))

    return replace(projection, changes=changes)


def test_an_event_that_cannot_be_applied_stops_its_projection_there_and_no_other(town, runner_of, projection):
    told: list[LedgerError] = []
    bad = runner_of(poisoned(projection, 30), on_failure=told.append)
    good_projection = replace(BOARD, name=projection.name + "_good")
    good = runner_of(good_projection)
    bad.start()
    good.start()
    assert eventually(lambda: bool(told))
    assert bad.failure is told[0]
    assert "stopped at log index 30: ValueError" in told[0].en
    assert "日志序号 30" in told[0].zh
    assert bad.position() == 30
    size = town.installation.ledger.reader.newest().size
    assert eventually(lambda: good.position() == size)


def test_catching_up_raises_at_a_poisoned_event_and_goes_on_once_it_is_mended(town, runner_of, projection):
    with pytest.raises(LedgerError, match="stopped at log index 25"):
        runner_of(poisoned(projection, 25)).catch_up()
    runner_of(projection).catch_up()
    assert rows_of(town, projection) == rebuilt(town, runner_of)


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
        "reader": (f"UPDATE {projection.schema}.position SET position = 0", f"DELETE FROM {projection.schema}.bodies"),
        "writer": (f"DROP TABLE {projection.schema}.bodies", f"TRUNCATE {projection.schema}.bodies"),
    }
    for role, statements in refused.items():
        for statement in statements:
            with connect(database.url(role)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
