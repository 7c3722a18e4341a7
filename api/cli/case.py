"""``jiannuo case``: what happened, where a case stands, what is due, what may come next: in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from ledger.settings import Settings

app = typer.Typer(no_args_is_help=True)

_PARTS = (
    ("now", "现状", "Where it stands"),
    ("deadlines", "期限", "What is due"),
    ("next", "下一步可能的事件", "What may come next"),
)


@app.command("show")
def show(
    stream: Annotated[str, typer.Argument(help="kind/id of the case, e.g. record/0198… 案件：类别/标识")],
    as_of: Annotated[
        str | None, typer.Option(help="the day whose end it is shown at, YYYY-MM-DD; today without it 截至日期")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON, the same as the case's page")] = False,
) -> None:
    """Tell the story of a case as the ledger knew it on a day. 案件经过、现状、期限和下一步。"""
    from api.days import day_of
    from api.pages.casefile import open_case
    from api.story import case_data
    from ledger.authoring import utc_now
    from ledger.domain.event import legal_day
    from ledger.installation import open_installation

    on = legal_day(utc_now()) if as_of is None else day_of(as_of, "--as-of")
    with open_installation(Settings.from_environment()) as installation:
        data = case_data(open_case(installation.ledger, stream, on))
    if as_json:
        import orjson

        typer.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())
        return
    typer.echo("\n".join(_told(data)))


@app.command("list")
def list_cases(
    kind: Annotated[
        str | None, typer.Option(help="record, complaint, project, person or commendation 案件类别")
    ] = None,
    body: Annotated[str | None, typer.Option(help="about this body, or one it answers for 所涉单位标识")] = None,
) -> None:
    """Print the cases here, newest first: stream, first day, body that it is about. 列出案件。"""
    from api.pages.casefile import Listed
    from ledger.domain.event import legal_day
    from ledger.errors import FormatError
    from ledger.installation import open_installation
    from projections.catalogue import PROJECTIONS
    from projections.reading import Reading
    from projections.runner import Runner
    from projections.views.cases import OFFICE
    from projections.views.listing import export

    if kind is not None and kind not in set(Listed):
        known = ", ".join(Listed)
        raise FormatError(
            f"--kind: expected one of {known}, got {kind[:40]!a}", f"--kind：应为 {known} 之一，实为 {kind[:40]!a}"
        )
    with open_installation(Settings.from_environment()) as installation:
        runner = Runner(installation.database, installation.ledger.reader, [PROJECTIONS[name] for name in OFFICE.reads])
        with runner, Reading(installation.database, pool_size=1) as reading:
            runner.catch_up()
            now = reading.moment(None, legal_day(installation.clock()), *OFFICE.reads)
            asked = {"kind": kind, "body": body}
            with export(reading, OFFICE, now, {k: v for k, v in asked.items() if v}) as rows:
                for row in rows:
                    typer.echo(_line(row))


def _line(row: Mapping[str, Any]) -> str:
    return f"{row['stream']}\t{row['begun_on']}\t{row['subject'] or '-'}"


def _told(data: dict[str, Any]) -> list[str]:
    """The story as lines of text: each sentence in Chinese, and in English below it."""
    from api.words import case_word

    title = case_word(data["kind"])
    lines = [f"{title.zh} {title.en} {data['id']}", f"截至{data['on']} | as of {data['on']}"]
    packs = [f"{p['zh']}（{p['version']}）" for p in data["packs"]]
    if packs:
        lines.append(f"施行中的规则包 rules in force：{'、'.join(packs)}")
    lines += ["", "经过 What happened"]
    for number, sentence in enumerate(data["story"], 1):
        lines += [f"{number:>3}. {sentence['zh']}", f"     {sentence['en']}"]
    for part, zh, en in _PARTS:
        if data[part]:
            lines += ["", f"{zh} {en}"]
            for line in data[part]:
                lines += [f"  · {line['zh']}", f"    {line['en']}"]
    return lines
