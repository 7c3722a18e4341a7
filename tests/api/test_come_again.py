"""Whoever is told to come again is told when: every 429 and 503 has Retry-After (RFC 9110 §10.2.3, RFC 6585 §4)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI

from api import edge
from api.limits import Rate
from api.snapshots import Snapshot
from api.v1 import snapshot
from api.witness import create_witness_app
from audit.witness import Witness
from ledger.errors import UnavailableError
from ledger.installation import Installation
from tests.api.submitting import JOSE, registration
from tests.conftest import Databases, caller_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

SUBMITTING = "/api/v1/events"
BROWSER = {"accept": "text/html"}
SCREEN = {"purpose": "awards", "subjects": ["局"]}
RATED = [
    ("read_rate", "GET", "/api/v1/bodies", {}),
    ("read_rate", "GET", "/bodies", {"headers": BROWSER}),
    ("screening_rate", "POST", "/api/v1/screen", {"json": SCREEN}),
    ("screening_rate", "POST", "/screen", {"data": {"purpose": "awards", "subjects": "局"}}),
    ("lookups_rate", "POST", "/api/v1/lookups", {"headers": {"content-type": "application/sd-jwt"}, "content": "a~"}),
    ("lookups_rate", "POST", "/my/lookups", {"data": {"presentation": "a~"}}),
    ("subscriptions_rate", "POST", "/api/v1/subscriptions", {"json": {}}),
]
AWAY = [
    *(("GET", path, {}) for path in ("/readyz", "/api/v1/bodies", "/api/v1/bodies.csv", "/feeds/takedowns.atom")),
    *(("GET", path, {"headers": BROWSER}) for path in ("/", "/records/x", "/reports")),
    ("POST", "/api/v1/screen", {"json": SCREEN}),
    ("POST", "/screen", {"data": {"purpose": "awards", "subjects": "局"}}),
]


def says_when(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.text[:300]
    assert 1 <= int(answer.headers["retry-after"]) <= 3600


@pytest.mark.parametrize(("rate", "method", "path", "more"), RATED, ids=[f"{m} {p}" for _, m, p, _ in RATED])
def test_who_asks_too_often(app: FastAPI, client: TestClient, rate: str, method: str, path: str, more: Any) -> None:
    """Issue 5 part 6: rate limits with Retry-After, on pages with a form too."""
    setattr(app.state, rate, Rate(1, 3600))
    assert client.request(method, path, **more).status_code < 429
    says_when(client.request(method, path, **more), 429)


def test_while_the_database_is_away(client: TestClient, installation: Installation, databases: Databases) -> None:
    """Issue 5 part 6: the real thing, connections are refused; pages, lists, exports, feeds, submitting, screening."""
    event = {"content": registration(installation, 10), "headers": JOSE}
    name = installation.settings.database_url.rpartition("/")[2].partition("?")[0]
    databases.run("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
    databases.disconnect(name)
    with ThreadPoolExecutor() as several:  # each waits for a connection for some seconds
        asked = [several.submit(client.request, m, p, **more) for m, p, more in (*AWAY, ("POST", SUBMITTING, event))]
        answers = [one.result() for one in asked]
    databases.run("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
    for answer in answers:
        says_when(answer, 503)


def test_while_too_many_pages_are_made(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 5: readers cannot starve a writer; who is turned away comes again."""
    monkeypatch.setattr(edge, "PAGES", 0)
    says_when(client.get("/bodies", headers=BROWSER), 503)


def test_while_the_snapshot_is_made(app: FastAPI, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 5 part 6: whose patience ends does not end it for the others; it is made once."""
    made, go_on, make = [], threading.Event(), app.state.snapshots.make

    def slow() -> Snapshot:
        made.append(1)
        assert go_on.wait(60)
        found: Snapshot = make()
        return found

    monkeypatch.setattr(snapshot, "PATIENCE", 1.0)
    monkeypatch.setattr(app.state.snapshots, "make", slow)
    for _ in range(2):
        says_when(client.get("/api/v1/snapshot"), 503)
    go_on.set()
    app.state.snapshots.begin().result(60)
    assert client.get("/api/v1/snapshot").status_code == 200
    assert made == [1]


def test_while_a_witness_cannot_remember(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """E12: whoever runs it sees that it is not ready."""

    def lost(_: Witness) -> Any:
        raise UnavailableError("its folder cannot be read", "无法读取其文件夹")

    monkeypatch.setattr(Witness, "seen", lost)
    says_when(caller_of(create_witness_app(Witness.__new__(Witness))).get("/readyz"), 503)
