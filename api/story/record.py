"""Sentences for the events of a dishonesty record but for its remedies. Data only; how they are read: story_phrases."""

from __future__ import annotations

from api.words.table import words

PHRASES = words(
    LeadReceived=(
        "登记{received_on}收到的线索：{subject}[（{person}）]涉嫌{conduct}，来源为{source}，内容为“{summary}”",
        "entered a lead received on {received_on}: {subject}[ ({person})], {conduct}, source {source}: “{summary}”",
    ),
    LeadVerified=(
        "核实线索，结论为{substantiated?属实:不属实}：“{grounds}”",
        "verified the lead and found it {substantiated?true:untrue}: “{grounds}”",
    ),
    RectificationUrged=(
        "督促{_subject}于{due}前整改：“{demands}”",
        "urged {_subject} to set things right by {due}: “{demands}”",
    ),
    LeadClosed=(
        "办结线索，不纳入记录（{reason}）：“{grounds}”",
        "closed the lead without a record ({reason}): “{grounds}”",
    ),
    BreachRecognised=(
        "认定{_subject}{on_duty?在履职过程中:在履职过程之外}有失信行为（{conduct}），来源为{source}，"
        "决定自{effective_on}生效，目录事项为“{catalogue}”{refused_to_rectify?，且经督促拒不整改:}：“{findings}”",
        "recognised a dishonest act of {_subject} {on_duty?in:outside} the course of duty ({conduct}), "
        "source {source}, effective from {effective_on}, catalogue item “{catalogue}”"
        "{refused_to_rectify?, after it refused to rectify:}: “{findings}”",
    ),
    ResponsiblePersonLinked=(
        "将{person}关联为{responsibility}，任职自{start}起[至{until}]",
        "linked {person} as {responsibility}, in office from {start}[ to {until}]",
    ),
    SeverityGraded=(
        "认定失信程度为{severity}：损失{loss}（“{loss_grounds}”），社会影响{impact}（“{impact_grounds}”）",
        "graded the act as {severity}: loss {loss} (“{loss_grounds}”), social impact {impact} (“{impact_grounds}”)",
    ),
    SubjectNotified=(
        "于{on}将记录内容及其权利告知{_subject}",
        "told {_subject} on {on} of the record and of its rights",
    ),
    ExplanationRequested=(
        "要求{_subject}于{due}前书面说明原因",
        "asked {_subject} for a written explanation by {due}",
    ),
    ExplanationFiled=("书面说明原因：“{explanation}”", "filed its written explanation: “{explanation}”"),
    RectificationOrdered=(
        "责令{_subject}于{due}前完成整改：“{demands}”",
        "ordered {_subject} to rectify by {due}: “{demands}”",
    ),
    RectificationPlanFiled=(
        "提交整改方案，自定于{due}前完成：“{plan}”",
        "filed a rectification plan, to be done by {due}: “{plan}”",
    ),
    RectificationExtended=(
        "将整改期限延长至{due}：“{reason}”",
        "put the rectification deadline off to {due}: “{reason}”",
    ),
    RectificationReported=(
        "报告已于{completed_on}完成整改：“{summary}”，佐证材料为{evidence}",
        "reported that it rectified on {completed_on}: “{summary}”; evidence: {evidence}",
    ),
    RectificationVerified=(
        "核查整改情况：{corrected?已纠正并履行义务:尚未纠正}，不良影响{effects_removed?已消除:尚未消除}：“{grounds}”",
        "checked the rectification: {corrected?corrected and duties done:not corrected}, ill effects "
        "{effects_removed?removed:not removed}: “{grounds}”",
    ),
    RectificationFoundOverdue=(
        "认定{_subject}逾期未整改：“{grounds}”",
        "found {_subject} overdue in its rectification: “{grounds}”",
    ),
    SupervisionLetterIssued=(
        "发出{kind}[，要求于{due}前落实]：“{demands}”",
        "issued a letter ({kind})[ with a deadline of {due}]: “{demands}”",
    ),
    CaseEscalated=("将案情报告{government}：“{report}”", "reported the case to {government}: “{report}”"),
    SuperiorInformed=("于{on}向{superior}通报情况", "informed {superior} on {on}"),
    CourtListEntered=(
        "记载{court}于{listed_on}将{_subject}列入失信被执行人名单[，至{until}]（案号{case_number}，"
        "执行依据{enforcement_basis}），应履行：“{duty}”",
        "recorded that {court} listed {_subject} as a dishonest judgment debtor on {listed_on}[, until {until}] "
        "(case {case_number}, enforcement basis {enforcement_basis}); duty: “{duty}”",
    ),
    CourtListRemovalRequested=(
        "提请法院删除失信信息：{way}，于{ready_on}符合条件",
        "asked the court to delete the entry: {way}, since {ready_on}",
    ),
    CourtListRemoved=(
        "记载法院于{removed_on}删除失信信息（{way}）",
        "recorded that the court deleted the entry on {removed_on} ({way})",
    ),
    ToleranceRequested=(
        "申请容错认定：“{circumstances}”，佐证材料为{evidence}",
        "asked for fault tolerance: “{circumstances}”; evidence: {evidence}",
    ),
    ToleranceDetermined=(
        "作出容错认定（{authority}）：{tolerated?予以容错:不予容错}，“{grounds}”",
        "determined ({authority}) that the act is {tolerated?tolerated:not tolerated}: “{grounds}”",
    ),
    RecordCorrected=(
        "更正记录[（异议{objection}）]：{corrections}；理由为“{grounds}”",
        "corrected the record[ (objection {objection})]: {corrections}; grounds: “{grounds}”",
    ),
    RecordSupplemented=("补充记录：“{addition}”", "added to the record: “{addition}”"),
    RecordWithdrawn=("撤销记录（{ground}）：“{grounds}”", "withdrew the record ({ground}): “{grounds}”"),
    CaseClosed=("结案（{reason}）：“{grounds}”", "closed the file ({reason}): “{grounds}”"),
    RecordPublished=(
        "通过{channels}公示记录，至{until}止{persons?，含可公开的人员信息:}",
        "published the record until {until} by {channels}{persons?, with what may be shown of its persons:}",
    ),
    PublicationEnded=("终止公示（{reason}）", "ended the publication ({reason})"),
    RecordShared=("将记录共享给{recipient}，用于“{purpose}”", "gave the record to {recipient} for “{purpose}”"),
    SharingEnded=("停止共享（{reason}）", "ended the sharing ({reason})"),
    RecipientTold=(
        "于{on}将记录的变化告知{recipient}",
        "told {recipient} on {on} how the record changed",
    ),
)
