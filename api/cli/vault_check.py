"""``jiannuo vault check``: whether the vault holds what was sealed, and nothing else."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.errors import ConfigurationError
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.vault.check import Finding


def check(as_json: Annotated[bool, typer.Option("--json", help="print JSON 输出 JSON")] = False) -> None:
    """Compare every opening in the vault with the digests in the log. 核对保管库与日志中的摘要。

    Nothing of what is sealed is printed.

    Exit 0 all there and right, 1 could not run, 3 an opening is not what was sealed, 4 one is there that must not be,
    5 one is not there: the event came without it, or somebody deleted it.
    """
    from audit.verdict import FAILED, INCOMPLETE, INCONSISTENT, VERIFIED
    from ledger.installation import open_installation
    from ledger.vault.check import check as run
    from ledger.vault.vault import PostgresVault

    with open_installation(Settings.from_environment()) as installation:
        vault = installation.ledger.vault
        if not isinstance(vault, PostgresVault):
            raise ConfigurationError("this ledger has no vault", "本账本没有保管库")
        found = run(installation.ledger.reader, vault)
    codes = {"opening": FAILED, "stray": INCONSISTENT, "erased": INCONSISTENT, "absent": INCOMPLETE}
    exit_code = min((codes[finding.code] for finding in found), default=VERIFIED)
    _tell(found, exit_code, as_json=as_json)
    raise typer.Exit(exit_code)


def _tell(found: list[Finding], exit_code: int, *, as_json: bool) -> None:
    if as_json:
        import orjson

        problems = [asdict(finding) for finding in found]
        typer.echo(orjson.dumps({"problems": problems, "exit_code": exit_code}).decode())
        return
    typer.echo(
        "保管库与日志相符 | the vault is as the log says" if not found else "保管库与日志不符 | THE VAULT DIFFERS"
    )
    for one in found:
        where = "-" if one.index is None else str(one.index)
        typer.echo(f"  [{where}] {one.code} {one.stream} {one.digest}: {one.zh} | {one.en}")
