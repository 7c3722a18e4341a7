"""(e): what the rules cost: to judge one more event of a record and all that follows from it, and to fold it in.

The case is a record under a city's rules in which three penalties are in force, and objection after objection is taken
up, checked with the source and dismissed: each suspends the penalties and resumes them. So the case of 500 events holds
tens of objections that every rule has to look through. No log, no signature: ``admit`` and ``evolve`` alone.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from benchmarks.report import Figure
from ledger import policies
from ledger.domain.body import Body
from ledger.domain.body_terms import Kind, Role, Status
from ledger.domain.event import LEDGER, Document, Event, Recorded, Rules
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.kinds import KINDS
from ledger.domain.policy import EMPTY as NO_POLICY
from ledger.domain.policy import evolve
from ledger.domain.record import course_facts as c
from ledger.domain.record import facts as f
from ledger.domain.record import remedy_facts as r
from ledger.domain.record import remedy_terms as w
from ledger.domain.record.state import Record
from ledger.domain.record.terms import Conduct, LetterKind, Severity, SourceKind, WithdrawalGround

SUBJECT, OFFICE, RECOGNISER, SOURCE = map(fictional_uscc, range(2, 6))
STREAM = "record/0198c5a2-0000-7000-8000-000000000001"
PAPER = (Document("决定书", "5d" * 32, "测决〔2026〕1号", "测速监督局（虚构）", date(2026, 4, 1)),)
START = date(2026, 4, 1)
RUNS = 400
"""How often each of the next events is judged; the median counts."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Saying:
    """A fact and who states it; ``cause`` where the ledger does."""

    fact: Any
    by: str
    cause: str | None = None


@dataclass
class Case:
    """A record under way."""

    rules: Rules
    state: Record
    length: int = 0
    today: date = START

    def say(self, saying: Saying) -> None:
        """Judges a saying and all that follows from it, and folds it in."""
        self.state, count = after(self.state, self.rules, saying, self.length, self.today)
        self.length += count


def after(state: Record, rules: Rules, saying: Saying, length: int, today: date) -> tuple[Record, int]:
    """The state after a saying and its consequences, each judged in its turn; and how many events these are."""
    kind, at, queue, count = KINDS["record"], noon(today), [saying], 0
    while queue:
        now = queue.pop(0)
        version = length + count + 1
        event = Event(now.by, 0, f"jti-{version}", STREAM, version, None, now.fact, PAPER, now.cause)
        more = kind.admit(state, event, rules, at)
        state = kind.evolve(state, Recorded(event, "kid", version, at, "00" * 32))
        count += 1
        queue += [Saying(x.fact, LEDGER, event.jti) for x in more if x.stream == STREAM]
    return state, count


def noon(day: date) -> datetime:
    """Noon of a day in China."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def rules() -> Rules:
    """The bodies of the case, and the packs of Huangshi, where penalties wait for objections, and of the nation."""
    known = (
        Body(SUBJECT, Status.REGISTERED, "测速建设局（虚构）", kind=Kind.DEPARTMENT),
        Body(
            OFFICE, Status.REGISTERED, "测速信用办（虚构）", kind=Kind.DEPARTMENT, roles=frozenset({Role.CREDIT_OFFICE})
        ),
        Body(RECOGNISER, Status.REGISTERED, "测速监督局（虚构）", roles=frozenset({Role.RECOGNISING_BODY})),
        Body(SOURCE, Status.REGISTERED, "测速信源单位（虚构）", roles=frozenset({Role.SOURCE_BODY})),
    )
    return Rules({b.id: b for b in known}, {}, tuple(_policy(name) for name in ("huangshi", "national")))


def _policy(name: str) -> Any:
    """A shipped pack as adopted; the national one with the years' arrangements."""
    facts: list[Any] = [policies.adoption(policies.text(name)).fact]
    if name == "national":
        facts += policies.arrangements(policies.text(policies.CALENDAR))
    state = NO_POLICY
    for number, fact in enumerate(facts):
        event = Event(OFFICE, 0, f"jti-{number}", "policy/x", number + 1, None, fact, PAPER)
        state = evolve(state, Recorded(event, "kid", number, noon(START), "00" * 32))
    return state


def course() -> Iterator[Saying]:
    """The case, without end: recognised and punished, then objection after objection."""
    yield Saying(f.LeadReceived(SUBJECT, SourceKind.ADMINISTRATIVE_PENALTY, _ACT, "未依法办理", START), SOURCE)
    yield Saying(f.LeadVerified(True, "经核实属实"), OFFICE)
    item = "administrative_penalty"
    source = SourceKind.ADMINISTRATIVE_PENALTY
    yield Saying(f.BreachRecognised(source, _ACT, "事实清楚", START, True, item), RECOGNISER)
    yield Saying(f.SeverityGraded(Severity.GENERAL, Severity.GENERAL, "损失", Severity.MINOR, "影响"), RECOGNISER)
    for penalty in ("p1", "p2", "p3"):
        yield Saying(_penalty(penalty), RECOGNISER)
    number = 0
    while True:
        number += 1
        yield from _objection(f"o{number}")


_ACT = (Conduct.UNLAWFUL_ACT,)


def _penalty(name: str) -> r.PenaltyImposed:
    return r.PenaltyImposed(name, "award_exclusion", "依据清单", START, START + timedelta(365), None, PAPER[0])


def _objection(name: str) -> Iterator[Saying]:
    yield Saying(r.ObjectionFiled(name, (w.Point.CONTENT,), "记载有误", PAPER), SUBJECT)
    yield Saying(r.ObjectionAccepted(name, START), OFFICE)
    yield Saying(r.VerificationRequested(name, SOURCE, START), OFFICE)
    yield Saying(r.SourceAnswered(name, True, "无误"), SOURCE)
    yield Saying(r.ObjectionDismissed(name, "不成立"), OFFICE)


def case_of(length: int) -> Case:
    """A case of at least so many events, at a place where an objection was just filed."""
    case = Case(rules(), KINDS["record"].initial)
    for saying in course():
        case.say(saying)
        if case.length >= length and isinstance(saying.fact, r.ObjectionFiled):
            return case
    raise AssertionError("the course has no end")


def next_events(case: Case) -> list[Saying]:
    """What may come next: of different rooms, one with consequences in all penalties."""
    open_objection = case.state.objections[-1].filed.fact.objection
    return [
        Saying(r.ObjectionAccepted(open_objection, START), OFFICE),
        Saying(r.ObjectionFiled("next", (w.Point.SEVERITY,), "程度有误", PAPER), SUBJECT),
        Saying(_penalty("next"), RECOGNISER),
        Saying(r.PenaltyLifted("p1", w.LiftReason.ERROR), OFFICE),
        Saying(r.AppealFiled("next", w.Route.APPEAL, w.Against.RECOGNITION, "测速法院（虚构）", START), SUBJECT),
        Saying(c.SupervisionLetterIssued(LetterKind.SPECIAL_SUPERVISION, "限期整改"), OFFICE),
        Saying(c.RecordShared(SOURCE, "归集"), OFFICE),
        Saying(c.RecordWithdrawn(WithdrawalGround.UNTRUE, "事实不成立"), OFFICE),
    ]


class Judging:
    """(e): the same next events on a case of 50 and on one of 500 events, by turns."""

    def __init__(self, lengths: tuple[int, int] = (50, 500), runs: int = RUNS) -> None:
        self._cases, self._runs = [case_of(length) for length in lengths], runs
        self._lengths = lengths
        self.medians: list[list[float]] = []  # by case: the median of each next event, in µs

    def run(self, say: Say) -> None:
        """Measures each next event on each case by turns."""
        events = [next_events(case) for case in self._cases]
        taken: list[list[list[float]]] = [[[] for _ in sayings] for sayings in events]
        for _ in range(self._runs):
            for case, sayings, found in zip(self._cases, events, taken, strict=True):
                for saying, times in zip(sayings, found, strict=True):
                    started = time.perf_counter_ns()
                    after(case.state, case.rules, saying, case.length, case.today)
                    times.append((time.perf_counter_ns() - started) / 1000)
        self.medians = [[statistics.median(times) for times in found] for found in taken]
        for length, medians in zip(self._lengths, self.medians, strict=True):
            say(f"(e) at {length} events: {statistics.median(medians):.0f} µs, the slowest kind {max(medians):.0f} µs")

    def figures(self) -> list[Figure]:
        """The median over the kinds of next event, the slowest of them, and how they grow with the case."""
        (short, long), (first, second) = self._lengths, self.medians
        how = "admit + evolve with all consequences"
        growth = statistics.median(b / a for a, b in zip(first, second, strict=True))
        found = []
        for length, values in zip(self._lengths, self.medians, strict=True):
            aim = 1000.0 if length == short else None
            middle, slowest = statistics.median(values), max(values)
            found.append(Figure("e", f"next event at {length:,}, median", middle, "µs", how, aim=aim, at_most=True))
            found.append(Figure("e", "  the slowest kind of event", slowest, "µs", how, aim=aim, at_most=True))
        what = f"at {short:,}, median of kinds; linear would be {long // short} ×"
        return [*found, Figure("e", f"next event at {long:,}", growth, "×", what, aim=long / short, at_most=True)]
