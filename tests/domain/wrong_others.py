"""Wrong steps of complaints, positive records, persons, projects, bodies and rule packs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

from ledger.domain.body import (
    AliasAdded,
    BodyRegistered,
    BodyRenamed,
    BodySucceeded,
    KeyAuthorised,
    KeyRevoked,
    Kind,
    LedgerFounded,
    Manner,
    ProvisionalBodyResolved,
    Revocation,
    Role,
    RoleGranted,
    thumbprint,
)
from ledger.domain.commendation import (
    CommendationWithdrawn,
    Incentive,
    IncentiveEnd,
    IncentiveEnded,
    IncentiveGranted,
    Withdrawal,
)
from ledger.domain.commitment_terms import Area, Outcome
from ledger.domain.complaint import facts as c
from ledger.domain.complaint.terms import Refusal, Resolution, Unfounded
from ledger.domain.event import LEDGER
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.person import (
    AffiliationEnded,
    AffiliationWithdrawn,
    FileItemRecorded,
    PersonAffiliated,
    PersonCorrected,
    PersonRegistered,
)
from ledger.domain.policy import CalendarArranged, PolicyAdopted
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
from tests.domain.complaints import (
    ACCEPTED,
    ANSWERED,
    DENIED,
    INCIDENT,
    RECEIVED,
    RESOLVED,
    SATISFIED,
    SENT,
    SUBSTANTIATED,
    TRUE,
    UNTRUE,
    complained,
    complaint,
)
from tests.domain.penalties import OFFICIAL
from tests.domain.records import HOTLINE, PERSON, RECORD, RECORD_WORLD, SUBJECT, SUPERIOR, TODAY, policy
from tests.domain.scenario import (
    CITY,
    CREDIT,
    HEIR,
    OPERATOR,
    PAPER,
    SHORT_NAME,
    STRANGER,
    UNKNOWN,
    Saying,
    Scenario,
    said,
)
from tests.domain.test_commendation import AWARD, award, commended
from tests.domain.wrong import Wrong
from tests.domain.wrong_records import AHEAD, now

UNTIL = date(2027, 5, 31)
KEY = "A" * 43
NEW = fictional_uscc(77)
DIGEST, OTHER = "a" * 42 + "A", "b" * 42 + "A"
PROJECT = "project/0198c5a2-0000-7000-8000-000000000031"
START = date(2022, 1, 1)
GRAVE_FIRM = {**RECORD_WORLD, SUBJECT: replace(RECORD_WORLD[SUBJECT], kind=Kind.ENTERPRISE)}

# --- complaints ---------------------------------------------------------------------------------------------

NONE, IN, TAKEN = complained(), complained(RECEIVED), complained(RECEIVED, ACCEPTED)
MOVED, TOLD, DOUBTED = complained(*SENT), complained(*SENT, ANSWERED), complained(*SENT, DENIED)
TRUE_ONE = complained(*SENT, ANSWERED, SUBSTANTIATED)
BEING_SOLVED = complained(*SENT, ANSWERED, SUBSTANTIATED, SATISFIED, INCIDENT)
CLOSED = complained(
    *SENT, ANSWERED, SUBSTANTIATED, SATISFIED, INCIDENT, RESOLVED, said(c.ComplaintClosed(), HOTLINE, on=TODAY)
)
ANONYMOUS = complained(said(complaint(anonymous=True), HOTLINE, on=date(2026, 5, 7)), *SENT[1:], DENIED)
NAMELESS = complained(said(complaint(accused=None), HOTLINE, on=date(2026, 5, 7)))

COMPLAINTS = (
    Wrong("a stranger takes a complaint in", NONE, now(RECEIVED.fact, STRANGER), "complaint.role"),
    Wrong("a complaint of tomorrow", NONE, now(complaint(received_on=AHEAD), HOTLINE), "complaint.future"),
    Wrong("transferred before it came in", NONE, now(SENT[2].fact, HOTLINE), "complaint.unbegun"),
    Wrong("the same complaint again", IN, now(RECEIVED.fact, HOTLINE), "complaint.standing"),
    Wrong("taken up against nobody", NAMELESS, now(c.ComplaintAccepted(), HOTLINE), "complaint.accused"),
    Wrong("taken up against a firm", IN.amid(GRAVE_FIRM), now(c.ComplaintAccepted(), HOTLINE), "complaint.scope"),
    Wrong("the accused takes it up", IN, now(c.ComplaintAccepted(), SUBJECT), "complaint.role"),
    Wrong(
        "refused because the mayor is new",
        IN,
        now(c.ComplaintRefused(Refusal.CHANGE_OF_OFFICE_HOLDER, "换届"), HOTLINE),
        "complaint.excuse",
    ),
    Wrong(
        "refused as out of scope, though within",
        IN,
        now(c.ComplaintRefused(Refusal.OUT_OF_SCOPE, "范围外"), HOTLINE),
        "complaint.refusal",
    ),
    Wrong(
        "refused after it was taken up",
        TAKEN,
        now(c.ComplaintRefused(Refusal.IN_LITIGATION, "诉讼"), HOTLINE, PAPER),
        "complaint.standing",
    ),
    Wrong("transferred before it is taken up", IN, now(SENT[2].fact, HOTLINE), "complaint.standing"),
    Wrong(
        "transferred to the accused", TAKEN, now(c.ComplaintTransferred(SUBJECT, AHEAD), HOTLINE), "complaint.own-case"
    ),
    Wrong(
        "transferred to nobody known", TAKEN, now(c.ComplaintTransferred(UNKNOWN, AHEAD), HOTLINE), "complaint.known"
    ),
    Wrong(
        "to be answered by yesterday",
        TAKEN,
        now(c.ComplaintTransferred(SUPERIOR, date(2026, 5, 1)), HOTLINE),
        "complaint.deadline-past",
    ),
    Wrong(
        "transferred twice to the same body",
        MOVED,
        now(c.ComplaintTransferred(SUPERIOR, TODAY), HOTLINE),
        "complaint.transferred",
    ),
    Wrong("urged, nobody has it", TAKEN, now(c.ComplaintUrged("请答复"), HOTLINE), "complaint.standing"),
    Wrong("urged after the answer", TOLD, now(c.ComplaintUrged("请答复"), HOTLINE), "complaint.standing"),
    Wrong("answered by another body", MOVED, now(TRUE, CREDIT), "complaint.role"),
    Wrong("unfounded without a reason", MOVED, now(replace(UNTRUE, reason=None), SUPERIOR), "complaint.reason"),
    Wrong(
        "unfounded because of new persons",
        MOVED,
        now(replace(UNTRUE, reason=Unfounded.CHANGE_OF_OFFICE_HOLDER), SUPERIOR),
        "complaint.excuse",
    ),
    Wrong("substantiated before the answer", MOVED, now(SUBSTANTIATED.fact, HOTLINE), "complaint.standing"),
    Wrong("substantiated against the finding", DOUBTED, now(SUBSTANTIATED.fact, HOTLINE), "complaint.finding"),
    Wrong(
        "unfounded against the finding",
        TOLD,
        now(c.ComplaintUnsubstantiated(Unfounded.PERFORMED, "已付"), HOTLINE),
        "complaint.finding",
    ),
    Wrong(
        "it becomes a record that has begun",
        replace(TOLD, cases={RECORD: object()}),
        now(SUBSTANTIATED.fact, HOTLINE),
        "complaint.record-new",
    ),
    Wrong("nobody to call back", ANONYMOUS, now(SATISFIED.fact, HOTLINE), "complaint.anonymous"),
    Wrong("called back tomorrow", TOLD, now(c.ComplaintCalledBack(True, AHEAD), HOTLINE), "complaint.future"),
    Wrong("closed without a call back", TRUE_ONE, now(c.ComplaintClosed(), HOTLINE), "complaint.call-back"),
    Wrong("closed with an open incident", BEING_SOLVED, now(c.ComplaintClosed(), HOTLINE), "complaint.incident"),
    Wrong("the accused leads the incident", TRUE_ONE, now(c.IncidentOpened(SUBJECT), CREDIT), "complaint.own-case"),
    Wrong("a second incident", BEING_SOLVED, now(INCIDENT.fact, CREDIT), "complaint.incident"),
    Wrong(
        "another body says it is solved",
        BEING_SOLVED,
        now(c.IncidentResolved(Resolution.SETTLED, "协商"), HOTLINE),
        "complaint.incident-lead",
    ),
    Wrong("solved, there is no incident", TRUE_ONE, now(RESOLVED.fact, SUPERIOR), "complaint.incident"),
    Wrong("transferred after it was closed", CLOSED, now(SENT[2].fact, HOTLINE), "complaint.standing"),
)

# --- positive records ---------------------------------------------------------------------------------------

PRAISE, PRAISED = replace(commended(), history=()), commended()
TAKEN_AWAY = commended(
    said(CommendationWithdrawn(Withdrawal.AWARD_REVOKED, "撤销"), CREDIT, AWARD, on=date(2026, 5, 30))
)
EASE = IncentiveGranted(Incentive.CONVENIENCE, TODAY, UNTIL)
EASED = commended(said(EASE, CREDIT, on=TODAY))

COMMENDATIONS = (
    Wrong("an award without its document", PRAISE, now(award(), CREDIT), "commendation.basis"),
    Wrong("an office praises itself", PRAISE, now(award(subject=CREDIT), CREDIT, AWARD), "commendation.own-case"),
    Wrong("an award of tomorrow", PRAISE, now(award(awarded_on=AHEAD), CREDIT, AWARD), "commendation.future"),
    Wrong("an award to nobody known", PRAISE, now(award(subject=UNKNOWN), CREDIT, AWARD), "commendation.subject"),
    Wrong(
        "an official not on file",
        replace(PRAISE, cases={}),
        now(award(person=PERSON), CREDIT, AWARD),
        "commendation.linked",
    ),
    Wrong("rewarded before any praise", PRAISE, now(EASE, CREDIT), "commendation.unbegun"),
    Wrong("praised twice", PRAISED, now(award(), CREDIT, AWARD), "commendation.once"),
    Wrong(
        "a bureau is promoted",
        PRAISED,
        now(replace(EASE, incentive=Incentive.PROMOTION_PRIORITY), CREDIT),
        "commendation.target",
    ),
    Wrong(
        "rewarded for a time that is over",
        PRAISED,
        now(replace(EASE, start=START, until=START), CREDIT),
        "commendation.period",
    ),
    Wrong("rewarded twice", EASED, now(EASE, CREDIT), "commendation.granted"),
    Wrong(
        "ended what was not given",
        PRAISED,
        now(IncentiveEnded(Incentive.CONVENIENCE, IncentiveEnd.DISHONESTY), CREDIT),
        "commendation.not-granted",
    ),
    Wrong(
        "ended by hand as withdrawn",
        EASED,
        now(IncentiveEnded(Incentive.CONVENIENCE, IncentiveEnd.COMMENDATION_WITHDRAWN), CREDIT),
        "commendation.end",
    ),
    Wrong(
        "withdrawn without a document",
        PRAISED,
        now(CommendationWithdrawn(Withdrawal.FALSE_MERITS, "虚假"), CREDIT),
        "commendation.basis",
    ),
    Wrong("rewarded after the withdrawal", TAKEN_AWAY, now(EASE, CREDIT), "commendation.withdrawn"),
    Wrong(
        "withdrawn twice",
        TAKEN_AWAY,
        now(CommendationWithdrawn(Withdrawal.FALSE_MERITS, "虚假"), CREDIT, AWARD),
        "commendation.withdrawn",
    ),
)

# --- persons ------------------------------------------------------------------------------------------------


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

# --- projects -----------------------------------------------------------------------------------------------


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
CHARGED = project(PLANNED, BEGUN, CHARGE)
OVER = project(PLANNED, BEGUN, CHARGE, ProjectClosed(date(2024, 1, 1), "移交"))
PERFORMED = CHARGED.having(said(DONE, CREDIT, PAPER, on=TODAY))

PROJECTS = (
    Wrong("a stranger registers a project", UNPLANNED, now(PLANNED, STRANGER), "project.role"),
    Wrong("a project of a body nobody knows", UNPLANNED, now(replace(PLANNED, body=UNKNOWN), CREDIT), "project.body"),
    Wrong(
        "a firm as the government's side", UNPLANNED.amid(GRAVE_FIRM), now(PLANNED, CREDIT), "project.government-side"
    ),
    Wrong("a project from tomorrow", UNPLANNED, now(replace(PLANNED, started_on=AHEAD), SUBJECT), "project.day"),
    Wrong("a stage before the project", UNPLANNED, now(BEGUN, SUBJECT), "project.unbegun"),
    Wrong("the same project again", PLAN, now(PLANNED, SUBJECT), "project.once"),
    Wrong("a stage of another list", PLAN, now(replace(BEGUN, stage=Stage.PROJECT_TRANSFER), SUBJECT), "project.stage"),
    Wrong(
        "a stage before the project's first day", PLAN, now(replace(BEGUN, on=date(2021, 1, 1)), SUBJECT), "project.day"
    ),
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

# --- bodies -------------------------------------------------------------------------------------------------


def body(*sayings: Saying, own: str = NEW) -> Scenario:
    """A body's stream with a history."""
    return Scenario(f"body/{own}").having(*sayings)


SCHOOLS = BodyRegistered("示例市教育局", Kind.DEPARTMENT, "990100", CITY)
UNBORN, BORN = body(), body(said(SCHOOLS, OPERATOR))
ARMED = body(said(SCHOOLS, OPERATOR), said(KeyAuthorised(KEY), OPERATOR))
MERGED = BodySucceeded(HEIR, Manner.MERGER)

BODIES = (
    Wrong("a body registers itself", UNBORN, said(SCHOOLS, NEW), "body.role"),
    Wrong("a group of bodies", UNBORN, said(replace(SCHOOLS, kind=Kind.GROUP), OPERATOR), "body.kind"),
    Wrong("below a body nobody knows", UNBORN, said(replace(SCHOOLS, superior=UNKNOWN), OPERATOR), "body.known"),
    Wrong("a wrong code", body(own=NEW[:-1] + ("1" if NEW[-1] != "1" else "2")), said(SCHOOLS, OPERATOR), "body.uscc"),
    Wrong("registered twice", BORN, said(SCHOOLS, OPERATOR), "body.status"),
    Wrong("renamed without a document", BORN, said(BodyRenamed("示例市教体局"), OPERATOR), "body.basis"),
    Wrong("renamed before it is registered", UNBORN, said(BodyRenamed("示例市教体局"), OPERATOR, PAPER), "body.status"),
    Wrong("merged into nobody known", BORN, said(BodySucceeded(UNKNOWN, Manner.MERGER), OPERATOR, PAPER), "body.known"),
    Wrong("a body ends itself", BORN, said(MERGED, NEW, PAPER), "body.role"),
    Wrong("resolved though it has its own code", BORN, said(ProvisionalBodyResolved(CITY), CREDIT), "body.status"),
    Wrong("an alias by hand", BORN, said(AliasAdded(SHORT_NAME, "某局"), OPERATOR), "body.consequence"),
    Wrong("a body takes a role", BORN, said(RoleGranted(Role.CREDIT_OFFICE), NEW), "body.role"),
    Wrong("another's key", BORN, said(KeyAuthorised(KEY), STRANGER), "body.role"),
    Wrong("a key twice", ARMED, said(KeyAuthorised(KEY), NEW), "body.key-new"),
    Wrong(
        "a key revoked that there is not",
        BORN,
        said(KeyRevoked(thumbprint(KEY), Revocation.COMPROMISED), NEW),
        "body.key-valid",
    ),
    Wrong(
        "a ledger founded elsewhere",
        UNBORN,
        said(LedgerFounded("example.org/x", KEY, "B" * 43, "v"), OPERATOR),
        "body.founding",
    ),
    Wrong("the ledger is renamed", body(own=LEDGER), said(BodyRenamed("另一账本"), OPERATOR, PAPER), "body.ledger"),
)

# --- rule packs ---------------------------------------------------------------------------------------------

TEXT = (Path(__file__).parents[2] / "ledger" / "policies" / "national.toml").read_text("utf-8")
PACK = PolicyAdopted(hashlib.sha256(TEXT.encode()).hexdigest(), TODAY, TEXT)
NO_PACK = "not TOML"
BROKEN = PolicyAdopted(hashlib.sha256(NO_PACK.encode()).hexdigest(), TODAY, NO_PACK)
NATIONAL, LOCAL = Scenario("policy/national"), Scenario("policy/320900")
ADOPTED = NATIONAL.having(said(PACK, CREDIT, PAPER))
YEAR = CalendarArranged(2027, (date(2027, 1, 1),))

POLICIES = (
    Wrong("a stranger adopts a pack", NATIONAL, said(PACK, STRANGER, PAPER), "policy.role"),
    Wrong("adopted without a document", NATIONAL, said(PACK, CREDIT), "policy.basis"),
    Wrong(
        "another text than the digest says",
        NATIONAL,
        said(replace(PACK, digest="00" * 32), CREDIT, PAPER),
        "policy.digest",
    ),
    Wrong("a text that is no pack", NATIONAL, said(BROKEN, CREDIT, PAPER), "policy.pack"),
    Wrong("the national pack for a city", LOCAL, said(PACK, CREDIT, PAPER), "policy.stream"),
    Wrong("adopted twice", ADOPTED, said(PACK, CREDIT, PAPER), "policy.adopted-once"),
    Wrong("a city arranges the year", LOCAL, said(YEAR, CREDIT, PAPER), "policy.stream"),
    Wrong(
        "a day off on a Sunday",
        NATIONAL,
        said(replace(YEAR, off=(date(2027, 1, 3),)), CREDIT, PAPER),
        "policy.calendar",
    ),
)

WRONG = (*COMPLAINTS, *COMMENDATIONS, *PERSONS, *PROJECTS, *BODIES, *POLICIES)
