"""Complaints are transferred, urged, answered, called back; what is true becomes the lead of a record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.domain.calendar import DeadlineState
from ledger.domain.commitment_terms import Area
from ledger.domain.complaint import facts as f
from ledger.domain.complaint.state import Standing, deadlines
from ledger.domain.complaint.terms import Resolution, Unfounded
from ledger.domain.event import LEDGER, Consequence
from ledger.domain.pack import parse_pack
from ledger.domain.policy import Adoption, Policy, view_of
from ledger.domain.record.facts import LeadReceived
from ledger.domain.record.state import Standing as RecordStanding
from ledger.domain.record.terms import Conduct, SourceKind
from ledger.errors import RuleError
from tests.domain.complaints import (
    ACCEPTED,
    ANSWERED,
    COMPLAINT,
    DENIED,
    DISSATISFIED,
    INCIDENT,
    RECEIVED,
    RESOLVED,
    SATISFIED,
    SENT,
    SUBSTANTIATED,
    TAKEN_UP,
    TODAY,
    TRANSFERRED,
    TRUE,
    UNSUBSTANTIATED,
    UNTRUE,
    URGED,
    complained,
    complaint,
)
from tests.domain.records import HOTLINE, RECOGNISER, RECORD, SUBJECT, SUPERIOR, begun
from tests.domain.scenario import CITY, CREDIT, PARTNER, PROVINCE, STRANGER, UNKNOWN, Scenario, body, said, succeeded

DUE = date(2026, 6, 15)
TO_SUPERIOR = f.ComplaintTransferred(SUPERIOR, DUE)
LEAD = LeadReceived(
    SUBJECT,
    SourceKind.CONTRACT_BREACH,
    (Conduct.BREACH_OF_CONTRACT,),
    "合同尾款逾期未付",
    TODAY,
    area=Area.INVESTMENT_PROMOTION,
    complaint=COMPLAINT,
)


def with_days(scenario: Scenario) -> Scenario:
    """The same in a city whose pack sets days to accept and to answer."""
    values = "".join(
        f'[[value]]\nkey = "complaint.{key}_days"\nvalue = {days}\nsource = "示例办法"\n'
        'from = 2020-01-01\nconfidence = "high"\n'
        for key, days in (("accept", 3), ("answer", 10))
    )
    about = '[pack]\nid = "example"\nzh = "示例"\nen = "Example"\nversion = "1"\nregion = "140800"\n'
    adoption = Adoption(parse_pack(about + values), "00" * 32, date(2020, 1, 1), CREDIT, date(2020, 1, 1))
    return replace(scenario, policies=(Policy((adoption,)), *scenario.policies))


# --- transfer -----------------------------------------------------------------------------------------------


def test_a_complaint_goes_to_the_superior_of_the_accused() -> None:
    """H02 统一受理、转办：转被投诉单位的上级或主管部门。"""
    state = complained(*TAKEN_UP).when(TO_SUPERIOR, HOTLINE, on=TODAY).then()
    assert (state.standing, state.handler) == (Standing.TRANSFERRED, SUPERIOR)


def test_a_complaint_is_taken_up_before_it_is_transferred() -> None:
    """H02 统一受理、转办：先受理，后转办。"""
    complained(RECEIVED).when(TO_SUPERIOR, HOTLINE, on=TODAY).refused("complaint.standing")


def test_a_complaint_never_goes_to_the_accused_or_who_answers_for_it() -> None:
    """H02 转办：不得转给被投诉单位及其承继单位自行处理。"""
    to_accused = f.ComplaintTransferred(SUBJECT, DUE)
    complained(*TAKEN_UP).when(to_accused, HOTLINE, on=TODAY).refused("complaint.own-case")
    here = complained(*TAKEN_UP)
    heir = here.amid(succeeded(SUBJECT, SUPERIOR, here.world))
    heir.when(TO_SUPERIOR, HOTLINE, on=TODAY).refused("complaint.own-case")


def test_a_complaint_never_goes_to_a_body_below_the_accused() -> None:
    """H02 转办：由上级或主管部门核实，下级不得核实上级。"""
    about_city = complained(said(complaint(accused=CITY), HOTLINE, on=date(2026, 5, 7)), ACCEPTED)
    below = f.ComplaintTransferred(PARTNER, DUE)
    error = about_city.when(below, HOTLINE, on=TODAY).refused("complaint.below")
    assert "1103" in error.source
    about_city.when(f.ComplaintTransferred(PROVINCE, DUE), HOTLINE, on=TODAY).then()


def test_a_complaint_goes_to_a_body_that_can_answer() -> None:
    """H02 转办：承办单位应为已登记的单位。"""
    complained(*TAKEN_UP).when(f.ComplaintTransferred(UNKNOWN, DUE), HOTLINE, on=TODAY).refused("complaint.known")


def test_the_day_to_answer_by_is_still_ahead() -> None:
    """H02 转办：答复期限不早于转办之日。"""
    past = f.ComplaintTransferred(SUPERIOR, date(2026, 5, 31))
    complained(*TAKEN_UP).when(past, HOTLINE, on=TODAY).refused("complaint.deadline-past")
    complained(*TAKEN_UP).when(f.ComplaintTransferred(SUPERIOR, TODAY), HOTLINE, on=TODAY).then()


def test_a_pack_may_limit_the_days_to_answer() -> None:
    """H02 转办：规则包规定答复期限的，不得更长；未规定的，从其所定。"""
    # Ten working days after Monday 1 June 2026 end on 15 June.
    here = with_days(complained(*TAKEN_UP))
    late = f.ComplaintTransferred(SUPERIOR, date(2026, 6, 16))
    assert "示例办法" in here.when(late, HOTLINE, on=TODAY).refused("complaint.answer-days").source
    here.when(TO_SUPERIOR, HOTLINE, on=TODAY).then()
    complained(*TAKEN_UP).when(late, HOTLINE, on=TODAY).then()


def test_a_complaint_moves_on_to_another_body_but_not_twice_to_one() -> None:
    """H02 转办：可改转他单位，同一单位未答复前不得重复转办。"""
    complained(*SENT).when(TO_SUPERIOR, HOTLINE, on=TODAY).refused("complaint.transferred")
    state = complained(*SENT).when(f.ComplaintTransferred(RECOGNISER, DUE), HOTLINE, on=TODAY).then()
    assert state.handler == RECOGNISER


def test_the_accused_transfers_and_urges_nothing_in_its_own_case() -> None:
    """H06 加强举报核实：被投诉单位不得处理针对自己的投诉。"""
    here = complained(said(complaint(accused=HOTLINE), HOTLINE, on=date(2026, 5, 7)), replace(ACCEPTED, by=CREDIT))
    here.when(TO_SUPERIOR, HOTLINE, on=TODAY).refused("complaint.own-case")
    here = here.having(replace(TRANSFERRED, by=CREDIT))
    here.when(f.ComplaintUrged("请答复"), HOTLINE, on=TODAY).refused("complaint.own-case")
    here.when(f.ComplaintUrged("请答复"), CREDIT, on=TODAY).then()


# --- urging and answer --------------------------------------------------------------------------------------


def test_who_has_not_answered_is_urged() -> None:
    """H02 督促：只督促已转办而未答复的。"""
    urge = f.ComplaintUrged("请按期答复")
    complained(*TAKEN_UP).when(urge, HOTLINE, on=TODAY).refused("complaint.standing")
    complained(*SENT, ANSWERED).when(urge, HOTLINE, on=TODAY).refused("complaint.standing")
    state = complained(*SENT, URGED).when(urge, SUPERIOR, on=TODAY).then()
    assert len(state.round.urged) == 2


def test_who_it_was_transferred_to_answers() -> None:
    """H06 H02 加强举报核实：由承办单位核实答复。"""
    state = complained(*SENT).when(TRUE, SUPERIOR, on=TODAY).then()
    assert state.standing is Standing.ANSWERED
    complained(*SENT).when(TRUE, SUBJECT, on=TODAY).refused("complaint.role")
    complained(*TAKEN_UP, replace(INCIDENT, on=date(2026, 5, 8)), TRANSFERRED).when(TRUE, SUPERIOR, on=TODAY).then()


def test_the_lead_body_of_an_incident_answers_nothing_that_it_was_not_given() -> None:
    """H02 转办：牵头协调单位不代替承办单位答复。"""
    led = said(f.IncidentOpened(RECOGNISER), CREDIT, on=date(2026, 5, 9))
    complained(*SENT, led).when(TRUE, RECOGNISER, on=TODAY).refused("complaint.handler")
    complained(*SENT, led).when(TRUE, SUPERIOR, on=TODAY).then()


def test_a_handler_that_came_to_answer_for_the_accused_answers_no_more() -> None:
    """H06 加强举报核实：承办单位承继被投诉单位的，应改转他单位。"""
    here = complained(*SENT)
    merged = here.amid(succeeded(SUBJECT, SUPERIOR, here.world))
    with pytest.raises(RuleError) as caught:
        merged.judge(here.state, said(TRUE, SUPERIOR, on=TODAY))
    assert caught.value.rule == "complaint.own-case"
    assert merged.judge(here.state, said(f.ComplaintTransferred(RECOGNISER, DUE), HOTLINE, on=TODAY)) == ()


def test_the_successor_of_the_handler_answers_in_its_place() -> None:
    """A12 H02 承办单位撤并的，由承继单位答复。"""
    here = complained(*SENT)
    merged = here.amid(succeeded(SUPERIOR, RECOGNISER, here.world))
    assert merged.judge(here.state, said(TRUE, RECOGNISER, on=TODAY)) == ()


def test_an_answer_that_finds_nothing_gives_the_reason() -> None:
    """H06 加强举报核实：不属实的写明理由。"""
    bare = f.ComplaintAnswered(False, "不属实")
    complained(*SENT).when(bare, SUPERIOR, on=TODAY).refused("complaint.reason")
    both = f.ComplaintAnswered(True, "属实", Unfounded.PERFORMED)
    complained(*SENT).when(both, SUPERIOR, on=TODAY).refused("complaint.reason")
    complained(*SENT).when(UNTRUE, SUPERIOR, on=TODAY).then()


def test_reorganisation_and_new_persons_never_make_a_complaint_untrue() -> None:
    """A12 H06 不得以政府换届、相关责任人更替等理由毁约：因机构职能调整、人员更替不履行的，一律属实。"""
    excuse = f.ComplaintAnswered(False, "机构调整，新任不认旧账", Unfounded.CHANGE_OF_OFFICE_HOLDER)
    complained(*SENT).when(excuse, SUPERIOR, on=TODAY).refused("complaint.excuse")
    verdict = f.ComplaintUnsubstantiated(Unfounded.CHANGE_OF_OFFICE_HOLDER, "人员更替")
    complained(*SENT, DENIED).when(verdict, HOTLINE, on=TODAY).refused("complaint.excuse")
    lawful = f.ComplaintUnsubstantiated(Unfounded.LAWFULLY_CHANGED, "已依法变更并补偿")
    complained(*SENT, DENIED).when(lawful, HOTLINE, on=TODAY).then()


# --- what came of it ----------------------------------------------------------------------------------------


def test_a_substantiated_complaint_becomes_the_lead_of_a_record_and_both_are_linked() -> None:
    """H10 H06 及时发现并解决企业、群众反映的政府失信违约问题：属实的转为失信线索，两个事件流相互关联。"""
    found = f.ComplaintSubstantiated(RECORD, "合同尾款逾期未付")
    state = complained(*SENT, ANSWERED).when(found, HOTLINE, on=TODAY).then(Consequence(RECORD, LEAD))
    assert (state.standing, state.record) == (Standing.SUBSTANTIATED, RECORD)
    record = replace(begun(), cases={COMPLAINT: state}).when(LEAD, LEDGER, on=TODAY, cause="cause").then()
    assert (record.standing, record.lead.fact.complaint) == (RecordStanding.LEAD, COMPLAINT)


def test_the_lead_carries_the_commitment_and_the_project_complained_of() -> None:
    """H10 投诉所涉承诺、项目随线索转出。"""
    commitment = "commitment/0198c5a2-0000-7000-8000-000000000001"
    about = said(complaint(commitment=commitment), HOTLINE, on=date(2026, 5, 7))
    here = replace(complained(), cases={commitment: object()}).having(about, ACCEPTED, TRANSFERRED, ANSWERED)
    found = f.ComplaintSubstantiated(RECORD, "合同尾款逾期未付")
    here.when(found, HOTLINE, on=TODAY).then(Consequence(RECORD, replace(LEAD, commitment=commitment)))


def test_nothing_becomes_a_lead_before_it_was_verified_and_found_true() -> None:
    """H06 加强举报核实：未经核实或核实不属实的，不得转为线索。"""
    found = f.ComplaintSubstantiated(RECORD, "合同尾款逾期未付")
    complained(*SENT).when(found, HOTLINE, on=TODAY).refused("complaint.standing")
    complained(*SENT, DENIED).when(found, HOTLINE, on=TODAY).refused("complaint.finding")


def test_what_was_found_true_is_not_talked_away() -> None:
    """H06 核实属实的，不得以不属实答复；有疑问的再次转办。"""
    away = f.ComplaintUnsubstantiated(Unfounded.PERFORMED, "已付")
    complained(*SENT, ANSWERED).when(away, HOTLINE, on=TODAY).refused("complaint.finding")
    complained(*SENT, ANSWERED).when(f.ComplaintTransferred(RECOGNISER, DUE), HOTLINE, on=TODAY).then()


def test_a_complaint_opens_a_record_of_its_own() -> None:
    """H10 转为新的记录，不得并入他案。"""
    here = replace(complained(*SENT, ANSWERED), cases={RECORD: begun().state})
    found = f.ComplaintSubstantiated(RECORD, "合同尾款逾期未付")
    here.when(found, HOTLINE, on=TODAY).refused("complaint.record-new")


def test_an_untrue_complaint_is_answered_with_reasons() -> None:
    """H06 不属实的，向投诉人说明理由（发改财金〔2023〕1103号）。"""
    verdict = f.ComplaintUnsubstantiated(Unfounded.PERFORMED, "款项已付清")
    state = complained(*SENT, DENIED).when(verdict, CREDIT, on=TODAY).then()
    assert state.standing is Standing.UNSUBSTANTIATED


# --- call-back and end --------------------------------------------------------------------------------------


def test_the_complainant_is_called_back_after_the_answer() -> None:
    """H02 回访。"""
    call = f.ComplaintCalledBack(True, TODAY)
    complained(*SENT).when(call, HOTLINE, on=TODAY).refused("complaint.standing")
    complained(*SENT, ANSWERED).when(call, HOTLINE, on=TODAY).then()
    tomorrow = f.ComplaintCalledBack(True, date(2026, 6, 2))
    complained(*SENT, ANSWERED).when(tomorrow, HOTLINE, on=TODAY).refused("complaint.future")


def test_who_is_not_satisfied_gets_another_verification() -> None:
    """H02 回访不满意的，可再次转办核实。"""
    done = (*SENT, DENIED, UNSUBSTANTIATED)
    again = f.ComplaintTransferred(RECOGNISER, DUE)
    complained(*done, SATISFIED).when(again, HOTLINE, on=TODAY).refused("complaint.standing")
    assert complained(*done, DISSATISFIED).state.standing is Standing.CONTESTED
    state = complained(*done, DISSATISFIED).when(again, HOTLINE, on=TODAY).then()
    assert (state.standing, len(state.rounds)) == (Standing.TRANSFERRED, 2)


def test_a_complaint_is_closed_after_the_call_back() -> None:
    """H02 H03 受理、转办、督促、回访四步完成方可办结。"""
    done = (*SENT, ANSWERED, SUBSTANTIATED)
    complained(*SENT, ANSWERED, SATISFIED).when(f.ComplaintClosed(), HOTLINE, on=TODAY).refused("complaint.standing")
    complained(*done).when(f.ComplaintClosed(), HOTLINE, on=TODAY).refused("complaint.call-back")
    state = complained(*done, SATISFIED).when(f.ComplaintClosed(), HOTLINE, on=TODAY).then()
    assert (state.standing, state.record) == (Standing.CLOSED, RECORD)


def test_nobody_is_called_back_where_nobody_gave_a_name() -> None:
    """H02 匿名投诉无从回访，可径行办结。"""
    nameless = said(complaint(anonymous=True, sealed=()), HOTLINE, on=date(2026, 5, 7))
    here = complained(nameless, ACCEPTED, TRANSFERRED, ANSWERED, SUBSTANTIATED)
    here.when(f.ComplaintCalledBack(True, TODAY), HOTLINE, on=TODAY).refused("complaint.anonymous")
    here.when(f.ComplaintClosed(), HOTLINE, on=TODAY).then()


# --- incident -----------------------------------------------------------------------------------------------


def test_a_breach_is_solved_as_an_incident_with_a_lead_and_others() -> None:
    """B23 H10 由各级政府分管领导牵头、相关部门及专业机构参与的政务失信违约事件协调处理机制。"""
    state = complained(*TAKEN_UP).when(f.IncidentOpened(CITY, (PARTNER, CREDIT)), SUPERIOR, on=TODAY).then()
    assert state.incident.opened.fact.parties == (PARTNER, CREDIT)
    solved = f.IncidentResolved(Resolution.SETTLED, "另订付款计划")
    state = complained(*TAKEN_UP, replace(INCIDENT, on=TODAY)).when(solved, SUPERIOR, on=TODAY).then()
    assert state.incident is None


def test_an_incident_is_of_a_complaint_that_was_taken_up_and_one_at_a_time() -> None:
    """B23 受理后方可协调，一事一案。"""
    opened = f.IncidentOpened(SUPERIOR)
    complained(RECEIVED).when(opened, CREDIT, on=TODAY).refused("complaint.standing")
    complained(*SENT, ANSWERED, INCIDENT).when(opened, CREDIT, on=TODAY).refused("complaint.incident")
    complained(*SENT, ANSWERED, INCIDENT, RESOLVED).when(opened, CREDIT, on=TODAY).then()


def test_the_accused_does_not_lead_and_only_known_bodies_take_part() -> None:
    """B23 被投诉单位不得牵头；参与单位应已登记。"""
    here = complained(*TAKEN_UP)
    here.when(f.IncidentOpened(SUBJECT), CREDIT, on=TODAY).refused("complaint.own-case")
    here.when(f.IncidentOpened(SUPERIOR, (UNKNOWN,)), CREDIT, on=TODAY).refused("complaint.known")
    here.when(f.IncidentOpened(SUPERIOR, (SUBJECT,)), CREDIT, on=TODAY).then()


def test_the_lead_body_says_how_an_incident_was_solved() -> None:
    """B23 H10 及时发现并解决：由牵头单位记载结果。"""
    solved = f.IncidentResolved(Resolution.PERFORMED, "已付清")
    complained(*SENT).when(solved, SUPERIOR, on=TODAY).refused("complaint.incident")
    led = said(f.IncidentOpened(RECOGNISER), CREDIT, on=date(2026, 5, 9))
    complained(*SENT, led).when(solved, SUPERIOR, on=TODAY).refused("complaint.incident-lead")
    complained(*SENT, led).when(solved, STRANGER, on=TODAY).refused("complaint.role")
    complained(*SENT, led).when(solved, RECOGNISER, on=TODAY).then()


def test_no_complaint_is_closed_while_its_incident_is_open() -> None:
    """B23 H10 违约事件未解决的，投诉不得办结。"""
    done = (*SENT, ANSWERED, SUBSTANTIATED, SATISFIED, INCIDENT)
    complained(*done).when(f.ComplaintClosed(), HOTLINE, on=TODAY).refused("complaint.incident")
    complained(*done, RESOLVED).when(f.ComplaintClosed(), HOTLINE, on=TODAY).then()


# --- clocks -------------------------------------------------------------------------------------------------


def test_each_transfer_has_a_clock_that_is_overdue_until_it_is_answered() -> None:
    """H02 转办、督促：逾期未答复的可查。"""
    here = complained(*SENT)
    view = view_of(here.policies, TODAY)
    clock = list(deadlines(here.state, view))[-1]
    assert (clock.rule, clock.due, clock.item) == ("complaint.answer", date(2026, 5, 25), SUPERIOR)
    assert clock.state(date(2026, 5, 25)) is DeadlineState.OPEN
    assert clock.state(date(2026, 5, 26)) is DeadlineState.OVERDUE
    answered = list(deadlines(complained(*SENT, replace(ANSWERED, on=date(2026, 5, 27))).state, view))[-1]
    assert answered.state(TODAY) is DeadlineState.MET_LATE


def test_a_transfer_taken_away_before_the_answer_asks_nothing_more() -> None:
    """H02 改转他单位的，原承办单位的期限终止。"""
    moved = complained(*SENT, said(f.ComplaintTransferred(RECOGNISER, DUE), HOTLINE, on=date(2026, 5, 20)))
    clocks = list(deadlines(moved.state, view_of(moved.policies, TODAY)))
    assert [c.item for c in clocks] == [None, RECOGNISER]


def test_the_pack_of_the_place_sets_the_days_to_take_a_complaint_up() -> None:
    """H02 统一受理：规则包规定受理期限的，按工作日计算。"""
    here = with_days(complained(RECEIVED))
    (clock,) = deadlines(here.state, view_of(here.policies, TODAY))
    # Recorded on Thursday 7 May 2026; Saturday 9 May is worked.
    assert (clock.due, clock.provisional) == (date(2026, 5, 11), False)
    assert clock.state(date(2026, 5, 12)) is DeadlineState.OVERDUE


def test_a_world_of_superiors_in_a_circle_comes_to_an_end() -> None:
    """H02 转办：登记的上级互为上级时，核查仍会结束。"""
    here = complained(*TAKEN_UP)
    one, two = (
        body(RECOGNISER, "示例市监督局", superior=PARTNER),
        body(PARTNER, "示例市财政局", superior=RECOGNISER),
    )
    here = here.amid({**here.world, RECOGNISER: one, PARTNER: two})
    here.when(f.ComplaintTransferred(RECOGNISER, DUE), HOTLINE, on=TODAY).then()
