"""What can be said about a complaint, and about the breach incident that it may grow into.

Who complains, how to reach him and what he wrote are sealed: they stand in the event as digests only. No other field
may name or betray the complainant.

>>> list(ComplaintReceived.SEALS)
['complainant', 'contact', 'text']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from ledger.domain.codec import BodyId, Many, Name, Prose, Sealed, Uscc
from ledger.domain.commitment_terms import Area
from ledger.domain.complaint.terms import Channel, Matter, Refusal, Resolution, Unfounded, WorkNumber
from ledger.domain.record.terms import CommitmentRef, ComplaintRef, ProjectRef, RecordRef
from ledger.domain.seals import SealErased, SealOpened


@dataclass(frozen=True, slots=True)
class ComplaintReceived:
    """A complaint came in (H01) and has its number in the work ledger (H03).

    ``accused`` is None where the complaint names no body. ``area`` tells complaints about procurement (H07) and
    investment promotion (H08). ``sealed`` are the digests of what ``SEALS`` lists: complainant, contact, text.
    """

    SCHEMA: ClassVar[int] = 1
    SEALS: ClassVar[Mapping[str, Any]] = {"complainant": Name, "contact": Name, "text": Prose}
    number: WorkNumber
    channel: Channel
    matter: Matter
    received_on: date
    accused: Uscc | None = None
    area: Area = Area.GENERAL
    commitment: CommitmentRef | None = None
    project: ProjectRef | None = None
    anonymous: bool = False
    sealed: Sealed = ()


@dataclass(frozen=True, slots=True)
class ComplaintAccepted:
    """The complaint is within the scope and is taken up (H02 受理, H05)."""

    SCHEMA: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ComplaintRefused:
    """The complaint is not taken up, with the grounds that the complainant is told (H05).

    ``earlier`` is the complaint that it repeats, where it is a duplicate.
    """

    SCHEMA: ClassVar[int] = 1
    reason: Refusal
    grounds: Prose
    earlier: ComplaintRef | None = None


@dataclass(frozen=True, slots=True)
class ComplaintTransferred:
    """The complaint goes to the superior or competent department of the accused body, to answer by a day (H02 转办)."""

    SCHEMA: ClassVar[int] = 1
    to: BodyId
    answer_by: date


@dataclass(frozen=True, slots=True)
class ComplaintUrged:
    """The body that it went to was urged to answer (H02 督促)."""

    SCHEMA: ClassVar[int] = 1
    demands: Prose


@dataclass(frozen=True, slots=True)
class ComplaintAnswered:
    """The body that it went to verified the complaint (H06 加强举报核实); ``reason`` where it is not substantiated."""

    SCHEMA: ClassVar[int] = 1
    substantiated: bool
    findings: Prose
    reason: Unfounded | None = None


@dataclass(frozen=True, slots=True)
class ComplaintSubstantiated:
    """The complaint is true: it becomes the lead of a new dishonesty record (H06, H10; 发改财金〔2023〕1103号).

    ``summary`` is what the lead says: the act, without anything about the complainant.
    """

    SCHEMA: ClassVar[int] = 1
    record: RecordRef
    summary: Prose


@dataclass(frozen=True, slots=True)
class ComplaintUnsubstantiated:
    """The complaint is not true: the complainant is answered with the reasons (发改财金〔2023〕1103号)."""

    SCHEMA: ClassVar[int] = 1
    reason: Unfounded
    grounds: Prose


@dataclass(frozen=True, slots=True)
class ComplaintCalledBack:
    """The complainant was asked whether the answer satisfies (H02 回访)."""

    SCHEMA: ClassVar[int] = 1
    satisfied: bool
    on: date


@dataclass(frozen=True, slots=True)
class IncidentOpened:
    """The breach is taken up as an incident: a lead body, and others (B23 政务失信违约事件协调处理机制)."""

    SCHEMA: ClassVar[int] = 1
    lead: BodyId
    parties: Annotated[tuple[BodyId, ...], Many(20)] = ()


@dataclass(frozen=True, slots=True)
class IncidentResolved:
    """The incident is solved, and how (H10 及时发现并解决)."""

    SCHEMA: ClassVar[int] = 1
    resolution: Resolution
    summary: Prose


@dataclass(frozen=True, slots=True)
class ComplaintClosed:
    """The complaint's file is closed: answered, called back, no incident open (H03)."""

    SCHEMA: ClassVar[int] = 1


Fact = (
    ComplaintReceived
    | ComplaintAccepted
    | ComplaintRefused
    | ComplaintTransferred
    | ComplaintUrged
    | ComplaintAnswered
    | ComplaintSubstantiated
    | ComplaintUnsubstantiated
    | ComplaintCalledBack
    | IncidentOpened
    | IncidentResolved
    | ComplaintClosed
    | SealOpened
    | SealErased
)
