"""Bodies: registered, renamed, resolved, succeeded; their keys and roles. Every refusal of body_rules.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.body import (
    EMPTY,
    AliasAdded,
    Body,
    BodyProvisionallyRegistered,
    BodyRegistered,
    BodyRenamed,
    BodySucceeded,
    Countersigned,
    Key,
    KeyAuthorised,
    KeyRevoked,
    LedgerFounded,
    PredecessorAdded,
    ProvisionalBodyResolved,
    RoleGranted,
    RoleWithdrawn,
    acts_for,
    authorise,
    of,
    provisional_id,
    thumbprint,
)
from ledger.domain.body_terms import Kind, Manner, Purpose, Revocation, Role, Status, Suite
from ledger.domain.event import LEDGER, Consequence, Event, Rules
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import SignatureError
from tests.domain.scenario import (
    BUREAU,
    CITY,
    CREDIT,
    FIRM,
    HEIR,
    OPERATOR,
    PAPER,
    PROVINCE,
    SHORT_NAME,
    STRANGER,
    UNKNOWN,
    WORLD,
    Saying,
    Scenario,
    resolved,
    said,
    succeeded,
)

KEY, OTHER = "A" * 43, "B" * 43
NEW = fictional_uscc(77)
REGISTERED = BodyRegistered("示例市教育局", Kind.DEPARTMENT, "990100", CITY)
FOUNDED = LedgerFounded("example.org/jiannuo", KEY, OTHER, "verifier")


def stream_of(body_id: str, *history: Saying) -> Scenario:
    """The stream of a body with a history."""
    return Scenario(stream=f"body/{body_id}").having(*history)


def registered() -> Scenario:
    """A new body, registered by the operator."""
    return stream_of(NEW, said(REGISTERED, OPERATOR))


# --- founding -----------------------------------------------------------------------------------------------


def test_the_ledger_is_founded_by_its_root_key() -> None:
    state = stream_of(LEDGER).when(FOUNDED, LEDGER).then()
    assert (state.id, state.name, state.status) == (LEDGER, "example.org/jiannuo", Status.REGISTERED)
    assert [k.purpose for k in state.keys] == [Purpose.ROOT, Purpose.CONSEQUENCE]
    assert state.log_key == "verifier"


@pytest.mark.parametrize(("stream", "by"), [(LEDGER, OPERATOR), (NEW, LEDGER)])
def test_nobody_else_and_nowhere_else_can_a_ledger_be_founded(stream: str, by: str) -> None:
    stream_of(stream).when(FOUNDED, by).refused("body.founding")


def test_a_ledger_is_founded_once() -> None:
    stream_of(LEDGER, said(FOUNDED, LEDGER)).when(FOUNDED, LEDGER).refused("body.founding")


def test_root_key_and_ledger_key_differ() -> None:
    stream_of(LEDGER).when(replace(FOUNDED, ledger_key=KEY), LEDGER).refused("body.founding")


@pytest.mark.parametrize(
    "fact",
    [
        KeyAuthorised(KEY),
        KeyRevoked(thumbprint(KEY), Revocation.COMPROMISED),
        BodyRenamed("另一账本"),
        BodySucceeded(HEIR, Manner.MERGER),
        RoleGranted(Role.APPRAISER),
        REGISTERED,
    ],
)
@pytest.mark.parametrize("by", [OPERATOR, LEDGER])
def test_nobody_changes_the_ledgers_own_keys_name_and_roles(fact: Any, by: str) -> None:
    """An operator that could authorise a key for ``ledger`` would have the powers of the root."""
    stream_of(LEDGER, said(FOUNDED, LEDGER)).when(fact, by, PAPER).refused("body.ledger")


# --- registration -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [OPERATOR, LEDGER])
def test_an_operator_or_the_root_registers_a_body(by: str) -> None:
    """A01 A03 各级党委、政府及其行政管理部门、事业单位…为单位责任主体 (HS 二)."""
    state = stream_of(NEW).when(REGISTERED, by).then()
    assert (state.id, state.name, state.kind, state.region) == (NEW, "示例市教育局", Kind.DEPARTMENT, "990100")
    assert state.superior == CITY
    assert state.known


def test_a_village_committee_may_act_for_the_government() -> None:
    """A06 村委会等基层自治组织承担政府相关事务时，也应按照政务诚信有关要求 (DH 三(六))."""
    fact = BodyRegistered("示例村村民委员会", Kind.VILLAGERS_COMMITTEE, acting_for_government=True)
    assert stream_of(NEW).when(fact, OPERATOR).then().acting_for_government


@pytest.mark.parametrize("by", [CREDIT, BUREAU, NEW, UNKNOWN])
def test_a_body_without_the_role_registers_nobody(by: str) -> None:
    stream_of(NEW).when(REGISTERED, by).refused("body.role")


def test_a_body_is_registered_once() -> None:
    registered().when(REGISTERED, OPERATOR).refused("body.status")


def test_a_wrong_uscc_is_refused_by_the_standard() -> None:
    """A03 以统一社会信用代码…为基础 (YN 二(三))."""
    wrong = NEW[:-1] + ("1" if NEW[-1] != "1" else "2")
    error = stream_of(wrong).when(REGISTERED, OPERATOR).refused("body.uscc")
    assert error.source == "GB 32100-2015"
    assert "check character" in error.en


def test_a_group_of_bodies_has_no_uscc() -> None:
    """A01 市直有关部门 is no body."""
    stream_of(NEW).when(BodyRegistered("市直有关部门", Kind.GROUP), OPERATOR).refused("body.kind")


def test_the_superior_must_be_registered_before() -> None:
    stream_of(NEW).when(replace(REGISTERED, superior=UNKNOWN), OPERATOR).refused("body.known")
    stream_of(NEW).when(replace(REGISTERED, superior=NEW), OPERATOR).refused("body.known")


# --- provisional bodies -------------------------------------------------------------------------------------

SHORT = BodyProvisionallyRegistered("市直有关部门", Kind.GROUP, "示例市人民政府")
SHORT_ID = provisional_id("示例市人民政府", "市直有关部门")


@pytest.mark.parametrize("by", [OPERATOR, CREDIT])
def test_a_body_known_only_by_its_short_name_is_registered_provisionally(by: str) -> None:
    state = stream_of(SHORT_ID).when(SHORT, by, PAPER).then()
    assert (state.status, state.named_by) == (Status.PROVISIONAL, "示例市人民政府")


def test_a_provisional_registration_shows_the_document() -> None:
    stream_of(SHORT_ID).when(SHORT, CREDIT).refused("body.basis")


def test_a_provisional_id_follows_from_the_names() -> None:
    stream_of("p-0000000000000000").when(SHORT, CREDIT, PAPER).refused("body.provisional-id")


def test_a_provisional_body_is_registered_once_and_by_those_who_may() -> None:
    stream_of(SHORT_ID, said(SHORT, CREDIT, PAPER)).when(SHORT, CREDIT, PAPER).refused("body.status")
    stream_of(SHORT_ID).when(SHORT, BUREAU, PAPER).refused("body.role")


def test_a_provisional_body_is_resolved_to_a_registered_one_which_learns_of_it() -> None:
    case = stream_of(SHORT_ID, said(SHORT, CREDIT, PAPER))
    told = Consequence(f"body/{BUREAU}", AliasAdded(SHORT_ID, "市直有关部门"))
    state = case.when(ProvisionalBodyResolved(BUREAU), CREDIT).then(told)
    assert (state.status, state.resolved_to) == (Status.RESOLVED, BUREAU)
    other = stream_of(BUREAU).when(told.fact, LEDGER, cause="cause").then()
    assert other.aliases == (SHORT_ID,)


def test_a_provisional_body_is_not_resolved_to_an_unknown_one_nor_twice() -> None:
    case = stream_of(SHORT_ID, said(SHORT, CREDIT, PAPER))
    case.when(ProvisionalBodyResolved(UNKNOWN), CREDIT).refused("body.known")
    case.when(ProvisionalBodyResolved(BUREAU), BUREAU).refused("body.role")
    again = case.having(said(ProvisionalBodyResolved(BUREAU), CREDIT))
    again.when(ProvisionalBodyResolved(CITY), CREDIT).refused("body.status")


def test_a_resolution_makes_no_circle() -> None:
    world = {**WORLD, BUREAU: replace(WORLD[BUREAU], status=Status.SUCCEEDED, successor=SHORT_ID)}
    case = stream_of(SHORT_ID, said(SHORT, CREDIT, PAPER)).amid(world)
    case.when(ProvisionalBodyResolved(BUREAU), CREDIT).refused("body.succession-circle")


# --- names and successions ----------------------------------------------------------------------------------


def test_a_body_is_renamed_and_keeps_its_former_names() -> None:
    case = registered().having(said(BodyRenamed("示例市教育和体育局"), OPERATOR, PAPER))
    state = case.when(BodyRenamed("示例市教体局"), OPERATOR, PAPER).then()
    assert (state.name, state.former_names) == ("示例市教体局", ("示例市教育局", "示例市教育和体育局"))


def test_a_new_name_needs_operator_registration_and_document() -> None:
    fact = BodyRenamed("示例市教体局")
    registered().when(fact, NEW, PAPER).refused("body.role")
    registered().when(fact, OPERATOR).refused("body.basis")
    stream_of(NEW).when(fact, OPERATOR, PAPER).refused("body.status")


MERGED = BodySucceeded(HEIR, Manner.MERGER)


def test_a_succession_ends_the_keys_and_tells_the_successor() -> None:
    """A12 不得以政府换届、相关责任人更替等理由毁约: the duties go on, with the successor."""
    case = registered().having(said(KeyAuthorised(KEY), OPERATOR))
    state = case.when(MERGED, OPERATOR, PAPER).then(
        Consequence(f"body/{NEW}", KeyRevoked(thumbprint(KEY), Revocation.CEASED)),
        Consequence(f"body/{HEIR}", PredecessorAdded(NEW)),
    )
    assert (state.status, state.successor, state.manner) == (Status.SUCCEEDED, HEIR, Manner.MERGER)
    ended = case.having(said(MERGED, OPERATOR, PAPER))
    after = ended.when(KeyRevoked(thumbprint(KEY), Revocation.CEASED), LEDGER, cause="cause").then()
    assert after.keys[0].until_index == 3
    assert stream_of(HEIR).when(PredecessorAdded(NEW), LEDGER, cause="cause").then().predecessors == (NEW,)


def test_a_revoked_key_is_not_revoked_again_by_a_succession() -> None:
    case = registered().having(
        said(KeyAuthorised(KEY), OPERATOR), said(KeyRevoked(thumbprint(KEY), Revocation.SUPERSEDED), NEW)
    )
    case.when(MERGED, OPERATOR, PAPER).then(Consequence(f"body/{HEIR}", PredecessorAdded(NEW)))


def test_a_succession_needs_operator_registration_document_and_a_known_successor() -> None:
    registered().when(MERGED, NEW, PAPER).refused("body.role")
    registered().when(MERGED, OPERATOR).refused("body.basis")
    registered().when(BodySucceeded(UNKNOWN, Manner.MERGER), OPERATOR, PAPER).refused("body.known")
    stream_of(SHORT_ID, said(SHORT, CREDIT, PAPER)).when(MERGED, OPERATOR, PAPER).refused("body.status")


def test_a_succession_makes_no_circle() -> None:
    itself = BodySucceeded(NEW, Manner.SUCCESSION)
    world = {**WORLD, NEW: replace(WORLD[CITY], id=NEW)}
    registered().amid(world).when(itself, OPERATOR, PAPER).refused("body.succession-circle")
    back = {**world, HEIR: replace(WORLD[HEIR], status=Status.SUCCEEDED, successor=NEW)}
    error = registered().amid(back).when(MERGED, OPERATOR, PAPER).refused("body.succession-circle")
    assert error.source.startswith("A12: YC 二(四)16")


@pytest.mark.parametrize("fact", [AliasAdded(SHORT_NAME, "某局"), PredecessorAdded(CITY)])
@pytest.mark.parametrize("by", [OPERATOR, NEW])
def test_only_the_ledger_states_consequences(fact: Any, by: str) -> None:
    registered().when(fact, by).refused("body.consequence")


def test_who_acts_for_a_body_is_itself_or_who_came_after_it() -> None:
    world = succeeded(CITY, HEIR, resolved(SHORT_NAME, CITY))
    rules = Rules(world)
    assert acts_for(rules, SHORT_NAME, SHORT_NAME)
    assert acts_for(rules, CITY, SHORT_NAME)
    assert acts_for(rules, HEIR, SHORT_NAME)
    assert not acts_for(rules, CITY, HEIR)
    assert not acts_for(rules, STRANGER, CITY)
    assert of(rules, UNKNOWN) == EMPTY


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdef")), st.sampled_from("abcdef"))
def test_following_successors_always_ends(links: dict[str, str], start: str) -> None:
    """Even where a log from elsewhere holds a circle, which admission refuses."""
    rules = Rules({old: Body(old, Status.SUCCEEDED, successor=new) for old, new in links.items()})
    assert acts_for(rules, start, start)
    assert not acts_for(rules, "nobody", start)


# --- keys ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [OPERATOR, LEDGER, NEW])
def test_operator_root_and_the_body_itself_authorise_and_revoke_its_keys(by: str) -> None:
    case = registered().having(said(KeyAuthorised(KEY, "办公室签章系统"), by))
    assert case.state.key(thumbprint(KEY)) == Key(thumbprint(KEY), KEY, Purpose.BODY, 1)
    state = case.when(KeyRevoked(thumbprint(KEY), Revocation.COMPROMISED), by).then()
    assert state.keys == (Key(thumbprint(KEY), KEY, Purpose.BODY, 1, 2, Revocation.COMPROMISED),)


def test_a_revocation_may_say_since_when_the_key_was_in_other_hands() -> None:
    """F15 密钥泄露的撤销可载明可能失控的起始时间；此前此后的签名效力只看位置。"""
    case = registered().having(said(KeyAuthorised(KEY), OPERATOR))
    state = case.when(KeyRevoked(thumbprint(KEY), Revocation.COMPROMISED, 0), OPERATOR).then()
    assert state.keys[-1].compromised_from == 0
    assert state.keys[-1].valid_at(2) is False
    for fact in (
        KeyRevoked(thumbprint(KEY), Revocation.SUPERSEDED, 0),
        KeyRevoked(thumbprint(KEY), Revocation.COMPROMISED, 2**40),
    ):
        case.when(fact, OPERATOR).refused("body.compromised-from")


@pytest.mark.parametrize("by", [CREDIT, CITY, PROVINCE, FIRM])
def test_nobody_else_changes_a_bodys_keys(by: str) -> None:
    registered().when(KeyAuthorised(KEY), by).refused("body.role")


def test_a_body_that_is_not_registered_has_no_keys() -> None:
    stream_of(NEW).when(KeyAuthorised(KEY), OPERATOR).refused("body.status")
    stream_of(SHORT_ID, said(SHORT, CREDIT, PAPER)).when(KeyAuthorised(KEY), OPERATOR).refused("body.status")


def test_a_key_comes_once_and_a_revoked_one_never_comes_back() -> None:
    case = registered().having(said(KeyAuthorised(KEY), OPERATOR))
    case.when(KeyAuthorised(KEY), OPERATOR).refused("body.key-new")
    revoked = case.having(said(KeyRevoked(thumbprint(KEY), Revocation.SUPERSEDED), OPERATOR))
    revoked.when(KeyAuthorised(KEY), OPERATOR).refused("body.key-new")


def test_only_a_valid_key_can_be_revoked() -> None:
    fact = KeyRevoked(thumbprint(KEY), Revocation.SUPERSEDED)
    registered().when(fact, OPERATOR).refused("body.key-valid")
    case = registered().having(said(KeyAuthorised(KEY), OPERATOR), said(fact, OPERATOR))
    case.when(fact, OPERATOR).refused("body.key-valid")


def test_a_key_counts_from_the_event_after_its_authorisation_to_the_one_before_its_revocation() -> None:
    key = Key("kid", KEY, Purpose.BODY, 5, 9, Revocation.SUPERSEDED)
    assert [i for i in range(12) if key.valid_at(i)] == [6, 7, 8]
    assert [i for i in range(3) if Key("kid", KEY, Purpose.ROOT, 0).valid_at(i)] == [0, 1, 2]


def event_by(iss: str, cause: str | None = None) -> Event:
    """An event of a signer."""
    return Event(iss, 0, "jti", f"body/{NEW}", 1, None, REGISTERED, cause=cause)


def test_a_signature_needs_a_key_of_the_signer_that_is_valid_here() -> None:
    signer = Body(NEW, Status.REGISTERED, keys=(Key("kid", KEY, Purpose.BODY, 5, 9, Revocation.COMPROMISED),))
    assert authorise(signer, event_by(NEW), "kid", 6) is signer.keys[0]
    with pytest.raises(SignatureError, match="got the unknown key other"):
        authorise(signer, event_by(NEW), "other", 6)
    with pytest.raises(SignatureError, match="revoked at index 9"):
        authorise(signer, event_by(NEW), "kid", 9)


def test_only_the_ledgers_key_of_consequences_signs_what_has_a_cause() -> None:
    ledger = stream_of(LEDGER, said(FOUNDED, LEDGER)).state
    root, own = ledger.keys
    assert authorise(ledger, event_by(LEDGER), root.kid, 3) is root
    assert authorise(ledger, event_by(LEDGER, "cause"), own.kid, 3) is own
    for cause, kid in (("cause", root.kid), (None, own.kid)):
        with pytest.raises(SignatureError, match="expected a cause"):
            authorise(ledger, event_by(LEDGER, cause), kid, 3)


# --- roles --------------------------------------------------------------------------------------------------


def test_a_role_is_granted_and_withdrawn() -> None:
    case = registered().having(said(RoleGranted(Role.CREDIT_OFFICE), OPERATOR))
    assert case.state.roles == {Role.CREDIT_OFFICE}
    assert case.when(RoleWithdrawn(Role.CREDIT_OFFICE), LEDGER).then().roles == frozenset()


def test_a_role_needs_an_operator_a_registered_body_and_a_change() -> None:
    registered().when(RoleGranted(Role.OPERATOR), NEW).refused("body.role")
    stream_of(NEW).when(RoleGranted(Role.OPERATOR), OPERATOR).refused("body.status")
    registered().when(RoleWithdrawn(Role.OPERATOR), OPERATOR).refused("body.role-change")
    case = registered().having(said(RoleGranted(Role.OPERATOR), OPERATOR))
    case.when(RoleGranted(Role.OPERATOR), OPERATOR).refused("body.role-change")


def test_the_day_of_registration_is_kept() -> None:
    assert registered().state.since == datetime(2026, 3, 2, 4, tzinfo=UTC)


def test_the_thumbprint_is_that_of_rfc_8037() -> None:
    """RFC 8037 appendix A.3 gives this key and its RFC 7638 thumbprint."""
    public = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert thumbprint(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_body_countersigns_for_itself_and_nobody_for_another() -> None:
    """GB/T 39786 国密副签: beside Ed25519, never instead; a countersignature changes nothing of the body."""
    fact = Countersigned("0" * 64, Suite.SM2_SM3, "BA" + "A" * 85, "ME" + "A" * 92)
    case = registered()
    assert case.when(fact, NEW).then() == case.state
    case.when(fact, OPERATOR).refused("body.countersigner")
    case.when(fact, LEDGER).refused("body.countersigner")
    stream_of(NEW).when(fact, NEW).refused("body.countersigner")
