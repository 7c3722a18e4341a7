"""``jiannuo audit monitor``: for cron and systemd timers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger.errors import ConfigurationError


def monitor(
    config: Annotated[Path, typer.Argument(help="TOML: [[log]] with key (vkey), urls, policy 监测配置")],
    folder: Annotated[Path, typer.Option(help="where what was seen is remembered 记忆目录")],
    as_json: Annotated[bool, typer.Option("--json", help="a JSON line an address")] = False,
) -> None:
    """Ask logs for their newest checkpoint, and for proof that it continues the last one seen. 监测日志。

    A log's `policy` names a file (tlog-policy, seen from the configuration): its witnesses must have cosigned.

    Exit 0 in order, 1 could not run, 4 a log was rolled back, forked, split, not signed or not cosigned, 5 some could
    not be reached.
    """
    from audit.monitor import look, parse_config
    from ledger.witnesses import policy_file

    try:
        text = config.read_text(encoding="utf-8")
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "UTF-8?"
        raise ConfigurationError(
            f"{config}, {folder}: cannot be used ({reason})", f"{config}、{folder}：无法使用（{reason}）"
        ) from None
    codes = {0}
    for watched in parse_config(text):
        policy = policy_file.read(config.parent / watched.policy) if watched.policy else None
        for report in look(watched, folder, policy):
            codes.add(report.finding.exit_code)
            _tell(report, as_json=as_json)
    raise typer.Exit(4 if 4 in codes else max(codes))


def _tell(report: object, *, as_json: bool) -> None:
    from dataclasses import asdict

    import orjson

    from audit.monitor import Report

    assert isinstance(report, Report)
    if as_json:
        typer.echo(orjson.dumps(asdict(report)).decode())
        return
    size = "-" if report.size is None else str(report.size)
    typer.echo("\t".join((report.origin, report.url, report.finding, size)))
    if report.detail:
        en, zh = report.detail
        typer.echo(f"  {zh} | {en}" + (f"\n  证据 evidence: {report.evidence}" if report.evidence else ""), err=True)
        if report.key:
            typer.echo(f"  现用公钥 key now: {report.key}", err=True)
