"""Warnings, the report calendar and evaluations as plain data: the same for pages, programs and the command line.

>>> calendar_data([Duty("b", None, "2026H1", date(2026, 6, 30), "J10", 7)], {}, date(2026, 7, 1))[0]["state"]["code"]
'overdue'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from api.supervision.files import called as figure_word
from api.words import word
from api.words.supervision import MISSING, STATES
from api.words.warnings import rule_word, told
from projections.evaluation import Mark
from projections.report_calendar import Duty
from projections.reports import Figure
from projections.views.evaluation import Evaluation
from projections.views.names import Called
from projections.views.warnings import Regional
from projections.warnings import EarlyWarning

Data = dict[str, Any]
Names = Mapping[str, Called]


def _body(body: str | None, names: Names) -> Data | None:
    return {"id": body, "name": names[body].name if body in names else None} if body else None


# --- warnings -----------------------------------------------------------------------------------------------


def warnings_data(regions: Iterable[Regional], names: Names) -> list[Data]:
    """Every region's warnings, and the rules that do not run there."""
    return [
        {
            "region": found.region,
            "warnings": [_warning(warning, names) for warning in found.warnings],
            "unsettled": [{"rule": str(rule), **rule_word(rule)._asdict()} for rule in found.unsettled],
        }
        for found in regions
    ]


def _warning(warning: EarlyWarning, names: Names) -> Data:
    says = told(warning)
    return {
        "rule": {"code": str(warning.rule), **rule_word(warning.rule)._asdict()},
        "zh": says.zh,
        "en": says.en,
        "body": _body(warning.body, names),
        "area": warning.area,
        "since": warning.since,
        "due": warning.due,
        "about": warning.about,
        "numbers": warning.numbers,
        "log_indices": warning.log_indices,
        "streams": warning.streams,
        "source": warning.source,
    }


# --- report calendar ----------------------------------------------------------------------------------------


def calendar_data(duties: Iterable[Duty], names: Names, on: date) -> list[Data]:
    """The reports owed, each with where it stands on a day."""
    return [_duty(duty, names, on) for duty in duties]


def _duty(duty: Duty, names: Names, on: date) -> Data:
    state = "late" if duty.is_late else "filed" if duty.filed else "overdue" if duty.is_overdue(on) else "open"
    return {
        "body": _body(duty.body, names),
        "region": duty.region,
        "period": duty.period,
        "by": duty.by,
        "state": {"code": state, **STATES[state]._asdict()},
        "filed_on": duty.filed.filed_on if duty.filed else None,
        "log_index": duty.filed.log_index if duty.filed else None,
        "source": duty.source,
    }


# --- evaluation ---------------------------------------------------------------------------------------------


def evaluation_data(region: str, found: Evaluation, *, with_trace: bool) -> Data:
    """The marks of a region; with the log indices under every point only where all may be seen."""
    asked = found.report.asked
    return {
        "region": region,
        "period": asked.period,
        "size": asked.size,
        "on": asked.on,
        "published": found.published,
        "report": found.report.code if with_trace else None,
        "indicators": [_mark(mark, with_trace=with_trace) for mark in found.marks],
    }


def _mark(mark: Mark, *, with_trace: bool) -> Data:
    missing = mark.missing
    return {
        "indicator": {"code": str(mark.indicator), **word(mark.indicator)._asdict()},
        "points": None if mark.points is None else str(mark.points),
        "full": mark.full,
        "missing": {"code": str(missing), **MISSING[missing]._asdict()} if missing else None,
        "source": mark.source,
        "figures": [_figure(figure, with_trace=with_trace) for figure in mark.figures],
        "rating": mark.rating._asdict() if mark.rating else None,
    }


def _figure(figure: Figure, *, with_trace: bool) -> Data:
    return {
        "line": figure.line,
        "part": figure.part,
        **figure_word(figure)._asdict(),
        "count": figure.count - (figure.before or 0),
        **({"trace": figure.trace} if with_trace else {}),
    }
