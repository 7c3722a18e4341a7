"""Sentences for penalties, objections, appeals, restoration and repair. Data only; how they are read: story_phrases."""

from __future__ import annotations

from api.words.table import words

PHRASES = words(
    PenaltyImposed=(
        "对{person|_subject}实施惩戒（{penalty}）：{measure}，自{start}起[至{until}]，理由为“{grounds}”[，同时送达信用修复告知书{repair_notice}]",
        "imposed penalty {penalty} on {person|_subject}: {measure}, from {start}[ to {until}]: “{grounds}”"
        "[; the repair notice was served with it: {repair_notice}]",
    ),
    PenaltySuspended=(
        "暂不执行惩戒{penalty}，原因为{hold}[（{item}）]",
        "suspended penalty {penalty}, because {hold}[ ({item})]",
    ),
    PenaltyResumed=(
        "恢复执行惩戒{penalty}，此前暂不执行的原因（{hold}[，{item}]）已消失",
        "resumed penalty {penalty}, since what held it is over ({hold}[, {item}])",
    ),
    PenaltyLifted=("解除惩戒{penalty}，原因为{reason}", "lifted penalty {penalty}: {reason}"),
    PenaltyMitigated=(
        "对惩戒{penalty}予以{relief}，因{ground}[，期限改至{until}]：“{grounds}”",
        "eased penalty {penalty}, {relief} because {ground}[, now until {until}]: “{grounds}”",
    ),
    PunishmentWaived=("免于实施惩戒（{ground}）：“{grounds}”", "imposed no penalty ({ground}): “{grounds}”"),
    DemeritPointsRecorded=(
        "因“{item}”对{_subject}记{points}分",
        "recorded {points} demerit points of {_subject} for “{item}”",
    ),
    ObjectionFiled=(
        "提出异议{objection}[（由代理人{agent@}代理）]{agent@?（作为代理人）:}，涉及{points}[（惩戒{penalty}）]：“{grounds}”[，证据为{evidence}]",
        "filed objection {objection}[ (agent: {agent@})]{agent@? (as the agent):} to {points}"
        "[ (penalty {penalty})]: “{grounds}”[; evidence: {evidence}]",
    ),
    ObjectionAccepted=(
        "受理异议{objection}，应于{decide_by}前办结",
        "accepted objection {objection}, to be decided by {decide_by}",
    ),
    ObjectionRefused=(
        "不予受理异议{objection}（{reason}）：“{grounds}”",
        "refused to take up objection {objection} ({reason}): “{grounds}”",
    ),
    VerificationRequested=(
        "就异议{objection}要求{source}核实，于{answer_by}前答复",
        "asked {source} to verify objection {objection} and answer by {answer_by}",
    ),
    SourceAnswered=(
        "就异议{objection}答复：所提供的信息{confirmed?无误:有误}，“{findings}”",
        "answered on objection {objection}: what it gave is {confirmed?right:wrong}: “{findings}”",
    ),
    ObjectionUpheld=(
        "认定异议{objection}{extent}{withdraw?，撤销记录:}[，解除惩戒{lift}]：“{grounds}”",
        "upheld objection {objection} {extent}{withdraw?, the record falls:}[, lifting {lift}]: “{grounds}”",
    ),
    ObjectionDismissed=("认定异议{objection}不成立：“{grounds}”", "dismissed objection {objection}: “{grounds}”"),
    ObjectionWithdrawn=("撤回异议{objection}", "withdrew objection {objection}"),
    FaultAttributed=(
        "认定{body}对错误信息负责（异议{objection}，{fault}）：“{grounds}”",
        "found {body} at fault for the wrong data (objection {objection}, {fault}): “{grounds}”",
    ),
    AppealFiled=(
        "于{filed_on}就{against}[（{item}）]向{forum}提起{route}（{appeal}）",
        "sought review ({route}, {appeal}) of the {against}[ ({item})] before {forum} on {filed_on}",
    ),
    AppealDecided=(
        "记载{appeal}的结果为{outcome}{withdraw?，撤销记录:}[，解除惩戒{lift}]：“{grounds}”",
        "recorded the outcome of {appeal}: {outcome}{withdraw?, the record falls:}[, lifting {lift}]: “{grounds}”",
    ),
    RestorationOrdered=(
        "因{item}责成恢复{_subject}的信誉、消除不良影响[，应告知{tell}]",
        "ordered that the reputation of {_subject} be restored after {item}[; to be told: {tell}]",
    ),
    RestorationNoticePublished=(
        "于{on}发布恢复信誉公告（{item}）",
        "published the restoration notice on {on} ({item})",
    ),
    ReputationRestored=(
        "确认信誉已恢复、不良影响已消除（{item}）：“{grounds}”",
        "found the reputation restored ({item}): “{grounds}”",
    ),
    RepairApplied=(
        "申请信用修复{repair}：“{statement}”，材料为{evidence}",
        "applied for credit repair {repair}: “{statement}”; evidence: {evidence}",
    ),
    RepairAccepted=("受理修复申请{repair}", "accepted the application for repair {repair}"),
    RepairGranted=("准予信用修复{repair}：“{grounds}”", "granted repair {repair}: “{grounds}”"),
    RepairRefused=(
        "不予信用修复{repair}（{reasons}）：“{grounds}”",
        "refused repair {repair} ({reasons}): “{grounds}”",
    ),
    RepairRevoked=("撤销信用修复{repair}：“{grounds}”", "revoked repair {repair}: “{grounds}”"),
)
