"""Projects: their stages, who answered for each, and that this is answered for every day for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as draws
from hypothesis import strategies as st

from ledger.domain.body import acts_for
from ledger.domain.body_terms import Kind
from ledger.domain.commitment_terms import Area, Outcome
from ledger.domain.event import Consequence, Rules
from ledger.domain.kinds import KINDS
from ledger.domain.person import EMPTY as NOBODY
from ledger.domain.person import Affiliation, ProjectPerformanceNoted
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
    responsible_for,
)
from ledger.domain.project_rules import STEPS, offers
from ledger.domain.record.state import EMPTY as NO_RECORD
from ledger.domain.record.terms import Stage
from ledger.errors import RuleError
from tests.domain.records import (
    LEAD,
    PERSON,
    RECOGNISED,
    RECORD,
    RECORD_WORLD,
    SUBJECT,
    SUPERIOR,
    TODAY,
    VERIFIED,
    begun,
    policy,
)
from tests.domain.scenario import CITY, CREDIT, FIRM, HEIR, PAPER, STRANGER, UNKNOWN, Saying, Scenario, said, succeeded

PROJECT = "project/0198c5a2-0000-7000-8000-000000000031"
SECOND = PERSON[:-1] + "3"
START = date(2022, 1, 1)
OLD = (Stage.PREPARATION, Stage.TENDERING, Stage.PROCUREMENT, Stage.FINANCING, Stage.IMPLEMENTATION)
NEW = (
    Stage.IDENTIFICATION,
    Stage.PROJECT_PREPARATION,
    Stage.PROJECT_PROCUREMENT,
    Stage.PROJECT_EXECUTION,
    Stage.PROJECT_TRANSFER,
)
SERVED = {
    PERSON: replace(NOBODY, affiliations=(Affiliation(SUBJECT, date(2021, 1, 1), date(2023, 12, 31)),)),
    SECOND: replace(NOBODY, affiliations=(Affiliation(SUBJECT, date(2023, 1, 1)),)),
}


def project(*sayings: Saying, packs: tuple[str, ...] = (), cases: dict[str, Any] = SERVED) -> Scenario:
    """A project's stream with a history, under the national pack and those named, the nearest first."""
    policies = tuple(policy(name) for name in (*packs, "national"))
    return Scenario(PROJECT, RECORD_WORLD, (), policies, cases).having(*sayings)


def by_subject(fact: Any) -> Saying:
    return said(fact, SUBJECT, on=TODAY)


def person(assignment: str, start: date, stage: Stage | None = None, who: str = PERSON) -> ResponsibleAssigned:
    return ResponsibleAssigned(assignment, SUBJECT, start, stage, person=who)


def post(assignment: str, start: date, stage: Stage | None = None, name: str = "建设处负责人") -> ResponsibleAssigned:
    return ResponsibleAssigned(assignment, SUBJECT, start, stage, post=name)


REGISTERED = by_subject(ProjectRegistered("示例污水处理项目", SUBJECT, Area.PPP, START))
PREPARING = by_subject(StageBegun(Stage.PREPARATION, START))
FINANCED = by_subject(StageBegun(Stage.FINANCING, date(2023, 1, 1)))
FIRST = by_subject(person("r1", START))
RELIEVED = by_subject(ResponsibleRelieved("r1", date(2023, 6, 30)))
NEXT = by_subject(person("r2", date(2023, 7, 1), who=SECOND))


# --- registration and stages --------------------------------------------------------------------------------


def test_a_project_is_registered_by_the_governments_side() -> None:
    """A05 明确政府和社会资本合作项目政府方责任人。"""
    assert project().when(REGISTERED.fact, SUBJECT, on=TODAY).then().body == SUBJECT
    project().when(REGISTERED.fact, CREDIT, on=TODAY).then()
    project().when(REGISTERED.fact, STRANGER, on=TODAY).refused("project.role")
    enterprise = replace(REGISTERED.fact, body=FIRM)
    world = {**RECORD_WORLD, FIRM: replace(RECORD_WORLD[FIRM], kind=Kind.ENTERPRISE)}
    project().amid(world).when(enterprise, CREDIT, on=TODAY).refused("project.government-side")
    project().when(replace(REGISTERED.fact, body=UNKNOWN), CREDIT, on=TODAY).refused("project.body")


def test_a_project_begins_once_with_its_registration_and_not_tomorrow() -> None:
    """I06 项目筹备、招标投标、政府采购、融资、实施等阶段。"""
    project(REGISTERED).when(REGISTERED.fact, SUBJECT, on=TODAY).refused("project.once")
    project().when(PREPARING.fact, SUBJECT, on=TODAY).refused("project.unbegun")
    ahead = replace(REGISTERED.fact, started_on=TODAY + timedelta(1))
    project().when(ahead, SUBJECT, on=TODAY).refused("project.day")
    project().at("project/1").when(REGISTERED.fact, SUBJECT, on=TODAY).refused("project.stream")


@pytest.mark.parametrize(
    ("city", "stages"),
    [("yuncheng", OLD), ("dehua", OLD), ("huangshi", OLD), ("taian", OLD), ("yancheng", NEW), (None, OLD)],
)
def test_the_stages_are_those_of_the_place(city: str | None, stages: tuple[Stage, ...]) -> None:
    """I06 I07 项目筹备、招标投标、政府采购、融资、实施；项目识别、项目准备、项目采购、项目执行、项目移交。"""
    running = project(REGISTERED, packs=(city,) if city else ())
    other = NEW[0] if stages is OLD else OLD[0]
    error = running.when(StageBegun(other, TODAY), SUBJECT, on=TODAY).refused("project.stage")
    assert "project.stages" in error.source
    for number, stage in enumerate(stages):
        running = running.having(by_subject(StageBegun(stage, START + timedelta(number))))
    assert running.state.stage is stages[-1]
    running.when(StageBegun(stages[0], TODAY), SUBJECT, on=TODAY).refused("project.stage-last")


def test_stages_begin_in_their_order_each_once() -> None:
    """I06 项目筹备、招标投标、政府采购、融资、实施等阶段；I07 由盐城另列。"""
    running = project(REGISTERED, PREPARING, FINANCED)
    running.when(StageBegun(Stage.TENDERING, TODAY), SUBJECT, on=TODAY).refused("project.stage-order")
    running.when(StageBegun(Stage.FINANCING, TODAY), SUBJECT, on=TODAY).refused("project.stage-once")
    early = StageBegun(Stage.IMPLEMENTATION, date(2022, 12, 31))
    running.when(early, SUBJECT, on=TODAY).refused("project.day")
    running.when(StageBegun(Stage.IMPLEMENTATION, TODAY), SUBJECT, on=TODAY).then()


def test_a_project_begun_under_the_old_list_goes_on_under_the_new() -> None:
    """I07 项目识别、项目准备、项目采购、项目执行、项目移交等阶段：新清单施行后按新清单。"""
    before = project(REGISTERED, PREPARING, FINANCED)
    now = project(packs=("yancheng",))
    saying = by_subject(StageBegun(Stage.PROJECT_EXECUTION, date(2024, 5, 1)))
    assert now.judge(before.state, saying, 3) == ()
    assert now.judge(before.state, by_subject(post("r1", TODAY, Stage.FINANCING)), 3) == ()


# --- who is responsible -------------------------------------------------------------------------------------


def test_who_was_responsible_at_a_stage_on_a_day() -> None:
    """I08 建立项目责任回溯机制。"""
    state = project(REGISTERED, FIRST, RELIEVED, NEXT, by_subject(post("r3", START, Stage.FINANCING))).state

    def names(stage: Stage, on: date) -> list[str]:
        return [r.assignment for r in responsible_at(state, stage, on)]

    assert names(Stage.FINANCING, START - timedelta(1)) == []
    assert names(Stage.FINANCING, date(2023, 6, 30)) == ["r1", "r3"]
    assert names(Stage.FINANCING, date(2023, 7, 1)) == ["r2", "r3"]
    assert names(Stage.IMPLEMENTATION, date(2023, 6, 30)) == ["r1"]
    assert names(Stage.IMPLEMENTATION, TODAY) == ["r2"]


def test_what_somebody_answers_for_has_no_end() -> None:
    """D19 重大决策终身责任追究制度及责任倒查机制。"""
    running = project(REGISTERED, PREPARING, FIRST, RELIEVED, NEXT)
    closed = running.when(ProjectClosed(date(2024, 1, 31), "移交完成"), SUBJECT, on=TODAY).then()
    assert [r.assignment for r in responsible_at(closed, Stage.PREPARATION, date(2022, 5, 1))] == ["r1"]
    assert [r.assignment for r in responsible_at(closed, Stage.PREPARATION, date(2024, 1, 31))] == ["r2"]
    assert responsible_at(closed, Stage.PREPARATION, date(2024, 2, 1)) == ()
    assert [(r.person, r.start, r.until) for r in responsible_for(closed, Stage.PREPARATION)] == [
        (PERSON, START, date(2023, 6, 30)),
        (SECOND, date(2023, 7, 1), date(2024, 1, 31)),
    ]


def test_a_succeeded_body_stays_responsible_for_its_days_and_its_heir_answers() -> None:
    """D19 A12 I08 责任倒查：单位承继后，过去的责任不变，由承继单位答复。"""
    state = project(REGISTERED, by_subject(post("r1", START))).state
    rules = Rules(succeeded(SUBJECT, HEIR, RECORD_WORLD))
    [found] = responsible_at(state, Stage.FINANCING, date(2022, 5, 1))
    assert found.body == SUBJECT
    assert acts_for(rules, HEIR, found.body)
    assert not acts_for(Rules(RECORD_WORLD), HEIR, found.body)
    heir = project().amid(succeeded(SUBJECT, HEIR, RECORD_WORLD))
    assert heir.judge(state, said(ResponsibleRelieved("r1", TODAY), HEIR, on=TODAY), 2) == ()


def test_somebody_responsible_is_a_person_or_a_post_of_the_governments_side() -> None:
    """A05 明确项目政府方责任人。"""
    running = project(REGISTERED)
    running.when(ResponsibleAssigned("r1", SUBJECT, START), SUBJECT, on=TODAY).refused("project.who")
    world = {**RECORD_WORLD, FIRM: replace(RECORD_WORLD[FIRM], kind=Kind.ENTERPRISE)}
    of_firm = ResponsibleAssigned("r1", FIRM, START, post="经理")
    running.amid(world).when(of_firm, SUBJECT, on=TODAY).refused("project.government-side")
    running.when(ResponsibleAssigned("r1", CITY, START, post="分管负责人"), SUBJECT, on=TODAY).then()


def test_a_responsible_person_served_with_the_body_on_the_first_day() -> None:
    """A05 明确项目政府方责任人；A04 惩戒到人。"""
    running = project(REGISTERED)
    running.when(person("r1", date(2024, 1, 1)), SUBJECT, on=TODAY).refused("project.affiliation")
    running.when(person("r1", START, who=SECOND), SUBJECT, on=TODAY).refused("project.affiliation")
    project(REGISTERED, cases={}).when(person("r1", START), SUBJECT, on=TODAY).refused("project.affiliation")
    running.when(person("r1", date(2023, 12, 31)), SUBJECT, on=TODAY).then()


def test_responsibility_begins_within_the_project_and_not_tomorrow() -> None:
    """A05 明确项目政府方责任人及其在各阶段的诚信职责。"""
    running = project(REGISTERED)
    running.when(post("r1", START - timedelta(1)), SUBJECT, on=TODAY).refused("project.day")
    running.when(post("r1", TODAY + timedelta(1)), SUBJECT, on=TODAY).refused("project.day")
    running.when(post("r1", START, Stage.PROJECT_TRANSFER), SUBJECT, on=TODAY).refused("project.stage")
    running.when(post("r1", START, Stage.FINANCING), SUBJECT, on=TODAY).then()


def test_nobody_answers_twice_for_the_same_on_one_day() -> None:
    """I08 责任回溯：同一责任人对同一事项的期间不重叠。"""
    running = project(REGISTERED, by_subject(post("r1", START)))
    running.when(post("r1", TODAY), SUBJECT, on=TODAY).refused("project.assignment-new")
    running.when(post("r2", TODAY), SUBJECT, on=TODAY).refused("project.overlap")
    running.when(post("r2", TODAY, Stage.FINANCING), SUBJECT, on=TODAY).then()
    running.when(post("r2", TODAY, name="法制处负责人"), SUBJECT, on=TODAY).then()
    relieved = running.having(by_subject(ResponsibleRelieved("r1", date(2024, 6, 30))))
    relieved.when(post("r2", date(2024, 6, 30)), SUBJECT, on=TODAY).refused("project.overlap")
    relieved.when(post("r2", date(2024, 7, 1)), SUBJECT, on=TODAY).then()


def test_only_who_is_responsible_is_relieved() -> None:
    """A05 明确项目政府方责任人。"""
    running = project(REGISTERED, FIRST)
    running.when(ResponsibleRelieved("r2", TODAY), SUBJECT, on=TODAY).refused("project.assigned")
    running.when(ResponsibleRelieved("r1", START - timedelta(1)), SUBJECT, on=TODAY).refused("project.day")
    running.when(ResponsibleRelieved("r1", TODAY + timedelta(1)), SUBJECT, on=TODAY).refused("project.day")
    again = running.having(RELIEVED)
    again.when(RELIEVED.fact, SUBJECT, on=TODAY).refused("project.assigned")


# --- performance --------------------------------------------------------------------------------------------

KEPT = PerformanceRecorded(Stage.FINANCING, date(2023, 3, 1), Outcome.FULFILLED_LATE, "资金到位逾期")


def test_performance_goes_into_the_files_of_who_was_responsible_on_the_day() -> None:
    """I08 将项目守信履约情况与实施成效纳入项目政府方责任人信用记录。"""
    running = project(REGISTERED, PREPARING, FINANCED, FIRST, RELIEVED, NEXT, by_subject(post("r3", START)))
    noted = ProjectPerformanceNoted(PROJECT, KEPT.on, KEPT.outcome, KEPT.stage)
    running.when(KEPT, CREDIT, PAPER, on=TODAY).then(Consequence(PERSON, noted))
    later = replace(KEPT, on=date(2023, 7, 1))
    running.when(later, SUPERIOR, PAPER, on=TODAY).then(Consequence(SECOND, replace(noted, on=later.on)))


def test_nobody_records_its_own_performance_or_without_evidence() -> None:
    """I08 将项目守信履约情况与实施成效纳入项目政府方责任人信用记录；B05 客观评价。"""
    running = project(REGISTERED, PREPARING, FINANCED)
    running.when(KEPT, SUBJECT, PAPER, on=TODAY).refused("project.role")
    own = {**RECORD_WORLD, SUBJECT: replace(RECORD_WORLD[SUBJECT], roles=RECORD_WORLD[CREDIT].roles)}
    running.amid(own).when(KEPT, SUBJECT, PAPER, on=TODAY).refused("project.own-case")
    running.when(KEPT, CREDIT, on=TODAY).refused("project.basis")
    running.when(KEPT, CREDIT, PAPER, on=TODAY).then()


def test_performance_is_that_of_a_stage_which_had_begun() -> None:
    """I08 将项目守信履约情况与实施成效纳入项目政府方责任人信用记录。"""
    running = project(REGISTERED, PREPARING, FINANCED)
    unbegun = replace(KEPT, stage=Stage.IMPLEMENTATION)
    running.when(unbegun, CREDIT, PAPER, on=TODAY).refused("project.stage-begun")
    early = replace(KEPT, on=date(2022, 12, 31))
    running.when(early, CREDIT, PAPER, on=TODAY).refused("project.day")


def test_a_relief_is_not_dated_back_before_what_one_answers_for() -> None:
    """D19 I08 过错责任追究、责任倒查：不得以倒签免除责任。"""
    kept = said(KEPT, CREDIT, PAPER, on=TODAY)
    running = project(REGISTERED, PREPARING, FINANCED, FIRST, kept)
    before = KEPT.on - timedelta(1)
    running.when(ResponsibleRelieved("r1", before), SUBJECT, on=TODAY).refused("project.dated-back")
    running.when(ResponsibleRelieved("r1", KEPT.on), SUBJECT, on=TODAY).then()
    running.when(ProjectClosed(before, "结束"), SUBJECT, on=TODAY).refused("project.day")


# --- breaches and the end -----------------------------------------------------------------------------------


def test_a_recognised_record_that_came_out_of_the_project_is_linked() -> None:
    """I09 建立政府和社会资本合作失信违约记录。"""
    found = begun(LEAD, VERIFIED, RECOGNISED).state
    lead = replace(found.lead, fact=replace(found.lead.fact, project=PROJECT))
    ours = replace(found, lead=lead)
    linked = ProjectBreachLinked(RECORD)
    for other in (None, found, replace(ours, recognised=None), NO_RECORD):
        project(REGISTERED, cases={RECORD: other}).when(linked, CREDIT, on=TODAY).refused("project.breach")
    running = project(REGISTERED, cases={RECORD: ours})
    assert running.when(linked, CREDIT, on=TODAY).then().breaches[0].fact.record == RECORD
    once = running.having(said(linked, CREDIT, on=TODAY))
    once.when(linked, CREDIT, on=TODAY).refused("project.breach-once")


def test_a_closed_project_takes_no_more_stages_and_nobody_new() -> None:
    """D19 重大决策终身责任追究制度：项目结束不影响责任倒查。"""
    closed = project(REGISTERED, PREPARING, FIRST, by_subject(ProjectClosed(date(2024, 1, 31), "移交完成")))
    closed.when(FINANCED.fact, SUBJECT, on=TODAY).refused("project.closed")
    closed.when(post("r9", date(2024, 1, 1)), SUBJECT, on=TODAY).refused("project.closed")
    closed.when(ProjectClosed(TODAY, "再次"), SUBJECT, on=TODAY).refused("project.closed")
    kept = replace(KEPT, stage=Stage.PREPARATION)
    noted = ProjectPerformanceNoted(PROJECT, kept.on, kept.outcome, kept.stage)
    closed.when(kept, CREDIT, PAPER, on=TODAY).then(Consequence(PERSON, noted))


def test_what_is_offered_follows_from_the_state() -> None:
    """I08 项目的下一步可记载事项。"""
    rules = Rules(RECORD_WORLD, {}, project().policies)
    assert [o.event for o in offers(EMPTY, rules, TODAY)] == ["ProjectRegistered"]
    running = project(REGISTERED, FIRST, RELIEVED, NEXT).state
    assert [o.item for o in offers(running, rules, TODAY) if o.event == "ResponsibleRelieved"] == ["r2"]
    assert set(STEPS) == set(KINDS["project"].facts.values())


# --- every day ----------------------------------------------------------------------------------------------

DAYS = st.dates(START, date(2022, 2, 28))
STAGE = st.sampled_from([None, Stage.PREPARATION, Stage.FINANCING])
NAMES = st.sampled_from(["a", "b", "c", "d"])
ASSIGN = st.builds(post, NAMES, DAYS, STAGE, st.sampled_from(["甲岗", "乙岗"]))
FACTS = st.lists(ASSIGN | st.builds(ResponsibleRelieved, NAMES, DAYS), max_size=12)


def told(history: list[Any], stage: Stage, day: date) -> list[str]:
    """Who was responsible, read off the events the slow way: the last relief that names somebody ends it."""
    ends = {f.assignment: f.on for f in history if isinstance(f, ResponsibleRelieved)}
    return [
        f.assignment
        for f in history
        if isinstance(f, ResponsibleAssigned)
        and f.stage in {None, stage}
        and f.start <= day <= ends.get(f.assignment, date.max)
    ]


@draws(FACTS)
def test_on_every_day_those_were_responsible_whom_the_admitted_events_name(facts: list[Any]) -> None:
    """I08 D19 建立项目责任回溯机制：任一日的责任人以登记为准。"""
    running = project(REGISTERED)
    state: Project = running.state
    history: list[Any] = []
    for fact in facts:
        try:
            running.judge(state, by_subject(fact), len(history) + 1)
        except RuleError:
            continue
        before, state = state, running.grown(state, by_subject(fact), len(history) + 1)
        history.append(fact)
        unchanged_before(before, state, fact)
    for day in (START + timedelta(n) for n in range(-1, 60)):
        for stage in (Stage.PREPARATION, Stage.FINANCING):
            found = responsible_at(state, stage, day)
            assert [r.assignment for r in found] == told(history, stage, day)
            assert len({(r.post, r.stage) for r in found}) == len(found), "somebody answers twice"


def unchanged_before(before: Project, after: Project, fact: Any) -> None:
    """What comes changes no answer about the days up to the one that it names."""
    last = fact.on if isinstance(fact, ResponsibleRelieved) else fact.start - timedelta(1)
    for day in (START + timedelta(n) for n in range(60)):
        if day <= last:
            for stage in (Stage.PREPARATION, Stage.FINANCING):
                assert names(before, stage, day) == names(after, stage, day)


def names(state: Project, stage: Stage, day: date) -> list[str]:
    return [r.assignment for r in responsible_at(state, stage, day)]


def test_a_person_is_the_same_whatever_the_post() -> None:
    """I08 责任回溯：同一人员变更岗位不重复计责。"""
    given = Responsible("r1", SUBJECT, START, person=PERSON)
    assert given.is_same(ResponsibleAssigned("r2", CITY, START, person=PERSON, post="副主任"))
    assert not given.is_same(ResponsibleAssigned("r2", SUBJECT, START, person=SECOND))
