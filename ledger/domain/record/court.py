"""Steps of the court list (失信被执行人名单): listed, asked to be removed, removed by one of the three ways.

A listed body performs its duty in full, or settles and performs the settlement, and asks the court to delete the entry
(C06: DH 二(三)2); the court may also delete it by a decision of its own. What the court did not sign itself is shown by
its document.

>>> [cls.__name__ for cls in STEPS]
['CourtListEntered', 'CourtListRemovalRequested', 'CourtListRemoved']
"""

from __future__ import annotations

from datetime import date

from ledger.domain.body import of
from ledger.domain.body_terms import Kind
from ledger.domain.record.checks import (
    Case,
    need_basis,
    need_decision,
    need_not_closed,
    need_past,
    need_record,
    need_standing,
    refuse,
)
from ledger.domain.record.course_facts import CourtListEntered, CourtListRemovalRequested, CourtListRemoved
from ledger.domain.record.remedies import CourtListing
from ledger.domain.record.state import Standing
from ledger.domain.record.terms import CourtExit
from ledger.domain.steps import Step

C04 = "C04: DH 二(三)1-2; HS 四(四); YN 二(二)(六); TA-B 二(一)"
C06 = "C06: DH 二(三)2"


def _listing(case: Case) -> CourtListing | None:
    """The entry that stands."""
    last = case.state.listings[-1] if case.state.listings else None
    return last if last and last.removed is None else None


def _need_court(case: Case, source: str) -> None:
    """The court says so itself, or its decision is in basis."""
    event = case.event
    if event is not None and of(case.rules, event.iss).kind is not Kind.COURT:
        need_decision(case, source)


# --- listed -------------------------------------------------------------------------------------------------


def _may_enter(case: Case, item: str | None) -> None:
    need_record(case, C04)
    listing = _listing(case)
    if listing:
        raise refuse(
            "listed",
            f"expected a body that is not listed, it is since {listing.entered.fact.listed_on}",
            f"自 {listing.entered.fact.listed_on} 起已列入名单，尚未删除",
            C04,
        )


def _entered(case: Case, fact: CourtListEntered) -> None:
    _need_court(case, C04)
    need_past(case, fact.listed_on, C04)
    if fact.until is not None and fact.until < fact.listed_on:
        raise refuse(
            "listing-period",
            f"expected a last day from {fact.listed_on} on, got {fact.until}",
            f"列入期限的截止日应不早于 {fact.listed_on}，实为 {fact.until}",
            C04,
        )


# --- ways out -----------------------------------------------------------------------------------------------


def _need_listing(case: Case, item: str | None) -> None:
    need_standing(case, C06, Standing.RECORDED, Standing.REPAIRED, Standing.WITHDRAWN)
    need_not_closed(case, C06)
    if _listing(case) is None:
        raise refuse("not-listed", "expected a body that is listed, it is not", "未列入失信被执行人名单", C06)


def _need_way(case: Case, way: CourtExit, day: date) -> None:
    ways = case.view.names("court.exits")
    if way not in ways:
        raise refuse(
            "court-exit",
            f"expected one of the ways {', '.join(ways) or '(none)'}, got {way}",
            f"退出途径应为 {'、'.join(ways) or '（无）'} 之一，实为 {way}",
            f"{C06}; {case.view.source('court.exits')}",
        )
    need_past(case, day, C06)
    listing = _listing(case)
    if listing and day < listing.entered.fact.listed_on:
        raise refuse(
            "court-day",
            f"expected a day from {listing.entered.fact.listed_on} on, when the body was listed, got {day}",
            f"日期应不早于列入之日 {listing.entered.fact.listed_on}，实为 {day}",
            C06,
        )


def _requested(case: Case, fact: CourtListRemovalRequested) -> None:
    need_basis(case, C06)
    _need_way(case, fact.way, fact.ready_on)


def _removed(case: Case, fact: CourtListRemoved) -> None:
    _need_court(case, C06)
    _need_way(case, fact.way, fact.removed_on)


STEPS = {
    CourtListEntered: Step("C04", when=_may_enter, check=_entered),
    CourtListRemovalRequested: Step("C06", when=_need_listing, check=_requested),
    CourtListRemoved: Step("C06", when=_need_listing, check=_removed),
}
