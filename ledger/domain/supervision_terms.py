"""The words of supervision: thresholds of early warning, reporting periods, what a report counts, what is evaluated.

Only public bodies are counted and evaluated; enterprises never are (国办发〔2026〕8号).

>>> days_of("2026H1")
(datetime.date(2026, 1, 1), datetime.date(2026, 6, 30))
>>> days_of("2026")[1]
datetime.date(2026, 12, 31)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from ledger.domain.codec import Many, Name, Range, Shape

PeriodName = Annotated[
    str, Shape("20[0-9]{2}(?:H1)?", "a year, or its first half: 2026, 2026H1", "年度或上半年：2026、2026H1")
]
"""A reporting period (J10 半年、全年): the first half of a year, or the whole year."""


def days_of(period: str) -> tuple[date, date]:
    """The first and last day of a reporting period."""
    year = int(period[:4])
    return date(year, 1, 1), date(year, 6, 30) if period.endswith("H1") else date(year, 12, 31)


@dataclass(frozen=True, slots=True)
class Fall:
    """A rate that falls: by ``drop`` points of a hundred and more, in the last ``months`` against as many before.

    Rates of fewer than ``least`` judgements are not compared: they say nothing.
    """

    drop: Annotated[int, Range(1, 100)]
    months: Annotated[int, Range(1, 120)]
    least: Annotated[int, Range(1, 1_000_000)]


@dataclass(frozen=True, slots=True)
class Repetition:
    """So many breaches, or more, within so many months."""

    count: Annotated[int, Range(2, 10_000)]
    months: Annotated[int, Range(1, 120)]


class Line(StrEnum):
    """What a report counts (J10, J11): in the period, or where the comment says so on its last day."""

    COMMITMENTS_MADE = "commitments_made"
    COMMITMENTS_DUE = "commitments_due"  # those with one due day
    COMMITMENTS_FULFILLED = "commitments_fulfilled"
    COMMITMENTS_LATE = "commitments_late"
    COMMITMENTS_PARTLY = "commitments_partly"
    COMMITMENTS_BROKEN = "commitments_broken"
    COMMITMENTS_CHANGED = "commitments_changed"  # B10 依法变更：不属违约
    COMMITMENTS_OVERDUE = "commitments_overdue"  # on the last day
    RECORDS_RECOGNISED = "records_recognised"
    RECORDS_BY_SEVERITY = "records_by_severity"
    RECORDS_BY_SOURCE = "records_by_source"
    RECORDS_BY_AREA = "records_by_area"
    RECORDS_BY_FOCUS = "records_by_focus"
    RECORDS_REPAIRED = "records_repaired"
    RECORDS_WITHDRAWN = "records_withdrawn"
    RECORDS_OPEN = "records_open"  # on the last day
    PENALTIES_IMPOSED = "penalties_imposed"
    PENALTIES_LIFTED = "penalties_lifted"
    PENALTIES_IN_FORCE = "penalties_in_force"  # on the last day
    PENALTIES_SUSPENDED = "penalties_suspended"  # on the last day
    OBJECTIONS_FILED = "objections_filed"
    OBJECTIONS_DECIDED = "objections_decided"  # by outcome
    OBJECTIONS_OPEN = "objections_open"  # on the last day
    COURT_STOCK_BEFORE = "court_stock_before"  # C09 存量：期初
    COURT_LISTED = "court_listed"  # C09 增量
    COURT_REMOVED = "court_removed"
    COURT_STOCK = "court_stock"  # C09 存量：期末
    LITIGATION_DEFEATS = "litigation_defeats"  # C11
    COMPLAINTS_RECEIVED = "complaints_received"
    COMPLAINTS_ANSWERED = "complaints_answered"
    COMPLAINTS_SATISFIED = "complaints_satisfied"  # of those answered
    COMPLAINTS_UNSATISFIED = "complaints_unsatisfied"  # of those answered
    TAKEDOWNS = "takedowns"  # by event
    PUBLISHED_IN_TIME = "published_in_time"  # F04, of those due
    PUBLISHED_LATE = "published_late"  # F04, of those due
    UNPUBLISHED = "unpublished"  # F04, of those due, on the last day
    COMMENDATIONS = "commendations"


class Indicator(StrEnum):
    """What evaluation is about (J03: YN 四(一), in its order)."""

    LAWFUL_ADMINISTRATION = "lawful_administration"  # 依法行政
    OPENNESS = "openness"  # 政务公开
    DEREGULATION = "deregulation"  # “放管服”改革
    ENVIRONMENT = "environment"  # 环境保护
    STATISTICS_QUALITY = "statistics_quality"  # 统计数据质量
    LABOUR = "labour"  # 劳动用工
    SOCIAL_SECURITY = "social_security"  # 社会保障
    PUBLIC_RESOURCE_TRADING = "public_resource_trading"  # 公共资源交易
    WORK_SAFETY = "work_safety"  # 安全生产
    FOOD_SAFETY = "food_safety"  # 食品安全
    SOCIAL_INTEGRITY = "social_integrity"  # 社会诚信状况
    SATISFACTION = "satisfaction"  # 人民群众满意度


Points = Annotated[int, Range(1, 1000)]


@dataclass(frozen=True, slots=True)
class Score:
    """How an indicator gets its points, of ``full``, from what a report counts in ``line`` (and its ``part``).

    Either ``each`` of them costs so many points, down to none; or they are a share of all in the lines ``of``.
    """

    indicator: Indicator
    full: Points
    line: Line
    part: Name | None = None
    each: Points | None = None
    of: Annotated[tuple[Line, ...], Many(10)] = ()
