"""A project's performance reaches the file of who was responsible, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ledger import policies
from ledger.authoring import new_id
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.commitment_terms import Area, Outcome
from ledger.domain.event import LEDGER
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.person import PersonAffiliated, PersonRegistered, ProjectPerformanceNoted
from ledger.domain.project import PerformanceRecorded, ProjectRegistered, ResponsibleAssigned, StageBegun
from ledger.domain.record.terms import PersonKind, Stage
from ledger.installation import Installation
from ledger.proof.disclosure import conceal, digests
from ledger.receipt import Receipt
from tests.conftest import OPERATOR

BUREAU = fictional_uscc(5151)
START = date(2022, 1, 1)
KEPT = PerformanceRecorded(Stage.FINANCING, date(2023, 3, 1), Outcome.FULFILLED_LATE, "资金到位逾期")


def stating(installation: Installation) -> Callable[[str, Any], Receipt]:
    """The credit office states facts, each on a document."""
    author, national = installation.author("operator", OPERATOR.uscc), policies.adoption(policies.text("national"))

    def state(stream: str, fact: Any) -> Receipt:
        event = author.write(stream, installation.ledger.head(stream), fact, (national.document,))
        return installation.ledger.submit(event).result()

    if installation.ledger.head(national.stream).version == 0:
        state(national.stream, national.fact)
    state(f"body/{BUREAU}", BodyRegistered("示例市水务局", Kind.DEPARTMENT))
    return state


def test_performance_is_noted_in_the_file_of_who_was_responsible(installation: Installation) -> None:
    """I08 A05 将项目守信履约情况与实施成效纳入项目政府方责任人信用记录。"""
    state = stating(installation)
    first, second, project = f"person/{new_id()}", f"person/{new_id()}", f"project/{new_id()}"
    for number, person in enumerate((first, second)):
        sealed = digests([conceal(bytes([number]) * 16, "name", "示例姓名")])
        state(person, PersonRegistered(PersonKind.CIVIL_SERVANT, BUREAU, sealed))
        state(person, PersonAffiliated(BUREAU, START))
    state(project, ProjectRegistered("示例污水处理项目", BUREAU, Area.PPP, START))
    state(project, StageBegun(Stage.FINANCING, START))
    state(project, ResponsibleAssigned("r1", BUREAU, START, person=first))
    state(project, ResponsibleAssigned("r2", BUREAU, date(2024, 1, 1), person=second))
    receipt = state(project, KEPT)
    noted = installation.ledger.history(first)[-1]
    assert noted.event.fact == ProjectPerformanceNoted(project, KEPT.on, KEPT.outcome, KEPT.stage)
    assert (noted.event.iss, noted.event.cause, noted.index) == (LEDGER, receipt.jti, receipt.index + 1)
    assert not installation.ledger.case(second).state.performance
