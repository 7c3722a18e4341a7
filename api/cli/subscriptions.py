"""``jiannuo subscriptions``: who is told by webhook, how far, and which messages were given up.

The address is shown as host alone: the rest may be a secret of whoever receives.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

import typer

from api.cli.local import say
from ledger.errors import FormatError, NotFoundError
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.store.subscriptions import Subscription, Subscriptions

app = typer.Typer(invoke_without_command=True)


@app.callback()
def listed(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """List the subscriptions to webhooks: topic, host, how far, what fails, dead letters. 列出订阅。"""
    from ledger.store.database import Database
    from ledger.store.subscriptions import subscriptions

    if context.invoked_subcommand:
        return
    with Database(Settings.from_environment()) as database, subscriptions(database.url("writer")) as store:
        rows = [_shown(store, one) for one in store.all()]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        state = f"暂停 resting: {row['disabled']}" if row["disabled"] else "正常 active"
        typer.echo(f"{row['id']}  {row['topic']}  {row['host']}  {state}")
        typer.echo(
            f"    已告知 told {row['position']}，连续失败 failures {row['failures']}，到期 expires {row['expires_at']}"
        )
        for letter in row["dead_letters"]:
            typer.echo(f"    放弃 given up {letter['at']}: {letter['message']} ({letter['reason']}, {letter['tries']})")
    say(f"订阅 {len(rows)} 个", f"subscriptions: {len(rows)}")


@app.command("end")
def end(own: Annotated[str, typer.Argument(help="id of the subscription 订阅标识")]) -> None:
    """End a subscription and forget where it went. 终止订阅。"""
    from ledger.store.database import Database
    from ledger.store.subscriptions import subscriptions

    try:
        wanted = UUID(own)
    except ValueError:
        raise FormatError(f"id: expected a UUID, got {own[:40]!a}", f"标识：应为 UUID，实为 {own[:40]!a}") from None
    with Database(Settings.from_environment()) as database, subscriptions(database.url("writer")) as store:
        if not store.end(wanted):
            raise NotFoundError("there is no subscription with this id", "没有该标识的订阅")
    say("已终止", "ended")


def _shown(store: Subscriptions, one: Subscription) -> dict[str, Any]:
    from ledger.proof.event import format_time

    return {
        "id": str(one.id),
        "topic": one.topic,
        "host": urlsplit(one.url).hostname,
        "created_at": format_time(one.created_at),
        "expires_at": format_time(one.expires_at),
        "position": one.position,
        "failures": one.failures,
        "next_try": format_time(one.next_try) if one.next_try else None,
        "disabled": one.disabled,
        "dead_letters": [
            {"message": message, "at": format_time(at), "tries": tries, "reason": reason}
            for message, at, tries, reason in store.letters(one.id)
        ],
    }
