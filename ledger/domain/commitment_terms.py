"""The words of a commitment: code lists and small values, each with the Chinese of the document it comes from.

>>> Area("ppp").name, Every("half_year").days
('PPP', ('06-30', '12-31'))
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from ledger.domain.codec import BodyId, Fen, Many, Name, Range, Shape, Text
from ledger.domain.event import Document

MonthDay = Annotated[
    str,
    Shape(
        "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|[12][0-9])",
        "a day of the year as MM-DD",
        "一年中的日期 MM-DD",
    ),
]
"""A day of the year; 02-29 means the last day of February."""

Decimal = Annotated[
    str,
    Shape("-?[0-9]{1,15}(?:\\.[0-9]{1,6})?", "a decimal number such as 99.5", "十进制数，如 99.5"),
]
"""An exact number as text: floating point would change it."""

ClaimId = Annotated[
    str,
    Shape("[0-9A-Za-z][0-9A-Za-z-]{0,63}", "1 to 64 letters, digits and hyphens", "1 至 64 个字母、数字或连字符"),
]
"""The name of a claim within its commitment."""


class Kind(StrEnum):
    """What sort of word was given (B01, B02, B06, B07, B09)."""

    QUALITY = "quality"  # 质量承诺
    TIME_LIMIT = "time_limit"  # 期限承诺
    GUARANTEE = "guarantee"  # 保障承诺
    INTEGRITY = "integrity"  # 诚实守信承诺；统计诚信承诺（B21）
    PLAN = "plan"  # 发展规划、年度计划、政府工作报告中的目标
    CONTRACT = "contract"  # 合同、协议
    POLICY_PROMISE = "policy_promise"  # 依法作出的政策承诺
    LIVELIHOOD_PROJECT = "livelihood_project"  # 为民办实事


class Area(StrEnum):
    """Key areas, in all variants of the documents (I01: YC 一(一), 二(四); DH 三; HS 五; TA-A 二(三); YN 三)."""

    GOVERNMENT_PROCUREMENT = "government_procurement"  # 政府采购
    PPP = "ppp"  # 政府和社会资本合作
    TENDERING = "tendering"  # 招标投标
    INVESTMENT_PROMOTION = "investment_promotion"  # 招商引资
    LOCAL_DEBT = "local_debt"  # 地方政府债务
    STATISTICS = "statistics"  # 政府统计
    TOWNSHIP = "township"  # 街道乡镇
    FISCAL_SUBSIDIES = "fiscal_subsidies"  # 财政资金补助（HS 五(一)）
    PUBLIC_WELFARE_INSTITUTIONS = "public_welfare_institutions"  # 公益类事业单位（HS 五(七)）
    PUBLIC_RESOURCE_TRADING = "public_resource_trading"  # 公共资源交易（TA-A 二(三)8）
    GENERAL = "general"  # 重点领域之外的政务诚信建设


class Service(StrEnum):
    """Services of a township's or street's public commitments (B13: YC 二(四)19 and others; 家政: HS 五(八))."""

    EMPLOYMENT = "employment"  # 就业
    PROPERTY_MANAGEMENT = "property_management"  # 物业
    SCHOOLING = "schooling"  # 就学
    FAMILY_PLANNING = "family_planning"  # 计生
    ELDERLY_CARE = "elderly_care"  # 养老
    DISABILITY_SUPPORT = "disability_support"  # 助残
    POVERTY_RELIEF = "poverty_relief"  # 扶贫
    MEDICAL_INSURANCE = "medical_insurance"  # 医保
    HOUSING = "housing"  # 住房
    TRAVEL = "travel"  # 出行
    PARKING = "parking"  # 停车
    FIRE_AND_THEFT_PREVENTION = "fire_and_theft_prevention"  # 防火防盗
    MILITARY_FAMILIES = "military_families"  # 拥军优属
    CONVENIENCE = "convenience"  # 便民服务
    DOMESTIC_SERVICE = "domestic_service"  # 家政


class Channel(StrEnum):
    """Where a commitment was published (B03, B08, B13, B14, F18)."""

    GOVERNMENT_PORTAL = "government_portal"  # 政府门户网站
    DEPARTMENT_SITE = "department_site"  # 部门网站
    CREDIT_SITE = "credit_site"  # 信用门户网站，如“信用中国（…）”
    NEWS_MEDIA = "news_media"  # 报纸、电视、广播等媒体
    SOCIAL_MEDIA = "social_media"  # 政务微博微信
    MOBILE_APP = "mobile_app"  # 政务客户端
    PREMISES = "premises"  # 办事大厅、公示栏
    OTHER = "other"  # 其他


class Every(StrEnum):
    """A duty that falls due on the last day of each period of the calendar."""

    MONTH = "month"  # 每月
    QUARTER = "quarter"  # 每季度
    HALF_YEAR = "half_year"  # 每半年
    YEAR = "year"  # 每年

    @property
    def days(self) -> tuple[str, ...]:
        """The last days of the periods, as MM-DD."""
        step = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF_YEAR: 6, Every.YEAR: 12}[self]
        return _MONTH_ENDS[step - 1 :: step]


_MONTH_ENDS = (
    *("01-31", "02-29", "03-31", "04-30", "05-31", "06-30"),
    *("07-31", "08-31", "09-30", "10-31", "11-30", "12-31"),
)


class DayCount(StrEnum):
    """How the days of a handling limit are counted."""

    WORKING = "working"  # 工作日
    CALENDAR = "calendar"  # 自然日


class Outcome(StrEnum):
    """What an appraisal found (B05 客观评价)."""

    FULFILLED = "fulfilled"  # 已履行
    FULFILLED_LATE = "fulfilled_late"  # 逾期履行
    PARTLY_FULFILLED = "partly_fulfilled"  # 部分履行


class Ground(StrEnum):
    """Grounds given for changing a commitment (B10). The last two are never lawful: they are there to be refused."""

    NATIONAL_INTEREST = "national_interest"  # 国家利益
    PUBLIC_INTEREST = "public_interest"  # 公共利益
    OTHER_STATUTORY = "other_statutory"  # 其他法定事由
    CHANGE_OF_GOVERNMENT = "change_of_government"  # 政府换届：不得以此毁约
    CHANGE_OF_PERSON = "change_of_person"  # 相关责任人更替：不得以此毁约


class Procedure(StrEnum):
    """Steps of a major decision (J17: five steps in TA-A 二(一)1 and YN 一(二), two more in HS 三) and of approval."""

    PUBLIC_PARTICIPATION = "public_participation"  # 公众参与
    EXPERT_ARGUMENT = "expert_argument"  # 专家论证
    RISK_ASSESSMENT = "risk_assessment"  # 风险评估
    LEGALITY_REVIEW = "legality_review"  # 合法性审查
    COLLECTIVE_DECISION = "collective_decision"  # 集体讨论决定
    COMPLIANCE_REVIEW = "compliance_review"  # 合规性审核
    INTEGRITY_REVIEW = "integrity_review"  # 廉洁性审查
    HEARING = "hearing"  # 听证
    SUPERIOR_APPROVAL = "superior_approval"  # 报上级批准
    NOTICE_TO_AFFECTED = "notice_to_affected"  # 告知相关企业和投资人


class Defence(StrEnum):
    """What a promiser gave as its reason for a breach. It is recorded and never prevents the finding (A12)."""

    CHANGE_OF_GOVERNMENT = "change_of_government"  # 政府换届
    CHANGE_OF_PERSON = "change_of_person"  # 相关责任人更替
    REORGANISATION = "reorganisation"  # 机构、职能调整
    LACK_OF_FUNDS = "lack_of_funds"  # 资金不足
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached, so that it can be measured: words, and where it has them a measure, value and unit."""

    description: Annotated[str, Text(1000)]
    measure: Name | None = None
    value: Decimal | None = None
    unit: Annotated[str, Text(40)] | None = None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A duty that comes back: on ``days`` of each year, or at the end of ``every`` period (exactly one of the two).

    It runs from ``start`` (absent: the day the ledger recorded the promise) to ``until`` (absent: without end).
    """

    days: Annotated[tuple[MonthDay, ...], Many(31)] = ()
    every: Every | None = None
    start: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A part of a one-off commitment with a due day of its own: a phase target (J16), a payment of a contract (B09)."""

    due: date
    what: Name
    payment: Fen | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """Where and when the commitment was made public: ``where`` is the title of the page or issue, or its address."""

    channel: Channel
    where: Annotated[str, Text(500)]
    on: date


@dataclass(frozen=True, slots=True)
class Handling:
    """A limit for handling each matter (B19 限时办结): ``days`` from acceptance."""

    days: Annotated[int, Range(0, 3650)]
    count: DayCount
    one_time_notice: bool | None = None  # 一次性告知


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract of a commitment of kind ``contract`` (B09); its number makes a double signing visible (B12)."""

    number: Name
    counterparty: BodyId | None = None
    value: Fen | None = None
    signed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days, both ends included."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class ProcedureStep:
    """A step that was taken before a change, when, and the document that shows it."""

    step: Procedure
    on: date
    document: Document | None = None
