"""``jiannuo audit export`` and ``import``: one file that anybody can verify offline, and a database made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.audit_sources import TokenFile, Url, audited
from api.cli.passphrases import PassphraseFile, passphrases
from ledger.errors import ConfigurationError
from ledger.settings import Settings

if TYPE_CHECKING:
    from audit.bundle.check import Checked
    from audit.bundle.layout import About
    from audit.bundle.source import BundleSource
    from audit.source import Source
    from audit.verdict import Verdict
    from ledger.proof.note import LogSigner

_AS_JSON = typer.Option("--json", help="JSON, for programs 以 JSON 输出")
Progress = Callable[[int, int], None]


def export(  # noqa: PLR0917 (options, which a caller names)
    file: Annotated[Path, typer.Argument(help="the bundle to write 数据包文件")],
    case: Annotated[str | None, typer.Option(help="only this case: kind/id 仅此案件")] = None,
    subject: Annotated[
        str | None, typer.Option(help="only what is about this body (USCC) or person/<id> 仅此主体")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace a file that is there 覆盖已有文件")] = False,
    sign_with: Annotated[
        Path | None, typer.Option(help="your own key file, to sign the manifest 以自己的密钥签署清单")
    ] = None,
    sign_as: Annotated[str | None, typer.Option(help="your key's name 自己密钥的名称")] = None,
    passphrase_file: PassphraseFile = None,
    url: Url = None,
    token_file: TokenFile = None,
    as_json: Annotated[bool, _AS_JSON] = False,
) -> None:
    """Write the log into one file that anybody can verify offline: `jiannuo audit verify --bundle FILE`. 导出数据包。

    At the ledger itself the log's key signs the manifest; elsewhere you may, with --sign-with and --sign-as. A part of
    the log (--case, --subject) holds an inclusion proof for each entry. Sealed values are never in it.

    Exit 0 written, 1 could not run, 2 usage, 5 interrupted: then there is no file.
    """
    if case is not None and subject is not None:
        raise typer.BadParameter("--case 与 --subject 只能选一 | expected --case or --subject, got both")
    if (sign_with is None) is not (sign_as is None):
        raise typer.BadParameter("--sign-with 须与 --sign-as 一起使用 | --sign-with and --sign-as go together")
    with audited(url, token_file) as source:
        signer = _signer(source, sign_with, sign_as, passphrase_file, here=url is None)
        about = _export(source, file, case, subject, signer=signer, force=force)
    _report_export(file, about, signer.name if signer else None, as_json=as_json)


def _export(
    source: Source, file: Path, case: str | None, subject: str | None, *, signer: LogSigner | None, force: bool
) -> About:
    from audit.bundle.export import export as whole
    from audit.bundle.export_part import Subject, case_of, export_part

    with _bar("导出 exporting") as progress:
        if case is None and subject is None:
            return whole(source, file, signer=signer, force=force, progress=progress)
        wanted = case_of(case) if case is not None else Subject.parse(subject or "")
        return export_part(source, file, wanted, signer=signer, force=force, progress=progress)


def _signer(
    source: Source, own: Path | None, name: str | None, passphrase_file: Path | None, *, here: bool
) -> LogSigner | None:
    """Who signs the manifest: the caller, or at the ledger itself the log's key; None where neither is at hand."""
    from audit.bundle.export import newest
    from ledger.errors import SignatureError
    from ledger.keys import keystore
    from ledger.proof.checkpoint import open_checkpoint
    from ledger.proof.note import LogSigner, Verifier

    with source.open() as session:
        note, checkpoint = newest(session)
    origin = checkpoint.origin
    if own is not None and name is not None:
        if name == origin:
            raise ConfigurationError(
                f"--sign-as: {name} is the log's name; choose one of your own",
                f"--sign-as：{name} 是日志的名称，请另取自己的名称",
            )
        signer = LogSigner(name, keystore.load(own, passphrases(passphrase_file)))
        Verifier.of(signer)  # refuses what is no name
        return signer
    file = Settings.from_environment().keys / "log.pem"
    if not here or not file.exists():
        return None
    signer = LogSigner(origin, keystore.load(file, passphrases(passphrase_file)))
    try:
        open_checkpoint(note.encode(), origin, [Verifier.of(signer)])
    except SignatureError:
        return None  # the log in this database is another's
    return signer


def _report_export(file: Path, about: About, signer: str | None, *, as_json: bool) -> None:
    import orjson

    if as_json:
        typer.echo(orjson.dumps({"file": str(file), **asdict(about), "signed_by": signer}).decode())
        return
    signed = f"清单由 {signer} 签署 signed by {signer}" if signer else "清单未签署 the manifest is not signed"
    typer.echo(f"已导出 | exported: {file}")
    typer.echo(f"  日志 log      {about.origin}（{about.size}）")
    typer.echo(f"  范围 scope    {about.scope}")
    typer.echo(f"  {signed}")
    if signer is None:
        _say(
            "条目的完整性仍由签名检查点下的树保证",
            "the entries are still proven by the tree under the signed checkpoint",
        )


def verify_bundle(source: BundleSource, **options: Any) -> Checked:
    """The verdict over a bundle, of a whole log or of a part, with a progress bar on stderr.

    ``options``: ``pinned``, ``policy``, and ``remembered``, with which a part is not compared.
    """
    from audit.bundle.check import checked
    from audit.bundle.part import checked_part

    with _bar("验证 verifying") as progress:
        if source.about.whole:
            return checked(source, progress=progress, **options)
        options.pop("remembered", None)
        return checked_part(source, progress=progress, **options)


def verified_bundle(source: Source, *, as_json: bool, remember: bool, **options: Any) -> Verdict:
    """The verdict over a bundle, told on stdout with what else there is to say of it; see :func:`verify_bundle`.

    Raises ConfigurationError where a part is to be compared with what is remembered, or remembered (``remember``).
    """
    import orjson

    from api.cli.verify import report_verdict
    from audit.bundle.source import BundleSource

    assert isinstance(source, BundleSource), "the caller asked for a bundle"
    if remember and not source.about.whole:
        raise ConfigurationError(
            "--remember: a part of a log does not show whether it continues what is remembered",
            "--remember：日志的一部分不能表明其是否延续所记内容",
        )
    checked = verify_bundle(source, **options)
    if as_json:
        typer.echo(orjson.dumps({**asdict(checked.verdict), "bundle": _facts(checked)}).decode())
    else:
        report_verdict(checked.verdict, as_json=False)
        _report_bundle(checked)
    return checked.verdict


def _facts(checked: Checked) -> dict[str, Any]:
    """What else there is to say of a bundle beside its verdict, for JSON."""
    from audit.bundle.part import NOT_SHOWN

    about, by = checked.about, checked.signers
    not_shown = [] if about.whole else [{"en": one.en, "zh": one.zh} for one in NOT_SHOWN]
    signed = {"by_log": by.by_log, "by_others_unchecked": list(by.others)}
    return {"scope": about.scope, "size": about.size, "manifest": signed, "not_shown": not_shown}


def _report_bundle(checked: Checked) -> None:
    """The same for people, below the verdict."""
    from audit.bundle.part import NOT_SHOWN

    about, by = checked.about, checked.signers
    typer.echo(f"  范围 scope        {about.scope}（检查点大小 size {about.size}）")
    others = f"；另有未核验的签名 unchecked: {', '.join(by.others)}" if by.others else ""
    signed = "由日志签署 signed by the log" if by.by_log else "日志未签署 not signed by the log"
    typer.echo(f"  清单 manifest     {signed}{others}")
    if not about.whole:
        typer.echo("  部分数据包不能表明 | what a part of a log cannot show:")
        for one in NOT_SHOWN:
            typer.echo(f"    {one.zh}\n    {one.en}")


def import_(
    file: Annotated[Path, typer.Argument(help="the bundle to read 数据包文件")],
    key: Annotated[str | None, typer.Option(help="the log's verifier key that you trust (vkey) 信任的日志公钥")] = None,
    as_json: Annotated[bool, _AS_JSON] = False,
) -> None:
    """Verify a bundle of a whole log, then store it in the configured database. 导入数据包到空数据库。

    The database has to be empty, or to hold what the bundle begins with; then the rest is added. It is all stored, or
    nothing is. What is made is a copy to verify, replay and trace: nothing can be appended without the log's keys.

    Exit 0 imported, 1 could not run, 2 usage, 3 verification failed, 4 log or bundle inconsistent, 5 interrupted.
    """
    from api.cli.audit_import import copy_into
    from api.cli.verify import report_verdict
    from audit.bundle.source import BundleSource
    from ledger.proof.note import Verifier
    from ledger.store.database import Database

    source = BundleSource(file)
    if not source.about.whole:
        raise ConfigurationError(
            f"bundle {file}: it holds a part of a log ({source.about.scope}); only a whole one can be imported",
            f"数据包 {file}：只含日志的一部分（{source.about.scope}）；只有整个日志可导入",
        )
    with _interruptible():
        found = verify_bundle(source, pinned=Verifier.parse(key) if key else None)
        verdict = found.verdict
        if verdict.exit_code:
            report_verdict(verdict, as_json=as_json)
            _say("未导入任何内容", "nothing was imported")
            raise typer.Exit(verdict.exit_code)
        with Database(Settings.from_environment()) as database, _bar("导入 importing") as progress:
            new = copy_into(source, verdict.root, database.url("writer"), progress)
    _report_import(found, new, as_json=as_json)


def _report_import(found: Checked, new: int, *, as_json: bool) -> None:
    import orjson

    about = found.about
    if as_json:
        told = {"origin": about.origin, "size": about.size, "new": new, "root": found.verdict.root}
        typer.echo(orjson.dumps(told).decode())
        return
    typer.echo(f"已导入 | imported: {about.origin}（{about.size}，新增 new {new}）")
    _say(
        "这是副本：可核验、重放、溯源；没有日志密钥不能追加",
        "this is a copy, to verify, replay and trace: without the log's keys nothing can be appended",
    )


@contextmanager
def _bar(what: str) -> Iterator[Progress]:
    """A progress bar on stderr."""
    from tqdm import tqdm

    with tqdm(desc=what, unit="entry", dynamic_ncols=True) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C ends with exit code 5; what was begun is undone."""
    from audit.verdict import INCOMPLETE

    try:
        yield
    except KeyboardInterrupt:
        _say("已中断，未留下任何内容", "interrupted: nothing was left behind")
        raise typer.Exit(INCOMPLETE) from None


def _say(zh: str, en: str) -> None:
    typer.echo(f"{zh} | {en}", err=True)
