"""Diff: the rows that are shown against those that the entries give; each way to change a row, and what is found."""

from __future__ import annotations

import psycopg
import pytest

from audit.diff import Difference, diff
from audit.replay import EntryError, length, read
from ledger.errors import NotFoundError, UnavailableError
from ledger.store.database import Database
from ledger.store.reader import StoredCheckpoint
from ledger.store.source import PostgresSource
from projections.board import BOARD
from projections.board_projection import Insert, Projection, Update
from projections.board_runner import Runner
from projections.rows import shown
from tests.audit.played_copies import board_template, tampered


@pytest.fixture(scope="module")
def template(databases, played, tmp_path_factory):
    with board_template(databases, played, tmp_path_factory.mktemp("board")) as settings:
        yield settings


@pytest.fixture(scope="module")
def entries(played):
    with PostgresSource(played.database.url("reader")).open() as session:
        return list(read(session, length(session)))


def reader(settings):
    """The reader's connection string, as the database gives it."""
    return str(settings.database_url).replace("jiannuo_admin@", "jiannuo_reader@")


def compared(databases, template, entries, *statements):
    """The result of a diff after the statements of a superuser."""
    with tampered(databases, template, *statements) as settings, shown(reader(settings), BOARD) as board:
        return diff(BOARD, entries, board.position, board.rows())


def rows_of(template, table):
    with shown(reader(template), BOARD) as board:
        return [row for name, row in board.rows() if name == table]


def test_the_board_of_the_played_ledger_is_consistent(played, entries):
    with Runner(played.database, played.ledger.reader) as runner:
        runner.catch_up()
    with shown(played.database.url("reader"), BOARD) as board:
        found = diff(BOARD, entries, board.position, board.rows())
    assert (found.total, found.differences, found.exit_code) == (0, [], 0)
    assert (found.name, found.position) == (BOARD.schema, len(entries))
    assert found.rows > 50


def test_rows_are_streamed_table_by_table_in_the_order_of_their_keys(template):
    with shown(reader(template), BOARD) as board:
        rows = list(board.rows())
    assert [t for t, _ in rows] == sorted(t for t, _ in rows)
    assert {t for t, _ in rows} == {"bodies", "body_names", "cases", "commitment_bodies", "commitments"}
    names = [(r["body"], r["index"]) for t, r in rows if t == "body_names"]
    assert names == sorted(names)
    streams = [r["stream"] for t, r in rows if t == "cases"]
    assert len(streams) > 10
    assert streams == sorted(streams)


CASE = "(SELECT min(stream) FROM {b}.cases WHERE subject IS NOT NULL)"
BODY = "(SELECT max(id) FROM {b}.bodies)"
PROMISE = "(SELECT min(id) FROM {b}.commitments WHERE due IS NOT NULL)"
FLIPS = {
    "subject": ("cases", "stream", CASE, "subject", "'11990000000000019A'", "11990000000000019A"),
    "no subject": ("cases", "stream", CASE, "subject", "NULL", None),
    "first day": ("cases", "stream", CASE, "begun_on", "begun_on + 1", None),
    "kind of case": ("cases", "stream", CASE, "kind", "'promised'", "promised"),
    "newest event": ("cases", "stream", CASE, "changed", "changed + 1", None),
    "name": ("bodies", "id", BODY, "name", "name || ' '", None),
    "status": ("bodies", "id", BODY, "status", "'succeeded'", "succeeded"),
    "who answers": ("bodies", "id", BODY, "answers_to", "'11990000000000019A'", "11990000000000019A"),
    "due": ("commitments", "id", PROMISE, "due", "due + 365", None),
    "due for ever": ("commitments", "id", PROMISE, "due", "'infinity'", "infinity"),
    "not due": ("commitments", "id", PROMISE, "due", "NULL", None),
    "title": ("commitments", "id", PROMISE, "title", "'另一事项'", "另一事项"),
}


@pytest.mark.parametrize("name", FLIPS)
def test_a_value_that_was_changed_is_found(databases, template, entries, name):
    table, key, which, column, value, shows = FLIPS[name]
    which = which.format(b=BOARD.schema)
    before = {row[key]: row for row in rows_of(template, table)}
    found = compared(
        databases, template, entries, f"UPDATE {BOARD.schema}.{table} SET {column} = {value} WHERE {key} = {which}"
    )
    assert (found.total, found.exit_code) == (1, 4)
    [one] = found.differences
    assert (one.code, one.table, one.column, list(one.key)) == ("value", table, column, [key])
    assert one.expected == before[one.key[key]][column] != one.shown
    if shows is not None or value == "NULL":
        assert one.shown == shows


@pytest.mark.parametrize("table", ["bodies", "body_names", "cases", "commitment_bodies", "commitments"])
def test_a_row_that_was_deleted_is_found(databases, template, entries, table):
    last = rows_of(template, table)[-1]
    place = " AND ".join(f"{column} = '{last[column]}'" for column in KEYS[table])
    found = compared(databases, template, entries, f"DELETE FROM {BOARD.schema}.{table} WHERE {place}")
    assert found.differences == [Difference("missing", table, {column: last[column] for column in KEYS[table]})]
    assert (found.total, found.exit_code) == (1, 4)


KEYS = {
    "bodies": ("id",),
    "body_names": ("body", "index"),
    "cases": ("stream",),
    "commitment_bodies": ("commitment", "body", "role"),
    "commitments": ("id",),
}
INSERTS = {
    "bodies": ("'p-0000000000000000', 9999, 'provisional', '某单位', NULL, NULL, NULL, NULL, 9999"),
    "body_names": ("'p-0000000000000000', 9999, '某单位', NULL"),
    "cases": ("'record/x', 9999, 'record', NULL, '2026-04-01', 9999"),
    "commitment_bodies": ("'x', 'p-0000000000000000', 'lead'"),
    "commitments": ("'x', 9999, '2026-04-01', '某事项', 'plan', 'general', NULL, 9999"),
}


@pytest.mark.parametrize("table", INSERTS)
def test_a_row_that_was_put_in_is_found(databases, template, entries, table):
    found = compared(databases, template, entries, f"INSERT INTO {BOARD.schema}.{table} VALUES ({INSERTS[table]})")
    [one] = found.differences
    assert (one.code, one.table, tuple(one.key), found.exit_code) == ("extra", table, KEYS[table], 4)
    assert {"x", "record/x", "p-0000000000000000"} & set(one.key.values())


def test_a_row_that_changed_its_key_is_both_missing_and_extra(databases, template, entries):
    which = CASE.format(b=BOARD.schema)
    found = compared(
        databases, template, entries, f"UPDATE {BOARD.schema}.cases SET stream = 'record/x' WHERE stream = {which}"
    )
    assert sorted((d.code, d.table) for d in found.differences) == [("extra", "cases"), ("missing", "cases")]


def test_a_second_row_of_the_same_key_is_extra(databases, template, entries):
    b = BOARD.schema
    found = compared(
        databases,
        template,
        entries,
        f"ALTER TABLE {b}.cases DROP CONSTRAINT cases_pkey, DROP CONSTRAINT cases_index_key",
        f"INSERT INTO {b}.cases SELECT * FROM {b}.cases LIMIT 1",
    )
    assert [(d.code, d.table, list(d.key)) for d in found.differences] == [("extra", "cases", ["stream"])]


def test_a_column_that_was_added_and_says_something_is_found(databases, template, entries):
    b, which = BOARD.schema, CASE.format(b=BOARD.schema)
    found = compared(
        databases,
        template,
        entries,
        f"ALTER TABLE {b}.cases ADD COLUMN note text",
        f"UPDATE {b}.cases SET note = '优秀' WHERE stream = {which}",
    )
    [one] = found.differences
    assert (one.code, one.column, one.expected, one.shown) == ("value", "note", None, "优秀")


def test_a_table_that_is_gone_misses_all_its_rows(databases, template, entries):
    found = compared(databases, template, entries, f"DROP TABLE {BOARD.schema}.cases")
    assert found.total == len(rows_of(template, "cases"))
    assert {(d.code, d.table) for d in found.differences} == {("missing", "cases")}


def test_all_differences_are_counted_and_the_first_100_are_kept(databases, template, entries):
    b = BOARD.schema
    found = compared(
        databases,
        template,
        entries,
        f"INSERT INTO {b}.commitment_bodies SELECT 'x', 'p-' || n, 'lead' FROM generate_series(1, 250) AS n",
    )
    assert (found.total, len(found.differences)) == (250, 100)


class Half:
    """A reader that knows the first entries alone, as a runner asks it."""

    def __init__(self, rows):
        self.rows = rows

    def newest(self):
        return StoredCheckpoint(len(self.rows), "")

    def entries(self, start, stop):
        return self.rows[start:stop]


def test_a_board_that_lags_is_compared_where_it_is(databases, template, entries, played):
    """Its rows are those of its position: consistent, though the log goes on."""
    count = len(entries) // 2
    rows = played.ledger.reader.entries(0, count)
    dropped = f"DROP SCHEMA {BOARD.schema} CASCADE"
    with tampered(databases, template, dropped) as settings, Database(settings) as database:
        with Runner(database, Half(rows)) as runner:
            runner.catch_up()
        with shown(reader(settings), BOARD) as board:
            found = diff(BOARD, entries, board.position, board.rows())
            assert (found.total, found.position) == (0, count)
            assert diff(BOARD, entries, len(entries), board.rows()).total > 0


def test_a_position_that_was_turned_back_does_not_hide_the_rows_after_it(databases, template, entries):
    found = compared(databases, template, entries, f"UPDATE {BOARD.schema}.position SET position = 20")
    assert found.position == 20
    assert found.exit_code == 4
    assert {"extra", "value"} >= {d.code for d in found.differences}


@pytest.mark.parametrize("by", [1, 10**12])
def test_a_position_beyond_the_logs_end_is_found(databases, template, entries, by):
    found = compared(databases, template, entries, f"UPDATE {BOARD.schema}.position SET position = position + {by}")
    size = len(entries)
    assert found.differences == [Difference("position", "position", {}, "position", size, size + by)]
    assert found.exit_code == 4


def test_a_log_that_is_shorter_than_what_is_shown_is_found(template, entries):
    with shown(reader(template), BOARD) as board:
        found = diff(BOARD, entries[:-1], board.position, board.rows())
    assert found.differences[0].code == "position"


def test_entries_that_give_no_rows_are_refused_with_the_index(entries):
    with pytest.raises(EntryError) as caught:
        diff(BOARD, [*entries[:30], (30, b"promised")], 31, [])
    assert (caught.value.problem.index, caught.value.problem.code) == (30, "malformed")


def test_an_event_that_a_projection_cannot_take_is_refused_with_its_index(entries):
    twice = Projection("twice", 1, "", lambda recorded: [Insert("rows", {"id": recorded.index // 5}, {})])
    with pytest.raises(EntryError) as caught:
        diff(twice, entries, len(entries), [])
    assert (caught.value.problem.index, caught.value.problem.code) == (1, "course")


def test_a_change_of_a_row_that_was_never_begun_makes_none(entries):
    never = Projection("never", 1, "", lambda recorded: [Update("rows", {"id": 1}, {"changed": recorded.index})])
    assert diff(never, entries, len(entries), []).total == 0


def test_a_board_that_was_never_built_cannot_be_compared(databases, founded):
    name = databases.create(founded.database)
    with pytest.raises(NotFoundError, match="not built"), shown(databases.url(name, "jiannuo_reader"), BOARD):
        pass
    databases.drop(name)


def test_rows_that_the_reader_may_not_read_could_not_be_compared(databases, template):
    statement = f"REVOKE SELECT ON {BOARD.schema}.cases FROM jiannuo_reader"
    with (
        tampered(databases, template, statement) as settings,
        shown(reader(settings), BOARD) as board,
        pytest.raises(UnavailableError, match="permission denied"),
    ):
        list(board.rows())


def test_rows_are_of_one_moment(databases, template, entries):
    with tampered(databases, template) as settings, shown(reader(settings), BOARD) as board:
        with psycopg.connect(str(settings.database_url), autocommit=True) as connection:
            connection.execute(f"DELETE FROM {BOARD.schema}.cases".encode())
        assert diff(BOARD, entries, board.position, board.rows()).total == 0
