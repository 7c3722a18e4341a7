"""What may be said about a project, by whom and when.

Its stages are those of the rule pack (the old list I06, the new one I07), begun in their order. Who is responsible is
said with the first day, and never so that what has been recorded about a day would be answered by another: a relief
is not dated back before a performance that the responsible person answers for (I08, D19).

>>> [cls.__name__ for cls in STEPS][:3]
['ProjectRegistered', 'StageBegun', 'ResponsibleAssigned']
"""

from __future__ import annotations

from datetime import date

from ledger.domain import codec
from ledger.domain.body import acts_for, of
from ledger.domain.body_terms import Status
from ledger.domain.event import Consequence, Event, Rules
from ledger.domain.person import ProjectPerformanceNoted, affiliated
from ledger.domain.project import (
    EMPTY,
    PerformanceRecorded,
    Project,
    ProjectBreachLinked,
    ProjectClosed,
    ProjectRegistered,
    Responsible,
    ResponsibleAssigned,
    ResponsibleRelieved,
    StageBegun,
    responsible_at,
    subject,
)
from ledger.domain.record.checks import CASE, EARLIEST
from ledger.domain.record.terms import ProjectRef, Stage
from ledger.domain.roles import Relations, about
from ledger.domain.steps import Context, Rulebook, Step, Steps
from ledger.errors import FormatError, RuleError

Case = Context[Project]

A05 = "A05: YC 二(四)14; DH 三(二); HS 五(三); YN 三(二)"
STAGES = "I06: YC 二(四)14; DH 三(二); HS 五(三); TA-A 二(三)7; I07: YN 三(二)"
I08 = "I08: YC 二(四)14; DH 三(二); HS 五(三); TA-A 二(三)7; YN 三(二)"
I09 = "I09: YC 二(四)14; HS 五(三); YN 三(二)"
D19 = "D19: YC 二(三)9"
B05 = "B05: YC 一(二); DH 一(二); YN 一(二)"


def refuse(rule: str, en: str, zh: str, source: str) -> RuleError:
    """The error of the rule ``project.<rule>``."""
    return RuleError(en, zh, rule=f"project.{rule}", source=source)


# --- shared -------------------------------------------------------------------------------------------------


def _begun(case: Case, item: str | None) -> None:
    if case.state.registered is None:
        raise refuse("unbegun", "expected ProjectRegistered first, there is no project yet", "项目尚未登记", CASE)


def _open(case: Case, item: str | None) -> None:
    _begun(case, item)
    closed = case.state.closed
    if closed:
        raise refuse(
            "closed",
            f"expected a project that goes on, it was closed on {closed.fact.on}",
            f"项目已于 {closed.fact.on} 结束",
            CASE,
        )


def _need_past(case: Case, day: date, least: date, source: str) -> None:
    if not least <= day <= case.today:
        raise refuse(
            "day",
            f"expected a day from {least} to {case.today}, the day of recording, got {day}",
            f"日期应在 {least} 与记载之日 {case.today} 之间，实为 {day}",
            source,
        )


def _started(case: Case) -> date:
    return case.state.registered.fact.started_on if case.state.registered else EARLIEST


def _need_government_side(case: Case, body_id: str) -> None:
    body, kinds = of(case.rules, body_id), case.view.names("subject.body_kinds")
    if not body.known or body.kind not in kinds:
        raise refuse(
            "government-side",
            f"expected a body on the government's side that is {', '.join(kinds)}, {body_id} is {body.kind}",
            f"项目政府方单位应为 {'、'.join(kinds)}，{body_id} 为 {body.kind}",
            f"{A05}; {case.view.source('subject.body_kinds')}",
        )


def _need_stage(case: Case, stage: Stage) -> None:
    """The stage is one of the pack's, or was begun when another list was in force."""
    stages = case.view.names("project.stages")
    if stage not in stages and all(s.fact.stage is not stage for s in case.state.stages):
        raise refuse(
            "stage",
            f"expected one of the stages {', '.join(stages)}, got {stage}",
            f"项目阶段应为 {'、'.join(stages)}，实为 {stage}",
            f"{STAGES}; {case.view.source('project.stages')}",
        )


# --- steps --------------------------------------------------------------------------------------------------


def _first(case: Case, item: str | None) -> None:
    if case.state.registered is not None:
        raise refuse("once", "expected a new stream, this project is registered", "该项目已登记，不得重复", CASE)


def _registered(case: Case, fact: ProjectRegistered) -> None:
    try:
        codec.decode_as(ProjectRef, case.event.stream if case.event else None, "stream")
    except FormatError as error:
        raise refuse("stream", error.en, error.zh, CASE) from None
    if of(case.rules, fact.body).status is not Status.REGISTERED:
        raise refuse("body", f"expected a registered body, got {fact.body}", f"应为已登记的单位，实为 {fact.body}", A05)
    _need_government_side(case, fact.body)
    _need_past(case, fact.started_on, EARLIEST, I08)


def _may_begin(case: Case, item: str | None) -> None:
    _open(case, item)
    stages = case.view.names("project.stages")
    begun = [stages.index(s.fact.stage) for s in case.state.stages if s.fact.stage in stages]
    if not stages or len(stages) - 1 in begun:
        raise refuse(
            "stage-last",
            f"expected a stage still to come, the last of {', '.join(stages) or '(none)'} has begun",
            f"阶段 {'、'.join(stages) or '（无）'} 中最后一个已开始，没有后续阶段",
            f"{STAGES}; {case.view.source('project.stages')}",
        )


def _stage(case: Case, fact: StageBegun) -> None:
    stages = case.view.names("project.stages")
    if fact.stage not in stages or any(s.fact.stage is fact.stage for s in case.state.stages):
        _need_stage(case, fact.stage)
        raise refuse(
            "stage-once", f"expected a stage that has not begun, {fact.stage} has", f"{fact.stage} 阶段已开始", STAGES
        )
    later = stages[stages.index(fact.stage) + 1 :]
    passed = next((s.fact.stage for s in case.state.stages if s.fact.stage in later), None)
    if passed:
        raise refuse(
            "stage-order",
            f"expected a stage after {passed} in the order {', '.join(stages)}, got {fact.stage}",
            f"阶段次序为 {'、'.join(stages)}，{passed} 之后不得再进入 {fact.stage}",
            f"{STAGES}; {case.view.source('project.stages')}",
        )
    last = case.state.stages[-1].fact.on if case.state.stages else _started(case)
    _need_past(case, fact.on, last, STAGES)


def _assigned(case: Case, fact: ResponsibleAssigned) -> None:
    if case.state.assigned(fact.assignment):
        raise refuse(
            "assignment-new",
            f"expected a name that no assignment of this project has, got {fact.assignment}",
            f"责任编号 {fact.assignment} 已使用",
            A05,
        )
    if not fact.person and not fact.post:
        raise refuse("who", "expected a person or a post, got neither", "应写明责任人员或岗位", A05)
    _need_government_side(case, fact.body)
    _need_past(case, fact.start, _started(case), A05)
    if fact.stage:
        _need_stage(case, fact.stage)
    if any(r.is_same(fact) and (r.until is None or r.until >= fact.start) for r in case.state.responsible):
        raise refuse(
            "overlap",
            f"expected somebody who does not answer for the same from {fact.start} on already",
            f"该责任人自 {fact.start} 起已负责同一事项，期间重叠",
            I08,
        )
    if fact.person:
        _need_person(case, fact)


def _need_person(case: Case, fact: ResponsibleAssigned) -> None:
    person = case.rules.cases.get(fact.person or "")
    before = of(case.rules, fact.body).predecessors
    if person is None or not affiliated(person, fact.body, fact.start, fact.start, also=before):
        raise refuse(
            "affiliation",
            f"expected a person on file who served with {fact.body} on {fact.start}, got {fact.person}",
            f"责任人在 {fact.start} 应任职于 {fact.body}，{fact.person} 的档案无此任职",
            A05,
        )


def _in_charge(case: Case, item: str | None) -> None:
    _open(case, item)
    found = case.state.assigned(item)
    if found is None or found.until is not None:
        raise refuse("assigned", f"expected an assignment that goes on, got {item}", f"没有未结束的责任 {item}", A05)


def _open_assignments(state: Project) -> tuple[str, ...]:
    return tuple(r.assignment for r in state.responsible if r.until is None)


def _relieved(case: Case, fact: ResponsibleRelieved) -> None:
    found = case.state.assigned(fact.assignment)
    if found is not None:
        _need_past(case, fact.on, found.start, A05)
        _need_not_dated_back(case, found, fact.on)


def _need_not_dated_back(case: Case, found: Responsible, on: date) -> None:
    """What was recorded while somebody answered for it stays with him."""
    later = [p.fact.on for p in case.state.performance if found.stage in {None, p.fact.stage} and found.on(p.fact.on)]
    if later and max(later) > on:
        raise refuse(
            "dated-back",
            f"expected a last day from {max(later)} on, when performance was recorded, got {on}",
            f"末日应不早于已记录履约情况的 {max(later)}，实为 {on}",
            f"{I08}; {D19}",
        )


def _may_perform(case: Case, item: str | None) -> None:
    _begun(case, item)
    if not case.state.stages:
        raise refuse("stage-begun", "expected a stage that began, none has", "尚无阶段开始", I08)


def _performed(case: Case, fact: PerformanceRecorded) -> None:
    event = case.event
    if event and acts_for(case.rules, event.iss, case.state.body):
        raise refuse(
            "own-case",
            f"expected a body other than {case.state.body}, which performs, got {event.iss}",
            f"履约情况应由 {case.state.body} 以外的单位记录，实为 {event.iss}",
            B05,
        )
    if event and not event.basis:
        raise refuse("basis", "expected the evidence in basis, got none", "应在 basis 中写明所依据的材料", I08)
    begun = next((s.fact.on for s in case.state.stages if s.fact.stage is fact.stage), None)
    if begun is None:
        raise refuse("stage-begun", f"expected a stage that began, got {fact.stage}", f"{fact.stage} 阶段尚未开始", I08)
    _need_past(case, fact.on, begun, I08)


def _noted(case: Case, fact: PerformanceRecorded) -> tuple[Consequence, ...]:
    """It goes into the file of everybody who was responsible on that day."""
    stream = case.event.stream if case.event else ""
    note = ProjectPerformanceNoted(stream, fact.on, fact.outcome, fact.stage)
    persons = dict.fromkeys(r.person for r in responsible_at(case.state, fact.stage, fact.on) if r.person)
    return tuple(Consequence(person, note) for person in persons)


def _breach(case: Case, fact: ProjectBreachLinked) -> None:
    if any(b.fact.record == fact.record for b in case.state.breaches):
        raise refuse("breach-once", f"expected another record, {fact.record} is linked", f"{fact.record} 已关联", I09)
    record = case.rules.cases.get(fact.record)
    stream = case.event.stream if case.event else None
    if record is None or record.recognised is None or record.lead.fact.project != stream:
        raise refuse(
            "breach",
            f"expected a recognised dishonesty record that came out of this project, got {fact.record}",
            f"应为已认定且出自本项目的失信记录，实为 {fact.record}",
            I09,
        )


def _closed(case: Case, fact: ProjectClosed) -> None:
    days = [s.fact.on for s in case.state.stages] + [r.start for r in case.state.responsible]
    days += [p.fact.on for p in case.state.performance]
    _need_past(case, fact.on, max([_started(case), *days]), I08)


STEPS: Steps = {
    ProjectRegistered: Step("I06, I07, I08", when=_first, check=_registered),
    StageBegun: Step("I06, I07", when=_may_begin, check=_stage),
    ResponsibleAssigned: Step("A05, I06, I08", when=_open, check=_assigned),
    ResponsibleRelieved: Step(
        "A05, I08, D19", when=_in_charge, check=_relieved, item="assignment", items=_open_assignments
    ),
    PerformanceRecorded: Step("I08", when=_may_perform, check=_performed, then=_noted),
    ProjectBreachLinked: Step("I09", when=_begun, check=_breach),
    ProjectClosed: Step("I08, D19", when=_open, check=_closed),
}


def relations(state: Project, event: Event, rules: Rules) -> Relations:
    """Which bodies stand where: the project's body as its subject, and that body's superior."""
    return about(rules, subject(state, event))


RULES = Rulebook("project", STEPS, EMPTY, ProjectRegistered, relations)
admit, offers = RULES.admit, RULES.offers
