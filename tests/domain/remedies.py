"""Sayings and worlds that the tests of objections, appeals, restoration and repair share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ledger.domain.body import Body
from ledger.domain.body_terms import Role
from ledger.domain.commitment_terms import Channel
from ledger.domain.event import Consequence
from ledger.domain.pack import parse_pack
from ledger.domain.policy import Adoption, Policy
from ledger.domain.record.course_facts import RecordPublished, RecordShared, RecordWithdrawn
from ledger.domain.record.terms import WithdrawalGround
from tests.domain.penalties import imposed
from tests.domain.records import DECISION, LETTER, RECOGNISER, RECORD, RECORD_WORLD, SUBJECT, TODAY
from tests.domain.scenario import CREDIT, PARTNER, Scenario, said

QUIET = {"restoration.required": "false"}
"""Rules of a city whose documents say nothing of restoration."""

OFFICE: Mapping[str, Body] = {
    **RECORD_WORLD,
    SUBJECT: replace(RECORD_WORLD[SUBJECT], roles=frozenset({Role.CREDIT_OFFICE})),
}
"""The same world, where the subject is a credit office itself."""

SECOND = said(imposed("criticism", "p2"), RECOGNISER, DECISION, on=date(2026, 5, 25))
SEEN = said(RecordPublished((Channel.CREDIT_SITE,), date(2027, 5, 1)), CREDIT, on=date(2026, 5, 25))
SHARED = said(RecordShared(PARTNER, "评优评先查核"), CREDIT, on=date(2026, 5, 25))
RECORD_FALLS = said(RecordWithdrawn(WithdrawalGround.UNTRUE, "事实不成立"), CREDIT, LETTER, on=TODAY)


def nationwide(scenario: Scenario, key: str, value: str) -> Scenario:
    """The same where the national rules say this; ``value`` is TOML."""
    row = f'[[value]]\nkey = "{key}"\nvalue = {value}\nsource = "示例"\nfrom = 2016-12-30\nconfidence = "high"\n'
    pack = parse_pack(f'[pack]\nid = "example"\nzh = "示例"\nen = "Example"\nversion = "1"\n{row}')
    adopted = Policy((Adoption(pack, "00" * 32, date(2016, 12, 30), CREDIT, date(2016, 12, 30)),))
    return replace(scenario, policies=(adopted, *scenario.policies))


def stated(*facts: Any) -> tuple[Consequence, ...]:
    """The ledger states these in the record, in this order."""
    return tuple(Consequence(RECORD, fact) for fact in facts)
