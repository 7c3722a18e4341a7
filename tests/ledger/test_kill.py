"""kill -9 under load, 20 times: every acknowledged event is there, every receipt verifies, the log verifies.

Ten times the service dies and is started again by an operator; ten times PostgreSQL's main process dies and the service
brings it back. The callers do what callers do: they send an event again until it is answered.
"""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from audit.verify import verify
from ledger.authoring import Author
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import Head
from ledger.installation import found, open_installation
from ledger.settings import Settings
from ledger.store.embedded import EmbeddedPostgres
from ledger.store.source import PostgresSource
from tests.conftest import OPERATOR
from tests.ledger.test_concurrent_writers import receipt_of
from tests.ledger.wholelog import Streams, check_receipt, jws_of

KILLS = 10
BETWEEN = 10  # acknowledged events at least before the next kill
PATIENCE = 30  # seconds until the service has to answer again


@dataclass
class Service:
    """``jiannuo serve`` as an operator runs it, with PostgreSQL of its own and nothing switched off."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts the command; whoever calls it too early is refused by the system."""
        environment = {**os.environ, "JIANNUO_HOME": str(self.home), "PORT": str(self.port), "HOST": "127.0.0.1"}
        environment.pop("JIANNUO_DATABASE_URL", None)
        with (self.home.parent / "serve.log").open("ab") as log:
            code = "from api.cli import main; main()"
            command = [sys.executable, "-c", code, "serve"]
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def end(self, with_signal: signal.Signals) -> int:
        """Ends the process that :meth:`start` made."""
        assert self.process is not None
        self.process.send_signal(with_signal)
        return self.process.wait(PATIENCE)


@dataclass
class Load:
    """Callers that submit registrations, and what was acknowledged to them."""

    url: str
    author: Author
    numbers: Iterator[int]
    acknowledged: dict[bytes, dict[str, object]] = field(default_factory=dict)
    again: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    unexpected: list[str] = field(default_factory=list)

    def run(self) -> None:
        """One caller."""
        with httpx.Client(base_url=self.url, timeout=PATIENCE) as http:
            while not self.ended.is_set():
                stream = f"body/{fictional_uscc(next(self.numbers))}"
                event = self.author.write(stream, Head(0, None), BodyRegistered("示例单位", Kind.DEPARTMENT))
                self.send(http, event)

    def send(self, http: httpx.Client, event: bytes) -> None:
        """Sends an event until it is answered."""
        while not self.ended.is_set():
            try:
                answer = http.post("/api/v1/events", content=event, headers={"content-type": "application/jose"})
            except httpx.TransportError:
                time.sleep(0.02)
                continue
            if answer.status_code in {200, 201}:
                self.again += answer.status_code == 200
                self.acknowledged[event] = answer.json()
                return
            if answer.status_code != 503:
                self.unexpected.append(answer.text)
                return
            time.sleep(0.02)

    def wait_for(self, more: int, alive: Callable[[], bool]) -> None:
        """Until so many more events are acknowledged."""
        goal, deadline = len(self.acknowledged) + more, time.monotonic() + PATIENCE
        while len(self.acknowledged) < goal:
            assert time.monotonic() < deadline, f"no answers for {PATIENCE} s"
            assert alive(), "the service ended by itself"
            time.sleep(0.005)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("kill") / "h"
    with open_installation(Settings(home), founding=True) as installation:
        found(installation, OPERATOR)
    yield home
    pid = EmbeddedPostgres(home).pid
    if pid is not None:  # a failed test left the server of this home behind
        os.kill(pid, signal.SIGINT)


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        made = Service(home, free.getsockname()[1])
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)


numbers = itertools.count(100)


@pytest.fixture
def load(service: Service) -> Iterator[Load]:
    from ledger.keys import keystore

    author = Author(OPERATOR.uscc, keystore.load(service.home / "keys" / "operator.pem"))
    made = Load(service.url, author, numbers)
    threads = [threading.Thread(target=made.run, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    yield made
    made.ended.set()
    for thread in threads:
        thread.join(PATIENCE)


def check_everything(home: Path, load: Load) -> None:
    """The ledger after it all, opened anew."""
    assert not load.unexpected
    with open_installation(Settings(home)) as installation:
        reader, key = installation.ledger.reader, installation.ledger.log_key.verifier
        seen = Streams()
        rows = list(reader.scan())
        for row in rows:
            seen.take(row)
        seen.check_root(reader.newest(), key)
        for event, answer in load.acknowledged.items():
            receipt = receipt_of(answer)
            entry = rows[receipt.index].entry
            assert jws_of(entry) == event
            check_receipt(receipt, entry, key)
            assert installation.ledger.receipt(rows[receipt.index]).json() == answer
        assert verify(PostgresSource(installation.database.url("reader")), pinned=key, processes=1).exit_code == 0


def test_the_service_is_killed_ten_times(service: Service, load: Load):
    for _ in range(KILLS):
        load.wait_for(BETWEEN, lambda: service.process.poll() is None)
        assert service.end(signal.SIGKILL) == -signal.SIGKILL
        service.start()
    load.wait_for(BETWEEN, lambda: service.process.poll() is None)
    load.ended.set()
    assert service.end(signal.SIGTERM) == 0
    assert len(load.acknowledged) >= (KILLS + 1) * BETWEEN
    check_everything(service.home, load)


def next_pid(server: EmbeddedPostgres, killed: set[int]) -> int:
    """The main process that runs now. Sessions of a killed one answer for a moment longer, while none runs."""
    deadline = time.monotonic() + PATIENCE
    while (pid := server.pid) is None or pid in killed:
        assert time.monotonic() < deadline, "PostgreSQL was not started again"
        time.sleep(0.005)
    return pid


def test_postgresql_is_killed_ten_times(service: Service, load: Load):
    server, killed = EmbeddedPostgres(service.home), set()
    for _ in range(KILLS):
        load.wait_for(BETWEEN, lambda: service.process.poll() is None)
        pid = next_pid(server, killed)
        killed.add(pid)
        os.kill(pid, signal.SIGKILL)
    next_pid(server, killed)
    load.wait_for(BETWEEN, lambda: service.process.poll() is None)
    answers = (httpx.get(f"{service.url}/readyz").status_code for _ in range(20))
    assert 200 in answers, "connections of the killed server may still lie in the pool, but not for ever"
    load.ended.set()
    assert service.end(signal.SIGTERM) == 0
    assert len(killed) == KILLS
    check_everything(service.home, load)
