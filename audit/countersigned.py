"""Countersignatures of a log: each ``Countersigned`` with the event that it is on, and whether it holds.

The ledger took their form and no more; here they are verified. Whether the log itself is whole is for
:mod:`audit.verify`, which asks for none of them.

>>> list(countersignatures(lambda: [], lambda *_: True))
[]
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from audit.replay import Entry, events
from ledger.domain.body import Countersigned
from ledger.domain.event import Recorded
from ledger.proof.event import parse, parse_entry
from ledger.proof.keys import b64url

Verify = Callable[[bytes, bytes, bytes], bool]
"""Key, signature, message -> whether it holds; :func:`audit.sm2.verify`."""


@dataclass(frozen=True, slots=True)
class Countersignature:
    """The one at ``index``, by ``body``, on the event at ``on`` (None: the log has no such event of that body)."""

    index: int
    body: str
    on: int | None
    event_hash: str
    suite: str
    sm_key: str
    holds: bool


def countersignatures(read: Callable[[], Iterable[Entry]], verify: Verify) -> Iterator[Countersignature]:
    """All of them, by index. ``read`` gives the entries of the whole log, and is called twice.

    Raises EntryError where an entry is no event or does not follow.
    """
    found = [recorded for recorded in events(read()) if isinstance(recorded.event.fact, Countersigned)]
    wanted = {recorded.event.fact.event_hash for recorded in found}
    signed: dict[str, tuple[int, bytes]] = {}
    for index, entry in read() if wanted else ():
        _, jws = parse_entry(entry)
        if (digest := sha256(jws).hexdigest()) in wanted:
            signed[digest] = (index, jws)
    for recorded in found:
        yield _judged(recorded, signed.get(recorded.event.fact.event_hash), verify)


def _judged(recorded: Recorded, on: tuple[int, bytes] | None, verify: Verify) -> Countersignature:
    fact, body = recorded.event.fact, recorded.event.iss
    index = None
    holds = False
    if on is not None and on[0] < recorded.index and parse(on[1]).event.iss == body:
        index = on[0]
        holds = verify(_decoded(fact.sm_key), _decoded(fact.sm_signature), on[1])
    return Countersignature(recorded.index, body, index, fact.event_hash, str(fact.suite), fact.sm_key, holds)


def _decoded(text: str) -> bytes:
    """The bytes of which ``text`` is the one spelling in base64url; none where it is another."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return b""
    return raw if b64url(raw) == text else b""
