"""Who may say what: the roles of a case against its events, read from the rule pack.

A body has a role because an operator granted it, because of what it is (a court), or because of where it stands to
the case (the subject, its superior, who recognised the record). The pack lists under ``roles.<role>`` the events that
a role may state. What the ledger itself states as a consequence needs no role.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from ledger.domain.body import Kind, acts_for, of
from ledger.domain.event import Event, Rules
from ledger.domain.policy import View
from ledger.errors import RuleError


class CaseRole(StrEnum):
    """Roles towards a case. The first six are granted by an operator."""

    OPERATOR = "operator"  # 运营机构
    CREDIT_OFFICE = "credit_office"  # 信用办
    APPRAISER = "appraiser"  # 评价单位
    RECOGNISING_BODY = "recognising_body"  # 认定单位
    SOURCE_BODY = "source_body"  # 信源单位
    HOTLINE = "hotline"  # 投诉举报受理单位
    COURT = "court"  # 人民法院
    SUBJECT = "subject"  # 信用主体
    AGENT = "agent"  # 代理人
    SUPERIOR = "superior"  # 上级主管单位
    CASE_RECOGNISER = "case_recogniser"  # 本案认定单位
    CASE_SOURCE = "case_source"  # 本案信源单位
    HANDLER = "handler"  # 承办单位


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


def allowed(view: View, name: str) -> tuple[CaseRole, ...]:
    """The roles that may state an event, in the order of :class:`CaseRole`."""
    return tuple(role for role in CaseRole if name in view.names(f"roles.{role}"))


def need_role(kind: str, event: Event, rules: Rules, view: View, relations: Relations) -> None:
    """The signer has a role that may state the event. Raises RuleError that names the missing roles."""
    if event.cause is not None:
        return
    wanted = allowed(view, event.name)
    if roles_of(rules, event.iss, relations) & set(wanted):
        return
    names = ", ".join(wanted) or "nobody but the ledger"
    zh = "、".join(wanted) or "仅账本自身"
    source = "; ".join(dict.fromkeys(view.source(f"roles.{role}") for role in wanted)) or "docs/rules.md"
    raise RuleError(
        f"{event.name} needs one of the roles {names}; {event.iss} has none of them",
        f"{event.name} 须由具有下列角色之一的单位签署：{zh}；{event.iss} 没有该角色",
        rule=f"{kind}.role",
        source=source,
    )
