"""``jiannuo subscriptions``: what the operator sees of webhooks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from ledger.store.subscriptions import Progress, Subscription, hash_of, subscriptions
from tests.api.commanding import Run, runner
from tests.conftest import Databases, Founded, fresh_ledger

OWN = UUID("0198c5a2-0000-7000-8000-000000000001")
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture
def run(
    databases: Databases,
    founded: Founded,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """Runs a command on a ledger with one subscription that a message of was given up."""
    with fresh_ledger(databases, founded, tmp_path) as settings:
        call: Run = runner(monkeypatch, capsys, settings.home)
        monkeypatch.setenv("JIANNUO_DATABASE_URL", str(settings.database_url))
        assert call("subscriptions").code == 0  # migrates
        with subscriptions(str(settings.database_url)) as store:
            url = "https://receiver.example:8443/secret?key=1"
            store.add(Subscription(OWN, hash_of("t"), url, "areas/ppp", NOW, NOW + timedelta(days=90), 7))
            store.keep(Progress(OWN, 9, failures=11, disabled="slow", dead=("m-1", 11, "slow")), NOW)
        yield call


def test_the_operator_sees_topic_host_standing_and_dead_letters_but_no_secret(run: Run):
    told = run("subscriptions")
    assert told.code == 0
    for text in (str(OWN), "areas/ppp", "receiver.example", "slow", "m-1", "9"):
        assert text in told.out
    (row,) = json.loads(run("subscriptions", "--json").out)
    assert (row["position"], row["disabled"], len(row["dead_letters"])) == (9, "slow", 1)
    assert "secret" not in told.out + json.dumps(row)


def test_the_operator_may_end_one(run: Run):
    assert run("subscriptions", "end", OWN).code == 0
    assert json.loads(run("subscriptions", "--json").out) == []
    assert run("subscriptions", "end", OWN).code == 1
    assert run("subscriptions", "end", "x").code == 1
