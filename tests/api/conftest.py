"""The example town behind the web application, on the town's own day."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from ledger.settings import Settings
from projections.runner import Runner
from tests.conftest import Databases, application
from tests.projections.town import Town, built_town


@pytest.fixture(scope="session")
def town(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Only read from: what it holds is the same for every test."""
    name = databases.create()
    with built_town(Settings(tmp_path_factory.mktemp("town"), databases.url(name))) as found:
        Runner(found.installation.database, found.installation.ledger.reader).catch_up()
        yield found
    databases.drop(name)


@pytest.fixture(scope="session")
def town_app(town: Town) -> Iterator[FastAPI]:
    """The application whose today is the town's."""
    with pytest.MonkeyPatch.context() as patch, application(town.installation) as app:
        patch.setattr("api.site.utc_now", town.clock)
        yield app


@pytest.fixture(scope="session")
def site(town_app):
    """Calls the application as a browser does."""
    with warnings.catch_warnings():  # it would rather have another package than httpx
        warnings.simplefilter("ignore")
        from starlette.testclient import TestClient
    with TestClient(town_app, headers={"accept": "text/html,*/*"}) as client:
        yield client
