"""Sealed fields: who may look them up, what for, and on what grounds they are erased; whatever the kind of case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.body_terms import Role
from ledger.domain.complaint import rules as complaint_rules
from ledger.domain.event import Document, Rules
from ledger.domain.pack import parse_pack
from ledger.domain.person import FileItemRecorded, PersonCorrected, PersonRegistered
from ledger.domain.person_rules import offers
from ledger.domain.policy import Adoption, Policy
from ledger.domain.record.terms import FileItem, PersonKind
from ledger.domain.roles import CaseRole
from ledger.domain.seal_terms import Ground, Purpose
from ledger.domain.seals import SealErased, SealOpened
from tests.domain.complaints import RECEIVED, SEAL, complained
from tests.domain.records import COURT, HOTLINE, PERSON, RECORD_WORLD, SUBJECT, SUPERIOR, TODAY, policy
from tests.domain.scenario import CREDIT, PAPER, STRANGER, Saying, Scenario, said

NAME, POST, NEW = (letter * 42 + "A" for letter in "abc")
LETTER = (Document("关于查询拟录用人员信用记录的函", "ef" * 32, "示组函〔2026〕3号"),)
LOOKED = SealOpened(("id_number", "name"), CaseRole.CREDIT_OFFICE, Purpose.RECRUITMENT, "示组函〔2026〕3号")
ERASED = SealErased(Ground.UNLAWFUL)
REGISTERED = said(PersonRegistered(PersonKind.CIVIL_SERVANT, SUBJECT, (NAME, POST)), SUBJECT, on=TODAY)


def on_file(*more: Saying, packs: tuple[str, ...] = ()) -> Scenario:
    """A person's file with two sealed fields, and what came then."""
    layers = tuple(policy(name) for name in (*packs, "national"))
    return Scenario(PERSON, RECORD_WORLD, (), layers).having(REGISTERED, *more)


def erased(*digests: str) -> Saying:
    return said(replace(ERASED, digests=digests), CREDIT, PAPER, TODAY)


def offered(scenario: Scenario, by: Any = offers) -> set[str]:
    rules = Rules(RECORD_WORLD, {}, scenario.policies)
    return {o.event for o in by(scenario.state, rules, TODAY)}


# --- looking up ---------------------------------------------------------------------------------------------


def test_a_look_up_says_who_in_which_role_what_for_and_under_which_number() -> None:
    """G01 G02 G03 G04 公务员录用、调任人选社会信用记录查询。"""
    state = on_file().when(LOOKED, CREDIT, LETTER, on=TODAY).then()
    (lookup,) = state.seals.lookups
    assert (lookup.by, lookup.day, lookup.fact) == (CREDIT, TODAY, LOOKED)
    assert state.seals.left == {NAME, POST}


@pytest.mark.parametrize("purpose", [Purpose.RECRUITMENT, Purpose.TRANSFER])
def test_a_look_up_for_recruitment_or_transfer_needs_the_letter(purpose: Purpose) -> None:
    """G01 公函查询。"""
    fact = replace(LOOKED, purpose=purpose)
    on_file().when(fact, CREDIT, on=TODAY).refused("seal.letter")
    on_file().when(fact, CREDIT, LETTER, on=TODAY).then()
    on_file().when(replace(LOOKED, purpose=Purpose.OWN_REQUEST), CREDIT, on=TODAY).then()


def test_only_who_has_a_role_that_may_look_looks_and_says_which() -> None:
    """F15 G04 加强信用信息归集、共享和使用全过程的安全保障。"""
    on_file().when(LOOKED, STRANGER, LETTER, on=TODAY).refused("person.role")
    on_file().when(LOOKED, SUPERIOR, LETTER, on=TODAY).refused("person.role")
    on_file().when(LOOKED, HOTLINE, LETTER, on=TODAY).refused("person.role")
    on_file().when(LOOKED, COURT, LETTER, on=TODAY).refused("seal.role")
    at_court = replace(LOOKED, role=CaseRole.COURT, purpose=Purpose.COURT)
    on_file().when(at_court, COURT, on=TODAY).then()
    on_file().when(replace(LOOKED, role=CaseRole.SUBJECT), SUBJECT, LETTER, on=TODAY).then()


def test_a_role_that_may_do_other_things_in_the_case_may_not_look() -> None:
    """F15 查询角色须为可以查询的角色。"""
    both = replace(RECORD_WORLD[CREDIT], roles=RECORD_WORLD[CREDIT].roles | {Role.SOURCE_BODY})
    scenario = on_file().amid({**RECORD_WORLD, CREDIT: both})
    scenario.when(replace(LOOKED, role=CaseRole.SOURCE_BODY), CREDIT, LETTER, on=TODAY).refused("seal.role")


def test_what_a_look_up_is_for_must_be_a_purpose_of_this_kind_of_case() -> None:
    """G03 H06 查询目的法定。"""
    on_file().when(replace(LOOKED, purpose=Purpose.COMPLAINT), CREDIT, LETTER, on=TODAY).refused("seal.purpose")
    complaint = complained(RECEIVED)
    called = replace(LOOKED, fields=("contact",), role=CaseRole.HOTLINE, purpose=Purpose.COMPLAINT)
    complaint.when(called, HOTLINE, on=TODAY).then()
    complaint.when(replace(called, purpose=Purpose.AWARDS), HOTLINE, on=TODAY).refused("seal.purpose")


def test_the_accused_never_learns_who_complained() -> None:
    """H06 F02 被投诉单位不得查询投诉人。"""
    office = replace(RECORD_WORLD[SUBJECT], roles=frozenset({Role.CREDIT_OFFICE}))
    scenario = complained(RECEIVED).amid({**RECORD_WORLD, SUBJECT: office})
    for role in (CaseRole.CREDIT_OFFICE, CaseRole.SUBJECT):
        look = SealOpened(("complainant",), role, Purpose.COMPLAINT, "2026-1")
        scenario.when(look, SUBJECT, on=TODAY).refused("complaint.own-case")
    scenario.when(ERASED, SUBJECT, PAPER, on=TODAY).refused("complaint.own-case")
    complained(RECEIVED).when(look, SUBJECT, on=TODAY).refused("complaint.role")
    complained(RECEIVED).when(look, SUPERIOR, on=TODAY).refused("complaint.role")


def test_a_look_up_names_fields_and_only_digests_of_this_case() -> None:
    """G04 查询日志写明字段。"""
    on_file().when(replace(LOOKED, fields=()), CREDIT, LETTER, on=TODAY).refused("seal.fields")
    on_file().when(replace(LOOKED, digests=(NEW,)), CREDIT, LETTER, on=TODAY).refused("seal.unknown")
    on_file().when(replace(LOOKED, digests=(NAME,)), CREDIT, LETTER, on=TODAY).then()


def test_a_case_that_seals_nothing_has_nothing_to_look_up_or_erase() -> None:
    """A09 没有封存内容的，无从查询或抹除。"""
    bare = said(replace(REGISTERED.fact, sealed=()), SUBJECT, on=TODAY)
    scenario = Scenario(PERSON, RECORD_WORLD, (), (policy("national"),)).having(bare)
    scenario.when(LOOKED, CREDIT, LETTER, on=TODAY).refused("seal.none")
    scenario.when(ERASED, CREDIT, PAPER, on=TODAY).refused("seal.none")
    assert offered(scenario).isdisjoint({"SealOpened", "SealErased"})


# --- erasing ------------------------------------------------------------------------------------------------


def test_what_is_erased_is_never_opened_again() -> None:
    """C17 E05 F02 抹除后不得再查询。"""
    scenario = on_file(erased(NAME))
    assert scenario.state.seals.left == {POST}
    scenario.when(replace(LOOKED, digests=(NAME,)), CREDIT, LETTER, on=TODAY).refused("seal.erased")
    scenario.when(replace(LOOKED, digests=(NAME, POST)), CREDIT, LETTER, on=TODAY).refused("seal.erased")
    scenario.when(replace(LOOKED, digests=(POST,)), CREDIT, LETTER, on=TODAY).then()
    gone = scenario.having(erased())
    gone.when(LOOKED, CREDIT, LETTER, on=TODAY).refused("seal.erased")
    assert offered(gone).isdisjoint({"SealOpened", "SealErased"})


def test_a_second_erasure_is_refused_and_changes_nothing() -> None:
    """E05 重复抹除无害。"""
    scenario = on_file(erased())
    scenario.when(ERASED, CREDIT, PAPER, on=TODAY).refused("seal.erased")
    on_file(erased(NAME)).when(replace(ERASED, digests=(NAME,)), CREDIT, PAPER, on=TODAY).refused("seal.erased")
    on_file(erased(NAME)).when(ERASED, CREDIT, PAPER, on=TODAY).then()


def test_an_erasure_needs_a_ground_of_the_pack_and_a_document() -> None:
    """C17 依法依规；E17 权益保护。"""
    on_file().when(ERASED, CREDIT, on=TODAY).refused("seal.basis")
    on_file().when(replace(ERASED, digests=(NEW,)), CREDIT, PAPER, on=TODAY).refused("seal.unknown")
    on_file().when(ERASED, STRANGER, PAPER, on=TODAY).refused("person.role")
    on_file().when(ERASED, COURT, PAPER, on=TODAY).refused("person.role")


def test_a_place_may_settle_fewer_grounds() -> None:
    """C17 抹除理由由规则包规定，可由各地确定。"""
    text = '[pack]\nid = "own"\nregion = "990100"\nzh = "例"\nen = "Own"\nversion = "1"\n[[value]]\n'
    text += (
        'key = "erasure.grounds"\nvalue = ["court_order"]\nsource = "示例"\nfrom = 2020-01-01\nconfidence = "high"\n'
    )
    own = Policy((Adoption(parse_pack(text), "0" * 64, TODAY, CREDIT, TODAY),))
    scenario = Scenario(PERSON, RECORD_WORLD, (), (own, policy("national"))).having(REGISTERED)
    scenario.when(ERASED, CREDIT, PAPER, on=TODAY).refused("seal.ground")
    scenario.when(SealErased(Ground.COURT_ORDER), CREDIT, PAPER, on=TODAY).then()


def test_a_file_goes_on_after_its_fields_were_erased_and_no_digest_comes_back() -> None:
    """E05 抹除后档案可继续，已用摘要不得再用。"""
    scenario = on_file(erased())
    item = FileItemRecorded(FileItem.INTEGRITY, TODAY, (NEW,))
    assert scenario.when(item, SUBJECT, PAPER, on=TODAY).then().seals.left == {NEW}
    scenario.when(replace(item, sealed=(NAME,)), SUBJECT, PAPER, on=TODAY).refused("person.digest-new")


def test_a_corrected_field_can_be_erased_though_it_no_longer_stands() -> None:
    """E05 更正前的内容同样可以抹除。"""
    corrected = said(PersonCorrected((NEW,), (NAME,)), SUBJECT, PAPER, TODAY)
    scenario = on_file(corrected)
    assert scenario.state.seals.current == {POST, NEW}
    assert scenario.state.seals.asked(LOOKED) == {POST, NEW}
    assert scenario.state.seals.asked(replace(LOOKED, digests=(NAME,))) == {NAME}
    assert scenario.when(replace(ERASED, digests=(NAME,)), CREDIT, PAPER, on=TODAY).then().seals.left == {POST, NEW}
    scenario.when(PersonCorrected((NAME,), (NEW,)), SUBJECT, PAPER, on=TODAY).refused("person.digest-new")


def test_who_complained_can_be_erased_by_who_took_it_in() -> None:
    """H02 E17 投诉人信息可以抹除。"""
    scenario = complained(RECEIVED)
    assert scenario.state.seals.left == set(SEAL)
    assert scenario.when(ERASED, HOTLINE, PAPER, on=TODAY).then().seals.left == set()
    assert {"SealOpened", "SealErased"} <= offered(scenario, complaint_rules.offers)
