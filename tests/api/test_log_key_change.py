"""A change of the log's key as callers see it: the command, ``/log/key``, ``/log/keys``, pages, receipts, the audit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.verify import verify
from ledger.domain.body_terms import Revocation
from ledger.installation import Installation, open_installation
from ledger.keys.log_rotation import rotate_log
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.note import Verifier
from ledger.proof.tlogproof import check
from ledger.settings import Settings
from ledger.store.source import PostgresSource
from tests.api.commanding import Run, runner
from tests.conftest import application, caller_of

SettingsOf = Callable[[], Settings]


@pytest.fixture
def settings(settings_of: SettingsOf) -> Settings:
    return settings_of()


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    command = runner(monkeypatch, capsys, settings.home)
    assert settings.database_url
    monkeypatch.setenv("JIANNUO_DATABASE_URL", settings.database_url)
    return command


def test_without_confirm_the_command_changes_nothing(run: Run, settings: Settings) -> None:
    """F15 更换日志密钥须明示确认。"""
    told = run("key", "rotate-log", "--reason", "superseded")
    assert told.code == 0
    assert "--confirm" in told.err
    with open_installation(settings) as installation:
        assert told.out.strip() == installation.ledger.log_key.verifier.vkey
        assert len(installation.ledger.log_key.history()) == 1


def test_the_command_changes_the_key_and_prints_the_new_one(run: Run, settings: Settings) -> None:
    before = run("key", "rotate-log", "--reason", "compromised").out.strip()
    told = run("key", "rotate-log", "--reason", "compromised", "--confirm")
    assert told.code == 0, told.err
    assert before in told.err
    assert run("key", "rotate-log", "--reason", "compromised").out == told.out
    assert told.out.strip() != before
    with open_installation(settings) as installation:
        url = installation.database.url("reader")
    for pinned in (told.out.strip(), before):
        assert verify(PostgresSource(url), pinned=Verifier.parse(pinned), processes=1).exit_code == 0
    stranger = Verifier(Verifier.parse(before).name, bytes(31) + b"\1")
    assert verify(PostgresSource(url), pinned=stranger, processes=1).exit_code != 0


def test_the_command_says_that_it_needs_the_root_key(run: Run, settings: Settings) -> None:
    (settings.keys / "root.pem").unlink()
    told = run("key", "rotate-log", "--reason", "superseded", "--confirm")
    assert (told.code, told.out) == (1, "")
    assert "root.pem" in told.err
    assert "Traceback" not in told.err


def test_callers_of_a_service_see_both_keys_and_old_receipts_verify(installation: Installation) -> None:
    """F15 更换后旧回执仍可核验，/log/keys 列出全部公钥及其起始大小。"""
    with application(installation) as app:
        client = caller_of(app)
        old = Verifier.parse(client.get("/log/key").text.strip())
        proof = client.get("/log/proof/1").text
        receipt = rotate_log(installation, Revocation.SUPERSEDED)
        new = Verifier.parse(client.get("/log/key").text.strip())
        assert new != old
        listed = json.loads(client.get("/log/keys").content)
        assert listed == [
            {"vkey": old.vkey, "from_size": 1},
            {"vkey": new.vkey, "from_size": receipt.index + 1},
        ]
        note = client.get("/log/checkpoint").content
        assert open_checkpoint(note, new.name, [new]) == open_checkpoint(note, old.name, [old])
        assert client.get("/", headers={"accept": "text/html"}).status_code == 200
        assert client.get("/readyz").status_code == 200
        entry = installation.ledger.reader.entry(1).entry
        assert check(proof.encode(), entry, [old], old.name).size == receipt.index
