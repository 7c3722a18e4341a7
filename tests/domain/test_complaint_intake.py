"""Complaints come in by many ways, have a number, and are taken up or refused for reasons that hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.domain import codec
from ledger.domain.calendar import DeadlineState
from ledger.domain.commitment_terms import Area
from ledger.domain.complaint.facts import ComplaintAccepted, ComplaintReceived, ComplaintRefused
from ledger.domain.complaint.rules import offers
from ledger.domain.complaint.state import EMPTY, Standing, deadlines
from ledger.domain.complaint.terms import Channel, Matter, Refusal
from ledger.domain.policy import view_of
from tests.domain.complaints import (
    ACCEPTED,
    COMPLAINT,
    EARLIER,
    NOTICE,
    RECEIVED,
    SEAL,
    TODAY,
    complained,
    complaint,
)
from tests.domain.records import HOTLINE, SUBJECT
from tests.domain.scenario import CREDIT, FIRM, STRANGER, UNKNOWN, Scenario, said, succeeded

EXCUSE = ComplaintRefused(Refusal.CHANGE_OF_OFFICE_HOLDER, "机构调整，人员更替")


def received(**more: object) -> Scenario:
    """A complaint that came in, with what is given otherwise."""
    return complained(said(complaint(**more), HOTLINE, on=date(2026, 5, 7)))


def test_the_hotline_takes_complaints_of_government_dishonesty_in() -> None:
    """H01 H03 将政务失信投诉举报纳入市民服务热线 12345 工作内容；建立政务失信投诉举报工作台账。"""
    state = complained().when(complaint(), HOTLINE, on=TODAY).then()
    assert state.standing is Standing.RECEIVED
    assert state.received.fact.number == "2026-0001"


def test_who_is_no_hotline_and_no_credit_office_takes_nothing_in() -> None:
    """H01 谁可以说什么：由投诉举报受理单位登记。"""
    error = complained().when(complaint(), STRANGER, on=TODAY).refused("complaint.role")
    assert "hotline" in error.en


def test_a_complaint_begins_with_its_receipt_and_begins_once() -> None:
    """H03 工作台账：先登记，后办理，一事一号。"""
    complained().when(ComplaintAccepted(), HOTLINE, on=TODAY).refused("complaint.unbegun")
    complained(RECEIVED).when(complaint(number="2026-0002"), HOTLINE, on=TODAY).refused("complaint.standing")


def test_a_complaint_is_not_received_before_its_day() -> None:
    """H03 工作台账：登记日期属实。"""
    late = complaint(received_on=date(2026, 6, 2))
    complained().when(late, HOTLINE, on=TODAY).refused("complaint.future")
    complained().when(complaint(received_on=TODAY), HOTLINE, on=TODAY).then()


@pytest.mark.parametrize("channel", [Channel.HOTLINE_12345, Channel.CREDIT_SITE, Channel.ARREARS_PLATFORM])
def test_channels_are_those_of_the_place_and_of_the_nation(channel: Channel) -> None:
    """H09 H04 各级政府网站、信用门户网站、政务新媒体平台及12345政务服务热线、市长信箱。"""
    complained().when(complaint(channel=channel), HOTLINE, on=TODAY).then()


def test_a_channel_that_no_pack_lists_is_refused_but_other_ways_stay_open() -> None:
    """H09 渠道以规则包所列为准；来信、来访等其他渠道不拒。"""
    error = complained().when(complaint(channel=Channel.MAYORS_MAILBOX), HOTLINE, on=TODAY).refused("complaint.channel")
    assert "complaint.national_channels" in error.source
    complained().when(complaint(channel=Channel.OTHER), HOTLINE, on=TODAY).then()


@pytest.mark.parametrize("city", ["yuncheng", "dehua", "huangshi", "taian", "yancheng"])
def test_each_city_has_the_channels_that_its_document_names(city: str) -> None:
    """H04 H09 运城设政府网站和信用网站途径，泰安另有市长信箱和政务新媒体；其他城市从全国渠道。"""
    open_for = {
        Channel.GOVERNMENT_SITE: {"yuncheng", "taian"},
        Channel.MAYORS_MAILBOX: {"taian"},
        Channel.NEW_MEDIA: {"taian"},
        Channel.PETITION_OFFICE: {"yuncheng", "dehua", "huangshi", "taian", "yancheng"},
    }
    for channel, cities in open_for.items():
        trial = complained(packs=(city,)).when(complaint(channel=channel), HOTLINE, on=TODAY)
        if city in cities:
            trial.then()
        else:
            trial.refused("complaint.channel")


@pytest.mark.parametrize("area", [Area.GOVERNMENT_PROCUREMENT, Area.INVESTMENT_PROMOTION])
def test_a_complaint_says_which_key_area_it_is_about(area: Area) -> None:
    """H07 H08 畅通政府采购过程毁约、违约，以及政府部门招商引资失信行为的投诉举报渠道。"""
    state = received(area=area).having(ACCEPTED).state
    assert state.received.fact.area is area
    assert state.standing is Standing.ACCEPTED


def test_complaints_link_only_to_cases_that_have_begun() -> None:
    """H10 投诉举报与承诺相互关联：所关联的承诺应已有记载。"""
    linked = complaint(commitment="commitment/0198c5a2-0000-7000-8000-000000000001")
    complained().when(linked, HOTLINE, on=TODAY).refused("complaint.linked")
    known = replace(complained(), cases={linked.commitment: object()})
    known.when(linked, HOTLINE, on=TODAY).then()


def test_the_complainant_stands_in_the_event_as_digests_only() -> None:
    """H01 投诉人姓名、联系方式和投诉内容密封：事件中只有摘要。"""
    shown = codec.encode(complaint())
    assert shown["_sd"] == list(SEAL)
    assert set(ComplaintReceived.SEALS) == {"complainant", "contact", "text"}
    assert not set(ComplaintReceived.SEALS) & set(shown)


# --- scope --------------------------------------------------------------------------------------------------


def test_what_is_no_breach_of_promise_is_outside_the_scope() -> None:
    """H05 明确政务失信投诉举报受理范围：限于毁约违约、承诺不兑现。"""
    other = received(matter=Matter.OTHER)
    other.when(ComplaintAccepted(), HOTLINE, on=TODAY).refused("complaint.scope")
    other.when(ComplaintRefused(Refusal.OUT_OF_SCOPE, "不属于政务失信"), HOTLINE, on=TODAY).then()


def test_a_firm_is_no_subject_of_government_dishonesty() -> None:
    """H05 明确政务失信投诉举报受理范围：被投诉的应为责任主体。"""
    firm = received(accused=FIRM)
    firm = firm.amid({**firm.world, FIRM: replace(firm.world[FIRM], kind="enterprise")})
    error = firm.when(ComplaintAccepted(), HOTLINE, on=TODAY).refused("complaint.scope")
    assert "subject.body_kinds" in error.source
    firm.when(ComplaintRefused(Refusal.OUT_OF_SCOPE, "被投诉人为企业"), HOTLINE, on=TODAY).then()


def test_a_complaint_within_the_scope_is_not_refused_as_outside_it() -> None:
    """H05 属于受理范围的，不得以超出范围为由不予受理。"""
    refusal = ComplaintRefused(Refusal.OUT_OF_SCOPE, "不属于政务失信")
    complained(RECEIVED).when(refusal, HOTLINE, on=TODAY).refused("complaint.refusal")
    state = complained(RECEIVED).when(ComplaintAccepted(), HOTLINE, on=TODAY).then()
    assert state.standing is Standing.ACCEPTED


def test_a_complaint_that_names_nobody_is_refused_for_that() -> None:
    """H05 没有明确的被投诉单位的，不予受理。"""
    nobody = received(accused=None)
    nobody.when(ComplaintAccepted(), HOTLINE, on=TODAY).refused("complaint.accused")
    nobody.when(ComplaintRefused(Refusal.NO_ACCUSED, "未指明单位"), HOTLINE, on=TODAY).then()


def test_an_accused_body_is_registered_first_and_that_is_no_ground_to_refuse() -> None:
    """H05 被投诉单位尚未登记的，先登记再受理，不得以无被投诉单位为由拒绝。"""
    unknown = received(accused=UNKNOWN)
    unknown.when(ComplaintAccepted(), HOTLINE, on=TODAY).refused("complaint.accused")
    unknown.when(ComplaintRefused(Refusal.NO_ACCUSED, "未登记"), HOTLINE, on=TODAY).refused("complaint.refusal")


def test_a_duplicate_names_the_complaint_that_it_repeats() -> None:
    """H05 重复投诉：应指明在先的投诉，且对象相同。"""
    duplicate = ComplaintRefused(Refusal.DUPLICATE, "已受理在先", EARLIER)
    first = complained(RECEIVED, ACCEPTED).state
    here = complained(RECEIVED)
    here.when(duplicate, HOTLINE, on=TODAY).refused("complaint.refusal")
    replace(here, cases={EARLIER: received(accused=CREDIT).state}).when(duplicate, HOTLINE, on=TODAY).refused(
        "complaint.refusal"
    )
    replace(here, cases={EARLIER: first}).when(duplicate, HOTLINE, on=TODAY).then()


def test_a_complaint_is_no_duplicate_of_itself_or_of_one_that_was_refused() -> None:
    """H05 重复投诉：不得循环引用而两件均不受理。"""
    here = complained(RECEIVED)
    itself = ComplaintRefused(Refusal.DUPLICATE, "重复", COMPLAINT)
    replace(here, cases={COMPLAINT: here.state}).when(itself, HOTLINE, on=TODAY).refused("complaint.refusal")
    anonymous = received(anonymous=True)
    refused = anonymous.having(
        said(ComplaintRefused(Refusal.ANONYMOUS_WITHOUT_LEADS, "无可核查的线索"), HOTLINE, on=TODAY)
    )
    duplicate = ComplaintRefused(Refusal.DUPLICATE, "重复", EARLIER)
    replace(here, cases={EARLIER: refused.state}).when(duplicate, HOTLINE, on=TODAY).refused("complaint.refusal")


def test_a_matter_before_a_court_is_shown_by_the_courts_paper() -> None:
    """H05 已进入诉讼、仲裁、复议程序的，须附相应文书。"""
    pending = ComplaintRefused(Refusal.IN_LITIGATION, "法院已立案")
    complained(RECEIVED).when(pending, HOTLINE, on=TODAY).refused("complaint.refusal")
    complained(RECEIVED).when(pending, HOTLINE, NOTICE, on=TODAY).then()


def test_only_an_anonymous_complaint_is_refused_as_anonymous() -> None:
    """H05 匿名且无可核查线索的，不予受理；实名的不得以此为由。"""
    refusal = ComplaintRefused(Refusal.ANONYMOUS_WITHOUT_LEADS, "无可核查的线索")
    complained(RECEIVED).when(refusal, HOTLINE, on=TODAY).refused("complaint.refusal")
    state = received(anonymous=True).when(refusal, HOTLINE, on=TODAY).then()
    assert state.standing is Standing.REFUSED


def test_reorganisation_and_new_persons_are_no_reason_to_refuse() -> None:
    """A12 H05 不得以政府换届、相关责任人更替等理由毁约：以机构职能调整、人员更替为由的，一律受理。"""
    error = complained(RECEIVED).when(EXCUSE, HOTLINE, on=TODAY).refused("complaint.excuse")
    assert "1103" in error.source


def test_nobody_decides_on_a_complaint_against_itself() -> None:
    """H06 加强举报核实：被投诉单位及其承继单位不得受理针对自己的投诉。"""
    own = received(accused=HOTLINE)
    own.when(ComplaintAccepted(), HOTLINE, on=TODAY).refused("complaint.own-case")
    heir = complained(RECEIVED)
    heir = heir.amid(succeeded(SUBJECT, HOTLINE, heir.world))
    heir.when(ComplaintAccepted(), HOTLINE, on=TODAY).refused("complaint.own-case")
    heir.when(ComplaintAccepted(), CREDIT, on=TODAY).then()


def test_a_complaint_outlives_the_body_that_it_is_about() -> None:
    """A12 不得以政府换届、相关责任人更替等理由毁约：被投诉单位被撤并的，仍予受理。"""
    here = complained(RECEIVED)
    here.amid(succeeded(SUBJECT, STRANGER, here.world)).when(ComplaintAccepted(), HOTLINE, on=TODAY).then()


def test_a_refused_complaint_goes_no_further() -> None:
    """H05 不予受理的，说明理由，到此为止；其封存内容仍可依规查阅、删除。"""
    refused = received(anonymous=True).having(
        said(ComplaintRefused(Refusal.ANONYMOUS_WITHOUT_LEADS, "无可核查的线索"), HOTLINE, on=TODAY)
    )
    rules = refused.rules(refused.state, refused.event(ACCEPTED, 2))
    assert {offer.event for offer in offers(refused.state, rules, TODAY)} == {"SealOpened", "SealErased"}


def test_the_clock_of_acceptance_has_no_due_day_where_no_number_is_confirmed() -> None:
    """H02 统一受理：受理期限以规则包为准，未能确认的不设期限。"""
    state = complained(RECEIVED, ACCEPTED).state
    view = view_of(complained().policies, TODAY)
    (clock,) = deadlines(state, view)
    assert (clock.rule, clock.due, clock.met) == ("complaint.accept", None, date(2026, 5, 8))
    assert clock.state(TODAY) is DeadlineState.MET
    assert "complaint.accept_days" in clock.source
    assert list(deadlines(EMPTY, view)) == []
