"""Where the commands of ``jiannuo audit`` get a log from: a running ledger's URL, a bundle, or the configured
database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.errors import ConfigurationError
from ledger.settings import Settings

if TYPE_CHECKING:
    from audit.source import Source
    from ledger.proof.note import Verifier

Url = Annotated[
    str | None,
    typer.Option(
        "--url", help="a running ledger; without it, the configured database 运行中账本的网址（缺省为本机数据库）"
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option("--token-file", help="file with the auditors' token, for --url 审计令牌文件（配合 --url）"),
]
Bundle = Annotated[
    Path | None, typer.Option("--bundle", help="a file made by `jiannuo audit export` 数据包文件（离线核验）")
]

_LONGEST_TOKEN = 4096


@contextmanager
def audited(
    url: str | None, token_file: Path | None, key: Verifier | None = None, bundle: Path | None = None
) -> Iterator[Source]:
    """The log that is asked for; ``key``: the log's, if it is known. Ctrl-C ends with the exit code 5.

    Raises ConfigurationError.
    """
    from audit.verdict import INCOMPLETE

    try:
        with _asked_for(url, token_file, key, bundle) as source:
            yield source
    except KeyboardInterrupt:
        typer.echo("已中断，未得出结果\nInterrupted: there is no result", err=True)
        raise typer.Exit(INCOMPLETE) from None


@contextmanager
def _asked_for(url: str | None, token_file: Path | None, key: Verifier | None, bundle: Path | None) -> Iterator[Source]:
    if bundle is not None:
        if url is not None or token_file is not None:
            raise typer.BadParameter("--bundle 不与 --url 一起使用 | --bundle does not go with --url")
        from audit.bundle.source import BundleSource

        yield BundleSource(bundle)
        return
    if url is not None:
        from audit.http import HttpSource

        yield HttpSource(url, read_token(token_file) if token_file else None, key)
        return
    if token_file is not None:
        raise typer.BadParameter("--token-file 须与 --url 一起使用 | --token-file goes with --url")
    from ledger.store.database import Database
    from ledger.store.source import PostgresSource

    with Database(Settings.from_environment()) as database:
        yield PostgresSource(database.url("reader"))


def read_token(path: Path) -> str:
    """The token in a file. Raises ConfigurationError, which does not repeat what is in it."""
    try:
        with path.open("rb") as file:
            token = file.read(_LONGEST_TOKEN + 1).decode("ascii").strip()
    except OSError as error:
        raise ConfigurationError(
            f"token file {path}: cannot be read ({error.strerror})", f"令牌文件 {path}：无法读取（{error.strerror}）"
        ) from None
    except UnicodeDecodeError:
        token = ""
    if not token or len(token) > _LONGEST_TOKEN:
        raise ConfigurationError(
            f"token file {path}: expected the auditors' token, a line of ASCII characters",
            f"令牌文件 {path}：应为一行 ASCII 字符的审计令牌",
        )
    return token
