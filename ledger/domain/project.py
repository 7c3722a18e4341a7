"""A project with private partners (政府和社会资本合作, I06-I09), and who answered for its stages. ``project/<uuid>``.

Who was responsible is kept with first and last day, and nothing of the past is ever changed by what comes later: who
was responsible at a stage on a day (:func:`responsible_at`, 责任回溯, I08) is answered for every day, also after the
person left, the body was succeeded or the project was closed (D19 终身责任).

>>> from datetime import datetime
>>> given = ResponsibleAssigned("r1", "11990000000000019A", date(2024, 1, 1), post="建设处负责人")
>>> event = Event("11990000000000019A", 0, "", "project/1", 2, None, given)
>>> state = evolve(EMPTY, Recorded(event, "", 0, datetime.fromisoformat("2026-03-02T04:00:00Z"), ""))
>>> [r.post for r in responsible_at(state, Stage.FINANCING, date(2025, 6, 1))]
['建设处负责人']
>>> responsible_at(state, Stage.FINANCING, date(2023, 12, 31))
()
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, assert_never

from ledger.domain.codec import Name, Prose, Uscc
from ledger.domain.commitment_terms import Area, Outcome
from ledger.domain.event import Event, Recorded, Said, said
from ledger.domain.record.terms import ItemId, PersonRef, RecordRef, Stage

# --- facts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProjectRegistered:
    """A project begins: its title, the body on the government's side, the key area (I01), the day."""

    SCHEMA: ClassVar[int] = 1
    title: Name
    body: Uscc
    area: Area
    started_on: date


@dataclass(frozen=True, slots=True)
class StageBegun:
    """A stage began (I06, I07); it goes on until the next begins or the project is closed."""

    SCHEMA: ClassVar[int] = 1
    stage: Stage
    on: date


@dataclass(frozen=True, slots=True)
class ResponsibleAssigned:
    """Somebody on the government's side answers for a stage, or without ``stage`` for the whole project (A05).

    A person (a reference to its stream, never a name) or a post of ``body``, from ``start`` on. ``assignment`` names it
    within the project.
    """

    SCHEMA: ClassVar[int] = 1
    assignment: ItemId
    body: Uscc
    start: date
    stage: Stage | None = None
    person: PersonRef | None = None
    post: Name | None = None


@dataclass(frozen=True, slots=True)
class ResponsibleRelieved:
    """Somebody answers no longer for what comes; ``on`` was the last day. For what was, it goes on (D19)."""

    SCHEMA: ClassVar[int] = 1
    assignment: ItemId
    on: date


@dataclass(frozen=True, slots=True)
class PerformanceRecorded:
    """How the government's side kept the contract at a stage, on a day (I08 项目守信履约情况与实施成效)."""

    SCHEMA: ClassVar[int] = 1
    stage: Stage
    on: date
    outcome: Outcome
    summary: Prose


@dataclass(frozen=True, slots=True)
class ProjectBreachLinked:
    """A dishonesty record came out of the project (I09 失信违约记录)."""

    SCHEMA: ClassVar[int] = 1
    record: RecordRef


@dataclass(frozen=True, slots=True)
class ProjectClosed:
    """The project ended; ``on`` was its last day."""

    SCHEMA: ClassVar[int] = 1
    on: date
    summary: Prose


Fact = (
    ProjectRegistered
    | StageBegun
    | ResponsibleAssigned
    | ResponsibleRelieved
    | PerformanceRecorded
    | ProjectBreachLinked
    | ProjectClosed
)

# --- state --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who answered for a stage (None: for all), a person or a post of a body, first and last day included."""

    assignment: str
    body: str
    start: date
    until: date | None = None
    stage: Stage | None = None
    person: str | None = None
    post: str | None = None

    def on(self, day: date) -> bool:
        """Whether a day belongs to it."""
        return self.start <= day and (self.until is None or day <= self.until)

    def is_same(self, other: ResponsibleAssigned | Responsible) -> bool:
        """Whether the same person, or the same post, answers for the same."""
        if self.stage is not other.stage:
            return False
        if self.person or other.person:
            return self.person == other.person
        return (self.body, self.post) == (other.body, other.post)


@dataclass(frozen=True, slots=True)
class Project:
    """All that the log says about a project up to a position."""

    registered: Said[ProjectRegistered] | None = None
    stages: tuple[Said[StageBegun], ...] = ()
    responsible: tuple[Responsible, ...] = ()
    performance: tuple[Said[PerformanceRecorded], ...] = ()
    breaches: tuple[Said[ProjectBreachLinked], ...] = ()
    closed: Said[ProjectClosed] | None = None

    @property
    def body(self) -> str:
        """The body on the government's side. Only for a project that was registered."""
        assert self.registered is not None
        return self.registered.fact.body

    @property
    def stage(self) -> Stage | None:
        """The stage that began last."""
        return self.stages[-1].fact.stage if self.stages else None

    def assigned(self, assignment: str | None) -> Responsible | None:
        """The assignment of this name."""
        return next((r for r in self.responsible if r.assignment == assignment), None)


EMPTY = Project()


def responsible_at(state: Project, stage: Stage, on: date) -> tuple[Responsible, ...]:
    """Who was responsible at a stage on a day, in the order of assignment (I08 责任回溯)."""
    return tuple(r for r in responsible_for(state, stage) if r.on(on))


def responsible_for(state: Project, stage: Stage) -> tuple[Responsible, ...]:
    """Everybody who ever answered for a stage: what they answer for has no end (D19 终身责任追究、责任倒查)."""
    return tuple(r for r in state.responsible if r.stage in {None, stage})


def named(state: Project, event: Event) -> Iterator[str]:
    """Bodies beyond those in the event's data that admission looks at: all that answer or answered for it."""
    if state.registered:
        yield state.body
    yield from dict.fromkeys(r.body for r in state.responsible)


def related(state: Project, event: Event) -> Iterator[str]:
    """Other streams that admission looks at: the person or the record that the event names."""
    fact: Fact = event.fact
    if isinstance(fact, ResponsibleAssigned) and fact.person:
        yield fact.person
    elif isinstance(fact, ProjectBreachLinked):
        yield fact.record


def subject(state: Project, event: Event) -> str | None:
    """The body whose region decides which rule pack applies."""
    if state.registered:
        return state.body
    return event.fact.body if isinstance(event.fact, ProjectRegistered) else None


def evolve(state: Project, recorded: Recorded) -> Project:
    """The project after an admitted event."""
    fact: Fact = recorded.event.fact
    saying = said(recorded)
    match fact:
        case ProjectRegistered():
            return replace(state, registered=saying)
        case StageBegun():
            return replace(state, stages=(*state.stages, saying))
        case ResponsibleAssigned():
            given = Responsible(fact.assignment, fact.body, fact.start, None, fact.stage, fact.person, fact.post)
            return replace(state, responsible=(*state.responsible, given))
        case ResponsibleRelieved():
            ended = tuple(
                replace(r, until=fact.on) if r.assignment == fact.assignment else r for r in state.responsible
            )
            return replace(state, responsible=ended)
        case PerformanceRecorded():
            return replace(state, performance=(*state.performance, saying))
        case ProjectBreachLinked():
            return replace(state, breaches=(*state.breaches, saying))
        case ProjectClosed():
            return replace(state, closed=saying, responsible=tuple(_closed(r, fact.on) for r in state.responsible))
        case _:
            assert_never(fact)


def _closed(responsible: Responsible, on: date) -> Responsible:
    """What went on ends with the project's last day."""
    return replace(responsible, until=on) if responsible.until is None else responsible
