"""The verifier on the ledger's tables: each way to tamper with them, and what is found, first of all where."""

from __future__ import annotations

import psycopg
import pytest

from audit.verify import verify
from ledger.domain.body import KeyAuthorised
from ledger.errors import Head, UnavailableError
from ledger.installation import open_installation
from ledger.proof.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.proof.event import parse, parse_entry
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier
from ledger.settings import Settings
from ledger.store.source import PostgresSource
from tests.audit.logs import made
from tests.conftest import OPERATOR

BATCH = 37
SIZE = 600


@pytest.fixture(scope="module")
def template(databases, founded, tmp_path_factory):
    """A ledger of more than 600 entries and two tiles, written as ledgers are written; its database is copied."""
    import shutil

    name = databases.create(founded.database)
    home = tmp_path_factory.mktemp("audited") / "home"
    shutil.copytree(founded.home, home)
    with open_installation(Settings(home, databases.url(name))) as installation:
        author, ledger = installation.author("operator", OPERATOR.uscc), installation.ledger
        stream, key = f"body/{OPERATOR.uscc}", PrivateKey.from_seed(b"second".ljust(32))
        ledger.submit(author.write(stream, ledger.head(stream), KeyAuthorised(key.public))).result()
        written = 0
        while written < SIZE:
            numbers = range(written, written + BATCH)
            items = [author.write(f"commitment/{n}", Head(0, None), made(n, OPERATOR.uscc)) for n in numbers]
            for future in ledger.submit_many(items):
                future.result()
            written += BATCH
    yield name
    databases.drop(name)


@pytest.fixture
def copy(databases, template):
    """The superuser's connection to a copy of the ledger, its triggers and foreign keys off; and its source."""
    name = databases.create(template)
    with psycopg.connect(databases.url(name), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection, PostgresSource(databases.url(name, "jiannuo_reader"))
    databases.drop(name)


@pytest.fixture(scope="module")
def total(databases, template):
    with psycopg.connect(databases.url(template)) as connection:
        return connection.execute("SELECT count(*) FROM ledger.events").fetchone()[0]


def codes(verdict):
    return {problem.code for problem in verdict.problems}


def test_the_ledger_as_it_was_written_is_verified(copy, total):
    _, source = copy
    for processes in (1, 2):
        verdict = verify(source, processes=processes)
        assert (verdict.exit_code, verdict.problems, verdict.events) == (0, (), total)


def test_a_database_without_a_ledger_could_not_be_run_on(databases):
    with pytest.raises(UnavailableError):
        verify(PostgresSource(databases.url("there_is_none", "jiannuo_reader")))


FLIP = "SET state = set_byte(state, {offset}, get_byte(state, {offset}) # 1)"
MIDDLE = "octet_length(state) / 2"
TAMPERINGS = {
    # what is done to the tables, exit code, first bad index
    "payload": (f"UPDATE ledger.events {FLIP.format(offset=MIDDLE)} WHERE notification_id = 301", 3, 300),
    "signature": (
        f"UPDATE ledger.events {FLIP.format(offset='octet_length(state) - 40')} WHERE notification_id = 301",
        3,
        300,
    ),
    "founding": (f"UPDATE ledger.events {FLIP.format(offset=MIDDLE)} WHERE notification_id = 1", 3, 0),
    "time": (f"UPDATE ledger.events {FLIP.format(offset=22)} WHERE notification_id = 301", 3, 300),
    "entry cut": ("UPDATE ledger.events SET state = substring(state, 1, 40) WHERE notification_id = 301", 3, 300),
    "entry empty": ("UPDATE ledger.events SET state = '' WHERE notification_id = 301", 3, 300),
    "leaf hash": ("UPDATE ledger.events SET leaf_hash = sha256('x') WHERE notification_id = 301", 3, 300),
    "tile hash": ("UPDATE ledger.tiles SET hashes = set_byte(hashes, 32 * 44 + 5, 1) WHERE n = 1", 4, 300),
    "tile root": ("UPDATE ledger.tiles SET root = sha256('x') WHERE n = 1", 4, 256),
    "tile gone": ("DELETE FROM ledger.tiles WHERE n = 1", 4, None),
    "tile added": ("INSERT INTO ledger.tiles SELECT 1, 0, hashes, root FROM ledger.tiles WHERE n = 0", 4, "total"),
    "entry gone": ("DELETE FROM ledger.events WHERE notification_id = 301", 4, 300),
    "entries gone": ("DELETE FROM ledger.events WHERE notification_id BETWEEN 301 AND 560", 4, 300),
    "last entries gone": ("DELETE FROM ledger.events WHERE notification_id > 600", 4, 600),
    "all entries gone": ("DELETE FROM ledger.events", 4, 0),
    "stream": ("UPDATE ledger.events SET originator_id = 'commitment/x' WHERE notification_id = 301", 3, 300),
    "version": ("UPDATE ledger.events SET originator_version = 2 WHERE notification_id = 301", 3, 300),
    "topic": ("UPDATE ledger.events SET topic = 'CommitmentBroken/1' WHERE notification_id = 301", 3, 300),
    "topic of a key": ("UPDATE ledger.events SET topic = 'x' WHERE topic = 'LedgerFounded/1'", 3, 0),
    "jti": ("UPDATE ledger.events SET jti = gen_random_uuid() WHERE notification_id = 301", 3, 300),
    "checkpoint text": (
        "UPDATE ledger.checkpoints SET note = replace(note, 'jiannuo', 'jiannu0') WHERE size BETWEEN 100 AND 500",
        4,
        None,
    ),
    "checkpoint malformed": ("UPDATE ledger.checkpoints SET note = '' WHERE size BETWEEN 100 AND 500", 4, None),
    "checkpoint filed elsewhere": ("UPDATE ledger.checkpoints SET size = 301 WHERE size BETWEEN 250 AND 290", 4, None),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found(copy, total, name):
    connection, source = copy
    statement, exit_code, index = TAMPERINGS[name]
    assert connection.execute(statement).rowcount > 0
    verdict = verify(source)
    assert (verdict.exit_code, verdict.first_bad_index) == (exit_code, total if index == "total" else index)


def test_two_entries_that_changed_places_are_found(copy):
    connection, source = copy
    connection.execute("UPDATE ledger.events SET notification_id = 10000 WHERE notification_id = 301")
    connection.execute("UPDATE ledger.events SET notification_id = 301 WHERE notification_id = 302")
    connection.execute("UPDATE ledger.events SET notification_id = 302 WHERE notification_id = 10000")
    verdict = verify(source)
    assert (verdict.exit_code, verdict.first_bad_index) == (4, 300)


def test_an_entry_put_in_behind_the_others_is_found(copy, total):
    connection, source = copy
    connection.execute(
        "INSERT INTO ledger.events SELECT 'commitment/x', 1, topic, state, notification_id + 1, gen_random_uuid(), "
        "leaf_hash FROM ledger.events ORDER BY notification_id DESC LIMIT 1"
    )
    verdict = verify(source)
    assert (verdict.exit_code, verdict.first_bad_index) == (3, total)
    assert {"filed", "jti", "stream", "uncovered"} <= codes(verdict)


def test_an_entry_put_in_between_the_others_is_found(copy):
    connection, source = copy
    connection.execute("UPDATE ledger.events SET notification_id = notification_id + 10000 WHERE notification_id > 300")
    connection.execute(
        "UPDATE ledger.events SET notification_id = notification_id - 9999 WHERE notification_id > 10000"
    )
    connection.execute(
        "INSERT INTO ledger.events SELECT 'commitment/x', 1, topic, state, 301, gen_random_uuid(), leaf_hash "
        "FROM ledger.events WHERE notification_id = 200"
    )
    verdict = verify(source)
    assert (verdict.exit_code, verdict.first_bad_index) == (3, 300)


def test_a_log_cut_short_with_its_checkpoints_is_found_by_who_remembers_one(copy):
    connection, source = copy
    [(size, note)] = connection.execute("SELECT size, note FROM ledger.checkpoints ORDER BY size DESC LIMIT 1")
    log = founding(connection)
    remembered = open_checkpoint(note.encode(), log.name, [log])
    [(cut,)] = connection.execute("SELECT max(size) FROM ledger.checkpoints WHERE size < 600")
    connection.execute("DELETE FROM ledger.events WHERE notification_id > %s", (cut,))
    connection.execute("DELETE FROM ledger.checkpoints WHERE size > %s", (cut,))
    assert verify(source).exit_code == 0
    verdict = verify(source, remembered=remembered)
    assert (verdict.exit_code, verdict.first_bad_index) == (4, cut)
    assert size > cut


def test_a_log_cut_short_by_a_tile_contradicts_the_tile_that_is_left(copy):
    connection, source = copy
    [(cut,)] = connection.execute("SELECT max(size) FROM ledger.checkpoints WHERE size < 500")
    connection.execute("DELETE FROM ledger.events WHERE notification_id > %s", (cut,))
    connection.execute("DELETE FROM ledger.checkpoints WHERE size > %s", (cut,))
    verdict = verify(source)
    assert (verdict.exit_code, verdict.first_bad_index) == (4, cut)
    assert codes(verdict) == {"extra"}


def test_the_newest_checkpoint_has_to_cover_all_entries(copy, total):
    connection, source = copy
    connection.execute("DELETE FROM ledger.checkpoints WHERE size = %s", (total,))
    [(covered,)] = connection.execute("SELECT max(size) FROM ledger.checkpoints")
    verdict = verify(source)
    assert (verdict.exit_code, verdict.first_bad_index, verdict.checkpoint_size) == (4, covered, covered)
    assert codes(verdict) == {"uncovered"}


def test_a_checkpoint_of_another_key_is_found(copy, total):
    connection, source = copy
    log = founding(connection)
    other = LogSigner(log.name, PrivateKey.from_seed(b"other".ljust(32)))
    note = sign_checkpoint(Checkpoint(log.name, total, bytes(32)), [other]).decode()
    connection.execute("UPDATE ledger.checkpoints SET note = %s WHERE size = %s", (note, total))
    verdict = verify(source)
    assert verdict.exit_code == 4
    assert {"checkpoint", "uncovered"} == codes(verdict)
    pinned = verify(source, pinned=Verifier.of(other))
    assert (pinned.exit_code, pinned.first_bad_index, pinned.checkpoint_size) == (4, 0, None)


def test_all_that_the_log_did_not_sign_cannot_make_up_for_a_changed_entry(copy, total):
    """Whoever changes an entry and adapts leaf hash and tiles cannot sign the root."""
    connection, source = copy
    # Only the recorded time: the signer did not sign it. Of the last entry, so that none after it is earlier.
    connection.execute("UPDATE ledger.events SET state = set_byte(state, 1, 57) WHERE notification_id = %s", (total,))
    connection.execute("UPDATE ledger.events SET leaf_hash = sha256('\\x00'::bytea || state)")
    [(covered,)] = connection.execute("SELECT max(size) FROM ledger.checkpoints WHERE size < %s", (total,))
    verdict = verify(source)
    assert (verdict.exit_code, verdict.checkpoint_size, verdict.first_bad_index) == (4, covered, covered)
    assert codes(verdict) == {"root"}


def founding(connection) -> Verifier:
    [(entry,)] = connection.execute("SELECT state FROM ledger.events WHERE notification_id = 1")
    return Verifier.parse(parse(parse_entry(entry)[1]).event.fact.log_key)
