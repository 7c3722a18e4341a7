"""The engine under attack (issue 5, parts 1 and 2): what the database refuses, what disappears, who comes at once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from api.cli import project
from ledger.domain.body import BodyRegistered, BodyRenamed
from ledger.domain.body_terms import Kind
from ledger.domain.event import Event, Recorded
from ledger.errors import LedgerError, UnavailableError
from ledger.store.database import connect
from projections import rebuild as rebuilding
from projections import runner as running
from projections import tables
from projections.catalogue import PROJECTIONS
from projections.history import World, versions
from projections.projection import Case, Projection, Row
from projections.rebuild import behind, rebuild
from projections.runner import Runner
from tests.projections.examples import EntryRow, example
from tests.projections.test_runner import arrange, eventually, log_size, poisoned, promise
from tests.projections.town import CITY, Town
from tests.projections.versioned import expected, place, stored

TOO_LONG = "".join(hashlib.sha256(bytes([n])).hexdigest() for n in range(100))
"""No compression makes it short enough for a page of an index (2,704 bytes)."""


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


def overlong(index: int) -> Projection:
    """A projection that gives, for the event at an index, a text that no index takes: the server's limit."""

    def found(case: Case) -> list[Row]:
        return [EntryRow(-1, TOO_LONG, "")] if case.index == index else []

    return replace(example(), rows=found)


def test_a_text_too_long_for_an_index_stops_its_projection_there_and_no_other(town, runner_of):
    """The server counts it among what an operator may mend (SQLSTATE class 54): asked again it says the same."""
    long, good, told = overlong(30), example(), []
    runner = runner_of(long, good, interval=0.02, on_failure=told.append)
    runner.start()
    assert eventually(lambda: bool(told))
    assert "stopped at log index 30: ProgramLimitExceeded 54000" in told[0].en
    assert eventually(lambda: place(town, good).position == log_size(town))
    assert place(town, long).position == 30


def test_a_rebuild_that_the_database_refuses_names_the_table_and_leaves_the_old_rows(town, runner_of):
    for bad, why in ((overlong(30), "ProgramLimitExceeded"), (poisoned(example(), 30, by="database"), "")):
        with runner_of(replace(bad, rows=example().rows)) as runner:
            runner.catch_up()
        before = place(town, bad)
        with pytest.raises(LedgerError, match=rf"{bad.name}_1_next\.(entries|stands): {why}"):
            rebuild(town.installation.database, town.installation.ledger.reader, [bad], workers=1)
        assert place(town, bad) == before


def test_a_runner_whose_tables_were_dropped_says_so_and_goes_on_when_they_are_built_again(town, runner_of):
    """A projection may be dropped at any time; nobody has to start the service anew because of it."""
    projection, told = example(), []
    runner = runner_of(projection, interval=0.02, on_failure=told.append)
    runner.catch_up()
    runner.start()
    with connect(town.installation.database.url("owner")) as connection:
        connection.execute(f"DROP SCHEMA {projection.schema} CASCADE")
    assert eventually(lambda: runner.failure is not None)
    assert "run `jiannuo project rebuild`" in told[0].en
    assert "请运行 `jiannuo project rebuild`" in told[0].zh
    rebuild(town.installation.database, town.installation.ledger.reader, [projection])
    promise(town)
    assert eventually(lambda: place(town, projection).position == log_size(town))
    assert eventually(lambda: runner.failure is None)
    assert len(told) == 1
    assert stored(town, projection) == expected(town, projection)


def test_a_failure_of_the_rows_before_is_not_written_down_for_those_that_were_rebuilt_meanwhile(
    town, runner_of, monkeypatch
):
    projection, told = example(), []
    real = tables.stop

    def stop(*arguments: Any) -> Any:
        monkeypatch.setattr(tables, "stop", real)
        rebuild(town.installation.database, town.installation.ledger.reader, [projection])
        return real(*arguments)

    monkeypatch.setattr(tables, "stop", stop)
    runner = runner_of(poisoned(projection, 30), interval=0.02, on_failure=told.append)
    runner.start()
    promise(town)
    assert eventually(lambda: place(town, projection).position == log_size(town))
    assert place(town, projection).failure is None
    assert told == []


@pytest.mark.parametrize("where", ["events", "tables"])
def test_a_rebuild_that_loses_the_database_says_that_and_may_be_begun_again(town, runner_of, where):
    projection = example()
    with runner_of(projection) as runner:
        runner.catch_up()

    def lose(what: str, more: int, total: int) -> None:
        if what == where:
            with connect(town.installation.settings.database_url) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    with pytest.raises(UnavailableError, match="cannot be reached"):
        rebuild(town.installation.database, town.installation.ledger.reader, [projection], workers=1, progress=lose)
    assert stored(town, projection) == expected(town, projection)
    rebuild(town.installation.database, town.installation.ledger.reader, [projection])
    assert stored(town, projection) == expected(town, projection)


def test_a_catching_up_that_loses_the_database_says_that(town, runner_of):
    def lose(position: int) -> None:
        with connect(town.installation.settings.database_url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    runner = runner_of(example())
    with pytest.raises(UnavailableError, match="cannot be reached"):
        runner.catch_up(progress=lose)


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every log were long: whatever lacks events is rebuilt at the start."""
    monkeypatch.setattr(rebuilding, "LONG", 50)


def starting(monkeypatch: pytest.MonkeyPatch, *projections: Projection) -> None:
    """The service knows these projections."""
    monkeypatch.setattr("projections.catalogue.PROJECTIONS", {p.name: p for p in projections})


@pytest.mark.parametrize("by", ["rows", "database"])
def test_the_service_starts_though_a_projection_that_lacks_everything_cannot_be_built(
    town, far, monkeypatch, capsys, by
):
    bad, good = poisoned(example(), 30, by=by), example()
    starting(monkeypatch, bad, good)
    for _ in range(2):  # again, when it has stopped long ago
        with project.projecting(town.installation):
            assert place(town, good).position == log_size(town)
            assert place(town, bad).position == 30
        assert "stopped at log index 30" in capsys.readouterr().err


def test_a_projection_that_stopped_long_ago_is_not_rebuilt_by_itself(town, far, runner_of):
    bad = poisoned(example(), 3)
    runner = runner_of(bad)
    with pytest.raises(LedgerError):
        runner.catch_up()
    assert behind(town.installation.database, town.installation.ledger.reader, [bad]) == []


def test_a_service_that_starts_while_another_rebuilds_waits_for_it(town, far, monkeypatch):
    """Two processes after an update: both find nothing, one of them builds."""
    projection = example()
    starting(monkeypatch, projection)
    building, proceed = threading.Event(), threading.Event()

    def progress(*_: Any) -> None:
        building.set()
        proceed.wait(10)

    arguments = town.installation.database, town.installation.ledger.reader, [projection]
    first = threading.Thread(target=lambda: rebuild(*arguments, progress=progress))
    first.start()
    assert building.wait(10)
    threading.Timer(0.5, proceed.set).start()
    with project.projecting(town.installation):
        assert place(town, projection).position == log_size(town)
    first.join()
    assert stored(town, projection) == expected(town, projection)


def test_a_body_of_many_names_costs_no_more_for_each_the_more_there_are():
    """Else one body that is renamed again and again holds up all that is read."""
    stream, history = f"body/{CITY}", []
    for number in range(92):
        name = f"示例市第{number}人民政府办公室"
        fact = BodyRenamed(name) if number else BodyRegistered(name, Kind.DEPARTMENT, "990100")
        event = Event(CITY, 0, f"jti-{number}", stream, number + 1, None, fact)
        history.append(Recorded(event, "kid", number, datetime(2026, 3, 2, tzinfo=UTC), "00"))
    counts = [sum(1 for _ in versions(PROJECTIONS["search"], history[:size], World())) for size in (32, 62, 92)]
    assert counts[2] - counts[1] == counts[1] - counts[0]  # as many rows for the third 30 as for the second


def test_a_batch_that_takes_long_keeps_nobody_from_ending(town, runner_of, monkeypatch):
    """Rules that are adopted ask every case anew: whoever stops the service meanwhile does not wait for that."""
    monkeypatch.setattr(running, "_LEAVING", 0.1)
    asked, proceed = threading.Event(), threading.Event()

    def slow(case: Case) -> list[Row]:
        asked.set()
        proceed.wait(10)
        return []

    projection = replace(example(), rows=slow)
    runner = runner_of(projection)
    runner.start()
    assert asked.wait(10)
    runner.close()
    assert place(town, projection).position == 0
    proceed.set()
    runner._thread.join()


def test_a_case_that_rules_pass_by_is_asked_by_those_projections_alone_that_depend_on_them(
    town, runner_of, monkeypatch
):
    """The rest would be thrown away: with hundreds of thousands of cases that is minutes."""
    plain, projection = example(ruled=False), example()
    runner_of(plain, projection).catch_up()
    arrange(town)
    seen: list[str] = []
    counting = replace(plain, rows=lambda case: seen.append(case.stream) or example().rows(case))
    runner_of(counting, projection).catch_up()
    assert set(seen) == {"policy/national"}
    for one in (plain, projection):
        assert stored(town, one) == expected(town, one)


def test_tables_with_other_columns_than_this_release_writes_are_rebuilt_at_the_start(town, runner_of, monkeypatch):
    """Somebody changed a projection and forgot its version: nothing could be read or written."""
    projection = example()
    with runner_of(projection) as runner:
        runner.catch_up()
    with connect(town.installation.database.url("owner")) as connection:
        connection.execute(f"ALTER TABLE {projection.schema}.stands RENAME COLUMN packs TO rules")
    starting(monkeypatch, projection)
    with project.projecting(town.installation):
        assert stored(town, projection) == expected(town, projection)
