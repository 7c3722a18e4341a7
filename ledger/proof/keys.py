"""Ed25519 keys (RFC 8032): private keys in PKCS #8 PEM, public keys as the ``x`` of a JWK (RFC 8037).

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

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.domain.body import thumbprint
from ledger.errors import FormatError


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
        except (ValueError, TypeError):
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
    raw = base64.urlsafe_b64decode(public + "=")
    if b64url(raw) != public:
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        return None


def verify(public: str, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` is that of ``message`` by the key ``public`` (a JWK's ``x``)."""
    key = public_key(public)
    if key is None:
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
