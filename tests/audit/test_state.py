"""Where an audit goes on: what was read once is not read again; whatever is wrong with that is found all the same."""

from __future__ import annotations

import dataclasses
import sqlite3
from datetime import timedelta

import pytest

from audit.state import State
from audit.verify import verify
from ledger.domain.body import KeyAuthorised, KeyRevoked
from ledger.domain.body_terms import Revocation
from ledger.errors import UnavailableError
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier
from tests.api.submitting import CHINESE
from tests.audit.logs import (
    CITY,
    CITY_KEY,
    LOG,
    OPERATOR,
    OPERATOR_KEY,
    OTHER_KEY,
    START,
    MemorySource,
    codes,
    every_tenth,
    filled,
    of,
)

OLD, SIZE = 600, 900
WHOLE = 512  # the last whole tile of OLD


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Chunks of a tile and segments of two, so that logs are short."""
    monkeypatch.setattr("audit.verify.CHUNK", 256)
    monkeypatch.setattr("audit.verify.SEGMENT", 512)


@dataclasses.dataclass(frozen=True)
class Watched(MemorySource):
    """A source that says which entries were read; it can break off, or be interrupted, at an index."""

    read: list = dataclasses.field(default_factory=list)
    breaks: tuple = ()

    def rows(self, start, stop):
        if self.breaks and stop > self.breaks[0]:
            raise self.breaks[1]
        found = super().rows(start, stop)
        self.read.extend(row[0] for row in found)
        return found


def watched(log, *breaks):
    return Watched(log.stored, log.stored_tiles, log.stored_checkpoints, log.hints, breaks=breaks)


def newest(log):
    """The newest checkpoint, as a caller remembers it."""
    return open_checkpoint(log.stored_checkpoints[-1][1].encode(), LOG.name, [Verifier.of(LOG)])


class Auditor:
    """One who keeps a state and a checkpoint, as ``jiannuo verify --remember`` does."""

    def __init__(self, file):
        self.file, self.remembered, self.told = file, None, []

    def verify(self, log, **more):
        self.told.clear()
        with State.open(self.file, lambda en, zh: self.told.append((en, zh))) as state:
            verdict = verify(log, remembered=self.remembered, state=state, **{"processes": 1, **more})
        if verdict.exit_code == 0:
            self.remembered = newest(log)
        return verdict


@pytest.fixture
def auditor(tmp_path):
    return Auditor(tmp_path / "memory.state")


@pytest.fixture(scope="module")
def long():
    return filled(SIZE)


@pytest.fixture(scope="module")
def log(long):
    return of(long)


@pytest.fixture(scope="module")
def old(long):
    return MemorySource.of(long.entries[:OLD], every_tenth)


def same(verdict, full):
    return dataclasses.replace(verdict, seconds=0, verified_from=0) == dataclasses.replace(full, seconds=0)


# --- going on -------------------------------------------------------------------------------------------------------


def test_only_what_is_new_is_read_and_the_verdict_is_that_over_all(auditor, old, log):
    assert (auditor.verify(old).exit_code, auditor.told) == (0, [])
    again = watched(log)
    verdict = auditor.verify(again)
    assert (verdict.exit_code, verdict.verified_from, verdict.events, auditor.told) == (0, WHOLE, SIZE, [])
    assert min(i for i in again.read if i) == WHOLE
    assert same(verdict, verify(log, processes=1))


@pytest.mark.parametrize("first", [8, 256, 257, 513, 768])
@pytest.mark.parametrize("second", [769, 899])
def test_wherever_it_ended_it_goes_on(auditor, long, first, second):
    """The parts of the tree are put together whatever the sizes."""
    for size in (first, second):
        log = MemorySource.of(long.entries[:size], every_tenth)
        verdict = auditor.verify(log)
        assert (verdict.exit_code, verdict.problems, auditor.told == []) == (0, (), size == first or first > 255)
        assert same(verdict, verify(log, processes=1))
    assert verdict.verified_from == first // 256 * 256


def test_where_nothing_is_new_less_than_a_tile_is_read(auditor, old):
    auditor.verify(old)
    for _ in range(3):
        again = watched(old)
        verdict = auditor.verify(again)
        assert (verdict.exit_code, verdict.verified_from, verdict.events) == (0, WHOLE, OLD)
        assert len(again.read) == OLD - WHOLE


def test_what_the_old_entries_said_still_counts_for_the_new_ones(auditor, long):
    """Keys, revocations, stream heads, ids and times of the part that is not read again."""
    auditor.verify(MemorySource.of(long.entries[:OLD], every_tenth))
    new = "ab" * 32
    cases = {
        "key": lambda w: w.promise(9000, CITY, OTHER_KEY),
        "prev": lambda w: w.report(0, prev=new),
        "stream": lambda w: w.report(0, version=9),
        "jti": lambda w: w.promise(9000, jti=w.jtis[20]),
        "time": lambda w: w.promise(9000, at=START + timedelta(seconds=5)),
    }
    for code, write in cases.items():
        writer = filled(OLD)
        bad = write(writer)
        verdict = auditor.verify(of(writer))
        assert (verdict.exit_code, verdict.first_bad_index) == (3, bad)
        assert code in codes(verdict)
        assert "what is new is not as it must be" in auditor.told[0][0]
        assert CHINESE.search(auditor.told[0][1])
        assert auditor.verify(MemorySource.of(long.entries[:OLD], every_tenth)).exit_code == 0


def test_keys_given_and_revoked_before_and_after_are_followed(auditor):
    writer = filled(300)
    writer.write(OPERATOR, OPERATOR_KEY, f"body/{CITY}", KeyAuthorised(OTHER_KEY.public))
    assert auditor.verify(of(writer)).exit_code == 0
    writer.promise(9000, CITY, OTHER_KEY)
    assert auditor.verify(of(writer)).verified_from == 256
    writer.write(CITY, CITY_KEY, f"body/{CITY}", KeyRevoked(OTHER_KEY.kid, Revocation.COMPROMISED))
    while len(writer.entries) < 700:
        writer.promise(10_000 + len(writer.entries))
    assert auditor.verify(of(writer)).exit_code == 0
    bad = writer.promise(9001, CITY, OTHER_KEY)
    verdict = auditor.verify(of(writer))
    assert (verdict.exit_code, verdict.first_bad_index) == (3, bad)


def test_a_new_signature_by_a_key_that_is_new_too_is_checked(auditor, old):
    auditor.verify(old)
    writer = filled(OLD)
    writer.write(OPERATOR, OPERATOR_KEY, f"body/{CITY}", KeyAuthorised(OTHER_KEY.public))
    writer.promise(9000, CITY, OTHER_KEY)
    assert auditor.verify(of(writer)).verified_from == WHOLE
    bad = writer.promise(9001, CITY, OTHER_KEY)
    data = bytearray(writer.entries[bad])
    data[-20] ^= 1
    writer.entries[bad] = bytes(data)
    verdict = auditor.verify(of(writer))
    assert (verdict.exit_code, verdict.first_bad_index) == (3, bad)


def test_several_processes_go_on_as_one_does(auditor, old, log, tmp_path):
    other = Auditor(tmp_path / "other.state")
    for source in (old, log):
        one, two = auditor.verify(source, processes=1), other.verify(source, processes=2)
        assert same(one, dataclasses.replace(two, verified_from=0))
    assert two.verified_from == WHOLE


# --- another log than before ----------------------------------------------------------------------------------------


def test_a_log_that_was_cut_back_is_rolled_back(auditor, log, old):
    auditor.verify(log)
    verdict = auditor.verify(old)
    assert (verdict.exit_code, verdict.first_bad_index, verdict.verified_from) == (4, OLD, 0)
    assert "rolled-back" in codes(verdict)


def test_a_fork_is_found_whether_it_is_before_or_after_the_place(auditor, old):
    auditor.verify(old)
    for fork in (WHOLE - 20, OLD - 20):
        writer = filled(fork)
        while len(writer.entries) < SIZE:
            writer.promise(20_000 + len(writer.entries))
        verdict = auditor.verify(of(writer))
        assert (verdict.exit_code, verdict.verified_from) == (4, 0)
        assert "rolled-back" in codes(verdict)


def test_an_old_entry_that_is_gone_is_noticed_by_the_number_of_entries(auditor, old, log):
    auditor.verify(old)
    gone = dataclasses.replace(log, stored=[row for row in log.stored if row[0] != 30])
    verdict = auditor.verify(gone)
    assert (verdict.exit_code, verdict.first_bad_index, verdict.verified_from) == (4, 30, 0)
    assert "missing" in auditor.told[0][0]


def test_an_old_entry_that_was_changed_is_not_read_and_found_by_reading_all(auditor, old, log, tmp_path):
    """What was verified stays verified; whether the log still gives it out is another question, which --full asks."""
    auditor.verify(old)
    changed = log.with_entry(30, b"nothing")
    assert auditor.verify(changed).exit_code == 0
    with State.open(auditor.file) as state:
        state.forget()
        assert verify(changed, remembered=auditor.remembered, state=state, processes=1).first_bad_index == 30


def test_who_remembers_another_checkpoint_reads_all(auditor, old, log):
    auditor.verify(log)
    auditor.remembered = newest(old)
    assert auditor.verify(log).verified_from == 0
    assert "another checkpoint" in auditor.told[0][0]
    auditor.remembered = None
    assert auditor.verify(log).verified_from == 0


# --- interrupted ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt(), UnavailableError("gone", "已断开")])
def test_a_long_audit_goes_on_where_it_was_stopped(auditor, log, error):
    verdict = auditor.verify(watched(log, 700, error))
    assert (verdict.exit_code, verdict.events) == (5, 512)
    again = watched(log)
    verdict = auditor.verify(again)
    assert (verdict.exit_code, verdict.verified_from, auditor.told) == (0, 512, [])
    assert min(i for i in again.read if i) == 512
    assert same(verdict, verify(log, processes=1))


def test_what_was_wrong_before_it_was_stopped_is_found_again(auditor, log):
    bad = log.with_entry(300, b"nothing")
    assert auditor.verify(watched(bad, 800, KeyboardInterrupt())).exit_code == 3
    verdict = auditor.verify(bad)
    assert (verdict.exit_code, verdict.first_bad_index, verdict.verified_from) == (3, 300, 0)


def test_a_bad_end_leaves_the_place_before_it(auditor, log):
    bad = log.with_entry(700, b"nothing")
    for _ in range(2):
        verdict = auditor.verify(bad)
        assert (verdict.exit_code, verdict.first_bad_index) == (3, 700)
    verdict = auditor.verify(log)
    assert (verdict.exit_code, verdict.verified_from) == (0, 512)


# --- a file that is not as it was left ------------------------------------------------------------------------------


def changed(statement, *values):
    def change(file):
        with sqlite3.connect(file) as database:
            database.execute(statement, values)
        database.close()

    return change


def cut(file):
    file.write_bytes(file.read_bytes()[:5000])


def swapped(old, new):
    return changed("UPDATE place SET told = replace(told, ?, ?)", old, new)


LOST = {
    "no database": lambda file: file.write_bytes(b"nonsense " * 1000),
    "cut short": cut,
    "nothing": lambda file: file.write_bytes(b""),
    "another database": lambda file: (file.unlink(), changed("CREATE TABLE x (y)")(file)),
    "no place": changed("UPDATE place SET told = '{}'"),
    "no JSON": changed("UPDATE place SET told = 'x'"),
    "a place of another kind": changed("UPDATE place SET told = '[1]'"),
    "another format": swapped("state/1", "state/2"),
    "another size": swapped('"size": 512', '"size": 256'),
    "a size between": swapped('"size": 512', '"size": 500'),
    "a size without end": swapped('"size": 512', '"size": 1e400'),
    "another root": changed("UPDATE tree SET hashes = zeroblob(length(hashes))"),
    "no tree": changed("DELETE FROM tree"),
    "an id less": changed("DELETE FROM ids WHERE at = 3"),
    "a stream less": changed("DELETE FROM streams WHERE name = (SELECT min(name) FROM streams)"),
    "a body that is none": changed("UPDATE bodies SET entry = x'00' WHERE at = 2"),
    "a time that is none": swapped("2026-", "x"),
}


@pytest.mark.parametrize("name", LOST)
def test_a_state_that_is_none_is_told_and_all_is_read(auditor, old, log, name):
    auditor.verify(old)
    LOST[name](auditor.file)
    verdict = auditor.verify(log)
    assert (verdict.exit_code, verdict.verified_from, len(auditor.told)) == (0, 0, 1)
    assert CHINESE.search(auditor.told[0][1])
    assert auditor.verify(log).verified_from == 768


MISLEADING = {
    "a stream's hash": changed("UPDATE streams SET hash = zeroblob(32)"),
    "a stream's version": changed("UPDATE streams SET version = version + 1"),
    "ids": changed("UPDATE ids SET jti = randomblob(16)"),
    "a body's key": changed("DELETE FROM bodies WHERE at > 0"),
    "last time": swapped("2026-", "2036-"),
}


@pytest.mark.parametrize("name", MISLEADING)
def test_a_state_that_misleads_accuses_nobody(auditor, old, log, name):
    """What looks wrong because of the state is looked at again without it."""
    auditor.verify(old)
    MISLEADING[name](auditor.file)
    verdict = auditor.verify(log)
    assert (verdict.exit_code, verdict.problems) == (0, ())


def test_a_state_without_which_a_checkpoint_is_remembered_is_told(auditor, old):
    auditor.verify(old)
    auditor.file.unlink()
    assert auditor.verify(old).verified_from == 0
    assert "no state" in auditor.told[0][0]


def test_two_audits_do_not_write_one_state(auditor, old):
    with State.open(auditor.file), pytest.raises(UnavailableError, match="locked") as caught, State.open(auditor.file):
        pass
    assert CHINESE.search(caught.value.zh)
    auditor.verify(old)
    with State.open(auditor.file) as state:
        assert state.place.size == WHOLE


def test_where_no_file_can_be_is_told(tmp_path):
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "none" / "state", tmp_path / "folder"):
        with pytest.raises(UnavailableError, match="state file"), State.open(path):
            pass
    assert (tmp_path / "folder").is_dir()


def test_a_state_of_another_log_is_not_gone_on_from(auditor, log):
    """Another log with the same key: the first checkpoint that is compared shows it."""
    auditor.verify(log)
    writer = filled(300)
    while len(writer.entries) < SIZE + 100:
        writer.promise(30_000 + len(writer.entries))
    auditor.remembered = None
    with sqlite3.connect(auditor.file) as database:
        database.execute("""UPDATE place SET told = json_set(told, '$.proved', NULL)""")
    database.close()
    verdict = auditor.verify(of(writer))
    assert (verdict.exit_code, verdict.verified_from) == (0, 0)
    assert auditor.told


def test_where_no_checkpoint_bears_out_the_state_all_is_read(auditor, long):
    """A log of just those entries that were read before, whatever they are now, and nothing signed over them."""
    log = MemorySource.of(long.entries[:WHOLE], every_tenth)
    assert auditor.verify(log).exit_code == 0
    auditor.remembered = None
    with sqlite3.connect(auditor.file) as database:
        database.execute("""UPDATE place SET told = json_set(told, '$.proved', NULL)""")
    database.close()
    verdict = auditor.verify(dataclasses.replace(log.with_entry(30, b"nothing"), stored_checkpoints=[]))
    assert (verdict.exit_code, verdict.first_bad_index, verdict.verified_from) == (3, 30, 0)
    assert {"malformed", "uncovered"} <= codes(verdict)


def test_the_state_of_one_key_is_not_that_of_another(auditor, old, log):
    auditor.verify(old)
    other = Verifier.of(LogSigner(LOG.name, PrivateKey.from_seed(b"other".ljust(32))))
    verdict = auditor.verify(log, pinned=other)
    assert (verdict.exit_code, verdict.checkpoint_size) == (4, None)
