"""The keys of a rule pack: what a jurisdiction may settle, and of which type each value is.

A pack that says something else, or says it in another shape, is refused. ``national`` marks what only the national
pack may settle, because it stands in national law. A key ``measure.*`` is one measure of the list of penalties,
``roles.*`` the events that a role may state.

>>> key_of("objection.suspends").zh
'异议处理、核实期间是否暂不执行惩戒措施'
>>> key_of("measure.award_exclusion").pattern
'measure.*'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from ledger.domain import body_terms
from ledger.domain.codec import Many, Name, Range
from ledger.domain.commitment_terms import Area, MonthDay, Procedure
from ledger.domain.complaint.terms import Channel
from ledger.domain.record.remedy_terms import (
    Fund,
    MeasureKind,
    RepairCondition,
    RepairWay,
    TargetKind,
)
from ledger.domain.record.terms import (
    Combine,
    Conduct,
    CourtExit,
    FileItem,
    PersonKind,
    PublicationScope,
    PublicityStart,
    Severity,
    SourceKind,
    Stage,
    Sweep,
)
from ledger.domain.screening_terms import ScreeningPurpose
from ledger.domain.seal_terms import Ground, Purpose
from ledger.domain.supervision_terms import Fall, Indicator, Repetition, Score
from ledger.errors import FormatError

Days = Annotated[int, Range(1, 3660)]
Months = Annotated[int, Range(1, 1200)]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of the list of penalties (D12): whom it may hit, for which records, how long, and on which law.

    ``most_months`` is the longest period (None: no limit is known), ``lifelong`` allows one without an end (D19).
    ``exempt`` are the funds that it never withholds (D16).
    """

    zh: Name
    en: Name
    kind: MeasureKind
    basis: Name
    targets: Annotated[tuple[TargetKind, ...], Many(3)]
    severities: Annotated[tuple[Severity, ...], Many(3)]
    most_months: Months | None = None
    lifelong: bool = False
    exempt: Annotated[tuple[Fund, ...], Many(10)] = ()


@dataclass(frozen=True, slots=True)
class Publicity:
    """How long a record of one severity is published, in months: at least, at most; ``published`` if it is at all.

    ``start`` says from which day the months are counted.
    """

    published: bool
    most_months: Months
    least_months: Months | None = None
    start: PublicityStart = PublicityStart.PUBLICATION


@dataclass(frozen=True, slots=True)
class DemeritItem:
    """An act and its demerit points (D17 记分管理)."""

    item: Name
    points: Annotated[int, Range(1, 100)]


EventName = Name


@dataclass(frozen=True, slots=True)
class Key:
    """What a key settles. ``hint`` is the annotation of its value, in the words of the codec.

    ``plus`` names a national list that holds besides the one that a place makes for itself.
    """

    pattern: str
    hint: Any
    zh: str
    en: str
    national: bool = False
    plus: str | None = None


def _listed(item: Any, most: int = 60) -> Any:
    return Annotated[tuple[item, ...], Many(most)]


_ROWS = (
    # subjects and records
    Key("subject.body_kinds", _listed(body_terms.Kind), "哪些单位是责任主体", "Bodies that are subjects"),
    Key("subject.person_kinds", _listed(PersonKind), "哪些人员是责任主体", "Persons that are subjects"),
    Key(
        "record.sources",
        _listed(SourceKind),
        "哪些信息纳入政务失信记录",
        "Sources of dishonesty records",
        plus="record.national_sources",
    ),
    Key("record.national_sources", _listed(SourceKind), "全国统一纳入的来源", "Sources everywhere", national=True),
    Key("record.on_duty", bool, "是否限于履职过程中的行为", "Only conduct in the course of duty"),
    Key("record.urge_first", _listed(SourceKind), "拒不整改方可认定的来源", "Recognised only after refusal to rectify"),
    Key("record.catalogue", _listed(Name), "公共信用信息目录事项", "Items of the catalogue of credit information"),
    Key("record.conduct", _listed(Conduct), "列举的失信行为", "Kinds of misconduct named"),
    Key(
        "record.file_items",
        _listed(FileItem),
        "诚信档案的其他内容",
        "Other content of an integrity file",
        plus="record.national_file_items",
    ),
    Key("record.national_file_items", _listed(FileItem), "全国统一记入的内容", "File items everywhere", national=True),
    Key("record.focus_stricter", bool, "重点民生领域是否从严", "Focus fields are punished more strictly"),
    # severity and publicity
    Key("severity.combine", Combine, "损失与社会影响两轴如何合成程度", "How loss and impact make the severity"),
    Key("severity.escalate", _listed(Severity), "须向政府报告的程度", "Severities reported to the government"),
    Key("publicity.*", Publicity, "公示期", "Publicity period", national=True),
    Key("publication.scope", PublicationScope, "公开哪些主体的记录", "Whose records are published"),
    Key("publication.days", Days, "信息上网公开的期限（工作日）", "Working days until publication"),
    # rectification
    Key("explanation.required", bool, "是否须书面说明原因", "A written explanation is required"),
    Key(
        "court.exits",
        _listed(CourtExit),
        "失信被执行人退出途径",
        "Ways out of the court list",
        plus="court.national_exits",
    ),
    Key("court.national_exits", _listed(CourtExit), "全国统一的退出途径", "Ways out everywhere", national=True),
    Key("court.removal_days", Days, "法院删除失信信息的期限（工作日）", "Working days to remove a court entry"),
    Key("court.sweep", Sweep, "法院案件排查频次", "How often courts sweep their cases"),
    Key("superior.inform", bool, "是否向上级主管单位通报", "The superior body is informed"),
    Key("tolerance.allowed", bool, "容错认定后可否不纳入记录", "Fault tolerance keeps an act out of the records"),
    # penalties
    Key("measure.*", Measure, "惩戒措施", "Penalty measure"),
    Key("penalty.period_required", bool, "是否须确定惩戒期限", "A penalty needs a period"),
    Key("penalty.repair_notice", bool, "惩戒决定须附信用修复告知（两书同达）", "The repair notice goes with it"),
    Key("penalty.mitigation", _listed(TargetKind), "从轻或免于惩戒适用于", "Whom mitigation is for"),
    Key("penalty.criticism", Name, "通报批评的提法", "Wording of the notice of criticism"),
    Key("screening.*", _listed(MeasureKind), "筛查该用途时哪些惩戒措施予以拦截", "Measures that block in screening"),
    Key(
        "screening_court_list",
        _listed(ScreeningPurpose),
        "失信被执行人予以拦截的用途",
        "Purposes the court list blocks",
    ),
    Key("demerit.items", _listed(DemeritItem), "不良行为记分标准", "Demerit points"),
    # objection and restoration
    Key("objection.suspends", bool, "异议处理、核实期间是否暂不执行惩戒措施", "Penalties wait for objections"),
    Key("objection.accept_days", Days, "异议受理期限（工作日）", "Working days to accept an objection"),
    Key("objection.source_days", Days, "信源单位核实答复期限（工作日）", "Working days for the source to answer"),
    Key("objection.decide_days", Days, "异议处理期限（工作日）", "Working days to decide an objection"),
    Key("restoration.required", bool, "错误惩戒是否须恢复信誉、消除影响", "Reputation is restored"),
    # repair
    Key("repair.ways", _listed(RepairWay), "信用修复方式", "Ways of credit repair"),
    Key("repair.conditions", _listed(RepairCondition), "信用修复条件", "Conditions of credit repair", national=True),
    Key("repair.accept_days", Days, "修复申请受理期限（工作日）", "Working days to take up a repair", national=True),
    Key("repair.decide_days", Days, "修复决定期限（工作日）", "Working days to decide a repair", national=True),
    Key("repair.answer_days", Days, "网站反馈修复结果的期限（工作日）", "Working days for the site", national=True),
    Key("repair.barred_months", Months, "修复被撤销后不得再申请的期间（月）", "Months barred", national=True),
    Key("repair.persons", bool, "人员记录可否修复", "Records of persons can be repaired"),
    # complaints
    Key(
        "complaint.channels",
        _listed(Channel),
        "投诉举报渠道",
        "Channels of complaints",
        plus="complaint.national_channels",
    ),
    Key("complaint.national_channels", _listed(Channel), "全国统一的投诉渠道", "Channels everywhere", national=True),
    Key("complaint.accept_days", Days, "投诉受理期限（工作日）", "Working days to accept a complaint"),
    Key("complaint.answer_days", Days, "转办答复期限（工作日）", "Working days to answer a transferred complaint"),
    # areas, projects, decisions, reports
    Key("areas", _listed(Area), "重点领域", "Key areas"),
    Key("project.stages", _listed(Stage), "政府和社会资本合作项目阶段", "Stages of PPP projects"),
    Key("decision.steps", _listed(Procedure), "重大行政决策程序", "Steps of a major decision"),
    Key("report.days", _listed(MonthDay, 12), "政务诚信建设情况报送日期", "Reporting dates"),
    Key("compensation.wording", Name, "依法变更后的补偿", "Compensation after a lawful change"),
    # early warning and evaluation: how much is too much is for the place that adopts the pack to say
    Key("warning.commitment_due", Days, "到期前几日仍无进展即预警（日）", "Days before a due day without progress"),
    Key("warning.rectification_overdue", bool, "逾期未整改是否预警", "Warn of rectification overdue"),
    Key("warning.fulfilment_falling", Fall, "履诺率下降到何程度预警", "Warn of a falling fulfilment rate"),
    Key("warning.repeated_breach", Repetition, "同一领域多少次失信预警", "Warn of repeated breach in an area"),
    Key("warning.court_list", Days, "列入失信被执行人几日未退出即预警（日）", "Days on the court list"),
    Key("warning.arrears", bool, "拖欠未清偿是否预警", "Warn of arrears"),
    Key("warning.court_sweep", bool, "当月无法院排查记录是否预警", "Warn of a month without a court sweep"),
    Key("warning.publication_late", bool, "逾期未公示是否预警", "Warn of late publication"),
    Key("warning.remedy_overdue", bool, "异议、修复逾期未办结是否预警", "Warn of overdue objections and repairs"),
    Key("warning.report_overdue", bool, "逾期未报送是否预警", "Warn of overdue reports"),
    Key("evaluation.indicators", _listed(Indicator), "政务诚信评价内容", "What evaluation is about"),
    Key("evaluation.scores", _listed(Score), "评价计分规则", "How indicators get their points"),
    Key("evaluation.published", bool, "评价结果是否公布", "Results of evaluation are published"),
    # sealed fields
    Key("lookup.*", _listed(Purpose), "可以查询封存内容的目的", "Purposes of looking up sealed fields"),
    Key("lookup_letter", _listed(Purpose), "须凭公函查询的目的", "Purposes that need an official letter"),
    Key("erasure.grounds", _listed(Ground), "抹除封存内容的理由", "Grounds for erasing sealed fields"),
    # who may say what
    Key("roles.*", _listed(EventName, 120), "角色可作的记载", "Events that a role may state"),
)
KEYS = {key.pattern: key for key in _ROWS}


def key_of(name: str) -> Key:
    """The key of this name. Raises FormatError for a name that no pack may use."""
    head, dot, last = name.partition(".")
    key = KEYS.get(name) or (KEYS.get(f"{head}.*") if dot and last else None)
    if key is None:
        raise FormatError(
            f"key: expected one of {', '.join(KEYS)}, got {name[:80]}",
            f"键：应为 {', '.join(KEYS)} 之一，实为 {name[:80]}",
        )
    return key
