"""Bundles of one case or one subject: each entry proven, each signature judged by keys that are proven too."""

from __future__ import annotations

import dataclasses

import pytest

from audit.bundle.check import checked
from audit.bundle.export import export
from audit.bundle.export_part import Subject, case_of, export_part
from audit.bundle.part import checked_part
from audit.bundle.source import BundleSource
from audit.bundle.trace import streams_of
from audit.http import HttpSource
from audit.lookup import scanned
from audit.trace import trace
from ledger.casebook import stream_of
from ledger.domain.body import KeyRevoked
from ledger.domain.body_terms import Revocation
from ledger.domain.event import LEDGER
from ledger.errors import ConfigurationError, FormatError, NotFoundError, ProofError
from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.cosignature import Cosigner
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier, sign
from ledger.proof.quorum import Policy
from ledger.proof.rotation import rotated
from ledger.proof.tlogproof import TlogProof, check
from ledger.store.source import PostgresSource
from tests.audit.bundles import changed, flipped, members, relisted, write
from tests.audit.logs import CITY, CITY_KEY, LOG, OPERATOR, OPERATOR_KEY, ROOT, TOWN, codes, filled, of
from tests.conftest import application, serving

SIZE = 700
RECORD = stream_of("record/unpaid-project")
CASE = "commitment/0"


@pytest.fixture(scope="module")
def log():
    """A true log."""
    return of(filled(SIZE))


@pytest.fixture(scope="module")
def true(log, tmp_path_factory):
    """The members of the bundle of one of its cases."""
    path = tmp_path_factory.mktemp("part") / "case.bundle"
    export_part(log, path, CASE, signer=LOG)
    return members(path)


@pytest.fixture
def verdict_over(tmp_path):
    """The verdict over a bundle of these members."""
    return lambda found, **options: (
        checked_part(BundleSource(write(tmp_path / "made.bundle", found)), **options).verdict
    )


def indexes(found):
    return sorted(int(name.removeprefix("entries/")) for name in found if name.startswith("entries/"))


def anew(found, signer=LOG):
    return relisted(found, signer, f"case {CASE}")


# --- the truth ------------------------------------------------------------------------------------------------------


def test_a_case_is_proven_with_all_that_its_signatures_need(true, verdict_over):
    """Founding, operator and city; the promise and the report on it; no other's."""
    verdict = verdict_over(true)
    assert (verdict.exit_code, verdict.problems, verdict.checkpoint_size) == (0, (), SIZE)
    assert indexes(true)[:6] == [0, 1, 2, 3, 4, 5]
    assert len(indexes(true)) == verdict.events == 8
    assert verdict.streams == 4


def test_every_proof_can_be_checked_by_itself(true):
    """C2SP tlog-proof."""
    for index in indexes(true):
        proof = true[f"proofs/{index}.tlog-proof"]
        assert TlogProof.parse(proof).index == index
        assert check(proof, true[f"entries/{index}"], [Verifier.of(LOG)], LOG.name).size == SIZE


@pytest.mark.parametrize("name", ["record/unpaid-project", "complaint/unpaid-project", "record/water-penalty"])
def test_a_case_traced_in_its_bundle_is_the_case_traced_in_the_log(played, tmp_path, name):
    """H10 投诉举报转为失信线索."""
    source, stream = PostgresSource(played.database.url("reader")), stream_of(name)
    export_part(source, tmp_path / "case.bundle", stream)
    bundle = BundleSource(tmp_path / "case.bundle")
    assert checked_part(bundle).verdict.exit_code == 0
    with scanned(source) as log, streams_of(bundle) as part:
        there, here = trace(log, stream), trace(part, stream)
    assert (here.events, here.problems, here.log) == (there.events, (), there.log)


def test_every_case_and_subject_of_the_played_ledger_can_be_handed_over(played, tmp_path):
    source = PostgresSource(played.database.url("reader"))
    with source.open() as session:
        streams = {row[1] for row in session.rows(0, session.extent()[0])}
    persons = sorted(stream for stream in streams if stream.startswith("person/"))
    bodies = sorted(stream[5:] for stream in streams if stream.startswith("body/") and stream != "body/ledger")
    for wanted in (*persons, *bodies[:6]):
        export_part(source, tmp_path / "part.bundle", Subject.parse(wanted), force=True)
        found = checked_part(BundleSource(tmp_path / "part.bundle"))
        assert (found.verdict.exit_code, found.about.scope) == (0, f"subject {wanted}")


def test_what_is_about_a_subject_is_there_and_nothing_about_others(log, tmp_path):
    export_part(log, tmp_path / "part.bundle", Subject.parse(TOWN))
    with streams_of(BundleSource(tmp_path / "part.bundle")) as part:
        about = {row[1] for row in log.stored if row[1].startswith("commitment/") and int(row[1][11:]) % 2}
        assert all(part.of(stream) for stream in about)
        assert not part.of("commitment/0")


def test_a_part_comes_from_a_url_too(played, tmp_path):
    with application(played) as app, serving(played, app) as served:
        export_part(HttpSource(served.url, played.token()), tmp_path / "far.bundle", RECORD)
    export_part(PostgresSource(played.database.url("reader")), tmp_path / "here.bundle", RECORD)
    assert (tmp_path / "far.bundle").read_bytes() == (tmp_path / "here.bundle").read_bytes()


def test_a_revocation_that_is_in_the_log_is_in_the_bundle(tmp_path):
    writer = filled(20)
    writer.write(OPERATOR, OPERATOR_KEY, f"body/{CITY}", KeyRevoked(CITY_KEY.kid, Revocation.COMPROMISED))
    late = writer.report(0)
    export_part(of(writer), tmp_path / "case.bundle", CASE)
    verdict = checked_part(BundleSource(tmp_path / "case.bundle")).verdict
    assert (verdict.exit_code, verdict.first_bad_index, codes(verdict)) == (3, late, {"key"})


def test_what_is_not_in_the_log_cannot_be_exported(log, tmp_path):
    with pytest.raises(NotFoundError):
        export_part(log, tmp_path / "none", "record/none")
    with pytest.raises(NotFoundError):
        export_part(log, tmp_path / "none", Subject.parse("999900000000000000"))
    with pytest.raises(FormatError, match="10"):
        export_part(log.with_entry(10, log.stored[11][6]), tmp_path / "none", "commitment/2")
    writer = filled(SIZE)
    forged = log.with_entry(10, of(writer).stored[10][6].replace(b":10.000Z", b":11.000Z"))
    with pytest.raises(ProofError):
        export_part(forged, tmp_path / "none", "commitment/2")
    short = dataclasses.replace(log, stored=log.stored[:-1])
    with pytest.raises(NotFoundError):
        export_part(short, tmp_path / "none", CASE)
    for text in ("record", "record/../1", "../x", "person/1"):
        with pytest.raises(ConfigurationError):
            Subject.parse(text)
    with pytest.raises(ConfigurationError):
        case_of("record")
    assert list(tmp_path.iterdir()) == []


def test_a_part_is_no_source_of_a_whole_log(true, tmp_path):
    with (
        pytest.raises(ConfigurationError, match=CASE),
        BundleSource(write(tmp_path / "case.bundle", true)).open(),
    ):
        pass


# --- what is found --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["checkpoint", "keys", "sha256sums", "entries/0", "entries/8", "proofs/8.tlog-proof"])
def test_a_flipped_bit_is_found_in_every_kind_of_member(true, verdict_over, name):
    assert name in true
    forged = changed(true, name, flipped)
    assert verdict_over(forged).exit_code in {3, 4}
    for signer in (LOG, None):
        if name != "sha256sums":
            assert verdict_over(anew(forged, signer)).exit_code in {3, 4}


def test_an_entry_that_was_left_out_is_found_but_for_the_last_of_a_stream(true, verdict_over):
    """That is what a part cannot show: what came after."""
    for index in indexes(true):
        less = {n: d for n, d in true.items() if n not in {f"entries/{index}", f"proofs/{index}.tlog-proof"}}
        if index == indexes(true)[-1]:
            assert verdict_over(anew(less)).exit_code == 0
        else:
            assert verdict_over(anew(less)).exit_code in {3, 4}, index


def test_an_entry_without_proof_and_a_proof_without_entry_are_found(true, verdict_over):
    for name in ("entries/8", "proofs/8.tlog-proof"):
        assert verdict_over(anew({n: d for n, d in true.items() if n != name})).exit_code in {3, 4}


def test_an_entry_that_was_never_in_the_log_is_found(true, verdict_over):
    """It is signed as it must be, but no tree holds it."""
    writer = filled(10)
    forged = writer.entries[writer.report(0)]
    last = indexes(true)[-1]
    verdict = verdict_over(anew({**true, f"entries/{last}": forged}))
    assert (verdict.exit_code, verdict.first_bad_index) == (4, last)
    assert "root" in codes(verdict)


def test_entries_under_other_indexes_are_found(true, verdict_over):
    last = indexes(true)[-1]
    moved = dict(true)
    moved[f"entries/{last + 1}"] = moved.pop(f"entries/{last}")
    moved[f"proofs/{last + 1}.tlog-proof"] = moved.pop(f"proofs/{last}.tlog-proof")
    assert verdict_over(anew(moved)).exit_code in {3, 4}


def test_a_case_that_is_not_there_is_found(true, verdict_over):
    assert "missing" in codes(verdict_over(relisted(true, LOG, "case commitment/1")))


def test_another_log_checkpoint_and_key_are_found(true, verdict_over):
    other = LogSigner(LOG.name, PrivateKey.from_seed(b"another".ljust(32)))
    head = Checkpoint.parse(true["checkpoint"].decode().partition("\n\n")[0] + "\n")
    note = sign_checkpoint(head, [other])
    proofs = {name: data.replace(true["checkpoint"], note) for name, data in true.items() if name.startswith("proofs/")}
    forged = anew({**true, **proofs, "checkpoint": note}, other)
    assert codes(verdict_over(forged)) == {"checkpoint"}
    assert verdict_over(true, pinned=Verifier.of(other)).exit_code == 4
    assert verdict_over(true, pinned=Verifier.of(LOG)).exit_code == 0
    older = sign_checkpoint(Checkpoint(LOG.name, SIZE - 1, bytes(32)), [LOG])
    assert verdict_over(anew({**true, "checkpoint": older})).exit_code == 4


def test_the_witnesses_that_are_asked_for_have_to_have_cosigned(true, verdict_over):
    cosigner = Cosigner("witness.example", PrivateKey.from_seed(b"witness".ljust(32)), 1_790_000_000)
    policy = Policy.parse(f"witness w {Verifier.of(cosigner).vkey}\nquorum w\n")
    assert codes(verdict_over(true, policy=policy)) == {"quorum"}


def test_after_a_rotation_the_key_in_force_signs_and_the_old_one_leads_to_it(tmp_path):
    new = LogSigner(LOG.name, PrivateKey.from_seed(b"new".ljust(32)))
    writer = filled(290)
    at = writer.write(LEDGER, ROOT, "body/ledger", rotated(LOG, new, Revocation.SUPERSEDED))
    writer.promise(900)
    source = of(writer)
    signed = [
        (size, sign(note.partition("\n\n")[0] + "\n", [new if size > at else LOG]).decode())
        for size, note in source.stored_checkpoints
    ]
    for checkpoints, code in ((signed, 0), (source.stored_checkpoints, 4)):
        log = dataclasses.replace(source, stored_checkpoints=checkpoints)
        export(log, tmp_path / "whole", signer=new, force=True)
        export_part(log, tmp_path / "part", CASE, signer=new, force=True)
        for found in (checked(BundleSource(tmp_path / "whole")), checked_part(BundleSource(tmp_path / "part"))):
            assert found.verdict.exit_code == code
            assert found.signers.by_log
    for path, function in ((tmp_path / "whole", checked), (tmp_path / "part", checked_part)):
        export(dataclasses.replace(source, stored_checkpoints=signed), tmp_path / "whole", force=True)
        export_part(dataclasses.replace(source, stored_checkpoints=signed), tmp_path / "part", CASE, force=True)
        for key in (LOG, new):
            assert function(BundleSource(path), pinned=Verifier.of(key)).verdict.exit_code == 0
        other = LogSigner(LOG.name, PrivateKey.from_seed(b"another".ljust(32)))
        assert function(BundleSource(path), pinned=Verifier.of(other)).verdict.exit_code == 4


def test_members_of_a_whole_log_have_no_place_in_a_part(true, verdict_over):
    assert verdict_over(anew({**true, "tile/0/000": bytes(8192)})).exit_code == 4


def test_an_interrupted_verification_says_so(true, verdict_over):
    def interrupt(done, total):
        raise KeyboardInterrupt

    assert verdict_over(true, progress=interrupt).exit_code == 5
