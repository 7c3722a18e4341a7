"""``jiannuo audit monitor`` against a ledger behind a real socket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.identifiers import fictional_uscc
from tests.conftest import Served


@pytest.fixture
def config(served: Served, tmp_path: Path) -> Path:
    file = tmp_path / "monitor.toml"
    vkey = served.installation.ledger.log_key.verifier.vkey
    file.write_text(f'[[log]]\nkey = "{vkey}"\nurls = ["{served.url}"]\n', encoding="utf-8")
    return file


def findings(config: Path, folder: Path) -> list[str]:
    ran = CliRunner().invoke(app, ["audit", "monitor", str(config), "--folder", str(folder), "--json"])
    assert ran.exit_code == 0, ran.output
    # The service of the fixture logs into the same standard output.
    return [json.loads(line)["finding"] for line in ran.stdout.splitlines() if line.startswith('{"origin"')]


def test_a_ledger_that_goes_on_is_in_order(served: Served, config: Path, tmp_path: Path) -> None:
    assert findings(config, tmp_path / "seen") == ["new"]
    assert findings(config, tmp_path / "seen") == ["unchanged"]
    installation = served.installation
    stream = f"body/{fictional_uscc(77)}"
    author = installation.author("operator", installation.operator())
    fact = BodyRegistered("示例局（虚构）", Kind.DEPARTMENT)
    installation.ledger.submit(author.write(stream, installation.ledger.head(stream), fact)).result()
    assert findings(config, tmp_path / "seen") == ["continued"]


def test_words_for_people_and_exit_5_where_nobody_answers(config: Path, tmp_path: Path) -> None:
    text = config.read_text(encoding="utf-8").partition("urls")[0] + 'urls = ["http://127.0.0.1:9"]\n'
    config.write_text(text, encoding="utf-8")
    ran = CliRunner().invoke(app, ["audit", "monitor", str(config), "--folder", str(tmp_path / "seen")])
    assert ran.exit_code == 5
    assert "unreachable" in ran.stdout
    assert "没有应答" in ran.stderr


def test_a_configuration_that_is_not_there_is_told(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["audit", "monitor", str(tmp_path / "none.toml"), "--folder", str(tmp_path)])
    assert ran.exit_code == 1
