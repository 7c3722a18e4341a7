"""docs/verify.md does what it says: each command is run in one shell, as a reader would, and prints what is shown.

A block after ``<!-- check -->`` is run; the ``text`` block after it is what it prints: its lines have to come in this
order, and … stands for anything. Where the ledger was tampered with, the blocks must fail.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger.installation import Installation
from tests.conftest import Served, needs
from tests.independent.conftest import GOPATH, TOOLS
from tests.independent.mirror import Snapshot, served

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "verify.md").read_text("utf-8")
ADDRESS = "http://127.0.0.1:8000"
BLOCK = re.compile(r"<!-- check -->\n```sh\n(?P<code>.*?)```\n(?:\n```text\n(?P<prints>.*?)```\n)?", re.DOTALL)
SECTION = re.compile(r"^## (\d+)\.", re.MULTILINE)
MARK = "=== block {}"


@dataclass(frozen=True)
class Block:
    """A command of the page, in its section, and what it prints."""

    section: int
    code: str
    prints: tuple[str, ...]


def blocks() -> list[Block]:
    """All commands of the page."""
    starts = [(match.start(), int(match[1])) for match in SECTION.finditer(PAGE)]
    found = []
    for match in BLOCK.finditer(PAGE):
        section = max(s for s in starts if s[0] < match.start())[1]
        found.append(Block(section, match["code"], tuple((match["prints"] or "").splitlines())))
    return found


BLOCKS = blocks()
SECTIONS = sorted({block.section for block in BLOCKS} - {0})


class Reader:
    """Somebody with a shell, an empty folder with the files of docs/verify, and what an auditor was given."""

    def __init__(self, folder: Path, played: Installation, environment: dict[str, str]) -> None:
        self.folder, self._token = folder, played.token()
        shutil.copytree(TOOLS, folder, dirs_exist_ok=True)
        (folder / "auditor.token").write_text(self._token + "\n")
        self.environment = {
            **os.environ,
            **environment,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "JIANNUO_HOME": str(played.settings.home),
            "JIANNUO_DATABASE_URL": played.settings.database_url or "",
        }

    def run(self, url: str, sections: set[int]) -> subprocess.CompletedProcess[str]:
        """The blocks of some sections, one after the other in one shell; it stops at the first that fails."""
        parts = []
        for number, block in enumerate(BLOCKS):
            if block.section in sections:
                parts.append(f"echo '{MARK.format(number)}'\n{block.code.replace(ADDRESS, url)}")
        script = "\n".join(parts)
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


def as_shown(lines: tuple[str, ...], printed: str) -> bool:
    """Whether the lines that the page shows come in this order in what was printed."""
    rest = iter(printed.splitlines())
    patterns = [".*".join(map(re.escape, line.split("…"))) for line in lines]
    return all(any(re.fullmatch(pattern, line) for line in rest) for pattern in patterns)


@pytest.fixture
def reader(tmp_path: Path, played: Installation, snapshot: Snapshot) -> Reader:
    """See :class:`Reader`. Somebody with the right to it handed out a presentation: a complaint's text alone."""
    needs("bash", "curl", "openssl")
    made = Reader(tmp_path, played, {})
    events = [json.loads(snapshot[f"/events/{index}.json"]) for index in range(snapshot.size)]
    complaint = next(e for e in events if len(e["payload"]["data"].get("_sd", ())) == 3)
    vault = played.ledger.vault
    assert vault is not None
    opening = next(o for o in vault.open_(complaint["stream"]) if o.name == "text")
    (tmp_path / "presentation").write_text(f"{complaint['jws']}~{opening.disclosure}~\n")
    made.environment["SIGNER"] = complaint["key"]["public"]
    return made


@pytest.mark.parametrize("section", SECTIONS)
def test_every_command_of_the_page_prints_what_the_page_shows(
    reader: Reader, played_site: Served, request: pytest.FixtureRequest, section: int
) -> None:
    """Issue 4: docs/verify.md, each command executed by the tests."""
    if section == 3:
        needs("node")
    if section == 4:
        needs("go")
        reader.environment["GOCACHE"] = request.getfixturevalue("go_environment")["GOCACHE"]
    if section == 7:
        request.getfixturevalue("node")
    before = {1} if section in {2, 7} else set()
    done = reader.run(played_site.url, {0, section, *before})
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    parts = re.split(MARK.format(r"(\d+)") + "\n", done.stdout)[1:]
    outputs = {int(number): text for number, text in zip(parts[::2], parts[1::2], strict=True)}
    for number, text in outputs.items():
        assert as_shown(BLOCKS[number].prints, text), f"{BLOCKS[number].prints}\n{text}"


def test_every_shell_block_of_the_page_is_run() -> None:
    """Nothing on the page is only there to be read."""
    assert PAGE.count("```sh\n") == len(BLOCKS)
    assert all(block.prints for block in BLOCKS)
    assert set(SECTIONS) == set(range(1, max(SECTIONS) + 1))


def moved(path: str, at: int) -> Callable[[Snapshot], Snapshot]:
    """One character of an answer changed for another of base64."""

    def tamper(s: Snapshot) -> Snapshot:
        data = bytearray(s[path])
        data[at] = ord("A") if data[at] != ord("A") else ord("B")
        return s.with_(path, bytes(data))

    return tamper


def later(s: Snapshot) -> Snapshot:
    """Another time of recording than the log has."""
    return s.with_("/events/9.json", s["/events/9.json"].replace(b"T01:04:00", b"T01:05:00"))


def other_key(s: Snapshot) -> Snapshot:
    """The site says that another key is the signer's."""
    mine, other = (json.loads(s[f"/events/{n}.json"])["key"]["public"].encode() for n in (9, 0))
    return s.with_("/events/9.json", s["/events/9.json"].replace(mine, other))


def with_another_size(s: Snapshot) -> Snapshot:
    """A checkpoint of another size than was signed."""
    size = b"\n%d\n" % s.size
    return s.with_("/log/proof/9", s["/log/proof/9"].replace(size, b"\n%d\n" % (s.size + 1)))


SHELL_TAMPERINGS: dict[str, tuple[int, Callable[[Snapshot], Snapshot]]] = {
    "a character of the signature": (1, moved("/events/9.jws", -10)),
    "a character of the payload": (1, moved("/events/9.jws", 250)),
    "a character of the header": (1, moved("/events/9.jws", 40)),
    "another key": (1, other_key),
    "the time of recording": (2, later),
    "a hash of the proof": (2, moved("/log/proof/9", 60)),
    "the last hash of the proof": (2, lambda s: moved("/log/proof/9", s["/log/proof/9"].index(b"\n\n") - 9)(s)),
    "the checkpoint's signature": (2, moved("/log/proof/9", -20)),
    "the checkpoint's size": (2, with_another_size),
}


@pytest.mark.parametrize("kind", SHELL_TAMPERINGS)
def test_the_shell_commands_fail_on_what_was_tampered_with(reader: Reader, snapshot: Snapshot, kind: str) -> None:
    """Issue 4: openssl and a shell refuse the tampered ones; the untouched sections before still hold."""
    section, tamper = SHELL_TAMPERINGS[kind]
    with served(snapshot) as url:
        assert reader.run(url, {0, 1, 2}).returncode == 0
    with served(tamper(snapshot)) as url:
        assert reader.run(url, {0, 1}).returncode == (0 if section == 2 else 1)
        done = reader.run(url, {0, 1, 2})
    assert done.returncode == 1
    assert "stands in the log" not in done.stdout


def test_a_disclosure_that_was_not_sealed_then_is_not_believed(reader: Reader, played_site: Served) -> None:
    """A03: section 7, by the shell: a disclosure whose digest the event does not hold."""
    presented = (reader.folder / "presentation").read_text()
    jws, true, _ = presented.split("~")
    (reader.folder / "presentation").write_text(f"{jws}~{true[:-6]}AAAAAA~\n")
    done = reader.run(played_site.url, {0, 1, 7})
    assert done.returncode == 1
    assert "npm" not in done.stdout


def test_the_go_packages_are_where_the_page_says() -> None:
    """Section 4 names Debian's folder of Go sources."""
    assert f"GOPATH={GOPATH} " in PAGE
