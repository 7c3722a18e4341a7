"""The command: keys, signing, submitting, founding, database URLs. Data on stdout; on stderr words in two languages."""

from __future__ import annotations

import base64
import json
import os
import re
import stat
import subprocess
import sys

import psycopg
import pytest

from ledger.domain.identifiers import fictional_uscc
from ledger.proof.disclosure import parse_presentation
from ledger.proof.event import parse
from tests.api.commanding import Ran, runner
from tests.api.submitting import CHINESE
from tests.conftest import OPERATOR, needs

STREAM = f"body/{fictional_uscc(10)}"
REGISTRATION = {"stream": STREAM, "event": "BodyRegistered", "data": {"name": "示例单位", "kind": "department"}}


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs the command in this process, as ``main`` does."""
    return runner(monkeypatch, capsys, tmp_path / "home")


@pytest.fixture
def ledger(databases, tmp_path, monkeypatch, run):
    """A database of one's own, and its URL in the environment."""
    name = databases.create()
    monkeypatch.setenv("JIANNUO_DATABASE_URL", databases.url(name))
    yield databases.url(name)
    databases.drop(name)


def is_error(ran, *words):
    """Exit code 1, nothing on stdout, two lines on stderr: Chinese and English."""
    assert (ran.code, ran.out) == (1, "")
    zh, en = ran.err.strip().splitlines()[-2:]
    assert zh.startswith("错误：")
    assert CHINESE.search(zh)
    assert en.startswith("Error: ")
    for word in words:
        assert re.search(word, ran.err), ran.err
    assert "Traceback" not in ran.err


# --- keys -----------------------------------------------------------------------------------------------------------


def test_a_new_key_is_its_owners_alone_and_is_shown_without_its_secret(run, tmp_path):
    file = tmp_path / "office.pem"
    made = run("key", "new", "--out", file)
    assert made.code == 0
    jwk = json.loads(made.out)
    assert set(jwk) == {"kty", "crv", "x", "kid"}
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert run("key", "show", file).out == made.out
    assert file.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")


def test_openssl_reads_our_key_and_finds_the_same_public_key(run, tmp_path):
    needs("openssl")
    file = tmp_path / "office.pem"
    jwk = json.loads(run("key", "new", "--out", file).out)
    command = ["openssl", "pkey", "-in", str(file), "-pubout", "-outform", "DER"]
    der = subprocess.run(command, capture_output=True, check=True).stdout
    assert base64.urlsafe_b64encode(der[-32:]).rstrip(b"=").decode() == jwk["x"]


def test_a_key_is_never_written_over(run, tmp_path):
    file = tmp_path / "office.pem"
    run("key", "new", "--out", file)
    before = file.read_bytes()
    is_error(run("key", "new", "--out", file), "exists already")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "content", [None, b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_what_is_no_key_is_refused_in_words(run, tmp_path, content):
    file = tmp_path / "office.pem"
    if content is not None:
        file.write_bytes(content)
    is_error(run("key", "show", file), "key file")


# --- sign and submit ------------------------------------------------------------------------------------------------


@pytest.fixture
def run_apart():
    """Runs the command in a process of its own: beside a service in this one, whose log would be in between."""

    def call(*arguments, stdin=b""):
        command = [sys.executable, "-c", "from api.cli import main; main()", *map(str, arguments)]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture
def operator_key(served):
    return served.installation.settings.keys / "operator.pem"


def sign(run, key, served, wanted=REGISTRATION):
    data = json.dumps(wanted).encode()
    return run("sign", "--key", key, "--iss", OPERATOR.uscc, "--url", served.url, stdin=data)


def test_sign_and_submit_over_the_wire(run_apart, served, operator_key, tmp_path):
    signed = sign(run_apart, operator_key, served)
    assert signed.code == 0
    event = parse(signed.out.strip().encode()).event
    assert (event.stream, event.version, event.iss) == (STREAM, 1, OPERATOR.uscc)

    file = tmp_path / "events.txt"
    file.write_text(signed.out)
    first = run_apart("submit", file, "--url", served.url, "--json")
    assert first.code == 0
    receipt = json.loads(first.out)
    assert (receipt["index"], receipt["status"]) == (5, 201)
    again = run_apart("submit", file, "--url", served.url, "--json")
    assert {**json.loads(again.out), "status": 201} == receipt

    renamed = {"stream": STREAM, "event": "BodyRenamed", "data": {"name": "新名称"}}
    renamed["basis"] = [{"title": "会议纪要", "sha256": "0" * 64, "dated": "2026-01-02"}]
    signed = sign(run_apart, operator_key, served, renamed)
    assert parse(signed.out.strip().encode()).event.version == 2
    told = run_apart("submit", "--url", served.url, stdin=signed.out.encode())
    assert told.out.split("\t")[0] == "6"
    assert served.installation.ledger.case(STREAM).state.name == "新名称"


def test_an_event_can_be_signed_without_asking_anybody(run, tmp_path):
    key = tmp_path / "office.pem"
    run("key", "new", "--out", key)
    wanted = {**REGISTRATION, "version": 4, "prev": "0" * 64}
    nowhere = "http://127.0.0.1:9"
    signed = run("sign", "--key", key, "--iss", OPERATOR.uscc, "--url", nowhere, stdin=json.dumps(wanted).encode())
    event = parse(signed.out.strip().encode()).event
    assert (event.version, event.prev) == (4, "0" * 64)
    first = {**REGISTRATION, "version": 1}
    signed = run("sign", "--key", key, "--iss", OPERATOR.uscc, "--url", nowhere, stdin=json.dumps(first).encode())
    assert parse(signed.out.strip().encode()).event.prev is None


PERSON_FILE = {
    "stream": "person/0198c5a2-0000-7000-8000-000000000077",
    "event": "PersonRegistered",
    "version": 1,
    "data": {"kind": "civil_servant", "body": OPERATOR.uscc},
    "seal": {"name": "示例人员甲", "post": "示例岗位"},
}


def test_what_is_sealed_is_signed_as_digests_and_goes_along_as_disclosures(run, tmp_path):
    """A09 建立公务员诚信档案：姓名、岗位只以摘要入账。"""
    key = tmp_path / "office.pem"
    run("key", "new", "--out", key)
    signed = run("sign", "--key", key, "--iss", OPERATOR.uscc, stdin=json.dumps(PERSON_FILE).encode())
    found = parse_presentation(signed.out.strip().encode())
    assert {o.name: o.value for o in found.openings} == PERSON_FILE["seal"]
    assert sorted(o.digest for o in found.openings) == list(found.signed.event.fact.sealed)


def test_what_may_not_be_sealed_is_refused_before_it_is_signed_and_not_repeated(run, tmp_path):
    key = tmp_path / "office.pem"
    run("key", "new", "--out", key)
    wrong = {**PERSON_FILE, "seal": {"name": "示例人员甲", "blood_type": "甲型"}}
    signed = run("sign", "--key", key, "--iss", OPERATOR.uscc, stdin=json.dumps(wrong).encode())
    assert signed.code == 1
    assert signed.out == ""
    assert "甲" not in signed.err


def test_what_the_ledger_refuses_is_told_and_the_exit_code_is_1(run_apart, served, operator_key, tmp_path):
    good, bad = sign(run_apart, operator_key, served).out, "nonsense\n"
    ran = run_apart("submit", "--url", served.url, stdin=(bad + good).encode())
    assert ran.code == 1
    assert ran.out.split("\t")[0] == "5"
    assert CHINESE.search(ran.err)
    assert "refused" in ran.err


@pytest.mark.parametrize(
    "wanted",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'{"stream": "body/x", "event": "BodyRegistered"}',
        b'{"stream": "weather/1", "event": "X", "data": {}}',
        b'{"stream": "body/1", "event": "BodyPainted", "data": {}}',
        b'{"stream": "body/1", "event": "BodyRegistered", "data": {"colour": "red"}}',
        b'{"stream": "body/1", "event": "BodyRegistered", "data": {}, "data": {}}',
        b"\xff",
    ],
)
def test_what_cannot_be_signed_is_refused_in_words(run, tmp_path, wanted):
    key = tmp_path / "office.pem"
    run("key", "new", "--out", key)
    is_error(run("sign", "--key", key, "--iss", OPERATOR.uscc, stdin=wanted))


def test_a_ledger_that_is_not_there_is_told_in_words(run, tmp_path):
    key = tmp_path / "office.pem"
    run("key", "new", "--out", key)
    nowhere = "http://127.0.0.1:9"
    is_error(run("submit", "--url", nowhere, stdin=b"x\n"), "cannot be reached")
    ran = run("sign", "--key", key, "--iss", OPERATOR.uscc, "--url", nowhere, stdin=json.dumps(REGISTRATION).encode())
    is_error(ran, "cannot be reached")


def test_a_file_that_is_not_there_is_told_in_words(run, tmp_path):
    is_error(run("submit", tmp_path / "none"), "cannot be read")


# --- founding -------------------------------------------------------------------------------------------------------

INIT = ("init", "--uscc", OPERATOR.uscc, "--name", OPERATOR.name)


def test_init_founds_a_ledger_and_may_be_repeated(run, ledger, tmp_path):
    first = run(*INIT)
    assert first.code == 0
    assert re.fullmatch(r"jiannuo\.invalid/[0-9a-f]{16}\+[0-9a-f]{8}\+\S+\n", first.out)
    assert CHINESE.search(first.err)
    keys = {file.name: file.read_bytes() for file in (tmp_path / "home" / "keys").iterdir()}
    assert run(*INIT).out == first.out
    assert {file.name: file.read_bytes() for file in (tmp_path / "home" / "keys").iterdir()} == keys
    with psycopg.connect(ledger) as connection:
        assert connection.execute("SELECT count(*) FROM ledger.events").fetchone() == (5,)


def test_init_takes_the_origin_that_it_is_given(run, ledger, monkeypatch):
    monkeypatch.setenv("JIANNUO_ORIGIN", "ledger.example/city")
    assert run(*INIT).out.startswith("ledger.example/city+")


@pytest.mark.parametrize("uscc", ["", "x", OPERATOR.uscc[:-1] + "B", "91350100M000100Y44"])
def test_init_refuses_a_code_that_is_none(run, ledger, uscc):
    is_error(run("init", "--uscc", uscc, "--name", "单位"), "USCC")


def test_init_refuses_another_operator(run, ledger):
    run(*INIT)
    is_error(run("init", "--uscc", fictional_uscc(2), "--name", "单位"), OPERATOR.uscc)


def test_verify_says_that_the_new_ledger_is_whole(run, ledger):
    run(*INIT)
    told = run("verify", "--json")
    assert told.code == 0
    assert json.loads(told.out)["events"] == 5
    assert run("verify").out.startswith("验证通过 | verified")


@pytest.mark.parametrize("command", [("serve",), ("verify",)])
def test_without_a_ledger_one_is_told_how_to_make_it(run, ledger, command):
    is_error(run(*command), "jiannuo init")


# --- the database ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["owner", "writer", "reader"])
def test_db_url_gives_a_string_that_psql_takes(run, ledger, role):
    url = run("db", "url", "--role", role).out.strip()
    with psycopg.connect(url) as connection:
        who = connection.execute("SELECT current_user").fetchone()
    assert who == ("jiannuo_admin" if role == "owner" else f"jiannuo_{role}",)


def test_db_url_of_the_embedded_server(run, tmp_path):
    told = run("db", "url")
    assert told.code == 0
    assert told.out.startswith("postgresql://jiannuo_reader@/jiannuo?host=")
    assert CHINESE.search(told.err)


def test_a_database_that_cannot_be_reached_is_told_in_words(run, monkeypatch):
    monkeypatch.setenv("JIANNUO_DATABASE_URL", "postgresql://a:geheim@127.0.0.1:9/a")
    ran = run("verify")
    is_error(ran, "PostgreSQL cannot be reached")
    assert "geheim" not in ran.err


# --- usage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("nonsense",), ("key", "new"), ("db", "url", "--role", "king"), ("sign",)])
def test_wrong_usage_is_exit_code_2(run, arguments):
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


@pytest.mark.parametrize("port", ["x", "0", "65536", "-1", "８０", "1e3"])
def test_a_port_that_is_none_is_told_in_words(run, monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    is_error(run("verify"), "PORT")


@pytest.mark.parametrize("command", [(), ("key",), ("db",), ("init",), ("submit",), ("verify",), ("serve",), ("demo",)])
def test_help_is_in_both_languages(run, command):
    told = run(*command, "--help")
    assert told.code == 0
    assert CHINESE.search(told.out)
    assert "Usage" in told.out


def test_help_is_quick_because_nothing_heavy_is_imported():
    """Heavy modules are imported inside the commands."""
    heavy = ("psycopg", "eventsourcing", "fastapi", "uvicorn", "cryptography")
    code = f"import sys, api.cli; print([m for m in {heavy} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


def test_no_core_dump_is_made_of_a_program_that_holds_keys():
    """F15 不生成内存转储。"""
    code = (
        "import atexit, sys\n"
        "from resource import RLIMIT_CORE, getrlimit, setrlimit\n"
        "setrlimit(RLIMIT_CORE, (getrlimit(RLIMIT_CORE)[1],) * 2)\n"
        "atexit.register(lambda: print(getrlimit(RLIMIT_CORE)[0]))\n"
        "sys.argv = ['jiannuo', '--help']\n"
        "from api.cli import main\n"
        "main()\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "0"


def test_a_reader_that_goes_away_is_no_error():
    """``jiannuo … | head``."""
    code = "import sys; sys.argv = ['jiannuo', '--help']; from api.cli import main; main()"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=-1, stderr=-1)
    process.stdout.close()
    assert process.wait(20) in {0, 1, 120}
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
