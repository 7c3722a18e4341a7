"""What screening, sites and the credit office ask of a record's penalties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.domain.policy import view_of
from ledger.domain.record.course_facts import (
    RecipientTold,
    RecordCorrected,
    RecordShared,
    RectificationFoundOverdue,
)
from ledger.domain.record.questions import (
    blocks,
    demerit_total,
    hits,
    is_stricter,
    measure_of,
    open_duties,
    penalties_of,
)
from ledger.domain.record.remedy_facts import DemeritPointsRecorded, PenaltySuspended
from ledger.domain.record.remedy_terms import Fund, Hold, MeasureKind
from ledger.domain.record.terms import Correction, FocusField
from tests.domain.penalties import GRAVE, IMPOSED, LINKED, ON, ON_PERSON, begun_here, city, imposed, measure, punishable
from tests.domain.records import DECISION, LEAD, LETTER, ORDERED, PERSON, RECOGNISER, TODAY, policy
from tests.domain.scenario import CREDIT, PARTNER, PROVINCE, Scenario, said
from tests.domain.test_penalty import POINTS, WITHDRAWN

SUBSIDY = said(imposed("subsidy"), RECOGNISER, DECISION, on=ON)
WELFARE = {Fund.SOCIAL_WELFARE, Fund.RELIEF, Fund.POVERTY_ALLEVIATION}


def asked(case: Scenario, fund: Fund, on: date = TODAY) -> bool:
    """Whether the first penalty of the case keeps its target from a fund."""
    penalty = case.state.penalties[0]
    found = measure_of(penalty, case.policies)
    assert found is not None
    return blocks(penalty, found, fund, on)


@pytest.mark.parametrize("fund", list(Fund))
def test_subsidies_are_withheld_but_never_welfare(fund: Fund) -> None:
    """D16 有严重失信行为的申报主体，不纳入资金补助范围（社会福利、救助和扶贫资金除外）。"""
    assert asked(punishable(GRAVE, SUBSIDY), fund) is (fund not in WELFARE)


def test_other_measures_withhold_no_subsidy() -> None:
    """D16 其他惩戒措施不影响资金补助。"""
    assert not asked(punishable(IMPOSED), Fund.OTHER)


def test_only_a_penalty_in_force_withholds() -> None:
    """D16 E03 暂停、期满、尚未起算的惩戒不影响资金补助。"""
    held = said(PenaltySuspended("p1", Hold.BANKRUPTCY), RECOGNISER, LETTER, on=TODAY)
    assert not asked(punishable(SUBSIDY, held), Fund.OTHER)
    assert not asked(punishable(SUBSIDY), Fund.OTHER, date(2026, 11, 25))
    assert not asked(punishable(SUBSIDY), Fund.OTHER, date(2026, 5, 24))


def test_a_flow_of_business_finds_what_concerns_it() -> None:
    """D21 D09 D15 D18 将信用联合奖惩嵌入行政审批、公共资源交易、行业监管、人事任用流程。"""
    tender = said(imposed("tender", "p3"), RECOGNISER, DECISION, on=ON)
    case = punishable(LINKED, tender, said(imposed("appointment", "p4", person=PERSON), RECOGNISER, DECISION, on=ON))

    def found(*kinds: MeasureKind, person: str | None = None, on: date = TODAY) -> list[str]:
        return [p.id for p in hits(case.state, case.policies, kinds, on, person)]

    assert found(MeasureKind.TENDER_BLACKLIST, MeasureKind.PROCUREMENT_BAN) == ["p3"]
    assert found(MeasureKind.PROCUREMENT_BAN) == []
    assert found(MeasureKind.APPOINTMENT_LIMIT, person=PERSON) == ["p4"]
    assert found(MeasureKind.APPOINTMENT_LIMIT) == []
    assert found(MeasureKind.TENDER_BLACKLIST, on=date(2026, 11, 25)) == []


def test_a_later_list_does_not_change_what_was_imposed() -> None:
    """D12 D21 惩戒措施按实施时的清单解释。"""
    case = punishable(IMPOSED)
    now = city({"measure.award_exclusion": measure("funds_limit")}).adoptions[0]
    later = replace(case.policies[0], adoptions=(*case.policies[0].adoptions, replace(now, in_force=date(2026, 6, 1))))
    found = measure_of(case.state.penalties[0], (later, policy("national")))
    assert found is not None
    assert found.kind is MeasureKind.AWARD_EXCLUSION


def test_units_and_persons_are_punished_each_for_itself() -> None:
    """D08 D04 单位与责任人员的惩戒分别记载、分别查询。"""
    state = punishable(LINKED, IMPOSED, ON_PERSON).state
    assert [p.id for p in penalties_of(state, None, TODAY)] == ["p1"]
    assert [p.id for p in penalties_of(state, PERSON, TODAY)] == ["p2"]
    assert penalties_of(state, PERSON, date(2026, 11, 25)) == ()


def test_points_add_up_in_a_period() -> None:
    """D17 对招标投标活动中不良行为实施记分管理：记分周期内累计。"""
    first = said(DemeritPointsRecorded("弃标", 3), RECOGNISER, LETTER, on=date(2026, 5, 24))
    second = said(DemeritPointsRecorded("串通投标", 12), RECOGNISER, LETTER, on=ON)
    case = punishable(first, second, rules=POINTS)
    assert demerit_total(case.state, date(2026, 5, 24), ON) == 15
    assert demerit_total(case.state, ON, TODAY) == 12
    assert demerit_total(case.having(replace(WITHDRAWN, on=ON)).state, date(2026, 1, 1), TODAY) == 0


def test_fields_close_to_people_are_marked_for_stricter_punishment() -> None:
    """D22 食品药品、生态环境、工程质量、安全生产、养老托幼等领域，要严格监管，加大惩戒力度。"""
    lead = replace(LEAD, fact=replace(LEAD.fact, focus=FocusField.FOOD_AND_DRUGS))
    for rule, stricter in (("true", True), ("false", False)):
        case = begun_here(lead, rules={"record.focus_stricter": rule})
        assert is_stricter(case.state, view_of(case.policies, TODAY)) is stricter
    case = begun_here(LEAD, rules={"record.focus_stricter": "true"})
    assert not is_stricter(case.state, view_of(case.policies, TODAY))


LATE = date(2026, 7, 2)
OVERDUE = said(RectificationFoundOverdue("逾期未整改"), RECOGNISER, LETTER, on=LATE)


def test_an_overdue_record_is_to_be_pushed() -> None:
    """C23 逾期未整改的，将单位和个人政务失信记录推送至市公共信用信息平台。"""
    case = punishable(ORDERED, OVERDUE)
    assert [(d.what, d.met) for d in open_duties(case.state)] == [("RecordShared", None)]
    pushed = said(RecordShared(PARTNER, "推送至市公共信用信息平台"), CREDIT, on=LATE)
    assert [d.met for d in open_duties(case.having(pushed).state)] == [LATE]
    assert list(open_duties(punishable(ORDERED).state)) == []


def test_whoever_was_given_the_record_is_to_be_told_of_a_change() -> None:
    """E05 E09 更正、撤销、修复的结果，告知曾获得该记录的单位。"""
    given = [said(RecordShared(body, "共享"), CREDIT, on=ON) for body in (PARTNER, PROVINCE)]
    correction = RecordCorrected((Correction("summary", "更正后的内容"),), "笔误")
    case = punishable(*given)
    assert list(open_duties(case.state)) == []
    changed = case.having(said(correction, RECOGNISER, LETTER, on=TODAY))
    assert [(d.item, d.met) for d in open_duties(changed.state)] == [(PARTNER, None), (PROVINCE, None)]
    told = changed.having(said(RecipientTold(PARTNER, TODAY), CREDIT, on=TODAY))
    assert [d.met for d in open_duties(told.state)] == [TODAY, None]
