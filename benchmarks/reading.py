"""(h) The read API at 200,000 records: latency at 200 requests a second, throughput beside a bare FastAPI route.

The rows are made by the projections themselves from invented commitments, three quarters, and beside them records and
bodies, and stored with COPY; the service is ``jiannuo serve`` in a process of its own. What is asked at the fixed rate:
single rows (40 %), pages in several orders and under several filters, pages that follow (35 %), pages with counts of
facets (10 %), searches (15 %), of so many addresses that most are asked once. Once with the log at rest, and once while
an event is submitted every second, so that nothing is kept for longer. A request that comes late because the service
was busy counts from when it was due (no coordinated omission).

The bare route returns the bytes of the same page from memory, by uvicorn in a process of its own; both are asked by
the same clients in turns.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import uvloop

from benchmarks.filling import AREAS, BODIES, REGIONS, WORDS, fill, id_of, promised_of
from benchmarks.load import as_many, at_rate, bare
from benchmarks.report import Figure, median_ratio, percentile
from benchmarks.service import serving
from ledger.domain.identifiers import fictional_uscc
from ledger.installation import open_installation
from ledger.settings import Settings

AIM_MS, AIM_RATIO, RATE = 20.0, 0.5, 200


class Reading:
    """See the module's docstring. ``size`` records; ``seconds`` of the fixed rate; ``rounds`` of throughput."""

    def __init__(self, home: Path, size: int, seconds: float, rounds: int) -> None:
        self._home, self._size, self._seconds, self._rounds = home, size, seconds, rounds
        self._chance = random.Random(8)
        self.at_rest: list[float] = []
        self.growing: list[float] = []
        self.ours: list[float] = []
        self.bare: list[float] = []

    def run(self, events: Sequence[bytes], say: Callable[[str], None]) -> None:
        """Fills the tables of the ledger at home, serves it, asks. ``events`` are submitted meanwhile."""
        say(f"(h) making the rows of {self._size:,} records")
        with open_installation(Settings(self._home)) as installation:
            fill(installation, self._size)
        with serving(self._home, JIANNUO_READ_RATE="0") as port:
            addresses = list(self._addresses(port, int(self._seconds * RATE)))
            say(f"(h) asking {len(addresses):,} questions at {RATE} a second")
            # The first are slower: connections, prepared statements.
            uvloop.run(at_rate(port, addresses[: RATE * 2], RATE))
            self.at_rest = uvloop.run(at_rate(port, addresses, RATE))
            addresses = list(self._addresses(port, len(addresses)))
            self.growing = uvloop.run(at_rate(port, addresses, RATE, events))
            page = urlopen(f"http://127.0.0.1:{port}/api/v1/commitments").read()
            with bare(self._home / "page.json", page) as other:
                for _ in range(self._rounds):
                    self.ours.append(uvloop.run(as_many(port)))
                    self.bare.append(uvloop.run(as_many(other)))
        say(f"(h) p99 {percentile(self.at_rest, 99):.1f} ms; {self.ours[-1]:.0f} and {self.bare[-1]:.0f} a second")

    def figures(self) -> list[Figure]:
        """Latency at the fixed rate, and throughput."""
        what = f"{self._size:,} records, {RATE} requests a second"
        grows = f"{what}, an event every second"
        ratio = median_ratio(self.ours, self.bare)
        return [
            Figure("h1", "read API, p99", percentile(self.at_rest, 99), "ms", what, AIM_MS, at_most=True),
            Figure("h2", "  p50", percentile(self.at_rest, 50), "ms", what),
            Figure("h3", "  p99 while the log grows", percentile(self.growing, 99), "ms", grows),
            Figure("h4", "  p50 while the log grows", percentile(self.growing, 50), "ms", grows),
            Figure("h5", "pages a second / bare route", ratio, "×", "a FastAPI route with the same bytes", AIM_RATIO),
            Figure("h6", "pages a second", sorted(self.ours)[len(self.ours) // 2], "1/s", "64 connections"),
        ]

    # --- what is asked ------------------------------------------------------------------------------------------

    def _addresses(self, port: int, count: int) -> Iterator[str]:
        pick, draw = self._chance.choice, self._chance.randrange
        after = [self._next(port, f"/api/v1/commitments?area={area}") for area in AREAS]
        promised = promised_of(self._size)
        for _ in range(count):
            sort = draw(100)
            if sort < 30:
                yield f"/api/v1/commitments/{id_of(draw(promised))}"
            elif sort < 40:
                yield f"/api/v1/records/{id_of(draw(self._size - promised))}"
            elif sort < 50:
                yield f"/api/v1/commitments?region={pick(REGIONS)}&limit={draw(10, 60)}"
            elif sort < 60:
                yield f"/api/v1/commitments?area={pick(AREAS)}&order=due&limit={draw(10, 60)}"
            elif sort < 65:
                yield f"/api/v1/commitments?body={fictional_uscc(draw(1, BODIES))}"
            elif sort < 70:
                yield pick(after)
            elif sort < 75:
                yield f"/api/v1/records?region={pick(REGIONS)}&limit={draw(10, 60)}"
            elif sort < 80:
                yield f"/api/v1/commitments?region={pick(REGIONS)}&facets=area,kind,standing"
            elif sort < 85:
                yield "/api/v1/commitments?facets=area"
            else:
                yield f"/api/v1/search?q={quote(pick(WORDS) + pick(('', str(draw(promised)))))}"

    def _next(self, port: int, address: str) -> str:
        after = json.load(urlopen(f"http://127.0.0.1:{port}{address}"))["next"]
        return f"{address}&after={after}" if after else address
