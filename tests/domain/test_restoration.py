"""Restoration: the task that a wrong record or penalty leaves behind, open until it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledger.domain.record.course_facts import RecipientTold, SharingEnded, ToleranceDetermined, ToleranceRequested
from ledger.domain.record.remedy_facts import (
    AppealDecided,
    AppealFiled,
    ObjectionUpheld,
    PenaltyLifted,
    ReputationRestored,
    RestorationNoticePublished,
    RestorationOrdered,
)
from ledger.domain.record.remedy_terms import Against, AppealOutcome, Extent, LiftReason, Route
from ledger.domain.record.terms import PublicationEnd
from tests.domain.penalties import ACCEPTED, IMPOSED, OBJECTED, following, punishable
from tests.domain.records import DECISION, LETTER, RECOGNISER, SUBJECT, TODAY
from tests.domain.remedies import OFFICE, QUIET, RECORD_FALLS, SEEN, SHARED, stated
from tests.domain.scenario import CREDIT, PARTNER, STRANGER, said

UPHELD = said(ObjectionUpheld("o1", Extent.WHOLLY, "经核实有误", withdraw=True), CREDIT, LETTER, on=TODAY)
WRONGED = punishable(IMPOSED, SEEN, SHARED, OBJECTED, ACCEPTED, UPHELD)
NOTICE = said(RestorationNoticePublished("o1", TODAY), CREDIT, LETTER, on=TODAY)
TOLD = said(RecipientTold(PARTNER, TODAY), CREDIT, on=TODAY)
ASKED_TOLERANCE = said(ToleranceRequested("先行先试", LETTER), SUBJECT, on=TODAY)
DONE = ReputationRestored("o1", "公告已发布，知悉者均已告知")


def test_a_wrong_record_leaves_the_task_to_restore() -> None:
    """E06 因错误实施联合惩戒措施损害有关主体合法权益的，应积极采取措施恢复其信誉、消除不良影响。"""
    task = WRONGED.state.restoration("o1")
    assert task is not None
    assert (task.untold, task.done) == ((PARTNER,), None)


def test_only_the_ledger_orders_restoration() -> None:
    """E06 恢复信誉任务由账本随异议、复议结果产生，不得人工设定。"""
    punishable().when(RestorationOrdered("o1"), CREDIT, on=TODAY).refused("record.consequence")


def test_a_task_is_ordered_once() -> None:
    """E06 每件异议、复议只产生一项恢复信誉任务。"""
    again = following(RestorationOrdered("o1"))
    WRONGED.when(again.fact, again.by, on=TODAY, cause=again.cause).refused("record.restoration-once")


def test_the_notice_is_a_document() -> None:
    """E06 消除不良影响：公开发布的公告须附文件。"""
    WRONGED.when(NOTICE.fact, CREDIT, on=TODAY).refused("record.basis")
    WRONGED.when(NOTICE.fact, CREDIT, LETTER, on=TODAY).then()


def test_a_notice_of_tomorrow_is_not_out() -> None:
    """E06 公告日期不晚于记载之日。"""
    WRONGED.when(replace(NOTICE.fact, on=date(2026, 6, 2)), CREDIT, LETTER, on=TODAY).refused("record.future")


def test_there_is_nothing_to_announce_without_a_task() -> None:
    """E06 没有恢复信誉任务的，无从公告。"""
    punishable(IMPOSED).when(NOTICE.fact, CREDIT, LETTER, on=TODAY).refused("record.restoration")


def test_reputation_is_restored_only_after_the_notice() -> None:
    """E06 恢复其信誉：公告发布前任务不得办结。"""
    WRONGED.having(TOLD).when(DONE, CREDIT, on=TODAY).refused("record.restoration-notice")
    WRONGED.having(TOLD, NOTICE).when(DONE, CREDIT, on=TODAY).then()


def test_reputation_is_restored_only_when_everybody_was_told() -> None:
    """E06 消除不良影响：所有获知记录者均告知后任务方可办结。"""
    error = WRONGED.having(NOTICE).when(DONE, CREDIT, on=TODAY).refused("record.restoration-untold")
    assert PARTNER in error.en
    WRONGED.having(NOTICE, TOLD).when(DONE, CREDIT, on=TODAY).then()


def test_who_was_told_the_wrong_before_is_told_again() -> None:
    """E06 E05 异议成立之前的告知不算。"""
    early = said(RecipientTold(PARTNER, date(2026, 5, 25)), CREDIT, on=date(2026, 5, 25))
    scenario = punishable(IMPOSED, SEEN, SHARED, early, OBJECTED, ACCEPTED, UPHELD, NOTICE)
    scenario.when(DONE, CREDIT, on=TODAY).refused("record.restoration-untold")
    scenario.having(TOLD).when(DONE, CREDIT, on=TODAY).then()


def test_what_is_restored_is_over() -> None:
    """E06 任务办结后不再重复。"""
    restored = WRONGED.having(NOTICE, TOLD, said(DONE, CREDIT, on=TODAY))
    restored.when(DONE, CREDIT, on=TODAY).refused("record.restoration")
    restored.when(NOTICE.fact, CREDIT, LETTER, on=TODAY).refused("record.restoration")


def test_the_subject_does_not_restore_itself() -> None:
    """E06 E17 不得自我认定。"""
    ready = WRONGED.having(NOTICE, TOLD)
    ready.amid(OFFICE).when(DONE, SUBJECT, on=TODAY).refused("record.own-case")
    ready.when(DONE, RECOGNISER, on=TODAY).refused("record.role")
    ready.when(DONE, STRANGER, on=TODAY).refused("record.role")


def test_each_wrong_has_its_own_task() -> None:
    """E06 E18 异议与复议各自产生恢复信誉任务。"""
    filed = said(AppealFiled("a1", Route.LITIGATION, Against.PENALTY, "示例市人民法院", TODAY, "p1"), SUBJECT, on=TODAY)
    paper = (replace(DECISION[0], dated=TODAY),)
    decided = said(AppealDecided("a1", AppealOutcome.REVOKED, "判决撤销"), CREDIT, paper, on=TODAY)
    scenario = WRONGED.having(filed, decided, NOTICE, TOLD)
    scenario.when(replace(DONE, item="a1"), CREDIT, on=TODAY).refused("record.restoration-notice")
    scenario.when(DONE, CREDIT, on=TODAY).then()


def test_a_record_withdrawn_unasked_is_restored_too() -> None:
    """E06 错误认定的记录主动撤销的，同样应恢复其信誉、消除不良影响。"""
    harmed = punishable(IMPOSED, SHARED)
    lifted, ended = PenaltyLifted("p1", LiftReason.WITHDRAWN), SharingEnded(PublicationEnd.WITHDRAWN)
    order = RestorationOrdered("withdrawal", (PARTNER,))
    harmed.when(RECORD_FALLS.fact, CREDIT, LETTER, on=TODAY).then(*stated(lifted, ended, order))
    punishable().when(RECORD_FALLS.fact, CREDIT, LETTER, on=TODAY).then()
    silent = punishable(IMPOSED, SHARED, rules=QUIET)
    silent.when(RECORD_FALLS.fact, CREDIT, LETTER, on=TODAY).then(*stated(lifted, ended))


def test_a_tolerated_act_was_not_recorded_wrongly() -> None:
    """E06 C19 因容错而撤销的记录并无错误，不产生恢复信誉任务。"""
    tolerated = said(ToleranceDetermined(True, "示例市委组织部", "符合容错情形"), RECOGNISER, LETTER, on=TODAY)
    scenario = punishable(IMPOSED, SHARED, ASKED_TOLERANCE, tolerated, rules={"tolerance.allowed": "true"})
    assert scenario.state.withdrawn
    assert scenario.state.restorations == ()


def test_the_name_of_that_task_is_taken_by_nothing_else() -> None:
    """E06 恢复信誉任务以其来由为名，不得重复。"""
    objection = replace(OBJECTED.fact, objection="withdrawal")
    punishable().when(objection, SUBJECT, on=TODAY).refused("record.item-new")
    punishable().when(OBJECTED.fact, SUBJECT, on=TODAY).then()
