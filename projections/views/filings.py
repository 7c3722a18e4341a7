"""The report calendar of all regions, or of one and those in it; see projections/report_calendar.py.

>>> [name for name in READS if name == "filings"]
['filings']
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from psycopg.sql import SQL, Composed

from ledger.application import Ledger
from projections import bodies, filings, provenance
from projections.reading import Moment, Reading, held, name_of
from projections.report_calendar import Duty, Filed, Reporter, calendar
from projections.views.regions import within
from projections.views.rules import RulesAt

READS = ("bodies", "filings", "provenance")
_BODIES = SQL(
    "SELECT b.id AS body, b.kind, b.region, e.day AS registered_on, b.log_index FROM {bodies} b "
    "JOIN {events} e ON e.log_index = b.log_index "
    "WHERE b.status = 'registered' AND b.kind IS NOT NULL AND {held} AND {which} ORDER BY b.log_index"
)
_FILED = SQL("SELECT f.body, f.period, f.filed_on, f.log_index FROM {filings} f WHERE {held} AND {which}")


def duties(
    reading: Reading, ledger: Ledger, moment: Moment, first: date, last: date, *, region: str | None = None
) -> tuple[Duty, ...]:
    """What bodies owe from a day to a day, both included, as the log knew at a moment of READS; by day and body."""
    names: dict[str, Any] = {
        "bodies": name_of(bodies.BODIES),
        "events": name_of(provenance.EVENTS),
        "filings": name_of(filings.FILINGS),
    }
    values = {**moment.values(), "region": region}

    def rows(query: SQL, alias: str) -> list[dict[str, Any]]:
        which = within(SQL(f"{alias}.region")) if region else SQL("true")
        whole: Composed = query.format(**names, held=held(alias), which=which)
        return reading.rows(whole, values)

    by_region: dict[str | None, list[Reporter]] = defaultdict(list)
    for row in rows(_BODIES, "b"):
        by_region[row["region"]].append(Reporter(**row))
    filed = [Filed(**row) for row in rows(_FILED, "f")]
    rules = RulesAt(ledger, moment)
    found = (d for own, them in by_region.items() for d in calendar(rules.of(own), them, filed, first, last))
    return tuple(sorted(found, key=lambda d: (d.by, d.region or "", d.body)))
