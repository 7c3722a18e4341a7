"""What may be promised, by whom, where it is published and how it passes on: every rule with its phrase."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ledger.domain.codec import decode, encode
from ledger.domain.commitment import (
    CommitmentHandedOver,
    CommitmentMade,
    CommitmentPublished,
    CommitmentTakenOver,
    Said,
    contract_stream,
    named,
)
from ledger.domain.commitment_due import answers_for
from ledger.domain.commitment_terms import (
    Area,
    Channel,
    Contract,
    DayCount,
    Every,
    Handling,
    Kind,
    Milestone,
    Publication,
    Recurrence,
    Service,
    Target,
)
from ledger.domain.event import Rules
from ledger.errors import FormatError
from tests.domain.promises import (
    BROKEN,
    CHANGED,
    CLAIMED,
    CONTINUOUS,
    DUE,
    FIVE,
    GRANTED,
    IN_TIME,
    KEPT,
    MADE,
    OPEN,
    PAID,
    PROGRESS,
    PUBLISHED,
    REPORT,
    TOMORROW,
    YEARLY,
    claimed,
    made,
    promised,
)
from tests.domain.scenario import (
    APPRAISER,
    BUREAU,
    CITY,
    CREDIT,
    FIRM,
    HEIR,
    OPERATOR,
    PAPER,
    PARTNER,
    PROVINCE,
    SHORT_NAME,
    STRANGER,
    TODAY,
    UNKNOWN,
    given,
    said,
    succeeded,
)

# --- made ---------------------------------------------------------------------------------------------------


def test_a_body_makes_a_commitment() -> None:
    """B01 A13 服务质量、服务期限、服务保障等承诺 (YC 一(二)); （牵头单位：… 责任单位：…）."""
    state = given().when(MADE, CITY).then()
    assert state.made == Said(MADE, CITY, TODAY)
    assert (state.holder, state.lead, state.responsible, state.due) == (CITY, (BUREAU,), (PARTNER,), DUE)


@pytest.mark.parametrize(
    "fact",
    [
        # 诚实守信承诺 (B02); 开展统计诚信承诺活动，明确守法、守信、自律 (B21: YN 三(六))
        replace(OPEN, kind=Kind.INTEGRITY, area=Area.STATISTICS),
        # 工作计划、任务目标的落实情况和为民办实事的践诺情况 (B06: YC 二(三)11)
        replace(MADE, kind=Kind.LIVELIHOOD_PROJECT, target=Target("新建停车位", "停车位", "1200", "个")),
        # 发展规划、年度计划和政府工作报告中的经济社会发展目标 (B07: HS 四(七))
        replace(MADE, kind=Kind.PLAN, section="三、（二）4", milestones=(Milestone(date(2025, 6, 30), "过半"),)),
        # 认真履行依法作出的政策承诺 (B09: YC 二(四)16)
        replace(MADE, kind=Kind.POLICY_PROMISE, area=Area.INVESTMENT_PROMOTION),
        # 建立街道和乡镇公开承诺制度…就业、物业、就学…便民服务 (B13: YC 二(四)19), 家政 (HS 五(八))
        replace(CONTINUOUS, area=Area.TOWNSHIP, services=(Service.EMPLOYMENT, Service.DOMESTIC_SERVICE)),
        # 将相关承诺在本部门网站和“信用黄石”网站公示 (B14: HS 五(七))
        replace(
            OPEN,
            area=Area.PUBLIC_WELFARE_INSTITUTIONS,
            published=(Publication(Channel.DEPARTMENT_SITE, "本部门网站", TODAY),),
        ),
        # 严格执行服务承诺、限时办结、一次性告知等制度 (B19: TA-A 二(四)12)
        replace(CONTINUOUS, handling=Handling(5, DayCount.WORKING, one_time_notice=True)),
        # 分别于每年6月30日前和12月31日前报送 (J10: YC 三(三))
        YEARLY,
        replace(OPEN, recurrence=Recurrence(every=Every.QUARTER)),
    ],
)
def test_every_sort_of_promise_of_the_documents_can_be_made(fact: CommitmentMade) -> None:
    """B02 B06 B07 B09 B13 B14 B19 B21 the documents' words stand beside each."""
    given().when(fact, CITY).then()


def test_all_services_of_the_documents_have_a_code() -> None:
    """B13 14 services, and 家政 in Huangshi."""
    assert len(Service) == 15


def test_the_credit_office_records_a_promise_with_its_document() -> None:
    """B04 准确记录: 信用办 records for others what a document shows."""
    given().when(MADE, CREDIT, PAPER).then()
    error = given().when(MADE, CREDIT).refused("commitment.basis")
    assert error.source.startswith("B04")


def test_a_successor_records_a_promise_of_the_body_before_it_with_its_document() -> None:
    world = succeeded(CITY, HEIR)
    given().amid(world).when(MADE, HEIR, PAPER).then()
    given().amid(world).when(MADE, HEIR).refused("commitment.basis")


@pytest.mark.parametrize("by", [BUREAU, PROVINCE, APPRAISER, OPERATOR, FIRM, UNKNOWN])
def test_nobody_promises_for_another(by: str) -> None:
    given().when(MADE, by, PAPER).refused("commitment.signer")


@pytest.mark.parametrize(
    "fact",
    [
        replace(MADE, promiser=UNKNOWN),
        replace(MADE, lead=(UNKNOWN,)),
        replace(MADE, responsible=(BUREAU, UNKNOWN)),
        replace(MADE, supporting=(UNKNOWN,)),
        replace(MADE, promiser="ledger"),
    ],
)
def test_every_body_named_is_registered(fact: CommitmentMade) -> None:
    """A03 以统一社会信用代码…为基础 (YN 二(三))."""
    given().when(fact, CREDIT, PAPER).refused("commitment.known")


def test_a_body_known_by_its_short_name_can_have_a_duty() -> None:
    """A13 （责任单位：市直有关部门）."""
    given().when(replace(MADE, responsible=(SHORT_NAME,)), CITY).then()
    given().when(replace(MADE, promiser=SHORT_NAME), CREDIT, PAPER).then()


def test_a_commitment_is_made_once_and_first() -> None:
    promised().when(MADE, CITY).refused("commitment.made-once")
    for fact in (PUBLISHED, PROGRESS, REPORT, KEPT, BROKEN, CHANGED, CLAIMED, GRANTED, PAID):
        given().when(fact, CITY, PAPER).refused("commitment.unmade")


@pytest.mark.parametrize(
    "fact",
    [
        replace(YEARLY, due=DUE),
        replace(YEARLY, milestones=(Milestone(DUE, "节点"),)),
        replace(OPEN, recurrence=Recurrence()),
        replace(OPEN, recurrence=Recurrence(("06-30",), Every.YEAR)),
        replace(OPEN, recurrence=Recurrence(("06-30",), start=DUE, until=IN_TIME)),
        replace(MADE, milestones=(Milestone(DUE, "节点"),)),
        replace(MADE, due=date(202, 12, 31)),
        replace(OPEN, recurrence=Recurrence(("06-30",), start=date(1, 1, 1))),
        replace(MADE, milestones=(Milestone(date(1900, 1, 1), "节点"),)),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_refused(fact: CommitmentMade) -> None:
    given().when(fact, CITY).refused("commitment.schedule")


@pytest.mark.parametrize("day", ["02-30", "13-01", "00-10", "6-30", "04-31"])
def test_a_day_that_no_year_has_is_refused_before_admission(day: str) -> None:
    with pytest.raises(FormatError, match="a day of the year as MM-DD"):
        decode(CommitmentMade, {**encode(OPEN), "recurrence": {"days": [day]}})


def test_a_publication_to_come_is_no_publication() -> None:
    fact = replace(MADE, published=(Publication(Channel.NEWS_MEDIA, "本地日报", TOMORROW),))
    given().when(fact, CITY).refused("commitment.future")


# --- contracts ----------------------------------------------------------------------------------------------


CONTRACT = replace(MADE, kind=Kind.CONTRACT, contract=Contract("招商〔2025〕7号", FIRM, 10**9, date(2025, 1, 8)))
CONTRACT_STREAM = contract_stream(CITY, "招商〔2025〕7号")


def test_a_contract_has_one_stream_so_that_it_cannot_be_signed_twice() -> None:
    """B12 坚决杜绝虚假签约，避免重复签约 (TA-A 二(三)9)."""
    given().at(CONTRACT_STREAM).when(CONTRACT, CITY).then()
    given().at(CONTRACT_STREAM).having(made(CONTRACT)).when(CONTRACT, CITY).refused("commitment.made-once")
    error = given().when(CONTRACT, CITY).refused("commitment.contract-stream")
    assert error.source == "B12: TA-A 二(三)9"
    assert CONTRACT_STREAM in error.en


def test_the_number_of_a_contract_decides_whatever_its_width_case_and_blanks() -> None:
    assert contract_stream(CITY, "ht－２０２５ 7") == contract_stream(CITY, "HT-20257")
    assert contract_stream(CITY, "HT-1") != contract_stream(BUREAU, "HT-1")
    assert contract_stream(CITY, "HT-1") != contract_stream(CITY, "HT-11")


def test_a_contracts_stream_is_a_version_8_uuid() -> None:
    kind, _, uuid = CONTRACT_STREAM.partition("/")
    assert (kind, uuid[14], len(uuid)) == ("commitment", "8", 36)
    assert uuid[19] in "89ab"


def test_a_contract_is_given_exactly_where_the_kind_is_contract() -> None:
    """B09 签订的各类合同、协议."""
    given().when(replace(CONTRACT, contract=None), CITY).refused("commitment.contract")
    given().when(replace(CONTRACT, kind=Kind.PLAN), CITY).refused("commitment.contract")


def test_a_contract_was_signed_before_it_is_recorded_and_with_a_known_party() -> None:
    """B09 签订的各类合同、协议."""
    later = replace(CONTRACT, contract=Contract("招商〔2025〕7号", signed_on=TOMORROW))
    given().at(CONTRACT_STREAM).when(later, CITY).refused("commitment.future")
    unknown = replace(CONTRACT, contract=Contract("招商〔2025〕7号", UNKNOWN))
    given().at(CONTRACT_STREAM).when(unknown, CITY).refused("commitment.known")


# --- published ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [CITY, BUREAU, PARTNER, CREDIT])
def test_the_promisers_side_publishes_the_commitment_with_a_proof(by: str) -> None:
    """B03 每年通过政府及部门网站、黄石日报等媒体，公开…承诺 (HS 四(七))."""
    assert len(promised().when(PUBLISHED, by, PAPER).then().publications) == 1
    promised().when(PUBLISHED, by).refused("commitment.basis")


def test_others_do_not_publish_for_it_nor_anyone_tomorrow() -> None:
    """B03 每年…公开."""
    promised().when(PUBLISHED, FIRM, PAPER).refused("commitment.signer")
    later = CommitmentPublished(replace(PUBLISHED.publication, on=TOMORROW))
    promised().when(later, CITY, PAPER).refused("commitment.future")


# --- taken over ---------------------------------------------------------------------------------------------


HANDED = CommitmentHandedOver("第十六届政府换届", "尚余两期款项未付", date(2026, 1, 4))


def test_a_change_of_term_hands_the_duty_over_and_ends_nothing() -> None:
    """B20 A12 加强对地方政府承诺事项延续性的监督 (YN 三(四)); 不得以政府换届、相关责任人更替等理由毁约."""
    state = promised().when(HANDED, CITY, PAPER).then()
    assert len(state.handovers) == 1
    assert (state.holder, state.due) == (MADE.promiser, MADE.due)


def test_a_hand_over_needs_its_report_the_promisers_side_and_a_day_that_has_come() -> None:
    """B20 承诺事项延续性."""
    promised().when(HANDED, CITY).refused("commitment.basis")
    promised().when(HANDED, FIRM, PAPER).refused("commitment.signer")
    promised().when(replace(HANDED, on=TOMORROW), CITY, PAPER).refused("commitment.future")


TAKEN = CommitmentTakenOver(CITY, HEIR)


@pytest.mark.parametrize("by", [HEIR, CREDIT])
def test_a_successor_takes_the_commitment_over_with_the_hand_over_document(by: str) -> None:
    """B20 加强对地方政府承诺事项延续性的监督 (YN 三(四))."""
    case = promised().amid(succeeded(CITY, HEIR))
    state = case.when(TAKEN, by, PAPER).then()
    assert state.holder == HEIR
    assert state.terms.promiser == CITY
    case.when(TAKEN, by).refused("commitment.basis")


def test_the_superior_may_record_the_take_over() -> None:
    world = succeeded(CITY, HEIR)
    world = {**world, HEIR: replace(world[HEIR], superior=PROVINCE)}
    promised().amid(world).when(TAKEN, PROVINCE, PAPER).then()


def test_lead_and_responsible_bodies_are_taken_over_too() -> None:
    world = succeeded(BUREAU, HEIR)
    state = promised().amid(world).when(CommitmentTakenOver(BUREAU, HEIR), HEIR, PAPER).then()
    assert (state.holder, state.lead) == (CITY, (HEIR,))


def test_a_chain_of_successions_can_be_taken_over_step_by_step() -> None:
    world = succeeded(HEIR, STRANGER, succeeded(CITY, HEIR))
    case = promised().amid(world).having(said(TAKEN, CREDIT, PAPER))
    state = case.when(CommitmentTakenOver(HEIR, STRANGER), STRANGER, PAPER).then()
    assert state.holder == STRANGER
    case.when(TAKEN, CREDIT, PAPER).refused("commitment.predecessor")


def test_a_promise_passes_only_where_the_ledger_shows_the_succession() -> None:
    """A12 不得以政府换届、相关责任人更替等理由毁约: a promise is not handed to a body that did not succeed."""
    error = promised().when(TAKEN, HEIR, PAPER).refused("commitment.succession")
    assert FIVE in error.source
    promised().when(CommitmentTakenOver(CITY, CITY), CITY, PAPER).refused("commitment.succession")
    backwards = promised().amid(succeeded(CITY, HEIR))
    backwards.when(CommitmentTakenOver(HEIR, CITY), CREDIT, PAPER).refused("commitment.predecessor")


def test_a_body_without_a_duty_has_nothing_to_hand_over() -> None:
    world = succeeded(STRANGER, HEIR)
    case = promised().amid(world)
    case.when(CommitmentTakenOver(STRANGER, HEIR), HEIR, PAPER).refused("commitment.predecessor")


def test_only_the_successor_the_credit_office_or_the_superior_records_a_take_over() -> None:
    promised().amid(succeeded(CITY, HEIR)).when(TAKEN, FIRM, PAPER).refused("commitment.signer")


# --- who answers --------------------------------------------------------------------------------------------


def test_admission_looks_at_all_bodies_that_ever_had_a_duty_or_a_claim() -> None:
    case = claimed().amid(succeeded(CITY, HEIR)).having(said(TAKEN, HEIR, PAPER))
    event = case.event(said(PROGRESS, CITY), 9)
    assert set(named(case.state, event)) == {CITY, BUREAU, PARTNER, HEIR, FIRM}
    assert list(named(given().state, event)) == []


def test_who_answers_for_a_promise_is_its_holder_or_who_came_after_it() -> None:
    """A12 B20 不得以政府换届…等理由毁约; 承诺事项延续性."""
    state = promised().state
    assert answers_for(state, Rules(given().world)) == CITY
    world = succeeded(HEIR, STRANGER, succeeded(CITY, HEIR))
    assert answers_for(state, Rules(world)) == STRANGER
    circle = succeeded(HEIR, CITY, succeeded(CITY, HEIR))
    assert answers_for(state, Rules(circle)) in {CITY, HEIR}
