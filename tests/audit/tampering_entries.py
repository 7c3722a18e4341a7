"""Entries: their bytes, what they are filed as, and which of them are there, changed by who can write to the tables."""

from __future__ import annotations

import base64

from ledger.proof.event import entry, parse, parse_entry
from tests.audit.tampering import ATTACKER, SIZE, TARGET, Copy, Honest, Table, signed_anew

TABLE = Table()
kind, statements = TABLE.kind, TABLE.statements

VERIFY = "verify"
CUT = 560
FLIP = "UPDATE ledger.events SET state = set_byte(state, {0}, get_byte(state, {0}) # 1) WHERE notification_id = {1}"
HERE = f"WHERE notification_id = {TARGET + 1}"

# --- bytes ------------------------------------------------------------------------------------------------------------

statements("bit of the payload", VERIFY, 3, TARGET, "leaf", FLIP.format("octet_length(state) / 2", TARGET + 1))
statements("bit of the founding", VERIFY, 3, 0, "leaf", FLIP.format("octet_length(state) / 2", 1))
statements("bit of the header", VERIFY, 3, TARGET, "malformed", FLIP.format(30, TARGET + 1))
statements("entry cut short", VERIFY, 3, TARGET, "malformed", f"UPDATE ledger.events SET state = '' {HERE}")


@kind("bit of the signature", VERIFY, 3, TARGET, "signature")
def _(copy: Copy) -> None:
    data = bytearray(copy.honest.entries[TARGET])
    data[-20] = ord("A") if data[-20] != ord("A") else ord("B")
    copy.put(TARGET, bytes(data))
    copy.rehash()


@kind("word of the payload", VERIFY, 3, TARGET, "signature")
def _(copy: Copy) -> None:
    copy.put(TARGET, reworded(copy.honest))
    copy.rehash()


@kind("recorded time", VERIFY, 3, TARGET, "leaf")
def _(copy: Copy) -> None:
    copy.put(TARGET, a_little_off(copy.honest))


@kind("recorded time, hashes adapted", VERIFY, 4, lambda honest: honest.covered(SIZE), "root")
def _(copy: Copy) -> None:
    at, jws = parse_entry(copy.honest.entries[-1])
    copy.put(SIZE - 1, entry(at.replace(year=at.year + 1), jws))
    copy.rehash()


@kind("entry replaced by another, validly signed", VERIFY, 3, TARGET, "filed")
def _(copy: Copy) -> None:
    copy.put(TARGET, copy.honest.entries[TARGET + 1])


@kind("entry replaced by another and filed as it", VERIFY, 3, TARGET, "tile")
def _(copy: Copy) -> None:
    copy.drop_uniqueness()
    copy.run(
        "UPDATE ledger.events SET (originator_id, originator_version, topic, state, jti, leaf_hash) = (SELECT "
        "originator_id, originator_version, topic, state, jti, leaf_hash FROM ledger.events WHERE notification_id = %s)"
        f" {HERE}",
        TARGET + 2,
    )


@kind("entry signed anew with an attacker's key", VERIFY, 3, TARGET, "key")
def _(copy: Copy) -> None:
    copy.put(TARGET, signed_anew(copy.honest.entries[TARGET], ATTACKER))
    copy.rehash()


@kind("entry signed anew by an attacker who names the true key", VERIFY, 3, TARGET, "signature")
def _(copy: Copy) -> None:
    true = parse(parse_entry(copy.honest.entries[TARGET])[1]).kid
    copy.put(TARGET, signed_anew(copy.honest.entries[TARGET], ATTACKER, true))
    copy.rehash()


@kind("entry signed anew with another body's key", VERIFY, 3, TARGET, "key")
def _(copy: Copy) -> None:
    copy.put(TARGET, signed_anew(copy.honest.entries[TARGET], copy.honest.key("example-city")))
    copy.rehash()


def reworded(honest: Honest) -> bytes:
    """The target with another title, under the signature of the true one."""
    at, jws = parse_entry(honest.entries[TARGET])
    header, payload, signature = jws.split(b".")
    text = base64.urlsafe_b64decode(payload + b"==").replace("承诺".encode(), "心愿".encode(), 1)
    changed = base64.urlsafe_b64encode(text).rstrip(b"=")
    assert changed != payload
    return entry(at, b".".join((header, changed, signature)))


def a_little_off(honest: Honest) -> bytes:
    """The target with another millisecond."""
    data = bytearray(honest.entries[TARGET])
    data[22] = data[22] + 1 if data[22] < ord("9") else data[22] - 1
    return bytes(data)


# --- what they are filed as -------------------------------------------------------------------------------------------

statements("leaf hash", VERIFY, 3, TARGET, "leaf", f"UPDATE ledger.events SET leaf_hash = sha256('x') {HERE}")
statements("stream", VERIFY, 3, TARGET, "filed", f"UPDATE ledger.events SET originator_id = 'commitment/x' {HERE}")
statements("version", VERIFY, 3, TARGET, "filed", f"UPDATE ledger.events SET originator_version = 7 {HERE}")
statements("topic", VERIFY, 3, TARGET, "filed", f"UPDATE ledger.events SET topic = 'CommitmentBroken/1' {HERE}")
statements(
    "topic of the founding",
    VERIFY,
    3,
    0,
    "filed",
    "UPDATE ledger.events SET topic = 'x' WHERE jti IN "
    "(SELECT jti FROM ledger.events ORDER BY notification_id LIMIT 1)",
)
statements("jti", VERIFY, 3, TARGET, "filed", f"UPDATE ledger.events SET jti = gen_random_uuid() {HERE}")
statements("notification_id", VERIFY, 4, TARGET, "missing", f"UPDATE ledger.events SET notification_id = 9999 {HERE}")

# --- which are there --------------------------------------------------------------------------------------------------

DELETE = "DELETE FROM ledger.events WHERE notification_id"
UP = "UPDATE ledger.events SET notification_id = notification_id"
INSERT = (
    "INSERT INTO ledger.events SELECT 'commitment/x', 1, topic, state, {0}, gen_random_uuid(), leaf_hash "
    "FROM ledger.events WHERE notification_id = 290"
)

statements("first entry deleted", VERIFY, 3, 0, "missing", f"{DELETE} = 1")
statements("middle entry deleted", VERIFY, 4, TARGET, "missing", f"{DELETE} = {TARGET + 1}")
statements("last entry deleted", VERIFY, 4, SIZE - 1, "missing", f"{DELETE} = {SIZE}")
statements("all entries deleted", VERIFY, 4, 0, "missing", "DELETE FROM ledger.events")
statements("tail cut off", VERIFY, 4, CUT, "missing", f"{DELETE} > {CUT}")
statements(
    "hole closed up",
    VERIFY,
    4,
    TARGET,
    "tile",
    f"{DELETE} = {TARGET + 1}",
    f"{UP} + 9999 WHERE notification_id > {TARGET}",
    f"{UP} - 10000 WHERE notification_id > 9999",
)
statements(
    "entry put in the middle",
    VERIFY,
    3,
    TARGET,
    "filed",
    f"{UP} + 9999 WHERE notification_id > {TARGET}",
    f"{UP} - 9998 WHERE notification_id > 9999",
    INSERT.format(TARGET + 1),
)
statements("copy of an entry put at the end", VERIFY, 3, SIZE, "jti", INSERT.format(SIZE + 1))
statements("row at an absurd index", VERIFY, 4, TARGET, "missing", f"{UP} + 1000000000000 {HERE}")
statements(
    "two entries swapped",
    VERIFY,
    4,
    TARGET,
    "tile",
    f"{UP} + 9999 {HERE}",
    f"{UP} - 1 WHERE notification_id = {TARGET + 2}",
    f"UPDATE ledger.events SET notification_id = {TARGET + 2} WHERE notification_id > 9999",
)
statements(
    "entries in reverse order",
    VERIFY,
    3,
    TARGET,
    "tile",
    f"{UP} + 9999 WHERE notification_id BETWEEN {TARGET + 1} AND {TARGET + 50}",
    f"UPDATE ledger.events SET notification_id = {2 * TARGET + 51 + 9999} - "
    "notification_id WHERE notification_id > 9999",
)


@kind("two rows at one index", VERIFY, 4, TARGET, "extra")
def _(copy: Copy) -> None:
    copy.drop_uniqueness()
    copy.run(INSERT.format(TARGET + 1))


@kind("valid event put at the end without a checkpoint", VERIFY, 4, SIZE, "uncovered")
def _(copy: Copy) -> None:
    writer = copy.honest.writer()
    at, _ = parse_entry(copy.honest.entries[-1])
    writer.promise(1, copy.honest.events[TARGET].iss, copy.honest.key("operator"), at=at)
    copy.rewrite(writer.entries)
    copy.run("DELETE FROM ledger.checkpoints WHERE size > %s", SIZE)
