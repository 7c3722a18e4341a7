"""(c): ``verify`` beside the bare verification of the same signatures on the same cores; and its memory by log length.

The bare rate is a loop over one library's verification and nothing else, one process a core, on the log's own
messages, with keys and messages at hand: OpenSSL's (``cryptography``), whose answer decides, and libsodium's (PyNaCl),
which ``verify`` asks first (docs/adr/0012-ed25519.md). They take turns, so that what disturbs the machine disturbs all.
Where other programs take a part of the cores, the ratio of processor times tells more (without PostgreSQL's, some 2 µs
an event). Memory is that of all processes at their largest, added up, shared pages counted in each.

    python -m benchmarks.verify [HOME]        the figures as JSON, of the ledger in HOME or of one that it makes
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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nacl.bindings import crypto_sign_open

from benchmarks.appending import long_log
from benchmarks.report import Figure
from ledger.settings import Settings
from ledger.store.database import Database

EVENTS, ROUNDS = 200_000, 3
SAMPLE, LOOPS = 10_000, 5
"""Signatures that each process verifies for the bare rate, and how often: for about as long as a verification takes."""

LIBRARIES = {"OpenSSL": 0.9, "libsodium": 0.9}
"""The libraries of the bare rates, with what the ratio to them aims at."""
MOST_MEMORY = 300
Say = Callable[[str], None]


class Verifying:
    """(c), on logs by their sizes; the ratio is that of the longest, the memory is compared with the shortest."""

    def __init__(self, logs: Sequence[tuple[int, Path]], rounds: int = ROUNDS) -> None:
        self._logs, self._rounds = sorted(logs), rounds
        self.ratios: list[float] = []
        self.raw: dict[str, list[float]] = {library: [] for library in LIBRARIES}
        self.rates: list[float] = []
        self.costs: dict[str, list[float]] = {library: [] for library in LIBRARIES}
        """Processor time: of a bare verification / of an event's."""
        self.peaks: dict[int, float] = {}  # MB of all processes, by size

    def run(self, say: Say) -> None:
        """Verifies each log once for its memory, the longest in turn with the bare loop."""
        for size, home in self._logs[:-1]:
            with Database(Settings(home)) as database:
                self.peaks[size] = _verified(database.url("reader"))["megabytes"]
        size, home = self._logs[-1]
        with Database(Settings(home)) as database:
            url = database.url("reader")
            for _ in range(self._rounds):
                before = {library: raw_rate(url, library) for library in LIBRARIES}
                found = _verified(url)
                self.rates.append(found["rate"])
                for library in LIBRARIES:
                    after = raw_rate(url, library)
                    bare = (before[library].rate + after.rate) / 2
                    cost = (before[library].microseconds + after.microseconds) / 2
                    self.raw[library].append(bare)
                    self.costs[library].append(cost / found["microseconds"])
                    say(
                        f"(c) {found['rate']:,.0f} events/s beside {bare:,.0f} of {library}: {found['rate'] / bare:.3f}"
                    )
                self.peaks[size] = max(self.peaks.get(size, 0.0), found["megabytes"])

    def figures(self) -> list[Figure]:
        """Ratios, rate and memory."""
        longest = self._logs[-1][0]
        rate = statistics.median(self.rates)
        found = []
        for library, aim in LIBRARIES.items():
            raw = self.raw[library]
            ratio = statistics.median(r / b for r, b in zip(self.rates, raw, strict=True))
            on = f"bare verification on all cores with {library}, {statistics.median(raw):,.0f}/s"
            cost = statistics.median(self.costs[library])
            found += [
                Figure("c", f"verify / bare {library}", ratio, "", on, aim=aim),
                Figure("c", "the same in processor time", cost, "", f"bare {library}", aim=aim),
            ]
        found.append(Figure("c", f"verify, log of {longest:,} events", rate, "events/s", "all cores"))
        found += [
            Figure("c", f"memory, log of {size:,} events", peak, "MB", "all processes", aim=MOST_MEMORY, at_most=True)
            for size, peak in sorted(self.peaks.items())
        ]
        return found


def run(home: Path | None = None, say: Say = lambda _: None) -> dict[str, Any]:
    """The figures by name: of the ledger in ``home``, or of new ones with 20,000 and 200,000 events."""
    with tempfile.TemporaryDirectory(prefix="jiannuo-bench-") as folder:
        if home is not None:
            logs = [(_size(home), home)]
        else:
            logs = [(size, Path(folder) / str(size)) for size in (EVENTS // 10, EVENTS)]
            with multiprocessing.get_context("spawn").Pool(2) as pool:
                for size, made in logs:
                    long_log(made, size, pool, say)
        verifying = Verifying(logs)
        verifying.run(say)
    return {figure.what: round(figure.value, 3) for figure in verifying.figures()}


def _size(home: Path) -> int:
    from ledger.store.source import PostgresSource

    with Database(Settings(home)) as database, PostgresSource(database.url("reader")).open() as session:
        return session.extent()[0]


class Bare(NamedTuple):
    """Bare verifications a second on all cores, and the processor time of one."""

    rate: float
    microseconds: float


def raw_rate(url: str, library: str) -> Bare:
    """Bare verification, all cores at once, of the log's newest signatures."""
    from audit.workers import cores

    context = multiprocessing.get_context("spawn")
    together = context.Barrier(cores())
    with context.Pool(cores(), _bare_start, (url, library, together)) as pool:
        results = [pool.apply_async(_bare_loop) for _ in range(cores())]
        found = [result.get() for result in results]
    return Bare(sum(bare.rate for bare in found), statistics.fmean(bare.microseconds for bare in found))


def _bare_start(url: str, library: str, together: Any) -> None:
    global _messages, _together, _loop  # noqa: PLW0603 - of a process of the pool
    from ledger.proof.event import parse, parse_entry
    from ledger.proof.keys import public_key
    from ledger.store.source import PostgresSource

    _together = together
    with PostgresSource(url).open() as session:
        from ledger.domain.body import thumbprint

        keys = {thumbprint(key): public_key(key) for key in session.public_keys()}
        end = session.extent()[1]
        signed = [parse(parse_entry(row[6])[1]) for row in session.rows(max(0, end - SAMPLE), end)]
    if library == "OpenSSL":
        _messages, _loop = [(keys[s.kid], s.signature, s.signing_input) for s in signed], _openssl
    else:
        raw = {kid: key.public_bytes_raw() for kid, key in keys.items() if key}
        _messages, _loop = [(s.signature + s.signing_input, raw[s.kid]) for s in signed], _sodium


def _openssl() -> None:
    for key, signature, message in _messages:
        key.verify(signature, message)


def _sodium() -> None:
    for signed, key in _messages:
        crypto_sign_open(signed, key)


def _bare_loop() -> Bare:
    _together.wait()
    started, processor = time.perf_counter(), time.process_time()
    for _ in range(LOOPS):
        _loop()
    count = LOOPS * len(_messages)
    return Bare(count / (time.perf_counter() - started), (time.process_time() - processor) / count * 1e6)


_messages: Any = None
_together: Any = None
_loop: Any = None


def _verified(url: str) -> dict[str, float]:
    """Rate and memory of one verification, in a process of its own."""
    command = [sys.executable, "-c", "import sys; from benchmarks.verify import _child; _child(sys.argv[1])", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parent.parent)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _child(url: str) -> None:
    from audit.verify import verify
    from audit.workers import cores
    from ledger.store.source import PostgresSource

    verdict = verify(PostgresSource(url))
    assert verdict.exit_code == 0, verdict.problems
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    used = os.times()
    processor = (used.user + used.system + used.children_user + used.children_system) / verdict.events * 1e6
    rate = verdict.events / verdict.seconds
    print(json.dumps({"rate": rate, "microseconds": processor, "megabytes": _own_peak() + cores() * workers}))


def _own_peak() -> float:
    """MB at most, of this process. Linux's getrusage would count what the process that started us had, too."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1e3


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    print(json.dumps(run(chosen, lambda text: print(text, file=sys.stderr, flush=True)), indent=1))
