"""What can be said about a dishonesty record at its beginning: lead, verification, recognition, severity.

How it goes on is in ``course_facts``; penalties and remedies are in ``remedy_facts``.

Nothing in a fact is personal: persons stand as references to their streams, and prose must not name them.

>>> RectificationUrged("支付合同尾款", date(2026, 6, 30)).due.isoformat()
'2026-06-30'
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar

from ledger.domain.codec import Many, Name, Prose, Uscc
from ledger.domain.commitment_terms import Area
from ledger.domain.record.terms import (
    CommitmentRef,
    ComplaintRef,
    Conduct,
    FocusField,
    LeadEnd,
    PersonRef,
    ProjectRef,
    Responsibility,
    Severity,
    SourceKind,
)

Conducts = Annotated[tuple[Conduct, ...], Many(15)]

# --- lead ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeadReceived:
    """A lead (线索): something that may become a record, and is none yet (C14, C25, H10).

    ``person`` where the act is that of an official of ``subject`` (C01); ``complaint``, ``commitment`` and
    ``project`` are the streams that it comes from. ``sentiment`` marks what was seen in public opinion (C25 失信舆情).
    """

    SCHEMA: ClassVar[int] = 1
    subject: Uscc
    source: SourceKind
    conduct: Conducts
    summary: Prose
    received_on: date
    area: Area | None = None
    focus: FocusField | None = None
    person: PersonRef | None = None
    complaint: ComplaintRef | None = None
    commitment: CommitmentRef | None = None
    project: ProjectRef | None = None
    sentiment: bool = False


@dataclass(frozen=True, slots=True)
class LeadVerified:
    """The lead was checked (H06 加强举报核实): it is substantiated, or untrue."""

    SCHEMA: ClassVar[int] = 1
    substantiated: bool
    grounds: Prose


@dataclass(frozen=True, slots=True)
class RectificationUrged:
    """The subject was urged to set it right before anything is recognised (发改财金〔2023〕1103号)."""

    SCHEMA: ClassVar[int] = 1
    demands: Prose
    due: date


@dataclass(frozen=True, slots=True)
class LeadClosed:
    """The lead ends without a record, with the reasons that the complainant is told."""

    SCHEMA: ClassVar[int] = 1
    reason: LeadEnd
    grounds: Prose


# --- recognition --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BreachRecognised:
    """The dishonest act is recognised (C01): from here on there is a record.

    The first document of ``basis`` is the effective decision, with organ, number, day and SHA-256. ``on_duty``:
    the act was done in the course of duty (C02 在履职过程中). ``catalogue`` is the item of the catalogue (C17).
    """

    SCHEMA: ClassVar[int] = 1
    source: SourceKind
    conduct: Conducts
    findings: Prose
    effective_on: date
    on_duty: bool
    catalogue: Name
    refused_to_rectify: bool = False


@dataclass(frozen=True, slots=True)
class ResponsiblePersonLinked:
    """A person answers for the act, in which way, and held which kind of post from when to when (A04 惩戒到人)."""

    SCHEMA: ClassVar[int] = 1
    person: PersonRef
    responsibility: Responsibility
    start: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class SeverityGraded:
    """How grave the act is, by loss and by social impact, each with its grounds (C15)."""

    SCHEMA: ClassVar[int] = 1
    severity: Severity
    loss: Severity
    loss_grounds: Prose
    impact: Severity
    impact_grounds: Prose


@dataclass(frozen=True, slots=True)
class SubjectNotified:
    """The subject was told of the record and of its rights (E17 权益保护)."""

    SCHEMA: ClassVar[int] = 1
    on: date


Fact = (
    LeadReceived
    | LeadVerified
    | RectificationUrged
    | LeadClosed
    | BreachRecognised
    | ResponsiblePersonLinked
    | SeverityGraded
    | SubjectNotified
)
