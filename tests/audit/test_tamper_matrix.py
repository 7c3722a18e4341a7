"""The tamper matrix: whatever is done to a ledger by who can write to its tables and files is found by a command.

Issue 4: at least 30 kinds, found 100 %, with the right exit code, the first bad index, and for the right reason.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from api import cli
from audit import http
from audit.verdict import INCOMPLETE
from ledger.installation import Installation
from ledger.settings import Settings
from tests.audit import (
    tampering_bundle,
    tampering_entries,
    tampering_history,
    tampering_keys,
    tampering_resumed,
    tampering_shown,
    tampering_tree,
    tampering_vault,
    tampering_witness,
)
from tests.audit.logs import MemorySource
from tests.audit.servers import log_server
from tests.audit.tampering import Copy, Honest, Kind, copied, honest_ledger
from tests.audit.test_monitor import proving
from tests.conftest import Databases

MODULES = (
    tampering_entries,
    tampering_tree,
    tampering_history,
    tampering_keys,
    tampering_resumed,
    tampering_witness,
    tampering_shown,
    tampering_vault,
    tampering_bundle,
)
KINDS: tuple[Kind, ...] = tuple(kind for module in MODULES for kind in module.TABLE.kinds)
LEAST = 30


class Found(NamedTuple):
    """What a command said: its exit code, the first bad place, and all that it found, by place and code."""

    exit_code: int
    first: int | str | None
    problems: frozenset[tuple[int | str | None, str]]


def of_verdict(code: int, told: dict[str, Any]) -> Found:
    """Of ``verify --json``."""
    assert told["exit_code"] == code
    problems = frozenset((problem["index"], problem["code"]) for problem in told["problems"])
    # What cannot be told is no fault of an entry; the matrix wants to know from where on nevertheless.
    first = told["problems"][0]["index"] if code == INCOMPLETE else told["first_bad_index"]
    return Found(code, first, problems)


def of_differences(code: int, told: dict[str, Any]) -> Found:
    """Of ``diff --json``: its places are tables."""
    assert told["exit_code"] == code
    found = [(difference["table"], difference["code"]) for difference in told["differences"]]
    return Found(code, found[0][0] if found else None, frozenset(found))


def of_replay(code: int, told: dict[str, Any]) -> Found:
    """Of ``replay --json``: a problem, or cases."""
    problem = told.get("problem")
    if problem is None:
        return Found(code, None, frozenset())
    return Found(code, problem["index"], frozenset({(problem["index"], problem["code"])}))


def of_vault(code: int, told: dict[str, Any]) -> Found:
    """Of ``vault check --json``."""
    assert told["exit_code"] == code
    problems = [(problem["index"], problem["code"]) for problem in told["problems"]]
    serious = [problem for problem in problems if problem[1] != "absent"] or problems
    return Found(code, serious[0][0] if serious else None, frozenset(problems))


def of_reports(code: int, told: dict[str, Any]) -> Found:
    """Of the last line of ``monitor --json``."""
    return Found(code, None, frozenset({(None, told["finding"])}) if code else frozenset())


class Commands:
    """Runs the commands of the matrix in this process, as ``main`` does, on a copy."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        monkeypatch.setattr(http, "PAUSES", ())

    def run(self, command: str, copy: Copy) -> Found:
        """A command by its name in the tables."""
        match command:
            case "verify":
                return self.told(of_verdict, copy.settings, "verify")
            case "verify --remember":
                return self.remembering(copy, resumed=False)
            case "verify resumed":
                return self.remembering(copy, resumed=True)
            case "verify --full":
                return self.remembering(copy, "--full", resumed=True)
            case "verify --key":
                return self.told(of_verdict, copy.settings, "verify", "--key", copy.honest.vkey)
            case "diff":
                return self.told(of_differences, copy.settings, "diff")
            case "replay":
                return self.told(of_replay, copy.settings, "replay")
            case "vault check":
                return self.told(of_vault, copy.settings, "vault", "check")
            case "verify --policy":
                return self.told(of_verdict, copy.settings, "verify", "--policy", str(copy.policy))
            case "monitor --policy":
                return self.monitor(copy, [copy.log()], policy=True)
            case "verify --bundle":
                return self.told(of_verdict, copy.settings, "verify", "--bundle", str(copy.bundle))
            case "verify --bundle --remember":
                kept = str(copy.memory)
                return self.told(of_verdict, copy.settings, "verify", "--bundle", str(copy.bundle), "--remember", kept)
            case "replay --rules":
                return self.told(of_replay, copy.settings, "replay", "--rules")
            case "monitor":
                return self.monitor(copy, [copy.log()])
            case "monitor two":
                return self.monitor(copy, [of_honest(copy), copy.log()])
        raise AssertionError(command)

    def remembering(self, copy: Copy, *more: str, resumed: bool) -> Found:
        """``audit verify`` with what the auditor kept: memory, and (``resumed``) the state beside it."""
        state = copy.memory.with_name(copy.memory.name + ".state")
        state.unlink(missing_ok=True)
        if resumed and copy.state.exists():
            shutil.copy(copy.state, state)
        return self.told(of_verdict, copy.settings, "verify", "--remember", str(copy.memory), *more)

    def monitor(self, copy: Copy, logs: list[MemorySource], *, policy: bool = False) -> Found:
        """``audit monitor`` over the addresses at which logs are served; the day before, all was well."""
        folder = copy.folder / "seen"
        if len(logs) == 1:
            self.look(copy, folder, [of_honest(copy)])
        return self.look(copy, folder, logs, policy=policy)

    def look(self, copy: Copy, folder: Path, logs: list[MemorySource], *, policy: bool = False) -> Found:
        """One look at them."""
        with ExitStack() as stack:
            servers = [stack.enter_context(log_server(log)) for log in logs]
            for server in servers:
                proving(server)
            config = copy.folder / "monitor.toml"
            urls = json.dumps([server.url for server in servers])
            more = f'policy = "{copy.policy}"\n' if policy else ""
            config.write_text(f'[[log]]\nkey = "{copy.honest.vkey}"\nurls = {urls}\n{more}', encoding="utf-8")
            return self.told(of_reports, copy.settings, "monitor", str(config), "--folder", str(folder))

    def told(self, read: Callable[[int, dict[str, Any]], Found], settings: Settings, *arguments: str) -> Found:
        """What ``jiannuo audit`` says with ``--json``; where it could not run, what it says instead."""
        group = () if arguments[0] == "vault" else ("audit",)
        code, out, err = self.call(settings, *group, *arguments, "--json")
        if code == 1:
            return Found(1, None, frozenset({(None, err.splitlines()[-1].removeprefix("Error: "))}))
        return read(code, json.loads(out.splitlines()[-1]))

    def call(self, settings: Settings, *arguments: str) -> tuple[int, str, str]:
        """Runs ``jiannuo``."""
        for variable in ("JIANNUO_WRITER_URL", "JIANNUO_READER_URL", "JIANNUO_ORIGIN", "PORT", "HOST"):
            self._monkeypatch.delenv(variable, raising=False)
        self._monkeypatch.setenv("JIANNUO_HOME", str(settings.home))
        self._monkeypatch.setenv("JIANNUO_DATABASE_URL", str(settings.database_url))
        self._monkeypatch.setattr(sys, "argv", ["jiannuo", *arguments])
        self._capsys.readouterr()
        code: Any = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        return code, *self._capsys.readouterr()


def of_honest(copy: Copy) -> MemorySource:
    """The log before it was tampered with."""
    return MemorySource.of(copy.honest.entries, copy.honest.sizes.__contains__, copy.honest.log)


@pytest.fixture(scope="module")
def honest(databases: Databases, played: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Honest]:
    """The ledger that copies are made of."""
    with honest_ledger(databases, played, tmp_path_factory.mktemp("honest")) as made:
        yield made


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    """What runs the commands."""
    return Commands(monkeypatch, capsys)


@pytest.fixture
def copy(honest: Honest, databases: Databases, tmp_path: Path, commands: Commands, kept: Path) -> Iterator[Copy]:
    """A copy to tamper with, and an auditor who remembers the honest ledger."""
    if not kept.exists():
        found = commands.told(of_verdict, honest.settings, "verify", "--remember", str(kept))
        assert found == Found(0, None, frozenset())
        exported = commands.call(honest.settings, "audit", "export", str(kept.with_name("log.bundle")))
        assert exported[0] == 0
    with copied(honest, databases, tmp_path, kept) as made:
        tampering_witness.write_policy(honest, made.policy)
        yield made


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the auditor's memory of the honest ledger is kept."""
    return tmp_path_factory.mktemp("auditor") / "memory.json"


@pytest.mark.parametrize("command", sorted({kind.command for kind in KINDS} - {"monitor two"}))
def test_the_ledger_that_nobody_tampered_with_passes(commands: Commands, copy: Copy, command: str) -> None:
    """Control: no command finds anything where there is nothing. Two of three witnesses cosigned."""
    tampering_witness.cosign(copy)
    assert commands.run(command, copy) == Found(0, None, frozenset())


def test_the_same_ledger_at_two_addresses_passes(commands: Commands, copy: Copy) -> None:
    """Control: two addresses that show the same."""
    assert commands.monitor(copy, [of_honest(copy), copy.log()]) == Found(0, None, frozenset())


@pytest.mark.parametrize("command", ["verify", "verify --key", "replay --rules"])
def test_a_log_whose_key_was_handed_over_passes(commands: Commands, copy: Copy, command: str) -> None:
    """Control: with the key of the founding pinned too."""
    honest = copy.honest
    tampering_keys.hand_over(copy, tampering_keys.true(honest), tampering_keys.new(honest))
    assert commands.run(command, copy) == Found(0, None, frozenset())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_tampering_is_found_where_it_is_and_for_what_it_is(commands: Commands, copy: Copy, kind: Kind) -> None:
    """F16 Every way of tampering is found (issue 4, tamper matrix)."""
    kind.tamper(copy)
    place = kind.expected(copy.honest)
    for command in kind.unnoticed:
        assert commands.run(command, copy) == Found(0, None, frozenset()), f"{command} finds it too: say so"
    found = commands.run(kind.command, copy)
    if kind.exit_code == 1:
        assert (found.exit_code, found.first) == (1, None)
        assert any(words.startswith(kind.code) for _, words in found.problems)
        return
    assert (found.exit_code, found.first) == (kind.exit_code, place), sorted(found.problems, key=str)[:5]
    assert (place, kind.code) in found.problems


def test_there_are_kinds_enough_and_each_is_another() -> None:
    """Issue 4: at least 30 kinds, each found."""
    assert len(KINDS) >= LEAST
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_what_is_left_of_the_older_checkpoints_does_not_matter(commands: Commands, copy: Copy) -> None:
    """No tampering: the newest checkpoint says what the older ones said, and who kept one can still check it."""
    copy.run("DELETE FROM ledger.checkpoints WHERE size < %s", max(copy.honest.sizes))
    for command in ("verify", "verify --remember", "verify --key"):
        assert commands.run(command, copy).exit_code == 0


def test_the_vault_is_told_of_in_words_that_say_nothing_of_what_is_sealed(commands: Commands, copy: Copy) -> None:
    """G01 个人信息: stream and digest, and no value; exit codes as with --json."""
    code, out, _ = commands.call(copy.settings, "vault", "check")
    assert (code, out.splitlines()[0]) == (0, "保管库与日志相符 | the vault is as the log says")
    one = tampering_vault.sealed(copy.honest)
    copy.run("DELETE FROM vault.openings WHERE stream = %s AND digest = %s", *tampering_vault.where(one))
    code, out, err = commands.call(copy.settings, "vault", "check")
    assert code == 5
    assert f"[{one.index}] absent {one.stream} {one.digest}" in out
    assert "示例人员" not in out + err
