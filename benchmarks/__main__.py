"""``python -m benchmarks [--quick | --full] [--json]``: all figures of one run; progress on stderr, result on stdout.

All happens in a temporary folder that is removed at the end. ``--quick`` takes fewer rounds and a log of 100,000 events
for the long one.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.pool import Pool
from pathlib import Path

from benchmarks.appending import Appending, long_log
from benchmarks.baseline import Bare
from benchmarks.report import Figure, machine, table
from benchmarks.service import founded, serving
from benchmarks.submitting import Bulk, Single
from benchmarks.workload import jws_of, tasks, write_streams
from ledger.proof.keys import PrivateKey
from ledger.settings import Settings
from ledger.store.database import Database, connect

SHORT, LONG, QUICK_LONG = 1_000, 1_000_000, 100_000
_STARTED = time.monotonic()


def say(text: str) -> None:
    """A line of progress."""
    print(f"{time.monotonic() - _STARTED:6.1f} s  {text}", file=sys.stderr, flush=True)


def main() -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="fewer rounds, a shorter long log")
    size.add_argument("--full", action="store_true", help="also verify the long log")
    parser.add_argument("--json", action="store_true", help="the result as JSON")
    parser.add_argument("--only", choices="abcd", help="only this figure (a and b come together)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers and folder go away then too
    with tempfile.TemporaryDirectory(prefix="jiannuo-bench-") as folder, _signers() as pool:
        described, figures = measure(Path(folder), pool, options)
    if options.json:
        print(json.dumps({"machine": described, "figures": [f.json() for f in figures]}, ensure_ascii=False, indent=1))
    else:
        print("\n".join(f"{name}: {value}" for name, value in described.items()), table(figures), sep="\n\n")


@contextmanager
def _signers() -> Iterator[Pool]:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        yield pool


def measure(folder: Path, pool: Pool, options: argparse.Namespace) -> tuple[dict[str, object], list[Figure]]:
    """The machine and the figures of the run."""
    figures: list[Figure] = []
    home = folder / "service"
    pem = founded(home)
    with Database(Settings(home)) as database:
        with connect(database.url("reader")) as connection:
            described = machine(connection.info.parameter_status("server_version") or "?")
        if options.only in (None, "a", "b"):
            figures += submitting(home, database, pem, pool, quick=options.quick)
    if options.only in (None, "d", "c"):
        figures += appending(folder, pool, options)
    return described, figures


def submitting(home: Path, database: Database, pem: bytes, pool: Pool, *, quick: bool) -> list[Figure]:
    """(a) and (b), on one service."""
    rounds, seconds, bulk = (3, 2.0, 20_000) if quick else (7, 3.0, 48_000)
    say("signing the events for (a) and (b)")
    single = jws_of(pool.imap(write_streams, tasks(pem, int(rounds * seconds + 1) * 2_500)))
    many = jws_of(pool.imap(write_streams, tasks(pem, bulk)))
    assert database.embedded is not None
    entry = sum(map(len, single)) // len(single) + len("2026-01-01T00:00:00.000Z\n\n")
    with ExitStack() as stack:
        port = stack.enter_context(serving(home))
        bare = Bare(database.embedded.url("jiannuo_admin"), entry)
        stack.callback(bare.close)
        a = Single(port, bare, single, rounds, seconds)
        a.run(say)
        b = Bulk(port, PrivateKey.from_pem(pem).public_bytes, many, rounds)
        b.run(say)
    return [*a.figures(), *b.figures()]


def appending(folder: Path, pool: Pool, options: argparse.Namespace) -> list[Figure]:
    """(d), and (c) on the logs that it made."""
    long = QUICK_LONG if options.quick else LONG
    logs = [(size, folder / f"log-{size}") for size in (SHORT, long)]
    for size, home in logs:
        say(f"(d) making the log of {size:,} events")
        long_log(home, size, pool, say)
    d = Appending(logs, 3 if options.quick else 10)
    d.run(pool, say)
    return d.figures()


if __name__ == "__main__":
    main()
