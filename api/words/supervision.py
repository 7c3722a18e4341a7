"""Words of supervision: reports filed, what is evaluated. Data only; see words.py."""

from __future__ import annotations

from api.words.table import Word, table, words
from ledger.domain import supervision_terms as terms

ENUMS = (
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
EVENTS = words(
    IntegrityReportFiled=("报送政务诚信建设情况", "Integrity report filed"),
    IntegrityRated=("政务诚信评价评级", "Integrity rated"),
)
FIELDS = {
    "IntegrityReportFiled.period": Word("报告期", "Period"),
    "IntegrityRated.period": Word("评价期", "Period"),
    "IntegrityRated.points": Word("得分", "Points"),
    "IntegrityRated.full": Word("满分", "Of"),
    "IntegrityRated.indicator": Word("评价内容", "Indicator"),
    "IntegrityReportFiled.size": Word("所计日志条目数", "Log entries counted"),
    "IntegrityReportFiled.digest": Word("报告数据散列", "SHA-256 of its data"),
}
STATES = words(
    filed=("已报送", "Filed"),
    late=("逾期报送", "Filed late"),
    overdue=("逾期未报", "Overdue"),
    open=("未到期", "Not due yet"),
)
"""Where a report that is owed stands."""
MISSING = words(
    unscored=("规则包未定计分办法", "No rule pack says how it gets points"),
    unknown_line=("计分办法所指统计项不存在", "Its rule names a line that reports have not"),
    no_data=("账本中没有可计的数据", "The ledger holds nothing to count"),
)
"""Why an indicator has no points."""
