"""The receipt: what a submitter gets in the answer, and can check without us for ever.

It names the place of the event (index, time of recording, leaf hash), proves it (a ``.tlog-proof``: inclusion proof and
signed checkpoint) and gives the stream's head after the event and its consequences: what the next event has to follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger.errors import Head


@dataclass(frozen=True, slots=True)
class Receipt:
    """See the module's docstring. ``entry_hash`` (the leaf, RFC 6962 §2.1) and ``event_hash`` are hexadecimal.

    ``created`` is False where the event was in the log before: the rest is then the same as it was the first time.
    """

    jti: str
    index: int
    recorded_at: str
    entry_hash: str
    proof: str
    stream: str
    version: int
    event_hash: str
    head: Head
    created: bool

    def json(self) -> dict[str, Any]:
        """As the API answers it."""
        return {
            "jti": self.jti,
            "index": self.index,
            "recorded_at": self.recorded_at,
            "entry_hash": self.entry_hash,
            "proof": self.proof,
            "stream": self.stream,
            "version": self.version,
            "event_hash": self.event_hash,
            "head": {"version": self.head.version, "hash": self.head.hash},
        }
