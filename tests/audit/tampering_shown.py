"""What the pages are made of: rows of projections, changed by who can write to the tables. The log is untouched."""

from __future__ import annotations

from projections import bodies, cases, commitments, records
from projections.projection import OPEN
from tests.audit.tampering import SIZE, Table

TABLE = Table()

DIFF = "diff"
B, C, K, R = (module.PROJECTION.schema for module in (bodies, cases, commitments, records))

CHANGED = {
    f"{B}.bodies": "SET name = name || '（优秀）'",
    f"{B}.names": "SET name = '某单位'",
    f"{C}.cases": "SET subject = '11990000000000019A'",
    f"{K}.commitments": "SET due = coalesce(due, '2026-01-01') + 365",
    f"{K}.standings": "SET standing = 'fulfilled_in_full'",
    f"{R}.records": "SET severity = 'harmless'",
    f"{R}.disclosures": "SET ends = begins",
    f"{R}.withheld": "SET reason = 'because'",
}

for place, change in CHANGED.items():
    name = place.partition(".")[2]
    one = f"ctid = (SELECT min(ctid) FROM {place})"
    TABLE.statements(f"row of {name} changed", DIFF, 4, name, "value", f"UPDATE {place} {change} WHERE {one}")
    TABLE.statements(f"row of {name} deleted", DIFF, 4, name, "missing", f"DELETE FROM {place} WHERE {one}")
    TABLE.statements(
        f"row of {name} said to be newer than it is",
        DIFF,
        4,
        name,
        "extra",
        f"UPDATE {place} SET asserted = asserted + 100000 WHERE {one}",
    )
    TABLE.statements(
        f"row of {name} said to have ended",
        DIFF,
        4,
        name,
        "value",
        f"UPDATE {place} SET retracted = asserted + 1 "
        f"WHERE ctid = (SELECT min(ctid) FROM {place} WHERE retracted = {OPEN})",
    )

TABLE.statements(
    "row added",
    DIFF,
    4,
    "cases",
    "extra",
    f"INSERT INTO {C}.cases VALUES ('record/x', 9999, 'record', NULL, NULL, '2026-04-01', 9999)",
)
TABLE.statements("table emptied", DIFF, 4, "cases", "missing", f"DELETE FROM {C}.cases")
TABLE.statements("table dropped", DIFF, 4, "cases", "missing", f"DROP TABLE {C}.cases")
TABLE.statements(
    "projection said to be newer", DIFF, 4, "position", "position", f"UPDATE {B}.position SET position = {SIZE + 1}"
)
TABLE.statements("projection said to be older", DIFF, 4, "bodies", "extra", f"UPDATE {B}.position SET position = 20")
TABLE.statements(
    "view in the place of a table",
    DIFF,
    4,
    "hidden",
    "extra",
    f"ALTER TABLE {C}.cases RENAME TO hidden",
    f"CREATE VIEW {C}.cases AS SELECT * FROM {C}.hidden WHERE kind <> 'record'",
    f"GRANT SELECT ON {C}.cases TO jiannuo_reader",
)
