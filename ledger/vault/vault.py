"""The vault: it keeps what opens the sealed fields of events, and gives it to nobody who only reads the log.

An opening is encrypted (AES-256-GCM) under the data key of its stream, and that under the master key, in a file of the
installation or in a hardware module. Keys and openings are rows of the schema ``vault``, written in the transaction
that records the event: an event that is refused leaves no opening behind, and one that is recorded has them all. An
opening enters with its event and never later, and leaves with the event that erases it. Another master key can take the
place of the first (:mod:`ledger.vault.upkeep`): each row names its own.

>>> master = MasterKey(bytes(32))
>>> box = master.wrap("person/1", bytes(32), bytes(12))
>>> master.unwrap("person/1", box) == bytes(32), master.id
(True, '426a4dc53d1b11a7')
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.postgres import PostgresDatastore
from psycopg import Cursor
from psycopg.rows import DictRow

from ledger.errors import CorruptionError, LedgerError, RuleError, UnavailableError
from ledger.proof.disclosure import Opening, read
from ledger.store.recorder import Transaction, patient

_KEY, _NONCE = 32, 12
SOURCE = "docs/log-format.md, Sealed fields"
_log = logging.getLogger(__name__)


class Vault(Protocol):
    """Where openings are kept."""

    def locked(self, transaction: Transaction, streams: Collection[str]) -> Mapping[str, LedgerError]:
        """Those of the streams whose data key cannot be had now, or made, each with why: nothing is kept or read."""

    def keep(self, transaction: Transaction, kept: Mapping[str, Sequence[Opening]]) -> None:
        """Keeps openings by stream, if and only if the transaction commits."""

    def erase(self, transaction: Transaction, stream: str, digests: Collection[str]) -> bool:
        """Destroys what opens these digests, if and only if the transaction commits; whether any was there."""

    def held(self, transaction: Transaction, stream: str) -> tuple[Opening, ...]:
        """The openings of a stream as the transaction sees them, ordered by digest."""

    def open_(self, stream: str) -> tuple[Opening, ...]:
        """The openings of a stream, ordered by digest."""

    def committed(self) -> None:
        """Told after each transaction of the log that committed."""

    def unshredded(self) -> bool:
        """Whether bytes of what was erased may still be in the vault's files."""


class Master(Protocol):
    """A key that wraps data keys: in a file (:class:`MasterKey`) or in hardware. A box is 60 bytes."""

    @property
    def id(self) -> str:
        """Tells the key from others and gives nothing of it away."""

    def wrap(self, stream: str, key: bytes, nonce: bytes) -> bytes:
        """A stream's data key, encrypted; it opens for this stream only."""

    def unwrap(self, stream: str, box: bytes) -> bytes:
        """The data key in a box of :meth:`wrap`. Raises CorruptionError."""


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
    """The vault in the ledger's database; ``store`` logs in as the writer, ``random(n)`` gives n random bytes.

    ``reread`` gives the master keys that are at hand now: it is asked where a row names one that is not known, since
    another process may have changed the key meanwhile. ``erased`` is called after a commit that erased something.
    """

    def __init__(
        self,
        store: PostgresDatastore,
        master: Master,
        random: Callable[[int], bytes] = secrets.token_bytes,
        *,
        reread: Callable[[], Sequence[Master]] = tuple,
        erased: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._random, self._first = store, random, master
        self._masters = {master.id: master}
        self._reread, self._told, self._dirty = reread, erased, False

    def locked(self, transaction: Transaction, streams: Collection[str]) -> dict[str, LedgerError]:
        """Those of the streams whose data key cannot be had now, or made, each with why: nothing is kept or read."""
        if not streams:
            return {}
        cursor = transaction.cursor
        cursor.execute(_KEYS, (list(streams),))
        found: dict[str, LedgerError] = {}
        missing: dict[str, LedgerError] = {}  # by master key: looked for once
        rows = cursor.fetchall()
        for row in rows:
            stream, master = row["stream"], row["master"]
            try:
                if master in missing:
                    raise missing[master]
                self._unwrapped(stream, master, bytes(row["wrapped"]))
            except LedgerError as error:
                found[stream] = error
                if master not in self._masters:
                    missing[master] = error
        fresh = set(streams).difference(row["stream"] for row in rows)
        try:
            if fresh:
                self._current(cursor).wrap("\nready", bytes(_KEY), self._random(_NONCE))
        except LedgerError as error:
            found |= dict.fromkeys(fresh, error)
        return found

    def keep(self, transaction: Transaction, kept: Mapping[str, Sequence[Opening]]) -> None:
        """Keeps openings by stream, if and only if the transaction commits."""
        if not kept:
            return
        cursor = transaction.cursor
        keys = self._keys(cursor, kept)
        fresh = {stream: self._random(_KEY) for stream in kept if stream not in keys}
        if fresh:
            master = self._current(cursor)
            boxes = [master.wrap(stream, key, self._random(_NONCE)) for stream, key in fresh.items()]
            cursor.execute(_ADD_KEYS, (list(fresh), [master.id] * len(fresh), boxes))
        keys |= fresh
        rows = [(stream, o, self._box(keys[stream], stream, o)) for stream, found in kept.items() for o in found]
        streams, openings, boxed = zip(*rows, strict=True)
        cursor.execute(_ADD_OPENINGS, (list(streams), [o.digest for o in openings], list(boxed)))

    def erase(self, transaction: Transaction, stream: str, digests: Collection[str]) -> bool:
        """Destroys what opens these digests, if and only if the transaction commits; whether any was there.

        Where other openings of the stream are left they get a new data key, and the old one is destroyed too: an old
        copy of the table then opens with no key that is left.
        """
        cursor = transaction.cursor
        cursor.execute("SELECT digest FROM vault.openings WHERE stream = %s", (stream,))
        there = {row["digest"] for row in cursor.fetchall()}
        if there.isdisjoint(digests):
            return False
        held = self.held(transaction, stream) if there.difference(digests) else ()
        left = [opening for opening in held if opening.digest not in digests]
        cursor.execute("DELETE FROM vault.openings WHERE stream = %s", (stream,))
        cursor.execute("DELETE FROM vault.keys WHERE stream = %s", (stream,))
        cursor.execute("INSERT INTO vault.unshredded DEFAULT VALUES")
        self._dirty = True
        self.keep(transaction, {stream: left} if left else {})
        return True

    def rewrap(self, transaction: Transaction, new: Master, most: int) -> int:
        """Puts up to ``most`` data keys under another master key; gives how many. Zero: all are under it."""
        cursor = transaction.cursor
        cursor.execute(
            "SELECT stream, master, wrapped FROM vault.keys WHERE master <> %s ORDER BY stream LIMIT %s", (new.id, most)
        )
        rows = cursor.fetchall()
        streams = [row["stream"] for row in rows]
        keys = [self._unwrapped(row["stream"], row["master"], bytes(row["wrapped"])) for row in rows]
        boxes = [new.wrap(stream, key, self._random(_NONCE)) for stream, key in zip(streams, keys, strict=True)]
        cursor.execute(_REWRAP, (new.id, streams, boxes))
        return len(rows)

    def committed(self) -> None:
        """Told after each transaction of the log that committed."""
        if self._dirty:
            self._dirty = False
            self._told()

    def held(self, transaction: Transaction, stream: str) -> tuple[Opening, ...]:
        """The openings of a stream as the transaction sees them, ordered by digest."""
        return self._held(transaction.cursor, stream)

    @patient
    def unshredded(self) -> bool:
        """Whether bytes of what was erased may still be in the vault's files."""
        with self._store.transaction(commit=False) as cursor:
            cursor.execute("SELECT FROM vault.unshredded LIMIT 1")
            return cursor.fetchone() is not None

    @patient
    def open_(self, stream: str) -> tuple[Opening, ...]:
        """The openings of a stream, ordered by digest. Raises CorruptionError where a box does not open,
        UnavailableError.
        """
        with self._store.transaction(commit=False) as cursor:
            return self._held(cursor, stream)

    def _held(self, cursor: Cursor[DictRow], stream: str) -> tuple[Opening, ...]:
        """One statement, so that key and boxes are of one moment: an erasure changes both."""
        cursor.execute(_HELD, (stream,))
        rows = cursor.fetchall()
        if not rows:
            return ()
        key = self._unwrapped(stream, rows[0]["master"], bytes(rows[0]["wrapped"]))
        return tuple(_opening(key, stream, row) for row in rows)

    @patient
    def streams(self) -> tuple[str, ...]:
        """The streams of which anything is kept."""
        with self._store.transaction(commit=False) as cursor:
            cursor.execute("SELECT stream FROM vault.keys UNION SELECT stream FROM vault.openings ORDER BY stream")
            return tuple(row["stream"] for row in cursor.fetchall())

    @patient
    def examine(self, stream: str) -> dict[str, LedgerError | None]:
        """By digest: whether each opening of a stream opens to what was sealed (None), or what is wrong with it.

        Raises UnavailableError where the key is there and the hardware module with it fails.
        """
        with self._store.transaction(commit=False) as cursor:
            cursor.execute(_EXAMINED, (stream,))
            return {row["digest"]: self._wrong(stream, row) for row in cursor.fetchall()}

    def _wrong(self, stream: str, row: DictRow) -> LedgerError | None:
        try:
            if row["master"] is None:
                raise CorruptionError("vault: an opening has no data key", "保管库：有内容没有数据密钥")
            _opening(self._unwrapped(stream, row["master"], bytes(row["wrapped"])), stream, row)
        except LedgerError as error:
            if isinstance(error, UnavailableError) and row["master"] in self._masters:
                raise
            return error
        return None

    def _keys(self, cursor: Cursor[DictRow], streams: Any) -> dict[str, bytes]:
        """The data keys of those streams that have one."""
        cursor.execute(_KEYS, (list(streams),))
        return {r["stream"]: self._unwrapped(r["stream"], r["master"], bytes(r["wrapped"])) for r in cursor.fetchall()}

    def _unwrapped(self, stream: str, master: str, box: bytes) -> bytes:
        return self._named(master).unwrap(stream, box)

    def _named(self, master: str) -> Master:
        """The master key of this id. Raises UnavailableError where it is not at hand: it may be put there."""
        if master not in self._masters:
            self._masters |= {found.id: found for found in self._reread()}
        if master not in self._masters:
            error = UnavailableError(
                f"vault: expected master key {master} among those at hand; it was changed (`jiannuo vault rotate`): "
                "put it in keys/vault.key, and start again if it is under another passphrase; until then no "
                "disclosure is kept or given",
                f"保管库：应有主密钥 {master}，现有密钥中没有；主密钥已更换（`jiannuo vault rotate`）：请将其放入 "
                "keys/vault.key（口令不同时须重新启动）；在此之前不接收、不提供披露项",
            )
            _log.error(error.en)
            raise error
        return self._masters[master]

    def _current(self, cursor: Cursor[DictRow]) -> Master:
        """The master key that wraps new data keys: the newest that was announced."""
        cursor.execute("SELECT id FROM vault.masters ORDER BY number DESC LIMIT 1")
        row = cursor.fetchone()
        return self._named(row["id"]) if row else self._first

    def _box(self, key: bytes, stream: str, opening: Opening) -> bytes:
        disclosure = opening.disclosure.encode("ascii")
        return _encrypt(key, self._random(_NONCE), disclosure, _label(stream, opening.digest))


@patient
def master_of(store: PostgresDatastore) -> str | None:
    """The id of the master key that wraps new data keys, or that a database's vault was filled under; None if none."""
    with store.transaction(commit=False) as cursor:
        cursor.execute(_CURRENT)
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


def _opening(key: bytes, stream: str, row: DictRow) -> Opening:
    """What a row opens to. Raises CorruptionError: also for an opening of something else than was sealed, which only
    somebody who has the master key can have put there.
    """
    digest = row["digest"]
    opening = read(_decrypt(key, bytes(row["box"]), _label(stream, digest)))
    if opening.digest != digest:
        raise CorruptionError("vault: an opening says something else than was sealed", "保管库：有内容与当初封存的不符")
    return opening


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


_KEYS = "SELECT stream, master, wrapped FROM vault.keys WHERE stream = ANY(%s)"
_CURRENT = (
    "SELECT master FROM (SELECT id AS master, number FROM vault.masters UNION ALL "
    "(SELECT master, 0 FROM vault.keys LIMIT 1)) AS known ORDER BY number DESC LIMIT 1"
)
_HELD = (
    "SELECT k.master, k.wrapped, o.digest, o.box FROM vault.keys k JOIN vault.openings o USING (stream) "
    "WHERE stream = %s ORDER BY o.digest"
)
_EXAMINED = (
    "SELECT k.master, k.wrapped, o.digest, o.box FROM vault.openings o LEFT JOIN vault.keys k USING (stream) "
    "WHERE stream = %s ORDER BY o.digest"
)
_REWRAP = (
    "UPDATE vault.keys AS k SET master = %b, wrapped = n.wrapped "
    "FROM unnest(%b::text[], %b::bytea[]) AS n (stream, wrapped) WHERE k.stream = n.stream"
)
_ADD_KEYS = "INSERT INTO vault.keys (stream, master, wrapped) SELECT * FROM unnest(%b::text[], %b::text[], %b::bytea[])"
_ADD_OPENINGS = (
    "INSERT INTO vault.openings (stream, digest, box) SELECT * FROM unnest(%b::text[], %b::text[], %b::bytea[]) "
    "ON CONFLICT DO NOTHING"  # two events may share a digest, and then they share what opens it
)
