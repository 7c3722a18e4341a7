"""Who may say what: the roles of a case against its events, read from the rule pack.

A body has a role because an operator granted it, because of what it is (a court), or because of where it stands to
the case (the subject, its superior, who recognised the record). The pack lists under ``roles.<role>`` the events that
a role may state; ``person/SealOpened`` is one that it may state in that kind of case alone. What the ledger itself
states as a consequence needs no role.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from ledger.domain.body import acts_for, of
from ledger.domain.body_terms import Kind
from ledger.domain.event import Event, Rules
from ledger.domain.policy import View
from ledger.errors import RuleError


class CaseRole(StrEnum):
    """Roles towards a case. The first six are granted by an operator."""

    OPERATOR = "operator"
    CREDIT_OFFICE = "credit_office"
    APPRAISER = "appraiser"
    RECOGNISING_BODY = "recognising_body"
    SOURCE_BODY = "source_body"
    HOTLINE = "hotline"
    COURT = "court"
    SUBJECT = "subject"
    AGENT = "agent"
    SUPERIOR = "superior"
    CASE_RECOGNISER = "case_recogniser"
    CASE_SOURCE = "case_source"
    HANDLER = "handler"


CALLED: Mapping[CaseRole, str] = {
    CaseRole.OPERATOR: "运营机构",
    CaseRole.CREDIT_OFFICE: "信用办",
    CaseRole.APPRAISER: "评价单位",
    CaseRole.RECOGNISING_BODY: "认定单位",
    CaseRole.SOURCE_BODY: "信源单位",
    CaseRole.HOTLINE: "投诉举报受理单位",
    CaseRole.COURT: "人民法院",
    CaseRole.SUBJECT: "信用主体",
    CaseRole.AGENT: "代理人",
    CaseRole.SUPERIOR: "上级主管单位",
    CaseRole.CASE_RECOGNISER: "本案认定单位",
    CaseRole.CASE_SOURCE: "本案信源单位",
    CaseRole.HANDLER: "承办单位",
}
"""What the roles are called in Chinese."""


Relations = Mapping[CaseRole, Iterable[str]]
"""Which bodies stand where in a case: for each relation, the bodies that have it."""


def about(rules: Rules, body: str | None) -> dict[CaseRole, tuple[str, ...]]:
    """The relations of a case that is about a body: the subject, and its superior."""
    superior = of(rules, body).superior if body else None
    return {CaseRole.SUBJECT: (body,) if body else (), CaseRole.SUPERIOR: (superior,) if superior else ()}


def roles_of(rules: Rules, signer: str, relations: Relations) -> frozenset[CaseRole]:
    """All roles that a body has towards a case."""
    body = of(rules, signer)
    found = {CaseRole(role) for role in body.roles}
    if body.kind is Kind.COURT:
        found.add(CaseRole.COURT)
    found |= {role for role, bodies in relations.items() if any(acts_for(rules, signer, b) for b in bodies)}
    return frozenset(found)


Granted = Mapping[CaseRole, frozenset[str]]
"""The events that each role may state, in the order of :class:`CaseRole`."""


def granted(view: View) -> Granted:
    """What the rules of a day let each role state."""
    return {role: frozenset(view.names(f"roles.{role}")) for role in CaseRole}


def allowed(rules: View | Granted, name: str, kind: str = "") -> tuple[CaseRole, ...]:
    """The roles that may state an event, in the order of :class:`CaseRole`; also those that may in this kind alone."""
    of_kind, each = f"{kind}/{name}", granted(rules) if isinstance(rules, View) else rules
    return tuple(role for role, names in each.items() if name in names or of_kind in names)


def need_role(kind: str, event: Event, rules: Rules, view: View, relations: Relations) -> None:
    """The signer has a role that may state the event. Raises RuleError that names the missing roles."""
    if event.cause is not None:
        return
    wanted = allowed(view, event.name, kind)
    if roles_of(rules, event.iss, relations) & set(wanted):
        return
    names = ", ".join(wanted) or "nobody but the ledger"
    zh = "、".join(CALLED[role] for role in wanted) or "仅账本自身"
    source = "; ".join(dict.fromkeys(view.source(f"roles.{role}") for role in wanted)) or "docs/rules.md"
    raise RuleError(
        f"{event.name} needs one of the roles {names}; {event.iss} has none of them",
        f"{event.name} 须由具有下列角色之一的单位签署：{zh}；{event.iss} 没有该角色",
        rule=f"{kind}.role",
        source=source,
    )
