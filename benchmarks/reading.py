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

import asyncio
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

import uvloop

from benchmarks.report import Figure, median_ratio, percentile
from benchmarks.service import serving
from ledger.authoring import utc_now
from ledger.domain import commitment
from ledger.domain.commitment import CommitmentMade
from ledger.domain.commitment_terms import Area, Kind
from ledger.domain.event import Document, Event, Recorded, legal_day
from ledger.domain.identifiers import fictional_uscc
from ledger.installation import open_installation
from ledger.settings import Settings
from ledger.store.database import connect
from projections import bodies, commitments, penalties, records, search, tables
from projections.projection import OPEN, Case, Projection, Row, Version
from projections.runner import Runner

TODAY = legal_day(utc_now())
AIM_MS, AIM_RATIO, RATE = 20.0, 0.5, 200
BODIES, PART = 2_000, 5_000
FAR = 10**6
"""The rows stand before the log's first entry, so that the log need not be as long."""
_AT = datetime.combine(TODAY - timedelta(30), datetime.min.time(), UTC)
_WORDS = (
    "道路修复",
    "租金补贴",
    "限时办结",
    "欠款清偿",
    "学校扩建",
    "污水治理",
    "老旧小区改造",
    "营商环境",
    "合同履行",
)
_AREAS, _KINDS = tuple(Area), tuple(kind for kind in Kind if kind is not Kind.CONTRACT)
_REGIONS = tuple(f"99{city:02d}{county:02d}" for city in range(1, 11) for county in range(1, 6))
_BARE = """
import sys, uvicorn
from fastapi import FastAPI, Response
app = FastAPI(docs_url=None, redoc_url=None)
PAGE = open(sys.argv[1], "rb").read()
@app.get("/api/v1/commitments")
async def page():
    return Response(PAGE, media_type="application/json")
uvicorn.run(app, port=int(sys.argv[2]), log_config=None, access_log=False, server_header=False)
"""


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
        self._fill()
        with serving(self._home, JIANNUO_READ_RATE="0") as port:
            addresses = list(self._addresses(port, int(self._seconds * RATE)))
            say(f"(h) asking {len(addresses):,} questions at {RATE} a second")
            uvloop.run(_at_rate(port, addresses[: RATE * 2]))  # the first are slower: connections, prepared statements
            self.at_rest = uvloop.run(_at_rate(port, addresses))
            addresses = list(self._addresses(port, len(addresses)))
            self.growing = uvloop.run(_at_rate(port, addresses, events))
            page = urlopen(f"http://127.0.0.1:{port}/api/v1/commitments").read()
            with _bare(self._home / "page.json", page) as other:
                for _ in range(self._rounds):
                    self.ours.append(uvloop.run(_as_many(port)))
                    self.bare.append(uvloop.run(_as_many(other)))
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
        after = [self._next(port, f"/api/v1/commitments?area={area}") for area in _AREAS]
        promised = self._size * 3 // 4
        for _ in range(count):
            sort = draw(100)
            if sort < 30:
                yield f"/api/v1/commitments/{_id(draw(promised))}"
            elif sort < 40:
                yield f"/api/v1/records/{_id(draw(self._size - promised))}"
            elif sort < 50:
                yield f"/api/v1/commitments?region={pick(_REGIONS)}&limit={draw(10, 60)}"
            elif sort < 60:
                yield f"/api/v1/commitments?area={pick(_AREAS)}&order=due&limit={draw(10, 60)}"
            elif sort < 65:
                yield f"/api/v1/commitments?body={fictional_uscc(draw(1, BODIES))}"
            elif sort < 70:
                yield pick(after)
            elif sort < 75:
                yield f"/api/v1/records?region={pick(_REGIONS)}&limit={draw(10, 60)}"
            elif sort < 80:
                yield f"/api/v1/commitments?region={pick(_REGIONS)}&facets=area,kind,standing"
            elif sort < 85:
                yield "/api/v1/commitments?facets=area"
            else:
                yield f"/api/v1/search?q={quote(pick(_WORDS) + pick(('', str(draw(promised)))))}"

    def _next(self, port: int, address: str) -> str:
        import json

        after = json.load(urlopen(f"http://127.0.0.1:{port}{address}"))["next"]
        return f"{address}&after={after}" if after else address

    # --- rows ---------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        with open_installation(Settings(self._home)) as installation:
            database = installation.database
            Runner(database, installation.ledger.reader).catch_up()  # what is in the log is in the rows: no rebuild
            with connect(database.url("owner")) as connection:
                promised = self._size * 3 // 4
                for start in range(0, promised, PART):
                    rows = [row for n in range(start, min(start + PART, promised)) for row in _promised(n)]
                    _store(connection, rows)
                for start in range(0, self._size - promised, PART):
                    _store(connection, [r for n in range(start, start + PART) for r in _recorded(n)])
                _store(connection, [row for n in range(1, BODIES + 1) for row in _body(n)])
            assert database.embedded is not None
            with connect(database.embedded.url("jiannuo_admin")) as connection:
                connection.execute("VACUUM (ANALYZE)")
                connection.execute("CHECKPOINT")


def _store(connection: object, rows: Sequence[tuple[Projection, Row]]) -> None:
    found: dict[tuple[str, object], list[Version]] = {}
    for projection, row in rows:
        table = projection.table(row)
        found.setdefault((projection.schema, table.name), []).append(Version(table, row, 0, OPEN))
    for (schema, _), versions in found.items():
        tables.insert(connection, schema, versions[0].table, versions)  # type: ignore[arg-type]


def _id(number: int) -> str:
    return f"0198c5a2-0000-7000-8000-{number:012d}"


def _promised(number: int) -> Iterator[tuple[Projection, Row]]:
    """The rows of a commitment."""
    body, stream = fictional_uscc(1 + number % BODIES), f"commitment/{_id(number)}"
    due = TODAY + timedelta(number % 700 - 200)
    fact = CommitmentMade(
        f"{_WORDS[number % len(_WORDS)]}第{number}号",
        "对企业和群众作出的承诺，逾期未办结的说明原因并公布新的期限。",
        _KINDS[number % len(_KINDS)],
        _AREAS[number * 7 % len(_AREAS)],
        body,
        lead=(fictional_uscc(1 + number * 3 % BODIES),),
        due=due,
    )
    paper = Document("工作方案", f"{number % 500:064d}", f"示政发〔2026〕{number % 500}号")
    recorded = Recorded(Event(body, 0, _id(number), stream, 1, None, fact, (paper,)), "", number - FAR, _AT, "")
    state = commitment.evolve(commitment.EMPTY, recorded)
    region = _REGIONS[number % len(_REGIONS)]
    case = Case(stream, recorded, recorded, state, body, region, (), number - FAR, TODAY)
    found = (commitments.PROJECTION, search.PROJECTION) if number % 10 == 0 else (commitments.PROJECTION,)
    for projection in found:  # search at this size is measured by itself, in (i)
        for row in (*projection.rows(case), *projection.entries(case)):
            yield projection, row


def _recorded(number: int) -> Iterator[tuple[Projection, Row]]:
    """The rows of a record that is public, with a penalty."""
    import json

    stream, region = f"record/{_id(number)}", _REGIONS[number % len(_REGIONS)]
    subject, area = fictional_uscc(1 + number % BODIES), str(_AREAS[number % len(_AREAS)])
    begun = TODAY - timedelta(60)
    fields = {
        "findings": "经督促仍不履约",
        "conduct": ["breach_of_contract"],
        "decision": {"title": "认定书", "number": f"示监认〔2026〕{number}号", "organ": "示例局", "sha256": "0" * 64},
        "recognised_by": subject,
        "recognised_on": begun.isoformat(),
        "effective_on": begun.isoformat(),
        "rectification": {"state": "overdue", "due": begun.isoformat()},
        "penalties": [],
    }
    yield (
        records.PROJECTION,
        records.DisclosureRow(
            stream,
            begun,
            TODAY + timedelta(300),
            number - 2 * FAR,
            subject,
            region,
            area,
            "contract_breach",
            "serious",
            begun,
            begun,
            TODAY + timedelta(300),
            False,
            json.dumps(fields, ensure_ascii=False),
        ),
    )
    yield (
        penalties.PROJECTION,
        penalties.PenaltyRow(
            stream,
            "p1",
            number - 2 * FAR,
            subject,
            region,
            False,
            "award_exclusion",
            "award_exclusion",
            "取消评优资格",
            "Exclusion from awards",
            begun,
            date(2099, 12, 31),
            begun,
            subject,
            None,
            None,
            "测速",
            (),
            (),
            None,
            None,
        ),
    )


def _body(number: int) -> Iterator[tuple[Projection, Row]]:
    own, name = fictional_uscc(number), f"示例市第{number}局（虚构）"
    region = _REGIONS[number % len(_REGIONS)]
    if number > 1:  # the first is the operator's, and registered
        yield (
            bodies.PROJECTION,
            bodies.BodyRow(
                own, number - 3 * FAR, "registered", name, "department", region, None, None, None, False, ()
            ),
        )


# --- the load ---------------------------------------------------------------------------------------------------


class _Client(asyncio.Protocol):
    """A kept connection: one request at a time; the answer must be 200."""

    def __init__(self) -> None:
        self._data = b""
        self._missing = -1
        self._done: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def ask(self, address: str) -> asyncio.Future[None]:
        """Sends a request; the future is done with its whole answer."""
        self.address = address
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(f"GET {address} HTTP/1.1\r\nhost: bench\r\n\r\n".encode())  # type: ignore[attr-defined]
        return self._done

    def data_received(self, data: bytes) -> None:
        if self._missing < 0:
            self._data += data
            head, found, body = self._data.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 200"), (self.address, head, body[:300])
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            self._missing, self._data = length - len(body), b""
        else:
            self._missing -= len(data)
        if self._missing == 0 and self._done:
            done, self._missing = self._done, -1
            done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if self._done and not self._done.done():
            self._done.set_exception(error or ConnectionResetError())


async def _connected(port: int) -> _Client:
    _, client = await asyncio.get_running_loop().create_connection(_Client, "127.0.0.1", port)
    return client


async def _at_rate(port: int, addresses: Sequence[str], events: Sequence[bytes] = ()) -> list[float]:
    """Milliseconds from when each request was due to its answer; an event every second."""
    free: asyncio.Queue[_Client] = asyncio.Queue()
    for _ in range(64):
        free.put_nowait(await _connected(port))
    found: list[float] = []
    began = time.perf_counter()

    async def ask(address: str, due: float) -> None:
        client = await free.get()
        await client.ask(address)
        free.put_nowait(client)
        found.append((time.perf_counter() - due) * 1000)

    async def submit() -> None:
        for number, event in enumerate(events):
            await asyncio.sleep(max(0.0, began + number - time.perf_counter()))
            await asyncio.to_thread(_submit, port, event)

    writing = asyncio.ensure_future(submit())
    asking = []
    for number, address in enumerate(addresses):
        due = began + number / RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asking.append(asyncio.ensure_future(ask(address, due)))
    await asyncio.gather(*asking)
    writing.cancel()
    return found


def _submit(port: int, event: bytes) -> None:
    address = f"http://127.0.0.1:{port}/api/v1/events"
    urlopen(Request(address, event, {"content-type": "application/jose"})).read()


async def _as_many(port: int, seconds: float = 3.0, connections: int = 64) -> float:
    """Answers a second to the page of commitments."""
    clients = [await _connected(port) for _ in range(connections)]
    began = time.perf_counter()

    async def ask(client: _Client) -> int:
        count = 0
        while time.perf_counter() < began + seconds:
            await client.ask("/api/v1/commitments")
            count += 1
        return count

    counts = await asyncio.gather(*map(ask, clients))
    return sum(counts) / (time.perf_counter() - began)


@contextmanager
def _bare(file: Path, page: bytes) -> Iterator[int]:
    """A FastAPI application with one route that returns these bytes; its port."""
    file.write_bytes(page)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", _BARE, str(file), str(port)])
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/api/v1/commitments", timeout=1).read()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()
