"""``jiannuo key``: encrypted keys, passphrases from files and from a terminal; never in arguments, never shown."""

from __future__ import annotations

import json
import os
import pty
import re
import sys
from pathlib import Path

import pytest

from ledger.proof.event import parse
from tests.api.commanding import Ran, Run, runner
from tests.conftest import OPERATOR, Databases

PASSPHRASE = "correct horse battery staple"
REGISTRATION = {
    "stream": f"body/{OPERATOR.uscc}",
    "event": "BodyRegistered",
    "data": {"name": "示例单位", "kind": "department"},
    "version": 1,
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    return runner(monkeypatch, capsys, tmp_path / "home")


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n")
    return file


def refused(ran: Ran, words: str) -> None:
    """Exit code 1, nothing on stdout, words in two languages, and the passphrase nowhere."""
    assert (ran.code, ran.out) == (1, "")
    assert re.search(words, ran.err), ran.err
    assert "错误：" in ran.err
    assert "Traceback" not in ran.err
    assert PASSPHRASE not in ran.err


def test_a_key_is_made_shown_and_used_under_a_passphrase(run: Run, secret: Path, tmp_path: Path) -> None:
    """F15 单位私钥可加口令，签名时由口令文件提供。"""
    file = tmp_path / "office.pem"
    made = run("key", "new", "--out", file, "--encrypt", "--passphrase-file", secret)
    assert made.code == 0
    assert b"ENCRYPTED" in file.read_bytes()
    assert run("key", "show", file, "--passphrase-file", secret).out == made.out
    signing = ("sign", "--key", file, "--iss", OPERATOR.uscc)
    jws = run(*signing, "--passphrase-file", secret, stdin=json.dumps(REGISTRATION).encode())
    assert parse(jws.out.strip().encode()).verify(json.loads(made.out)["x"])
    refused(run(*signing, stdin=json.dumps(REGISTRATION).encode()), "it is encrypted")


def test_the_environment_names_the_passphrase_file_too(
    run: Run, secret: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIANNUO_PASSPHRASE_FILE", str(secret))
    made = run("key", "new", "--out", tmp_path / "office.pem", "--encrypt")
    assert run("key", "show", tmp_path / "office.pem").out == made.out
    assert b"ENCRYPTED" in (tmp_path / "office.pem").read_bytes()


def test_encrypt_without_a_passphrase_makes_no_key(run: Run, tmp_path: Path) -> None:
    refused(run("key", "new", "--out", tmp_path / "office.pem", "--encrypt"), "give a passphrase")
    assert not (tmp_path / "office.pem").exists()


def test_protect_changes_the_passphrase_and_the_old_one_opens_nothing(run: Run, secret: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "office.pem", tmp_path / "other"
    other.write_text("another one")
    made = run("key", "new", "--out", file)
    assert run("key", "protect", file, "--new-passphrase-file", secret).code == 0
    refused(run("key", "show", file), "it is encrypted")
    assert run("key", "show", file, "--passphrase-file", secret).out == made.out
    changed = run("key", "protect", file, "--passphrase-file", secret, "--new-passphrase-file", other)
    assert (changed.code, changed.out) == (0, "")
    refused(run("key", "show", file, "--passphrase-file", secret), f"{file}: the passphrase does not open it")
    assert run("key", "show", file, "--passphrase-file", other).out == made.out


def test_protect_without_a_new_passphrase_leaves_the_file_as_it_is(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "office.pem"
    run("key", "new", "--out", file)
    before = file.read_bytes()
    refused(run("key", "protect", file), "give a passphrase")
    assert file.read_bytes() == before


def test_a_ledger_is_founded_with_encrypted_keys_and_serves_nobody_without_the_passphrase(
    run: Run, secret: Path, tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F15 创立账本时即可加密全部私钥。"""
    name = databases.create()
    monkeypatch.setenv("JIANNUO_DATABASE_URL", databases.url(name))
    founding = ("init", "--uscc", OPERATOR.uscc, "--name", OPERATOR.name, "--encrypt")
    refused(run(*founding), "give a passphrase")
    monkeypatch.setenv("JIANNUO_PASSPHRASE_FILE", str(secret))
    vkey = run(*founding)
    assert vkey.code == 0
    assert run(*founding).out == vkey.out, "repeating it changes nothing"
    keys = tmp_path / "home" / "keys"
    assert all(file.read_bytes().startswith((b"-----BEGIN ENC", b"{")) for file in keys.iterdir())
    monkeypatch.delenv("JIANNUO_PASSPHRASE_FILE")
    refused(run("serve"), "log.pem: it is encrypted")
    assert run("verify").code == 0, "who checks needs no key"
    secret.write_text("wrong one")
    monkeypatch.setenv("JIANNUO_PASSPHRASE_FILE", str(secret))
    refused(run("serve"), "log.pem: the passphrase does not open it")
    databases.drop(name)


@pytest.mark.parametrize("command", ["new", "show", "protect"])
def test_no_option_takes_a_passphrase_itself(run: Run, command: str) -> None:
    """What stands in a command's arguments stands in the list of processes."""
    told = run("key", command, "--help").out
    assert set(re.findall(r"--[a-z-]*passphrase[a-z-]*", told)) <= {"--passphrase-file", "--new-passphrase-file"}
    assert "--pin" not in told


def at_a_terminal(arguments: list[str], answers: list[str]) -> tuple[int, str]:
    """Runs the command at a terminal of its own, answers its questions; exit code and all that the terminal showed."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", "from api.cli import main; main()", *arguments])
    shown, asked = b"", 0
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the other end is gone
            break
        if not part:
            break
        shown += part
        if shown.count(b": ") > asked and shown.endswith(b": "):
            os.write(terminal, answers[asked].encode() + b"\n")
            asked = shown.count(b": ")
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()


def test_at_a_terminal_the_passphrase_is_asked_for_and_not_echoed(tmp_path: Path) -> None:
    file = tmp_path / "office.pem"
    code, shown = at_a_terminal(["key", "new", "--out", str(file), "--encrypt"], [PASSPHRASE] * 2)
    assert code == 0, shown
    assert "口令" in shown
    assert PASSPHRASE not in shown
    assert b"ENCRYPTED" in file.read_bytes()
    code, shown = at_a_terminal(["key", "show", str(file)], ["wrong one", PASSPHRASE])
    assert code == 0, shown
    assert '"kty"' in shown
    assert PASSPHRASE not in shown
