"""Statistics by region, area, month and class of subject (A07): what happened, and what there is (C09 清存量、防增量).

``increase`` is the sum of a measure over the days asked for, ``stock`` that of all days up to the last of them. What
each measure counts is in :mod:`projections.measures`, what a rate is in :mod:`projections.rates`. Nothing here is told
of one body: that is in :mod:`projections.views.status`, for whom may see it.

The public's figures count what happens in cases that are not always public in whole days, each when it is over. Else
two answers, one log entry apart, would tell region, area and class of what the list of events does not.

>>> list(PUBLIC.orders), By.MONTH.value
(['measure'], 'month')
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from psycopg.sql import SQL, Composable, Composed, Literal

from ledger.domain.body_terms import Kind
from projections import bodies, commitments, provenance, statistics
from projections.measures import ALWAYS_PUBLIC, Measure
from projections.rates import Promises
from projections.reading import Moment, Reading, held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.regions import Level, at_level, within
from projections.views.status import promises

READS = ("statistics", "provenance")
READS_CLASS = (*READS, "bodies")
_FLOWS, _STANDINGS = name_of(statistics.FLOWS), name_of(commitments.STANDINGS)
_BODIES = name_of(bodies.BODIES)
# The day of the first entry that does not count is not over at the moment, nor is today; those before it are whole.
_OVER = SQL(
    "(f.measure = ANY({always}) OR f.day < "
    "least(coalesce((SELECT e.day FROM {events} e WHERE e.log_index = %(size)s), 'infinity'), %(today)s))"
).format(always=Literal(sorted(ALWAYS_PUBLIC)), events=name_of(provenance.EVENTS))
"""What the public's figures count; see the module's docstring."""


class By(StrEnum):
    """What figures are told apart by."""

    ALL = "all"  # 合计
    MONTH = "month"  # 按月
    REGION = "region"  # 按行政区划
    AREA = "area"  # 按重点领域
    CLASS = "class"  # 按四类主体（A07）


class SubjectClass(StrEnum):
    """The four classes of subjects (A07: HS 四(四)); a body of another kind is in none."""

    GOVERNMENT = "government"  # 地方政府
    DEPARTMENT = "department"  # 地方政府部门
    PUBLIC_INSTITUTION = "public_institution"  # 事业单位
    COMMITTEE = "committee"  # 社区居民委员会、村民委员会


KINDS: Mapping[SubjectClass, tuple[Kind, ...]] = {
    SubjectClass.GOVERNMENT: (Kind.GOVERNMENT, Kind.TOWNSHIP),
    SubjectClass.DEPARTMENT: (Kind.DEPARTMENT,),
    SubjectClass.PUBLIC_INSTITUTION: (Kind.PUBLIC_INSTITUTION,),
    SubjectClass.COMMITTEE: (Kind.RESIDENTS_COMMITTEE, Kind.VILLAGERS_COMMITTEE),
}
"""Which kinds of body are in a class; a township or street is local government."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: a region with all that lies in it, an area, days from ``first`` to the day of the moment."""

    region: str | None = None
    area: str | None = None
    first: date | None = None

    def conditions(self, alias: str) -> Composed:
        """Region and area as a condition on a table with these columns."""
        found: list[Composable] = [SQL("true")]
        if self.region is not None:
            found.append(within(SQL(alias + ".region")))
        if self.area is not None:
            found.append(SQL(alias + ".area = %(area)s"))
        return SQL(" AND ").join(found)

    def values(self) -> dict[str, Any]:
        """As parameters of a query."""
        return {"region": self.region, "area": self.area, "first": self.first or date.min}


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure: how much more in the days asked for, and how much by their end."""

    increase: int
    stock: int


Figures = Mapping[str | None, Mapping[Measure, Figure]]
"""By month (YYYY-MM), region, area or class; measures that never occurred are left out. ALL has the one key None."""


def _column(by: By, subject: str) -> SQL:
    """The column of flows or standings that figures are told apart by."""
    return SQL({By.ALL: "''", By.REGION: "region", By.AREA: "area", By.CLASS: subject}[by])


def _key(by: By, level: Level) -> Composable:
    """The column ``own`` of an inner sum as it is told apart by: what many rows share is worked out once."""
    own = SQL("nullif(t.own, '')")
    if by is not By.CLASS:
        return at_level(own, level) if by is By.REGION else own
    cases = (SQL("WHEN {} THEN {}").format(Literal(kind), Literal(name)) for name, of in KINDS.items() for kind in of)
    return SQL("(SELECT CASE b.kind {} END FROM {} b WHERE b.id = t.own AND {})").format(
        SQL(" ").join(cases), _BODIES, held("b")
    )


def figures(
    reading: Reading,
    moment: Moment,
    by: By = By.ALL,
    *,
    scope: Scope = Scope(),
    level: Level = Level.COUNTY,
    measures: Iterable[Measure] = tuple(Measure),
    public: bool = False,
) -> Figures:
    """Increase and stock of measures, told apart by month, region, area or class; of a month the stock at its end.

    ``level``: regions are told apart by province, city or county. ``public``: as anybody may see them.
    """
    counted = SQL("{} AND {}").format(scope.conditions("f"), _OVER) if public else scope.conditions("f")
    if by is By.MONTH:
        return _by_month(reading, moment, scope, counted, tuple(measures))
    query = SQL(
        "SELECT {key} AS key, t.measure, sum(t.increase)::bigint AS increase, sum(t.stock)::bigint AS stock "
        "FROM (SELECT {own} AS own, f.measure, "
        "coalesce(sum(f.delta) FILTER (WHERE f.day >= %(first)s), 0) AS increase, sum(f.delta) AS stock "
        "FROM {flows} f WHERE f.measure = ANY(%(measures)s) AND f.day <= %(on)s "
        "AND f.asserted < %(size)s AND {scope} GROUP BY 1, 2) t GROUP BY 1, 2"
    ).format(key=_key(by, level), own=_column(by, "subject"), flows=_FLOWS, scope=counted)
    values = {**moment.values(), **scope.values(), "measures": [str(m) for m in measures]}
    found: dict[str | None, dict[Measure, Figure]] = defaultdict(dict)
    for row in reading.rows(query, values):
        found[row["key"]][Measure(row["measure"])] = Figure(row["increase"], row["stock"])
    return dict(sorted(found.items(), key=lambda item: item[0] or ""))


def _by_month(
    reading: Reading, moment: Moment, scope: Scope, counted: Composed, measures: Sequence[Measure]
) -> Figures:
    query = SQL(
        "SELECT f.month, f.measure, sum(f.delta)::bigint AS increase "
        "FROM {flows} f WHERE f.measure = ANY(%(measures)s) AND f.day <= %(on)s AND f.asserted < %(size)s AND {scope} "
        "GROUP BY 1, 2 ORDER BY 1"
    ).format(flows=_FLOWS, scope=counted)
    values = {**moment.values(), **scope.values(), "measures": [str(m) for m in measures]}
    flows: dict[date, dict[Measure, int]] = defaultdict(dict)
    for row in reading.rows(query, values):
        flows[row["month"]][Measure(row["measure"])] = row["increase"]
    found: dict[str | None, Mapping[Measure, Figure]] = {}
    stock = dict.fromkeys(measures, 0)
    for month in months(min(flows), moment.on) if flows else ():
        for measure, delta in flows.get(month, {}).items():
            stock[measure] += delta
        if scope.first is None or month >= scope.first.replace(day=1):
            now = flows.get(month, {})
            found[f"{month:%Y-%m}"] = {m: Figure(now.get(m, 0), level) for m, level in stock.items()}
    return found


def months(first: date, last: date) -> Iterable[date]:
    """The first day of each month from that of ``first`` to that of ``last``.

    >>> [str(month) for month in months(date(2025, 12, 3), date(2026, 1, 1))]
    ['2025-12-01', '2026-01-01']
    """
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield date(number // 12, number % 12 + 1, 1)


def standings(
    reading: Reading, moment: Moment, by: By = By.ALL, *, scope: Scope = Scope(), level: Level = Level.COUNTY
) -> Mapping[str | None, Promises]:
    """Commitments by where they stand on the day, with their rates, told apart by region or area (B05, J09).

    Region and area are those of the body that a commitment binds now. Raises ValueError for By.MONTH: ask each day.
    """
    if by is By.MONTH:
        raise ValueError("standings: a day, not months")
    query = SQL(
        "SELECT {key} AS key, t.standing, sum(t.n)::bigint AS n, min(t.due) AS due "
        "FROM (SELECT {own} AS own, s.standing, count(*) AS n, min(s.due) AS due FROM {standings} s "
        "WHERE {held} AND s.begins <= %(on)s AND s.ends >= %(on)s AND {scope} GROUP BY 1, 2) t GROUP BY 1, 2"
    ).format(
        key=_key(by, level),
        own=_column(by, "holder"),
        standings=_STANDINGS,
        held=held("s"),
        scope=scope.conditions("s"),
    )
    found: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for row in reading.rows(query, {**moment.values(), **scope.values()}):
        found[row["key"]].append({"key": row["standing"], "n": row["n"], "due": row["due"]})
    return {key: promises(found[key]) for key in sorted(found, key=lambda k: k or "")}


_MONTHLY = SQL(
    "FROM (SELECT f.measure, f.month, f.region, f.area, sum(f.delta)::bigint AS increase FROM {flows} f "
    "WHERE f.asserted < %(size)s AND f.day <= %(on)s AND {counted} GROUP BY 1, 2, 3, 4) t WHERE true"
)

OFFICE = Listing(
    "statistics",
    _MONTHLY.format(flows=_FLOWS, counted=SQL("true")),
    (
        Column("measure", SQL("t.measure"), str, "What is counted", "指标"),
        Column("month", SQL("t.month"), date, "First day of the month", "月份（首日）"),
        Column("region", SQL("nullif(t.region, '')"), str, "Region, GB/T 2260", "行政区划代码", optional=True),
        Column("area", SQL("nullif(t.area, '')"), str, "Key area", "重点领域", optional=True),
        Column("increase", SQL("t.increase"), int, "Sum of the month", "当月增量"),
    ),
    {
        "measure": SQL("t.measure = %(measure)s"),
        "region": within(SQL("t.region")),
        "area": SQL("t.area = %(area)s"),
        "from": SQL("t.month >= date_trunc('month', %(from)s::date)::date"),
        "to": SQL("t.month <= %(to)s"),
    },
    {"measure": Order((SQL("t.measure"), SQL("t.month"), SQL("t.region"), SQL("t.area")), (str, date, str, str))},
    reads=READS,
    key="measure",
)
"""Every month in which something was counted, by measure, region and area; a month without has no row. Whoever adds up
the months of a measure has its stock."""
PUBLIC = replace(OFFICE, source=_MONTHLY.format(flows=_FLOWS, counted=_OVER))
"""The same for anybody; see the module's docstring."""
