"""Signed webhooks: the asymmetric scheme of Standard Webhooks (specification 1.0.0, "Signature scheme", ``v1a``).

    webhook-id           the message's id: the same however often it is sent
    webhook-timestamp    seconds since 1970 when this attempt was made
    webhook-signature    v1a,<base64 of the Ed25519 signature over "<id>.<timestamp>.<body>">

The key is that of the ledger's consequences, which the log's first entry names; as a webhook key it is written
``whpk_`` and base64. What is signed here has two full stops and is not all base64url, so it is no signing input of a
JWS; and no newline before its body, so it is no checkpoint.

>>> from ledger.proof.keys import PrivateKey
>>> key = PrivateKey.from_seed(bytes(32))
>>> signature = sign("7", 1767225600, b"{}", key)
>>> verify_webhook("7", 1767225600, b"{}", signature, key.public)
>>> verify_webhook("8", 1767225600, b"{}", signature, key.public)  # doctest: +ELLIPSIS
Traceback (most recent call last):
ledger.errors.SignatureError: webhook: expected a signature ... | ...
>>> public_key(key.public)
'whpk_O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik='
"""

from __future__ import annotations

import base64
import binascii
import re

from ledger.errors import FormatError, SignatureError
from ledger.proof.keys import Signer, verify

SCHEME = "v1a"
_ID = re.compile("[0-9A-Za-z_-]{1,100}")


def content(message: str, timestamp: int, body: bytes) -> bytes:
    """What is signed. Raises FormatError for an id with other characters than letters, digits, - and _."""
    if not _ID.fullmatch(message) or timestamp < 0:
        raise FormatError(
            f"webhook: expected an id of letters, digits, - and _, got {message[:40]!a}",
            f"webhook：标识应由字母、数字、- 和 _ 组成，实为 {message[:40]!a}",
        )
    return f"{message}.{timestamp}.".encode() + body


def sign(message: str, timestamp: int, body: bytes, key: Signer) -> str:
    """The value of ``webhook-signature``. Raises FormatError (:func:`content`)."""
    return f"{SCHEME},{base64.b64encode(key.sign(content(message, timestamp, body))).decode()}"


def verify_webhook(message: str, timestamp: int, body: bytes, signatures: str, public: str) -> None:
    """Raises SignatureError unless one of the signatures (parted by spaces) is that of ``public``, a JWK's ``x``.

    Whoever receives also checks that ``timestamp`` is near, and that the id was not seen before.
    """
    signed = content(message, timestamp, body)
    for text in signatures.split(" "):
        scheme, _, value = text.partition(",")
        if scheme == SCHEME and verify(public, _bytes(value), signed):
            return
    raise SignatureError("webhook: expected a signature of the ledger's key", "webhook：应有账本密钥的签名")


def public_key(public: str) -> str:
    """A public key (a JWK's ``x``) as receivers' libraries take it."""
    return f"whpk_{base64.b64encode(base64.urlsafe_b64decode(public + '=')).decode()}"


def _bytes(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return b""
