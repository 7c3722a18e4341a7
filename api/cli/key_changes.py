"""Commands of the operator that change keys: key rotate-log, key revoke. They need the installation here."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ledger.settings import Settings


class Reason(StrEnum):
    """Why a key is changed."""

    SUPERSEDED = "superseded"
    COMPROMISED = "compromised"


def rotate_log(
    reason: Annotated[Reason, typer.Option(help="why 原因：更换或泄露")],
    key: Annotated[
        Path | None,
        typer.Option(help="file of the next key, PEM or pkcs11: URI; without it one is made 新密钥文件（缺省则生成）"),
    ] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="do it 确认执行")] = False,
) -> None:
    """Change the key that signs the log's checkpoints; without --confirm only the present one is shown. 更换日志密钥。

    The event is signed by the root key (keys/root.pem), the old key and the new one. Services on the same keys folder
    go on with the new key by themselves; the new vkey is printed, and has to be published.
    """
    from ledger.domain.body_terms import Revocation
    from ledger.installation import open_installation
    from ledger.keys.log_rotation import rotate_log as rotate

    with open_installation(Settings.from_environment()) as installation:
        before = installation.ledger.log_key.verifier.vkey
        if not confirm:
            typer.echo(before)
            typer.echo(
                "以上为现用日志公钥；加 --confirm 执行更换 | this key is in force; --confirm changes it", err=True
            )
            return
        receipt = rotate(installation, Revocation(reason.value), key)
        typer.echo(installation.ledger.log_key.verifier.vkey)
        typer.echo(
            f"日志密钥已由第 {receipt.index} 号事件更换，此前为 {before}；请公布新公钥 | "
            f"the event {receipt.index} changed the log's key, which was {before}; publish the new one",
            err=True,
        )


def revoke(
    kid: Annotated[str, typer.Argument(metavar="KID", help="the key's id (`jiannuo key show`) 密钥标识")],
    body: Annotated[str, typer.Option(help="USCC of the body whose key it is 密钥所属单位统一社会信用代码")],
    reason: Annotated[Reason, typer.Option(help="why 原因：更换或泄露")],
    since: Annotated[
        str | None,
        typer.Option(
            "--compromised-from",
            help="since when it may be in other hands, as for `audit compromised` 可能失控起始时间",
        ),
    ] = None,
) -> None:
    """Revoke a body's key, signed by the operator: from the event on its signatures no longer count. 撤销密钥。"""
    from api.cli.audit_compromised import moment
    from ledger.domain.body import KeyRevoked
    from ledger.domain.body_terms import Revocation
    from ledger.installation import open_installation

    claimed = int(moment(since).timestamp()) if since else None
    with open_installation(Settings.from_environment()) as installation:
        ledger, stream = installation.ledger, f"body/{body}"
        author = installation.author("operator", installation.operator())
        fact = KeyRevoked(kid, Revocation(reason.value), claimed)
        receipt = ledger.submit(author.write(stream, ledger.head(stream), fact)).result()
        typer.echo(f"{receipt.index}\t{receipt.recorded_at}\t{stream}\t{receipt.event_hash}")
