"""docs/witness.md: its commands, run as they stand there, each by the one whom it is for."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from ledger.installation import open_installation
from ledger.settings import Settings
from tests.api.witnesses import COMMAND
from tests.conftest import Databases, Founded, application, fresh_ledger, needs, serving

PAGE = Path(__file__).parents[2] / "docs" / "witness.md"
BLOCKS = dict(re.findall(r"<!-- witness:(\w+) -->\n```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))


class Shell:
    """Runs blocks of the page, with what differs here put in: addresses, and what the reader was told to know."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        assert settings.database_url
        self.folder, self.put = folder, {"https://ledger.example": "", "https://witness.city-b.example": ""}
        own = {"JIANNUO_HOME": str(settings.home), "JIANNUO_DATABASE_URL": settings.database_url}
        self.variables = {**os.environ, **own, "PATH": f"{Path(COMMAND).parent}:{os.environ['PATH']}"}

    def command(self, block: str) -> list[str]:
        code = BLOCKS[block].replace("--host 0.0.0.0 --port 8100", "--port 0")
        for name, value in self.put.items():
            code = code.replace(name, value)
        return ["bash", "-euo", "pipefail", "-c", code]

    def run(self, block: str) -> str:
        done = subprocess.run(
            self.command(block), cwd=self.folder, env=self.variables, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def log_key(settings: Settings) -> str:
    with open_installation(settings) as installation:
        return installation.ledger.log_key.verifier.vkey


def test_another_city_becomes_a_witness_and_the_ledger_and_a_monitor_use_it(
    databases: Databases, founded: Founded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("bash")
    assert set(BLOCKS) == {"key", "serve", "show", "policy", "ask", "monitor"}
    with fresh_ledger(databases, founded, tmp_path) as settings:
        shell = Shell(tmp_path, settings)
        shell.variables["LOG"] = log_key(settings)
        shell.variables["WITNESS"] = shell.run("key").strip()
        with subprocess.Popen(
            ["bash", "-c", "exec " + shell.command("serve")[-1]],
            cwd=tmp_path,
            env=shell.variables,
            stderr=subprocess.PIPE,
            text=True,
        ) as witness:
            try:
                assert witness.stderr is not None
                told = witness.stderr.readline()
                shell.put["https://witness.city-b.example"] = told.partition("witness at ")[2].split()[0]
                shell.run("policy")
                assert shell.run("ask") == "city-b\tcosigned\n"
                assert shell.run("show").splitlines()[0] == shell.variables["WITNESS"]
                _monitor(shell, settings)
            finally:
                witness.send_signal(signal.SIGTERM)


def _monitor(shell: Shell, settings: Settings) -> None:
    """The page's monitor beside the policy's file, against the served ledger."""
    policy = (settings.home / "witness.policy").read_text(encoding="utf-8")
    (shell.folder / "witness.policy").write_text(policy, encoding="utf-8")
    with (
        open_installation(settings) as installation,
        application(installation) as app,
        serving(installation, app) as served,
    ):
        shell.put["https://ledger.example"] = served.url
        found = shell.run("monitor").split("\t")
        assert (found[2], found[3].strip()) == ("new", str(installation.ledger.size))
