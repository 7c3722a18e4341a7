"""``jiannuo key revoke`` and ``jiannuo audit compromised``: from the theft of a key to the list of what it signed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from api.cli.audit_compromised import moment
from ledger.authoring import Author
from ledger.domain.body import BodyRegistered, KeyAuthorised
from ledger.domain.body_terms import Kind
from ledger.domain.commitment import CommitmentMade
from ledger.domain.commitment_terms import Area
from ledger.domain.commitment_terms import Kind as Promise
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import FormatError
from ledger.installation import open_installation
from ledger.keys import keystore
from ledger.settings import Settings
from tests.api.commanding import Run, runner
from tests.conftest import OPERATOR

BODY = fictional_uscc(20)


@pytest.fixture
def settings(settings_of: Callable[[], Settings]) -> Settings:
    return settings_of()


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    command = runner(monkeypatch, capsys, settings.home)
    assert settings.database_url
    monkeypatch.setenv("JIANNUO_DATABASE_URL", settings.database_url)
    return command


@pytest.fixture
def kid(settings: Settings, tmp_path: Path) -> str:
    """A body with a key, which signed two promises."""
    key = keystore.create(tmp_path / "body.pem")
    stream = f"body/{BODY}"
    with open_installation(settings) as installation:
        operator, own, ledger = installation.author("operator", OPERATOR.uscc), Author(BODY, key), installation.ledger
        for fact in (BodyRegistered("示例单位", Kind.DEPARTMENT), KeyAuthorised(key.public)):
            ledger.submit(operator.write(stream, ledger.head(stream), fact)).result()
        for number in range(2):
            at = f"commitment/stolen{number}"
            promise = CommitmentMade("限时办结", "依法办理。", Promise.PLAN, Area.GENERAL, BODY)
            ledger.submit(own.write(at, ledger.head(at), promise)).result()
    return key.kid


def test_a_stolen_key_is_revoked_and_what_it_signed_is_listed(run: Run, kid: str, settings: Settings) -> None:
    """F15 撤销密钥并列出其失控期间签署的事件。"""
    told = run("key", "revoke", kid, "--body", BODY, "--reason", "compromised", "--compromised-from", "2026-01-01")
    assert told.code == 0, told.err
    index = int(told.out.split("\t")[0])
    listed = run("audit", "compromised", kid)
    assert listed.code == 0, listed.err
    assert "commitment/stolen0" in listed.out
    assert "commitment/stolen1" in listed.out
    report = json.loads(run("audit", "compromised", kid, "--json").out)
    assert (report["revoked"], report["signed"], report["exit_code"]) == (index, 2, 0)
    assert report["claimed"] == report["since"] == "2025-12-31T16:00:00.000Z", "a day begins in China"
    later = run("audit", "compromised", kid, "--from", "2200-01-01T00:00:00+08:00", "--json")
    assert json.loads(later.out)["events"] == []
    assert run("verify").code == 0
    again = run("key", "revoke", kid, "--body", BODY, "--reason", "compromised")
    assert (again.code, again.out) == (1, "")
    assert "valid key" in again.err


def test_a_replaced_key_claims_no_time(run: Run, kid: str) -> None:
    wrong = ("key", "revoke", kid, "--body", BODY, "--reason", "superseded", "--compromised-from", "2026-01-01")
    refused = run(*wrong)
    assert (refused.code, refused.out) == (1, "")
    assert "compromised_from" in refused.err
    assert run(*wrong[:-2]).code == 0
    asked = run("audit", "compromised", kid)
    assert (asked.code, asked.out) == (1, "")
    assert "--from" in asked.err


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-01-01T00:00:00", "1790000000", "2026-01-01 x"])
def test_a_time_without_its_offset_is_no_time(text: str) -> None:
    with pytest.raises(FormatError):
        moment(text)


def test_a_time_is_read_with_its_offset_and_a_day_as_chinas() -> None:
    assert moment("2026-11-21") == datetime.fromisoformat("2026-11-21T00:00:00+08:00")
    assert moment("2026-11-21T00:00:00Z") == datetime.fromisoformat("2026-11-21T08:00:00+08:00")


def test_the_page_of_a_body_tells_since_when(run: Run, kid: str, settings: Settings) -> None:
    from tests.conftest import application, caller_of

    run("key", "revoke", kid, "--body", BODY, "--reason", "compromised", "--compromised-from", "2026-01-01")
    with open_installation(settings) as installation:
        assert installation.ledger.case(f"body/{BODY}").state.key(kid).compromised_from is not None
        revocation = installation.ledger.history(f"body/{BODY}")[-1].index
        with application(installation) as app:
            page = caller_of(app).get(f"/events/{revocation}", headers={"accept": "text/html"})
            assert page.status_code == 200
            assert "2025-12-31 16:00:00 UTC" in page.text
