"""One PostgreSQL cluster: making its folder, starting its server process, and recognising that process.

Nothing here decides *whether* to start or stop; that is :mod:`ledger.store.embedded`, which holds the lock
meanwhile. The main process of a server is called the postmaster; ``postmaster.pid`` in the data folder names
it, also long after it died, when the number may be that of an innocent program. So a process counts as the
server only if it runs a program called ``postgres`` in our data folder. Settings go on the command line:
``postgresql.conf`` stays as initdb wrote it.

>>> options(Path("/srv/pg"), Path("/srv/run"))[:6]
['-D', '/srv/pg', '-k', '/srv/run', '-p', '5432']
>>> serves(os.getpid(), Path("/"))
False
"""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psycopg

from ledger.errors import ConfigurationError
from ledger.store.binaries import ENVIRONMENT, Account, Binaries, choose_account, find_binaries

ADMIN = "jiannuo_admin"
"""The cluster's superuser: makes databases and roles."""

DATABASE = "jiannuo"
"""The one database that is made here."""

PORT = "5432"
SOCKET = f".s.PGSQL.{PORT}"
"""The socket's file name, which PostgreSQL derives from the port."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # The log holds what the server has to say of itself, and nothing of what was said to it: no statement, no
    # parameter, no key of a violated constraint (a DETAIL line, which "terse" leaves out). See also
    # make_database.
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_line_prefix": "%m [%p] ",
    "log_min_messages": "warning",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}

_BUILTIN_LOCALE_SINCE = 17
_PROC = Path("/proc/self/exe").exists()


def options(data: Path, socket_dir: Path) -> list[str]:
    """The arguments of ``postgres`` for this folder."""
    settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    return ["-D", str(data), "-k", str(socket_dir), "-p", PORT, *settings]


def make_cluster(data: Path, lock: int, patience: float) -> None:
    """``initdb`` beside the final place, then one rename: a cluster is whole or is not there.

    ``lock`` is the descriptor of the lock that the caller holds. initdb gets it too: should the caller be
    killed now, the next one waits until initdb has come to its end. Raises ConfigurationError with what
    initdb said.
    """
    binaries = find_binaries()
    new = data.with_name(data.name + ".new")
    if new.exists():
        shutil.rmtree(new)
    account = choose_account(data, binaries)
    own_folder(new, account)
    done = subprocess.run(  # noqa: S603 (an argument list of ours, no shell expands it)
        [*account.prefix, *_initdb(binaries, new)],
        env=ENVIRONMENT,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=patience,
        check=False,
        pass_fds=(lock,),
        **account.options,
    )
    if done.returncode != 0:
        said = last_lines((done.stdout + done.stderr).decode(errors="replace"))
        raise ConfigurationError(
            f"initdb: expected a new cluster in {new}, it said: {said}",
            f"initdb：应在 {new} 建立新的数据目录，实际报告：{said}",
        )
    (new / "pg_hba.conf").write_text("local all all trust\nlocal replication all trust\n")
    new.rename(data)
    _sync(data / "pg_hba.conf")
    _sync(data.parent)


def spawn(data: Path, socket_dir: Path, log: int, patience: float) -> int:
    """Starts the server and gives its process id at once, before it accepts connections.

    It gets a session of its own and is adopted by init: neither our end is its end, nor the other way round.
    ``log`` is a descriptor for what it says. Raises ConfigurationError where no programs of that version
    are found.
    """
    binaries = find_binaries(_major_of(data))
    account = choose_account(data, binaries)
    own_folder(socket_dir, account)
    server = [*account.prefix, binaries.program("postgres"), *options(data, socket_dir)]
    started = subprocess.run(  # noqa: S603 (the script is fixed; what varies are its arguments)
        ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *server],
        env=ENVIRONMENT,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        timeout=patience,
        check=True,
        start_new_session=True,
        **account.options,
    )
    return int(started.stdout)


def make_database(connection: psycopg.Connection) -> None:
    """Makes the database, or what a start that was killed left undone of it."""
    query = """SELECT coalesce('log_min_messages=log' = ANY (setconfig), false) FROM pg_database
        LEFT JOIN pg_db_role_setting ON setdatabase = pg_database.oid AND setrole = 0 WHERE datname = %s"""
    found = connection.execute(query, (DATABASE,)).fetchone()
    if found is None:
        connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
    if found is None or not found[0]:
        # An error's own line can quote a value ('invalid input syntax ... "..."'): who sent it is told, the
        # log is not. Only for sessions of this database: the checkpointer's or the archiver's warnings are
        # still logged.
        connection.execute(f"ALTER DATABASE {DATABASE} SET log_min_messages = log")


def number_in(lock_file: Path) -> int | None:
    """The process that a lock file of PostgreSQL names (negative: a single-user session); None if none."""
    try:
        number = int(lock_file.read_bytes().partition(b"\n")[0])
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return number if 0 < abs(number) < 1 << 31 else None


def executable(pid: int) -> str | None:
    """What a process runs (without /proc: its command line); None if it ended, "" if we may not know."""
    if _PROC:
        try:
            return os.readlink(f"/proc/{pid}/exe")  # a process that ended and was not yet waited for has none
        except PermissionError:
            return ""
        except OSError:
            return None
    shown = subprocess.run(  # noqa: S603
        ["/bin/ps", "-ww", "-o", "stat=,command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    state, _, command = shown.partition(" ")
    return command.strip() if state and not state.startswith("Z") else None


def serves(pid: int, data: Path) -> bool:
    """Whether this process is a PostgreSQL, of whatever installation, that runs on the data folder."""
    running = executable(pid) if pid > 0 else None
    if not running:
        return False
    if not _PROC:
        return "postgres" in running and f" -D {data} " in running
    try:
        # PostgreSQL makes the data folder its working folder. "(deleted)": the programs were reinstalled
        # under it.
        here = os.path.samefile(f"/proc/{pid}/cwd", data)
    except OSError:
        return False
    return here and Path(running.removesuffix(" (deleted)")).name == "postgres"


def clear_stale_locks(data: Path, socket_dir: Path) -> None:
    """Removes lock files that name a living process which is no PostgreSQL of this folder, or nothing at all.

    PostgreSQL itself clears those of dead processes, with more care (it looks at the shared memory they
    name); it would take the living one for a server, and refuse to start.
    """
    for path in (data / "postmaster.pid", socket_dir / f"{SOCKET}.lock"):
        number = number_in(path)
        if number is None or (_exists(abs(number)) and not serves(abs(number), data)):
            path.unlink(missing_ok=True)


def listens(socket_file: Path) -> bool:
    """Whether some process accepts connections at this socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(os.fsencode(socket_file))
        except OSError:
            return False
    return True


def own_folder(folder: Path, account: Account) -> None:
    """Makes a folder of mode 0700 for the account, or sees that it is one (others may write in /tmp)."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
            raise ConfigurationError(
                f"{folder}: expected a folder of user {account.uid} that nobody else may enter, found "
                f"{stat.filemode(found.st_mode)} of user {found.st_uid}; remove it or set its owner and mode",
                f"{folder}：应为用户 {account.uid} 独有的目录，实为用户 {found.st_uid} 的 "
                f"{stat.filemode(found.st_mode)}；请删除，或改正其所有者和权限",
            ) from None
    else:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)


def last_lines(text: str, count: int = 5) -> str:
    """The last lines of what a program said, on one line."""
    return " / ".join(line.strip() for line in text.strip().splitlines()[-count:]) or "-"


def _initdb(binaries: Binaries, folder: Path) -> list[str]:
    # Order and case of characters come from PostgreSQL itself where it can, so that no change of the system's
    # library can damage an index; before, from the system's C.UTF-8 (macOS has none: bytes are ordered the
    # same, ASCII cased).
    if binaries.major >= _BUILTIN_LOCALE_SINCE:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    else:
        locale = ["--locale=C" if sys.platform == "darwin" else "--locale=C.UTF-8"]
    common = ["-D", str(folder), "-U", ADMIN, "--auth=trust", "--encoding=UTF8", "--data-checksums"]
    return [binaries.program("initdb"), *common, *locale]


def _major_of(data: Path) -> int:
    text = (data / "PG_VERSION").read_text(errors="replace").strip()
    if not text.isdecimal():
        raise ConfigurationError(
            f"{data / 'PG_VERSION'}: expected a number, got {text[:20]!r}",
            f"{data / 'PG_VERSION'}：应为数字，实为 {text[:20]!r}",
        )
    return int(text)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
