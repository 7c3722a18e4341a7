"""Looking up sealed fields, and who looked.

A look-up is asked for by the signed event that records it (``SealOpened``). It is committed first; only then are the
values read and given, as presentations of the events that sealed them (``<JWS>~<disclosure>~``, RFC 9901 §4), so that
whoever gets them can check them against the log with any SD-JWT library. The same event again gives nothing: who reads
the entries could send it too. A new look-up is a new event.

Who holds a disclosure of a case can list its look-ups: the salt's 128 bits make it a key to them, also after what it
opens was erased, since its digest stays in the event.

>>> asked_by(b"x")  # doctest: +ELLIPSIS
Traceback (most recent call last):
ledger.errors.FormatError: ...
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.application import Ledger
from ledger.domain.event import Recorded
from ledger.domain.kinds import fold
from ledger.domain.seals import SealErased, SealOpened
from ledger.errors import AlreadyOpenedError, FormatError, NotFoundError
from ledger.position import recorded_of
from ledger.proof.disclosure import parse_presentation, present
from ledger.proof.event import Signed, parse, parse_entry
from ledger.receipt import Receipt
from ledger.store.recorder import Row
from ledger.vault.sealing import chosen, unheld


@dataclass(frozen=True, slots=True)
class Answer:
    """What a look-up gives: its own receipt, and presentations of the events that sealed what it asks for."""

    receipt: Receipt
    presentations: tuple[bytes, ...]


def look_up(ledger: Ledger, data: bytes) -> Answer:
    """Commits a signed look-up, then gives what it asks for.

    Raises FormatError for another event, AlreadyOpenedError for one that is in the log, else what refused it; and then
    nothing is given.
    """
    signed = asked_by(data)
    receipt = ledger.submit(data).result()
    if not receipt.created:
        raise AlreadyOpenedError(
            f"this look-up is entry {receipt.index} of the log already, and was answered then or never; sign a new one",
            f"该次查询已在日志第 {receipt.index} 条，只答复一次；请另行签署新的查询",
        )
    return Answer(receipt, tuple(_presentations(ledger, signed)))


def asked_by(data: bytes) -> Signed:
    """The look-up in a compact JWS. Raises FormatError for anything else."""
    signed = parse(data)
    if not isinstance(signed.event.fact, SealOpened):
        raise FormatError(
            f"look-up: expected the event SealOpened, got {signed.event.name}",
            f"查询：应为 SealOpened 事件，实为 {signed.event.name}",
        )
    return signed


def _presentations(ledger: Ledger, signed: Signed) -> Iterator[bytes]:
    """Of each earlier event that sealed something which is asked for, in their order. Raises RuleError for none."""
    assert ledger.vault is not None  # or the look-up had been refused
    stream = signed.event.stream
    before = [row for row in ledger.reader.stream(stream) if row.version < signed.event.version]
    state = fold(stream, map(recorded_of, before))
    found = chosen(state, signed.event.fact, ledger.vault.open_(stream))
    if not found:  # erased since the commit, a moment ago
        raise unheld(signed.event.fact.fields)
    for row in before:
        sealed = getattr(recorded_of(row).event.fact, "sealed", ())
        own = [opening for opening in found if opening.digest in sealed]
        if own:
            yield present(_jws(row), own)


def _jws(row: Row) -> bytes:
    return parse_entry(row.entry)[1]


@dataclass(frozen=True, slots=True)
class Lookups:
    """Who looked up the sealed fields of a case, and what of them was erased: the events themselves, in order."""

    stream: str
    lookups: tuple[Recorded, ...]
    erasures: tuple[Recorded, ...]


def lookups_of(ledger: Ledger, stream: str) -> Lookups:
    """Who looked at the sealed fields of a case."""
    history = ledger.history(stream)
    return Lookups(
        stream,
        tuple(r for r in history if isinstance(r.event.fact, SealOpened)),
        tuple(r for r in history if isinstance(r.event.fact, SealErased)),
    )


def shown_to(ledger: Ledger, presentation: bytes) -> Lookups:
    """Who looked, for a holder of a disclosure: the presentation of an event of the log with one disclosure or more.

    Raises FormatError, or NotFoundError for what is no event of this log; neither repeats anything of it.
    """
    presented = parse_presentation(presentation)
    if not presented.openings:
        raise FormatError(
            "presentation: expected an event with one disclosure or more, <JWS>~<disclosure>~, got none",
            "出示：应为附有至少一个披露项的事件（<JWS>~<披露项>~），实际没有披露项",
        )
    event = presented.signed.event
    try:
        known = _jws(ledger.reader.by_jti(event.jti)) == presented.signed.jws
    except NotFoundError:
        known = False
    if not known:
        raise NotFoundError("presentation: its event is not in this log", "出示：本日志中没有该事件")
    return lookups_of(ledger, event.stream)
