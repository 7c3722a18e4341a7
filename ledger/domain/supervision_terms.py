"""The words of supervision: thresholds of early warning, reporting periods, what is evaluated and how it gets points.

Only public bodies are evaluated; enterprises never are (国办发〔2026〕8号).

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
LineName = Annotated[
    str, Shape("[a-z]+(?:_[a-z]+){0,7}", "a line of a report, e.g. judged_late", "报告的统计项，如 judged_late")
]
"""A line of a report: a measure of projections/measures.py or an :class:`projections.reports.Extra`."""


@dataclass(frozen=True, slots=True)
class Score:
    """How an indicator gets its points, of ``full``, from what a report counts in ``line`` (and its ``part``).

    The line ``rated`` is what a third party found of the region's government: its share of the points that it gave.

    With ``each`` every one costs so many points, down to none; else the points are its share of those in the lines
    ``of``.
    """

    indicator: Indicator
    full: Points
    line: LineName
    part: Name | None = None
    each: Points | None = None
    of: Annotated[tuple[LineName, ...], Many(10)] = ()
