"""``jiannuo verify``, ``jiannuo audit verify``: the whole log, checked from its bytes, here or at a URL."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.audit_sources import Bundle, TokenFile, Url, audited
from ledger.errors import ConfigurationError, NotFoundError

if TYPE_CHECKING:
    from audit.memory import Memory
    from audit.source import Source
    from audit.state import State
    from audit.verdict import Verdict
    from ledger.proof.note import Verifier
    from ledger.store.database import Database

Remember = Annotated[
    Path | None,
    typer.Option(
        help="file that keeps key and newest verified checkpoint; FILE.state beside it: where to go on "
        "记忆文件：公钥与检查点；旁存 FILE.state 以便续验"
    ),
]
PolicyFile = Annotated[
    Path | None,
    typer.Option(help="file of the witnesses that have to have cosigned (C2SP tlog-policy) 见证策略文件"),
]


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="the verdict as JSON")] = False,
    key: Annotated[str | None, typer.Option(help="the log's verifier key that you trust (vkey) 信任的日志公钥")] = None,
    url: Url = None,
    token_file: TokenFile = None,
    bundle: Bundle = None,
    remember: Remember = None,
    full: Annotated[bool, typer.Option("--full", help="read all entries again 全部重新核验")] = False,
    policy: PolicyFile = None,
) -> None:
    """Check every entry, signature, stream, tile and checkpoint of a ledger: the one here, or at --url. 验证整个日志。

    With --remember, only what is new since then is read. Exit 0 verified, 1 could not run, 2 usage, 3 verification
    failed, 4 log inconsistent, 5 incomplete.
    """
    from audit import memory
    from ledger.witnesses import policy_file

    known = memory.read(remember) if remember else None
    pinned = _trusted(key, known)
    options: dict[str, Any] = {"remembered": known and known.checkpoint}
    options["policy"] = policy_file.read(policy) if policy else None
    newest = known.key if known else next(iter(pinned), None)
    with audited(url, token_file, newest, bundle) as source, ExitStack() as stack:
        if bundle is not None:
            from api.cli.audit_bundle import verified_bundle

            verdict = verified_bundle(source, pinned=pinned, as_json=as_json, remember=bool(remember), **options)
        else:
            if remember:
                options["state"] = _state(stack, remember, full=full)
            verdict = _verdict(source, here=url is None, pinned=pinned, **options)
            report_verdict(verdict, as_json=as_json)
        if remember and (now := memory.verified(source, verdict, newest)):
            _remember(remember, known, now)
    raise typer.Exit(verdict.exit_code)


def _state(stack: ExitStack, remember: Path, *, full: bool) -> State:
    """Where the last audit with this memory ended; emptied where all is to be read."""
    from audit.state import State

    def tell(en: str, zh: str) -> None:
        typer.echo(f"{zh} | {en}", err=True)

    state = stack.enter_context(State.open(remember.with_name(remember.name + ".state"), tell))
    if full:
        state.drop("as was asked", "按要求")
    return state


def run_verify(database: Database) -> Verdict:
    """The verdict over the log in the database, with a progress bar on stderr."""
    from ledger.store.source import PostgresSource

    return _verdict(PostgresSource(database.url("reader")), here=True)


def _verdict(source: Source, *, here: bool, **options: Any) -> Verdict:
    from tqdm import tqdm

    from audit.verify import verify as run

    with tqdm(desc="验证 verifying", unit="entry", dynamic_ncols=True) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        try:
            return run(source, progress=progress, **options)
        except NotFoundError:
            if not here:
                raise
            raise ConfigurationError(
                "there is no ledger here yet: run `jiannuo init` (or `make demo`)",
                "此处尚无账本：请运行 `jiannuo init`（或 `make demo`）",
            ) from None


def _trusted(key: str | None, known: Memory | None) -> list[Verifier]:
    """The log's keys as the caller knows them: both have to be the log's, one maybe from before a rotation.

    Raises ConfigurationError where they are of two logs.
    """
    from ledger.proof.note import Verifier

    named = Verifier.parse(key) if key else None
    if named and known and named.name != known.key.name:
        raise ConfigurationError(
            f"--key: expected one of {known.key.name}, which is remembered, got {named.vkey}",
            f"--key：应为所记的 {known.key.name} 的公钥，实为 {named.vkey}",
        )
    return list(dict.fromkeys(each for each in (named, known and known.key) if each))


def _remember(file: Path, known: Memory | None, now: Memory) -> None:
    """Keeps the newer checkpoint."""
    from audit import memory

    if known and now.checkpoint.size <= known.checkpoint.size and now.key == known.key:
        return
    memory.write(file, now)
    size = now.checkpoint.size
    typer.echo(f"已记住大小 {size} 的检查点 | remembered the checkpoint of size {size}: {file}", err=True)
    if known and now.key != known.key:
        typer.echo(
            f"日志公钥已更换，今后所记 | the log's key was rotated, remembered from now on: {now.key.vkey}", err=True
        )
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
    if verdict.verified_from:
        typer.echo(f"  本次起于 read from  {verdict.verified_from}（此前已核验 verified before）")
    if verdict.witnessed_size is not None:
        typer.echo(f"  已见证 witnessed  {verdict.witnessed_size}")
    typer.echo(f"  树根 root         {verdict.root}")
    typer.echo(f"  用时 seconds      {verdict.seconds:.1f}")
    if verdict.first_bad_index is not None:
        typer.echo(f"  首个问题 first bad index {verdict.first_bad_index}")
    for problem in verdict.problems:
        where = "-" if problem.index is None else str(problem.index)
        typer.echo(f"  [{where}] {problem.code}: {problem.zh} | {problem.en}")
