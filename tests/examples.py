"""``python -m tests.examples`` writes api/v1/examples.json: a page of each resource, as the worked cases answer it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import orjson

from api.v1.resources import RESOURCES
from ledger.installation import found, open_installation
from ledger.playing import Clock, Player, read_script
from ledger.settings import Settings
from tests.conftest import CASES, OPERATOR, application, caller_of

FILE = Path(__file__).parents[1] / "api" / "v1" / "examples.json"


def pages(client: Any) -> dict[str, Any]:
    """A page of each resource that has a row for the public."""
    found = {name: client.get(f"/api/v1/{name}?limit=1").json() for name in RESOURCES}
    return {name: page for name, page in found.items() if page["items"]}


def main() -> None:
    """Plays the worked cases in a ledger of its own, and asks it."""
    with tempfile.TemporaryDirectory() as folder:
        clock, script = Clock(), read_script(CASES, OPERATOR.uscc)
        clock.set(script.begins)
        with open_installation(Settings(Path(folder)), clock=clock, founding=True) as installation:
            found(installation, OPERATOR)
            for _ in Player(installation, clock, script).play():
                pass
            with application(installation) as app:
                data = orjson.dumps(pages(caller_of(app)), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    FILE.write_bytes(data)


if __name__ == "__main__":
    main()
