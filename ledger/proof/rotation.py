"""Rotation of the log's key: what both keys sign, so that who pinned the old one can follow to the new one.

The log's name is its origin and stays: a vkey of another name is never a successor. ``LogKeyRotated``, on
``body/ledger``, is signed by the root key, and carries the signatures of the old and the new log key over one
statement.

>>> from ledger.domain.body_terms import Revocation
>>> from ledger.proof.keys import PrivateKey
>>> from ledger.proof.note import LogSigner
>>> old, new = (LogSigner("ledger.example", PrivateKey.from_seed(bytes([n]) * 32)) for n in (1, 2))
>>> fact = rotated(old, new, Revocation.SUPERSEDED)
>>> successor(Verifier.of(old), fact) == Verifier.of(new)
True
>>> successor(Verifier.of(new), fact)
Traceback (most recent call last):
ledger.errors.SignatureError: log key: expected a rotation from ...
"""

from __future__ import annotations

import base64

from ledger.domain.body import LogKeyRotated
from ledger.domain.body_terms import Revocation
from ledger.errors import SignatureError
from ledger.proof.curve import is_strong
from ledger.proof.keys import b64url
from ledger.proof.note import LogSigner, Verifier


def statement(old: Verifier, new: Verifier) -> bytes:
    """What both keys sign."""
    return f"jiannuo log key rotation\n{old.vkey}\n{new.vkey}\n".encode()


def rotated(old: LogSigner, new: LogSigner, reason: Revocation) -> LogKeyRotated:
    """The fact that hands over from ``old`` to ``new``."""
    said = statement(Verifier.of(old), Verifier.of(new))
    return LogKeyRotated(Verifier.of(new).vkey, reason, b64url(old.sign(said)), b64url(new.sign(said)))


def successor(old: Verifier, fact: LogKeyRotated) -> Verifier:
    """The key that ``fact`` hands over to. Raises FormatError for what is no vkey, SignatureError where ``old`` did
    not hand over to it, or it did not take over.
    """
    new = Verifier.parse(fact.log_key)
    said = statement(old, new)
    by_both = old.verify(said, _signature(fact.by_old)) and new.verify(said, _signature(fact.by_new))
    if new.name != old.name or new == old or not is_strong(b64url(new.public_key)) or not by_both:
        raise SignatureError(
            f"log key: expected a rotation from {old.vkey} to another key of that name, signed by both",
            f"日志密钥：应为由 {old.vkey} 转至同名另一密钥、并由两者签名的更换",
        )
    return new


def _signature(text: str) -> bytes:
    """The bytes of which ``text`` is the one spelling; none where it is another."""
    found = base64.urlsafe_b64decode(text + "==")
    return found if b64url(found) == text else b""
