"""The words of penalties, objections, appeals and repairs, each with the Chinese of the document it comes from.

>>> [str(ground) for ground in Mitigation]
['loss_recovered', 'effects_removed', 'harm_prevented']
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.codec import Name
from ledger.domain.event import Document


class TargetKind(StrEnum):
    """Whom a penalty hits."""

    BODY = "body"  # 单位
    PERSON = "person"  # 责任人员
    ENTERPRISE = "enterprise"  # 市场主体


class MeasureKind(StrEnum):
    """What a measure does, so that programs can ask (D04-D18)."""

    AWARD_EXCLUSION = "award_exclusion"  # 取消荣誉评选资格、限制评优评先
    CRITICISM_NOTICE = "criticism_notice"  # 通报批评
    ACCOUNTABILITY = "accountability"  # 追究责任
    APPOINTMENT_LIMIT = "appointment_limit"  # 任用、升迁、职称评聘限制
    STRICT_ASSESSMENT = "strict_assessment"  # 取消资格、从严考核
    JOINT_PUNISHMENT_LIST = "joint_punishment_list"  # 列入失信联合惩戒对象名单
    MARKET_BAN = "market_ban"  # 市场和行业禁入
    PROCUREMENT_BAN = "procurement_ban"  # 禁止参加政府采购活动
    SUBSIDY_EXCLUSION = "subsidy_exclusion"  # 不纳入资金补助范围
    TENDER_BLACKLIST = "tender_blacklist"  # 招标投标不良行为名单
    DEMERIT_POINTS = "demerit_points"  # 记分
    RECRUITMENT_BAR = "recruitment_bar"  # 取消录用资格
    FUNDS_LIMIT = "funds_limit"  # 限制中央预算内资金、专项债券申请
    PROJECT_LIMIT = "project_limit"  # 限制项目推荐、试点示范
    LIFELONG_RESPONSIBILITY = "lifelong_responsibility"  # 重大决策终身责任追究


class Fund(StrEnum):
    """Public funds by purpose, for the exception of D16 (HS 五(一))."""

    SOCIAL_WELFARE = "social_welfare"  # 社会福利
    RELIEF = "relief"  # 救助
    POVERTY_ALLEVIATION = "poverty_alleviation"  # 扶贫
    OTHER = "other"  # 其他财政资金补助


class LiftReason(StrEnum):
    """Why a penalty was lifted before its end."""

    REPAIRED = "repaired"  # 信用修复
    WITHDRAWN = "withdrawn"  # 记录撤销
    OBJECTION_UPHELD = "objection_upheld"  # 异议成立
    APPEAL_ALLOWED = "appeal_allowed"  # 申诉、复议、诉讼改变原决定
    WAIVED = "waived"  # 免于惩戒
    ERROR = "error"  # 实施有误


class Hold(StrEnum):
    """Why a penalty is suspended."""

    OBJECTION = "objection"  # 异议处理、核实期间
    STAY = "stay"  # 复议、诉讼期间决定停止执行
    BANKRUPTCY = "bankruptcy"  # 法院裁定，暂时解除


class Mitigation(StrEnum):
    """The three grounds of self-correction (E15)."""

    LOSS_RECOVERED = "loss_recovered"  # 主动挽回损失
    EFFECTS_REMOVED = "effects_removed"  # 消除不良影响
    HARM_PREVENTED = "harm_prevented"  # 有效阻止危害结果发生


class Relief(StrEnum):
    """How far a penalty is eased (E15)."""

    MITIGATED = "mitigated"  # 从轻
    WAIVED = "waived"  # 免于


class Point(StrEnum):
    """What an objection is about."""

    CONTENT = "content"  # 记录内容
    IDENTITY = "identity"  # 主体身份
    SEVERITY = "severity"  # 失信程度
    PERIOD = "period"  # 公示、惩戒期限
    PENALTY = "penalty"  # 惩戒措施
    REPAIR_RESULT = "repair_result"  # 修复结果


class ObjectionRefusal(StrEnum):
    """Why an objection is not taken up."""

    NOT_THE_SUBJECT = "not_the_subject"  # 非信用主体或其代理人
    NO_GROUNDS = "no_grounds"  # 未说明理由或未提供证据
    DECIDED_BEFORE = "decided_before"  # 同一事项已处理
    OTHER_AUTHORITY = "other_authority"  # 应通过复议、诉讼等途径


class Extent(StrEnum):
    """How far an objection is upheld."""

    WHOLLY = "wholly"  # 全部成立
    PARTLY = "partly"  # 部分成立


class Fault(StrEnum):
    """Whose error made the data wrong (E02)."""

    SOURCE = "source"  # 信息提供有误
    RECOGNITION = "recognition"  # 认定有误
    RECORDING = "recording"  # 记录有误
    TRANSMISSION = "transmission"  # 共享、传输有误


class Route(StrEnum):
    """Ways to have a decision reviewed (E18)."""

    APPEAL = "appeal"  # 申诉
    RECONSIDERATION = "reconsideration"  # 行政复议
    LITIGATION = "litigation"  # 行政诉讼


class Against(StrEnum):
    """Which decision is appealed against."""

    RECOGNITION = "recognition"  # 认定
    PENALTY = "penalty"  # 惩戒
    OBJECTION_DECISION = "objection_decision"  # 异议处理结果
    REPAIR_DECISION = "repair_decision"  # 修复决定


class AppealOutcome(StrEnum):
    """What the reviewing organ decided."""

    UPHELD = "upheld"  # 维持
    REVOKED = "revoked"  # 撤销
    CHANGED = "changed"  # 变更
    REJECTED = "rejected"  # 不予受理、驳回
    WITHDRAWN = "withdrawn"  # 撤回


class RepairWay(StrEnum):
    """The six ways of repair (E11: TA-B 二(五))."""

    COMMITMENT = "commitment"  # 作出信用承诺
    RECTIFICATION = "rectification"  # 完成失信整改
    CREDIT_CHECK = "credit_check"  # 通过信用核查
    TRAINING = "training"  # 接受专题培训
    CREDIT_REPORT = "credit_report"  # 提交信用报告
    CHARITY = "charity"  # 参加公益慈善活动


class RepairCondition(StrEnum):
    """Conditions of a repair (E08; Order 36)."""

    PUBLICITY_REACHED = "publicity_reached"  # 达到最短公示期
    CORRECTED = "corrected"  # 纠正失信行为、履行相关义务
    EFFECTS_REMOVED = "effects_removed"  # 消除不良影响
    COMMITMENT = "commitment"  # 公开作出信用承诺


class RepairRefusal(StrEnum):
    """Why a repair is refused."""

    PUBLICITY_TOO_SHORT = "publicity_too_short"  # 未达最短公示期
    NOT_CORRECTED = "not_corrected"  # 未纠正失信行为、未履行义务
    EFFECTS_REMAIN = "effects_remain"  # 不良影响未消除
    NO_COMMITMENT = "no_commitment"  # 未作信用承诺
    PAPERS_INCOMPLETE = "papers_incomplete"  # 材料不全
    EXCLUDED_BY_LAW = "excluded_by_law"  # 依法不予修复


@dataclass(frozen=True, slots=True)
class RepairEvidence:
    """One of the six ways, the document that shows it, and who provided the service (E13)."""

    way: RepairWay
    document: Document
    provider: Name | None = None
