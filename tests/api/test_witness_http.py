"""A witness behind HTTP: statuses and content types of C2SP tlog-witness; the commands that make and run one."""

from __future__ import annotations

import json
import os
import warnings
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from audit.witness import enrolled
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.cosignature import COSIGNATURES, cosigned_at
from ledger.proof.note import Verifier, read_note, sign
from ledger.proof.witness import MAX_REQUEST, AddCheckpoint
from tests.audit.test_witness import LOG, request, witness
from tests.proof.implementations import mth

FILE = sha256(LOG.name.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from audit.witness import Enrolled, enrol
    from ledger.proof.cosignature import Cosigner
    from tests.audit.test_witness import NAME, OWN

    enrol(tmp_path / "seen", Enrolled(Verifier.of(Cosigner(NAME, OWN, 0)), "witness.pem"))
    return tmp_path / "seen"


@pytest.fixture
def client(folder: Path):
    from api.witness import create_witness_app

    with warnings.catch_warnings():  # it would rather have another package than httpx
        warnings.simplefilter("ignore")
        from starlette.testclient import TestClient
    return TestClient(create_witness_app(witness(folder)))


def post(client, body: bytes):
    return client.post("/add-checkpoint", content=body)


def test_a_checkpoint_is_cosigned_and_the_line_verifies(client, folder: Path) -> None:
    answer = post(client, request(0, 7))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    note = read_note(sign(Checkpoint(LOG.name, 7, mth(0, 7)).marshal(), [LOG]) + answer.content, witness(folder).own)
    assert cosigned_at(note.signatures[0].signature) == 1_790_000_000
    assert post(client, request(7, 9)).status_code == 200


def test_each_refusal_has_the_status_of_the_specification(client) -> None:
    post(client, request(0, 7))
    conflict = post(client, request(0, 9))
    assert (conflict.status_code, conflict.content) == (409, b"7\n")
    assert conflict.headers["content-type"] == "text/x.tlog.size"
    stranger = Checkpoint("elsewhere.example", 1, mth(0, 1))
    elsewhere = AddCheckpoint(0, (), sign(stranger.marshal(), [LOG])).marshal()
    forged = request(7, 9).replace(b"\n9\n", b"\n8\n")
    for body, status in (
        (elsewhere, 404),
        (forged, 403),
        (request(7, 9).replace(b"old 7", b"old 10"), 400),
        (request(7, 7, bytes(32)), 422),
        (b"", 400),
        (b"x" * (MAX_REQUEST + 1), 413),
    ):
        assert post(client, body).status_code == status
    assert client.get("/add-checkpoint").status_code == 405


def test_it_says_who_it_is_what_it_saw_and_serves_what_it_cosigned(client, folder: Path) -> None:
    assert client.get(f"/{FILE}/checkpoint").status_code == 404
    lines = post(client, request(0, 7)).content
    served = client.get(f"/{FILE}/checkpoint")
    assert served.headers["content-type"] == "text/plain; charset=utf-8"
    assert served.content == sign(Checkpoint(LOG.name, 7, mth(0, 7)).marshal(), [LOG]) + lines
    page = client.get("/").text
    vkey = witness(folder).own[0].vkey
    assert vkey in page
    assert "log.example" in page
    found = client.get("/index.json").json()
    assert found["keys"] == [vkey]
    assert [(log["origin"], log["size"]) for log in found["logs"]] == [("log.example", 7)]
    assert client.get("/livez").text == client.get("/readyz").text == "ok\n"
    for path in (
        "/witness.json/checkpoint",
        f"/{FILE}.lock/checkpoint",
        "/../checkpoint",
        f"/{FILE.upper()}/checkpoint",
    ):
        assert client.get(path).status_code == 404


def test_a_witness_that_cannot_remember_answers_500_and_is_not_ready(client, folder: Path) -> None:
    post(client, request(0, 7))
    (folder / FILE).write_bytes(b"")
    assert post(client, request(7, 9)).status_code == 500
    assert client.get("/readyz").status_code == 503


def run(*arguments: str):
    return CliRunner().invoke(app, ["witness", *arguments])


def test_the_command_makes_keys_that_the_folder_knows(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    made = run("key", "--folder", str(folder), "--name", "witness.example/w1")
    assert made.exit_code == 0
    quantum = run("key", "--folder", str(folder), "--name", "witness.example/w1", "--ml-dsa")
    assert [Verifier.parse(ran.stdout.strip(), COSIGNATURES).kind for ran in (made, quantum)] == [4, 6]
    assert [one.key.vkey for one in enrolled(folder)] == [made.stdout.strip(), quantum.stdout.strip()]
    assert {oct(os.stat(folder / one.file).st_mode & 0o777) for one in enrolled(folder)} == {"0o600"}
    shown = json.loads(run("show", "--folder", str(folder), "--json").stdout)
    assert shown == {"keys": [made.stdout.strip(), quantum.stdout.strip()], "logs": []}
    again = run("key", "--folder", str(folder), "--name", "witness.example/w1")
    assert again.exit_code == 1
    assert len(enrolled(folder)) == 2


def test_a_name_that_is_none_leaves_nothing_behind(tmp_path: Path) -> None:
    assert run("key", "--folder", str(tmp_path / "w"), "--name", "a b").exit_code == 1
    assert not list(tmp_path.iterdir())


def test_serve_needs_a_log_a_folder_and_the_right_key(tmp_path: Path) -> None:
    vkey = Verifier.of(LOG).vkey
    assert run("serve", "--folder", str(tmp_path / "w")).exit_code == 2
    ran = run("serve", "--folder", str(tmp_path / "w"), "--log", vkey)
    assert ran.exit_code == 1
    assert "witness key" in str(ran.exception)
    run("key", "--folder", str(tmp_path / "w"), "--name", "w.example")
    (tmp_path / "w" / "witness.pem").unlink()
    run("key", "--folder", str(tmp_path / "v"), "--name", "w.example")
    (tmp_path / "v" / "witness.pem").rename(tmp_path / "w" / "witness.pem")
    ran = run("serve", "--folder", str(tmp_path / "w"), "--log", vkey)
    assert ran.exit_code == 1
    assert "got another" in str(ran.exception)
