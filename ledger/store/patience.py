"""A connection that gives up a server which has fallen silent.

A PostgreSQL whose processes are stopped, or that a network keeps from answering, is alive for the kernels: bytes that
are sent arrive, and nothing comes back. Its own limits (statement_timeout, lock_timeout) sleep with it, and those of
TCP (keepalives, tcp_user_timeout) are about kernels, and not for Unix sockets. So silence is measured here: where not a
byte came or went for ``patience`` seconds although an answer is due, the connection is closed and SilentError raised.
What the server did with what it was sent, nobody knows then.

The patience has to be longer than the server's own limits, which come with an answer.

    with connect(url, patience=7) as connection:      # ledger/store/database.py
        connection.execute("SELECT …")                # SilentError after 7 s of silence

>>> issubclass(SilentError, psycopg.OperationalError)
True
"""

from __future__ import annotations

import math
import time
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.rows import Row

T = TypeVar("T")


class SilentError(psycopg.OperationalError):
    """The server was silent for longer than the connection's patience; the connection is closed."""


class PatientConnection(psycopg.Connection[Row]):
    """See the module's docstring. ``patience``: seconds of silence; to be set after connecting."""

    patience: float = math.inf

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Everything that psycopg asks of a server is waited for here; ``interval`` is how often it is looked.

        Who brings a ``timeout`` of his own waits for what may never come (notifications): he is no matter of ours.
        """
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        return super().wait(self._attended(gen), interval)

    def _attended(self, gen: PQGen[T]) -> PQGen[T]:
        """The same steps, as long as something comes or goes. psycopg reports each interval in which nothing did."""
        heard = time.monotonic()
        try:
            wanted: Any = next(gen)
            while True:
                ready = yield wanted
                if ready:
                    heard = time.monotonic()
                elif time.monotonic() - heard > self.patience:
                    self.close()
                    raise SilentError(f"the server was silent for {self.patience:g} s")
                wanted = gen.send(ready)
        except StopIteration as end:
            answer: T = end.value
            return answer
