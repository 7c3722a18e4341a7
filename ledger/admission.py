"""Admission: which of some signed events enter the log, at which place, and what follows from them.

Pure: the states of all cases at this position, the index, the time and the ledger's key are given; the answer is the
entries to write. An event is judged by everything before it in the same batch. A refused event changes nothing, and an
event enters together with all its consequences or not at all.

    signed event -> does its key count here? -> does it follow its stream's head? -> `admit` of its kind -> entries
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ledger.domain import body
from ledger.domain.body import Body
from ledger.domain.event import LEDGER, Consequence, Event, Recorded
from ledger.domain.judgement import judge
from ledger.domain.kinds import kind_of
from ledger.errors import ConflictError, Head, LedgerError, RuleError, SignatureError
from ledger.proof import brought
from ledger.proof.event import MAX_JWS, Signed, entry, parse, sign
from ledger.proof.keys import Signer
from ledger.proof.merkle import leaf_hash
from ledger.proof.note import Verifier
from ledger.proof.rotation import successor

AHEAD = timedelta(minutes=5)
"""How far a signer's clock may be ahead of the ledger's. Not a legal number: a margin for clocks, see docs/adr/."""


@dataclass(frozen=True, slots=True)
class Case:
    """A stream at a position: its state and its newest event."""

    state: Any
    head: Head


@dataclass(frozen=True, slots=True)
class Admitted:
    """An event at its place. ``entry`` is what the log keeps, ``leaf`` its hash in the tree (RFC 6962 §2.1)."""

    recorded: Recorded
    entry: bytes
    leaf: bytes


def empty_case(stream: str) -> Case:
    """A stream without events."""
    return Case(kind_of(stream).initial, Head(0, None))


def grown(case: Case, recorded: Recorded) -> Case:
    """The case after one more recorded event."""
    state = kind_of(recorded.event.stream).evolve(case.state, recorded)
    return Case(state, Head(recorded.event.version, recorded.hash))


class Admission:
    """Judges a batch of signed events in order, from log index ``index`` on, at the ledger's time ``at``.

    ``cases`` gives the case of a stream before the batch. ``changed`` holds the cases that the batch moved. ``guard``
    may refuse, for what no case can tell, an event that the rules allow.
    """

    def __init__(
        self,
        cases: Callable[[str], Case],
        index: int,
        at: datetime,
        key: Signer,
        new_id: Callable[[], str],
        guard: Callable[[Any, Event], None] = lambda state, event: None,
    ) -> None:
        self._cases = cases
        self._next = index
        self._at = at
        self._key = key
        self._new_id = new_id
        self._guard = guard
        self.changed: dict[str, Case] = {}
        self._pending: dict[str, Case] = {}  # what the event in hand has done so far

    def case(self, stream: str) -> Case:
        """A stream's case, with what this batch did to it."""
        return self._pending.get(stream) or self.changed.get(stream) or self._cases(stream)

    def take(self, signed: Signed) -> list[Admitted]:
        """The entries of one event, its own first.

        Raises SignatureError, ConflictError or RuleError, and then nothing changed. That the signature verifies must
        have been checked before; whether its key counts is judged here.
        """
        index = self._next
        self._pending.clear()
        try:
            found = self._take(signed)
        except BaseException:
            self._next = index
            self._pending.clear()
            raise
        self.changed |= self._pending
        return found

    def _take(self, signed: Signed) -> list[Admitted]:
        event = signed.event
        if event.iat > (self._at + AHEAD).timestamp():
            raise RuleError(
                f"iat: expected at most {AHEAD.seconds} s ahead of the ledger's clock, "
                f"got {event.iat - int(self._at.timestamp())} s",
                f"iat：最多可比账本时钟快 {AHEAD.seconds} 秒，实为 {event.iat - int(self._at.timestamp())} 秒",
                rule="event.iat",
                source="docs/log-format.md",
            )
        self._authorise(signed)
        case = self.case(event.stream)
        follows(event, case.head)
        check_keys(event)
        check_rotation(case.state, event)
        queue = list(judge(self._begun, event, self._at))
        self._guard(case.state, event)
        found = [self._add(signed)]
        while queue:
            consequence = queue.pop(0)
            following, more = self._consequence(consequence, event.jti)
            found.append(following)
            queue.extend(more)
        return found

    def _authorise(self, signed: Signed) -> None:
        event = signed.event
        if self._next == 0:
            check_founding(signed)
            return
        signer: Body = self.case(f"body/{event.iss}").state
        body.authorise(signer, event, signed.kid, self._next)

    def _begun(self, stream: str) -> Any:
        """The state of a stream; None where it has no event."""
        case = self.case(stream)
        return case.state if case.head.version else None

    def _consequence(self, consequence: Consequence, cause: str) -> tuple[Admitted, tuple[Consequence, ...]]:
        case = self.case(consequence.stream)
        event = Event(
            iss=LEDGER,
            iat=int(self._at.timestamp()),
            jti=self._new_id(),
            stream=consequence.stream,
            version=case.head.version + 1,
            prev=case.head.hash,
            fact=consequence.fact,
            cause=cause,
        )
        signed = parse(sign(event, self._key))
        more = judge(self._begun, event, self._at)
        return self._add(signed), more

    def _add(self, signed: Signed) -> Admitted:
        assert len(signed.jws) <= MAX_JWS
        recorded = Recorded(signed.event, signed.kid, self._next, self._at, signed.hash)
        stream = signed.event.stream
        self._pending[stream] = grown(self.case(stream), recorded)
        self._next += 1
        data = entry(self._at, signed.jws)
        return Admitted(recorded, data, leaf_hash(data))


def follows(event: Event, head: Head) -> None:
    """Raises ConflictError, which tells the head, unless the event is the next one of its stream."""
    if event.version == head.version + 1 and event.prev == head.hash:
        return
    raise ConflictError(
        f"{event.stream}: expected version {head.version + 1} after {head.hash}, "
        f"got version {event.version} after {event.prev}",
        f"{event.stream}：应为第 {head.version + 1} 版、接在 {head.hash} 之后，"
        f"实为第 {event.version} 版、接在 {event.prev} 之后",
        head=head,
    )


def check_keys(event: Event) -> None:
    """Raises RuleError for a key under which a signature that anybody can make would verify."""
    try:
        brought.check(event.fact)
    except LedgerError as error:
        raise RuleError(error.en, error.zh, rule="body.key-strong", source="RFC 8032 §5.1.3") from None


def check_rotation(state: Any, event: Event) -> None:
    """Raises RuleError for a log key that the one in force did not hand over to."""
    if not isinstance(event.fact, body.LogKeyRotated) or not isinstance(state, Body) or state.log_key is None:
        return
    try:
        successor(Verifier.parse(state.log_key), event.fact)
    except LedgerError as error:
        raise RuleError(
            error.en, error.zh, rule="body.rotation-signed", source="docs/log-format.md, Checkpoints"
        ) from None


def check_founding(signed: Signed) -> None:
    """The log's first event must be its founding, signed by the root key that it brings. Raises SignatureError."""
    fact = signed.event.fact
    if not isinstance(fact, body.LedgerFounded) or body.thumbprint(fact.root_key) != signed.kid:
        raise SignatureError(
            "the log's first event: expected LedgerFounded signed by its own root key",
            "日志的第一个事件：应为由其自身根密钥签署的 LedgerFounded",
        )
