"""Following the projections: which position each has reached, known without asking, for whoever keeps answers.

A connection of its own waits for the runner's NOTIFY (projections/runner.py) and reads the positions after it, and
four times a second without one. What it last saw counts for BOUND seconds: should the connection die, or this process
be held up, :meth:`Following.now` says that nothing is known, and whoever asks must read anew. So an answer that was
kept is never older than BOUND seconds, and usually some milliseconds.

    following = Following(url)
    following.now()      # ("1234 <build>", …): position and build of each projection; None: not known now
    following.close()
"""

from __future__ import annotations

import threading
import time

import psycopg
from psycopg.sql import SQL, Identifier

from ledger.errors import LedgerError
from ledger.settings import PATIENCE
from ledger.store.database import connect
from projections.catalogue import PROJECTIONS

BOUND = 0.9
"""Seconds for which a position counts after it was read: what is kept must be gone one second later."""
INTERVAL = 0.25
_RETRY = 0.5
_PATIENCE = 0.05  # seconds after which it looks whether it shall close
_LEAVING = 2.0  # a server that hangs keeps nobody from ending

Positions = tuple[str, ...]


class Following:
    """See the module's docstring. The thread starts with the first question."""

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        self._url, self._patience = url, patience
        self._seen: tuple[Positions, float] | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._stopping = threading.Event()

    def now(self) -> Positions | None:
        """Position and build of all projections, in the order of the catalogue; None where they are not known now."""
        if self._thread is None:
            self._start()
        seen = self._seen
        return seen[0] if seen and time.monotonic() - seen[1] < BOUND else None

    def close(self) -> None:
        """Ends the thread. May be called again."""
        with self._starting:
            self._stopping.set()
            thread = self._thread
        if thread:
            thread.join(_LEAVING)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._run, name="following", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with connect(self._url, patience=self._patience) as connection:
                    self._follow(connection)
            except (LedgerError, psycopg.Error):
                self._stopping.wait(_RETRY)

    def _follow(self, connection: psycopg.Connection) -> None:
        connection.execute("LISTEN projections")
        selects = [
            SQL("(SELECT concat_ws(' ', position, built) FROM {})").format(Identifier(p.schema, "position"))
            for p in _ALL
        ]
        query = SQL("SELECT {}").format(SQL(", ").join(selects))
        while not self._stopping.is_set():
            asked = time.monotonic()  # before the question: an answer is never taken for newer than it is
            row = connection.execute(query, prepare=True).fetchone()
            assert row is not None
            self._seen = (row, asked)
            self._wait(connection)

    def _wait(self, connection: psycopg.Connection) -> None:
        """Until the runner tells, the interval's end, or :meth:`close`."""
        deadline = time.monotonic() + INTERVAL
        while not self._stopping.is_set() and time.monotonic() < deadline:
            if list(connection.notifies(timeout=_PATIENCE, stop_after=1)):
                return


_ALL = tuple(PROJECTIONS.values())
