"""Checks that several steps of a record share: where the case stands, which documents and days, who is who.

>>> refuse("standing", "x", "y", "E05: TA-A 二(二)5").rule
'record.standing'
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ledger.domain.body import acts_for, of
from ledger.domain.event import Document, Event, Rules
from ledger.domain.record.state import Record, Standing
from ledger.domain.roles import CaseRole, Relations, about
from ledger.domain.steps import Context
from ledger.errors import RuleError

Case = Context[Record]

A12 = "A12: YC 二(四)16; DH 三(四); HS 五(五); TA-A 二(三)9; YN 三(四)"
CASE = "docs/architecture.md, A case is one stream"
WITHDRAWAL = "withdrawal"
"""The name of the restoration that follows from a withdrawal which nobody asked for; nothing else may have it."""
EARLIEST = date(1949, 10, 1)
"""No body of this ledger acted before: an earlier day is a slip of the pen."""


def refuse(rule: str, en: str, zh: str, source: str) -> RuleError:
    """The error of the rule ``record.<rule>``."""
    return RuleError(en, zh, rule=f"record.{rule}", source=source)


def relations(state: Record, event: Event, rules: Rules) -> Relations:
    """Which bodies stand where in this case: the subject, its superior and agents, who reported or was asked to verify
    what it reported, who recognised.
    """
    lead = state.lead.fact if state.lead else event.fact
    agents = [o.filed.fact.agent for o in state.objections] + [getattr(event.fact, "agent", None)]
    asked = [request.fact.source for o in state.objections for request in o.requests]
    return {
        **about(rules, lead.subject),
        CaseRole.AGENT: tuple(a for a in agents if a),
        CaseRole.CASE_SOURCE: (state.lead.by, *asked) if state.lead else (),
        CaseRole.CASE_RECOGNISER: (state.recognised.by,) if state.recognised else (),
    }


def need_standing(case: Case, source: str, *allowed: Standing) -> None:
    """The case stands where the event may come."""
    standing = case.state.standing
    if standing not in allowed:
        wanted = ", ".join(allowed)
        raise refuse(
            "standing",
            f"expected a case that is {wanted}, it is {standing}",
            f"案件状态应为 {wanted}，实为 {standing}",
            source,
        )


def need_not_closed(case: Case, source: str) -> None:
    """The file is not closed."""
    if case.state.closed:
        raise refuse(
            "closed",
            f"expected an open file, it was closed on {case.state.closed.day}",
            f"案卷已于 {case.state.closed.day} 结案",
            source,
        )


def need_record(case: Case, source: str) -> None:
    """There is a record that stands, neither withdrawn nor repaired, in a file that is open."""
    need_standing(case, source, Standing.RECORDED)
    need_not_closed(case, source)


def need_basis(case: Case, source: str) -> None:
    """The event names a document that it rests on."""
    event = case.event
    if event is not None and not event.basis and event.cause is None:
        raise refuse(
            "basis",
            f"{event.name} needs the document it rests on in basis, got none",
            f"{event.name} 须在 basis 中写明所依据的文件，实为空",
            source,
        )


def need_decision(case: Case, source: str) -> Document | None:
    """The first document of the basis is a decision with organ, number and day; the document (None: only asked)."""
    need_basis(case, source)
    if case.event is None or not case.event.basis:
        return None
    document = case.event.basis[0]
    missing = [name for name in ("organ", "number", "dated") if getattr(document, name) is None]
    if missing:
        raise refuse(
            "decision",
            f"expected organ, number and day of the decision in basis, {', '.join(missing)} missing",
            f"basis 的首个文件应写明机关、文号和日期，缺少 {'、'.join(missing)}",
            source,
        )
    need_past(case, document.dated, source)
    return document


def need_past(case: Case, day: date | None, source: str) -> None:
    """What is said to have happened did not happen after the day of recording, nor in another age."""
    if day is not None and not EARLIEST <= day <= case.today:
        raise refuse(
            "future",
            f"expected a day from {EARLIEST} to {case.today}, the day of recording, got {day}",
            f"日期应在 {EARLIEST} 与记载之日 {case.today} 之间，实为 {day}",
            source,
        )


def need_ahead(case: Case, day: date, source: str) -> None:
    """A deadline that is set now is not over already."""
    if day < case.today:
        raise refuse(
            "deadline-past",
            f"expected a deadline from {case.today} on, got {day}",
            f"期限应不早于 {case.today}，实为 {day}",
            source,
        )


def need_other(case: Case, source: str) -> None:
    """Nobody judges its own case: the signer does not act for the subject."""
    event = case.event
    if event is None or event.cause is not None or case.state.lead is None:
        return
    if acts_for(case.rules, event.iss, case.state.subject):
        raise refuse(
            "own-case",
            f"{event.name}: expected a body other than the subject {case.state.subject}, got {event.iss}",
            f"{event.name} 应由信用主体 {case.state.subject} 以外的单位签署，实为 {event.iss}",
            source,
        )


def need_known(case: Case, bodies: Iterable[str], source: str) -> None:
    """Every body named is in the ledger."""
    for body_id in bodies:
        if not of(case.rules, body_id).known:
            raise refuse(
                "known",
                f"expected a registered body, {body_id} is not in the ledger",
                f"应为已登记的单位，{body_id} 尚未在账本登记",
                source,
            )


def need_new(case: Case, item: str, source: str) -> None:
    """No penalty, objection, appeal or repair of this record has the name yet: a restoration is known by it alone."""
    state = case.state
    if item == WITHDRAWAL or state.penalty(item) or state.objection(item) or state.appeal(item) or state.repair(item):
        raise refuse(
            "item-new",
            f"expected a name that is new in this record, {item} is used",
            f"标识在本案中不得重复，{item} 已使用",
            source,
        )
