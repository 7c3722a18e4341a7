"""A day that somebody asks for, in an address or on the command line.

>>> day_of("2026-06-01", "as_of").isoformat()
'2026-06-01'
"""

from __future__ import annotations

import re
from datetime import date

from ledger.errors import FormatError

EARLIEST, LATEST = date(1949, 10, 1), date(2199, 12, 31)
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day_of(text: str, name: str) -> date:
    """The day in a text; ``name`` is the parameter it stands in. Raises FormatError."""
    try:
        found = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not EARLIEST <= found <= LATEST:
        raise FormatError(
            f"{name}: expected a day from {EARLIEST} to {LATEST} as YYYY-MM-DD, got {text[:40]!a}",
            f"{name}：应为 {EARLIEST} 至 {LATEST} 的日期（YYYY-MM-DD），实为 {text[:40]!a}",
        )
    return found
