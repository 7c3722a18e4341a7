"""Importing a plan: from the tasks of a policy document to signed events.

Each task becomes one ``CommitmentMade`` of the government that issued the plan, signed by the credit office that read
it, with the file's SHA-256 in ``basis``. Bodies that the plan names are registered provisionally, visibly so, until an
event resolves them to a USCC. Streams are named after the document and the task's place in it, so reading the same
file again finds everything there and adds nothing.

>>> kind_of_body("各县（市、区）人民政府").value, kind_of_body("市纪委监委").value, kind_of_body("市财政局").value
('group', 'party_committee', 'department')
>>> area_of("16. 加强招商引资领域政务诚信建设").value
'investment_promotion'
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ledger.application import Ledger
from ledger.authoring import Author
from ledger.domain.body import BodyProvisionallyRegistered, provisional_id
from ledger.domain.body_terms import Kind
from ledger.domain.commitment import CommitmentMade
from ledger.domain.commitment_terms import Area, Every, Milestone, Recurrence
from ledger.domain.commitment_terms import Kind as Promise
from ledger.domain.event import Document
from ledger.domain.ids import uuid8
from ledger.errors import ConfigurationError, FormatError, Head, LedgerError
from ledger.plans import Plan, Task, read_plans

CHUNK = 500

_KINDS: tuple[tuple[str, Kind], ...] = (
    (
        r"^各|^有关|^相关|有关部门|相关部门|有关单位|相关单位|各单位|各部门|直各|直部门|职能部门|等部门|成员单位",
        Kind.GROUP,
    ),
    (r"领导小组|联席会议|委员会办公室$", Kind.COORDINATION),
    (r"法院$", Kind.COURT),
    (r"检察院$", Kind.PROCURATORATE),
    (r"人大|人民代表大会", Kind.CONGRESS),
    (r"政协", Kind.CPPCC),
    (r"管委会?$|开发区$|功能区", Kind.FUNCTIONAL_ZONE),
    (r"居民委员会$|居委会$", Kind.RESIDENTS_COMMITTEE),
    (r"村民委员会$|村委会$", Kind.VILLAGERS_COMMITTEE),
    (r"街道办事处$|镇人民政府$|乡人民政府$|镇政府$|乡政府$", Kind.TOWNSHIP),
    (r"政府$", Kind.GOVERNMENT),
    (r"纪委|监委|组织部|宣传部|统战部|政法委|编办|编委|党委|市委|县委|区委|党校|文明办|综治办", Kind.PARTY_COMMITTEE),
    (r"中心$|学校$|医院$|研究院$", Kind.PUBLIC_INSTITUTION),
    (r"银行|公司|集团", Kind.OTHER),
)

_AREAS: tuple[tuple[str, Area], ...] = (
    ("政府和社会资本合作|政府与社会资本合作|PPP", Area.PPP),
    ("公共资源交易", Area.PUBLIC_RESOURCE_TRADING),
    ("招标投标|招投标", Area.TENDERING),
    ("招商引资", Area.INVESTMENT_PROMOTION),
    ("财政资金补助", Area.FISCAL_SUBSIDIES),
    ("公益类事业单位", Area.PUBLIC_WELFARE_INSTITUTIONS),
    ("政府债务|债务领域", Area.LOCAL_DEBT),
    ("统计领域|政府统计", Area.STATISTICS),
    ("街道|乡镇", Area.TOWNSHIP),
    ("政府采购", Area.GOVERNMENT_PROCUREMENT),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read: its name, SHA-256 (hex) and the plans in it."""

    file: str
    sha256: str
    plans: tuple[Plan, ...]


@dataclass(slots=True)
class Summary:
    """What an import did: counts of bodies and commitments recorded now and found there, and the refusals."""

    bodies: int = 0
    commitments: int = 0
    present: int = 0
    refused: tuple[LedgerError, ...] = ()


def read_source(path: Path, *, issuer: str | None = None) -> Source:
    """Reads a file. Raises ConfigurationError if it cannot be read, FormatError if it is not the text of a plan."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read ({error.strerror})", f"{path}：无法读取（{error.strerror}）"
        ) from None
    try:
        plans = read_plans(data, issuer=issuer)
    except FormatError as error:
        raise FormatError(f"{path.name}: {error.en}", f"{path.name}：{error.zh}") from None
    return Source(path.name, hashlib.sha256(data).hexdigest(), plans)


def as_json(source: Source) -> Iterator[dict[str, object]]:
    """The tasks of a file as ``--json`` prints them."""
    for plan in source.plans:
        for task in plan.tasks:
            yield {
                "title": task.title,
                "text": task.text,
                "section": task.section,
                "lead": list(task.lead),
                "responsible": list(task.responsible),
                "supporting": list(task.supporting),
                "due": list(task.due),
                "continuous": task.continuous,
                "issuer": plan.issuer,
                "source": {"file": source.file, "sha256": source.sha256},
            }


class Importer:
    """Writes the events of read files that the ledger does not have yet, as ``author`` (a credit office)."""

    def __init__(self, ledger: Ledger, author: Author) -> None:
        self._ledger = ledger
        self._author = author

    def run(self, sources: Sequence[Source]) -> Iterator[tuple[int, int, Summary]]:
        """Imports; yields (done, total, summary so far) after each group of events, for a progress bar."""
        facts = list(_facts(sources))
        known = {row.stream for row in self._ledger.reader.streams([stream for stream, _, _ in facts])}
        summary = Summary(present=sum(stream in known for stream, _, _ in facts))
        todo = [f for f in facts if f[0] not in known]
        for start in range(0, len(todo), CHUNK):
            group = todo[start : start + CHUNK]
            jws = [self._author.write(stream, Head(0, None), fact, basis) for stream, fact, basis in group]
            for (_, fact, _), future in zip(group, self._ledger.submit_many(jws), strict=True):
                error = future.exception()
                if isinstance(error, LedgerError):
                    summary.refused += (error,)
                elif error:
                    raise error
                elif isinstance(fact, CommitmentMade):
                    summary.commitments += 1
                else:
                    summary.bodies += 1
            yield start + len(group), len(todo), summary
        if not todo:
            yield 0, 0, summary


Planned = tuple[str, BodyProvisionallyRegistered | CommitmentMade, tuple[Document, ...]]


def _facts(sources: Iterable[Source]) -> Iterator[Planned]:
    """Stream, fact and basis of every event that these files give rise to: bodies first, then who names them."""
    seen: set[str] = set()
    for source in sources:
        for number, plan in enumerate(source.plans):
            basis = (_document(plan, source.sha256),)
            for name in _names(plan):
                stream = f"body/{provisional_id(plan.issuer, name)}"
                if stream not in seen:
                    seen.add(stream)
                    yield stream, BodyProvisionallyRegistered(name, kind_of_body(name), plan.issuer), basis
            for ordinal, task in enumerate(plan.tasks):
                place = f"plan\n{source.sha256}\n{number}\n{ordinal}"
                yield f"commitment/{uuid8(place)}", _commitment(plan, task), basis


def _names(plan: Plan) -> Iterator[str]:
    yield plan.issuer
    for task in plan.tasks:
        yield from (*task.lead, *task.responsible, *task.supporting)


def _document(plan: Plan, sha256: str) -> Document:
    dated = date.fromisoformat(plan.issued_on) if plan.issued_on else None
    title = f"{plan.title}（征求意见稿）" if plan.draft else plan.title  # a draft for comment binds nobody yet: say so
    return Document(title[:200], sha256, plan.number, plan.issuer, dated)


def _commitment(plan: Plan, task: Task) -> CommitmentMade:
    def ids(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(provisional_id(plan.issuer, name) for name in names)

    due, milestones, recurrence = _schedule(task)
    return CommitmentMade(
        title=task.title[:200],
        text=task.text[:8000],
        kind=Promise.PLAN,
        area=area_of(task.section),
        promiser=provisional_id(plan.issuer, plan.issuer),
        lead=ids(task.lead),
        responsible=ids(task.responsible),
        supporting=ids(task.supporting),
        due=due,
        milestones=milestones,
        recurrence=recurrence,
        continuous=task.continuous,
        section=task.section[:200],
    )


def _schedule(task: Task) -> tuple[date | None, tuple[Milestone, ...], Recurrence | None]:
    """Due day, milestones and recurrence of a task.

    The last of several days is the due day, those before it are milestones. Days of each year make a recurrence, which
    a day of a certain year beside them ends; a day of each month is a monthly duty.
    """
    days = sorted({date.fromisoformat(d) for d in task.due if not d.startswith("-")})
    last = days[-1] if days else None
    yearly = tuple(d[2:] for d in task.due if re.fullmatch(r"--\d\d-\d\d", d))
    if yearly:
        return None, (), Recurrence(days=yearly, until=last)
    if any(d.startswith("---") for d in task.due):
        return None, (), Recurrence(every=Every.MONTH, until=last)
    return last, tuple(Milestone(day, task.title[:200]) for day in days[:-1]), None


def kind_of_body(name: str) -> Kind:
    """What kind of body a name in a plan most likely means; a provisional registration says no more than that."""
    return next((kind for pattern, kind in _KINDS if re.search(pattern, name)), Kind.DEPARTMENT)


def area_of(section: str) -> Area:
    """The key area (I01) of a task, by the last heading of its section; general where it names none."""
    heading = section.rpartition(" / ")[2]
    return next((area for pattern, area in _AREAS if re.search(pattern, heading)), Area.GENERAL)
