"""Founding and opening: repeatable, complete, and never with the wrong keys."""

from __future__ import annotations

import itertools
import os
import stat
from dataclasses import replace

import pytest

from ledger.domain.body_terms import Role
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import ConfigurationError, FormatError
from ledger.installation import found, open_installation
from ledger.keys import keystore
from ledger.settings import Settings
from tests.conftest import OPERATOR


def test_a_new_ledger_has_its_founding_its_operator_and_nothing_else(installation):
    facts = [type(recorded.event.fact).__name__ for recorded in installation.ledger.history("body/ledger")]
    own = installation.ledger.history(f"body/{OPERATOR.uscc}")
    assert facts == ["LedgerFounded"]
    assert [type(r.event.fact).__name__ for r in own] == [
        "BodyRegistered",
        "KeyAuthorised",
        "RoleGranted",
        "RoleGranted",
    ]
    assert installation.operator() == OPERATOR.uscc
    assert installation.ledger.case(f"body/{OPERATOR.uscc}").state.roles == {Role.OPERATOR, Role.CREDIT_OFFICE}


def test_founding_again_changes_nothing(installation):
    before = installation.ledger.reader.newest()
    token = installation.token()
    found(installation, OPERATOR)
    assert installation.ledger.reader.newest() == before
    assert installation.token() == token


def test_founding_goes_on_where_it_was_interrupted(databases, tmp_path):
    """The process died after the founding event; the next run adds what is missing."""
    name = databases.create()
    settings = Settings(tmp_path / "home", databases.url(name))

    with open_installation(settings, founding=True) as installation:
        usual, calls = installation.ledger.submit, itertools.count()
        installation.ledger.submit = lambda data: usual(data) if next(calls) < 2 else 1 / 0
        with pytest.raises(ZeroDivisionError):
            found(installation, OPERATOR)
    with open_installation(settings) as installation:
        assert installation.ledger.size == 2
        found(installation, OPERATOR)
        assert installation.ledger.size == 5
        assert installation.ledger.log_key.origin.startswith("jiannuo.invalid/")
    databases.drop(name)


def test_the_root_key_may_be_kept_elsewhere_once_the_ledger_is_founded(installation):
    root = installation.settings.keys / "root.pem"
    root.unlink()
    found(installation, OPERATOR)
    assert not root.exists(), "a second root key would be worth nothing, and mislead"


def test_a_lost_operator_key_is_not_replaced_without_the_root_key(installation):
    for name in ("root", "operator"):
        (installation.settings.keys / f"{name}.pem").unlink()
    with pytest.raises(ConfigurationError, match=r"root\.pem"):
        found(installation, OPERATOR)
    assert not (installation.settings.keys / "operator.pem").exists()


def test_a_lost_operator_key_is_replaced_with_the_root_key(installation):
    (installation.settings.keys / "operator.pem").unlink()
    found(installation, OPERATOR)
    assert len(installation.ledger.case(f"body/{OPERATOR.uscc}").state.keys) == 2


def test_another_operator_than_the_ledgers_own_is_refused(installation):
    with pytest.raises(ConfigurationError, match=OPERATOR.uscc):
        found(installation, replace(OPERATOR, uscc=fictional_uscc(2)))
    assert installation.ledger.size == 5


def test_a_ledger_that_is_not_founded_is_not_opened(databases, tmp_path):
    name = databases.create()
    settings = Settings(tmp_path / "home", databases.url(name))
    with pytest.raises(ConfigurationError, match="jiannuo init"), open_installation(settings):
        pass
    assert not settings.keys.exists()
    databases.drop(name)


@pytest.mark.parametrize("name", ["log", "ledger"])
def test_a_missing_key_is_not_replaced_by_a_new_one(settings_of, name):
    settings = settings_of()
    (settings.keys / f"{name}.pem").unlink()
    with pytest.raises(ConfigurationError, match=f"{name}.pem"), open_installation(settings):
        pass
    assert not (settings.keys / f"{name}.pem").exists()


@pytest.mark.parametrize("name", ["log", "ledger"])
def test_another_key_than_the_ledgers_own_is_refused(settings_of, name):
    settings = settings_of()
    (settings.keys / f"{name}.pem").unlink()
    keystore.create(settings.keys / f"{name}.pem")
    with pytest.raises(ConfigurationError, match=f"{name} key"), open_installation(settings):
        pass


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\xff\xfe"])
def test_a_key_file_that_holds_none_is_refused_in_words(settings_of, content):
    settings = settings_of()
    (settings.keys / "log.pem").write_bytes(content)
    with pytest.raises(FormatError, match="PKCS #8"), open_installation(settings):
        pass


def test_keys_and_token_are_their_owners_alone(installation):
    settings = installation.settings
    for file in (*settings.keys.iterdir(), settings.auditor_token):
        assert stat.S_IMODE(os.stat(file).st_mode) == 0o600, file
    assert {file.name for file in settings.keys.iterdir()} == {
        "root.pem",
        "operator.pem",
        "ledger.pem",
        "log.pem",
        "vault.key",
    }


@pytest.mark.parametrize("content", [b"", b"\n", b" short \n", "令牌".encode()])
def test_an_empty_or_short_token_opens_nothing(installation, content):
    installation.settings.auditor_token.write_bytes(content)
    with pytest.raises(ConfigurationError, match="auditors' token"):
        installation.token()


def test_two_ledgers_have_different_origins_and_keys(databases, tmp_path):
    vkeys = set()
    for number in (1, 2):
        name = databases.create()
        with open_installation(Settings(tmp_path / str(number), databases.url(name)), founding=True) as installation:
            found(installation, OPERATOR)
            vkeys.add(installation.ledger.log_key.verifier.vkey)
        databases.drop(name)
    assert len(vkeys) == 2


@pytest.mark.parametrize(
    "stream", ["", "body", "body/", "/x", "body/\x00", "body/a b", "body/" + "a" * 65, "else/1", "body/诺"]
)
def test_what_is_no_stream_is_refused_and_not_looked_for(installation, stream):
    with pytest.raises(FormatError):
        installation.ledger.head(stream)
