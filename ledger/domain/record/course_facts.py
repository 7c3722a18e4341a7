"""What can be said about a record in its course: explanation, rectification, supervision, court list, tolerance,
correction, publication and sharing.

>>> RectificationOrdered("支付合同尾款", date(2026, 6, 30)).due.isoformat()
'2026-06-30'
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar

from ledger.domain.codec import BodyId, Many, Name, Prose
from ledger.domain.commitment_terms import Channel
from ledger.domain.event import Document
from ledger.domain.record.terms import (
    CaseEnd,
    Correction,
    CourtExit,
    ItemId,
    LetterKind,
    PublicationEnd,
    WithdrawalGround,
)

Evidence = Annotated[tuple[Document, ...], Many(50)]
Channels = Annotated[tuple[Channel, ...], Many(10)]

# --- explanation, rectification, supervision ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExplanationRequested:
    """The subject has to explain itself in writing by a day (D01 书面说明原因)."""

    SCHEMA: ClassVar[int] = 1
    due: date


@dataclass(frozen=True, slots=True)
class ExplanationFiled:
    """The subject's written explanation; its document is in ``basis``."""

    SCHEMA: ClassVar[int] = 1
    explanation: Prose


@dataclass(frozen=True, slots=True)
class RectificationOrdered:
    """The subject has to set things right by a day (D02 限期加以整改)."""

    SCHEMA: ClassVar[int] = 1
    demands: Prose
    due: date


@dataclass(frozen=True, slots=True)
class RectificationPlanFiled:
    """The first-responsible unit's plan and its own deadline (C10: YN 二(六))."""

    SCHEMA: ClassVar[int] = 1
    plan: Prose
    due: date


@dataclass(frozen=True, slots=True)
class RectificationExtended:
    """The deadline was put off before it passed."""

    SCHEMA: ClassVar[int] = 1
    due: date
    reason: Prose


@dataclass(frozen=True, slots=True)
class RectificationReported:
    """The subject says that it has set things right."""

    SCHEMA: ClassVar[int] = 1
    summary: Prose
    completed_on: date
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class RectificationVerified:
    """Somebody else checked: the act is corrected and the duties done, and ill effects are removed, or not."""

    SCHEMA: ClassVar[int] = 1
    corrected: bool
    effects_removed: bool
    grounds: Prose


@dataclass(frozen=True, slots=True)
class RectificationFoundOverdue:
    """The deadline passed without rectification; the records of unit and persons are pushed (C23: DH 二(三)2)."""

    SCHEMA: ClassVar[int] = 1
    grounds: Prose


@dataclass(frozen=True, slots=True)
class SupervisionLetterIssued:
    """Special supervision or a rectification letter (D03: HS 四(四)); the letter is in ``basis``."""

    SCHEMA: ClassVar[int] = 1
    kind: LetterKind
    demands: Prose
    due: date | None = None


@dataclass(frozen=True, slots=True)
class CaseEscalated:
    """A serious case was reported to the government (C16: YC 二(二)5)."""

    SCHEMA: ClassVar[int] = 1
    government: BodyId
    report: Prose


@dataclass(frozen=True, slots=True)
class SuperiorInformed:
    """The superior body was told (D07 向上级主管单位及时通报)."""

    SCHEMA: ClassVar[int] = 1
    superior: BodyId
    on: date


# --- court list ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CourtListEntered:
    """A court listed the subject as a dishonest judgment debtor (C04 失信被执行人)."""

    SCHEMA: ClassVar[int] = 1
    court: Name
    case_number: Name
    enforcement_basis: Name
    duty: Prose
    listed_on: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class CourtListRemovalRequested:
    """The court was asked to delete the entry, and on which ground (C06); the proof is in ``basis``."""

    SCHEMA: ClassVar[int] = 1
    way: CourtExit
    ready_on: date


@dataclass(frozen=True, slots=True)
class CourtListRemoved:
    """The court deleted the entry."""

    SCHEMA: ClassVar[int] = 1
    way: CourtExit
    removed_on: date


# --- tolerance ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToleranceRequested:
    """Fault tolerance is asked for (C19 容错纠错)."""

    SCHEMA: ClassVar[int] = 1
    circumstances: Prose
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class ToleranceDetermined:
    """Whether the act is tolerated, by which authority; the determination is in ``basis`` (C19: YN 二(三)(七))."""

    SCHEMA: ClassVar[int] = 1
    tolerated: bool
    authority: Name
    grounds: Prose


# --- correction and end -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordCorrected:
    """Something in the record was put right (E05 更正): a new event, nothing is overwritten."""

    SCHEMA: ClassVar[int] = 1
    corrections: Annotated[tuple[Correction, ...], Many(20)]
    grounds: Prose
    objection: ItemId | None = None


@dataclass(frozen=True, slots=True)
class RecordSupplemented:
    """Something was added to the record."""

    SCHEMA: ClassVar[int] = 1
    addition: Prose


@dataclass(frozen=True, slots=True)
class RecordWithdrawn:
    """The record does not stand (E05 撤销): publication, sharing and penalties end with it."""

    SCHEMA: ClassVar[int] = 1
    ground: WithdrawalGround
    grounds: Prose


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """The file is closed."""

    SCHEMA: ClassVar[int] = 1
    reason: CaseEnd
    grounds: Prose


# --- publication and sharing --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordPublished:
    """The record is published until a day (F01); ``persons``: with what may be shown of its persons."""

    SCHEMA: ClassVar[int] = 1
    channels: Channels
    until: date
    persons: bool = False


@dataclass(frozen=True, slots=True)
class PublicationEnded:
    """The record is no longer published. Never silently: this event says so, without what was taken down."""

    SCHEMA: ClassVar[int] = 1
    reason: PublicationEnd


@dataclass(frozen=True, slots=True)
class RecordShared:
    """The record was given to a recipient (C18, C23, F06): whoever was told is told of changes too."""

    SCHEMA: ClassVar[int] = 1
    recipient: BodyId
    purpose: Name


@dataclass(frozen=True, slots=True)
class SharingEnded:
    """The record is no longer shared with anybody."""

    SCHEMA: ClassVar[int] = 1
    reason: PublicationEnd


@dataclass(frozen=True, slots=True)
class RecipientTold:
    """A recipient was told how the record changed: corrected, withdrawn, repaired (E05, E06, E09)."""

    SCHEMA: ClassVar[int] = 1
    recipient: BodyId
    on: date


Fact = (
    ExplanationRequested
    | ExplanationFiled
    | RectificationOrdered
    | RectificationPlanFiled
    | RectificationExtended
    | RectificationReported
    | RectificationVerified
    | RectificationFoundOverdue
    | SupervisionLetterIssued
    | CaseEscalated
    | SuperiorInformed
    | CourtListEntered
    | CourtListRemovalRequested
    | CourtListRemoved
    | ToleranceRequested
    | ToleranceDetermined
    | RecordCorrected
    | RecordSupplemented
    | RecordWithdrawn
    | CaseClosed
    | RecordPublished
    | PublicationEnded
    | RecordShared
    | SharingEnded
    | RecipientTold
)
