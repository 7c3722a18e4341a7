"""The log's key handed over: which key signs checkpoints of which size, and whom an auditor follows who pinned one."""

from __future__ import annotations

import dataclasses
import re

import pytest

from audit import http, memory
from audit.http import HttpSource
from audit.log_keys import LogKeys, Opened, read
from audit.state import State
from audit.verdict import Problems
from audit.verify import verify
from ledger.domain.body import LedgerFounded, LogKeyRotated
from ledger.domain.body_terms import Revocation
from ledger.domain.event import LEDGER
from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Signature, Verifier
from ledger.proof.rotation import rotated
from tests.audit.logs import LEDGER_KEY, LOG, OPERATOR, OPERATOR_KEY, ROOT, MemorySource, Writer, codes, filled, of
from tests.audit.servers import TOKEN, log_server

SECOND, THIRD, OTHER = (
    LogSigner(LOG.name, PrivateKey.from_seed(name.ljust(32))) for name in (b"2nd", b"3rd", b"other")
)
ROTATION = 60
"""The index of the rotation."""
SIZE = 100


def handed_over(old=LOG, new=SECOND):
    return rotated(old, new, Revocation.SUPERSEDED)


def a_log(*rotations, signed_by, at=ROTATION, iss=LEDGER, key=ROOT, size=SIZE):
    """A log with these rotations from index ``at`` on, its checkpoints signed by those that ``signed_by`` says."""
    writer = filled(at)
    for fact in rotations:
        writer.write(iss, key, "body/ledger", fact)
    while len(writer.entries) < size:
        writer.promise(1000 + len(writer.entries))
    return resigned(of(writer), signed_by)


def resigned(log, signed_by):
    """The same log with its checkpoints signed by others, and the vkeys as hints."""
    notes = []
    for size, note in log.stored_checkpoints:
        checkpoint = Checkpoint.parse(note.partition("\n\n")[0] + "\n")
        notes.append((size, sign_checkpoint(checkpoint, signed_by(size)).decode()))
    return dataclasses.replace(log, stored_checkpoints=notes)


def as_it_should_be(size):
    return [SECOND] if size > ROTATION else [LOG]


@pytest.fixture(scope="module")
def good():
    return a_log(handed_over(), signed_by=as_it_should_be)


def hinted(log):
    return dataclasses.replace(log, hints=(*log.hints, Verifier.of(SECOND).vkey, "+", "x+y", Verifier.of(OTHER).vkey))


@pytest.mark.parametrize("pinned", [None, LOG, SECOND])
@pytest.mark.parametrize("hints", [lambda log: log, hinted])
def test_a_handed_over_key_is_followed_from_either_side(good, pinned, hints):
    """Who pinned the old key follows to the new one; who pinned the new one believes what led to it."""
    verdict = verify(hints(good), pinned=pinned and Verifier.of(pinned))
    assert (verdict.problems, verdict.exit_code, verdict.checkpoint_size) == ((), 0, SIZE)
    assert verdict.log_key == Verifier.of(SECOND).vkey


def test_several_pinned_keys_all_have_to_be_the_logs(good):
    assert verify(good, pinned=[Verifier.of(LOG), Verifier.of(SECOND)]).exit_code == 0
    refused(verify(good, pinned=[Verifier.of(LOG), Verifier.of(OTHER)]))


def test_a_pinned_key_that_never_was_the_logs_is_refused(good):
    refused(verify(good, pinned=Verifier.of(OTHER)))
    refused(verify(hinted(good), pinned=Verifier.of(OTHER)))
    refused(verify(good, pinned=Verifier.of(LogSigner("other.example", LOG.key))))


def refused(verdict):
    assert (verdict.exit_code, verdict.first_bad_index, verdict.checkpoint_size) == (4, 0, None)
    assert codes(verdict) == {"checkpoint", "uncovered"}


def test_the_old_keys_signature_may_stand_beside_the_new_ones():
    log = a_log(handed_over(), signed_by=lambda size: [LOG, SECOND] if size > ROTATION else [LOG])
    for source in (log, hinted(log)):
        assert verify(source, pinned=Verifier.of(LOG)).exit_code == 0


@pytest.mark.parametrize("hints", [lambda log: log, hinted])
def test_after_the_rotation_the_old_key_alone_does_not_count(hints):
    log = hints(a_log(handed_over(), signed_by=lambda size: [LOG]))
    for pinned in (None, Verifier.of(LOG)):
        verdict = verify(log, pinned=pinned)
        assert (verdict.exit_code, verdict.first_bad_index, verdict.checkpoint_size) == (4, ROTATION, ROTATION)
        assert codes(verdict) == {"checkpoint", "uncovered"}


@pytest.mark.parametrize("hints", [lambda log: log, hinted])
def test_before_the_rotation_the_new_key_does_not_count_yet(hints):
    log = hints(a_log(handed_over(), signed_by=lambda size: [SECOND]))
    verdict = verify(log)
    assert (verdict.exit_code, verdict.first_bad_index, verdict.checkpoint_size) == (4, None, SIZE)
    assert codes(verdict) == {"checkpoint"}


def test_the_checkpoint_up_to_the_rotation_is_the_old_keys_and_the_one_over_it_the_new_ones():
    writer = filled(ROTATION)
    writer.write(LEDGER, ROOT, "body/ledger", handed_over())
    every = resigned(MemorySource.of(writer.entries, lambda size: size >= ROTATION - 1), as_it_should_be)
    assert verify(every).exit_code == 0
    assert [size for size, _ in every.stored_checkpoints] == [ROTATION - 1, ROTATION, ROTATION + 1]


def test_a_checkpoint_on_which_a_known_key_fails_is_refused_though_another_is_good(good):
    notes = [
        (size, note + forged_line(note) if size == SIZE else note)
        for size, note in resigned(good, as_it_should_be).stored_checkpoints
    ]
    verdict = verify(dataclasses.replace(good, stored_checkpoints=notes))
    assert (verdict.exit_code, verdict.checkpoint_size) == (4, SIZE - 10)


def forged_line(note):
    """A signature line of the first key that is of another text."""
    other = sign_checkpoint(Checkpoint(LOG.name, 3, bytes(32)), [LOG]).decode()
    return other.partition("\n\n")[2]


FORGED = {
    "by_old of another": lambda: dataclasses.replace(handed_over(), by_old=handed_over(OTHER).by_old),
    "by_new of another": lambda: dataclasses.replace(handed_over(), by_new=handed_over(new=OTHER).by_new),
    "by a key that was not the log's": lambda: handed_over(OTHER),
    "to the same key": lambda: handed_over(LOG, LOG),
    "to another log": lambda: handed_over(new=LogSigner("other.example", SECOND.key)),
    "to no key": lambda: LogKeyRotated("x+y+z", Revocation.SUPERSEDED, "A" * 86, "A" * 86),
    "to a weak key": lambda: LogKeyRotated(
        Verifier(LOG.name, bytes(32)).vkey, Revocation.SUPERSEDED, handed_over().by_old, "A" * 86
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_rotation_is_found_and_hands_nothing_over(name):
    log = hinted(a_log(FORGED[name](), signed_by=as_it_should_be))
    verdict = verify(log)
    assert (verdict.exit_code, verdict.first_bad_index, verdict.checkpoint_size) == (3, ROTATION, ROTATION)
    assert {"authority", "checkpoint", "uncovered"} == codes(verdict)
    assert verdict.log_key == Verifier.of(LOG).vkey


@pytest.mark.parametrize(("iss", "key", "code"), [(OPERATOR, OPERATOR_KEY, "authority"), (LEDGER, LEDGER_KEY, "key")])
def test_a_rotation_that_root_did_not_sign_hands_nothing_over(iss, key, code):
    log = hinted(a_log(handed_over(), signed_by=as_it_should_be, iss=iss, key=key))
    verdict = verify(log)
    assert (verdict.exit_code, verdict.first_bad_index, verdict.checkpoint_size) == (3, ROTATION, ROTATION)
    assert code in codes(verdict)


@pytest.mark.parametrize("pinned", [LOG, SECOND, THIRD])
def test_two_rotations_in_a_row(pinned):
    log = a_log(
        handed_over(),
        handed_over(SECOND, THIRD),
        signed_by=lambda size: [THIRD] if size > ROTATION + 1 else as_it_should_be(size),
    )
    verdict = verify(log, pinned=Verifier.of(pinned))
    assert (verdict.exit_code, verdict.log_key) == (0, Verifier.of(THIRD).vkey)
    skipped = a_log(handed_over(), handed_over(LOG, THIRD), signed_by=as_it_should_be)
    assert verify(skipped).first_bad_index == ROTATION + 1


def test_what_is_remembered_moves_to_the_new_key(good, tmp_path):
    before = resigned(MemorySource.of([row[6] for row in good.stored[:50]], lambda size: size == 50), as_it_should_be)
    known = memory.verified(before, verify(before))
    assert known.key == Verifier.of(LOG)
    with State.open(tmp_path / "state") as state:
        verdict = verify(good, pinned=known.key, remembered=known.checkpoint, state=state)
    now = memory.verified(good, verdict, known.key)
    assert (verdict.exit_code, now.key, now.checkpoint.size) == (0, Verifier.of(SECOND), SIZE)
    assert verify(good, pinned=now.key, remembered=now.checkpoint).exit_code == 0


def test_an_audit_that_goes_on_knows_the_rotations_before(tmp_path):
    log = a_log(handed_over(), signed_by=as_it_should_be, size=400)
    for expected in (0, 256):
        with State.open(tmp_path / "state") as state:
            verdict = verify(log, pinned=Verifier.of(LOG), state=state, processes=1)
        assert (verdict.exit_code, verdict.verified_from) == (0, expected)
        assert verdict.log_key == Verifier.of(SECOND).vkey


@pytest.mark.parametrize("pinned", [None, LOG, SECOND])
def test_over_http_a_handed_over_key_is_followed_beyond_what_is_read_unsigned(pinned, monkeypatch):
    monkeypatch.setattr(http, "UNSIGNED", 10)
    monkeypatch.setattr("audit.verify.CHUNK", 256)
    monkeypatch.setattr(http, "PAUSES", ())
    log = a_log(handed_over(), signed_by=as_it_should_be, size=600)
    key = pinned and Verifier.of(pinned)
    with log_server(log) as far:
        verdict = verify(HttpSource(far.url, TOKEN, key), pinned=key, processes=1)
        assert (verdict.problems, verdict.events, verdict.log_key) == ((), 600, Verifier.of(SECOND).vkey)
        other = Verifier.of(OTHER)
        verdict = verify(HttpSource(far.url, TOKEN, other), pinned=other, processes=1)
        assert (verdict.exit_code, verdict.events, verdict.checkpoint_size) == (4, 266, None)


def test_a_key_whose_short_id_meets_anothers_is_not_taken_for_it():
    """The ids in a note have 4 bytes: who is taken for the signer is told by the whole key."""
    note = sign_checkpoint(Checkpoint(LOG.name, 3, bytes(32)), [SECOND]).decode()
    opened = read((3, note), [Verifier.of(SECOND)])
    assert opened.signers == {Verifier.of(SECOND)}
    forged = Opened(opened.filed, opened.checkpoint, frozenset({Verifier.of(OTHER)}))
    problems = Problems()
    assert LogKeys([[Verifier.of(LOG)]]).open(forged, problems) is None
    assert problems.exit_code == 4


WEAK = Verifier(LOG.name, b"\x01" + bytes(31))
"""Of order 1: R = [S]B is a signature of any text, and S = 0 needs no arithmetic at all."""


@pytest.mark.parametrize(
    ("origin", "log_key", "words"),
    [
        (LOG.name, WEAK.vkey, "of large order"),
        ("another.example", Verifier.of(LOG).vkey, "expected one of the name 'another.example'"),
        (LOG.name, "log.example", "name\\+hex\\+base64"),
    ],
)
def test_a_log_founded_with_a_key_that_anybody_can_sign_with_or_of_another_name_is_none(origin, log_key, words):
    """An operator could found a log so, and deny every checkpoint of it."""
    writer = Writer()
    writer.write(LEDGER, ROOT, "body/ledger", LedgerFounded(origin, ROOT.public, LEDGER_KEY.public, log_key))
    log = of(writer)
    if log_key == WEAK.vkey:
        text = log.stored_checkpoints[-1][1].partition("\n\n")[0] + "\n"
        signature = Signature(LOG.name, WEAK.key_id, WEAK.public_key + bytes(32))
        assert WEAK.verify(text.encode(), signature.signature)
        log = dataclasses.replace(log, stored_checkpoints=[(1, f"{text}\n{signature.line}")])
    verdict = verify(log, processes=1)
    assert (verdict.exit_code, verdict.first_bad_index, verdict.checkpoint_size) == (3, 0, None)
    assert any(problem.code == "authority" and re.search(words, problem.en) for problem in verdict.problems)
    assert verify(log, processes=1, pinned=WEAK).exit_code == 3


def test_who_has_the_old_key_alone_deceives_who_pinned_that_and_nobody_who_pinned_the_new_one():
    """The rotation is public, so that its signatures can be put into a history that a thief founded himself."""
    thief, made_up = PrivateKey.from_seed(b"thief".ljust(32)), Writer()
    own = LedgerFounded(LOG.name, thief.public, LEDGER_KEY.public, Verifier.of(LOG).vkey)
    made_up.write(LEDGER, thief, "body/ledger", own)
    alone = of(made_up)
    made_up.write(LEDGER, thief, "body/ledger", handed_over())
    for log in (alone, of(made_up)):
        verdict = verify(log, processes=1, pinned=Verifier.of(SECOND))
        assert (verdict.exit_code, codes(verdict) <= {"checkpoint", "uncovered"}) == (4, True)
    assert verify(alone, processes=1, pinned=Verifier.of(LOG)).exit_code == 0
