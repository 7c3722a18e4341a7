"""``jiannuo report``, ``jiannuo evaluate``, ``jiannuo warnings``: what the office reports, evaluates, is warned of."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from ledger.errors import FormatError

if TYPE_CHECKING:
    from api.cli.reading import Here
    from projections.reports import Report


class Default(TyperGroup):
    """``jiannuo report <body or region>`` is ``jiannuo report make <body or region>``."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments name, or ``make``."""
        return super().resolve_command(ctx, args if args and args[0] in self.commands else ["make", *args])


app = typer.Typer(no_args_is_help=True, cls=Default)


class Form(StrEnum):
    """Formats of a report."""

    HTML = "html"
    PDF = "pdf"
    JSON = "json"
    CSV = "csv"
    JWS = "jws"


Subject = Annotated[str, typer.Argument(help="a body's id, or a region's code 单位标识或行政区划代码")]
Period = Annotated[str, typer.Option(help="2026H1: first half year; 2026: the year 报告期")]
At = Annotated[int | None, typer.Option(help="count the log up to this index; else up to the period's end 日志序号")]
Public = Annotated[bool, typer.Option("--public", help="the public's edition 公开版")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command("make")
def make(
    subject: Subject,
    period: Period,
    at: At = None,
    form: Annotated[Form, typer.Option("--format", help="jws: its code under the ledger's key 格式")] = Form.HTML,
    public: Public = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="file; else stdout 输出文件")] = None,
) -> None:
    """Make the report on a body or region. The same index, period and edition give the same bytes. 生成报告。"""
    import sys

    from api.cli.reading import read_here
    from api.supervision.files import as_statement, file_of
    from projections.views.reports import READS

    with read_here(*READS) as here:
        found = _report(here, subject, period, at, public=public)
        ledger = here.installation.ledger
        data = ledger.attest(*as_statement(found)) if form is Form.JWS else file_of(found, form)
    if output is None:
        sys.stdout.buffer.write(data)
    else:
        output.write_bytes(data)
    _say(f"核验码 {found.code}", "its verification code")


@app.command("draft")
def draft(subject: Subject, period: Period, at: At = None) -> None:
    """Print the event by which the body files its report: for ``jiannuo sign``. 报送事件草稿。"""
    import orjson

    from api.cli.reading import read_here
    from ledger.domain import codec
    from ledger.domain.filing import IntegrityReportFiled
    from projections.views.reports import READS

    with read_here(*READS) as here:
        # The office's data can be guessed and tried, record by record: their digest in the open would tell them.
        found = _report(here, subject, period, at, public=True)
    if found.asked.of_region:
        raise FormatError("expected a body: a region files nothing", "应为单位：行政区划不报送")
    fact = IntegrityReportFiled(period, found.asked.size, found.code.rpartition(".")[2])
    event = {"stream": f"body/{subject}", "event": "IntegrityReportFiled", "data": codec.encode(fact)}
    typer.echo(orjson.dumps(event, option=orjson.OPT_INDENT_2).decode())


@app.command("verify")
def verify(
    report: Annotated[str, typer.Argument(help="a report's file, or its verification code 报告文件或核验码")],
) -> None:
    """Compute a report again from the ledger here; exit code 3 if it is another. 由账本重新计算并核验报告。"""
    from api.cli.reading import read_here
    from api.supervision.check import check
    from projections.views.reports import READS

    path = Path(report)
    given = path.read_bytes() if path.is_file() else report
    with read_here(*READS) as here:
        verdict = check(here.reading, here.installation.ledger, given, here.today)
    typer.echo(f"{verdict.zh} | {verdict.en}")
    if not verdict.genuine:
        raise typer.Exit(3)


@app.command("calendar")
def calendar(
    region: Annotated[str | None, typer.Argument(help="a region's code; else all 行政区划代码")] = None,
    as_json: AsJson = False,
) -> None:
    """Who owes a report by which day: filed, late, overdue; twelve months back and ahead. 报送日历。"""
    from api.cli.reading import read_here
    from api.supervision.data import calendar_data
    from ledger.domain.calendar import months_after
    from projections.views.filings import READS, duties
    from projections.views.names import called

    with read_here(*READS) as here:
        now = here.reading.moment(None, here.today, *READS)
        span = months_after(now.on, -12), months_after(now.on, 12)
        found = duties(here.reading, here.installation.ledger, now, *span, region=region)
        data = calendar_data(found, called(here.reading, now, (d.body for d in found)), now.on)
    if as_json:
        _json(data)
        return
    if not data:
        _say("无单位应报送：没有规则包规定报送日期", "nobody owes a report: no rule pack sets reporting days")
    for row in data:
        state = row["state"]
        typer.echo(
            f"{row['by']}\t{row['period']}\t{state['zh']} {state['en']}\t{row['body']['id']}\t{row['body']['name']}"
        )


def evaluate(
    region: Annotated[str, typer.Argument(help="a region's code 行政区划代码")],
    on: Annotated[str | None, typer.Option(help="the day, YYYY-MM-DD; today without it 日期")] = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate a region's public bodies for the year, by the indicators and points of its rule pack. 政务诚信评价。"""
    from api.cli.reading import read_here
    from api.days import day_of
    from api.supervision.data import evaluation_data
    from projections.views.evaluation import READS, evaluation

    with read_here(*READS) as here:
        day = here.today if on is None else day_of(on, "--on")
        found = evaluation(here.reading, here.installation.ledger, region, day, here.today)
        data = evaluation_data(region, found, with_trace=True)
    if as_json:
        _json(data)
        return
    if not data["indicators"]:
        _say("规则包没有规定评价内容", "no rule pack says what evaluation is about")
    for mark in data["indicators"]:
        points = mark["missing"] or {"zh": f"{mark['points']}/{mark['full']}", "en": ""}
        typer.echo(f"{mark['indicator']['zh']} {mark['indicator']['en']}\t{points['zh']} {points['en']}")


def warnings(
    as_of: Annotated[str | None, typer.Option(help="a day, or a log index; now without it 截至")] = None,
    as_json: AsJson = False,
) -> None:
    """List early warnings by the rules of each region's pack. Nothing follows from them by itself. 监测预警。"""
    from api.cli.reading import read_here
    from api.moments import as_of_text
    from api.supervision.data import warnings_data
    from projections.views.names import called
    from projections.views.warnings import READS, all_warnings

    with read_here(*READS) as here:
        at = here.reading.moment(as_of_text(as_of or "", here.today), here.today, *READS)
        found = all_warnings(here.reading, here.installation.ledger, at)
        names = called(here.reading, at, (w.body for regional in found for w in regional.warnings))
        data = warnings_data(found, names)
    if as_json:
        _json({"size": at.size, "on": at.on, "regions": data})
        return
    for regional in data:
        typer.echo(f"# {regional['region']}")
        for one in regional["warnings"]:
            body = f"\t{one['body']['id']} {one['body']['name']}" if one["body"] else ""
            typer.echo(f"{one['since']}\t{one['zh']} | {one['en']}{body}\t{' '.join(map(str, one['log_indices']))}")
        if regional["unsettled"]:
            zh, en = (
                sep.join(rule[name] for rule in regional["unsettled"]) for name, sep in (("zh", "；"), ("en", "; "))
            )
            _say(f"{regional['region']} 规则包未定，不运行：{zh}", f"not run, since no rule pack settles them: {en}")


def _report(here: Here, subject: str, period: str, at: int | None, *, public: bool) -> Report:
    from projections.reports import Edition
    from projections.views import reports

    need_period(period)
    edition = Edition.PUBLIC if public else Edition.OFFICE
    what = reports.asked(here.reading, subject, period, edition, at=at, today=here.today)
    return reports.report(here.reading, here.installation.ledger, what)


def need_period(period: str) -> None:
    """Raises FormatError for what is no reporting period."""
    from ledger.domain import codec
    from ledger.domain.supervision_terms import PeriodName

    codec.decode_as(PeriodName, period, "--period")


def _json(data: Any) -> None:
    import orjson

    typer.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def _say(zh: str, en: str) -> None:
    typer.echo(f"{zh} | {en}", err=True)
