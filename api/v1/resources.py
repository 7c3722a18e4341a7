"""The resources of ``/api/v1``: for each its name, which listing answers whom, and what its codes mean. One table.

A listing (projections/views/) says where the rows come from and what the columns are called; a resource adds what only
the interface knows: the enumerations of its codes, so that an answer can bring their words and an unknown code is
refused; and what its filters take that are no column. Lists, exports, single rows, description and snapshot are made
of this table alone.

>>> [parameter.name for parameter in RESOURCES["bodies"].filters()][:2]
['status', 'kind']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from api.problems import AuditorsOnlyError
from api.v1.operations import Parameter
from api.words import EVENTS, WORDS
from api.words.common import CASES
from api.words.public import PENALTY_STATES, RECTIFICATION_STATES
from api.words.table import Word
from ledger.domain import body_terms, commitment_due, commitment_terms
from ledger.domain.calendar import DeadlineState
from ledger.domain.record import remedy_terms
from ledger.domain.record import state as record_state
from ledger.domain.record import terms as record_terms
from projections.disclosure import GROUNDS
from projections.measures import MEANINGS
from projections.reading import Moment, Reading
from projections.views import (
    bodies,
    commitments,
    comparison,
    court,
    events,
    lateness,
    penalties,
    promises,
    records,
    remedies,
    statistics,
    takedowns,
)
from projections.views.listing import Column, Listing
from projections.views.names import answering

BODY_ID = "^(?:[0-9A-HJ-NPQRTUWXY]{18}|p-[0-9a-f]{16}|ledger)$"


@dataclass(frozen=True, slots=True)
class Export:
    """Rows of an export that tell more than those of a page: of ``listing``, each made by ``row``; ``columns`` are
    their names in order, for a file's first line.
    """

    listing: Listing
    columns: tuple[str, ...]
    row: Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Resource:
    """A resource; ``public`` answers everybody, ``auditors`` (where it is another) holders of the auditors' token.

    ``codes`` are the words of columns and filters that hold codes. ``parameters`` are filters that mean something of
    their own here. ``prefix`` stands before every key and is left out of addresses. ``moved`` says, for an id at a
    moment, which one answers for it, for 308. ``export`` is the longer form of its exports. ``single``: each row has
    an address of its own. ``closed``: ``public`` answers holders of the token, and nobody else is answered
    (api/v1/office.py).
    """

    name: str
    en: str
    zh: str
    public: Listing
    auditors: Listing | None = None
    codes: Mapping[str, Mapping[str, Word]] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    prefix: str = ""
    single: bool = True
    moved: Callable[[Reading, Moment, str], str] | None = None
    export: Export | None = None
    closed: bool = False

    def listing(self, *, auditor: bool) -> Listing:
        """The listing that answers this asker. Raises AuditorsOnlyError where none does."""
        if self.closed and not auditor:
            raise AuditorsOnlyError(self.en, self.zh)
        return self.auditors or self.public if auditor else self.public

    def filters(self, *, auditor: bool = False) -> Iterator[Parameter]:
        """The filters that its list takes."""
        listing = self.listing(auditor=auditor)
        columns = {column.name: column for column in listing.columns}
        for name in listing.filters:
            yield self._filter(name, columns.get(name))

    def _filter(self, name: str, column: Column | None) -> Parameter:
        if name in self.parameters:
            return self.parameters[name]
        codes = tuple(self.codes.get(name, ()))
        if name in COMMON and not codes:
            return COMMON[name]
        assert column is not None, f"{self.name}: the filter {name} is no column and not described"
        kind = column.type if column.type in {str, int, bool, date} else str
        return Parameter(name, column.en, column.zh, kind, codes)


_DAYS = {
    "from": ("On this day or after", "自该日起"),
    "until": ("On this day or before", "至该日止"),
    "to": ("In the month of this day or before", "至该日所在月止"),
    "made_from": ("Recorded on this day or after", "记载日期不早于"),
    "made_by": ("Recorded on this day or before", "记载日期不晚于"),
    "due_from": ("Due on this day or after", "到期日不早于"),
    "due_by": ("Due on this day or before", "到期日不晚于"),
    "open_due_from": ("Next open due day is this day or after", "待答复到期日不早于"),
    "open_due_by": ("Next open due day is this day or before", "待答复到期日不晚于"),
}
_BODIES = {
    "body": ("A body, with all that it answers for", "单位（含其承继的单位）"),
    "holder": ("Body that it binds now, with all that it answers for", "现义务单位（含其承继的单位）"),
    "handler": ("Body that handles it, with all that it answers for", "办理单位（含其承继的单位）"),
    "superior": ("Superior body", "上级单位"),
    "by": ("Body that stated it", "记载单位"),
    "iss": ("Body that signed it", "签署单位"),
}

COMMON: Mapping[str, Parameter] = {
    **{name: Parameter(name, en, zh, date) for name, (en, zh) in _DAYS.items()},
    **{name: Parameter(name, en, zh, pattern=BODY_ID, most=18) for name, (en, zh) in _BODIES.items()},
    **{
        parameter.name: parameter
        for parameter in (
            Parameter(
                "region",
                "Region, GB/T 2260: a city's code stands for its counties, too",
                "行政区划代码（GB/T 2260）：市级代码含其所辖县区",
                pattern="^[0-9]{6}$",
                most=6,
            ),
            Parameter("role", "Role in this ledger", "在本账本中的角色", codes=tuple(body_terms.Role)),
            Parameter("measure", "Code of a measure in the list", "惩戒措施代码", most=100),
            Parameter("in_force", "Whether a penalty is in force on the day", "当日是否有惩戒在执行", bool),
            Parameter(
                "hash",
                "SHA-256 of the signed bytes, or its beginning",
                "签名原文 SHA-256 或其开头",
                pattern="^[0-9a-f]{1,64}$",
                most=64,
            ),
            Parameter("document", "SHA-256 or number of a document", "文件的 SHA-256 或文号"),
        )
    },
}
"""Filters that mean the same wherever they are."""


def coded(codes: type[StrEnum]) -> Mapping[str, Word]:
    """The words of an enumeration, by its members' values."""
    return {str(code): words for code, words in WORDS[codes].items()}


_ALL = (
    Resource(
        "bodies",
        "Bodies",
        "单位",
        bodies.BODIES,
        codes={"kind": coded(body_terms.Kind), "status": coded(body_terms.Status), "roles": coded(body_terms.Role)},
        parameters={
            "name": Parameter("name", "Part of a name, former ones included", "名称（含曾用名）中的文字", most=100)
        },
        moved=answering,
    ),
    Resource(
        "commitments",
        "Commitments",
        "承诺",
        commitments.COMMITMENTS,
        codes={
            "area": coded(commitment_terms.Area),
            "kind": coded(commitment_terms.Kind),
            "standing": coded(commitment_due.Standing),
        },
        export=Export(promises.PROMISES, promises.COLUMNS, promises.told),
    ),
    Resource(
        "comparison",
        "Bodies side by side: commitments, public records and penalties of each, in no order of merit",
        "各单位对照：承诺、公示记录与惩戒措施（不排名）",
        comparison.COMPARISON,
        codes={"kind": coded(body_terms.Kind)},
        moved=answering,
    ),
    Resource(
        "records",
        "Dishonesty records that are public",
        "公示中的政务失信记录",
        records.PUBLIC,
        records.OFFICE,
        codes={
            "area": coded(commitment_terms.Area),
            "severity": coded(record_terms.Severity),
            "source": coded(record_terms.SourceKind),
            "conduct": coded(record_terms.Conduct),
            "standing": coded(record_state.Standing),
            "rectification": RECTIFICATION_STATES,
            "reason": {str(reason): Word(ground.zh, ground.en) for reason, ground in GROUNDS.items()},
        },
        prefix="record/",
    ),
    Resource(
        "penalties",
        "Penalties of public records",
        "公示记录的惩戒措施",
        penalties.PUBLIC,
        penalties.OFFICE,
        codes={"kind": coded(remedy_terms.MeasureKind), "state": PENALTY_STATES},
        prefix="record/",
    ),
    Resource(
        "objections",
        "Objections to public records",
        "对公示记录的异议",
        remedies.PUBLIC,
        remedies.OFFICE,
        prefix="record/",
    ),
    Resource(
        "takedowns", "Takedowns and repairs", "撤下与修复记录", takedowns.PUBLIC, takedowns.OFFICE, {"what": EVENTS}
    ),
    Resource(
        "court",
        "Entries in the courts' list of dishonest judgment debtors, of public records",
        "公示记录的失信被执行人名单信息",
        court.PUBLIC,
        court.OFFICE,
    ),
    Resource(
        "lateness",
        "Whether public records were published in time",
        "公示记录是否按时公开",
        lateness.PUBLIC,
        lateness.OFFICE,
        codes={"state": coded(DeadlineState)},
        prefix="record/",
    ),
    Resource(
        "duties",
        "What is still to be done in public records, and by when",
        "公示记录的待办事项与期限",
        remedies.DUTIES,
        remedies.QUEUE,
        codes={"state": coded(DeadlineState), "what": EVENTS},
        single=False,
    ),
    Resource(
        "statistics",
        "Statistics by measure, month, region and area: the sum of each month",
        "按指标、月、行政区划与领域的统计：当月增量",
        statistics.PUBLIC,
        statistics.OFFICE,
        codes={
            "area": coded(commitment_terms.Area),
            "measure": {str(measure): Word(meaning.zh, meaning.en) for measure, meaning in MEANINGS.items()},
        },
        single=False,
    ),
    Resource(
        "events",
        "Events of the log",
        "日志事件",
        events.PUBLIC,
        events.OFFICE,
        codes={"area": coded(commitment_terms.Area), "kind": CASES, "name": EVENTS},
    ),
)

RESOURCES: Mapping[str, Resource] = {resource.name: resource for resource in _ALL}
"""What is public, each as far as it is."""
