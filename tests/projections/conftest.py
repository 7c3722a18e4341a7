"""A town on a ledger of its own for each module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger.settings import Settings
from tests.conftest import Databases
from tests.projections.town import Town, built_town


@pytest.fixture(scope="module")
def town(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    name = databases.create()
    with built_town(Settings(tmp_path_factory.mktemp("town"), databases.url(name))) as found:
        yield found
    databases.drop(name)
