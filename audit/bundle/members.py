"""Whether the members of a bundle are those that its manifest lists, and who signed the manifest.

>>> signers(About("ledger.example", 3, "whole", "00" * 32, 150).marshal().encode(), [])
Signers(by_log=False, others=())
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from audit.bundle.layout import MANIFEST, SUMS, About, sums_in
from audit.bundle.zip import Archive
from audit.verdict import Problems
from ledger.errors import FormatError, SignatureError
from ledger.proof.note import Verifier, read_note

Take = Callable[[str, bytes], None]


class Signers(NamedTuple):
    """Who signed a manifest: the log, and the names of others, whose signatures nobody checked."""

    by_log: bool
    others: tuple[str, ...]


def signers(manifest: bytes, log: Sequence[Verifier]) -> Signers:
    """Who signed; ``log`` are keys of the log. Raises SignatureError where a signature by one of them fails,
    FormatError where it is no note.
    """
    _, signed, lines = manifest.partition(b"\n\n")
    if not signed:
        return Signers(False, ())
    by_log = bool(read_note(manifest, log).signatures)
    names = [line.split(b" ")[1].decode() for line in lines.splitlines()]
    known = {key.name for key in log} if by_log else set()
    return Signers(by_log, tuple(sorted(set(names) - known)))


def check_signers(manifest: bytes, log: Sequence[Verifier], problems: Problems) -> Signers:
    """The same; a signature that fails is a problem."""
    try:
        return signers(manifest, log)
    except (FormatError, SignatureError) as error:
        add(problems, f"manifest: {error.en}", f"清单：{error.zh}")
        return Signers(False, ())


def check_members(archive: Archive, about: About, problems: Problems, take: Take) -> None:
    """Reads every member, in the order of their names, hands it to ``take``, and compares it with the list."""
    listed = _listed(archive, about, problems)
    name, digest = next(listed, ("", ""))
    for member in sorted(archive.members):
        if member in {SUMS, MANIFEST}:
            continue
        while name and name < member:
            add(problems, f"{name}: expected it, as listed, got none", f"{name}：清单所列，实则没有")
            name, digest = next(listed, ("", ""))
        try:
            data = archive.read(member)
        except FormatError as error:
            add(problems, error.en, error.zh)
            data = b""
        if name != member:
            add(problems, f"{member}: expected members that are listed, got this", f"{member}：清单未列此成员")
        elif sha256(data).hexdigest() != digest or not archive.sound(member, data):
            add(problems, f"{member}: its bytes are not those that are listed", f"{member}：内容与清单不符")
        if name == member:
            name, digest = next(listed, ("", ""))
        take(member, data)
    while name:
        add(problems, f"{name}: expected it, as listed, got none", f"{name}：清单所列，实则没有")
        name, digest = next(listed, ("", ""))


def _listed(archive: Archive, about: About, problems: Problems) -> Iterator[tuple[str, str]]:
    """Path and digest of what is listed, by path; it ends where the list cannot be read or is out of order."""
    before = ""
    try:
        text = archive.read(SUMS)
        if (sha256(text).hexdigest(), len(text)) != (about.digest, about.length) or not archive.sound(SUMS, text):
            add(problems, "sha256sums: it is not the list that the manifest names", "sha256sums：与清单所指不符")
        for digest, name in sums_in(text):
            if name <= before:
                raise FormatError(
                    f"sha256sums: expected paths in ascending order, got {name}",
                    f"sha256sums：路径应为升序，实为 {name}",
                )
            before = name
            yield name, digest
        if not archive.sound(MANIFEST, archive.read(MANIFEST)):
            add(problems, "manifest: its bytes are not those that its checksum tells", "清单：内容与校验码不符")
    except FormatError as error:
        add(problems, error.en, error.zh)


def add(problems: Problems, en: str, zh: str) -> None:
    """A member is not what it must be."""
    problems.add("bundle", None, en, zh)
