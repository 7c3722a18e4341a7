"""A whole log in one file: written from any source, read by others' tools, and every change to it is found."""

from __future__ import annotations

import base64
import dataclasses
import json
import pickle
import re
import subprocess
import zipfile
from hashlib import sha256

import pytest

from audit.bundle import layout as bundle_layout
from audit.bundle.check import checked
from audit.bundle.export import export
from audit.bundle.members import Signers
from audit.bundle.source import BundleSource
from audit.http import HttpSource
from audit.verify import verify
from ledger.domain.body import KeyRevoked
from ledger.domain.body_terms import Revocation
from ledger.errors import ConfigurationError, FormatError, NotFoundError, ProofError
from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.cosignature import Cosigner
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier, open_note, sign
from ledger.proof.quorum import Policy
from ledger.proof.tiles import TileName, tile_path, widths
from ledger.store.source import PostgresSource
from tests.audit.bundles import changed, flipped, members, relisted, write
from tests.audit.logs import CITY, CITY_KEY, LOG, OPERATOR, OPERATOR_KEY, TOWN, TOWN_KEY, codes, filled, founded, of
from tests.audit.servers import TOKEN, log_server
from tests.conftest import application, needs, serving
from tests.ledger.persons import NAME, NUMBER, registered

SIZE = 700
OTHER = LogSigner(LOG.name, PrivateKey.from_seed(b"another".ljust(32)))
AUDITOR = LogSigner("auditor.example", PrivateKey.from_seed(b"auditor".ljust(32)))


@pytest.fixture(scope="module")
def log():
    """A true log of two tiles and a part."""
    return of(filled(SIZE))


@pytest.fixture(scope="module")
def true(log, tmp_path_factory):
    """The members of its bundle, as its ledger writes it."""
    path = tmp_path_factory.mktemp("bundle") / "log.bundle"
    export(log, path, signer=LOG)
    return members(path)


@pytest.fixture
def verdict_over(tmp_path):
    """The verdict over a bundle of these members."""
    return lambda found, **options: checked(BundleSource(write(tmp_path / "made.bundle", found)), **options).verdict


def without_time(verdict):
    return dataclasses.replace(verdict, seconds=0)


# --- the truth ------------------------------------------------------------------------------------------------------


def test_the_verdict_over_a_bundle_is_that_over_the_database(played, tmp_path):
    here = PostgresSource(played.database.url("reader"))
    export(here, tmp_path / "log.bundle")
    found = checked(BundleSource(tmp_path / "log.bundle"))
    assert without_time(found.verdict) == without_time(verify(here))
    assert (found.verdict.exit_code, found.about.scope) == (0, "whole")


def test_a_bundle_over_a_url_has_the_same_tree_and_entries(played, tmp_path):
    """Older checkpoints are not published; all else is the same."""
    with application(played) as app, serving(played, app) as served:
        export(HttpSource(served.url, played.token()), tmp_path / "far.bundle")
    export(PostgresSource(played.database.url("reader")), tmp_path / "here.bundle")
    far, here = members(tmp_path / "far.bundle"), members(tmp_path / "here.bundle")
    assert checked(BundleSource(tmp_path / "far.bundle")).verdict.exit_code == 0
    differing = {name for name in far.keys() | here.keys() if far.get(name) != here.get(name)}
    assert {name.partition("/")[0] for name in differing} == {"checkpoints", "sha256sums", "manifest"}


@pytest.mark.parametrize("size", [8, 255, 256, 257, 512, 513])
def test_at_every_border_of_a_tile(size, tmp_path):
    source = of(filled(size), lambda n: True)
    export(source, tmp_path / "log.bundle")
    found = checked(BundleSource(tmp_path / "log.bundle"), processes=1)
    assert (found.verdict.exit_code, found.verdict.events, found.verdict.problems) == (0, size, ())
    with BundleSource(tmp_path / "log.bundle").open() as session:
        assert [row[6] for row in session.rows(0, size)] == [row[6] for row in source.stored]
        assert session.checkpoints(-(2**63), 2**63) == source.stored_checkpoints
        assert session.checkpoints(2, size - 1) == source.stored_checkpoints[2:-1]
        assert set(source.hints) <= set(session.public_keys())
        assert session.extent() == source.extent()


def test_a_bundle_of_a_bundle_is_the_same_bundle(log, tmp_path):
    export(log, tmp_path / "one", signer=LOG)
    export(BundleSource(tmp_path / "one"), tmp_path / "two", signer=LOG)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_names_are_those_of_tlog_tiles(true):
    """C2SP tlog-tiles: tile/<L>/<N>[.p/<W>], tile/entries/<N>[.p/<W>]."""
    tiles = {name for name in true if name.startswith("tile/") and "entries" not in name}
    expected = set()
    for level, count in widths(SIZE).items():
        expected |= {tile_path(level, number) for number in range(count.full)}
        expected |= {tile_path(*TileName(level, count.full, count.partial))} if count.partial else set()
    assert tiles == expected
    assert {name for name in true if "entries" in name} == {f"tile/entries/00{n}" for n in (0, 1)} | {
        "tile/entries/002.p/188"
    }


def test_others_unpack_it_and_check_its_list(log, tmp_path):
    needs("unzip", "sha256sum")
    export(log, tmp_path / "log.bundle", signer=LOG)
    subprocess.run(["unzip", "-q", "log.bundle", "-d", "out"], cwd=tmp_path, check=True)
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "sha256sums"], cwd=tmp_path / "out", check=True)
    listed = {line[66:] for line in (tmp_path / "out" / "sha256sums").read_text().splitlines()}
    assert listed | {"sha256sums", "manifest"} == set(members(tmp_path / "log.bundle"))


def test_the_manifest_is_a_note_signed_by_the_log(true):
    """C2SP signed-note: any tool that reads notes checks it with the log's vkey."""
    lines = open_note(true["manifest"], [Verifier.of(LOG)]).text.splitlines()
    assert lines[:4] == ["jiannuo-bundle/1", LOG.name, str(SIZE), "whole"]


def test_who_signed_the_manifest_is_told(log, tmp_path):
    for signer, expected in ((None, Signers(False, ())), (AUDITOR, Signers(False, (AUDITOR.name,)))):
        export(log, tmp_path / "log.bundle", signer=signer, force=True)
        found = checked(BundleSource(tmp_path / "log.bundle"))
        assert (found.signers, found.verdict.exit_code) == (expected, 0)
    export(log, tmp_path / "log.bundle", signer=LOG, force=True)
    assert checked(BundleSource(tmp_path / "log.bundle")).signers == Signers(True, ())


def test_keys_say_whose_keys_counted_where(tmp_path):
    writer = founded()
    kid = CITY_KEY.kid
    writer.write(OPERATOR, OPERATOR_KEY, f"body/{CITY}", KeyRevoked(kid, Revocation.COMPROMISED))
    export(of(writer), tmp_path / "log.bundle")
    lines = [json.loads(line) for line in members(tmp_path / "log.bundle")["keys"].splitlines()]
    assert lines[0] == {"vkey": Verifier.of(LOG).vkey, "from": 0}
    [city] = [line for line in lines if line.get("body") == CITY]
    assert (city["jwk"]["kid"], city["from"], city["until"]) == (kid, 6, 8)


def test_the_texts_of_the_rule_packs_stand_there_under_their_digests(played, tmp_path):
    export(PostgresSource(played.database.url("reader")), tmp_path / "log.bundle")
    packs = {name: data for name, data in members(tmp_path / "log.bundle").items() if name.startswith("policies/")}
    assert packs
    assert all(name == f"policies/{sha256(data).hexdigest()}.toml" for name, data in packs.items())


def test_processes_open_it_for_themselves(log, tmp_path, monkeypatch):
    monkeypatch.setattr("audit.verify.CHUNK", 256)
    export(log, tmp_path / "log.bundle")
    source = pickle.loads(pickle.dumps(BundleSource(tmp_path / "log.bundle")))
    assert checked(source, processes=2).verdict.exit_code == 0


def test_no_sealed_value_is_ever_in_a_bundle(installation, tmp_path):
    """A03, G01 个人信息不上链: the vault's openings stay in the vault."""
    person = registered(installation)
    assert any(NAME in str(opening.value) for opening in person.held)
    export(PostgresSource(installation.database.url("reader")), tmp_path / "log.bundle")
    with zipfile.ZipFile(tmp_path / "log.bundle") as archive:
        data = b"".join(archive.read(name) for name in archive.namelist())
    for opening in person.openings:
        assert opening.disclosure.encode() not in data
    plain = b"".join(base64.urlsafe_b64decode(part) for part in re.findall(rb"(?:[A-Za-z0-9_-]{4}){10,}", data))
    for secret in (NAME.encode(), json.dumps(NAME)[1:-1].encode(), NUMBER.encode()):
        assert secret not in data + plain


# --- what cannot be exported ----------------------------------------------------------------------------------------


def test_a_log_that_contradicts_itself_is_not_exported(log, tmp_path):
    forged = log.with_entry(300, log.stored[301][6])
    short = dataclasses.replace(log, stored=log.stored[:-1])
    for source in (forged, short):
        with pytest.raises(ProofError):
            export(source, tmp_path / "log.bundle")
        assert list(tmp_path.iterdir()) == []


def test_there_is_nothing_to_export_without_entries(tmp_path):
    with pytest.raises(NotFoundError):
        export(of(filled(8)).of([], lambda size: False), tmp_path / "log.bundle")


def test_a_file_that_is_there_is_left_alone(log, tmp_path):
    (tmp_path / "log.bundle").write_bytes(b"mine")
    with pytest.raises(ConfigurationError):
        export(log, tmp_path / "log.bundle")
    assert (tmp_path / "log.bundle").read_bytes() == b"mine"
    export(log, tmp_path / "log.bundle", force=True)
    assert checked(BundleSource(tmp_path / "log.bundle")).verdict.exit_code == 0


def test_an_interrupted_export_leaves_nothing_half_written(log, tmp_path):
    def interrupt(done, total):
        raise KeyboardInterrupt

    (tmp_path / "old").write_bytes(b"mine")
    for name in ("new", "old"):
        with pytest.raises(KeyboardInterrupt):
            export(log, tmp_path / name, force=True, progress=interrupt)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_bytes() == b"mine"


def test_a_file_that_cannot_be_written_is_told(log, tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be written"):
        export(log, tmp_path / "nowhere" / "log.bundle")


# --- what is found --------------------------------------------------------------------------------------------------

KINDS = (
    *("checkpoint", "checkpoints/001", "tile/entries/000", "tile/entries/002.p/188", "tile/0/001"),
    *("tile/0/002.p/188", "tile/1/000.p/2", "keys", "sha256sums"),
)


@pytest.mark.parametrize("name", KINDS)
def test_a_flipped_bit_is_found_in_every_kind_of_member(true, verdict_over, name):
    verdict = verdict_over(changed(true, name, flipped))
    assert verdict.exit_code in {3, 4}
    assert "bundle" in codes(verdict)


@pytest.mark.parametrize("name", [name for name in KINDS if name != "sha256sums"])
def test_it_is_found_too_where_list_and_manifest_were_made_anew(true, verdict_over, name):
    """Whoever has no key of the log leaves the manifest unsigned; whoever has one signs it. The tree tells anyhow."""
    for signer in (None, LOG):
        verdict = verdict_over(relisted(changed(true, name, flipped), signer))
        assert verdict.exit_code in {3, 4}, name


def test_a_wrong_entry_is_named(true, verdict_over, log):
    entry = log.stored[300][6]
    forged = changed(true, "tile/entries/001", lambda data: data.replace(entry, flipped(entry)))
    verdict = verdict_over(forged)
    assert (verdict.exit_code, verdict.first_bad_index) == (3, 300)


@pytest.mark.parametrize("name", [n for n in KINDS if n not in {"checkpoint", "keys", "sha256sums"}])
def test_a_member_that_was_taken_out_is_found(true, verdict_over, name):
    less = {other: data for other, data in true.items() if other != name}
    assert verdict_over(less).exit_code == (3 if name == "tile/entries/000" else 4)  # that has the founding
    if not name.startswith("checkpoints/"):  # older checkpoints may be missing: a running ledger does not publish them
        assert verdict_over(relisted(less)).exit_code in {3, 4}


@pytest.mark.parametrize("name", ["checkpoint", "keys", "sha256sums", "manifest"])
def test_without_one_of_these_it_is_no_bundle(true, verdict_over, name):
    with pytest.raises(FormatError, match=name):
        verdict_over({other: data for other, data in true.items() if other != name})


@pytest.mark.parametrize(
    "name", ["tile/0/003", "tile/2/000", "tile/entries/003", "checkpoints/002", f"policies/{'0' * 64}.toml"]
)
def test_a_member_that_was_added_is_found(true, verdict_over, name):
    more = {**true, name: true.get(name, bytes(8192)) + b"more"[: 0 if "tile" in name else 4]}
    for found in (more, relisted(more)):
        assert verdict_over(found).exit_code in {3, 4}


def test_members_that_were_swapped_are_found(true, verdict_over):
    for one, two in (("tile/entries/000", "tile/entries/001"), ("tile/0/000", "tile/0/001")):
        swapped = {**true, one: true[two], two: true[one]}
        assert verdict_over(swapped).exit_code in {3, 4}
        assert verdict_over(relisted(swapped)).exit_code in {3, 4}
    older = {**true, "checkpoints/000": true["checkpoints/001"], "checkpoints/001": true["checkpoints/000"]}
    assert verdict_over(relisted(older)).exit_code == 4


def test_the_checkpoint_of_another_log_is_found(true, verdict_over, log):
    root = Checkpoint.parse(true["checkpoint"].decode().partition("\n\n")[0] + "\n").root
    for signer in (OTHER, AUDITOR):
        note = sign_checkpoint(Checkpoint(signer.name, SIZE, root), [signer])
        verdict = verdict_over(relisted({**true, "checkpoint": note}, signer))
        assert verdict.exit_code == 4
        assert "checkpoint" in codes(verdict)


def test_a_manifest_that_says_something_else_is_found(true, verdict_over):
    text = true["manifest"].decode().partition("\n\n")[0] + "\n"
    digest = text.split()[5]
    for old, new in (
        ("700", "699"),
        (LOG.name, "other.example"),
        (digest, digest[::-1]),
        (" sha256sums", "1 sha256sums"),
    ):
        said = text.replace(old, new, 1)
        assert said != text
        assert verdict_over({**true, "manifest": said.encode()}).exit_code == 4
        resigned = true["manifest"].replace(text.encode(), said.encode())
        assert verdict_over({**true, "manifest": resigned}).exit_code == 4


@pytest.mark.parametrize("text", [b"", b"jiannuo-bundle/2\n", b"\xff", b"jiannuo-bundle/1\nlog.example\n07\nwhole\n"])
def test_a_manifest_of_another_form_makes_it_no_bundle(true, verdict_over, text):
    with pytest.raises(FormatError):
        verdict_over({**true, "manifest": text})


def test_a_bundle_does_not_continue_another_log(true, verdict_over):
    remembered = Checkpoint(LOG.name, 300, bytes(32))
    assert "rolled-back" in codes(verdict_over(true, remembered=remembered))
    pinned = Verifier.of(OTHER)
    assert verdict_over(true, pinned=pinned).exit_code == 4


def test_a_bundle_of_two_logs_is_found(true, verdict_over, tmp_path):
    """Both are true, and do not belong together: they fork behind entry 511."""
    writer = filled(512)
    while len(writer.entries) < SIZE:
        writer.promise(len(writer.entries) + 10_000, TOWN, TOWN_KEY)
    export(of(writer), tmp_path / "other.bundle")
    other = members(tmp_path / "other.bundle")
    assert other["tile/0/001"] == true["tile/0/001"]
    for names in (("tile/entries/002.p/188",), ("tile/entries/002.p/188", "tile/0/002.p/188"), ("checkpoint",)):
        forked = {**true, **{name: other[name] for name in names}}
        assert verdict_over(relisted(forked)).exit_code == 4


def test_an_interrupted_verification_says_so(true, verdict_over, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("audit.bundle.check.check_members", interrupt)
    verdict = verdict_over(true)
    assert (verdict.exit_code, codes(verdict)) == (5, {"interrupted"})


def test_an_interrupted_verification_of_entries_ends_there(true, verdict_over):
    def interrupt(done, total):
        raise KeyboardInterrupt

    verdict = verdict_over(true, progress=interrupt, processes=1)
    assert (verdict.exit_code, codes(verdict)) == (5, {"interrupted"})


def test_cosignatures_come_along_and_are_held_to_a_policy(log, tmp_path):
    """C2SP tlog-cosignature: lines below the log's own, in the newest checkpoint and in those before it."""
    cosigner = Cosigner("witness.example", PrivateKey.from_seed(b"witness".ljust(32)), 1_790_000_000)
    both = [
        (size, sign(note.partition("\n\n")[0] + "\n", [LOG, cosigner]).decode())
        for size, note in log.stored_checkpoints
    ]
    policy = Policy.parse(f"witness w {Verifier.of(cosigner).vkey}\nquorum w\n")
    export(dataclasses.replace(log, stored_checkpoints=both), tmp_path / "cosigned.bundle")
    source = BundleSource(tmp_path / "cosigned.bundle")
    with source.open() as session:
        assert session.checkpoints(0, SIZE) == both
    assert checked(source, policy=policy).verdict.exit_code == 0
    stripped = {**members(source.path), "checkpoint": log.stored_checkpoints[-1][1].encode()}
    found = checked(BundleSource(write(tmp_path / "stripped.bundle", relisted(stripped))), policy=policy).verdict
    assert found.exit_code in {4, 5}
    assert codes(found) & {"quorum", "unwitnessed"}


def test_the_limits_of_a_name_hold_for_what_we_write(log, tmp_path, monkeypatch):
    monkeypatch.setattr("audit.bundle.write.MOST_FILES", 10)
    with pytest.raises(FormatError):
        export(log, tmp_path / "log.bundle")
    assert bundle_layout.MOST_FILES * 256 / 3 > 40_000_000  # entries


def test_a_server_that_lies_is_not_exported(log, tmp_path):
    with log_server(log.with_entry(300, log.stored[301][6])) as far, pytest.raises(ProofError):
        export(HttpSource(far.url, TOKEN), tmp_path / "log.bundle")
    assert list(tmp_path.iterdir()) == []
