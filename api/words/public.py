"""Words of what the public sees of records and penalties: states, reasons, the facts of a record. Data only.

>>> PENALTY_STATES["suspended"].zh
'暂不执行'
"""

from __future__ import annotations

from api.words import word
from api.words.table import words
from ledger.domain.commendation import Withdrawal
from ledger.domain.record.terms import PublicationEnd, WithdrawalGround

PENALTY_STATES = words(
    in_force=("执行中", "In force"),
    suspended=("暂不执行", "Suspended"),
    to_begin=("尚未起始", "To begin"),
    expired=("已期满", "Over"),
    lifted=("已解除", "Lifted"),
)
"""Where a penalty stands on a day."""

HOLDS = words(
    objection=("异议处理、核实期间", "An objection is being handled"),
    stay=("复议、诉讼期间停止执行", "Stayed during review or suit"),
    bankruptcy=("法院裁定暂时解除", "By a court in bankruptcy"),
)
"""What suspends a penalty."""

RECTIFICATION_STATES = words(
    none=("未责令整改", "None ordered"),
    ordered=("整改中", "Ordered"),
    reported=("已报告整改，待核查", "Reported, to be verified"),
    rectified=("整改完成", "Rectified"),
    overdue=("逾期未整改", "Overdue"),
)
"""How far the rectification of a record has come."""

TAKEDOWN_REASONS = {str(code): word(code) for codes in (WithdrawalGround, PublicationEnd, Withdrawal) for code in codes}
"""Why something was taken down."""
