"""Ten thousand random sequences of commands never break the log.

Two processes (a Writer each) share one log in memory; connections are lost before and after commits, processes are
started again, clocks go back. After every step: leaf indexes without a gap, versions 1..n in every stream, each event
once, the signed root equal to a recomputation from the entries, and every receipt good. HYPOTHESIS_PROFILE=thorough
plays 10,000 sequences; the normal suite plays some hundred.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import (
    ConflictError,
    FormatError,
    Head,
    IdentifierReusedError,
    LedgerError,
    RuleError,
    SignatureError,
    UnavailableError,
)
from ledger.position import LogKey, Position
from ledger.receipt import Receipt, receipt_again
from ledger.store.recorder import ATTEMPTS
from ledger.writer import Writer
from tests.ledger.commands import (
    COMMANDS,
    KEYS,
    OPERATOR,
    OPERATOR_KEY,
    ORIGIN,
    START,
    VERIFIER,
    Command,
    Place,
    Signer,
    Signing,
    following,
    stream_and_fact,
)
from tests.ledger.fakes import Fault, MemoryLog, MemoryReader, MemoryRecorder
from tests.ledger.wholelog import Streams, check_receipt, jws_of, payload

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SEQUENCES = {5: 6_000, 250: 2_200, 509: 1_300, 766: 500}  # by size of the log before; thorough
SHORT = 40  # so many times fewer in the normal suite
LOG_KEY = LogKey(ORIGIN, VERIFIER)


class Process:
    """A process that writes to the log."""

    def __init__(self, log: MemoryLog, signing: Signing) -> None:
        self.recorder, self.reader = MemoryRecorder(log), MemoryReader(log)
        position = Position.restore(self.reader) if log.rows else Position.start(LOG_KEY)
        self.corruption: list[LedgerError] = []
        self.writer = Writer(
            self.recorder,
            self.reader,
            KEYS,
            position,
            clock=signing.clock,
            new_id=signing.new_id,
            on_corruption=self.corruption.append,
        )

    def submit(self, events: list[bytes]) -> list[Future[Receipt]]:
        return self.writer.submit_many(events)


@functools.cache
def log_of(size: int) -> MemoryLog:
    """A founded log of at least ``size`` entries."""
    log, signing = MemoryLog(), Signing()
    process = Process(log, signing)
    events = signing.founding()
    for n in range(100, 100 + size - len(events)):
        fact = BodyRegistered(f"示例单位{n}", Kind.DEPARTMENT)
        events.append(signing.event(OPERATOR, OPERATOR_KEY, f"body/{fictional_uscc(n)}", Head(0, None), fact))
    for future in process.submit(events):
        future.result()
    process.writer.close()
    return log


@functools.cache
def seen_of(size: int) -> Streams:
    """What is to be seen in that log."""
    seen = Streams()
    for row in log_of(size).rows:
        seen.take(row)
    return seen


class LogMachine(RuleBasedStateMachine):
    """See the module's docstring. ``size`` is where the log stands before the sequence."""

    size = 5

    @initialize()
    def begin(self) -> None:
        self.log = log_of(self.size).copy()
        self.signing = Signing(itertools.count(10_000), START + timedelta(hours=1))  # ids that the log has not yet
        self.processes = [Process(self.log, self.signing), Process(self.log, self.signing)]
        self.seen = seen_of(self.size).copy()
        self.heads = {stream: Head(*head) for stream, head in self.seen.heads.items()}
        self.receipts: dict[bytes, Receipt] = {}
        self.sent: list[bytes] = []  # all that was ever submitted and well signed

    # --- steps -----------------------------------------------------------------------------------------------------

    @rule(which=st.integers(0, 1), commands=st.lists(COMMANDS, min_size=1, max_size=4))
    def submit(self, which: int, commands: list[Command]) -> None:
        events = self._signed(commands)
        self._check(events, self.processes[which].submit(events))

    @rule(which=st.integers(0, 1), command=COMMANDS, data=st.data())
    def submit_again(self, which: int, command: Command, data: st.DataObject) -> None:
        events = self._signed([replace(command, signer=Signer.OPERATOR)])
        if self.sent:
            old = data.draw(st.sampled_from(self.sent))
            events = [old, *events, old]
        self._check([*events, events[-1]], self.processes[which].submit([*events, events[-1]]))

    @rule(which=st.integers(0, 1), command=COMMANDS, data=st.data())
    @precondition(lambda self: self.receipts)
    def use_an_id_again(self, which: int, command: Command, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(list(self.receipts.values())))
        stream, fact = stream_and_fact(command)
        head = self.heads.get(stream, Head(0, None))
        event = self.signing.event(OPERATOR, OPERATOR_KEY, stream, head, fact, old.jti)
        (future,) = self.processes[which].submit([event])
        assert isinstance(future.exception(), IdentifierReusedError)

    @rule(left=st.lists(COMMANDS, min_size=1, max_size=3), right=st.lists(COMMANDS, min_size=1, max_size=3))
    def submit_to_both_at_once(self, left: list[Command], right: list[Command]) -> None:
        """Who comes first is open; that each event is there once or refused is not."""
        batches = [self._signed(left), self._signed(right)]
        futures = [process.submit(batch) for process, batch in zip(self.processes, batches, strict=True)]
        for batch, found in zip(batches, futures, strict=True):
            for event, future in zip(batch, found, strict=True):
                error = future.exception()
                assert isinstance(error, ConflictError | RuleError | SignatureError | FormatError | None), error
                if error is None:
                    self._keep(event, future.result())
        self._follow_log()

    @rule(
        which=st.integers(0, 1),
        commands=st.lists(COMMANDS, min_size=1, max_size=3),
        faults=st.lists(st.sampled_from(Fault), min_size=1, max_size=3),
    )
    def lose_connections(self, which: int, commands: list[Command], faults: list[Fault]) -> None:
        """The recorder tries again; a commit whose answer was lost counts once."""
        events = self._signed(commands)
        process = self.processes[which]
        process.recorder.faults = list(faults)
        self._check(events, process.submit(events), lost=True)
        process.recorder.faults = []  # where all events were refused before they came to the database

    @rule(which=st.integers(0, 1), command=COMMANDS, fault=st.sampled_from(Fault))
    def lose_the_database(self, which: int, command: Command, fault: Fault) -> None:
        """Nobody learns what became of the event; submitting it again settles it."""
        (event,) = events = self._signed([command])
        process = self.processes[which]
        process.recorder.faults = [fault] * ATTEMPTS
        (future,) = process.submit(events)
        error = future.exception()
        process.recorder.faults = []
        if isinstance(error, SignatureError | FormatError):  # refused before it came to the database
            return
        assert isinstance(error, UnavailableError)
        is_there = any(jws_of(row.entry) == event for row in self.log.rows[self.seen.size :])
        assert not is_there or fault is Fault.AFTER_COMMIT
        self._follow_log()
        self._check(events, self.processes[1 - which].submit(events), lost=True)

    @rule(which=st.integers(0, 1))
    def start_again(self, which: int) -> None:
        self.processes[which].writer.close()
        self.processes[which] = Process(self.log, self.signing)

    @rule(seconds=st.integers(-5000, 5000))
    def set_the_clock(self, seconds: int) -> None:
        self.signing.at += timedelta(seconds=seconds)
        self.signing.at = max(self.signing.at, self.signing.at.replace(hour=1, minute=10))

    # --- what must hold --------------------------------------------------------------------------------------------

    def _signed(self, commands: list[Command]) -> list[bytes]:
        """Events for commands, each following those before it as far as they are admitted."""
        heads = dict(self.heads)
        events = []
        for command in commands:
            stream, _ = stream_and_fact(command)
            head = heads.get(stream, Head(0, None))
            events.append(self.signing.command(command, head))
            if command.place is Place.NEXT and command.signer is Signer.OPERATOR:
                heads[stream] = following(events[-1], head)
        self.sent += [e for e in events if e not in self.sent]
        return events

    def _check(self, events: list[bytes], futures: list[Future[Receipt]], *, lost: bool = False) -> None:
        """Judges the answers in order, then the log.

        ``lost``: the batch may have been judged a second time, when all that it had admitted was there already.
        """
        for event, future in zip(events, futures, strict=True):
            claims = payload(b"\n" + event)
            head = self.heads.get(claims["stream"], Head(0, None))
            follows = claims["version"] == head.version + 1 and claims.get("prev") == head.hash
            error = future.exception(timeout=10)
            if event in self.receipts:
                assert error is None
                assert future.result() == replace(self.receipts[event], created=False)
            elif isinstance(error, ConflictError):
                assert error.head.version > head.version if lost and error.head != head else not follows
            elif error is not None:
                assert isinstance(error, RuleError | SignatureError | FormatError), error
            else:
                assert follows or lost
                assert future.result().created or lost
                self._keep(event, future.result())
        self._follow_log()

    def _keep(self, event: bytes, receipt: Receipt) -> None:
        """Remembers a receipt, and the heads that the event's consequences moved in other streams."""
        self.receipts[event] = receipt
        for row in itertools.islice(self.log.rows, receipt.index + 1, None):
            if payload(row.entry).get("cause") != receipt.jti:
                break
            self.heads[row.stream] = Head(row.version, hashlib.sha256(jws_of(row.entry)).hexdigest())
        self.heads[receipt.stream] = receipt.head

    def _follow_log(self) -> None:
        """What is new in the log is as it must be, and the signed root is that of all entries."""
        if self.seen.size == len(self.log.rows):
            return
        for row in self.log.rows[self.seen.size :]:
            self.seen.take(row)
        self.seen.check_root(self.log.checkpoints[-1], VERIFIER)
        self.heads = {stream: Head(*head) for stream, head in self.seen.heads.items()}

    def teardown(self) -> None:
        if not hasattr(self, "log"):
            return
        for process in self.processes:
            process.writer.close()
            assert not process.corruption
        self._follow_log()
        reader = MemoryReader(self.log)
        for event, receipt in self.receipts.items():
            row = self.log.rows[receipt.index]
            check_receipt(receipt, row.entry, VERIFIER)
            assert self.seen.jtis[receipt.jti] == event
            assert receipt_again(reader, row) == replace(receipt, created=False)
        for stored in self.log.checkpoints[len(log_of(self.size).checkpoints) :]:
            self.seen.check_root(stored, VERIFIER)


@pytest.mark.parametrize("size", SEQUENCES)
def test_random_sequences_never_break_the_log(size: int) -> None:
    """From an empty log, and where the sequence finishes a tile of 256 hashes."""
    test = type(f"LogMachineFrom{size}", (LogMachine,), {"size": size}).TestCase
    sequences = SEQUENCES[size] // (1 if THOROUGH else SHORT)
    test.settings = settings(max_examples=sequences, stateful_step_count=8)
    test("runTest").runTest()
