"""The words of a complaint: code lists, each with the Chinese of the document it comes from.

>>> BECOMES[Matter.CONTRACT]
(<SourceKind.CONTRACT_BREACH: 'contract_breach'>, <Conduct.BREACH_OF_CONTRACT: 'breach_of_contract'>)
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from ledger.domain.codec import Text
from ledger.domain.record.terms import Conduct, SourceKind

WorkNumber = Annotated[str, Text(60)]
"""The number under which the work ledger of complaints (投诉举报工作台账, H03) holds it."""


class Channel(StrEnum):
    """Where a complaint comes in (H01, H04, H09; 发改财金〔2023〕1103号)."""

    HOTLINE_12345 = "hotline_12345"  # 12345 政务服务热线
    GOVERNMENT_SITE = "government_site"  # 政府网站
    CREDIT_SITE = "credit_site"  # 信用门户网站
    NEW_MEDIA = "new_media"  # 政务新媒体平台
    MAYORS_MAILBOX = "mayors_mailbox"  # 市长信箱
    INTERNET_SUPERVISION = "internet_supervision"  # 国务院“互联网+督查”平台
    ARREARS_PLATFORM = "arrears_platform"  # 违约拖欠中小企业款项登记（投诉）平台
    BUSINESS_ENVIRONMENT = "business_environment"  # 营商环境投诉举报
    PETITION_OFFICE = "petition_office"  # 信访部门
    OTHER = "other"  # 来信、来访等其他渠道


class Matter(StrEnum):
    """What broken word is complained of (H05; 发改财金〔2023〕1103号). The last is outside what is taken up."""

    CONTRACT = "contract"  # 合同、协议毁约违约
    PROMISE = "promise"  # 政策承诺不兑现
    ARREARS = "arrears"  # 拖欠账款
    JUDGMENT = "judgment"  # 不履行生效判决
    OTHER = "other"  # 不属于政务失信的其他事项


BECOMES: Mapping[Matter, tuple[SourceKind, Conduct]] = {
    Matter.CONTRACT: (SourceKind.CONTRACT_BREACH, Conduct.BREACH_OF_CONTRACT),
    Matter.PROMISE: (SourceKind.POLICY_BREACH, Conduct.BREACH_OF_PROMISE),
    Matter.ARREARS: (SourceKind.ARREARS, Conduct.ARREARS),
    Matter.JUDGMENT: (SourceKind.UNPERFORMED_JUDGMENT, Conduct.NON_PERFORMANCE_OF_JUDGMENT),
}
"""The source and conduct of the lead that a substantiated complaint becomes: the matters that are taken up."""


class Refusal(StrEnum):
    """Why a complaint is not taken up (H05 受理范围). The last is never a reason: it is there to be refused (A12)."""

    OUT_OF_SCOPE = "out_of_scope"  # 不属于政务失信投诉举报受理范围
    NO_ACCUSED = "no_accused"  # 没有明确的被投诉单位
    DUPLICATE = "duplicate"  # 重复投诉
    IN_LITIGATION = "in_litigation"  # 已进入诉讼、仲裁、复议程序
    ANONYMOUS_WITHOUT_LEADS = "anonymous_without_leads"  # 匿名且未提供可核查的线索
    CHANGE_OF_OFFICE_HOLDER = "change_of_office_holder"  # 机构职能调整、换届、人员更替：不得以此为由


class Unfounded(StrEnum):
    """Why a complaint is not substantiated. The last is never a reason: it is there to be refused (A12)."""

    NO_SUCH_PROMISE = "no_such_promise"  # 没有所称的承诺、合同
    PERFORMED = "performed"  # 已履行
    NOT_DUE = "not_due"  # 履行期限未届满
    LAWFULLY_CHANGED = "lawfully_changed"  # 已依法定权限和程序变更（B10）
    OTHER_FACTS = "other_facts"  # 查明的事实与投诉不符
    CHANGE_OF_OFFICE_HOLDER = "change_of_office_holder"  # 机构职能调整、换届、人员更替：不得以此为由


class Resolution(StrEnum):
    """How a breach incident was solved (B23, H10)."""

    PERFORMED = "performed"  # 已履约
    SETTLED = "settled"  # 协商一致，另行约定
    COMPENSATED = "compensated"  # 已依法补偿、赔偿
    LEGAL_ROUTE = "legal_route"  # 引导通过诉讼、仲裁解决
