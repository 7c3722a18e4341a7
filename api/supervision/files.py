"""A report as a file: JSON, CSV, HTML, PDF. The same report gives the same bytes, whoever makes it and when.

Every format carries the report's verification code, and every number the log indices that it rests on: all of them in
JSON and CSV, the first on paper.

>>> csv_cells(Figure("records_by_severity", 2, (7, 9), "minor"))[3:]
('认定记录：按程度：轻微', 'Records recognised, by severity: Minor', '2', '', '7 9')
>>> money(1500000)
'15000.00'
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from api.render import rendered
from api.supervision.pdf import compiled
from api.v1 import formats
from api.words import event_word, word
from api.words.table import Word
from ledger.commitment_sheet import cell
from ledger.domain.commitment_terms import Area
from ledger.domain.record.terms import FocusField, Severity, SourceKind
from ledger.domain.supervision_terms import days_of
from projections.rates import Rate
from projections.reports import SECTIONS, Edition, Extra, Figure, Report, meaning

MEDIA = {"json": "application/json", "csv": formats.MEDIA["csv"], "html": "text/html", "pdf": "application/pdf"}
TYP = "jiannuo-report+jwt"
"""The ``typ`` of a signed code (ledger/proof/attestation.py)."""
TRACED = 12
"""How many log indices stand beside a number on paper."""
STYLE = (
    'body{max-width:60rem;margin:0 auto;padding:0 1rem;font:1rem/1.6 system-ui,"Noto Sans CJK SC",sans-serif}'
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:.2rem .5rem;text-align:left;"
    "font-weight:400}td{text-align:right}thead th{font-weight:700}.trace{text-align:left;font-size:.8rem}"
    "[lang=en]{color:#555;font-size:.85em}code{overflow-wrap:anywhere}"
)
_PARTS: Mapping[str, type[StrEnum]] = {
    Extra.RECORDS_BY_SEVERITY: Severity,
    Extra.RECORDS_BY_SOURCE: SourceKind,
    Extra.RECORDS_BY_AREA: Area,
    Extra.RECORDS_BY_FOCUS: FocusField,
}


def file_of(report: Report, form: str) -> bytes:
    """The report in a format of MEDIA. Raises ConfigurationError where PDF finds no font with Chinese."""
    makers: dict[str, Callable[[Report], bytes]] = {"json": as_json, "csv": as_csv, "html": as_html, "pdf": as_pdf}
    return makers[form](report)


def as_json(report: Report) -> bytes:
    """``{"code":…,"data":…}``: the data are those whose SHA-256 the code ends with, byte for byte."""
    return b'{"code":"' + report.code.encode() + b'","data":' + report.data() + b"}\n"


def as_statement(report: Report) -> tuple[str, dict[str, Any]]:
    """What the ledger signs of a report: the ``typ``, and the code with the log that it is computed from."""
    asked = report.asked
    log = {"origin": report.origin, "size": asked.size, "root": report.root}
    return TYP, {"code": report.code, "name": report.name, "log": log}


def as_html(report: Report) -> bytes:
    """One page that needs nothing else."""
    return rendered("report.html", {**presented(report), "style": STYLE}).encode()


def as_pdf(report: Report) -> bytes:
    """Pages of A4. Raises ConfigurationError where there is no font with Chinese."""
    return compiled(presented(report))


# --- tables -------------------------------------------------------------------------------------------------

_COLUMNS = ("section", "line", "part", "zh", "en", "value", "before", "trace")


def as_csv(report: Report) -> bytes:
    """One table: first what report it is, then a row for each figure; money in fen (RFC 4180, with a BOM)."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(_COLUMNS)
    about = report.asked
    first, last = days_of(about.period)
    rows = {"code": report.code, "subject": about.subject, "name": report.name, "first": first, "last": last}
    rows |= {"on": about.on, "edition": about.edition, "origin": report.origin, "size": about.size, "root": report.root}
    for name, value in rows.items():
        lines.writerow(("report", name, "", "", "", cell(str(value)), "", ""))
    for (_, section), own in SECTIONS.items():
        for figure in (f for f in report.figures if f.line in own):
            lines.writerow((section, *csv_cells(figure)[1:]))
    return "\ufeff".encode() + text.getvalue().encode()


def csv_cells(figure: Figure) -> tuple[str, ...]:
    """A figure's cells, the first of which (its section) is empty."""
    zh, en = called(figure)
    before = "" if figure.before is None else str(figure.before)
    trace = " ".join(map(str, figure.trace or ()))
    return "", figure.line, figure.part or "", zh, en, str(figure.count), before, trace


def called(figure: Figure) -> Word:
    """The words of a figure."""
    about = meaning(figure.line)
    if figure.part is None:
        return Word(about.zh, about.en)
    codes = _PARTS.get(figure.line)
    part = word(codes(figure.part)) if codes else event_word(figure.part)
    return Word(f"{about.zh}：{part.zh}", f"{about.en}: {part.en}")


def money(fen: int) -> str:
    """Yuan with two decimals."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02}"


# --- on paper -----------------------------------------------------------------------------------------------


def presented(report: Report) -> dict[str, Any]:
    """The words and numbers of a page, in Chinese and English."""
    asked = report.asked
    year = asked.period[:4]
    period = (f"{year}年上半年", f"first half of {year}") if asked.period.endswith("H1") else (f"{year}年度", year)
    place = f"行政区划 {report.name}：" if asked.of_region else report.name
    return {
        "title": f"{place}{period[0]}政务诚信建设情况",
        "title_en": f"Government integrity, {period[1]}: {report.name}",
        "code": report.code,
        "origin": report.origin,
        "notes": [*_notes(report), *_rate(report)],
        "head": [
            ("项目", "Line"),
            ("期初", "Before"),
            ("期内（存量为期末）", "In the period (stocks: at its end)"),
            ("依据（日志序号）", "Rests on (log indices)"),
        ],
        "sections": [s for s in (_section(report, title) for title in SECTIONS) if s["rows"]],
        "verify": [
            ("核验", "Verification"),
            (
                "任何人可凭核验码由账本重新计算本报告：/reports/verify?code=… 或 jiannuo report verify 文件。",
                "Anybody can have this report computed again from the ledger by its code: /reports/verify?code=…, or "
                "jiannuo report verify FILE.",
            ),
        ],
    }


def _notes(report: Report) -> list[tuple[str, str]]:
    asked, (first, last) = report.asked, days_of(report.asked.period)
    notes = [
        (f"标识：{asked.subject}", "Identifier"),
        (f"报告期：{first} 至 {last}", f"Period: {first} to {last}"),
        (
            f"日志：{report.origin}，计至前 {asked.size} 条，截至 {asked.on}",
            f"Log: first {asked.size} entries, to {asked.on}",
        ),
        (f"根散列：{report.root}", "Root hash at that size"),
    ]
    if report.interim:
        notes.append(("期中报告：报告期尚未结束。", "Interim: the period was not over."))
    if asked.edition is Edition.PUBLIC:
        notes.append(
            (
                "公开版：不列单个单位的失信记录；当前公示的记录见其页面。",
                "Public edition: no record of a single body; what is published of one now stands on its page.",
            )
        )
    else:
        notes.append(("内部版：含未公开数据，不得对外提供。", "Office edition: holds what is not public."))
    return notes


def _rate(report: Report) -> list[tuple[str, str]]:
    """The fulfilment rate of the period: of what was judged in it, or is overdue at its end (projections/rates.py)."""
    kept = report.count("judged_fulfilled") + report.count("judged_late")
    failed = report.count("judged_partly") + report.count("judged_broken") + report.count("commitments_overdue")
    rate = Rate(kept, kept + failed)
    share = "" if not rate.whole else f"（{100 * rate.part / rate.whole:.1f}%）"
    return [(f"履约率：{rate}{share}", "Fulfilment rate: kept, of those judged in the period or overdue at its end")]


def _section(report: Report, title: tuple[str, str]) -> dict[str, Any]:
    figures = [f for f in report.figures if f.line in SECTIONS[title]]
    return {"zh": title[0], "en": title[1], "rows": [_row(figure) for figure in figures]}


def _row(figure: Figure) -> dict[str, str]:
    zh, en = called(figure)
    shown = money if meaning(figure.line).fen else str
    unit = ("（元）", " (yuan)") if meaning(figure.line).fen else ("", "")
    trace = figure.trace or ()
    more = f" …（共 {len(trace)} 条）" if len(trace) > TRACED else ""
    return {
        "zh": zh + unit[0],
        "en": en + unit[1],
        "before": "" if figure.before is None else shown(figure.before),
        "value": shown(figure.count),
        "trace": " ".join(map(str, trace[:TRACED])) + more,
    }
