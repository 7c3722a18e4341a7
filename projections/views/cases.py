"""The list of cases of every kind but bodies and rules. Not by itself for the public: whoever shows it asks what of it
may be seen.

>>> CASES.key, list(CASES.orders)
('stream', ['newest'])
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL

from projections import cases
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.names import family

CASES = Listing(
    "cases",
    SQL("FROM {cases} t WHERE {held}").format(cases=name_of(cases.CASES), held=held("t")),
    (
        Column("stream", SQL("t.stream"), str, "Kind and id of the case", "案件类别与标识"),
        Column("log_index", SQL("t.log_index"), int, "Log index of its first event", "首个事件的日志序号"),
        Column("kind", SQL("t.kind"), str, "Kind of case", "案件类别"),
        Column("subject", SQL("t.subject"), str, "Body that it is about", "所涉单位", optional=True),
        Column("region", SQL("t.region"), str, "Region of that body, GB/T 2260", "所涉单位行政区划代码", optional=True),
        Column("begun_on", SQL("t.begun_on"), date, "Day of its first recording", "首次记载日期"),
    ),
    {
        "kind": SQL("t.kind = %(kind)s"),
        "kinds": SQL("t.kind = ANY(%(kinds)s)"),
        "region": SQL("t.region = %(region)s"),
        "body": SQL("t.subject IN {}").format(family("body")),
    },
    {"newest": Order((SQL("t.log_index"),), (int,), descending=True)},
    facets=("kind",),
    reads=("cases", "bodies"),
    key="stream",
)
