"""Dishonesty records, and what the public may see of them from which day to which (F01–F05; rules.md §1.2).

``records`` is for those whose task it is; the public's pages, lists and feeds read ``disclosures`` and nothing else.
``disclosures`` and ``withheld`` are the answers of :func:`projections.disclosure.disclose` for the public: every day
from the recognition on is in one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ledger.domain.event import Said
from ledger.domain.record.facts import BreachRecognised, LeadReceived
from ledger.domain.record.state import Record
from projections.disclosed import text_of
from projections.disclosure import Disclosed, Span, spans
from projections.projection import Case, Projection, Row, Table


class RecordRow(NamedTuple):
    """A dishonesty record, or a lead that may become one, as the credit office sees it."""

    stream: str
    log_index: int  # of LeadReceived
    begun_on: date
    subject: str
    region: str | None
    person: bool  # the record is that of an official
    source: str  # ledger.domain.record.terms.SourceKind
    conduct: tuple[str, ...]  # Conduct
    area: str | None
    focus: str | None  # FocusField
    standing: str  # ledger.domain.record.state.Standing
    severity: str | None  # Severity
    recognised_on: date | None  # legal day of the recognition
    recognised_by: str | None
    effective_on: date | None  # of the decision
    decision_number: str | None  # of the first document of its basis
    decision_sha256: str | None
    rectify_by: date | None
    rectified: bool
    ended_on: date | None  # repaired, withdrawn or ended without a record
    changed: int  # index of its newest event


class DisclosureRow(NamedTuple):
    """What the public may see of a record from a day to a day, both included; ``fields`` is what disclose gave."""

    stream: str
    begins: date
    ends: date  # the last day of publicity under the rules then known
    log_index: int  # of LeadReceived
    subject: str
    region: str | None
    area: str | None
    source: str  # SourceKind
    severity: str  # Severity
    published_on: date  # legal day of the first publication
    updated_on: date  # legal day of the newest event that may be seen
    expires_on: date
    with_persons: bool  # with what may be shown of its persons
    fields: str  # JSON; see projections.disclosed


class WithheldRow(NamedTuple):
    """Why the public does not see a record from a day to a day: withholding needs a reason (F03)."""

    stream: str
    begins: date
    ends: date  # 9999-12-31: no end
    subject: str
    region: str | None
    reason: str  # projections.disclosure.Reason
    source: str  # where that stands


RECORDS = Table("records", RecordRow, 1, ("(log_index)", "(subject, log_index)", "(region, log_index)"))
DISCLOSURES = Table(
    "disclosures",
    DisclosureRow,
    2,
    (
        *("(log_index)", "(subject, log_index)", "(region, log_index)", "(area, log_index)"),
        *("(updated_on, log_index)", "(expires_on, log_index)"),
    ),
)
WITHHELD = Table("withheld", WithheldRow, 2, ("(reason, stream)",))


def _rows(case: Case) -> Iterator[Row]:
    record: Record = case.state
    if record.lead is None:
        return
    yield _record(case, record, record.lead)
    for span in spans(record, case.policies):
        yield _disclosure(case, record.lead, span) if isinstance(span.answer, Disclosed) else _withheld(case, span)


def _record(case: Case, record: Record, lead: Said[LeadReceived]) -> RecordRow:
    recognised = record.recognised
    said: LeadReceived | BreachRecognised = recognised.fact if recognised else lead.fact
    decision = recognised.basis[0] if recognised and recognised.basis else None
    return RecordRow(
        stream=case.stream,
        log_index=case.begun.index,
        begun_on=lead.day,
        subject=lead.fact.subject,
        region=case.region,
        person=record.person is not None,
        source=said.source,
        conduct=tuple(map(str, said.conduct)),
        area=lead.fact.area,
        focus=lead.fact.focus,
        standing=record.standing,
        severity=record.severity,
        recognised_on=recognised.day if recognised else None,
        recognised_by=recognised.by if recognised else None,
        effective_on=recognised.fact.effective_on if recognised else None,
        decision_number=decision.number if decision else None,
        decision_sha256=decision.sha256 if decision else None,
        rectify_by=record.rectification_due,
        rectified=record.is_rectified,
        ended_on=_ended_on(record),
        changed=case.last.index,
    )


def _ended_on(record: Record) -> date | None:
    """The day on which it was withdrawn, repaired, or ended without a record."""
    repairs = (r.granted.day for r in record.repairs if r.granted and not r.revoked)
    ended = record.withdrawn or record.ended
    return record.withdrawn.day if record.withdrawn else min(repairs, default=ended.day if ended else None)


def _disclosure(case: Case, lead: Said[LeadReceived], span: Span) -> DisclosureRow:
    answer = span.answer
    assert isinstance(answer, Disclosed)
    assert answer.published_on
    assert answer.updated_on
    assert answer.expires_on
    return DisclosureRow(
        stream=case.stream,
        begins=span.begins,
        ends=span.ends,
        log_index=case.begun.index,
        subject=lead.fact.subject,
        region=case.region,
        area=lead.fact.area,
        source=answer.fields["source"],
        severity=answer.fields["severity"],
        published_on=answer.published_on,
        updated_on=answer.updated_on,
        expires_on=answer.expires_on,
        with_persons=answer.with_persons,
        fields=text_of(answer.fields),
    )


def _withheld(case: Case, span: Span) -> WithheldRow:
    answer = span.answer
    assert not isinstance(answer, Disclosed)
    subject = case.subject
    assert subject is not None, "a record has a subject"
    return WithheldRow(case.stream, span.begins, span.ends, subject, case.region, answer.reason, answer.source)


PROJECTION = Projection("records", 1, (RECORDS, DISCLOSURES, WITHHELD), frozenset({"record"}), _rows, ruled=True)
