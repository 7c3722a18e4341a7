"""Where an auditor's bytes come from: a log as somebody stores it, with what they claim beside the bytes.

Nothing that a source says is believed. Claims that the bytes do not bear out are reported, and a source that leaves
things out is found out by the signed checkpoints. A source is handed to worker processes (so it must be picklable),
and each of them opens it for itself.

What a source gives are plain tuples, so that who keeps a log need not know who audits it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from ledger.domain.body import LedgerFounded
from ledger.proof.event import parse, parse_entry
from ledger.proof.note import Verifier

Row = tuple[int, str, int, str, bytes, bytes, bytes]
"""A stored entry as the source files it: index, stream, version, topic, jti (16 bytes), leaf hash, entry."""

Tile = tuple[int, int, bytes, bytes]
"""A finished tile: level, number, 256 hashes (8,192 bytes), and the hash of the subtree above them."""

Filed = tuple[int, str]
"""A signed checkpoint: the size that it is filed under, and the note."""

Reach = tuple[int, int, Mapping[int, tuple[int, int]], Filed | None]
"""How far a log goes: :class:`Extent` as a plain tuple."""


class StoredTile(NamedTuple):
    """A :data:`Tile`."""

    level: int
    number: int
    hashes: bytes
    root: bytes


class Extent(NamedTuple):
    """How far a log goes, all of it read at one moment (the log may grow meanwhile).

    ``entries`` is their number, ``end`` the largest index + 1 (0: none), ``tiles`` by level how many and the
    largest of their numbers, ``newest`` the checkpoint that is filed under the largest size.
    """

    entries: int
    end: int
    tiles: Mapping[int, tuple[int, int]]
    newest: Filed | None


class Session(Protocol):
    """An open source. Every method may raise a LedgerError where the bytes cannot be read."""

    def extent(self) -> Reach:
        """How far the log goes now."""

    def rows(self, start: int, stop: int) -> Sequence[Row]:
        """The entries with ``start`` <= index < ``stop`` that there are, by index."""

    def tiles(self, level: int, start: int, stop: int) -> Sequence[Tile]:
        """The tiles of a level with ``start`` <= number < ``stop`` that there are, by number."""

    def checkpoints(self, after: int, upto: int) -> Sequence[Filed]:
        """The checkpoints filed under a size with ``after`` < size <= ``upto``, by size."""

    def public_keys(self) -> Iterable[str]:
        """Public keys (a JWK's ``x``) that signers may have used, and vkeys of the log from rotations: hints, so that
        workers need not wait for each other.

        It can be incomplete or wrong: a key id is the key's thumbprint, so a wrong one is never used, and signatures
        by a missing one are checked later, one after the other.
        """


class Source(Protocol):
    """See the module's docstring."""

    def open(self) -> AbstractContextManager[Session]:
        """Opens it for the process that calls. Raises a LedgerError where it cannot be reached."""


def founding_key(session: Session) -> Verifier | None:
    """The log's key as its founding event names it; None where there is none to be had (which is found later)."""
    try:
        row = session.rows(0, 1)[0]
        fact = parse(parse_entry(row[6])[1]).event.fact
        return Verifier.parse(fact.log_key) if isinstance(fact, LedgerFounded) else None
    except Exception:  # anybody's bytes; the entry itself is examined with all others
        return None
