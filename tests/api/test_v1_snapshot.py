"""Bulk snapshots: signed, the same for the same moment, and gone with what is no longer public."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from api.moments import today_of
from api.snapshots import KEPT, TYP, Snapshots
from api.v1.resources import RESOURCES
from ledger.installation import Installation
from ledger.proof.attestation import read_attestation, verify_attestation
from projections.reading import Reading
from tests.api.commanding import runner
from tests.api.submitting import is_problem, registration


@pytest.fixture
def snapshots(book_app: FastAPI, played: Installation, tmp_path: Path) -> Iterator[Snapshots]:
    """Snapshots of the worked cases, in a folder of the test."""
    usual = book_app.state.snapshots
    today = today_of(played)
    book_app.state.snapshots = Snapshots(tmp_path / "s", book_app.state.reading, played.ledger, lambda: today)
    yield book_app.state.snapshots
    book_app.state.snapshots = usual


def test_a_snapshot_is_all_that_is_public_under_a_signed_manifest(
    public: Any, snapshots: Snapshots, played: Installation
) -> None:
    """Part 6: bulk snapshot with signed manifest."""
    answer = public.get("/api/v1/snapshot").json()
    manifest = verify_attestation(answer["attestation"].encode(), played.ledger.public_key, TYP)
    assert manifest == answer["manifest"]
    assert manifest["log"] == played.ledger.log_key.origin
    page = public.get("/api/v1/bodies").json()
    assert (manifest["size"], manifest["root"]) == (page["size"], page["checkpoint"]["root"])
    assert [file["name"] for file in manifest["files"]] == [f"{name}.jsonl.gz" for name in RESOURCES]
    for file in manifest["files"]:
        got = public.get(answer["files"][file["name"]])
        assert (len(got.content), hashlib.sha256(got.content).hexdigest()) == (file["bytes"], file["sha256"])
        lines = gzip.decompress(got.content)
        assert len(lines.splitlines()) == file["rows"]
        assert lines == public.get(f"/api/v1/{file['name'].removesuffix('.gz')}").content
        again = public.get(answer["files"][file["name"]], headers={"if-none-match": got.headers["etag"]})
        assert again.status_code == 304


def test_the_same_moment_gives_the_same_bytes(snapshots: Snapshots) -> None:
    """Part 6: deterministic."""
    first, second = snapshots.make(), snapshots.make()
    assert (first.id, first.attestation) == (second.id, second.attestation)


def test_a_snapshot_goes_with_what_is_no_longer_public(
    public: Any, snapshots: Snapshots, played: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Must hold: what expired is in no snapshot; the old one is never answered again, another is made."""
    old = snapshots.make()
    record = public.get("/api/v1/records").json()["items"][0]
    assert record["stream"].encode() in gzip.decompress((old.folder / "records.jsonl.gz").read_bytes())
    later = today_of(played).replace(year=int(record["expires_on"][:4])) + timedelta(days=366)
    monkeypatch.setattr(snapshots, "_today", lambda: later)
    is_problem(public.get(f"/api/v1/snapshot/{old.id}/records.jsonl.gz"), 404)
    assert not old.folder.exists()
    new = snapshots.make()
    assert record["stream"].encode() not in gzip.decompress((new.folder / "records.jsonl.gz").read_bytes())


@pytest.mark.parametrize(
    "path",
    ["x/bodies.jsonl.gz", "../../keys/ledger.pem", "..%2f..%2fkeys/ledger.pem", "{id}/manifest.jws", "{id}/..%2f.lock"],
)
def test_nothing_but_its_files_is_given(public: Any, snapshots: Snapshots, path: str) -> None:
    """Part 6: no path leads out of a snapshot."""
    assert public.get(f"/api/v1/snapshot/{path.format(id=snapshots.make().id)}").status_code == 404


def test_few_snapshots_are_kept(
    installation: Installation, app: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part 6: bounded."""
    reading: Reading = app.state.reading
    snapshots = Snapshots(tmp_path / "s", reading, installation.ledger, lambda: today_of(installation))
    made = []
    for number in range(400, 404):
        installation.ledger.submit(registration(installation, number)).result()
        while reading.position() < installation.ledger.size:
            pass
        made.append(snapshots.make().id)
    left = {path.name for path in (tmp_path / "s").iterdir() if path.name != ".lock"}
    assert left == set(made[-KEPT:])
    assert snapshots.newest() is not None
    assert json.loads(json.dumps(dict(snapshots.newest().manifest)))["size"] == reading.position()  # type: ignore[union-attr]


def test_the_command_makes_one_and_copies_it(
    settings_of: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Part 6: ``jiannuo snapshot``, which the service then offers."""
    settings, copied = settings_of(), tmp_path / "copy"
    jiannuo = runner(monkeypatch, capsys, settings.home)
    monkeypatch.setenv("JIANNUO_DATABASE_URL", settings.database_url)
    done = jiannuo("snapshot", "--json", "--to", copied)
    assert done.code == 0, done.err
    made = json.loads(done.out)
    attestation = (copied / "manifest.jws").read_bytes()
    assert read_attestation(attestation).payload == made["manifest"]
    for file in made["manifest"]["files"]:
        assert hashlib.sha256((copied / file["name"]).read_bytes()).hexdigest() == file["sha256"]
    assert (settings.home / "snapshots" / made["id"] / "manifest.jws").read_bytes() == attestation
    again = jiannuo("snapshot", "--to", copied)
    assert (again.code, str(copied) in again.err) == (1, True)
