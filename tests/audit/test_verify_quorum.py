"""Witnesses that the caller asks for (C2SP tlog-policy): what they have not cosigned is not vouched for."""

from __future__ import annotations

import dataclasses

import pytest

from audit.state import State
from audit.verify import verify
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.cosignature import Cosigner
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier, sign
from ledger.proof.quorum import Policy
from tests.audit.logs import LOG, codes, filled, of

COURT, PRESS = (Cosigner(f"{n}.example", PrivateKey.from_seed(n.encode().ljust(32)), 1_790_000_000) for n in ("a", "b"))
OTHER = Verifier.of(LogSigner(LOG.name, PrivateKey.from_seed(b"other".ljust(32))))
SIZE = 120


def policy(quorum, *lines):
    witnesses = [f"witness {name} {Verifier.of(by).vkey}" for name, by in (("court", COURT), ("press", PRESS))]
    return Policy.parse("\n".join([*lines, *witnesses, "group both all court press", f"quorum {quorum}", ""]))


def cosigned(log, by):
    """The log with its checkpoints cosigned by those that ``by`` says for a size."""
    notes = []
    for size, note in log.stored_checkpoints:
        text = note.partition("\n\n")[0] + "\n"
        assert Checkpoint.parse(text).size == size
        notes.append((size, sign(text, [LOG, *by(size)]).decode()))
    return dataclasses.replace(log, stored_checkpoints=notes)


@pytest.fixture(scope="module")
def log():
    return of(filled(SIZE))


def test_a_log_whose_newest_checkpoint_meets_the_quorum_is_verified(log):
    both = cosigned(log, lambda size: [COURT, PRESS])
    for quorum in ("both", "court", "none"):
        verdict = verify(both, policy=policy(quorum))
        assert (verdict.exit_code, verdict.witnessed_size) == (0, SIZE)
    assert verify(both).witnessed_size is None


def test_entries_that_are_not_cosigned_yet_make_the_verdict_incomplete(log):
    some = cosigned(log, lambda size: [COURT, PRESS] if size <= 90 else [COURT])
    verdict = verify(some, policy=policy("both"))
    assert (verdict.exit_code, verdict.witnessed_size, verdict.checkpoint_size) == (5, 90, SIZE)
    assert [(p.code, p.index) for p in verdict.problems] == [("unwitnessed", 90)]
    assert verify(some, policy=policy("court")).exit_code == 0


@pytest.mark.parametrize("by", [[], [COURT], [PRESS]])
def test_a_log_that_nobody_cosigned_as_asked_lacks_the_quorum(log, by):
    """A witness's line can be taken away, and what is left is validly signed by the log."""
    verdict = verify(cosigned(log, lambda size: by), policy=policy("both"))
    assert (verdict.exit_code, verdict.witnessed_size, codes(verdict)) == (4, None, {"quorum"})


def test_a_cosignature_that_does_not_verify_is_found(log):
    both = cosigned(log, lambda size: [COURT, PRESS])
    other = cosigned(of(filled(SIZE - 10)), lambda size: [COURT, PRESS])
    newest = both.stored_checkpoints[-1][1]
    stolen = other.stored_checkpoints[-1][1].splitlines()[-1]
    changed = "\n".join([*newest.splitlines()[:-1], stolen, ""])
    verdict = verify(
        dataclasses.replace(both, stored_checkpoints=[*both.stored_checkpoints[:-1], (SIZE, changed)]),
        policy=policy("both"),
    )
    assert (verdict.exit_code, codes(verdict), verdict.witnessed_size) == (4, {"quorum", "unwitnessed"}, SIZE - 10)


def test_a_cosigned_checkpoint_of_another_tree_witnesses_nothing(log):
    """What the witnesses saw counts where the entries bear it out."""
    both = cosigned(log, lambda size: [COURT] if size < SIZE else [COURT, PRESS])
    forged = both.with_entry(SIZE - 1, both.stored[SIZE - 2][6])
    verdict = verify(forged, policy=policy("both"))
    assert (verdict.exit_code, verdict.witnessed_size) == (3, None)


def test_the_policys_log_lines_pin_the_key(log):
    both = cosigned(log, lambda size: [COURT, PRESS])
    right, wrong = f"log {Verifier.of(LOG).vkey}", f"log {OTHER.vkey}"
    assert verify(both, policy=policy("both", right)).exit_code == 0
    assert verify(both, policy=policy("both", right, wrong)).exit_code == 0  # of several, one has to be the log's
    verdict = verify(both, policy=policy("both", wrong))
    assert (verdict.exit_code, verdict.checkpoint_size, verdict.witnessed_size) == (4, None, None)


def test_what_was_witnessed_before_is_kept_with_its_policy(tmp_path):
    """An audit that goes on knows it, and reads all again for another policy."""
    log = cosigned(of(filled(600)), lambda size: [COURT] if size <= 300 else [])
    told = []

    def again(asked):
        with State.open(tmp_path / "state", lambda en, zh: told.append(en)) as state:
            return verify(log, policy=asked, state=state, processes=1)

    for expected in (0, 512):
        verdict = again(policy("court"))
        assert (verdict.exit_code, verdict.witnessed_size, verdict.verified_from) == (5, 300, expected)
    assert told == []
    verdict = again(policy("press"))
    assert (verdict.exit_code, verdict.witnessed_size, verdict.verified_from) == (4, None, 0)
    assert "another policy" in told[0]
