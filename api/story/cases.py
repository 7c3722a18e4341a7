"""Sentences for bodies, commitments, complaints, persons, projects, commendations and policies. Data only; how they are
read: story_phrases.
"""

from __future__ import annotations

from api.words.table import words

_BODY = words(
    LedgerFounded=("创立账本，日志名称为{origin}", "founded the ledger; its log is {origin}"),
    LogKeyRotated=(
        "更换日志密钥（{reason}），此后的检查点由 {log_key} 签署",
        "changed the log’s key ({reason}); later checkpoints are signed by {log_key}",
    ),
    BodyRegistered=("登记单位“{name}”（{kind}）", "registered “{name}” ({kind})"),
    BodyProvisionallyRegistered=(
        "临时登记“{name}”（{kind}），见于{named_by}的文件",
        "provisionally registered “{name}” ({kind}), as documents of {named_by} call it",
    ),
    ProvisionalBodyResolved=("将临时登记认领为{uscc}", "found the provisional body to be {uscc}"),
    BodyRenamed=("将名称变更为“{name}”", "recorded the new name “{name}”"),
    BodySucceeded=("记载由{successor}承继（{manner}）", "recorded that {successor} succeeds ({manner})"),
    PredecessorAdded=("记载承继{predecessor}", "recorded that it answers for {predecessor}"),
    KeyAuthorised=("授权密钥{key}", "authorised the key {key}"),
    KeyRevoked=(
        "撤销密钥{kid}（{reason}）[，自{compromised_from}起可能已失控]",
        "revoked the key {kid} ({reason})[, possibly compromised since {compromised_from}]",
    ),
    RoleGranted=("授予角色：{role}", "granted the role {role}"),
    RoleWithdrawn=("撤回角色：{role}", "withdrew the role {role}"),
    CourtListSwept=(
        "排查{month}失信被执行人名单：共{entries}条，匹配{matched}条，待定{undecided}条，不再列名{left}条",
        "swept the court list of {month}: {entries} entries, {matched} matched, {undecided} to decide, {left} gone",
    ),
    IntegrityReportFiled=(
        "报送{period}政务诚信建设情况，计至日志第{size}条，数据散列 {digest}",
        "filed its integrity report on {period}, counting {size} entries of the log; its data: {digest}",
    ),
    IntegrityRated=(
        "对其{period}{indicator}作出评价：{points}分（满分{full}）",
        "rated it on {indicator} for {period}: {points} of {full}",
    ),
    Countersigned=("以{suite}副签事件 {event_hash}", "countersigned the event {event_hash} by {suite}"),
    PolicyAdopted=("采纳{text}，自{in_force}起施行", "adopted {text}, in force from {in_force}"),
    CalendarArranged=(
        "记载{year}年的放假安排：放假{off}[；周末上班{worked}]",
        "recorded the working days of {year}: off {off}[; weekend days worked {worked}]",
    ),
)

_COMMITMENT = words(
    CommitmentMade=(
        "{promiser@?作出:记载}[{promiser@}的]承诺“{title}”[，于{due}前完成]：“{text}”",
        "{promiser@?made:recorded} a commitment[ of {promiser@}], “{title}”[, due by {due}]: “{text}”",
    ),
    CommitmentPublished=("公开承诺（{publication}）", "published the commitment ({publication})"),
    CommitmentTakenOver=(
        "{successor@?:记载由}[{successor@}]接续{predecessor}的承诺",
        "{successor@?took over:recorded the take-over of} the commitment of {predecessor}[ by {successor@}]",
    ),
    CommitmentHandedOver=(
        "于{on}交接承诺（{term}）：“{state}”",
        "handed the commitment over on {on} ({term}): “{state}”",
    ),
    ProgressReported=(
        "报告进展：“{summary}”，佐证材料为{evidence}",
        "reported progress: “{summary}”; evidence: {evidence}",
    ),
    FulfilmentReported=(
        "报告于{completed_on}完成，佐证材料为{evidence}",
        "reported it done on {completed_on}; evidence: {evidence}",
    ),
    FulfilmentAppraised=("评价为{outcome}：“{grounds}”", "appraised it as {outcome}: “{grounds}”"),
    CommitmentLawfullyChanged=(
        "依法{withdrawn?撤回:变更}承诺（{ground}），由{authority}于{decided_on}决定[，新期限为{due}]：“{reason}”",
        "lawfully {withdrawn?withdrew:changed} the commitment ({ground}), decided by {authority} on {decided_on}"
        "[, now due by {due}]: “{reason}”",
    ),
    CompensationClaimed=(
        "{claimant@?:记载}[{claimant@}]申请补偿{amount}（{claim}）：“{grounds}”",
        "{claimant@?claimed:recorded a claim of} {amount}[ by {claimant@}] ({claim}): “{grounds}”",
    ),
    CompensationDecided=(
        "就补偿申请{claim}作出决定[，补偿{granted}]：“{grounds}”",
        "decided the claim {claim}[, granting {granted}]: “{grounds}”",
    ),
    CompensationPaid=("于{paid_on}支付补偿{amount}（{claim}）", "paid {amount} on {paid_on} ({claim})"),
    CommitmentBroken=("认定失诺：“{grounds}”", "found the commitment broken: “{grounds}”"),
)

_COMPLAINT = words(
    ComplaintReceived=(
        "登记{received_on}经{channel}收到的{anonymous?匿名:}投诉举报（台账编号{number}）：[{accused}，]事项为{matter}",
        "entered {anonymous?an anonymous:a} complaint received on {received_on} by {channel}, number {number}: "
        "[{accused}, ]{matter}",
    ),
    ComplaintAccepted=("受理投诉", "accepted the complaint"),
    ComplaintRefused=(
        "不予受理投诉（{reason}[，此前的投诉为{earlier}]）：“{grounds}”",
        "refused to take up the complaint ({reason}[, earlier complaint {earlier}]): “{grounds}”",
    ),
    ComplaintTransferred=("转{to}办理，应于{answer_by}前答复", "transferred it to {to}, to answer by {answer_by}"),
    ComplaintUrged=("督促答复：“{demands}”", "urged an answer: “{demands}”"),
    ComplaintAnswered=(
        "答复：经核实{substantiated?属实:不属实}[（{reason}）]，“{findings}”",
        "answered that the complaint is {substantiated?true:not true}[ ({reason})]: “{findings}”",
    ),
    ComplaintSubstantiated=(
        "认定投诉属实，转为失信线索（{record}）：“{summary}”",
        "found the complaint true; it becomes the lead of {record}: “{summary}”",
    ),
    ComplaintUnsubstantiated=(
        "认定投诉不属实（{reason}）：“{grounds}”",
        "found the complaint not substantiated ({reason}): “{grounds}”",
    ),
    ComplaintCalledBack=(
        "于{on}回访投诉人，投诉人表示{satisfied?满意:不满意}",
        "called the complainant back on {on}, who was {satisfied?satisfied:not satisfied}",
    ),
    IncidentOpened=(
        "列为政务失信违约事件，由{lead}牵头协调[，{parties}参与]",
        "opened a breach incident under the lead of {lead}[, with {parties}]",
    ),
    IncidentResolved=(
        "报告违约事件已解决（{resolution}）：“{summary}”",
        "solved the breach incident ({resolution}): “{summary}”",
    ),
    ComplaintClosed=("办结投诉", "closed the complaint"),
)

_PERSON = words(
    PersonRegistered=(
        "建立人员诚信档案（{kind}），由{body}管理，身份信息已封存，共{sealed}",
        "began the integrity file of a person ({kind}), kept by {body}; who it is is sealed, {sealed}",
    ),
    PersonAffiliated=(
        "登记在{body}任职，自{start}起[至{until}]",
        "recorded service with {body} from {start}[ to {until}]",
    ),
    AffiliationEnded=("登记在{body}的任职于{on}结束", "recorded that the service with {body} ended on {on}"),
    AffiliationWithdrawn=(
        "撤销自{start}起在{body}任职的登记",
        "withdrew the service with {body} from {start}, recorded in error",
    ),
    PersonCorrected=("更正封存内容，共{sealed}", "corrected sealed fields, {sealed}"),
    FileItemRecorded=("将{item}（{on}）记入档案", "put on file: {item} ({on})"),
    ProjectPerformanceNoted=(
        "将{project}在{stage}阶段（{on}）的履约情况“{outcome}”记入档案",
        "put the performance of {project} at {stage} ({on}) on file: {outcome}",
    ),
    ProjectRegistered=(
        "登记项目“{title}”[，政府方为{body@}]，自{started_on}开始",
        "registered the project “{title}”[ of {body@}], begun on {started_on}",
    ),
    StageBegun=("记载项目于{on}进入{stage}阶段", "recorded that the project began {stage} on {on}"),
    ResponsibleAssigned=(
        "确定{body}[的{post}][（{person}）]自{start}起负责[{stage}阶段]",
        "made {body}[, {post}][, {person},] responsible[ for {stage}] from {start}",
    ),
    ResponsibleRelieved=("记载责任{assignment}于{on}终止", "recorded that assignment {assignment} ended on {on}"),
    PerformanceRecorded=(
        "记载{stage}阶段的履约情况（{on}）：{outcome}，“{summary}”",
        "recorded performance at {stage} on {on}: {outcome}, “{summary}”",
    ),
    ProjectBreachLinked=("记载由本项目产生的失信记录{record}", "linked the dishonesty record {record}"),
    ProjectClosed=("记载项目于{on}结束：“{summary}”", "recorded that the project ended on {on}: “{summary}”"),
)

_COMMENDATION = words(
    CommendationRecorded=(
        "记录{subject}[（{person}）]获得的{kind}“{title}”，由{awarded_by}于{awarded_on}授予",
        "recorded “{title}” ({kind}) of {subject}[ ({person})], awarded by {awarded_by} on {awarded_on}",
    ),
    IncentiveGranted=(
        "给予守信激励：{incentive}，自{start}起至{until}",
        "granted an incentive, {incentive}, from {start} to {until}",
    ),
    IncentiveEnded=("终止守信激励：{incentive}，原因为{reason}", "ended the incentive {incentive}: {reason}"),
    CommendationWithdrawn=(
        "撤销表彰记录（{reason}）：“{grounds}”",
        "withdrew the commendation ({reason}): “{grounds}”",
    ),
)

PHRASES = {**_BODY, **_COMMITMENT, **_COMPLAINT, **_PERSON, **_COMMENDATION}
