r"""Rows as lines of COPY's text format (PostgreSQL, "COPY", File Formats, Text Format): columns parted by a tab.

Most texts of a row hold nothing that needs an escape: a row is put together as if none did, and only where the line has
a tab, a backslash or a line's end too many are its texts escaped one by one.

>>> line((7, "标题", None, True, ("甲", "乙")))
'7\t标题\t\\N\tt\t{"甲","乙"}\n'
>>> line(("a\\b", "two\nlines"))
'a\\\\b\ttwo\\nlines\n'
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _array(values: tuple[Any, ...]) -> str:
    """The literal of an array (PostgreSQL, "Arrays", 8.15.6): texts each in quotes."""
    if not values or type(values[0]) is int:
        return f"{{{','.join(map(str, values))}}}"
    found = '"{}"'.format('","'.join(values))
    if "\\" in found or found.count('"') != 2 * len(values):
        found = ",".join('"{}"'.format(v.replace("\\", "\\\\").replace('"', '\\"')) for v in values)
    return f"{{{found}}}"


class _Forms(dict[type, Callable[[Any], str]]):
    def __missing__(self, cls: type) -> Callable[[Any], str]:
        if issubclass(cls, str):  # an enum's value
            return str.__str__
        raise TypeError(f"no column holds a {cls.__name__}")


_FORMS = _Forms(
    {
        int: str,
        date: lru_cache(maxsize=4096)(date.isoformat),  # the same days come again and again
        type(None): {None: "\\N"}.__getitem__,
        bool: {True: "t", False: "f"}.__getitem__,
        datetime: lru_cache(maxsize=4096)(datetime.isoformat),
        tuple: _array,
    }
)


def line(row: tuple[Any, ...]) -> str:
    """A row's line, of values as the fields of a :class:`projections.projection.Table` have. Raises TypeError."""
    parts = [v if type(v) is str else _FORMS[type(v)](v) for v in row]
    found = "\t".join(parts)
    if found.count("\\") != row.count(None) or found.count("\t") != len(row) - 1 or "\n" in found or "\r" in found:
        pairs = zip(parts, row, strict=True)
        found = "\t".join(part if value is None else part.translate(_ESCAPES) for part, value in pairs)
    return f"{found}\n"
