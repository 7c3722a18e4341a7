"""``jiannuo project``: the read side by itself: follow the log, rebuild, see how far it is."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.local import say
from ledger.errors import CorruptionError, LedgerError, UnavailableError
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.installation import Installation
    from projections.projection import Projection

_LOOK_AGAIN = 1.0
"""Seconds after which it is looked again whether another process has done rebuilding."""

app = typer.Typer(invoke_without_command=True)


@app.callback()
def project(context: typer.Context) -> None:
    """Follow the log and bring the projections up to it, until Ctrl-C. 持续更新读模型，按 Ctrl-C 停止。

    `jiannuo serve` does the same beside serving; of several that run, one works for each projection, and another
    takes over when it ends.
    """
    if context.invoked_subcommand:
        return
    from api.observe import configure_logging
    from ledger.installation import open_installation

    settings = Settings.from_environment()
    configure_logging(settings.log_level)
    with open_installation(settings) as installation, projecting(installation):
        say("读模型已更新，持续跟进（按 Ctrl-C 停止）", "the projections are up to date and follow (Ctrl-C stops)")
        ended = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
        with suppress(KeyboardInterrupt):
            ended.wait()


@app.command("rebuild")
def rebuild(
    names: Annotated[list[str] | None, typer.Argument(help="these alone; all without 读模型名称（缺省为全部）")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="processes 进程数（缺省为核数）")] = None,
) -> None:
    """Build projections anew beside the old ones, then swap: readers notice nothing. 重建读模型（读取不受影响）。

    Tables of versions that this release replaced are dropped, unless a process of a release before still uses them.
    """
    from ledger.installation import open_installation
    from projections.leftovers import tidy

    projections = asked(names)
    with open_installation(Settings.from_environment()) as installation:
        position = _rebuild(installation, projections, workers)
        say(
            f"已重建 {len(projections)} 个读模型，含 {position} 个事件",
            f"{len(projections)} projections rebuilt, with {position} events",
        )
        tidied = tidy(installation.database, projections)
    if tidied.dropped:
        gone = ", ".join(tidied.dropped)
        say(f"已删除旧版本或中断的重建留下的数据表：{gone}", f"dropped, left by older versions or rebuilds: {gone}")
    if tidied.in_use:
        left = ", ".join(tidied.in_use)
        say(
            f"仍有进程在使用旧的数据表：{left}；这些进程结束后请再次运行 `jiannuo project rebuild`",
            f"a process still uses old tables: {left}; after its end run `jiannuo project rebuild` again",
        )


@app.command("status")
def status(as_json: Annotated[bool, typer.Option("--json", help="print JSON 输出 JSON")] = False) -> None:
    """Print how many events each projection contains, lacks, and why it stopped if it did. 读模型的进度。

    Exit 1 where one has stopped.
    """
    from ledger.installation import open_installation
    from ledger.store.database import connect
    from projections import tables
    from projections.applying import in_words
    from projections.catalogue import PROJECTIONS
    from projections.rebuild import size_of

    with open_installation(Settings.from_environment()) as installation:
        tables.install(installation.database.url("owner"), PROJECTIONS.values())
        with connect(installation.database.url("reader")) as connection, in_words():
            found = tables.places(connection, PROJECTIONS.values())
        size = size_of(installation.ledger.reader)
    _print(found, size, as_json=as_json)
    if any(place.failure for place in found.values()):
        raise typer.Exit(1)


def _print(found: Mapping[str, Any], size: int, *, as_json: bool) -> None:
    if as_json:
        import orjson

        each = {
            name: {"position": place.position, "lag": size - place.position, "failure": place.failure}
            for name, place in found.items()
        }
        typer.echo(orjson.dumps({"log": size, "projections": each}, option=orjson.OPT_INDENT_2).decode())
        return
    for name, place in found.items():
        why = f"\t{place.failure}" if place.failure else ""
        lag = size - place.position
        typer.echo(f"{name}\t{place.position}\t{-lag if lag else 0}{why}")


@contextmanager
def projecting(installation: Installation) -> Iterator[None]:
    """Has the projections up to date, and follow the log. One that has stopped is said, and keeps no other from it."""
    from api.observe import projection_stopped
    from projections.catalogue import PROJECTIONS
    from projections.runners import Runners

    projections, reader = tuple(PROJECTIONS.values()), installation.ledger.reader
    _rebuild_lacking(installation, projections)
    with Runners(installation.database, reader, projections, on_failure=projection_stopped) as runners:
        for error in runners.begin():
            say(error.zh, error.en)
        yield


def _rebuild_lacking(installation: Installation, projections: Collection[Projection]) -> None:
    """Rebuilds what lacks many events, unless another process does: then waits for it.

    Where one cannot be rebuilt, each is by itself: the runner takes that one as far as it goes.
    """
    from projections.rebuild import RebuildingError, behind

    told = False
    while lacking := behind(installation.database, installation.ledger.reader, projections):
        try:
            _rebuild(installation, lacking, None)
            return
        except RebuildingError as error:
            if not told:
                say(error.zh, error.en)
            told = True
            time.sleep(_LOOK_AGAIN)
        except (UnavailableError, CorruptionError):
            raise
        except LedgerError as error:
            say(error.zh, error.en)
            if len(lacking) > 1:
                _rebuild_each(installation, lacking)
            return


def _rebuild_each(installation: Installation, projections: Collection[Projection]) -> None:
    """Rebuilds projections one by one, those that can be."""
    for projection in projections:
        try:
            _rebuild(installation, [projection], None)
        except (UnavailableError, CorruptionError):
            raise
        except LedgerError as error:
            say(error.zh, error.en)


def asked(names: list[str] | None) -> list[Projection]:
    """The projections of these names, all without. Raises NotFoundError."""
    from ledger.errors import NotFoundError
    from projections.catalogue import PROJECTIONS

    unknown = [name for name in names or () if name not in PROJECTIONS]
    if unknown:
        known = ", ".join(PROJECTIONS)
        raise NotFoundError(
            f"projection: expected one of {known}, got {unknown[0][:40]!a}",
            f"读模型：应为 {known} 之一，实为 {unknown[0][:40]!a}",
        )
    return [p for name, p in PROJECTIONS.items() if not names or name in names]


def _rebuild(installation: Installation, projections: Collection[Projection], workers: int | None) -> int:
    """Rebuilds with a progress bar on stderr."""
    from tqdm import tqdm

    from projections.rebuild import rebuild as run

    bars: dict[str, tqdm[Any]] = {}
    shown = ExitStack()
    words = {"events": "重建 events", "tables": "索引 tables"}

    def progress(what: str, more: int, total: int) -> None:
        if what not in bars:
            bar = tqdm(desc=words[what], total=total, unit="", dynamic_ncols=True, position=len(bars))
            bars[what] = shown.enter_context(bar)
        bars[what].update(more)

    database, reader = installation.database, installation.ledger.reader
    try:
        with shown:
            return run(database, reader, projections, workers=workers, progress=progress)
    except KeyboardInterrupt:
        say(
            "重建中断：原有数据行不变（若已换入则为新的），下次重建时清理",
            "interrupted: the old rows stay as they are, unless the new ones had taken their place already; "
            "the next rebuild cleans up",
        )
        raise
