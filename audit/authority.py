"""Whose signature counted where: the bodies of the log, folded in its order from their own events.

The fold is that of :mod:`ledger.domain.body`, and so is the judgement of a key at a position. An event that gives keys
or roles is folded only if it was itself signed by a key that counted and by somebody who could give them: else whoever
holds any key of the log could appoint others.

>>> from ledger.domain.body import RoleGranted
>>> from ledger.domain.body_terms import Role
>>> authority = Authority()
>>> authority.follow([Use(0, "ledger", "x" * 43, None)], [])
>>> [(problem.index, problem.code) for problem in authority.problems.sorted()]
[(0, 'founding')]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Self

from audit.entries import BodyEntry, Use
from audit.verdict import Problems
from ledger.domain import body, body_rules
from ledger.domain.body import EMPTY, Body
from ledger.domain.event import LEDGER, Event, Recorded, Rules
from ledger.errors import FormatError, RuleError, SignatureError
from ledger.proof import brought
from ledger.proof.event import Signed, parse, parse_entry
from ledger.proof.note import Verifier
from ledger.proof.rotation import successor

# Facts that decide whose signatures count, and for what. The others change nothing that an audit of signatures asks.
_GIVING = (
    body.LedgerFounded,
    body.LogKeyRotated,
    body.BodyRegistered,
    body.KeyAuthorised,
    body.KeyRevoked,
    body.RoleGranted,
    body.RoleWithdrawn,
)


class Authority:
    """The bodies at a position of the log, which moves on with :meth:`follow`."""

    def __init__(self) -> None:
        self.problems = Problems()
        self.public: dict[str, str] = {}
        """Key id -> public key of every key that the log named so far."""
        self.folded: list[tuple[int, bytes]] = []
        """Index and bytes of the entries that were folded: of these it can be made again."""
        self._bodies: dict[str, Body] = {}
        self._founded = False

    @classmethod
    def of(cls, folded: Iterable[tuple[int, bytes]]) -> Self:
        """As it was after folding these, which were found good then. Raises FormatError for what is no entry."""
        made = cls()
        for index, entry in folded:
            at, jws = parse_entry(entry)
            made._evolve(index, at, parse(jws))
        made._founded = made.body(LEDGER).known
        return made

    def follow(self, uses: Sequence[Use], bodies: Sequence[BodyEntry]) -> None:
        """Moves on over a chunk. A use is judged before what the event at the same index changes."""
        steps: list[Use | BodyEntry] = [*uses, *bodies]
        for step in sorted(steps, key=lambda step: step.position):
            if isinstance(step, BodyEntry):
                self._fold(step)
            elif step.position:  # the key of the founding is the one that it brings
                self._judge(step)
        if not self._founded and any(use.position == 0 for use in uses):
            self._add_founding(0)

    def body(self, own: str) -> Body:
        """What the log says about a body up to here; an unregistered one where it says nothing that counts."""
        return self._bodies.get(own, EMPTY)

    def _judge(self, use: Use) -> None:
        event = Event(use.iss, 0, "", f"body/{use.iss}", 1, None, None, cause=use.cause)
        try:
            body.authorise(self._bodies.get(use.iss, EMPTY), event, use.kid, use.position)
        except SignatureError as error:
            self.problems.add("key", use.position, error.en, error.zh)

    def _fold(self, entry: BodyEntry) -> None:
        at, jws = parse_entry(entry.entry)
        signed = parse(jws)
        event, fact = signed.event, signed.event.fact
        self.public |= _public(fact)
        if isinstance(fact, body.LedgerFounded):
            if entry.position or body.thumbprint(fact.root_key) != signed.kid:
                return self._add_founding(entry.position)
            self._founded = True
        elif not (entry.sound and self._counts(event, signed.kid, entry.position)):
            return None
        state = self.body(_own(event))
        try:
            if isinstance(fact, _GIVING):
                body_rules.admit(state, event, Rules(self._bodies), at)
            if isinstance(fact, body.LogKeyRotated):
                successor(Verifier.parse(state.log_key or ""), fact)
            brought.check(fact)
        except (RuleError, SignatureError, FormatError) as error:
            return self.problems.add("authority", entry.position, error.en, error.zh)
        self._evolve(entry.position, at, signed)
        self.folded.append((entry.position, entry.entry))
        return None

    def _evolve(self, index: int, at: datetime, signed: Signed) -> None:
        event = signed.event
        self.public |= _public(event.fact)
        own = _own(event)
        self._bodies[own] = body.evolve(self.body(own), Recorded(event, signed.kid, index, at, signed.hash))

    def _counts(self, event: Event, kid: str, index: int) -> bool:
        try:
            body.authorise(self._bodies.get(event.iss, EMPTY), event, kid, index)
        except SignatureError:
            return False  # told by _judge
        return True

    def _add_founding(self, index: int) -> None:
        self.problems.add(
            "founding",
            index,
            "expected LedgerFounded as the log's first event and there alone, signed by its own root key",
            "LedgerFounded 应为且只应为日志的第一个事件，并由其自身的根密钥签署",
        )


def _own(event: Event) -> str:
    return event.stream.partition("/")[2]


def _public(fact: object) -> dict[str, str]:
    """Key id -> public key of those that a fact brings."""
    return {body.thumbprint(key): key for key in brought.public_keys(fact)}
