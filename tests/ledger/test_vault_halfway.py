"""What stops halfway, or cannot be done now: the vault's files are rewritten all the same in the end, and an event that
needs a key which is not at hand holds nobody else up.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger import application
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.person import PersonRegistered
from ledger.domain.record.terms import PersonKind
from ledger.domain.roles import CaseRole
from ledger.domain.seal_terms import Purpose
from ledger.domain.seals import SealOpened
from ledger.errors import ConfigurationError, FormatError, Head, LedgerError, RuleError, UnavailableError
from ledger.installation import Installation, found, open_installation
from ledger.keys.keystore import PLAIN, Keyring, create_secret, protect
from ledger.keys.passphrase import NONE, Passphrases, is_sealed
from ledger.proof.disclosure import digests, present
from ledger.settings import Settings
from ledger.store.database import connect
from ledger.store.recorder import datastore
from ledger.vault import upkeep
from ledger.vault.check import check
from ledger.vault.files import at_hand, maker, next_of, rotate
from ledger.vault.upkeep import shred
from ledger.vault.vault import MasterKey, PostgresVault
from tests.conftest import OPERATOR
from tests.ledger.persons import NAME, Person, adopt, reading_since_before, registered, rows, sealed
from tests.ledger.softhsm import SoftHsm, hsm, module, new_token  # noqa: F401

# --- rewriting the files ------------------------------------------------------------------------------------


def unshredded(installation: Installation) -> int:
    return int(rows(installation, "SELECT count(*) FROM vault.unshredded")[0][0])


def test_what_an_older_transaction_still_sees_is_not_called_gone(installation: Installation) -> None:
    """F02 C17 有更早的事务（如备份）时，残留未清除即如实说明，并在其后清除。"""
    person = registered(installation)
    with reading_since_before(installation):
        person.submit(person.erasure())
        with pytest.raises(UnavailableError, match="before the erasure"):
            shred(installation.database.url("owner"), patience=0)
        assert unshredded(installation) == 1
    shred(installation.database.url("owner"))
    assert unshredded(installation) == 0


def test_a_short_transaction_is_waited_for(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """F02 短事务（如自动统计）结束后即清除，不报错。"""
    monkeypatch.setattr(application, "shred", lambda url: None)
    person, rewrite, tries = registered(installation), upkeep._rewrite, list[bool]()
    with ExitStack() as before:
        before.enter_context(reading_since_before(installation))
        person.submit(person.erasure())

        def ended_after(connection: psycopg.Connection) -> None:
            tries.append(True)
            try:
                rewrite(connection)
            finally:
                before.close()

        monkeypatch.setattr(upkeep, "_rewrite", ended_after)
        shred(installation.database.url("owner"))
    assert len(tries) >= 2
    assert unshredded(installation) == 0


def test_the_service_tries_again_until_the_files_are_clean(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F02 更早的事务结束后自行清除。"""
    failed, done = threading.Event(), threading.Event()

    def watched(url: str) -> None:
        try:
            shred(url)
        except UnavailableError:
            failed.set()
            raise
        done.set()

    monkeypatch.setattr(application, "_AGAIN", 0.05)
    monkeypatch.setattr(upkeep, "PATIENCE", 0)
    monkeypatch.setattr(application, "shred", watched)
    person = registered(installation)
    with reading_since_before(installation):
        person.submit(person.erasure())
        assert failed.wait(30)
        assert not done.is_set()
        assert unshredded(installation) == 1
    assert done.wait(30)
    assert unshredded(installation) == 0


def test_a_database_that_goes_away_meanwhile_stops_no_ledger(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F02 重写时数据库中断，账本照常运行。"""

    tried = threading.Semaphore(0)

    def gone(*_: Any) -> None:
        tried.release()
        raise psycopg.errors.AdminShutdown

    monkeypatch.setattr("ledger.vault.upkeep._rewrite", gone)
    monkeypatch.setattr(application, "_AGAIN", 0.01)
    person, other = registered(installation), registered(installation)
    person.submit(person.erasure())
    assert tried.acquire(timeout=30)
    assert tried.acquire(timeout=30), "again"
    assert other.submit(other.erasure()).created
    monkeypatch.undo()


ERASED_AND_KILLED = """
import os, signal, sys
from pathlib import Path
from ledger import application
from ledger.installation import open_installation
from ledger.settings import Settings
application.shred = lambda url: os.kill(os.getpid(), signal.SIGKILL)
with open_installation(Settings(Path(sys.argv[1]))) as installation:
    installation.ledger.submit(sys.stdin.buffer.read()).result()
    installation.ledger.close()
"""


def test_a_program_killed_after_an_erasure_leaves_the_rest_to_the_next(tmp_path: Path) -> None:
    """F02 C17 抹除提交后即被强制终止：下次打开时完成清除。"""
    settings = Settings(tmp_path / "home")
    with open_installation(settings, founding=True) as installation:
        found(installation, OPERATOR)
        person = registered(installation)
        ((key,),) = rows(installation, "SELECT wrapped FROM vault.keys")
        boxes = [bytes(box) for (box,) in rows(installation, "SELECT box FROM vault.openings")]
        erasure = person.erasure()
    program = [sys.executable, "-c", ERASED_AND_KILLED, str(settings.home)]
    done = subprocess.run(program, input=erasure, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    with open_installation(settings) as installation:
        assert installation.ledger.case(person.stream).state.seals.left == set()
    with open_installation(settings) as installation:
        assert unshredded(installation) == 0
        embedded = installation.database.embedded
        assert embedded is not None
        with psycopg.connect(embedded.url("jiannuo_admin"), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        data = [path for path in (settings.home / "pg").rglob("*") if path.is_file() and "pg_wal" not in path.parts]
        assert not [path for path in data for needle in (bytes(key), *boxes) if needle in path.read_bytes()]


def test_the_servers_statistics_hold_nothing_of_keys_and_openings(installation: Installation) -> None:
    """F02 数据库的列统计信息中不留密钥与密文。"""
    for _ in range(5):
        registered(installation)
    with connect(installation.database.url("owner")) as connection:
        connection.execute("ANALYZE vault.keys, vault.openings")
        query = "SELECT tablename, attname FROM pg_stats WHERE schemaname = 'vault'"
        columns = set(connection.execute(query).fetchall())
    assert ("keys", "stream") in columns
    assert columns.isdisjoint({("keys", "wrapped"), ("openings", "box")})


# --- a key that is not at hand ------------------------------------------------------------------------------


@pytest.fixture
def without_key(installation: Installation) -> tuple[Person, Callable[[], object]]:
    """A person of a ledger whose process has not got the new master key; and what gives it back."""
    person = registered(installation)
    file, store = installation.settings.vault_key, datastore(installation.database.url("writer"), pool_size=1)
    old = file.read_text()
    try:
        list(rotate(file, PLAIN, store, maker(file, PLAIN)))
    finally:
        store.close()
    new = file.read_text()
    file.write_text(old)
    return person, lambda: file.write_text(new)


def test_only_what_needs_the_key_is_refused_and_its_neighbours_go_on(
    without_key: tuple[Person, Callable[[], object]],
) -> None:
    """F15 缺少主密钥时只拒绝需要它的事件，同批其他事件照常受理。"""
    person, give_back = without_key
    ledger, author = person.installation.ledger, person.author
    name, _ = person.openings
    opening = sealed(name=NAME)
    registration = PersonRegistered(PersonKind.CIVIL_SERVANT, OPERATOR.uscc, digests(opening))
    new = author.write(f"person/{person.stream[7:-4]}0000", Head(0, None), registration)
    body = author.write(f"body/{fictional_uscc(50)}", Head(0, None), BodyRegistered("示例市某局", Kind.DEPARTMENT))
    batch = [
        person.correction(opening, [name]),
        person.erasure(name),
        person.look_up("name"),
        present(new, opening),
        body,
    ]
    *refused, last = ledger.submit_many(batch)
    for future in refused:
        error = future.exception()
        assert isinstance(error, UnavailableError), error
        assert "vault rotate" in error.en
    assert last.result().created
    assert ledger.submit(new).result().created, "without its disclosures it needs no key"
    give_back()
    assert ledger.submit(batch[0]).result().created
    assert {o.digest for o in person.held} == {o.digest for o in (*person.openings, *opening)}


def test_all_of_a_case_can_be_erased_without_the_key(without_key: tuple[Person, Callable[[], object]]) -> None:
    """C17 抹除全部封存内容不需要主密钥。"""
    person, _ = without_key
    assert person.submit(person.erasure(*person.openings)).created
    assert person.held == ()


def test_a_hardware_module_that_is_away_refuses_its_own_events_alone(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F15 密码机不可用时同批其他事件照常受理。"""

    def away(*_: Any) -> bytes:
        raise UnavailableError("the hardware module failed", "硬件模块出错")

    author, opening = adopt(installation), sealed(name=NAME)
    person = Person(installation, author, opening)
    registration = PersonRegistered(PersonKind.CIVIL_SERVANT, OPERATOR.uscc, digests(opening))
    new = present(author.write(person.stream, Head(0, None), registration), opening)
    body = author.write(f"body/{fictional_uscc(50)}", Head(0, None), BodyRegistered("示例市某局", Kind.DEPARTMENT))
    monkeypatch.setattr(MasterKey, "wrap", away)
    first, second = installation.ledger.submit_many([new, body])
    assert isinstance(first.exception(), UnavailableError)
    assert second.result().created
    monkeypatch.undo()
    assert person.submit(new).created


def test_who_may_not_look_does_not_even_learn_that_the_vault_is_damaged(installation: Installation) -> None:
    """F15 保管库受损时，无权查询者的请求照常被拒，账本不因此停止。"""
    person = registered(installation)
    with psycopg.connect(installation.database.url("owner"), autocommit=True) as connection:
        connection.execute("UPDATE vault.keys SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)")
    wrong = SealOpened(("name",), CaseRole.COURT, Purpose.COURT, "示函〔2026〕1号")
    error = installation.ledger.submit(person.say(wrong)).exception()
    assert isinstance(error, RuleError)
    assert error.rule == "seal.role"
    assert person.submit(person.erasure()).created, "and what is damaged can be erased"


def test_a_question_that_the_store_refuses_raises_an_error_of_the_ledgers(installation: Installation) -> None:
    """What the library raises never reaches whoever asked."""
    store = datastore(installation.database.url("reader"), pool_size=1)
    try:
        with pytest.raises(LedgerError):
            PostgresVault(store, MasterKey(bytes(32))).open_("person/1")
    finally:
        store.close()


def test_a_check_beside_a_ledger_at_work_raises_no_alarm(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F15 F16 核对期间账本照常写入，不误报。"""
    before, vault = registered(installation), installation.ledger.vault
    assert isinstance(vault, PostgresVault)
    usual, meanwhile = vault.streams, []

    def after_more(_: Any) -> tuple[str, ...]:
        meanwhile.append(registered(installation))
        before.submit(before.erasure())
        return usual()

    monkeypatch.setattr(PostgresVault, "streams", after_more)
    assert check(installation.ledger.reader, vault) == []
    assert len(meanwhile) == 1


# --- the next master key ------------------------------------------------------------------------------------


def rotated(installation: Installation, keyring: Keyring, pkcs11: str | None = None) -> None:
    file, store = installation.settings.vault_key, datastore(installation.database.url("writer"), pool_size=1)
    try:
        list(rotate(file, keyring, store, maker(file, keyring, pkcs11)))
    finally:
        store.close()


def test_the_key_that_follows_one_under_a_passphrase_is_under_it_too(tmp_path: Path) -> None:
    """F15 更换后的主密钥不降低保护。"""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("correct horse\n")
    file, other = tmp_path / "vault.key", tmp_path / "vault.key.next"
    create_secret(file, b"correct horse")
    maker(file, Keyring(Passphrases(passphrase)))(other)
    assert is_sealed(other.read_bytes())


def test_the_master_key_goes_into_the_module_and_there_to_the_next(
    installation: Installation,
    hsm: SoftHsm,  # noqa: F811
) -> None:
    """F15 主密钥更换为密码机中的密钥，服务不停。"""
    people = [registered(installation) for _ in range(3)]
    with open_installation(installation.settings) as other:
        for name in ("master-1", "master-2"):
            rotated(installation, PLAIN, hsm.uri(f"object={name};type=secret-key"))
            people += [registered(installation), registered(other)]
            assert all(len(person.held) == 2 for person in people)
    assert installation.settings.vault_key.read_bytes().startswith(b"pkcs11:")
    assert len(set(rows(installation, "SELECT master FROM vault.keys"))) == 1
    with pytest.raises(ConfigurationError, match="--pkcs11"):
        rotated(installation, PLAIN)
    with pytest.raises(FormatError, match="secret-key"):
        rotated(installation, PLAIN, hsm.uri("object=no-master"))
    assert not next_of(installation.settings.vault_key).exists()
    with open_installation(installation.settings) as again:
        assert again.ledger.vault is not None
        assert all(len(again.ledger.vault.open_(person.stream)) == 2 for person in people)


def test_no_copy_of_a_key_is_left_by_a_program_that_was_killed_while_it_wrote(
    installation: Installation, tmp_path: Path
) -> None:
    """F15 中断遗留的密钥副本随下次更换、加密而清除。"""
    folder = installation.settings.keys
    parts = [folder / ".vault.key.0123abcd", folder / ".vault.key.next.0123abcd", folder / ".ledger.pem.0123abcd"]
    others = [folder / ".vault.key.mine", folder / ".ledger.pem.0123abcd.mine"]
    for part in (*parts, *others):
        part.write_text("a key")
    rotated(installation, PLAIN)
    assert [part.exists() for part in parts] == [False, False, True]
    (tmp_path / "passphrase").write_text("correct horse\n")
    protect(folder / "ledger.pem", NONE, Passphrases(tmp_path / "passphrase"))
    assert not parts[2].exists()
    assert all(other.exists() for other in others)


def test_a_stray_next_key_stops_no_opening(installation: Installation) -> None:
    """F15 中断遗留的新密钥不妨碍启动。"""
    registered(installation)
    next_of(installation.settings.vault_key).write_text("no key")
    with open_installation(installation.settings) as again:
        assert again.ledger.vault is not None


def test_two_changes_at_once_are_one(installation: Installation) -> None:
    """F15 同时只可更换一次。"""
    registered(installation)
    file, store = installation.settings.vault_key, datastore(installation.database.url("writer"), pool_size=1)
    steps = rotate(file, PLAIN, store, maker(file, PLAIN))
    try:
        next(steps)
        with pytest.raises(UnavailableError, match="another program"):
            rotated(installation, PLAIN)
        list(steps)
    finally:
        store.close()
    assert len(at_hand(file, PLAIN)) == 1
