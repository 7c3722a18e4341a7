"""The log of takedowns and repairs: what left the public's sight or was put right, when, on which ground (E05, E10).

``PUBLIC`` never says about whom or what: neither case nor body nor content, and nothing of what the public never saw:
region and ground of that would be told here first. ``OFFICE`` does.

>>> {c.name for c in OFFICE.columns} - {c.name for c in PUBLIC.columns} == {"stream", "subject"}
True
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL

from projections import provenance, records, takedowns
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.names import family
from projections.views.regions import within

_SOURCE = SQL("FROM {takedowns} t WHERE {held}").format(takedowns=name_of(takedowns.TAKEDOWNS), held=held("t"))
_WAS_PUBLIC = SQL(
    """{source} AND (EXISTS (SELECT FROM {disclosures} d WHERE d.stream = t.stream AND d.asserted <= t.log_index
            AND d.begins <= t.day)
        OR EXISTS (SELECT FROM {opened} o WHERE o.stream = t.stream AND o.asserted <= t.log_index))"""
).format(source=_SOURCE, disclosures=name_of(records.DISCLOSURES), opened=name_of(provenance.OPENED))
_COLUMNS = (
    Column("log_index", SQL("t.log_index"), int, "Log index of the event", "事件的日志序号"),
    Column("day", SQL("t.day"), date, "Day of recording", "记载日期"),
    Column("what", SQL("t.what"), str, "What happened", "事件"),
    Column("reason", SQL("t.reason"), str, "Ground, as a code", "理由（代码）", optional=True),
    Column("by", SQL("t.by"), str, "Who stated it", "记载单位"),
    Column("region", SQL("t.region"), str, "Region, GB/T 2260", "行政区划代码", optional=True),
)
_FILTERS = {
    "what": SQL("t.what = %(what)s"),
    "reason": SQL("t.reason = %(reason)s"),
    "by": SQL("t.by = %(by)s"),
    "region": within(SQL("t.region")),
    "from": SQL("t.day >= %(from)s"),
    "until": SQL("t.day <= %(until)s"),
}
_ORDERS = {"newest": Order((SQL("t.log_index"),), (int,), descending=True)}
_FACETS = ("what", "reason", "region")

PUBLIC = Listing(
    "takedowns",
    _WAS_PUBLIC,
    _COLUMNS,
    _FILTERS,
    _ORDERS,
    _FACETS,
    ("takedowns", "records", "provenance"),
    key="log_index",
)
OFFICE = Listing(
    "takedowns",
    _SOURCE,
    (
        *_COLUMNS,
        Column("stream", SQL("t.stream"), str, "The case", "案件"),
        Column("subject", SQL("t.subject"), str, "Body that it is about", "所涉单位", optional=True),
    ),
    {
        **_FILTERS,
        "stream": SQL("t.stream = %(stream)s"),
        "body": SQL("t.subject = ANY(ARRAY{})").format(family("body")),
    },
    _ORDERS,
    _FACETS,
    ("takedowns", "bodies"),
    key="log_index",
)
