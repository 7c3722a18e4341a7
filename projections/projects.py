"""Projects of public and private capital: stages, who answered for what when, how contracts were kept (I06–I09,
D19).

>>> RESPONSIBLE.key, PERFORMANCE.key
(2, 2)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.domain.project import Project
from projections.projection import Case, Projection, Row, Table


class ProjectRow(NamedTuple):
    """A project."""

    stream: str
    log_index: int
    title: str
    body: str
    region: str | None
    area: str
    started_on: date
    stage: str | None
    closed_on: date | None


class ResponsibleRow(NamedTuple):
    """Who answered for a stage (None: all), first and last day included; a person stands as a reference."""

    stream: str
    assignment: str
    body: str
    stage: str | None
    person: str | None  # a stream
    post: str | None
    starts: date
    ends: date | None


class PerformanceRow(NamedTuple):
    """How the contract was kept at a stage."""

    stream: str
    number: int  # from 0
    stage: str
    day: date
    outcome: str


class ProjectBreachRow(NamedTuple):
    """A record that came out of the project."""

    stream: str
    record: str
    day: date


PROJECTS = Table("projects", ProjectRow, 1, ("(log_index)", "(body, log_index)"))
RESPONSIBLE = Table("responsible", ResponsibleRow, 2, ("(body)", "(person)"))
PERFORMANCE = Table("performance", PerformanceRow, 2, ())
BREACHES = Table("breaches", ProjectBreachRow, 2, ("(record)",))


def _rows(case: Case) -> Iterator[Row]:
    state: Project = case.state
    if state.registered is None:
        return
    fact, own = state.registered.fact, case.stream
    yield ProjectRow(
        stream=own,
        log_index=case.begun.index,
        title=fact.title,
        body=fact.body,
        region=case.region,
        area=str(fact.area),
        started_on=fact.started_on,
        stage=str(state.stage) if state.stage else None,
        closed_on=state.closed.fact.on if state.closed else None,
    )
    for given in state.responsible:
        stage = str(given.stage) if given.stage else None
        who = given.person, given.post
        yield ResponsibleRow(own, given.assignment, given.body, stage, *who, given.start, given.until)
    for number, said in enumerate(state.performance):
        yield PerformanceRow(own, number, str(said.fact.stage), said.fact.on, str(said.fact.outcome))
    for linked in state.breaches:
        yield ProjectBreachRow(own, linked.fact.record, linked.day)


PROJECTION = Projection(
    "projects", 1, (PROJECTS, RESPONSIBLE, PERFORMANCE, BREACHES), frozenset({"project"}), rows=_rows
)
