"""``jiannuo verify``: the whole log, checked from its bytes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.errors import ConfigurationError, NotFoundError
from ledger.settings import Settings

if TYPE_CHECKING:
    from audit.verdict import Verdict
    from ledger.store.database import Database


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="the verdict as JSON")] = False,
    key: Annotated[str | None, typer.Option(help="the log's verifier key that you trust (vkey) 信任的日志公钥")] = None,
) -> None:
    """Check every entry, signature, stream, tile and checkpoint of the ledger here. 验证整个日志。

    Exit 0 verified, 1 could not run, 2 usage, 3 verification failed, 4 log inconsistent, 5 incomplete.
    """
    from ledger.store.database import Database

    with Database(Settings.from_environment()) as database:
        verdict = run_verify(database, key=key)
    report_verdict(verdict, as_json=as_json)
    raise typer.Exit(verdict.exit_code)


def run_verify(database: Database, *, key: str | None = None) -> Verdict:
    """The verdict over the log in the database, with a progress bar on stderr; ``key``: a vkey that is trusted."""
    from tqdm import tqdm

    from audit.verify import verify as run
    from ledger.proof.note import Verifier
    from ledger.store.source import PostgresSource

    with tqdm(desc="验证 verifying", unit="entry", dynamic_ncols=True) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        pinned = Verifier.parse(key) if key else None
        try:
            return run(PostgresSource(database.url("reader")), pinned=pinned, progress=progress)
        except NotFoundError:
            raise ConfigurationError(
                "there is no ledger here yet: run `jiannuo init` (or `make demo`)",
                "此处尚无账本：请运行 `jiannuo init`（或 `make demo`）",
            ) from None


def report_verdict(verdict: Verdict, *, as_json: bool) -> None:
    """The verdict on stdout: as JSON, or in words with every problem that was kept."""
    if as_json:
        import orjson

        typer.echo(orjson.dumps({**asdict(verdict), "exit_code": verdict.exit_code}).decode())
        return
    words = {
        0: ("验证通过", "verified"),
        3: ("验证不通过", "VERIFICATION FAILED"),
        4: ("日志自相矛盾", "LOG INCONSISTENT"),
        5: ("未验证完", "INCOMPLETE"),
    }
    zh, en = words[verdict.exit_code]
    typer.echo(f"{zh} | {en}")
    typer.echo(f"  日志 log          {verdict.origin}")
    typer.echo(f"  事件 events       {verdict.events}（{verdict.streams} 个事件流 streams）")
    typer.echo(f"  树根 root         {verdict.root}")
    typer.echo(f"  用时 seconds      {verdict.seconds:.1f}")
    if verdict.first_bad_index is not None:
        typer.echo(f"  首个问题 first bad index {verdict.first_bad_index}")
    for problem in verdict.problems:
        where = "-" if problem.index is None else str(problem.index)
        typer.echo(f"  [{where}] {problem.code}: {problem.zh} | {problem.en}")
