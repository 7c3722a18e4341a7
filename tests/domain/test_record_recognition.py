"""Recognition: from what a record comes, who answers for it, how grave it is, and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ledger.domain.event import Document
from ledger.domain.person import Affiliation
from ledger.domain.record.course_facts import ToleranceDetermined
from ledger.domain.record.facts import (
    LeadVerified,
    RectificationUrged,
    ResponsiblePersonLinked,
    SeverityGraded,
    SubjectNotified,
)
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import PersonKind, Responsibility, Severity, SourceKind
from tests.domain.course import person, recognised
from tests.domain.penalties import begun_here
from tests.domain.records import (
    DECISION,
    GRADED,
    LEAD,
    LETTER,
    PERSON,
    RECOGNISED,
    RECOGNISER,
    RECORD_WORLD,
    SUBJECT,
    SUPERIOR,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.scenario import CITY, CREDIT, HEIR, Scenario, said, succeeded

DAY = timedelta(days=1)
URGED = said(RectificationUrged("支付合同尾款", date(2026, 5, 30)), CREDIT, on=date(2026, 5, 21))
BREACH = recognised(SourceKind.CONTRACT_BREACH, refused_to_rectify=True)
LINK = ResponsiblePersonLinked(PERSON, Responsibility.PRINCIPAL, date(2024, 3, 1), date(2026, 5, 1))


def linkable(who: Any = None, *, packs: tuple[str, ...] = (), **more: Any) -> Scenario:
    """A recognised record beside the file of a person."""
    return replace(begun(LEAD, VERIFIED, RECOGNISED, packs=packs), cases={PERSON: who or person()}, **more)


# --- recognition --------------------------------------------------------------------------------------------


def test_a_record_comes_from_an_effective_decision() -> None:
    """C01 因违法违规、失信违约被司法判决、行政处罚、纪律处分、问责处理等信息纳入政务失信记录。"""
    state = begun(LEAD, VERIFIED).when(recognised(), RECOGNISER, DECISION, on=TODAY).then()
    assert state.standing is Standing.RECORDED


def test_a_recognition_without_its_decision_is_refused() -> None:
    """C01 纳入政务失信记录的，须有生效的决定。"""
    begun(LEAD, VERIFIED).when(recognised(), RECOGNISER, on=TODAY).refused("record.basis")


@pytest.mark.parametrize("missing", ["number", "organ", "dated"])
def test_the_decision_shows_organ_number_and_day(missing: str) -> None:
    """C01 被司法判决、行政处罚、纪律处分、问责处理：写明机关、文号、日期。"""
    paper = (replace(DECISION[0], **{missing: None}),)
    error = begun(LEAD, VERIFIED).when(recognised(), RECOGNISER, paper, on=TODAY).refused("record.decision")
    assert missing in error.en


def test_a_decision_is_not_in_effect_before_its_day_nor_in_future() -> None:
    """C01 生效的决定：生效不早于决定之日，也不晚于记载之日。"""
    trial = begun(LEAD, VERIFIED)
    dated = DECISION[0].dated
    assert dated
    early, late = recognised(effective_on=dated - DAY), recognised(effective_on=TODAY + DAY)
    trial.when(early, RECOGNISER, DECISION, on=TODAY).refused("record.effective")
    trial.when(late, RECOGNISER, DECISION, on=TODAY).refused("record.future")
    trial.when(recognised(effective_on=dated), RECOGNISER, DECISION, on=TODAY).then()
    trial.when(recognised(effective_on=TODAY), RECOGNISER, DECISION, on=TODAY).then()


def test_only_conduct_in_the_course_of_duty_becomes_a_record() -> None:
    """C02 在履职过程中。"""
    begun(LEAD, VERIFIED).when(recognised(on_duty=False), RECOGNISER, DECISION, on=TODAY).refused("record.on-duty")
    wider = begun_here(LEAD, VERIFIED, rules={"record.on_duty": "false"})
    wider.when(recognised(on_duty=False), RECOGNISER, DECISION, on=TODAY).then()


@pytest.mark.parametrize(
    ("source", "refusing", "admitting"),
    [
        (SourceKind.DISCIPLINARY_ACTION, "taian", "yuncheng"),
        (SourceKind.SANCTION, "dehua", "yancheng"),
        (SourceKind.LITIGATION_DEFEAT, "dehua", "yuncheng"),
        (SourceKind.UNPERFORMED_JUDGMENT, "taian", "yancheng"),
        (SourceKind.UTILITY_ARREARS, "yancheng", "huangshi"),
        (SourceKind.EXAM_FRAUD, "yancheng", "taian"),
        (SourceKind.STATISTICS_FRAUD, "taian", "yuncheng"),
        (SourceKind.FALSE_LITIGATION_LIST, "yuncheng", "taian"),
    ],
)
def test_each_place_lists_what_becomes_a_record(source: SourceKind, refusing: str, admitting: str) -> None:
    """C01 C11 C12 C21 C22 C24 行政机关败诉、水电费等公共服务欠缴、统计造假、虚假诉讼失信人等，按各地文件纳入。"""
    fact = recognised(source)
    error = begun(LEAD, VERIFIED, packs=(refusing,)).when(fact, RECOGNISER, DECISION, on=TODAY)
    assert "record.sources" in error.refused("record.source").source
    begun(LEAD, VERIFIED, packs=(admitting,)).when(fact, RECOGNISER, DECISION, on=TODAY).then()


@pytest.mark.parametrize("source", [SourceKind.COURT_LIST, SourceKind.ARREARS])
@pytest.mark.parametrize("pack", ["yuncheng", "dehua", "huangshi", "taian", "yancheng"])
def test_what_the_nation_lists_becomes_a_record_everywhere(pack: str, source: SourceKind) -> None:
    """C04 C13 着重采集失信被执行人名单的信息；拖欠物资采购款、工程款、保证金和农民工工资。"""
    begun(LEAD, VERIFIED, packs=(pack,)).when(recognised(source), RECOGNISER, DECISION, on=TODAY).then()


def test_what_no_catalogue_names_is_not_collected() -> None:
    """C17 明确政务信用信息目录事项，依法依规、及时准确采集。"""
    error = begun(LEAD, VERIFIED).when(recognised(catalogue="neighbourhood_gossip"), RECOGNISER, DECISION, on=TODAY)
    assert "gossip" not in error.refused("record.catalogue").en
    begun(LEAD, VERIFIED).when(recognised(catalogue="other"), RECOGNISER, DECISION, on=TODAY).then()


def test_a_recognition_names_the_misconduct() -> None:
    """C20 懒政怠政、以权谋私、滥用职权、失职渎职、交易违约、严重危害群众利益。"""
    begun(LEAD, VERIFIED).when(recognised(conduct=()), RECOGNISER, DECISION, on=TODAY).refused("record.conduct")


def test_an_unverified_lead_is_not_recognised() -> None:
    """C25 失信舆情采集：线索未经核实，不得认定；一案只认定一次。"""
    untrue = said(LeadVerified(False, "不属实"), CREDIT, on=date(2026, 5, 21))
    begun(LEAD).when(recognised(), RECOGNISER, DECISION, on=TODAY).refused("record.standing")
    begun(LEAD, untrue).when(recognised(), RECOGNISER, DECISION, on=TODAY).refused("record.standing")
    begun(LEAD, VERIFIED, RECOGNISED).when(recognised(), RECOGNISER, DECISION, on=TODAY).refused("record.standing")


def test_nobody_recognises_its_own_breach() -> None:
    """C01 认定单位不得为信用主体自身。"""
    own = replace(RECORD_WORLD[SUBJECT], roles=RECORD_WORLD[RECOGNISER].roles)
    world = {**RECORD_WORLD, SUBJECT: own}
    trial = begun(LEAD, VERIFIED).amid(world)
    trial.when(recognised(), SUBJECT, DECISION, on=TODAY).refused("record.own-case")
    trial.when(recognised(), SUPERIOR, DECISION, on=TODAY).then()


def test_a_tolerated_act_is_not_recognised() -> None:
    """C19 经认定符合容错纠错情形和条件的，可不纳入政务失信记录。"""
    refused = said(ToleranceDetermined(False, "示例市委", "不符合"), RECOGNISER, LETTER, on=date(2026, 5, 25))
    granted = said(ToleranceDetermined(True, "示例市委", "符合"), RECOGNISER, LETTER, on=date(2026, 5, 25))
    for determination, admitted in ((refused, True), (granted, False)):
        trial = begun(LEAD, VERIFIED, determination, packs=("yancheng",)).when(
            recognised(), RECOGNISER, DECISION, on=TODAY
        )
        if admitted:
            trial.then()
        else:
            trial.refused("record.tolerated")


def test_a_breach_is_recognised_only_after_a_refusal_to_rectify() -> None:
    """C01 发改财金〔2023〕1103号：情况属实的推动整改，拒不整改的方确认为违约失信。"""
    willing = replace(BREACH, refused_to_rectify=False)
    begun(LEAD, VERIFIED).when(BREACH, RECOGNISER, DECISION, on=TODAY).refused("record.urge-first")
    urged = begun(LEAD, VERIFIED, URGED)
    urged.when(BREACH, RECOGNISER, DECISION, on=date(2026, 5, 30)).refused("record.urge-first")
    error = urged.when(willing, RECOGNISER, DECISION, on=date(2026, 5, 31)).refused("record.refusal")
    assert "1103" in error.source
    urged.when(BREACH, RECOGNISER, DECISION, on=date(2026, 5, 31)).then()


def test_the_last_urging_counts() -> None:
    """C01 督促整改的期限重新确定的，以最后一次为准。"""
    again = said(RectificationUrged("支付合同尾款", date(2026, 7, 30)), CREDIT, on=date(2026, 5, 31))
    begun(LEAD, VERIFIED, URGED, again).when(BREACH, RECOGNISER, DECISION, on=TODAY).refused("record.urge-first")


def test_what_is_overdue_had_a_deadline() -> None:
    """C23 对逾期未整改的，将政务失信记录推送至市公共信用信息平台：先有期限，才有逾期。"""
    fact = recognised(SourceKind.UNRECTIFIED)
    trial = begun(LEAD, VERIFIED).when(fact, RECOGNISER, DECISION, on=TODAY)
    assert trial.refused("record.urge-first").source.startswith("C23")
    begun(LEAD, VERIFIED, URGED).when(fact, RECOGNISER, DECISION, on=TODAY).then()


# --- persons ------------------------------------------------------------------------------------------------


def test_a_person_answers_for_the_record_by_role_and_days() -> None:
    """A04 D20 对造成政务失信行为的主要负责人依法依规追究责任；惩戒到人；建立政府失信责任追究制度。"""
    state = linkable().when(LINK, RECOGNISER, on=TODAY).then()
    assert state.persons[0].fact.responsibility is Responsibility.PRINCIPAL


def test_only_a_person_on_file_is_linked() -> None:
    """A04 惩戒到人：人员须有档案，账本中只以档案号出现。"""
    begun(LEAD, VERIFIED, RECOGNISED).when(LINK, RECOGNISER, on=TODAY).refused("record.linked")


def test_each_place_says_which_persons_are_subjects() -> None:
    """A04 公务员；公务员、事业单位人员：各地责任主体不同。"""
    staff = person(PersonKind.INSTITUTION_STAFF)
    error = linkable(staff, packs=("yuncheng",)).when(LINK, RECOGNISER, on=TODAY).refused("record.person-kind")
    assert "subject.person_kinds" in error.source
    linkable(staff, packs=("dehua",)).when(LINK, RECOGNISER, on=TODAY).then()


def test_a_person_answers_only_for_the_body_it_served() -> None:
    """A04 主要负责人：在所述期间任职于该单位。"""
    short = person(PersonKind.CIVIL_SERVANT, Affiliation(SUBJECT, date(2024, 3, 1), date(2026, 4, 30)))
    linkable(short).when(LINK, RECOGNISER, on=TODAY).refused("record.affiliation")
    linkable(short).when(replace(LINK, until=date(2026, 4, 30)), RECOGNISER, on=TODAY).then()
    linkable(short).when(replace(LINK, until=None), RECOGNISER, on=TODAY).refused("record.affiliation")
    elsewhere = person(PersonKind.CIVIL_SERVANT, Affiliation(CITY, date(2020, 1, 1)))
    linkable(elsewhere).when(LINK, RECOGNISER, on=TODAY).refused("record.affiliation")


def test_service_with_a_body_that_was_taken_over_counts() -> None:
    """A04 A12 不得以政府换届、相关责任人更替等理由毁约：机构改革前的任职同样负责。"""
    before = person(PersonKind.CIVIL_SERVANT, Affiliation(HEIR, date(2020, 1, 1)))
    world = succeeded(HEIR, SUBJECT, RECORD_WORLD)
    world = {**world, SUBJECT: replace(world[SUBJECT], predecessors=(HEIR,))}
    linkable(before).when(LINK, RECOGNISER, on=TODAY).refused("record.affiliation")
    linkable(before, world=world).when(LINK, RECOGNISER, on=TODAY).then()


def test_a_candidate_serves_nobody_yet() -> None:
    """C21 对有考试舞弊、替考等行为的考生，依法取消公务员录用资格。"""
    candidate = replace(person(PersonKind.CANDIDATE), affiliations=())
    linkable(candidate, packs=("taian",)).when(LINK, RECOGNISER, on=TODAY).then()
    linkable(candidate).when(LINK, RECOGNISER, on=TODAY).refused("record.person-kind")


def test_the_days_of_a_person_make_sense() -> None:
    """A04 责任人的任职期间：起不在未来，止不早于起。"""
    linkable().when(replace(LINK, start=TODAY + DAY, until=None), RECOGNISER, on=TODAY).refused("record.future")
    linkable().when(replace(LINK, until=date(2024, 2, 29)), RECOGNISER, on=TODAY).refused("record.period")
    linkable().when(replace(LINK, until=LINK.start), RECOGNISER, on=TODAY).then()


def test_a_person_is_linked_once_for_the_same() -> None:
    """A04 同一责任不重复关联。"""
    linked = linkable().having(said(LINK, RECOGNISER, on=TODAY))
    linked.when(LINK, RECOGNISER, on=TODAY).refused("record.linked-once")
    linked.when(replace(LINK, responsibility=Responsibility.DIRECT), RECOGNISER, on=TODAY).then()


def test_a_lead_has_nobody_who_answers_yet() -> None:
    """A04 责任人关联于政务失信记录，线索阶段不关联。"""
    case = replace(begun(LEAD, VERIFIED), cases={PERSON: person()})
    case.when(LINK, CREDIT, on=TODAY).refused("record.standing")


# --- severity, notice ---------------------------------------------------------------------------------------


def graded(severity: Severity, loss: Severity, impact: Severity) -> SeverityGraded:
    """A grading with its grounds."""
    return SeverityGraded(severity, loss, "损失情况", impact, "社会影响")


def test_the_higher_axis_makes_the_severity() -> None:
    """C15 根据失信行为对经济社会发展造成的损失情况和社会影响程度。"""
    case = begun(LEAD, VERIFIED, RECOGNISED)
    low, high = Severity.MINOR, Severity.SERIOUS
    case.when(graded(low, low, high), RECOGNISER, on=TODAY).refused("record.severity")
    case.when(graded(Severity.GENERAL, low, high), RECOGNISER, on=TODAY).refused("record.severity")
    assert case.when(graded(high, low, high), RECOGNISER, on=TODAY).then().severity is high
    assert case.when(graded(high, high, low), RECOGNISER, on=TODAY).then().severity is high


def test_where_the_severity_is_stated_it_lies_between_the_axes() -> None:
    """C15 损失情况和社会影响程度：由认定单位综合认定的，不低于较轻者、不高于较重者。"""
    case = begun_here(LEAD, VERIFIED, RECOGNISED, rules={"severity.combine": '"stated"'})
    low, middle, high = Severity
    case.when(graded(middle, low, high), RECOGNISER, on=TODAY).then()
    case.when(graded(low, middle, high), RECOGNISER, on=TODAY).refused("record.severity")
    case.when(graded(high, low, middle), RECOGNISER, on=TODAY).refused("record.severity")


def test_a_later_grading_needs_its_document() -> None:
    """C15 失信程度重新认定的，须有依据。"""
    case, fact = begun(LEAD, VERIFIED, RECOGNISED, GRADED), graded(*[Severity.MINOR] * 3)
    case.when(fact, RECOGNISER, on=TODAY).refused("record.basis")
    assert case.when(fact, RECOGNISER, LETTER, on=TODAY).then().severity is Severity.MINOR


def test_the_subject_is_told() -> None:
    """E17 完善政务信用信息主体权益保护机制：告知主体，不早于决定生效，不晚于记载。"""
    case = begun(LEAD, VERIFIED, RECOGNISED)
    effective = date(2026, 5, 20)
    case.when(SubjectNotified(effective), RECOGNISER, on=TODAY).then()
    case.when(SubjectNotified(effective - DAY), RECOGNISER, on=TODAY).refused("record.notice-day")
    case.when(SubjectNotified(TODAY + DAY), RECOGNISER, on=TODAY).refused("record.future")
    begun(LEAD, VERIFIED).when(SubjectNotified(TODAY), CREDIT, on=TODAY).refused("record.standing")


def test_a_scan_without_number_is_no_decision() -> None:
    """C01 首个文件须为决定本身。"""
    scan = (Document("扫描件", "01" * 32), *DECISION)
    begun(LEAD, VERIFIED).when(recognised(), RECOGNISER, scan, on=TODAY).refused("record.decision")
