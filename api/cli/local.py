"""Commands on the installation here: init, demo, serve, db url."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.errors import ConfigurationError, CorruptionError
from ledger.settings import Settings

if TYPE_CHECKING:
    import socket

    import uvicorn

    from ledger.installation import Installation, Operator
    from ledger.playing import Clock, Script

db = typer.Typer(no_args_is_help=True)

EXAMPLES = Path(__file__).parents[2] / "examples"


class Role(StrEnum):
    """The database roles of ``jiannuo db url``."""

    OWNER = "owner"
    WRITER = "writer"
    READER = "reader"


def say(zh: str, en: str) -> None:
    """A line for people, on stderr."""
    typer.echo(f"{zh} | {en}", err=True)


@db.command("url")
def db_url(role: Annotated[Role, typer.Option(help="whose log-in 角色")] = Role.READER) -> None:
    """Print the connection string for psql and backups, the embedded server's too. 打印数据库连接串。"""
    from ledger.store.database import Database

    with Database(Settings.from_environment()) as database:
        typer.echo(database.url(role.value))
        if database.embedded:
            say(
                "内嵌数据库只在有人使用时运行：`jiannuo serve` 或 `jiannuo db serve`",
                "the embedded server runs while somebody uses it: `jiannuo serve`, or `jiannuo db serve`",
            )


@db.command("serve")
def db_serve() -> None:
    """Run only the embedded database, for psql and backups, until Ctrl-C. 仅运行数据库。"""
    from ledger.store.database import Database

    with Database(Settings.from_environment()) as database:
        typer.echo(database.url("owner"))
        say("按 Ctrl-C 停止", "Ctrl-C stops")
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def demo_operator() -> Operator:
    """The invented body that runs the demonstration ledger; its code lies in a region that no standard assigns."""
    from ledger.domain.identifiers import fictional_uscc
    from ledger.installation import Operator

    return Operator(fictional_uscc(1), "演示信用办公室（虚构，仅供演示）")


def init(
    uscc: Annotated[str, typer.Option(help="the operator's unified social credit code 运营机构统一社会信用代码")],
    name: Annotated[str, typer.Option(help="the operator's official name 运营机构名称")],
    region: Annotated[str | None, typer.Option(help="GB/T 2260 code 行政区划代码")] = None,
    encrypt: Annotated[bool, typer.Option("--encrypt", help="put the keys under a passphrase 以口令加密密钥")] = False,
) -> None:
    """Found a ledger: keys, first events, auditors' token. Repeatable. 创立账本。"""
    from ledger.domain.identifiers import check_uscc
    from ledger.installation import Operator, found, open_installation

    check_uscc(uscc)
    with open_installation(Settings.from_environment(), founding=True, encrypt=encrypt) as installation:
        found(installation, Operator(uscc, name, region=region))
        typer.echo(installation.ledger.log_key.verifier.vkey)
        say(
            "账本已创立；请把 keys/root.pem 移到离线介质保存",
            "the ledger is founded; move keys/root.pem to a medium that is kept off-line",
        )


def demo(
    serve_site: Annotated[bool, typer.Option("--serve/--no-serve", help="serve the site at the end")] = True,
) -> None:
    """Found a ledger here, play the worked cases, import the example documents, verify, and serve the site. 演示。"""
    from api.cli.plans import import_files, report_import
    from api.cli.verify import report_verdict, run_verify
    from ledger.installation import found, open_installation
    from ledger.playing import Clock, read_script

    settings = Settings.from_environment()
    say(f"账本目录 {settings.home}", f"ledger in {settings.home}")
    clock = Clock()
    script = read_script(EXAMPLES / "cases", demo_operator().uscc)
    with open_installation(settings, clock=clock, founding=True, on_corruption=_stop) as installation:
        if installation.ledger.size == 0:
            clock.set(script.begins)
        found(installation, demo_operator())
        _play(installation, clock, script)
        files = sorted((EXAMPLES / "plans").glob("*.txt"))
        report_import(import_files(installation, demo_operator().uscc, files, issuer=None))
        verdict = run_verify(installation.database)
        report_verdict(verdict, as_json=False)
        if verdict.exit_code:
            raise typer.Exit(verdict.exit_code)
        if serve_site:
            run_server(installation)


def _play(installation: Installation, clock: Clock, script: Script) -> None:
    """Plays the worked cases, whose time is the script's; afterwards the clock is the system's."""
    from tqdm import tqdm

    from ledger.playing import Player

    player = Player(installation, clock, script)
    if not player.can_play:
        say("演示案例只在新账本中播放，此处略过", "the worked cases are only played into a new ledger: left out here")
        return
    for _ in tqdm(player.play(), desc="演示案例 cases", total=player.count, unit="", leave=False):
        pass
    clock.let_go()
    for zh, en, stream in script.book.titles.values():
        say(f"演示案例：{zh}", f"worked case: {en}\n    jiannuo case show {stream}")
    say("以上案例的单位均为虚构，时间为脚本所设", "the bodies of these cases are invented, their days are the script's")


def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on 监听地址")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on 监听端口")] = None,
) -> None:
    """Serve the site and the API of the ledger here. 启动网站与接口。"""
    from dataclasses import replace

    from ledger.installation import open_installation

    settings = Settings.from_environment()
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    with open_installation(settings, on_corruption=_stop) as installation:
        run_server(installation)


def run_server(installation: Installation) -> None:
    """Listens until SIGINT or SIGTERM. Raises ConfigurationError if the port is taken."""
    import uvicorn

    from api.app import create_app
    from api.cli.project import projecting
    from api.observe import configure_logging
    from api.watch import watching
    from api.webhooks.delivery import Deliverer
    from api.witness_client import collecting
    from projections.reading import Reading

    settings = installation.settings
    listener = listen(settings.host, settings.port)
    configure_logging(settings.log_level)
    with (
        watching(installation),
        projecting(installation),
        Reading(installation.database) as reading,
        collecting(installation),
        Deliverer(installation).started(),
    ):
        config = uvicorn.Config(
            create_app(installation, reading),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
        say(
            f"网站已启动：http://{settings.host}:{settings.port}（按 Ctrl-C 停止）",
            f"serving http://{settings.host}:{settings.port} (Ctrl-C stops)",
        )
        # Cached cases are many long-lived objects: collecting all of them every 700 allocations cost 45 µs an event.
        gc.set_threshold(10_000, 20, 20)
        _run(uvicorn.Server(config), listener)


def listen(host: str, port: int) -> socket.socket:
    """A socket at this address. Raises ConfigurationError if the port is taken."""
    import socket

    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise ConfigurationError(
            f"{host}:{port} cannot be listened on ({error.strerror}); choose another port with --port or PORT=…",
            f"无法监听 {host}:{port}（{error.strerror}）；可用 --port 或 PORT=… 另选端口",
        ) from None
    return listener


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    """Runs the server; a signal ends it, and what stands around it is closed in order.

    uvicorn shuts down at a signal and then raises it once more: left alone, SIGTERM would end the process there.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1 if _corrupt else 0))
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


_corrupt: list[CorruptionError] = []


def _stop(error: CorruptionError) -> None:
    """Stored bytes contradict each other: say so and end, rather than go on with half a truth."""
    _corrupt.append(error)
    say(f"数据矛盾，程序停止：{error.zh}", f"stored data contradict each other, stopping: {error.en}")
    os.kill(os.getpid(), signal.SIGTERM)
