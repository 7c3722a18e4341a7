"""The same sayings under the five documents: where they differ, the outcome differs, and where it stands is told.

Two tables for a lawyer to read: what each document settles, and what comes of one and the same case. The columns are
运城 Yuncheng, 德化 Dehua, 黄石 Huangshi, 泰安 Tai'an and 盐城 Yancheng (a draft for comment). A cell in brackets is not
settled by the place's own document: it is inherited from the national pack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger import policies
from ledger.domain.body_terms import Kind
from ledger.domain.commitment_terms import Area, Channel
from ledger.domain.policy import View, view_of
from ledger.domain.project import ProjectRegistered, StageBegun
from ledger.domain.record.course_facts import RecordPublished, ToleranceDetermined
from ledger.domain.record.deadlines import deadlines
from ledger.domain.record.facts import BreachRecognised, LeadReceived, LeadVerified
from ledger.domain.record.remedy_facts import (
    ObjectionUpheld,
    PenaltyMitigated,
    PenaltySuspended,
    PunishmentWaived,
    RestorationOrdered,
)
from ledger.domain.record.remedy_terms import Extent, Mitigation, Relief, TargetKind
from ledger.domain.record.terms import Conduct, PersonKind, SourceKind, Stage
from ledger.errors import RuleError
from tests.domain.penalties import (
    ACCEPTED,
    GRAVE,
    IMPOSED,
    LINKED,
    OBJECTED,
    OFFICIAL,
    ON_PERSON,
    imposed,
)
from tests.domain.records import (
    DECISION,
    GRADED,
    LEAD,
    LETTER,
    PERSON,
    RECOGNISED,
    RECOGNISER,
    RECORD,
    RECORD_WORLD,
    SOURCE,
    SUBJECT,
    TODAY,
    VERIFIED,
    policy,
)
from tests.domain.scenario import CREDIT, Saying, Scenario, said

PROJECT = "project/0198c5a2-0000-7000-8000-000000000031"
PLACES = {"运城": "yuncheng", "德化": "dehua", "黄石": "huangshi", "泰安": "taian", "盐城": "yancheng"}

VALUES = """
行      | 问题                        | 运城         | 德化                   | 黄石         | 泰安         | 盐城
A01     | 责任主体含党委              | 否           | 否                     | 是           | 否           | 否
A01     | 责任主体含事业单位          | 否           | 是                     | 是           | 否           | 是
A01 A06 | 责任主体含村民委员会        | 否           | 是                     | 是           | 否           | 否
A02     | 责任主体含事业单位人员      | 否           | 是                     | 是           | 否           | 否
A02     | 责任主体含全体工作人员      | 否           | 否                     | 是           | 否           | 否
B11     | 依法变更后                  | 财产损失依法予以补偿 | 合理损失依法给予适当补偿 | 财产损失依法予以补偿 | 财产损失依法予以补偿 | 财产损失依法予以补偿
C01     | 记录来源含纪律处分          | 是           | 是                     | 是           | 否           | 否
C01     | 记录来源含处分              | 否           | 否                     | 否           | 否           | 是
C03     | 诚信档案含荣誉表彰          | 否           | 是                     | 否           | 是           | (否)
C08     | 法院案件排查                | (未规定)     | 定期                   | (未规定)     | (未规定)     | 按月
C19     | 容错可不纳入记录            | (否)         | (否)                   | (否)         | (否)         | 是
D05     | 通报批评                    | 公开通报批评 | 公开通报批评           | 公开通报批评 | 通报批评     | 没有
D07     | 向上级主管单位通报          | (否)         | (否)                   | (否)         | 是           | (否)
D22     | 重点民生领域从严            | (否)         | (否)                   | (否)         | 是           | (否)
E03     | 异议期间暂不执行惩戒        | (否)         | (否)                   | 是           | (否)         | (否)
E06     | 错误惩戒须恢复信誉          | (否)         | (否)                   | 是           | 是           | (否)
E15     | 从轻、免于适用于            | 人员         | 人员                   | 人员         | (人员)       | 单位和人员
F01     | 公开人员的记录              | 是           | 否                     | 是           | 是           | 否
I01     | 重点领域代码数（泰安六条）  | 7            | 6                      | 8            | 7            | 7
I06 I07 | 项目阶段                    | 筹备至实施   | 筹备至实施             | 筹备至实施   | 筹备至实施   | 识别至移交
J10     | 报送日期                    | 06-30 12-31  | (未规定)               | (未规定)     | (未规定)     | (未规定)
J17     | 重大决策程序                | (5)          | (5)                    | 7            | 5            | 5
"""  # noqa: E501

OUTCOMES = """
行      | 同样的记载                      | 运城     | 德化     | 黄石     | 泰安     | 盐城
A01     | 村民委员会的失信线索            | 不是主体 | 受理     | 受理     | 不是主体 | 不是主体
C01     | 对单位的纪律处分                | 认定     | 认定     | 认定     | 不是来源 | 不是来源
C01     | 对单位的处分                    | 不是来源 | 不是来源 | 不是来源 | 不是来源 | 认定
C19     | 认定后作出容错认定              | 不适用   | 不适用   | 不适用   | 不适用   | 记录撤销
D05     | 对部门公开通报批评、通报批评    | 准       | 准       | 准       | 准       | 不在清单
D07     | 是否有待办的上级通报            | 否       | 否       | 否       | 是       | 否
D10     | 严重失信的部门取消资格从严考核  | 不在清单 | 准       | 不在清单 | 不在清单 | 不在清单
D16     | 严重失信的部门不纳入资金补助    | 不在清单 | 不在清单 | 准       | 不在清单 | 不在清单
D19     | 对责任人员终身责任追究          | 准       | 不在清单 | 不在清单 | 不在清单 | 不在清单
E03     | 受理异议后惩戒                  | 照常执行 | 照常执行 | 暂停     | 照常执行 | 照常执行
E06     | 异议成立，惩戒有误              | 解除     | 解除     | 解除并恢复 | 解除并恢复 | 解除
E15     | 部门自我纠错，免于惩戒          | 不适用   | 不适用   | 不适用   | 不适用   | 准
E15     | 人员自我纠错，从轻              | 准       | 准       | 准       | 准       | 准
F01     | 连同责任人员公示                | 准       | 不公开   | 准       | 准       | 不公开
I06     | 项目进入筹备阶段                | 准       | 准       | 准       | 准       | 没有此阶段
I07     | 项目进入识别阶段                | 没有此阶段 | 没有此阶段 | 没有此阶段 | 没有此阶段 | 准
"""


def cells(table: str) -> list[tuple[str, str, str]]:
    """Question, place and expected answer of every cell."""
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
    return [(row[1], place, cell) for row in rows for place, cell in zip(head[2:], row[2:], strict=True)]


# --- what each document settles -----------------------------------------------------------------------------------


def rules_of(place: str, on: date = TODAY) -> View:
    return view_of((policy(PLACES[place]), policy("national")), on)


def yes(flag: bool) -> str:
    return "是" if flag else "否"


def has(item: object) -> Callable[[Any], str]:
    return lambda listed: yes(item in (listed or ()))


SWEEPS = {"monthly": "按月", "regular": "定期", "none": "未规定"}
STAGES = {Stage.PREPARATION: "筹备至实施", Stage.IDENTIFICATION: "识别至移交"}
QUESTIONS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "责任主体含党委": ("subject.body_kinds", has(Kind.PARTY_COMMITTEE)),
    "责任主体含事业单位": ("subject.body_kinds", has(Kind.PUBLIC_INSTITUTION)),
    "责任主体含村民委员会": ("subject.body_kinds", has(Kind.VILLAGERS_COMMITTEE)),
    "责任主体含事业单位人员": ("subject.person_kinds", has(PersonKind.INSTITUTION_STAFF)),
    "责任主体含全体工作人员": ("subject.person_kinds", has(PersonKind.OTHER_STAFF)),
    "依法变更后": ("compensation.wording", str),
    "记录来源含纪律处分": ("record.sources", has(SourceKind.DISCIPLINARY_ACTION)),
    "记录来源含处分": ("record.sources", has(SourceKind.SANCTION)),
    "诚信档案含荣誉表彰": ("record.file_items", has("commendation")),
    "法院案件排查": ("court.sweep", lambda v: SWEEPS[v or "none"]),
    "容错可不纳入记录": ("tolerance.allowed", yes),
    "通报批评": ("penalty.criticism", lambda v: v or "没有"),
    "向上级主管单位通报": ("superior.inform", yes),
    "重点民生领域从严": ("record.focus_stricter", lambda v: yes(bool(v))),
    "异议期间暂不执行惩戒": ("objection.suspends", yes),
    "错误惩戒须恢复信誉": ("restoration.required", yes),
    "从轻、免于适用于": ("penalty.mitigation", lambda v: "单位和人员" if TargetKind.BODY in v else "人员"),
    "公开人员的记录": ("publication.scope", lambda v: yes(v == "bodies_and_persons")),
    "重点领域代码数（泰安六条）": ("areas", lambda v: str(len(v))),
    "项目阶段": ("project.stages", lambda v: STAGES[v[0]]),
    "报送日期": ("report.days", lambda v: " ".join(v or ()) or "未规定"),
    "重大决策程序": ("decision.steps", lambda v: str(len(v))),
}


@pytest.mark.parametrize(("question", "place", "expected"), cells(VALUES))
def test_what_each_document_settles(question: str, place: str, expected: str) -> None:
    """A01 A02 A06 B11 C01 C03 C08 C19 D05 D07 D22 E03 E06 E15 F01 I01 I06 I07 J10 J17 各地不同之处均可配置。"""
    key, answer = QUESTIONS[question]
    found = rules_of(place).find(key)
    text = answer(found.value if found else None)
    own = found is not None and found.pack == PLACES[place]
    assert (text if own else f"({text})") == expected


def test_the_two_lists_of_project_stages_are_those_of_the_documents() -> None:
    """I06 I07 项目筹备、招标投标、政府采购、融资、实施；项目识别、项目准备、项目采购、项目执行、项目移交。"""
    old, new = (rules_of(place).names("project.stages") for place in ("运城", "盐城"))
    assert old == tuple(Stage)[:5]
    assert new == tuple(Stage)[5:]


def test_the_two_steps_that_huangshi_adds_to_a_decision() -> None:
    """J17 公众参与、专家论证、风险评估、合法性审查、合规性审核、廉洁性审查、集体讨论决定。"""
    seven, five = (rules_of(place).names("decision.steps") for place in ("黄石", "泰安"))
    assert set(seven) - set(five) == {"compliance_review", "integrity_review"}
    assert seven[-1] == five[-1] == "collective_decision"


def test_a_notice_of_criticism_is_public_where_the_document_says_so() -> None:
    """D05 予以公开通报批评（TA-A：予以通报批评）。"""
    names = {place: rules_of(place).get("measure.criticism_notice") for place in PLACES}
    assert {place: m and m.zh for place, m in names.items()} == {
        **dict.fromkeys(("运城", "德化", "黄石"), "公开通报批评"),
        "泰安": "通报批评",
        "盐城": None,
    }


def test_the_subsidy_exclusion_spares_welfare() -> None:
    """D16 社会福利、救助和扶贫资金除外。"""
    measure = rules_of("黄石").get("measure.subsidy_exclusion")
    assert measure.exempt == ("social_welfare", "relief", "poverty_alleviation")


def test_before_a_document_was_made_its_place_goes_by_the_national_pack() -> None:
    """重放过去某日，按当日施行的规则。"""
    assert rules_of("黄石", date(2017, 11, 23)).flag("objection.suspends") is False
    assert rules_of("黄石", date(2017, 11, 24)).flag("objection.suspends") is True
    assert rules_of("盐城", date(2023, 12, 31)).get("penalty.criticism") == "公开通报批评"


# --- the same sayings under each ----------------------------------------------------------------------------------


def case_of(place: str, *sayings: Saying, kind: Kind = Kind.DEPARTMENT) -> Scenario:
    """A record's stream with a history, under the rules of a place; its subject is of a kind."""
    world = {**RECORD_WORLD, SUBJECT: replace(RECORD_WORLD[SUBJECT], kind=kind)}
    packs = (policy(PLACES[place]), policy("national"))
    return Scenario(RECORD, world, (), packs, {PERSON: OFFICIAL}).having(*sayings)


def refused_by(scenario: Scenario, saying: Saying) -> str | None:
    """The rule that refuses a saying; None where it is admitted."""
    try:
        scenario.judge(scenario.state, saying, len(scenario.history))
    except RuleError as error:
        return error.rule
    return None


def outcome(refused: str | None, words: Mapping[str, str], admitted: str) -> str:
    """The answer in a word; a refusal by any other rule than those expected is none."""
    return admitted if refused is None else words.get(refused, refused)


RECORDED = (LEAD, VERIFIED, RECOGNISED, GRADED)
UNLISTED = {"record.measure": "不在清单"}


def village(place: str) -> str:
    lead = replace(LEAD, basis=())
    refused = refused_by(case_of(place, kind=Kind.VILLAGERS_COMMITTEE), lead)
    return outcome(refused, {"record.subject-kind": "不是主体"}, "受理")


def recognised(source: SourceKind) -> Callable[[str], str]:
    lead = said(
        LeadReceived(SUBJECT, source, (Conduct.UNLAWFUL_ACT,), "未依法办理", date(2026, 5, 18)),
        SOURCE,
        on=date(2026, 5, 20),
    )
    verified = said(LeadVerified(True, "经核实属实"), CREDIT, on=date(2026, 5, 21))
    facts = BreachRecognised(
        source, (Conduct.UNLAWFUL_ACT,), "事实清楚", date(2026, 5, 20), True, "government_dishonesty"
    )
    saying = said(facts, RECOGNISER, DECISION, on=date(2026, 5, 22))
    words = {"record.source": "不是来源"}
    return lambda place: outcome(refused_by(case_of(place, lead, verified), saying), words, "认定")


def tolerated(place: str) -> str:
    saying = said(ToleranceDetermined(True, "示例市容错认定机关", "符合容错情形"), RECOGNISER, DECISION, on=TODAY)
    scenario = case_of(place, *RECORDED)
    if refused := refused_by(scenario, saying):
        return outcome(refused, {"record.tolerance": "不适用"}, "")
    return {"withdrawn": "记录撤销"}[scenario.having(saying).state.standing]


def penalty(measure: str, *history: Saying, person: bool = False, **more: Any) -> Callable[[str], str]:
    fact = imposed(measure, person=PERSON if person else None, **more)
    saying = said(fact, RECOGNISER, DECISION, on=date(2026, 5, 25))
    return lambda place: outcome(refused_by(case_of(place, *RECORDED, *history), saying), UNLISTED, "准")


def superior(place: str) -> str:
    scenario = case_of(place, *RECORDED)
    return yes(any(d.what == "SuperiorInformed" for d in deadlines(scenario.state, rules_of(place))))


def objected(place: str) -> str:
    scenario = case_of(place, *RECORDED, IMPOSED, OBJECTED)
    follows = [type(c.fact) for c in scenario.judge(scenario.state, ACCEPTED, len(scenario.history))]
    penalty = scenario.having(ACCEPTED).state.penalties[0]
    waits = not penalty.in_force(TODAY)
    assert waits is (PenaltySuspended in follows)
    return "暂停" if waits else "照常执行"


def upheld(place: str) -> str:
    fact = ObjectionUpheld("o1", Extent.PARTLY, "惩戒有误", lift=("p1",))
    saying = said(fact, CREDIT, LETTER, on=date(2026, 5, 27))
    scenario = case_of(place, *RECORDED, IMPOSED, OBJECTED, ACCEPTED)
    follows = [type(c.fact) for c in scenario.judge(scenario.state, saying, len(scenario.history))]
    after = scenario.having(saying).state
    assert after.penalties[0].lifted
    assert bool(after.restorations) is (RestorationOrdered in follows)
    return "解除并恢复" if after.restorations else "解除"


def waived(place: str) -> str:
    saying = said(PunishmentWaived(Mitigation.LOSS_RECOVERED, "已挽回损失"), RECOGNISER, DECISION, on=TODAY)
    return outcome(refused_by(case_of(place, *RECORDED), saying), {"record.mitigation": "不适用"}, "准")


def mitigated(place: str) -> str:
    fact = PenaltyMitigated("p2", Mitigation.EFFECTS_REMOVED, Relief.MITIGATED, "已消除影响", date(2026, 8, 1))
    scenario = case_of(place, *RECORDED, LINKED, ON_PERSON)
    saying = said(fact, RECOGNISER, DECISION, on=TODAY)
    return outcome(refused_by(scenario, saying), {"record.mitigation": "不适用"}, "准")


def published(place: str) -> str:
    fact = RecordPublished((Channel.CREDIT_SITE,), date(2027, 5, 1), persons=True)
    saying = said(fact, CREDIT, on=TODAY)
    words = {"record.publication-scope": "不公开"}
    return outcome(refused_by(case_of(place, *RECORDED, LINKED), saying), words, "准")


def begun_stage(stage: Stage) -> Callable[[str], str]:
    registered = said(ProjectRegistered("示例停车场项目", SUBJECT, Area.PPP, date(2026, 1, 5)), SUBJECT, on=TODAY)
    saying = said(StageBegun(stage, date(2026, 1, 5)), SUBJECT, on=TODAY)
    words = {"project.stage": "没有此阶段"}
    return lambda place: outcome(refused_by(case_of(place).at(PROJECT).having(registered), saying), words, "准")


RUNS: Mapping[str, Callable[[str], str]] = {
    "村民委员会的失信线索": village,
    "对单位的纪律处分": recognised(SourceKind.DISCIPLINARY_ACTION),
    "对单位的处分": recognised(SourceKind.SANCTION),
    "认定后作出容错认定": tolerated,
    "对部门公开通报批评、通报批评": penalty("criticism_notice"),
    "是否有待办的上级通报": superior,
    "严重失信的部门取消资格从严考核": penalty("strict_assessment", GRAVE),
    "严重失信的部门不纳入资金补助": penalty("subsidy_exclusion", GRAVE),
    "对责任人员终身责任追究": penalty("lifelong_responsibility", LINKED, person=True, until=None),
    "受理异议后惩戒": objected,
    "异议成立，惩戒有误": upheld,
    "部门自我纠错，免于惩戒": waived,
    "人员自我纠错，从轻": mitigated,
    "连同责任人员公示": published,
    "项目进入筹备阶段": begun_stage(Stage.PREPARATION),
    "项目进入识别阶段": begun_stage(Stage.IDENTIFICATION),
}


@pytest.mark.parametrize(("run", "place", "expected"), cells(OUTCOMES))
def test_the_same_sayings_come_to_what_each_document_says(run: str, place: str, expected: str) -> None:
    """A01 C01 C19 D05 D07 D10 D16 D19 E03 E06 E15 F01 I06 I07 同一案件在五地的不同结果。"""
    assert RUNS[run](place) == expected


def test_no_two_places_come_to_the_same_in_everything() -> None:
    """五份规则包，五种结果。"""
    columns = {place: tuple(e for _, p, e in cells(OUTCOMES) if p == place) for place in PLACES}
    assert len(set(columns.values())) == len(PLACES)
    assert {name for name, _, _ in cells(OUTCOMES)} == set(RUNS)
    assert {name for name, _, _ in cells(VALUES)} == set(QUESTIONS)
    assert set(PLACES.values()) == set(policies.shipped()) - {"national"}
