"""A small world for tests of dishonesty records: bodies with roles, the shipped rule packs, and valid facts by name.

``begun(...)`` is a record's stream with a history, ``LEAD``, ``VERIFIED``, … are valid sayings in their usual order.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from ledger.domain.body import Body
from ledger.domain.body_terms import Kind, Role
from ledger.domain.calendar import Year
from ledger.domain.event import Document
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.pack import parse_pack
from ledger.domain.policy import Adoption, Policy
from ledger.domain.record.course_facts import RectificationOrdered, RectificationReported, RectificationVerified
from ledger.domain.record.facts import BreachRecognised, LeadReceived, LeadVerified, SeverityGraded
from ledger.domain.record.terms import Conduct, Severity, SourceKind
from tests.domain.scenario import CITY, CREDIT, PROVINCE, WORLD, Saying, Scenario, body, said

RECOGNISER, SOURCE, COURT, HOTLINE, SUBJECT, SUPERIOR, AGENT = map(fictional_uscc, range(21, 28))
RECORD = "record/0198c5a2-0000-7000-8000-000000000021"
PERSON = "person/0198c5a2-0000-7000-8000-000000000022"
TODAY = date(2026, 6, 1)
DECISION = (Document("行政处罚决定书", "cd" * 32, "示罚字〔2026〕1号", "示例市监督局", date(2026, 5, 20)),)
LETTER = (Document("函", "ef" * 32, "示函〔2026〕2号", "示例市信用办", date(2026, 5, 21)),)

RECORD_WORLD: Mapping[str, Body] = {
    **WORLD,
    **{
        b.id: b
        for b in (
            replace(WORLD[CITY], kind=Kind.GOVERNMENT),
            body(RECOGNISER, "示例市监督局", Role.RECOGNISING_BODY, superior=CITY),
            body(SOURCE, "示例市数据局信源处", Role.SOURCE_BODY),
            replace(body(COURT, "示例市人民法院"), kind=Kind.COURT),
            body(HOTLINE, "示例市12345热线", Role.HOTLINE),
            body(SUBJECT, "示例市建设局", superior=SUPERIOR),
            body(SUPERIOR, "示例市住房城乡建设委员会", superior=PROVINCE),
            replace(body(AGENT, "示例律师事务所"), kind=Kind.ENTERPRISE),
        )
    },
}

_POLICIES = Path(__file__).parents[2] / "ledger" / "policies"


@cache
def policy(name: str, in_force: date = date(2016, 12, 30)) -> Policy:
    """A shipped pack as adopted before anything in the tests; the national one with the years' arrangements."""
    text = (_POLICIES / f"{name}.toml").read_text(encoding="utf-8")
    adoption = Adoption(parse_pack(text), "00" * 32, in_force, CREDIT, in_force)
    return Policy((adoption,), _years() if name == "national" else {})


@cache
def _years() -> Mapping[int, Year]:
    tables = tomllib.loads((_POLICIES / "calendar.toml").read_text(encoding="utf-8"))["year"]
    return {t["year"]: Year(frozenset(t["off"]), frozenset(t["worked"])) for t in tables}


def begun(*sayings: Saying, packs: tuple[str, ...] = ()) -> Scenario:
    """A record's stream with a history, under the national pack and those named, the nearest first."""
    policies = tuple(policy(name) for name in (*packs, "national"))
    return Scenario(RECORD, RECORD_WORLD, (), policies).having(*sayings)


LEAD = said(
    LeadReceived(SUBJECT, SourceKind.ADMINISTRATIVE_PENALTY, (Conduct.UNLAWFUL_ACT,), "未依法办理", date(2026, 5, 18)),
    SOURCE,
    on=date(2026, 5, 20),
)
VERIFIED = said(LeadVerified(True, "经核实属实"), CREDIT, on=date(2026, 5, 21))
RECOGNISED = said(
    BreachRecognised(
        SourceKind.ADMINISTRATIVE_PENALTY,
        (Conduct.UNLAWFUL_ACT,),
        "违法事实清楚",
        date(2026, 5, 20),
        True,
        "administrative_penalty",
    ),
    RECOGNISER,
    DECISION,
    on=date(2026, 5, 22),
)
GRADED = said(
    SeverityGraded(Severity.GENERAL, Severity.GENERAL, "造成损失", Severity.MINOR, "影响较小"),
    RECOGNISER,
    on=date(2026, 5, 23),
)
ORDERED = said(RectificationOrdered("限期改正", date(2026, 6, 30)), RECOGNISER, LETTER, on=date(2026, 5, 24))
REPORTED = said(
    RectificationReported("已改正", date(2026, 5, 28), (Document("整改报告", "12" * 32),)),
    SUBJECT,
    on=date(2026, 5, 29),
)
CHECKED = said(RectificationVerified(True, True, "已纠正，影响已消除"), RECOGNISER, on=date(2026, 5, 30))
