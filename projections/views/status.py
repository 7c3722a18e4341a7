"""How bodies stand on a day, for their integrity files (A08 诚信档案): commitments, open dishonesty
records, penalties in force, litigation defeats.

A body stands for itself and for all that it answers for (A12). For the public only disclosed records count, and their
penalties (F01–F03); for the credit office all that are recognised and neither repaired nor withdrawn.

The rate of litigation defeats (C11 败诉率) would need the number of suits in which a body was a party, which no event
tells: the number of recorded defeats is given, and no rate.

>>> Status("11990000000000019A").promised.total
0
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from psycopg.sql import SQL, Composable, Composed

from ledger.domain.commitment_due import Standing
from ledger.domain.record.terms import Severity
from projections import bodies, commitments, complaints, penalties, records, remedies
from projections.disclosure import Audience
from projections.rates import Promises
from projections.reading import Moment, Reading, held, name_of
from projections.views.shown import record_shown

READS = ("bodies", "commitments", "records", "penalties")
READS_OFFICE = (*READS, "remedies", "complaints")
"""The projections that are read: for the moment that is asked for."""


@dataclass(frozen=True, slots=True)
class Status:
    """How a body stands. ``promised`` are commitments that bind it, ``assigned`` those it leads or is responsible for.

    ``records`` are open records by severity (None: not graded yet), ``penalties`` measures in force on the body,
    ``defeats`` open records that come from a defeat in litigation. ``office`` holds what only the office sees: records
    and penalties of officials, objections and complaints that are open; None for the public.
    """

    body: str
    promised: Promises = field(default_factory=Promises)
    assigned: Promises = field(default_factory=Promises)
    records: Mapping[Severity | None, int] = field(default_factory=dict)
    penalties: int = 0
    defeats: int = 0
    office: Office | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """What of a body's status is for the credit office alone."""

    personal_records: int = 0
    personal_penalties: int = 0
    objections: int = 0
    complaints: int = 0


_TABLES: dict[str, Composable] = {
    "family": SQL("unnest(%(roots)s::text[], %(ids)s::text[]) AS f(root, id)"),
    "bodies": name_of(bodies.BODIES),
    "standings": name_of(commitments.STANDINGS),
    "parts": name_of(commitments.PARTS),
    "records": name_of(records.RECORDS),
    "disclosures": name_of(records.DISCLOSURES),
    "penalties": name_of(penalties.PENALTIES),
    "remedies": name_of(remedies.REMEDIES),
    "complaints": name_of(complaints.COMPLAINTS),
    "in_force": SQL(
        "p.lifted_on IS NULL AND p.starts <= %(on)s AND (p.ends IS NULL OR p.ends >= %(on)s) AND p.held_by = '{}'"
    ),
    "shown_d": record_shown(SQL("d.stream"), SQL("false")),
    "shown_p": record_shown(SQL("p.stream"), SQL("false")),
    **{f"held_{alias}": held(alias) for alias in "bscdpxr"},
}

# Of each member of a family by index: LATERAL keeps the planner from reading whole tables.
_FAMILIES = """WITH RECURSIVE family(root, id) AS (
    SELECT i COLLATE "C", i COLLATE "C" FROM unnest(%(bodies)s::text[]) AS i
    UNION SELECT f.root, b.id FROM family f
        CROSS JOIN LATERAL (SELECT b.id FROM {bodies} b WHERE b.answers_to = f.id AND {held_b} OFFSET 0) b)
SELECT root, id FROM family"""
_PROMISED = """SELECT f.root, 'promised' AS what, s.key, sum(s.n)::bigint AS n, min(s.due) AS due FROM {family}
    CROSS JOIN LATERAL (SELECT s.standing AS key, count(*) AS n, min(s.due) AS due FROM {standings} s
        WHERE s.holder = f.id AND {held_s} AND s.begins <= %(on)s AND s.ends >= %(on)s GROUP BY 1) s GROUP BY 1, 3
"""
_ASSIGNED = """SELECT f.root, 'assigned', s.standing, count(DISTINCT s.commitment), min(s.due) FROM {family}
    CROSS JOIN LATERAL (SELECT DISTINCT x.commitment FROM {parts} x
        WHERE x.body = f.id AND x.role IN ('lead', 'responsible') AND {held_x}) x
    CROSS JOIN LATERAL (SELECT s.* FROM {standings} s WHERE s.commitment = x.commitment
        AND {held_s} AND s.begins <= %(on)s AND s.ends >= %(on)s OFFSET 0) s GROUP BY 1, 3
"""
_EACH = """SELECT f.root, x.what, x.key, sum(x.n)::bigint, NULL FROM {family}
    CROSS JOIN LATERAL (SELECT """
_END = """ GROUP BY 1, 2) x GROUP BY 1, 2, 3
"""
_SHOWN = """FROM {disclosures} d
        WHERE d.subject = f.id AND {held_d} AND d.begins <= %(on)s AND d.ends >= %(on)s AND {shown_d}"""
_PUBLIC = (
    f"{_EACH}'records' AS what, d.severity AS key, count(*) AS n {_SHOWN}{_END}",
    f"{_EACH}'defeats' AS what, '' AS key, count(*) AS n {_SHOWN} AND d.source = 'litigation_defeat'{_END}",
    f"""{_EACH}'penalties' AS what, '' AS key, count(*) AS n FROM {{penalties}} p
        WHERE p.subject = f.id AND {{held_p}} AND NOT p.on_person AND {{in_force}} AND {{shown_p}}{_END}""",
)
_OFFICE = (
    f"""{_EACH}CASE WHEN c.person THEN 'personal_records' ELSE 'records' END AS what, c.severity AS key, count(*) AS n
        FROM {{records}} c WHERE c.subject = f.id AND {{held_c}} AND c.standing = 'recorded'{_END}""",
    f"""{_EACH}'defeats' AS what, '' AS key, count(*) AS n FROM {{records}} c WHERE c.subject = f.id AND {{held_c}}
        AND c.standing = 'recorded' AND c.source = 'litigation_defeat'{_END}""",
    f"""{_EACH}CASE WHEN p.on_person THEN 'personal_penalties' ELSE 'penalties' END AS what, '' AS key, count(*) AS n
        FROM {{penalties}} p WHERE p.subject = f.id AND {{held_p}} AND {{in_force}}{_END}""",
    f"""{_EACH}'objections' AS what, '' AS key, count(*) AS n FROM {{remedies}} r WHERE r.subject = f.id AND {{held_r}}
        AND r.sort = 'objection' AND r.state IN ('filed', 'accepted'){_END}""",
    f"""{_EACH}'complaints' AS what, '' AS key, count(*) AS n FROM {{complaints}} x
        WHERE x.accused = f.id AND {{held_x}} AND x.standing NOT IN ('refused', 'closed'){_END}""",
)


def _query(*parts: str) -> Composed:
    return SQL("UNION ALL ".join((_PROMISED, _ASSIGNED, *parts))).format(**_TABLES)


_MEMBERS = SQL(_FAMILIES).format(**_TABLES)
_QUERIES = {Audience.PUBLIC: _query(*_PUBLIC), Audience.OFFICE: _query(*_OFFICE)}


def statuses(reading: Reading, moment: Moment, ids: Iterable[str], audience: Audience) -> dict[str, Status]:
    """The status of each of these bodies, in two queries; ``audience`` is PUBLIC or OFFICE."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, list[dict[str, Any]]] = {body: [] for body in wanted}
    members = reading.rows(_MEMBERS, {**moment.values(), "bodies": wanted})
    pairs = {"roots": [row["root"] for row in members], "ids": [row["id"] for row in members]}
    for row in reading.rows(_QUERIES[audience], {**moment.values(), **pairs}):
        found[row["root"]].append(row)
    return {body: _status(body, rows, audience) for body, rows in found.items()}


def status(reading: Reading, moment: Moment, body: str, audience: Audience) -> Status:
    """The status of one body."""
    return statuses(reading, moment, [body], audience)[body]


def _status(body: str, rows: list[dict[str, Any]], audience: Audience) -> Status:
    def number(what: str) -> int:
        return sum(row["n"] for row in rows if row["what"] == what)

    office = Office(*map(number, Office.__dataclass_fields__)) if audience is Audience.OFFICE else None
    graded = {(Severity(r["key"]) if r["key"] else None): r["n"] for r in rows if r["what"] == "records"}
    promised, assigned = (promises([r for r in rows if r["what"] == part]) for part in ("promised", "assigned"))
    return Status(body, promised, assigned, graded, number("penalties"), number("defeats"), office)


def promises(rows: Iterable[Mapping[str, Any]]) -> Promises:
    """Commitments by standing out of rows of ``key``, ``n`` and ``due``, the earliest open due day of that standing."""
    counts = {Standing(row["key"]): int(row["n"]) for row in rows}
    days = {Standing(row["key"]): row["due"] for row in rows if row["due"]}
    overdue: date | None = days.pop(Standing.OVERDUE, None)
    return Promises(counts, min(days.values(), default=None), overdue)
