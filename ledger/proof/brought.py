"""Keys that facts bring into a log: under each of them nobody but its holder may be able to sign.

>>> from ledger.domain.body import KeyAuthorised
>>> check(KeyAuthorised("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
>>> check(KeyAuthorised("AQ" + "A" * 41))
Traceback (most recent call last):
ledger.errors.SignatureError: key: expected an Ed25519 public key, canonically written and of large order, got AQAAA...
"""

from __future__ import annotations

from ledger.domain.body import KeyAuthorised, LedgerFounded
from ledger.errors import SignatureError
from ledger.proof.curve import is_strong
from ledger.proof.keys import b64url
from ledger.proof.note import Verifier


def public_keys(fact: object) -> tuple[str, ...]:
    """The signers' public keys (a JWK's ``x``) that a fact brings."""
    match fact:
        case LedgerFounded(root_key=root, ledger_key=ledger):
            return root, ledger
        case KeyAuthorised(key=key):
            return (key,)
        case _:
            return ()


def check(fact: object) -> None:
    """Raises SignatureError for a key under which a signature that anybody can make would verify (RFC 8032 §5.1.3),
    and for a founding whose log key is not of the origin's name; FormatError for a log key that is no vkey.

    What ``LogKeyRotated`` brings is for :func:`ledger.proof.rotation.successor`, which knows the key before it.
    """
    keys = public_keys(fact)
    if isinstance(fact, LedgerFounded):
        log_key = Verifier.parse(fact.log_key)
        if log_key.name != fact.origin:
            raise SignatureError(
                f"log key: expected one of the name {fact.origin!a}, the log's origin, got {log_key.vkey}",
                f"日志密钥：名称应为日志的 origin {fact.origin!a}，实为 {log_key.vkey}",
            )
        keys = (*keys, b64url(log_key.public_key))
    for key in keys:
        if not is_strong(key):
            raise SignatureError(
                f"key: expected an Ed25519 public key, canonically written and of large order, got {key}",
                f"密钥：应为按规范书写的大阶 Ed25519 公钥，实为 {key}",
            )
