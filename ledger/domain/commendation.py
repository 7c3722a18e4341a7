"""A positive record (荣誉表彰、诚信典型) of a body or of one of its officials, and its incentives (守信激励).

Stream ``commendation/<uuid>``. It is part of the integrity file beside dishonesty records (C03); the incentives that
rest on it end with it.

>>> TARGETS[Incentive.PROMOTION_PRIORITY]
(<TargetKind.PERSON: 'person'>,)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, assert_never

from ledger.domain.codec import Name, Prose, Uscc
from ledger.domain.event import Event, Recorded, Said, said
from ledger.domain.record.remedy_terms import TargetKind
from ledger.domain.record.terms import PersonRef


class Kind(StrEnum):
    """Kinds of positive record."""

    COMMENDATION = "commendation"  # 荣誉表彰、表彰奖励（C03, G09）
    HONEST_EXAMPLE = "honest_example"  # 诚信典型、守信典型（G11, F11）


class Incentive(StrEnum):
    """What an honest body or person gains (G09-G13)."""

    AWARDS_PRIORITY = "awards_priority"  # 评先评优方面予以守信激励（G09）
    PROMOTION_PRIORITY = "promotion_priority"  # 职级晋升方面予以守信激励（G09）
    CONVENIENCE = "convenience"  # 提供便利措施（G10）
    POLICY_PREFERENCE = "policy_preference"  # 优惠政策倾斜（G10）
    SUBSIDY_PRIORITY = "subsidy_priority"  # 优先给予资金补助（G11）
    BOND_RELIEF = "bond_relief"  # 免收或者减收履约保证金（G12）
    FEWER_INSPECTIONS = "fewer_inspections"  # 合理降低抽查比例和频次（G13）


G09 = "G09: YN 二(五); DH 二(二)2"
G10 = "G10: DH 一(二)四, 二(三)3"
G11 = "G11: HS 五(一)"
_PERSON, _BODY, _FIRM = (TargetKind.PERSON,), (TargetKind.BODY,), (TargetKind.ENTERPRISE,)
TARGETS: Mapping[Incentive, tuple[TargetKind, ...]] = {
    Incentive.AWARDS_PRIORITY: _PERSON,
    Incentive.PROMOTION_PRIORITY: _PERSON,
    Incentive.CONVENIENCE: _BODY,
    Incentive.POLICY_PREFERENCE: _BODY,
    Incentive.SUBSIDY_PRIORITY: (*_BODY, *_FIRM),
    Incentive.BOND_RELIEF: _FIRM,
    Incentive.FEWER_INSPECTIONS: _FIRM,
}
"""Whom the documents give an incentive: officials, government bodies, or those who apply, supply and are inspected."""
SOURCES: Mapping[Incentive, str] = {
    Incentive.AWARDS_PRIORITY: G09,
    Incentive.PROMOTION_PRIORITY: G09,
    Incentive.CONVENIENCE: G10,
    Incentive.POLICY_PREFERENCE: G10,
    Incentive.SUBSIDY_PRIORITY: G11,
    Incentive.BOND_RELIEF: "G12: YN 三(一)",
    Incentive.FEWER_INSPECTIONS: "G13: TA-B 二(三); TA-A 二(四)13",
}
"""Which requirement gives an incentive."""


class IncentiveEnd(StrEnum):
    """Why an incentive ended before its day."""

    COMMENDATION_WITHDRAWN = "commendation_withdrawn"  # 表彰撤销（由账本记载）
    DISHONESTY = "dishonesty"  # 发生失信
    CONDITIONS_CEASED = "conditions_ceased"  # 不再符合条件


class Withdrawal(StrEnum):
    """Why a positive record was withdrawn."""

    AWARD_REVOKED = "award_revoked"  # 表彰被授予机关撤销
    FALSE_MERITS = "false_merits"  # 弄虚作假取得
    RECORDED_IN_ERROR = "recorded_in_error"  # 记载有误


# --- facts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommendationRecorded:
    """A body, or an official of it (``person``), was commended (G09, C03); the award's document is in ``basis``.

    ``title`` is the award's name and names no person; ``awarded_by`` the organ that gave it.
    """

    SCHEMA: ClassVar[int] = 1
    subject: Uscc
    kind: Kind
    title: Name
    awarded_by: Name
    awarded_on: date
    person: PersonRef | None = None


@dataclass(frozen=True, slots=True)
class IncentiveGranted:
    """An incentive rests on the commendation, from a day until a day, both included (G09-G13)."""

    SCHEMA: ClassVar[int] = 1
    incentive: Incentive
    start: date
    until: date


@dataclass(frozen=True, slots=True)
class IncentiveEnded:
    """An incentive ended before its day."""

    SCHEMA: ClassVar[int] = 1
    incentive: Incentive
    reason: IncentiveEnd


@dataclass(frozen=True, slots=True)
class CommendationWithdrawn:
    """The positive record was wrong or was taken away; its incentives end with it."""

    SCHEMA: ClassVar[int] = 1
    reason: Withdrawal
    grounds: Prose


Fact = CommendationRecorded | IncentiveGranted | IncentiveEnded | CommendationWithdrawn


# --- state --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grant:
    """An incentive that was granted, and whether it was ended."""

    granted: Said[IncentiveGranted]
    ended: Said[IncentiveEnded] | None = None

    def in_force(self, on: date) -> bool:
        """Whether it counts on a day: begun, not over, not ended by then."""
        fact = self.granted.fact
        return fact.start <= on <= fact.until and (self.ended is None or on < self.ended.day)


@dataclass(frozen=True, slots=True)
class Commendation:
    """All that the log says about a positive record up to a position."""

    recorded: Said[CommendationRecorded] | None = None
    grants: tuple[Grant, ...] = ()
    withdrawn: Said[CommendationWithdrawn] | None = None

    @property
    def stands(self) -> bool:
        """Whether there is a positive record that was not withdrawn."""
        return self.recorded is not None and self.withdrawn is None

    def granted(self, on: date) -> tuple[Incentive, ...]:
        """The incentives neither ended nor over on a day, also those that begin later: one of each kind at most."""
        return tuple(g.granted.fact.incentive for g in self.grants if not g.ended and on <= g.granted.fact.until)

    def in_force(self, on: date) -> tuple[Incentive, ...]:
        """The incentives that count on a day."""
        return tuple(g.granted.fact.incentive for g in self.grants if g.in_force(on))


EMPTY = Commendation()


def evolve(state: Commendation, recorded: Recorded) -> Commendation:
    """The positive record after an admitted event."""
    saying: Said[Any] = said(recorded)
    fact: Fact = saying.fact
    match fact:
        case CommendationRecorded():
            return replace(state, recorded=saying)
        case IncentiveGranted():
            return replace(state, grants=(*state.grants, Grant(saying)))
        case IncentiveEnded():
            return replace(state, grants=tuple(_ended(g, fact.incentive, saying) for g in state.grants))
        case CommendationWithdrawn():
            return replace(state, withdrawn=saying)
        case _:
            assert_never(fact)


def _ended(grant: Grant, incentive: Incentive, saying: Said[IncentiveEnded]) -> Grant:
    """The grant, ended if it is of this kind and was still running on that day."""
    fact = grant.granted.fact
    if fact.incentive is not incentive or grant.ended or fact.until < saying.day:
        return grant
    return replace(grant, ended=saying)


def named(state: Commendation, event: Event) -> Iterator[str]:
    """Bodies beyond those in the event's data that admission looks at: the subject."""
    if state.recorded:
        yield state.recorded.fact.subject


def related(state: Commendation, event: Event) -> Iterator[str]:
    """Other streams that admission looks at: the person commended."""
    if isinstance(event.fact, CommendationRecorded) and event.fact.person:
        yield event.fact.person


def subject(state: Commendation, event: Event) -> str | None:
    """The body whose region decides which rule pack applies."""
    if state.recorded:
        return state.recorded.fact.subject
    return event.fact.subject if isinstance(event.fact, CommendationRecorded) else None
