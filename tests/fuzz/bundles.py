"""Bundles as inputs: the file as a whole, and one member of it at a time in a file that is otherwise as it must be."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from audit.bundle import BundleSource
from audit.bundle_check import checked
from audit.bundle_zip import stored
from audit.export import export
from tests.audit.logs import LOG, filled, of
from tests.fuzz.target import Target


def bundle_targets() -> Iterator[Target]:
    """The two."""
    members = tuple(name.encode() + b"\n" + data for name, data in parts().items())
    names = tuple(part.partition(b"\n")[0] + b"\n" for part in members)
    yield Target(
        "bundle", _whole, (whole(),), (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07")
    )
    yield Target("bundle member", _member, members, (*names, b"policies/x\n", b"proofs/0.tlog-proof\n", b"entries/0\n"))


@cache
def whole() -> bytes:
    """The bundle of a log of 270 entries."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.bundle")
        export(of(filled(270)), path, signer=LOG)
        return path.read_bytes()


@cache
def parts() -> dict[str, bytes]:
    """Its members."""
    with zipfile.ZipFile(io.BytesIO(whole())) as archive:
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


def _member(data: bytes) -> None:
    """Another member, or the same with other bytes; ZIP's own checks hold."""
    name, _, content = data.partition(b"\n")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for each, own in {**parts(), name.decode("utf-8", "replace")[:200]: content}.items():
            archive.writestr(stored(each), own)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.bundle")
        path.write_bytes(made.getvalue())
        verdict = checked(BundleSource(path), processes=1).verdict
        assert verdict.exit_code or {name.decode("utf-8", "replace"): content}.items() <= parts().items()
