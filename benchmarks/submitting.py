"""(a) single events from many clients at once, and (b) many events in one request, over HTTP to the service."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks import client
from benchmarks.baseline import Bare, verification_rate
from benchmarks.client import Load
from benchmarks.report import Figure, median_ratio, percentile
from benchmarks.workload import PER_STREAM, dealt

CLIENTS = 64
THREADS = 8
LINES = 1_000
SENDERS = 2
Say = Callable[[str], None]


@dataclass
class Single:
    """(a): rounds of ``seconds`` of the ledger and of the bare library, by turns."""

    port: int
    bare: Bare
    events: list[bytes]
    rounds: int
    seconds: float
    ours: list[Load] = field(default_factory=list)
    theirs: list[Load] = field(default_factory=list)

    def run(self, say: Say) -> None:
        """One short round to warm up both, then the rounds that count."""
        waiting = [[client.request(e, "application/jose") for e in events] for events in dealt(self.events, CLIENTS)]
        for number in range(self.rounds + 1):
            seconds = self.seconds if number else 1.0
            load, sent = client.run(self.port, waiting, seconds)
            if min(len(requests) - n for requests, n in zip(waiting, sent, strict=True)) == 0:
                raise RuntimeError("the signed events did not last: give the run more of them")
            waiting = [requests[n:] for requests, n in zip(waiting, sent, strict=True)]
            bare = self.bare.run(THREADS, seconds)
            say(f"(a) {load.rate:,.0f} events/s, bare library {bare.rate:,.0f}/s")
            if number:
                self.ours.append(load)
                self.theirs.append(bare)

    def figures(self) -> list[Figure]:
        """The ratio and both rates."""
        ours, theirs = [load.rate for load in self.ours], [load.rate for load in self.theirs]
        latencies = [latency for load in self.ours for latency in load.latencies]
        save = f"Application.save of one event of the same size, {THREADS} threads"
        http = f"{CLIENTS} HTTP clients, one event a request: verified, tree-hashed, receipt given"
        return [
            Figure("a", "single events", median_ratio(ours, theirs), "×", "bare library, median of rounds", aim=1.5),
            Figure("a", "  ledger", statistics.median(ours), "events/s", http),
            Figure("a", "  bare library", statistics.median(theirs), "events/s", save),
            Figure("a", "  ledger, median answer", percentile(latencies, 50) * 1000, "ms", http),
            Figure("a", "  ledger, 99 % of answers", percentile(latencies, 99) * 1000, "ms", http),
        ]


@dataclass
class Bulk:
    """(b): rounds of ``lines`` events in requests of LINES lines, and of bare verification of the same, by turns."""

    port: int
    public: bytes
    events: list[bytes]
    rounds: int
    ours: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)

    def run(self, say: Say) -> None:
        """The first round only warms up."""
        each = len(self.events) // (self.rounds + 1) // PER_STREAM * PER_STREAM
        for number in range(self.rounds + 1):
            part = self.events[number * each : (number + 1) * each]
            raw = verification_rate(part, self.public, 2)
            bodies = [b"\n".join(part[start : start + LINES]) + b"\n" for start in range(0, len(part), LINES)]
            requests = [client.request(body, "application/x-ndjson") for body in bodies]
            load, _ = client.run(self.port, [requests[n::SENDERS] for n in range(SENDERS)], sys.maxsize)
            rate = len(part) / load.seconds
            say(f"(b) {rate:,.0f} events/s, bare verification {raw:,.0f}/s")
            if number:
                self.ours.append(rate)
                self.raw.append(raw)

    def figures(self) -> list[Figure]:
        """The rate, and its ratio to the bare verification."""
        http = f"NDJSON, {LINES:,} events a request, {SENDERS} senders"
        raw = "Ed25519 of the same events on 2 threads, nothing else"
        return [
            Figure("b", "bulk ingest", statistics.median(self.ours), "events/s", http, aim=4000),
            Figure("b", "  to bare verification", median_ratio(self.ours, self.raw), "×", raw, aim=0.4),
            Figure("b", "  bare verification", statistics.median(self.raw), "events/s", raw),
        ]
