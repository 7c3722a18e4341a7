"""Diff: the rows that are shown against those that the entries give; each way to change a row, and what is found."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from audit.diff import Difference, diff, gathered
from audit.replay import EntryError, length, read
from ledger.errors import NotFoundError, UnavailableError
from ledger.store.database import Database
from ledger.store.reader import Reader
from ledger.store.recorder import datastore
from ledger.store.source import PostgresSource
from projections import rebuild as rebuilding
from projections.applying import Applier
from projections.catalogue import PROJECTIONS
from projections.projection import Case, Projection, Row
from projections.rebuild import rebuild
from projections.rows import shown
from projections.tables import install, places
from tests.audit.played_copies import projected_template, tampered

CASES, COMMITMENTS = PROJECTIONS["cases"], PROJECTIONS["commitments"]
TABLES = [(p.name, t.name) for p in PROJECTIONS.values() for t in p.tables]
OTHER = {  # another value than the one that is there, by type
    "text": "coalesce({c}, '') || 'x'",
    "bigint": "coalesce({c}, 0) + 1",
    "boolean": "NOT coalesce({c}, false)",
    "date": "coalesce({c} - 1, '2026-04-01')",
    "timestamptz": "coalesce({c} + interval '1 millisecond', '2026-04-01')",
    "text[]": "coalesce({c}, '{{}}') || '{{x}}'",
    "integer[]": "coalesce({c}, '{{}}') || '{{7}}'",
}
SOME = {
    "text": "'x'",
    "bigint": "7",
    "boolean": "true",
    "date": "'2026-04-01'",
    "timestamptz": "'2026-04-01'",
    "text[]": "'{x}'",
    "integer[]": "'{7}'",
}


@pytest.fixture(scope="module")
def template(databases, played, tmp_path_factory):
    with projected_template(databases, played, tmp_path_factory.mktemp("projected")) as settings:
        yield settings


@pytest.fixture(scope="module")
def entries(played):
    with PostgresSource(played.database.url("reader")).open() as session:
        return list(read(session, length(session)))


@pytest.fixture(scope="module")
def log(entries):
    return gathered(entries)


def reader(settings):
    """The reader's connection string, as the database gives it."""
    return str(settings.database_url).replace("jiannuo_admin@", "jiannuo_reader@")


def compared(databases, template, log, projection, *statements):
    """The result of a diff after the statements of a superuser."""
    with tampered(databases, template, *statements) as settings:
        return of(settings, log, projection)


def of(settings, log, projection):
    with shown(reader(settings), [projection]) as found:
        return diff(projection, log, found.position(projection), found.rows(projection))


def rows_of(template, projection, table):
    with shown(reader(template), [projection]) as found:
        return [row for name, row in found.rows(projection) if name == table]


def quoted(column):
    """A column's name, also where SQL has a word of its own for it."""
    return f'"{column}"'


def table_of(name, table):
    """A table by its names: projection, table, the name in a statement, types of columns."""
    projection = PROJECTIONS[name]
    found = next(t for t in projection.tables if t.name == table)
    types = {column: kind.split(" COLLATE")[0].split(" NOT")[0] for column, kind in found.columns.items()}
    return projection, found, f"{projection.schema}.{table}", types


@pytest.mark.parametrize("name", PROJECTIONS)
def test_every_projection_of_the_played_ledger_is_consistent(template, entries, log, name):
    found = of(template, log, PROJECTIONS[name])
    assert (found.total, found.differences, found.exit_code) == (0, [], 0)
    assert (found.name, found.position) == (PROJECTIONS[name].schema, len(entries))
    assert found.rows > 0 or name == "filings"  # none of the worked cases has one


@pytest.mark.parametrize("name", PROJECTIONS)
def test_rows_are_streamed_table_by_table_in_the_order_of_their_keys(template, name):
    projection = PROJECTIONS[name]
    with shown(reader(template), [projection]) as found:
        rows = list(found.rows(projection))
    assert [t for t, _ in rows] == sorted(t for t, _ in rows)
    for table in projection.tables:
        key = (*table.fields[: table.key], "asserted")
        keys = [tuple(row[column] for column in key) for t, row in rows if t == table.name]
        assert keys == sorted(keys)
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_every_value_that_was_changed_is_found_and_nothing_else(databases, template, log, name, table):
    """All columns of a row beside its key, each told by itself."""
    projection, found, place, types = table_of(name, table)
    rows = rows_of(template, projection, table)
    if not rows:
        return  # nothing of it in the worked cases; what was put in is found all the same, see below
    columns = [*found.fields[found.key :], "retracted"]
    changes = ", ".join(f'"{c}" = {OTHER[types.get(c, "bigint")].format(c=quoted(c))}' for c in columns)
    first = f"ctid = (SELECT min(ctid) FROM {place})"
    changes = changes.replace('"retracted" = coalesce("retracted", 0) + 1', '"retracted" = asserted + 1000000')
    result = compared(databases, template, log, projection, f"UPDATE {place} SET {changes} WHERE {first}")
    assert sorted(d.column for d in result.differences) == sorted(columns)
    assert {(d.code, d.table, d.projection) for d in result.differences} == {("value", table, projection.schema)}
    key = result.differences[0].key
    before = next(row for row in rows if key.items() <= row.items())
    for one in result.differences:
        assert one.expected == before[one.column] != one.shown
    assert result.exit_code == 4


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_a_row_that_was_deleted_is_found(databases, template, log, name, table):
    projection, found, place, _ = table_of(name, table)
    rows = rows_of(template, projection, table)
    if not rows:
        return
    key = {column: rows[-1][column] for column in (*found.fields[: found.key], "asserted")}
    where = " AND ".join(f"{column} = '{value}'" for column, value in key.items())
    result = compared(databases, template, log, projection, f"DELETE FROM {place} WHERE {where}")
    assert result.differences == [Difference(projection.schema, "missing", table, key)]
    assert (result.total, result.exit_code) == (1, 4)


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_a_row_that_was_put_in_is_found(databases, template, log, name, table):
    projection, found, place, types = table_of(name, table)
    values = ", ".join(SOME[kind] for kind in types.values())
    result = compared(databases, template, log, projection, f"INSERT INTO {place} VALUES ({values}, 9999)")
    [one] = result.differences
    assert (one.code, one.table, result.exit_code) == ("extra", table, 4)
    assert tuple(one.key) == (*found.fields[: found.key], "asserted")


FIRST = f"stream = (SELECT min(stream) FROM {CASES.schema}.cases)"


def test_a_row_that_changed_its_key_is_both_missing_and_extra(databases, template, log):
    statement = f"UPDATE {CASES.schema}.cases SET stream = 'record/x' WHERE {FIRST}"
    found = compared(databases, template, log, CASES, statement)
    assert sorted((d.code, d.table) for d in found.differences) == [("extra", "cases"), ("missing", "cases")]


def test_a_second_row_of_the_same_key_is_extra(databases, template, log):
    c = CASES.schema
    found = compared(
        databases,
        template,
        log,
        CASES,
        f"ALTER TABLE {c}.cases DROP CONSTRAINT cases_pkey",
        f"INSERT INTO {c}.cases SELECT * FROM {c}.cases LIMIT 1",
    )
    assert [(d.code, d.table, list(d.key)) for d in found.differences] == [("extra", "cases", ["stream", "asserted"])]


def test_a_column_that_was_added_and_says_something_is_found(databases, template, log):
    c = CASES.schema
    found = compared(
        databases,
        template,
        log,
        CASES,
        f"ALTER TABLE {c}.cases ADD COLUMN note text",
        f"UPDATE {c}.cases SET note = '优秀' WHERE {FIRST}",
    )
    [one] = found.differences
    assert (one.code, one.column, one.expected, one.shown) == ("value", "note", None, "优秀")


def test_a_day_without_end_can_be_shown(databases, template, log):
    statement = f"UPDATE {CASES.schema}.cases SET begun_on = 'infinity' WHERE {FIRST}"
    [one] = compared(databases, template, log, CASES, statement).differences
    assert (one.column, one.shown) == ("begun_on", "infinity")


def test_a_table_that_is_gone_misses_all_its_rows(databases, template, log):
    found = compared(databases, template, log, CASES, f"DROP TABLE {CASES.schema}.cases")
    assert found.total == len(rows_of(template, CASES, "cases")) > 10
    assert {(d.code, d.table) for d in found.differences} == {("missing", "cases")}


def test_all_differences_are_counted_and_the_first_100_are_kept(databases, template, log):
    put_in = "SELECT 'x', 'p-' || n, 'lead', 9999 FROM generate_series(1, 250) AS n"
    statement = f"INSERT INTO {COMMITMENTS.schema}.parts {put_in}"
    found = compared(databases, template, log, COMMITMENTS, statement)
    assert (found.total, len(found.differences)) == (250, 100)


def test_a_projection_that_lags_is_compared_where_it_is(databases, template, entries, log):
    """Its rows are those of its position: consistent, though the log goes on."""
    dropped = f"DROP SCHEMA {CASES.schema} CASCADE"
    with tampered(databases, template, dropped) as settings, Database(settings) as database:
        install(database.url("owner"), [CASES])
        store = datastore(database.url("reader"), pool_size=2)
        applier = Applier(Reader(store), [CASES], batch=17)
        with psycopg.connect(database.url("writer"), autocommit=True) as connection:
            applier.lock(connection)
            for _ in range(3):
                applier.step(connection)
            (place,) = places(connection, [CASES]).values()
        store.close()
        assert 0 < place.position < len(entries)
        found = of(settings, log, CASES)
        assert (found.total, found.position) == (0, place.position)
        with shown(reader(settings), [CASES]) as rows:
            assert diff(CASES, log, len(entries), rows.rows(CASES)).total > 0


def test_a_position_that_was_turned_back_does_not_hide_the_rows_after_it(databases, template, log):
    found = compared(databases, template, log, CASES, f"UPDATE {CASES.schema}.position SET position = 20")
    assert found.position == 20
    assert found.exit_code == 4
    assert {"extra", "value"} >= {d.code for d in found.differences}


@pytest.mark.parametrize("by", [1, 10**12])
def test_a_position_beyond_the_logs_end_is_found(databases, template, entries, log, by):
    statement = f"UPDATE {CASES.schema}.position SET position = position + {by}"
    found = compared(databases, template, log, CASES, statement)
    size = len(entries)
    assert found.differences == [Difference(CASES.schema, "position", "position", {}, "position", size, size + by)]
    assert found.exit_code == 4


def test_a_log_that_is_shorter_than_what_is_shown_is_found(template, entries):
    assert of(template, gathered(entries[:-1]), CASES).differences[0].code == "position"


def test_entries_that_give_no_rows_are_refused_with_the_index(entries):
    with pytest.raises(EntryError) as caught:
        gathered([*entries[:30], (30, b"promised")])
    assert (caught.value.problem.index, caught.value.problem.code) == (30, "malformed")


def failing(case: Case) -> Iterator[Row]:
    if case.last.index == 30:
        raise ValueError("no such case")
    yield from ()


def test_an_event_that_a_projection_cannot_take_is_refused_with_its_index(entries, log):
    bad = Projection("bad", 1, (), frozenset(PROJECTIONS["provenance"].kinds), failing)
    with pytest.raises(EntryError) as caught:
        diff(bad, log, len(entries), [])
    assert (caught.value.problem.index, caught.value.problem.code) == (30, "course")


def test_a_projection_that_was_never_built_cannot_be_compared(databases, template):
    statement = f"DROP SCHEMA {CASES.schema} CASCADE"
    with (
        tampered(databases, template, statement) as settings,
        pytest.raises(NotFoundError, match="not built"),
        shown(reader(settings), [CASES]),
    ):
        pass


def test_rows_that_the_reader_may_not_read_could_not_be_compared(databases, template):
    statement = f"REVOKE SELECT ON {CASES.schema}.cases FROM jiannuo_reader"
    with (
        tampered(databases, template, statement) as settings,
        shown(reader(settings), [CASES]) as found,
        pytest.raises(UnavailableError, match="permission denied"),
    ):
        list(found.rows(CASES))


def test_rows_are_of_one_moment(databases, template, log):
    with tampered(databases, template) as settings, shown(reader(settings), [CASES]) as found:
        with psycopg.connect(str(settings.database_url), autocommit=True) as connection:
            connection.execute(f"DELETE FROM {CASES.schema}.cases".encode())
        assert diff(CASES, log, found.position(CASES), found.rows(CASES)).total == 0


def test_a_projection_that_is_rebuilt_meanwhile_must_be_compared_again(databases, template, log, monkeypatch):
    """Its new rows are not of the moment that is looked at: to find none of them would be a false alarm."""
    monkeypatch.setattr(rebuilding, "_DROP_SECONDS", 0.2)
    with tampered(databases, template) as settings, Database(settings) as database:
        store = datastore(database.url("reader"), pool_size=2)
        with shown(reader(settings), [CASES]) as found:
            rebuild(database, Reader(store), [CASES])
            with pytest.raises(UnavailableError, match="rebuilt meanwhile"):
                diff(CASES, log, found.position(CASES), found.rows(CASES))
        assert of(settings, log, CASES).total == 0
        store.close()
