"""Words of complaints and breach incidents. Data only; see words.py."""

from __future__ import annotations

from api.words.table import table, words
from ledger.domain.complaint import terms
from ledger.domain.complaint.state import Standing

ENUMS = (
    table(
        Standing,
        empty=("尚无记载", "Nothing recorded"),
        received=("已登记，待受理", "Received, to be taken up"),
        refused=("不予受理", "Not taken up"),
        accepted=("已受理，待转办", "Accepted, to be transferred"),
        transferred=("已转办，待答复", "Transferred, to be answered"),
        answered=("已答复", "Answered"),
        substantiated=("属实，已转为失信线索", "Substantiated, now the lead of a record"),
        unsubstantiated=("不属实，已说明理由", "Not substantiated, reasons given"),
        contested=("不属实，回访不满意", "Not substantiated, complainant not satisfied"),
        closed=("已办结", "Closed"),
    ),
    table(
        terms.Channel,
        hotline_12345=("12345 政务服务热线", "Hotline 12345"),
        government_site=("政府网站", "Government site"),
        credit_site=("信用门户网站", "Credit portal"),
        new_media=("政务新媒体平台", "Official new media"),
        mayors_mailbox=("市长信箱", "Mayor’s mailbox"),
        internet_supervision=("国务院“互联网+督查”平台", "State Council supervision platform"),
        arrears_platform=("违约拖欠中小企业款项登记（投诉）平台", "Platform for arrears to small firms"),
        business_environment=("营商环境投诉举报", "Business environment complaints"),
        petition_office=("信访部门", "Petitions office"),
        other=("其他渠道", "Another channel"),
    ),
    table(
        terms.Matter,
        contract=("合同、协议毁约违约", "Breach of contract"),
        promise=("政策承诺不兑现", "Breach of a policy promise"),
        arrears=("拖欠账款", "Arrears"),
        judgment=("不履行生效判决", "Unperformed judgment"),
        other=("不属于政务失信的其他事项", "Another matter, not government dishonesty"),
    ),
    table(
        terms.Refusal,
        out_of_scope=("不属于政务失信投诉举报受理范围", "Out of scope"),
        no_accused=("没有明确的被投诉单位", "No body is accused"),
        duplicate=("重复投诉", "Duplicate"),
        in_litigation=("已进入诉讼、仲裁、复议程序", "In litigation, arbitration or reconsideration"),
        anonymous_without_leads=("匿名且未提供可核查的线索", "Anonymous and nothing to verify"),
        change_of_office_holder=(
            "机构职能调整、换届、人员更替（不得以此为由）",
            "Reorganisation or change of office-holder (never a reason)",
        ),
    ),
    table(
        terms.Unfounded,
        no_such_promise=("没有所称的承诺、合同", "No such promise or contract"),
        performed=("已履行", "Performed"),
        not_due=("履行期限未届满", "Not due yet"),
        lawfully_changed=("已依法定权限和程序变更", "Lawfully changed"),
        other_facts=("查明的事实与投诉不符", "The facts are others"),
        change_of_office_holder=(
            "机构职能调整、换届、人员更替（不得以此为由）",
            "Reorganisation or change of office-holder (never a reason)",
        ),
    ),
    table(
        terms.Resolution,
        performed=("已履约", "Performed"),
        settled=("协商一致，另行约定", "Settled by agreement"),
        compensated=("已依法补偿、赔偿", "Compensated"),
        legal_route=("引导通过诉讼、仲裁解决", "Referred to litigation or arbitration"),
    ),
)

EVENTS = words(
    ComplaintReceived=("登记投诉举报", "Complaint received"),
    ComplaintAccepted=("受理投诉", "Complaint accepted"),
    ComplaintRefused=("不予受理投诉", "Complaint refused"),
    ComplaintTransferred=("转办投诉", "Complaint transferred"),
    ComplaintUrged=("督促答复", "Answer urged"),
    ComplaintAnswered=("答复投诉", "Complaint answered"),
    ComplaintSubstantiated=("投诉属实，转为线索", "Complaint substantiated"),
    ComplaintUnsubstantiated=("投诉不属实", "Complaint not substantiated"),
    ComplaintCalledBack=("回访投诉人", "Complainant called back"),
    IncidentOpened=("列为违约事件协调处理", "Breach incident opened"),
    IncidentResolved=("违约事件已解决", "Breach incident resolved"),
    ComplaintClosed=("投诉办结", "Complaint closed"),
)

FIELDS = words(
    accused=("被投诉单位", "Accused body"),
    anonymous=("匿名", "Anonymous"),
    earlier=("此前的投诉", "Earlier complaint"),
    matter=("投诉事项", "Matter"),
    parties=("参与单位", "Parties"),
    record=("失信记录", "Record"),
    resolution=("解决方式", "Resolution"),
    satisfied=("满意", "Satisfied"),
    to=("承办单位", "Transferred to"),
)
