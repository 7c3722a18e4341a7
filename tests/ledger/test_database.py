"""Least privilege, migrations, and a PostgreSQL server of yours."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from ledger.errors import ConfigurationError, UnavailableError
from ledger.installation import found, open_installation
from ledger.settings import Settings
from ledger.store.database import MIGRATIONS, Database, connect, with_role
from ledger.store.embedded import EmbeddedPostgres
from ledger.store.postmaster import ADMIN
from tests.conftest import OPERATOR, fresh_ledger

TABLES = ["events", "tiles", "checkpoints"]
CHANGES = {
    "update": "UPDATE ledger.{} SET {} = {}",
    "delete": "DELETE FROM ledger.{}",
    "truncate": "TRUNCATE ledger.{} CASCADE",
}
COLUMN = {"events": "topic", "tiles": "level", "checkpoints": "note"}


def change(kind, table):
    return CHANGES[kind].format(table, COLUMN[table], COLUMN[table])


@pytest.fixture(scope="module")
def database(databases, founded, tmp_path_factory):
    with (
        fresh_ledger(databases, founded, tmp_path_factory.mktemp("database")) as own,
        open_installation(own) as installation,
    ):
        yield installation.database


def run(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement).fetchall() if "SELECT" in statement else connection.execute(statement)


# --- least privilege ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["writer", "reader"])
def test_every_role_acts_as_itself(database, role):
    assert run(database.url(role), "SELECT current_user") == [(f"jiannuo_{role}",)]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("role", ["writer", "reader"])
def test_writer_and_reader_can_change_nothing(database, role, kind, table):
    with pytest.raises(errors.InsufficientPrivilege):
        run(database.url(role), change(kind, table))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("kind", CHANGES)
def test_the_owner_is_refused_by_trigger(database, kind, table):
    """Also where no row is touched, and for the superuser that the owner is here."""
    with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
        run(database.url("owner"), change(kind, table))


@pytest.mark.parametrize("table", TABLES)
def test_an_upsert_changes_nothing_either(database, table):
    key = {"events": "notification_id", "tiles": "level, n", "checkpoints": "size"}[table]
    statement = (
        f"INSERT INTO ledger.{table} SELECT * FROM ledger.{table} ON CONFLICT ({key}) "
        f"DO UPDATE SET {COLUMN[table]} = excluded.{COLUMN[table]}"
    )
    for role in ("writer", "owner"):
        with pytest.raises(errors.InsufficientPrivilege):
            run(database.url(role), statement)


@pytest.mark.parametrize("table", TABLES)
def test_the_reader_cannot_insert(database, table):
    with pytest.raises(errors.InsufficientPrivilege):
        run(database.url("reader"), f"INSERT INTO ledger.{table} SELECT * FROM ledger.{table} LIMIT 0")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ["writer", "reader"])
def test_both_can_read_all_of_it(database, role, table):
    run(database.url(role), f"SELECT * FROM ledger.{table} LIMIT 1")


@pytest.mark.parametrize("role", ["writer", "reader"])
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE ledger.own (a int)",
        "CREATE TABLE public.own (a int)",
        "CREATE SCHEMA own",
        "DROP TABLE ledger.events",
        "ALTER TABLE ledger.events DISABLE TRIGGER append_only",
        "DROP TRIGGER append_only ON ledger.events",
        "ALTER TABLE ledger.events ADD COLUMN a int",
        "CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "CREATE ROLE own",
        "SET session_replication_role = replica",
        "INSERT INTO ledger.migrations (number, name) VALUES (99, 'x')",
        "BEGIN; LOCK TABLE ledger.events IN ACCESS EXCLUSIVE MODE",
    ],
)
def test_neither_can_widen_its_rights(embedded_urls, role, statement):
    """As the log-ins that the embedded server gives: they cannot switch back to anybody either."""
    with pytest.raises(errors.InsufficientPrivilege):
        run(embedded_urls[role], statement)


@pytest.mark.parametrize("role", ["writer", "reader"])
def test_a_right_that_one_has_not_cannot_be_given_away(embedded_urls, role):
    """PostgreSQL answers with a warning, and grants nothing."""
    run(embedded_urls[role], "GRANT UPDATE ON ledger.events TO PUBLIC")
    with pytest.raises(errors.InsufficientPrivilege, match="permission denied"):
        run(embedded_urls[role], change("update", "events"))


@pytest.fixture(scope="module")
def embedded_urls(server):
    """The log-ins of the embedded server's own database."""
    return {role: server.url(f"jiannuo_{role}") for role in ("owner", "writer", "reader")}


@pytest.mark.parametrize("role", ["writer", "reader"])
def test_the_embedded_log_ins_are_members_of_nothing(embedded_urls, role):
    for other in (ADMIN, "jiannuo_owner", "jiannuo_writer" if role == "reader" else "jiannuo_reader"):
        with pytest.raises(errors.InsufficientPrivilege):
            run(embedded_urls[role], f"SET ROLE {other}")


def test_the_embedded_owner_is_no_superuser(embedded_urls):
    query = "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    assert run(embedded_urls["owner"], query) == [(False,)]


# --- constraints ----------------------------------------------------------------------------------------------------

COPY = (
    "INSERT INTO ledger.events SELECT {stream}, {version}, topic, state, {number}, {jti}, {leaf} "
    "FROM ledger.events ORDER BY notification_id DESC LIMIT 1"
)
NEW = {
    "stream": "'body/new'",
    "version": "1",
    "number": "notification_id + 1",
    "jti": "gen_random_uuid()",
    "leaf": "leaf_hash",
}


@pytest.mark.parametrize(
    "same",
    [
        {"stream": "originator_id", "version": "originator_version"},
        {"number": "notification_id"},
        {"number": "0"},
        {"jti": "jti"},
        {"version": "0"},
        {"leaf": "'\\x00'"},
        {"number": "NULL"},
    ],
    ids=str,
)
def test_the_tables_themselves_refuse_what_cannot_be(database, same):
    """The last line: versions, indexes and ids are there once, hashes have their length."""
    with pytest.raises(errors.IntegrityError):
        run(database.url("writer"), COPY.format(**{**NEW, **same}))


def test_a_checkpoint_is_of_a_size_that_the_log_had(database):
    with pytest.raises(errors.ForeignKeyViolation):
        run(database.url("writer"), "INSERT INTO ledger.checkpoints VALUES (999, 'x')")


# --- migrations -----------------------------------------------------------------------------------------------------


def applied(url):
    return run(url, "SELECT number, name FROM ledger.migrations ORDER BY number")


def test_migrating_again_changes_nothing(databases, tmp_path):
    name = databases.create()
    own = Settings(tmp_path, databases.url(name))
    for _ in range(3):
        with Database(own) as database:
            assert applied(database.url("owner")) == [(n + 1, m) for n, m in enumerate(MIGRATIONS)]
    databases.drop(name)


def test_many_may_migrate_at_once(databases, tmp_path):
    name = databases.create()
    own, failed, start = Settings(tmp_path, databases.url(name)), [], threading.Barrier(8)

    def migrate():
        start.wait()
        try:
            with Database(own):
                pass
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=migrate) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(applied(databases.url(name))) == len(MIGRATIONS)
    databases.drop(name)


def test_a_migration_that_fails_leaves_nothing(databases, tmp_path, monkeypatch):
    name = databases.create()
    own = Settings(tmp_path, databases.url(name))
    monkeypatch.setattr("ledger.store.database.MIGRATIONS", (*MIGRATIONS, "database.py"))  # which is no SQL
    with pytest.raises(psycopg.Error), Database(own):
        pass
    assert run(own.database_url, "SELECT to_regclass('ledger.events')") == [(None,)]
    monkeypatch.undo()
    with Database(own):
        pass
    databases.drop(name)


def test_a_database_of_a_newer_program_is_refused(databases, tmp_path):
    name = databases.create()
    own = Settings(tmp_path, databases.url(name))
    with Database(own):
        pass
    run(own.database_url, f"INSERT INTO ledger.migrations (number, name) VALUES ({len(MIGRATIONS) + 1}, 'later.sql')")
    with pytest.raises(ConfigurationError, match="newer"), Database(own):
        pass
    databases.drop(name)


@pytest.mark.parametrize("version", [140012, 190000])
def test_another_major_version_is_refused(databases, tmp_path, monkeypatch, version):
    name = databases.create()
    monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", version)
    with pytest.raises(ConfigurationError, match="expected version 15 to 18"):
        Database(Settings(tmp_path, databases.url(name))).__enter__()
    databases.drop(name)


# --- a server of yours ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A second cluster, on which no role of ours was ever made."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("elsewhere") / "h") as other:
        yield other


@pytest.fixture(scope="module")
def city(elsewhere):
    """A database there whose owner is no superuser, but may create roles: as a hosting company gives it."""
    admin = elsewhere.url(ADMIN)
    run(admin, "CREATE ROLE city LOGIN CREATEROLE PASSWORD 'secret with spaces & signs'")
    run(admin, "CREATE DATABASE city OWNER city")
    return elsewhere.url("city", "city")


def test_a_server_of_yours_gets_the_roles_and_serves(city, tmp_path):
    own = Settings(tmp_path / "h", city)
    with open_installation(own, founding=True) as installation:
        found(installation, OPERATOR)
        assert installation.ledger.size == 5
        assert installation.database.embedded is None
        for role in ("writer", "reader"):
            assert run(installation.database.url(role), "SELECT current_user, session_user") == [
                (f"jiannuo_{role}", "city")
            ]
        with pytest.raises(errors.InsufficientPrivilege, match="permission denied"):
            run(installation.database.url("writer"), "UPDATE ledger.events SET topic = topic")
        with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
            run(installation.database.url("owner"), "UPDATE ledger.events SET topic = topic")
    assert not (own.home / "pg").exists()
    with open_installation(own) as installation:
        assert installation.ledger.size == 5


def test_log_ins_of_their_own_are_used_as_they_are(elsewhere, city, tmp_path):
    with Database(Settings(tmp_path / "h", city)):
        pass
    admin = elsewhere.url(ADMIN)
    run(admin, "CREATE ROLE pen LOGIN IN ROLE jiannuo_writer")
    run(admin, "CREATE ROLE eye LOGIN IN ROLE jiannuo_reader")
    own = replace(
        Settings(tmp_path / "h", city), writer_url=elsewhere.url("pen", "city"), reader_url=elsewhere.url("eye", "city")
    )
    with Database(own) as database:
        assert run(database.url("writer"), "SELECT current_user") == [("pen",)]
        assert run(database.url("reader"), "SELECT current_user") == [("eye",)]
        run(database.url("reader"), "SELECT * FROM ledger.events")


def test_an_owner_that_may_create_no_roles_is_told_what_to_have_run(elsewhere, tmp_path_factory):
    with EmbeddedPostgres(tmp_path_factory.mktemp("bare") / "h") as bare:
        admin = bare.url(ADMIN)
        run(admin, "CREATE ROLE plain LOGIN")
        run(admin, "CREATE DATABASE plain OWNER plain")
        own = Settings(tmp_path_factory.mktemp("plain"), bare.url("plain", "plain"))
        with (
            pytest.raises(ConfigurationError, match=r"CREATE ROLE jiannuo_writer; GRANT jiannuo_writer TO"),
            Database(own),
        ):
            pass
        run(admin, "CREATE ROLE jiannuo_writer; CREATE ROLE jiannuo_reader")
        run(admin, "GRANT jiannuo_writer, jiannuo_reader TO plain")
        with Database(own) as database:
            assert run(database.url("writer"), "SELECT current_user") == [("jiannuo_writer",)]


@pytest.mark.parametrize("where", ["nobody listens", "no such socket", "no such database", "no such host"])
def test_a_server_that_cannot_be_reached_is_named_in_words(elsewhere, tmp_path, where):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        url = {
            "nobody listens": f"postgresql://a@127.0.0.1:{taken.getsockname()[1]}/a",
            "no such socket": f"postgresql://a@/a?host={tmp_path}",
            "no such database": elsewhere.url(ADMIN, "nothing"),
            "no such host": "postgresql://a@nowhere.invalid/a",
        }[where]
        with pytest.raises(UnavailableError, match="PostgreSQL cannot be reached") as error:
            Database(Settings(tmp_path, url)).__enter__()
    assert "无法连接" in error.value.zh


def test_no_password_is_repeated_in_an_error(tmp_path):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://a:geheim@127.0.0.1:{taken.getsockname()[1]}/a"
        with pytest.raises(UnavailableError) as error:
            Database(Settings(tmp_path, url)).__enter__()
    assert "geheim" not in str(error.value)


def test_connect_speaks_of_the_server_and_gives_autocommit(city):
    with connect(city) as connection:
        assert connection.autocommit


@pytest.mark.parametrize("url", ["postgresql://a:geheim@[h/x", "dbname", "host='open"])
def test_a_url_that_is_none_is_refused_without_being_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Database(Settings(tmp_path, url))
    assert "connection string" in refused.value.en
    assert url not in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_a_roles_session_keeps_the_options_of_its_url() -> None:
    found = with_role("postgresql://app@db/city?options=-cstatement_timeout%3D5s", "jiannuo_reader")
    assert "-cstatement_timeout=5s -crole=jiannuo_reader" in found
