"""``jiannuo audit export``, ``import`` and ``--bundle`` in this process, as ``main`` runs them: all or nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from api import cli
from api.cli import audit_import
from api.cli.audit_import import copy_into
from audit import http
from audit.bundle.export import export
from audit.bundle.source import BundleSource
from ledger.casebook import stream_of
from ledger.errors import ProofError, UnavailableError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier, open_note
from ledger.settings import Settings
from ledger.store.database import Database
from ledger.store.source import PostgresSource
from tests.api.submitting import CHINESE
from tests.audit.bundles import changed, flipped, members, write
from tests.audit.logs import filled, of
from tests.audit.servers import TOKEN, log_server

RECORD = stream_of("record/unpaid-project")
SIZE = 700


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs a command on the ledger of some settings; without, none is configured."""
    monkeypatch.setattr(http, "PAUSES", ())

    def call(*arguments, settings: Settings | None = None) -> Ran:
        for variable in ("JIANNUO_DATABASE_URL", "JIANNUO_WRITER_URL", "JIANNUO_READER_URL", "JIANNUO_ORIGIN", "PORT"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setenv("JIANNUO_HOME", str(settings.home if settings else tmp_path / "nothing"))
        if settings and settings.database_url:
            monkeypatch.setenv("JIANNUO_DATABASE_URL", settings.database_url)
        monkeypatch.setattr(sys, "argv", ["jiannuo", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        return Ran(end.value.code or 0, *capsys.readouterr())

    return call


@pytest.fixture
def empty(databases, tmp_path):
    """The settings of an empty database."""
    name = databases.create()
    yield Settings(tmp_path / "copy", databases.url(name))
    databases.drop(name)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A bundle of a log of two tiles and a part, and the root of its tree."""
    path = tmp_path_factory.mktemp("log") / "log.bundle"
    export(of(filled(SIZE)), path)
    return path


def root_of(path):
    return Checkpoint.parse(members(path)["checkpoint"].decode().partition("\n\n")[0] + "\n").root.hex()


def stored(settings):
    """What the log's tables hold."""
    with Database(settings) as database, psycopg.connect(database.url("reader")) as connection:
        return {
            table: connection.execute(f"SELECT * FROM ledger.{table} ORDER BY 1, 2".encode()).fetchall()
            for table in ("events", "tiles", "checkpoints")
        }


def is_error(ran, *words):
    assert (ran.code, ran.out) == (1, "")
    zh, en = ran.err.strip().splitlines()[-2:]
    assert zh.startswith("错误：")
    assert CHINESE.search(zh)
    for word in words:
        assert word in en
    assert "Traceback" not in ran.err


# --- there and back -------------------------------------------------------------------------------------------------


def test_a_ledger_exported_verified_imported_is_the_same_ledger(run, played, empty, tmp_path):
    """All rows of the log's tables, bit by bit; and the manifest is signed by the log."""
    bundle = tmp_path / "log.bundle"
    told = run("audit", "export", bundle, "--json", settings=played.settings)
    assert (told.code, json.loads(told.out)["signed_by"]) == (0, played.ledger.log_key.origin)
    open_note(members(bundle)["manifest"], [played.ledger.log_key.verifier])
    assert run("audit", "verify", "--bundle", bundle, "--key", played.ledger.log_key.verifier.vkey).code == 0
    told = run("audit", "import", bundle, "--json", settings=empty)
    assert (told.code, json.loads(told.out)["new"]) == (0, played.ledger.size)
    assert stored(empty) == stored(played.settings)
    for command in (("verify",), ("audit", "replay"), ("audit", "trace", RECORD)):
        here, there = run(*command, settings=empty), run(*command, settings=played.settings)
        assert here.code == there.code == 0
        if command != ("verify",):
            assert here.out == there.out


def test_replay_and_trace_of_a_bundle_are_those_of_the_ledger(run, played, tmp_path):
    bundle = tmp_path / "log.bundle"
    run("audit", "export", bundle, settings=played.settings)
    for command in (("replay", "--json"), ("trace", RECORD), ("trace", RECORD, "--json")):
        offline, here = run("audit", *command, "--bundle", bundle), run("audit", *command, settings=played.settings)
        assert (offline.code, offline.out) == (here.code, here.out)
        assert here.code == 0


def test_a_case_is_exported_verified_and_traced(run, played, tmp_path):
    bundle = tmp_path / "case.bundle"
    assert run("audit", "export", bundle, "--case", RECORD, settings=played.settings).code == 0
    told = run("audit", "verify", "--bundle", bundle, "--json")
    found = json.loads(told.out)
    assert (told.code, found["bundle"]["scope"], found["bundle"]["manifest"]["by_log"]) == (0, f"case {RECORD}", True)
    assert len(found["bundle"]["not_shown"]) == 4
    told = run("audit", "verify", "--bundle", bundle)
    assert "不能表明" in told.out
    assert "cannot show" in told.out
    assert run("audit", "trace", RECORD, "--bundle", bundle).out == (
        run("audit", "trace", RECORD, settings=played.settings).out
    )
    is_error(run("audit", "verify", "--bundle", bundle, "--remember", tmp_path / "memory"), "part")
    assert not (tmp_path / "memory").exists()
    is_error(run("audit", "replay", "--bundle", bundle), "part")
    is_error(run("audit", "import", bundle), "part")


def test_an_auditor_exports_from_a_url_and_signs_with_a_key_of_his_own(run, tmp_path):
    key, token = tmp_path / "own.pem", tmp_path / "token"
    own = PrivateKey.from_seed(b"auditor".ljust(32))
    key.write_bytes(own.to_pem())
    token.write_text(TOKEN)
    with log_server(of(filled(300))) as far:
        url = ("--url", far.url, "--token-file", token)
        one, two = tmp_path / "one", tmp_path / "two"
        assert json.loads(run("audit", "export", one, *url, "--json").out)["signed_by"] is None
        assert run("audit", "export", two, *url, "--sign-with", key, "--sign-as", "auditor.example").code == 0
        is_error(run("audit", "export", tmp_path / "3", *url, "--sign-with", key, "--sign-as", "log.example"), "log's")
        is_error(run("audit", "export", tmp_path / "4", "--url", far.url), "token")
    open_note(members(two)["manifest"], [Verifier.of(LogSigner("auditor.example", own))])
    for path, others in ((one, []), (two, ["auditor.example"])):
        found = json.loads(run("audit", "verify", "--bundle", path, "--json").out)
        assert found["bundle"]["manifest"] == {"by_log": False, "by_others_unchecked": others}
        assert found["exit_code"] == 0


def test_what_is_remembered_has_to_be_continued_by_a_bundle_too(run, log, tmp_path):
    memory = tmp_path / "memory"
    assert run("audit", "verify", "--bundle", log, "--remember", memory).code == 0
    export(of(filled(SIZE - 100)), tmp_path / "older.bundle")
    assert run("audit", "verify", "--bundle", tmp_path / "older.bundle", "--remember", memory).code == 4


# --- refusals -------------------------------------------------------------------------------------------------------


def test_usage(run, log, tmp_path):
    for arguments in (
        ("export", tmp_path / "x", "--case", RECORD, "--subject", "1"),
        ("export", tmp_path / "x", "--sign-as", "auditor.example"),
        ("verify", "--bundle", log, "--url", "http://127.0.0.1:1"),
        ("trace", RECORD, "--bundle", log, "--token-file", tmp_path / "token"),
    ):
        assert run("audit", *arguments).code == 2


def test_a_file_that_is_there_is_replaced_on_request_alone(run, played, tmp_path):
    file = tmp_path / "log.bundle"
    file.write_bytes(b"mine")
    is_error(run("audit", "export", file, settings=played.settings), "--force")
    assert file.read_bytes() == b"mine"
    assert run("audit", "export", file, "--force", settings=played.settings).code == 0


def test_what_is_no_bundle_could_not_be_run_on(run, log, tmp_path):
    data = log.read_bytes()
    for number, wrong in enumerate((b"", b"PK", data[:-1], data[: len(data) // 2], b"\0" * 100)):
        path = tmp_path / str(number)
        path.write_bytes(wrong)
        for command in (("verify", "--bundle", path), ("import", path), ("trace", RECORD, "--bundle", path)):
            is_error(run("audit", *command), "bundle")
    is_error(run("audit", "verify", "--bundle", tmp_path / "none"), "cannot be read")


def test_a_bundle_that_is_not_verified_is_not_imported(run, log, empty, tmp_path):
    for name, code in (("tile/entries/001", 3), ("tile/0/001", 4), ("checkpoint", 4), ("keys", 4)):
        path = write(tmp_path / "forged.bundle", changed(members(log), name, flipped))
        assert run("audit", "import", path, settings=empty).code == code
        assert run("audit", "verify", "--bundle", path).code == code
    other = Verifier.of(LogSigner("log.example", PrivateKey.from_seed(b"another".ljust(32))))
    assert run("audit", "import", log, "--key", other.vkey, settings=empty).code == 4
    assert set(map(len, stored(empty).values())) == {0}


def test_only_the_rest_is_added_to_what_the_bundle_begins_with(run, log, empty, tmp_path):
    export(of(filled(300)), tmp_path / "first.bundle")
    assert run("audit", "import", tmp_path / "first.bundle", settings=empty).code == 0
    told = run("audit", "import", log, "--json", settings=empty)
    assert json.loads(told.out)["new"] == SIZE - 300
    assert json.loads(run("audit", "import", log, "--json", settings=empty).out)["new"] == 0
    assert run("verify", settings=empty).code == 0
    is_error(run("audit", "import", tmp_path / "first.bundle", settings=empty), "700", "300")


def test_a_ledger_of_others_is_left_alone(run, log, installation):
    before = stored(installation.settings)
    is_error(run("audit", "import", log, settings=installation.settings), "not those of the bundle")
    assert stored(installation.settings) == before


def test_a_file_that_changed_since_it_was_verified_is_not_stored(log, empty):
    with Database(empty) as database, pytest.raises(ProofError):
        copy_into(BundleSource(log), "00" * 32, database.url("writer"), lambda done, total: None)
    assert set(map(len, stored(empty).values())) == {0}


def test_the_readers_role_can_import_nothing(log, empty):
    with Database(empty) as database, pytest.raises(UnavailableError, match="permission denied"):
        copy_into(BundleSource(log), root_of(log), database.url("reader"), lambda done, total: None)


def test_an_import_that_is_interrupted_or_killed_leaves_nothing(run, log, empty, monkeypatch):
    monkeypatch.setattr(audit_import, "CHUNK", 256)
    copied = audit_import.copy_into

    def interrupted(source, root, url, progress):
        def interrupt(done, total):
            raise KeyboardInterrupt

        return copied(source, root, url, interrupt)

    monkeypatch.setattr(audit_import, "copy_into", interrupted)
    assert run("audit", "import", log, settings=empty).code == 5
    code = (
        "import os, signal, sys; from api.cli import audit_import; from audit.bundle.source import BundleSource\n"
        "audit_import.CHUNK = 256\n"
        "def kill(done, total): os.kill(os.getpid(), signal.SIGKILL) if done == 512 else None\n"
        "audit_import.copy_into(BundleSource(sys.argv[1]), sys.argv[2], sys.argv[3], kill)\n"
    )
    with Database(empty) as database:
        command = [sys.executable, "-c", code, str(log), root_of(log), database.url("writer")]
        killed = subprocess.run(command, check=False, cwd=Path(__file__).parents[2], env=dict(os.environ))
        assert killed.returncode == -signal.SIGKILL
        with psycopg.connect(database.url("reader")) as connection:
            assert connection.execute("SELECT count(*) FROM ledger.events").fetchone() == (0,)
        monkeypatch.setattr(audit_import, "copy_into", copied)
        assert run("audit", "import", log, settings=empty).code == 0


def test_without_the_keys_of_the_log_the_copy_is_not_served(run, log, empty):
    """And the words say what it can be used for."""
    assert run("audit", "import", log, settings=empty).code == 0
    is_error(run("serve", settings=empty), "the log log.example", "a copy, to verify", "neither served nor appended")


def test_the_copy_is_a_source_like_any_other(run, log, empty, tmp_path):
    assert run("audit", "import", log, settings=empty).code == 0
    with Database(empty) as database:
        export(PostgresSource(database.url("reader")), tmp_path / "again.bundle")
    assert (tmp_path / "again.bundle").read_bytes() == log.read_bytes()


def test_errors_of_the_database_are_told_without_its_password(run, log, tmp_path):
    settings = Settings(tmp_path / "home", "postgresql://app:secret@127.0.0.1:1/city")
    ran = run("audit", "import", log, settings=settings)
    assert ran.code == 1
    assert "secret" not in ran.err


def test_no_subject_of_that_form(run, played, tmp_path):
    is_error(run("audit", "export", tmp_path / "x", "--subject", "somebody", settings=played.settings), "subject")
