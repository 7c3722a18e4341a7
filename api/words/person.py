"""Words of persons, projects and commendations. Data only; see words.py."""

from __future__ import annotations

from api.words.table import table, words
from ledger.domain import commendation

ENUMS = (
    table(
        commendation.Kind,
        commendation=("荣誉表彰", "Commendation"),
        honest_example=("诚信典型", "Honest example"),
    ),
    table(
        commendation.Incentive,
        awards_priority=("评先评优优先", "Priority for awards"),
        promotion_priority=("职级晋升优先", "Priority for promotion"),
        convenience=("提供便利措施", "Convenience"),
        policy_preference=("优惠政策倾斜", "Preference in policies"),
        subsidy_priority=("优先给予资金补助", "Priority for subsidies"),
        bond_relief=("免收或者减收履约保证金", "Relief from performance bonds"),
        fewer_inspections=("降低抽查比例和频次", "Fewer inspections"),
    ),
    table(
        commendation.IncentiveEnd,
        commendation_withdrawn=("表彰撤销", "Commendation withdrawn"),
        dishonesty=("发生失信", "Dishonesty"),
        conditions_ceased=("不再符合条件", "Conditions no longer met"),
    ),
    table(
        commendation.Withdrawal,
        award_revoked=("表彰被授予机关撤销", "Award revoked by the organ that gave it"),
        false_merits=("弄虚作假取得", "Obtained by false merits"),
        recorded_in_error=("记载有误", "Recorded in error"),
    ),
)

EVENTS = words(
    PersonRegistered=("建立人员诚信档案", "Integrity file of a person begun"),
    PersonAffiliated=("登记任职", "Service recorded"),
    AffiliationEnded=("任职结束", "Service ended"),
    AffiliationWithdrawn=("撤销任职登记", "Service withdrawn"),
    PersonCorrected=("更正封存内容", "Sealed fields corrected"),
    FileItemRecorded=("记入档案", "Item put on file"),
    ProjectPerformanceNoted=("项目履约情况记入档案", "Project performance put on file"),
    ProjectRegistered=("项目登记", "Project registered"),
    StageBegun=("项目进入新阶段", "Stage begun"),
    ResponsibleAssigned=("确定政府方责任人", "Responsible person assigned"),
    ResponsibleRelieved=("责任人不再负责", "Responsible person relieved"),
    PerformanceRecorded=("记录项目履约情况", "Performance recorded"),
    ProjectBreachLinked=("关联失信记录", "Dishonesty record linked"),
    ProjectClosed=("项目结束", "Project closed"),
    CommendationRecorded=("记录表彰", "Commendation recorded"),
    IncentiveGranted=("给予守信激励", "Incentive granted"),
    IncentiveEnded=("终止守信激励", "Incentive ended"),
    CommendationWithdrawn=("撤销表彰记录", "Commendation withdrawn"),
)

FIELDS = words(
    awarded_by=("授予机关", "Awarded by"),
    awarded_on=("授予日期", "Awarded on"),
    incentive=("激励措施", "Incentive"),
    assignment=("责任编号", "Assignment"),
    post=("岗位", "Post"),
    replaces=("被更正的封存内容", "Sealed fields replaced"),
    stage=("项目阶段", "Stage"),
    started_on=("开始日期", "Started on"),
    **{"FileItemRecorded.item": ("档案内容", "Item")},
)
