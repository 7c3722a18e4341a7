"""While the service runs: start the embedded server again if it dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from ledger.errors import LedgerError
from ledger.installation import Installation

PERIOD = 0.5  # seconds


@contextmanager
def watching(installation: Installation) -> Iterator[None]:
    """Looks after the embedded server in a thread of its own; nothing to do for a server of yours."""
    embedded = installation.database.embedded
    if embedded is None:
        yield
        return
    ended = threading.Event()
    log = structlog.get_logger("watch")

    def watch() -> None:
        while not ended.wait(PERIOD):
            try:
                if embedded.ensure():
                    log.warning("database restarted")
            except LedgerError as error:
                log.error("database cannot be restarted", reason=error.en)

    thread = threading.Thread(target=watch, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
