"""The vault's master key is changed while the ledger works, and wherever a program stops it can go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import ConfigurationError, UnavailableError
from ledger.installation import Installation, open_installation
from ledger.keys.keystore import PLAIN
from ledger.settings import Settings
from ledger.store.recorder import datastore
from ledger.vault import upkeep as vault_upkeep
from ledger.vault.files import at_hand, next_of, retired, rotate
from ledger.vault.vault import MasterKey
from tests.ledger.persons import Person, registered, rows


def rotating(installation: Installation) -> Iterator[int]:
    """The steps of a change of key, in a program of its own."""
    file, store = installation.settings.vault_key, datastore(installation.database.url("writer"), pool_size=1)
    try:
        yield from rotate(file, PLAIN, store, lambda path: PLAIN.create_secret(path) and None)
    finally:
        store.close()


def masters(installation: Installation) -> set[str]:
    return {master for (master,) in rows(installation, "SELECT DISTINCT master FROM vault.keys")}


def opened_by(settings: Settings, people: list[Person]) -> None:
    """A fresh process reads what all of them sealed."""
    with open_installation(settings) as again:
        assert again.ledger.vault is not None
        for person in people:
            assert {o.digest for o in again.ledger.vault.open_(person.stream)} == {o.digest for o in person.openings}


def test_all_data_keys_are_under_the_new_key_and_no_event_changes(installation: Installation) -> None:
    """F15 更换主密钥：事件不变，封存内容照常可读。"""
    people = [registered(installation) for _ in range(5)]
    file, old = installation.settings.vault_key, at_hand(installation.settings.vault_key, PLAIN)[0]
    entries = installation.ledger.reader.entries(0, installation.ledger.size)
    assert sum(rotating(installation)) == 5
    new = at_hand(file, PLAIN)[0]
    assert masters(installation) == {new.id} != {old.id}
    assert installation.ledger.reader.entries(0, installation.ledger.size) == entries
    assert file.stat().st_mode & 0o777 == 0o600
    assert MasterKey(bytes.fromhex(retired(file, old.id).read_text())).id == old.id
    assert not next_of(file).exists()
    assert all(len(person.held) == 2 for person in people), "the process that was open all the while"
    opened_by(installation.settings, people)
    retired(file, old.id).unlink()
    opened_by(installation.settings, people)


def test_what_was_copied_before_opens_with_the_old_key_only(installation: Installation) -> None:
    """C17 旧副本随旧主密钥的销毁而失效。"""
    registered(installation)
    file = installation.settings.vault_key
    ((stream, box),) = rows(installation, "SELECT stream, wrapped FROM vault.keys")
    list(rotating(installation))
    from ledger.errors import CorruptionError

    with pytest.raises(CorruptionError):
        at_hand(file, PLAIN)[0].unwrap(stream, bytes(box))


def test_a_process_that_works_meanwhile_goes_on_under_the_new_key(installation: Installation) -> None:
    """F15 更换期间其他进程照常写入和读取。"""
    people = [registered(installation) for _ in range(3)]
    with open_installation(installation.settings) as other:
        steps = rotating(installation)
        next(steps)  # announced, and some are under the new key
        people.append(registered(other))
        people.append(registered(installation))
        assert not list(steps)
        people.append(registered(other))
        people[0].submit(people[0].erasure(people[0].openings[0]))
        assert len(people[0].held) == 1
        assert len(masters(installation)) == 1
        for person in people[1:]:
            assert len(person.held) == 2
    opened_by(installation.settings, people[1:])


def test_writers_at_full_speed_lose_nothing(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """F15 并发写入期间更换主密钥。"""
    monkeypatch.setattr(vault_upkeep, "BATCH", 2)
    people: list[Person] = [registered(installation) for _ in range(4)]
    done = threading.Event()

    def writing() -> None:
        while not done.is_set() and len(people) < 60:
            people.append(registered(installation))

    thread = threading.Thread(target=writing)
    thread.start()
    try:
        list(rotating(installation))
    finally:
        done.set()
        thread.join()
    assert len(masters(installation)) == 1
    opened_by(installation.settings, people)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_interrupted_change_goes_on_with_the_key_it_began_with(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """F15 中断后可继续，且不另生新密钥。"""
    monkeypatch.setattr(vault_upkeep, "BATCH", 2)
    people = [registered(installation) for _ in range(5)]
    steps = rotating(installation)
    for _ in range(after):
        next(steps)
    steps.close()  # type: ignore[attr-defined]
    if after:
        began = at_hand(installation.settings.vault_key, PLAIN)[1].id
    opened_by(installation.settings, people)
    list(rotating(installation))
    if after:
        assert at_hand(installation.settings.vault_key, PLAIN)[0].id == began
    assert len(masters(installation)) == 1
    opened_by(installation.settings, people)


@pytest.mark.parametrize("call", ["link", "replace"])
def test_a_stop_between_the_moves_of_the_files_is_no_matter(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """F15 换文件途中断电后可继续。"""
    people = [registered(installation) for _ in range(2)]
    usual = getattr(os, call)

    def stopping(*arguments: Any, **more: Any) -> None:
        if Path(arguments[0]).name.startswith("vault.key"):
            raise KeyboardInterrupt
        usual(*arguments, **more)

    monkeypatch.setattr(os, call, stopping)
    with pytest.raises(KeyboardInterrupt):
        list(rotating(installation))
    monkeypatch.undo()
    opened_by(installation.settings, people)
    list(rotating(installation))
    opened_by(installation.settings, people)
    assert len(at_hand(installation.settings.vault_key, PLAIN)) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from ledger.vault import upkeep as vault_upkeep
from ledger.keys.keystore import PLAIN
from ledger.store.recorder import datastore
from ledger.vault.files import rotate
vault_upkeep.BATCH = 1
store = datastore(sys.argv[2], pool_size=1)
for number, _ in enumerate(rotate(Path(sys.argv[1]), PLAIN, store, lambda p: PLAIN.create_secret(p) and None), 1):
    if number == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("number", [1, 3])
def test_a_program_killed_in_the_middle_leaves_both_keys_and_the_next_ends_it(
    installation: Installation, number: int
) -> None:
    """F15 强制终止后可继续。"""
    people = [registered(installation) for _ in range(4)]
    file, url = installation.settings.vault_key, installation.database.url("writer")
    done = subprocess.run([sys.executable, "-c", KILLED, str(file), url, str(number)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert len(masters(installation)) == 2
    opened_by(installation.settings, people)
    list(rotating(installation))
    assert len(masters(installation)) == 1
    opened_by(installation.settings, people)


def test_a_process_without_the_new_key_says_so_and_takes_no_openings(installation: Installation) -> None:
    """F15 缺少新主密钥时拒绝并说明。"""
    person = registered(installation)
    list(rotating(installation))
    file = installation.settings.vault_key
    new = file.read_text()
    old = next(path for path in file.parent.glob("vault.key.*"))
    file.write_text(old.read_text())
    with pytest.raises(ConfigurationError, match=r"vault\.key"), open_installation(installation.settings):
        pass
    with pytest.raises(UnavailableError, match="vault rotate"):
        person.held  # noqa: B018
    file.write_text(new)
    assert len(person.held) == 2
