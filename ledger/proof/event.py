"""The event on the wire: an SD-JWT (RFC 9901) on a compact JWS (RFC 7515), kept as the exact bytes that were signed.

    header    {"alg":"Ed25519","kid":"<RFC 7638 thumbprint>","typ":"jiannuo-event+sd-jwt"}      and nothing else
    payload   iss iat jti stream version [prev] event schema data [basis] [cause]                and nothing else
    entry     <RFC 3339 time of recording, UTC, milliseconds> LF <compact JWS> LF                at most 65,535 bytes

``prev`` and all other SHA-256 values in claims are lower-case hexadecimal, so that a person can compare them with what
``sha256sum`` prints; ``prev`` is the SHA-256 of the compact JWS of the stream's event before. Reading is strict: each
refusal says what was expected and what came.

>>> from ledger.domain.body import Role, RoleGranted
>>> key = PrivateKey.from_seed(bytes(32))
>>> event = Event("ledger", 1790000000, "0198c5a2-0000-7000-8000-000000000001", "body/ledger", 2, "0" * 64,
...               RoleGranted(Role.OPERATOR))
>>> signed = parse(sign(event, key))
>>> signed.event == event, signed.verify(key.public)
(True, True)
"""

from __future__ import annotations

import base64
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
from ledger.proof.keys import PrivateKey, b64url, verify

ALG = "Ed25519"
TYP = "jiannuo-event+sd-jwt"
MAX_ENTRY = 65_535
_TIME_BYTES = len("2026-01-01T00:00:00.000Z\n")
MAX_JWS = MAX_ENTRY - _TIME_BYTES - 1

_SEGMENT = re.compile(rb"[A-Za-z0-9_-]+")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True, slots=True)
class _Header:
    alg: Annotated[str, Shape("Ed25519", "Ed25519", "Ed25519")]
    kid: KeyId
    typ: Annotated[str, Shape(re.escape(TYP), TYP, TYP)]


@dataclass(frozen=True, slots=True)
class _Claims:
    iss: Annotated[str, Shape(f"(?:{USCC_PATTERN}|ledger)", "a USCC or ledger", "统一社会信用代码或 ledger")]
    iat: Annotated[int, Range(0, 2**40)]
    jti: Uuid7
    stream: StreamId
    version: Annotated[int, Range(1, 2**31)]
    event: Annotated[str, Shape("[A-Z][A-Za-z]{1,59}", "an event's name", "事件名称")]
    schema: Annotated[int, Range(1, 1000)]
    prev: Sha256 | None = None
    basis: Annotated[tuple[Document, ...], Many(20)] = ()
    cause: Uuid7 | None = None


@dataclass(frozen=True)
class Signed:
    """An event together with the bytes that were signed. ``jws`` is the compact JWS, ``kid`` the key it names."""

    jws: bytes
    kid: str
    event: Event

    @cached_property
    def hash(self) -> str:
        """Hex SHA-256 of the compact JWS: what the stream's next event names as ``prev``."""
        return hashlib.sha256(self.jws).hexdigest()

    def verify(self, public: str) -> bool:
        """Whether the signature is that of the key ``public`` (a JWK's ``x``)."""
        signing_input, _, signature = self.jws.rpartition(b".")
        return verify(public, _decode_segment(signature, "signature"), signing_input)


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
    kid = _parse_header(parts[0])
    if len(_decode_segment(parts[2], "signature")) != 64:
        raise FormatError("signature: expected 64 bytes", "签名：应为 64 字节")
    claims = strictjson.loads(_decode_segment(parts[1], "payload"), "payload")
    return Signed(data, kid, _event(claims))


def _decode_segment(segment: bytes, what: str) -> bytes:
    """Base64url without padding, in its one canonical spelling."""
    try:
        if not _SEGMENT.fullmatch(segment):
            raise binascii.Error
        raw = base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
        if base64.urlsafe_b64encode(raw).rstrip(b"=") != segment:
            raise binascii.Error
    except binascii.Error:
        raise FormatError(
            f"{what}: expected canonical base64url without padding", f"{what}：应为无填充的规范 base64url"
        ) from None
    return raw


@lru_cache(maxsize=4096)
def _parse_header(segment: bytes) -> str:
    value = strictjson.loads(_decode_segment(segment, "header"), "header")
    return codec.decode(_Header, value, "header").kid


def _event(payload: Any) -> Event:
    if type(payload) is not dict:
        raise codec.refuse("payload", "an object", "对象", payload)
    if "data" not in payload:
        raise FormatError("payload: expected the claim data, got none", "payload：缺少声明 data")
    data = payload.pop("data")
    claims = codec.decode(_Claims, payload, "payload")
    if (claims.version == 1) is not (claims.prev is None):
        raise FormatError(
            "payload: expected prev exactly where version is above 1",
            "payload：version 大于 1 时必须有 prev，等于 1 时不得有 prev",
        )
    kind_of(claims.stream)
    fact = codec.decode(fact_class(stream_kind(claims.stream), claims.event, claims.schema), data)
    return Event(
        claims.iss,
        claims.iat,
        claims.jti,
        claims.stream,
        claims.version,
        claims.prev,
        fact,
        claims.basis,
        claims.cause,
    )


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


def sign(event: Event, key: PrivateKey) -> bytes:
    """The compact JWS of an event, signed with ``key``."""
    header = f'{{"alg":"{ALG}","kid":"{key.kid}","typ":"{TYP}"}}'
    signing_input = f"{b64url(header.encode())}.{b64url(strictjson.dumps(claims(event)))}".encode()
    return signing_input + b"." + b64url(key.sign(signing_input)).encode()


def format_time(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, e.g. ``2026-11-21T03:37:37.123Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def entry(at: datetime, jws: bytes) -> bytes:
    """What the log keeps and the tree hashes."""
    return b"%s\n%s\n" % (format_time(at).encode(), jws)


def parse_entry(data: bytes) -> tuple[datetime, bytes]:
    """Time of recording and compact JWS of an entry. Raises CorruptionError: an entry comes from a log, never a user."""
    time, first, rest = data.partition(b"\n")
    text = time.decode("ascii", "replace")
    if not first or not rest.endswith(b"\n") or len(data) > MAX_ENTRY or not _TIME.fullmatch(text):
        raise CorruptionError(
            "entry: expected a time and a compact JWS, a line each", "日志条目：应为时间与紧凑 JWS 各一行"
        )
    try:
        return datetime.fromisoformat(text), rest[:-1]
    except ValueError:
        raise CorruptionError(f"entry: expected a time, got {text}", f"日志条目：时间有误 {text}") from None
