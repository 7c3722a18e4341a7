"""Commitments with all that was promised, for exports: the rows of the list, and the event in which each was made.

The event is read from the log itself, so that no text is kept twice. What a row then says, and that an import reads it
back, is ledger/commitment_sheet.py; here stands where the row comes from.

>>> COLUMNS[:3], COLUMNS[-1]
(('id', 'title', 'text'), 'now_changed')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from psycopg.sql import SQL

from ledger.commitment_sheet import PROMISE, TOLD, Promise, row_of
from ledger.position import recorded_of
from ledger.store.recorder import Row
from projections.views.commitments import COMMITMENTS
from projections.views.listing import Column

NOW = (
    *("holder", "holder_name", "region", "due", "standing", "open_due"),
    *("progress_on", "percent", "judged_on", "changed"),
)
"""What of a commitment's row changes: in an export under ``now_``."""
COLUMNS = (*PROMISE, *TOLD, *(f"now_{name}" for name in NOW))

PROMISES = replace(
    COMMITMENTS,
    columns=(
        *COMMITMENTS.columns,
        Column(
            "entry",
            SQL("(SELECT e.state FROM ledger.events e WHERE e.notification_id = t.log_index + 1)"),
            str,
            "The entry in the log",
            "日志条目",
        ),
    ),
)
"""The list of commitments with the entry of the event in which each was made."""


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of an export, out of one of :data:`PROMISES`."""
    entry = Row(row["log_index"], f"commitment/{row['id']}", 1, bytes(row["entry"]))
    event = recorded_of(entry).event
    return {
        **row_of(Promise(row["id"], event.fact, event.basis)),
        "log_index": row["log_index"],
        "made_on": row["made_on"],
        "issuer": event.iss,
        **{f"now_{name}": row[name] for name in NOW},
    }
