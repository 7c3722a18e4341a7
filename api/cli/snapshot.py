"""``jiannuo snapshot``: everything public now, as files with a signed manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.local import say


def snapshot(
    to: Annotated[Path | None, typer.Option(help="also copy it into this new folder 另复制到此新目录")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON 输出 JSON")] = False,
) -> None:
    """Make a snapshot of all public data, which /api/v1/snapshot then offers. 生成公开数据快照。"""
    import shutil

    import orjson
    from tqdm import tqdm

    from api.cli.reading import read_here
    from api.snapshots import Snapshots
    from api.v1.resources import RESOURCES
    from ledger.errors import ConfigurationError
    from projections.catalogue import PROJECTIONS

    if to is not None and to.exists():
        raise ConfigurationError(f"{to}: expected a folder that is not there yet", f"{to}：应为尚不存在的目录")
    with (
        read_here(*PROJECTIONS) as here,
        tqdm(desc="快照 snapshot", total=len(RESOURCES), unit="", leave=False) as bar,
    ):
        folder = here.installation.settings.home / "snapshots"
        snapshots = Snapshots(folder, here.reading, here.installation.ledger, lambda: here.today)
        made = snapshots.make(lambda _: bar.update())
        if to is not None:
            shutil.copytree(made.folder, to)
    if as_json:
        typer.echo(orjson.dumps({"id": made.id, "folder": str(made.folder), "manifest": made.manifest}).decode())
        return
    typer.echo(made.id)
    for file in made.manifest["files"]:
        typer.echo(f"{file['sha256']}  {file['name']}")
    say(f"快照 {to or made.folder}", f"snapshot in {to or made.folder}")
