"""Publication in time: which records had to be on the site by which day, and were they (F04, F05: 7个工作日；
F13: 应公开、尽公开).

The number of working days is the pack's (``publication.days``). It is counted from the day on which the penalty was
decided (F04: 自作出行政决定之日起), for records that come from elsewhere from the recognition. A record that need not
be published, or fell before it was, has no such clock. ``PUBLIC`` holds only records that the public sees.

>>> OFFICE.name
'lateness'
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL

from projections.views.listing import Column, Listing, Order
from projections.views.names import family
from projections.views.regions import within
from projections.views.remedies import CLOCK_STATE, CLOCKS
from projections.views.shown import record_shown

_SOURCE = SQL("{} AND t.rule = 'publication.days'").format(CLOCKS)
_DAYS = SQL("greatest(coalesce(t.met, %(on)s::date) - t.due, 0)")
_COLUMNS = (
    Column("stream", SQL("t.stream"), str, "The record", "失信记录"),
    Column("subject", SQL("t.subject"), str, "Body whose record it is", "信用主体"),
    Column("region", SQL("t.region"), str, "Region of that body, GB/T 2260", "信用主体行政区划代码", optional=True),
    Column("starts", SQL("t.starts"), date, "Day of the decision, else of the recognition", "作出决定或认定之日"),
    Column("due", SQL("t.due"), date, "To be published by; none: no number is settled", "应公开日期；空：未定", True),
    Column("provisional", SQL("t.provisional"), bool, "Past the known calendar", "超出已知日历，暂定"),
    Column("published_on", SQL("t.met"), date, "Published on", "公开日期", optional=True),
    Column("state", CLOCK_STATE, str, "State on the day", "状态"),
    Column("days_late", _DAYS, int, "Days late, calendar days", "逾期天数（自然日）", optional=True),
    Column("source", SQL("t.source"), str, "Where the rule stands", "规则来源"),
)
_FILTERS = {
    "body": SQL("t.subject = ANY(ARRAY{})").format(family("body")),
    "region": within(SQL("t.region")),
    "state": SQL("{} = %(state)s").format(CLOCK_STATE),
}
_ORDERS = {"due": Order((SQL("coalesce(t.due, DATE '9999-12-31')"), SQL("t.stream")), (date, str))}

OFFICE = Listing(
    "lateness", _SOURCE, _COLUMNS, _FILTERS, _ORDERS, ("state", "region"), ("remedies", "bodies"), key="stream"
)
PUBLIC = Listing(
    "lateness",
    SQL("{} AND {}").format(_SOURCE, record_shown(SQL("t.stream"), SQL("false"))),
    _COLUMNS,
    _FILTERS,
    _ORDERS,
    ("state", "region"),
    ("remedies", "records", "bodies"),
    key="stream",
)
