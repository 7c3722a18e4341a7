"""The vault: it keeps what opens the sealed fields of events, and gives it to nobody who only reads the log.

An opening is encrypted (AES-256-GCM) under the data key of its stream, and that under the master key, a file of the
installation. Keys and openings are rows of the schema ``vault``, written in the transaction that records the event: an
event that is refused leaves no opening behind, and one that is recorded has them all. An opening enters with its event
and never later.

>>> master = MasterKey(bytes(32))
>>> box = master.wrap("person/1", bytes(32), bytes(12))
>>> master.unwrap("person/1", box) == bytes(32), master.id
(True, '426a4dc53d1b11a7')
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.postgres import PostgresDatastore
from psycopg import Cursor
from psycopg.rows import DictRow

from ledger.errors import CorruptionError, RuleError
from ledger.proof.disclosure import Opening, read
from ledger.store.recorder import Transaction

_KEY, _NONCE = 32, 12
SOURCE = "docs/log-format.md, Sealed fields"


class Vault(Protocol):
    """Where openings are kept."""

    def keep(self, transaction: Transaction, kept: Mapping[str, Sequence[Opening]]) -> None:
        """Keeps openings by stream, if and only if the transaction commits."""

    def open_(self, stream: str) -> tuple[Opening, ...]:
        """The openings of a stream, ordered by digest."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key that wraps the data keys. ``id`` tells it from others and gives nothing of it away."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """16 hexadecimal digits."""
        return hashlib.sha256(b"jiannuo vault master\n" + self.secret).hexdigest()[:16]

    def wrap(self, stream: str, key: bytes, nonce: bytes) -> bytes:
        """A stream's data key, encrypted; it opens for this stream only."""
        return _encrypt(self.secret, nonce, key, _key_label(stream))

    def unwrap(self, stream: str, box: bytes) -> bytes:
        """The data key in a box of :meth:`wrap`. Raises CorruptionError."""
        return _decrypt(self.secret, box, _key_label(stream))


class PostgresVault:
    """The vault in the ledger's database; ``store`` logs in as the writer, ``random(n)`` gives n random bytes."""

    def __init__(
        self,
        store: PostgresDatastore,
        master: MasterKey,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._store, self._master, self._random = store, master, random

    def keep(self, transaction: Transaction, kept: Mapping[str, Sequence[Opening]]) -> None:
        """Keeps openings by stream, if and only if the transaction commits."""
        if not kept:
            return
        cursor = transaction.cursor
        keys = self._keys(cursor, kept)
        fresh = {stream: self._random(_KEY) for stream in kept if stream not in keys}
        boxes = [self._master.wrap(stream, key, self._random(_NONCE)) for stream, key in fresh.items()]
        cursor.execute(_ADD_KEYS, (list(fresh), [self._master.id] * len(fresh), boxes))
        keys |= fresh
        rows = [(stream, o, self._box(keys[stream], stream, o)) for stream, found in kept.items() for o in found]
        streams, openings, boxed = zip(*rows, strict=True)
        cursor.execute(_ADD_OPENINGS, (list(streams), [o.digest for o in openings], list(boxed)))

    def open_(self, stream: str) -> tuple[Opening, ...]:
        """The openings of a stream, ordered by digest. Raises CorruptionError where a box does not open."""
        with self._store.transaction(commit=False) as cursor:
            keys = self._keys(cursor, [stream])
            cursor.execute("SELECT digest, box FROM vault.openings WHERE stream = %s ORDER BY digest", (stream,))
            rows = cursor.fetchall()
        labels = [_label(stream, row["digest"]) for row in rows]
        boxes = [bytes(row["box"]) for row in rows]
        return tuple(read(_decrypt(keys[stream], b, at)) for b, at in zip(boxes, labels, strict=True))

    def _keys(self, cursor: Cursor[DictRow], streams: Any) -> dict[str, bytes]:
        """The data keys of those streams that have one."""
        cursor.execute("SELECT stream, wrapped FROM vault.keys WHERE stream = ANY(%s)", (list(streams),))
        return {r["stream"]: self._master.unwrap(r["stream"], bytes(r["wrapped"])) for r in cursor.fetchall()}

    def _box(self, key: bytes, stream: str, opening: Opening) -> bytes:
        disclosure = opening.disclosure.encode("ascii")
        return _encrypt(key, self._random(_NONCE), disclosure, _label(stream, opening.digest))


def master_of(store: PostgresDatastore) -> str | None:
    """The id of the master key that a database's vault was filled under; None where it is empty."""
    with store.transaction(commit=False) as cursor:
        cursor.execute("SELECT master FROM vault.keys LIMIT 1")
        row = cursor.fetchone()
    return row["master"] if row else None


def no_vault() -> RuleError:
    """The refusal of openings where there is no vault."""
    return RuleError(
        "the event came with disclosures, and this ledger has no vault to keep them: run `jiannuo init` again, "
        "or submit the event without its disclosures",
        "事件附有披露项，而本账本没有保管库：请再次运行 `jiannuo init`，或只提交不带披露项的事件",
        rule="vault.none",
        source=SOURCE,
    )


def _key_label(stream: str) -> bytes:
    return f"key\n{stream}".encode()


def _label(stream: str, digest: str) -> bytes:
    return f"opening\n{stream}\n{digest}".encode()


def _encrypt(key: bytes, nonce: bytes, data: bytes, label: bytes) -> bytes:
    return nonce + AESGCM(key).encrypt(nonce, data, label)


def _decrypt(key: bytes, box: bytes, label: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(box[:_NONCE], box[_NONCE:], label)
    except (InvalidTag, ValueError):
        raise CorruptionError("vault: a box does not open with its key", "保管库：有内容无法用其密钥打开") from None


_ADD_KEYS = "INSERT INTO vault.keys (stream, master, wrapped) SELECT * FROM unnest(%b::text[], %b::text[], %b::bytea[])"
_ADD_OPENINGS = (
    "INSERT INTO vault.openings (stream, digest, box) SELECT * FROM unnest(%b::text[], %b::text[], %b::bytea[]) "
    "ON CONFLICT DO NOTHING"  # two events may share a digest, and then they share what opens it
)
