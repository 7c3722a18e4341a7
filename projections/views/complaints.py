"""The work ledger of complaints (H03), for the offices whose task it is: never public, and nothing of who complained.

>>> COMPLAINTS.facets, list(DUPLICATES.orders)
(('standing', 'channel', 'matter', 'area', 'region'), ['number'])
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL

from projections import complaints
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.names import family
from projections.views.regions import within

_SOURCE = SQL("FROM {complaints} t WHERE {held}").format(complaints=name_of(complaints.COMPLAINTS), held=held("t"))
_OVERDUE = SQL(
    "(t.standing = 'transferred' AND t.answer_by IS NOT NULL AND t.answer_by < %(on)s AND t.answered_on IS NULL)"
)

COMPLAINTS = Listing(
    "complaints",
    _SOURCE,
    (
        Column("stream", SQL("t.stream"), str, "The complaint: kind/id", "投诉举报：类别/标识"),
        Column("log_index", SQL("t.log_index"), int, "Log index of its first event", "首个事件的日志序号"),
        Column("number", SQL("t.number"), str, "Number in the work ledger", "工作台账编号"),
        Column("received_on", SQL("t.received_on"), date, "Day it came in", "收到日期"),
        Column("channel", SQL("t.channel"), str, "Channel", "渠道"),
        Column("matter", SQL("t.matter"), str, "What is complained of", "投诉事项"),
        Column("area", SQL("t.area"), str, "Key area", "重点领域"),
        Column("accused", SQL("t.accused"), str, "Body complained of", "被投诉单位", optional=True),
        Column("region", SQL("t.region"), str, "Region, GB/T 2260", "行政区划代码", optional=True),
        Column("standing", SQL("t.standing"), str, "Where it stands", "办理状态"),
        Column("handler", SQL("t.handler"), str, "Body that handles it", "承办单位", optional=True),
        Column("answer_by", SQL("t.answer_by"), date, "To be answered by", "答复期限", optional=True),
        Column("answered_on", SQL("t.answered_on"), date, "Answered on", "答复日期", optional=True),
        Column("overdue", _OVERDUE, bool, "Not answered in time by the day asked for", "是否逾期未答复"),
        Column("satisfied", SQL("t.satisfied"), bool, "Satisfied, when called back", "回访是否满意", optional=True),
        Column("record", SQL("t.record"), str, "Dishonesty record that came of it", "转为的失信记录", optional=True),
        Column("changed", SQL("t.changed"), int, "Log index of its newest event", "最近事件的日志序号"),
    ),
    {
        "standing": SQL("t.standing = %(standing)s"),
        "channel": SQL("t.channel = %(channel)s"),
        "matter": SQL("t.matter = %(matter)s"),
        "area": SQL("t.area = %(area)s"),
        "region": within(SQL("t.region")),
        "accused": SQL("t.accused IN {}").format(family("accused")),
        "handler": SQL("t.handler IN {}").format(family("handler")),
        "number": SQL("t.number = %(number)s"),
        "overdue": SQL("{} = %(overdue)s").format(_OVERDUE),
        "received_from": SQL("t.received_on >= %(received_from)s"),
        "received_by": SQL("t.received_on <= %(received_by)s"),
    },
    {
        "newest": Order((SQL("t.log_index"),), (int,), descending=True),
        "answer_by": Order((SQL("coalesce(t.answer_by, date '9999-12-31')"), SQL("t.log_index")), (date, int)),
    },
    facets=("standing", "channel", "matter", "area", "region"),
    reads=("complaints", "bodies"),
    key="stream",
)

DUPLICATES = Listing(
    "duplicate complaints",
    SQL(
        "FROM (SELECT c.number, count(*) AS times, array_agg(c.stream ORDER BY c.log_index) AS streams, "
        "min(c.received_on) AS first_on, max(c.received_on) AS last_on FROM {complaints} c WHERE {held} "
        "GROUP BY c.number HAVING count(*) > 1) t WHERE true"
    ).format(complaints=name_of(complaints.COMPLAINTS), held=held("c")),
    (
        Column("number", SQL("t.number"), str, "Number in the work ledger", "工作台账编号"),
        Column("times", SQL("t.times"), int, "How many complaints have it", "重复件数"),
        Column("streams", SQL("t.streams"), tuple, "These complaints, the oldest first", "投诉举报案件（按记载先后）"),
        Column("first_on", SQL("t.first_on"), date, "First came in", "最早收到日期"),
        Column("last_on", SQL("t.last_on"), date, "Last came in", "最近收到日期"),
    ),
    {"number": SQL("t.number = %(number)s")},
    {"number": Order((SQL("t.number"),), (str,))},
    reads=("complaints",),
    key="number",
)
"""Numbers of the work ledger under which more than one complaint was recorded: the log cannot keep them out, for each
complaint is a stream of its own, so that the office looks them through (H03 台账)."""
