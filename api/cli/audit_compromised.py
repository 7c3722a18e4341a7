"""``jiannuo audit compromised``: what a key signed since it may have been in other hands, and what followed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.audit_sources import Bundle, TokenFile, Url, audited
from ledger.errors import FormatError

if TYPE_CHECKING:
    from audit.compromised import Report
    from audit.source import Source

_CHINA = timezone(timedelta(hours=8))
When = Annotated[
    str | None,
    typer.Option("--from", help="2026-11-21T09:30+08:00, or a day (Beijing time) 起始时间，或日期（北京时间）"),
]


def compromised(
    kid: Annotated[str, typer.Argument(metavar="KID", help="the key's id (RFC 7638 thumbprint) 密钥标识")],
    since: When = None,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON")] = False,
    url: Url = None,
    token_file: TokenFile = None,
    bundle: Bundle = None,
) -> None:
    """List every event that a key signed since it may have been compromised, and their consequences. 密钥失控清单。

    Without --from the time is that which the key's revocation claims. Exit 0 the list is complete, 1 could not run,
    2 usage, 3 an entry is malformed or a signature does not verify, 4 entries are missing, 5 interrupted.
    """
    begin = moment(since) if since else None
    with audited(url, token_file, bundle=bundle) as source:
        found = _run(source, kid, begin)
    _report(found, as_json=as_json)
    raise typer.Exit(found.exit_code)


def moment(text: str) -> datetime:
    """A time with its offset, or a day's beginning in China. Raises FormatError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is not None and found.tzinfo is None and len(text) == len("2026-11-21"):
        return found.replace(tzinfo=_CHINA)
    if found is None or found.tzinfo is None:
        raise FormatError(
            f"time: expected 2026-11-21T09:30:00+08:00 or 2026-11-21, got {text[:40]!a}",
            f"时间：应如 2026-11-21T09:30:00+08:00 或 2026-11-21，实为 {text[:40]!a}",
        )
    return found


def _run(source: Source, kid: str, since: datetime | None) -> Report:
    from tqdm import tqdm

    from audit.compromised import report

    with tqdm(desc="查找 scanning", unit="entry", dynamic_ncols=True) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return report(source, kid, since, progress)


def _report(found: Report, *, as_json: bool) -> None:
    if as_json:
        import orjson

        typer.echo(orjson.dumps({**asdict(found), "exit_code": found.exit_code}, option=orjson.OPT_INDENT_2).decode())
    else:
        _tell(found)
    for problem in found.problems:
        typer.echo(f"[{problem.index}] {problem.code}: {problem.zh} | {problem.en}", err=True)


def _tell(found: Report) -> None:
    from api.words import event_word

    until = "未撤销 not revoked" if found.revoked is None else f"撤销于 revoked at [{found.revoked}]（{found.reason}）"
    typer.echo(f"密钥 key {found.kid}（{found.body}）授权于 authorised at [{found.authorised}]，{until}")
    typer.echo(
        f"自 since {found.since}：共签署 {len(found.events)} 个事件（全部 {found.signed} 个） | "
        f"it signed {len(found.events)} of {found.signed} events"
    )
    for event in found.events:
        bad = "" if event.verified else "；签名无效 SIGNATURE DOES NOT VERIFY"
        late = "" if event.counted else "；密钥在此无效 THE KEY DID NOT COUNT HERE"
        word = event_word(event.event).zh
        typer.echo(f"[{event.index}] {event.recorded} iat {event.iat} {word} {event.event} {event.stream}{bad}{late}")
        for one in event.consequences:
            typer.echo(f"   └─ 后果 consequence [{one.index}] {event_word(one.event).zh} {one.event} {one.stream}")
    for kid in found.keys:
        typer.echo(f"其间授权的密钥，须另行核查 | a key authorised meanwhile, to be reported on too: {kid}")
