"""Projects of public and private capital: stages, who answered for what when, how contracts were kept (I06–I09,
D19).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from projections.projection import Projection, Table


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

PROJECTION = Projection("projects", 1, (PROJECTS, RESPONSIBLE, PERFORMANCE, BREACHES), frozenset({"project"}))
