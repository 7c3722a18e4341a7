"""A town on a ledger of its own for each module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.projections.town import Town, built_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with built_town(tmp_path_factory.mktemp("town") / "h") as found:
        yield found
