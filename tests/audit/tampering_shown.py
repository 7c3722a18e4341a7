"""What the pages are made of: rows of the board, changed by who can write to the tables. The log is untouched."""

from __future__ import annotations

from projections.board import BOARD
from tests.audit.tampering import SIZE, Table

TABLE = Table()

DIFF = "diff"
B = BOARD.schema

CHANGED = {
    "bodies": "SET name = name || '（优秀）'",
    "body_names": "SET name = '某单位'",
    "cases": "SET subject = '11990000000000019A'",
    "commitments": "SET due = due + 365",
    "commitment_bodies": "SET body = 'p-0000000000000000'",
}
ONE = {
    "bodies": "id = (SELECT max(id) FROM {0})",
    "body_names": "index = (SELECT max(index) FROM {0})",
    "cases": "stream = (SELECT min(stream) FROM {0} WHERE subject IS NOT NULL)",
    "commitments": "id = (SELECT min(id) FROM {0} WHERE due IS NOT NULL)",
    "commitment_bodies": "commitment = (SELECT min(commitment) FROM {0})",
}
ADDED = {
    "bodies": "'p-0000000000000000', 9999, 'provisional', '某单位', NULL, NULL, NULL, NULL, 9999",
    "body_names": "'p-0000000000000000', 9999, '某单位', NULL",
    "cases": "'record/x', 9999, 'record', NULL, '2026-04-01', 9999",
    "commitments": "'x', 9999, '2026-04-01', '某事项', 'plan', 'general', NULL, 9999",
    "commitment_bodies": "'x', 'p-0000000000000000', 'lead'",
}

for name, which in ONE.items():
    table = f"{B}.{name}"
    where = which.format(table)
    # The bodies of a commitment are all key: one that is changed is one too few and one too many.
    code = "extra" if name == "commitment_bodies" else "value"
    TABLE.statements(f"row of {name} changed", DIFF, 4, name, code, f"UPDATE {table} {CHANGED[name]} WHERE {where}")
    TABLE.statements(f"row of {name} deleted", DIFF, 4, name, "missing", f"DELETE FROM {table} WHERE {where}")
    TABLE.statements(f"row of {name} added", DIFF, 4, name, "extra", f"INSERT INTO {table} VALUES ({ADDED[name]})")

TABLE.statements("board emptied", DIFF, 4, "cases", "missing", f"DELETE FROM {B}.cases")
TABLE.statements("table of the board dropped", DIFF, 4, "cases", "missing", f"DROP TABLE {B}.cases")
TABLE.statements(
    "board said to be newer", DIFF, 4, "position", "position", f"UPDATE {B}.position SET position = {SIZE + 1}"
)
TABLE.statements("board said to be older", DIFF, 4, "bodies", "extra", f"UPDATE {B}.position SET position = 20")
TABLE.statements(
    "view in the place of a table",
    DIFF,
    4,
    "hidden",
    "extra",
    f"ALTER TABLE {B}.cases RENAME TO hidden",
    f"CREATE VIEW {B}.cases AS SELECT * FROM {B}.hidden WHERE kind <> 'record'",
    f"GRANT SELECT ON {B}.cases TO jiannuo_reader",
)
