"""Copies of the played ledger with its projections, for tests that change them as a superuser can."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from ledger.installation import Installation, open_installation
from ledger.settings import Settings
from ledger.store.database import Database
from projections.runner import Runner
from tests.conftest import Databases

TABLES = ("events", "tiles", "checkpoints")


@contextmanager
def projected_template(databases: Databases, played: Installation, folder: Path) -> Iterator[Settings]:
    """A database with the entries of ``played`` and projections over all of them; nobody is connected to it."""
    name = databases.create()
    settings = Settings(folder / "home", databases.url(name))
    try:
        shutil.copytree(played.settings.home, settings.home)
        with Database(settings):
            pass
        with psycopg.connect(played.database.url("reader")) as source, psycopg.connect(databases.url(name)) as target:
            for table in TABLES:
                copy_table(source, target, f"ledger.{table}")
        with (
            open_installation(settings) as installation,
            Runner(installation.database, installation.ledger.reader) as r,
        ):
            r.catch_up()
        yield settings
    finally:
        databases.drop(name)


@contextmanager
def tampered(databases: Databases, template: Settings, *statements: str) -> Iterator[Settings]:
    """A copy of the template in which a superuser, triggers off, ran the statements; each has to hit a row."""
    name = databases.create(str(template.database_url).rpartition("/")[2].partition("?")[0])
    try:
        with psycopg.connect(databases.url(name), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            for statement in statements:
                hit = connection.execute(statement.encode()).rowcount
                assert hit, statement
        yield Settings(template.home, databases.url(name))
    finally:
        databases.drop(name)


def copy_table(source: psycopg.Connection, target: psycopg.Connection, table: str) -> None:
    """Copies all rows of a table from one database to another."""
    reading = source.cursor().copy(f"COPY {table} TO STDOUT (FORMAT BINARY)".encode())
    writing = target.cursor().copy(f"COPY {table} FROM STDIN (FORMAT BINARY)".encode())
    with reading as rows, writing as rest:
        for data in rows:
            rest.write(data)
