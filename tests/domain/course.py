"""Sayings of a record's course, for the tests of its rooms: told, explained, persons, listed, published, shared."""

from __future__ import annotations

from datetime import date

from ledger.domain.commitment_terms import Channel
from ledger.domain.event import Document, Said
from ledger.domain.person import Affiliation, Person, PersonRegistered
from ledger.domain.record.course_facts import (
    CourtListEntered,
    ExplanationFiled,
    PublicationEnded,
    RecordPublished,
    RecordShared,
    RectificationVerified,
)
from ledger.domain.record.facts import BreachRecognised, SeverityGraded, SubjectNotified
from ledger.domain.record.terms import Conduct, PersonKind, PublicationEnd, Severity, SourceKind
from tests.domain.records import COURT, RECOGNISER, SUBJECT
from tests.domain.scenario import CREDIT, PARTNER, said

EVIDENCE = (Document("整改证明", "56" * 32),)
NOTIFIED = said(SubjectNotified(date(2026, 5, 23)), CREDIT, on=date(2026, 5, 23))
EXPLAINED = said(ExplanationFiled("情况说明"), SUBJECT, EVIDENCE, on=date(2026, 5, 24))
SERIOUS = said(
    SeverityGraded(Severity.SERIOUS, Severity.SERIOUS, "损失重大", Severity.GENERAL, "影响较大"),
    RECOGNISER,
    on=date(2026, 5, 23),
)
INSUFFICIENT = said(RectificationVerified(False, False, "未整改到位"), RECOGNISER, on=date(2026, 5, 30))
LISTED = said(
    CourtListEntered("示例市人民法院", "（2026）示执1号", "（2025）示民初8号", "支付工程款", date(2026, 5, 25)),
    COURT,
    on=date(2026, 5, 26),
)
PUBLISHED = said(RecordPublished((Channel.CREDIT_SITE,), date(2026, 9, 30)), CREDIT, on=date(2026, 5, 25))
TAKEN_DOWN = said(PublicationEnded(PublicationEnd.EXPIRED), CREDIT, on=date(2026, 10, 1))
SHARED = said(RecordShared(PARTNER, "评优评先"), CREDIT, on=date(2026, 5, 25))


def recognised(source: SourceKind = SourceKind.ADMINISTRATIVE_PENALTY, **more: object) -> BreachRecognised:
    """A recognition that is right in every respect but for ``more``."""
    content = {
        "conduct": (Conduct.UNLAWFUL_ACT,),
        "findings": "事实清楚",
        "effective_on": date(2026, 5, 20),
        "on_duty": True,
        "catalogue": "government_dishonesty",
        **more,
    }
    return BreachRecognised(source, **content)  # type: ignore[arg-type]


def person(kind: PersonKind = PersonKind.CIVIL_SERVANT, *served: Affiliation) -> Person:
    """A person on file, in the subject's service from 2020 on unless ``served`` says otherwise."""
    registered = Said(PersonRegistered(kind, SUBJECT, ("0" * 43,)), CREDIT, date(2026, 1, 5))
    return Person(registered, kind, served or (Affiliation(SUBJECT, date(2020, 1, 1)),))
