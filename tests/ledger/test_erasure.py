"""Erasure: with its event the openings and their key are gone, in no file of the database and in no older copy of use;
every event, hash and proof stays.
"""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.domain.person import PersonCorrected, PersonRegistered
from ledger.domain.record.terms import PersonKind
from ledger.domain.seal_terms import Ground
from ledger.domain.seals import SealErased
from ledger.errors import CorruptionError, Head, LedgerError, RuleError, UnavailableError
from ledger.installation import Installation, found, open_installation
from ledger.proof.disclosure import digests, parse_presentation, present
from ledger.proof.tlogproof import TlogProof
from ledger.settings import Settings
from ledger.store.database import connect
from ledger.store.recorder import datastore
from ledger.vault.upkeep import shred, sweep
from ledger.vault.vault import MasterKey, PostgresVault
from tests.conftest import OPERATOR
from tests.ledger.persons import NAME, NUMBER, PAPER, Person, adopt, registered, rows, sealed


def refusal(installation: Installation, data: bytes) -> LedgerError:
    error = installation.ledger.submit(data).exception()
    assert isinstance(error, LedgerError)
    return error


def wrapped(installation: Installation) -> dict[str, bytes]:
    return {stream: bytes(box) for stream, box in rows(installation, "SELECT stream, wrapped FROM vault.keys")}


def boxes(installation: Installation) -> dict[str, bytes]:
    return {digest: bytes(box) for digest, box in rows(installation, "SELECT digest, box FROM vault.openings")}


# --- with the event -----------------------------------------------------------------------------------------


def test_openings_and_key_are_gone_with_the_event_and_the_log_is_as_it_was(installation: Installation) -> None:
    """C17 E05 F02 抹除：密钥与披露项一并销毁，事件、摘要、证明不变。"""
    person, other = registered(installation), registered(installation)
    before = installation.ledger.reader.entries(0, installation.ledger.size)
    receipt = person.submit(person.erasure())
    assert person.held == ()
    assert set(wrapped(installation)) == {other.stream}
    assert len(other.held) == 2
    assert installation.ledger.reader.entries(0, len(before)) == before
    assert installation.ledger.case(person.stream).state.seals.left == set()
    proof = TlogProof.parse(installation.ledger.proof(receipt.index))
    assert proof.index == receipt.index
    assert parse_presentation(person.presentation).openings[0].value == NAME  # who has it in hand can still show it


def test_what_is_left_gets_a_new_key_and_the_old_one_opens_nothing_that_is_kept(installation: Installation) -> None:
    """C17 抹除部分内容：其余内容换新密钥，旧密钥销毁，旧副本无用。"""
    person = registered(installation)
    name, number = person.openings
    master = MasterKey(bytes.fromhex(installation.settings.vault_key.read_text()))
    old_key, old_boxes = wrapped(installation)[person.stream], boxes(installation)
    person.submit(person.erasure(name))
    assert person.held == (number,)
    assert wrapped(installation)[person.stream] != old_key
    assert set(boxes(installation)) == {number.digest}
    assert boxes(installation)[number.digest] != old_boxes[number.digest]
    assert master.unwrap(person.stream, wrapped(installation)[person.stream]) != master.unwrap(person.stream, old_key)
    for digest, box in old_boxes.items():  # an old copy of the boxes, without the old wrapped key
        rows(installation, "DELETE FROM vault.openings RETURNING 1", "owner")
        with psycopg.connect(installation.database.url("owner"), autocommit=True) as connection:
            connection.execute("INSERT INTO vault.openings VALUES (%s, %s, %s)", (person.stream, digest, box))
        with pytest.raises(CorruptionError):
            person.held  # noqa: B018


def test_a_batch_is_kept_and_erased_in_its_order(installation: Installation) -> None:
    """Registered, erased and gone on with in one transaction: what came after the erasure stays."""
    author, openings, later = adopt(installation), sealed(name=NAME), sealed(name="示例姓名丙")
    person = Person(installation, author, openings)
    first = author.write(
        person.stream, Head(0, None), PersonRegistered(PersonKind.CIVIL_SERVANT, OPERATOR.uscc, digests(openings))
    )

    def after(version: int, jws: bytes) -> Head:
        return Head(version, hashlib.sha256(jws).hexdigest())

    second = author.write(person.stream, after(1, first), SealErased(Ground.UNLAWFUL), PAPER)
    third = author.write(person.stream, after(2, second), PersonCorrected(digests(later)), PAPER)
    batch = [present(first, openings), second, present(third, later)]
    assert all(future.result().created for future in installation.ledger.submit_many(batch))
    assert person.held == tuple(later)


def test_a_refused_erasure_deletes_nothing(installation: Installation) -> None:
    """E05 被拒绝的抹除不影响任何内容。"""
    person = registered(installation)
    without_paper = person.say(SealErased(Ground.UNLAWFUL))
    error = refusal(installation, without_paper)
    assert isinstance(error, RuleError)
    assert error.rule == "seal.basis"
    forged = person.erasure()[:-4] + b"AAAA"
    refusal(installation, forged)
    refusal(installation, person.author.write(person.stream, Head(7, "0" * 64), SealErased(Ground.UNLAWFUL), PAPER))
    assert len(person.held) == 2


def test_an_erasure_that_does_not_commit_deletes_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody is told that it did."""
    person = registered(installation)
    usual, attempts = PostgresVault.erase, itertools.count()

    def failing(self: PostgresVault, *arguments: Any) -> bool:
        usual(self, *arguments)
        raise ZeroDivisionError(next(attempts))

    monkeypatch.setattr(PostgresVault, "erase", failing)
    data = person.erasure()
    refusal(installation, data)
    assert next(attempts) == 1
    assert len(person.held) == 2
    monkeypatch.undo()
    person.submit(data)
    assert person.held == ()


def test_erasing_twice_is_refused_and_harms_nothing(installation: Installation) -> None:
    """E05 重复抹除无害。"""
    person = registered(installation)
    first = person.erasure()
    assert person.submit(first).created
    assert not person.submit(first).created
    error = refusal(installation, person.erasure())
    assert isinstance(error, RuleError)
    assert error.rule == "seal.erased"
    later = sealed(name=NAME)
    person.submit(person.correction(later, []))
    assert person.held == tuple(later)


def test_what_an_erased_digest_opened_never_enters_again(installation: Installation) -> None:
    """C17 抹除后的摘要不得再次入库。"""
    person = registered(installation)
    person.submit(person.erasure())
    error = refusal(installation, person.correction(person.openings[:1], []))
    assert isinstance(error, RuleError)
    assert error.rule == "person.digest-new"
    assert not person.submit(present(person.jws, person.openings)).created
    assert person.held == ()


def test_a_ledger_without_openings_in_its_vault_can_erase_too(installation: Installation) -> None:
    """The event stands also where the signer kept the openings itself: it says that nothing may open them here."""
    author, openings = adopt(installation), sealed(name=NAME)
    person = Person(installation, author, openings)
    fact = PersonRegistered(PersonKind.CIVIL_SERVANT, OPERATOR.uscc, digests(openings))
    person.submit(author.write(person.stream, Head(0, None), fact))
    assert person.submit(person.erasure()).created


# --- what comes back ----------------------------------------------------------------------------------------


def test_what_an_old_copy_brings_back_is_not_given_and_is_swept(installation: Installation) -> None:
    """C17 从备份恢复的已抹除内容不予提供，并可清除。"""
    person, other = registered(installation), registered(installation)
    keys = rows(installation, "SELECT * FROM vault.keys")
    saved = rows(installation, "SELECT * FROM vault.openings")
    name, number = person.openings
    person.submit(person.erasure(name))
    with psycopg.connect(installation.database.url("owner"), autocommit=True) as connection:  # the copy is put back
        connection.execute("DELETE FROM vault.openings")
        connection.execute("DELETE FROM vault.keys")
        connection.cursor().executemany("INSERT INTO vault.keys VALUES (%s, %s, %s)", keys)
        connection.cursor().executemany("INSERT INTO vault.openings VALUES (%s, %s, %s)", saved)
    assert len(person.held) == 2
    error = refusal(installation, person.look_up("name"))
    assert isinstance(error, RuleError)
    assert error.rule == "vault.unheld"
    store, vault = datastore(installation.database.url("writer"), pool_size=1), installation.ledger.vault
    assert isinstance(vault, PostgresVault)
    try:
        assert sweep(store, installation.ledger.reader, vault) == 1
        assert sweep(store, installation.ledger.reader, vault) == 0
    finally:
        store.close()
    assert person.held == (number,)
    assert len(other.held) == 2


# --- files --------------------------------------------------------------------------------------------------


def in_files(folder: Path, *needles: bytes) -> list[str]:
    """The files below a folder that hold one of the needles."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 100
    return sorted({str(path.relative_to(folder)) for path in files for n in needles if n in path.read_bytes()})


def test_after_the_erasure_no_file_of_the_database_holds_key_or_box(tmp_path: Path) -> None:
    """F02 C17 抹除后数据库文件中不再有该密钥和密文；明文从未写入。预写日志见 docs/erasure.md。"""
    with open_installation(Settings(tmp_path / "home"), founding=True) as installation:
        found(installation, OPERATOR)
        person, other = registered(installation), registered(installation)
        data = tmp_path / "home"
        plain = [text.encode() for text in (NAME, NUMBER)] + [o.disclosure.encode() for o in person.openings]
        assert in_files(data, *plain) == []
        key, found_boxes = wrapped(installation)[person.stream], list(boxes(installation).values())
        of_stream = f"SELECT box FROM vault.openings WHERE stream = '{person.stream}'"
        mine = [bytes(box) for (box,) in rows(installation, of_stream)]
        with connect(installation.database.url("owner")) as connection:
            connection.execute("VACUUM vault.keys, vault.openings")
        assert installation.database.embedded is not None
        with psycopg.connect(installation.database.embedded.url("jiannuo_admin"), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        assert any("pg_wal" not in file for file in in_files(data, key)), "it is there before"
        person.submit(person.erasure())
        shred(installation.database.url("owner"))
        with psycopg.connect(installation.database.embedded.url("jiannuo_admin"), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        left = in_files(data, key, *mine)
        assert [file for file in left if "pg_wal" not in file] == []
        assert len(found_boxes) == 4
        assert any("pg_wal" not in f for f in in_files(data, wrapped(installation)[other.stream])), "others stay"
        assert in_files(data, *plain) == []
        assert len(other.held) == 2


def test_the_service_rewrites_the_files_by_itself(installation: Installation) -> None:
    """F02 抹除提交后自动重写保管库的表。"""

    def files() -> list[str]:
        query = "SELECT pg_relation_filepath(oid) FROM pg_class WHERE oid IN ('vault.keys'::regclass, "
        return sorted(path for (path,) in rows(installation, f"{query}'vault.openings'::regclass)", "owner"))

    person = registered(installation)
    before = files()
    person.submit(person.erasure())
    installation.ledger.close()
    assert set(before).isdisjoint(files())


def test_who_does_not_own_the_tables_is_told_that_they_were_not_rewritten(installation: Installation) -> None:
    """F15 无权重写时如实说明。"""
    with pytest.raises(UnavailableError, match="does not own"):
        shred(installation.database.url("writer"))
