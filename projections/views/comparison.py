"""Bodies side by side: for each its commitments by where they stand, open records, defeats, penalties in force.

Nobody puts one body above another here: there is no mark and no rank, the order is that of registration, and whoever
reads may ask for the order of one count (rankings, not blacklists). A body that another answers for is counted with
that one (A12), and only bodies that stand for themselves are listed. Records and penalties are those that the public
sees.

>>> list(COMPARISON.orders)[:3]
['registered', 'commitments', 'overdue']
"""

from __future__ import annotations

from psycopg.sql import SQL, Composable

from projections import bodies, commitments, penalties, records
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.regions import within
from projections.views.shown import record_shown

_TABLES: dict[str, Composable] = {
    "bodies": name_of(bodies.BODIES),
    "standings": name_of(commitments.STANDINGS),
    "disclosures": name_of(records.DISCLOSURES),
    "penalties": name_of(penalties.PENALTIES),
    "shown_d": record_shown(SQL("d.stream"), SQL("false")),
    "shown_p": record_shown(SQL("p.stream"), SQL("false")),
    **{f"held_{alias}": held(alias) for alias in "bdpst"},
}

# Body by body, by index: a city's table is short, and asks for no other city's.
_SOURCE = """FROM (
    SELECT t.id, t.log_index, t.name, t.kind, t.region, {counts}
    FROM {bodies} t
    CROSS JOIN LATERAL (
        WITH RECURSIVE family(id) AS (SELECT t.id UNION
            SELECT b.id FROM {bodies} b JOIN family f ON b.answers_to = f.id WHERE {held_b})
        SELECT array_agg(id) AS ids FROM family) f
    CROSS JOIN LATERAL (
        SELECT count(*) AS commitments,
            count(*) FILTER (WHERE s.standing = 'fulfilled') AS fulfilled,
            count(*) FILTER (WHERE s.standing = 'fulfilled_late') AS fulfilled_late,
            count(*) FILTER (WHERE s.standing = 'partly_fulfilled') AS partly_fulfilled,
            count(*) FILTER (WHERE s.standing = 'broken') AS broken,
            count(*) FILTER (WHERE s.standing = 'overdue') AS overdue
        FROM {standings} s
        WHERE s.holder = ANY(f.ids) AND {held_s} AND s.begins <= %(on)s AND s.ends >= %(on)s) p
    CROSS JOIN LATERAL (
        SELECT count(*) AS records, count(*) FILTER (WHERE d.severity = 'minor') AS minor,
            count(*) FILTER (WHERE d.severity = 'general') AS general,
            count(*) FILTER (WHERE d.severity = 'serious') AS serious,
            count(*) FILTER (WHERE d.source = 'litigation_defeat') AS defeats FROM {disclosures} d
        WHERE d.subject = ANY(f.ids) AND {held_d} AND d.begins <= %(on)s AND d.ends >= %(on)s AND {shown_d}) r
    CROSS JOIN LATERAL (
        SELECT count(*) AS penalties FROM {penalties} p
        WHERE p.subject = ANY(f.ids) AND {held_p} AND NOT p.on_person AND p.lifted_on IS NULL AND p.starts <= %(on)s
            AND (p.ends IS NULL OR p.ends >= %(on)s) AND p.held_by = '{{}}' AND {shown_p}) q
    WHERE {held_t} AND t.answers_to IS NULL AND t.kind IS NOT NULL) t WHERE true"""
_COUNTS = {
    "commitments": ("Commitments that bind it", "承诺总数"),
    "overdue": ("Overdue, with no report and no judgement", "已逾期"),
    "fulfilled": ("Judged as fulfilled in time", "已履行"),
    "fulfilled_late": ("Judged as fulfilled late", "逾期履行"),
    "partly_fulfilled": ("Judged as partly fulfilled", "部分履行"),
    "broken": ("Judged as broken", "失诺"),
    "records": ("Dishonesty records disclosed on the day", "公示中的失信记录"),
    "minor": ("Minor ones among them", "其中轻微"),
    "general": ("General ones among them", "其中一般"),
    "serious": ("Serious ones among them", "其中严重"),
    "defeats": ("Those among them that come from a defeat in litigation", "其中行政诉讼败诉"),
    "penalties": ("Penalties in force on the body", "执行中的惩戒措施"),
}

COMPARISON = Listing(
    "comparison",
    SQL(_SOURCE).format(counts=SQL(", ").join(map(SQL, _COUNTS)), **_TABLES),
    (
        Column("id", SQL("t.id"), str, "Id of the body", "单位标识"),
        Column("log_index", SQL("t.log_index"), int, "Log index of its registration", "登记的日志序号"),
        Column("name", SQL("t.name"), str, "Name", "名称"),
        Column("kind", SQL("t.kind"), str, "Kind of body", "单位类别"),
        Column("region", SQL("t.region"), str, "Region, GB/T 2260", "行政区划代码", optional=True),
        *(Column(name, SQL(f"t.{name}"), int, en, zh) for name, (en, zh) in _COUNTS.items()),
        Column(
            "kept",
            SQL("(t.fulfilled + t.fulfilled_late)"),
            int,
            "Numerator of the fulfilment rate: fulfilled, in time or late",
            "履约率分子：已履行（含逾期履行）",
        ),
        Column(
            "came_due",
            SQL("(t.fulfilled + t.fulfilled_late + t.partly_fulfilled + t.broken + t.overdue)"),
            int,
            "Denominator of the fulfilment rate: judged or overdue",
            "履约率分母：已评价或已逾期",
        ),
    ),
    {
        "kind": SQL("t.kind = %(kind)s"),
        "region": within(SQL("t.region")),
    },
    {
        "registered": Order((SQL("t.log_index"),), (int,)),
        **{name: Order((SQL(f"t.{name}"), SQL("t.log_index")), (int, int), descending=True) for name in _COUNTS},
    },
    facets=("kind", "region"),
    reads=("bodies", "commitments", "records", "penalties"),
)
