"""``jiannuo verify``: the whole log, checked from its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.store.database import Database


def verify(as_json: Annotated[bool, typer.Option("--json", help="the verdict as JSON")] = False) -> None:
    """Check every entry, signature, stream, tile and checkpoint of the ledger here. 验证整个日志。

    Exit 0 verified, 1 could not run, 2 usage, 3 verification failed, 4 log inconsistent, 5 incomplete.
    """
    from ledger.store.database import Database

    with Database(Settings.from_environment()) as database:
        verdict = run_verify(database)
    report_verdict(verdict, as_json=as_json)
    raise typer.Exit(verdict.exit_code)
