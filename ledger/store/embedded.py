"""The embedded PostgreSQL: one server for each ``JIANNUO_HOME``, shared by every process that uses that home.

Who uses the server holds a shared lock on ``pg.users``; every decision to start or stop it is taken under an
exclusive lock on ``pg.lock``. Whoever leaves tries to have ``pg.users`` alone: who succeeds was the last, and
stops the server. Both are flock(2) locks, which the kernel lets go when their holder dies, however it dies.
The server runs in a session of its own: it outlives a killed service, and the next start joins it; where the
server was killed, the next start (or :meth:`EmbeddedPostgres.ensure`, called now and then) brings it back,
and PostgreSQL recovers what was committed.

A number in ``postmaster.pid`` is never believed: only a process that runs ``postgres`` in our data folder is
ours, and no other is ever signalled. Nothing listens on the network; the socket lies in a folder of mode
0700.

A process that forks shares its lock with its child: the child must make an ``EmbeddedPostgres`` of its own.

>>> EmbeddedPostgres(Path("/srv/jiannuo")).url("jiannuo_reader")
'postgresql://jiannuo_reader@/jiannuo?host=%2Fsrv%2Fjiannuo%2Frun&port=5432'
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from ledger.errors import ConfigurationError, UnavailableError
from ledger.store import postmaster
from ledger.store.postmaster import ADMIN, DATABASE, PORT, SOCKET

PATIENCE = 60.0
"""Seconds that a start, a stop, or the wait for another process's start or stop may take."""

_PAUSE = 0.01
# First "fast": transactions are rolled back, then a checkpoint. PostgreSQL 18 never ends if that comes while
# it recovers from the crash of one of its processes; then "immediate", after which the next start recovers.
_ORDERS = ((signal.SIGINT, 20.0), (signal.SIGQUIT, PATIENCE))
_LEAST_SPACE = 1 << 20  # bytes
_LONGEST_SOCKET_PATH = 103 if sys.platform == "darwin" else 107  # sun_path of sockaddr_un, less its final NUL

# Said by PostgreSQL when a killed predecessor's children have not all gone yet, or when a start was faster
# than ours.
_PASSING = ("pre-existing shared memory block", "lock file")


class EmbeddedPostgres:
    """The PostgreSQL server of one home; a context manager that starts (or joins) and leaves it.

    ``home`` gets ``pg`` (the data), ``run`` (the socket), ``pg.log`` and two lock files. Every method may be
    called from any thread. All of them raise ConfigurationError where something has to be changed first (no
    programs, another major version, a folder that cannot be written, a full disk) and UnavailableError where
    it took too long.
    """

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.data = self.home / "pg"
        self.log = self.home / "pg.log"
        self._users: int | None = None
        self._mutex = threading.Lock()
        self._refusal = "-"

    def start(self) -> None:
        """Joins the running server of this home or starts it; at first makes the cluster and its database."""
        with self._mutex:
            joined = self._users is not None
            try:
                self._make_home()
                with self._locked() as lock:
                    if self._users is None:
                        self._users = self._open("pg.users")
                        fcntl.flock(self._users, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    # Only here: a data folder that vanished later must not be replaced by an empty one.
                    if not (self.data / "PG_VERSION").exists():
                        postmaster.make_cluster(self.data, lock, PATIENCE)
                    self._bring_up()
            except BaseException:
                if not joined:
                    self._let_go()
                raise

    def ensure(self) -> bool:
        """Starts the server again if it died since :meth:`start`; whether it had to. Cheap where it runs."""
        if self._users is None or self.pid is not None:
            return False
        with self._mutex, self._locked():
            if self._users is None or self.pid is not None:
                return False
            self._bring_up()
            return True

    def stop(self) -> None:
        """Leaves the server; whoever leaves last stops it, ending the connections that are still open."""
        with self._mutex:
            if self._users is None:
                return
            try:
                with self._locked(), suppress(BlockingIOError):
                    # flock(2) gives up the shared lock before it takes the exclusive one. Nobody slips in
                    # between: every taker of pg.users holds pg.lock. And the shared one, if lost, was to be
                    # given up anyway.
                    fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._shut_down()
            finally:
                self._let_go()

    def url(self, role: str, database: str = DATABASE) -> str:
        """The connection string (libpq URI) of a role; right also before the server is started."""
        host = quote(os.fsencode(self.socket_dir), safe="")
        return f"postgresql://{quote(role, safe='')}@/{quote(database, safe='')}?host={host}&port={PORT}"

    @property
    def pid(self) -> int | None:
        """The server's main process; None if none runs on our data now."""
        pid = postmaster.number_in(self.data / "postmaster.pid")
        return pid if pid is not None and postmaster.serves(pid, self.data) else None

    @property
    def socket_dir(self) -> Path:
        """``home/run``; one in /tmp where that path is too long or has a comma (libpq's separator)."""
        usual = self.home / "run"
        if len(os.fsencode(usual / SOCKET)) <= _LONGEST_SOCKET_PATH and not set(',"') & set(str(usual)):
            return usual
        # Not $TMPDIR: all processes of one home must agree. Root and the home's owner too, hence the home's
        # owner.
        owner = self.home.stat().st_uid if self.home.exists() else os.geteuid()
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"jiannuo-{owner}-{name}"  # noqa: S108 (mode 0700, and its owner is checked)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _bring_up(self) -> None:
        """Starts the server unless it runs, until it answers. One loop for joining, starting, recovering."""
        deadline = time.monotonic() + PATIENCE
        child: int | None = None
        log_start = failures = 0
        while time.monotonic() < deadline:
            if self.pid is not None:
                if self._answers():
                    return
            elif child is None or postmaster.executable(child) is None:
                if child is not None:
                    self._judge_exit(child, log_start)
                    child, failures = None, failures + 1
                    time.sleep(min(_PAUSE * 2**failures, 0.5))
                if postmaster.listens(self.socket_dir / SOCKET):
                    # A server whose process cannot be seen: another container shares the home. Hands off.
                    self._refusal = f"a process that is not visible here listens in {self.socket_dir}"
                else:
                    child, log_start = self._spawn()
            time.sleep(_PAUSE)
        raise UnavailableError(
            f"PostgreSQL: expected an answer within {PATIENCE:.0f} s, got {self._refusal}; log: {self.log}",
            f"PostgreSQL：应在 {PATIENCE:.0f} 秒内应答，实际没有：{self._refusal}；日志：{self.log}",
        )

    def _spawn(self) -> tuple[int, int]:
        """The new process, and how long the log was before."""
        # Asked beforehand: on a full disk the server cannot even log why it does not start.
        if shutil.disk_usage(self.home).free < _LEAST_SPACE:
            raise ConfigurationError(
                f"{self.home}: expected room for PostgreSQL to write, the disk is full",
                f"{self.home}：应有供 PostgreSQL 写入的空间，实际磁盘已满",
            )
        postmaster.clear_stale_locks(self.data, self.socket_dir)
        log = self._open("pg.log", os.O_APPEND)
        try:
            length = os.fstat(log).st_size
            return postmaster.spawn(self.data, self.socket_dir, log, PATIENCE), length
        finally:
            os.close(log)

    def _judge_exit(self, child: int, log_start: int) -> None:
        """A server that ended while starting: passes over what another start heals, else raises."""
        with self.log.open("rb") as log:
            log.seek(log_start)
            said = log.read().decode(errors="replace")
        self._refusal = postmaster.last_lines(said)
        # Who is killed does not say so. Words without its number are the shell's or the loader's.
        said_so = f"[{child}] FATAL" in said or "database system is shut down" in said
        never_ran = f"[{child}]" not in said and bool(said.strip())
        if (said_so or never_ran) and not any(reason in said for reason in _PASSING):
            raise ConfigurationError(
                f"PostgreSQL: expected it to start, it ended and said: {self._refusal}; log: {self.log}",
                f"PostgreSQL：应能启动，实际退出并报告：{self._refusal}；日志：{self.log}",
            )

    def _answers(self) -> bool:
        """Whether it accepts connections; if so, the database is there."""
        try:
            connection = psycopg.connect(self.url(ADMIN, "postgres"), connect_timeout=5, autocommit=True)
        except psycopg.OperationalError as error:
            self._refusal = postmaster.last_lines(str(error))
            return False
        try:
            with connection:
                postmaster.make_database(connection)
        except psycopg.Error as error:
            if connection.broken:  # it died meanwhile
                return False
            raise UnavailableError(
                f"database {DATABASE}: expected to find or make it, got: {error}; log: {self.log}",
                f"数据库 {DATABASE}：应已存在或可以建立，PostgreSQL 报告：{error}；日志：{self.log}",
            ) from error
        return True

    def _shut_down(self) -> None:
        pid = self.pid
        if pid is not None and not any(self._ended(pid, *order) for order in _ORDERS):
            raise UnavailableError(
                f"PostgreSQL: expected process {pid} to end, it runs on; log: {self.log}",
                f"PostgreSQL：进程 {pid} 应已结束，实际仍在运行；日志：{self.log}",
            )
        with suppress(OSError):
            self.socket_dir.rmdir()

    def _ended(self, pid: int, order: signal.Signals, patience: float) -> bool:
        with suppress(ProcessLookupError):
            os.kill(pid, order)
        deadline = time.monotonic() + patience
        while postmaster.serves(pid, self.data):
            if time.monotonic() > deadline:
                return False
            time.sleep(_PAUSE)
        return True

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Holds ``pg.lock`` (gives its descriptor); what the system refuses meanwhile becomes our error."""
        with _refusals(self.home):
            lock = self._open("pg.lock")
            try:
                self._wait_for(lock)
                yield lock
            finally:
                os.close(lock)

    def _wait_for(self, lock: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise UnavailableError(
                        f"{self.home}/pg.lock: expected free within {PATIENCE:.0f} s, another holds it",
                        f"{self.home}/pg.lock：应在 {PATIENCE:.0f} 秒内可用，实际被另一进程占用",
                    ) from None
            time.sleep(_PAUSE)

    def _make_home(self) -> None:
        with _refusals(self.home):
            self.home.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                # Not 0700: where PostgreSQL has to run as another account than ours, that one must pass
                # through.
                self.home.mkdir(mode=0o711)

    def _open(self, name: str, flags: int = 0) -> int:
        """A file of ours in home, made if missing; it belongs to home's owner even where root made it."""
        descriptor = os.open(self.home / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | flags, 0o600)
        if os.geteuid() == 0:
            owner = self.home.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        return descriptor

    def _let_go(self) -> None:
        if self._users is not None:
            os.close(self._users)
            self._users = None


@contextmanager
def _refusals(home: Path) -> Iterator[None]:
    try:
        yield
    except subprocess.SubprocessError as error:
        raise UnavailableError(
            f"PostgreSQL's programs in {home}: expected them to finish, got: {error}",
            f"{home} 中的 PostgreSQL 程序：应能结束，实际：{error}",
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"{home}: expected a folder that user {os.geteuid()} can write, the system said: {error}",
            f"{home}：应为用户 {os.geteuid()} 可写的目录，系统报告：{error}",
        ) from error
