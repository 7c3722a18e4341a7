"""What a compromised key signed: every event with it that was recorded since a claimed time, and what followed from it.

A revocation takes nothing back (its position decides what counts, docs/architecture.md, Keys are events). So whoever
answers for the key has to look at each event that somebody else may have signed, and at the ledger's consequences of
those events: penalties may hang on them. This is that list, from bytes alone; the entries are read once, in order.

The claimed time is compared with the time at which the ledger recorded an event, which the signer does not choose: its
own ``iat`` may say anything. Whether the log is whole is for :mod:`audit.verify`.

>>> compromised([], "k" * 43, None)
Traceback (most recent call last):
ledger.errors.NotFoundError: key: expected one that this log authorised, got 'kkk...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from audit.source import Extent, Source
from audit.verdict import Problem, Problems
from ledger.domain.body import KeyAuthorised, KeyRevoked, LedgerFounded, thumbprint
from ledger.errors import FormatError, LedgerError, NotFoundError
from ledger.proof.event import Signed, format_time, parse, parse_entry
from ledger.proof.merkle import TILE_WIDTH
from ledger.proof.skim import skim

CHUNK = 8 * TILE_WIDTH
"""Entries that are read at once."""
Progress = Callable[[int, int], None]
_OF_KEYS = frozenset({"LedgerFounded/1", "KeyAuthorised/1", "KeyRevoked/1"})


@dataclass(frozen=True, slots=True)
class Following:
    """A consequence that the ledger drew from an event."""

    index: int
    recorded: str
    stream: str
    event: str
    jti: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """An event that the key signed: ``recorded`` by the ledger's clock, ``iat`` by the signer's (both UTC).

    ``verified``: the signature is the key's; ``counted``: at this position the key was authorised for the signer, and
    not revoked.
    """

    index: int
    recorded: str
    iat: str
    signer: str
    stream: str
    version: int
    event: str
    jti: str
    verified: bool
    counted: bool
    consequences: tuple[Following, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The events that the key ``kid`` of ``body`` signed and that were recorded at ``since`` or later.

    ``authorised`` and ``revoked`` are the indexes between which it counts for that body, the first that had it (None:
    not revoked), ``reason`` is what the revocation says, ``claimed`` the earliest time that one claims. ``signed`` is
    how many events it signed in all. ``keys`` are those that the listed events authorised: who had the key may have
    given itself another, and each of them needs a report of its own.
    """

    kid: str
    body: str
    authorised: int
    revoked: int | None
    reason: str | None
    claimed: str | None
    since: str
    signed: int
    events: tuple[Doubtful, ...]
    keys: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def exit_code(self) -> int:
        """0, or the most serious code of a problem: that events are listed is none."""
        return min((problem.exit_code for problem in self.problems), default=0)


@dataclass(slots=True)
class _Key:
    """What the log says about the key of a body. The founding event is signed by the root key that it brings."""

    public: str
    body: str
    authorised: int
    first: int
    revoked: int | None = None
    reason: str | None = None
    claimed: int | None = None

    def revoke(self, index: int, fact: KeyRevoked) -> None:
        if self.revoked is None:
            self.revoked, self.reason, self.claimed = index, fact.reason.value, fact.compromised_from

    def counts_at(self, index: int) -> bool:
        return self.first <= index and (self.revoked is None or index < self.revoked)


@dataclass(slots=True)
class _Scan:
    """What was found so far."""

    kid: str
    keys: dict[str, _Key] = field(default_factory=dict)
    """By body: nothing forbids two of them to have one key."""
    signed: list[tuple[int, datetime, Signed]] = field(default_factory=list)
    followed: dict[str, list[Following]] = field(default_factory=dict)
    """By the jti of an event of the key: its consequences, and theirs."""
    roots: dict[str, str] = field(default_factory=dict)
    """Of each of those, and of the events of the key: which event of the key it hangs on."""
    problems: Problems = field(default_factory=Problems)

    def take(self, index: int, entry: bytes) -> None:
        try:
            at, jws = parse_entry(entry)
            quick = skim(jws)
            if quick and quick.kid != self.kid and quick.cause not in self.roots and quick.topic not in _OF_KEYS:
                return
            signed = parse(jws)
        except (LedgerError, RecursionError) as error:
            said = error if isinstance(error, LedgerError) else FormatError("nested too deeply", "嵌套过深")
            self.problems.add("malformed", index, said.en, said.zh)
            return
        self._learn(index, signed)
        jti, cause = signed.event.jti, signed.event.cause
        if cause in self.roots:
            root = self.roots.setdefault(jti, self.roots[cause])
            event = signed.event
            self.followed[root].append(Following(index, format_time(at), event.stream, event.name, jti))
        if signed.kid == self.kid:
            self.signed.append((index, at, signed))
            self.followed.setdefault(jti, [])
            self.roots.setdefault(jti, jti)

    def _learn(self, index: int, signed: Signed) -> None:
        fact, body = signed.event.fact, signed.event.stream.partition("/")[2]
        if isinstance(fact, LedgerFounded) and index == 0:
            for public, first in ((fact.root_key, 0), (fact.ledger_key, 1)):
                if thumbprint(public) == self.kid:
                    self.keys[body] = _Key(public, body, index, first)
        elif isinstance(fact, KeyAuthorised) and thumbprint(fact.key) == self.kid:
            self.keys.setdefault(body, _Key(fact.key, body, index, index + 1))
        elif isinstance(fact, KeyRevoked) and fact.kid == self.kid and body in self.keys:
            self.keys[body].revoke(index, fact)


def compromised(entries: Iterable[tuple[int, bytes]], kid: str, since: datetime | None) -> Report:
    """The report on the key ``kid``, from the entries of a log with their indexes, in order.

    ``since`` (UTC): None for the time that its revocation claims. Raises NotFoundError where the log does not know the
    key, or no time is given and none was claimed.
    """
    scan = _Scan(kid)
    for index, entry in entries:
        scan.take(index, entry)
    key = next(iter(scan.keys.values()), None)
    if key is None:
        raise NotFoundError(
            f"key: expected one that this log authorised, got {kid[:80]!a}",
            f"密钥：应为本日志授权过的密钥，实为 {kid[:80]!a}",
        )
    claimed = _moment(min((k.claimed for k in scan.keys.values() if k.claimed is not None), default=None))
    begin = since or claimed
    if begin is None:
        raise NotFoundError(
            f"key {kid}: its revocation claims no time of compromise; give one with --from"
            if key.revoked is not None
            else f"key {kid}: it is not revoked; give the time of compromise with --from",
            f"密钥 {kid}：撤销事件未载明失控起始时间（或尚未撤销），请用 --from 给出",
        )
    listed = [found for found in scan.signed if found[1] >= begin]
    return Report(
        kid,
        key.body,
        key.authorised,
        key.revoked,
        key.reason,
        format_time(claimed) if claimed else None,
        format_time(begin),
        len(scan.signed),
        tuple(_doubtful(scan, key, *found) for found in listed),
        tuple(thumbprint(f.key) for _, _, s in listed if isinstance(f := s.event.fact, KeyAuthorised)),
        tuple(scan.problems.sorted()),
    )


def report(source: Source, kid: str, since: datetime | None, progress: Progress = lambda done, total: None) -> Report:
    """The report on a key from the log of a source; see :func:`compromised`. Entries that are missing are a problem."""
    with source.open() as session:
        end, missing = Extent(*session.extent()).end, Problems()

        def entries() -> Iterator[tuple[int, bytes]]:
            for start in range(0, end, CHUNK):
                stop, at = min(start + CHUNK, end), start
                for row in session.rows(start, stop):
                    if row[0] > at:
                        _missing(missing, at, row[0])
                    yield row[0], row[6]
                    at = row[0] + 1
                if at < stop:
                    _missing(missing, at, stop)
                progress(stop, end)

        found = compromised(entries(), kid, since)
    return replace(found, problems=(*found.problems, *missing.sorted()))


def _missing(problems: Problems, start: int, stop: int) -> None:
    problems.add(
        "missing", start, f"expected entries up to {stop - 1}, got none", f"应有直至第 {stop - 1} 号的条目，实则没有"
    )


def _doubtful(scan: _Scan, key: _Key, index: int, at: datetime, signed: Signed) -> Doubtful:
    event, verified = signed.event, signed.verify(key.public)
    own = scan.keys.get(event.iss)
    if not verified:
        en, zh = f"the signature does not verify with the key {scan.kid}", f"用密钥 {scan.kid} 验证签名不通过"
        scan.problems.add("signature", index, en, zh)
    return Doubtful(
        index,
        format_time(at),
        format_time(_moment(event.iat) or at),
        event.iss,
        event.stream,
        event.version,
        event.name,
        event.jti,
        verified,
        own is not None and own.counts_at(index),
        tuple(scan.followed[event.jti]),
    )


def _moment(seconds: int | None) -> datetime | None:
    """Seconds since 1970; the last moment that a calendar has where it has none for them."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError):
        return datetime.max.replace(tzinfo=UTC)
