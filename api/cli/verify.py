"""``jiannuo verify``, ``jiannuo audit verify``: the whole log, checked from its bytes, here or at a URL."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.audit_sources import Bundle, TokenFile, Url, audited
from ledger.errors import ConfigurationError, NotFoundError

if TYPE_CHECKING:
    from audit.memory import Memory
    from audit.source import Source
    from audit.verdict import Verdict
    from ledger.proof.note import Verifier
    from ledger.store.database import Database


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="the verdict as JSON")] = False,
    key: Annotated[str | None, typer.Option(help="the log's verifier key that you trust (vkey) 信任的日志公钥")] = None,
    url: Url = None,
    token_file: TokenFile = None,
    bundle: Bundle = None,
    remember: Annotated[
        Path | None,
        typer.Option(
            help="file that keeps key and newest verified checkpoint from time to time 记忆文件：公钥与检查点"
        ),
    ] = None,
) -> None:
    """Check every entry, signature, stream, tile and checkpoint of a ledger: the one here, or at --url. 验证整个日志。

    Exit 0 verified, 1 could not run, 2 usage, 3 verification failed, 4 log inconsistent, 5 incomplete.
    """
    from audit import memory

    known = memory.read(remember) if remember else None
    pinned = _trusted(key, known)
    with audited(url, token_file, pinned, bundle) as source:
        if bundle is not None:
            from api.cli.audit_bundle import verified_bundle

            verdict = verified_bundle(source, pinned=pinned, remembered=known and known.checkpoint, as_json=as_json)
        else:
            verdict = _verdict(source, pinned, known, here=url is None)
            report_verdict(verdict, as_json=as_json)
        if remember and (now := memory.verified(source, verdict, pinned)):
            _remember(remember, known, now)
    raise typer.Exit(verdict.exit_code)


def run_verify(database: Database) -> Verdict:
    """The verdict over the log in the database, with a progress bar on stderr."""
    from ledger.store.source import PostgresSource

    return _verdict(PostgresSource(database.url("reader")), None, None, here=True)


def _verdict(source: Source, pinned: Verifier | None, known: Memory | None, *, here: bool) -> Verdict:
    from tqdm import tqdm

    from audit.verify import verify as run

    remembered = known.checkpoint if known else None
    with tqdm(desc="验证 verifying", unit="entry", dynamic_ncols=True) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        try:
            return run(source, pinned=pinned, remembered=remembered, progress=progress)
        except NotFoundError:
            if not here:
                raise
            raise ConfigurationError(
                "there is no ledger here yet: run `jiannuo init` (or `make demo`)",
                "此处尚无账本：请运行 `jiannuo init`（或 `make demo`）",
            ) from None


def _trusted(key: str | None, known: Memory | None) -> Verifier | None:
    """The log's key as the caller knows it. Raises ConfigurationError where two are said to be it."""
    from ledger.proof.note import Verifier

    named = Verifier.parse(key) if key else None
    if named and known and named != known.key:
        raise ConfigurationError(
            f"--key: expected {known.key.vkey}, which is remembered, got {named.vkey}",
            f"--key：应为所记的 {known.key.vkey}，实为 {named.vkey}",
        )
    return named or (known.key if known else None)


def _remember(file: Path, known: Memory | None, now: Memory) -> None:
    """Keeps the newer checkpoint."""
    from audit import memory

    if known and now.checkpoint.size <= known.checkpoint.size:
        return
    memory.write(file, now)
    size = now.checkpoint.size
    typer.echo(f"已记住大小 {size} 的检查点 | remembered the checkpoint of size {size}: {file}", err=True)
    if known is None:
        typer.echo(
            f"首次所记的公钥，请另行核对 | the first key that is remembered, compare it elsewhere: {now.key.vkey}",
            err=True,
        )


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
