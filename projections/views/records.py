"""Dishonesty records as lists. ``PUBLIC`` is what :func:`projections.disclosure.disclose` shows the public and nothing
else: of a past day what was shown on that day *and* may be shown today, so that what was repaired or withdrawn since
is gone from past days too (E10, F01). ``OFFICE`` is every record and lead, with whether and why it is withheld.

>>> sorted(set(OFFICE.filters) - set(PUBLIC.filters))
['person', 'reason', 'shown', 'standing']
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL, Composable, Literal

from projections import penalties, records
from projections.projection import OPEN
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.names import family
from projections.views.regions import within
from projections.views.shown import untouched

_RECORDS, _DISCLOSURES, _WITHHELD = map(name_of, (records.RECORDS, records.DISCLOSURES, records.WITHHELD))
_PENALTIES = name_of(penalties.PENALTIES)

# Whether it may be shown with persons today; null: it may not be shown. What still holds need not be looked up again.
_TODAY = SQL(
    """CASE WHEN t.retracted = {now} AND t.begins <= %(today)s AND t.ends >= %(today)s THEN t.with_persons
    ELSE (SELECT n.with_persons FROM {disclosures} n WHERE n.stream = t.stream AND n.retracted = {now}
        AND n.begins <= %(today)s AND n.ends >= %(today)s) END"""
).format(disclosures=_DISCLOSURES, now=Literal(OPEN))
# What was shown with persons on a past day and may be shown today without them only, is shown without them.
_FIELDS = SQL(
    """CASE WHEN t.with_persons AND NOT n.persons THEN
    jsonb_set(t.fields::jsonb - 'person' - 'persons', '{penalties}',
              jsonb_path_query_array(t.fields::jsonb, '$.penalties[*] ? (!exists(@.person))'))
    ELSE t.fields::jsonb END"""
)
_SHOWN = SQL("{disclosures} t CROSS JOIN LATERAL (SELECT {today} AS persons) n").format(
    disclosures=_DISCLOSURES, today=_TODAY
)
_ON_THE_DAY = SQL(
    "{held} AND t.begins <= %(on)s AND t.ends >= %(on)s AND n.persons IS NOT NULL AND {untouched}"
).format(held=held("t"), untouched=untouched(SQL("t.stream")))
DISCLOSED = SQL("FROM {shown} WHERE {when}").format(shown=_SHOWN, when=_ON_THE_DAY)
"""The disclosures of the day that may be shown today; ``n.persons``: with persons."""
_DETAILS = SQL(
    "CROSS JOIN LATERAL (SELECT {today} AS persons) n CROSS JOIN LATERAL (SELECT {fields} AS f OFFSET 0) x"
).format(today=_TODAY, fields=_FIELDS)

_OFFICE = SQL(
    """FROM {records} t
    LEFT JOIN LATERAL (SELECT true AS shown, d.published_on, d.expires_on FROM {disclosures} d
        WHERE d.stream = t.stream AND {held_d} AND d.begins <= %(on)s AND d.ends >= %(on)s LIMIT 1) d ON true
    LEFT JOIN LATERAL (SELECT w.reason, w.source FROM {withheld} w
        WHERE w.stream = t.stream AND {held_w} AND w.begins <= %(on)s AND w.ends >= %(on)s LIMIT 1) w ON true
    WHERE {held}"""
).format(
    records=_RECORDS,
    disclosures=_DISCLOSURES,
    withheld=_WITHHELD,
    held=held("t"),
    held_d=held("d"),
    held_w=held("w"),
)


def _punished(*, public: bool) -> tuple[Composable, Composable]:
    """Conditions on the penalties of a record: that one is of a measure, and that one is in force on the day."""
    seen = SQL("(NOT p.on_person OR (t.with_persons AND n.persons))") if public else SQL("true")
    start = SQL(
        """EXISTS (SELECT FROM {penalties} p WHERE p.stream = t.stream AND {held} AND {seen} AND p.lifted_on IS NULL
        AND (p.ends IS NULL OR p.ends >= %(on)s)"""
    ).format(penalties=_PENALTIES, held=held("p"), seen=seen)
    measure = SQL("({} AND p.measure = %(measure)s))").format(start)
    in_force = SQL("({} AND p.starts <= %(on)s AND p.held_by = '{{}}')) = %(in_force)s").format(start)
    return measure, in_force


def _filters(*, public: bool) -> dict[str, Composable]:
    measure, in_force = _punished(public=public)
    return {
        "body": SQL("t.subject = ANY(ARRAY{})").format(family("body")),
        "region": within(SQL("t.region")),
        "area": SQL("t.area = %(area)s"),
        "severity": SQL("t.severity = %(severity)s"),
        "source": SQL("t.source = %(source)s"),
        "measure": measure,
        "in_force": in_force,
    }


def _text(name: str) -> SQL:
    return SQL(f"(x.f ->> '{name}')")


def _day(name: str) -> SQL:
    return SQL(f"(x.f ->> '{name}')::date")


_OWN = (
    Column("stream", SQL("t.stream"), str, "The record: kind/id", "记录：类别/标识"),
    Column("id", SQL("substr(t.stream, 8)"), str, "Its id", "记录标识"),
    Column("log_index", SQL("t.log_index"), int, "Log index of its first event", "首个事件的日志序号"),
    Column("subject", SQL("t.subject"), str, "Body whose record it is", "信用主体"),
    Column("region", SQL("t.region"), str, "Region of that body, GB/T 2260", "信用主体行政区划代码", optional=True),
    Column("area", SQL("t.area"), str, "Key area", "重点领域", optional=True),
    Column("source", SQL("t.source"), str, "What it comes from", "信息来源"),
)
_DECISION = SQL("x.f -> 'decision'")

PUBLIC = Listing(
    "records",
    DISCLOSED,
    (
        *_OWN,
        Column("severity", SQL("t.severity"), str, "Severity", "失信程度"),
        Column(
            "conduct", SQL("ARRAY(SELECT jsonb_array_elements_text(x.f -> 'conduct'))"), tuple, "Conduct", "失信行为"
        ),
        Column("findings", _text("findings"), str, "What was found, as corrected", "认定事实（含更正）"),
        Column("decision_title", SQL("({} ->> 'title')").format(_DECISION), str, "Decision", "决定文书", True),
        Column("decision_number", SQL("({} ->> 'number')").format(_DECISION), str, "Its number", "决定文号", True),
        Column("decision_organ", SQL("({} ->> 'organ')").format(_DECISION), str, "Its organ", "决定机关", True),
        Column("decision_dated", SQL("({} ->> 'dated')::date").format(_DECISION), date, "Its day", "决定日期", True),
        Column("decision_sha256", SQL("({} ->> 'sha256')").format(_DECISION), str, "Its SHA-256", "文书 SHA-256", True),
        Column("recognised_by", _text("recognised_by"), str, "Body that recognised it", "认定单位"),
        Column("recognised_on", _day("recognised_on"), date, "Day of recognition", "认定日期"),
        Column("effective_on", _day("effective_on"), date, "Day the decision took effect", "决定生效日期"),
        Column("rectification", SQL("(x.f -> 'rectification' ->> 'state')"), str, "Rectification", "整改状态"),
        Column("rectify_by", SQL("(x.f -> 'rectification' ->> 'due')::date"), date, "Due by", "整改期限", True),
        Column("under_objection", _day("under_objection"), date, "Objection handled since", "异议处理中（自）", True),
        Column("penalties", SQL("(x.f -> 'penalties')"), tuple, "Penalties not over on the day", "当日未结束的惩戒"),
        Column("published_on", SQL("t.published_on"), date, "First published", "首次公示日期"),
        Column("updated_on", SQL("t.updated_on"), date, "Last updated", "更新日期"),
        Column("expires_on", SQL("t.expires_on"), date, "Last day of publicity", "公示截止日期"),
        Column("fields", SQL("x.f"), dict, "All that is public of the record", "记录的全部公开内容"),
    ),
    _filters(public=True),
    {
        "newest": Order((SQL("t.log_index"),), (int,), descending=True),
        "updated": Order((SQL("t.updated_on"), SQL("t.log_index")), (date, int), descending=True),
        "expires": Order((SQL("t.expires_on"), SQL("t.log_index")), (date, int)),
    },
    facets=("severity", "source", "area", "region"),
    reads=("records", "penalties", "bodies"),
    key="stream",
    details=_DETAILS,
)

OFFICE = Listing(
    "records",
    _OFFICE,
    (
        *_OWN,
        Column("person", SQL("t.person"), bool, "Whether it is that of an official", "是否为人员记录"),
        Column("severity", SQL("t.severity"), str, "Severity", "失信程度", optional=True),
        Column("conduct", SQL("t.conduct"), tuple, "Conduct", "失信行为"),
        Column("focus", SQL("t.focus"), str, "Field that is punished more strictly", "重点民生领域", optional=True),
        Column("standing", SQL("t.standing"), str, "Where it stands", "状态"),
        Column("begun_on", SQL("t.begun_on"), date, "Day of its lead", "线索登记日期"),
        Column("recognised_by", SQL("t.recognised_by"), str, "Body that recognised it", "认定单位", optional=True),
        Column("recognised_on", SQL("t.recognised_on"), date, "Day of recognition", "认定日期", optional=True),
        Column("effective_on", SQL("t.effective_on"), date, "Day the decision took effect", "决定生效日期", True),
        Column("decision_number", SQL("t.decision_number"), str, "Number of the decision", "决定文号", True),
        Column("decision_sha256", SQL("t.decision_sha256"), str, "SHA-256 of the decision", "文书 SHA-256", True),
        Column("rectify_by", SQL("t.rectify_by"), date, "Rectification due by", "整改期限", optional=True),
        Column("rectified", SQL("t.rectified"), bool, "Whether it was set right", "是否整改完成"),
        Column("ended_on", SQL("t.ended_on"), date, "Repaired, withdrawn or ended on", "修复、撤销或办结日期", True),
        Column("shown", SQL("coalesce(d.shown, false)"), bool, "Whether the public sees it", "当日是否公开"),
        Column("published_on", SQL("d.published_on"), date, "First published", "首次公示日期", optional=True),
        Column("expires_on", SQL("d.expires_on"), date, "Last day of publicity", "公示截止日期", optional=True),
        Column("reason", SQL("w.reason"), str, "Why it is withheld", "不公开的理由", optional=True),
        Column("reason_source", SQL("w.source"), str, "Where that stands", "不公开的依据", optional=True),
        Column("changed", SQL("t.changed"), int, "Log index of its newest event", "最新事件的日志序号"),
    ),
    {
        **_filters(public=False),
        "standing": SQL("t.standing = %(standing)s"),
        "person": SQL("t.person = %(person)s"),
        "shown": SQL("coalesce(d.shown, false) = %(shown)s"),
        "reason": SQL("w.reason = %(reason)s"),
    },
    {
        "newest": Order((SQL("t.log_index"),), (int,), descending=True),
        "changed": Order((SQL("t.changed"),), (int,), descending=True),
    },
    facets=("standing", "severity", "source", "area", "region", "reason"),
    reads=("records", "penalties", "bodies"),
    key="stream",
)
