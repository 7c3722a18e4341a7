"""Who may register, rename, resolve and end bodies, authorise their keys and grant their roles.

The ledger's root key may do all of it; operators may do it for every body, a body only changes its own keys.
Nobody changes the ledger's own name, keys and roles: they are what every signature of the log is traced back
to.

>>> from ledger.domain.body import EMPTY
>>> event = Event("11990000000000019A", 0, "", "body/11990000000000019A", 1, None, RoleGranted(Role.OPERATOR))
>>> try:
...     admit(EMPTY, event, Rules(), datetime.fromisoformat("2026-01-02T00:00:00Z"))
... except RuleError as error:
...     print(error.rule)
body.role
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from ledger.domain.body import (
    AliasAdded,
    Body,
    BodyProvisionallyRegistered,
    BodyRegistered,
    BodyRenamed,
    BodySucceeded,
    Countersigned,
    Fact,
    KeyAuthorised,
    KeyRevoked,
    LedgerFounded,
    LogKeyRotated,
    PredecessorAdded,
    ProvisionalBodyResolved,
    RoleGranted,
    RoleWithdrawn,
    acts_for,
    of,
    provisional_id,
    thumbprint,
)
from ledger.domain.body_terms import Kind, Revocation, Role, Status
from ledger.domain.event import LEDGER, Consequence, Event, Rules, legal_day
from ledger.domain.filing import IntegrityReportFiled
from ledger.domain.filing_rules import admit_filing
from ledger.domain.identifiers import check_uscc
from ledger.domain.rating import IntegrityRated
from ledger.domain.rating_rules import admit_rating
from ledger.domain.sweep import CourtListSwept
from ledger.domain.sweep_rules import admit_sweep
from ledger.errors import FormatError, RuleError

DESIGN = "docs/architecture.md, Keys are events"


def admit(body: Body, event: Event, rules: Rules, at: datetime) -> tuple[Consequence, ...]:
    """The consequences of an event that the stream may take now. Raises RuleError with rule and source."""
    fact: Fact = event.fact
    if _own(event) == LEDGER and not isinstance(fact, LedgerFounded | LogKeyRotated):
        raise _refuse(
            "body.ledger",
            f"the ledger's own name, keys and roles stay as founded, but for the log's key; got {event.name}",
            f"账本自身的名称、密钥和角色以创立时为准（日志密钥除外），不得 {event.name}",
        )
    match fact:
        case LedgerFounded():
            _admit_founding(body, event, fact)
        case LogKeyRotated():
            _admit_rotation(body, event)
        case BodyRegistered():
            _admit_registration(body, event, fact, rules)
        case BodyProvisionallyRegistered():
            _admit_provisional(body, event, fact, rules)
        case ProvisionalBodyResolved():
            return _admit_resolution(body, event, fact, rules)
        case BodyRenamed():
            _admit_renaming(body, event, rules)
        case BodySucceeded():
            return _admit_succession(body, event, fact, rules)
        case KeyAuthorised() | KeyRevoked():
            _admit_key(body, event, fact, rules)
        case RoleGranted() | RoleWithdrawn():
            _admit_role(body, event, fact, rules)
        case Countersigned():
            _admit_countersignature(body, event)
        case CourtListSwept():
            admit_sweep(body, event, fact, rules, legal_day(at))
        case IntegrityReportFiled():
            admit_filing(body, event, fact, legal_day(at))
        case IntegrityRated():
            admit_rating(body, event, fact, rules, legal_day(at))
        case AliasAdded() | PredecessorAdded():
            _only_consequence(event)
        case _:
            assert_never(fact)
    return ()


def _own(event: Event) -> str:
    """The id of the body whose stream it is."""
    return event.stream.partition("/")[2]


def _only_consequence(event: Event) -> None:
    if event.cause is None:
        raise _refuse(
            "body.consequence",
            f"{event.name} is stated by the ledger only, as a consequence",
            f"{event.name} 只能由账本作为后果事件记载",
        )


def _need_no_circle(rules: Rules, own: str, next_body: str) -> None:
    """Who answers for a body is found by following its successors: they must come to an end."""
    if acts_for(rules, own, next_body):
        raise _refuse(
            "body.succession-circle",
            f"expected a body that does not lead back to {own}, got {next_body}",
            f"应为不回指 {own} 的单位，实为 {next_body}",
            source="A12: YC 二(四)16; DH 三(四); HS 五(五); TA-A 二(三)9; YN 三(四)",
        )


def _admit_countersignature(body: Body, event: Event) -> None:
    """Nobody countersigns for another: not the operator, and not who succeeded the body."""
    if event.iss != _own(event) or body.status is not Status.REGISTERED:
        raise _refuse(
            "body.countersigner",
            f"Countersigned is signed by the registered body whose stream it is, {_own(event)}; got {event.iss}",
            f"Countersigned 只能由该事件流所属的已登记单位 {_own(event)} 签署，实为 {event.iss}",
            source="docs/log-format.md, Countersignatures",
        )


def _admit_founding(body: Body, event: Event, fact: LedgerFounded) -> None:
    if event.stream != f"body/{LEDGER}" or event.iss != LEDGER or body.known:
        raise _refuse(
            "body.founding",
            "LedgerFounded is the log's first event, on body/ledger, and comes once",
            "LedgerFounded 是日志的第一个事件，只在 body/ledger 出现一次",
        )
    if fact.root_key == fact.ledger_key:
        raise _refuse(
            "body.founding",
            "expected a root key and a ledger key that differ, got one key for both",
            "根密钥与账本密钥应不同，实为同一密钥",
        )


def _admit_rotation(body: Body, event: Event) -> None:
    """That both keys signed it is checked where keys are known (ledger.admission)."""
    if _own(event) != LEDGER or event.iss != LEDGER or event.cause is not None or not body.known:
        raise _refuse(
            "body.rotation",
            "LogKeyRotated stands on body/ledger and is signed by the ledger's root key",
            "LogKeyRotated 只在 body/ledger 出现，由账本的根密钥签署",
        )


def _admit_registration(body: Body, event: Event, fact: BodyRegistered, rules: Rules) -> None:
    _need_role(rules, event, Role.OPERATOR)
    _need_status(body, Status.UNREGISTERED)
    try:
        check_uscc(_own(event))
    except FormatError as error:
        raise _refuse("body.uscc", error.en, error.zh, source="GB 32100-2015") from None
    if fact.kind is Kind.GROUP:
        raise _refuse(
            "body.kind",
            "a group of bodies has no USCC; register it provisionally",
            "泛指的一组单位没有统一社会信用代码，只能临时登记",
            source="A01: HS 二; DH 二(三)1; YN 二(三)",
        )
    if fact.superior:
        _need_known(rules, fact.superior)


def _need_known(rules: Rules, body_id: str) -> None:
    if not of(rules, body_id).known:
        raise _refuse(
            "body.known",
            f"expected a registered body, {body_id} is not in the ledger",
            f"{body_id} 尚未在账本登记",
        )


def _admit_provisional(body: Body, event: Event, fact: BodyProvisionallyRegistered, rules: Rules) -> None:
    _need_role(rules, event, Role.OPERATOR, Role.CREDIT_OFFICE)
    _need_status(body, Status.UNREGISTERED)
    _need_basis(event)
    expected = provisional_id(fact.named_by, fact.name)
    if _own(event) != expected:
        raise _refuse(
            "body.provisional-id",
            f"expected the id {expected}, got {_own(event)}",
            f"标识应为 {expected}，实为 {_own(event)}",
        )


def _admit_renaming(body: Body, event: Event, rules: Rules) -> None:
    _need_role(rules, event, Role.OPERATOR)
    _need_status(body, Status.REGISTERED)
    _need_basis(event)


def _admit_resolution(body: Body, event: Event, fact: ProvisionalBodyResolved, rules: Rules) -> tuple[Consequence, ...]:
    own = _own(event)
    _need_role(rules, event, Role.OPERATOR, Role.CREDIT_OFFICE)
    _need_status(body, Status.PROVISIONAL)
    _need_known(rules, fact.uscc)
    _need_no_circle(rules, own, fact.uscc)
    return (Consequence(f"body/{fact.uscc}", AliasAdded(own, body.name)),)


def _admit_role(body: Body, event: Event, fact: RoleGranted | RoleWithdrawn, rules: Rules) -> None:
    _need_role(rules, event, Role.OPERATOR)
    _need_status(body, Status.REGISTERED)
    if (fact.role in body.roles) is isinstance(fact, RoleGranted):
        raise _refuse(
            "body.role-change",
            f"{event.name}: expected another standing of the role {fact.role} of {body.id}, it is so already",
            f"{body.id} 的 {fact.role} 角色已是该状态，{event.name} 没有改变",
        )


def _admit_succession(body: Body, event: Event, fact: BodySucceeded, rules: Rules) -> tuple[Consequence, ...]:
    own = _own(event)
    _need_role(rules, event, Role.OPERATOR)
    _need_status(body, Status.REGISTERED)
    _need_basis(event)
    _need_known(rules, fact.successor)
    _need_no_circle(rules, own, fact.successor)
    ended = tuple(
        Consequence(event.stream, KeyRevoked(k.kid, Revocation.CEASED)) for k in body.keys if k.until_index is None
    )
    return (*ended, Consequence(f"body/{fact.successor}", PredecessorAdded(own)))


def _admit_key(body: Body, event: Event, fact: KeyAuthorised | KeyRevoked, rules: Rules) -> None:
    if event.cause is not None and isinstance(fact, KeyRevoked):
        return  # a consequence of the body's end
    _need_status(body, Status.REGISTERED)
    if event.iss != _own(event):
        _need_role(rules, event, Role.OPERATOR)
    if isinstance(fact, KeyAuthorised):
        if body.key(thumbprint(fact.key)) is not None:
            raise _refuse(
                "body.key-new",
                "the key was authorised before; a revoked key never comes back",
                "该密钥曾被授权；撤销的密钥不得再用",
            )
        return
    key = body.key(fact.kid)
    if key is None or key.until_index is not None:
        raise _refuse(
            "body.key-valid",
            f"expected a valid key of {body.id}, got {fact.kid}",
            f"应为 {body.id} 的有效密钥，实为 {fact.kid}",
        )
    since = fact.compromised_from
    if since is not None and (fact.reason is not Revocation.COMPROMISED or since > event.iat):
        raise _refuse(
            "body.compromised-from",
            f"compromised_from: expected with the reason compromised only, and no later than iat {event.iat}; "
            f"got {since} with the reason {fact.reason}",
            f"compromised_from：仅用于原因 compromised，且不得晚于 iat {event.iat}；实为 {since}，原因 {fact.reason}",
        )


def _refuse(rule: str, en: str, zh: str, source: str = DESIGN) -> RuleError:
    """The error of a rule of bodies."""
    return RuleError(en, zh, rule=rule, source=source)


def _need_role(rules: Rules, event: Event, *roles: Role) -> None:
    """The signer is the ledger's root, or has one of the roles. What has a cause is signed by the ledger's other key,
    which every service holds: it gives nothing.
    """
    if (event.iss == LEDGER and event.cause is None) or of(rules, event.iss).roles & set(roles):
        return
    names = ", ".join(roles)
    raise _refuse(
        "body.role",
        f"{event.name} needs the role {names}; {event.iss} has it not",
        f"{event.name} 须由具有 {names} 角色的单位签署；{event.iss} 没有该角色",
    )


def _need_status(body: Body, *allowed: Status) -> None:
    if body.status not in allowed:
        wanted = ", ".join(allowed)
        raise _refuse(
            "body.status",
            f"expected a body that is {wanted}, it is {body.status}",
            f"单位状态应为 {wanted}，实为 {body.status}",
        )


def _need_basis(event: Event) -> None:
    if not event.basis:
        raise _refuse(
            "body.basis",
            f"{event.name} needs the document it rests on in basis",
            f"{event.name} 须在 basis 中写明所依据的文件",
        )
