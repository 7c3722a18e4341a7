"""What the ledger is compared with: the eventsourcing library alone, and Ed25519 alone."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from psycopg import conninfo

from benchmarks.client import Load

NAME = "baseline"


class Said(Aggregate.Event):
    """An event of the library's own kind that carries one text."""

    text: str


class Bare:
    """``Application.save`` as the library does it by default: its PostgreSQL recorder, its JSON mapper, no more.

    It gets a database of its own on the server of ``admin`` (a superuser's URL). ``size``: bytes of a stored event.
    """

    def __init__(self, admin: str, size: int) -> None:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {NAME}")
        parts = conninfo.conninfo_to_dict(admin)
        self._application: Application[UUID] = Application(
            env={
                "PERSISTENCE_MODULE": "eventsourcing.postgres",
                "POSTGRES_DBNAME": NAME,
                "POSTGRES_HOST": str(parts["host"]),
                "POSTGRES_PORT": str(parts["port"]),
                "POSTGRES_USER": str(parts["user"]),
                "POSTGRES_PASSWORD": "",
            }
        )
        bare = len(self._application.mapper.to_stored_event(self._event("")).state)
        self._text = "x" * (size - bare)
        assert len(self._application.mapper.to_stored_event(self._event(self._text)).state) == size

    def _event(self, text: str) -> Said:
        return Said(  # the library makes a dataclass of it when it is defined, which no type checker sees
            originator_id=uuid4(),
            originator_version=1,
            timestamp=Said.create_timestamp(),
            text=text,  # type: ignore[call-arg]
        )

    def run(self, threads: int, seconds: float) -> Load:
        """Saves one event after another on each of ``threads`` threads."""
        load, lock = Load(), threading.Lock()
        started = time.perf_counter()

        def work() -> None:
            own = []
            while (before := time.perf_counter()) < started + seconds:
                self._application.save(self._event(self._text))
                own.append(time.perf_counter() - before)
            with lock:
                load.latencies.extend(own)

        _on_threads([work] * threads)
        load.seconds = time.perf_counter() - started
        return load

    def close(self) -> None:
        """Lets go of the database."""
        self._application.close()


def verification_rate(events: Sequence[bytes], public: bytes, threads: int) -> float:
    """Ed25519 verifications a second of these compact JWS on that many threads, with nothing else done."""
    key = Ed25519PublicKey.from_public_bytes(public)
    work = []
    for event in events:
        message, _, signature = event.rpartition(b".")
        work.append((base64.urlsafe_b64decode(signature + b"=="), message))

    def verify(part: Sequence[tuple[bytes, bytes]]) -> Callable[[], None]:
        def run() -> None:
            for signature, message in part:
                key.verify(signature, message)

        return run

    started = time.perf_counter()
    _on_threads([verify(work[n::threads]) for n in range(threads)])
    return len(work) / (time.perf_counter() - started)


def _on_threads(work: Sequence[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(len(work)) as pool:
        for future in [pool.submit(one) for one in work]:
            future.result()
