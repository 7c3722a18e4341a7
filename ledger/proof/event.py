"""The event on the wire: an SD-JWT (RFC 9901) on a compact JWS (RFC 7515), kept as the exact bytes that were signed.

    header    {"alg":"Ed25519","kid":"<RFC 7638 thumbprint>","typ":"jiannuo-event+sd-jwt"}      and nothing else
    payload   iss iat jti stream version [prev] event schema data [basis] [cause]                and nothing else
    entry     <RFC 3339 time of recording, UTC, milliseconds> LF <compact JWS> LF                at most 65,535 bytes

``prev`` and all other SHA-256 values in claims are lower-case hexadecimal, so that a person can compare them with what
``sha256sum`` prints; ``prev`` is the SHA-256 of the compact JWS of the stream's event before. Reading is strict: each
refusal says what was expected and what came.

>>> from ledger.domain.body import RoleGranted
>>> from ledger.domain.body_terms import Role
>>> from ledger.proof.keys import PrivateKey
>>> key = PrivateKey.from_seed(bytes(32))
>>> event = Event("ledger", 1790000000, "0198c5a2-0000-7000-8000-000000000001", "body/ledger", 2, "0" * 64,
...               RoleGranted(Role.OPERATOR))
>>> signed = parse(sign(event, key))
>>> signed.event == event, signed.verify(key.public)
(True, True)
"""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Annotated, Any

from ledger.domain import codec
from ledger.domain.codec import USCC_PATTERN, KeyId, Many, Range, Sha256, Shape, Uuid7
from ledger.domain.event import Document, Event, StreamId, stream_kind
from ledger.domain.kinds import fact_class, kind_of
from ledger.errors import CorruptionError, FormatError
from ledger.proof import strictjson
from ledger.proof.keys import Signer, b64url, verify

ALG = "Ed25519"
TYP = "jiannuo-event+sd-jwt"
MAX_HEADER = 400
"""Most characters of a header's base64url; ours has 143."""
MAX_ENTRY = 65_535
_TIME_BYTES = len("2026-01-01T00:00:00.000Z\n")
MAX_JWS = MAX_ENTRY - _TIME_BYTES - 1

# Base64url as the base64 that the standard library reads in C; what only base64 has becomes what neither has.
_TO_BASE64 = bytes.maketrans(b"-_+/=", b"+/!!!")
_PADDING = (b"", b"", b"==", b"=")
# Characters that leave no stray bits at the end, by length of the segment modulo 4 (1: there is no such segment).
_LAST = (None, b"", b"AQgw", b"AEIMQUYcgkosw048")
_SIGNATURE_SIZE = 64
SIGNATURE_LENGTH = 86  # base64url of 64 bytes
_TIME = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z")


LAST_IAT, LAST_VERSION, LAST_SCHEMA = 2**40, 2**31, 1000
Issuer = Annotated[str, Shape(f"(?:{USCC_PATTERN}|ledger)", "a USCC or ledger", "统一社会信用代码或 ledger")]
"""Who signs."""
_EventName = Annotated[str, Shape("[A-Z][A-Za-z]{1,59}", "an event's name", "事件名称")]


@dataclass(frozen=True, slots=True)
class _Header:
    alg: Annotated[str, Shape("Ed25519", "Ed25519", "Ed25519")]
    kid: KeyId
    typ: Annotated[str, Shape(re.escape(TYP), TYP, TYP)]


@dataclass(frozen=True, slots=True)
class _Claims:
    iss: Issuer
    iat: Annotated[int, Range(0, LAST_IAT)]
    jti: Uuid7
    stream: StreamId
    version: Annotated[int, Range(1, LAST_VERSION)]
    event: _EventName
    schema: Annotated[int, Range(1, LAST_SCHEMA)]
    prev: Sha256 | None = None
    basis: Annotated[tuple[Document, ...], Many(20)] = ()
    cause: Uuid7 | None = None


@dataclass(frozen=True, slots=True)
class _Rest:
    """The claims that may follow ``data`` in the order in which we write them."""

    basis: Annotated[tuple[Document, ...], Many(20)] = ()
    cause: Uuid7 | None = None


def _pattern(hint: Any) -> str:
    """The pattern of an annotation, as a group."""
    return next(f"({mark.pattern})" for mark in hint.__metadata__ if isinstance(mark, Shape))


# The start of a payload as :func:`sign` writes it: one match reads and checks eight claims. No pattern lets a quote or
# backslash pass, so that what it takes for a string is one.
_NUMBER = "(0|[1-9][0-9]{0,14})"
START = re.compile(
    f'{{"iss":"{_pattern(Issuer)}","iat":{_NUMBER},"jti":"{_pattern(Uuid7)}","stream":"{_pattern(StreamId)}"'
    f',"version":{_NUMBER}(?:,"prev":"{_pattern(Sha256)}")?,"event":"{_pattern(_EventName)}","schema":{_NUMBER}'
    ',(?="data":)'
)
_REST = frozenset(("data", "basis", "cause"))
_NO_REST = _Rest()


@dataclass(frozen=True)
class Signed:
    """An event together with the bytes that were signed. ``jws`` is the compact JWS, ``kid`` the key it names,
    ``signature`` the 64 bytes in it.
    """

    jws: bytes
    kid: str
    event: Event
    signature: bytes

    @cached_property
    def hash(self) -> str:
        """Hex SHA-256 of the compact JWS: what the stream's next event names as ``prev``."""
        return hashlib.sha256(self.jws).hexdigest()

    @property
    def signing_input(self) -> bytes:
        """The bytes under the signature: header, ``.``, payload (RFC 7515 §5.1)."""
        return self.jws[: -SIGNATURE_LENGTH - 1]

    def verify(self, public: str) -> bool:
        """Whether the signature is that of the key ``public`` (a JWK's ``x``)."""
        return verify(public, self.signature, self.signing_input)


def parse(data: bytes) -> Signed:
    """The event in ``data``: a compact JWS, or an SD-JWT without disclosures (the same with one ``~`` at its end).

    Checks form only; the signature and the signer's right are checked where the key is known. Raises FormatError.
    """
    if data.endswith(b"~"):
        data = data[:-1]
    if len(data) > MAX_JWS:
        raise FormatError(
            f"event: expected at most {MAX_JWS} bytes, got {len(data)}",
            f"事件：应不超过 {MAX_JWS} 字节，实为 {len(data)}",
        )
    parts = data.split(b".")
    if len(parts) != 3 or b"~" in data:
        raise FormatError(
            "event: expected a compact JWS of three parts and no disclosures, "
            f"got {len(parts)} part(s) and {data.count(b'~')} disclosure(s)",
            f"事件：应为三段的紧凑 JWS 且不带披露项，实为 {len(parts)} 段、{data.count(b'~')} 个披露项",
        )
    kid = parse_header(parts[0])
    signature = decode_segment(parts[2], "signature")
    if len(signature) != _SIGNATURE_SIZE:
        raise FormatError("signature: expected 64 bytes", "签名：应为 64 字节")
    payload = decode_segment(parts[1], "payload")
    event = _event_as_we_write(payload) or _event(strictjson.loads(payload, "payload"))
    return Signed(data, kid, event, signature)


def decode_segment(segment: bytes, what: str) -> bytes:
    """Base64url without padding, in its one canonical spelling."""
    length = len(segment) % 4
    try:
        raw = binascii.a2b_base64(segment.translate(_TO_BASE64) + _PADDING[length], strict_mode=True)
    except binascii.Error:
        raw = b""
    last = _LAST[length]
    if not raw or (last is not None and segment[-1] not in last):
        raise FormatError(
            f"{what}: expected canonical base64url without padding", f"{what}：应为无填充的规范 base64url"
        )
    return raw


@lru_cache(maxsize=4096)
def parse_header(segment: bytes) -> str:
    """The key id in a JWS's first part; a header that is not exactly ours is a FormatError.

    Bounded, so that blanks which JSON allows cannot fill the cache.
    """
    if len(segment) > MAX_HEADER:
        raise FormatError(
            f"header: expected at most {MAX_HEADER} characters, got {len(segment)}",
            f"header：应不超过 {MAX_HEADER} 个字符，实为 {len(segment)} 个",
        )
    value = strictjson.loads(decode_segment(segment, "header"), "header")
    return codec.decode(_Header, value, "header").kid


def _event_as_we_write(payload: bytes) -> Event | None:
    """The event of a payload whose claims stand in the order of :func:`claims`, without spaces.

    Any other, right or wrong, is for :func:`_event`, which says what is wrong; both accept the same (tests hold them to
    it). Reading a log spends its time here, next to the signatures.
    """
    try:
        found = START.match(payload.decode())
        rest = found and strictjson.loads(b"{" + payload[found.end() :], "payload")
    except (UnicodeDecodeError, FormatError):
        return None
    if not found or not rest or not rest.keys() <= _REST:
        return None
    iss, iat, jti, stream, version, prev, name, schema = found.groups()
    numbers = int(iat), int(version), int(schema)
    if numbers[0] > LAST_IAT or not 0 < numbers[1] <= LAST_VERSION or not 0 < numbers[2] <= LAST_SCHEMA:
        return None
    data = rest.pop("data")
    more = codec.decode(_Rest, rest, "payload") if rest else _NO_REST
    return _checked(iss, numbers, jti, stream, prev, name, data, more)


def _event(payload: Any) -> Event:
    if type(payload) is not dict:
        raise codec.refuse("payload", "an object", "对象", payload)
    if "data" not in payload:
        raise FormatError("payload: expected the claim data, got none", "payload：缺少声明 data")
    data = payload.pop("data")
    claims = codec.decode(_Claims, payload, "payload")
    numbers = claims.iat, claims.version, claims.schema
    return _checked(claims.iss, numbers, claims.jti, claims.stream, claims.prev, claims.event, data, claims)


def _checked(
    iss: str,
    numbers: tuple[int, int, int],
    jti: str,
    stream: str,
    prev: str | None,
    name: str,
    data: Any,
    more: _Claims | _Rest,
) -> Event:
    """The event of well-formed claims, if they fit each other; ``numbers`` are iat, version and schema."""
    iat, version, schema = numbers
    if (version == 1) is not (prev is None):
        raise FormatError(
            "payload: expected prev exactly where version is above 1",
            "payload：version 大于 1 时必须有 prev，等于 1 时不得有 prev",
        )
    kind_of(stream)
    fact: Any = codec.decode(fact_class(stream_kind(stream), name, schema), data)
    return Event(iss, iat, jti, stream, version, prev, fact, more.basis, more.cause)


def claims(event: Event) -> dict[str, Any]:
    """The payload of an event, in the order in which we sign it."""
    found: dict[str, Any] = {
        "iss": event.iss,
        "iat": event.iat,
        "jti": event.jti,
        "stream": event.stream,
        "version": event.version,
    }
    if event.prev is not None:
        found["prev"] = event.prev
    found |= {"event": event.name, "schema": event.fact.SCHEMA, "data": codec.encode(event.fact)}
    if event.basis:
        found["basis"] = codec.encode(event.basis)
    if event.cause is not None:
        found["cause"] = event.cause
    return found


def sign(event: Event, key: Signer) -> bytes:
    """The compact JWS of an event, signed with ``key``."""
    header = f'{{"alg":"{ALG}","kid":"{key.kid}","typ":"{TYP}"}}'
    signing_input = f"{b64url(header.encode())}.{b64url(strictjson.dumps(claims(event)))}".encode()
    return signing_input + b"." + b64url(key.sign(signing_input)).encode()


def format_time(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, e.g. ``2026-11-21T03:37:37.123Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def entry(at: datetime, jws: bytes) -> bytes:
    """What the log keeps and the tree hashes."""
    return b"%s\n%s\n" % (format_time(at).encode(), jws)


def parse_entry(data: bytes) -> tuple[datetime, bytes]:
    """Time of recording and compact JWS of an entry. Raises CorruptionError: it comes from a log, never a user."""
    time, first, rest = data.partition(b"\n")
    if not first or not rest.endswith(b"\n") or len(data) > MAX_ENTRY:
        raise CorruptionError(
            "entry: expected a time and a compact JWS, a line each", "日志条目：应为时间与紧凑 JWS 各一行"
        )
    return _parse_time(time), rest[:-1]


@lru_cache(maxsize=64)  # what is committed together has one time
def _parse_time(time: bytes) -> datetime:
    text = time.decode("ascii", "replace")
    try:
        if _TIME.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    shown = ascii(text[:40])
    raise CorruptionError(f"entry: expected a time, got {shown}", f"日志条目：时间有误 {shown}")
