"""A body: an organ that promises, records or judges; its names, keys, roles, successors. Stream ``body/<id>``.

The id is the body's unified social credit code (USCC), ``p-`` and 16 hexadecimal digits for a body that a document
names only by its short name (a *provisional* registration, to be resolved later), or ``ledger`` for the ledger
itself.

The stream of the ledger opens the log: ``LedgerFounded``, signed by the operator's root key. Root registers the first
operator; operators register the others. A key counts from the event that authorises it to the event that revokes it,
by position in the log, whatever a signer's clock says. Duties outlive their holder: who acts for a body after a
merger is its successor (requirements A12, 不得以政府换届、相关责任人更替等理由毁约).

>>> provisional_id("运城市人民政府", "市发改委")
'p-8e6b4f2a6c7a6671'
>>> thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, ClassVar, assert_never

from ledger.domain.body_terms import Kind, Manner, Purpose, Revocation, Role, Status, Suite
from ledger.domain.codec import BodyId, KeyId, Name, PublicKey, Range, RegionCode, Sha256, Text, Uscc
from ledger.domain.countersignature import SignatureText, Sm2Key, Sm2Signature
from ledger.domain.event import Event, Recorded, Rules
from ledger.domain.filing import Filing, IntegrityReportFiled
from ledger.domain.rating import IntegrityRated
from ledger.domain.sweep import CourtListSwept, Sweep
from ledger.errors import SignatureError

# --- facts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LedgerFounded:
    """The log's first event: its origin (the checkpoint's first line), root key, ledger key and log verifier key."""

    SCHEMA: ClassVar[int] = 1
    origin: Name
    root_key: PublicKey
    ledger_key: PublicKey
    log_key: Annotated[str, Text(300)]


@dataclass(frozen=True, slots=True)
class LogKeyRotated:
    """The log's checkpoints of a size beyond this event's index are signed by another key (a vkey of the same origin).

    ``by_old`` and ``by_new`` are both keys' signatures over :func:`ledger.proof.rotation.statement`: none of them can
    be given away or taken over without the other.
    """

    SCHEMA: ClassVar[int] = 1
    log_key: Annotated[str, Text(300)]
    reason: Revocation
    by_old: SignatureText
    by_new: SignatureText


@dataclass(frozen=True, slots=True)
class BodyRegistered:
    """A body with its USCC (the stream's id), kind (A01, A06), name, region code (GB/T 2260) and superior body."""

    SCHEMA: ClassVar[int] = 1
    name: Name
    kind: Kind
    region: RegionCode | None = None
    superior: BodyId | None = None
    acting_for_government: bool | None = None  # A06 村委会等基层自治组织承担政府相关事务时


@dataclass(frozen=True, slots=True)
class BodyProvisionallyRegistered:
    """A body that a document names only by ``name``; ``named_by`` is the body that issued the document."""

    SCHEMA: ClassVar[int] = 1
    name: Name
    kind: Kind
    named_by: Name


@dataclass(frozen=True, slots=True)
class ProvisionalBodyResolved:
    """The provisional body is the one with this USCC."""

    SCHEMA: ClassVar[int] = 1
    uscc: Uscc


@dataclass(frozen=True, slots=True)
class AliasAdded:
    """Consequence on the real body's stream: a provisional registration was resolved to it."""

    SCHEMA: ClassVar[int] = 1
    alias: BodyId
    name: Name


@dataclass(frozen=True, slots=True)
class BodyRenamed:
    """The body has a new official name; the old one stays in its history."""

    SCHEMA: ClassVar[int] = 1
    name: Name


@dataclass(frozen=True, slots=True)
class BodySucceeded:
    """The body ended; its duties passed to ``successor`` (A12)."""

    SCHEMA: ClassVar[int] = 1
    successor: BodyId
    manner: Manner


@dataclass(frozen=True, slots=True)
class PredecessorAdded:
    """Consequence on the successor's stream: it now answers for the duties of ``predecessor``."""

    SCHEMA: ClassVar[int] = 1
    predecessor: BodyId


@dataclass(frozen=True, slots=True)
class KeyAuthorised:
    """From this position on, signatures of this Ed25519 key count for the body."""

    SCHEMA: ClassVar[int] = 1
    key: PublicKey
    holder: Annotated[str, Text(100)] | None = None  # the post or system that holds the key; never a person's name


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    """From this position on, signatures of the key no longer count.

    ``compromised_from``: since when others may have signed with it, as the signer claims; seconds since 1970. It takes
    nothing back: what the key signed before stays in the log, and ``jiannuo audit compromised`` lists it.
    """

    SCHEMA: ClassVar[int] = 1
    kid: KeyId
    reason: Revocation
    compromised_from: Annotated[int, Range(0, 2**40)] | None = None


@dataclass(frozen=True, slots=True)
class RoleGranted:
    """The body has the role from this position on."""

    SCHEMA: ClassVar[int] = 1
    role: Role


@dataclass(frozen=True, slots=True)
class RoleWithdrawn:
    """The body no longer has the role."""

    SCHEMA: ClassVar[int] = 1
    role: Role


@dataclass(frozen=True, slots=True)
class Countersigned:
    """A second signature of this body on an event of its own by another suite, SM2 with SM3 (docs/log-format.md).

    ``event_hash`` is the SHA-256 of the event's compact JWS, whose bytes were signed. The ledger checks the form alone:
    no proof rests on it, and who relies on it verifies it.
    """

    SCHEMA: ClassVar[int] = 1
    event_hash: Sha256
    suite: Suite
    sm_key: Sm2Key
    sm_signature: Sm2Signature


Fact = (
    LedgerFounded
    | LogKeyRotated
    | BodyRegistered
    | BodyProvisionallyRegistered
    | ProvisionalBodyResolved
    | AliasAdded
    | BodyRenamed
    | BodySucceeded
    | PredecessorAdded
    | KeyAuthorised
    | KeyRevoked
    | RoleGranted
    | RoleWithdrawn
    | Countersigned
    | CourtListSwept
    | IntegrityReportFiled
    | IntegrityRated
)

# --- state --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a body: valid for events with index ``from_index`` < index < ``until_index`` (None: still valid)."""

    kid: str
    public: str
    purpose: Purpose
    from_index: int
    until_index: int | None = None
    reason: Revocation | None = None
    compromised_from: int | None = None

    def valid_at(self, index: int) -> bool:
        """Whether a signature at this position of the log counts. The founding event is signed by the key it brings."""
        first = self.from_index if self.purpose is Purpose.ROOT else self.from_index + 1
        return first <= index and (self.until_index is None or index < self.until_index)


@dataclass(frozen=True, slots=True)
class LogKeySince:
    """A key (vkey) of the log, which signs checkpoints of a size > ``index``, up to the next key's."""

    index: int
    vkey: str


@dataclass(frozen=True, slots=True)
class Body:
    """All that the log says about a body up to a position."""

    id: str = ""
    status: Status = Status.UNREGISTERED
    name: str = ""
    former_names: tuple[str, ...] = ()
    kind: Kind | None = None
    region: str | None = None
    superior: str | None = None
    acting_for_government: bool = False
    named_by: str | None = None
    successor: str | None = None
    manner: Manner | None = None
    resolved_to: str | None = None
    predecessors: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    roles: frozenset[Role] = frozenset()
    origin: str | None = None
    log_keys: tuple[LogKeySince, ...] = ()
    since: datetime | None = None
    sweeps: tuple[Sweep, ...] = ()
    filings: tuple[Filing, ...] = ()

    def key(self, kid: str) -> Key | None:
        """The newest key of this thumbprint, valid or not; None if the body never had it."""
        return next((k for k in reversed(self.keys) if k.kid == kid), None)

    @property
    def log_key(self) -> str | None:
        """The vkey that signs the log's newest checkpoints; None for what is not the ledger."""
        return self.log_keys[-1].vkey if self.log_keys else None

    @property
    def known(self) -> bool:
        """Whether the body was registered, be it provisionally."""
        return self.status is not Status.UNREGISTERED


EMPTY = Body()


def thumbprint(public: str) -> str:
    """The key id (``kid``) of an Ed25519 public key: its RFC 7638 thumbprint, base64url without padding."""
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{public}"}}'
    return base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()


def provisional_id(named_by: str, name: str) -> str:
    """The id of the body that documents of ``named_by`` call ``name``: the same for the same two names."""
    return "p-" + hashlib.sha256(f"{named_by}\n{name}".encode()).hexdigest()[:16]


def of(rules: Rules, body_id: str) -> Body:
    """The state of a body at this position; an unregistered one where the log has none."""
    body: Body = rules.bodies.get(body_id, EMPTY)
    return body


def links(body: Body) -> tuple[str, ...]:
    """The bodies that answer for this one: its successor, or the body it was resolved to."""
    return tuple(b for b in (body.successor, body.resolved_to) if b)


def acts_for(rules: Rules, actor: str, body_id: str) -> bool:
    """Whether ``actor`` answers for ``body_id``: is it, was it resolved to it, or succeeded it (A12)."""
    seen, queue = set[str](), [body_id]
    while queue:
        current = queue.pop()
        if current == actor:
            return True
        if current not in seen:
            seen.add(current)
            queue.extend(links(of(rules, current)))
    return False


def authorise(signer: Body, event: Event, kid: str, index: int) -> Key:
    """The key that signed, if it counts for ``event.iss`` at this position. Raises SignatureError."""
    key = signer.key(kid)
    if key is None:
        raise SignatureError(
            f"signature: expected a key authorised for {event.iss}, got the unknown key {kid}",
            f"签名：应由 {event.iss} 已授权的密钥签署，密钥 {kid} 未登记",
        )
    if not key.valid_at(index):
        raise SignatureError(
            f"signature: expected a key that is valid at index {index}, "
            f"got {kid}, revoked at index {key.until_index} ({key.reason})",
            f"签名：密钥 {kid} 已在序号 {key.until_index} 处撤销（{key.reason}），在序号 {index} 处无效",
        )
    if (key.purpose is Purpose.CONSEQUENCE) is not (event.cause is not None):
        raise SignatureError(
            "signature: expected a cause in the ledger's own consequences and nowhere else",
            "签名：只有账本自身的后果事件才有且必须有 cause",
        )
    return key


def named(body: Body, event: Event) -> Iterable[str]:
    """Bodies beyond those in the event's data that admission looks at (here: none)."""
    return ()


def evolve(body: Body, recorded: Recorded) -> Body:
    """The body after an admitted event."""
    fact: Fact = recorded.event.fact
    match fact:
        case LedgerFounded() | BodyRegistered() | BodyProvisionallyRegistered():
            return _begun(fact, recorded)
        case LogKeyRotated():
            return replace(body, log_keys=(*body.log_keys, LogKeySince(recorded.index, fact.log_key)))
        case ProvisionalBodyResolved():
            return replace(body, status=Status.RESOLVED, resolved_to=fact.uscc)
        case AliasAdded():
            return replace(body, aliases=(*body.aliases, fact.alias))
        case BodyRenamed():
            return replace(body, name=fact.name, former_names=(*body.former_names, body.name))
        case BodySucceeded():
            return replace(body, status=Status.SUCCEEDED, successor=fact.successor, manner=fact.manner)
        case PredecessorAdded():
            return replace(body, predecessors=(*body.predecessors, fact.predecessor))
        case KeyAuthorised():
            return replace(body, keys=(*body.keys, Key(thumbprint(fact.key), fact.key, Purpose.BODY, recorded.index)))
        case KeyRevoked():
            return replace(body, keys=tuple(_revoke(k, fact, recorded.index) for k in body.keys))
        case RoleGranted():
            return replace(body, roles=body.roles | {fact.role})
        case RoleWithdrawn():
            return replace(body, roles=body.roles - {fact.role})
        case Countersigned() | IntegrityRated():
            return body
        case CourtListSwept():
            return replace(body, sweeps=(*body.sweeps, Sweep(fact.month, fact.file.sha256, recorded.index)))
        case IntegrityReportFiled():
            return replace(body, filings=(*body.filings, Filing(fact.period, fact.digest, recorded.index)))
        case _:
            assert_never(fact)


def _begun(fact: LedgerFounded | BodyRegistered | BodyProvisionallyRegistered, recorded: Recorded) -> Body:
    own = recorded.event.stream.partition("/")[2]
    if isinstance(fact, LedgerFounded):
        root = Key(thumbprint(fact.root_key), fact.root_key, Purpose.ROOT, recorded.index)
        other = Key(thumbprint(fact.ledger_key), fact.ledger_key, Purpose.CONSEQUENCE, recorded.index)
        begun = Body(own, Status.REGISTERED, fact.origin, origin=fact.origin, since=recorded.at)
        return replace(begun, keys=(root, other), log_keys=(LogKeySince(recorded.index, fact.log_key),))
    if isinstance(fact, BodyProvisionallyRegistered):
        return Body(own, Status.PROVISIONAL, fact.name, kind=fact.kind, named_by=fact.named_by, since=recorded.at)
    begun = Body(own, Status.REGISTERED, fact.name, kind=fact.kind, region=fact.region, since=recorded.at)
    return replace(begun, superior=fact.superior, acting_for_government=bool(fact.acting_for_government))


def _revoke(key: Key, fact: KeyRevoked, index: int) -> Key:
    if key.kid != fact.kid or key.until_index is not None:
        return key
    return replace(key, until_index=index, reason=fact.reason, compromised_from=fact.compromised_from)
