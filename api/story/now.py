"""Where a case stands on a day, in sentences: penalties, objections, publication and what else is settled or open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from api.pages.casefile import CaseFile
from api.story.values import Language, Teller, day, lowered
from api.words import event_word, word
from api.words.table import Word
from ledger.domain.commendation import Commendation
from ledger.domain.commitment import as_of
from ledger.domain.commitment_due import next_due, overdue_days, standing
from ledger.domain.complaint.state import Complaint
from ledger.domain.policy import Policy
from ledger.domain.project import Project
from ledger.domain.record.remedies import Objection, Penalty
from ledger.domain.record.state import Record

LANGUAGES: tuple[Language, Language] = ("zh", "en")


def standing_of(kind: str, state: Any, on: date) -> StrEnum | None:
    """The code of where a case stands on a day; None for a kind whose cases have none."""
    found: StrEnum | None
    if kind == "commitment":
        return standing(as_of(state, on), on)
    found = state.status if kind == "body" else getattr(state, "standing", None)
    return found


def now(case: CaseFile, teller: Teller) -> Iterator[Word]:
    """Sentences on where a case stands at the end of its day."""
    kind = case.stream.partition("/")[0]
    found = standing_of(kind, case.state, case.on)
    if found is not None:
        words = word(found)
        yield Word(f"现状：{words.zh}。", f"Standing: {lowered(words.en)}.")
    if kind in _NOW:
        yield from _NOW[kind](case, teller)


def _both(zh: str, en: str, teller: Teller, *values: Any) -> Word:
    """A sentence with values filled in, in both languages."""
    texts = {lang: [teller.text(value, lang) for value in values] for lang in LANGUAGES}
    return Word(zh.format(*texts["zh"]), en.format(*texts["en"]))


# --- records ------------------------------------------------------------------------------------------------


def _record(case: CaseFile, teller: Teller) -> Iterator[Word]:
    state: Record = case.state
    if state.severity:
        yield _both("失信程度：{}。", "Severity: {}.", teller, state.severity)
    if state.persons:
        persons = tuple(dict.fromkeys(s.fact.person for s in state.persons))
        yield _both("责任人员：{}。", "Responsible persons: {}.", teller, persons)
    if state.rectification_due:
        done = ("已核查完成", "verified as done") if state.is_rectified else ("尚未核查完成", "not verified as done")
        yield _both(
            f"整改期限：{{}}，{done[0]}。", f"Rectification due {{}}, {done[1]}.", teller, state.rectification_due
        )
    for listing in state.listings:
        ended = listing.removed is not None
        yield _both(
            f"失信被执行人名单（{{}}）：{'已删除' if ended else '在列'}。",
            f"Court list, case {{}}: {'deleted' if ended else 'listed'}.",
            teller,
            listing.entered.fact.case_number,
        )
    for penalty in state.penalties:
        yield _penalty(penalty, case, teller)
    for objection in state.objections:
        yield _objection(objection, teller)
    for appeal in state.appeals:
        zh, en = ("已有结果", "decided") if appeal.decided else ("尚无结果", "not decided")
        yield _both(
            f"{{}}（{{}}）：{zh}。",
            f"Review {{1}} ({{0}}): {en}.",
            teller,
            appeal.filed.fact.route,
            appeal.filed.fact.appeal,
        )
    yield from _publicity(state, case, teller)
    if state.closed:
        yield _both("已于{}结案。", "Closed on {}.", teller, state.closed.day)


def _penalty(penalty: Penalty, case: CaseFile, teller: Teller) -> Word:
    until = penalty.until
    if penalty.lifted:
        state = Word("已解除", "lifted")
    elif penalty.is_expired(case.on):
        state = Word("已期满", "over")
    elif penalty.holds:
        state = Word("暂不执行", "suspended")
    elif penalty.in_force(case.on):
        state = Word("执行中", "in force")
    else:
        state = Word("尚未起始", "not begun")
    zh, en = (f"，期限至{day(until, 'zh')}", f", until {day(until, 'en')}") if until else ("", "")
    return Word(
        f"惩戒{teller.item(penalty.id, 'zh')}：{state.zh}{zh}。",
        f"Penalty {teller.item(penalty.id, 'en')}: {state.en}{en}.",
    )


def _objection(objection: Objection, teller: Teller) -> Word:
    if objection.decided:
        state = event_word(type(objection.decided.fact).__name__)
    elif objection.refused:
        state = event_word("ObjectionRefused")
    elif objection.accepted:
        state = Word("已受理，尚未办结", "Accepted, not decided")
    else:
        state = Word("已提出，尚未受理", "Filed, not taken up")
    item = objection.filed.fact.objection
    return Word(f"异议{item}：{state.zh}。", f"Objection {item}: {lowered(state.en)}.")


def _publicity(state: Record, case: CaseFile, teller: Teller) -> Iterator[Word]:
    if state.is_published(case.on):
        yield _both("公示中，至{}止。", "Published until {}.", teller, state.publications[-1].fact.until)
    elif state.publications:
        yield Word("已不再公示。", "No longer published.")
    if state.shared:
        yield _both("已共享给：{}。", "Shared with: {}.", teller, state.recipients)
    elif state.shares:
        yield Word("已停止共享。", "No longer shared.")


# --- other kinds --------------------------------------------------------------------------------------------


def _complaint(case: CaseFile, teller: Teller) -> Iterator[Word]:
    state: Complaint = case.state
    if state.accused:
        yield _both("被投诉单位：{}。", "Accused: {}.", teller, state.accused)
    if state.handler:
        yield _both("承办单位：{}。", "Handled by: {}.", teller, state.handler)
    if state.record:
        yield _both("已转为失信线索：{}。", "Became the lead of {}.", teller, state.record)
    if state.incident:
        yield _both(
            "违约事件协调处理中，由{}牵头。",
            "Breach incident open, led by {}.",
            teller,
            state.incident.opened.fact.lead,
        )


def _commitment(case: CaseFile, teller: Teller) -> Iterator[Word]:
    state = as_of(case.state, case.on)
    late, coming = overdue_days(state, case.on), next_due(state, case.on)
    if late:
        yield _both("已逾期：{}。", "Overdue since: {}.", teller, late)
    if coming:
        yield _both("下一到期日：{}。", "Next due: {}.", teller, coming)


def _project(case: CaseFile, teller: Teller) -> Iterator[Word]:
    state: Project = case.state
    if state.closed:
        yield _both("项目已于{}结束。", "Ended on {}.", teller, state.closed.fact.on)
    elif state.stage:
        yield _both("现处阶段：{}。", "Stage: {}.", teller, state.stage)
    for one in state.responsible:
        if one.on(case.on):
            who = tuple(x for x in (one.person or one.post, one.body) if x)
            stage = word(one.stage) if one.stage else Word("整个项目", "The whole project")
            yield Word(
                f"当日责任人：{teller.text(who, 'zh')}（{stage.zh}）。",
                f"Responsible on that day: {teller.text(who, 'en')} ({lowered(stage.en)}).",
            )


def _person(case: CaseFile, teller: Teller) -> Iterator[Word]:
    if case.state.kind:
        yield _both("人员类别：{}。", "Kind: {}.", teller, case.state.kind)
    served = case.state.bodies_on(case.on)
    if served:
        yield _both("当日任职单位：{}。", "Serves with: {}.", teller, served)


def _commendation(case: CaseFile, teller: Teller) -> Iterator[Word]:
    state: Commendation = case.state
    if not state.stands:
        yield Word("表彰记录已撤销。", "Withdrawn.")
    granted = state.in_force(case.on)
    if granted:
        yield _both("当日有效的守信激励：{}。", "Incentives that count on that day: {}.", teller, granted)


def _policy(case: CaseFile, teller: Teller) -> Iterator[Word]:
    state: Policy = case.state
    found = state.pack(case.on)
    if found:
        about = found.pack.about
        zh, en = ("（征求意见稿）", " (draft for comment)") if about.draft else ("", "")
        yield Word(
            f"施行中的规则包：{about.zh}{zh}，版本{about.version}，自{day(found.in_force, 'zh')}起。",
            f"Pack in force: {about.en}{en}, version {about.version}, since {found.in_force}.",
        )
    if state.years:
        years = [str(y) for y in sorted(state.years)]
        yield Word(
            f"已知放假安排的年份：{'、'.join(years)}。", f"Years whose working days are known: {', '.join(years)}."
        )


_NOW: Mapping[str, Callable[[CaseFile, Teller], Iterator[Word]]] = {
    "record": _record,
    "complaint": _complaint,
    "commitment": _commitment,
    "project": _project,
    "person": _person,
    "commendation": _commendation,
    "policy": _policy,
}
