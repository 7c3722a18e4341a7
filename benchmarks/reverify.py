"""(c) once more: ``verify`` with a state. What keeping it costs, and how long the next 1,000 events take after it.

The second figure is that of the command as a person runs it, start of the process and embedded PostgreSQL included; the
one before it is what the verification itself takes.

    python -m benchmarks.reverify [HOME]      the figures as JSON, of the ledger in HOME (which then has 1,000 more
                                              events) or of one of a million events that it makes
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

from benchmarks.appending import long_log, more
from ledger.settings import Settings
from ledger.store.database import Database

EVENTS, NEW = 1_000_000, 1_000
_COMMAND = "from api.cli import main; main()"
Say = Callable[[str], None]


def run(home: Path | None, say: Say) -> dict[str, Any]:
    """The figures by name."""
    with tempfile.TemporaryDirectory(prefix="jiannuo-bench-") as folder, _pool() as pool:
        if home is None:
            home = Path(folder) / "log"
            long_log(home, EVENTS, pool, say)
        memory = Path(folder) / "memory"
        first = _told(home, memory)
        say(f"first: {first}")
        again = _told(home, memory)
        say(f"nothing new: {again}")
        more(home, NEW, pool)
        found = _told(home, memory)
        say(f"new: {found}")
        assert found["events"] - found["verified_from"] < NEW + 256, found
        state = Path(folder) / "memory.state"
        return {
            "events": first["events"],
            "first run, events/s": round(first["events"] / first["seconds"]),
            "state, MB": round(os.path.getsize(state) / 1e6, 1),
            f"{NEW} new events, s": round(found["seconds"], 2),
            "the whole command, s": round(found["wall"], 2),
            "the whole command where nothing is new, s": round(again["wall"], 2),
        }


def _pool() -> Pool:
    return multiprocessing.get_context("spawn").Pool(2)


def _told(home: Path, memory: Path) -> dict[str, Any]:
    """What the command says, and how long it takes; a ledger that serves has its PostgreSQL running, as here."""
    with Database(Settings(home)):
        started = time.perf_counter()
        command = [sys.executable, "-c", _COMMAND, "verify", "--json", "--remember", str(memory)]
        environment = {**os.environ, "JIANNUO_HOME": str(home)}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        found: dict[str, Any] = json.loads(done.stdout)
        return {**found, "problems": None, "wall": time.perf_counter() - started}


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    print(json.dumps(run(chosen, lambda text: print(text, file=sys.stderr, flush=True)), indent=1))
