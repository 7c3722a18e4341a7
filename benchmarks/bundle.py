"""(f): a log exported into a bundle and imported from it, beside what one would else take, ``pg_dump``/``pg_restore``.

Of the same tables, in PostgreSQL's custom format, by the same server's programs. They verify nothing; so the import is
measured twice, with the verification that it always makes (every signature) and without. Each figure is of a process
of its own, the two by turns.

    python -m benchmarks.bundle [HOME]        the figures as JSON, of the ledger in HOME or of one that it makes
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.appending import long_log
from benchmarks.report import Figure
from benchmarks.verify import _own_peak
from ledger.settings import Settings
from ledger.store.binaries import find_binaries
from ledger.store.database import Database

EVENTS, ROUNDS = 200_000, 3
AIM = 20_000
TABLES = ("events", "tiles", "checkpoints")

Say = Callable[[str], None]


class Bundling:
    """(f), on the log in ``home``; files go into ``folder``."""

    def __init__(self, home: Path, folder: Path, rounds: int = ROUNDS) -> None:
        self._home, self._folder, self._rounds = home, folder, rounds
        self._bundle, self._dump = folder / "log.bundle", folder / "log.dump"
        self.rates: dict[str, list[float]] = {
            name: [] for name in ("export", "pg_dump", "import", "stored", "pg_restore")
        }
        self.peaks: dict[str, float] = {}
        self.events = 0

    def run(self, say: Say) -> None:
        """Exports and imports in turn with the other two."""
        for number in range(self._rounds):
            with Database(Settings(self._home)) as database:
                self._child("export", database.url("reader"))
                assert database.embedded is not None
                self._other(
                    "pg_dump",
                    "-Fc",
                    "--data-only",
                    *(f"--table=ledger.{table}" for table in TABLES),
                    "-f",
                    str(self._dump),
                    "-d",
                    database.embedded.url("jiannuo_admin"),
                )
            with Database(Settings(self._folder / f"bundle-{number}")) as database:
                self._child("import", database.url("writer"))
            with Database(Settings(self._folder / f"dump-{number}")) as database:
                assert database.embedded is not None
                self._other("pg_restore", "--data-only", "-d", database.embedded.url("jiannuo_admin"), str(self._dump))
            told = ", ".join(f"{name} {rates[-1]:,.0f}/s" for name, rates in self.rates.items())
            say(f"(f) {told}")

    def figures(self) -> list[Figure]:
        """Rates, memory and size."""
        rate = {name: statistics.median(rates) for name, rates in self.rates.items()}
        dump, restore = f"pg_dump -Fc, {rate['pg_dump']:,.0f}/s", f"pg_restore, {rate['pg_restore']:,.0f}/s"
        larger = self._bundle.stat().st_size / self._dump.stat().st_size
        return [
            Figure("f", "export into a bundle", rate["export"], "events/s", dump, aim=AIM),
            Figure("f", "import, once verified", rate["stored"], "events/s", restore, aim=AIM),
            Figure("f", "import, with its verification", rate["import"], "events/s", f"{restore} (verifies nothing)"),
            *(
                Figure("f", f"largest process, {name}", peak, "MB", f"log of {self.events:,} events", 300, at_most=True)
                for name, peak in sorted(self.peaks.items())
            ),
            Figure("f", "size / size of the dump", larger, "", "which is compressed"),
        ]

    def _child(self, what: str, url: str) -> None:
        code = f"import sys; from benchmarks.bundle import _{what}; _{what}(*sys.argv[1:])"
        command = [sys.executable, "-c", code, str(self._bundle), url]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parent.parent)
        found = json.loads(done.stdout)
        self.events = found.pop("events")
        self.peaks[what] = max(self.peaks.get(what, 0.0), found.pop("megabytes"))
        for name, seconds in found.items():
            self.rates[name].append(self.events / seconds)

    def _other(self, program: str, *arguments: str) -> None:
        started = time.perf_counter()
        subprocess.run([find_binaries().program(program), *arguments], check=True, capture_output=True)
        self.rates[program].append(self.events / (time.perf_counter() - started))


def _export(bundle: str, url: str) -> None:
    from audit.bundle.export import export
    from ledger.store.source import PostgresSource

    started = time.perf_counter()
    about = export(PostgresSource(url), Path(bundle), force=True)
    print(json.dumps({"events": about.size, "megabytes": _peak(), "export": time.perf_counter() - started}))


def _import(bundle: str, url: str) -> None:
    from api.cli.audit_import import copy_into
    from audit.bundle.check import checked
    from audit.bundle.source import BundleSource

    started = time.perf_counter()
    verdict = checked(BundleSource(bundle)).verdict
    assert verdict.exit_code == 0, verdict.problems
    verified = time.perf_counter()
    copy_into(BundleSource(bundle), verdict.root, url, lambda done, total: None)
    ended = time.perf_counter()
    found = {"import": ended - started, "stored": ended - verified}
    print(json.dumps({"events": verdict.events, "megabytes": _peak(), **found}))


def _peak() -> float:
    """MB of the largest process."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return max(_own_peak(), children)


def run(home: Path | None = None, say: Say = lambda _: None) -> dict[str, Any]:
    """The figures by name: of the ledger in ``home``, or of a new one with 200,000 events."""
    with tempfile.TemporaryDirectory(prefix="jiannuo-bench-") as folder:
        if home is None:
            home = Path(folder) / "log"
            with multiprocessing.get_context("spawn").Pool(2) as pool:
                long_log(home, EVENTS, pool, say)
        bundling = Bundling(home, Path(folder))
        bundling.run(say)
        say(f"load {os.getloadavg()}")
        return {figure.what: round(figure.value, 3) for figure in bundling.figures()}


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    print(json.dumps(run(chosen, lambda text: print(text, file=sys.stderr, flush=True)), indent=1))
