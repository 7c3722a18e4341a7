"""The origin of a case, of an item of it, or of an event: every event that led to it, from bytes alone.

Of each event it tells who signed it with which key, and whether that key counted there; the documents it relies on,
with their hashes; its cause and its consequences; and the rule packs that were in force for its case on its day. What
is not as it must be becomes a problem, with the codes of :mod:`audit.verdict`. That the log itself is whole (its tree
and its checkpoints) is not asked here: :mod:`audit.verify` does that.

>>> Used("k" * 43, None, None, False, False).good
False
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from audit.authority import Authority
from audit.entries import BodyEntry, bad_signature
from audit.lookup import Streams
from audit.origin import Gathering, Statement, Statements, items_in
from audit.packs import Packs
from audit.verdict import VERIFIED, Problem
from ledger.domain.body import authorise
from ledger.domain.event import LEDGER, Document
from ledger.domain.pack import parse_pack
from ledger.domain.policy import PolicyAdopted
from ledger.errors import FormatError, SignatureError
from ledger.proof.event import format_time, parse, parse_entry
from ledger.proof.merkle import leaf_hash


@dataclass(frozen=True, slots=True)
class Used:
    """The key that signed: it counts for events after index ``from_index`` and before ``until_index`` (None: no end).

    ``from_index`` None: the signer did not have it. ``verified``: the signature is the key's; ``counted``: the signer
    could sign with it at this index.
    """

    kid: str
    from_index: int | None
    until_index: int | None
    verified: bool
    counted: bool

    @property
    def good(self) -> bool:
        """Whether the signature counts."""
        return self.verified and self.counted


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that an event relies on; ``where`` is the claim or field that names it."""

    where: str
    title: str
    sha256: str
    number: str | None
    organ: str | None
    dated: date | None


@dataclass(frozen=True, slots=True)
class Link:
    """Another event."""

    index: int
    stream: str
    event: str
    jti: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """The rule pack that an event adopted: its name, the digest of its text, and its first day in force."""

    id: str
    zh: str
    en: str
    version: str
    digest: str
    in_force: date


@dataclass(frozen=True, slots=True)
class Traced:
    """An event of a trace.

    ``hash`` is the SHA-256 of what was signed, ``leaf`` the leaf hash of the entry, both hex. ``came_from`` are the
    streams that it leads back to, ``items`` what it is about within its case, ``rules`` the indexes of the adoptions of
    the packs that its admission went by, the nearest first.
    """

    index: int
    recorded: str
    stream: str
    version: int
    event: str
    jti: str
    signer: str
    key: Used
    documents: tuple[Paper, ...]
    cause: Link | None
    consequences: tuple[Link, ...]
    came_from: tuple[str, ...]
    items: tuple[str, ...]
    rules: tuple[int, ...]
    pack: Adopted | None
    hash: str
    leaf: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The origin of ``id`` in the log ``log``: the ``events`` of ``stream`` (``item``: those about it) and of what led
    to it, in the order of the log.
    """

    id: str
    log: str | None
    stream: str
    item: str | None
    events: tuple[Traced, ...]
    problems: tuple[Problem, ...]

    @property
    def exit_code(self) -> int:
        """0, or the most serious code of a problem: 3 where an event is not what its signer made of it."""
        return min((problem.exit_code for problem in self.problems), default=VERIFIED)


def trace(streams: Streams, wanted: str) -> Trace:
    """The origin of ``wanted``: ``kind/id``, ``kind/id#item``, an event's index or its jti. Raises NotFoundError."""
    statements = Statements(streams)
    if streams.missing is not None:
        en = "expected an entry at this index, got none; what stood there may belong to the trace"
        zh = "此序号应有条目，实则没有；其内容可能属于本溯源"
        statements.note(Problem(streams.missing, "missing", en, zh))
    target = statements.target(wanted)
    gathering = Gathering(statements, target)
    chosen = dict(gathering.chosen)
    authority = _authority(streams)
    packs = Packs(statements, authority, _last(chosen))
    rules = {index: packs.of(statement) for index, statement in gathering.chosen.items()}
    chosen |= {adoption.index: adoption for adoptions in rules.values() for adoption in adoptions}
    _check_chains(statements, chosen)
    events = tuple(
        Traced(
            index=index,
            recorded=format_time(statement.at),
            stream=statement.event.stream,
            version=statement.event.version,
            event=statement.event.name,
            jti=statement.event.jti,
            signer=statement.event.iss,
            key=_key(statements, authority, statement),
            documents=tuple(_papers(statement)),
            cause=_link(gathering.causes[index]) if index in gathering.causes else None,
            consequences=tuple(map(_link, statements.caused_by(statement.event.jti))),
            came_from=gathering.came.get(index, ()),
            items=items_in(statement.event.fact),
            rules=tuple(adoption.index for adoption in rules.get(index, ())),
            pack=_adopted(statement.event.fact),
            hash=statement.signed.hash,
            leaf=leaf_hash(statement.held.entry).hex(),
        )
        for index, statement in sorted(chosen.items())
    )
    founding = [p for p in authority.problems.sorted() if p.code == "founding" or p.index in chosen]
    found = sorted({*statements.problems.values(), *founding}, key=lambda p: (p.index or 0, p.code))
    log = authority.body(LEDGER).origin
    return Trace(wanted, log, target.stream, target.item, events, tuple(found))


def _authority(streams: Streams) -> Authority:
    """The bodies and their keys, as the events of bodies that count give them."""
    hints = Authority()
    hints.follow([], [BodyEntry(held.index, held.entry, False) for held in streams.bodies()])
    authority = Authority()
    authority.follow([], [BodyEntry(h.index, h.entry, _verifies(h.entry, hints)) for h in streams.bodies()])
    return authority


def _verifies(entry: bytes, hints: Authority) -> bool:
    signed = parse(parse_entry(entry)[1])
    public = hints.public.get(signed.kid)
    return public is not None and signed.verify(public)


def _key(statements: Statements, authority: Authority, statement: Statement) -> Used:
    """The key of a statement; what is wrong with it or with the signature is noted."""
    event, kid, index = statement.event, statement.signed.kid, statement.index
    signer = authority.body(event.iss)
    signer = replace(signer, keys=tuple(k for k in signer.keys if k.from_index <= index))
    key, public, counted = signer.key(kid), authority.public.get(kid), True
    verified = public is not None and statement.signed.verify(public)
    if public is not None and not verified:
        statements.note(bad_signature(index, kid))
    try:
        authorise(signer, event, kid, index)
    except SignatureError as error:
        statements.note(Problem(index, "key", error.en, error.zh))
        counted = False
    if key is None:
        return Used(kid, None, None, verified, counted)
    return Used(kid, key.from_index, key.until_index, verified, counted)


def _check_chains(statements: Statements, chosen: dict[int, Statement]) -> None:
    """Each stream that is traced is whole up to its last chosen event, and each entry is what its keeper says."""
    for stream, upto in _last(chosen).items():
        found = statements.of(stream, upto)
        if found[0].event.version != 1:
            _note_version(statements, found[0], 1)
        for before, after in pairwise(found):
            if after.event.version != before.event.version + 1:
                _note_version(statements, after, before.event.version + 1)
            elif after.event.prev != before.signed.hash:
                en = f"prev: expected {before.signed.hash}, the hash of entry {before.index}, got {after.event.prev}"
                zh = f"prev：应为第 {before.index} 号条目的散列 {before.signed.hash}，实为 {after.event.prev}"
                statements.note(Problem(after.index, "prev", en, zh))
    for index, statement in chosen.items():
        leaf, held = leaf_hash(statement.held.entry).hex(), statement.held.leaf.hex()
        if leaf != held:
            en = f"stored leaf hash: expected {leaf}, which the entry gives, got {held[:80]}"
            zh = f"存储的叶散列：按条目应为 {leaf}，实为 {held[:80]}"
            statements.note(Problem(index, "leaf", en, zh))


def _last(chosen: dict[int, Statement]) -> dict[str, int]:
    """The last index of each stream."""
    return {statement.event.stream: index for index, statement in sorted(chosen.items())}


def _note_version(statements: Statements, statement: Statement, expected: int) -> None:
    stream, got = statement.event.stream, statement.event.version
    en = f"{stream}: expected version {expected} as its next event, got {got}"
    zh = f"{stream}：下一事件应为第 {expected} 版，实为第 {got} 版"
    statements.note(Problem(statement.index, "stream", en, zh))


def _link(statement: Statement) -> Link:
    event = statement.event
    return Link(statement.index, event.stream, event.name, event.jti)


def _papers(statement: Statement) -> Iterator[Paper]:
    yield from _papers_in("basis", statement.event.basis)
    fact = statement.event.fact
    for name in type(fact).__dataclass_fields__:
        yield from _papers_in(name, getattr(fact, name))


def _papers_in(where: str, value: Any) -> Iterator[Paper]:
    if isinstance(value, Document):
        yield Paper(where, value.title, value.sha256, value.number, value.organ, value.dated)
    elif isinstance(value, tuple):
        for part in value:
            yield from _papers_in(where, part)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _papers_in(where, getattr(value, name))


def _adopted(fact: Any) -> Adopted | None:
    if not isinstance(fact, PolicyAdopted):
        return None
    try:
        about = parse_pack(fact.text).about
    except FormatError:  # told by Packs, which alone leads here
        return None
    return Adopted(about.id, about.zh, about.en, about.version, fact.digest, fact.in_force)
