"""The vault: openings enter with their event or not at all, encrypted, and no line or error ever tells one."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import secrets
from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import errors

from audit.verify import verify
from ledger import policies
from ledger.authoring import Author, new_id
from ledger.domain.person import FileItemRecorded, PersonCorrected, PersonRegistered
from ledger.domain.record.terms import FileItem, PersonKind
from ledger.errors import ConfigurationError, ConflictError, CorruptionError, FormatError, Head, LedgerError, RuleError
from ledger.installation import Installation, found, open_installation
from ledger.proof.disclosure import Opening, conceal, digests, present
from ledger.settings import Settings
from ledger.store.recorder import Append, LedgerRecorder, Transaction, datastore
from ledger.store.source import PostgresSource
from ledger.vault.vault import MasterKey, PostgresVault
from tests.api.submitting import JOSE, NDJSON, check_problem, is_problem
from tests.conftest import OPERATOR

NAME, NUMBER = "示例姓名甲", "11010519491231002X"  # invented; the number is the sample of GB 11643
SECRETS = (NAME, NUMBER)
PAPER = policies.adoption(policies.text("national")).document


@pytest.fixture
def author(installation: Installation) -> Author:
    """The operator, in a ledger that goes by the national pack."""
    made = installation.author("operator", OPERATOR.uscc)
    adopt(installation, made)
    return made


def adopt(installation: Installation, author: Author) -> None:
    national = policies.adoption(policies.text("national"))
    head = installation.ledger.head(national.stream)
    if head.version == 0:
        event = author.write(national.stream, head, national.fact, (national.document,))
        installation.ledger.submit(event).result()


def identity() -> list[Opening]:
    """A name and an identity number under fresh salts."""
    values = (("name", NAME), ("id_number", NUMBER))
    return [conceal(secrets.token_bytes(16), name, value) for name, value in values]


def person() -> str:
    return f"person/{new_id()}"


def registration(author: Author, stream: str, openings: list[Opening], kind: PersonKind | None = None) -> bytes:
    fact = PersonRegistered(kind or PersonKind.CIVIL_SERVANT, OPERATOR.uscc, digests(openings))
    return author.write(stream, Head(0, None), fact)


def submit(installation: Installation, data: bytes) -> Any:
    return installation.ledger.submit(data).result()


def kept(installation: Installation, stream: str) -> tuple[Opening, ...]:
    assert installation.ledger.vault is not None
    return installation.ledger.vault.open_(stream)


def rows(installation: Installation, query: str, role: Any = "writer") -> list[Any]:
    with psycopg.connect(installation.database.url(role), autocommit=True) as connection:
        return connection.execute(query).fetchall()


def by_digest(openings: list[Opening]) -> tuple[Opening, ...]:
    return tuple(sorted(openings, key=lambda o: o.digest))


# --- with the event -----------------------------------------------------------------------------------------


def test_the_log_gets_the_event_and_the_vault_what_opens_it(installation: Installation, author: Author) -> None:
    """A03 A09 姓名、身份证号码只以摘要进入日志，披露项加密保管。"""
    stream, openings = person(), identity()
    jws = registration(author, stream, openings)
    receipt = submit(installation, present(jws, openings))
    entry = installation.ledger.reader.entry(receipt.index).entry
    assert entry.split(b"\n")[1] == jws
    assert b"~" not in entry
    assert kept(installation, stream) == by_digest(openings)
    assert {o.name: o.value for o in kept(installation, stream)} == {"name": NAME, "id_number": NUMBER}


def test_openings_may_stay_with_the_body_that_signed(installation: Installation, author: Author) -> None:
    """A09 不提交披露项的事件同样受理，保管库不留内容。"""
    stream, openings = person(), identity()
    submit(installation, registration(author, stream, openings))
    assert kept(installation, stream) == ()
    other = person()
    submit(installation, present(registration(author, other, openings), openings[:1]))
    assert kept(installation, other) == (openings[0],)


def test_the_database_holds_nothing_that_could_be_read(installation: Installation, author: Author) -> None:
    """A09 保管库内容加密存放。"""
    stream, openings = person(), identity()
    submit(installation, present(registration(author, stream, openings), openings))
    boxes = [bytes(box) for (box,) in rows(installation, "SELECT box FROM vault.openings")]
    entries = [bytes(entry) for (entry,) in rows(installation, "SELECT state FROM ledger.events")]
    assert len(boxes) == 2
    for opening, data in itertools.product(openings, (*boxes, *entries)):
        assert opening.disclosure.encode() not in data
        assert opening.disclosure.encode()[-24:] not in data
    assert not any(secret.encode() in data for secret in SECRETS for data in (*boxes, *entries))


def test_a_streams_openings_share_a_key_and_streams_do_not(installation: Installation, author: Author) -> None:
    """A09 每人一密钥，销毁该密钥即抹除其内容。"""
    stream, other, openings, more = person(), person(), identity(), [conceal(secrets.token_bytes(16), "name", NAME)]
    first = submit(installation, present(registration(author, stream, openings), openings))
    submit(installation, present(registration(author, other, openings), openings))
    fact = PersonCorrected(digests(more), replaces=(openings[0].digest,))
    submit(installation, present(author.write(stream, first.head, fact, (PAPER,)), more))
    assert kept(installation, stream) == by_digest([*openings, *more])
    wrapped = rows(installation, "SELECT stream, wrapped FROM vault.keys")
    assert {name for name, _ in wrapped} == {stream, other}
    assert len({bytes(key) for _, key in wrapped}) == 2


def test_many_persons_enter_in_one_transaction(installation: Installation, author: Author) -> None:
    """K09 常态化归集：成批登记。"""
    people = {person(): identity() for _ in range(40)}
    events = [present(registration(author, stream, openings), openings) for stream, openings in people.items()]
    for future in installation.ledger.submit_many(events):
        assert future.result().created
    for stream, openings in people.items():
        assert kept(installation, stream) == by_digest(openings)


def test_the_same_event_again_gives_its_receipt_and_keeps_nothing_twice(
    installation: Installation, author: Author
) -> None:
    """An opening enters with its event and never later."""
    stream, openings = person(), identity()
    data = present(registration(author, stream, openings), openings)
    first, again = (future.result() for future in installation.ledger.submit_many([data, data]))
    assert (first.created, again.created) == (True, False)
    assert submit(installation, data).index == first.index
    assert kept(installation, stream) == by_digest(openings)
    late, openings = person(), identity()
    jws = registration(author, late, openings)
    submit(installation, jws)
    assert not submit(installation, present(jws, openings)).created
    assert kept(installation, late) == ()


def test_an_auditor_verifies_a_log_with_sealed_fields(installation: Installation, author: Author) -> None:
    """F16 含封存字段的日志可由第三方核验。"""
    for _ in range(3):
        openings = identity()
        submit(installation, present(registration(author, person(), openings), openings))
    key = installation.ledger.log_key.verifier
    assert verify(PostgresSource(installation.database.url("reader")), pinned=key, processes=1).exit_code == 0


# --- or not at all ------------------------------------------------------------------------------------------


def refused(installation: Installation, data: bytes, kind: type[LedgerError]) -> LedgerError:
    """The event is refused, and neither the log nor the vault nor the error knows anything of it."""
    size, before = installation.ledger.size, rows(installation, "SELECT count(*) FROM vault.keys")
    error = installation.ledger.submit(data).exception()
    assert isinstance(error, kind), error
    assert not any(secret in f"{error}{error!r}{error.__dict__}" for secret in SECRETS)
    assert installation.ledger.size == size
    assert rows(installation, "SELECT count(*) FROM vault.keys") == before
    return error


def test_a_refused_event_leaves_no_opening_behind(installation: Installation, author: Author) -> None:
    """A09 被拒绝的事件不留任何个人信息。"""
    stream, openings = person(), identity()
    candidate = registration(author, stream, openings, PersonKind.CANDIDATE)
    refused(installation, present(candidate, openings), RuleError)
    forged = registration(author, stream, openings)[:-4] + b"AAAA"
    refused(installation, present(forged, openings), LedgerError)
    conflict = author.write(
        stream, Head(3, "0" * 64), PersonRegistered(PersonKind.CIVIL_SERVANT, OPERATOR.uscc, digests(openings))
    )
    refused(installation, present(conflict, openings), ConflictError)
    refused(installation, present(registration(author, stream, openings[:1]), openings), FormatError)
    submit(installation, present(registration(author, stream, openings), openings))


def test_a_neighbour_that_is_refused_keeps_nobody_out(installation: Installation, author: Author) -> None:
    """A09 同批中一件被拒，不影响其他。"""
    good, bad, openings = person(), person(), identity()
    events = [
        present(registration(author, bad, openings, PersonKind.CANDIDATE), openings),
        present(registration(author, good, openings), openings),
    ]
    first, second = installation.ledger.submit_many(events)
    assert isinstance(first.exception(), RuleError)
    assert second.result().created
    assert kept(installation, bad) == ()
    assert kept(installation, good) == by_digest(openings)


def test_what_the_transaction_does_not_commit_is_not_kept(installation: Installation) -> None:
    """A connection lost in between is tried again: both or neither, and once."""
    stream, openings, store = person(), identity(), datastore(installation.database.url("writer"), pool_size=1)
    vault = PostgresVault(store, MasterKey(bytes(32)))
    attempts = itertools.count()

    def failing(transaction: Transaction) -> Append:
        vault.keep(transaction, {stream: openings})
        raise ZeroDivisionError

    def killed_once(transaction: Transaction) -> Append:
        vault.keep(transaction, {stream: openings})
        if next(attempts) == 0:
            pid = transaction.cursor.connection.info.backend_pid
            rows(installation, f"SELECT pg_terminate_backend({pid})", "owner")
        return Append()

    with contextlib.closing(store):
        with pytest.raises(ZeroDivisionError):
            LedgerRecorder(store).append(failing)
        assert vault.open_(stream) == ()
        LedgerRecorder(store).append(killed_once)
        assert next(attempts) == 2
        assert vault.open_(stream) == by_digest(openings)


def test_a_digest_that_two_events_share_is_kept_once(installation: Installation) -> None:
    """Whoever signs can repeat a digest: that stops nobody else."""
    stream, openings, store = person(), identity(), datastore(installation.database.url("writer"), pool_size=1)
    vault = PostgresVault(store, MasterKey(bytes(32)))

    def keeping(transaction: Transaction) -> Append:
        vault.keep(transaction, {stream: [*openings, *openings]})
        vault.keep(transaction, {stream: openings[:1]})
        return Append()

    with contextlib.closing(store):
        LedgerRecorder(store).append(keeping)
        assert vault.open_(stream) == by_digest(openings)


# --- who may look, and with which key -----------------------------------------------------------------------


@pytest.mark.parametrize("table", ["keys", "openings"])
def test_who_only_reads_the_log_cannot_look_into_the_vault(installation: Installation, table: str) -> None:
    """F15 全过程的安全保障：只读角色不能访问保管库。"""
    with pytest.raises(errors.InsufficientPrivilege):
        rows(installation, f"SELECT * FROM vault.{table}", "reader")
    rows(installation, f"SELECT * FROM vault.{table}")
    with pytest.raises(errors.InsufficientPrivilege):
        rows(installation, f"UPDATE vault.{table} SET stream = stream RETURNING 1")


def test_a_box_opens_under_its_own_key_stream_and_digest_only() -> None:
    """A09 保管内容不可挪用。"""
    master = MasterKey(bytes(32))
    box = master.wrap("person/1", bytes(range(32)), bytes(12))
    assert master.unwrap("person/1", box) == bytes(range(32))
    for other, stream, data in (
        (master, "person/2", box),
        (MasterKey(bytes([1]) * 32), "person/1", box),
        (master, "person/1", box[:-1] + bytes([box[-1] ^ 1])),
        (master, "person/1", b""),
    ):
        with pytest.raises(CorruptionError):
            other.unwrap(stream, data)


def test_a_box_that_was_moved_is_noticed(installation: Installation, author: Author) -> None:
    """A09 保管内容被改动即发现。"""
    stream, openings = person(), identity()
    submit(installation, present(registration(author, stream, openings), openings))
    rows(installation, "UPDATE vault.openings SET digest = '~' || digest RETURNING 1", "owner")
    with pytest.raises(CorruptionError):
        kept(installation, stream)


def test_the_master_key_is_a_file_of_its_own_that_only_its_owner_reads(installation: Installation) -> None:
    """F15 密钥文件权限 0600，不出现在任何输出中。"""
    file = installation.settings.vault_key
    assert file.stat().st_mode & 0o777 == 0o600
    master = MasterKey(bytes.fromhex(file.read_text()))
    assert master.secret.hex() not in f"{master}{master!r}{master.id}"


def test_a_ledger_is_not_opened_with_another_vaults_key(settings_of: Any) -> None:
    """F15 保管库密钥不符时拒绝启动。"""
    settings: Settings = settings_of()
    openings = identity()
    with open_installation(settings) as opened:
        author = opened.author("operator", OPERATOR.uscc)
        adopt(opened, author)
        submit(opened, present(registration(author, person(), openings), openings))
    right = settings.vault_key.read_text()
    for wrong in ("00" * 32 + "\n", right[:-3], "x", ""):
        settings.vault_key.write_text(wrong)
        with pytest.raises(ConfigurationError, match=r"vault\.key"), open_installation(settings):
            pass
    settings.vault_key.unlink()
    for founding in (False, True):
        with pytest.raises(ConfigurationError, match=r"vault\.key"), open_installation(settings, founding=founding):
            pass
    assert not settings.vault_key.exists(), "a new key would open nothing of the old"
    settings.vault_key.write_text(right)
    with open_installation(settings) as opened:
        assert opened.ledger.vault is not None


@pytest.fixture
def old(settings_of: Any) -> Settings:
    """A ledger that was founded before there were vaults."""
    settings: Settings = settings_of()
    settings.vault_key.unlink()
    return settings


def test_a_ledger_without_a_vault_refuses_openings_and_takes_events(old: Settings) -> None:
    """A09 没有保管库的账本不接收披露项。"""
    with open_installation(old) as installation:
        author = installation.author("operator", OPERATOR.uscc)
        adopt(installation, author)
        stream, openings = person(), identity()
        jws = registration(author, stream, openings)
        error = refused(installation, present(jws, openings), RuleError)
        assert isinstance(error, RuleError)
        assert error.rule == "vault.none"
        assert "jiannuo init" in error.en
        assert "保管库" in error.zh
        assert submit(installation, jws).created


def test_founding_it_again_gives_an_old_ledger_its_vault(old: Settings) -> None:
    """The command is repeatable: what is missing is made."""
    with open_installation(old, founding=True) as installation:
        found(installation, OPERATOR)
        author = installation.author("operator", OPERATOR.uscc)
        adopt(installation, author)
        stream, openings = person(), identity()
        submit(installation, present(registration(author, stream, openings), openings))
    with open_installation(old) as installation:
        assert kept(installation, stream) == by_digest(openings)


# --- nothing is told ----------------------------------------------------------------------------------------


@pytest.fixture
def everything_written(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """What a test wrote anywhere, to be looked at after it."""
    with caplog.at_level(logging.DEBUG):
        written: list[str] = []
        yield written
        out, err = capfd.readouterr()
        text = "\n".join((*written, caplog.text, out, err))
        assert text.strip()
        assert not any(secret in text for secret in SECRETS)


def test_no_answer_and_no_line_tells_a_value(
    client: Any, installation: Installation, author: Author, everything_written: list[str]
) -> None:
    """A09 F02 日志、回执和错误信息不含个人信息。"""
    openings = identity()
    good = present(registration(author, person(), openings), openings)
    refusals = [
        present(registration(author, person(), openings, PersonKind.CANDIDATE), openings),
        present(registration(author, person(), openings[:1]), openings),
        present(registration(author, person(), bad := [conceal(bytes(16), "id_number", NUMBER[:-1] + "1")]), bad),
        present(registration(author, person(), bad := [conceal(bytes(16), "name", f"{NAME}\n")]), bad),
        present(registration(author, person(), bad := [conceal(bytes(16), NAME, "x")]), bad),
    ]
    answer = client.post("/api/v1/events", content=good, headers=JOSE)
    assert answer.status_code == 201
    everything_written.append(answer.text)
    for data, status in zip(refusals, (422, 400, 400, 400, 400), strict=True):
        everything_written.append(str(is_problem(client.post("/api/v1/events", content=data, headers=JOSE), status)))
    many = client.post("/api/v1/events", content=b"\n".join([good, *refusals]), headers=NDJSON)
    assert many.status_code == 207
    everything_written.append(many.text)
    for line, status in zip(many.text.splitlines()[1:], (422, 400, 400, 400, 400), strict=True):
        check_problem(json.loads(line), status)


def test_an_error_that_nothing_foresaw_tells_no_value_either(
    installation: Installation, author: Author, monkeypatch: pytest.MonkeyPatch, everything_written: list[str]
) -> None:
    """A09 F02 未预见的错误也不泄露个人信息。"""
    openings = identity()

    def failing(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(PostgresVault, "keep", failing)
    error = refused(installation, present(registration(author, person(), openings), openings), LedgerError)
    everything_written.append(str(error))
    monkeypatch.undo()
    submit(installation, present(registration(author, person(), openings), openings))


def test_an_item_of_the_file_is_sealed_too(installation: Installation, author: Author) -> None:
    """C03 廉政记录、审计结论、年度考核结果等详情封存；J20 培训记录。"""
    stream, openings, detail = person(), identity(), [conceal(secrets.token_bytes(16), "detail", "示例培训\n合格")]
    first = submit(installation, present(registration(author, stream, openings), openings))
    fact = FileItemRecorded(FileItem.TRAINING, date(2026, 3, 2), digests(detail))
    submit(installation, present(author.write(stream, first.head, fact, (PAPER,)), detail))
    assert kept(installation, stream) == by_digest([*openings, *detail])
