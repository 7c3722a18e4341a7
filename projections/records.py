"""Dishonesty records, and what the public may see of them from which day to which (F01–F05; rules.md §1.2).

``records`` is for those whose task it is; the public's pages, lists and feeds read ``disclosures`` and nothing else.
``disclosures`` and ``withheld`` are the answers of :func:`projections.disclosure.disclose` for the public: every day
from the recognition on is in one of them.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from projections.projection import Projection, Table


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
    fields: str  # see projections.disclosure


class WithheldRow(NamedTuple):
    """Why the public does not see a record from a day to a day: withholding needs a reason (F03)."""

    stream: str
    begins: date
    ends: date  # 9999-12-31: no end
    subject: str
    region: str | None
    reason: str  # projections.disclosure.Reason


RECORDS = Table("records", RecordRow, 1, ("(log_index)", "(subject, log_index)", "(region, log_index)"))
DISCLOSURES = Table(
    "disclosures", DisclosureRow, 2, ("(log_index)", "(subject, log_index)", "(region, log_index)", "(area, log_index)")
)
WITHHELD = Table("withheld", WithheldRow, 2, ("(reason, stream)",))

PROJECTION = Projection("records", 1, (RECORDS, DISCLOSURES, WITHHELD), frozenset({"record"}), ruled=True)
