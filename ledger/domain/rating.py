"""Ratings (J03, J06): what a third party found of a public body, by indicator, as a signed event.

What the ledger does not count by itself (services, satisfaction, food safety) enters an evaluation in this way, or not
at all. 第三方机构评价评级：账本自身无法计算的内容，只以签名事件录入。

>>> IntegrityRated("2026", Indicator.SATISFACTION, "87.5", 100).full
100
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ledger.domain.codec import Range, Shape
from ledger.domain.supervision_terms import Indicator, PeriodName

Rated = Annotated[
    str,
    Shape("(?:0|[1-9][0-9]{0,3})(?:\\.[0-9]{1,2})?", "points such as 87.5", "分数，如 87.5"),
]
"""Points as text: floating point would change them."""


@dataclass(frozen=True, slots=True)
class IntegrityRated:
    """An appraiser rated the body on an indicator (J06 评价评级): ``points`` of ``full``; method in ``basis``."""

    SCHEMA: ClassVar[int] = 1
    period: PeriodName
    indicator: Indicator
    points: Rated
    full: Annotated[int, Range(1, 1000)]
