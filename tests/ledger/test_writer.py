"""The Writer when something goes wrong beside it: nobody waits for ever, no neighbour suffers, corruption stops it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from ledger import writer as writer_module
from ledger.domain import body_rules
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import (
    ConflictError,
    CorruptionError,
    FormatError,
    Head,
    LedgerError,
    RuleError,
    SignatureError,
    UnavailableError,
)
from ledger.groupcommit import Stage
from ledger.store.recorder import ATTEMPTS, Row
from tests.ledger.commands import (
    BODIES,
    OPERATOR,
    OPERATOR_KEY,
    Command,
    Place,
    Signer,
    Signing,
    What,
    following,
)
from tests.ledger.fakes import Fault, MemoryLog
from tests.ledger.test_log_stateful import Process, log_of

PATIENCE = 10  # seconds; what takes longer hangs


@pytest.fixture
def log() -> MemoryLog:
    return log_of(5).copy()


@pytest.fixture
def signing() -> Signing:
    return Signing(iter(range(10_000, 20_000)))


@pytest.fixture
def process(log: MemoryLog, signing: Signing) -> Iterator[Process]:
    made = Process(log, signing)
    yield made
    try:
        made.writer.close()
    except LedgerError:
        assert made.corruption


@pytest.fixture
def registered(signing: Signing) -> Callable[[int], bytes]:
    """Signs the registration of body number n."""

    def sign(n: int) -> bytes:
        stream = f"body/{fictional_uscc(n)}"
        return signing.event(OPERATOR, OPERATOR_KEY, stream, Head(0, None), BodyRegistered(f"单位{n}", Kind.DEPARTMENT))

    return sign


def test_the_same_event_twice_in_a_batch_is_created_once(process, registered):
    event = registered(50)
    first, second = (f.result(PATIENCE) for f in process.submit([event, event]))
    assert (first.created, second.created) == (True, False)
    assert second == replace(first, created=False)


def test_events_of_one_batch_may_build_on_each_other(process, signing):
    """A key that the first brings may sign the last."""
    register = signing.command(Command(What.REGISTER, 0, 0, Signer.OPERATOR, Place.NEXT), Head(0, None))
    head = following(register, Head(0, None))
    authorise = signing.command(Command(What.AUTHORISE, 0, 0, Signer.OPERATOR, Place.NEXT), head)
    promise = signing.command(Command(What.PROMISE, 0, 0, Signer.ITSELF, Place.NEXT), Head(0, None))
    assert [f.result(PATIENCE).index for f in process.submit([register, authorise, promise])] == [5, 6, 7]


def test_a_key_signs_nothing_before_it_is_authorised(process, signing):
    register = signing.command(Command(What.REGISTER, 0, 0, Signer.OPERATOR, Place.NEXT), Head(0, None))
    head = following(register, Head(0, None))
    authorise = signing.command(Command(What.AUTHORISE, 0, 0, Signer.OPERATOR, Place.NEXT), head)
    promise = signing.command(Command(What.PROMISE, 0, 0, Signer.ITSELF, Place.NEXT), Head(0, None))
    first, early, last = process.submit([register, promise, authorise])
    assert isinstance(early.exception(PATIENCE), SignatureError)
    assert [first.result(PATIENCE).index, last.result(PATIENCE).index] == [5, 6]


def test_consequences_stand_in_the_receipts_head(process, signing):
    """BodySucceeded ends the body's keys: the next event follows the consequence, not the event."""
    heads = {0: Head(0, None), 1: Head(0, None)}
    events = []
    for what, number in ((What.REGISTER, 0), (What.REGISTER, 1), (What.AUTHORISE, 0), (What.SUCCEED, 0)):
        events.append(signing.command(Command(what, number, 1, Signer.OPERATOR, Place.NEXT), heads[number]))
        heads[number] = following(events[-1], heads[number])
    receipts = [f.result(PATIENCE) for f in process.submit(events)]
    assert (receipts[3].version, receipts[3].head.version) == (3, 4)
    rows = process.reader.streams([f"body/{BODIES[0]}", f"body/{BODIES[1]}"])
    assert [row.version for row in rows] == [1, 2, 3, 4, 1, 2]
    (again,) = process.submit([events[3]])
    assert again.result(PATIENCE) == replace(receipts[3], created=False)


def test_a_database_lost_after_the_commit_refuses_the_answer_but_not_the_event(process, registered, log):
    """A receipt is made again from what the database holds; while that is away, nobody hangs and nothing breaks."""
    event = registered(50)
    receipt = process.submit([event])[0].result(PATIENCE)
    log.is_down = True
    again, other = process.submit([event, registered(51)])
    assert isinstance(again.exception(PATIENCE), UnavailableError)
    assert isinstance(other.exception(PATIENCE), UnavailableError)
    log.is_down = False
    assert process.writer.open
    assert process.submit([event])[0].result(PATIENCE) == replace(receipt, created=False)
    assert len(log.rows) == 7


def test_after_a_lost_database_the_writer_goes_on(process, registered):
    process.recorder.faults = [Fault.BEFORE_COMMIT] * ATTEMPTS
    (future,) = process.submit([registered(50)])
    assert isinstance(future.exception(PATIENCE), UnavailableError)
    (future,) = process.submit([registered(50)])
    assert future.result(PATIENCE).index == 5


def test_an_error_that_no_rule_foresaw_refuses_its_event_and_no_other(process, registered, monkeypatch, caplog):
    usual = body_rules._need_status

    def failing(body, *allowed):
        if failing.left:
            failing.left -= 1
            raise ZeroDivisionError
        usual(body, *allowed)

    failing.left = 1
    monkeypatch.setattr(body_rules, "_need_status", failing)
    first, second = process.submit([registered(50), registered(51)])
    assert first.exception(PATIENCE).code == "error"
    assert second.result(PATIENCE).index == 5
    assert "internal error" in caplog.text


def test_an_error_while_reading_refuses_its_event_and_no_other(process, registered, monkeypatch):
    usual = writer_module.parsed

    def failing(data, vault):
        if data == b"x":
            raise ZeroDivisionError
        return usual(data, vault)

    monkeypatch.setattr(writer_module, "parsed", failing)
    first, second = process.submit([b"x", registered(51)])
    assert first.exception(PATIENCE).code == "error"
    assert second.result(PATIENCE).index == 5


def spoil(log: MemoryLog, index: int, entry: bytes) -> None:
    """Changes a stored entry, as no role of the database can."""
    row = replace(log.rows[index], entry=entry)
    log.rows[index] = row
    log.streams[row.stream][row.version - 1] = row


@pytest.mark.parametrize("entry", [b"", b"2026-03-02T01:02:03.000Z\nnonsense\n", b"2026-03-02\nx\n"])
def test_a_stored_entry_that_is_none_stops_the_writer(process, log, registered, entry):
    spoil(log, 1, entry)
    (future,) = process.submit([registered(50)])
    assert isinstance(future.exception(PATIENCE), SignatureError | CorruptionError)
    with pytest.raises((UnavailableError, CorruptionError)):
        process.submit([registered(51)])[0].result(PATIENCE)


def test_an_entry_filed_elsewhere_than_signed_stops_the_writer_also_where_it_is_read_late(log, signing, registered):
    """Its body is not named by the event, and is read in the middle of judging: by a chain of successions."""
    process = Process(log, signing)
    heads: dict[int, Head] = {n: Head(0, None) for n in range(3)}
    for what, number, other in (
        (What.REGISTER, 0, 0),
        (What.REGISTER, 1, 1),
        (What.REGISTER, 2, 2),
        (What.SUCCEED, 1, 2),
    ):
        event = signing.command(Command(what, number, other, Signer.OPERATOR, Place.NEXT), heads[number])
        heads[number] = process.submit([event])[0].result(PATIENCE).head
    process.writer.close()
    late = log.streams[f"body/{BODIES[2]}"][0]
    log.streams[late.stream][0] = Row(late.index, late.stream, 7, late.entry)

    fresh = Process(log, signing)
    event = signing.command(Command(What.PROMISE, 1, 0, Signer.OPERATOR, Place.NEXT), Head(0, None))
    (future,) = fresh.submit([event])
    assert isinstance(future.exception(PATIENCE), CorruptionError)
    assert len(fresh.corruption) == 1
    with pytest.raises(UnavailableError):
        fresh.submit([registered(51)])[0].result(PATIENCE)
    with pytest.raises(CorruptionError):
        fresh.writer.close()


def test_a_log_that_became_shorter_stops_the_writer(process, log, registered):
    process.submit([registered(50)])[0].result(PATIENCE)
    log.rows.pop()
    (future,) = process.submit([registered(51)])
    assert "rolled back" in future.exception(PATIENCE).en
    assert process.corruption


def test_entries_that_the_checkpoint_does_not_sign_stop_the_writer(log, signing, registered):
    """Another writes to the log, without its key."""
    here, there = Process(log, signing), Process(log, signing)
    there.submit([registered(50)])[0].result(PATIENCE)
    log.checkpoints[-1] = replace(log.checkpoints[-2], size=6)
    (future,) = here.submit([registered(51)])
    assert "signed root" in future.exception(PATIENCE).en
    there.writer.close()
    with pytest.raises(CorruptionError):
        here.writer.close()


def test_who_waits_behind_a_corruption_is_answered(process, log, registered, monkeypatch):
    """Everything that waits in the queues is refused; nobody hangs."""
    entered, go_on = threading.Event(), threading.Event()
    usual = process.recorder.append

    def slow(decide):
        entered.set()
        go_on.wait(PATIENCE)
        return usual(decide)

    monkeypatch.setattr(process.recorder, "append", slow)
    log.rows.pop()  # rolled back
    futures = process.submit([registered(50)])
    assert entered.wait(PATIENCE)
    for n in range(51, 60):
        futures += process.submit([registered(n)])
    go_on.set()
    errors = [future.exception(PATIENCE) for future in futures]
    assert {type(error) for error in errors} <= {CorruptionError, UnavailableError}


def test_a_closed_writer_takes_nothing(log, signing, registered):
    process = Process(log, signing)
    process.writer.close()
    process.writer.close()
    with pytest.raises(UnavailableError):
        process.submit([registered(50)])


def test_closing_works_off_what_was_submitted(log, signing, registered):
    process = Process(log, signing)
    futures = process.submit([registered(n) for n in range(50, 70)])
    process.writer.close()
    assert [f.result(0).index for f in futures] == list(range(5, 25))


def test_nonsense_is_refused_without_harm(process, registered):
    bad, good = process.submit([b"\x00\xff", registered(50)])
    assert isinstance(bad.exception(PATIENCE), FormatError)
    assert good.result(PATIENCE).index == 5


def test_the_loser_of_a_batch_learns_the_head_that_the_winner_made(process, signing):
    first = signing.command(Command(What.REGISTER, 0, 0, Signer.OPERATOR, Place.NEXT), Head(0, None))
    second = signing.command(Command(What.REGISTER, 0, 0, Signer.OPERATOR, Place.NEXT), Head(0, None))
    won, lost = process.submit([first, second])
    error = lost.exception(PATIENCE)
    assert isinstance(error, ConflictError)
    assert error.head == won.result(PATIENCE).head


def test_a_stage_that_fails_hands_over_what_waits():
    entered, go_on, left = threading.Event(), threading.Event(), []

    def work(group):
        entered.set()
        go_on.wait(PATIENCE)
        raise ZeroDivisionError

    stage = Stage("failing", work, most=1, abandon=left.extend)
    stage.put([1])
    assert entered.wait(PATIENCE)
    stage.put([2, 3])
    go_on.set()
    with pytest.raises(ZeroDivisionError):
        stage.close()
    assert left == [1, 2, 3]
    assert not stage.open
    with pytest.raises(UnavailableError):
        stage.put([4])


def test_a_stage_works_in_groups_of_at_most_its_bound():
    go_on, groups = threading.Event(), []

    def work(group):
        go_on.wait(PATIENCE)
        groups.append(group)

    with Stage("bounded", work, most=4) as stage:
        stage.put(range(10))
        go_on.set()
    assert [n for group in groups for n in group] == list(range(10))
    assert max(map(len, groups)) <= 4


def test_an_event_enters_with_its_consequences_or_not_at_all(process, signing, monkeypatch):
    """The consequence in the successor's stream is refused: neither it nor the event, nor the keys' ends, are there."""

    def refuse(_):
        raise RuleError("no", "不", rule="test", source="test")

    heads = {0: Head(0, None), 1: Head(0, None)}
    for what, number in ((What.REGISTER, 0), (What.REGISTER, 1), (What.AUTHORISE, 0)):
        event = signing.command(Command(what, number, 1, Signer.OPERATOR, Place.NEXT), heads[number])
        heads[number] = process.submit([event])[0].result(PATIENCE).head
    monkeypatch.setattr(body_rules, "_only_consequence", refuse)
    succeed = signing.command(Command(What.SUCCEED, 0, 1, Signer.OPERATOR, Place.NEXT), heads[0])
    rename = signing.command(Command(What.RENAME, 0, 1, Signer.OPERATOR, Place.NEXT), heads[0])
    promise = signing.command(Command(What.PROMISE, 0, 1, Signer.ITSELF, Place.NEXT), Head(0, None))
    refused, renamed, promised = process.submit([succeed, rename, promise])
    assert isinstance(refused.exception(PATIENCE), RuleError)
    assert [renamed.result(PATIENCE).index, promised.result(PATIENCE).index] == [8, 9]
    assert (renamed.result().version, renamed.result().head.version) == (3, 3)
