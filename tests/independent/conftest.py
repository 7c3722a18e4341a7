"""Fixtures of the independent check: a served ledger's answers, and the programs that are not ours."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.installation import Installation
from tests.conftest import Served, application, lacking, needs, serving
from tests.independent.mirror import Snapshot, snapshot_of

HERE = Path(__file__).parent
TOOLS = HERE.parents[1] / "docs" / "verify"
"""What docs/verify.md gives people to check us with."""
GOPATH = Path("/usr/share/gocode")
"""Where Debian's packages of Go sources are."""


@pytest.fixture(scope="session")
def played_site(played: Installation) -> Iterator[Served]:
    """The worked cases behind a socket; read only."""
    with application(played) as app, serving(played, app) as made:
        yield made


@pytest.fixture(scope="session")
def snapshot(played_site: Served) -> Snapshot:
    """Everything that the ledger of the worked cases answers."""
    return snapshot_of(played_site.url, played_site.installation.token())


@pytest.fixture(scope="session")
def go_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Go without modules and without network: its sources are those of Debian's packages."""
    needs("go")
    if not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        lacking("not installed: golang-golang-x-mod-dev (Debian)")
    cache = str(tmp_path_factory.mktemp("gocache"))
    return {**os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "GOCACHE": cache, "GOFLAGS": ""}


@pytest.fixture(scope="session")
def logcheck(go_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """docs/verify/logcheck.go, built."""
    binary = tmp_path_factory.mktemp("logcheck") / "logcheck"
    command = ["go", "build", "-o", str(binary), "logcheck.go"]
    subprocess.run(command, cwd=TOOLS, env=go_environment, check=True)
    return binary


@pytest.fixture(scope="session")
def node() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program of this folder in Node, with the libraries of package-lock.json."""
    needs("node", "npm")
    _install()

    def run(script: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = ["node", str(HERE / script), *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)

    return run


def _install() -> None:
    """The npm libraries as pinned, into the ignored ``node_modules``: by one worker of the run, once a lock file."""
    pinned, mark = HERE / "package-lock.json", HERE / "node_modules" / ".installed"
    (HERE / "node_modules").mkdir(exist_ok=True)
    with (HERE / "node_modules.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if mark.exists() and mark.read_bytes() == pinned.read_bytes():
            return
        npm = shutil.which("npm") or "npm"
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
        if done.returncode:
            lacking(f"npm cannot install the pinned libraries: {done.stderr.strip()[-300:]}")
        mark.write_bytes(pinned.read_bytes())
