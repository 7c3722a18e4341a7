"""Skimming an event: its claims and signature, checked as strictly as by :func:`ledger.proof.event.parse`, without its
fact and in a third of the time.

It is for who reads whole logs, and asks of most events only who signed, in which stream and after what. The payload is
matched as a whole by a pattern of its kind of event, made from the same annotations that decoding follows. What it
takes, ``parse`` takes, and reads the same claims from it; what it does not take may be right or wrong: parse it.

>>> from ledger.domain.body import RoleGranted
>>> from ledger.domain.body_terms import Role
>>> from ledger.domain.event import Event
>>> from ledger.proof.event import sign
>>> from ledger.proof.keys import PrivateKey
>>> key = PrivateKey.from_seed(bytes(32))
>>> event = Event("ledger", 1790000000, "0198c5a2-0000-7000-8000-000000000001", "body/ledger", 2, "0" * 64,
...               RoleGranted(Role.OPERATOR))
>>> skimmed = skim(sign(event, key))
>>> skimmed.topic, skimmed.version, skimmed.kid == key.kid
('RoleGranted/1', 2, True)
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, NamedTuple

from ledger.domain.codec import Many, Uuid7
from ledger.domain.event import Document, Event
from ledger.domain.kinds import KINDS, topic
from ledger.domain.pattern import LONGEST, in_order, pattern
from ledger.errors import FormatError
from ledger.proof.event import (
    LAST_IAT,
    LAST_SCHEMA,
    LAST_VERSION,
    MAX_JWS,
    SIGNATURE_LENGTH,
    START,
    Signed,
    decode_segment,
    parse_header,
)


class Skimmed(NamedTuple):
    """The claims of an event that place it, the key it names (``kid``) and its signature.

    ``topic`` is the event's name and the number of its shape, as in ``BodyRenamed/1``.
    """

    iss: str
    jti: str
    stream: str
    version: int
    prev: str | None
    cause: str | None
    topic: str
    kid: str
    signature: bytes


def skim(jws: bytes) -> Skimmed | None:
    """What is in a compact JWS in the form in which we write them; None for any other."""
    header, _, rest = jws.partition(b".")
    payload, _, tail = rest.partition(b".")
    if len(tail) != SIGNATURE_LENGTH or len(jws) > MAX_JWS:
        return None
    try:
        kid = parse_header(header)
        signature = decode_segment(tail, "signature")
        text = decode_segment(payload, "payload").decode()
    except (FormatError, UnicodeDecodeError):
        return None
    start = START.match(text)
    if start is None or len(text) > LONGEST:
        return None
    iss, iat, jti, stream, number, prev, name, schema = start.groups()
    filed, version = f"{name}/{schema}", int(number)
    matches = _rest(stream[: stream.index("/")], filed)
    found = matches and matches.fullmatch(text, start.end())
    if not found or not in_order(text):
        return None
    if not 0 < version <= LAST_VERSION or (version == 1) is not (prev is None):
        return None
    if int(iat) > LAST_IAT or not 0 < int(schema) <= LAST_SCHEMA:
        return None
    return Skimmed(iss, jti, stream, version, prev, found[1], filed, kid, signature)


def skimmed(signed: Signed) -> Skimmed:
    """The same of an event that was parsed."""
    e: Event = signed.event
    return Skimmed(e.iss, e.jti, e.stream, e.version, e.prev, e.cause, topic(e.fact), signed.kid, signed.signature)


@lru_cache(maxsize=1024)  # bounded: whoever signs can name any event
def _rest(kind: str, filed: str) -> re.Pattern[str] | None:
    """The pattern of a payload from ``data`` on, its group the cause; None where there is no such event."""
    cls = KINDS[kind].facts.get(filed) if kind in KINDS else None
    if cls is None:
        return None
    basis, cause = pattern(Annotated[tuple[Document, ...], Many(20)]), pattern(Uuid7)[1:-1]
    return re.compile(rf'"data":{pattern(cls)}(?:,"basis":{basis})?(?:,"cause":"({cause})")?\}}')
