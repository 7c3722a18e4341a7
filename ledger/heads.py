"""Asking for the head of a case that the public may not see: with a question that the asker signs.

Who writes the next event of a case needs the head: version and hash. Of a case that is public anybody may ask for it.
Of one that is not, the head would tell that the case exists, that something happened, and, by its hash, which entry of
the log is the newest of it; and its id may be known, since it was public once, or is made of what others know (a court
listing). So that is told to who could write there: a body with a key that counts now, as the refusal of an event that
does not follow the head tells it, too. The question is a compact JWS of the typ ``jiannuo-head+jwt``
(:mod:`ledger.proof.attestation`) over ``iss``, ``iat`` and ``stream``, and counts for FRESH seconds.

>>> from ledger.proof.keys import PrivateKey
>>> author = Author("ledger", PrivateKey.from_seed(bytes(32)))
>>> read_attestation(question(author, "record/0198c5a2-0000-7000-8000-000000000001")).payload["iss"]
'ledger'
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from ledger.authoring import Author
from ledger.domain import codec
from ledger.domain.codec import Range
from ledger.domain.event import StreamId
from ledger.errors import FormatError, Head, SignatureError
from ledger.proof.attestation import attest, read_attestation, verify_attestation
from ledger.proof.event import LAST_IAT, Issuer

if TYPE_CHECKING:  # who asks over the wire needs no store
    from ledger.application import Ledger

TYP = "jiannuo-head+jwt"
FRESH = 300
"""Seconds between the asker's clock and the ledger's for which a question counts, either way."""


@dataclass(frozen=True, slots=True)
class _Question:
    iss: Issuer
    iat: Annotated[int, Range(0, LAST_IAT)]
    stream: StreamId


def question(author: Author, stream: str) -> bytes:
    """The author's signed question for the head of a stream."""
    return attest(TYP, {"iss": author.iss, "iat": int(author.clock().timestamp()), "stream": stream}, author.key)


def answered(ledger: Ledger, data: bytes, stream: str, now: datetime) -> Head:
    """The head of ``stream``, if ``data`` is a body's question for it.

    Raises FormatError for what is no question, or for another stream; SignatureError where it is stale, or its key is
    none that counts for the body now.
    """
    found = read_attestation(data)
    asked = codec.decode(_Question, found.payload, "payload")
    if asked.stream != stream:
        raise FormatError(
            f"stream: expected {stream}, as in the address, got {asked.stream}",
            f"stream：应与地址中的 {stream} 一致，实为 {asked.stream}",
        )
    if abs(asked.iat - now.timestamp()) > FRESH:
        raise SignatureError(
            f"iat: expected a question signed within {FRESH} s of the ledger's clock, {int(now.timestamp())}",
            f"iat：应在账本时钟（{int(now.timestamp())}）前后 {FRESH} 秒内签署",
        )
    key = ledger.case(f"body/{asked.iss}").state.key(found.kid)
    if key is None or not key.valid_at(ledger.reader.newest().size):
        raise SignatureError(
            f"signature: expected a key that counts for {asked.iss} now, got {found.kid}",
            f"签名：应由 {asked.iss} 现行有效的密钥签署，实为 {found.kid}",
        )
    verify_attestation(data, key.public, TYP)
    return ledger.head(stream)
