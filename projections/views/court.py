"""Entries in the courts' list of dishonest judgment debtors (失信被执行人; C04–C09, F08).

``PUBLIC``: those of records that the public sees; ``OFFICE``: all. ``listed`` asks for the day: on the list, not
removed by then, its period not over.

>>> "court" in PUBLIC.filters
True
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL, Composable

from projections import court
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.names import family
from projections.views.regions import within
from projections.views.shown import record_shown

_LISTED = SQL(
    """(t.listed_on <= %(on)s AND (t.removed_on IS NULL OR t.removed_on > %(on)s)
    AND (t.until IS NULL OR t.until >= %(on)s))"""
)
_ALL = SQL("FROM {court} t WHERE {held}").format(court=name_of(court.COURT), held=held("t"))
_COLUMNS = (
    Column("log_index", SQL("t.log_index"), int, "Log index of its entry", "列入事件的日志序号"),
    Column("stream", SQL("t.stream"), str, "The record", "失信记录"),
    Column("subject", SQL("t.subject"), str, "Body that is listed", "被列入单位"),
    Column("region", SQL("t.region"), str, "Region of that body, GB/T 2260", "被列入单位行政区划代码", optional=True),
    Column("court", SQL("t.court"), str, "Court", "执行法院"),
    Column("case_number", SQL("t.case_number"), str, "Case number", "案号"),
    Column("listed", _LISTED, bool, "On the list on the day", "当日是否在列"),
    Column("listed_on", SQL("t.listed_on"), date, "Listed on", "列入日期"),
    Column("until", SQL("t.until"), date, "Last day on the list", "列入截止日期", optional=True),
    Column("requested_on", SQL("t.requested_on"), date, "Removal asked for on", "提请删除日期", optional=True),
    Column("removed_on", SQL("t.removed_on"), date, "Removed on", "删除日期", optional=True),
    Column("way", SQL("t.way"), str, "Way out of the list", "退出途径", optional=True),
)
_FILTERS: dict[str, Composable] = {
    "stream": SQL("t.stream = %(stream)s"),
    "body": SQL("t.subject = ANY(ARRAY{})").format(family("body")),
    "region": within(SQL("t.region")),
    "court": SQL("t.court = %(court)s"),
    "case_number": SQL("t.case_number = %(case_number)s"),
    "listed": SQL("{} = %(listed)s").format(_LISTED),
}
_ORDERS = {"newest": Order((SQL("t.log_index"),), (int,), descending=True)}
_FACETS = ("court", "region", "listed")
_READS = ("court", "records", "bodies")

OFFICE = Listing("court", _ALL, _COLUMNS, _FILTERS, _ORDERS, _FACETS, _READS, key="log_index")
PUBLIC = Listing(
    "court",
    SQL("{} AND {}").format(_ALL, record_shown(SQL("t.stream"), SQL("false"))),
    _COLUMNS,
    _FILTERS,
    _ORDERS,
    _FACETS,
    _READS,
    key="log_index",
)
