"""Ed25519 keys (RFC 8032): private keys in PKCS #8 PEM, public keys as the ``x`` of a JWK (RFC 8037).

Which signatures verify is for OpenSSL to say: the equation without the cofactor, S below the group's order (RFC 8032
§5.1.7). libsodium is asked first, because it takes half the time: it asks for the same and for more, so its yes stands,
and its no is asked again of OpenSSL. docs/adr/0012-ed25519.md says why that is so.

>>> key = PrivateKey.from_seed(bytes(32))
>>> key.public
'O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik'
>>> verify(key.public, key.sign(b"promise"), b"promise")
True
>>> verify(key.public, key.sign(b"promise"), b"excuse")
False
"""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from functools import cached_property, lru_cache

from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from ledger.domain.body import thumbprint
from ledger.errors import FormatError

_KEY_SIZE, _SIGNATURE_SIZE = 32, 64


NOT_READ = (ValueError, TypeError, UnsupportedAlgorithm, InternalError)
"""What ``load_pem_private_key`` raises for bytes that are no key, or one of an algorithm that it does not know."""


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


class Signer(ABC):
    """An Ed25519 private key, wherever it is kept: in memory, or in a hardware module that never gives it away."""

    @property
    @abstractmethod
    def public_bytes(self) -> bytes:
        """The 32 bytes of the public key."""

    @abstractmethod
    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of the message itself (pure Ed25519, RFC 8032 §5.1). Raises LedgerError."""

    @cached_property
    def public(self) -> str:
        """The public key as the JWK's ``x``: 43 base64url characters."""
        return b64url(self.public_bytes)

    @cached_property
    def kid(self) -> str:
        """The key id: RFC 7638 thumbprint."""
        return thumbprint(self.public)


class PrivateKey(Signer):
    """A :class:`Signer` whose key is in memory."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self.key = key

    @classmethod
    def from_seed(cls, seed: bytes) -> PrivateKey:
        """The key of a 32-byte seed (RFC 8032 §5.1.5); the seed must come from a secure random source."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes) -> PrivateKey:
        """The key in an unencrypted PKCS #8 PEM file. Raises FormatError."""
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except NOT_READ:
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise FormatError(
                "key file: expected an unencrypted Ed25519 private key in PKCS #8 PEM",
                "密钥文件：应为未加密的 PKCS #8 PEM 格式 Ed25519 私钥",
            )
        return cls(key)

    def to_pem(self) -> bytes:
        """PKCS #8 PEM, unencrypted; as ``openssl pkey`` reads it."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @cached_property
    def public_bytes(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of ``message``."""
        return self.key.sign(message)


@lru_cache(maxsize=4096)
def public_key(public: str) -> Ed25519PublicKey | None:
    """The key of a JWK's ``x``; None where the 43 characters are no key (a last character with stray bits, say)."""
    raw = _raw(public)
    return None if raw is None else _openssl_key(raw)


def verify(public: str, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` is that of ``message`` by the key ``public`` (a JWK's ``x``)."""
    raw = _raw(public)
    return raw is not None and verify_raw(raw, signature, message)


def verify_raw(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` is that of ``message`` by the key of these 32 bytes, whatever the three may be."""
    if len(key) != _KEY_SIZE or len(signature) != _SIGNATURE_SIZE:
        return False
    return (_SODIUM_IMPLIES_OPENSSL and _sodium_says(key, signature, message)) or _openssl_says(key, signature, message)


@lru_cache(maxsize=4096)
def _raw(public: str) -> bytes | None:
    """The 32 bytes of a JWK's ``x``; None where this is not their one spelling."""
    raw = base64.urlsafe_b64decode(public + "=")
    return raw if b64url(raw) == public and len(raw) == _KEY_SIZE else None


@lru_cache(maxsize=4096)
def _openssl_key(raw: bytes) -> Ed25519PublicKey | None:
    try:
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        return None


def _openssl_says(key: bytes, signature: bytes, message: bytes) -> bool:
    loaded = _openssl_key(key)
    try:
        if loaded is not None:
            loaded.verify(signature, message)
    except InvalidSignature:
        return False
    return loaded is not None


def _sodium_says(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        crypto_sign_open(signature + message, key)  # it reads the sizes from nobody: they were checked
    except BadSignatureError:
        return False
    return True


# A signature that only verification with the cofactor takes: R = [r]B + T with a T of order 8. A libsodium that takes
# it says yes where OpenSSL says no, and is not asked.
_ONLY_WITH_COFACTOR = (
    bytes.fromhex("5cf4e1a5ea1db5d14f2afc5724e7dfcf823eb7a91bb3278b2f08af2f7af24dc0"),
    bytes.fromhex(
        "f5753c6eeeb4b2120476f331b2b1996caec3269baa9ff680795131463808de67"
        "0e2594ded172dd11284ce033f6dcad42b3c478fc4b1b2aa99f6936244823390d"
    ),
    b"promise",
)
_SODIUM_IMPLIES_OPENSSL = not _sodium_says(*_ONLY_WITH_COFACTOR)
