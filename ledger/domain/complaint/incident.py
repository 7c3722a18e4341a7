"""Steps of the breach incident: a complaint that a lead body and others solve together (B23, H10).

由各级政府分管领导牵头、相关部门及专业机构参与的政务失信违约事件协调处理机制（B23）.

>>> [cls.__name__ for cls in STEPS]
['IncidentOpened', 'IncidentResolved']
"""

from __future__ import annotations

from ledger.domain.body import acts_for
from ledger.domain.complaint import facts as f
from ledger.domain.complaint.checks import (
    FOUND,
    OPEN,
    Case,
    need_other,
    need_registered,
    need_standing,
    other,
    refuse,
)
from ledger.domain.steps import Step, Steps

B23 = "B23: YC 二(三)11"


def _open_incident(case: Case, item: str | None) -> None:
    need_standing(case, B23, *OPEN, *FOUND)
    if case.state.incident:
        raise refuse("incident", "expected no open incident, there is one", "已有未办结的违约事件", B23)


def _incident_opened(case: Case, fact: f.IncidentOpened) -> None:
    other(case, fact)
    need_other(case, fact.lead, B23)
    for body_id in (fact.lead, *fact.parties):
        need_registered(case, body_id, B23)


def _resolve_incident(case: Case, item: str | None) -> None:
    if not case.state.incident:
        raise refuse("incident", "expected an open incident, there is none", "没有未办结的违约事件", B23)


def _incident_resolved(case: Case, fact: f.IncidentResolved) -> None:
    lead = case.state.incident.opened.fact.lead if case.state.incident else ""
    if case.event is not None and not acts_for(case.rules, case.event.iss, lead):
        raise refuse(
            "incident-lead",
            f"expected the lead body {lead}, got {case.event.iss}",
            f"应由牵头单位 {lead} 签署，实为 {case.event.iss}",
            B23,
        )


STEPS: Steps = {
    f.IncidentOpened: Step("B23, H10", when=_open_incident, check=_incident_opened),
    f.IncidentResolved: Step("B23, H10", when=_resolve_incident, check=_incident_resolved),
}
