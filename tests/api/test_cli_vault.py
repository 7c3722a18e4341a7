"""``jiannuo vault``: the commands of docs/erasure.md, as they stand there; what they say when something is wrong."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ledger.installation import Installation
from ledger.keys import keystore
from ledger.proof.disclosure import parse_presentation
from ledger.store.binaries import find_binaries
from ledger.vault import upkeep
from tests.api.test_cli import Ran, is_error, run, run_apart  # noqa: F401 (fixtures)
from tests.conftest import OPERATOR, Served
from tests.ledger.persons import NAME, NUMBER, Person, reading_since_before, registered

PAGE = Path(__file__).parents[2] / "docs" / "erasure.md"
PLACEHOLDER = "person/0198c5a2-0000-7000-8000-000000000022"


def commands() -> list[list[str]]:
    """The commands of the page, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.strip()]


@pytest.fixture
def here(installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Any) -> Person:  # noqa: F811
    """A person on file in the installation that the commands find, and what they are given."""
    person = registered(installation, name=NAME, post="示例岗位")
    settings = installation.settings
    monkeypatch.setenv("JIANNUO_HOME", str(settings.home))
    monkeypatch.setenv("JIANNUO_DATABASE_URL", settings.database_url or "")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.pdf").write_bytes(b"letter")
    (tmp_path / "decision.pdf").write_bytes(b"decision")
    (tmp_path / "office.pem").write_bytes((settings.keys / "operator.pem").read_bytes())
    return person


def filled(command: list[str], person: Person) -> list[str]:
    """A command of the page for this person and body."""
    words = {PLACEHOLDER: person.stream, "11990000000000019A": OPERATOR.uscc}
    return [words.get(word, word) for word in command[1:]]


def told(ran: Ran) -> Ran:
    assert ran.code == 0, ran.err
    assert "Traceback" not in ran.err
    return ran


def test_the_pages_commands_do_what_it_says(here: Person, run: Any) -> None:  # noqa: F811
    """C17 F15 文档中的命令可以照做。"""
    found = [filled(c, here) for c in commands() if c[0] == "jiannuo"]
    assert [c[1] for c in found] == ["open", "lookups", "erase", "sweep", "rotate"]
    opened, listed, erased, swept, rotated = (told(run(*c)) for c in found)
    (line,) = opened.out.splitlines()
    assert {o.name: o.value for o in parse_presentation(line.encode()).openings} == {"name": NAME, "post": "示例岗位"}
    assert NAME not in opened.err
    assert listed.out.split("\t")[2:] == ["信用办", "调任", "示组函〔2026〕12号", "name,post\n"]
    assert erased.out == swept.out == rotated.out == ""
    assert "the erasure is entry" in erased.err
    assert "files were rewritten" in swept.err
    assert "the master key was changed" in rotated.err
    assert here.held == ()
    again = told(run(*found[2]))
    assert "此前已经抹除" in again.err
    after = told(run("vault", "lookups", here.stream, "--json"))
    assert [len(json.loads(after.out)[key]) for key in ("lookups", "erasures")] == [1, 1]
    is_error(run(*found[0]), "erased already")


def test_a_sweep_that_could_not_be_ended_is_exit_code_1(
    here: Person,
    run: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """F02 有更早的事务时，清除未完成即以退出码告知。"""
    monkeypatch.setattr(upkeep, "PATIENCE", 0)
    with reading_since_before(here.installation):
        here.submit(here.erasure())
        ran = run("vault", "sweep")
        assert ran.code == 1
        assert "before the erasure" in ran.err
    told(run("vault", "sweep"))


def test_the_pages_backups_are_apart(here: Person, tmp_path: Path) -> None:
    """F02 日志备份不含保管库。"""
    for command in (c for c in commands() if c[0] == "pg_dump"):
        url = here.installation.database.url("owner")
        arguments = [url if "jiannuo db url" in word else word for word in command[1:]]
        subprocess.run([str(find_binaries().folder / "pg_dump"), *arguments], check=True, cwd=tmp_path, timeout=60)
    log, vault = ((tmp_path / f"{name}.sql").read_text() for name in ("log", "vault"))
    assert "COPY ledger.events" in log
    assert "vault.openings" not in log
    assert "COPY vault.openings" in vault
    assert "COPY ledger.events" not in vault


def test_over_a_url_it_is_asked_and_listed_as_here(served: Served, tmp_path: Path, run_apart: Any) -> None:  # noqa: F811
    """G01 E17 通过网址查询、查看和抹除。"""
    person = registered(served.installation)
    key = served.installation.settings.keys / "operator.pem"
    signing = ("--key", key, "--iss", OPERATOR.uscc, "--url", served.url)
    asking = ("--fields", "name", "--purpose", "own_request", "--case-number", "2026-1")
    opened = told(run_apart("vault", "open", person.stream, *asking, *signing))
    file = tmp_path / "mine.sd-jwt"
    file.write_text(opened.out)
    listed = told(run_apart("vault", "lookups", "--presentation", file, "--url", served.url, "--json"))
    assert [one["purpose"]["code"] for one in json.loads(listed.out)["lookups"]] == ["own_request"]
    assert NAME not in listed.out
    (tmp_path / "decision").write_bytes(b"x")
    erasing = ("--ground", "subject_request", "--basis", tmp_path / "decision", *signing)
    told(run_apart("vault", "erase", person.stream, *erasing, "--digest", person.openings[1].digest))
    assert [o.name for o in person.held] == ["name"]
    told(run_apart("vault", "erase", person.stream, *erasing))
    assert "erased already" in told(run_apart("vault", "erase", person.stream, *erasing)).err
    refused = run_apart("vault", "open", person.stream, *asking, *signing)
    is_error(refused, "erased already")
    for ran in (listed, refused):
        assert NUMBER not in ran.out + ran.err


def test_what_is_refused_says_why_and_gives_nothing(here: Person, run: Any, tmp_path: Path) -> None:  # noqa: F811
    """F15 被拒绝时只说明原因。"""
    asking = ("vault", "open", here.stream, "--key", tmp_path / "office.pem", "--iss", OPERATOR.uscc)
    number = ("--case-number", "2026-1")
    is_error(run(*asking, "--fields", "id_number", "--purpose", "own_request", *number), "holds nothing")
    is_error(run(*asking, "--fields", "name", "--purpose", "transfer", *number), "official letter")
    is_error(run(*asking, "--fields", "name", "--purpose", "complaint", *number), "purposes")
    is_error(run(*asking, "--fields", "Name!", "--purpose", "own_request", *number), "name of a sealed field")
    is_error(
        run(*asking, "--fields", "name", "--purpose", "own_request", "--case-number", "no number"), "letter or case"
    )
    stranger = keystore.create(tmp_path / "stranger.pem")
    assert stranger
    other = ("vault", "open", here.stream, "--key", tmp_path / "stranger.pem", "--iss", OPERATOR.uscc)
    is_error(run(*other, "--fields", "name", "--purpose", "own_request", *number), "expected a key")
    is_error(run("vault", "lookups", "--presentation", tmp_path / "letter.pdf"), "expected")
    assert run("vault", "lookups").code == 2
    assert run("vault", "open", here.stream, "--purpose", "gossip").code == 2
    assert len(here.held) == 2
