"""What all tests share: Hypothesis profiles, a PostgreSQL server, founded ledgers, the web application.

One embedded server serves the whole run, all workers of it. A ledger of its own for a test is a copy of a founded one:
``CREATE DATABASE … TEMPLATE``, which takes some tens of milliseconds. The server of the tests does not wait for its
disk; tests about crashes start one that does.
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from ledger.domain.identifiers import fictional_uscc
from ledger.installation import Installation, Operator, found, open_installation
from ledger.settings import Settings
from ledger.store import postmaster
from ledger.store.database import Database
from ledger.store.embedded import EmbeddedPostgres

if TYPE_CHECKING:  # the web's modules take their time to import; most tests need them not
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from projections.reading import Reading

_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
settings.register_profile("dev", deadline=None, max_examples=50, suppress_health_check=_SLOW)
settings.register_profile("ci", settings.get_profile("dev"), max_examples=100, derandomize=True)
settings.register_profile("thorough", settings.get_profile("dev"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "dev"))

OPERATOR = Operator(fictional_uscc(1), "示例市信用办公室（虚构）")

CASES = Path(__file__).parents[1] / "examples" / "cases"

_numbers = itertools.count(1)


def pytest_xdist_auto_num_workers() -> int:
    """Two workers a core for ``-n auto``: tests of services wait more than they compute."""
    return 2 * (os.cpu_count() or 1)


def needs(*programs: str) -> None:
    """Skips a test, with the reason, where a program that is not ours is missing; in CI nothing may be missing."""
    missing = [p for p in programs if shutil.which(p) is None]
    if missing:
        lacking(f"not installed: {', '.join(missing)}")


def lacking(reason: str) -> NoReturn:
    """Skips a test for want of something that is not ours; with CI=true that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[EmbeddedPostgres]:
    """The run's PostgreSQL server. Workers share it: who comes first starts it, who leaves last stops it."""
    base = tmp_path_factory.getbasetemp()
    home = (base if worker_id == "master" else base.parent) / "server"
    usual = dict(postmaster.SETTINGS)
    postmaster.SETTINGS.update({"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"})
    # Hundreds of small databases, each with services of its own: all workers connect, and nothing grows old.
    postmaster.SETTINGS.update({"max_connections": "500", "autovacuum": "off"})
    try:
        database = Database(Settings(home))
        with database:
            postmaster.SETTINGS.clear()
            postmaster.SETTINGS.update(usual)
            assert database.embedded is not None
            yield database.embedded
    finally:
        postmaster.SETTINGS.clear()
        postmaster.SETTINGS.update(usual)


@dataclass(frozen=True)
class Databases:
    """Makes databases on the run's server. ``url`` is that of a new one; the superuser's."""

    server: EmbeddedPostgres
    worker: str

    def create(self, template: str = "template0") -> str:
        """The name of a new database, a copy of ``template``."""
        name = f"t_{self.worker}_{next(_numbers)}"
        self.run("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log", name, template)
        return name

    def drop(self, name: str) -> None:
        """Removes a database, whoever is connected to it."""
        self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def url(self, name: str, role: str = postmaster.ADMIN) -> str:
        """The connection string of a database."""
        return self.server.url(role, name)

    def disconnect(self, name: str) -> None:
        """Ends all sessions of a database."""
        with psycopg.connect(self.server.url(postmaster.ADMIN), autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

    def run(self, statement: str, *names: str) -> None:
        """A statement of the superuser, with names put in for its braces."""
        with psycopg.connect(self.server.url(postmaster.ADMIN), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def databases(server: EmbeddedPostgres, worker_id: str) -> Databases:
    """Where databases are made and dropped."""
    return Databases(server, worker_id)


@dataclass(frozen=True)
class Founded:
    """A founded ledger that nobody uses: its database is copied for each test, and its keys."""

    database: str
    home: Path


@pytest.fixture(scope="session")
def founded(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """The ledger that others are copies of; the projections' tables are there and empty, which spares each its own."""
    from projections import tables
    from projections.catalogue import PROJECTIONS

    template = Founded(databases.create(), tmp_path_factory.mktemp("founded") / "home")
    with open_installation(Settings(template.home, databases.url(template.database)), founding=True) as installation:
        found(installation, OPERATOR)
        tables.install(installation.database.url("owner"), PROJECTIONS.values())
    return template


@pytest.fixture(scope="session")
def played(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A ledger in which the worked cases were played. It is shared: read it, do not write to it."""
    from ledger.playing import Clock, Player, read_script

    clock = Clock()
    script = read_script(CASES, OPERATOR.uscc)
    clock.set(script.begins)
    settings = Settings(tmp_path_factory.mktemp("played") / "home", databases.url(databases.create()))
    with open_installation(settings, clock=clock, founding=True) as installation:
        found(installation, OPERATOR)
        for _ in Player(installation, clock, script).play():
            pass
        clock.let_go()
        yield installation


@contextmanager
def fresh_ledger(databases: Databases, founded: Founded, folder: Path) -> Iterator[Settings]:
    """The settings of a fresh founded ledger, whose keys are in ``folder``; its database is dropped at the end."""
    name = databases.create(founded.database)
    try:
        shutil.copytree(founded.home, folder / name)
        yield Settings(folder / name, databases.url(name))
    finally:
        databases.drop(name)


@pytest.fixture
def settings_of(databases: Databases, founded: Founded, tmp_path: Path) -> Iterator[Callable[[], Settings]]:
    """Makes the settings of a fresh founded ledger, each time of another one."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(fresh_ledger(databases, founded, tmp_path))


@pytest.fixture
def installation(settings_of: Callable[[], Settings]) -> Iterator[Installation]:
    """A fresh ledger: founded, its operator registered, nothing else in it."""
    with open_installation(settings_of()) as opened:
        yield opened


@pytest.fixture
def app(installation: Installation) -> Iterator[FastAPI]:
    """The web application on a fresh ledger."""
    with application(installation) as made:
        yield made


@contextmanager
def application(installation: Installation) -> Iterator[FastAPI]:
    """The web application on an open ledger."""
    from api.app import create_app

    with read_side(installation) as reading:
        yield create_app(installation, reading)


@contextmanager
def read_side(installation: Installation) -> Iterator[Reading]:
    """The projections of an open ledger: all that is in its log now, and what comes meanwhile."""
    from projections.reading import Reading
    from projections.runner import Runner

    runner = Runner(installation.database, installation.ledger.reader)
    with runner, Reading(installation.database) as reading:
        runner.catch_up()
        runner.start()
        yield reading


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """Calls the application without a network. What the application did not foresee is raised in the test."""
    return caller_of(app)


def caller_of(app: FastAPI) -> TestClient:
    """See :func:`client`."""
    with warnings.catch_warnings():  # it would rather have another package than httpx
        warnings.simplefilter("ignore")
        from starlette.testclient import TestClient
    return TestClient(app)


@dataclass(frozen=True)
class Served:
    """A ledger behind a real socket."""

    url: str
    address: tuple[str, int]
    installation: Installation


@pytest.fixture
def served(installation: Installation, app: FastAPI) -> Iterator[Served]:
    """The application as uvicorn serves it, on a free port of this machine."""
    with serving(installation, app) as made:
        yield made


@contextmanager
def serving(installation: Installation, app: FastAPI) -> Iterator[Served]:
    """See :func:`served`."""
    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # who comes early waits
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, server_header=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    host, port = listener.getsockname()
    try:
        yield Served(f"http://{host}:{port}", (host, port), installation)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
