"""The log changes its key while others watch: a monitor follows by itself, a witness when it was told the new key."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.monitor import Finding, Report, Watched, look
from audit.witness import Enrolled, Witness, enrol
from ledger.domain.body_terms import Revocation
from ledger.keys.log_rotation import rotate_log
from ledger.proof.cosignature import Cosigner
from ledger.proof.keys import PrivateKey
from ledger.proof.merkle import consistency_proof
from ledger.proof.note import Verifier
from ledger.proof.witness import AddCheckpoint, RefusedError
from tests.api.test_witness_processes import grow
from tests.conftest import Served


def test_the_monitor_follows_a_served_ledger_to_its_new_key(served: Served, tmp_path: Path) -> None:
    installation = served.installation
    old = installation.ledger.log_key.verifier.vkey

    def seen() -> Report:
        (report,) = look(Watched(old, (served.url,)), tmp_path)
        return report

    assert seen().finding == Finding.NEW
    rotate_log(installation, Revocation.SUPERSEDED)
    assert (seen().finding, seen().key) == (Finding.CONTINUED, None)  # both keys signed the checkpoint of the change
    size = grow(installation, 51)
    report = seen()
    assert (report.finding, report.size) == (Finding.CONTINUED, size)
    assert report.key == installation.ledger.log_key.verifier.vkey != old
    assert (seen().finding, seen().key) == (Finding.UNCHANGED, None)
    rotate_log(installation, Revocation.COMPROMISED)
    size = grow(installation, 52)
    report = seen()
    assert (report.finding, report.size) == (Finding.CONTINUED, size)
    fresh = tmp_path / "another"
    fresh.mkdir()
    (late,) = look(Watched(old, (served.url,)), fresh)
    assert (late.finding, late.key) == (Finding.NEW, installation.ledger.log_key.verifier.vkey)


def test_a_witness_that_knows_both_keys_goes_on_one_that_does_not_stops(served: Served, tmp_path: Path) -> None:
    ledger = served.installation.ledger
    key, name = PrivateKey.from_seed(b"w" * 32), "w.example"
    enrol(tmp_path / "w", Enrolled(Verifier.of(Cosigner(name, key, 0)), "w.pem"))
    old = ledger.log_key.verifier

    def ask(*logs: Verifier) -> int:
        """The size that the witness has cosigned at the end."""
        stored, witness = ledger.reader.newest(), Witness(tmp_path / "w", [(name, key)], logs, lambda: 1_790_000_000)
        before = max((one.size for one in witness.seen()), default=0)
        proof = consistency_proof(before, stored.size, ledger.nodes(stored.size))
        witness.add_checkpoint(AddCheckpoint(before, tuple(proof), stored.note.encode()).marshal())
        return witness.seen()[0].size

    assert ask(old) == ledger.size
    rotate_log(served.installation, Revocation.SUPERSEDED)
    assert ask(old) == ledger.size
    grow(served.installation, 51)
    with pytest.raises(RefusedError) as refused:
        ask(old)
    assert refused.value.status == 403
    assert ask(old, ledger.log_key.verifier) == ledger.size
    grow(served.installation, 52)
    assert ask(ledger.log_key.verifier) == ledger.size
