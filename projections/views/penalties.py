"""The penalty register. ``PUBLIC``: measures of records that the public sees, neither lifted nor over on the day;
one that is suspended stands as suspended and is not in force (E03). ``OFFICE``: every measure that was ever imposed.

>>> OFFICE.column("state").zh
'状态'
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL, Composable

from projections import penalties
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.names import family
from projections.views.records import DISCLOSED
from projections.views.regions import within

_STATE = SQL(
    """CASE WHEN t.lifted_on IS NOT NULL THEN 'lifted' WHEN t.ends < %(on)s THEN 'expired'
    WHEN t.held_by <> '{}' THEN 'suspended' WHEN t.starts > %(on)s THEN 'to_begin' ELSE 'in_force' END"""
)
_ALL = SQL("FROM {penalties} t WHERE {held}").format(penalties=name_of(penalties.PENALTIES), held=held("t"))
# Joined with what is disclosed, not looked up in it: a page is as quick, a count of all quicker.
_LIVE = SQL(
    """FROM {penalties} t JOIN (SELECT t.stream, t.with_persons AND n.persons AS persons {shown}) d
        ON d.stream = t.stream
    WHERE {held} AND t.lifted_on IS NULL AND (t.ends IS NULL OR t.ends >= %(on)s) AND (d.persons OR NOT t.on_person)"""
).format(penalties=name_of(penalties.PENALTIES), shown=DISCLOSED, held=held("t"))

_COLUMNS = (
    Column("id", SQL("(t.stream || '/' || t.penalty)"), str, "Record and penalty", "记录与惩戒标识"),
    Column("stream", SQL("t.stream"), str, "The record", "失信记录"),
    Column("penalty", SQL("t.penalty"), str, "Its name within the record", "惩戒标识"),
    Column("log_index", SQL("t.log_index"), int, "Log index of its imposition", "实施惩戒事件的日志序号"),
    Column("subject", SQL("t.subject"), str, "Body whose record it is", "信用主体"),
    Column("region", SQL("t.region"), str, "Region of that body, GB/T 2260", "信用主体行政区划代码", optional=True),
    Column("on_person", SQL("t.on_person"), bool, "Whether it is on an official", "是否针对人员"),
    Column("measure", SQL("t.measure"), str, "Code of the measure in the list", "惩戒措施代码"),
    Column("kind", SQL("t.kind"), str, "What it does", "措施类型", optional=True),
    Column("measure_zh", SQL("t.zh"), str, "Its Chinese name in the list", "措施名称"),
    Column("measure_en", SQL("t.en"), str, "Its English name in the list", "措施英文名称"),
    Column("basis", SQL("t.basis"), str, "Source of the measure in the list of that day", "清单依据（实施当日）"),
    Column("state", _STATE, str, "State on the day", "状态"),
    Column("in_force", SQL("({} = 'in_force')").format(_STATE), bool, "In force on the day", "当日是否执行"),
    Column("starts", SQL("t.starts"), date, "First day", "惩戒起始日期"),
    Column("ends", SQL("t.ends"), date, "Last day; none: no end", "惩戒截止日期", optional=True),
    Column("held_by", SQL("t.held_by"), tuple, "What suspends it", "暂不执行的原因"),
    Column("imposed_on", SQL("t.imposed_on"), date, "Imposed on", "实施惩戒日期"),
    Column("imposed_by", SQL("t.imposed_by"), str, "Imposed by", "实施惩戒单位"),
    Column("decision_number", SQL("t.decision_number"), str, "Number of the decision", "决定文号", optional=True),
    Column("decision_title", SQL("t.decision_title"), str, "Title of the decision", "决定名称", optional=True),
)
_FILTERS: dict[str, Composable] = {
    "stream": SQL("t.stream = %(stream)s"),
    "body": SQL("t.subject = ANY(ARRAY{})").format(family("body")),
    "region": within(SQL("t.region")),
    "measure": SQL("t.measure = %(measure)s"),
    "kind": SQL("t.kind = %(kind)s"),
    "state": SQL("{} = %(state)s").format(_STATE),
    "in_force": SQL("({} = 'in_force') = %(in_force)s").format(_STATE),
}
_UNIQUE = SQL("t.log_index")
_ORDERS = {
    "newest": Order((_UNIQUE,), (int,), descending=True),
    "ends": Order((SQL("coalesce(t.ends, DATE '9999-12-31')"), _UNIQUE), (date, int)),
}
_READS = ("penalties", "bodies", "records")
_FACETS = ("state", "measure", "kind", "region")

PUBLIC = Listing("penalties", _LIVE, _COLUMNS, _FILTERS, _ORDERS, _FACETS, _READS)
OFFICE = Listing(
    "penalties",
    _ALL,
    (
        *_COLUMNS,
        Column("lifted_on", SQL("t.lifted_on"), date, "Lifted on", "解除日期", optional=True),
        Column("lifted_why", SQL("t.lifted_why"), str, "Why it was lifted", "解除原因", optional=True),
    ),
    _FILTERS,
    _ORDERS,
    _FACETS,
    _READS,
)
