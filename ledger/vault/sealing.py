"""What a batch of events means for the vault: look-ups, openings that enter with their event, erasures.

    submitted    disclosures only where there is a vault to keep them
    judged       a look-up only if the vault can answer it, disclosures only if it can keep them now
    committed    openings of what entered, and erasures, in the very transaction of the events

>>> parsed(b"no event", None)  # doctest: +ELLIPSIS
Traceback (most recent call last):
ledger.errors.FormatError: ...
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from ledger.domain.event import Event
from ledger.domain.seals import SealErased, SealOpened, Seals
from ledger.errors import FormatError, RuleError
from ledger.proof.disclosure import Opening, Presented, parse_presentation
from ledger.proof.event import Signed
from ledger.store.recorder import Transaction
from ledger.vault.vault import SOURCE, Vault, no_vault


def parsed(data: bytes, vault: Vault | None) -> Presented:
    """What is in ``data``. What can be read may still be too deep to be looked at, or to be named in a refusal."""
    try:
        found = parse_presentation(data)
    except RecursionError:
        raise FormatError("event: expected JSON of small depth", "事件：JSON 嵌套过深") from None
    if found.openings and vault is None:
        raise no_vault()
    return found


Submitted = tuple[Signed, tuple[Opening, ...]]


def answerable(
    vault: Vault | None, transaction: Transaction, group: Collection[Submitted]
) -> Callable[[Any, Event], None]:
    """The guard of admission for a group: what the rules allow is refused where the vault cannot do its part.

    That is a look-up where the vault has nothing to give; and whatever needs the stream's data key where that cannot be
    had now. The others of the group go on.
    """
    bringing = {signed.event.jti for signed, openings in group if openings}
    streams = {signed.event.stream for signed, openings in group if openings or _is_of_vault(signed.event)}
    locked = vault.locked(transaction, streams) if vault else {}

    def guard(state: Any, event: Event) -> None:
        if event.stream in locked and (event.jti in bringing or _needs_key(state, event)):
            raise locked[event.stream]
        if isinstance(event.fact, SealOpened):
            held = vault.held(transaction, event.stream) if vault else ()
            missing = set(event.fact.fields) - {o.name for o in chosen(state, event.fact, held)}
            if missing:
                raise unheld(sorted(missing))

    return guard


def _is_of_vault(event: Event) -> bool:
    return isinstance(event.fact, SealOpened | SealErased)


def _needs_key(state: Any, event: Event) -> bool:
    """Whether the data key is needed: an erasure that leaves nothing destroys it unseen."""
    fact = event.fact
    if not isinstance(fact, SealErased):
        return isinstance(fact, SealOpened)
    seals: Seals = state.seals
    return bool(fact.digests) and not seals.left <= set(fact.digests)


def chosen(state: Any, fact: SealOpened, held: Iterable[Opening]) -> tuple[Opening, ...]:
    """Those of the openings that a look-up asks for: under its names, among its digests, not erased."""
    asked = state.seals.asked(fact)
    return tuple(o for o in held if o.name in fact.fields and o.digest in asked)


def unheld(names: Iterable[str]) -> RuleError:
    """The refusal of a look-up that cannot be answered; ``names`` are the look-up's own."""
    told = ", ".join(names)
    return RuleError(
        f"the vault holds nothing of this case under {told}, or no longer",
        f"保管库中没有（或不再有）本案的下列字段：{told}",
        rule="vault.unheld",
        source=SOURCE,
    )


def settle(
    vault: Vault | None,
    transaction: Transaction,
    entered: Iterable[Submitted],
    state: Callable[[str], Any],
) -> None:
    """Keeps and erases what the events that entered the log say; ``state`` is that of a stream after all of them.

    All that is kept is kept first: a digest that was erased never comes again, so no erasure takes what came later.
    """
    kept: dict[str, list[Opening]] = {}
    erased: set[str] = set()
    for signed, openings in entered:
        if openings:
            kept.setdefault(signed.event.stream, []).extend(openings)
        if isinstance(signed.event.fact, SealErased):
            erased.add(signed.event.stream)
    if vault:
        vault.keep(transaction, kept)
        for stream in sorted(erased):
            vault.erase(transaction, stream, state(stream).seals.erased)
