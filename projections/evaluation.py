"""Evaluation of a region's public bodies (J01, J03, J08): the indicators of its rule pack, each with its points.

Points come from a report on the year, or from what a third party found of the region's government and signed (J06), by
the pack's rules (``evaluation.scores``), and from nothing else: every point leads to events. An indicator without a
rule, or with nothing to count, has no points and says why. Enterprises are never evaluated (国办发〔2026〕8号), and
regions are not ranked.

>>> from datetime import date
>>> from ledger.domain.calendar import Calendar
>>> evaluate(View((), Calendar(), date(2026, 12, 31)), ())
()
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

from ledger.domain.policy import View
from ledger.domain.supervision_terms import Indicator, Score
from projections.reports import SPLIT, Figure, meaning

RATED = "rated"
"""The line of a score that takes a rating."""


class Rating(NamedTuple):
    """A rating of the region's government on an indicator: ``points`` of ``full``, and the index of the event."""

    indicator: str
    points: str
    full: int
    log_index: int


class Missing(StrEnum):
    """Why an indicator has no points."""

    UNSCORED = "unscored"  # 规则包未定计分办法
    UNKNOWN_LINE = "unknown_line"  # 计分办法所指统计项不存在
    NO_DATA = "no_data"  # 账本中没有可计的数据


@dataclass(frozen=True, slots=True)
class Mark:
    """An indicator's points, of ``full``; or why there are none. ``figures`` are the lines that they come from, or
    ``rating`` what a third party found.
    """

    indicator: Indicator
    source: str
    points: Decimal | None = None
    full: int | None = None
    figures: tuple[Figure, ...] = ()
    missing: Missing | None = None
    rating: Rating | None = None


def evaluate(view: View, figures: Iterable[Figure], ratings: Iterable[Rating] = ()) -> tuple[Mark, ...]:
    """The marks of a region in the order of its pack; none where no pack says what evaluation is about.

    Of several ratings on an indicator the newest counts.
    """
    found, newest = tuple(figures), {r.indicator: r for r in sorted(ratings, key=lambda r: r.log_index)}
    scores: dict[Indicator, Score] = {score.indicator: score for score in view.get("evaluation.scores") or ()}
    source = view.source("evaluation.indicators")
    return tuple(
        _marked(scores[indicator], view.source("evaluation.scores"), found, newest.get(indicator))
        if indicator in scores
        else Mark(indicator, source, missing=Missing.UNSCORED)
        for indicator in view.names("evaluation.indicators")
    )


def _marked(score: Score, source: str, figures: tuple[Figure, ...], rating: Rating | None) -> Mark:
    if score.line == RATED:
        return _rated(score, source, rating)
    lines = (score.line, *score.of)
    if not all(map(_is_line, lines)):
        return Mark(score.indicator, source, full=score.full, missing=Missing.UNKNOWN_LINE)
    used = tuple(f for f in figures if f.line in lines and (f.line != score.line or score.part in (None, f.part)))
    counted = _count(figures, score.line, score.part)
    if score.each is not None:
        points = min(Decimal(score.full), max(Decimal(0), Decimal(score.full) - score.each * counted))
        return Mark(score.indicator, source, points, score.full, used)
    whole = sum(_count(figures, line, None) for line in score.of)
    if whole <= 0:  # of a stock that falls
        return Mark(score.indicator, source, full=score.full, figures=used, missing=Missing.NO_DATA)
    share = min(Decimal(1), max(Decimal(0), Decimal(counted) / whole))
    points = (score.full * share).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Mark(score.indicator, source, points, score.full, used)


def _rated(score: Score, source: str, rating: Rating | None) -> Mark:
    if rating is None:
        return Mark(score.indicator, source, full=score.full, missing=Missing.NO_DATA)
    points = (score.full * Decimal(rating.points) / rating.full).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Mark(score.indicator, source, points, score.full, rating=rating)


def _is_line(line: str) -> bool:
    try:
        meaning(line)
    except ValueError:
        return False
    return True


def _count(figures: tuple[Figure, ...], line: str, part: str | None) -> int:
    """What a line counts in the period: of a stock its increase; of a line that is split all parts, or the one."""
    whole = line in SPLIT and part is None
    return sum(f.count - (f.before or 0) for f in figures if f.line == line and (whole or f.part == part))
