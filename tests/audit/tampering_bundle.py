"""Bundles: an exported file, changed on its way to who verifies it offline, by somebody who knows ZIP and has no key
of the log, or has one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from audit.bundle.export_part import export_part
from audit.bundle.layout import CHECKPOINT, KEYS, MANIFEST, SUMS
from ledger.proof.event import parse, parse_entry
from ledger.proof.note import LogSigner
from ledger.proof.tiles import decode_bundle, encode_bundle
from tests.audit.bundles import flipped, members, relisted, write
from tests.audit.tampering import ATTACKER, SIZE, TARGET, Copy, Honest, Table, signed_anew
from tests.audit.tampering_history import fork

TABLE = Table()
kind = TABLE.kind

BUNDLE, KEPT = "verify --bundle", "verify --bundle --remember"
SECOND, LAST = "tile/entries/001", f"tile/entries/002.p/{SIZE - 512}"


def rewrite(copy: Copy, change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> None:
    """The file with other members; the ZIP itself is as it must be."""
    found = members(copy.bundle)
    other = change(found)
    assert other != found
    write(copy.bundle, other)


def newest_but_one(honest: Honest) -> int:
    """The size of the newest checkpoint but one."""
    return honest.covered(SIZE)


def flip(name: str, place: Any, code: str, exit_code: int = 4) -> None:
    """A bit in the middle of a member."""

    def tamper(copy: Copy) -> None:
        rewrite(copy, lambda found: {**found, name: flipped(found[name])})

    kind(f"bundle: bit in {name}", BUNDLE, exit_code, place, code)(tamper)


flip(CHECKPOINT, newest_but_one, "uncovered")
flip(KEYS, None, "bundle")
flip(SUMS, None, "bundle")
flip("tile/0/001", 256 + 128, "tile")
flip(f"tile/0/002.p/{SIZE - 512}", None, "bundle")
flip("tile/1/000.p/2", None, "bundle")
flip("checkpoints/001", None, "bundle")


def taken_out(name: str, exit_code: int, place: int | None, code: str) -> None:
    """A member that is not there."""

    def tamper(copy: Copy) -> None:
        rewrite(copy, lambda found: {other: data for other, data in found.items() if other != name})

    kind(f"bundle: {name} taken out", BUNDLE, exit_code, place, code)(tamper)


taken_out(SECOND, 4, 256, "missing")
taken_out(LAST, 4, 512, "missing")
taken_out("tile/0/001", 4, None, "missing")
taken_out("checkpoints/001", 4, None, "bundle")
taken_out(CHECKPOINT, 1, None, "bundle")
taken_out(SUMS, 1, None, "bundle")


@kind("bundle: byte of the file", BUNDLE, 4, None, "bundle")
def _(copy: Copy) -> None:
    data = bytearray(copy.bundle.read_bytes())
    at = data.index(b"jiannuo-bundle/1") + len("jiannuo-bundle/1\n") + 2
    data[at] ^= 1
    copy.bundle.write_bytes(bytes(data))


@kind("bundle: file cut short", BUNDLE, 1, None, "bundle")
def _(copy: Copy) -> None:
    copy.bundle.write_bytes(copy.bundle.read_bytes()[:-100])


@kind("bundle: something before the file", BUNDLE, 1, None, "bundle")
def _(copy: Copy) -> None:
    copy.bundle.write_bytes(b"#!/bin/sh\n" + copy.bundle.read_bytes())


@kind("bundle: member added", BUNDLE, 4, None, "bundle")
def _(copy: Copy) -> None:
    rewrite(copy, lambda found: {**found, f"policies/{'0' * 64}.toml": b"[pack]"})


@kind("bundle: members swapped", BUNDLE, 3, 0, "founding")
def _(copy: Copy) -> None:
    first = "tile/entries/000"
    rewrite(copy, lambda found: {**found, first: found[SECOND], SECOND: found[first]})


def with_entry(found: dict[str, bytes], data: bytes) -> dict[str, bytes]:
    """The members with another entry in the target's place."""
    entries = decode_bundle(found[SECOND], 256)
    entries[TARGET - 256] = data
    return {**found, SECOND: encode_bundle(entries)}


@kind("bundle: entry replaced by another, validly signed", BUNDLE, 3, TARGET, "tile")
def _(copy: Copy) -> None:
    rewrite(copy, lambda found: with_entry(found, copy.honest.entries[TARGET + 1]))


@kind("bundle: entry of an attacker, list and manifest made anew", BUNDLE, 3, TARGET, "key")
def _(copy: Copy) -> None:
    data = signed_anew(copy.honest.entries[TARGET], ATTACKER)
    rewrite(copy, lambda found: relisted(with_entry(found, data), None))


@kind("bundle: entry of an attacker who names the true key, manifest signed by the log", BUNDLE, 3, TARGET, "signature")
def _(copy: Copy) -> None:
    true = parse(parse_entry(copy.honest.entries[TARGET])[1]).kid
    data = signed_anew(copy.honest.entries[TARGET], ATTACKER, true)
    rewrite(copy, lambda found: relisted(with_entry(found, data), copy.honest.log))


@kind("bundle: manifest of another size", BUNDLE, 4, None, "bundle")
def _(copy: Copy) -> None:
    rewrite(copy, lambda found: {**found, MANIFEST: found[MANIFEST].replace(b"\n600\n", b"\n599\n", 1)})


@kind("bundle: digest in the manifest", BUNDLE, 4, None, "bundle")
def _(copy: Copy) -> None:
    rewrite(copy, lambda found: {**found, MANIFEST: re.sub(rb"sha256 .{8}", b"sha256 00000000", found[MANIFEST])})


@kind("bundle: hints at keys changed, list and manifest made anew", BUNDLE, 4, None, "bundle")
def _(copy: Copy) -> None:
    rewrite(
        copy, lambda found: relisted({**found, KEYS: found[KEYS].replace(b'"until": null', b'"until": 1', 1)}, None)
    )


@kind("bundle: text of a rule pack changed, list and manifest made anew", BUNDLE, 4, None, "bundle")
def _(copy: Copy) -> None:
    def change(found: dict[str, bytes]) -> dict[str, bytes]:
        name = next(name for name in found if name.startswith("policies/"))
        return relisted({**found, name: found[name] + b"# "}, LogSigner("auditor.example", ATTACKER))

    rewrite(copy, change)


@kind("bundle: checkpoint replaced by an older one", BUNDLE, 4, newest_but_one, "uncovered")
def _(copy: Copy) -> None:
    older = copy.honest.checkpoints[-2][1].encode()
    rewrite(copy, lambda found: {**found, CHECKPOINT: older})


@kind("bundle: an older bundle in its place", KEPT, 4, newest_but_one, "rolled-back", (BUNDLE,))
def _(copy: Copy) -> None:
    size = copy.honest.covered(SIZE)
    copy.run("DELETE FROM ledger.events WHERE notification_id > %s", size)
    copy.run("DELETE FROM ledger.checkpoints WHERE size > %s", size)
    copy.export()


@kind("bundle: another history, all signed anew", KEPT, 4, None, "rolled-back", (BUNDLE,))
def _(copy: Copy) -> None:
    fork(copy)
    copy.export()


# --- one case, each entry with its proof ---------------------------------------------------------------------------


def case(copy: Copy) -> tuple[str, list[int]]:
    """A case of several events, whose bundle takes the place of the whole log's; the indexes of its events."""
    stream = next(e.stream for e in copy.honest.events if e.stream.startswith("record/") and e.version == 3)
    export_part(copy.source(), copy.bundle, stream, signer=copy.honest.log, force=True)
    return stream, own(copy.honest)


def own(honest: Honest) -> list[int]:
    """The indexes of that case's events."""
    stream = next(e.stream for e in honest.events if e.stream.startswith("record/") and e.version == 3)
    return [index for index, event in enumerate(honest.events) if event.stream == stream]


def second(honest: Honest) -> int:
    """The index of its second event."""
    return own(honest)[1]


@kind("bundle of a case: bit of an entry", BUNDLE, 3, second, "malformed")
def _(copy: Copy) -> None:
    _, indexes = case(copy)
    rewrite(copy, lambda found: {**found, f"entries/{indexes[1]}": flipped(found[f"entries/{indexes[1]}"])})


@kind("bundle of a case: bit of a proof", BUNDLE, 4, second, "root")
def _(copy: Copy) -> None:
    stream, indexes = case(copy)
    name = f"proofs/{indexes[1]}.tlog-proof"

    def change(found: dict[str, bytes]) -> dict[str, bytes]:
        lines = found[name].split(b"\n")
        lines[2] = (b"A" if lines[2][:1] != b"A" else b"B") + lines[2][1:]
        return relisted({**found, name: b"\n".join(lines)}, copy.honest.log, scope=f"case {stream}")

    rewrite(copy, change)


@kind("bundle of a case: entry signed anew by an attacker", BUNDLE, 3, second, "key")
def _(copy: Copy) -> None:
    stream, indexes = case(copy)
    data = signed_anew(copy.honest.entries[indexes[1]], ATTACKER)
    rewrite(copy, lambda found: relisted({**found, f"entries/{indexes[1]}": data}, None, scope=f"case {stream}"))


@kind("bundle of a case: event left out", BUNDLE, 3, lambda h: own(h)[2], "stream")
def _(copy: Copy) -> None:
    stream, indexes = case(copy)
    less = {f"entries/{indexes[1]}", f"proofs/{indexes[1]}.tlog-proof"}
    rewrite(
        copy, lambda found: relisted({n: d for n, d in found.items() if n not in less}, None, scope=f"case {stream}")
    )
