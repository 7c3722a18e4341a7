"""The whole-log verifier on logs in memory: whoever forges an entry, and however well, is found."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.verify import verify
from ledger.domain.body import BodyRegistered, KeyAuthorised, KeyRevoked, PredecessorAdded, RoleGranted
from ledger.domain.body_terms import Kind, Revocation, Role
from ledger.domain.event import LEDGER
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import NotFoundError
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.event import parse, parse_entry
from ledger.proof.note import LogSigner, Verifier
from ledger.proof.rotation import rotated
from tests.audit.logs import (
    CITY,
    CITY_KEY,
    LEDGER_KEY,
    LOG,
    OPERATOR,
    OPERATOR_KEY,
    OTHER_KEY,
    ROOT,
    START,
    TOWN,
    TOWN_KEY,
    MemorySource,
    Writer,
    codes,
    every_tenth,
    filled,
    founded,
    of,
)


@pytest.fixture(scope="module")
def log():
    """A true log of 120 entries, a checkpoint after every tenth."""
    return of(filled(120))


@pytest.fixture(scope="module")
def short():
    """A true log of 40 entries, a checkpoint after every tenth."""
    return of(filled(40))


# --- true logs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 8, 10, 255, 256, 257, 512, 700])
def test_a_true_log_of_any_size_is_verified(size):
    writer = founded() if size < 10 else filled(size)
    source = MemorySource.of(writer.entries[:size], every_tenth)
    verdict = verify(source)
    assert (verdict.problems, verdict.exit_code, verdict.first_bad_index) == ((), 0, None)
    newest = open_checkpoint(source.stored_checkpoints[-1][1].encode(), LOG.name, [Verifier.of(LOG)])
    assert (verdict.events, verdict.checkpoint_size, verdict.root) == (size, size, newest.root.hex())
    assert (verdict.origin, verdict.streams) == (LOG.name, len({row[1] for row in source.stored}))


def test_chunks_and_the_tiles_above_are_put_together(monkeypatch):
    monkeypatch.setattr("audit.verify.CHUNK", 256)
    verdict = verify(of(filled(1030), sizes=lambda size: size % 7 == 0))
    assert (verdict.exit_code, verdict.events, verdict.checkpoint_size) == (0, 1030, 1030)


def test_several_processes_find_what_one_finds(log):
    torn = log.with_entry(40, log.stored[40][6][:-1])
    for source in (log, torn):
        alone, several = verify(source, processes=1), verify(source, processes=2)
        assert dataclasses.replace(several, seconds=alone.seconds) == alone


def test_progress_is_told(log):
    told = []
    verify(log, progress=lambda done, total: told.append((done, total)))
    assert told == [(120, 120)]


def test_keys_that_nobody_hinted_at_are_found_in_the_log(log):
    assert verify(dataclasses.replace(log, hints=())).exit_code == 0
    wrong = dataclasses.replace(log, hints=("", "x" * 43, "é" * 43, OTHER_KEY.public))
    assert verify(wrong).exit_code == 0


def test_a_signature_by_a_key_that_nobody_hinted_at_is_still_checked(log):
    forged = flip_signature(dataclasses.replace(log, hints=()), 50)
    verdict = verify(forged)
    assert (verdict.exit_code, verdict.first_bad_index) == (3, 50)
    assert "signature" in codes(verdict)


def test_no_log_is_no_verdict():
    with pytest.raises(NotFoundError):
        verify(MemorySource((), (), ()))


# --- bytes ----------------------------------------------------------------------------------------------------------


@given(index=st.integers(0, 39), position=st.integers(0, 10_000), change=st.integers(1, 255))
def test_any_changed_byte_of_any_entry_is_found(short, index, position, change):
    data = bytearray(short.stored[index][6])
    data[position % len(data)] ^= change
    verdict = verify(short.with_entry(index, bytes(data)))
    assert (verdict.exit_code, verdict.first_bad_index) == (3, index)


@given(index=st.integers(0, 39), data=st.binary(max_size=40))
def test_any_bytes_instead_of_an_entry_are_found(short, index, data):
    verdict = verify(short.with_entry(index, data))
    assert (verdict.exit_code, verdict.first_bad_index) == (3, index)
    assert {"malformed", "leaf"} <= codes(verdict)


@given(index=st.integers(0, 39), digit=st.integers(0, 2))
def test_a_change_with_all_hashes_adapted_still_contradicts_the_signed_root(short, index, digit):
    entries = [row[6] for row in short.stored]
    data = bytearray(entries[index])
    data[20 + digit] = ord("9")  # a digit of the recorded time, which no signer signed: only the log did
    entries[index] = bytes(data)
    forged = MemorySource.of(entries, every_tenth)
    verdict = verify(dataclasses.replace(forged, stored_checkpoints=short.stored_checkpoints))
    assert (verdict.exit_code, verdict.first_bad_index) == (4, index // 10 * 10)
    assert (verdict.checkpoint_size or 0) == index // 10 * 10


# --- signed by the log, and wrong all the same --------------------------------------------------------------------


def test_a_signature_by_another_key_than_it_names_is_found(log):
    verdict = verify(flip_signature(log, 30))
    assert (verdict.exit_code, verdict.first_bad_index) == (3, 30)
    assert {"signature", "leaf"} <= codes(verdict)


def test_a_key_that_was_never_authorised_does_not_count():
    writer = filled(60)
    bad = writer.promise(900, CITY, OTHER_KEY)
    found(writer, bad, "key")


def test_a_key_of_another_body_does_not_count():
    writer = filled(60)
    bad = writer.promise(900, CITY, TOWN_KEY)
    found(writer, bad, "key")


def test_a_key_counts_up_to_the_event_that_revokes_it_and_no_further():
    writer = filled(60)
    revoked = KeyRevoked(CITY_KEY.kid, Revocation.COMPROMISED)
    writer.write(CITY, CITY_KEY, f"body/{CITY}", revoked)
    assert verify(of(writer)).exit_code == 0
    bad = writer.promise(900)
    found(writer, bad, "key")


def test_a_key_does_not_count_before_it_is_authorised():
    writer = filled(60)
    bad = writer.promise(900, CITY, OTHER_KEY)
    writer.write(OPERATOR, OPERATOR_KEY, f"body/{CITY}", KeyAuthorised(OTHER_KEY.public))
    good = writer.promise(901, CITY, OTHER_KEY)
    verdict = found(writer, bad, "key")
    assert good not in {problem.index for problem in verdict.problems}


def test_a_key_that_a_body_without_the_right_authorised_does_not_count():
    writer = filled(60)
    bad = writer.write(TOWN, TOWN_KEY, f"body/{CITY}", KeyAuthorised(OTHER_KEY.public))
    late = writer.promise(900, CITY, OTHER_KEY)
    verdict = found(writer, bad, "authority")
    assert (late, "key") in {(problem.index, problem.code) for problem in verdict.problems}


def test_a_key_under_which_anybody_can_sign_is_no_key():
    writer = filled(60)
    bad = writer.write(OPERATOR, OPERATOR_KEY, f"body/{CITY}", KeyAuthorised("A" * 43))
    found(writer, bad, "authority")


def test_a_role_that_a_body_gave_itself_gives_it_nothing():
    writer = filled(60)
    bad = writer.write(TOWN, TOWN_KEY, f"body/{TOWN}", RoleGranted(Role.OPERATOR))
    writer.write(TOWN, TOWN_KEY, f"body/{CITY}", KeyAuthorised(OTHER_KEY.public))
    found(writer, bad, "authority")


@pytest.mark.parametrize(
    ("stream", "fact"),
    [
        (f"body/{CITY}", KeyAuthorised(OTHER_KEY.public)),
        (f"body/{CITY}", RoleGranted(Role.OPERATOR)),
        (f"body/{fictional_uscc(9)}", BodyRegistered("示例单位（虚构）", Kind.GOVERNMENT)),
        ("body/ledger", rotated(LOG, LogSigner(LOG.name, OTHER_KEY), Revocation.SUPERSEDED)),
    ],
)
def test_the_ledgers_key_for_consequences_gives_nothing(stream, fact):
    """Every service holds it; the root key, which may give all of this in the ledger's name, is kept off-line."""
    writer = filled(60)
    bad = writer.write(LEDGER, LEDGER_KEY, stream, fact, cause=writer.jtis[-1])
    found(writer, bad, "authority")


def test_the_ledgers_key_signs_consequences_only():
    writer = filled(60)
    cause = writer.jtis[-1]
    fact = PredecessorAdded(TOWN)
    writer.write(LEDGER, LEDGER_KEY, f"body/{CITY}", fact, cause=cause)
    assert verify(of(writer)).exit_code == 0
    without_cause = writer.copy()
    found(without_cause, without_cause.write(LEDGER, LEDGER_KEY, f"body/{CITY}", fact), "key")
    by_another = writer.copy()
    found(by_another, by_another.write(CITY, CITY_KEY, f"body/{CITY}", fact, cause=cause), "key")


def test_a_log_is_founded_once_and_first():
    without = Writer()
    without.write(LEDGER, ROOT, f"body/{CITY}", RoleGranted(Role.OPERATOR))
    verdict = verify(of(without))
    assert (verdict.exit_code, verdict.first_bad_index, verdict.origin) == (3, 0, None)
    twice = filled(60)
    again = founded().entries[0]
    fact = parse_fact(again)
    bad = twice.write(LEDGER, ROOT, "body/ledger", fact)
    found(twice, bad, "founding")


def test_a_founding_signed_by_another_key_than_it_brings_is_found():
    writer = founded()
    fact = parse_fact(writer.entries[0])
    forged = Writer()
    forged.write(LEDGER, OTHER_KEY, "body/ledger", fact)
    verdict = verify(of(forged))
    assert (verdict.exit_code, verdict.first_bad_index) == (3, 0)
    assert "founding" in codes(verdict)


def test_an_id_names_one_event():
    writer = filled(60)
    bad = writer.promise(900, jti=writer.jtis[20])
    found(writer, bad, "jti")


def test_a_version_left_out_is_found():
    writer = filled(60)
    bad = writer.report(0, version=9)
    found(writer, bad, "stream")


def test_a_version_told_twice_is_found_where_it_is_told_again():
    writer = filled(60)
    head = writer.heads["commitment/0"]
    first = writer.report(0)
    bad = writer.report(0, version=head.version + 1, prev=head.hash)
    verdict = found(writer, bad, "stream")
    assert first not in {problem.index for problem in verdict.problems}


def test_a_stream_does_not_begin_in_its_middle():
    writer = filled(60)
    bad = writer.report(900, version=2, prev="ab" * 32)
    found(writer, bad, "stream")


def test_another_event_before_than_the_one_that_was_signed_is_found():
    writer = filled(60)
    bad = writer.report(0, prev="ab" * 32)
    found(writer, bad, "prev")


def test_versions_stand_in_the_order_of_the_log():
    writer = filled(60)
    writer.promise(900)
    writer.report(900)
    writer.entries[-2:] = [
        time_of(writer.entries[-2]) + rest_of(writer.entries[-1]),
        time_of(writer.entries[-1]) + rest_of(writer.entries[-2]),
    ]
    found(writer, 60, "stream")


def test_recorded_time_does_not_run_backwards():
    writer = filled(60)
    bad = writer.promise(900, at=START + timedelta(seconds=5))
    found(writer, bad, "time")


def test_recorded_time_does_not_run_backwards_from_chunk_to_chunk(monkeypatch):
    monkeypatch.setattr("audit.verify.CHUNK", 256)
    writer = filled(256)
    bad = writer.promise(900, at=START + timedelta(seconds=5))
    assert bad == 256
    found(writer, bad, "time")


# --- helpers --------------------------------------------------------------------------------------------------------


def found(writer: Writer, index: int, code: str):
    """The verdict over a log whose tree and checkpoints are as they should be, and whose entry at ``index`` is not."""
    verdict = verify(of(writer))
    assert (verdict.exit_code, verdict.first_bad_index) == (3, index)
    assert (index, code) in {(problem.index, problem.code) for problem in verdict.problems}
    assert verdict.checkpoint_size == len(writer.entries)
    return verdict


def flip_signature(log: MemorySource, index: int) -> MemorySource:
    data = bytearray(log.stored[index][6])
    data[-20] = ord("A") if data[-20] != ord("A") else ord("B")
    return log.with_entry(index, bytes(data))


def parse_fact(entry: bytes):
    return parse(parse_entry(entry)[1]).event.fact


def time_of(entry: bytes) -> bytes:
    return entry[:25]


def rest_of(entry: bytes) -> bytes:
    return entry[25:]
