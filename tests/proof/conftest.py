"""Fixtures of the log's tests: the golden file, and Go where it is."""

import json

import pytest

from tests.proof.implementations import GOLDEN_FILE, HAS_GO, GoTool


@pytest.fixture(scope="session")
def go(tmp_path_factory):
    return GoTool(tmp_path_factory.mktemp("go"))


@pytest.fixture(scope="session", params=["golden file", *(["Go now"] if HAS_GO else [])])
def tlog(request):
    """What Go's sumdb packages made: as kept in the repository and, where Go is, made again now."""
    if request.param == "golden file":
        return json.loads(GOLDEN_FILE.read_text())
    return request.getfixturevalue("go").generate()
