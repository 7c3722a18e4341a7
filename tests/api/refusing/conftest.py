"""One ledger for all tests of refusals: what they submit is refused, or is about a body of its own."""

from __future__ import annotations

import pytest

from ledger.installation import open_installation
from tests.api.submitting import key_of
from tests.conftest import application, caller_of, fresh_ledger


@pytest.fixture(scope="module")
def installation(databases, founded, tmp_path_factory):
    """One ledger for all these tests: what they submit is refused, or is about a body of its own."""
    with fresh_ledger(databases, founded, tmp_path_factory.mktemp("refusing")) as own, open_installation(own) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(installation):
    with application(installation) as app:
        yield caller_of(app)


@pytest.fixture(scope="module")
def key(installation):
    return key_of(installation)
