"""Who looked at sealed fields, in which role and what for, and what was erased: for the subject and the auditors (F15).

Never for the public: that somebody was looked up says something of them. A subject asks for its own ``stream``.

>>> LOOKUPS.key
'log_index'
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL

from projections import lookups
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order

LOOKUPS = Listing(
    "lookups",
    SQL("FROM {lookups} t WHERE {held}").format(lookups=name_of(lookups.LOOKUPS), held=held("t")),
    (
        Column("log_index", SQL("t.log_index"), int, "Log index of the event", "事件的日志序号"),
        Column("stream", SQL("t.stream"), str, "The case", "案件"),
        Column("day", SQL("t.day"), date, "Day of recording", "记载日期"),
        Column("what", SQL("t.what"), str, "Look-up or erasure", "查询或抹除"),
        Column("by", SQL("t.by"), str, "Who signed it", "签署单位"),
        Column("requester", SQL("t.requester"), str, "Body whose letter asked", "来函单位", optional=True),
        Column("role", SQL("t.role"), str, "In which role", "以何种角色", optional=True),
        Column("purpose", SQL("t.purpose"), str, "What for; of an erasure: its ground", "目的；抹除的理由", True),
        Column("case_number", SQL("t.case_number"), str, "Number of letter or case", "公函文号或案号", optional=True),
        Column("fields", SQL("t.fields"), tuple, "Names of the fields", "字段名称"),
    ),
    {
        "stream": SQL("t.stream = %(stream)s"),
        "by": SQL("t.by = %(by)s"),
        "purpose": SQL("t.purpose = %(purpose)s"),
        "what": SQL("t.what = %(what)s"),
        "from": SQL("t.day >= %(from)s"),
        "until": SQL("t.day <= %(until)s"),
    },
    {"newest": Order((SQL("t.log_index"),), (int,), descending=True)},
    ("what", "purpose", "role"),
    ("lookups",),
    key="log_index",
)
