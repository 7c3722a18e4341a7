"""``jiannuo audit replay`` and ``diff``: what the entries come to, and whether that is what is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.audit_sources import Bundle, TokenFile, Url, audited
from ledger.settings import Settings

if TYPE_CHECKING:
    from audit.diff import Compared, Difference
    from audit.replay import Case, Entry, Replayed
    from audit.source import Session

_AS_JSON = typer.Option("--json", help="JSON, for programs 以 JSON 输出")


def replay(
    to: Annotated[
        str | None, typer.Option(help="up to this index or the end of this day, YYYY-MM-DD 截至序号或日期")
    ] = None,
    stream: Annotated[str | None, typer.Option(help="the whole state of this case alone 该案件全部状态")] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="judge each event again by the rules 按规则重新裁判每个事件")
    ] = False,
    as_json: Annotated[bool, _AS_JSON] = False,
    url: Url = None,
    token_file: TokenFile = None,
    bundle: Bundle = None,
) -> None:
    """Fold all cases from the entries: a line a stream with version and SHA-256 of its state. 由条目重放各案件的状态。

    The entries are taken as they are: `jiannuo audit verify` says whether they are what was signed.

    Exit 0 done, 1 could not run, 2 usage, 3 an entry is no event or does not follow, 4 an entry is missing,
    5 interrupted.
    """
    from audit.replay import length
    from audit.replay import replay as run

    until = _until(to)
    with _ending(as_json=as_json), audited(url, token_file, bundle=bundle) as source, source.open() as session:
        size = length(session)
        with _entries(session, _stop(until, size), "重放 replaying") as entries:
            found = run(entries, until, rules=rules)
    cases = list(found.cases.values()) if stream is None else [_one(found, stream)]
    for case in cases:
        _tell(case, whole=stream is not None, as_json=as_json)
    at = "-" if found.at is None else found.at.isoformat()
    typer.echo(
        f"已重放 {found.entries} 个条目、{len(found.cases)} 个事件流，最后记载于 {at}\n"
        f"{found.entries} entries, {len(found.cases)} streams, the last recorded at {at}",
        err=True,
    )


def diff(
    names: Annotated[
        list[str] | None, typer.Argument(help="these projections alone; all without 读模型名称（缺省为全部）")
    ] = None,
    as_json: Annotated[bool, _AS_JSON] = False,
) -> None:
    """Rebuild what is shown from the entries, and compare it row by row. 由条目重建读模型并逐行比对。

    Compared is what the rows claim to contain: they may lag behind the log. The entries are taken as they are:
    `jiannuo audit verify` says whether they are what was signed.

    Exit 0 consistent, 1 could not run, 2 usage, 3 an entry is no event or does not follow, 4 something differs,
    5 interrupted.
    """
    from api.cli.project import asked
    from audit.diff import diff as run
    from audit.diff import gathered
    from audit.replay import length
    from audit.verdict import INCONSISTENT, VERIFIED
    from ledger.store.database import Database
    from ledger.store.source import PostgresSource
    from projections.rows import shown

    projections = asked(names)
    with (
        _ending(as_json=as_json),
        Database(Settings.from_environment()) as database,
        shown(database.url("reader"), projections) as rows,  # first: the log has all they contain, and maybe more
        PostgresSource(database.url("reader")).open() as session,
    ):
        size = length(session)
        stop = min(max(map(rows.position, projections)), size)
        with _entries(session, stop, "比对 comparing") as entries:
            log = gathered(entries)
        found = [run(one, log, rows.position(one), rows.rows(one)) for one in projections]
    code = INCONSISTENT if any(compared.total for compared in found) else VERIFIED
    if as_json:
        _print_json(_compared_json(found, size, code))
    else:
        typer.echo("\n".join(_told(found, size)))
    raise typer.Exit(code)


def _compared_json(found: Sequence[Compared], size: int, code: int) -> dict[str, Any]:
    return {
        "log": size,
        "projections": {one.name: {"position": one.position, "rows": one.rows, "total": one.total} for one in found},
        "total": sum(one.total for one in found),
        "differences": [asdict(difference) for one in found for difference in one.differences],
        "exit_code": code,
    }


def _until(to: str | None) -> int | date | None:
    from api.days import day_of

    if to is None:
        return None
    return int(to) if to.isascii() and to.isdigit() and len(to) <= 18 else day_of(to, "--to")


def _stop(until: int | date | None, size: int) -> int:
    """How many entries to read. Raises NotFoundError where there is no log, or no entry of that index."""
    from ledger.errors import NotFoundError

    last = until if isinstance(until, int) else 0
    if last >= size:
        raise NotFoundError(
            f"log: there is no entry {last}, it has {size}", f"日志：没有第 {last} 号条目，共有 {size} 个"
        )
    return last + 1 if isinstance(until, int) else size


@contextmanager
def _entries(session: Session, stop: int, what: str) -> Iterator[Iterator[Entry]]:
    """The entries of an open source below ``stop``, with a progress bar on stderr."""
    from tqdm import tqdm

    from audit.replay import read

    with tqdm(desc=what, total=stop, unit="entry", dynamic_ncols=True) as bar:
        yield read(session, stop, bar.update)


def _one(found: Replayed, stream: str) -> Case:
    from ledger.errors import NotFoundError

    if stream not in found.cases:
        raise NotFoundError(
            f"case: the entries up to there know no {stream[:80]!a}", f"案件：截至该处的条目中没有 {stream[:80]!a}"
        )
    return found.cases[stream]


def _tell(case: Case, *, whole: bool, as_json: bool) -> None:
    import json

    from audit.replay import canonical, plain

    if as_json:
        head = {"stream": case.stream, "version": case.version, "index": case.index, "sha256": case.digest}
        # The state stands there in the very bytes that were hashed.
        typer.echo(f'{json.dumps(head)[:-1]}, "state": {canonical(case.state).decode()}}}')
        return
    typer.echo(f"{case.stream}\t{case.version}\t{case.digest}")
    if whole:
        typer.echo(json.dumps(plain(case.state), ensure_ascii=False, indent=2, sort_keys=True))


def _told(found: Sequence[Compared], size: int) -> Iterator[str]:
    """What was compared, in words."""
    total, listed = sum(one.total for one in found), sum(len(one.differences) for one in found)
    yield "与条目不符 | THE DATA SHOWN DIFFERS" if total else "与条目一致 | consistent"
    yield f"  日志条目 entries of the log  {size}"
    for one in found:
        yield f"  {one.name}：{one.position} 个条目 entries，{one.rows} 行 rows，{one.total} 处差异 differences"
    if total:
        yield f"  差异 differences  {total}（列出 {listed} 处 listed）"
    for difference in (difference for one in found for difference in one.differences):
        yield from _difference(difference)


def _difference(one: Difference) -> Iterator[str]:
    where = f"  {one.projection}.{one.table} {_text(one.key)}"
    match one.code:
        case "missing":
            yield f"{where}：缺少该行 | expected this row, it is not shown"
        case "extra":
            yield f"{where}：多出该行 | no entry accounts for this row"
        case "position":
            yield f"  {one.projection} 声称含 {one.shown} 个条目，日志只有 {one.expected} 个"
            yield f"  {one.projection} claims to contain {one.shown} entries, the log has {one.expected}"
        case _:
            yield f"{where} {one.column}：应为 expected {_text(one.expected)}，显示 shown {_text(one.shown)}"


def _text(value: Any) -> str:
    """A value as JSON: whatever somebody wrote there, it stays on its line and commands no terminal."""
    import json

    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


def _print_json(value: dict[str, Any]) -> None:
    import json

    typer.echo(json.dumps(value, ensure_ascii=False))


@contextmanager
def _ending(*, as_json: bool) -> Iterator[None]:
    """Ends with the exit code of an audit where an entry cannot be folded, which is named, or somebody interrupts."""
    from audit.replay import EntryError
    from audit.verdict import INCOMPLETE

    try:
        yield
    except EntryError as error:
        problem = error.problem
        if as_json:
            _print_json({"problem": asdict(problem), "exit_code": problem.exit_code})
        typer.echo(f"错误：{error.zh}\nError: {error.en}", err=True)
        raise typer.Exit(problem.exit_code) from None
    except KeyboardInterrupt:
        typer.echo("已中断，未得出结果\nInterrupted: there is no result", err=True)
        raise typer.Exit(INCOMPLETE) from None
