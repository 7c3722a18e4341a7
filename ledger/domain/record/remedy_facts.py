"""What can be said about a record's penalties, objections, appeals, restoration and repairs.

>>> PenaltySuspended("p1", Hold.OBJECTION, "o1").hold
<Hold.OBJECTION: 'objection'>
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar

from ledger.domain.codec import BodyId, Many, Name, Prose, Range, Shape, Uscc
from ledger.domain.event import Document
from ledger.domain.record.course_facts import Evidence
from ledger.domain.record.remedy_terms import (
    Against,
    AppealOutcome,
    Extent,
    Fault,
    Hold,
    LiftReason,
    Mitigation,
    ObjectionRefusal,
    Point,
    Relief,
    RepairEvidence,
    RepairRefusal,
    Route,
)
from ledger.domain.record.terms import (
    ItemId,
    PersonRef,
)

MeasureCode = Annotated[str, Shape("[a-z][a-z0-9_]{0,59}", "the code of a measure of the list", "惩戒措施清单中的代码")]
Points = Annotated[tuple[Point, ...], Many(6)]

MOST_RECIPIENTS = 2000
"""To how many bodies a record can be given: as many as one order to tell them of its change can name."""

# --- penalties ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PenaltyImposed:
    """A measure of the list is imposed (D04-D18), on the subject or on a responsible person linked to the record.

    In force from ``start`` to ``until``, both included; no ``until`` only where the list allows it. The decision is
    in ``basis``; ``repair_notice`` is the notice that was served with it (两书同达, E12).
    """

    SCHEMA: ClassVar[int] = 1
    penalty: ItemId
    measure: MeasureCode
    grounds: Prose
    start: date
    until: date | None = None
    person: PersonRef | None = None
    repair_notice: Document | None = None


@dataclass(frozen=True, slots=True)
class PenaltySuspended:
    """The penalty is not executed for the time being (E03 暂不执行); ``item`` is the objection or appeal behind it."""

    SCHEMA: ClassVar[int] = 1
    penalty: ItemId
    hold: Hold
    item: ItemId | None = None


@dataclass(frozen=True, slots=True)
class PenaltyResumed:
    """What held the penalty is over: it is executed again, unless something else holds it."""

    SCHEMA: ClassVar[int] = 1
    penalty: ItemId
    hold: Hold
    item: ItemId | None = None


@dataclass(frozen=True, slots=True)
class PenaltyLifted:
    """The penalty ended before its day (E10 解除)."""

    SCHEMA: ClassVar[int] = 1
    penalty: ItemId
    reason: LiftReason


@dataclass(frozen=True, slots=True)
class PenaltyMitigated:
    """The penalty is eased because the subject mended what it did (E15): a shorter period, or none."""

    SCHEMA: ClassVar[int] = 1
    penalty: ItemId
    ground: Mitigation
    relief: Relief
    grounds: Prose
    until: date | None = None


@dataclass(frozen=True, slots=True)
class PunishmentWaived:
    """No penalty is imposed for this record (E15 免于实施失信惩戒措施)."""

    SCHEMA: ClassVar[int] = 1
    ground: Mitigation
    grounds: Prose


@dataclass(frozen=True, slots=True)
class DemeritPointsRecorded:
    """Points of the scheme for an act in tendering (D17 记分管理)."""

    SCHEMA: ClassVar[int] = 1
    item: Name
    points: Annotated[int, Range(1, 100)]


# --- objections ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ObjectionFiled:
    """The subject, or ``agent`` for it, objects (E01), says to what and why, and shows evidence."""

    SCHEMA: ClassVar[int] = 1
    objection: ItemId
    points: Points
    grounds: Prose
    evidence: Evidence = ()
    penalty: ItemId | None = None
    agent: Uscc | None = None


@dataclass(frozen=True, slots=True)
class ObjectionAccepted:
    """The objection is taken up, and will be decided by a day."""

    SCHEMA: ClassVar[int] = 1
    objection: ItemId
    decide_by: date


@dataclass(frozen=True, slots=True)
class ObjectionRefused:
    """The objection is not taken up."""

    SCHEMA: ClassVar[int] = 1
    objection: ItemId
    reason: ObjectionRefusal
    grounds: Prose


@dataclass(frozen=True, slots=True)
class VerificationRequested:
    """The source has to check and answer by a day (E04)."""

    SCHEMA: ClassVar[int] = 1
    objection: ItemId
    source: BodyId
    answer_by: date


@dataclass(frozen=True, slots=True)
class SourceAnswered:
    """The source's answer: what it gave is right (``confirmed``) or wrong (E04 核实、处置、反馈)."""

    SCHEMA: ClassVar[int] = 1
    objection: ItemId
    confirmed: bool
    findings: Prose


@dataclass(frozen=True, slots=True)
class ObjectionUpheld:
    """The objection is right, wholly or partly (E05). ``withdraw``: the record falls; ``lift``: penalties that end."""

    SCHEMA: ClassVar[int] = 1
    objection: ItemId
    extent: Extent
    grounds: Prose
    withdraw: bool = False
    lift: Annotated[tuple[ItemId, ...], Many(50)] = ()


@dataclass(frozen=True, slots=True)
class ObjectionDismissed:
    """The objection is wrong; penalties resume."""

    SCHEMA: ClassVar[int] = 1
    objection: ItemId
    grounds: Prose


@dataclass(frozen=True, slots=True)
class ObjectionWithdrawn:
    """Whoever objected takes it back; penalties resume."""

    SCHEMA: ClassVar[int] = 1
    objection: ItemId


@dataclass(frozen=True, slots=True)
class FaultAttributed:
    """Who was at fault for the wrong data (E02 责任处理)."""

    SCHEMA: ClassVar[int] = 1
    objection: ItemId
    body: BodyId
    fault: Fault
    grounds: Prose


# --- appeals ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AppealFiled:
    """An appeal, reconsideration or suit against a decision of this case (E18)."""

    SCHEMA: ClassVar[int] = 1
    appeal: ItemId
    route: Route
    against: Against
    forum: Name
    filed_on: date
    item: ItemId | None = None


@dataclass(frozen=True, slots=True)
class AppealDecided:
    """What the reviewing organ decided; its decision is in ``basis``.

    ``withdraw``: the record falls; ``lift``: penalties that end.
    """

    SCHEMA: ClassVar[int] = 1
    appeal: ItemId
    outcome: AppealOutcome
    grounds: Prose
    withdraw: bool = False
    lift: Annotated[tuple[ItemId, ...], Many(50)] = ()


# --- restoration --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RestorationOrdered:
    """A wrong penalty or record did harm: reputation is to be restored (E06). ``tell``: who was told what was wrong."""

    SCHEMA: ClassVar[int] = 1
    item: ItemId
    tell: Annotated[tuple[BodyId, ...], Many(MOST_RECIPIENTS)] = ()


@dataclass(frozen=True, slots=True)
class RestorationNoticePublished:
    """The public notice that sets things right; it is in ``basis``."""

    SCHEMA: ClassVar[int] = 1
    item: ItemId
    on: date


@dataclass(frozen=True, slots=True)
class ReputationRestored:
    """The notice is published and everybody was told: the task is done (E06 恢复其信誉、消除不良影响)."""

    SCHEMA: ClassVar[int] = 1
    item: ItemId
    grounds: Prose


# --- repair -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RepairApplied:
    """The subject applies for credit repair (E07, E08), with evidence by the six ways (E11)."""

    SCHEMA: ClassVar[int] = 1
    repair: ItemId
    evidence: Annotated[tuple[RepairEvidence, ...], Many(30)]
    statement: Prose


@dataclass(frozen=True, slots=True)
class RepairAccepted:
    """The application is complete and taken up."""

    SCHEMA: ClassVar[int] = 1
    repair: ItemId


@dataclass(frozen=True, slots=True)
class RepairGranted:
    """The record is repaired: publication, sharing and penalties end together (E10; Order 36 art. 3)."""

    SCHEMA: ClassVar[int] = 1
    repair: ItemId
    grounds: Prose


@dataclass(frozen=True, slots=True)
class RepairRefused:
    """The repair is refused, with reasons."""

    SCHEMA: ClassVar[int] = 1
    repair: ItemId
    reasons: Annotated[tuple[RepairRefusal, ...], Many(6)]
    grounds: Prose


@dataclass(frozen=True, slots=True)
class RepairRevoked:
    """The repair was obtained by a false promise or false papers: it does not stand (B18; Order 36)."""

    SCHEMA: ClassVar[int] = 1
    repair: ItemId
    grounds: Prose


Fact = (
    PenaltyImposed
    | PenaltySuspended
    | PenaltyResumed
    | PenaltyLifted
    | PenaltyMitigated
    | PunishmentWaived
    | DemeritPointsRecorded
    | ObjectionFiled
    | ObjectionAccepted
    | ObjectionRefused
    | VerificationRequested
    | SourceAnswered
    | ObjectionUpheld
    | ObjectionDismissed
    | ObjectionWithdrawn
    | FaultAttributed
    | AppealFiled
    | AppealDecided
    | RestorationOrdered
    | RestorationNoticePublished
    | ReputationRestored
    | RepairApplied
    | RepairAccepted
    | RepairGranted
    | RepairRefused
    | RepairRevoked
)
