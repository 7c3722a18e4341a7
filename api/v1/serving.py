"""What the interface needs of the running application, and its routes: ``create_app`` calls :func:`equip`."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import partial

from fastapi import FastAPI

from api.answers import Answers, Readers
from api.limits import Rate
from api.moments import today_of
from api.snapshots import Snapshots
from api.v1 import openapi, snapshot
from api.v1.exports import Places
from api.v1.lists import Endpoints
from api.v1.office import OFFICE
from api.v1.resources import RESOURCES
from ledger.application import Ledger
from ledger.installation import Installation
from ledger.proof.merkle import root
from ledger.proof.note import to_base64
from projections.reading import Reading

BURST = 10
"""Seconds whose requests an address may ask at once."""


class Roots:
    """Root hashes of the log by size, in base64; those asked for last are kept. Safe to use from many threads."""

    MOST = 1000

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._kept: OrderedDict[int, str] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, size: int) -> str:
        """The root hash of the first ``size`` entries (RFC 6962 §2.1). Raises UnavailableError."""
        with self._lock:
            if found := self._kept.get(size):
                return found
        found = to_base64(root(size, self._ledger.nodes(size)))
        with self._lock:
            self._kept[size] = found
            while len(self._kept) > self.MOST:
                self._kept.popitem(last=False)
        return found


def equip(app: FastAPI, installation: Installation, reading: Reading) -> None:
    """Gives the application the interface's routes, and what its reading needs."""
    state = app.state
    state.readers = Readers(reading.pool_size)
    state.answers = Answers(reading, state.readers, partial(today_of, installation))
    state.exports = Places()
    state.roots = Roots(installation.ledger)
    state.snapshots = Snapshots(
        installation.settings.home / "snapshots", reading, installation.ledger, partial(today_of, installation)
    )
    state.read_rate = Rate(installation.settings.read_rate * BURST, BURST)
    for resource in (*RESOURCES.values(), *OFFICE.values()):
        app.router.routes.extend(Endpoints(resource).routes())
    app.router.routes.extend((*snapshot.routes, *openapi.routes))
