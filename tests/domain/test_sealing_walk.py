"""Personal data can always be erased: a walk over the events of all kinds of case.

What a fact seals can be looked up and erased in its kind. What stands in an event for ever is no free text, or it is
one of those listed here with the reason why it says nothing of a private person.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.codec import Text
from ledger.domain.event import Event, Recorded
from ledger.domain.kinds import KINDS
from ledger.domain.seal_terms import Ground
from ledger.domain.seals import SealErased, SealOpened
from tests.strategies import facts

SEALING = [(kind, cls) for kind, of in KINDS.items() for cls in of.facts.values() if hasattr(cls, "SEALS")]

REASONS = {
    "the name, title, number or wording of a document, body, court or rule": """
        Document.title Document.number Document.organ BodyRegistered.name BodyProvisionallyRegistered.name
        BodyProvisionallyRegistered.named_by BodyRenamed.name AliasAdded.name CommendationRecorded.awarded_by
        CommendationRecorded.title CourtListEntered.court CourtListEntered.case_number
        CourtListEntered.enforcement_basis Contract.number RepairEvidence.provider
        AppealFiled.forum CommitmentLawfullyChanged.authority CommitmentLawfullyChanged.statute
        ToleranceDetermined.authority BreachRecognised.catalogue PolicyAdopted.text CommitmentMade.section
        ProjectRegistered.title""",
    "what a body promised, and how it is measured and published": """
        CommitmentMade.title CommitmentMade.text CommitmentHandedOver.state CommitmentHandedOver.term
        CommitmentLawfullyChanged.reason Milestone.what Publication.where Target.description Target.measure
        Target.unit""",
    "the reasons and demands of an authority about a body, which publishes them and answers for them": """
        CommendationWithdrawn.grounds FulfilmentAppraised.grounds CompensationClaimed.grounds
        CompensationDecided.grounds CommitmentBroken.grounds ComplaintUrged.demands RectificationUrged.demands
        RectificationOrdered.demands SupervisionLetterIssued.demands RecordSupplemented.addition CaseEscalated.report
        CourtListEntered.duty SeverityGraded.impact_grounds SeverityGraded.loss_grounds DemeritPointsRecorded.item
        RecordShared.purpose RectificationExtended.reason AppealDecided.grounds CaseClosed.grounds
        ComplaintRefused.grounds ComplaintUnsubstantiated.grounds FaultAttributed.grounds LeadClosed.grounds
        LeadVerified.grounds ObjectionDismissed.grounds ObjectionRefused.grounds ObjectionUpheld.grounds
        PenaltyImposed.grounds PenaltyMitigated.grounds PunishmentWaived.grounds RecordCorrected.grounds
        RecordWithdrawn.grounds RectificationFoundOverdue.grounds RectificationVerified.grounds
        RepairGranted.grounds RepairRefused.grounds RepairRevoked.grounds ReputationRestored.grounds
        ToleranceDetermined.grounds""",
    "what a body says of its own conduct and work": """
        ProgressReported.summary ExplanationFiled.explanation RectificationPlanFiled.plan
        ToleranceRequested.circumstances RepairApplied.statement PerformanceRecorded.summary ProjectClosed.summary
        IncidentResolved.summary RectificationReported.summary ObjectionFiled.grounds""",
    "the name of a field of the record, and what it said: never of a sealed one, which PersonCorrected puts right": """
        Correction.field Correction.was Correction.now""",
    "findings about a body; docs/log-format.md forbids naming a complainant or any private person in them": """
        ComplaintAnswered.findings BreachRecognised.findings SourceAnswered.findings ComplaintSubstantiated.summary
        LeadReceived.summary ComplaintReceived.number""",
    "a post of the public service, as the body publishes it; who held it is sealed in the person's file": """
        ResponsibleAssigned.post""",
    "the ledger's own name and key, or what a key is called": """
        LedgerFounded.origin LedgerFounded.log_key LogKeyRotated.log_key KeyAuthorised.holder""",
}
"""Why these free texts may stand for ever."""


def texts(hint: Any) -> Iterator[type | None]:
    """For an annotation: None for each free text in it, and each class of an object in it."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        if any(isinstance(mark, Text) for mark in args[1:]):
            yield None
        else:
            yield from texts(args[0])
    elif origin in (types.UnionType, Union, tuple):
        for inner in args:
            if inner is not Ellipsis:
                yield from texts(inner)
    elif dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)
        yield hint


def free_texts() -> set[str]:
    """Every free text of every event, as ``Fact.field``."""
    found: set[str] = set()
    queue = [cls for kind in KINDS.values() for cls in kind.facts.values()]
    seen: set[type] = set()
    while queue:
        cls = queue.pop()
        if cls in seen:
            continue
        seen.add(cls)
        hints = typing.get_type_hints(cls, include_extras=True)
        for field in dataclasses.fields(cls):
            for inner in texts(hints[field.name]):
                if inner is None:
                    found.add(f"{cls.__name__}.{field.name}")
                else:
                    queue.append(inner)
    return found


def test_every_free_text_is_sealed_or_listed_with_its_reason() -> None:
    """F02 C17 事件中的自由文本要么封存，要么列明理由。"""
    listed = [name for names in REASONS.values() for name in names.split()]
    assert len(listed) == len(set(listed))
    assert sorted(free_texts() - set(listed)) == [], "seal it, or say why it may stand for ever"
    assert sorted(set(listed) - free_texts()) == [], "listed, and gone"


def test_what_seals_is_of_a_kind_that_looks_up_and_erases() -> None:
    """C17 F15 凡有封存字段的类别，都有查询和抹除事件。"""
    assert {kind for kind, _ in SEALING} == {"person", "complaint"}
    for kind, cls in SEALING:
        classes = set(KINDS[kind].facts.values())
        assert {SealOpened, SealErased} <= classes, f"{cls.__name__} seals what nobody could erase"
        assert "sealed" in {field.name for field in dataclasses.fields(cls)}


@pytest.mark.parametrize(("kind", "cls"), SEALING, ids=lambda v: getattr(v, "__name__", v))
@settings(max_examples=20)
@given(data=st.data())
def test_whatever_was_sealed_is_erased_by_an_erasure(kind: str, cls: type, data: st.DataObject) -> None:
    """C17 E05 任何封存字段都可抹除。"""
    fact = data.draw(facts(cls).filter(lambda f: f.sealed), label="fact")
    of, at = KINDS[kind], datetime(2026, 6, 1, tzinfo=UTC)

    def after(state: Any, said: Any, version: int) -> Any:
        event = Event("11990000000000019A", 0, "", f"{kind}/1", version, None, said)
        return of.evolve(state, Recorded(event, "", version, at, ""))

    state = after(of.initial, fact, 1)
    assert set(fact.sealed) <= state.seals.left, "the state does not know what this event seals"
    one = after(state, SealErased(Ground.UNLAWFUL, fact.sealed[:1]), 2)
    assert one.seals.left == set(fact.sealed[1:])
    assert after(one, SealErased(Ground.UNLAWFUL), 3).seals.left == set()
