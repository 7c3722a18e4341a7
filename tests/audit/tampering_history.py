"""Histories: tails cut off, snapshots restored, forks, and all that an operator can do who holds the log's key."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from hashlib import sha256
from typing import Any

from ledger.domain.body import KeyAuthorised, KeyRevoked, PredecessorAdded, RoleGranted
from ledger.domain.body_terms import Revocation, Role
from ledger.domain.commitment import CommitmentMade
from ledger.domain.event import LEDGER, Event
from ledger.domain.policy import PolicyAdopted
from ledger.proof.event import entry, parse, parse_entry
from ledger.proof.note import LogSigner, Verifier
from tests.audit.logs import Writer, made
from tests.audit.tampering import ATTACKER, SIZE, SNAPSHOT, TARGET, Copy, Honest, Table, history, signed_anew
from tests.conftest import OPERATOR

TABLE = Table()
kind, statements = TABLE.kind, TABLE.statements

VERIFY, REMEMBER, PINNED, MONITOR, REPLAY, RULES = (
    "verify",
    "verify --remember",
    "verify --key",
    "monitor",
    "replay",
    "replay --rules",
)
CUT = 560


# --- what a log that was consistent once cannot show: only who kept something can ------------------------------------


def cut_to(copy: Copy, size: int) -> int:
    """The log without its newest entries and checkpoints; the size that is left."""
    left = max(s for s in copy.honest.sizes if s <= size)
    copy.run("DELETE FROM ledger.events WHERE notification_id > %s", left)
    copy.run("DELETE FROM ledger.checkpoints WHERE size > %s", left)
    return left


@kind("tail cut off with its checkpoints", REMEMBER, 4, lambda h: h.covered(CUT + 1), "rolled-back", (VERIFY, PINNED))
def _(copy: Copy) -> None:
    cut_to(copy, CUT)


@kind("tail cut off with its checkpoints, but not its tile", VERIFY, 4, lambda h: h.covered(501), "extra")
def _(copy: Copy) -> None:
    cut_to(copy, 500)


@kind("older snapshot restored", REMEMBER, 4, SNAPSHOT, "rolled-back", (VERIFY, PINNED))
def _(copy: Copy) -> None:
    copy.replace_database(copy.honest.snapshot)


@kind("older snapshot restored, watched", MONITOR, 4, None, "rolled-back", (VERIFY,))
def _(copy: Copy) -> None:
    copy.replace_database(copy.honest.snapshot)


@kind("another history from an entry on", REMEMBER, 4, None, "rolled-back", (VERIFY, PINNED))
def _(copy: Copy) -> None:
    fork(copy)


@kind("another history, watched", MONITOR, 4, None, "forked", (VERIFY,))
def _(copy: Copy) -> None:
    fork(copy)


@kind("two histories at two addresses", "monitor two", 4, None, "split-view", (VERIFY,))
def _(copy: Copy) -> None:
    fork(copy)


def fork(copy: Copy) -> None:
    """The newest entry is another promise, and two follow."""
    writer = copy.honest.writer()
    jtis, heads = list(writer.jtis), dict(writer.heads)
    heads.pop(copy.honest.events[-1].stream)
    forked = Writer(writer.entries[:-1], heads, jtis[:-1])
    for number in range(3):
        append(copy.honest, forked, number)
    copy.rewrite(forked.entries)


@kind("a promise had never been, all signed anew", REMEMBER, 4, SIZE - 1, "rolled-back", (VERIFY, PINNED))
def _(copy: Copy) -> None:
    copy.rewrite(history(copy.honest, lambda index, event: None if index == TARGET else event))


@kind("a promise had been another, all signed anew", REMEMBER, 4, None, "rolled-back", (VERIFY, PINNED))
def _(copy: Copy) -> None:
    copy.rewrite(history(copy.honest, lambda index, event: reworded(event) if index == TARGET else event))


@kind("a time had been another, all signed anew", REMEMBER, 4, None, "rolled-back", (VERIFY, PINNED))
def _(copy: Copy) -> None:
    entries = list(copy.honest.entries)
    at, jws = parse_entry(entries[-1])
    copy.rewrite([*entries[:-1], entry(at + timedelta(days=30), jws)])


@kind("a log of another key, all signed anew", PINNED, 4, 0, "uncovered", (VERIFY,))
def _(copy: Copy) -> None:
    of_another_log_key(copy)


@kind("a log of another key, remembered", REMEMBER, 4, 0, "root", (VERIFY,))
def _(copy: Copy) -> None:
    of_another_log_key(copy)


@kind("a log of another key, watched", MONITOR, 4, None, "unsigned", (VERIFY,))
def _(copy: Copy) -> None:
    of_another_log_key(copy)


def reworded(event: Event) -> Event:
    """The event with another title."""
    assert isinstance(event.fact, CommitmentMade)
    return dataclasses.replace(event, fact=dataclasses.replace(event.fact, title="一项更容易的承诺"))


def of_another_log_key(copy: Copy) -> None:
    """The founding names another key of the log's, which signs every checkpoint."""
    signer = LogSigner(copy.honest.log.name, ATTACKER)
    vkey = Verifier.of(signer).vkey

    def change(index: int, event: Event) -> Event:
        return event if index else dataclasses.replace(event, fact=dataclasses.replace(event.fact, log_key=vkey))

    copy.rewrite(history(copy.honest, change), signer)


@kind("what the auditor remembers", REMEMBER, 1, None, "memory file", (VERIFY,))
def _(copy: Copy) -> None:
    text = copy.memory.read_text(encoding="utf-8")
    copy.memory.write_text(text.replace(f"\\n{SIZE}\\n", f"\\n{SIZE - 9}\\n"), encoding="utf-8")
    assert copy.memory.read_text(encoding="utf-8") != text


# --- the log's key signs what the rules do not allow -----------------------------------------------------------------


def append(honest: Honest, writer: Writer, number: int, key: Any = None, **other: Any) -> int:
    """One more promise of the operator."""
    at, _ = parse_entry(writer.entries[-1])
    key = key or honest.key("operator")
    return writer.write(OPERATOR.uscc, key, f"commitment/more-{number}", made(number, OPERATOR.uscc), at=at, **other)


def appended(copy: Copy, *facts: tuple[str, str, str, Any], **other: Any) -> None:
    """The log with further events (who, with which key, where, what), hashed and signed as if they were admitted."""
    writer = copy.honest.writer()
    for iss, key, stream, fact in facts:
        at, _ = parse_entry(writer.entries[-1])
        signer = ATTACKER if key == "attacker" else copy.honest.key(key)
        writer.write(iss, signer, stream, fact, **{"at": at, **other})
    copy.drop_uniqueness()
    copy.rewrite(writer.entries)


def operators(fact: Any, stream: str, key: str = "operator") -> tuple[str, str, str, Any]:
    """An event of the operator."""
    return OPERATOR.uscc, key, stream, fact


@kind("key used that was never authorised", VERIFY, 3, SIZE, "key")
def _(copy: Copy) -> None:
    appended(copy, operators(made(1, OPERATOR.uscc), "commitment/more-1", "attacker"))


@kind("key used after its revocation", VERIFY, 3, SIZE + 1, "key")
def _(copy: Copy) -> None:
    city = copy.honest.bodies["city"]
    revoked = KeyRevoked(copy.honest.key("example-city").kid, Revocation.COMPROMISED)
    said = (city, "example-city", "commitment/more-1", made(1, city))
    appended(copy, operators(revoked, f"body/{city}"), said)


@kind("role given by somebody who may not", VERIFY, 3, SIZE, "authority")
def _(copy: Copy) -> None:
    city, town = copy.honest.bodies["city"], copy.honest.bodies["town"]
    appended(copy, (town, "example-town", f"body/{city}", RoleGranted(Role.OPERATOR)))


@kind("role given to oneself", VERIFY, 3, SIZE, "authority")
def _(copy: Copy) -> None:
    town = copy.honest.bodies["town"]
    appended(copy, (town, "example-town", f"body/{town}", RoleGranted(Role.OPERATOR)))


@kind("key authorised by somebody who may not", VERIFY, 3, SIZE, "authority")
def _(copy: Copy) -> None:
    city, town = copy.honest.bodies["city"], copy.honest.bodies["town"]
    appended(copy, (town, "example-town", f"body/{city}", KeyAuthorised(ATTACKER.public)))


@kind("weak key authorised", VERIFY, 3, SIZE, "authority")
def _(copy: Copy) -> None:
    appended(copy, operators(KeyAuthorised("A" * 43), f"body/{copy.honest.bodies['city']}"))


@kind("consequence without a cause", VERIFY, 3, SIZE, "key")
def _(copy: Copy) -> None:
    city, town = copy.honest.bodies["city"], copy.honest.bodies["town"]
    appended(copy, (LEDGER, "ledger", f"body/{city}", PredecessorAdded(town)))


@kind("founded a second time", VERIFY, 3, SIZE, "founding")
def _(copy: Copy) -> None:
    appended(copy, (LEDGER, "root", "body/ledger", copy.honest.events[0].fact))


@kind("recorded time running backwards", VERIFY, 3, SIZE, "time")
def _(copy: Copy) -> None:
    at, _ = parse_entry(copy.honest.entries[0])
    appended(copy, operators(made(1, OPERATOR.uscc), "commitment/more-1"), at=at)


@kind("id of another event", VERIFY, 3, SIZE, "jti")
def _(copy: Copy) -> None:
    jti = copy.honest.events[TARGET].jti
    appended(copy, operators(made(1, OPERATOR.uscc), "commitment/more-1"), jti=jti)


@kind("version left out", VERIFY, 3, SIZE, "stream")
def _(copy: Copy) -> None:
    event = copy.honest.events[TARGET]
    appended(copy, operators(event.fact, event.stream), version=5)


@kind("version told twice", VERIFY, 3, SIZE, "stream")
def _(copy: Copy) -> None:
    event = copy.honest.events[TARGET]
    appended(copy, operators(event.fact, event.stream), version=1, prev=None)


@kind("another event before than the one that was", VERIFY, 3, SIZE, "prev")
def _(copy: Copy) -> None:
    event = copy.honest.events[TARGET]
    appended(copy, operators(event.fact, event.stream), prev="ab" * 32)


@kind("event that its case cannot take", REPLAY, 3, SIZE, "course", (VERIFY,))
def _(copy: Copy) -> None:
    fact = next(e.fact for e in copy.honest.events if isinstance(e.fact, PolicyAdopted))
    stream = next(e.stream for e in copy.honest.events if e.fact is fact)
    appended(copy, operators(dataclasses.replace(fact, text="promised"), stream))


def consequence(honest: Honest) -> int:
    """The index of the newest event that the ledger owed, and that nothing of its stream follows."""
    last = {event.stream: index for index, event in enumerate(honest.events)}
    return max(i for i, event in enumerate(honest.events) if event.cause and last[event.stream] == i)


@kind("event of a body that may not say so", RULES, 3, SIZE, "course", (VERIFY, REPLAY))
def _(copy: Copy) -> None:
    town, city = copy.honest.bodies["town"], copy.honest.bodies["city"]
    appended(copy, (town, "example-town", "commitment/more-1", made(1, city)))


@kind("consequence that no rule knows", RULES, 3, SIZE, "course", (VERIFY, REPLAY))
def _(copy: Copy) -> None:
    city, town = copy.honest.bodies["city"], copy.honest.bodies["town"]
    fact, cause = PredecessorAdded(town), copy.honest.events[TARGET].jti
    appended(copy, (LEDGER, "ledger", f"body/{city}", fact), cause=cause)


@kind("consequence left out, all signed anew", RULES, 3, consequence, "course", (VERIFY, REPLAY))
def _(copy: Copy) -> None:
    left_out = consequence(copy.honest)
    copy.rewrite(history(copy.honest, lambda index, event: None if index == left_out else event))


@kind("rule pack with another number, all signed anew", REMEMBER, 4, None, "rolled-back", (VERIFY, REPLAY))
def _(copy: Copy) -> None:
    newest = max(i for i, event in enumerate(copy.honest.events) if isinstance(event.fact, PolicyAdopted))
    fact = copy.honest.events[newest].fact
    text = fact.text + "# \n"
    other = dataclasses.replace(fact, text=text, digest=sha256(text.encode()).hexdigest())

    def change(index: int, event: Event) -> Event:
        return dataclasses.replace(event, fact=other) if index == newest else event

    copy.rewrite(history(copy.honest, change))


@kind("a body's key replaced where it was authorised", VERIFY, 3, lambda h: h.authorised("city"), "signature")
def _(copy: Copy) -> None:
    index = copy.honest.authorised("city")
    data = signed_anew(
        copy.honest.entries[index], ATTACKER, signer_of(copy, index), fact=KeyAuthorised(ATTACKER.public)
    )
    copy.put(index, data)
    copy.rehash()


@kind("a body's key replaced by the operator, all signed anew", VERIFY, 3, lambda h: h.spoke("city"), "key")
def _(copy: Copy) -> None:
    index = copy.honest.authorised("city")

    def change(at: int, event: Event) -> Event:
        return dataclasses.replace(event, fact=KeyAuthorised(ATTACKER.public)) if at == index else event

    copy.rewrite(history(copy.honest, change))


@kind("root key replaced in the founding", VERIFY, 3, 0, "founding")
def _(copy: Copy) -> None:
    fact = dataclasses.replace(copy.honest.events[0].fact, root_key=ATTACKER.public)
    copy.rewrite([signed_anew(copy.honest.entries[0], copy.honest.key("root"), fact=fact), *copy.honest.entries[1:]])


@kind("event left out in the middle of a stream, tree made anew", VERIFY, 3, lambda h: middle(h)[1] - 1, "stream")
def _(copy: Copy) -> None:
    left_out = middle(copy.honest)[0]
    copy.rewrite([data for index, data in enumerate(copy.honest.entries) if index != left_out])


def middle(honest: Honest) -> tuple[int, int]:
    """The indexes of the newest event that another of its stream follows, and of that one."""
    following: dict[str, int] = {}
    for index in reversed(range(len(honest.events))):
        stream = honest.events[index].stream
        if stream in following and honest.events[index].version > 1:
            return index, following[stream]
        following[stream] = index
    raise AssertionError("no stream of three events")


def signer_of(copy: Copy, index: int) -> str:
    """The key id that an entry names."""
    return parse(parse_entry(copy.honest.entries[index])[1]).kid
