"""``jiannuo verify`` and ``jiannuo audit verify`` over a URL, and with a memory: in this process, as ``main`` does."""

from __future__ import annotations

import json
import sys
from typing import NamedTuple

import pytest

from api import cli
from audit import http
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier
from tests.api.submitting import CHINESE
from tests.audit.logs import LOG, filled, of
from tests.audit.servers import TOKEN, log_server
from tests.conftest import application, serving

SIZE = 300
OTHER = Verifier.of(LogSigner(LOG.name, PrivateKey.from_seed(b"other".ljust(32))))


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs a command; no ledger is configured here."""
    monkeypatch.setenv("JIANNUO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(http, "PAUSES", ())

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["jiannuo", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        return Ran(end.value.code or 0, *capsys.readouterr())

    return call


@pytest.fixture(scope="module")
def log():
    """A true log."""
    return of(filled(SIZE))


@pytest.fixture
def far(log):
    """A server of it."""
    with log_server(log) as made:
        yield made


@pytest.fixture
def token(tmp_path):
    """The auditors' token in a file."""
    file = tmp_path / "auditor.token"
    file.write_text(TOKEN + "\n")
    return file


@pytest.fixture
def verify(run, far, token):
    """``jiannuo audit verify`` over the URL of the server."""
    return lambda *more: run("audit", "verify", "--url", far.url, "--token-file", token, *more)


def is_error(ran, *words):
    assert (ran.code, ran.out) == (1, "")
    zh, en = ran.err.strip().splitlines()[-2:]
    assert zh.startswith("错误：")
    assert CHINESE.search(zh)
    assert en.startswith("Error: ")
    for word in words:
        assert word in en
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", [("verify",), ("audit", "verify")])
def test_the_played_ledger_gives_the_same_verdict_over_its_url(run, played, tmp_path, monkeypatch, command):
    token = tmp_path / "token"
    token.write_text(played.token())
    with application(played) as app, serving(played, app) as served:
        far = run(*command, "--json", "--url", served.url, "--token-file", token)
    monkeypatch.setenv("JIANNUO_HOME", str(played.settings.home))
    monkeypatch.setenv("JIANNUO_DATABASE_URL", played.settings.database_url)
    here = run(*command, "--json")
    found, expected = (json.loads(ran.out.splitlines()[-1]) for ran in (far, here))  # before it, what the service logs
    assert (far.code, here.code) == (0, 0)
    assert {**found, "seconds": 0} == {**expected, "seconds": 0}
    assert "verifying" in far.err


def test_the_verdict_for_people(verify, far, log):
    told = verify()
    assert told.code == 0
    assert told.out.startswith("验证通过 | verified")
    far.log = log.with_entry(77, b"nothing")
    told = verify("--json")
    assert (told.code, json.loads(told.out)["first_bad_index"]) == (3, 77)


def test_without_the_token_the_entries_are_not_given(run, far, tmp_path):
    is_error(run("audit", "verify", "--url", far.url), "--token-file")
    for content in (b"", b"\xff", b"x" * 5000, b"two words"):
        (tmp_path / "wrong").write_bytes(content)
        is_error(run("audit", "verify", "--url", far.url, "--token-file", tmp_path / "wrong"), "token")
    is_error(run("audit", "verify", "--url", far.url, "--token-file", tmp_path / "none"), "cannot be read")


def test_a_token_without_a_url_is_wrong_usage(run, token):
    ran = run("audit", "verify", "--token-file", token)
    assert (ran.code, ran.out) == (2, "")
    assert "--url" in ran.err


def test_who_is_not_there_and_what_is_no_url_are_told(run):
    is_error(run("verify", "--url", "http://127.0.0.1:9"), "does not answer")
    is_error(run("verify", "--url", "ledger.example"), "URL")


# --- what is remembered ---------------------------------------------------------------------------------------------


def test_the_newest_verified_checkpoint_is_remembered_and_moves_on(verify, far, tmp_path):
    file = tmp_path / "memory"
    first = verify("--remember", file)
    assert first.code == 0
    assert Verifier.of(LOG).vkey in first.err
    assert f"\n{SIZE}\n" in json.loads(file.read_bytes())["checkpoint"]
    before = file.stat()
    assert verify("--remember", file).code == 0
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    far.log = of(filled(SIZE + 50))
    second = verify("--remember", file)
    assert second.code == 0
    assert Verifier.of(LOG).vkey not in second.err
    assert f"\n{SIZE + 50}\n" in json.loads(file.read_bytes())["checkpoint"]


def test_only_what_is_new_is_read_from_the_second_time_on(verify, far, tmp_path):
    file = tmp_path / "memory"
    assert json.loads(verify("--json", "--remember", file).out)["verified_from"] == 0
    far.log = of(filled(SIZE + 50))
    far.asked.clear()
    told = verify("--json", "--remember", file)
    assert (told.code, json.loads(told.out)["verified_from"], json.loads(told.out)["events"]) == (0, 256, SIZE + 50)
    assert "tile/entries/000" not in "".join(map(str, far.asked))
    assert "256" in verify("--remember", file).out
    told = verify("--json", "--remember", file, "--full")
    assert (told.code, json.loads(told.out)["verified_from"]) == (0, 0)
    assert "all is read" in told.err
    (tmp_path / "memory.state").write_bytes(b"nonsense" * 100)
    told = verify("--json", "--remember", file)
    assert (told.code, json.loads(told.out)["verified_from"]) == (0, 0)
    assert "state file" in told.err


def test_a_policy_pins_the_log_and_asks_for_its_witnesses(verify, tmp_path):
    file = tmp_path / "policy"
    witness = Verifier("court.example", PrivateKey.from_seed(b"court".ljust(32)).public_bytes, 4).vkey
    file.write_text(f"log {Verifier.of(LOG).vkey}\nquorum none\n")
    told = verify("--json", "--policy", file)
    assert (told.code, json.loads(told.out)["witnessed_size"]) == (0, SIZE)
    for text, code in (
        (f"log {OTHER.vkey}\nquorum none\n", "checkpoint"),
        (f"log {Verifier.of(LOG).vkey}\nwitness court {witness}\nquorum court\n", "quorum"),
    ):
        file.write_text(text)
        told = verify("--json", "--policy", file)
        assert told.code == 4
        assert code in {problem["code"] for problem in json.loads(told.out)["problems"]}
    file.write_text("quorum nobody\n")
    is_error(verify("--policy", file), "policy")


def rolled_back(log):
    return of(filled(SIZE - 100))


def forked(log):
    fork = filled(SIZE - 20)
    for number in range(60):
        fork.promise(10_000 + number)
    return of(fork)


def of_another_key(log):
    other = LogSigner(LOG.name, PrivateKey.from_seed(b"other".ljust(32)))
    return type(log).of([row[6] for row in log.stored], lambda size: size == 100, other)


@pytest.mark.parametrize(
    ("change", "code"), [(rolled_back, "rolled-back"), (forked, "rolled-back"), (of_another_key, "checkpoint")]
)
def test_a_log_that_does_not_go_on_from_there_is_exit_4_and_the_memory_stays(verify, far, log, tmp_path, change, code):
    file = tmp_path / "memory"
    assert verify("--remember", file).code == 0
    kept = file.read_bytes()
    far.log = change(log)
    told = verify("--json", "--remember", file)
    assert told.code == 4
    assert code in {problem["code"] for problem in json.loads(told.out)["problems"]}
    assert file.read_bytes() == kept
    far.log = log
    assert verify("--remember", file).code == 0


def test_a_bad_log_is_not_remembered(verify, far, log, tmp_path):
    far.log = log.with_entry(77, b"nothing")
    assert verify("--remember", tmp_path / "memory").code == 3
    assert not (tmp_path / "memory").exists()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"{}"])
def test_a_memory_that_is_none_is_told_and_not_written_over(verify, far, tmp_path, content):
    file = tmp_path / "memory"
    file.write_bytes(content)
    is_error(verify("--remember", file), "memory file")
    assert file.read_bytes() == content
    assert far.asked == []


def test_a_key_that_contradicts_the_memory_is_refused(verify, tmp_path):
    file = tmp_path / "memory"
    assert verify("--remember", file, "--key", Verifier.of(LOG).vkey).code == 0
    kept = file.read_bytes()
    assert verify("--remember", file, "--key", OTHER.vkey).code == 4
    assert file.read_bytes() == kept
    elsewhere = Verifier("other.example", OTHER.public_key)
    is_error(verify("--remember", file, "--key", elsewhere.vkey), "which is remembered")
    assert verify("--key", OTHER.vkey).code == 4


def test_the_database_here_is_remembered_too(run, settings_of, monkeypatch, tmp_path):
    settings = settings_of()
    monkeypatch.setenv("JIANNUO_HOME", str(settings.home))
    monkeypatch.setenv("JIANNUO_DATABASE_URL", settings.database_url)
    file = tmp_path / "memory"
    for _ in range(2):
        assert run("verify", "--remember", file).code == 0
    assert "\n5\n" in json.loads(file.read_bytes())["checkpoint"]


@pytest.mark.parametrize("step", ["look", "public_keys", "rows"])
def test_an_audit_that_is_interrupted_is_incomplete_wherever_it_was(verify, tmp_path, monkeypatch, step):
    """A log over HTTP is read once for its keys before it is verified: that takes long too."""

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(f"audit.http.HttpSession.{step}", interrupted)
    ran = verify("--remember", tmp_path / "seen")
    assert ran.code == 5
    assert "interrupted" in (ran.out + ran.err).lower()
    assert CHINESE.search(ran.out + ran.err)
    assert not (tmp_path / "seen").exists()
