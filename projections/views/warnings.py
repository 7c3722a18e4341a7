"""Early warnings of all regions at a moment: reads what the rules look at, and asks them (projections/warnings.py).

For the office and the auditors: what a warning rests on may not be public.

>>> regional([{"region": "990000", "month": "2026-10", "log_index": 3}], Swept)
{'990000': (Swept(month='2026-10', log_index=3),)}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, LiteralString, NamedTuple, TypeVar

from psycopg.sql import SQL, Composed

from ledger.application import Ledger
from ledger.domain.calendar import months_after
from ledger.domain.policy import View
from ledger.domain.supervision_terms import Fall, Repetition
from projections import bodies, commitments, court, filings, provenance, records, remedies, sweeps
from projections.rates import CAME_DUE, KEPT
from projections.reading import Moment, Reading, held, name_of
from projections.report_calendar import Filed, Reporter
from projections.views.rules import RulesAt
from projections.warnings import (
    CLOCKS,
    Ahead,
    Arrear,
    Breach,
    Clock,
    EarlyWarning,
    Facts,
    Judged,
    Listed,
    Rule,
    Swept,
    unsettled,
    warnings,
)

READS = ("bodies", "commitments", "court", "filings", "provenance", "records", "remedies", "sweeps")
T = TypeVar("T")


class Regional(NamedTuple):
    """The warnings of a region, and the rules that do not run there since no pack settles them."""

    region: str | None
    warnings: tuple[EarlyWarning, ...]
    unsettled: tuple[Rule, ...]


def all_warnings(reading: Reading, ledger: Ledger, moment: Moment) -> tuple[Regional, ...]:
    """Every region that has a body, in the order of their codes; ``moment`` is one of READS."""
    rules = RulesAt(ledger, moment)
    named = {row["region"] for row in reading.rows(_REGIONS, moment.values())}
    views = {region: rules.of(region) for region in named}
    facts = _facts(reading, moment, views.values())
    regions = sorted(facts, key=lambda region: region or "")
    return tuple(
        Regional(region, warnings(facts[region], views[region], moment.on), unsettled(views[region]))
        for region in regions
    )


def regional(rows: Iterable[Mapping[str, Any]], row: type[T]) -> dict[str | None, tuple[T, ...]]:
    """Rows by their column ``region``, as instances of a NamedTuple, which may have it as a field."""
    found = defaultdict(list)
    names: tuple[str, ...] = row._fields  # type: ignore[attr-defined]
    for values in rows:
        found[values["region"]].append(row(**{name: values[name] for name in names}))
    return {region: tuple(of) for region, of in found.items()}


# --- reading ------------------------------------------------------------------------------------------------

_TABLES = {
    "bodies": name_of(bodies.BODIES),
    "clocks": name_of(remedies.CLOCKS),
    "commitments": name_of(commitments.COMMITMENTS),
    "court": name_of(court.COURT),
    "events": name_of(provenance.EVENTS),
    "filings": name_of(filings.FILINGS),
    "records": name_of(records.RECORDS),
    "standings": name_of(commitments.STANDINGS),
    "sweeps": name_of(sweeps.SWEEPS),
    **{f"{alias}_held": held(alias) for alias in ("b", "c", "f", "k", "l", "r", "s", "w")},
}


def _sql(text: LiteralString) -> Composed:
    """A query over tables by their names; ``{b_held}`` … are the conditions of time of the aliases."""
    return SQL(text).format(**_TABLES)


_REGIONS = _sql("SELECT DISTINCT b.region FROM {bodies} b WHERE b.status = 'registered' AND {b_held}")
_REPORTERS = _sql(
    "SELECT b.id AS body, b.kind, b.region, e.day AS registered_on, b.log_index FROM {bodies} b "
    "JOIN {events} e ON e.log_index = b.log_index "
    "WHERE b.status = 'registered' AND b.kind IS NOT NULL AND {b_held} ORDER BY b.log_index"
)
_SWEEPERS = _sql(
    "SELECT b.id AS body, b.kind, b.region, e.day AS registered_on, b.log_index FROM {bodies} b "
    "JOIN {events} e ON e.log_index = b.log_index WHERE b.status = 'registered' AND {b_held} "
    "AND (b.kind = 'court' OR b.roles && ARRAY['operator', 'credit_office']) ORDER BY b.log_index"
)
_AHEAD = _sql(
    "SELECT 'commitment/' || c.id AS stream, c.log_index, c.holder AS body, c.region, c.area, s.due, c.made_on "
    "FROM {standings} s JOIN {commitments} c ON c.id = s.commitment "
    "WHERE {s_held} AND {c_held} AND s.begins <= %(on)s AND s.ends >= %(on)s AND NOT s.progressed "
    "AND s.due BETWEEN %(on)s AND %(horizon)s ORDER BY c.log_index"  # a day that was reported or judged is not ahead
)
_JUDGED = _sql(
    "SELECT * FROM (SELECT 'commitment/' || c.id AS stream, c.log_index, c.holder AS body, c.region, "
    "CASE s.standing WHEN 'overdue' THEN s.due + 1 ELSE c.judged_on END AS judged_on, "
    "s.standing = ANY(%(kept)s) AS kept FROM {commitments} c JOIN {standings} s ON s.commitment = c.id "
    "WHERE {c_held} AND {s_held} AND s.begins <= %(on)s AND s.ends >= %(on)s AND s.standing = ANY(%(came_due)s)) AS t "
    "WHERE judged_on > %(judged_since)s ORDER BY log_index"
)
_BREACHES = _sql(
    "SELECT r.stream, r.log_index, r.subject AS body, r.region, r.area, r.recognised_on FROM {records} r "
    "WHERE {r_held} AND r.area IS NOT NULL AND r.recognised_on > %(breach_since)s AND r.standing <> 'withdrawn' "
    "ORDER BY r.log_index"
)
_CLOCKS = _sql(
    "SELECT k.stream, r.log_index, k.subject AS body, k.region, k.rule, k.due FROM {clocks} k "
    "JOIN {records} r ON r.stream = k.stream WHERE {k_held} AND {r_held} AND k.rule = ANY(%(clocks)s) "
    "AND k.met IS NULL AND k.due < %(on)s ORDER BY r.log_index, k.due"
)
_LISTED = _sql(
    "SELECT l.stream, l.log_index, l.subject AS body, l.region, l.listed_on FROM {court} l "
    "WHERE {l_held} AND l.listed_on <= %(on)s AND (l.removed_on IS NULL OR l.removed_on > %(on)s) "
    "AND (l.until IS NULL OR l.until >= %(on)s) ORDER BY l.log_index"
)
_ARREARS = _sql(
    "SELECT r.stream, r.log_index, r.subject AS body, r.region, r.recognised_on FROM {records} r WHERE {r_held} "
    "AND r.source IN ('arrears', 'utility_arrears') AND r.standing = 'recorded' AND NOT r.rectified "
    "ORDER BY r.log_index"
)
_SWEPT = _sql("SELECT w.region, w.month, w.log_index FROM {sweeps} w WHERE {w_held} ORDER BY w.log_index")
_FILED = _sql("SELECT f.body, f.region, f.period, f.filed_on, f.log_index FROM {filings} f WHERE {f_held}")


_CODES = {"clocks": list(CLOCKS), "kept": list(map(str, KEPT)), "came_due": list(map(str, CAME_DUE))}


def _facts(reading: Reading, moment: Moment, views: Iterable[View]) -> dict[str | None, Facts]:
    """What the rules look at, by region; as far back and ahead as any region's rules ask for."""
    values = {**moment.values(), **_CODES, **_bounds(moment.on, tuple(views))}

    def read(query: Composed, row: type[T]) -> dict[str | None, tuple[T, ...]]:
        return regional(reading.rows(query, values), row)

    reporters, sweepers, swept = read(_REPORTERS, Reporter), read(_SWEEPERS, Reporter), read(_SWEPT, Swept)
    ahead, judged, breaches = read(_AHEAD, Ahead), read(_JUDGED, Judged), read(_BREACHES, Breach)
    clocks, listed, arrears = read(_CLOCKS, Clock), read(_LISTED, Listed), read(_ARREARS, Arrear)
    filed = read(_FILED, Filed)
    return {
        region: Facts(
            ahead=ahead.get(region, ()),
            judged=judged.get(region, ()),
            breaches=breaches.get(region, ()),
            clocks=clocks.get(region, ()),
            listed=listed.get(region, ()),
            arrears=arrears.get(region, ()),
            sweepers=sweepers.get(region, ()),
            swept=tuple(s for wider in _wider(region) for s in swept.get(wider, ())),
            reporters=reporters.get(region, ()),
            filed=filed.get(region, ()),
        )
        for region in reporters
    }


def _bounds(on: date, views: Sequence[View]) -> dict[str, date]:
    """How far the rules look: ahead to due days, back to judgements and breaches."""
    days = [view.get(Rule.COMMITMENT_DUE) or 0 for view in views]
    falls: list[Fall] = [fall for view in views if (fall := view.get(Rule.FULFILMENT_FALLING))]
    repetitions: list[Repetition] = [found for view in views if (found := view.get(Rule.REPEATED_BREACH))]
    return {
        "horizon": on + timedelta(days=max(days, default=0)),
        "judged_since": months_after(on, -2 * max((f.months for f in falls), default=0)),
        "breach_since": months_after(on, -max((r.months for r in repetitions), default=0)),
    }


def _wider(region: str | None) -> Iterable[str | None]:
    """The region, and those around it: a sweep of the prefecture is one of its counties."""
    return (None,) if region is None else dict.fromkeys((region, f"{region[:4]}00", f"{region[:2]}0000"))
