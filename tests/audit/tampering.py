"""Ways to tamper with a ledger, as a table: what is done, which command finds it, with what exit code, where, and why.

Each way is a function on a :class:`Copy` of one ledger, with a superuser's connection on which triggers and foreign
keys are off. The tables of kinds stand beside: ``tampering_entries``, ``tampering_tree``, ``tampering_history``,
``tampering_shown``; :data:`KINDS` is all of them. ``test_tamper_matrix`` runs them.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from audit.bundle.export import export
from ledger.authoring import Author
from ledger.domain.body import KeyAuthorised
from ledger.domain.event import Event
from ledger.errors import Head
from ledger.installation import Installation, open_installation
from ledger.keys import keystore
from ledger.playing import read_script
from ledger.proof.event import entry, parse, parse_entry, sign
from ledger.proof.keys import PrivateKey, Signer
from ledger.proof.merkle import leaf_hash
from ledger.proof.note import LogSigner, Verifier
from ledger.settings import Settings
from ledger.store.source import PostgresSource
from projections.runner import Runner
from tests.audit.logs import MemorySource, Writer, made
from tests.audit.played_copies import copy_table, projected_template
from tests.conftest import CASES, OPERATOR, Databases

SIZE = 600
"""Entries of the ledger that is tampered with: two full tiles and a partial one."""
SNAPSHOT = 540
"""Entries that it had when the older snapshot was taken."""
TARGET = 300
"""The index of a promise of the operator, in the second tile."""
ATTACKER = PrivateKey.from_seed(b"attacker".ljust(32))
BATCH = 37


@dataclass(frozen=True)
class Honest:
    """The ledger before anybody tampered with it. Nobody is connected to its database, or to that of its snapshot."""

    settings: Settings
    snapshot: Settings
    entries: tuple[bytes, ...]
    checkpoints: tuple[tuple[int, str], ...]

    @property
    def sizes(self) -> frozenset[int]:
        """The sizes at which there is a checkpoint."""
        return frozenset(size for size, _ in self.checkpoints)

    def covered(self, below: int) -> int:
        """The largest size of a checkpoint below ``below``."""
        return max(size for size in self.sizes if size < below)

    def key(self, name: str) -> Signer:
        """The key in a file of the installation."""
        return keystore.load(self.settings.keys / f"{name}.pem")

    @cached_property
    def keys(self) -> dict[str, Signer]:
        """Key id -> key, of all bodies: an operator that runs the demonstration holds them all."""
        found = [keystore.load(file) for file in sorted(self.settings.keys.glob("*.pem"))]
        return {key.kid: key for key in found}

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The events by index."""
        return tuple(parse(parse_entry(data)[1]).event for data in self.entries)

    @cached_property
    def log(self) -> LogSigner:
        """What signs the checkpoints."""
        return LogSigner(self.events[0].fact.origin, self.key("log"))

    @property
    def vkey(self) -> str:
        """The log's key, as an auditor pins it."""
        return Verifier.of(self.log).vkey

    @cached_property
    def bodies(self) -> dict[str, str]:
        """Name in the cast -> USCC."""
        return {member.name: member.uscc for member in read_script(CASES, OPERATOR.uscc).cast}

    def authorised(self, name: str) -> int:
        """The index at which a body of the cast got its key."""
        stream = f"body/{self.bodies[name]}"
        return next(i for i, e in enumerate(self.events) if e.stream == stream and isinstance(e.fact, KeyAuthorised))

    def spoke(self, name: str) -> int:
        """The index of the first event that a body of the cast signed."""
        return next(i for i, event in enumerate(self.events) if event.iss == self.bodies[name])

    def writer(self) -> Writer:
        """Writes on where the log ends; what it is told to write, it writes."""
        heads: dict[str, Head] = {}
        for data in self.entries:
            signed = parse(parse_entry(data)[1])
            heads[signed.event.stream] = Head(signed.event.version, signed.hash)
        return Writer(list(self.entries), heads, [event.jti for event in self.events])


@dataclass
class Copy:
    """A copy of the honest ledger; ``folder`` is the auditor's, with what it kept from the day before."""

    honest: Honest
    databases: Databases
    name: str
    settings: Settings
    folder: Path
    connection: psycopg.Connection

    @property
    def memory(self) -> Path:
        """What the auditor remembers."""
        return self.folder / "memory.json"

    @property
    def policy(self) -> Path:
        """The auditor's witnesses."""
        return self.folder / "policy"

    @property
    def state(self) -> Path:
        """Where the auditor's last audit ended."""
        return self.folder / "state"

    @property
    def bundle(self) -> Path:
        """The bundle that the auditor was given."""
        return self.folder / "log.bundle"

    def export(self) -> None:
        """The bundle made anew of the copy as it is now, its manifest signed by the log."""
        export(self.source(), self.bundle, signer=self.honest.log, force=True)

    def run(self, statement: str, *parameters: Any) -> None:
        """A superuser's statement, which has to hit a row."""
        hit = self.connection.execute(statement.encode(), parameters).rowcount
        assert hit, statement

    def put(self, index: int, data: bytes) -> None:
        """Other bytes for an entry, nothing else adapted."""
        self.run("UPDATE ledger.events SET state = %s WHERE notification_id = %s", data, index + 1)

    def drop_uniqueness(self) -> None:
        """The tables take what they would refuse."""
        self.run("ALTER TABLE ledger.events DROP CONSTRAINT events_notification_id_key CASCADE")
        self.run("ALTER TABLE ledger.events DROP CONSTRAINT events_pkey, DROP CONSTRAINT events_jti_key")

    def rehash(self) -> None:
        """Leaf hashes and tiles as the stored bytes give them; no checkpoint."""
        self.run("UPDATE ledger.events SET leaf_hash = sha256('\\x00'::bytea || state)")
        rows = self.connection.execute("SELECT state FROM ledger.events ORDER BY notification_id").fetchall()
        for level, number, hashes, root in MemorySource.of([row[0] for row in rows], lambda _: False).stored_tiles:
            values = (hashes, root, level, number)
            self.run("UPDATE ledger.tiles SET hashes = %s, root = %s WHERE level = %s AND n = %s", *values)

    def rewrite(self, entries: Sequence[bytes], signer: LogSigner | None = None) -> None:
        """The whole log written anew from these entries, as if they had been recorded, with signed checkpoints."""
        log = MemorySource.of(entries, self.honest.sizes.__contains__, signer or self.honest.log)
        for table in ("events", "tiles", "checkpoints"):
            self.run(f"DELETE FROM ledger.{table}")
        cursor = self.connection.cursor()
        rows = [(s, v, t, data, i + 1, jti.hex(), leaf) for i, s, v, t, jti, leaf, data in log.stored]
        cursor.executemany("INSERT INTO ledger.events VALUES (%s, %s, %s, %s, %s, %s, %s)", rows)
        cursor.executemany("INSERT INTO ledger.tiles VALUES (%s, %s, %s, %s)", log.stored_tiles)
        cursor.executemany("INSERT INTO ledger.checkpoints VALUES (%s, %s)", log.stored_checkpoints)

    def replace_database(self, template: Settings) -> None:
        """The database is dropped, and restored from another one."""
        self.connection.close()
        self.databases.drop(self.name)
        self.databases.run("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log", self.name, database_of(template))

    def source(self) -> PostgresSource:
        """The copy's bytes."""
        return PostgresSource(self.databases.url(self.name, "jiannuo_reader"))

    def log(self) -> MemorySource:
        """The copy's log, taken out of the database."""
        with self.source().open() as session:
            tiles = [tile for level in (0, 1) for tile in session.tiles(level, 0, 100)]
            return MemorySource(session.rows(0, 10_000), tiles, session.checkpoints(0, 10_000))


Place = int | str | None
"""The index of the first bad entry; the table that shows something else; None where neither is at fault."""


@dataclass(frozen=True)
class Kind:
    """A way to tamper, and how it is found: ``command`` ends with ``exit_code``, names ``place``; ``code`` tells why.

    ``unnoticed`` are commands that pass all the same, since what they go by is not touched or was made anew as a whole.
    """

    name: str
    command: str
    exit_code: int
    place: Place | Callable[[Honest], int]
    code: str
    tamper: Callable[[Copy], None]
    unnoticed: tuple[str, ...] = ()

    def expected(self, honest: Honest) -> Place:
        """The place in this ledger."""
        return self.place(honest) if callable(self.place) else self.place


@dataclass
class Table:
    """Gathers kinds, for a module of them."""

    kinds: list[Kind] = dataclasses.field(default_factory=list)

    def kind(
        self, name: str, command: str, exit_code: int, place: Any, code: str, unnoticed: tuple[str, ...] = ()
    ) -> Callable[[Callable[[Copy], None]], Callable[[Copy], None]]:
        """Adds the function below as a kind."""

        def add(tamper: Callable[[Copy], None]) -> Callable[[Copy], None]:
            self.kinds.append(Kind(name, command, exit_code, place, code, tamper, unnoticed))
            return tamper

        return add

    def statements(self, name: str, command: str, exit_code: int, place: Any, code: str, *statements: str) -> None:
        """Adds a kind that a superuser's statements make."""

        def tamper(copy: Copy) -> None:
            for statement in statements:
                copy.run(statement)

        self.kinds.append(Kind(name, command, exit_code, place, code, tamper))


def database_of(settings: Settings) -> str:
    """The name in a database's URL."""
    return str(settings.database_url).rpartition("/")[2].partition("?")[0]


@contextmanager
def honest_ledger(databases: Databases, played: Installation, folder: Path) -> Iterator[Honest]:
    """The played ledger with its vault and projections, grown by promises; and a snapshot from before the newest."""
    with projected_template(databases, played, folder) as settings:
        reading, writing = databases.url(database_of(played.settings)), databases.url(database_of(settings))
        with psycopg.connect(reading) as source, psycopg.connect(writing) as target:
            for table in ("keys", "openings"):
                copy_table(source, target, f"vault.{table}")
        _grow(settings, SNAPSHOT)
        snapshot = databases.create(database_of(settings))
        _grow(settings, SIZE)
        with PostgresSource(databases.url(database_of(settings), "jiannuo_reader")).open() as session:
            entries = tuple(row[6] for row in session.rows(0, SIZE))
            checkpoints = tuple(session.checkpoints(0, SIZE))
        try:
            yield Honest(settings, Settings(settings.home, databases.url(snapshot)), entries, checkpoints)
        finally:
            databases.drop(snapshot)


def _grow(settings: Settings, size: int) -> None:
    with open_installation(settings) as installation:
        author, ledger = installation.author("operator", OPERATOR.uscc), installation.ledger
        while (written := ledger.reader.newest().size) < size:
            numbers = range(written, min(written + BATCH, size))
            items = [promise(author, number) for number in numbers]
            for future in ledger.submit_many(items):
                future.result()
        with Runner(installation.database, ledger.reader) as runner:
            runner.catch_up()


def promise(author: Author, number: int) -> bytes:
    """A promise in a stream of its own."""
    return author.write(f"commitment/tamper-{number}", Head(0, None), made(number, OPERATOR.uscc))


@contextmanager
def copied(honest: Honest, databases: Databases, folder: Path, memory: Path | None = None) -> Iterator[Copy]:
    """A copy of the honest ledger to tamper with, keys included; ``memory`` is what the auditor kept."""
    name = databases.create(database_of(honest.settings))
    try:
        shutil.copytree(honest.settings.home, folder / "home")
        with psycopg.connect(databases.url(name), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            copy = Copy(honest, databases, name, Settings(folder / "home", databases.url(name)), folder, connection)
            if memory:
                shutil.copy(memory, copy.memory)
                shutil.copy(memory.with_name(memory.name + ".state"), copy.state)
                shutil.copy(memory.with_name(copy.bundle.name), copy.bundle)
            yield copy
    finally:
        databases.drop(name)


# --- entries made otherwise -------------------------------------------------------------------------------------------


def signed_anew(data: bytes, key: Signer, kid: str | None = None, **changes: Any) -> bytes:
    """The entry with claims that are otherwise, signed with ``key``, which is said to be ``kid``."""
    at, jws = parse_entry(data)
    event = dataclasses.replace(parse(jws).event, **changes)
    return entry(at, sign(event, _Disguised(key, kid) if kid else key))


class _Disguised(Signer):
    """A key that names another."""

    def __init__(self, key: Signer, kid: str) -> None:
        self._key, self.kid = key, kid  # type: ignore[misc]

    @property
    def public_bytes(self) -> bytes:
        return self._key.public_bytes

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def history(honest: Honest, change: Callable[[int, Event], Event | None]) -> list[bytes]:
    """The whole log as it would be if some events had been others (None: had never been), every later event of the
    stream signed anew with the key that signed it.
    """
    heads: dict[str, Head] = {}
    entries = []
    for index, data in enumerate(honest.entries):
        at, jws = parse_entry(data)
        signed = parse(jws)
        event = change(index, signed.event)
        if event is None:
            continue
        head = heads.get(event.stream, Head(0, None))
        event = dataclasses.replace(event, version=head.version + 1, prev=head.hash)
        if event != signed.event:
            signed = parse(sign(event, honest.keys[signed.kid]))
        heads[event.stream] = Head(event.version, signed.hash)
        entries.append(entry(at, signed.jws))
    return entries


def leaves(entries: Sequence[bytes]) -> list[bytes]:
    """Their leaf hashes."""
    return [leaf_hash(data) for data in entries]
