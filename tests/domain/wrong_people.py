"""Wrong steps of persons and of projects."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledger.domain.body_terms import Kind
from ledger.domain.commitment_terms import Area, Outcome
from ledger.domain.person import (
    AffiliationEnded,
    AffiliationWithdrawn,
    FileItemRecorded,
    PersonAffiliated,
    PersonCorrected,
    PersonRegistered,
)
from ledger.domain.project import (
    PerformanceRecorded,
    ProjectBreachLinked,
    ProjectClosed,
    ProjectRegistered,
    ResponsibleAssigned,
    ResponsibleRelieved,
    StageBegun,
)
from ledger.domain.record.terms import FileItem, PersonKind, Stage
from tests.domain.penalties import OFFICIAL
from tests.domain.records import PERSON, RECORD, RECORD_WORLD, SUBJECT, TODAY, policy
from tests.domain.scenario import (
    CREDIT,
    PAPER,
    STRANGER,
    UNKNOWN,
    Saying,
    Scenario,
    said,
)
from tests.domain.wrong import Wrong
from tests.domain.wrong_records import AHEAD, now

DIGEST, OTHER = "a" * 42 + "A", "b" * 42 + "A"
PROJECT = "project/0198c5a2-0000-7000-8000-000000000031"
START = date(2022, 1, 1)
FIRMS = {**RECORD_WORLD, SUBJECT: replace(RECORD_WORLD[SUBJECT], kind=Kind.ENTERPRISE)}

# --- persons ----------------------------------------------------------------------------------------------------


def on_file(*sayings: Saying) -> Scenario:
    """A person's stream with a history."""
    return Scenario(PERSON, RECORD_WORLD, (), (policy("national"),)).having(*sayings)


REGISTERED = PersonRegistered(PersonKind.CIVIL_SERVANT, SUBJECT, (DIGEST,))
SERVES = PersonAffiliated(SUBJECT, date(2020, 1, 1))
NOBODY, FILED = on_file(), on_file(now(REGISTERED, SUBJECT))
SERVING = FILED.having(now(SERVES, SUBJECT))
AUDIT = FileItemRecorded(FileItem.AUDIT_CONCLUSION, TODAY, (OTHER,))

PERSONS = (
    Wrong("a stranger opens a file", NOBODY, now(REGISTERED, STRANGER), "person.role"),
    Wrong(
        "a number that could be guessed",
        NOBODY.at("person/110101199001010011"),
        now(REGISTERED, SUBJECT),
        "person.stream",
    ),
    Wrong("a file at a body nobody knows", NOBODY, now(replace(REGISTERED, body=UNKNOWN), CREDIT), "person.body"),
    Wrong(
        "a kind of person that is no subject",
        NOBODY,
        now(replace(REGISTERED, kind=PersonKind.OTHER_STAFF), SUBJECT),
        "person.kind",
    ),
    Wrong("in service before the file", NOBODY, now(SERVES, SUBJECT), "person.unbegun"),
    Wrong("a second file in the stream", FILED, now(REGISTERED, SUBJECT), "person.once"),
    Wrong("in service from tomorrow", FILED, now(replace(SERVES, start=AHEAD), SUBJECT), "person.future"),
    Wrong(
        "in service until before it began",
        FILED,
        now(replace(SERVES, until=date(2019, 1, 1)), SUBJECT),
        "person.period",
    ),
    Wrong(
        "in service twice on a day", SERVING, now(replace(SERVES, start=date(2021, 1, 1)), SUBJECT), "person.overlap"
    ),
    Wrong(
        "a service ended that never began", FILED, now(AffiliationEnded(SUBJECT, TODAY), SUBJECT), "person.affiliation"
    ),
    Wrong(
        "a service withdrawn that is not there",
        SERVING,
        now(AffiliationWithdrawn(SUBJECT, START), SUBJECT, PAPER),
        "person.affiliation",
    ),
    Wrong(
        "a service withdrawn without a document",
        SERVING,
        now(AffiliationWithdrawn(SUBJECT, date(2020, 1, 1)), SUBJECT),
        "person.basis",
    ),
    Wrong("a digest used twice", FILED, now(PersonCorrected((DIGEST,)), SUBJECT, PAPER), "person.digest-new"),
    Wrong(
        "a correction of another file",
        FILED,
        now(PersonCorrected((OTHER,), ("c" * 42 + "A",)), SUBJECT, PAPER),
        "person.replaces",
    ),
    Wrong("an item without its document", FILED, now(AUDIT, CREDIT), "person.basis"),
    Wrong("an item of tomorrow", FILED, now(replace(AUDIT, on=AHEAD), CREDIT, PAPER), "person.future"),
)

# --- projects ---------------------------------------------------------------------------------------------------


def project(*facts: object, cases: dict[str, object] | None = None) -> Scenario:
    """A project's stream with what its body said."""
    scenario = Scenario(PROJECT, RECORD_WORLD, (), (policy("national"),), cases or {})
    return scenario.having(*(now(fact, SUBJECT) for fact in facts))


PLANNED = ProjectRegistered("示例污水处理项目", SUBJECT, Area.PPP, START)
BEGUN, LATER = StageBegun(Stage.PREPARATION, START), StageBegun(Stage.FINANCING, date(2023, 1, 1))
CHARGE = ResponsibleAssigned("r1", SUBJECT, START, post="建设处负责人")
DONE = PerformanceRecorded(Stage.PREPARATION, date(2022, 6, 1), Outcome.FULFILLED, "按期完成")
RELIEF = ResponsibleRelieved("r1", date(2022, 3, 1))
UNPLANNED, PLAN, UNDER_WAY = project(), project(PLANNED), project(PLANNED, BEGUN, LATER)
AT_END = project(PLANNED, StageBegun(Stage.IMPLEMENTATION, START))
CHARGED = project(PLANNED, BEGUN, CHARGE)
OVER = project(PLANNED, BEGUN, CHARGE, ProjectClosed(date(2024, 1, 1), "移交"))
PERFORMED = CHARGED.having(said(DONE, CREDIT, PAPER, on=TODAY))

PROJECTS = (
    Wrong("a stranger registers a project", UNPLANNED, now(PLANNED, STRANGER), "project.role"),
    Wrong("a project of a body nobody knows", UNPLANNED, now(replace(PLANNED, body=UNKNOWN), CREDIT), "project.body"),
    Wrong("a firm as the government's side", UNPLANNED.amid(FIRMS), now(PLANNED, CREDIT), "project.government-side"),
    Wrong("a project from tomorrow", UNPLANNED, now(replace(PLANNED, started_on=AHEAD), SUBJECT), "project.day"),
    Wrong("a stage before the project", UNPLANNED, now(BEGUN, SUBJECT), "project.unbegun"),
    Wrong("the same project again", PLAN, now(PLANNED, SUBJECT), "project.once"),
    Wrong("a stage of another list", PLAN, now(replace(BEGUN, stage=Stage.PROJECT_TRANSFER), SUBJECT), "project.stage"),
    Wrong(
        "a stage before the project's first day", PLAN, now(replace(BEGUN, on=date(2021, 1, 1)), SUBJECT), "project.day"
    ),
    Wrong("a stage after the last", AT_END, now(LATER, SUBJECT), "project.stage-last"),
    Wrong("a stage twice", UNDER_WAY, now(LATER, SUBJECT), "project.stage-once"),
    Wrong(
        "back to an earlier stage", UNDER_WAY, now(StageBegun(Stage.TENDERING, TODAY), SUBJECT), "project.stage-order"
    ),
    Wrong("nobody is responsible", PLAN, now(replace(CHARGE, post=None), SUBJECT), "project.who"),
    Wrong(
        "a person who did not serve there",
        replace(PLAN, cases={PERSON: replace(OFFICIAL, affiliations=())}),
        now(replace(CHARGE, post=None, person=PERSON), SUBJECT),
        "project.affiliation",
    ),
    Wrong("the same charge twice", CHARGED, now(replace(CHARGE, assignment="r2"), SUBJECT), "project.overlap"),
    Wrong(
        "a charge of the same name",
        CHARGED,
        now(replace(CHARGE, post="财务处负责人"), SUBJECT),
        "project.assignment-new",
    ),
    Wrong("relieved, never in charge", PLAN, now(RELIEF, SUBJECT), "project.assigned"),
    Wrong(
        "relieved before being in charge", CHARGED, now(replace(RELIEF, on=date(2021, 1, 1)), SUBJECT), "project.day"
    ),
    Wrong("relieved before what was recorded", PERFORMED, now(RELIEF, SUBJECT), "project.dated-back"),
    Wrong("performance judged by itself", CHARGED, now(DONE, SUBJECT, PAPER), "project.role"),
    Wrong("performance without evidence", CHARGED, now(DONE, CREDIT), "project.basis"),
    Wrong("performance of a stage not begun", PLAN, now(DONE, CREDIT, PAPER), "project.stage-begun"),
    Wrong(
        "a breach that is no record of this project",
        CHARGED,
        now(ProjectBreachLinked(RECORD), CREDIT),
        "project.breach",
    ),
    Wrong("a stage after the end", OVER, now(LATER, SUBJECT), "project.closed"),
    Wrong("closed before its last stage", UNDER_WAY, now(ProjectClosed(START, "移交"), SUBJECT), "project.day"),
)

WRONG = (*PERSONS, *PROJECTS)
