"""What sealed fields are looked up for, and why they are erased: code lists, each with the Chinese of its document.

>>> Purpose("recruitment") is Purpose.RECRUITMENT
True
"""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What sealed fields are looked up for. Which of them counts in which kind of case, the rule pack says."""

    RECRUITMENT = "recruitment"  # 公务员录用（G01: YC 二(二)7; YN 二(四)）
    TRANSFER = "transfer"  # 调任（G01: YC 二(二)7; YN 二(四)）
    AWARDS = "awards"  # 评优评先（G02: YN 二(四)(二); G03: DH 二(二)3）
    APPOINTMENT = "appointment"  # 任用（G03: DH 二(二)3; HS 四(六)）
    PROMOTION = "promotion"  # 升迁（G03: DH 二(二)3）
    TITLES = "titles"  # 职称评聘（G03: DH 二(二)3）
    ASSESSMENT = "assessment"  # 考核和奖惩（G08: YC 二(二)4; DH 二(二)3; HS 四(六)）
    ADMINISTRATION = "administration"  # 行政管理中主动查询（G04: HS 四(五); TA-B 二(二)）
    COURT = "court"  # 人民法院办理案件（C08: YN 二(六)）
    OBJECTION = "objection"  # 异议核实（E04: TA-B 二(五)）
    COMPLAINT = "complaint"  # 投诉核实、回访（H02: YC 二(二)5; H06: DH 三(一)）
    OWN_REQUEST = "own_request"  # 本人查询（E17: HS 四(九); DH 二(四)2; TA-A 二(二)5; YN 二(七)）
    SUPERVISION = "supervision"  # 查处违规泄露、篡改（F16: TA-B 二(五)）


class Ground(StrEnum):
    """Why sealed fields are erased. Which of them counts, the rule pack says."""

    UNLAWFUL = "unlawful"  # 非依法依规采集（C17: HS 四(九); TA-A 二(二)5; DH 二(四)2; YC 二(二)5; YN 二(七)）
    RECORDED_IN_ERROR = "recorded_in_error"  # 经核实有误，应予更正或撤销（E05: TA-A 二(二)5）
    WITHDRAWN = "withdrawn"  # 所涉记录已撤销（E05: TA-A 二(二)5）
    RETENTION_ENDED = "retention_ended"  # 保存期限届满
    PURPOSE_ACHIEVED = "purpose_achieved"  # 处理目的已实现
    SUBJECT_REQUEST = "subject_request"  # 本人请求（E17: HS 四(九); DH 二(四)2; TA-A 二(二)5; YN 二(七)）
    COURT_ORDER = "court_order"  # 生效裁判要求
