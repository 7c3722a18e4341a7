"""The words of a dishonesty record: code lists and small values, each with the Chinese of the document it comes from.

>>> max(Severity.MINOR, Severity.SERIOUS, key=list(Severity).index)
<Severity.SERIOUS: 'serious'>
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from ledger.domain.codec import Name, Prose, Shape

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def _stream(kind: str, zh: str) -> Shape:
    return Shape(f"{kind}/{_UUID}", f"a stream: {kind}/ and a UUID in lower case", f"{zh}：{kind}/ 加小写 UUID")


PersonRef = Annotated[str, _stream("person", "人员档案")]
RecordRef = Annotated[str, _stream("record", "失信记录")]
ComplaintRef = Annotated[str, _stream("complaint", "投诉举报")]
CommitmentRef = Annotated[str, _stream("commitment", "承诺")]
ProjectRef = Annotated[str, _stream("project", "项目")]
ItemId = Annotated[
    str,
    Shape("[0-9A-Za-z][0-9A-Za-z-]{0,39}", "1 to 40 letters, digits and hyphens", "1 至 40 个字母、数字或连字符"),
]
"""The name of a penalty, objection, appeal or repair within its record."""


class SourceKind(StrEnum):
    """What a record comes from (C01, C04, C11-C13, C21-C24)."""

    JUDGMENT = "judgment"  # 司法判决
    ADMINISTRATIVE_PENALTY = "administrative_penalty"  # 行政处罚
    DISCIPLINARY_ACTION = "disciplinary_action"  # 纪律处分
    ACCOUNTABILITY_DECISION = "accountability_decision"  # 问责处理
    SANCTION = "sanction"  # 处分（YN 二(三) 的提法）
    COURT_LIST = "court_list"  # 失信被执行人名单
    FALSE_LITIGATION_LIST = "false_litigation_list"  # 虚假诉讼失信人名单（C24）
    LITIGATION_DEFEAT = "litigation_defeat"  # 行政诉讼败诉
    UNPERFORMED_JUDGMENT = "unperformed_judgment"  # 不履行生效判决
    ARREARS = "arrears"  # 拖欠账款、农民工工资等（C13）
    UTILITY_ARREARS = "utility_arrears"  # 水电费等公共服务欠缴（C12）
    CONTRACT_BREACH = "contract_breach"  # 合同、协议违约
    POLICY_BREACH = "policy_breach"  # 政策承诺不兑现
    STATISTICS_FRAUD = "statistics_fraud"  # 统计造假、弄虚作假（C22）
    EXAM_FRAUD = "exam_fraud"  # 考试舞弊、替考（C21）
    UNRECTIFIED = "unrectified"  # 逾期未整改（C23）


class Conduct(StrEnum):
    """Kinds of misconduct that the documents name (C20, I18)."""

    UNLAWFUL_ACT = "unlawful_act"  # 违法违规
    BREACH_OF_CONTRACT = "breach_of_contract"  # 交易违约
    BREACH_OF_PROMISE = "breach_of_promise"  # 不守承诺
    FICKLE_POLICY = "fickle_policy"  # 朝令夕改
    INACTION = "inaction"  # 懒政怠政
    ABUSE_FOR_GAIN = "abuse_for_gain"  # 以权谋私
    ABUSE_OF_POWER = "abuse_of_power"  # 滥用职权
    DERELICTION = "dereliction"  # 失职渎职
    HARM_TO_THE_PUBLIC = "harm_to_the_public"  # 严重危害群众利益
    NON_PERFORMANCE_OF_JUDGMENT = "non_performance_of_judgment"  # 不履行生效判决
    ARREARS = "arrears"  # 拖欠账款
    DATA_FRAUD = "data_fraud"  # 统计造假、弄虚作假
    ILLEGAL_BORROWING = "illegal_borrowing"  # 违法违规举债
    DEBT_EVASION = "debt_evasion"  # 恶意逃废债务
    EXAM_FRAUD = "exam_fraud"  # 考试舞弊、替考


class FocusField(StrEnum):
    """Fields that touch people's lives, punished more strictly (D22: TA-B 二(四); TA-A 二(四)14)."""

    FOOD_AND_DRUGS = "food_and_drugs"  # 食品药品
    ENVIRONMENT = "environment"  # 生态环境
    ENGINEERING_QUALITY = "engineering_quality"  # 工程质量
    WORK_SAFETY = "work_safety"  # 安全生产
    CARE_OF_OLD_AND_YOUNG = "care_of_old_and_young"  # 养老托幼


class PersonKind(StrEnum):
    """Persons that the documents make subjects (A02, C21)."""

    CIVIL_SERVANT = "civil_servant"  # 公务员
    INSTITUTION_STAFF = "institution_staff"  # 事业单位人员
    OTHER_STAFF = "other_staff"  # 在其单位履行公职和从事相关事务的其他工作人员
    CANDIDATE = "candidate"  # 报考人员（C21）


class FileItem(StrEnum):
    """What an integrity file holds beside dishonesty records (C03)."""

    INTEGRITY = "integrity"  # 廉政记录
    AUDIT_CONCLUSION = "audit_conclusion"  # 审计结论
    ANNUAL_ASSESSMENT = "annual_assessment"  # 年度考核结果
    VIOLATION = "violation"  # 违法违纪违约行为
    PERSONAL_MATTERS_REPORT = "personal_matters_report"  # 个人事项报告
    SOCIAL_MORALITY = "social_morality"  # 违反社会公德
    DAILY_LIFE = "daily_life"  # 日常生活、工作中的失信（DH 二(二)2，与政务失信分开）
    COMMENDATION = "commendation"  # 荣誉表彰
    TRAINING = "training"  # 诚信教育培训（J20）


class LeadEnd(StrEnum):
    """Why a lead ends without a record. The last is never a reason: it is there to be refused (A12)."""

    UNTRUE = "untrue"  # 经核实不属实
    RECTIFIED = "rectified"  # 督促后已整改（发改财金〔2023〕1103号）
    DUPLICATE = "duplicate"  # 重复线索
    OUT_OF_SCOPE = "out_of_scope"  # 不属于政务失信
    TOLERATED = "tolerated"  # 经容错认定不纳入记录
    CHANGE_OF_OFFICE_HOLDER = "change_of_office_holder"  # 换届、人员更替：不得以此为由


class CaseEnd(StrEnum):
    """Why a case is closed. The last is never a reason: it is there to be refused (A12)."""

    RECTIFIED = "rectified"  # 整改完成，惩戒期满
    REPAIRED = "repaired"  # 信用修复
    WITHDRAWN = "withdrawn"  # 记录撤销
    CHANGE_OF_OFFICE_HOLDER = "change_of_office_holder"  # 换届、人员更替：不得以此为由


class Severity(StrEnum):
    """Severity, from least to most (C15; Order 36, 国办发〔2025〕22号)."""

    MINOR = "minor"  # 轻微
    GENERAL = "general"  # 一般
    SERIOUS = "serious"  # 严重


class Combine(StrEnum):
    """How the two axes, loss and social impact, make the severity."""

    HIGHER = "higher"  # 取较重者
    STATED = "stated"  # 由认定单位综合认定，不低于较轻者、不高于较重者


class Responsibility(StrEnum):
    """In which way a person answers for the act (A04)."""

    PRINCIPAL = "principal"  # 主要负责人
    LEADER_IN_CHARGE = "leader_in_charge"  # 分管负责人
    DIRECT = "direct"  # 直接责任人
    OTHER = "other"  # 其他相关人员


class LetterKind(StrEnum):
    """Supervision letters (D03: HS 四(四))."""

    SPECIAL_SUPERVISION = "special_supervision"  # 专项督办
    RECTIFICATION_LETTER = "rectification_letter"  # 函告整改


class CourtExit(StrEnum):
    """Ways out of the court list (C06: DH 二(三)2; SPC provisions of 2017)."""

    PERFORMED = "performed"  # 及时全面履行法定义务
    SETTLED = "settled"  # 与申请执行人达成和解协议并履行完毕
    COURT_DECISION = "court_decision"  # 法院依法撤销、更正或以其他法定情形删除


class Sweep(StrEnum):
    """How often courts report (C05, C08)."""

    MONTHLY = "monthly"  # 按月排查梳理
    REGULAR = "regular"  # 定期通报
    NONE = "none"  # 未规定


class WithdrawalGround(StrEnum):
    """Why a record was withdrawn (E05)."""

    DECISION_REVOKED = "decision_revoked"  # 据以认定的决定被撤销、变更
    WRONG_SUBJECT = "wrong_subject"  # 主体有误
    UNTRUE = "untrue"  # 事实不成立
    TOLERATED = "tolerated"  # 经容错认定不纳入记录
    OUTSIDE_CATALOGUE = "outside_catalogue"  # 不属于目录事项


class PublicationScope(StrEnum):
    """Whose records are published (F01)."""

    BODIES = "bodies"  # 仅单位
    BODIES_AND_PERSONS = "bodies_and_persons"  # 单位和人员，逐步公开


class PublicityStart(StrEnum):
    """From which day a publicity period is counted."""

    PUBLICATION = "publication"  # 自首次公示之日起
    RECOGNITION = "recognition"  # 自司法、行政公务文书认定之日起：记录中为认定决定生效之日


class PublicationEnd(StrEnum):
    """Why publication or sharing ended."""

    REPAIRED = "repaired"  # 信用修复
    WITHDRAWN = "withdrawn"  # 记录撤销
    EXPIRED = "expired"  # 公示期届满
    SHIELDED = "shielded"  # 依法屏蔽


class Stage(StrEnum):
    """Stages of a PPP project: the old list (I06) and the new one (I07)."""

    PREPARATION = "preparation"  # 项目筹备
    TENDERING = "tendering"  # 招标投标
    PROCUREMENT = "procurement"  # 政府采购
    FINANCING = "financing"  # 融资
    IMPLEMENTATION = "implementation"  # 实施
    IDENTIFICATION = "identification"  # 项目识别
    PROJECT_PREPARATION = "project_preparation"  # 项目准备
    PROJECT_PROCUREMENT = "project_procurement"  # 项目采购
    PROJECT_EXECUTION = "project_execution"  # 项目执行
    PROJECT_TRANSFER = "project_transfer"  # 项目移交


@dataclass(frozen=True, slots=True)
class Correction:
    """One field of the record put right: what it said and what it says now (E05 更正). Never personal data."""

    field: Name
    now: Prose
    was: Prose | None = None
