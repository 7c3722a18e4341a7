"""Bundles taken apart and put together again otherwise, as somebody would who wants to deceive."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

from audit.bundle.layout import MANIFEST, SUMS, About, sums_line
from audit.bundle.zip import stored
from ledger.proof.note import LogSigner, sign
from tests.audit.logs import LOG


def members(path: Path) -> dict[str, bytes]:
    """The members of a bundle, as the standard library's reader finds them, in their order."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def write(path: Path, found: Mapping[str, bytes]) -> Path:
    """A ZIP file of these members, and nothing adapted to them."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in found.items():
            archive.writestr(stored(name), data)
    return path


def relisted(found: dict[str, bytes], signer: LogSigner | None = LOG, scope: str = "whole") -> dict[str, bytes]:
    """The same with a list and a manifest that fit, as somebody makes them who has a key (None: none)."""
    kept = {name: data for name, data in found.items() if name not in {SUMS, MANIFEST}}
    lines = "".join(sums_line(sha256(kept[name]).hexdigest(), name) for name in sorted(kept)).encode()
    origin, size = kept["checkpoint"].decode().split("\n")[:2]
    text = About(origin, int(size), scope, sha256(lines).hexdigest(), len(lines)).marshal()
    return {**kept, SUMS: lines, MANIFEST: sign(text, [signer]) if signer else text.encode()}


def changed(found: dict[str, bytes], name: str, change: Callable[[bytes], bytes]) -> dict[str, bytes]:
    """The same with one member changed."""
    return {**found, name: change(found[name])}


def flipped(data: bytes) -> bytes:
    """The same with a bit of the byte in the middle flipped."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
