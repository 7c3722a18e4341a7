"""Writing events: what a body's own program does before it submits.

>>> from datetime import UTC, datetime
>>> from ledger.domain.body import RoleGranted
>>> from ledger.domain.body_terms import Role
>>> from ledger.errors import Head
>>> from ledger.proof.keys import PrivateKey
>>> from ledger.proof.event import parse
>>> author = Author("ledger", PrivateKey.from_seed(bytes(32)), lambda: datetime(2026, 11, 21, tzinfo=UTC), bytes)
>>> parse(author.write("body/ledger", Head(1, "0" * 64), RoleGranted(Role.OPERATOR))).event.version
2
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ledger.domain.event import Document, Event
from ledger.domain.ids import uuid7
from ledger.errors import Head
from ledger.proof.event import sign
from ledger.proof.keys import Signer


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


def new_id() -> str:
    """A fresh UUIDv7 from the system's clock and random source."""
    return uuid7(int(utc_now().timestamp() * 1000), secrets.token_bytes(10))


@dataclass(frozen=True, slots=True)
class Author:
    """A body (``iss``) and a key of it; ``clock`` gives UTC, ``random(n)`` n random bytes."""

    iss: str
    key: Signer
    clock: Callable[[], datetime] = utc_now
    random: Callable[[int], bytes] = secrets.token_bytes

    def write(self, stream: str, head: Head, fact: Any, basis: tuple[Document, ...] = ()) -> bytes:
        """The compact JWS of a fact that follows ``head``."""
        now = self.clock()
        event = Event(
            iss=self.iss,
            iat=int(now.timestamp()),
            jti=uuid7(int(now.timestamp() * 1000), self.random(10)),
            stream=stream,
            version=head.version + 1,
            prev=head.hash,
            fact=fact,
            basis=basis,
        )
        return sign(event, self.key)
