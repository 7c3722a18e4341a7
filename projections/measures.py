"""What statistics count: each measure with its exact meaning, the events that move it, and the document that asks for
it. docs/statistics.md is made from here (``python -m tests.measures``).

Two sorts of measure. A *happening* is counted on the day on which the ledger recorded it, and never taken back. A
*stock* is what there is: events add to it and take from it, and its level at the end of a day is the sum of all that
was recorded up to then (C09 清存量、防增量: the increase of a month is its sum over the month; C07 判决一起、执行一起:
what was not performed). Nothing here is
weighted: every case counts as one, and money in fen.

>>> MEANINGS[Measure.COURT_LISTED].stock, MEANINGS[Measure.COURT_ENTRIES].stock
(True, False)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Measure(StrEnum):
    """What is counted; :data:`MEANINGS` says precisely what."""

    COMMITMENTS_MADE = "commitments_made"
    COMMITMENTS_CHANGED = "commitments_changed"
    COMMITMENTS_WITHDRAWN = "commitments_withdrawn"
    COMMITMENTS_TAKEN_OVER = "commitments_taken_over"
    JUDGED_FULFILLED = "judged_fulfilled"
    JUDGED_LATE = "judged_late"
    JUDGED_PARTLY = "judged_partly"
    JUDGED_BROKEN = "judged_broken"
    FALSE_COMMITMENTS = "false_commitments"
    COMPENSATION_CLAIMS = "compensation_claims"
    COMPENSATION_GRANTED = "compensation_granted"
    COMPENSATION_PAID = "compensation_paid"
    LEADS_RECEIVED = "leads_received"
    LEADS_ENDED = "leads_ended"
    RECORDS_RECOGNISED = "records_recognised"
    RECORDS_OPEN = "records_open"
    RECORDS_REPAIRED = "records_repaired"
    RECORDS_WITHDRAWN = "records_withdrawn"
    PUBLICATIONS_EXPIRED = "publications_expired"
    LITIGATION_DEFEATS = "litigation_defeats"
    UNPERFORMED_JUDGMENTS = "unperformed_judgments"
    ARREARS = "arrears"
    UTILITY_ARREARS = "utility_arrears"
    COURT_ENTRIES = "court_entries"
    COURT_REMOVALS = "court_removals"
    COURT_LISTED = "court_listed"
    RECTIFICATIONS_ORDERED = "rectifications_ordered"
    RECTIFICATIONS_OVERDUE = "rectifications_overdue"
    RECTIFICATIONS_DONE = "rectifications_done"
    TOLERATED = "tolerated"
    PENALTIES_IMPOSED = "penalties_imposed"
    PENALTIES_SUSPENDED = "penalties_suspended"
    PENALTIES_RESUMED = "penalties_resumed"
    PENALTIES_MITIGATED = "penalties_mitigated"
    PENALTIES_LIFTED = "penalties_lifted"
    OBJECTIONS_FILED = "objections_filed"
    OBJECTIONS_OPEN = "objections_open"
    OBJECTIONS_UPHELD = "objections_upheld"
    OBJECTIONS_DISMISSED = "objections_dismissed"
    OBJECTIONS_REFUSED = "objections_refused"
    OBJECTIONS_WITHDRAWN = "objections_withdrawn"
    APPEALS_FILED = "appeals_filed"
    APPEALS_ALLOWED = "appeals_allowed"
    REPAIRS_APPLIED = "repairs_applied"
    REPAIRS_REFUSED = "repairs_refused"
    REPAIRS_REVOKED = "repairs_revoked"
    RESTORATIONS_ORDERED = "restorations_ordered"
    RESTORATIONS_DONE = "restorations_done"
    COMPLAINTS_RECEIVED = "complaints_received"
    COMPLAINTS_OPEN = "complaints_open"
    COMPLAINTS_ACCEPTED = "complaints_accepted"
    COMPLAINTS_REFUSED = "complaints_refused"
    COMPLAINTS_SUBSTANTIATED = "complaints_substantiated"
    COMPLAINTS_UNSUBSTANTIATED = "complaints_unsubstantiated"
    COMPLAINANTS_SATISFIED = "complainants_satisfied"
    COMPLAINANTS_UNSATISFIED = "complainants_unsatisfied"
    INCIDENTS_OPENED = "incidents_opened"
    INCIDENTS_RESOLVED = "incidents_resolved"
    COMMENDATIONS_RECORDED = "commendations_recorded"
    COMMENDATIONS_STANDING = "commendations_standing"
    INCENTIVES_GRANTED = "incentives_granted"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a measure counts, in English and Chinese; the events that move it; the requirement that asks for it.

    ``fen``: it is an amount of money.
    """

    zh: str
    en: str
    events: str
    source: str
    stock: bool = False
    fen: bool = False


_M = Measure
_KEPT = "FulfilmentAppraised CommitmentBroken"
_B05 = "B05 YC 一(二); J09 YC 二(三)11"
_C11 = "C11 YC 二(三)11; YN 二(二)(四)"
_C09 = "C09 YN 二(六)"
_E01 = "E01 DH 二(四)2; TA-A 二(二)5"
_E05 = "E05 TA-A 二(二)5"
_E07 = "E07 HS 四(九)"
_B11 = "B11 YC 二(四)16; YN 三(四)"
_H02 = "H02 YC 二(二)5"
_H06 = "H06 DH 三(一)"
_B23 = "B23 YC 二(三)11"
_PENALTIES = "D04–D18 YC 二(二)6; HS 四(八)(九)"

MEANINGS: Mapping[Measure, Meaning] = {
    _M.COMMITMENTS_MADE: Meaning("作出承诺数", "Commitments made", "CommitmentMade", "B01 YC 一(二); B06 YC 二(三)11"),
    _M.COMMITMENTS_CHANGED: Meaning(
        "依法变更承诺次数",
        "Lawful changes of a commitment, withdrawals not counted",
        "CommitmentLawfullyChanged",
        "B10 YC 二(四)16",
    ),
    _M.COMMITMENTS_WITHDRAWN: Meaning(
        "依法撤回承诺数", "Commitments lawfully withdrawn", "CommitmentLawfullyChanged", "B10 YC 二(四)16"
    ),
    _M.COMMITMENTS_TAKEN_OVER: Meaning(
        "承诺承继次数", "Duties of a commitment taken over by a successor", "CommitmentTakenOver", "A12 YC 二(四)16"
    ),
    _M.JUDGED_FULFILLED: Meaning(
        "评价为已履行数",
        "Due days, and commitments as a whole, whose newest judgement is: fulfilled in time",
        _KEPT,
        _B05,
        stock=True,
    ),
    _M.JUDGED_LATE: Meaning("评价为逾期履行数", "The same: fulfilled late", _KEPT, _B05, stock=True),
    _M.JUDGED_PARTLY: Meaning("评价为部分履行数", "The same: partly fulfilled", _KEPT, _B05, stock=True),
    _M.JUDGED_BROKEN: Meaning("认定失诺数", "The same: broken", _KEPT, _B05, stock=True),
    _M.FALSE_COMMITMENTS: Meaning(
        "虚假承诺数", "Breaches found to have been false from the start", "CommitmentBroken", "B18 TA-B 二(二)"
    ),
    _M.COMPENSATION_CLAIMS: Meaning("补偿申请数", "Claims for compensation", "CompensationClaimed", _B11),
    _M.COMPENSATION_GRANTED: Meaning("决定补偿金额", "Compensation granted", "CompensationDecided", _B11, fen=True),
    _M.COMPENSATION_PAID: Meaning("已付补偿金额", "Compensation paid", "CompensationPaid", _B11, fen=True),
    _M.LEADS_RECEIVED: Meaning("收到线索数", "Leads received", "LeadReceived", "C14 HS 四(四); C25 YN 二(二)"),
    _M.LEADS_ENDED: Meaning("未成为记录而办结的线索数", "Leads ended without a record", "LeadClosed", "H06 DH 三(一)"),
    _M.RECORDS_RECOGNISED: Meaning(
        "认定失信记录数", "Dishonesty records recognised", "BreachRecognised", "C01 YC 二(二)5"
    ),
    _M.RECORDS_OPEN: Meaning(
        "失信记录存量",
        "Records recognised and neither repaired nor withdrawn",
        "BreachRecognised RepairGranted RepairRevoked RecordWithdrawn",
        _C09,
        stock=True,
    ),
    _M.RECORDS_REPAIRED: Meaning("准予修复数", "Repairs granted", "RepairGranted", "E08 E10 HS 四(九)"),
    _M.RECORDS_WITHDRAWN: Meaning("撤销记录数", "Records withdrawn after their recognition", "RecordWithdrawn", _E05),
    _M.PUBLICATIONS_EXPIRED: Meaning(
        "公示期届满数", "Publications that ended because their period was over", "PublicationEnded", "F01 YC 二(二)5"
    ),
    _M.LITIGATION_DEFEATS: Meaning(
        "行政诉讼败诉记录数", "Records recognised for the defeat of a body in litigation", "BreachRecognised", _C11
    ),
    _M.UNPERFORMED_JUDGMENTS: Meaning(
        "不履行生效判决记录数", "Records recognised for a judgment that was not performed", "BreachRecognised", _C11
    ),
    _M.ARREARS: Meaning(
        "拖欠账款记录数",
        "Records recognised for arrears to firms and workers",
        "BreachRecognised",
        "C13 YC 二(四)17; TA-A 二(三)10",
    ),
    _M.UTILITY_ARREARS: Meaning(
        "公共服务欠缴记录数", "Records recognised for utility bills in arrears", "BreachRecognised", "C12 HS 四(四)"
    ),
    _M.COURT_ENTRIES: Meaning(
        "列入失信被执行人名单次数", "Entries into the court's list", "CourtListEntered", "C04 C05 DH 二(三)1-2"
    ),
    _M.COURT_REMOVALS: Meaning("退出失信被执行人名单次数", "Removals from it", "CourtListRemoved", "C06 DH 二(三)2"),
    _M.COURT_LISTED: Meaning(
        "失信被执行人案件存量",
        "Entries that the court has not removed",
        "CourtListEntered CourtListRemoved",
        _C09,
        stock=True,
    ),
    _M.RECTIFICATIONS_ORDERED: Meaning("责令整改次数", "Orders to rectify", "RectificationOrdered", "D02 YC 二(二)6"),
    _M.RECTIFICATIONS_OVERDUE: Meaning(
        "逾期未整改次数", "Findings that a rectification is overdue", "RectificationFoundOverdue", "C23 DH 二(三)2"
    ),
    _M.RECTIFICATIONS_DONE: Meaning(
        "核查已整改次数", "Checks that found the act corrected", "RectificationVerified", "C10 YN 二(六)"
    ),
    _M.TOLERATED: Meaning("认定容错次数", "Acts found to be tolerated", "ToleranceDetermined", "C19 YN 二(三)(七)"),
    _M.PENALTIES_IMPOSED: Meaning("实施惩戒措施数", "Penalties imposed", "PenaltyImposed", _PENALTIES),
    _M.PENALTIES_SUSPENDED: Meaning("暂不执行次数", "Suspensions of a penalty", "PenaltySuspended", "E03 HS 四(九)"),
    _M.PENALTIES_RESUMED: Meaning("恢复执行次数", "Resumptions of a penalty", "PenaltyResumed", "E03 HS 四(九)"),
    _M.PENALTIES_MITIGATED: Meaning("从轻、免于惩戒次数", "Penalties eased", "PenaltyMitigated", "E15 YC 二(二)7"),
    _M.PENALTIES_LIFTED: Meaning(
        "解除惩戒措施数", "Penalties lifted before their end", "PenaltyLifted", "E10 HS 四(九)"
    ),
    _M.OBJECTIONS_FILED: Meaning("提出异议数", "Objections filed", "ObjectionFiled", _E01),
    _M.OBJECTIONS_OPEN: Meaning(
        "异议存量",
        "Objections neither decided, refused nor taken back",
        "ObjectionFiled ObjectionRefused ObjectionUpheld ObjectionDismissed ObjectionWithdrawn",
        _E01,
        stock=True,
    ),
    _M.OBJECTIONS_UPHELD: Meaning("异议成立数", "Objections upheld, wholly or partly", "ObjectionUpheld", _E05),
    _M.OBJECTIONS_DISMISSED: Meaning("异议不成立数", "Objections dismissed", "ObjectionDismissed", _E01),
    _M.OBJECTIONS_REFUSED: Meaning("异议不予受理数", "Objections not taken up", "ObjectionRefused", _E01),
    _M.OBJECTIONS_WITHDRAWN: Meaning("撤回异议数", "Objections taken back", "ObjectionWithdrawn", _E01),
    _M.APPEALS_FILED: Meaning(
        "申诉、复议、诉讼数", "Appeals, reconsiderations and suits", "AppealFiled", "E18 YC 二(三)9"
    ),
    _M.APPEALS_ALLOWED: Meaning(
        "申诉、复议、诉讼改变原决定数", "Those that revoked or changed a decision", "AppealDecided", "E18 YC 二(三)9"
    ),
    _M.REPAIRS_APPLIED: Meaning("申请修复数", "Applications for repair", "RepairApplied", _E07),
    _M.REPAIRS_REFUSED: Meaning("不予修复数", "Repairs refused", "RepairRefused", _E07),
    _M.REPAIRS_REVOKED: Meaning("撤销修复数", "Repairs revoked", "RepairRevoked", "B18 TA-B 二(二)"),
    _M.RESTORATIONS_ORDERED: Meaning(
        "恢复信誉任务数", "Orders to restore a reputation", "RestorationOrdered", "E06 HS 四(九)"
    ),
    _M.RESTORATIONS_DONE: Meaning("已恢复信誉数", "Reputations restored", "ReputationRestored", "E06 HS 四(九)"),
    _M.COMPLAINTS_RECEIVED: Meaning("投诉举报登记数", "Complaints received", "ComplaintReceived", "H01 H03 YC 二(二)5"),
    _M.COMPLAINTS_OPEN: Meaning(
        "投诉举报存量",
        "Complaints neither refused nor closed",
        "ComplaintReceived ComplaintRefused ComplaintClosed",
        _H02,
        stock=True,
    ),
    _M.COMPLAINTS_ACCEPTED: Meaning("受理数", "Complaints taken up", "ComplaintAccepted", _H02),
    _M.COMPLAINTS_REFUSED: Meaning("不予受理数", "Complaints not taken up", "ComplaintRefused", "H05 YC 二(二)5"),
    _M.COMPLAINTS_SUBSTANTIATED: Meaning("属实数", "Complaints found to be true", "ComplaintSubstantiated", _H06),
    _M.COMPLAINTS_UNSUBSTANTIATED: Meaning(
        "不属实次数", "Findings that a complaint is not true", "ComplaintUnsubstantiated", _H06
    ),
    _M.COMPLAINANTS_SATISFIED: Meaning("回访满意次数", "Calls back: satisfied", "ComplaintCalledBack", _H02),
    _M.COMPLAINANTS_UNSATISFIED: Meaning("回访不满意次数", "Calls back: not satisfied", "ComplaintCalledBack", _H02),
    _M.INCIDENTS_OPENED: Meaning("启动违约事件协调数", "Breach incidents opened", "IncidentOpened", _B23),
    _M.INCIDENTS_RESOLVED: Meaning("违约事件解决数", "Breach incidents solved", "IncidentResolved", f"{_B23}; H10"),
    _M.COMMENDATIONS_RECORDED: Meaning(
        "守信表彰记录数", "Positive records", "CommendationRecorded", "G09 YN 二(五); C03 DH 二(二)2"
    ),
    _M.COMMENDATIONS_STANDING: Meaning(
        "有效守信表彰存量",
        "Positive records that were not withdrawn",
        "CommendationRecorded CommendationWithdrawn",
        "G09 YN 二(五)",
        stock=True,
    ),
    _M.INCENTIVES_GRANTED: Meaning("给予守信激励数", "Incentives granted", "IncentiveGranted", "G09–G13 YN 二(五)"),
}

_OF_COMMITMENTS = ("Commitment", "Compensation", "Fulfilment")
ALWAYS_PUBLIC = frozenset(
    measure
    for measure, meaning in MEANINGS.items()
    if all(event.startswith(_OF_COMMITMENTS) for event in meaning.events.split())
)
"""Measures that only events of commitments move: each may be seen by anybody as soon as it is recorded."""
