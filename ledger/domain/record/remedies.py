"""Parts of a record that have a life of their own: court listings, penalties, objections, appeals, restorations and
repairs.

What follows from a day (in force, expired) is asked with the day and never stored.

>>> from ledger.domain.event import Said
>>> imposed = r.PenaltyImposed("p1", "award_exclusion", "依据", date(2026, 1, 1), date(2026, 12, 31))
>>> penalty = Penalty(Said(imposed, "11990000000000019A", date(2026, 1, 1)))
>>> penalty.in_force(date(2026, 6, 1)), penalty.in_force(date(2027, 1, 1))
(True, False)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledger.domain.event import Said
from ledger.domain.record import course_facts as c
from ledger.domain.record import remedy_facts as r
from ledger.domain.record.remedy_terms import AppealOutcome, Hold


@dataclass(frozen=True, slots=True)
class CourtListing:
    """An entry in the court list, how its end was asked for, and its end."""

    entered: Said[c.CourtListEntered]
    requested: tuple[Said[c.CourtListRemovalRequested], ...] = ()
    removed: Said[c.CourtListRemoved] | None = None


@dataclass(frozen=True, slots=True)
class Penalty:
    """A penalty, what holds it (objections, stays), how it was eased and how it ended.

    ``course`` is everything that was said of it since it was imposed.
    """

    imposed: Said[r.PenaltyImposed]
    holds: tuple[tuple[Hold, str | None], ...] = ()
    mitigated: tuple[Said[r.PenaltyMitigated], ...] = ()
    lifted: Said[r.PenaltyLifted] | None = None
    course: tuple[Said[r.PenaltySuspended | r.PenaltyResumed | r.PenaltyMitigated | r.PenaltyLifted], ...] = ()

    @property
    def id(self) -> str:
        """Its name within the record."""
        return self.imposed.fact.penalty

    @property
    def until(self) -> date | None:
        """Its last day, as last eased; None: no end."""
        return next((m.fact.until for m in reversed(self.mitigated) if m.fact.until), self.imposed.fact.until)

    def is_expired(self, on: date) -> bool:
        """Whether its last day is over."""
        return self.until is not None and on > self.until

    def is_live(self, on: date) -> bool:
        """Whether it is neither lifted nor expired: in force, suspended, or still to begin."""
        return self.lifted is None and not self.is_expired(on)

    def in_force(self, on: date) -> bool:
        """Whether it is executed on a day: begun, not over, not lifted, held by nothing."""
        return self.is_live(on) and self.imposed.fact.start <= on and not self.holds

    def was_executed(self, on: date) -> bool:
        """Whether it can have been felt by a day: its first day came and it was not lifted before."""
        ended = self.lifted.day if self.lifted else on
        return self.imposed.fact.start <= ended


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection on its way."""

    filed: Said[r.ObjectionFiled]
    accepted: Said[r.ObjectionAccepted] | None = None
    refused: Said[r.ObjectionRefused] | None = None
    requests: tuple[Said[r.VerificationRequested], ...] = ()
    answers: tuple[Said[r.SourceAnswered], ...] = ()
    decided: Said[r.ObjectionUpheld | r.ObjectionDismissed | r.ObjectionWithdrawn] | None = None
    faults: tuple[Said[r.FaultAttributed], ...] = ()

    @property
    def is_pending(self) -> bool:
        """Filed, and nobody has said yet whether it is taken up."""
        return self.accepted is None and self.refused is None and self.decided is None

    @property
    def is_open(self) -> bool:
        """Taken up and not decided: while it is, penalties may have to wait (E03)."""
        return self.accepted is not None and self.decided is None

    @property
    def is_upheld(self) -> bool:
        """Decided in favour of whoever objected, wholly or partly."""
        return self.decided is not None and isinstance(self.decided.fact, r.ObjectionUpheld)


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal, reconsideration or suit."""

    filed: Said[r.AppealFiled]
    decided: Said[r.AppealDecided] | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether it changed what it was against."""
        return self.decided is not None and self.decided.fact.outcome in {AppealOutcome.REVOKED, AppealOutcome.CHANGED}


@dataclass(frozen=True, slots=True)
class Restoration:
    """The task to restore a reputation: it stays open until the notice is out and everybody was told."""

    ordered: Said[r.RestorationOrdered]
    notices: tuple[Said[r.RestorationNoticePublished], ...] = ()
    told: tuple[Said[c.RecipientTold], ...] = ()
    done: Said[r.ReputationRestored] | None = None

    @property
    def untold(self) -> tuple[str, ...]:
        """Who was told the wrong thing and not yet the right one."""
        told = {t.fact.recipient for t in self.told}
        return tuple(b for b in self.ordered.fact.tell if b not in told)


@dataclass(frozen=True, slots=True)
class Repair:
    """An application for credit repair."""

    applied: Said[r.RepairApplied]
    accepted: Said[r.RepairAccepted] | None = None
    granted: Said[r.RepairGranted] | None = None
    refused: Said[r.RepairRefused] | None = None
    revoked: Said[r.RepairRevoked] | None = None

    @property
    def is_open(self) -> bool:
        """Applied for and not decided."""
        return self.granted is None and self.refused is None
