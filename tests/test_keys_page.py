"""What docs/keys.md tells people to type works, in the order of the page: one shell, one ledger, one token."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.verify import verify
from ledger.installation import open_installation
from ledger.settings import Settings
from ledger.store.source import PostgresSource
from tests.conftest import Databases, needs

PAGE = Path(__file__).parents[1] / "docs" / "keys.md"
MARKED = re.compile(r"<!-- keys: run ?([a-z]*) -->\n```sh\n(.*?)```", re.DOTALL)


@pytest.fixture
def shell(databases: Databases, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of somebody who has `jiannuo` installed, and nothing else of ours."""
    name = databases.create()
    command = tmp_path / "bin" / "jiannuo"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from api.cli import main; main()" "$@"\n')
    command.chmod(0o755)
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path}/tokens\nobjectstore.backend = file\n")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("JIANNUO")}
    yield {
        **kept,
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(PAGE.parents[1]),
        "JIANNUO_HOME": str(tmp_path / "home"),
        "JIANNUO_DATABASE_URL": databases.url(name),
        "SOFTHSM2_CONF": str(tmp_path / "softhsm2.conf"),
    }
    databases.drop(name)


def test_the_page_works_from_top_to_bottom(shell: dict[str, str], tmp_path: Path) -> None:
    """F15 docs/keys.md 的命令逐条可执行。"""
    needs("bash", "openssl", "softhsm2-util")
    found = MARKED.findall(PAGE.read_text("utf-8"))
    assert [kind for kind, _ in found] == ["", "", "hsm", "", "revoke"]
    script = "\n".join(code for _, code in found)
    prepared = (
        'BODY=11990000000000019A KID=$(jiannuo key show home/keys/operator.pem | grep -o \'"kid":"[^"]*\' | cut -c8-)\n'
    )
    before, _, after = script.partition("jiannuo key revoke")
    # The page's body has one key, the operator's own; it is the last that the page uses.
    whole = f"{before}{prepared}jiannuo key revoke{after}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", whole], cwd=tmp_path, env=shell, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for secret in ("correct horse", "13579"):
        assert secret not in done.stdout + done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["reason"] == "compromised"
    settings = Settings(tmp_path / "home", shell["JIANNUO_DATABASE_URL"], passphrase_file=tmp_path / "passphrase")
    with open_installation(settings) as installation:
        assert len(installation.ledger.log_key.history()) == 2
        pinned = installation.ledger.log_key.history()[0][1]
        url = installation.database.url("reader")
        assert verify(PostgresSource(url), pinned=pinned, processes=1).exit_code == 0
    assert shutil.which("jiannuo", path=shell["PATH"])


def test_every_command_of_the_page_is_one() -> None:
    from typer.main import get_command

    from api.cli import app

    def names(command: object, path: str = "jiannuo") -> Iterator[str]:
        yield path
        for name, child in getattr(command, "commands", {}).items():
            yield from names(child, f"{path} {name}")

    known = set(names(get_command(app)))
    said = set(re.findall(r"jiannuo (?:key|audit) [a-z-]+", PAGE.read_text("utf-8")))
    assert said <= known, said - known
