"""The clocks of a record: by which rule and source, from when, until when, and where each stands on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.domain.calendar import Deadline, DeadlineState, Year
from ledger.domain.policy import Policy, view_of
from ledger.domain.record.course_facts import (
    CaseEscalated,
    CourtListRemovalRequested,
    CourtListRemoved,
    ExplanationFiled,
    ExplanationRequested,
    RecordCorrected,
    RecordWithdrawn,
    RectificationExtended,
    RectificationOrdered,
    RectificationPlanFiled,
    RectificationReported,
    RectificationVerified,
    SuperiorInformed,
    SupervisionLetterIssued,
)
from ledger.domain.record.deadlines import deadlines
from ledger.domain.record.facts import LeadClosed, RectificationUrged, SeverityGraded
from ledger.domain.record.remedy_facts import (
    ObjectionAccepted,
    ObjectionDismissed,
    ObjectionUpheld,
    RepairRefused,
    ReputationRestored,
    RestorationNoticePublished,
    SourceAnswered,
    VerificationRequested,
)
from ledger.domain.record.remedy_terms import Extent, RepairRefusal
from ledger.domain.record.terms import (
    Correction,
    CourtExit,
    LeadEnd,
    LetterKind,
    Severity,
    SourceKind,
    WithdrawalGround,
)
from tests.domain.course import EVIDENCE, EXPLAINED, LISTED, NOTIFIED, PUBLISHED, SERIOUS, TAKEN_DOWN
from tests.domain.penalties import IMPOSED, OBJECTED, REPAIR_DAY, REPAIRED, begun_here, punishable
from tests.domain.records import (
    CHECKED,
    COURT,
    DECISION,
    GRADED,
    LEAD,
    LETTER,
    ORDERED,
    RECOGNISED,
    RECOGNISER,
    REPORTED,
    SOURCE,
    SUBJECT,
    SUPERIOR,
    TODAY,
    VERIFIED,
    begun,
)
from tests.domain.scenario import CITY, CREDIT, Saying, Scenario, said

DAY = timedelta(days=1)
DUE = date(2026, 6, 30)
"""The day of ORDERED."""


def recorded(*sayings: Saying, packs: tuple[str, ...] = ()) -> Scenario:
    """A record, and what came then."""
    return begun(LEAD, VERIFIED, RECOGNISED, GRADED, *sayings, packs=packs)


def clocks(case: Scenario, rule: str, on: date = TODAY) -> list[Deadline]:
    """The clocks of a rule under the packs of the case."""
    return [d for d in deadlines(case.state, view_of(case.policies, on)) if d.rule == rule]


def clock(case: Scenario, rule: str, on: date = TODAY) -> Deadline:
    """The one clock of a rule."""
    (found,) = clocks(case, rule, on)
    return found


# --- lead ---------------------------------------------------------------------------------------------------


def test_a_lead_waits_to_be_verified_without_a_day() -> None:
    """H06 加强举报核实：没有文件规定天数的，只列任务，不列期限。"""
    task = clock(begun(LEAD), "record.lead")
    assert (task.what, task.start, task.due) == ("LeadVerified", LEAD.on, None)
    assert task.state(date(2030, 1, 1)) is DeadlineState.OPEN
    assert clock(begun(LEAD, VERIFIED), "record.lead").state(VERIFIED.on) is DeadlineState.MET


def test_an_urging_runs_until_the_lead_ends() -> None:
    """H10 发改财金〔2023〕1103号：督促整改有期限。"""
    urged = said(RectificationUrged("履约", date(2026, 6, 5)), CREDIT, on=date(2026, 5, 22))
    ended = said(LeadClosed(LeadEnd.RECTIFIED, "已履约"), CREDIT, on=date(2026, 6, 5))
    runs = clock(begun(LEAD, VERIFIED, urged), "record.urged")
    assert "1103" in runs.source
    assert [runs.state(date(2026, 6, day)) for day in (5, 6)] == [DeadlineState.OPEN, DeadlineState.OVERDUE]
    assert clock(begun(LEAD, VERIFIED, urged, ended), "record.urged").state(TODAY + 9 * DAY) is DeadlineState.MET


# --- duties of the record -----------------------------------------------------------------------------------


def test_an_explanation_is_due_on_the_day_asked_for() -> None:
    """D01 对具体失信情况书面说明原因。"""
    asked = said(ExplanationRequested(date(2026, 6, 10)), RECOGNISER, on=TODAY)
    filed = said(ExplanationFiled("说明"), SUBJECT, EVIDENCE, on=date(2026, 6, 11))
    due = clock(recorded(asked), "record.explanation")
    assert (due.start, due.due, due.provisional, due.source[:3]) == (TODAY, date(2026, 6, 10), False, "D01")
    assert due.state(date(2026, 6, 11)) is DeadlineState.OVERDUE
    assert clock(recorded(asked, filed), "record.explanation").state(date(2026, 6, 11)) is DeadlineState.MET_LATE


def test_an_explanation_nobody_asked_for_is_a_duty_all_the_same() -> None:
    """D01 存在政务失信记录的，要书面说明原因。"""
    duty = clock(recorded(), "explanation.required")
    assert (duty.due, duty.state(TODAY)) == (None, DeadlineState.OPEN)
    assert "76号" in duty.source
    assert clock(recorded(EXPLAINED), "explanation.required").state(TODAY) is DeadlineState.MET


def test_the_subject_is_to_be_told() -> None:
    """E17 权益保护机制：认定后告知主体。"""
    assert clock(recorded(), "record.notice").state(TODAY) is DeadlineState.OPEN
    assert clock(recorded(NOTIFIED), "record.notice").state(TODAY) is DeadlineState.MET


def test_a_serious_case_is_to_be_reported() -> None:
    """C16 对政务领域严重失信的，要及时向市政府报告情况。"""
    told = said(CaseEscalated(CITY, "情况报告"), RECOGNISER, on=TODAY)
    serious = begun(LEAD, VERIFIED, RECOGNISED, SERIOUS)
    assert clocks(recorded(), "severity.escalate") == []
    duty = clock(serious, "severity.escalate")
    assert (duty.what, duty.start, duty.due) == ("CaseEscalated", SERIOUS.on, None)
    assert clock(serious.having(told), "severity.escalate").state(TODAY) is DeadlineState.MET
    low = said(SeverityGraded(*[Severity.MINOR, Severity.MINOR, "轻"], Severity.MINOR, "轻"), RECOGNISER, LETTER)
    eased = serious.having(replace(low, on=TODAY))
    assert clocks(eased, "severity.escalate") == []


def test_the_superior_is_to_be_told_in_taian() -> None:
    """D07 向上级主管单位及时通报相关情况（泰安）。"""
    told = said(SuperiorInformed(SUPERIOR, TODAY), CREDIT, on=TODAY)
    assert clocks(recorded(), "superior.inform") == []
    assert clock(recorded(packs=("taian",)), "superior.inform").state(TODAY) is DeadlineState.OPEN
    assert clock(recorded(told, packs=("taian",)), "superior.inform").state(TODAY) is DeadlineState.MET


# --- rectification ------------------------------------------------------------------------------------------


def test_rectification_is_due_as_ordered_or_put_off() -> None:
    """D02 限期加以整改。"""
    put_off = said(RectificationExtended(date(2026, 7, 15), "汛期"), RECOGNISER, on=TODAY)
    assert clock(recorded(ORDERED), "record.rectification").due == DUE
    later = clock(recorded(ORDERED, put_off), "record.rectification")
    assert (later.due, later.start) == (date(2026, 7, 15), ORDERED.on)
    assert later.state(date(2026, 7, 16)) is DeadlineState.OVERDUE


def test_a_report_in_time_meets_the_deadline_however_late_it_is_verified() -> None:
    """D02 按期报告并经核实的，视为按期整改。"""
    verified = replace(CHECKED, on=date(2026, 8, 1))
    kept = clock(recorded(ORDERED, REPORTED, verified), "record.rectification")
    assert (kept.met, kept.state(date(2026, 8, 1))) == (REPORTED.on, DeadlineState.MET)
    late = replace(REPORTED, on=date(2026, 7, 1))
    missed = clock(recorded(ORDERED, late, verified), "record.rectification")
    assert missed.state(date(2026, 8, 1)) is DeadlineState.MET_LATE
    without = clock(recorded(ORDERED, replace(verified, basis=LETTER)), "record.rectification")
    assert without.met == date(2026, 8, 1)


def test_a_verification_that_was_reversed_meets_nothing() -> None:
    """D02 复核未到位的，期限仍未完成。"""
    relapsed = said(RectificationVerified(False, False, "反弹"), RECOGNISER, LETTER, on=TODAY)
    assert clock(recorded(ORDERED, REPORTED, CHECKED, relapsed), "record.rectification").met is None


def test_each_order_has_its_own_clock() -> None:
    """D02 再次责令的，各自计算期限。"""
    again = said(RectificationOrdered("限期改正", date(2026, 7, 31)), RECOGNISER, on=DUE + DAY)
    put_off = said(RectificationExtended(date(2026, 8, 31), "汛期"), RECOGNISER, on=date(2026, 7, 2))
    done = said(RectificationVerified(True, True, "到位"), RECOGNISER, LETTER, on=date(2026, 8, 1))
    first, second = clocks(recorded(ORDERED, again, put_off, done), "record.rectification")
    assert (first.due, second.due) == (DUE, date(2026, 8, 31))
    states = [d.state(date(2026, 8, 1)) for d in (first, second)]
    assert states == [DeadlineState.MET_LATE, DeadlineState.MET]


def test_plans_and_letters_have_their_days() -> None:
    """C10 D03 整改方案的时限；专项督办、函告整改的期限。"""
    plan = said(RectificationPlanFiled("方案", date(2026, 6, 20)), SUBJECT, on=TODAY)
    letter = SupervisionLetterIssued(LetterKind.SPECIAL_SUPERVISION, "限期报告", date(2026, 6, 15))
    urged, open_ended = (said(fact, CREDIT, LETTER, on=TODAY) for fact in (letter, replace(letter, due=None)))
    report = said(RectificationReported("已改正", TODAY, EVIDENCE), SUBJECT, on=date(2026, 6, 12))
    case = recorded(ORDERED, plan, urged, open_ended)
    assert clock(case, "record.plan").due == date(2026, 6, 20)
    assert clock(case, "record.letter").state(date(2026, 6, 16)) is DeadlineState.OVERDUE
    assert clock(case.having(report), "record.letter").state(date(2026, 6, 16)) is DeadlineState.MET


# --- court --------------------------------------------------------------------------------------------------


def test_the_court_removes_within_the_days_of_the_pack() -> None:
    """C06 提请法院从失信被执行人名单中删除。"""
    asked = said(CourtListRemovalRequested(CourtExit.PERFORMED, TODAY), SUBJECT, EVIDENCE, on=date(2026, 6, 18))
    gone = said(CourtListRemoved(CourtExit.PERFORMED, date(2026, 6, 24)), COURT, on=date(2026, 6, 24))
    assert clocks(recorded(LISTED), "court.removal_days") == []
    runs = clock(recorded(LISTED, asked), "court.removal_days")
    assert runs.due == date(2026, 6, 24)  # 19 June is a holiday
    assert clock(recorded(LISTED, asked, gone), "court.removal_days").state(date(2026, 6, 24)) is DeadlineState.MET


# --- publication --------------------------------------------------------------------------------------------


def test_a_record_is_published_within_seven_working_days() -> None:
    """F04 行政许可、行政处罚等信息自作出行政决定之日起 7 个工作日内上网公开。"""
    runs = clock(recorded(), "publication.days")
    assert (runs.what, runs.start, runs.due) == ("RecordPublished", DECISION[0].dated, date(2026, 5, 29))
    assert clock(recorded(PUBLISHED), "publication.days").state(TODAY) is DeadlineState.MET
    minor = replace(GRADED, fact=SeverityGraded(Severity.MINOR, Severity.MINOR, "轻", Severity.MINOR, "轻"))
    assert clocks(begun(LEAD, VERIFIED, RECOGNISED, minor), "publication.days") == []


def test_what_is_no_penalty_is_published_within_seven_working_days_of_its_recognition() -> None:
    """F04 自作出行政决定之日起；行政处罚以外来源的，认定即作出决定。"""
    judged = replace(RECOGNISED, fact=replace(RECOGNISED.fact, source=SourceKind.JUDGMENT))
    runs = clock(begun(LEAD, VERIFIED, judged, GRADED), "publication.days")
    assert (runs.start, runs.due) == (RECOGNISED.on, date(2026, 6, 2))


def test_the_number_of_days_is_that_of_the_recognition_however_old_the_decision_is() -> None:
    """F04 决定早于规则施行的，仍自决定之日起计，天数依认定之日施行的规则。"""
    old = replace(RECOGNISED, basis=(replace(DECISION[0], dated=date(2015, 3, 2)),))
    runs = clock(begun(LEAD, VERIFIED, old, GRADED), "publication.days")
    assert (runs.start, runs.due) == (date(2015, 3, 2), date(2015, 3, 11))
    assert runs.provisional  # the arrangement of 2015 is not known here


def test_publicity_ends_on_its_day_or_before() -> None:
    """F01 依法依规逐步公开：公示期届满即止。"""
    runs = clock(recorded(PUBLISHED), "publication.until")
    assert runs.due == date(2026, 9, 30)
    assert [runs.state(date(2026, 9, day)) for day in (29, 30)] == [DeadlineState.OPEN, DeadlineState.MET]
    fallen = said(RecordWithdrawn(WithdrawalGround.UNTRUE, "不成立"), CREDIT, LETTER, on=TODAY)
    assert clock(recorded(PUBLISHED, fallen), "publication.until").met == TODAY
    assert clock(recorded(PUBLISHED, TAKEN_DOWN), "publication.until", TAKEN_DOWN.on).met == TAKEN_DOWN.on


# --- penalties ----------------------------------------------------------------------------------------------


def test_a_penalty_ends_by_itself() -> None:
    """D11 确定失信行为惩戒期限。"""
    runs = clock(punishable(IMPOSED), "penalty.until")
    assert (runs.item, runs.start, runs.due) == ("p1", date(2026, 5, 25), date(2026, 11, 24))
    assert [runs.state(date(2026, 11, day)) for day in (23, 24)] == [DeadlineState.OPEN, DeadlineState.MET]


# --- remedies -----------------------------------------------------------------------------------------------

FILED = replace(OBJECTED, on=date(2026, 6, 1))
ACCEPTED = said(ObjectionAccepted("o1", date(2026, 6, 8)), CREDIT, on=date(2026, 6, 2))
ASKED = said(VerificationRequested("o1", SOURCE, date(2026, 6, 5)), CREDIT, on=date(2026, 6, 2))
ANSWERED = said(SourceAnswered("o1", False, "有误"), SOURCE, on=date(2026, 6, 8))


def test_without_a_confirmed_number_an_objection_is_a_task_without_a_day() -> None:
    """E01 异议处理的工作日数尚无人能确认：只列任务，不列期限，不得杜撰。"""
    task = clock(punishable(FILED), "objection.accept_days")
    assert (task.due, task.item, task.state(date(2027, 1, 1))) == (None, "o1", DeadlineState.OPEN)


def test_an_objection_has_the_working_days_of_the_pack() -> None:
    """E01 异议受理期限自记载之日起按工作日计算。"""
    case = begun_here(LEAD, VERIFIED, RECOGNISED, GRADED, FILED, rules={"objection.accept_days": "3"})
    runs = clock(case, "objection.accept_days")
    assert (runs.start, runs.due, runs.provisional) == (date(2026, 6, 1), date(2026, 6, 4), False)
    assert "示例市规则" in runs.source
    assert clock(case.having(ACCEPTED), "objection.accept_days").state(date(2026, 6, 2)) is DeadlineState.MET


def test_the_source_answers_by_the_day_it_was_given() -> None:
    """E04 信息提供和采集单位应当及时核实、处置、反馈相关情况。"""
    asked = punishable(FILED, ACCEPTED, ASKED)
    assert clock(asked, "objection.source_days").state(date(2026, 6, 6)) is DeadlineState.OVERDUE
    late = clock(asked.having(ANSWERED), "objection.source_days")
    assert late.state(date(2026, 6, 8)) is DeadlineState.MET_LATE
    dismissed = said(ObjectionDismissed("o1", "不属实"), CREDIT, on=date(2026, 6, 4))
    assert clocks(asked.having(dismissed), "objection.source_days") == []


def test_an_objection_is_decided_by_the_day_stated() -> None:
    """E01 E05 异议处理期限：受理时告知。"""
    runs = clock(punishable(FILED, ACCEPTED), "objection.decide_days")
    assert (runs.due, runs.state(date(2026, 6, 9))) == (date(2026, 6, 8), DeadlineState.OVERDUE)
    dismissed = said(ObjectionDismissed("o1", "不属实"), CREDIT, on=date(2026, 6, 8))
    assert clock(punishable(FILED, ACCEPTED, dismissed), "objection.decide_days").state(TODAY + 9 * DAY) is (
        DeadlineState.MET
    )


def test_an_objection_that_is_right_leaves_a_task_until_the_record_is_corrected() -> None:
    """E05 经核实有误的应及时更正。"""
    upheld = said(ObjectionUpheld("o1", Extent.PARTLY, "文号有误"), CREDIT, LETTER, on=date(2026, 6, 8))
    case = punishable(IMPOSED, FILED, ACCEPTED, upheld)
    task = clock(case, "record.correction")
    assert (task.what, task.item, task.state(date(2026, 9, 1))) == ("RecordCorrected", "o1", DeadlineState.OPEN)
    corrected = RecordCorrected((Correction("文号", "示罚字〔2026〕1号"),), "更正文号", objection="o1")
    done = case.having(said(corrected, CREDIT, LETTER, on=date(2026, 6, 9)))
    assert clock(done, "record.correction").state(date(2026, 6, 9)) is DeadlineState.MET


def test_a_reputation_is_to_be_restored() -> None:
    """E06 应积极采取措施恢复其信誉、消除不良影响。"""
    upheld = said(ObjectionUpheld("o1", Extent.WHOLLY, "属实", withdraw=True), CREDIT, LETTER, on=date(2026, 6, 8))
    case = punishable(IMPOSED, FILED, ACCEPTED, upheld)
    task = clock(case, "restoration.required")
    assert (task.what, task.item, task.start, task.due) == ("ReputationRestored", "o1", date(2026, 6, 8), None)
    notice = said(RestorationNoticePublished("o1", date(2026, 6, 9)), CREDIT, LETTER, on=date(2026, 6, 9))
    done = said(ReputationRestored("o1", "已恢复"), CREDIT, on=date(2026, 6, 9))
    assert clock(case.having(notice, done), "restoration.required").state(date(2026, 6, 9)) is DeadlineState.MET


def test_a_repair_is_decided_in_three_working_days_and_answered_in_ten() -> None:
    """E07 明确信用信息修复规则和办理程序：自收到申请之日起3个工作日决定、10个工作日反馈（36号令）。"""
    case = recorded(ORDERED, REPORTED, CHECKED, PUBLISHED, REPAIRED[0])
    day = REPAIR_DAY + DAY
    decide, answer = (clock(case, f"repair.{key}", day) for key in ("decide_days", "answer_days"))
    assert (decide.start, decide.due, answer.due) == (REPAIR_DAY, date(2026, 12, 4), date(2026, 12, 15))
    assert "36号" in decide.source
    assert clock(case, "repair.accept_days", day).due is None
    granted = case.having(*REPAIRED[1:])
    assert clock(granted, "repair.decide_days", day).state(day) is DeadlineState.MET
    refused = RepairRefused("r1", (RepairRefusal.PAPERS_INCOMPLETE,), "材料不全")
    decided = clock(case.having(said(refused, RECOGNISER, on=date(2026, 12, 7))), "repair.decide_days", day)
    assert decided.state(date(2026, 12, 7)) is DeadlineState.MET_LATE


# --- which rules, which calendar ----------------------------------------------------------------------------


def test_a_clock_keeps_the_rules_of_the_day_on_which_it_began() -> None:
    """E07 58号令施行期间起算的，不因36号令施行而改变；重放过去的日子用当时的规则。"""
    old = replace(REPAIRED[0], on=date(2026, 3, 31))
    history = (replace(s, on=date(2026, 3, 20) + number * DAY) for number, s in enumerate(_SPRING))
    case = begun(*history, old)
    kept = clock(case, "repair.decide_days", date(2026, 4, 10))
    assert kept.due is None  # Order 58: nobody could confirm its number
    assert "58号" in kept.source
    new = begun(*case.history[:-1], replace(old, on=date(2026, 4, 1)))
    assert clock(new, "repair.decide_days", date(2026, 4, 10)).due == date(2026, 4, 7)


_SPRING = (
    replace(LEAD, fact=replace(LEAD.fact, received_on=date(2026, 3, 18))),
    VERIFIED,
    replace(
        RECOGNISED,
        fact=replace(RECOGNISED.fact, effective_on=date(2026, 3, 20)),
        basis=(replace(DECISION[0], dated=date(2026, 3, 19)),),
    ),
    GRADED,
)


def test_past_the_known_calendar_a_deadline_is_provisional() -> None:
    """E07 法定节假日安排尚未公布的年份，期限为暂定；公布后确定。"""
    case = recorded(ORDERED, REPORTED, CHECKED, PUBLISHED, replace(REPAIRED[0], on=date(2026, 12, 30)))
    runs = clock(case, "repair.decide_days", date(2026, 12, 31))
    assert (runs.due, runs.provisional) == (date(2027, 1, 4), True)
    national = case.policies[-1]
    assert isinstance(national, Policy)
    known = replace(case, policies=(replace(national, years={**national.years, 2027: _NEW_YEAR}),))
    firm = clock(known, "repair.decide_days", date(2026, 12, 31))
    assert (firm.due, firm.provisional) == (date(2027, 1, 6), False)


_NEW_YEAR = Year(frozenset({date(2027, 1, 1), date(2027, 1, 4)}), frozenset())


def test_a_record_that_fell_has_no_duties_left() -> None:
    """E05 记录撤销后，未完成的整改、说明、报告义务随之消灭，已完成的仍可见。"""
    fallen = said(RecordWithdrawn(WithdrawalGround.UNTRUE, "不成立"), CREDIT, LETTER, on=TODAY)
    case = recorded(EXPLAINED, ORDERED)
    assert {d.rule for d in deadlines(case.state, view_of(case.policies, TODAY)) if d.met is None} == {
        "record.notice",
        "record.rectification",
        "publication.days",
    }
    after = case.having(fallen)
    left = deadlines(after.state, view_of(after.policies, TODAY))
    assert {d.rule for d in left} == {"record.lead", "explanation.required"}
    assert all(d.state(TODAY) is DeadlineState.MET for d in left)


@pytest.mark.parametrize("pack", ["yuncheng", "dehua", "huangshi", "taian", "yancheng"])
def test_every_clock_names_its_rule_and_source(pack: str) -> None:
    """E07 每个期限都写明规则、来源、起算、到期和状态。"""
    case = recorded(ORDERED, REPORTED, CHECKED, PUBLISHED, LISTED, FILED, ACCEPTED, ASKED, packs=(pack,))
    for deadline in deadlines(case.state, view_of(case.policies, TODAY)):
        assert deadline.rule
        assert deadline.source[0] in "CDEFH发"
        assert deadline.due is None or deadline.start <= deadline.due
        assert deadline.state(TODAY) in DeadlineState
