"""Words of rule packs, calendars and deadlines. Data only; see words.py."""

from __future__ import annotations

from api.words.table import table, words
from ledger.domain.calendar import DeadlineState
from ledger.domain.pack import Confidence

ENUMS = (
    table(
        Confidence,
        high=("两个以上来源或官方文本", "Two sources or the official text"),
        medium=("一个来源", "One source"),
        low=("凭记忆或来源不一", "From memory, or sources differ"),
        unconfirmed=("无人能确认，待采纳地区确定", "Unconfirmed, to be set by the place that adopts it"),
    ),
    table(
        DeadlineState,
        open=("期限未届满", "Running"),
        met=("按期完成", "Met"),
        met_late=("逾期完成", "Met late"),
        overdue=("逾期未完成", "Overdue"),
    ),
)

EVENTS = words(
    PolicyAdopted=("采纳规则包", "Rule pack adopted"),
    CalendarArranged=("全年放假安排", "Working days of a year arranged"),
)

FIELDS = words(
    digest=("文本的 SHA-256", "SHA-256 of the text"),
    in_force=("施行日期", "In force from"),
    off=("放假的工作日", "Weekdays off"),
    worked=("上班的周末", "Weekend days worked"),
    year=("年份", "Year"),
)
