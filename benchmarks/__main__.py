"""``python -m benchmarks [--quick | --full] [--json]``: all figures of one run; progress on stderr, result on stdout.

All happens in a temporary folder that is removed at the end. ``--quick`` takes fewer rounds and shorter logs;
``--full`` also verifies, and projects, the log of a million events. Exit 1 where a figure could not be measured, not
where one misses its aim.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.pool import Pool
from pathlib import Path

from benchmarks.appending import Appending, long_log
from benchmarks.baseline import Bare
from benchmarks.bundle import Bundling
from benchmarks.judging import Judging
from benchmarks.projecting import Projecting
from benchmarks.reading import Reading
from benchmarks.report import Figure, machine, table
from benchmarks.screening import Screening
from benchmarks.searching import Searching
from benchmarks.service import founded, serving
from benchmarks.submitting import Bulk, Single
from benchmarks.verify import Verifying
from benchmarks.workload import jws_of, tasks, write_streams
from ledger.proof.keys import PrivateKey
from ledger.settings import Settings
from ledger.store.database import Database, connect

MOST_SINGLE = 2_500
"""Events a second that are signed beforehand for (a): more than the service has ever taken on such a machine."""

PARTS = ("ab", "c", "d", "e", "f", "g", "h", "i", "j")

_STARTED = time.monotonic()


@dataclass(frozen=True)
class Plan:
    """How much is measured; logs by their number of events."""

    rounds: int = 7  # of (a) and (b)
    seconds: float = 3.0  # of a round of (a)
    bulk: int = 48_000  # events of all rounds of (b)
    verified: tuple[int, int] = (20_000, 200_000)
    verify_rounds: int = 2
    appended: tuple[int, int] = (1_000, 1_000_000)
    blocks: int = 10
    bundle_rounds: int = 3
    projected: int = 100_000  # events of the log of (g), which is rebuilt
    followed: int = 20_000  # of them the runner follows so many
    read: int = 200_000
    searched: int = 200_000
    search_rounds: int = 20


USUAL = Plan()
QUICK = Plan(3, 2.0, 20_000, (10_000, 100_000), 1, (1_000, 100_000), 3, 1, projected=50_000, followed=20_000)
FULL = replace(USUAL, verified=(200_000, 1_000_000), projected=1_000_000)


def say(text: str) -> None:
    """A line of progress."""
    print(f"{time.monotonic() - _STARTED:6.1f} s  {text}", file=sys.stderr, flush=True)


def main() -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures the ledger on this machine.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", dest="plan", action="store_const", const=QUICK, default=USUAL, help="shorter logs")
    size.add_argument("--full", dest="plan", action="store_const", const=FULL, help="also verify the longest log")
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    parser.add_argument("--only", choices=PARTS, help="only these figures")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers and folder go away then too
    with tempfile.TemporaryDirectory(prefix="jiannuo-bench-") as folder, _signers() as pool:
        run = Run(Path(folder), pool, options.plan)
        for name in (options.only,) if options.only else PARTS:
            run.measure(name)
    figures = sorted(run.figures, key=lambda f: f.name)
    if options.json:
        print(
            json.dumps({"machine": run.machine, "figures": [f.json() for f in figures]}, ensure_ascii=False, indent=1)
        )
    else:
        print("\n".join(f"{name}: {value}" for name, value in run.machine.items()), table(figures), sep="\n\n")
    sys.exit(1 if run.failed else 0)


@contextmanager
def _signers() -> Iterator[Pool]:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        yield pool


class Run:
    """One run in ``folder``: its figures, and which of them failed."""

    def __init__(self, folder: Path, pool: Pool, plan: Plan) -> None:
        self._folder, self._pool, self._plan = folder, pool, plan
        self.figures: list[Figure] = []
        self.failed: list[str] = []
        self._home = folder / "service"
        self._key = founded(self._home)
        with Database(Settings(self._home)) as database, connect(database.url("reader")) as connection:
            self.machine = machine(connection.info.parameter_status("server_version") or "?")

    def measure(self, name: str) -> None:
        """Adds the figures of that letter; what goes wrong with them is shown and does not stop the others."""
        work = {"ab": self._submitting, "c": self._verifying, "d": self._appending}
        work |= {"g": self._projecting, "e": self._judging, "f": self._bundling, "i": self._searching}
        work |= {"h": self._reading, "j": self._screening}
        try:
            self.figures += work[name]()
        except Exception:
            self.failed.append(name)
            say(f"({name}) could not be measured:\n{traceback.format_exc()}")

    def _submitting(self) -> list[Figure]:
        """(a) and (b), on one service."""
        plan = self._plan
        say("signing the events for (a) and (b)")
        single = self._events(int(plan.rounds * plan.seconds + 1) * MOST_SINGLE)
        many = self._events(plan.bulk)
        entry = sum(map(len, single)) // len(single) + len("2026-01-01T00:00:00.000Z\n\n")
        with ExitStack() as stack:
            database = stack.enter_context(Database(Settings(self._home)))
            assert database.embedded is not None
            port = stack.enter_context(serving(self._home))
            bare = Bare(database.embedded.url("jiannuo_admin"), entry)
            stack.callback(bare.close)
            a = Single(port, bare, single, plan.rounds, plan.seconds)
            a.run(say)
            b = Bulk(port, PrivateKey.from_pem(self._key).public_bytes, many, plan.rounds)
            b.run(say)
        return [*a.figures(), *b.figures()]

    def _events(self, count: int) -> list[bytes]:
        return jws_of(self._pool.imap(write_streams, tasks(self._key, count)))

    def _verifying(self) -> list[Figure]:
        """(c), on two logs of its own, or those of (d)."""
        c = Verifying([(size, self._log(size)) for size in self._plan.verified], self._plan.verify_rounds)
        c.run(say)
        return c.figures()

    def _appending(self) -> list[Figure]:
        """(d)."""
        d = Appending([(size, self._log(size)) for size in self._plan.appended], self._plan.blocks)
        d.run(self._pool, say)
        return d.figures()

    def _judging(self) -> list[Figure]:
        """(e)."""
        e = Judging()
        e.run(say)
        return e.figures()

    def _bundling(self) -> list[Figure]:
        """(f), on the longest log of (c)."""
        f = Bundling(self._log(max(self._plan.verified)), self._folder, self._plan.bundle_rounds)
        f.run(say)
        return f.figures()

    def _projecting(self) -> list[Figure]:
        """(g), on a log of its own."""
        g = Projecting(self._log(self._plan.projected), self._plan.followed, self._plan.seconds * 2)
        g.run(say)
        return g.figures()

    def _reading(self) -> list[Figure]:
        """(h), on a ledger of its own."""
        home = self._folder / "reading"
        h = Reading(home, self._plan.read, self._plan.seconds * 4, self._plan.rounds)
        h.run(jws_of(self._pool.imap(write_streams, tasks(founded(home), 200))), say)
        return h.figures()

    def _searching(self) -> list[Figure]:
        """(i), on tables of its own."""
        with Database(Settings(self._folder / "search")) as database:
            i = Searching(database, self._plan.searched, self._plan.search_rounds)
            i.run(say)
        return i.figures()

    def _screening(self) -> list[Figure]:
        """(j), on tables of its own."""
        with Database(Settings(self._folder / "screening")) as database:
            j = Screening(database, self._plan.rounds)
            j.run(say)
        return j.figures()

    def _log(self, size: int) -> Path:
        """The home of a log with so many events, made where it is not there yet."""
        home = self._folder / f"log-{size}"
        if not home.exists():
            say(f"making a log of {size:,} events")
            long_log(home, size, self._pool, say)
        return home


if __name__ == "__main__":
    main()
