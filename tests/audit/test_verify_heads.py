"""The verifier on tree, checkpoints and remembered heads of logs in memory; and where an audit comes to no end."""

from __future__ import annotations

import dataclasses

import pytest

from audit.verify import verify
from ledger.errors import UnavailableError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.proof.keys import PrivateKey
from ledger.proof.merkle import EMPTY_ROOT
from ledger.proof.note import LogSigner, Verifier
from tests.audit.logs import LOG, MemorySource, codes, every_tenth, filled, of


@pytest.fixture(scope="module")
def log():
    """A true log of 120 entries, a checkpoint after every tenth."""
    return of(filled(120))


def sign_note(size: int, root: bytes) -> str:
    return sign_checkpoint(Checkpoint(LOG.name, size, root), [LOG]).decode()


def test_another_pinned_key_believes_no_checkpoint(log):
    other = Verifier.of(LogSigner(LOG.name, PrivateKey.from_seed(b"other".ljust(32))))
    verdict = verify(log, pinned=other)
    assert (verdict.exit_code, verdict.first_bad_index, verdict.checkpoint_size) == (4, 0, None)
    assert verify(log, pinned=Verifier.of(LOG)).exit_code == 0


def test_a_remembered_checkpoint_has_to_be_continued(log):
    note = next(note for size, note in log.stored_checkpoints if size == 50)
    remembered = open_checkpoint(note.encode(), LOG.name, [Verifier.of(LOG)])
    assert verify(log, remembered=remembered).exit_code == 0
    shorter = MemorySource.of([row[6] for row in log.stored[:40]], every_tenth)
    verdict = verify(shorter, remembered=remembered)
    assert (verdict.exit_code, verdict.first_bad_index) == (4, 40)
    assert "rolled-back" in codes(verdict)
    other = verify(log, remembered=dataclasses.replace(remembered, root=bytes(32)))
    assert other.exit_code == 4
    assert "rolled-back" in codes(other)
    assert verify(log, remembered=Checkpoint(LOG.name, 0, EMPTY_ROOT)).exit_code == 0


def test_one_checkpoint_of_another_tree_is_told_from_changed_entries(log):
    other = sign_note(50, bytes(32))
    notes = [(size, other if size == 50 else note) for size, note in log.stored_checkpoints]
    verdict = verify(dataclasses.replace(log, stored_checkpoints=notes))
    assert (verdict.exit_code, verdict.first_bad_index, verdict.checkpoint_size) == (4, None, 120)
    assert codes(verdict) == {"checkpoint"}


def test_a_checkpoint_of_more_entries_than_there_are_is_found(log):
    notes = [*log.stored_checkpoints, (10**12, sign_note(10**12, bytes(32)))]
    verdict = verify(dataclasses.replace(log, stored_checkpoints=notes))
    assert (verdict.exit_code, verdict.first_bad_index, verdict.checkpoint_size) == (4, 120, 120)


def test_a_row_at_an_absurd_index_does_not_keep_the_audit_busy(log):
    rows = [*log.stored[:-1], (10**15, *log.stored[-1][1:])]
    verdict = verify(dataclasses.replace(log, stored=rows))
    assert (verdict.exit_code, verdict.first_bad_index) == (4, 119)


def test_two_rows_at_one_index_are_found(log):
    rows = sorted([*log.stored, (70, *log.stored[71][1:])], key=lambda row: row[0])
    verdict = verify(dataclasses.replace(log, stored=rows))
    assert (verdict.exit_code, verdict.first_bad_index) == (4, 70)


# --- an audit that does not come to its end -----------------------------------------------------------------------


class Breaking(MemorySource):
    """A source that cannot be read from an index on; or where somebody presses Ctrl-C then."""

    error: BaseException = UnavailableError("PostgreSQL: gone", "PostgreSQL：已断开")

    def rows(self, start, stop):
        if start >= 256:
            raise self.error
        return super().rows(start, stop)


class Interrupted(Breaking):
    error = KeyboardInterrupt()


@pytest.mark.parametrize(("source", "code"), [(Breaking, "unreadable"), (Interrupted, "interrupted")])
def test_what_was_not_read_makes_the_verdict_incomplete(monkeypatch, tmp_path, source, code):
    monkeypatch.setattr("audit.verify.CHUNK", 256)
    log = of(filled(600))
    broken = source(log.stored, log.stored_tiles, log.stored_checkpoints, log.hints)
    verdict = verify(broken, folder=tmp_path)
    assert (verdict.exit_code, verdict.first_bad_index, verdict.events) == (5, None, 256)
    assert [(problem.code, problem.index) for problem in verdict.problems] == [(code, 256)]
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_in_the_part_that_was_read_counts_more(monkeypatch):
    monkeypatch.setattr("audit.verify.CHUNK", 256)
    log = of(filled(600)).with_entry(17, b"nothing")
    verdict = verify(Breaking(log.stored, log.stored_tiles, log.stored_checkpoints, log.hints))
    assert (verdict.exit_code, verdict.first_bad_index) == (3, 17)
