"""Valid sayings about penalties, and an invented city's list of measures, for tests of penalties and publication.

``punishable(...)`` is a recognised and graded record under the city's rules; ``LIST`` can be amended rule by rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ledger.domain.body import Body
from ledger.domain.body_terms import Kind
from ledger.domain.event import LEDGER, Document, Said
from ledger.domain.pack import parse_pack
from ledger.domain.person import Affiliation, Person, PersonRegistered
from ledger.domain.policy import Adoption, Policy
from ledger.domain.record.facts import ResponsiblePersonLinked, SeverityGraded
from ledger.domain.record.remedy_facts import (
    AppealDecided,
    AppealFiled,
    ObjectionAccepted,
    ObjectionFiled,
    PenaltyImposed,
    RepairAccepted,
    RepairApplied,
    RepairGranted,
)
from ledger.domain.record.remedy_terms import (
    Against,
    AppealOutcome,
    Point,
    RepairEvidence,
    RepairWay,
    Route,
)
from ledger.domain.record.terms import PersonKind, Responsibility, Severity
from tests.domain.records import (
    CHECKED,
    DECISION,
    GRADED,
    LEAD,
    LETTER,
    ORDERED,
    PERSON,
    RECOGNISED,
    RECOGNISER,
    RECORD,
    RECORD_WORLD,
    REPORTED,
    SUBJECT,
    TODAY,
    VERIFIED,
    policy,
)
from tests.domain.scenario import CREDIT, Saying, Scenario, said

NOTICE = Document("信用修复告知书", "34" * 32)
ON = date(2026, 5, 25)
"""The day on which IMPOSED is recorded."""


def measure(kind: str, targets: str = "body", severities: str = "general serious", more: str = "") -> str:
    """A measure of the list in TOML."""
    quoted = [", ".join(f'"{word}"' for word in words.split()) for words in (targets, severities)]
    return (
        f'{{ zh = "{kind}", en = "{kind}", kind = "{kind}", basis = "示例市清单", '
        f"targets = [{quoted[0]}], severities = [{quoted[1]}]{more} }}"
    )


LIST: Mapping[str, str] = {
    "measure.award_exclusion": measure("award_exclusion", "body person", more=", most_months = 12"),
    "measure.criticism": measure("criticism_notice"),
    "measure.accountability": measure("accountability", "person"),
    "measure.appointment": measure("appointment_limit", "person"),
    "measure.strict": measure("strict_assessment", "body person", "serious"),
    "measure.joint_list": measure("joint_punishment_list", "enterprise", "serious"),
    "measure.market_ban": measure("market_ban", "enterprise", "serious", ", most_months = 36"),
    "measure.procurement": measure("procurement_ban", "body enterprise", more=", most_months = 36"),
    "measure.tender": measure("tender_blacklist", "body enterprise"),
    "measure.subsidy": measure(
        "subsidy_exclusion", more=', exempt = ["social_welfare", "relief", "poverty_alleviation"]'
    ),
    "measure.lifelong": measure("lifelong_responsibility", "person", more=", lifelong = true"),
    "penalty.period_required": "true",
    "penalty.mitigation": '["person"]',
    "objection.suspends": "true",
    "restoration.required": "true",
    "publication.scope": '"bodies"',
}


Amended = Mapping[str, str | None]
"""Rules of the city by key, in TOML; None: left out."""


def city(rules: Amended) -> Policy:
    """The rules of an invented city."""
    rows = "".join(
        f'[[value]]\nkey = "{key}"\n{"left_out = true" if value is None else f"value = {value}"}\n'
        'source = "示例市规则"\nfrom = 2016-12-30\nconfidence = "high"\n'
        for key, value in rules.items()
    )
    text = f'[pack]\nid = "example"\nregion = "990000"\nzh = "示例市"\nen = "Example City"\nversion = "1"\n{rows}'
    return Policy((Adoption(parse_pack(text), "00" * 32, date(2016, 12, 30), CREDIT, date(2016, 12, 30)),))


def begun_here(*sayings: Saying, rules: Amended | None = None, world: Mapping[str, Body] = RECORD_WORLD) -> Scenario:
    """A record's stream under the city's list, amended by ``rules``, before the national pack."""
    policies = (city({**LIST, **(rules or {})}), policy("national"))
    return Scenario(RECORD, world, (), policies, {PERSON: OFFICIAL}).having(*sayings)


def punishable(*sayings: Saying, rules: Amended | None = None) -> Scenario:
    """A record that is recognised and graded as general, and what came then."""
    return begun_here(LEAD, VERIFIED, RECOGNISED, GRADED, *sayings, rules=rules)


def imposed(measure: str = "award_exclusion", penalty: str = "p1", **more: Any) -> PenaltyImposed:
    """A penalty of half a year with its repair notice, unless ``more`` says otherwise."""
    content = {"start": date(2026, 5, 25), "until": date(2026, 11, 24), "repair_notice": NOTICE, **more}
    return PenaltyImposed(penalty, measure, "符合清单所列情形", **content)


OFFICIAL = Person(
    Said(PersonRegistered(PersonKind.CIVIL_SERVANT, SUBJECT, ("0" * 43,)), CREDIT, date(2026, 1, 5)),
    PersonKind.CIVIL_SERVANT,
    (Affiliation(SUBJECT, date(2020, 1, 1)),),
)
FIRMS: Mapping[str, Body] = {**RECORD_WORLD, SUBJECT: replace(RECORD_WORLD[SUBJECT], kind=Kind.ENTERPRISE)}
"""The same world, where the subject is an enterprise."""

LINKED = said(
    ResponsiblePersonLinked(PERSON, Responsibility.PRINCIPAL, date(2024, 1, 1), date(2026, 5, 22)),
    RECOGNISER,
    on=date(2026, 5, 24),
)
GRAVE = said(
    SeverityGraded(Severity.SERIOUS, Severity.SERIOUS, "造成重大损失", Severity.SERIOUS, "影响恶劣"),
    RECOGNISER,
    DECISION,
    on=date(2026, 5, 24),
)
MINOR = said(
    SeverityGraded(Severity.MINOR, Severity.MINOR, "损失轻微", Severity.MINOR, "影响轻微"),
    RECOGNISER,
    DECISION,
    on=date(2026, 5, 24),
)
IMPOSED = said(imposed(), RECOGNISER, DECISION, on=ON)
ON_PERSON = said(imposed("accountability", "p2", person=PERSON), RECOGNISER, DECISION, on=ON)
OBJECTED = said(
    ObjectionFiled("o1", (Point.CONTENT,), "记录与事实不符", (Document("证据", "56" * 32),)),
    SUBJECT,
    on=date(2026, 5, 26),
)
ACCEPTED = said(ObjectionAccepted("o1", date(2026, 5, 28)), CREDIT, on=date(2026, 5, 26))
APPEALED = said(
    AppealFiled("a1", Route.RECONSIDERATION, Against.PENALTY, "示例省人民政府", date(2026, 5, 26), "p1"),
    SUBJECT,
    LETTER,
    on=date(2026, 5, 27),
)
UPHELD = said(AppealDecided("a1", AppealOutcome.UPHELD, "维持原决定"), CREDIT, DECISION, on=TODAY)
RECTIFIED = (ORDERED, REPORTED, CHECKED)
REPAIR_DAY = date(2026, 12, 1)
REPAIRED = (
    said(
        RepairApplied("r1", (RepairEvidence(RepairWay.COMMITMENT, Document("信用承诺书", "78" * 32)),), "已纠正"),
        SUBJECT,
        on=REPAIR_DAY,
    ),
    said(RepairAccepted("r1"), RECOGNISER, on=REPAIR_DAY),
    said(RepairGranted("r1", "符合修复条件"), RECOGNISER, LETTER, on=REPAIR_DAY),
)


def only(scenario: Scenario, *sayings: Saying) -> Any:
    """The state after these sayings and nothing that follows from them: as the first consequence finds it."""
    state = scenario.state
    for number, saying in enumerate(sayings, len(scenario.history)):
        state = scenario.grown(state, saying, number)
    return state


def following(fact: Any, on: date = TODAY) -> Saying:
    """The ledger states it in consequence of something."""
    return said(fact, LEDGER, on=on, cause="0198c5a2-0000-7000-8000-000000000000")
