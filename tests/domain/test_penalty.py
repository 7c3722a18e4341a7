"""Penalties: which may be imposed on whom, for how long, with which papers; and when none is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.domain.event import Consequence, Document
from ledger.domain.record.course_facts import RecordWithdrawn
from ledger.domain.record.remedy_facts import DemeritPointsRecorded, PenaltySuspended, PunishmentWaived
from ledger.domain.record.remedy_terms import Hold, Mitigation
from ledger.domain.record.terms import Severity, WithdrawalGround
from tests.domain.penalties import (
    ACCEPTED,
    FIRMS,
    GRAVE,
    IMPOSED,
    LINKED,
    MINOR,
    OBJECTED,
    ON,
    begun_here,
    imposed,
    measure,
    punishable,
)
from tests.domain.records import (
    DECISION,
    GRADED,
    LEAD,
    LETTER,
    PERSON,
    RECOGNISED,
    RECOGNISER,
    RECORD,
    SUBJECT,
    SUPERIOR,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.scenario import CREDIT, Saying, said

WITHDRAWN = said(RecordWithdrawn(WithdrawalGround.UNTRUE, "事实不成立"), RECOGNISER, LETTER, on=date(2026, 5, 25))


def test_a_unit_loses_its_honours() -> None:
    """D04 依规取消相关政府部门参加各类荣誉评选资格。"""
    state = punishable().when(imposed(), RECOGNISER, DECISION, on=ON).then()
    assert [p.id for p in state.in_force(ON)] == ["p1"]


def test_criticism_is_public_where_the_list_has_it() -> None:
    """D05 予以公开通报批评（盐城征求意见稿无此措施）。"""
    criticism = imposed("criticism")
    punishable().when(criticism, RECOGNISER, DECISION, on=ON).then()
    left_out = {"measure.criticism": None}
    punishable(rules=left_out).when(criticism, RECOGNISER, DECISION, on=ON).refused("record.measure")


def test_the_main_person_is_held_to_account() -> None:
    """D06 A04 对主要负责人依法依规追究责任、惩戒到人。"""
    state = punishable(LINKED).when(imposed("accountability", person=PERSON), RECOGNISER, DECISION, on=ON).then()
    assert state.penalties[0].imposed.fact.person == PERSON


def test_a_person_who_does_not_answer_for_the_record_is_not_punished() -> None:
    """D06 A04 惩戒对象须为本记录的责任人员。"""
    error = punishable().when(imposed("accountability", person=PERSON), RECOGNISER, DECISION, on=ON)
    assert PERSON in error.refused("record.person-linked").zh


def test_a_person_whose_post_began_later_is_not_punished() -> None:
    """D06 A04 责任人员按角色和任职期间关联：惩戒不早于任职。"""
    later = replace(LINKED, fact=replace(LINKED.fact, start=date(2026, 5, 24), until=None))
    early = imposed("accountability", person=PERSON, start=date(2026, 5, 23))
    punishable(later).when(early, RECOGNISER, DECISION, on=ON).refused("record.person-linked")
    punishable(LINKED).when(early, RECOGNISER, DECISION, on=ON).then()


@pytest.mark.parametrize("code", ["award_exclusion", "appointment"])
def test_persons_are_limited_in_appraisal_and_appointment(code: str) -> None:
    """D08 D09 对存在政务失信记录的公务员采取限制评优评先，任用、升迁、职称评聘限制等措施。"""
    punishable(LINKED).when(imposed(code, person=PERSON), RECOGNISER, DECISION, on=ON).then()


@pytest.mark.parametrize(("code", "person"), [("appointment", None), ("criticism", PERSON)])
def test_a_measure_hits_only_whom_the_list_names(code: str, person: str | None) -> None:
    """D09 D12 惩戒措施只适用于清单所列对象。"""
    trial = punishable(LINKED).when(imposed(code, person=person), RECOGNISER, DECISION, on=ON)
    assert "示例市清单" in trial.refused("record.measure-target").source


def test_strict_measures_are_for_serious_subjects() -> None:
    """D10 对严重失信主体实施取消资格、从严考核等限制和惩戒措施。"""
    strict = imposed("strict")
    punishable().when(strict, RECOGNISER, DECISION, on=ON).refused("record.measure-severity")
    punishable(GRAVE).when(strict, RECOGNISER, DECISION, on=ON).then()


def test_a_penalty_has_a_period() -> None:
    """D11 确定失信行为惩戒期限。"""
    endless = imposed("criticism", until=None)
    punishable().when(endless, RECOGNISER, DECISION, on=ON).refused("record.penalty-period")
    free = punishable(rules={"penalty.period_required": "false"})
    free.when(endless, RECOGNISER, DECISION, on=ON).then()
    limited = imposed("award_exclusion", until=None)
    free.when(limited, RECOGNISER, DECISION, on=ON).refused("record.penalty-period")


@pytest.mark.parametrize("until", [date(2026, 5, 24), date(2027, 5, 26)])
def test_a_period_is_neither_reversed_nor_longer_than_the_list_allows(until: date) -> None:
    """D11 惩戒期限不得超过清单规定。"""
    punishable().when(imposed(until=until), RECOGNISER, DECISION, on=ON).refused("record.penalty-period")


@pytest.mark.parametrize("until", [date(2026, 5, 25), date(2027, 5, 25)])
def test_the_shortest_and_the_longest_period_are_allowed(until: date) -> None:
    """D11 惩戒期限自起始日至截止日，含首尾两日。"""
    state = punishable().when(imposed(until=until), RECOGNISER, DECISION, on=ON).then()
    assert state.in_force(until)
    assert not state.in_force(date.fromordinal(until.toordinal() + 1))


def test_a_penalty_begins_no_earlier_than_recognition_and_decision() -> None:
    """D11 D12 惩戒不溯及认定、决定之前。"""
    for start in (date(2026, 5, 21), date(2026, 5, 22)):
        trial = punishable().when(imposed(start=start), RECOGNISER, DECISION, on=ON)
        if start == RECOGNISED.on:
            trial.then()
        else:
            trial.refused("record.penalty-start")
    decided = (Document("惩戒决定", "cd" * 32, "2号", "示例市监督局", ON),)
    punishable().when(imposed(start=date(2026, 5, 24)), RECOGNISER, decided, on=ON).refused("record.penalty-start")
    punishable().when(imposed(start=ON), RECOGNISER, decided, on=ON).then()


def test_an_unlisted_measure_is_not_imposed() -> None:
    """D12 失信惩戒清单化管理：清单之外不得惩戒。"""
    error = punishable().when(imposed("public_shaming"), RECOGNISER, DECISION, on=ON).refused("record.measure")
    assert "public_shaming" in error.en


def test_where_the_list_has_nothing_for_it_nothing_is_imposed() -> None:
    """D12 清单中没有适用于该程度和对象的措施的，不得惩戒。"""
    light = {"measure.accountability": measure("accountability", "person", "minor")}
    national = {
        k: None for p in punishable().policies for a in p.adoptions for k in a.pack.values if k[:8] == "measure."
    }
    case = punishable(MINOR, rules={**national, **light})
    case.when(imposed("accountability"), RECOGNISER, DECISION, on=ON).refused("record.measure-none")
    case.having(LINKED).when(imposed("accountability", person=PERSON), RECOGNISER, DECISION, on=ON).then()


@pytest.mark.parametrize(("city", "has"), [("huangshi", True), ("taian", True), ("yancheng", False)])
def test_cities_differ_about_criticism(city: str, has: bool) -> None:
    """D05 予以公开通报批评（HS）、予以通报批评（TA-A）；盐城征求意见稿无此措施。"""
    case = begun(LEAD, VERIFIED, RECOGNISED, GRADED, packs=(city,))
    trial = case.when(imposed("criticism_notice"), RECOGNISER, DECISION, on=ON)
    trial.then() if has else trial.refused("record.measure")


@pytest.mark.parametrize(("city", "for_units"), [("huangshi", False), ("dehua", False), ("yancheng", True)])
def test_cities_differ_about_whom_mitigation_is_for(city: str, for_units: bool) -> None:
    """E15 从轻或免于惩戒：黄石、德化适用于人员，盐城适用于部门和人员。"""
    case = begun(LEAD, VERIFIED, RECOGNISED, GRADED, packs=(city,))
    trial = case.when(waiver().fact, RECOGNISER, LETTER, on=ON)
    trial.then() if for_units else trial.refused("record.mitigation")


def test_a_penalty_rests_on_a_decision() -> None:
    """D12 依法依规惩戒：须有决定，写明机关、文号、日期。"""
    punishable().when(imposed(), RECOGNISER, on=ON).refused("record.basis")
    bare = (Document("决定", "cd" * 32),)
    punishable().when(imposed(), RECOGNISER, bare, on=ON).refused("record.decision")


def test_only_a_graded_record_is_punished() -> None:
    """D12 C15 先认定失信程度，再实施惩戒。"""
    begun_here(LEAD, VERIFIED, RECOGNISED).when(imposed(), RECOGNISER, DECISION, on=ON).refused("record.graded")


def test_a_lead_is_not_punished() -> None:
    """D12 C25 线索不是记录，不得惩戒。"""
    begun_here(LEAD, VERIFIED).when(imposed(), SUPERIOR, DECISION, on=ON).refused("record.role")
    begun_here(LEAD, VERIFIED).when(imposed(), CREDIT, DECISION, on=ON).refused("record.role")


def test_a_withdrawn_record_is_not_punished() -> None:
    """D12 E05 已撤销的记录不得惩戒。"""
    punishable(WITHDRAWN).when(imposed(), RECOGNISER, DECISION, on=ON).refused("record.standing")


def test_a_penalty_has_a_name_of_its_own() -> None:
    """D12 每项惩戒单独记载。"""
    punishable(IMPOSED).when(imposed("criticism"), RECOGNISER, DECISION, on=ON).refused("record.item-new")
    punishable(IMPOSED).when(imposed("criticism", "p2"), RECOGNISER, DECISION, on=ON).then()


@pytest.mark.parametrize("code", ["joint_list", "market_ban", "procurement", "tender"])
def test_enterprises_are_listed_banned_and_kept_from_procurement(code: str) -> None:
    """D13 D14 D15 D18 失信联合惩戒对象名单、市场和行业禁入、禁止参加政府采购活动、招标投标不良行为“黑名单”。"""
    firms = {"subject.body_kinds": '["enterprise"]'}
    case = begun_here(LEAD, VERIFIED, RECOGNISED, GRADED, GRAVE, rules=firms, world=FIRMS)
    case.when(imposed(code), RECOGNISER, DECISION, on=ON).then()


def test_a_market_ban_has_a_period_and_is_no_measure_against_a_unit() -> None:
    """D13 D14 在一定期限内实施市场和行业禁入措施；对象为市场主体。"""
    firms = {"subject.body_kinds": '["enterprise"]'}
    case = begun_here(LEAD, VERIFIED, RECOGNISED, GRADED, GRAVE, rules=firms, world=FIRMS)
    case.when(imposed("market_ban", until=None), RECOGNISER, DECISION, on=ON).refused("record.penalty-period")
    punishable(GRAVE).when(imposed("joint_list"), RECOGNISER, DECISION, on=ON).refused("record.measure-target")


def test_responsibility_for_life_has_no_end() -> None:
    """D19 重大决策终身责任追究制度及责任倒查机制。"""
    life = imposed("lifelong", until=None, person=PERSON)
    state = punishable(LINKED).when(life, RECOGNISER, DECISION, on=ON).then()
    assert state.in_force(date(2066, 1, 1))
    punishable(LINKED).when(imposed("appointment", until=None, person=PERSON), RECOGNISER, DECISION, on=ON).refused(
        "record.penalty-period"
    )


def test_the_repair_notice_goes_out_with_the_decision() -> None:
    """E12 建立行政处罚信用修复告知制度（两书同达）。"""
    alone = imposed(repair_notice=None)
    error = punishable().when(alone, RECOGNISER, DECISION, on=ON).refused("record.repair-notice")
    assert "penalty.repair_notice" in error.source
    optional = punishable(rules={"penalty.repair_notice": "false"})
    optional.when(alone, RECOGNISER, DECISION, on=ON).then()


def test_a_penalty_imposed_during_an_objection_waits() -> None:
    """E03 信用信息异议处理、核实期间暂不执行联合惩戒措施。"""
    held = Consequence(RECORD, PenaltySuspended("p1", Hold.OBJECTION, "o1"))
    contested = punishable(OBJECTED, ACCEPTED)
    contested.when(imposed(), RECOGNISER, DECISION, on=TODAY).then(held)
    state = contested.having(said(imposed(), RECOGNISER, DECISION, on=TODAY)).state
    assert not state.in_force(TODAY)


def test_only_an_objection_that_was_taken_up_makes_it_wait_and_only_where_the_pack_says_so() -> None:
    """E03 异议受理后、办结前，且规则包有规定的，暂不执行。"""
    punishable(OBJECTED).when(imposed(), RECOGNISER, DECISION, on=TODAY).then()
    elsewhere = punishable(OBJECTED, ACCEPTED, rules={"objection.suspends": "false"})
    elsewhere.when(imposed(), RECOGNISER, DECISION, on=TODAY).then()


def waiver(by: str = RECOGNISER, basis: tuple[Document, ...] = LETTER) -> Saying:
    """The punishment is waived."""
    return said(PunishmentWaived(Mitigation.LOSS_RECOVERED, "主动挽回全部损失"), by, basis, on=ON)


BOTH = {"penalty.mitigation": '["body", "person"]'}


def test_punishment_is_waived_before_any_penalty() -> None:
    """E15 E16 主动挽回损失、消除不良影响或者有效阻止危害结果发生的，可免于实施失信惩戒措施。"""
    waived = punishable(waiver(), rules=BOTH)
    assert waived.state.waived
    waived.when(imposed(), RECOGNISER, DECISION, on=ON).refused("record.waived")
    waived.when(waiver().fact, RECOGNISER, LETTER, on=ON).refused("record.waive-first")
    punishable(IMPOSED, rules=BOTH).when(waiver().fact, RECOGNISER, LETTER, on=ON).refused("record.waive-first")


def test_a_unit_is_spared_only_where_the_pack_mitigates_for_units() -> None:
    """E15 从轻或免于惩戒的适用对象：多数地区为人员，盐城为部门和人员。"""
    punishable().when(waiver().fact, RECOGNISER, LETTER, on=ON).refused("record.mitigation")
    punishable(rules=BOTH).when(waiver().fact, RECOGNISER, LETTER, on=ON).then()


def test_a_waiver_needs_evidence() -> None:
    """E15 免于惩戒须有证明材料。"""
    punishable(rules=BOTH).when(waiver().fact, RECOGNISER, on=ON).refused("record.basis")


POINTS = {"demerit.items": '[{ item = "串通投标", points = 12 }, { item = "弃标", points = 3 }]'}


def test_points_follow_the_scheme() -> None:
    """D17 对招标投标活动中不良行为实施记分管理。"""
    case = punishable(rules=POINTS)
    case.when(DemeritPointsRecorded("弃标", 3), RECOGNISER, LETTER, on=ON).then()
    case.when(DemeritPointsRecorded("弃标", 6), RECOGNISER, LETTER, on=ON).refused("record.demerit")
    case.when(DemeritPointsRecorded("迟到", 3), RECOGNISER, LETTER, on=ON).refused("record.demerit")
    case.when(DemeritPointsRecorded("弃标", 3), RECOGNISER, on=ON).refused("record.basis")


def test_without_a_scheme_there_are_no_points() -> None:
    """D17 没有记分标准的，不得记分。"""
    punishable().when(DemeritPointsRecorded("弃标", 3), RECOGNISER, LETTER, on=ON).refused("record.demerit")


def test_nobody_punishes_itself() -> None:
    """D12 E15 D17 信用主体不得自行实施或免于惩戒、记分。"""
    all_roles = {"roles.subject": '["PenaltyImposed", "PunishmentWaived", "DemeritPointsRecorded", "ObjectionFiled"]'}
    case = punishable(rules={**BOTH, **POINTS, **all_roles})
    for fact in (imposed(), waiver().fact, DemeritPointsRecorded("弃标", 3)):
        case.when(fact, SUBJECT, DECISION, on=ON).refused("record.own-case")


def test_the_severity_of_the_day_counts() -> None:
    """D12 C15 按最近一次认定的程度适用清单。"""
    assert punishable(GRAVE).state.severity is Severity.SERIOUS
    general = {"measure.criticism": measure("criticism_notice", severities="general")}
    punishable(GRAVE, rules=general).when(imposed("criticism"), RECOGNISER, DECISION, on=ON).refused(
        "record.measure-severity"
    )
