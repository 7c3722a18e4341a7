"""Words of supervision: what reports count, what is evaluated. Data only; see words.py."""

from __future__ import annotations

from api.words_table import Word, table, words
from ledger.domain import supervision_terms as terms

ENUMS = (
    table(
        terms.Line,
        commitments_made=("期内作出承诺", "Commitments made"),
        commitments_due=("期内到期承诺", "Commitments due"),
        commitments_fulfilled=("评定为已履行", "Judged fulfilled"),
        commitments_late=("评定为逾期履行", "Judged fulfilled late"),
        commitments_partly=("评定为部分履行", "Judged partly fulfilled"),
        commitments_broken=("认定失诺", "Found broken"),
        commitments_changed=("依法变更", "Lawfully changed"),
        commitments_overdue=("期末逾期未报", "Overdue at the end"),
        records_recognised=("认定失信记录", "Records recognised"),
        records_by_severity=("认定记录：按程度", "Recognised, by severity"),
        records_by_source=("认定记录：按来源", "Recognised, by source"),
        records_by_area=("认定记录：按重点领域", "Recognised, by key area"),
        records_by_focus=("认定记录：按重点民生领域", "Recognised, by focus field"),
        records_repaired=("信用修复", "Records repaired"),
        records_withdrawn=("撤销记录", "Records withdrawn"),
        records_open=("期末未了结记录", "Records open at the end"),
        penalties_imposed=("作出惩戒", "Penalties imposed"),
        penalties_lifted=("解除惩戒", "Penalties lifted"),
        penalties_in_force=("期末执行中的惩戒", "Penalties in force at the end"),
        penalties_suspended=("期末暂不执行的惩戒", "Penalties suspended at the end"),
        objections_filed=("提出异议", "Objections filed"),
        objections_decided=("异议办结：按结果", "Objections decided, by outcome"),
        objections_open=("期末未办结异议", "Objections open at the end"),
        court_stock_before=("失信被执行人存量（期初）", "Court list: stock at the beginning"),
        court_listed=("失信被执行人增量", "Court list: increase"),
        court_removed=("退出失信被执行人名单", "Court list: removed"),
        court_stock=("失信被执行人存量（期末）", "Court list: stock at the end"),
        litigation_defeats=("行政诉讼败诉", "Litigation defeats"),
        complaints_received=("收到投诉举报", "Complaints received"),
        complaints_answered=("答复投诉举报", "Complaints answered"),
        complaints_satisfied=("回访满意", "Called back: satisfied"),
        complaints_unsatisfied=("回访不满意", "Called back: not satisfied"),
        takedowns=("更正、撤下与修复", "Corrections, takedowns and repairs"),
        published_in_time=("按期公示", "Published in time"),
        published_late=("逾期公示", "Published late"),
        unpublished=("期末逾期未公示", "Not published, overdue at the end"),
        commendations=("守信表彰", "Commendations"),
    ),
    table(
        terms.Indicator,
        lawful_administration=("依法行政", "Lawful administration"),
        openness=("政务公开", "Openness"),
        deregulation=("“放管服”改革", "Deregulation and services"),
        environment=("环境保护", "Environment"),
        statistics_quality=("统计数据质量", "Quality of statistics"),
        labour=("劳动用工", "Labour"),
        social_security=("社会保障", "Social security"),
        public_resource_trading=("公共资源交易", "Trading of public resources"),
        work_safety=("安全生产", "Work safety"),
        food_safety=("食品安全", "Food safety"),
        social_integrity=("社会诚信状况", "Integrity of society"),
        satisfaction=("人民群众满意度", "Satisfaction of the people"),
    ),
)
EVENTS = words(IntegrityReportFiled=("报送政务诚信建设情况", "Integrity report filed"))
FIELDS = {
    "IntegrityReportFiled.period": Word("报告期", "Period"),
    "IntegrityReportFiled.size": Word("所计日志条目数", "Log entries counted"),
    "IntegrityReportFiled.digest": Word("报告数据散列", "SHA-256 of its data"),
}
