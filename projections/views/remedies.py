"""Objections, appeals, repairs and restorations, and every clock that runs (E01–E10, H02).

``PUBLIC``: how the objections to records that the public sees go, without what they say. ``OFFICE``: all remedies.
``QUEUE``: the duties of records and complaints, what is overdue first; ``DUTIES``: those of records that the public
sees, but for what concerns a penalty on an official.

>>> "sort" in OFFICE.filters, "sort" in PUBLIC.filters
(True, False)
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from psycopg.sql import SQL

from projections import penalties, remedies
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.names import family
from projections.views.regions import within
from projections.views.shown import record_shown

_ALL = SQL("FROM {remedies} t WHERE {held}").format(remedies=name_of(remedies.REMEDIES), held=held("t"))
_OBJECTIONS = SQL("{all} AND t.sort = 'objection' AND {shown}").format(
    all=_ALL, shown=record_shown(SQL("t.stream"), SQL("t.personal"))
)
_OPEN = SQL("t.decided_on IS NULL")
_OVERDUE = SQL("coalesce(t.decided_on IS NULL AND t.decide_by < %(on)s, false)")

_COLUMNS = (
    Column("id", SQL("(t.stream || '/' || t.sort || '/' || t.item)"), str, "Record, sort and name", "记录、类型与标识"),
    Column("stream", SQL("t.stream"), str, "The record", "失信记录"),
    Column("item", SQL("t.item"), str, "Its name within the record", "在记录中的标识"),
    Column("log_index", SQL("t.log_index"), int, "Log index of its filing", "提出事件的日志序号"),
    Column("subject", SQL("t.subject"), str, "Body whose record it is", "信用主体"),
    Column("region", SQL("t.region"), str, "Region of that body, GB/T 2260", "信用主体行政区划代码", optional=True),
    Column("filed_on", SQL("t.filed_on"), date, "Filed on", "提出日期"),
    Column("state", SQL("t.state"), str, "State", "状态"),
    Column("open", _OPEN, bool, "Whether it is still to be decided", "是否尚未办结"),
    Column("accepted_on", SQL("t.accepted_on"), date, "Taken up on", "受理日期", optional=True),
    Column("decide_by", SQL("t.decide_by"), date, "To be decided by", "办理期限", optional=True),
    Column("decided_on", SQL("t.decided_on"), date, "Decided on", "办结日期", optional=True),
    Column("overdue", _OVERDUE, bool, "Whether the day is over and nothing decided", "是否逾期未办结"),
    Column("handler", SQL("t.handler"), str, "Body that took it up or decided it", "办理单位", optional=True),
)
_FILTERS = {
    "stream": SQL("t.stream = %(stream)s"),
    "body": SQL("t.subject = ANY(ARRAY{})").format(family("body")),
    "region": within(SQL("t.region")),
    "state": SQL("t.state = %(state)s"),
    "open": SQL("({}) = %(open)s").format(_OPEN),
    "overdue": SQL("{} = %(overdue)s").format(_OVERDUE),
    "handler": SQL("t.handler = ANY(ARRAY{})").format(family("handler")),
}
_ORDERS = {
    "newest": Order((SQL("t.log_index"),), (int,), descending=True),
    "due": Order((SQL("coalesce(t.decide_by, DATE '9999-12-31')"), SQL("t.log_index")), (date, int)),
}
_READS = ("remedies", "records", "bodies")

PUBLIC = Listing("objections", _OBJECTIONS, _COLUMNS, _FILTERS, _ORDERS, ("state", "region", "open"), _READS)
OFFICE = Listing(
    "remedies",
    _ALL,
    (
        Column("sort", SQL("t.sort"), str, "Objection, appeal, repair or restoration", "类型"),
        Column("personal", SQL("t.personal"), bool, "Whether it is about a penalty on an official", "是否涉及人员惩戒"),
        *_COLUMNS,
    ),
    {**_FILTERS, "sort": SQL("t.sort = %(sort)s")},
    _ORDERS,
    ("sort", "state", "region", "open"),
    _READS,
)

# --- clocks -------------------------------------------------------------------------------------------------

_MET = SQL("(t.met IS NOT NULL AND t.met <= %(on)s)")
CLOCK_STATE = SQL(
    """CASE WHEN {met} AND (t.due IS NULL OR t.met <= t.due) THEN 'met' WHEN {met} THEN 'met_late'
    WHEN t.due < %(on)s THEN 'overdue' ELSE 'open' END"""
).format(met=_MET)
"""Where a clock stands on the day: :class:`ledger.domain.calendar.DeadlineState`."""
CLOCKS = SQL("FROM {clocks} t WHERE {held}").format(clocks=name_of(remedies.CLOCKS), held=held("t"))

_UNMET = SQL("{} AND NOT {}").format(CLOCKS, _MET)
_PERSONAL = SQL(
    """(EXISTS (SELECT FROM {penalties} p WHERE p.stream = t.stream AND p.penalty = t.item AND p.on_person)
    OR EXISTS (SELECT FROM {remedies} r WHERE r.stream = t.stream AND r.item = t.item AND r.personal))"""
).format(penalties=name_of(penalties.PENALTIES), remedies=name_of(remedies.REMEDIES))

QUEUE = Listing(
    "duties",
    _UNMET,
    (
        Column(
            "id",
            SQL("concat_ws('/', t.stream, t.rule, t.item, t.starts, t.number)"),
            str,
            "Case, rule and number",
            "案件、规则与序号",
        ),
        Column("stream", SQL("t.stream"), str, "The record or complaint", "失信记录或投诉"),
        Column("rule", SQL("t.rule"), str, "The rule that set it", "规则"),
        Column("item", SQL("t.item"), str, "What it is about; empty: the case", "所涉事项；空：案件本身"),
        Column("what", SQL("t.what"), str, "The event that meets it", "应办事项（事件）"),
        Column("subject", SQL("t.subject"), str, "Body that the case is about", "所涉单位", optional=True),
        Column("region", SQL("t.region"), str, "Region of that body, GB/T 2260", "所涉单位行政区划代码", optional=True),
        Column("starts", SQL("t.starts"), date, "Runs from", "起算日期"),
        Column("due", SQL("t.due"), date, "Due; none: no number of days is settled", "截止日期；空：期限未定", True),
        Column("provisional", SQL("t.provisional"), bool, "Past the known calendar", "超出已知日历，暂定"),
        Column("state", CLOCK_STATE, str, "State on the day", "状态"),
        Column("source", SQL("t.source"), str, "Where the rule stands", "规则来源"),
    ),
    {
        "stream": SQL("t.stream = %(stream)s"),
        "body": SQL("t.subject = ANY(ARRAY{})").format(family("body")),
        "region": within(SQL("t.region")),
        "rule": SQL("t.rule = %(rule)s"),
        "what": SQL("t.what = %(what)s"),
        "state": SQL("{} = %(state)s").format(CLOCK_STATE),
    },
    {
        "due": Order(
            (
                SQL("coalesce(t.due, DATE '9999-12-31')"),
                *(SQL(f"t.{name}") for name in ("stream", "rule", "item", "starts", "number")),
            ),
            (date, str, str, str, date, int),
        )
    },
    ("state", "rule", "what", "region"),
    ("remedies", "bodies"),
)
DUTIES = replace(
    QUEUE,
    source=SQL("{} AND {}").format(_UNMET, record_shown(SQL("t.stream"), _PERSONAL)),
    reads=("remedies", "penalties", "records", "bodies"),
)
