"""A hostile ZIP file is refused in words, before it can fill memory; PKWARE APPNOTE 6.3.10."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.bundle import zip as bundle_zip
from audit.bundle.check import checked
from audit.bundle.export import export
from audit.bundle.export_part import export_part
from audit.bundle.layout import most_bytes
from audit.bundle.part import checked_part
from audit.bundle.source import BundleSource
from audit.bundle.zip import Archive, stored
from ledger.errors import FormatError, LedgerError
from tests.audit.bundles import members, relisted, write
from tests.audit.logs import LOG, filled, of


def zipped(*members, **options):
    """A ZIP file of pairs of name and data."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **options) as archive:
        for name, data in members:
            archive.writestr(stored(name) if isinstance(name, str) else name, data)
    return file.getvalue()


def opened(data):
    return Archive(io.BytesIO(data), "a.bundle")


@pytest.fixture(scope="module")
def true(tmp_path_factory):
    """The bytes of a bundle."""
    path = tmp_path_factory.mktemp("zip") / "log.bundle"
    export(of(filled(300)), path, signer=LOG)
    return path.read_bytes()


def refused(data):
    def read_all():
        archive = opened(data)
        return [archive.read(name) for name in archive.members]

    with pytest.raises(FormatError):
        read_all()


def test_what_we_write_is_read(true):
    archive = opened(true)
    with zipfile.ZipFile(io.BytesIO(true)) as other:
        assert {name: archive.read(name) for name in archive.members} == {n: other.read(n) for n in other.namelist()}
        assert all(archive.sound(name, other.read(name)) for name in other.namelist())


@pytest.mark.parametrize(
    "name",
    [
        *("/checkpoint", "../checkpoint", "tile/../keys", "tile\\0\\000", "C:/keys", "keys/", "KEYS", "./keys", ""),
        *("tile/0/0", "tile/0/x000/000", "tile/64/000", "tile/0/000.p/256", "tile/0/000.p/0", "checkpoints/1"),
        *("policies/a.toml", "policies/" + "0" * 64 + ".sh", "entries/01", "entries/-1", "proofs/1", "sealed/000"),
        *("清单", "k" * 200),
    ],
)
def test_a_name_that_has_no_place_in_a_bundle_is_refused(name):
    """Absolute paths, parents, other spellings of a name that is allowed."""
    refused(zipped((name, b"x")))


def test_a_name_that_stands_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(("keys", b"one"), ("keys", b"two"))
    refused(data)


def test_compressed_members_are_refused():
    """A bomb: 16 MB of zeros in 16 kB."""
    info = stored("tile/entries/000")
    info.compress_type = zipfile.ZIP_DEFLATED
    refused(zipped((info, bytes(1 << 24))))


def test_members_larger_than_their_name_allows_are_refused():
    assert most_bytes("tile/0/000") == 8192
    refused(zipped(("tile/0/000", bytes(8193))))
    refused(zipped(("entries/7", bytes(65536))))


def test_a_size_that_only_the_directory_tells_is_refused(true):
    """The local header says something else: other programs would unpack something else."""
    for at in (4, 6, 8, 10, 14, 18, 22, 26, 28, 30):
        refused(true[:at] + bytes([true[at] ^ 1]) + true[at + 1 :])


def test_comments_prefixes_gaps_and_what_follows_are_refused(true):
    refused(b"#!/bin/sh\n" + true)
    refused(true + b"\n")
    refused(true[:-2] + struct.pack("<H", 3) + b"abc")
    commented = stored("keys")
    commented.comment = b"see elsewhere"
    refused(zipped((commented, b"")))
    extended = stored("keys")
    extended.extra = struct.pack("<HH4s", 0x7075, 4, b"path")
    refused(zipped((extended, b"")))
    first = zipped(("keys", b"keys"))
    directory = first.index(b"PK\x01\x02")
    end = first.index(b"PK\x05\x06")
    gap = first[:directory] + b"hidden" + first[directory:end] + first[end : end + 16]
    refused(gap + struct.pack("<IH", directory + 6, 0))


def test_overlapping_members_are_refused():
    """Two names for the same bytes: the quotes of a bomb without compression."""
    data = bytearray(zipped(("keys", b"keys"), ("manifest", b"text")))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = bytes(4)
    refused(bytes(data))


def test_encrypted_members_and_several_disks_are_refused():
    data = bytearray(zipped(("keys", b"keys")))
    directory = data.index(b"PK\x01\x02")
    for at, value in ((directory + 8, 1), (directory + 34, 1), (len(data) - 18, 1), (len(data) - 16, 1)):
        other = bytearray(data)
        other[at] = value
        refused(bytes(other))


def test_a_file_that_is_cut_short_anywhere_is_refused(true):
    for size in [*range(40), len(true) // 2, *range(len(true) - 1500, len(true), 7)]:
        refused(true[:size])


def test_more_members_than_are_told_or_allowed_are_refused(monkeypatch):
    data = zipped(*((f"entries/{n}", b"") for n in range(20)))
    assert len(opened(data).members) == 20
    end = len(data) - 22
    refused(data[: end + 8] + struct.pack("<HH", 19, 19) + data[end + 12 :])
    refused(data[: end + 8] + struct.pack("<HH", 21, 21) + data[end + 12 :])
    monkeypatch.setattr(bundle_zip, "MOST_FILES", 19)
    refused(data)


def test_beyond_four_gigabytes_the_places_are_wide(monkeypatch):
    """§4.5.3 zip64: the limit is made small, since such a file would be 4 GB."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 5_000)
    members = [(f"entries/{n}", bytes([n]) * 1000) for n in range(20)]
    data = zipped(*members)
    assert b"PK\x06\x06" in data
    archive = opened(data)
    assert [(name, archive.read(name)) for name in archive.members] == members
    wide = data.index(b"PK\x06\x06")
    for at in [*range(wide, wide + 12), *range(wide + 16, len(data))]:  # between: who made it
        refused(data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :])


def test_a_directory_that_is_said_to_be_huge_takes_no_memory(true):
    end = true.rindex(b"PK\x05\x06")
    huge = true[: end + 10] + struct.pack("<HIIH", 12, 0xFFFFFFF0, 0, 0)
    tracemalloc.start()
    refused(huge)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def verdict_over(data, folder):
    path = folder / "some.bundle"
    path.write_bytes(data)
    source = BundleSource(path)
    return (checked(source, processes=1) if source.about.whole else checked_part(source)).verdict


@given(data=st.binary(max_size=400), at=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)]))
def test_any_bytes_are_refused_in_words(data, at, tmp_path):
    with pytest.raises(LedgerError):
        verdict_over(data + at, tmp_path)


@given(st.data())
def test_a_changed_bundle_is_refused_in_words_or_found_wrong(true, tmp_path, data):
    """No other exception, and never verified: no byte of the file is free."""
    changed = bytearray(true)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(true) - 1))
        changed[at] ^= data.draw(st.integers(1, 255))
    if bytes(changed) == true:
        return
    try:
        verdict = verdict_over(bytes(changed), tmp_path)
    except LedgerError:
        return
    free = {at for at in _unused(true) if changed[at] != true[at]}
    assert verdict.exit_code in {3, 4} or free == {at for at, byte in enumerate(true) if changed[at] != byte}


@pytest.fixture(scope="module")
def both(true, tmp_path_factory):
    """The members of a whole bundle, and of one of a case."""
    folder = tmp_path_factory.mktemp("both")
    (folder / "whole").write_bytes(true)
    export_part(of(filled(300)), folder / "part", "commitment/0", signer=LOG)
    return [(members(folder / "whole"), "whole"), (members(folder / "part"), "case commitment/0")]


@given(st.data())
def test_a_bundle_with_any_other_member_is_refused_in_words_or_found_wrong(both, tmp_path, data):
    """The ZIP is as it must be, and list and manifest are made anew: then the content has to tell."""
    found, scope = data.draw(st.sampled_from(both))
    name = data.draw(st.sampled_from(sorted(found)))
    whole = found[name]
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, min(len(whole), start + 40)))
    part = data.draw(st.binary(max_size=40) | st.text('0123456789/+= \n{}[]"—', max_size=40).map(str.encode))
    forged = {**found, name: whole[:start] + part + whole[stop:]}
    if forged == found:
        return
    several = [forged]
    with suppress(LedgerError, ValueError):  # a checkpoint that names no origin and size
        several.append(relisted(forged, None, scope))
    for anew, one in enumerate(several):
        try:
            verdict = verdict_over(write(tmp_path / "forged", one).read_bytes(), tmp_path)
        except LedgerError:
            continue
        # A manifest that the log did not sign is as good, and so is its list where both were made anew.
        assert verdict.exit_code in {3, 4} or name == "manifest" or (anew and name == "sha256sums")


def _unused(true):
    """Bytes of the central directory that only say how a file is to be kept: who made it, with what rights."""
    at = true.find(b"PK\x01\x02")
    while at >= 0:
        yield from (at + 4, at + 5, *range(at + 36, at + 42))
        at = true.find(b"PK\x01\x02", at + 1)
