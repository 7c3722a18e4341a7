"""Who may look up or erase sealed fields, what for, and on what grounds: the steps that every kind which seals shares.

The pack says which roles may (``roles.*``; an entry ``person/SealOpened`` counts for that kind alone), which purposes
count in a kind of case (``lookup.person``, ``lookup.complaint``), which of them need the official letter, and which
grounds an erasure may have. What is erased is never opened again, even where an old copy of the vault still had it.

>>> from ledger.domain.person_rules import STEPS
>>> STEPS[SealErased].rows
'C17, E05, E17, F02'
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledger.domain.event import Event, Rules, stream_kind
from ledger.domain.roles import CALLED, Relations, allowed, roles_of
from ledger.domain.seals import SealErased, SealOpened, Seals
from ledger.domain.steps import Context, Step, Steps
from ledger.errors import RuleError

G01 = "G01: YC 二(二)7; YN 二(四); G02: YN 二(四)(二); G03: DH 二(二)3; HS 四(六); G04: HS 四(五); TA-B 二(二)"
C17 = "C17: HS 四(九); TA-A 二(二)5; DH 二(四)2; YC 二(二)5; YN 二(七)"
F15 = "F15: YN 二(四); TA-B 二(五)"
SEALED = "docs/log-format.md, Sealed fields"

Case = Context[Any]
Relating = Callable[[Any, Event, Rules], Relations]


def refuse(rule: str, en: str, zh: str, source: str) -> RuleError:
    """The error of a rule, which is named with its kind: it is the same in every kind of case that seals."""
    return RuleError(en, zh, rule=rule, source=source)


def _any_left(case: Case, item: str | None) -> None:
    seals: Seals = case.state.seals
    if not seals.sealed:
        raise refuse("seal.none", "expected sealed fields, this case has none", "本案没有封存内容", SEALED)
    if not seals.left:
        raise refuse(
            "seal.erased", "the sealed fields of this case are erased already", "本案的封存内容已经抹除", SEALED
        )


def _need_left(case: Case, digests: tuple[str, ...]) -> None:
    """What is named is sealed here, and not erased."""
    seals: Seals = case.state.seals
    if not seals.sealed.issuperset(digests):
        raise refuse("seal.unknown", "expected digests that stand in this case", "摘要应为本案封存内容的摘要", SEALED)
    if not seals.left.issuperset(digests):
        raise refuse(
            "seal.erased", "some of the sealed fields named are erased already", "所列封存内容有的已经抹除", SEALED
        )


def _opened(case: Case, fact: SealOpened) -> None:
    _need_left(case, fact.digests)
    if not fact.fields:
        raise refuse("seal.fields", "expected the names of the fields to look up", "应写明查询哪些字段", F15)
    key = f"lookup.{_kind(case)}"
    purposes = case.view.names(key)
    if fact.purpose not in purposes:
        raise refuse(
            "seal.purpose",
            f"expected one of the purposes {', '.join(purposes)}, got {fact.purpose}",
            f"查询目的应为 {'、'.join(purposes)} 之一，实为 {fact.purpose}",
            f"{G01}; {case.view.source(key)}",
        )
    if fact.purpose in case.view.names("lookup_letter") and case.event is not None and not case.event.basis:
        raise refuse(
            "seal.letter",
            f"a look-up for {fact.purpose} needs the official letter in basis, got none",
            f"以 {fact.purpose} 为目的的查询须在 basis 中写明公函，实为空",
            f"{G01}; {case.view.source('lookup_letter')}",
        )


def _erased(case: Case, fact: SealErased) -> None:
    _need_left(case, fact.digests)
    grounds = case.view.names("erasure.grounds")
    if fact.ground not in grounds:
        raise refuse(
            "seal.ground",
            f"expected one of the grounds {', '.join(grounds)}, got {fact.ground}",
            f"抹除理由应为 {'、'.join(grounds)} 之一，实为 {fact.ground}",
            f"{C17}; {case.view.source('erasure.grounds')}",
        )
    if case.event is not None and not case.event.basis:
        raise refuse(
            "seal.basis",
            "an erasure needs the document it rests on in basis, got none",
            "抹除封存内容须在 basis 中写明所依据的文件，实为空",
            C17,
        )


def _kind(case: Case) -> str:
    return stream_kind(case.event.stream) if case.event else ""


def need_own_role(case: Case, fact: SealOpened, relating: Relating) -> None:
    """The role that a look-up names is one that the signer has here, and that may look."""
    event = case.event
    if event is None:
        return
    has = roles_of(case.rules, event.iss, relating(case.state, event, case.rules))
    may = allowed(case.view, event.name, _kind(case))
    if fact.role not in has & set(may):
        raise refuse(
            "seal.role",
            f"expected a role of {event.iss} that may look up sealed fields here, got {fact.role}",
            f"查询角色应为 {event.iss} 具有且可以查询的角色，实为{CALLED[fact.role]}",
            G01,
        )


def steps(relating: Relating, also: Callable[[Any, Any], None] = lambda case, fact: None) -> Steps:
    """The steps of look-ups and erasures; ``also`` is what a kind of case demands besides."""

    def look(case: Case, fact: SealOpened) -> None:
        also(case, fact)
        need_own_role(case, fact, relating)
        _opened(case, fact)

    def erase(case: Case, fact: SealErased) -> None:
        also(case, fact)
        _erased(case, fact)

    return {
        SealOpened: Step("G01, G02, G03, G04, F15", when=_any_left, check=look),
        SealErased: Step("C17, E05, E17, F02", when=_any_left, check=erase),
    }
