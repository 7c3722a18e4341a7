"""``jiannuo import plan``: the tasks of policy documents become commitments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.importing import Source, Summary
    from ledger.installation import Installation

app = typer.Typer(no_args_is_help=True)


@app.command("plan")
def plan(
    files: Annotated[list[Path], typer.Argument(help="texts of plans, UTF-8 or GB 18030 文本文件")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="only read and print; nothing is recorded 只读不记")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the tasks as a JSON list")] = False,
    issuer: Annotated[
        str | None, typer.Option(help="the issuing government, if the text does not say 发文机关")
    ] = None,
) -> None:
    """Read government plans; each task becomes a signed commitment. 导入政府文件中的承诺。"""
    from ledger.importing import as_json as tasks_of
    from ledger.importing import read_source
    from ledger.installation import open_installation

    sources = [read_source(file, issuer=issuer) for file in files]
    if as_json:
        import orjson

        tasks = [task for source in sources for task in tasks_of(source)]
        typer.echo(orjson.dumps(tasks, option=orjson.OPT_INDENT_2).decode())
    if dry_run:
        if not as_json:
            _print_tasks(sources)
        return
    with open_installation(Settings.from_environment()) as installation:
        summary = record(installation, installation.operator(), sources)
    report_import(summary)
    if summary.refused:
        raise typer.Exit(1)


def import_files(installation: Installation, iss: str, files: Sequence[Path], *, issuer: str | None) -> Summary:
    """Reads and records files, with a progress bar on stderr."""
    from ledger.importing import read_source

    sources = [read_source(file, issuer=issuer) for file in files]
    for source in sources:
        for plan in source.plans:
            typer.echo(f"  {plan.title}（{plan.issuer}）：{len(plan.tasks)} 项承诺 commitments", err=True)
    return record(installation, iss, sources)


def record(installation: Installation, iss: str, sources: Sequence[Source]) -> Summary:
    """Records what was read, with a progress bar on stderr."""
    from tqdm import tqdm

    from ledger.importing import Importer, Summary

    found = Summary()
    importer = Importer(installation.ledger, installation.author("operator", iss))
    with tqdm(desc="导入 importing", unit="event", dynamic_ncols=True) as bar:
        for done, total, summary in importer.run(sources):
            bar.total, found = total, summary
            bar.update(done - bar.n)
    return found


def report_import(summary: Summary) -> None:
    """What an import did, for people, on stderr."""
    typer.echo(
        f"登记单位 {summary.bodies}，记录承诺 {summary.commitments}，"
        f"已在账本 {summary.present}，拒绝 {len(summary.refused)}"
        f" | bodies {summary.bodies}, commitments {summary.commitments}, already there {summary.present}, "
        f"refused {len(summary.refused)}",
        err=True,
    )
    for error in summary.refused:
        typer.echo(f"  {error.zh} | {error.en}", err=True)


def _print_tasks(sources: Sequence[Source]) -> None:
    for source in sources:
        for found in source.plans:
            typer.echo(f"# {found.title}  ({found.issuer}; {source.file})")
            for task in found.tasks:
                typer.echo(f"- {task.section}")
                for label, names in (("牵头", task.lead), ("责任", task.responsible), ("配合", task.supporting)):
                    if names:
                        typer.echo(f"    {label}：{'、'.join(names)}")
                if task.due:
                    typer.echo(f"    期限：{'、'.join(task.due)}")
