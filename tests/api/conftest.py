"""The example town behind the web application, on the town's own day; a browser that looks at it."""

from __future__ import annotations

import shutil
import socket
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from ledger.installation import Installation
from ledger.settings import Settings
from tests.api.chrome import NAMES, Chromium, Page, running
from tests.conftest import Databases, application, caller_of, lacking
from tests.projections.town import Town, built_town


@pytest.fixture(scope="session")
def town(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Only read from: what it holds is the same for every test."""
    name = databases.create()
    with built_town(Settings(tmp_path_factory.mktemp("town"), databases.url(name))) as found:
        yield found
    databases.drop(name)


@pytest.fixture(scope="session")
def town_app(town: Town) -> Iterator[FastAPI]:
    """The application, whose today is the town's: the ledger's clock is."""
    with application(town.installation) as app:
        yield app


@pytest.fixture(scope="session")
def site(town_app):
    """Calls the application as a browser does."""
    with warnings.catch_warnings():  # it would rather have another package than httpx
        warnings.simplefilter("ignore")
        from starlette.testclient import TestClient
    with TestClient(town_app, headers={"accept": "text/html,*/*"}) as client:
        yield client


@pytest.fixture(scope="module")
def book_app(played: Installation) -> Iterator[FastAPI]:
    """The application on the ledger of the worked cases."""
    with application(played) as app:
        yield app


@pytest.fixture(scope="module")
def book(book_app: FastAPI, played: Installation) -> Iterator[Any]:
    """Calls it as a browser does, with the auditors' token: every case may be seen."""
    with caller_of(book_app) as client:
        client.headers.update({"accept": "text/html,*/*", "authorization": f"Bearer {played.token()}"})
        yield client


@pytest.fixture(scope="module")
def public(book_app: FastAPI) -> Iterator[Any]:
    """Calls it as anybody's browser does."""
    with caller_of(book_app) as client:
        client.headers.update({"accept": "text/html,*/*"})
        yield client


# --- a browser ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def address(town_app: FastAPI) -> Iterator[str]:
    """The town's site as uvicorn serves it."""
    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(town_app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for all tests: it takes longer to start than to show a page."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    program = found or lacking(f"no Chromium on PATH (looked for {', '.join(NAMES)})")
    with running(program, tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    """A tab of its own."""
    opened = Page(chromium)
    yield opened
    opened.close()
