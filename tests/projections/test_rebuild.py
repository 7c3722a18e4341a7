"""Rebuilding (issue 5, part 2): beside the old, on all cores, swapped at once; interrupted, begun again."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ledger.errors import LedgerError, UnavailableError
from ledger.store.database import connect
from projections import filling, tables
from projections import rebuild as rebuilding
from projections.leftovers import tidy
from projections.projection import Case, Projection, Row
from projections.rebuild import RebuildingError, behind, rebuild
from projections.runner import Runner
from tests.projections.examples import example, rows
from tests.projections.test_runner import arrange, eventually, log_size, promise
from tests.projections.town import Town
from tests.projections.versioned import expected, place, stored

DYING = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from ledger.settings import Settings
from ledger.store.database import Database
from ledger.store.reader import Reader
from ledger.store.recorder import datastore
from projections import rebuild as rebuilding
from tests.projections.examples import example

url, name, where = sys.argv[1:]

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def progress(what, more, total):
    if what == where:
        killed()

if where in ("_swap", "drop"):
    setattr(rebuilding, where, killed if where == "_swap" else lambda owner, schemas: killed()
            if not schemas[0].endswith("_next") else [])

if __name__ == "__main__":
    rebuilding._ALONE, rebuilding._RANGE = 0, 20
    with Database(Settings(Path("."), url)) as database:
        reader = Reader(datastore(database.url("reader"), pool_size=1))
        rebuilding.rebuild(database, reader, [replace(example(), name=name)], workers=2, progress=progress)
"""


@pytest.fixture
def projection() -> Projection:
    return example()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the log were long: several processes, many ranges."""
    monkeypatch.setattr(rebuilding, "_ALONE", 0)
    monkeypatch.setattr(rebuilding, "_RANGE", 20)


def rebuilt(town: Town, *projections: Projection, **options) -> int:
    return rebuild(town.installation.database, town.installation.ledger.reader, projections, **options)


def runner_of(town: Town, *projections: Projection, **options) -> Runner:
    return Runner(town.installation.database, town.installation.ledger.reader, projections, **options)


def schemas(town: Town, projection: Projection) -> set[str]:
    with connect(town.installation.database.url("reader")) as connection:
        query = "SELECT nspname FROM pg_namespace WHERE nspname ~ %s"
        return {name for (name,) in connection.execute(query, (f"^{projection.name}_[1-9]",))}


def definitions(town: Town, projection: Projection) -> set[str]:
    """Columns, keys, indexes and rights of a projection's tables."""
    with connect(town.installation.database.url("reader")) as connection:
        found: set[str] = set()
        for query in (
            "SELECT indexdef FROM pg_indexes WHERE schemaname = %s",
            "SELECT concat_ws(' ', table_name, column_name, data_type, collation_name, is_nullable, column_default) "
            "FROM information_schema.columns WHERE table_schema = %s",
            "SELECT concat_ws(' ', relname, relacl) FROM pg_class WHERE relnamespace = to_regnamespace(%s)",
        ):
            found |= {row[0] for row in connection.execute(query, (projection.schema,))}
        return found


@pytest.mark.parametrize("workers", [1, 2])
def test_a_rebuild_gives_the_rows_that_the_log_gives_and_the_runner_goes_on_from_there(
    town, projection, small, workers
):
    arrange(town)
    plain = example(ruled=False)
    told = []
    position = rebuilt(town, projection, plain, workers=workers, progress=lambda *what: told.append(what))
    assert position == log_size(town)
    for one in (projection, plain):
        assert stored(town, one) == expected(town, one)
        assert place(town, one).position == position
    assert sum(more for what, more, _ in told if what == "events") == position
    promise(town)
    arrange(town)
    with runner_of(town, projection, plain) as runner:
        runner.catch_up()
    for one in (projection, plain):
        assert stored(town, one) == expected(town, one)
        assert schemas(town, one) == {one.schema}


def test_rebuilt_tables_have_the_columns_keys_indexes_and_rights_of_new_ones(town, projection):
    with runner_of(town, projection):
        before = definitions(town, projection)
    rebuilt(town, projection)
    assert definitions(town, projection) == before
    assert len(before) > 10


def test_rows_that_somebody_changed_are_right_again(town, projection):
    with runner_of(town, projection) as runner:
        runner.catch_up()
    with connect(town.installation.database.url("owner")) as connection:
        connection.execute(f"DELETE FROM {projection.schema}.stands WHERE version = 1")
    rebuilt(town, projection)
    assert stored(town, projection) == expected(town, projection)


def test_events_that_come_while_it_builds_are_there_at_the_swap(town, projection, monkeypatch):
    real = rebuilding._swap

    def swap(*arguments):
        promise(town)
        arrange(town)
        return real(*arguments)

    monkeypatch.setattr(rebuilding, "_swap", swap)
    rebuilt(town, projection, progress=lambda what, *_: promise(town) if what == "tables" else None)
    assert place(town, projection).position == log_size(town)
    assert stored(town, projection) == expected(town, projection)


def test_a_runner_that_works_meanwhile_does_no_harm_and_goes_on_with_the_new_rows(town, projection):
    with runner_of(town, projection, interval=0.01) as runner:
        runner.catch_up()
        runner.start()
        for _ in range(3):
            stop = threading.Event()
            writer = threading.Thread(target=lambda stop=stop: _write(town, stop))
            writer.start()
            rebuilt(town, projection)
            stop.set()
            writer.join()
        assert eventually(lambda: place(town, projection).position == log_size(town))
        assert (runner.failure, runner.failures) == (None, {})
    assert stored(town, projection) == expected(town, projection)


def _write(town: Town, stop: threading.Event) -> None:
    while not stop.is_set():
        promise(town)
        stop.wait(0.005)


def test_readers_never_see_a_gap(town, projection):
    """Prepared statements and all: who reads the rows of a size always finds them, whichever tables they are in."""
    with runner_of(town, projection) as runner:
        runner.catch_up()
    size = log_size(town)
    seen: list[int] = []
    errors: list[Exception] = []
    stop = threading.Event()

    def read() -> None:
        query = f"SELECT count(*) FROM {projection.schema}.stands WHERE asserted < %s AND retracted >= %s"
        try:
            with connect(town.installation.database.url("reader")) as connection:
                while not stop.is_set():
                    seen.append(connection.execute(query, (size, size), prepare=True).fetchone()[0])
        except Exception as error:
            errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    builds = {place(town, projection).built}
    for _ in range(4):
        rebuilt(town, projection)
        builds.add(place(town, projection).built)
    stop.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert len(builds) == 5
    assert len(seen) > 20
    assert len(set(seen)) == 1
    assert seen[0] > 30


def test_a_long_reading_goes_on_in_the_old_tables_and_only_their_removal_waits(town, projection, monkeypatch):
    monkeypatch.setattr(rebuilding, "_DROP_SECONDS", 0.5)
    with runner_of(town, projection) as runner:
        runner.catch_up()
    with connect(town.installation.database.url("reader")) as connection:
        with connection.transaction(), connection.cursor(name="long") as cursor:
            cursor.itersize = 1
            rows = iter(cursor.execute(f"SELECT * FROM {projection.schema}.stands"))
            count = len([next(rows)])
            rebuilt(town, projection)
            assert schemas(town, projection) == {projection.schema, f"{projection.schema}_old"}
            count += sum(1 for _ in rows)
        (total,) = connection.execute(f"SELECT count(*) FROM {projection.schema}.stands").fetchone()
    assert count == total
    rebuilt(town, projection)
    assert schemas(town, projection) == {projection.schema}


@pytest.mark.parametrize("where", ["events", "tables", "_swap", "drop"])
def test_a_rebuild_that_was_killed_leaves_the_old_rows_and_the_next_one_cleans_up(town, projection, where):
    with runner_of(town, projection) as runner:
        runner.catch_up()
    before = place(town, projection)
    command = [sys.executable, "-c", DYING, town.installation.settings.database_url, projection.name, where]
    ended = subprocess.run(command, check=False, timeout=100, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    left = {f"{projection.schema}_old"} if where == "drop" else {f"{projection.schema}_next"}
    assert schemas(town, projection) == {projection.schema, *left}
    assert (place(town, projection).built == before.built) is (where != "drop")
    assert stored(town, projection) == expected(town, projection)
    rebuilt(town, projection)
    assert schemas(town, projection) == {projection.schema}
    assert stored(town, projection) == expected(town, projection)


def test_a_process_that_outlives_its_rebuild_writes_nothing_into_the_next_one(town, projection):
    """It would otherwise write rows twice, into tables that have the same name."""
    database = town.installation.database
    coming = replace(projection, suffix="_next")
    with connect(database.url("owner")) as owner:
        built = rebuilding._create(owner, [coming])
        task = filling.Filling(database.url("writer"), database.url("owner"), (coming,), built, log_size(town))
        filler = filling.Filler(task)
        owner.execute(f"DROP SCHEMA {coming.schema} CASCADE")
        rebuilding._create(owner, [coming])
        with pytest.raises(UnavailableError, match="another rebuild"):
            filler.fill(filling.Range("body/", "body0"))
        filler.close()
        assert owner.execute(f"SELECT count(*) FROM {coming.schema}.stands").fetchone() == (0,)


def bad_rows(case: Case) -> Iterator[Row]:
    if case.index == 30:
        raise ValueError("no such case")
    yield from rows(case)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_projection_that_cannot_take_an_event_is_not_swapped_and_the_reason_names_it(
    town, projection, small, workers
):
    with runner_of(town, projection) as runner:
        runner.catch_up()
    before = place(town, projection)
    with pytest.raises(LedgerError, match=f"projection {projection.name}: .*log index 30: ValueError") as caught:
        rebuilt(town, example(), replace(projection, rows=bad_rows), workers=workers)
    assert "无法应用日志序号 30" in caught.value.zh
    assert place(town, projection) == before
    assert stored(town, projection) == expected(town, projection)


def test_a_projection_that_stopped_goes_on_by_itself_once_it_was_rebuilt(town, projection):
    told = []
    with runner_of(town, replace(projection, rows=bad_rows), interval=0.01, on_failure=told.append) as runner:
        runner.start()
        assert eventually(lambda: bool(told))
        mended = replace(projection, rows=lambda case: [] if case.index == 30 else bad_rows(case))
        rebuilt(town, mended, workers=1)
        promise(town)
        assert eventually(lambda: place(town, projection).position == log_size(town))
        assert runner.failures == {}
    assert place(town, projection).failure is None


def test_two_rebuilds_at_once_are_refused(town, projection):
    with (
        connect(town.installation.database.url("owner")) as owner,
        rebuilding.alone(owner),
        pytest.raises(UnavailableError, match="another rebuild"),
    ):
        rebuilt(town, projection)


def test_tables_of_superseded_versions_are_dropped_once_no_process_of_an_older_release_works_for_them(
    town, projection, monkeypatch
):
    """Part 2: interrupted rebuilds clean up, of any projection; what a later release wrote stays."""
    monkeypatch.setattr(rebuilding, "_DROP_SECONDS", 0.5)
    database = town.installation.database
    old, new = projection, replace(projection, version=2)
    later = replace(projection, version=3)
    tables.install(database.url("owner"), [old, replace(old, suffix="_next"), new, replace(new, suffix="_old"), later])
    with runner_of(town, old, interval=0.01) as runner:
        runner.start()
        assert eventually(lambda: place(town, old).position == log_size(town))
        rebuilt(town, new)
        assert tidy(database, [new]) == ([f"{old.schema}_next"], [old.schema])
        assert place(town, old).position == log_size(town)
        with connect(database.url("owner")) as owner, rebuilding.alone(owner), pytest.raises(RebuildingError):
            tidy(database, [new])
    with connect(database.url("reader")) as connection, connection.transaction():
        connection.execute(f"SELECT 1 FROM {old.schema}.stands")
        assert tidy(database, [new]) == ([], [old.schema])  # somebody still reads them
    assert tidy(database, [new]) == ([old.schema], [])
    assert schemas(town, new) == {new.schema, later.schema}
    assert tidy(database, [new]) == ([], [])


def test_a_read_side_that_lacks_many_events_is_better_rebuilt(town, projection, monkeypatch):
    database, reader = town.installation.database, town.installation.ledger.reader
    assert behind(database, reader, [projection]) == []
    monkeypatch.setattr(rebuilding, "LONG", 50)
    assert behind(database, reader, [projection]) == [projection]
    rebuilt(town, projection)
    assert behind(database, reader, [projection]) == []


def test_tables_with_other_indexes_than_this_release_makes_are_rebuilt(town, projection):
    """An index that is missing, or is defined otherwise, makes questions slow: the release that needs it brings it."""
    database, reader = town.installation.database, town.installation.ledger.reader
    first, *others = projection.tables
    narrower = replace(projection, tables=(replace(first, indexes=first.indexes[1:]), *others))
    other = replace(projection, tables=(replace(first, indexes=("(version)",)), *others))
    assert behind(database, reader, [projection]) == []
    for changed in (narrower, other, projection):
        assert behind(database, reader, [changed]) == [changed]
        rebuilt(town, changed)
        assert behind(database, reader, [changed]) == []


@pytest.mark.parametrize("table", ["stands", "position"])
def test_a_projection_whose_tables_are_not_all_there_is_rebuilt(town, projection, table):
    """Whoever drops some of them has nothing else to do than to start again, or to rebuild."""
    database, reader = town.installation.database, town.installation.ledger.reader
    rebuilt(town, projection)
    with connect(database.url("owner")) as owner:
        owner.execute(f"DROP TABLE {projection.schema}.{table}")
    assert behind(database, reader, [projection]) == [projection]
    rebuilt(town, projection)
    assert behind(database, reader, [projection]) == []
    assert stored(town, projection) == expected(town, projection)
