"""What the ledger answers under its own signature: a compact JWS (RFC 7515) over JSON, which is no event.

    header    {"alg":"Ed25519","kid":"<RFC 7638 thumbprint>","typ":"jiannuo-<what>+jwt"}      and nothing else
    payload   a JSON object (strict: :mod:`ledger.proof.strictjson`), its members for whoever defines the ``typ``

It is signed with the key of the ledger's consequences, which the log's first entry names. The ``typ`` keeps apart what
one key signs (RFC 8725 §3.11): an event's is ``jiannuo-event+sd-jwt``, which no attestation can have, and an
attestation of one sort is never taken for another. Whoever has the answer and that public key can check it for ever.

>>> from ledger.proof.keys import PrivateKey
>>> key = PrivateKey.from_seed(bytes(32))
>>> answer = attest("jiannuo-screening+jwt", {"size": 7}, key)
>>> verify_attestation(answer, key.public, "jiannuo-screening+jwt")
{'size': 7}
>>> verify_attestation(answer, key.public, "jiannuo-report+jwt")  # doctest: +ELLIPSIS
Traceback (most recent call last):
ledger.errors.FormatError: header: expected typ jiannuo-report+jwt, got jiannuo-screening+jwt | ...
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from ledger.domain import codec
from ledger.domain.body import thumbprint
from ledger.domain.codec import KeyId, Shape
from ledger.errors import FormatError, SignatureError
from ledger.proof import strictjson
from ledger.proof.event import ALG, MAX_HEADER, SIGNATURE_LENGTH, decode_segment
from ledger.proof.keys import Signer, b64url, verify

SCREENING = "jiannuo-screening+jwt"
"""The ``typ`` of a screening's answer."""
LARGEST = 32 * 1024 * 1024
"""Most bytes of an attestation: 10,000 screened subjects with their penalties are some 5 MB."""
_TYP = "jiannuo-[a-z]{1,30}\\+jwt"
_Typ = Annotated[str, Shape(_TYP, "jiannuo-<what>+jwt", "jiannuo-<类别>+jwt")]


@dataclass(frozen=True, slots=True)
class _Header:
    alg: Annotated[str, Shape(re.escape(ALG), ALG, ALG)]
    kid: KeyId
    typ: _Typ


@dataclass(frozen=True, slots=True)
class Attestation:
    """An attestation that was read and not verified: ``typ``, ``kid`` of the key it names, ``payload``."""

    typ: str
    kid: str
    payload: dict[str, Any]


def attest(typ: str, payload: Mapping[str, Any], key: Signer) -> bytes:
    """The compact JWS of a payload. Raises FormatError for a ``typ`` that is none of an attestation, and for a payload
    that could not be read again.
    """
    if not re.fullmatch(_TYP, typ):
        raise codec.refuse("typ", "jiannuo-<what>+jwt", "jiannuo-<类别>+jwt", typ)
    header = f'{{"alg":"{ALG}","kid":"{key.kid}","typ":"{typ}"}}'
    body = strictjson.dumps(dict(payload))
    strictjson.loads(body, "payload")
    signing_input = f"{b64url(header.encode())}.{b64url(body)}".encode()
    return _bounded(signing_input + b"." + b64url(key.sign(signing_input)).encode())


def read_attestation(data: bytes) -> Attestation:
    """What an attestation says, whoever signed it. Checks form only. Raises FormatError."""
    parts = _bounded(data).split(b".")
    if len(parts) != 3 or len(parts[0]) > MAX_HEADER or len(parts[2]) != SIGNATURE_LENGTH:
        raise FormatError(
            "attestation: expected a compact JWS of three parts, the last with 86 characters",
            "签名答复：应为三段的紧凑 JWS，末段 86 个字符",
        )
    header = codec.decode(_Header, strictjson.loads(decode_segment(parts[0], "header"), "header"), "header")
    decode_segment(parts[2], "signature")
    payload = strictjson.loads(decode_segment(parts[1], "payload"), "payload")
    if type(payload) is not dict:
        raise codec.refuse("payload", "an object", "对象", payload)
    return Attestation(header.typ, header.kid, payload)


def verify_attestation(data: bytes, public: str, typ: str) -> dict[str, Any]:
    """The payload of an attestation of this ``typ`` that the key ``public`` (a JWK's ``x``) signed.

    Raises FormatError for what is no attestation, or one of another sort; SignatureError where the key did not sign it.
    """
    found = read_attestation(data)
    if found.typ != typ:
        raise FormatError(f"header: expected typ {typ}, got {found.typ}", f"header：typ 应为 {typ}，实为 {found.typ}")
    signing_input = data[: -SIGNATURE_LENGTH - 1]
    signature = decode_segment(data[-SIGNATURE_LENGTH:], "signature")
    if found.kid != thumbprint(public):
        raise SignatureError(
            f"attestation: expected the key {thumbprint(public)}, it names {found.kid}",
            f"签名答复：应由密钥 {thumbprint(public)} 签署，实为 {found.kid}",
        )
    if not verify(public, signature, signing_input):
        raise SignatureError(
            "attestation: the signature is not that of its key over these bytes",
            "签名答复：签名与内容不符（内容或签名已被改动）",
        )
    return found.payload


def _bounded(data: bytes) -> bytes:
    if len(data) > LARGEST:
        raise FormatError(
            f"attestation: expected at most {LARGEST} bytes, got {len(data)}",
            f"签名答复：应不超过 {LARGEST} 字节，实为 {len(data)} 字节",
        )
    return data
