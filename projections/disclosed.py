"""What is seen of a dishonesty record by whoever may see it: plain data, the same for lists, pages, exports and feeds.

Persons stand in it, as references to their files and never by name, only where ``with_persons`` says so. What was
corrected stands as it is now, with the correction beside it; what it said before is not repeated (E05 更正). A penalty
that is suspended stands as suspended, not as in force (E03). While an objection that was taken up is open, the record
says so (``under_objection``, 异议处理中).

>>> from ledger.domain.record.state import EMPTY
>>> fields_of(EMPTY, date(2026, 6, 1), with_persons=False)["penalties"]
[]
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from ledger.domain import codec
from ledger.domain.event import Document, Said
from ledger.domain.record.remedies import Penalty
from ledger.domain.record.state import Record

Fields = Mapping[str, Any]
CORRECTED = frozenset({"findings", "catalogue"})
"""The fields in which a correction stands: those that are words of the recognition and nothing is computed from."""


def text_of(fields: Fields) -> str:
    """The fields as JSON: equal fields give equal texts."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fields_of(record: Record, on: date, *, with_persons: bool) -> Fields:
    """What the record says on a day; ``with_persons``: also who answers for it, and what was imposed on them."""
    lead, recognised = record.lead, record.recognised
    said = recognised or lead
    found: dict[str, Any] = {
        "subject": lead.fact.subject if lead else None,
        "source": _text(said.fact.source if said else None),
        "conduct": [str(c) for c in said.fact.conduct] if said else [],
        "area": _text(lead.fact.area if lead else None),
        "focus": _text(lead.fact.focus if lead else None),
        "severity": _text(record.severity),
        "findings": recognised.fact.findings if recognised else None,
        "catalogue": recognised.fact.catalogue if recognised else None,
        "decision": document_of(recognised.basis[0]) if recognised and recognised.basis else None,
        "effective_on": _text(recognised.fact.effective_on if recognised else None),
        "recognised_on": _text(recognised.day if recognised else None),
        "recognised_by": recognised.by if recognised else None,
        **_changes(record),
        "rectification": _rectification(record, on),
        "penalties": [_penalty(p, on, with_persons) for p in shown_penalties(record, on, with_persons=with_persons)],
        "under_objection": _text(objected_since(record)),
    }
    if with_persons:
        found["person"] = record.person
        found["persons"] = [codec.encode(s.fact) for s in record.persons]
    return found


def document_of(found: Document) -> dict[str, str]:
    """A document's title, number, organ, day and SHA-256, as far as it has them."""
    data: dict[str, str] = codec.encode(found)
    return data


def shown_penalties(record: Record, on: date, *, with_persons: bool) -> Iterator[Penalty]:
    """The penalties neither lifted nor over on a day, of the body; those of persons only ``with_persons``."""
    for penalty in record.penalties:
        if penalty.is_live(on) and (with_persons or penalty.imposed.fact.person is None):
            yield penalty


def objected_since(record: Record) -> date | None:
    """Since when an objection is being handled: from its acceptance to its decision; None: none is."""
    return min((o.accepted.day for o in record.objections if o.accepted and o.is_open), default=None)


def is_about_person(record: Record, fact: Any) -> bool:
    """Whether a fact of a record says something of an official: links one, or is about a penalty of one."""
    if getattr(fact, "person", None):
        return True
    penalty = record.penalty(getattr(fact, "penalty", None))
    return penalty is not None and penalty.imposed.fact.person is not None


def updated_on(record: Record, *, with_persons: bool) -> date | None:
    """The legal day of the newest event that may be seen; None: there is none."""
    seen = (s.day for s in _sayings(record) if with_persons or not is_about_person(record, s.fact))
    return max(seen, default=None)


def _sayings(value: Any) -> Iterator[Said[Any]]:
    """Everything that was said and is kept in a state."""
    if isinstance(value, Said):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _sayings(item)
    else:
        for name in field_names(value):
            yield from _sayings(getattr(value, name))


def field_names(value: Any) -> tuple[str, ...]:
    """The names of a dataclass's fields; none of anything else."""
    cls: Any = type(value)
    return _names(cls)


@cache
def _names(cls: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls)) if dataclasses.is_dataclass(cls) else ()


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _changes(record: Record) -> dict[str, Any]:
    """What was put right and what was added. A correction of a field of the record also stands in the field."""
    corrected = [(s.day, c) for s in record.corrections for c in s.fact.corrections]
    changes: dict[str, Any] = {
        "corrections": [{"field": c.field, "now": c.now, "on": str(day)} for day, c in corrected],
        "additions": [{"text": s.fact.addition, "on": str(s.day)} for s in record.supplements],
    }
    return changes | {c.field: c.now for _, c in corrected if c.field in CORRECTED}


def _rectification(record: Record, on: date) -> dict[str, Any]:
    due = record.rectification_due
    if record.is_rectified:
        state = "rectified"
    elif record.reports and (not record.checks or record.reports[-1].day >= record.checks[-1].day):
        state = "reported"
    elif due is not None:
        state = "overdue" if on > due else "ordered"
    else:
        state = "none"
    checked = record.checks[-1].day if record.is_rectified else None
    return {"state": state, "due": _text(due), "rectified_on": _text(checked)}


def _penalty(penalty: Penalty, on: date, with_persons: bool) -> dict[str, Any]:
    fact = penalty.imposed.fact
    state = "suspended" if penalty.holds else "in_force" if fact.start <= on else "to_begin"
    found = {
        "penalty": penalty.id,
        "measure": fact.measure,
        "starts": str(fact.start),
        "ends": _text(penalty.until),
        "imposed_on": str(penalty.imposed.day),
        "imposed_by": penalty.imposed.by,
        "decision": document_of(penalty.imposed.basis[0]) if penalty.imposed.basis else None,
        "state": state,
        "held_by": held_by(penalty),
    }
    return found | ({"person": fact.person} if with_persons and fact.person else {})


def held_by(penalty: Penalty) -> list[str]:
    """What suspends a penalty, as ``reason:item``."""
    return [f"{hold}:{item}" if item else str(hold) for hold, item in penalty.holds]
