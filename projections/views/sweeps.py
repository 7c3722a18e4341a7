"""The courts' list as the ledger has it: which listings stand, and the records that a new one may belong to (C04, C08).

Which months were swept: projections/sweeps.py; which were not: the early warnings (projections/warnings.py).
"""

from __future__ import annotations

from psycopg.rows import DictRow
from psycopg.sql import SQL

from projections import bodies, court, records
from projections.reading import Moment, Reading, held, name_of

READS = ("court", "records", "bodies", "matching")
"""The projections that these questions read."""


def listings(reading: Reading, moment: Moment) -> list[DictRow]:
    """The listings that stand at the moment, on its day: entered, not removed, not run out."""
    query = SQL(
        "SELECT t.* FROM {court} t WHERE {held} AND t.listed_on <= %(on)s AND t.removed_on IS NULL "
        "AND (t.until IS NULL OR t.until >= %(on)s) ORDER BY t.log_index"
    )
    return reading.rows(query.format(court=name_of(court.COURT), held=held("t")), moment.values())


def recorded(reading: Reading, moment: Moment) -> list[DictRow]:
    """The records that stand and rest on a decision with a number: stream, subject, decision_number."""
    query = SQL(
        "SELECT t.stream, t.subject, t.decision_number FROM {records} t WHERE {held} AND t.standing = 'recorded' "
        "AND t.decision_number IS NOT NULL ORDER BY t.log_index"
    )
    return reading.rows(query.format(records=name_of(records.RECORDS), held=held("t")), moment.values())


def same_bodies(reading: Reading, moment: Moment) -> dict[str, str]:
    """Of provisional bodies that were claimed: which body they are."""
    query = SQL("SELECT b.id, b.answers_to FROM {bodies} b WHERE {held} AND b.status = 'resolved'")
    rows = reading.rows(query.format(bodies=name_of(bodies.BODIES), held=held("b")), moment.values())
    return {row["id"]: row["answers_to"] for row in rows}
