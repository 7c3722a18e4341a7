"""Regions by level: the code of a province or city stands for all that lies in it (GB/T 2260).

The first two digits of a code are the province, the next two the city, the last two the county; zeros stand for all.
So ``350500`` asks for 泉州市 and its counties, ``350526`` for 德化县 alone.

>>> [within_level(code) for code in ("350000", "350500", "350526", "371000")]
['35', '3505', '350526', '3710']
>>> "t.region" in within(SQL("t.region")).as_string()
True
"""

from __future__ import annotations

from enum import StrEnum

from psycopg.sql import SQL, Composable, Composed, Literal, Placeholder


class Level(StrEnum):
    """Levels of regions."""

    PROVINCE = "province"  # 省级
    CITY = "city"  # 地级
    COUNTY = "county"  # 县级

    @property
    def digits(self) -> int:
        """How many digits of the code tell regions of this level apart."""
        return {Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6}[self]


def within_level(code: str) -> str:
    """The digits that the codes of all regions in this one begin with."""
    return code[:2] if code[2:] == "0000" else code[:4] if code[4:] == "00" else code


def within(column: Composable, parameter: str = "region") -> Composed:
    """The condition that a code lies in the region that the parameter names, as a range that an index can answer.

    In a county lies nothing but itself: said so, an index gives its rows in their order, and not all of them are read.
    Which of the two it is, is known when the query is planned.
    """
    start = SQL("regexp_replace({}::text, '(00){{1,2}}$', '')").format(Placeholder(parameter))
    condition = (
        "(length({start}) < 6 AND {column} >= {start} AND {column} < {start} || ':' "
        "OR length({start}) >= 6 AND {column} = {start})"
    )
    return SQL(condition).format(column=column, start=start)


def at_level(column: Composable, level: Level) -> Composed:
    """The code of the region of this level that a code lies in."""
    return SQL("rpad(left({}, {}), 6, '0')").format(column, Literal(level.digits))
