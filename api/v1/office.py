"""Resources of ``/api/v1`` that are for the offices alone: whoever has not the auditors' token is answered 403.

They are no part of what is public: not of the snapshot, not of feeds or search. Pages, exports, single rows and
``as_of`` are as those of the public's resources (api/v1/resources.py).

>>> from api.problems import AuditorsOnlyError
>>> try:
...     OFFICE["complaints"].listing(auditor=False)
... except AuditorsOnlyError as error:
...     print(error.code)
auditors-only
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from api.v1.operations import Parameter
from api.v1.resources import BODY_ID, Resource, coded
from api.words import EVENTS
from ledger.domain import commitment_terms
from ledger.domain.complaint import state as complaint_state
from ledger.domain.complaint import terms as complaint_terms
from ledger.domain.record.terms import Stage
from ledger.domain.roles import CaseRole
from ledger.domain.seal_terms import Ground, Purpose
from projections.views import complaints, lookups, projects

_ALL = (
    Resource(
        "complaints",
        "Work ledger of complaints",
        "投诉举报工作台账",
        complaints.COMPLAINTS,
        codes={
            "standing": coded(complaint_state.Standing),
            "channel": coded(complaint_terms.Channel),
            "matter": coded(complaint_terms.Matter),
            "area": coded(commitment_terms.Area),
        },
        parameters={
            "accused": Parameter(
                "accused",
                "Body complained of, with all that it answers for",
                "被投诉单位（含其承继的单位）",
                pattern=BODY_ID,
                most=18,
            ),
            "received_from": Parameter("received_from", "Came in on this day or after", "收到日期不早于", date),
            "received_by": Parameter("received_by", "Came in on this day or before", "收到日期不晚于", date),
        },
        prefix="complaint/",
        closed=True,
    ),
    Resource(
        "duplicates",
        "Numbers of the work ledger under which several complaints were recorded",
        "工作台账中重复的编号",
        complaints.DUPLICATES,
        single=False,
        closed=True,
    ),
    Resource(
        "projects",
        "Projects of public and private capital",
        "政府与社会资本合作项目",
        projects.PROJECTS,
        codes={"area": coded(commitment_terms.Area), "stage": coded(Stage)},
        parameters={"open": Parameter("open", "Whether it goes on, on the day", "当日是否仍在进行", bool)},
        prefix="project/",
        closed=True,
    ),
    Resource(
        "responsible",
        "Who answered for a project, and when",
        "项目责任人（责任回溯）",
        projects.RESPONSIBLE,
        codes={"stage": coded(Stage)},
        parameters={"day": Parameter("day", "Who answered for it on this day", "该日的责任人", date)},
        prefix="project/",
        closed=True,
    ),
    Resource(
        "sealed",
        "Who looked up sealed fields, and what was erased",
        "封存内容的查询与抹除",
        lookups.LOOKUPS,
        codes={
            "what": {name: EVENTS[name] for name in ("SealOpened", "SealErased")},
            "role": coded(CaseRole),
            "purpose": {**coded(Purpose), **coded(Ground)},
        },
        closed=True,
    ),
)

OFFICE: Mapping[str, Resource] = {resource.name: resource for resource in _ALL}
