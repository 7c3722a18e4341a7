"""What the site shows, as plain data: the same dictionary is the page and its JSON.

A code always comes with its words, a body with its name, a time in UTC. Standing and due days are folded from the
events, for a day that is given; nothing here is stored.

>>> from ledger.domain.body_terms import Status
>>> coded(Status.REGISTERED)
{'code': 'registered', 'zh': '已登记', 'en': 'Registered'}
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Protocol

from api.pages.casefile import is_reference
from api.words import event_word, field_word, word
from ledger.domain import codec
from ledger.domain.body import Body, Key
from ledger.domain.body_terms import Status
from ledger.domain.commitment import Commitment, CommitmentBroken
from ledger.domain.commitment_due import (
    Standing,
    due_days,
    is_reported,
    missing_channels,
    next_due,
    overdue_days,
    standing,
    verdict,
)
from ledger.domain.commitment_terms import Recurrence
from ledger.domain.event import LEDGER, Document, Event, Recorded
from ledger.proof.event import format_time
from projections.disclosure import is_named

Data = dict[str, Any]


class Named(Protocol):
    """A body as far as its name goes: as the projections have it, or its state in the log."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def status(self) -> str:
        """Where it stands: a code of :class:`Status`."""


Names = Mapping[str, Named]
AHEAD = timedelta(days=366)
"""How far ahead the due days of a recurring commitment are listed."""
MOST_DAYS = 60
MOMENTS = frozenset({"compromised_from"})
"""Fields that hold seconds since 1970."""
MONEY = frozenset({"amount", "granted", "payment", "funds_committed", "funds_in_place"})
"""Fields in fen; so is ``value`` of a contract."""


def coded(code: StrEnum | None) -> Data | None:
    """A code with its words."""
    return {"code": str(code), **word(code)._asdict()} if code is not None else None


def named(body_id: str | None, names: Names) -> Data | None:
    """A body by its id, with its name as far as it was registered."""
    if body_id is None:
        return None
    row = names.get(body_id)
    if body_id == LEDGER:
        return {"id": LEDGER, "name": "账本 Ledger", "status": coded(Status.REGISTERED)}
    return {
        "id": body_id,
        "name": row.name if row else body_id,
        "status": coded(Status(row.status)) if row else None,
    }


def document(found: Document) -> Data:
    """A document relied on."""
    return {f.name: getattr(found, f.name) for f in dataclasses.fields(found)}


def yuan(fen: int) -> str:
    """An amount of money in fen, as yuan: no rounding.

    >>> yuan(1234567890)
    '12,345,678.90 元'
    """
    return f"{fen // 100:,}.{fen % 100:02d} 元"


# --- commitments --------------------------------------------------------------------------------------------


def commitment(own: str, then: Commitment, names: Names, on: date) -> Data:
    """Everything about a commitment that was made, as the ledger knew it at the end of ``on``."""
    terms = then.terms
    return {
        "id": own,
        "title": terms.title,
        "text": terms.text,
        "section": terms.section,
        "kind": coded(terms.kind),
        "area": coded(terms.area),
        "on": on,
        "standing": coded(standing(then, on)),
        "promiser": named(terms.promiser, names),
        "holder": named(then.holder, names),
        **{part: [named(b, names) for b in getattr(then, part)] for part in ("lead", "responsible", "supporting")},
        "target": codec.encode(then.target) if then.target else None,
        "due": then.due,
        "next_due": next_due(then, on),
        "continuous": terms.continuous,
        "recurrence": recurrence(then),
        "due_days": _due_days(then, on),
        "services": [coded(s) for s in terms.services],
        "handling": {"days": terms.handling.days, "count": coded(terms.handling.count)} if terms.handling else None,
        "contract": _contract(then, names),
        "published": [
            {"channel": coded(p.channel), "where": p.where, "on": p.on}
            for p in (*terms.published, *(said.fact.publication for said in then.publications))
        ],
        "unpublished": [coded(c) for c in missing_channels(then)],
        "made_on": then.made.day if then.made else None,
    }


def _contract(then: Commitment, names: Names) -> Data | None:
    contract = then.terms.contract
    if contract is None:
        return None
    return {
        "number": contract.number,
        "counterparty": named(contract.counterparty, names),
        "value": yuan(contract.value) if contract.value is not None else None,
        "signed_on": contract.signed_on,
    }


def recurrence(then: Commitment) -> Data | None:
    """The recurrence that holds, with its days of the year."""
    changed = (c.fact.recurrence for c in reversed(then.changes) if c.fact.recurrence)
    found: Recurrence | None = next(changed, then.terms.recurrence)
    if found is None:
        return None
    return {
        "every": coded(found.every),
        "days": list(found.every.days if found.every else found.days),
        "start": found.start,
        "until": found.until,
    }


def _due_days(then: Commitment, on: date) -> list[Data]:
    """The due days, of a recurrence up to a year ahead, each with what became of it."""
    late = set(overdue_days(then, on))
    milestones = {m.due: m for m in then.milestones}
    until = max(on + AHEAD, then.due or on, *milestones)
    found = []
    for day in due_days(then, until)[-MOST_DAYS:]:
        milestone = milestones.get(day)
        paid = milestone.payment if milestone else None
        found.append(
            {
                "day": day,
                "what": milestone.what if milestone else None,
                "payment": yuan(paid) if paid is not None else None,
                "state": coded(_state_of_day(then, None if day == then.due else day, overdue=day in late)),
            }
        )
    return found


def _state_of_day(then: Commitment, occurrence: date | None, *, overdue: bool) -> Standing:
    found = verdict(then, occurrence)
    if found is not None:
        return Standing.BROKEN if isinstance(found, CommitmentBroken) else Standing(found.outcome)
    if is_reported(then, occurrence):
        return Standing.REPORTED
    return Standing.OVERDUE if overdue else Standing.OPEN


# --- bodies -------------------------------------------------------------------------------------------------


def body(found: Body, names: Names) -> Data:
    """Everything about a body but its commitments."""
    return {
        "id": found.id,
        "name": found.name,
        "status": coded(found.status),
        "kind": coded(found.kind),
        "former_names": list(found.former_names),
        "named_by": found.named_by,
        "region": found.region,
        "acting_for_government": found.acting_for_government,
        "superior": named(found.superior, names),
        "successor": named(found.successor, names),
        "manner": coded(found.manner),
        "resolved_to": named(found.resolved_to, names),
        "predecessors": [named(b, names) for b in found.predecessors],
        "aliases": [named(b, names) for b in found.aliases],
        "roles": [coded(r) for r in sorted(found.roles)],
        "keys": [key(k) for k in found.keys],
        "since": format_time(found.since) if found.since else None,
    }


def related(found: Body) -> Iterable[str]:
    """The ids of the bodies that a body's page names."""
    ids = (found.superior, found.successor, found.resolved_to, *found.predecessors, *found.aliases)
    return (b for b in ids if b)


def key(found: Key) -> Data:
    """A key of a body, with the positions of the log between which it counts."""
    return {
        "kid": found.kid,
        "public": found.public,
        "purpose": coded(found.purpose),
        "from_index": found.from_index,
        "until_index": found.until_index,
        "reason": coded(found.reason),
    }


# --- events -------------------------------------------------------------------------------------------------


def event(recorded: Recorded, names: Names, *, is_open: bool = True, is_signed: bool | None = None) -> Data:
    """An event in a timeline or list; one that is not open without its case, what it says and its documents, and
    without its signer and key unless ``is_signed`` (projections.disclosure.tells_signer).
    """
    signed = is_open if is_signed is None else is_signed
    said: Event = recorded.event
    kind, _, own = said.stream.partition("/")
    case = {"kind": kind, "id": own, "address": address(said.stream)}
    return {
        "index": recorded.index,
        "recorded_at": format_time(recorded.at),
        "event": happened(said.name if is_open or is_named(said.fact) else None),
        "stream": said.stream if is_open else None,
        "version": said.version if is_open else None,
        "case": case if is_open else None,
        "signer": named(said.iss, names) if signed else None,
        "kid": recorded.kid if signed else None,
        "hash": recorded.hash,
        "open": is_open,
        "basis": [document(d) for d in said.basis] if is_open else [],
        "data": codec.encode(said.fact) if is_open else None,
    }


def happened(name: str | None) -> Data:
    """What happened, in words; None: that is not public."""
    if name is None:
        return {"code": "NotPublic", "zh": "不公开事件", "en": "Event that is not public"}
    return {"code": name, **event_word(name)._asdict()}


@cache
def _sealed(cls: type) -> frozenset[str]:
    hints = typing.get_type_hints(cls, include_extras=True)
    return frozenset(f.name for f in dataclasses.fields(cls) if hints[f.name] == codec.Sealed)


def is_sealed(cls: type, field: str) -> bool:
    """Whether a field of a fact holds digests of sealed values, and so says only how many there are."""
    return field in _sealed(cls)


def described(fact: Any, names: Names, sees: Callable[[str], bool] = lambda stream: True) -> list[Data]:
    """The fields of a fact that have a value, in words: for people. ``value`` is text, a list, or what :func:`_value`
    makes of an object; other cases are linked where whoever asks ``sees`` them.
    """
    found = []
    for field in dataclasses.fields(fact):
        value = getattr(fact, field.name)
        if value is None or value == () or (value is False and field.default is False):
            continue
        label = field_word(field.name, type(fact).__name__)._asdict()
        money = field.name in MONEY or (type(fact).__name__, field.name) == ("Contract", "value")
        if is_sealed(type(fact), field.name):
            shown: Any = {"code": "sealed", "zh": f"已封存，共 {len(value)} 项", "en": f"sealed, {len(value)} in all"}
        else:
            shown = yuan(value) if money else moment(value) if field.name in MOMENTS else _value(value, names, sees)
        found.append({**label, "value": shown})
    return found


def moment(seconds: int) -> str:
    """Seconds since 1970 as a time in UTC; as they are where no calendar has them."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError):
        return str(seconds)


def _value(value: Any, names: Names, sees: Callable[[str], bool]) -> Any:
    if isinstance(value, tuple):
        return [_value(v, names, sees) for v in value]
    if isinstance(value, StrEnum):
        return coded(value)
    if isinstance(value, bool):
        return {"code": str(value).lower(), "zh": "是" if value else "否", "en": "Yes" if value else "No"}
    if dataclasses.is_dataclass(value):
        return {"fields": described(value, names, sees)}
    if isinstance(value, str) and value in names:
        return named(value, names)
    if is_reference(value) and sees(value):
        return {"stream": value, "address": address(value)}
    return str(value)


def address(stream: str) -> str:
    """Where the site shows a case."""
    kind, _, own = stream.partition("/")
    return {"body": f"/bodies/{own}", "commitment": f"/commitments/{own}"}.get(kind, f"/cases/{stream}")
