"""Where the ledger's PostgreSQL is, who logs in as what, and the migrations.

Three roles: ``owner`` migrates, ``writer`` may INSERT and SELECT on the ledger's tables, ``reader`` may SELECT. The
embedded server knows them as log-ins. With a server of yours the one URL is the owner's, and sessions of the other two
switch to the roles ``jiannuo_writer`` and ``jiannuo_reader`` when they connect, unless they have URLs of their own.

>>> from pathlib import Path
>>> settings = Settings(Path("home"), database_url="postgresql://app@db/city")
>>> with_role(settings.database_url, "jiannuo_reader")
'user=app dbname=city host=db options=-crole=jiannuo_reader'
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from types import TracebackType
from typing import Literal

import psycopg
from psycopg import conninfo, sql

from ledger.errors import ConfigurationError, UnavailableError
from ledger.settings import Settings
from ledger.store.embedded import EmbeddedPostgres
from ledger.store.patience import PatientConnection

RoleName = Literal["owner", "writer", "reader"]
ROLES: tuple[RoleName, ...] = ("owner", "writer", "reader")
OLDEST, NEWEST = 15, 18
MIGRATIONS = (
    "schema.sql",
    "vault.sql",
    "cosignatures.sql",
    "erasure.sql",
    "masters.sql",
    "unshredded.sql",
    "screening.sql",
    "subscriptions.sql",
)
_MIGRATION_LOCK = 0x6A69616E


class Database:
    """The ledger's database; a context manager that starts, or joins, the embedded server where none is given.

    ``patience`` is for how many seconds it may be silent (ledger/store/patience.py).
    """

    def __init__(self, settings: Settings) -> None:
        for url in (settings.database_url, settings.writer_url, settings.reader_url):
            _check_url(url)
        self._settings = settings
        self.patience = settings.patience
        self.embedded = None if settings.database_url else EmbeddedPostgres(settings.home)

    def __enter__(self) -> Database:
        if self.embedded:
            self.embedded.start()
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leaves the embedded server (its last user stops it)."""
        if self.embedded:
            self.embedded.stop()

    def url(self, role: RoleName) -> str:
        """The connection string of a role, for psycopg, psql and backups."""
        if self.embedded:
            return self.embedded.url(f"jiannuo_{role}")
        own = {"writer": self._settings.writer_url, "reader": self._settings.reader_url}.get(role)
        url = own or self._settings.database_url
        assert url is not None
        return url if own or role == "owner" else with_role(url, f"jiannuo_{role}")

    def _migrate(self) -> None:
        admin = self.embedded.url("jiannuo_admin") if self.embedded else self.url("owner")
        with connect(admin) as connection:
            _check_version(connection)
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))
                _create_roles(connection, login=self.embedded is not None)
                if self.embedded:
                    connection.execute("GRANT CREATE ON DATABASE jiannuo TO jiannuo_owner")
        with connect(self.url("owner")) as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))
            _apply(connection)


@contextmanager
def connect(url: str, *, patience: float = math.inf) -> Iterator[psycopg.Connection]:
    """A connection in autocommit mode. Raises UnavailableError with the server's reason.

    ``patience`` is for how many seconds the server may be silent (ledger/store/patience.py).
    """
    try:
        connection = PatientConnection.connect(url, autocommit=True, connect_timeout=math.ceil(min(10, patience)))
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise UnavailableError(f"PostgreSQL cannot be reached: {reason}", f"无法连接 PostgreSQL：{reason}") from None
    connection.patience = patience
    with connection:
        yield connection


def with_role(url: str, role: str) -> str:
    """``url`` whose sessions act as ``role`` from the start."""
    own = conninfo.conninfo_to_dict(url).get("options") or ""
    return conninfo.make_conninfo(url, options=f"{own} -crole={role}".strip())


def _check_url(url: str | None) -> None:
    """Raises ConfigurationError for what libpq cannot read; without repeating it, since it may hold a password."""
    try:
        conninfo.conninfo_to_dict(url or "")
    except psycopg.ProgrammingError:
        raise ConfigurationError(
            "database URL: expected a libpq connection string such as postgresql://user@host/database",
            "数据库地址：应为 libpq 连接串，如 postgresql://用户@主机/数据库",
        ) from None


def _check_version(connection: psycopg.Connection) -> None:
    major = connection.info.server_version // 10000
    if not OLDEST <= major <= NEWEST:
        raise ConfigurationError(
            f"PostgreSQL: expected version {OLDEST} to {NEWEST}, got {major}",
            f"PostgreSQL：应为 {OLDEST} 至 {NEWEST} 版，实为 {major}",
        )


def _create_roles(connection: psycopg.Connection, *, login: bool) -> None:
    names = [f"jiannuo_{r}" for r in ROLES if login or r != "owner"]
    rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", (names,)).fetchall()
    missing = [n for n in names if n not in {r[0] for r in rows}]
    options = sql.SQL("LOGIN" if login else "NOLOGIN")
    try:
        for name in missing:
            # Roles belong to the server and the lock to a database: another ledger's first start may be quicker.
            with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation), connection.transaction():
                connection.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(name), options))
            if not login:
                connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege:
        orders = "; ".join(f"CREATE ROLE {n}; GRANT {n} TO <user>" for n in missing)
        raise ConfigurationError(
            f"PostgreSQL: this log-in may not create roles; have an administrator run: {orders}",
            f"PostgreSQL：当前登录无权建立角色，请管理员执行：{orders}",
        ) from None


def _apply(connection: psycopg.Connection) -> None:
    """Runs the migrations that this database has not seen."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS ledger")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS ledger.migrations "
        "(number int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    done = {row[0] for row in connection.execute("SELECT number FROM ledger.migrations")}
    if done and max(done) > len(MIGRATIONS):
        raise ConfigurationError(
            f"the database is of a newer Jiannuo (migration {max(done)}); this one knows {len(MIGRATIONS)}",
            f"数据库由更新版本的践诺建立（第 {max(done)} 次迁移），本版本只到第 {len(MIGRATIONS)} 次",
        )
    for number, name in enumerate(MIGRATIONS, start=1):
        if number not in done:
            text = resources.files("ledger.store").joinpath(name).read_text(encoding="utf-8")
            connection.execute(text.encode())
            connection.execute("INSERT INTO ledger.migrations (number, name) VALUES (%s, %s)", (number, name))
