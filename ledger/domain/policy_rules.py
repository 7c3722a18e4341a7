"""Who may adopt rule packs, and what an adoption must show.

An operator or a credit office adopts a pack for the jurisdiction whose pack it is. The text is the one that the digest
names and can be read; the document that the jurisdiction made it from stands in ``basis``.

>>> from ledger.domain.policy import EMPTY
>>> event = Event("11990000000000019A", 0, "", "policy/national", 1, None, CalendarArranged(2027, (date(2027, 1, 1),)))
>>> try:
...     admit(EMPTY, event, Rules(), datetime.fromisoformat("2026-12-02T00:00:00Z"))
... except RuleError as error:
...     print(error.rule)
policy.role
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import assert_never

from ledger.domain.body import of
from ledger.domain.body_terms import Role
from ledger.domain.event import Consequence, Event, Rules
from ledger.domain.pack import parse_pack
from ledger.domain.policy import NATIONAL, CalendarArranged, Fact, Policy, PolicyAdopted
from ledger.errors import FormatError, RuleError

DESIGN = "docs/architecture.md, Rules are data"
_SATURDAY = 5


def admit(state: Policy, event: Event, rules: Rules, at: datetime) -> tuple[Consequence, ...]:
    """No consequences. Raises RuleError with rule and source."""
    fact: Fact = event.fact
    if not of(rules, event.iss).roles & {Role.OPERATOR, Role.CREDIT_OFFICE}:
        raise _refuse(
            "role",
            f"{event.name} needs the role operator or credit_office; {event.iss} has neither",
            f"{event.name} 须由运营机构或信用办签署；{event.iss} 没有该角色",
        )
    if not event.basis:
        raise _refuse(
            "basis",
            f"{event.name} needs the document it rests on in basis",
            f"{event.name} 须在 basis 中写明所依据的文件",
        )
    match fact:
        case PolicyAdopted():
            _admit_pack(state, event, fact)
        case CalendarArranged():
            _admit_year(event, fact)
        case _:
            assert_never(fact)
    return ()


def _admit_pack(state: Policy, event: Event, fact: PolicyAdopted) -> None:
    found = hashlib.sha256(fact.text.encode()).hexdigest()
    if found != fact.digest:
        raise _refuse(
            "digest",
            f"expected the SHA-256 of the text, {found}, got {fact.digest}",
            f"digest 应为文本的 SHA-256 {found}，实为 {fact.digest}",
        )
    try:
        pack = parse_pack(fact.text)
    except FormatError as error:
        raise _refuse("pack", error.en, error.zh) from None
    own = f"policy/{pack.region}" if pack.region else NATIONAL
    if event.stream != own:
        raise _refuse("stream", f"expected the stream {own} for this pack, got {event.stream}", f"该规则包应记入 {own}")
    if state.holds(fact.digest, fact.in_force):
        raise _refuse(
            "adopted-once",
            f"expected another pack, this one holds from {fact.in_force} on already",
            f"该规则包已自 {fact.in_force} 起施行，不得重复采纳",
        )


def _admit_year(event: Event, fact: CalendarArranged) -> None:
    if event.stream != NATIONAL:
        raise _refuse(
            "stream",
            f"expected the stream {NATIONAL} for a year's arrangement, got {event.stream}",
            f"全年放假安排应记入 {NATIONAL}，实为 {event.stream}",
        )
    wrong = [d for d in (*fact.off, *fact.worked) if d.year != fact.year]
    wrong += [d for d in fact.off if _is_weekend(d)] + [d for d in fact.worked if not _is_weekend(d)]
    if wrong:
        raise _refuse(
            "calendar",
            f"expected weekdays off and weekend days worked, all of {fact.year}, got {wrong[0]}",
            f"off 应为 {fact.year} 年的周一至周五，worked 应为该年的周末，实有 {wrong[0]}",
        )


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def _refuse(rule: str, en: str, zh: str) -> RuleError:
    return RuleError(en, zh, rule=f"policy.{rule}", source=DESIGN)
