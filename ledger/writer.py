"""Writing to the log: three stages, each a thread that works on all that has gathered.

    prepare   parse the bytes and disclosures, verify the signatures (two threads at once)
    commit    one transaction: lock, catch up, judge, write openings, events, tree and signed checkpoint
    answer    the receipts

Nothing signed leaves the process before its commit returned. What a transaction decides is thrown away if it does not
commit: the position moves only afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ledger.admission import Admission, Admitted, Case
from ledger.domain.body import KeyAuthorised, LedgerFounded, thumbprint
from ledger.domain.event import LEDGER
from ledger.domain.kinds import bodies_of
from ledger.errors import (
    CorruptionError,
    Head,
    IdentifierReusedError,
    LedgerError,
    SignatureError,
    UnavailableError,
)
from ledger.groupcommit import Stage
from ledger.keys.log_key import LogKey
from ledger.keys.signing import Keys, LogSigners
from ledger.position import Position, cases_of, recorded_of
from ledger.proof.disclosure import Opening
from ledger.proof.event import Signed, parse_entry
from ledger.proof.merkle import Tree, inclusion_proofs
from ledger.proof.tiles import NodesFromTiles
from ledger.receipt import Receipt, make_receipt, receipt_again
from ledger.store.reader import Reader
from ledger.store.recorder import STORE_ERRORS, Append, LedgerRecorder, Row, Transaction, as_ledger_error
from ledger.vault.sealing import answerable, parsed, settle
from ledger.vault.vault import Vault

MOST_KEYS = 100_000
WORTH_SHARING = 8
"""Signatures that one thread verifies sooner than it has woken another to share them."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Submission:
    """An event on its way through the stages."""

    data: bytes
    future: Future[Receipt]
    signed: Signed | None = None
    openings: tuple[Opening, ...] = ()

    @property
    def event(self) -> Signed:
        assert self.signed is not None
        return self.signed


@dataclass(frozen=True, slots=True)
class _Placed:
    """A submission that entered the log in this transaction: its own entry, and its stream's head after it."""

    own: Admitted
    head: Head
    created: bool = True


Outcome = _Placed | Row | LedgerError


@dataclass(frozen=True, slots=True)
class _Committed:
    """A transaction that is committed and not yet answered."""

    group: list[_Submission]
    outcomes: list[Outcome]
    tree: Tree
    checkpoint: str


class Writer:
    """See the module's docstring. ``clock`` gives the time in UTC, ``new_id`` a fresh UUIDv7."""

    def __init__(
        self,
        recorder: LedgerRecorder,
        reader: Reader,
        keys: Keys,
        position: Position,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        on_corruption: Callable[[CorruptionError], None],
        vault: Vault | None = None,
    ) -> None:
        self._vault = vault
        self._recorder, self._reader, self._keys, self._position = recorder, reader, keys, position
        self._signers = LogSigners(keys)
        self._clock, self._new_id, self._on_corruption = clock, new_id, on_corruption
        self._public: dict[str, str] = {}  # kid -> public key: true of any key, authorised or not
        self._verifier = ThreadPoolExecutor(1, thread_name_prefix="verify")
        self._answer = Stage("answer", self._answer_group, abandon=_abandon_committed)
        self._commit = Stage("commit", self._commit_group, abandon=_abandon)
        self._prepare = Stage("prepare", self._prepare_group, abandon=_abandon)

    def submit_many(self, items: Sequence[bytes]) -> list[Future[Receipt]]:
        """Signed events, judged in this order; each future gives a receipt, or the LedgerError that refused it."""
        group = [_Submission(data, Future()) for data in items]
        for submission in group:
            submission.future.set_running_or_notify_cancel()
        self._prepare.put(group)
        return [s.future for s in group]

    @property
    def size(self) -> int:
        """Entries of the log, as far as this process has seen."""
        return self._position.size

    @property
    def open(self) -> bool:
        """Whether events can be submitted; False after corruption or :meth:`close`."""
        return self._prepare.open and self._commit.open and self._answer.open

    def close(self) -> None:
        """Works off what was submitted. May be called again."""
        with ExitStack() as stack:  # in this order, each also where one before it failed
            stack.callback(self._verifier.shutdown)
            for stage in (self._answer, self._commit, self._prepare):
                stack.callback(stage.close)

    # --- prepare ---------------------------------------------------------------------------------------------------

    def _prepare_group(self, group: list[_Submission]) -> None:
        readable: list[_Submission] = []
        for submission in group:
            try:
                found = parsed(submission.data, self._vault)
            except Exception as error:
                submission.future.set_exception(_explained(error))
                continue
            submission.signed, submission.openings = found.signed, found.openings
            self._learn(submission.event)
            readable.append(submission)
        half = (len(readable) + 1) // 2 if len(readable) > WORTH_SHARING else len(readable)
        rest = self._verifier.submit(self._verified, readable[half:]) if readable[half:] else None
        checked = self._verified(readable[:half])
        if rest:
            checked += rest.result()
        if checked:
            try:
                self._commit.put(checked)
            except LedgerError as error:
                _refuse_all(checked, error)

    def _learn(self, signed: Signed) -> None:
        """Keys that an event brings may sign the events behind it in the same group."""
        fact = signed.event.fact
        if isinstance(fact, KeyAuthorised):
            self._remember(fact.key)
        elif isinstance(fact, LedgerFounded):
            self._remember(fact.root_key)

    def _remember(self, public: str) -> None:
        if len(self._public) >= MOST_KEYS:
            self._public.clear()
        self._public[thumbprint(public)] = public

    def _verified(self, part: Sequence[_Submission]) -> list[_Submission]:
        found = []
        for submission in part:
            try:
                self._verify(submission.event)
            except Exception as error:
                submission.future.set_exception(_explained(error))
            else:
                found.append(submission)
        return found

    def _verify(self, signed: Signed) -> None:
        """The signature's mathematics, by the key that the header names; whether it counts is judged at the commit."""
        public = self._public.get(signed.kid)
        if public is None:
            stream = f"body/{signed.event.iss}"
            case = cases_of(self._reader.stream(stream)).get(stream)
            for key in case.state.keys if case else ():
                self._remember(key.public)
            public = self._public.get(signed.kid)
        if public is None:
            raise SignatureError(
                f"signature: expected a key authorised for {signed.event.iss}, got the unknown key {signed.kid}",
                f"签名：应由 {signed.event.iss} 已授权的密钥签署，密钥 {signed.kid} 未登记",
            )
        if not signed.verify(public):
            raise SignatureError(
                f"signature: it does not verify with the key {signed.kid} over the bytes that came",
                f"签名：用密钥 {signed.kid} 对收到的字节验证不通过",
            )

    # --- commit ----------------------------------------------------------------------------------------------------

    def _commit_group(self, group: list[_Submission]) -> None:
        try:
            appended = self._recorder.append(lambda transaction: self._decide(transaction, group))
        except Exception as error:
            failure = _explained(error)
            _refuse_all(group, failure)
            if isinstance(failure, CorruptionError):
                self._on_corruption(failure)
                raise failure from error
            return
        if self._vault:
            self._vault.committed()
        outcomes, tree, at, key, changed = appended.answer
        self._position.moved(tree, at, key, changed)
        self._position.trim()
        try:
            self._answer.put([_Committed(group, outcomes, tree, appended.checkpoint)])
        except LedgerError as error:
            _refuse_all(group, error)

    def _decide(self, transaction: Transaction, group: list[_Submission]) -> Append:
        position = self._position
        position.catch_up(transaction)
        self._signers.need(position.key.verifier)  # before anything is judged: without it nothing can be signed
        at = max(self._now(), position.at)
        known = {recorded_of(r).event.jti: r for r in transaction.known(s.event.event.jti for s in group)}
        self._load(transaction, [s.event for s in group if s.event.event.jti not in known])

        def case(stream: str) -> Case:
            if not position.knows(stream):
                position.load(transaction, [stream])
            return position.case(stream)

        guard = answerable(self._vault, transaction, [(s.event, s.openings) for s in group])
        admission = Admission(case, position.size, at, self._keys.ledger, self._new_id, guard)
        admitted: list[Admitted] = []
        placed: dict[str, tuple[Signed, _Placed]] = {}
        outcomes = [_judge(s.event, admission, admitted, known, placed, self._signers) for s in group]
        settle(self._vault, transaction, _entered(group, outcomes), lambda stream: admission.case(stream).state)
        tree = position.tree.copy()
        tiles = [tile for a in admitted for tile in tree.append(a.leaf)]
        nodes = tree.nodes()
        key = _key_after(position, admission, tree.size)
        checkpoint = self._signers.sign(tree, key, position.size) if admitted else ""
        return Append(
            admitted=admitted,
            tiles=[(tile, nodes(8 * (tile.level + 1), tile.number)) for tile in tiles],
            checkpoint=checkpoint,
            size=tree.size,
            answer=(outcomes, tree, at, key, admission.changed),
        )

    def _load(self, transaction: Transaction, events: Sequence[Signed]) -> None:
        """Reads the cases that these events will be judged by: in two queries for the whole group."""
        position = self._position
        position.load(transaction, (e.event.stream for e in events))
        bodies: set[str] = set()
        for e in events:
            bodies |= bodies_of(position.case(e.event.stream).state, e.event)
        position.load(transaction, (f"body/{b}" for b in bodies | {LEDGER}))

    def _now(self) -> datetime:
        now = self._clock().astimezone(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    # --- answer ----------------------------------------------------------------------------------------------------

    def _answer_group(self, transactions: list[_Committed]) -> None:
        for committed in transactions:
            try:
                self._answer_transaction(committed)
            except Exception as error:  # the events are in the log: submitted again, they get their receipts
                failure = _explained(error)
                _refuse_all(committed.group, _receiptless() if isinstance(failure, UnavailableError) else failure)
                if isinstance(failure, CorruptionError):
                    self._on_corruption(failure)
                    raise failure from error

    def _answer_transaction(self, committed: _Committed) -> None:
        placed = [o.own.recorded.index for o in committed.outcomes if isinstance(o, _Placed)]
        nodes = committed.tree.nodes(NodesFromTiles(self._reader.tile, committed.tree.size))
        proofs = dict(zip(placed, inclusion_proofs(placed, committed.tree.size, nodes), strict=True))
        for submission, outcome in zip(committed.group, committed.outcomes, strict=True):
            if isinstance(outcome, LedgerError):
                submission.future.set_exception(outcome)
            elif isinstance(outcome, Row):
                submission.future.set_result(receipt_again(self._reader, outcome))
            else:
                own = outcome.own.recorded
                receipt = make_receipt(
                    submission.event,
                    own.index,
                    own.at,
                    outcome.own.leaf,
                    proofs[own.index],
                    committed.checkpoint,
                    outcome.head,
                    created=outcome.created,
                )
                submission.future.set_result(receipt)


def _judge(
    signed: Signed,
    admission: Admission,
    admitted: list[Admitted],
    known: dict[str, Row],
    placed: dict[str, tuple[Signed, _Placed]],
    signers: LogSigners,
) -> Outcome:
    """What becomes of one event: its place, the row where it already is, or the error that refuses it."""
    jti = signed.event.jti
    row, here = known.get(jti), placed.get(jti)
    before = parse_entry(row.entry)[1] if row else here[0].jws if here else None
    if before is not None:
        if before != signed.jws:
            return IdentifierReusedError(
                f"jti {jti}: it already names another event", f"jti {jti}：该标识已属于另一事件"
            )
        return row or replace(here[1], created=False)  # type: ignore[index]
    try:
        signers.check(signed.event)
        found = admission.take(signed)
    except (CorruptionError, *STORE_ERRORS):
        raise
    except Exception as error:  # also what no rule foresaw: it refuses this event, and no other of the batch
        return _explained(error)
    admitted.extend(found)
    placed[jti] = signed, _Placed(found[0], admission.case(signed.event.stream).head)
    return placed[jti][1]


def _entered(group: Iterable[_Submission], outcomes: Iterable[Outcome]) -> Iterator[tuple[Signed, tuple[Opening, ...]]]:
    """The events that entered the log in this transaction, and no others, with what opens them."""
    for submission, outcome in zip(group, outcomes, strict=True):
        if isinstance(outcome, _Placed) and outcome.created:
            yield submission.event, submission.openings


def _key_after(position: Position, admission: Admission, size: int) -> LogKey:
    """The log's key after what was admitted."""
    ledger = admission.changed.get(f"body/{LEDGER}")
    return LogKey.of(ledger.state, size) if ledger else position.key


def _refuse_all(group: Iterable[_Submission], error: LedgerError) -> None:
    """Answers those of the group that have no answer yet."""
    for submission in group:
        if not submission.future.done():
            submission.future.set_exception(error)


def _receiptless() -> UnavailableError:
    return UnavailableError(
        "what was admitted is recorded, and its receipt cannot be made now; submit the same again for it",
        "准予的事件已入账，回执暂时无法出具；请原样重新提交以取得回执",
    )


def _abandon(group: Iterable[_Submission]) -> None:
    _refuse_all(group, UnavailableError("the ledger takes no more events", "账本不再接收事件"))


def _abandon_committed(transactions: Iterable[_Committed]) -> None:
    for committed in transactions:
        _abandon(committed.group)


def _explained(error: Exception) -> LedgerError:
    """The error for whoever submitted. What no rule foresaw is named in the program's log too."""
    failure = as_ledger_error(error)
    if type(failure) is LedgerError:
        _log.error("internal error in the writer", exc_info=error)
    return failure
