"""Reports on a body or region for a half year or year (J10, J11): what they count, and the code that verifies them.

A report is a pure function of the log: how many entries count (``size``), which day is asked for (``on``), whom it is
about, the period, and who reads it (``edition``). The same five give the same bytes of data for ever; their SHA-256
stands at the end of the report's *code*, whose other parts say how to compute it again:

    1.<body or region>.<period>.<edition>.<size>.<on>.<SHA-256 of the data>

>>> asked = Asked("350526", "2026H1", Edition.PUBLIC, 812, date(2026, 6, 30))
>>> code = code_of(asked, b"{}")
>>> code[:42]
'1.350526.2026H1.public.812.2026-06-30.4413'
>>> parse_code(code)[0] == asked
True
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from ledger.domain.supervision_terms import days_of
from ledger.errors import FormatError
from projections.measures import MEANINGS, Meaning, Measure

FORM = 1
"""The number of the report's form: another form, or another meaning of a line, is another number."""


class Edition(StrEnum):
    """Who a report is for."""

    PUBLIC = "public"  # 公开版：不列单个单位的失信记录
    OFFICE = "office"  # 内部版：全部数据及依据


class Extra(StrEnum):
    """Lines beside the measures of statistics: of the period's last day, or split by a ``part``."""

    COMMITMENTS_DUE = "commitments_due"
    COMMITMENTS_OVERDUE = "commitments_overdue"
    RECORDS_BY_SEVERITY = "records_by_severity"
    RECORDS_BY_SOURCE = "records_by_source"
    RECORDS_BY_AREA = "records_by_area"
    RECORDS_BY_FOCUS = "records_by_focus"
    PENALTIES_IN_FORCE = "penalties_in_force"
    PENALTIES_HELD = "penalties_held"
    PUBLISHED_IN_TIME = "published_in_time"
    PUBLISHED_LATE = "published_late"
    UNPUBLISHED = "unpublished"
    TAKEDOWNS = "takedowns"


M = Measure
_X = Extra
_F04 = "F04 YC 二(三)10; TA-A 二(一)2"
EXTRAS: Mapping[Extra, Meaning] = {
    _X.COMMITMENTS_DUE: Meaning("期内到期承诺数", "Commitments due, of those with one due day", "", "B05 YC 一(二)"),
    _X.COMMITMENTS_OVERDUE: Meaning("期末逾期承诺数", "Commitments overdue on the last day", "", "B05 YC 一(二)"),
    _X.RECORDS_BY_SEVERITY: Meaning("认定记录：按程度", "Records recognised, by severity", "", "C15 YC 二(二)6"),
    _X.RECORDS_BY_SOURCE: Meaning("认定记录：按来源", "Records recognised, by source", "", "C01 YC 二(二)5"),
    _X.RECORDS_BY_AREA: Meaning("认定记录：按重点领域", "Records recognised, by key area", "", "I01 YC 一(一)"),
    _X.RECORDS_BY_FOCUS: Meaning("认定记录：按民生领域", "Records recognised, by focus field", "", "D22 TA-B 二(四)"),
    _X.PENALTIES_IN_FORCE: Meaning("期末执行中的惩戒数", "Penalties in force on the last day", "", "D11 HS 四(九)"),
    _X.PENALTIES_HELD: Meaning("期末暂不执行的惩戒数", "Penalties suspended on the last day", "", "E03 HS 四(九)"),
    _X.PUBLISHED_IN_TIME: Meaning("按期公示数", "Publications due in the period: in time", "", _F04),
    _X.PUBLISHED_LATE: Meaning("逾期公示数", "Publications due in the period: late", "", _F04),
    _X.UNPUBLISHED: Meaning("逾期未公示数", "Publications due in the period: not made", "", _F04),
    _X.TAKEDOWNS: Meaning(
        "更正、撤下与修复次数", "Corrections, takedowns and repairs, by event", "", "E05 TA-A 二(二)5"
    ),
}

SECTIONS: Mapping[tuple[str, str], tuple[Measure | Extra, ...]] = {
    ("守信践诺", "Commitments"): (
        *(M.COMMITMENTS_MADE, _X.COMMITMENTS_DUE),
        *(M.JUDGED_FULFILLED, M.JUDGED_LATE, M.JUDGED_PARTLY, M.JUDGED_BROKEN, M.FALSE_COMMITMENTS),
        *(M.COMMITMENTS_CHANGED, M.COMMITMENTS_WITHDRAWN, M.COMMITMENTS_TAKEN_OVER, _X.COMMITMENTS_OVERDUE),
        *(M.COMPENSATION_CLAIMS, M.COMPENSATION_GRANTED, M.COMPENSATION_PAID),
    ),
    ("失信记录", "Dishonesty records"): (
        *(M.LEADS_RECEIVED, M.LEADS_ENDED, M.TOLERATED, M.RECORDS_RECOGNISED),
        *(_X.RECORDS_BY_SEVERITY, _X.RECORDS_BY_SOURCE, _X.RECORDS_BY_AREA, _X.RECORDS_BY_FOCUS),
        *(M.ARREARS, M.UTILITY_ARREARS, M.RECORDS_REPAIRED, M.RECORDS_WITHDRAWN, M.RECORDS_OPEN),
        *(M.RECTIFICATIONS_ORDERED, M.RECTIFICATIONS_DONE, M.RECTIFICATIONS_OVERDUE),
    ),
    ("法院名单与行政诉讼", "Court list and litigation"): (
        *(M.COURT_ENTRIES, M.COURT_REMOVALS, M.COURT_LISTED, M.LITIGATION_DEFEATS, M.UNPERFORMED_JUDGMENTS),
    ),
    ("惩戒", "Penalties"): (
        *(M.PENALTIES_IMPOSED, M.PENALTIES_SUSPENDED, M.PENALTIES_RESUMED, M.PENALTIES_MITIGATED, M.PENALTIES_LIFTED),
        *(_X.PENALTIES_IN_FORCE, _X.PENALTIES_HELD),
    ),
    ("异议、申诉与修复", "Objections, appeals, repair"): (
        *(M.OBJECTIONS_FILED, M.OBJECTIONS_UPHELD, M.OBJECTIONS_DISMISSED, M.OBJECTIONS_REFUSED),
        *(M.OBJECTIONS_WITHDRAWN, M.OBJECTIONS_OPEN, M.APPEALS_FILED, M.APPEALS_ALLOWED),
        *(M.REPAIRS_APPLIED, M.REPAIRS_REFUSED, M.REPAIRS_REVOKED, M.RESTORATIONS_ORDERED, M.RESTORATIONS_DONE),
    ),
    ("公示", "Publication"): (
        *(_X.PUBLISHED_IN_TIME, _X.PUBLISHED_LATE, _X.UNPUBLISHED, M.PUBLICATIONS_EXPIRED, _X.TAKEDOWNS),
    ),
    ("投诉举报", "Complaints"): (
        *(M.COMPLAINTS_RECEIVED, M.COMPLAINTS_ACCEPTED, M.COMPLAINTS_REFUSED, M.COMPLAINTS_SUBSTANTIATED),
        *(M.COMPLAINTS_UNSUBSTANTIATED, M.COMPLAINTS_OPEN, M.COMPLAINANTS_SATISFIED, M.COMPLAINANTS_UNSATISFIED),
        *(M.INCIDENTS_OPENED, M.INCIDENTS_RESOLVED),
    ),
    ("守信表彰", "Commendations"): (*(M.COMMENDATIONS_RECORDED, M.COMMENDATIONS_STANDING, M.INCENTIVES_GRANTED),),
}
"""The lines of a report in their order: Chinese and English title of each section."""

_COMMITMENTS, _PRAISE = SECTIONS["守信践诺", "Commitments"], SECTIONS["守信表彰", "Commendations"]
LINES = tuple(line for lines in SECTIONS.values() for line in lines)
SPLIT = (_X.RECORDS_BY_SEVERITY, _X.RECORDS_BY_SOURCE, _X.RECORDS_BY_AREA, _X.RECORDS_BY_FOCUS, _X.TAKEDOWNS)
"""The lines that stand split by part, and not as a whole."""


def meaning(line: str) -> Meaning:
    """What a line counts. Raises ValueError for what is no line."""
    return EXTRAS[Extra(line)] if line in set(Extra) else MEANINGS[Measure(line)]


# --- figures ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a report, and the log indices that it rests on.

    ``count`` is how many happened in the period; of a stock its level on the last day, with the level ``before`` the
    first. Money is in fen. ``trace`` are events of the period (of a stock those that moved it), or where the line is
    of the last day the first or imposing event of what it counts.
    """

    line: str
    count: int
    trace: tuple[int, ...] | None = ()
    part: str | None = None
    before: int | None = None


def completed(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """The figures in the report's order, with a nought for every line that has none."""
    by_line: dict[str, list[Figure]] = {}
    for figure in figures:
        by_line.setdefault(figure.line, []).append(figure)
    found: list[Figure] = []
    for line in LINES:
        nought = [] if line in SPLIT else [Figure(str(line), 0, before=0 if meaning(line).stock else None)]
        found += sorted(by_line.get(str(line), nought), key=lambda f: f.part or "")
    return tuple(found)


def for_the_public(figures: Iterable[Figure], *, of_region: bool) -> tuple[Figure, ...]:
    """What of the figures everybody may have for ever: no record of a single body, and nothing that leads to one.

    A report stays, and a record that is repaired or withdrawn has to be gone from everywhere: so the public's report on
    a body counts its commitments and commendations, that on a region all lines, and only commitments name their events.
    """
    lines = set(LINES) if of_region else {*_COMMITMENTS, *_PRAISE}
    return tuple(
        f if f.line in _COMMITMENTS else Figure(f.line, f.count, None, f.part, f.before)
        for f in figures
        if f.line in lines
    )


# --- report and code ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """Which report: on whom (a body's id or a region's code), which period, for whom, at which moment of the log."""

    subject: str
    period: str
    edition: Edition
    size: int
    on: date

    @property
    def of_region(self) -> bool:
        """Whether it is about a region."""
        return bool(_REGION.fullmatch(self.subject))


@dataclass(frozen=True, slots=True)
class Report:
    """A report: what was asked, the name of its subject then, the log that it was computed from, its figures."""

    asked: Asked
    name: str
    origin: str
    root: str  # hex
    figures: tuple[Figure, ...]

    def data(self) -> bytes:
        """The report's data: JSON with sorted names and no blanks, in UTF-8; what the code's hash is of."""
        first, last = days_of(self.asked.period)
        plain = {
            "form": FORM,
            "subject": self.asked.subject,
            "name": self.name,
            "period": {"name": self.asked.period, "first": str(first), "last": str(last)},
            "edition": str(self.asked.edition),
            "log": {"origin": self.origin, "size": self.asked.size, "root": self.root},
            "on": str(self.asked.on),
            "figures": [_plain(figure) for figure in self.figures],
        }
        return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @property
    def code(self) -> str:
        """The verification code."""
        return code_of(self.asked, self.data())

    @property
    def interim(self) -> bool:
        """Whether the period was not over on the day that is asked for."""
        return self.asked.on < days_of(self.asked.period)[1]

    def count(self, line: str, part: str | None = None) -> int:
        """How many a line has, in the period also where it is a stock; nought where it stands not."""
        found = next((f for f in self.figures if f.line == line and f.part == part), None)
        return found.count - (found.before or 0) if found else 0


def _plain(figure: Figure) -> dict[str, Any]:
    rows = {"line": figure.line, "part": figure.part, "count": figure.count, "before": figure.before}
    plain: dict[str, Any] = {name: value for name, value in rows.items() if value is not None}
    return plain if figure.trace is None else {**plain, "trace": list(figure.trace)}


_REGION = re.compile("[0-9]{6}")
_CODE = re.compile(
    r"([0-9]{1,4})\.([0-9A-Z]{18}|p-[0-9a-f]{16}|[0-9]{6})\.(20[0-9]{2}(?:H1)?)\.(public|office)\.(0|[1-9][0-9]{0,14})"
    r"\.([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9a-f]{64})"
)
FIND_CODE = re.compile(_CODE.pattern.encode())
"""Where a code stands in the bytes of a file."""


def code_of(asked: Asked, data: bytes) -> str:
    """The verification code of a report with this data."""
    parts = FORM, asked.subject, asked.period, asked.edition, asked.size, asked.on, hashlib.sha256(data).hexdigest()
    return ".".join(map(str, parts))


def parse_code(text: str) -> tuple[Asked, str]:
    """Which report a code is of, and the SHA-256 of its data (hex). Raises FormatError."""
    found = _CODE.fullmatch(text.strip()) if len(text) < 300 else None
    try:
        if found is None or not found[5].isdigit():
            raise ValueError
        on = date.fromisoformat(found[6])
    except ValueError:
        raise FormatError(
            f"code: expected a report's verification code, got {text[:80]!a}",
            f"核验码：应为报告的核验码，实为 {text[:80]!a}",
        ) from None
    if int(found[1]) != FORM:
        raise FormatError(
            f"code: this program makes reports of form {FORM}, the code is of form {found[1]}",
            f"核验码：本程序的报告格式为第 {FORM} 版，该码为第 {found[1]} 版",
        )
    return Asked(found[2], found[3], Edition(found[4]), int(found[5]), on), found[7]
