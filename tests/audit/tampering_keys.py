"""The log's key: handed over as nobody may, or used when it no longer counts."""

from __future__ import annotations

import dataclasses

from ledger.domain.body import KeyAuthorised, LogKeyRotated
from ledger.domain.body_terms import Revocation
from ledger.domain.event import LEDGER
from ledger.proof.event import parse_entry
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner
from ledger.proof.rotation import rotated
from tests.audit.logs import MemorySource
from tests.audit.tampering import ATTACKER, SIZE, Copy, Honest, Table

TABLE = Table()
kind = TABLE.kind

VERIFY, PINNED = "verify", "verify --key"
NEXT = PrivateKey.from_seed(b"next log key".ljust(32))


def new(honest: Honest) -> LogSigner:
    """The log's next key."""
    return LogSigner(honest.log.name, NEXT)


def hand_over(
    copy: Copy, fact: LogKeyRotated, then: LogSigner, iss: str = LEDGER, key: str = "root", **claims: str
) -> None:
    """The log with a rotation, an event after it, and the checkpoints over them signed by ``then``."""
    writer = copy.honest.writer()
    at, _ = parse_entry(writer.entries[-1])
    writer.write(iss, copy.honest.key(key), "body/ledger", fact, at=at, **claims)
    city = copy.honest.bodies["city"]
    writer.promise(1, city, copy.honest.key("example-city"), at=at)
    copy.rewrite(writer.entries)
    log = MemorySource.of(writer.entries, lambda size: size > SIZE, then)
    for size, note in log.stored_checkpoints:
        copy.connection.execute(
            "INSERT INTO ledger.checkpoints VALUES (%s, %s) ON CONFLICT (size) DO UPDATE SET note = excluded.note",
            (size, note),
        )


def true(honest: Honest) -> LogKeyRotated:
    """A rotation as it must be."""
    return rotated(honest.log, new(honest), Revocation.SUPERSEDED)


@kind("log key handed over by an attacker", VERIFY, 3, SIZE, "authority")
def _(copy: Copy) -> None:
    other = LogSigner(copy.honest.log.name, ATTACKER)
    hand_over(copy, rotated(other, new(copy.honest), Revocation.SUPERSEDED), new(copy.honest))


@kind("log key handed over to a key that did not take over", VERIFY, 3, SIZE, "authority")
def _(copy: Copy) -> None:
    other = LogSigner(copy.honest.log.name, ATTACKER)
    fact = rotated(copy.honest.log, other, Revocation.SUPERSEDED)
    hand_over(copy, dataclasses.replace(fact, log_key=true(copy.honest).log_key), new(copy.honest))


@kind("log key handed over without the root key", VERIFY, 3, SIZE, "authority")
def _(copy: Copy) -> None:
    hand_over(copy, true(copy.honest), new(copy.honest), copy.honest.events[1].stream.partition("/")[2], "operator")


@kind("log key handed over by the ledger's key for consequences", VERIFY, 3, SIZE, "authority")
def _(copy: Copy) -> None:
    cause = copy.honest.events[-1].jti
    hand_over(copy, true(copy.honest), new(copy.honest), LEDGER, "ledger", cause=cause)


@kind("key authorised by the ledger's key for consequences", VERIFY, 3, SIZE, "authority")
def _(copy: Copy) -> None:
    writer = copy.honest.writer()
    at, _ = parse_entry(writer.entries[-1])
    stream, cause = f"body/{copy.honest.bodies['city']}", copy.honest.events[-1].jti
    writer.write(LEDGER, copy.honest.key("ledger"), stream, KeyAuthorised(ATTACKER.public), at=at, cause=cause)
    copy.rewrite(writer.entries)


@kind("old log key used after it was handed over", VERIFY, 4, SIZE, "uncovered")
def _(copy: Copy) -> None:
    hand_over(copy, true(copy.honest), copy.honest.log)


@kind("new log key used before it was handed over", VERIFY, 4, None, "checkpoint")
def _(copy: Copy) -> None:
    hand_over(copy, true(copy.honest), new(copy.honest))
    size = copy.honest.covered(200)
    log = MemorySource.of(copy.honest.entries[:size], lambda _: False, new(copy.honest))
    copy.run("UPDATE ledger.checkpoints SET note = %s WHERE size = %s", log.stored_checkpoints[-1][1], size)
