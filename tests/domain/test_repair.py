"""Credit repair: who may apply with what, the conditions one by one, what ends with it, and what revokes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.domain.event import Document
from ledger.domain.record.course_facts import (
    CaseClosed,
    PublicationEnded,
    RecipientTold,
    RecordPublished,
    RectificationVerified,
    SharingEnded,
)
from ledger.domain.record.remedy_facts import (
    AppealDecided,
    AppealFiled,
    ObjectionAccepted,
    ObjectionFiled,
    PenaltyLifted,
    RepairAccepted,
    RepairApplied,
    RepairGranted,
    RepairRefused,
    RepairRevoked,
)
from ledger.domain.record.remedy_terms import (
    Against,
    AppealOutcome,
    LiftReason,
    Point,
    RepairEvidence,
    RepairRefusal,
    RepairWay,
    Route,
)
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import CaseEnd, PublicationEnd
from ledger.errors import RuleError
from tests.domain.penalties import IMPOSED, MINOR, RECTIFIED, begun_here, imposed, punishable
from tests.domain.records import (
    DECISION,
    GRADED,
    LEAD,
    LETTER,
    PERSON,
    RECOGNISED,
    RECOGNISER,
    SUBJECT,
    TODAY,
    VERIFIED,
)
from tests.domain.remedies import OFFICE, RECORD_FALLS, SECOND, SEEN, SHARED, nationwide, stated
from tests.domain.scenario import CREDIT, PARTNER, STRANGER, Saying, Scenario, said

REACHED = date(2026, 8, 21)
"""Three months after the recognition took effect, and a day: the least publicity of a general record is over."""
EARLY = date(2026, 8, 20)
"""Its last day, on which it is still published."""


def evidence(*ways: RepairWay) -> tuple[RepairEvidence, ...]:
    """A paper for each way."""
    return tuple(RepairEvidence(way, Document("材料", "9a" * 32)) for way in ways)


APPLIED = RepairApplied("r1", evidence(RepairWay.COMMITMENT, RepairWay.RECTIFICATION), "已纠正失信行为")
ACCEPTED = RepairAccepted("r1")
GRANTED = RepairGranted("r1", "条件均已具备")
REVOKED = RepairRevoked("r1", "所附凭证系伪造")
LIFTED = PenaltyLifted("p1", LiftReason.REPAIRED)


def refused(*reasons: RepairRefusal) -> RepairRefused:
    return RepairRefused("r1", reasons, "不符合修复条件")


def applied(*before: Saying, fact: RepairApplied = APPLIED, on: date = TODAY, rules: Any = None) -> Scenario:
    """An application that is taken up, after what came before."""
    return punishable(*before, said(fact, SUBJECT, on=on), said(ACCEPTED, RECOGNISER, on=on), rules=rules)


def repaired(*before: Saying, rules: Any = None) -> Scenario:
    """A repair that was granted on the day on which the publicity was reached."""
    granted = said(GRANTED, RECOGNISER, LETTER, on=REACHED)
    return applied(*before, SEEN, *RECTIFIED, rules=rules).having(granted)


# --- applied, accepted --------------------------------------------------------------------------------------


def test_the_subject_applies_for_repair() -> None:
    """E07 明确信用信息修复规则和办理程序。"""
    assert punishable().when(APPLIED, SUBJECT, on=TODAY).then().repairs[0].is_open


def test_the_credit_office_takes_an_application_down_from_a_paper() -> None:
    """E07 信用办代为记载须附书面材料。"""
    punishable().when(APPLIED, CREDIT, on=TODAY).refused("record.basis")
    punishable().when(APPLIED, CREDIT, LETTER, on=TODAY).then()
    punishable().when(APPLIED, STRANGER, LETTER, on=TODAY).refused("record.role")


def test_only_a_record_that_stands_is_repaired() -> None:
    """E07 线索、已撤销或已修复的记录无须修复。"""
    begun_here(LEAD, VERIFIED).when(APPLIED, SUBJECT, on=TODAY).refused("record.standing")
    punishable(RECORD_FALLS).when(APPLIED, SUBJECT, on=TODAY).refused("record.standing")
    again = replace(APPLIED, repair="r2")
    repaired().when(again, SUBJECT, on=REACHED).refused("record.standing")


@pytest.mark.parametrize("way", RepairWay)
def test_each_of_the_six_ways_is_evidence(way: RepairWay) -> None:
    """E11 作出信用承诺、完成失信整改、通过信用核查、接受专题培训、提交信用报告、参加公益慈善活动。"""
    punishable().when(replace(APPLIED, evidence=evidence(way)), SUBJECT, on=TODAY).then()


def test_a_way_that_the_pack_does_not_know_is_no_evidence() -> None:
    """E11 修复方式以规则包为准。"""
    rules = {"repair.ways": '["commitment", "rectification"]'}
    punishable(rules=rules).when(APPLIED, SUBJECT, on=TODAY).then()
    charity = replace(APPLIED, evidence=evidence(RepairWay.COMMITMENT, RepairWay.CHARITY))
    error = punishable(rules=rules).when(charity, SUBJECT, on=TODAY).refused("record.repair-way")
    assert "charity" in error.en
    assert "示例市规则" in error.source


def test_an_application_comes_with_evidence() -> None:
    """E11 申请修复应提交材料。"""
    punishable().when(replace(APPLIED, evidence=()), SUBJECT, on=TODAY).refused("record.repair-way")


def test_who_provided_a_service_of_repair_is_written_down() -> None:
    """E13 信用修复培训、信用报告编制、信用管理咨询。"""
    training = RepairEvidence(RepairWay.TRAINING, Document("培训证明", "9b" * 32), "示例信用服务机构")
    fact = replace(APPLIED, evidence=(*APPLIED.evidence, training))
    state = punishable().when(fact, SUBJECT, on=TODAY).then()
    assert state.repairs[0].applied.fact.evidence[-1].provider == "示例信用服务机构"


def test_one_application_at_a_time() -> None:
    """E07 修复申请办结前不重复申请。"""
    again = replace(APPLIED, repair="r2")
    applied().when(again, SUBJECT, on=TODAY).refused("record.repair-open")
    turned_down = applied().having(said(refused(RepairRefusal.NOT_CORRECTED), RECOGNISER, on=TODAY))
    turned_down.when(again, SUBJECT, on=TODAY).then()
    turned_down.when(APPLIED, SUBJECT, on=TODAY).refused("record.item-new")


PERSONS = {"repair.persons": "false"}


def test_the_record_of_a_person_is_repaired_where_the_pack_has_a_way() -> None:
    """E14 探索公务员失信记录信用修复渠道和方式。"""
    of_person = said(replace(LEAD.fact, person=PERSON), LEAD.by, on=LEAD.on)
    history = (of_person, VERIFIED, RECOGNISED, GRADED)
    begun_here(*history).when(APPLIED, SUBJECT, on=TODAY).then()
    begun_here(*history, rules=PERSONS).when(APPLIED, SUBJECT, on=TODAY).refused("record.repair-persons")
    punishable(rules=PERSONS).when(APPLIED, SUBJECT, on=TODAY).then()


def test_an_application_is_taken_up_once_and_by_another() -> None:
    """E07 E17 受理修复申请：不得自我认定。"""
    scenario = punishable(said(APPLIED, SUBJECT, on=TODAY))
    scenario.when(ACCEPTED, RECOGNISER, on=TODAY).then()
    scenario.amid(OFFICE).when(ACCEPTED, SUBJECT, on=TODAY).refused("record.own-case")
    applied().when(ACCEPTED, RECOGNISER, on=TODAY).refused("record.repair-accepted")
    punishable().when(ACCEPTED, RECOGNISER, on=TODAY).refused("record.repair")


def test_a_repair_of_a_record_that_fell_is_pointless() -> None:
    """E07 记录已撤销的，修复申请不再办理。"""
    scenario = punishable(said(APPLIED, SUBJECT, on=TODAY), RECORD_FALLS)
    scenario.when(ACCEPTED, RECOGNISER, on=TODAY).refused("record.standing")


# --- conditions ---------------------------------------------------------------------------------------------


def test_a_repair_is_granted_when_every_condition_is_met() -> None:
    """E08 对已经纠正失信行为、消除不良影响、符合修复要求的，按照规定进行信用修复。"""
    applied(SEEN, *RECTIFIED).when(GRANTED, RECOGNISER, on=REACHED).then(
        *stated(PublicationEnded(PublicationEnd.REPAIRED))
    )


def test_an_application_is_taken_up_before_it_is_granted() -> None:
    """E07 先受理、后决定。"""
    scenario = punishable(SEEN, *RECTIFIED, said(APPLIED, SUBJECT, on=TODAY))
    scenario.when(GRANTED, RECOGNISER, on=REACHED).refused("record.repair-not-accepted")


def test_the_least_publicity_is_reached_first() -> None:
    """E08 达到最短公示期：一般失信三个月（国家发展改革委令第36号）。"""
    scenario = applied(SEEN, *RECTIFIED)
    error = scenario.when(GRANTED, RECOGNISER, on=EARLY).refused("record.repair-conditions")
    assert "publicity_reached" in error.en
    assert "publicity.general" in error.source


def test_a_record_never_published_did_not_reach_its_publicity() -> None:
    """E08 应公示而未公示的，未达最短公示期。"""
    error = applied(*RECTIFIED).when(GRANTED, RECOGNISER, on=date(2027, 6, 1)).refused("record.repair-conditions")
    assert "publicity_reached" in error.en


def test_a_minor_record_is_repaired_as_soon_as_duties_are_done() -> None:
    """E08 轻微失信履行义务后即可修复，原则上不公示。"""
    applied(MINOR, *RECTIFIED).when(GRANTED, RECOGNISER, on=TODAY).then()
    error = applied(MINOR).when(GRANTED, RECOGNISER, on=TODAY).refused("record.repair-conditions")
    assert "publicity_reached" not in error.en


def test_publicity_needs_a_severity() -> None:
    """E08 C15 未认定失信程度的，最短公示期无从计算。"""
    day = said(APPLIED, SUBJECT, on=TODAY), said(ACCEPTED, RECOGNISER, on=TODAY)
    scenario = begun_here(LEAD, VERIFIED, RECOGNISED, *RECTIFIED, *day)
    scenario.when(GRANTED, RECOGNISER, on=TODAY).refused("record.repair-conditions")


def test_the_publicity_of_persons_who_are_not_published_is_none() -> None:
    """E08 E14 不公开人员的地方，人员记录没有最短公示期。"""
    of_person = said(replace(LEAD.fact, person=PERSON), LEAD.by, on=LEAD.on)
    taken_up = said(APPLIED, SUBJECT, on=TODAY), said(ACCEPTED, RECOGNISER, on=TODAY)
    history = (of_person, VERIFIED, RECOGNISED, GRADED, *RECTIFIED, *taken_up)
    begun_here(*history).when(GRANTED, RECOGNISER, on=TODAY).then()
    published = {"publication.scope": '"bodies_and_persons"'}
    begun_here(*history, rules=published).when(GRANTED, RECOGNISER, on=TODAY).refused("record.repair-conditions")


@pytest.mark.parametrize(
    ("corrected", "removed", "missing"),
    [(False, True, "corrected"), (True, False, "effects_removed"), (True, True, None)],
)
def test_the_act_is_corrected_and_its_effects_removed(corrected: bool, removed: bool, missing: str | None) -> None:
    """E08 已经纠正失信行为、消除不良影响：以最近一次核实为准。"""
    checked = said(RectificationVerified(corrected, removed, "再次核查"), RECOGNISER, LETTER, on=TODAY)
    trial = applied(SEEN, *RECTIFIED, checked).when(GRANTED, RECOGNISER, on=REACHED)
    if missing is None:
        trial.then(*stated(PublicationEnded(PublicationEnd.REPAIRED)))
    else:
        assert trial.refused("record.repair-conditions").en.count(missing) == 1


def test_a_credit_commitment_is_made() -> None:
    """E08 公开作出信用承诺。"""
    without = replace(APPLIED, evidence=evidence(RepairWay.RECTIFICATION))
    error = (
        applied(SEEN, *RECTIFIED, fact=without)
        .when(GRANTED, RECOGNISER, on=REACHED)
        .refused("record.repair-conditions")
    )
    assert "commitment" in error.en
    assert "corrected" not in error.en


def test_the_refusal_names_every_condition_that_is_missing() -> None:
    """E08 E07 不予修复的，逐项说明所缺条件。"""
    without = replace(APPLIED, evidence=evidence(RepairWay.CHARITY))
    error = applied(fact=without).when(GRANTED, RECOGNISER, on=TODAY).refused("record.repair-conditions")
    for condition in ("publicity_reached", "corrected", "effects_removed", "commitment"):
        assert condition in error.en
        assert condition in error.zh


def test_who_recognised_repairs() -> None:
    """E07 谁认定、谁修复。"""
    scenario = applied(SEEN, *RECTIFIED)
    scenario.when(GRANTED, CREDIT, on=REACHED).refused("record.role")
    scenario.when(GRANTED, SUBJECT, on=REACHED).refused("record.role")


def test_an_open_objection_or_appeal_keeps_no_repair_back() -> None:
    """E08 异议、复议期间不影响信用修复。"""
    objection = ObjectionFiled("o1", (Point.CONTENT,), "有误", DECISION)
    appeal = AppealFiled("a1", Route.LITIGATION, Against.RECOGNITION, "示例市人民法院", TODAY)
    remedies = (
        said(objection, SUBJECT, on=TODAY),
        said(ObjectionAccepted("o1", REACHED), CREDIT, on=TODAY),
        said(appeal, SUBJECT, on=TODAY),
    )
    scenario = applied(IMPOSED, SEEN, *RECTIFIED, *remedies)
    scenario.when(GRANTED, RECOGNISER, on=REACHED).then(*stated(LIFTED, PublicationEnded(PublicationEnd.REPAIRED)))


# --- granted ------------------------------------------------------------------------------------------------


def test_penalties_publication_and_sharing_end_together() -> None:
    """E10 信用修复结果生效后，失信惩戒措施应给予解除（终止公示、停止共享和使用、同步解除惩戒）。"""
    scenario = applied(IMPOSED, SECOND, SEEN, SHARED, *RECTIFIED)
    scenario.when(GRANTED, RECOGNISER, on=REACHED).then(
        *stated(
            LIFTED,
            PenaltyLifted("p2", LiftReason.REPAIRED),
            PublicationEnded(PublicationEnd.REPAIRED),
            SharingEnded(PublicationEnd.REPAIRED),
        )
    )
    after = repaired(IMPOSED, SECOND, SHARED).state
    assert (after.standing, after.in_force(REACHED)) == (Standing.REPAIRED, ())
    assert (after.is_published(REACHED), after.shared) == (False, False)


def test_a_penalty_that_is_over_is_not_lifted() -> None:
    """E10 D11 期满的惩戒无须解除。"""
    short = said(imposed(until=date(2026, 8, 1)), RECOGNISER, DECISION, on=date(2026, 5, 25))
    scenario = applied(short, SEEN, *RECTIFIED)
    scenario.when(GRANTED, RECOGNISER, on=REACHED).then(*stated(PublicationEnded(PublicationEnd.REPAIRED)))


def test_the_result_is_pushed_to_whoever_had_the_record() -> None:
    """E09 及时将修复结果推送至市信用信息平台。"""
    told = repaired(SHARED).when(RecipientTold(PARTNER, REACHED), CREDIT, on=REACHED).then()
    assert [t.fact.recipient for t in told.told] == [PARTNER]


def test_a_decided_application_is_not_decided_again() -> None:
    """E07 每件修复申请只作一次决定。"""
    scenario = applied().having(said(refused(RepairRefusal.NOT_CORRECTED), RECOGNISER, on=TODAY))
    scenario.when(GRANTED, RECOGNISER, on=REACHED).refused("record.repair")
    scenario.when(refused(RepairRefusal.NOT_CORRECTED), RECOGNISER, on=TODAY).refused("record.repair")


# --- refused ------------------------------------------------------------------------------------------------


def test_a_refusal_has_reasons() -> None:
    """E07 不予修复应说明理由。"""
    applied().when(refused(), RECOGNISER, on=TODAY).refused("record.repair-reasons")
    applied().when(refused(RepairRefusal.PAPERS_INCOMPLETE), RECOGNISER, on=TODAY).then()


@pytest.mark.parametrize(
    "reason",
    [
        RepairRefusal.PUBLICITY_TOO_SHORT,
        RepairRefusal.NOT_CORRECTED,
        RepairRefusal.EFFECTS_REMAIN,
        RepairRefusal.NO_COMMITMENT,
    ],
)
def test_the_reasons_of_a_refusal_are_true(reason: RepairRefusal) -> None:
    """E08 E17 不予修复的理由应属实。"""
    met = applied(SEEN, *RECTIFIED)
    met.when(refused(reason), RECOGNISER, on=REACHED).refused("record.refusal-untrue")
    both = refused(reason, RepairRefusal.PAPERS_INCOMPLETE)
    met.when(both, RECOGNISER, on=REACHED).refused("record.refusal-untrue")
    unmet = applied(fact=replace(APPLIED, evidence=evidence(RepairWay.CHARITY)))
    unmet.when(refused(reason), RECOGNISER, on=TODAY).then()


def test_what_is_no_condition_is_no_reason() -> None:
    """E08 规则包未列的条件不得作为不予修复的理由。"""
    scenario = applied()
    scenario.when(refused(RepairRefusal.EFFECTS_REMAIN), RECOGNISER, on=TODAY).then()
    other = nationwide(scenario, "repair.conditions", '["publicity_reached", "corrected", "commitment"]')
    other.when(refused(RepairRefusal.EFFECTS_REMAIN), RECOGNISER, on=TODAY).refused("record.refusal-untrue")
    other.when(refused(RepairRefusal.NOT_CORRECTED), RECOGNISER, on=TODAY).then()


def test_an_exclusion_by_law_names_the_law() -> None:
    """E07 依法不予修复的，应附依据文件。"""
    excluded = refused(RepairRefusal.EXCLUDED_BY_LAW)
    applied().when(excluded, RECOGNISER, on=TODAY).refused("record.basis")
    applied().when(excluded, RECOGNISER, LETTER, on=TODAY).then()


# --- revoked ------------------------------------------------------------------------------------------------


def test_a_repair_obtained_by_falsehood_is_revoked() -> None:
    """B18 对虚假承诺、不履约承诺及其他失信行为依法依规实施惩戒。"""
    repaired().when(REVOKED, RECOGNISER, on=REACHED).refused("record.basis")
    state = repaired().when(REVOKED, RECOGNISER, LETTER, on=REACHED).then()
    assert state.standing is Standing.RECORDED


def test_only_a_repair_that_stands_is_revoked() -> None:
    """B18 撤销的应为已准予的修复。"""
    applied(SEEN, *RECTIFIED).when(REVOKED, RECOGNISER, LETTER, on=REACHED).refused("record.standing")
    once = repaired().having(said(REVOKED, RECOGNISER, LETTER, on=REACHED))
    once.when(REVOKED, RECOGNISER, LETTER, on=REACHED).refused("record.standing")
    repaired().when(replace(REVOKED, repair="r9"), RECOGNISER, LETTER, on=REACHED).refused("record.repair-granted")


def test_what_was_lifted_does_not_come_back_but_may_be_imposed_and_published_anew() -> None:
    """B18 E10 撤销修复后，原惩戒不自动恢复，可重新惩戒、重新公示。"""
    revoked = repaired(IMPOSED).having(said(REVOKED, RECOGNISER, LETTER, on=REACHED))
    assert (revoked.state.in_force(REACHED), revoked.state.is_published(REACHED)) == ((), False)
    anew = imposed(penalty="p2", start=REACHED, until=date(2026, 12, 31))
    revoked.when(anew, RECOGNISER, DECISION, on=REACHED).then()
    published = RecordPublished(SEEN.fact.channels, date(2027, 5, 1))
    revoked.when(published, CREDIT, on=REACHED).then()


def test_a_closed_file_opens_again_when_its_repair_is_revoked() -> None:
    """B18 结案后发现虚假承诺的，恢复办理。"""
    closed = repaired().having(said(CaseClosed(CaseEnd.REPAIRED, "已修复"), CREDIT, on=REACHED))
    state = closed.when(REVOKED, RECOGNISER, LETTER, on=REACHED).then()
    assert state.closed is None


AGAIN = replace(APPLIED, repair="r2")


def barring(scenario: Scenario) -> Scenario:
    """The same where the national rules bar new applications for a year."""
    return nationwide(scenario, "repair.barred_months", "12")


def test_after_a_revocation_no_repair_is_applied_for_in_the_packs_months() -> None:
    """B18 提供虚假材料的，规则包规定的期间内不得再次申请（国家发展改革委令第36号）。"""
    revoked = barring(repaired().having(said(REVOKED, RECOGNISER, LETTER, on=REACHED)))
    revoked.when(AGAIN, SUBJECT, on=date(2027, 8, 21)).refused("record.repair-barred")
    revoked.when(AGAIN, SUBJECT, on=date(2027, 8, 22)).then()


def test_without_a_confirmed_number_nobody_is_barred() -> None:
    """B18 年数未经确认的，不设限制。"""
    revoked = repaired().having(said(REVOKED, RECOGNISER, LETTER, on=REACHED))
    revoked.when(AGAIN, SUBJECT, on=REACHED).then()


def test_a_revocation_that_an_appeal_reversed_bars_nobody() -> None:
    """B18 E18 撤销修复的决定经复议撤销的，可再次申请。"""
    revoked = barring(repaired().having(said(REVOKED, RECOGNISER, LETTER, on=REACHED)))
    filed = AppealFiled("a1", Route.RECONSIDERATION, Against.REPAIR_DECISION, "示例省人民政府", REACHED, "r1")
    paper = (replace(DECISION[0], dated=REACHED),)
    reversed_ = revoked.having(
        said(filed, SUBJECT, on=REACHED),
        said(AppealDecided("a1", AppealOutcome.REVOKED, "撤销原决定"), CREDIT, paper, on=REACHED),
    )
    reversed_.when(AGAIN, SUBJECT, on=REACHED).then()


@pytest.mark.parametrize("fact", [GRANTED, refused(RepairRefusal.PAPERS_INCOMPLETE), REVOKED])
def test_nobody_decides_on_its_own_repair(fact: Any) -> None:
    """E07 E17 不得自我认定：认定单位后来承继了信用主体的。"""
    scenario = repaired() if fact is REVOKED else applied(SEEN, *RECTIFIED)
    heir = {**scenario.world, SUBJECT: replace(scenario.world[SUBJECT], successor=RECOGNISER)}
    state = scenario.state
    own = replace(scenario, world=heir)
    with pytest.raises(RuleError) as caught:
        own.judge(state, said(fact, RECOGNISER, LETTER, on=REACHED))
    assert caught.value.rule == "record.own-case"
