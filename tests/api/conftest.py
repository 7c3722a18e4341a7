"""The example town behind the web application, on the town's own day."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from ledger.installation import Installation
from ledger.settings import Settings
from tests.conftest import Databases, application, caller_of
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
