"""The monthly sweep of the courts' list (C08): what each row of it means for the ledger, and recording that.

A row is matched to a body by code or by a name it has or had; what only resembles one, fits several, or has the code of
one and the name of another is left to people. Whatever the ledger does not know yet becomes a lead (``LeadReceived``: a
lead is no record, C25); where a record of the same case stands, the listing is entered in it (``CourtListEntered``,
with the list as the court's document). That somebody is no longer on the list says not why, and a removal needs a way
(C06): those are told, for the court to confirm, and nothing is recorded of them. The sweep itself is recorded last, so
that a run that broke off is made good by running it again; after that the same file changes nothing.

>>> Outcome.STANDS.value, stream_of("某法院", "（2026）示01执1号", "11990000000000019A")[:7]
('stands', 'record/')
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ledger.application import Ledger
from ledger.authoring import Author
from ledger.domain.event import Document
from ledger.domain.ids import uuid8
from ledger.domain.record.course_facts import CourtListEntered
from ledger.domain.record.facts import LeadReceived
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import Conduct, SourceKind
from ledger.domain.sweep import CourtListSwept
from ledger.errors import RuleError
from ledger.sheets.court import CourtList, Entry, case_number_of

C08 = "C08: YN 二(六)"


class Outcome(StrEnum):
    """What a row of the list means."""

    STANDS = "stands"  # 账本已载其列名
    LEAD = "lead"  # 登记为线索
    PENDING = "pending"  # 线索已登记，待认定
    ENTER = "enter"  # 在已认定的记录中记载列名
    INCOMPLETE = "incomplete"  # 已认定，但名单缺执行依据或义务，须补记
    UNDECIDED = "undecided"  # 对应单位待人工确认
    NOBODY = "nobody"  # 不是本账本的单位
    UNUSABLE = "unusable"  # 该行有误，无法读取


@dataclass(frozen=True, slots=True)
class Candidate:
    """A body that a row may mean; ``sure``: by its code, or by a name that it has or had and nobody else."""

    body: str
    name: str
    way: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing that stands in the ledger; ``requested`` is the way by which its end was asked for."""

    stream: str
    subject: str
    court: str
    case_number: str
    listed_on: date
    requested: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A row, what it means, for whom and in which record; ``candidates`` where that is not decided."""

    row: int
    outcome: Outcome
    entry: Entry | None = None
    body: str | None = None
    stream: str | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows of a list, and the listings of the same courts that are no longer on it."""

    rows: tuple[Planned, ...]
    left: tuple[Listing, ...]

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many rows mean what."""
        return Counter(row.outcome for row in self.rows)


@dataclass(slots=True)
class Done:
    """What a run recorded; ``refused`` by row."""

    leads: int = 0
    entered: int = 0
    swept: bool = False
    refused: list[tuple[int, RuleError]] = field(default_factory=list)


def stream_of(court: str, case_number: str, body: str) -> str:
    """The record that a listing becomes a lead of: the same for the same listing, however often it is read."""
    place = "\n".join(("court-list", court, case_number_of(case_number), body))
    return f"record/{uuid8(place)}"


def fitting(coded: Sequence[Candidate], named: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Whom a row may mean, of those with its code and those with its name: its code tells, but where its name is surely
    another body's (a row that slipped in a spreadsheet) it may be either.

    >>> water, roads = Candidate("1", "水务局", "code", True), Candidate("2", "交通局", "name", True)
    >>> [c.body for c in fitting([water], [roads])], [c.body for c in fitting([water], [])]
    (['1', '2'], ['1'])
    """
    sure = [c for c in named if c.sure]
    if coded and sure and {c.body for c in coded}.isdisjoint(c.body for c in sure):
        return (*coded, *sure)
    return tuple(coded or named)


@dataclass(frozen=True)
class CourtSweep:
    """A sweep of one list. ``known`` are the listings that stand; ``recorded`` records by subject and number of the
    decision.
    """

    ledger: Ledger
    known: Sequence[Listing]
    recorded: Mapping[tuple[str, str], str]

    def plan(self, found: CourtList, candidates: Sequence[Sequence[Candidate]], courts: Iterable[str] = ()) -> Plan:
        """What the rows mean; ``candidates`` whom each entry may mean. ``courts``: whose whole list this is, beside
        those that it names.
        """
        standing = {(x.subject, case_number_of(x.case_number)): x for x in self.known}
        rows = [self._planned(e, c, standing) for e, c in zip(found.entries, candidates, strict=True)]
        used = {entry.row for entry in found.entries}
        unusable = {note.row for note in found.notes if note.serious} - used
        rows += [Planned(number, Outcome.UNUSABLE) for number in unusable]
        whose = {*courts, *(entry.court for entry in found.entries)}
        listed = set(_listed(rows))
        left = [
            x
            for x in self.known
            if x.court in whose
            and (x.subject, case_number_of(x.case_number)) not in listed
            and case_number_of(x.case_number) not in found.unread
        ]
        return Plan(tuple(sorted(rows, key=lambda r: r.row)), tuple(left))

    def _planned(
        self, entry: Entry, candidates: Sequence[Candidate], standing: Mapping[tuple[str, str], Listing]
    ) -> Planned:
        sure = {c.body for c in candidates if c.sure}
        if len(sure) != 1 or (entry.code and all(c.way != "code" for c in candidates)):
            outcome = Outcome.UNDECIDED if candidates else Outcome.NOBODY
            return Planned(entry.row, outcome, entry, candidates=tuple(candidates))
        (body,) = sure
        listing = standing.get((body, entry.case_number))
        if listing is not None:
            return Planned(entry.row, Outcome.STANDS, entry, body, listing.stream)
        stream = self.recorded.get((body, entry.case_number)) or stream_of(entry.court, entry.case_number, body)
        return Planned(entry.row, self._outcome(stream, entry), entry, body, stream)

    def _outcome(self, stream: str, entry: Entry) -> Outcome:
        state = self.ledger.case(stream).state
        if state.standing is Standing.EMPTY:
            return Outcome.LEAD
        if state.standing is not Standing.RECORDED or state.closed:
            return Outcome.PENDING
        if state.listings and state.listings[-1].removed is None:
            return Outcome.STANDS
        return Outcome.ENTER if entry.enforcement_basis and entry.duty else Outcome.INCOMPLETE

    def run(
        self, plan: Plan, found: CourtList, month: str, author: Author, today: date
    ) -> Iterator[tuple[int, int, Done]]:
        """Records what the plan says, then the sweep; yields (done, total, what was done so far)."""
        done = Done()
        todo = [row for row in plan.rows if row.outcome in {Outcome.LEAD, Outcome.ENTER}]
        file = Document(f"失信被执行人名单（{month}）", found.sha256)
        for number, row in enumerate(todo):
            yield number, len(todo) + 1, done
            self._record(row, found, month, author, today, done)
        self._sweep(plan, found, CourtListSwept(month, file, found.rows, *_numbers(plan)), author, done)
        yield len(todo) + 1, len(todo) + 1, done

    def _record(self, row: Planned, found: CourtList, month: str, author: Author, today: date, done: Done) -> None:
        assert row.entry is not None
        assert row.body is not None
        assert row.stream is not None
        entry = row.entry
        document = Document(
            f"失信被执行人名单（{month}）", found.sha256, entry.case_number, entry.court, entry.published_on
        )
        fact: LeadReceived | CourtListEntered
        if row.outcome is Outcome.LEAD:
            summary = f"{entry.court}{entry.case_number}：{entry.published_on}列入失信被执行人名单"
            conduct = (Conduct.NON_PERFORMANCE_OF_JUDGMENT,)
            fact = LeadReceived(row.body, SourceKind.COURT_LIST, conduct, summary, today)
        else:
            fact = CourtListEntered(
                *(entry.court, entry.case_number, entry.enforcement_basis, entry.duty, entry.published_on, entry.until)
            )
        try:
            head = self.ledger.head(row.stream)
            self.ledger.submit(author.write(row.stream, head, fact, (document,))).result()
        except RuleError as error:  # a finding, such as a body whose records this jurisdiction does not keep
            done.refused.append((row.row, error))
            return
        done.leads += isinstance(fact, LeadReceived)
        done.entered += isinstance(fact, CourtListEntered)

    def _sweep(self, plan: Plan, found: CourtList, fact: CourtListSwept, author: Author, done: Done) -> None:
        """That the list was swept; nothing where that is recorded already."""
        stream = f"body/{author.iss}"
        swept = self.ledger.case(stream).state.sweeps
        if any(s.month == fact.month and s.file == found.sha256 for s in swept):
            return
        self.ledger.submit(author.write(stream, self.ledger.head(stream), fact)).result()
        done.swept = True


def _listed(rows: Iterable[Planned]) -> Iterator[tuple[str, str]]:
    """Body and case number of all who are or may be on the list: a case can have several debtors."""
    for row in rows:
        if row.entry is not None:
            bodies = [row.body] if row.body else [c.body for c in row.candidates]
            yield from ((body, row.entry.case_number) for body in bodies)


def _numbers(plan: Plan) -> tuple[int, int, int]:
    """How many rows are bodies of this ledger, how many are left to decide, how many listings are gone."""
    counts = plan.counts
    undecided = counts[Outcome.UNDECIDED] + counts[Outcome.UNUSABLE]
    return sum(counts.values()) - undecided - counts[Outcome.NOBODY], undecided, len(plan.left)
