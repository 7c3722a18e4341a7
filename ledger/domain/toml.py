"""TOML (v1.0.0) that others wrote: read, or refused in our words, whatever it is.

The standard library's reader raises more than its own error: an integer of more than 4,300 digits is a ValueError, and
brackets within brackets a RecursionError.

>>> loads("days = 30", "pack", "规则包")
{'days': 30}
>>> loads("days = " + "9" * 5000, "pack", "规则包")  # doctest: +ELLIPSIS
Traceback (most recent call last):
ledger.errors.FormatError: pack: expected TOML, got Exceeds the limit ...
"""

from __future__ import annotations

import tomllib
from typing import Any

from ledger.errors import FormatError


def loads(text: str, what: str, zh: str) -> dict[str, Any]:
    """The tables of a TOML text; ``what`` and ``zh`` name it in the error. Raises FormatError."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError
        raise FormatError(f"{what}: expected TOML, got {error}", f"{zh}：应为 TOML，{error}") from None
