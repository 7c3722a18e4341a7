"""Disclosures: what opens the sealed fields of an event (SD-JWT, RFC 9901).

    disclosure      base64url(JSON [salt, name, value])                                    RFC 9901 §4.2.1
    digest          base64url(SHA-256(the disclosure's ASCII)), in ``_sd`` of the event    §4.2.3, §4.2.4.1
    presentation    <JWS>~<disclosure>~ … ~<disclosure>~, without a key binding            §4

An event is signed, logged and hashed without its disclosures; whoever holds one can show that it belongs to the event,
and who holds none learns nothing, since every digest is salted with 128 random bits or more. What a disclosure may say
is what the fact's ``SEALS`` allows; an identity number must hold by GB 11643. No refusal repeats any part of one.

>>> from ledger.domain.person import PersonRegistered
>>> from ledger.domain.record.terms import PersonKind
>>> opening = conceal(bytes(16), "post", "示例岗位")
>>> opening.value, opening.digest
('示例岗位', 'i2-V35kBFvp8tVqOZe2eiMKPLXmDWhJaa4dA4lfb18E')
>>> fact = PersonRegistered(PersonKind.CIVIL_SERVANT, "11990000000000019A", sealed=digests([opening]))
>>> check(fact, [read(opening.disclosure.encode())], date(2026, 3, 2))
>>> opening
Opening(digest='i2-V35kBFvp8tVqOZe2eiMKPLXmDWhJaa4dA4lfb18E')
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, get_args, get_origin

from ledger.domain import codec
from ledger.domain.event import legal_day
from ledger.domain.identifiers import CitizenId, check_id_number
from ledger.errors import FormatError
from ledger.proof import strictjson
from ledger.proof.event import MAX_JWS, Signed, decode_segment, parse
from ledger.proof.keys import b64url

MOST = 20
"""Most disclosures of an event: as many as it can have digests."""
MAX_PRESENTATION = MAX_JWS + 4 * MAX_JWS
"""Most bytes of an event with its disclosures."""
SALT_BYTES = 16
"""128 bits, the least that RFC 9901 §9.3 recommends."""
_SALT = re.compile("[A-Za-z0-9_-]{22,86}")


@dataclass(frozen=True, slots=True)
class Opening:
    """A disclosure and what it says. What it says is kept out of its text, so that no log can show it by accident."""

    disclosure: str = field(repr=False)
    name: str = field(repr=False)
    value: Any = field(repr=False)
    digest: str


@dataclass(frozen=True, slots=True)
class Presented:
    """An event and the openings that came with it."""

    signed: Signed
    openings: tuple[Opening, ...] = ()


def conceal(salt: bytes, name: str, value: Any) -> Opening:
    """The opening of a value under a salt of 16 random bytes or more. Raises FormatError for a shorter salt."""
    if len(salt) < SALT_BYTES:
        raise FormatError(
            f"salt: expected {SALT_BYTES} random bytes or more, got {len(salt)}",
            f"盐值：应为至少 {SALT_BYTES} 个随机字节，实为 {len(salt)} 个",
        )
    return _opening(b64url(strictjson.dumps([b64url(salt), name, value])), name, value)


def _opening(disclosure: str, name: str, value: Any) -> Opening:
    return Opening(disclosure, name, value, b64url(hashlib.sha256(disclosure.encode("ascii")).digest()))


def digests(openings: Iterable[Opening]) -> tuple[str, ...]:
    """What stands in the event for these openings: in an order that does not tell theirs."""
    return tuple(sorted(opening.digest for opening in openings))


def present(jws: bytes, openings: Iterable[Opening]) -> bytes:
    """The event with its disclosures, as it is submitted or shown."""
    return b"~".join([jws, *(opening.disclosure.encode("ascii") for opening in openings), b""])


def read(disclosure: bytes) -> Opening:
    """The opening in a disclosure. Raises FormatError, which repeats nothing of it."""
    try:
        value = strictjson.loads(decode_segment(disclosure, "disclosure"), "disclosure")
    except FormatError:  # what it says may repeat a name
        value = None
    match value:
        case [str(salt), str(name), said] if _SALT.fullmatch(salt):
            return _opening(disclosure.decode("ascii"), name, said)
        case _:
            raise FormatError(
                "disclosure: expected base64url of a JSON list of salt (128 bits or more, base64url), name and value",
                "披露项：应为 JSON 列表［盐值（至少 128 位，base64url），名称，值］的 base64url",
            )


def parse_presentation(data: bytes) -> Presented:
    """The event in a compact JWS or an SD-JWT, and the openings in it, each checked against the event.

    Whether the signature is right and the signer may say it is checked elsewhere. Raises FormatError.
    """
    if len(data) > MAX_PRESENTATION:
        raise FormatError(
            f"event: expected at most {MAX_PRESENTATION} bytes with its disclosures, got {len(data)}",
            f"事件：连同披露项应不超过 {MAX_PRESENTATION} 字节，实为 {len(data)}",
        )
    jws, *rest = data.split(b"~")
    if rest and rest.pop():
        raise FormatError(
            "event: expected a ~ after the last disclosure, and no key binding",
            "事件：最后一个披露项之后应为 ~，且不带密钥绑定",
        )
    if len(rest) > MOST:
        raise FormatError(
            f"event: expected at most {MOST} disclosures, got {len(rest)}",
            f"事件：披露项应不超过 {MOST} 个，实为 {len(rest)} 个",
        )
    signed = parse(jws)
    openings = tuple(map(read, rest))
    if openings:
        check(signed.event.fact, openings, legal_day(datetime.fromtimestamp(signed.event.iat, UTC)))
    return Presented(signed, openings)


def check(fact: Any, openings: Sequence[Opening], on: date) -> None:
    """Each opening belongs to the fact, comes once, and says what the fact's ``SEALS`` allow.

    ``on`` is the day of the statement: nobody is born after it. Raises FormatError, which repeats no value.
    """
    sealed: Sequence[str] = getattr(fact, "sealed", ())
    allowed: Mapping[str, Any] = getattr(fact, "SEALS", {})
    for number, opening in enumerate(openings, start=1):
        if opening.digest not in sealed:
            raise FormatError(
                f"disclosure {number}: expected one whose digest stands in the event, its digest does not",
                f"第 {number} 个披露项：其摘要应在事件中，实际没有",
            )
        if opening.name not in allowed:
            raise FormatError(
                f"disclosure {number}: expected one of the names {', '.join(allowed)}, got another",
                f"第 {number} 个披露项：名称应为 {'、'.join(allowed)} 之一，实为其他名称",
            )
        _check_value(opening, allowed[opening.name], on)
    if len({opening.name for opening in openings}) != len(openings):
        raise FormatError("disclosure: expected each name once, got one twice", "披露项：同一名称不得出现两次")


def _check_value(opening: Opening, hint: Any, on: date) -> None:
    try:
        codec.decode_as(hint, opening.value, opening.name)
        fits = True
    except (FormatError, RecursionError):  # what the codec says repeats the value
        fits = False
    if not fits:
        raise FormatError(
            f"disclosure {opening.name}: expected a value of its schema, got another",
            f"披露项 {opening.name}：值应符合其定义，实为不符",
        )
    if get_origin(hint) is Annotated and any(isinstance(mark, CitizenId) for mark in get_args(hint)):
        check_id_number(opening.value, on)
