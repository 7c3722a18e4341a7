"""The evaluation of a region for a year, read from the projections; see projections/evaluation.py.

>>> Evaluation.__doc__.partition(":")[0]
'What an evaluation is'
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ledger.application import Ledger
from projections.evaluation import Mark, evaluate
from projections.reading import Moment, Reading
from projections.reports import Edition, Report
from projections.views import reports
from projections.views.rules import RulesAt


class Evaluation(NamedTuple):
    """What an evaluation is: its marks, the report that they come from, and whether the pack says to publish it."""

    marks: tuple[Mark, ...]
    report: Report
    published: bool


def evaluation(reading: Reading, ledger: Ledger, region: str, on: date, today: date) -> Evaluation:
    """The evaluation of a region, of the year of a day up to that day, under the rules of that day.

    Raises FormatError for a day in a year that has not begun.
    """
    what = reports.asked(reading, region, str(on.year), Edition.OFFICE, today=min(on, today))
    found = reports.report(reading, ledger, what)
    rules = RulesAt(ledger, Moment(what.size, what.on, today)).of(region)
    return Evaluation(evaluate(rules, found.figures), found, rules.flag("evaluation.published"))
