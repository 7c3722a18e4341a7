"""The evaluation of a region for a year, read from the projections; see projections/evaluation.py.

>>> Evaluation.__doc__.partition(":")[0]
'What an evaluation is'
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from psycopg.sql import SQL

from ledger.application import Ledger
from ledger.errors import FormatError
from projections import bodies, filings
from projections.evaluation import Mark, Rating, evaluate
from projections.reading import Moment, Reading, held, name_of
from projections.reports import Edition, Report
from projections.views import reports
from projections.views.rules import RulesAt

READS = (*reports.READS, "filings")


class Evaluation(NamedTuple):
    """What an evaluation is: its marks, the report that they come from, and whether the pack says to publish it."""

    marks: tuple[Mark, ...]
    report: Report
    published: bool


def evaluation(reading: Reading, ledger: Ledger, region: str, on: date, today: date) -> Evaluation:
    """The evaluation of a region, of the year of a day up to that day, under the rules of that day.

    Ratings of that year count whenever they came: who rates a year waits for its end.

    Raises FormatError for what is no region, and a day in a year that has not begun.
    """
    what = reports.asked(reading, region, str(on.year), Edition.OFFICE, today=min(on, today))
    if not what.of_region:
        raise FormatError(
            f"region: expected a code of 6 digits, got {region[:40]!a}",
            f"行政区划代码：应为 6 位数字，实为 {region[:40]!a}",
        )
    found = reports.report(reading, ledger, what)
    rules = RulesAt(ledger, Moment(what.size, what.on, today)).of(region)
    ratings = _ratings(reading, reading.moment(None, today, *READS), region, what.period)
    return Evaluation(evaluate(rules, found.figures, ratings), found, rules.flag("evaluation.published"))


def _ratings(reading: Reading, moment: Moment, region: str, period: str) -> list[Rating]:
    """How third parties rated the region's own government on the period."""
    query = SQL(
        "SELECT t.indicator, t.points, t.full, t.log_index FROM {ratings} t JOIN {bodies} b ON b.id = t.body "
        "WHERE t.period = %(period)s AND b.region = %(region)s AND b.kind = 'government' AND {t} AND {b} "
        "ORDER BY t.log_index"
    ).format(ratings=name_of(filings.RATINGS), bodies=name_of(bodies.BODIES), t=held("t"), b=held("b"))
    rows = reading.rows(query, {**moment.values(), "region": region, "period": period})
    return [Rating(**row) for row in rows]
