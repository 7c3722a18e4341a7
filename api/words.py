"""Every code of the domain in words: Chinese first, English beside it. The one table; the glossary decides the terms.

>>> from ledger.domain.body import Status
>>> word(Status.PROVISIONAL)
Word(zh='临时登记（待认领）', en='Provisional, to be claimed')
>>> event_word("CommitmentBroken").zh
'认定失诺'
>>> field_word("grounds").en
'Grounds'
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from ledger.domain import body, commitment_due, commitment_terms
from projections.board import Part


class Word(NamedTuple):
    """A term in both languages."""

    zh: str
    en: str


def _words(*rows: tuple[StrEnum, str, str]) -> dict[StrEnum, Word]:
    return {code: Word(zh, en) for code, zh, en in rows}


_K, _A, _S, _C = (
    commitment_terms.Kind,
    commitment_terms.Area,
    commitment_terms.Service,
    commitment_terms.Channel,
)
_G, _P, _D = commitment_terms.Ground, commitment_terms.Procedure, commitment_terms.Defence
_E, _O, _N = commitment_terms.Every, commitment_terms.Outcome, commitment_terms.DayCount
_T = commitment_due.Standing

# One table for each enumeration: members of two enumerations may be equal as text.
WORDS: Mapping[type[StrEnum], Mapping[StrEnum, Word]] = {
    body.Kind: _words(
        (body.Kind.PARTY_COMMITTEE, "党委及其部门", "Party committee or its department"),
        (body.Kind.GOVERNMENT, "人民政府", "People’s government"),
        (body.Kind.DEPARTMENT, "政府部门", "Government department"),
        (body.Kind.PUBLIC_INSTITUTION, "事业单位", "Public institution"),
        (body.Kind.TOWNSHIP, "乡镇（街道）", "Township or street"),
        (body.Kind.RESIDENTS_COMMITTEE, "社区居民委员会", "Residents’ committee"),
        (body.Kind.VILLAGERS_COMMITTEE, "村民委员会", "Villagers’ committee"),
        (body.Kind.FUNCTIONAL_ZONE, "开发区、功能区管委会", "Functional zone committee"),
        (body.Kind.COURT, "人民法院", "People’s court"),
        (body.Kind.PROCURATORATE, "人民检察院", "People’s procuratorate"),
        (body.Kind.CONGRESS, "人大及其机构", "People’s congress or its organ"),
        (body.Kind.CPPCC, "政协及其机构", "CPPCC committee or its organ"),
        (body.Kind.COORDINATION, "联席会议、领导小组", "Joint conference or leading group"),
        (body.Kind.ENTERPRISE, "企业", "Enterprise"),
        (body.Kind.OTHER, "其他", "Other"),
        (body.Kind.GROUP, "泛指的一组单位", "A group of bodies, named as such"),
    ),
    body.Role: _words(
        (body.Role.OPERATOR, "运营机构", "Operator of the ledger"),
        (body.Role.CREDIT_OFFICE, "信用办", "Credit office"),
        (body.Role.APPRAISER, "评价单位", "Appraiser"),
    ),
    body.Status: _words(
        (body.Status.UNREGISTERED, "未登记", "Not registered"),
        (body.Status.PROVISIONAL, "临时登记（待认领）", "Provisional, to be claimed"),
        (body.Status.REGISTERED, "已登记", "Registered"),
        (body.Status.SUCCEEDED, "已由他单位承继", "Succeeded by another body"),
        (body.Status.RESOLVED, "临时登记已认领", "Provisional, claimed"),
    ),
    body.Manner: _words(
        (body.Manner.MERGER, "并入", "Merger"),
        (body.Manner.SUCCESSION, "撤销、改组后承继", "Succession after dissolution or reorganisation"),
    ),
    body.Revocation: _words(
        (body.Revocation.SUPERSEDED, "更换", "Superseded"),
        (body.Revocation.COMPROMISED, "泄露或失控", "Compromised"),
        (body.Revocation.CEASED, "单位不再存在", "The body ceased to exist"),
    ),
    body.Purpose: _words(
        (body.Purpose.ROOT, "根密钥", "Root key"),
        (body.Purpose.CONSEQUENCE, "账本后果密钥", "Key for the ledger’s consequences"),
        (body.Purpose.BODY, "单位密钥", "Body’s key"),
    ),
    Part: _words(
        (Part.PROMISER, "承诺单位", "Promiser"),
        (Part.LEAD, "牵头单位", "Lead body"),
        (Part.RESPONSIBLE, "责任单位", "Responsible body"),
        (Part.SUPPORTING, "配合单位", "Supporting body"),
    ),
    _K: _words(
        (_K.QUALITY, "质量承诺", "Quality"),
        (_K.TIME_LIMIT, "期限承诺", "Time limit"),
        (_K.GUARANTEE, "保障承诺", "Guarantee"),
        (_K.INTEGRITY, "诚实守信承诺", "Integrity"),
        (_K.PLAN, "规划、计划、工作报告目标", "Plan or work report"),
        (_K.CONTRACT, "合同、协议", "Contract"),
        (_K.POLICY_PROMISE, "政策承诺", "Policy promise"),
        (_K.LIVELIHOOD_PROJECT, "为民办实事", "Livelihood project"),
    ),
    _A: _words(
        (_A.GOVERNMENT_PROCUREMENT, "政府采购", "Government procurement"),
        (_A.PPP, "政府和社会资本合作", "Public-private partnership"),
        (_A.TENDERING, "招标投标", "Tendering and bidding"),
        (_A.INVESTMENT_PROMOTION, "招商引资", "Investment promotion"),
        (_A.LOCAL_DEBT, "地方政府债务", "Local government debt"),
        (_A.STATISTICS, "政府统计", "Government statistics"),
        (_A.TOWNSHIP, "街道乡镇", "Streets and townships"),
        (_A.FISCAL_SUBSIDIES, "财政资金补助", "Fiscal subsidies"),
        (_A.PUBLIC_WELFARE_INSTITUTIONS, "公益类事业单位", "Public-welfare institutions"),
        (_A.PUBLIC_RESOURCE_TRADING, "公共资源交易", "Public resource trading"),
        (_A.GENERAL, "其他政务诚信建设", "General government integrity"),
    ),
    _S: _words(
        (_S.EMPLOYMENT, "就业", "Employment"),
        (_S.PROPERTY_MANAGEMENT, "物业", "Property management"),
        (_S.SCHOOLING, "就学", "Schooling"),
        (_S.FAMILY_PLANNING, "计生", "Family planning"),
        (_S.ELDERLY_CARE, "养老", "Elderly care"),
        (_S.DISABILITY_SUPPORT, "助残", "Disability support"),
        (_S.POVERTY_RELIEF, "扶贫", "Poverty relief"),
        (_S.MEDICAL_INSURANCE, "医保", "Medical insurance"),
        (_S.HOUSING, "住房", "Housing"),
        (_S.TRAVEL, "出行", "Travel"),
        (_S.PARKING, "停车", "Parking"),
        (_S.FIRE_AND_THEFT_PREVENTION, "防火防盗", "Fire and theft prevention"),
        (_S.MILITARY_FAMILIES, "拥军优属", "Support for military families"),
        (_S.CONVENIENCE, "便民服务", "Convenience services"),
        (_S.DOMESTIC_SERVICE, "家政", "Domestic services"),
    ),
    _C: _words(
        (_C.GOVERNMENT_PORTAL, "政府门户网站", "Government portal"),
        (_C.DEPARTMENT_SITE, "部门网站", "Department’s site"),
        (_C.CREDIT_SITE, "信用门户网站", "Credit portal"),
        (_C.NEWS_MEDIA, "新闻媒体", "News media"),
        (_C.SOCIAL_MEDIA, "政务微博微信", "Official social media"),
        (_C.MOBILE_APP, "政务客户端", "Official mobile app"),
        (_C.PREMISES, "办事大厅、公示栏", "Service hall or notice board"),
        (_C.OTHER, "其他", "Other"),
    ),
    _E: _words(
        (_E.MONTH, "每月", "Every month"),
        (_E.QUARTER, "每季度", "Every quarter"),
        (_E.HALF_YEAR, "每半年", "Every half-year"),
        (_E.YEAR, "每年", "Every year"),
    ),
    _N: _words(
        (_N.WORKING, "个工作日", "working days"),
        (_N.CALENDAR, "个自然日", "calendar days"),
    ),
    _O: _words(
        (_O.FULFILLED, "已履行", "Fulfilled"),
        (_O.FULFILLED_LATE, "逾期履行", "Fulfilled late"),
        (_O.PARTLY_FULFILLED, "部分履行", "Partly fulfilled"),
    ),
    _G: _words(
        (_G.NATIONAL_INTEREST, "国家利益", "National interest"),
        (_G.PUBLIC_INTEREST, "公共利益", "Public interest"),
        (_G.OTHER_STATUTORY, "其他法定事由", "Another statutory ground"),
        (_G.CHANGE_OF_GOVERNMENT, "政府换届（非法定事由）", "Change of government (not lawful)"),
        (_G.CHANGE_OF_PERSON, "相关责任人更替（非法定事由）", "Change of person in charge (not lawful)"),
    ),
    _P: _words(
        (_P.PUBLIC_PARTICIPATION, "公众参与", "Public participation"),
        (_P.EXPERT_ARGUMENT, "专家论证", "Expert argument"),
        (_P.RISK_ASSESSMENT, "风险评估", "Risk assessment"),
        (_P.LEGALITY_REVIEW, "合法性审查", "Legality review"),
        (_P.COLLECTIVE_DECISION, "集体讨论决定", "Collective decision"),
        (_P.COMPLIANCE_REVIEW, "合规性审核", "Compliance review"),
        (_P.INTEGRITY_REVIEW, "廉洁性审查", "Integrity review"),
        (_P.HEARING, "听证", "Hearing"),
        (_P.SUPERIOR_APPROVAL, "报上级批准", "Approval of the superior"),
        (_P.NOTICE_TO_AFFECTED, "告知相关企业和投资人", "Notice to enterprises and investors"),
    ),
    _D: _words(
        (_D.CHANGE_OF_GOVERNMENT, "政府换届", "Change of government"),
        (_D.CHANGE_OF_PERSON, "相关责任人更替", "Change of person in charge"),
        (_D.REORGANISATION, "机构、职能调整", "Reorganisation"),
        (_D.LACK_OF_FUNDS, "资金不足", "Lack of funds"),
        (_D.OTHER, "其他", "Other"),
    ),
    _T: _words(
        (_T.NOT_MADE, "尚未作出", "Not yet made"),
        (_T.OPEN, "待履行", "Open"),
        (_T.IN_PROGRESS, "履行中", "In progress"),
        (_T.REPORTED, "已报告完成，待评价", "Reported done, to be appraised"),
        (_T.OVERDUE, "已逾期", "Overdue"),
        (_T.FULFILLED, "已履行", "Fulfilled"),
        (_T.FULFILLED_LATE, "逾期履行", "Fulfilled late"),
        (_T.PARTLY_FULFILLED, "部分履行", "Partly fulfilled"),
        (_T.BROKEN, "失诺", "Broken"),
        (_T.LAWFULLY_CHANGED, "依法变更，待履行", "Lawfully changed, open"),
        (_T.WITHDRAWN, "依法撤回", "Lawfully withdrawn"),
    ),
}

EVENTS: Mapping[str, Word] = {
    "LedgerFounded": Word("账本创立", "Ledger founded"),
    "BodyRegistered": Word("单位登记", "Body registered"),
    "BodyProvisionallyRegistered": Word("单位临时登记", "Body provisionally registered"),
    "ProvisionalBodyResolved": Word("临时登记已认领", "Provisional registration claimed"),
    "AliasAdded": Word("关联临时登记", "Provisional registration attached"),
    "BodyRenamed": Word("单位更名", "Body renamed"),
    "BodySucceeded": Word("单位由他单位承继", "Body succeeded by another"),
    "PredecessorAdded": Word("承继前身单位", "Predecessor taken over"),
    "KeyAuthorised": Word("密钥授权", "Key authorised"),
    "KeyRevoked": Word("密钥撤销", "Key revoked"),
    "RoleGranted": Word("授予角色", "Role granted"),
    "RoleWithdrawn": Word("撤回角色", "Role withdrawn"),
    "CommitmentMade": Word("作出承诺", "Commitment made"),
    "CommitmentPublished": Word("公开承诺", "Commitment published"),
    "CommitmentHandedOver": Word("换届（换人）交接", "Commitment handed over"),
    "CommitmentTakenOver": Word("承诺由承继单位接续", "Commitment taken over"),
    "ProgressReported": Word("报告进展", "Progress reported"),
    "FulfilmentReported": Word("报告完成", "Fulfilment reported"),
    "FulfilmentAppraised": Word("评价履行情况", "Fulfilment appraised"),
    "CommitmentLawfullyChanged": Word("依法变更承诺", "Commitment lawfully changed"),
    "CompensationClaimed": Word("申请补偿", "Compensation claimed"),
    "CompensationDecided": Word("决定补偿", "Compensation decided"),
    "CompensationPaid": Word("支付补偿", "Compensation paid"),
    "CommitmentBroken": Word("认定失诺", "Breach recognised"),
}

FIELDS: Mapping[str, Word] = {
    "acting_for_government": Word("承担政府相关事务", "Acts for government"),
    "alias": Word("临时标识", "Provisional id"),
    "amount": Word("金额", "Amount"),
    "area": Word("领域", "Area"),
    "authority": Word("决定机关及权限", "Deciding authority"),
    "channel": Word("渠道", "Channel"),
    "claim": Word("补偿申请编号", "Claim"),
    "claimant": Word("申请单位", "Claimant"),
    "completed_on": Word("完成日期", "Completed on"),
    "continuous": Word("持续实施", "Continuous"),
    "contract": Word("合同", "Contract"),
    "count": Word("计算方式", "Counted in"),
    "counterparty": Word("合同相对方", "Counterparty"),
    "dated": Word("成文日期", "Dated"),
    "days": Word("日期", "Days"),
    "decided_on": Word("决定日期", "Decided on"),
    "defence": Word("所称理由", "Reason given"),
    "description": Word("目标", "Target"),
    "document": Word("文件", "Document"),
    "due": Word("到期日", "Due"),
    "end": Word("止", "To"),
    "every": Word("周期", "Every"),
    "evidence": Word("佐证材料", "Evidence"),
    "false_from_start": Word("自始虚假", "False from the start"),
    "funds_committed": Word("承诺资金", "Funds committed"),
    "funds_in_place": Word("到位资金", "Funds in place"),
    "granted": Word("决定补偿金额", "Granted"),
    "ground": Word("变更事由", "Ground"),
    "grounds": Word("依据和理由", "Grounds"),
    "handling": Word("办理时限", "Handling limit"),
    "holder": Word("密钥保管岗位或系统", "Held by"),
    "key": Word("公钥", "Public key"),
    "kid": Word("密钥标识", "Key id"),
    "kind": Word("类别", "Kind"),
    "lead": Word("牵头单位", "Lead bodies"),
    "ledger_key": Word("账本后果公钥", "Ledger’s key"),
    "log_key": Word("日志验证公钥", "Log’s verifier key"),
    "manner": Word("承继方式", "Manner"),
    "measure": Word("衡量指标", "Measure"),
    "milestones": Word("节点", "Milestones"),
    "name": Word("名称", "Name"),
    "named_by": Word("见于其文件的单位", "Named in documents of"),
    "number": Word("编号", "Number"),
    "occurrence": Word("所涉到期日", "Due day concerned"),
    "on": Word("日期", "On"),
    "one_time_notice": Word("一次性告知", "One-time notice"),
    "organ": Word("制发机关", "Issuing organ"),
    "origin": Word("日志名称", "Log’s origin"),
    "outcome": Word("评价结论", "Outcome"),
    "paid_on": Word("支付日期", "Paid on"),
    "payment": Word("应付金额", "Payment"),
    "percent": Word("完成进度（%）", "Progress (%)"),
    "period": Word("报告期间", "Period"),
    "predecessor": Word("前身单位", "Predecessor"),
    "procedure": Word("程序", "Procedure"),
    "promiser": Word("承诺单位", "Promiser"),
    "publication": Word("公开情况", "Publication"),
    "published": Word("公开情况", "Published"),
    "reason": Word("原因", "Reason"),
    "recurrence": Word("周期", "Recurrence"),
    "region": Word("行政区划代码", "Region code"),
    "responsible": Word("责任单位", "Responsible bodies"),
    "role": Word("角色", "Role"),
    "root_key": Word("根公钥", "Root key"),
    "section": Word("文件章节", "Section"),
    "services": Word("服务事项", "Services"),
    "sha256": Word("SHA-256", "SHA-256"),
    "signed_on": Word("签订日期", "Signed on"),
    "start": Word("起", "From"),
    "statute": Word("法律条文", "Statute"),
    "step": Word("程序环节", "Step"),
    "state": Word("交接时的情况", "State handed over"),
    "successor": Word("承继单位", "Successor"),
    "summary": Word("进展情况", "Summary"),
    "term": Word("届次或职务变动", "Change of term or office"),
    "superior": Word("上级单位", "Superior"),
    "supporting": Word("配合单位", "Supporting bodies"),
    "target": Word("目标", "Target"),
    "text": Word("原文", "Text"),
    "title": Word("标题", "Title"),
    "unit": Word("单位", "Unit"),
    "until": Word("截止", "Until"),
    "uscc": Word("统一社会信用代码", "Unified social credit code"),
    "value": Word("数值", "Value"),
    "what": Word("内容", "What"),
    "where": Word("公开处", "Where"),
    "withdrawn": Word("撤回", "Withdrawn"),
}


def word(code: StrEnum) -> Word:
    """The words of an enumeration's member."""
    return WORDS[type(code)][code]


def event_word(name: str) -> Word:
    """The words of an event's name."""
    return EVENTS[name]


def field_word(name: str) -> Word:
    """The words of a fact's field."""
    return FIELDS[name]
