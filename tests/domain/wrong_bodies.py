"""Wrong steps of bodies and of rule packs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

from ledger.domain.body import (
    AliasAdded,
    BodyRegistered,
    BodyRenamed,
    BodySucceeded,
    Countersigned,
    KeyAuthorised,
    KeyRevoked,
    LedgerFounded,
    LogKeyRotated,
    ProvisionalBodyResolved,
    RoleGranted,
    thumbprint,
)
from ledger.domain.body_terms import Kind, Manner, Revocation, Role, Suite
from ledger.domain.event import LEDGER
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.policy import CalendarArranged, PolicyAdopted
from ledger.domain.sweep import CourtListSwept
from tests.domain.records import TODAY
from tests.domain.scenario import (
    CITY,
    CREDIT,
    HEIR,
    OPERATOR,
    PAPER,
    SHORT_NAME,
    STRANGER,
    UNKNOWN,
    Saying,
    Scenario,
    said,
)
from tests.domain.wrong import Wrong

KEY = "A" * 43
NEW = fictional_uscc(77)

# --- bodies -----------------------------------------------------------------------------------------------------


def body(*sayings: Saying, own: str = NEW) -> Scenario:
    """A body's stream with a history."""
    return Scenario(f"body/{own}").having(*sayings)


SCHOOLS = BodyRegistered("示例市教育局", Kind.DEPARTMENT, "990100", CITY)
UNBORN, BORN = body(), body(said(SCHOOLS, OPERATOR))
ARMED = body(said(SCHOOLS, OPERATOR), said(KeyAuthorised(KEY), OPERATOR))
ROTATED = LogKeyRotated("example.org+00000000+AQ==", Revocation.SUPERSEDED, "A" * 86, "A" * 86)
SM2 = Countersigned("0" * 64, Suite.SM2_SM3, "BA" + "A" * 85, "ME" + "A" * 92)
SWEPT = CourtListSwept("2026-01", PAPER, 0, 0, 0, 0)
MERGED = BodySucceeded(HEIR, Manner.MERGER)

BODIES = (
    Wrong("a body registers itself", UNBORN, said(SCHOOLS, NEW), "body.role"),
    Wrong("a group of bodies", UNBORN, said(replace(SCHOOLS, kind=Kind.GROUP), OPERATOR), "body.kind"),
    Wrong("below a body nobody knows", UNBORN, said(replace(SCHOOLS, superior=UNKNOWN), OPERATOR), "body.known"),
    Wrong("a wrong code", body(own=NEW[:-1] + ("1" if NEW[-1] != "1" else "2")), said(SCHOOLS, OPERATOR), "body.uscc"),
    Wrong("registered twice", BORN, said(SCHOOLS, OPERATOR), "body.status"),
    Wrong("renamed without a document", BORN, said(BodyRenamed("示例市教体局"), OPERATOR), "body.basis"),
    Wrong("renamed before it is registered", UNBORN, said(BodyRenamed("示例市教体局"), OPERATOR, PAPER), "body.status"),
    Wrong("merged into nobody known", BORN, said(BodySucceeded(UNKNOWN, Manner.MERGER), OPERATOR, PAPER), "body.known"),
    Wrong("a body ends itself", BORN, said(MERGED, NEW, PAPER), "body.role"),
    Wrong("resolved though it has its own code", BORN, said(ProvisionalBodyResolved(CITY), CREDIT), "body.status"),
    Wrong("an alias by hand", BORN, said(AliasAdded(SHORT_NAME, "某局"), OPERATOR), "body.consequence"),
    Wrong("a body takes a role", BORN, said(RoleGranted(Role.CREDIT_OFFICE), NEW), "body.role"),
    Wrong("another's key", BORN, said(KeyAuthorised(KEY), STRANGER), "body.role"),
    Wrong("a key twice", ARMED, said(KeyAuthorised(KEY), NEW), "body.key-new"),
    Wrong(
        "a key revoked that there is not",
        BORN,
        said(KeyRevoked(thumbprint(KEY), Revocation.COMPROMISED), NEW),
        "body.key-valid",
    ),
    Wrong(
        "a time of compromise of a key that is only replaced",
        ARMED,
        said(KeyRevoked(thumbprint(KEY), Revocation.SUPERSEDED, 1), NEW),
        "body.compromised-from",
    ),
    Wrong(
        "a ledger founded elsewhere",
        UNBORN,
        said(LedgerFounded("example.org/x", KEY, "B" * 43, "v"), OPERATOR),
        "body.founding",
    ),
    Wrong("the log's key changed by a body", BORN, said(ROTATED, OPERATOR), "body.rotation"),
    Wrong("a body countersigns for another", BORN, said(SM2, OPERATOR), "body.countersigner"),
    Wrong("a body countersigns before it is registered", UNBORN, said(SM2, NEW), "body.countersigner"),
    Wrong("a department sweeps the courts' list", BORN, said(SWEPT, NEW), "body.sweeper"),
    Wrong("the ledger is renamed", body(own=LEDGER), said(BodyRenamed("另一账本"), OPERATOR, PAPER), "body.ledger"),
)

# --- rule packs -------------------------------------------------------------------------------------------------

TEXT = (Path(__file__).parents[2] / "ledger" / "policies" / "national.toml").read_text("utf-8")
PACK = PolicyAdopted(hashlib.sha256(TEXT.encode()).hexdigest(), TODAY, TEXT)
NO_PACK = "not TOML"
BROKEN = PolicyAdopted(hashlib.sha256(NO_PACK.encode()).hexdigest(), TODAY, NO_PACK)
NATIONAL, LOCAL = Scenario("policy/national"), Scenario("policy/320900")
ADOPTED = NATIONAL.having(said(PACK, CREDIT, PAPER))
YEAR = CalendarArranged(2027, (date(2027, 1, 1),))

POLICIES = (
    Wrong("a stranger adopts a pack", NATIONAL, said(PACK, STRANGER, PAPER), "policy.role"),
    Wrong("adopted without a document", NATIONAL, said(PACK, CREDIT), "policy.basis"),
    Wrong(
        "another text than the digest says",
        NATIONAL,
        said(replace(PACK, digest="00" * 32), CREDIT, PAPER),
        "policy.digest",
    ),
    Wrong("a text that is no pack", NATIONAL, said(BROKEN, CREDIT, PAPER), "policy.pack"),
    Wrong("the national pack for a city", LOCAL, said(PACK, CREDIT, PAPER), "policy.stream"),
    Wrong("adopted twice", ADOPTED, said(PACK, CREDIT, PAPER), "policy.adopted-once"),
    Wrong("a city arranges the year", LOCAL, said(YEAR, CREDIT, PAPER), "policy.stream"),
    Wrong(
        "a day off on a Sunday",
        NATIONAL,
        said(replace(YEAR, off=(date(2027, 1, 3),)), CREDIT, PAPER),
        "policy.calendar",
    ),
)

WRONG = (*BODIES, *POLICIES)
