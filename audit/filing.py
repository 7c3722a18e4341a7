"""What can be told of a log's bytes where nothing is claimed beside them: over HTTP, and in a bundle.

Where an entry belongs is read from the entry, its leaf hash is made of it, and the hash above a tile of its hashes.

>>> row_of(3, b"promised")[:5]
(3, '', 0, '', b'')
>>> tile_root(b"too short")
b''
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Any

from audit.entries import placed
from audit.source import Row
from ledger.domain.body import LogKeyRotated
from ledger.proof.brought import public_keys
from ledger.proof.event import START, parse, parse_entry
from ledger.proof.merkle import HASH_SIZE, TILE_HEIGHT, TILE_WIDTH, leaf_hash, parents, split_hashes

_TILE_BYTES = HASH_SIZE * TILE_WIDTH
_START = 800  # characters of an event's payload in which its stream is named, as we write it
_URL = bytes.maketrans(b"-_", b"+/")
# The start of a payload as we write it; the same as :data:`ledger.proof.event.START`, but for what strings may say.
_KIND = re.compile(rb'\{"iss":"[^"\\]+","iat":[0-9]+,"jti":"[^"\\]+","stream":"([a-z]+)/')


def row_of(index: int, entry: bytes) -> Row:
    """An entry filed as what it is; under nothing, where its bytes are no event."""
    leaf = leaf_hash(entry)
    try:
        event = placed(parse_entry(entry)[1])
        jti = bytes.fromhex(event.jti.replace("-", ""))
    except Exception:  # anybody's bytes; the audit says what is wrong with them
        return index, "", 0, "", b"", leaf, entry
    return index, event.stream, event.version, event.topic, jti, leaf, entry


def row_at_once(index: int, entry: bytes, leaf: bytes) -> Row:
    """The same for an entry that was verified before and whose leaf hash is known: only its first claims are read."""
    payload = entry.partition(b"\n")[2].partition(b".")[2]
    head = payload[: min(_START, payload.find(b".") & ~3)].translate(_URL)
    found = START.match(binascii.a2b_base64(head).decode("latin-1"))
    if found is None:
        return row_of(index, entry)
    _, _, jti, stream, version, _, name, schema = found.groups()
    return index, stream, int(version), f"{name}/{schema}", bytes.fromhex(jti.replace("-", "")), leaf, entry


def tile_root(data: bytes) -> bytes:
    """The hash of the subtree above a finished tile; empty where it is none."""
    if len(data) != _TILE_BYTES:
        return b""
    row = split_hashes(data, TILE_WIDTH, "tile")
    for _ in range(TILE_HEIGHT):
        row = parents(row)
    return row[0]


def payload_of(entry: bytes) -> bytes:
    """The JSON that was signed, as far as the bytes can be read; nothing more is asked of them."""
    payload = entry.partition(b"\n")[2].partition(b".")[2].partition(b".")[0]
    try:
        return binascii.a2b_base64(payload.translate(_URL) + b"==")
    except binascii.Error:
        return b""


def kind_in(entry: bytes) -> str:
    """The kind of an entry's stream; empty for what is no event. Quick for entries as we write them: those are not
    parsed. Others may have their claims in any order, and spaces between them (RFC 8259 §2).
    """
    payload = entry.partition(b"\n")[2].partition(b".")[2]
    start = payload[: min(_START, payload.find(b".") & ~3)]
    try:
        found = _KIND.match(binascii.a2b_base64(start.translate(_URL)))
        return found[1].decode() if found else placed(parse_entry(entry)[1]).stream.partition("/")[0]
    except Exception:  # anybody's bytes
        return ""


def body_fact_in(entry: bytes) -> Any:
    """The fact of an entry of a body's stream; None where it is none."""
    if kind_in(entry) != "body":
        return None
    try:
        return parse(parse_entry(entry)[1]).event.fact
    except Exception:  # anybody's bytes
        return None


def keys_in(entry: bytes) -> Iterator[str]:
    """The public keys that an entry of a body's stream names, and the log's later keys (vkeys)."""
    fact = body_fact_in(entry)
    yield from public_keys(fact)
    if isinstance(fact, LogKeyRotated):
        yield fact.log_key
