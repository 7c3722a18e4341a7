"""Bundles as inputs: the file as a whole, and one member of it at a time in a file that is otherwise as it must be."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from audit.bundle.check import checked
from audit.bundle.export import export
from audit.bundle.export_part import export_part
from audit.bundle.layout import MANIFEST
from audit.bundle.part import checked_part
from audit.bundle.source import BundleSource
from audit.bundle.zip import stored
from tests.audit.logs import LOG, filled, of
from tests.fuzz.target import Target


def bundle_targets() -> Iterator[Target]:
    """The three."""
    members = tuple(name.encode() + b"\n" + data for name, data in parts(whole()).items())
    some = tuple(name.encode() + b"\n" + data for name, data in parts(case()).items())
    names = tuple(part.partition(b"\n")[0] + b"\n" for part in members)
    yield Target(
        "bundle", _whole, (whole(),), (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07")
    )
    yield Target("bundle member", _member, members, (*names, b"policies/x\n", b"proofs/0.tlog-proof\n", b"entries/0\n"))

    yield Target("bundle member of a case", _part_member, some, (*names, b"entries/1\n", b"\xe2\x80\x94 log.example "))


@cache
def whole() -> bytes:
    """The bundle of a log of 270 entries."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.bundle")
        export(of(filled(270)), path, signer=LOG)
        return path.read_bytes()


@cache
def case() -> bytes:
    """The bundle of a case of that log."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "case.bundle")
        export_part(of(filled(270)), path, "commitment/0", signer=LOG)
        return path.read_bytes()


@cache
def parts(bundle: bytes) -> dict[str, bytes]:
    """The members of a bundle."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _whole(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.bundle")
        path.write_bytes(data)
        source = BundleSource(path)
        with source.open() as session:
            session.extent()
            session.rows(0, 300)
            session.checkpoints(0, 300)
            session.tiles(0, 0, 2)
            list(session.public_keys())


def _member(data: bytes) -> frozenset[str]:
    with tempfile.TemporaryDirectory() as folder:
        verdict = checked(_changed(Path(folder), parts(whole()), data), processes=1).verdict
    assert verdict.exit_code or _is_same(data, parts(whole()))
    return frozenset(problem.code for problem in verdict.problems)


def _part_member(data: bytes) -> frozenset[str]:
    with tempfile.TemporaryDirectory() as folder:
        verdict = checked_part(_changed(Path(folder), parts(case()), data)).verdict
    assert verdict.exit_code or _is_same(data, parts(case()))
    return frozenset(problem.code for problem in verdict.problems)


def _changed(folder: Path, found: dict[str, bytes], data: bytes) -> BundleSource:
    """A bundle with another member, or the same with other bytes; ZIP's own checks hold."""
    name, _, content = data.partition(b"\n")
    path = folder / "log.bundle"
    with zipfile.ZipFile(path, "w") as archive:
        for each, own in {**found, name.decode("utf-8", "replace")[:200]: content}.items():
            archive.writestr(stored(each), own)
    return BundleSource(path)


def _is_same(data: bytes, found: dict[str, bytes]) -> bool:
    """Whether nothing was changed, or only who signed the manifest beside the log: that vouches for nothing."""
    name, _, content = data.partition(b"\n")
    said = content.partition(b"\n\n")[0].removesuffix(b"\n")
    if name == MANIFEST.encode():
        return found[MANIFEST].startswith(said) and bool(said)
    return found.get(name.decode("utf-8", "replace")) == content
