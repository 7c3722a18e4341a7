"""Random commands for a ledger: facts that bodies sign, rightly or wrongly, and where in the stream they put them.

A command is a few small numbers; :class:`Signing` makes the signed bytes of it. The keys are fixed, and the ids are
counted, so that a sequence of commands can be played again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from hashlib import sha256
from typing import Any

from hypothesis import strategies as st

from ledger.domain.body import (
    BodyProvisionallyRegistered,
    BodyRegistered,
    BodyRenamed,
    BodySucceeded,
    KeyAuthorised,
    KeyRevoked,
    LedgerFounded,
    ProvisionalBodyResolved,
    RoleGranted,
    RoleWithdrawn,
    provisional_id,
)
from ledger.domain.body_terms import Kind as BodyKind
from ledger.domain.body_terms import Manner, Revocation, Role
from ledger.domain.commitment import CommitmentMade, ProgressReported
from ledger.domain.commitment_terms import Area, Kind
from ledger.domain.event import LEDGER, Document, Event
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.ids import uuid7
from ledger.errors import Head
from ledger.keys.signing import Keys
from ledger.proof.event import sign
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier

ORIGIN = "ledger.example/test"
ROOT, OPERATOR_KEY, CONSEQUENCES, LOG, STRANGER = (PrivateKey.from_seed(bytes([n]) * 32) for n in range(1, 6))
BODY_KEYS = [PrivateKey.from_seed(bytes([n]) * 32) for n in range(10, 14)]
KEYS = Keys(CONSEQUENCES, LogSigner(ORIGIN, LOG))
VERIFIER = Verifier.of(KEYS.log)

OPERATOR = fictional_uscc(1)
BODIES = [fictional_uscc(n) for n in range(2, 6)]
CITY = "示例市人民政府"
SHORT_NAMES = [f"市第{n}局" for n in range(4)]
PAPER = (Document("会议纪要", "ab" * 32),)
START = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)


class What(Enum):
    """The kinds of command."""

    REGISTER = "register"
    AUTHORISE = "authorise"
    REVOKE = "revoke"
    GRANT = "grant"
    WITHDRAW = "withdraw"
    RENAME = "rename"
    SUCCEED = "succeed"
    NAME_SHORTLY = "name shortly"
    RESOLVE = "resolve"
    PROMISE = "promise"
    REPORT = "report"


class Signer(Enum):
    """Who signs."""

    OPERATOR = "operator"
    ROOT = "root"
    ITSELF = "itself"
    OTHERS_KEY = "another body's key"
    UNKNOWN_KEY = "unknown key"
    WRONG = "a wrong signature"


class Place(Enum):
    """Where in its stream the event is to stand."""

    NEXT = "next"
    BEHIND = "behind"
    AHEAD = "ahead"
    FORK = "fork"


@dataclass(frozen=True)
class Command:
    """What is said of which body, by whom, at which place."""

    what: What
    body: int
    other: int
    signer: Signer
    place: Place


COMMANDS = st.builds(
    Command,
    st.sampled_from(What),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from([Signer.OPERATOR] * 8 + [Signer.ITSELF] * 4 + list(Signer)),
    st.sampled_from([Place.NEXT] * 9 + list(Place)),
)


def stream_and_fact(command: Command) -> tuple[str, Any]:
    """What a command says."""
    body, other = BODIES[command.body], BODIES[command.other]
    name = SHORT_NAMES[command.body]
    alias = f"body/{provisional_id(CITY, name)}"
    promise = f"commitment/0198c5a2-0000-7000-8000-00000000000{command.body}"
    made = CommitmentMade("限时办结", "材料齐全的，五日内办结。", Kind.TIME_LIMIT, Area.GENERAL, body, lead=(other,))
    match command.what:
        case What.REGISTER:
            return f"body/{body}", BodyRegistered(f"示例市第{command.body}局", BodyKind.DEPARTMENT)
        case What.AUTHORISE:
            return f"body/{body}", KeyAuthorised(BODY_KEYS[command.body].public)
        case What.REVOKE:
            return f"body/{body}", KeyRevoked(BODY_KEYS[command.body].kid, Revocation.SUPERSEDED)
        case What.GRANT:
            return f"body/{body}", RoleGranted(list(Role)[command.other % 3])
        case What.WITHDRAW:
            return f"body/{body}", RoleWithdrawn(list(Role)[command.other % 3])
        case What.RENAME:
            return f"body/{body}", BodyRenamed(f"示例市第{command.body}局（新）")
        case What.SUCCEED:
            return f"body/{body}", BodySucceeded(other, Manner.MERGER)
        case What.NAME_SHORTLY:
            return alias, BodyProvisionallyRegistered(name, BodyKind.DEPARTMENT, CITY)
        case What.RESOLVE:
            return alias, ProvisionalBodyResolved(other)
        case What.PROMISE:
            return promise, made
        case What.REPORT:
            return promise, ProgressReported("已完成一半。", PAPER, percent=50)


@dataclass
class Signing:
    """Makes signed events. Time goes on by a second with every event, ids are counted."""

    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    at: datetime = START

    def clock(self) -> datetime:
        """The ledger's clock."""
        self.at += timedelta(milliseconds=7)
        return self.at

    def new_id(self) -> str:
        """A UUIDv7 that was not there before."""
        return uuid7(int(START.timestamp() * 1000), next(self.numbers).to_bytes(10, "big"))

    def event(self, iss: str, key: PrivateKey, stream: str, head: Head, fact: Any, jti: str | None = None) -> bytes:
        """The compact JWS of a fact that follows ``head``."""
        iat = int(START.timestamp())
        event = Event(iss, iat, jti or self.new_id(), stream, head.version + 1, head.hash, fact, PAPER)
        return sign(event, key)

    def founding(self) -> list[bytes]:
        """The events that a ledger begins with."""
        ledger, operator = f"body/{LEDGER}", f"body/{OPERATOR}"
        by_root = LEDGER, ROOT
        events = [
            self.event(
                *by_root,
                ledger,
                Head(0, None),
                LedgerFounded(ORIGIN, ROOT.public, CONSEQUENCES.public, VERIFIER.vkey),
            )
        ]
        head = Head(0, None)
        for fact in (
            BodyRegistered("示例市信用办", BodyKind.DEPARTMENT),
            KeyAuthorised(OPERATOR_KEY.public),
            RoleGranted(Role.OPERATOR),
            RoleGranted(Role.CREDIT_OFFICE),
        ):
            events.append(self.event(*by_root, operator, head, fact))
            head = following(events[-1], head)
        return events

    def command(self, command: Command, head: Head) -> bytes:
        """The signed bytes of a command, if its stream stands at ``head``."""
        stream, fact = stream_and_fact(command)
        body, key = BODIES[command.body], BODY_KEYS[command.body]
        other_key = BODY_KEYS[(command.body + 1) % 4]
        iss, key = {
            Signer.OPERATOR: (OPERATOR, OPERATOR_KEY),
            Signer.ROOT: (LEDGER, ROOT),
            Signer.ITSELF: (body, key),
            Signer.OTHERS_KEY: (OPERATOR, other_key),
            Signer.UNKNOWN_KEY: (OPERATOR, STRANGER),
            Signer.WRONG: (OPERATOR, OPERATOR_KEY),
        }[command.signer]
        signed = self.event(iss, key, stream, placed(head, command.place), fact)
        if command.signer is Signer.WRONG:
            return signed[:-86] + b"A" * 86
        return signed


def placed(head: Head, place: Place) -> Head:
    """What an event names as its predecessor, if its stream stands at ``head``."""
    match place:
        case Place.NEXT:
            return head
        case Place.AHEAD:
            return Head(head.version + 1, "0" * 64)
        case Place.BEHIND:
            return Head(head.version - 1, "1" * 64) if head.version > 1 else Head(head.version + 5, "1" * 64)
        case Place.FORK:
            return Head(head.version, "2" * 64) if head.version else Head(1, "2" * 64)


def following(jws: bytes, head: Head) -> Head:
    """The head after an event that followed ``head``."""
    return Head(head.version + 1, sha256(jws).hexdigest())
